//! The one place that knows the MIME parser.

use mail_parser::{Address, MessageParser};

/// Who a message is from and who gets it, by its header: addresses without names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Sender, or else From.
    pub from: Option<String>,
    /// To, Cc and Bcc.
    pub to: Vec<String>,
}

/// Reads the header at the start of `message`.
pub fn addresses(message: &[u8]) -> Addresses {
    let Some(parsed) = MessageParser::default().parse_headers(message) else { return Addresses::default() };
    let all = |field: Option<&Address<'_>>| -> Vec<String> {
        let list = field.into_iter().flat_map(Address::iter);
        list.filter_map(|one| one.address.as_deref().map(str::to_owned)).collect()
    };
    let from = all(parsed.sender()).into_iter().chain(all(parsed.from())).next();
    Addresses { from, to: [all(parsed.to()), all(parsed.cc()), all(parsed.bcc())].concat() }
}

/// Which of the fields that every message has are not there (RFC 5322 section 3.6).
pub struct Missing {
    pub from: bool,
    pub date: bool,
    pub message_id: bool,
}

/// Looks at the header at the start of `message`.
pub fn missing(message: &[u8]) -> Missing {
    let parsed = MessageParser::default().parse_headers(message);
    let has = |field: &str| parsed.as_ref().is_some_and(|parsed| parsed.header(field).is_some());
    Missing { from: !has("From"), date: !has("Date"), message_id: !has("Message-ID") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_of_headers() {
        let found = addresses(
            b"From: \"A, B\" <a@x.org>\r\nTo: b@x.org,\r\n C <c@x.org>; \r\nCc: list: d@x.org, e@x.org;\r\nBcc: f@x.org\r\n\r\nTo: g@x.org\r\n",
        );
        assert_eq!(found.from.as_deref(), Some("a@x.org"));
        assert_eq!(found.to, ["b@x.org", "c@x.org", "d@x.org", "e@x.org", "f@x.org"]);
        assert_eq!(addresses(b""), Addresses::default());
    }
}
