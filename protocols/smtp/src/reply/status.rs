//! Enhanced status codes: RFC 3463 section 2, put in front of reply texts by RFC 2034 section 4.

use std::fmt;

use netkit_wire::Reply;

/// `class "." subject "." detail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedStatus {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// 0 to 999: what it is about (1 address, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 policy).
    pub subject: u16,
    /// 0 to 999.
    pub detail: u16,
}

impl EnhancedStatus {
    /// The status a reply's first line starts with. None if its class contradicts the reply code: RFC 2034 section 4
    /// has them agree, so such text only looks like a status.
    pub fn of(reply: &Reply) -> Option<EnhancedStatus> {
        let status = EnhancedStatus::parse(reply.first())?;
        reply.code().is(u16::from(status.class)).then_some(status)
    }

    /// The status at the start of `text`, which a space or the end follows.
    ///
    /// ```text
    /// statuscode = ("2" / "4" / "5") "." 1*3DIGIT "." 1*3DIGIT                       RFC 3463 2
    /// ```
    pub fn parse(text: &[u8]) -> Option<EnhancedStatus> {
        let word = text.split(|b| *b == b' ').next()?;
        let mut parts = word.split(|b| *b == b'.');
        let class = match parts.next()? {
            b"2" => 2,
            b"4" => 4,
            b"5" => 5,
            _ => return None,
        };
        let (subject, detail) = (number(parts.next()?)?, number(parts.next()?)?);
        parts.next().is_none().then_some(EnhancedStatus { class, subject, detail })
    }
}

/// 1*3DIGIT.
fn number(digits: &[u8]) -> Option<u16> {
    let well_formed = (1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    if well_formed { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}
