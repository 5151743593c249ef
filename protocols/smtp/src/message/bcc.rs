//! Messages that come ready-made may name their hidden recipients; those must not travel on.

use std::borrow::Cow;

/// `message` without its Bcc and Resent-Bcc fields (RFC 5322 section 3.6.3: a Bcc that is sent shows everybody what was
/// to be hidden). Any line ends; the body is not looked at.
pub fn without_bcc(message: &[u8]) -> Cow<'_, [u8]> {
    let (mut kept, mut at, mut hidden, mut found) = (Vec::new(), 0, false, false);
    for line in message.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        // A line that starts with white space continues the field before it.
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            let name = line.split(|b| *b == b':').next().unwrap_or_default().trim_ascii_end();
            hidden = name.eq_ignore_ascii_case(b"Bcc") || name.eq_ignore_ascii_case(b"Resent-Bcc");
        }
        if hidden {
            found = true;
        } else {
            kept.extend_from_slice(line);
        }
        at += line.len();
    }
    if !found {
        return Cow::Borrowed(message);
    }
    kept.extend_from_slice(message.get(at..).unwrap_or_default());
    Cow::Owned(kept)
}
