//! Building a message: RFC 5322 and MIME. The one place that knows the MIME library.

mod base64_lines;
mod bcc;
mod header;
mod name_addr;

use std::borrow::Cow;

use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::{Address, EmailAddress};
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;

pub use base64_lines::Base64Lines;
pub use bcc::without_bcc;
pub use name_addr::NameAddr;

use crate::error::{Argument, Invalid};
use crate::send::Envelope;
use crate::types::{ForwardPath, ReversePath};

/// A message to be written.
///
/// It has no clock and no dice: its date, and the token its Message-ID and MIME boundaries are made of, are given. The
/// recipients in `bcc` are in the envelope and never in the header (RFC 5322 section 3.6.3).
#[derive(Clone, Debug)]
pub struct Message {
    /// Who wrote it.
    pub from: NameAddr,
    /// Who it is for.
    pub to: Vec<NameAddr>,
    /// Who gets a copy.
    pub cc: Vec<NameAddr>,
    /// Who gets a copy that the others do not know of.
    pub bcc: Vec<NameAddr>,
    /// What it is about.
    pub subject: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// The same in HTML.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Pictures inside the HTML, which names each `cid:` and its name (RFC 2387, RFC 2392).
    pub inline: Vec<Attachment>,
    /// Further header fields: name and value, in order.
    pub headers: Vec<(String, String)>,
    /// When it was written, in seconds since 1970-01-01T00:00:00Z.
    pub date: i64,
    /// Letters, digits, `.`, `-` and `_` that no other message has.
    pub unique: String,
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name, without its folder.
    pub name: String,
    /// Its media type: `application/pdf`.
    pub media_type: String,
    /// Its bytes.
    pub content: Content,
}

/// Where a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Here.
    Here(Vec<u8>),
    /// With the caller, who puts them where [`Message::pieces`] leaves room for them.
    Elsewhere,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The content of this attachment, counted from 0, in base64: [`Base64Lines`] writes it.
    Attachment(usize),
}

impl Message {
    /// A message from `from` without recipients, subject and body.
    pub fn new(from: NameAddr, date: i64, unique: &str) -> Message {
        Message {
            from,
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: None,
            text: None,
            html: None,
            attachments: Vec::new(),
            inline: Vec::new(),
            headers: Vec::new(),
            date,
            unique: unique.to_owned(),
        }
    }

    /// Who it is from and who gets it, the hidden recipients too; each once.
    pub fn envelope(&self) -> Envelope {
        let mut to: Vec<ForwardPath> = Vec::new();
        for one in self.to.iter().chain(&self.cc).chain(&self.bcc) {
            let path = ForwardPath::Mailbox(one.mailbox.clone());
            if !to.contains(&path) {
                to.push(path);
            }
        }
        Envelope { from: ReversePath::Mailbox(self.from.mailbox.clone()), to }
    }

    /// The message in pieces, with room for those attachments that are [`Content::Elsewhere`]: so that a large file need not
    /// be in memory.
    ///
    /// # Errors
    /// As [`Message::build`].
    pub fn pieces(&self) -> Result<Vec<Piece>, Invalid> {
        let whole = self.serialized()?;
        let mut pieces = Vec::new();
        let mut rest = whole.as_slice();
        for (at, file) in self.attachments.iter().enumerate() {
            if file.content != Content::Elsewhere {
                continue;
            }
            let mark = self.stand_in(at);
            let Some(found) = memchr::memmem::find(rest, &mark) else { continue };
            let (before, after) = rest.split_at_checked(found).unwrap_or((rest, b""));
            pieces.push(Piece::Bytes(before.to_vec()));
            pieces.push(Piece::Attachment(at));
            rest = after.get(mark.len()..).unwrap_or_default();
        }
        pieces.push(Piece::Bytes(rest.to_vec()));
        Ok(pieces)
    }

    /// What stands for a content that is elsewhere; with the token in it, nothing else in the message can be the same.
    fn stand_in(&self, at: usize) -> Vec<u8> {
        format!("[{at} of {}]", self.unique).into_bytes()
    }

    /// The message's bytes. Text that is not ASCII is encoded (RFC 2045, 2047, 2231), so that any server takes it;
    /// only an address whose local part is not ASCII stays UTF-8 (RFC 6532).
    ///
    /// # Errors
    /// [`Invalid`] for a line end or control character in anything that goes into a header, a field name that is
    /// malformed or that this writes itself, a malformed media type or token, and an attachment that is elsewhere.
    pub fn build(&self) -> Result<Vec<u8>, Invalid> {
        if self.attachments.iter().chain(&self.inline).any(|file| file.content == Content::Elsewhere) {
            return Err(Invalid::new(Argument::Message, "the content of an attachment is not here"));
        }
        self.serialized()
    }

