//! From the options to a message and its envelope.

use std::io::Read;

use netkit_smtp::message::{self, Attachment, Message, NameAddr, Piece};
use netkit_smtp::{Envelope, Error, ForwardPath, Mailbox, ReversePath};

use super::jobs::{Content, Part};
use crate::args::{Data, SmtpEnvelope, SmtpMessage};
use crate::failure::{Failure, Kind, Result};
use crate::mime;

pub fn smtp(why: netkit_smtp::Invalid) -> Failure {
    Error::from(why).into()
}

/// Sender and recipients as the options have them.
pub fn envelope(message: &SmtpMessage, args: &SmtpEnvelope) -> Result<Envelope> {
    let from = match (args.mail_from.as_deref(), message.from.as_deref()) {
        (Some(sender), _) => reverse(sender)?,
        (None, Some(from)) => ReversePath::Mailbox(from.parse::<NameAddr>().map_err(smtp)?.mailbox),
        (None, None) => return Err(no_sender()),
    };
    let to = recipients(message, args)?;
    if to.is_empty() { Err(no_recipient()) } else { Ok(Envelope { from, to }) }
}

fn reverse(sender: &str) -> Result<ReversePath> {
    Ok(match sender {
        "" | "<>" => ReversePath::Null,
        sender => ReversePath::Mailbox(sender.parse::<Mailbox>().map_err(smtp)?),
    })
}

/// Whom the options name.
pub fn recipients(message: &SmtpMessage, args: &SmtpEnvelope) -> Result<Vec<ForwardPath>> {
    let mut to = Vec::new();
    if args.rcpt.is_empty() {
        for address in message.to.iter().chain(&message.cc).chain(&message.bcc) {
            let path = ForwardPath::Mailbox(address.parse::<NameAddr>().map_err(smtp)?.mailbox);
            if !to.contains(&path) {
                to.push(path);
            }
        }
    }
    for address in &args.rcpt {
        let path = address.parse::<ForwardPath>().map_err(smtp)?;
        if !to.contains(&path) {
            to.push(path);
        }
    }
    Ok(to)
}

/// Sender and recipients of a ready-made message: as the options have them; the sender else from the header, and with `-t`
/// the recipients, too.
pub fn envelope_of(head: &[u8], message: &SmtpMessage, args: &SmtpEnvelope) -> Result<Envelope> {
    let found = mime::addresses(head);
    let from = match (args.mail_from.as_deref(), message.from.as_deref(), &found.from) {
        (Some(sender), ..) => reverse(sender)?,
        (None, Some(from), _) => ReversePath::Mailbox(from.parse::<NameAddr>().map_err(smtp)?.mailbox),
        (None, None, Some(from)) => ReversePath::Mailbox(from.parse::<Mailbox>().map_err(smtp)?),
        (None, None, None) => return Err(no_sender()),
    };
    let mut to = recipients(message, args)?;
    for address in found.to.iter().filter(|_| args.read_recipients) {
        let path = ForwardPath::Mailbox(address.parse::<Mailbox>().map_err(smtp)?);
        if !to.contains(&path) {
            to.push(path);
        }
    }
    if to.is_empty() { Err(no_recipient()) } else { Ok(Envelope { from, to }) }
}

fn no_sender() -> Failure {
    Failure::new(Kind::Usage, "no sender").hint("--from or --mail-from names one")
}

pub fn no_recipient() -> Failure {
    Failure::new(Kind::Usage, "no recipient").hint("--to or --rcpt names one; -t takes those of the header")
}

