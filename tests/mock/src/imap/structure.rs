//! ENVELOPE and BODYSTRUCTURE of a message, by a MIME library (RFC 9051 section 7.5.2).

use std::borrow::Cow;

use mail_parser::{Address, ContentType, Message, MessageParser, MimeHeaders, PartType};
use netkit_auth::sasl;
use netkit_imap::response::{self, Body, Envelope, Multipart, Part};

/// How deep messages may be nested in messages.
const DEPTH: usize = 20;

fn owned(text: &str) -> Option<Cow<'static, [u8]>> {
    Some(Cow::Owned(text.as_bytes().to_vec()))
}

/// A field as it stands in the header, on one line.
fn raw(message: &Message<'_>, name: &'static str) -> Option<Cow<'static, [u8]>> {
    let value = message.header_raw(name)?;
    owned(
        &value
            .split(['\r', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
    )
}

pub(super) fn envelope(data: &[u8]) -> Envelope<'static> {
    let Some(message) = MessageParser::default().parse_headers(data) else { return Envelope::default() };
    let from = addresses(message.from());
    let or_from = |list: Vec<response::Address<'static>>| if list.is_empty() { from.clone() } else { list };
    Envelope {
        date: raw(&message, "Date"),
        subject: raw(&message, "Subject"),
        sender: or_from(addresses(message.sender())),
        reply_to: or_from(addresses(message.reply_to())),
        to: addresses(message.to()),
        cc: addresses(message.cc()),
        bcc: addresses(message.bcc()),
        in_reply_to: raw(&message, "In-Reply-To"),
        message_id: raw(&message, "Message-ID"),
        from,
    }
}

fn addresses(field: Option<&Address<'_>>) -> Vec<response::Address<'static>> {
    let one = |name: Option<&str>, address: &str| {
        let (mailbox, host) = address.rsplit_once('@').unwrap_or((address, ""));
        response::Address {
            name: name.and_then(word),
            route: None,
            mailbox: owned(mailbox),
            host: owned(host),
        }
    };
    let all = field.into_iter().flat_map(Address::iter);
    all.filter_map(|addr| Some(one(addr.name.as_deref(), addr.address.as_deref()?))).collect()
}

/// Text that is not ASCII as an encoded word (RFC 2047).
fn word(text: &str) -> Option<Cow<'static, [u8]>> {
    if text.is_ascii() {
        return owned(text);
    }
    owned(&format!("=?utf-8?B?{}?=", sasl::encode(text.as_bytes())))
}

pub(super) fn structure(data: &[u8]) -> Body {
    of(data, DEPTH).unwrap_or_else(|| Body::Part(Box::default()))
}

fn of(data: &[u8], depth: usize) -> Option<Body> {
    let message = MessageParser::default().parse(data)?;
    part(&message, 0, data, depth)
}

fn part(message: &Message<'_>, id: u32, data: &[u8], depth: usize) -> Option<Body> {
    let inner = depth.checked_sub(1)?;
    let found = message.part(id)?;
    let pairs = |content: Option<&ContentType<'_>>| -> Vec<(String, String)> {
        let all = content.and_then(|content| content.attributes.as_ref());
        all.into_iter().flatten().map(|one| (one.name.to_ascii_lowercase(), one.value.to_string())).collect()
    };
    let content = found.content_type();
    if let PartType::Multipart(parts) = &found.body {
        let parts = parts.iter().filter_map(|one| part(message, *one, data, inner)).collect();
        let subtype = content.and_then(ContentType::subtype).unwrap_or("mixed").to_ascii_lowercase();
        return Some(Body::Multipart(Multipart { parts, subtype, parameters: pairs(content) }));
    }
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX).min(data.len());
    let bytes = data.get(at(found.offset_body)..at(found.offset_end)).unwrap_or_default();
    let media_type = match content {
        Some(content) => format!("{}/{}", content.ctype(), content.subtype().unwrap_or("plain")),
        None => "text/plain".to_owned(),
    }
    .to_ascii_lowercase();
    let is_message = media_type == "message/rfc822";
    let lines = || bytes.iter().filter(|b| **b == b'\n').count() as u64;
    let disposition = found.content_disposition();
    Some(Body::Part(Box::new(Part {
        parameters: pairs(content),
        id: found.content_id().map(|id| format!("<{id}>")),
        description: found.content_description().map(str::to_owned),
        encoding: found.content_transfer_encoding().unwrap_or("7bit").to_ascii_lowercase(),
        octets: bytes.len() as u64,
        lines: (is_message || media_type.starts_with("text/")).then(lines),
        message: if is_message { of(bytes, inner).map(Box::new) } else { None },
        disposition: disposition.map(|one| (one.ctype().to_ascii_lowercase(), pairs(Some(one)))),
        media_type,
    })))
}