    fn serialized(&self) -> Result<Vec<u8>, Invalid> {
        self.check()?;
        let mut builder = MessageBuilder::new().header("From", address(std::slice::from_ref(&self.from)));
        for (name, list) in [("To", &self.to), ("Cc", &self.cc)] {
            if !list.is_empty() {
                builder = builder.header(name, address(list));
            }
        }
        if let Some(subject) = &self.subject {
            builder = builder.header("Subject", Text::new(subject.as_str()));
        }
        let domain = self.from.mailbox.domain().ascii().trim_matches(['[', ']']);
        builder =
            builder.date(self.date).header("Message-ID", Raw::new(format!("<{}@{domain}>", self.unique)));
        for (name, value) in &self.headers {
            builder = builder.header(name.as_str(), Text::new(value.as_str()));
        }
        let mut out = Vec::new();
        builder.body(self.body()).serialize(&mut out);
        Ok(out)
    }

    /// Text, HTML or both (RFC 2046 section 5.1.4), and the files behind them (section 5.1.3).
    fn body(&self) -> MimePart<'_> {
        let mut parts: Vec<MimePart<'_>> = Vec::new();
        if self.text.is_some() || self.html.is_none() {
            parts.push(MimePart::new("text/plain", self.text.as_deref().unwrap_or_default()));
        }
        if let Some(html) = &self.html {
            let mut page = vec![MimePart::new("text/html", html.as_str())];
            page.extend(self.inline.iter().map(|file| {
                let content = match &file.content {
                    Content::Here(bytes) => bytes.as_slice(),
                    Content::Elsewhere => b"",
                };
                MimePart::new(file.media_type.as_str(), content).inline().cid(file.name.as_str())
            }));
            parts.push(self.joined("related", page));
        }
        let body = self.joined("alternative", parts);
        let mut parts = vec![body];
        for (at, file) in self.attachments.iter().enumerate() {
            let kind = file.media_type.as_str();
            let part = match &file.content {
                Content::Here(bytes) => MimePart::new(kind, bytes.as_slice()),
                // Taken as it is, since its encoding is said to be done.
                Content::Elsewhere => MimePart::new(kind, self.stand_in(at)).transfer_encoding("base64"),
            };
            parts.push(part.attachment(file.name.as_str()));
        }
        self.joined("mixed", parts)
    }

    /// The parts under one roof, or the only one.
    fn joined<'m>(&self, subtype: &str, mut parts: Vec<MimePart<'m>>) -> MimePart<'m> {
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        // "=_" is in no base64 and no quoted-printable text (RFC 2045 section 6.7), the token in no other message.
        let boundary = format!("=_{subtype}_{}", self.unique);
        MimePart::new(ContentType::new(format!("multipart/{subtype}")).attribute("boundary", boundary), parts)
    }

    fn check(&self) -> Result<(), Invalid> {
        let token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if self.unique.is_empty() || self.unique.len() > 40 || !self.unique.bytes().all(token) {
            return Err(Invalid::new(
                Argument::Header,
                "the unique token has 1 to 40 letters, digits, . - or _",
            ));
        }
        if let Some(subject) = &self.subject {
            header::value(subject)?;
        }
        for (name, value) in &self.headers {
            header::name(name)?;
            header::value(value)?;
        }
        if !self.inline.is_empty() && self.html.is_none() {
            return Err(Invalid::new(Argument::Message, "a picture inside the HTML needs HTML"));
        }
        let cid = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'@');
        if self.inline.iter().any(|file| file.name.is_empty() || !file.name.bytes().all(cid)) {
            return Err(Invalid::new(
                Argument::Header,
                "the name of a picture has letters, digits, . - _ or @",
            ));
        }
        for file in self.attachments.iter().chain(&self.inline) {
            header::value(&file.name)?;
            header::media_type(&file.media_type)?;
        }
        Ok(())
    }
}

fn address(list: &[NameAddr]) -> HeaderType<'_> {
    let one = |who: &NameAddr| {
        Address::Address(EmailAddress {
            name: who.name().map(|name| Cow::Owned(name.to_owned())),
            email: Cow::Owned(who.mailbox.to_wire(who.mailbox.needs_utf8())),
        })
    };
    match list {
        [only] => HeaderType::Address(one(only)),
        list => HeaderType::Address(Address::List(list.iter().map(one).collect())),
    }
}
