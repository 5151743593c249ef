//! What may stand in a header: RFC 5322 section 2.2.

use crate::error::{Argument, Invalid};

/// The fields that [`Message`](super::Message) writes from its own fields, and Bcc, which is never written.
const OWN: [&str; 7] = ["From", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID"];

const fn invalid(rule: &'static str) -> Invalid {
    Invalid::new(Argument::Header, rule)
}

/// A field's name: printable ASCII without a colon, and none that is written from elsewhere.
pub(super) fn name(name: &str) -> Result<(), Invalid> {
    if name.is_empty() || name.len() > 70 || !name.bytes().all(|b| matches!(b, 33..=126) && b != b':') {
        return Err(invalid("a field name is printable ASCII without a colon"));
    }
    let lower = name.to_ascii_lowercase();
    if OWN.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Err(invalid("this field is written from the message's own parts"));
    }
    // Content-Type and its kin would contradict the body that follows.
    if lower.starts_with("content-") || lower == "mime-version" {
        return Err(invalid("MIME fields are written from the message's own parts"));
    }
    Ok(())
}

/// A field's value, before it is folded: one line.
pub(super) fn value(value: &str) -> Result<(), Invalid> {
    if value.chars().any(|c| c.is_control() && c != '\t') {
        return Err(invalid("a header field has no line end and no control character"));
    }
    Ok(())
}

/// `type/subtype` without parameters (RFC 2045 section 5.1).
pub(super) fn media_type(text: &str) -> Result<(), Invalid> {
    let token = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    match text.split_once('/') {
        Some((kind, subtype)) if token(kind) && token(subtype) && !kind.eq_ignore_ascii_case("multipart") => {
            Ok(())
        }
        _ => Err(invalid("a media type is type/subtype")),
    }
}
