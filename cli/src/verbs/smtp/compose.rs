//! From the command line to a message and its envelope.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use netkit_smtp::message::{Attachment, Message, NameAddr, without_bcc};
use netkit_smtp::{Envelope, Error, ForwardPath, Mailbox, ReversePath};

use crate::args::{Data, SmtpSend};
use crate::failure::{Failure, Kind, Result};

/// Where the message's bytes are.
pub enum Source {
    Bytes(Vec<u8>),
    File(File),
}

/// Target and file. With `--mock` the target may be left out: one word that is a file is then the message.
pub fn positional(args: &SmtpSend, mock: bool) -> (Option<&str>, Option<&str>) {
    match (args.target.as_deref(), args.file.as_deref()) {
        (Some(word), None) if mock && (word == "-" || Path::new(word).is_file()) => (None, Some(word)),
        other => other,
    }
}

/// The message, a file's or a built one, and who gets it.
pub fn message(args: &SmtpSend, file: Option<&str>) -> Result<(Source, Envelope)> {
    if file.is_some()
        && (args.subject.is_some() || args.body.is_some() || args.html.is_some() || !args.attach.is_empty())
    {
        let what = "a message file and --subject, --body, --html or --attach exclude each other";
        return Err(Failure::new(Kind::Usage, what));
    }
    let envelope = envelope(args)?;
    let source = match file {
        Some("-") => Source::Bytes(without_bcc(&stdin()?).into_owned()),
        Some(path) => ready_made(Path::new(path)).map_err(|e| Failure::read(path, &e))?,
        None => Source::Bytes(build(args)?),
    };
    Ok((source, envelope))
}

/// How much of a file is looked at for its header.
const HEADER: usize = 256 << 10;

/// Whether the whole header is here and nothing of it has to go.
fn is_clean(start: &[u8]) -> bool {
    let empty_line = || start.split(|b| *b == b'\n').any(|line| line.trim_ascii().is_empty());
    let whole = start.len() < HEADER || empty_line();
    whole && matches!(without_bcc(start), Cow::Borrowed(_))
}

/// A message file, without its Bcc fields. One that has none stays a file, however large it is.
fn ready_made(path: &Path) -> std::io::Result<Source> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    let is_file = file.metadata()?.is_file();
    (&mut file).take(HEADER as u64).read_to_end(&mut start)?;
    if is_file && is_clean(&start) {
        file.seek(SeekFrom::Start(0))?;
        return Ok(Source::File(file));
    }
    file.read_to_end(&mut start)?;
    Ok(Source::Bytes(without_bcc(&start).into_owned()))
}

fn smtp(why: netkit_smtp::Invalid) -> Failure {
    Error::from(why).into()
}

fn envelope(args: &SmtpSend) -> Result<Envelope> {
    let from = match (args.mail_from.as_deref(), args.from.as_deref()) {
        (Some("" | "<>"), _) => ReversePath::Null,
        (Some(sender), _) => ReversePath::Mailbox(sender.parse::<Mailbox>().map_err(smtp)?),
        (None, Some(from)) => ReversePath::Mailbox(from.parse::<NameAddr>().map_err(smtp)?.mailbox),
        (None, None) => {
            return Err(Failure::new(Kind::Usage, "no sender").hint("--from or --mail-from names one"));
        }
    };
    let mut to = Vec::new();
    if args.rcpt.is_empty() {
        for address in args.to.iter().chain(&args.cc).chain(&args.bcc) {
            let path = ForwardPath::Mailbox(address.parse::<NameAddr>().map_err(smtp)?.mailbox);
            if !to.contains(&path) {
                to.push(path);
            }
        }
    } else {
        for address in &args.rcpt {
            to.push(address.parse::<ForwardPath>().map_err(smtp)?);
        }
    }
    if to.is_empty() {
        return Err(Failure::new(Kind::Usage, "no recipient").hint("--to or --rcpt names one"));
    }
    Ok(Envelope { from, to })
}

fn build(args: &SmtpSend) -> Result<Vec<u8>> {
    let from = args.from.as_deref().or(args.mail_from.as_deref()).unwrap_or_default();
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
    message.text = args.body.as_deref().map(text).transpose()?;
    message.html = args.html.as_deref().map(text).transpose()?;
    for path in &args.attach {
        let content = std::fs::read(path).map_err(|e| Failure::read(path.display(), &e))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        message.attachments.push(Attachment {
            name,
            media_type: "application/octet-stream".to_owned(),
            content,
        });
    }
    for header in &args.header {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Failure::new(Kind::Usage, format!("--header {header}: a field is NAME: VALUE")))?;
        message.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    message.build().map_err(smtp)
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

fn stdin() -> Result<Vec<u8>> {
    read(&mut std::io::stdin().lock()).map_err(|e| Failure::read("stdin", &e))
}

fn read(from: &mut dyn Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    Ok(bytes)
}