/// The message that the options describe; texts are [`loaded`].
pub fn build(args: &SmtpMessage, sender: Option<&str>) -> Result<Content> {
    let from = args.from.as_deref().or(sender).unwrap_or_default();
    let mut unique = [0; 16];
    getrandom::fill(&mut unique)
        .map_err(|e| Failure::new(Kind::Unsupported, format!("no randomness: {e}")))?;
    let unique: String = unique.iter().map(|byte| format!("{byte:02x}")).collect();
    let addresses = |list: &[String]| {
        list.iter().map(|a| a.parse::<NameAddr>().map_err(smtp)).collect::<Result<Vec<_>>>()
    };
    let mut message = Message::new(from.parse().map_err(smtp)?, jiff::Timestamp::now().as_second(), &unique);
    message.to = addresses(&args.to)?;
    message.cc = addresses(&args.cc)?;
    message.subject = args.subject.clone();
    message.text = args.body.clone();
    message.html = args.html.clone();
    for path in &args.attach {
        message.attachments.push(attachment(path, None, LARGE)?);
    }
    for inline in &args.inline {
        let (name, path) = match inline.split_once('=') {
            Some((name, path)) => (Some(name), path),
            None => (None, inline.as_str()),
        };
        message.inline.push(attachment(std::path::Path::new(path), name, u64::MAX)?);
    }
    for header in &args.header {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Failure::new(Kind::Usage, format!("--header {header}: a field is NAME: VALUE")))?;
        message.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let pieces = message.pieces().map_err(smtp)?;
    let part = |piece| match piece {
        Piece::Bytes(bytes) => Part::Bytes(bytes.into()),
        Piece::Attachment(at) => Part::Attachment(args.attach.get(at).cloned().unwrap_or_default()),
    };
    Ok(Content::new(pieces.into_iter().map(part).collect()))
}

/// A file of this many bytes is read while the message is sent.
const LARGE: u64 = 1 << 20;

fn attachment(path: &std::path::Path, name: Option<&str>, large: u64) -> Result<Attachment> {
    let failed = |e: std::io::Error| Failure::read(path.display(), &e);
    let about = std::fs::metadata(path).map_err(failed)?;
    let content = if about.is_file() && about.len() >= large {
        message::Content::Elsewhere
    } else {
        message::Content::Here(std::fs::read(path).map_err(failed)?)
    };
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let media_type = media_type(&file).to_owned();
    Ok(Attachment { name: name.map_or(file, str::to_owned), media_type, content })
}

/// A message from stdin with the fields that sendmail(8) adds where they are missing: From, Date, Message-ID.
pub fn completed(mut bytes: Vec<u8>, sender: Option<&str>, full_name: Option<&str>) -> Result<Vec<u8>> {
    let missing = mime::missing(&bytes);
    let mut head = String::new();
    if missing.from {
        let sender = sender.ok_or_else(no_sender)?;
        let mailbox = sender.parse::<Mailbox>().map_err(smtp)?;
        let from = NameAddr::new(full_name.filter(|name| name.is_ascii()), mailbox).map_err(smtp)?;
        head.push_str(&format!("From: {from}\n"));
    }
    let now = jiff::Timestamp::now();
    if missing.date {
        let date = jiff::fmt::rfc2822::to_string(&now.to_zoned(jiff::tz::TimeZone::UTC));
        head.push_str(&format!("Date: {}\n", date.map_err(|e| Failure::new(Kind::Unsupported, e))?));
    }
    if missing.message_id {
        let mut unique = [0; 16];
        getrandom::fill(&mut unique)
            .map_err(|e| Failure::new(Kind::Unsupported, format!("no randomness: {e}")))?;
        let unique: String = unique.iter().map(|byte| format!("{byte:02x}")).collect();
        head.push_str(&format!("Message-ID: <{unique}@{}>\n", super::session::hello(None)?.ascii()));
    }
    bytes.splice(0..0, head.into_bytes());
    Ok(bytes)
}

/// What browsers and mail programs show by themselves; all else is a file to save.
fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "txt" | "log" => "text/plain",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "ics" => "text/calendar",
        "pdf" => "application/pdf",
        "json" => "application/json",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}

/// Words, a file's, or stdin's.
fn text(data: &str) -> Result<String> {
    let (bytes, name) = match Data::of(data) {
        Data::Text(text) => return Ok(text),
        Data::Stdin => (stdin()?, "stdin".to_owned()),
        Data::File(path) => {
            (std::fs::read(&path).map_err(|e| Failure::read(path.display(), &e))?, path.display().to_string())
        }
    };
    String::from_utf8(bytes).map_err(|_| Failure::new(Kind::Read, format!("{name} is not UTF-8 text")))
}

pub fn stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| Failure::read("stdin", &e))?;
    Ok(bytes)
}

/// The options with `@FILE` and `@-` read.
pub fn loaded(args: &SmtpMessage) -> Result<SmtpMessage> {
    let read = |data: &Option<String>| data.as_deref().map(text).transpose();
    Ok(SmtpMessage { body: read(&args.body)?, html: read(&args.html)?, ..args.clone() })
}
