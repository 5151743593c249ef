//! The one place that knows the MIME parser.

use std::borrow::Cow;

use mail_parser::{Address, DateTime, HeaderValue, MessageParser};

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

/// What a list shows of a message, decoded; control characters are left to the output.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The first author: the name, or else the address.
    pub from: String,
    /// RFC 3339.
    pub date: String,
    pub subject: String,
}

/// Reads the header at the start of `message`.
pub fn summary(message: &[u8]) -> Summary {
    let Some(parsed) = MessageParser::default().parse_headers(message) else { return Summary::default() };
    let author = parsed.from().and_then(Address::first);
    let from = author.and_then(|one| one.name.as_deref().or(one.address.as_deref())).unwrap_or_default();
    Summary {
        from: one_line(from),
        date: parsed.date().map(DateTime::to_rfc3339).unwrap_or_default(),
        subject: one_line(parsed.subject().unwrap_or_default()),
    }
}

/// A text of a header as people read it, on one line.
pub fn decoded(text: &[u8]) -> String {
    let field = [b"Subject: ", text, b"\n\n"].concat();
    let parsed = MessageParser::default().parse_headers(&field);
    one_line(parsed.as_ref().and_then(|parsed| parsed.subject()).unwrap_or_default())
}

/// A Date field's text as RFC 3339; empty where it is none.
pub fn date(text: &[u8]) -> String {
    let field = [b"Date: ", text, b"\n\n"].concat();
    let parsed = MessageParser::default().parse_headers(&field);
    parsed.as_ref().and_then(|parsed| parsed.date()).map(DateTime::to_rfc3339).unwrap_or_default()
}

/// Words of a header as people read them, on one line: encoded words decoded, bytes that are no UTF-8 taken for Latin-1, as old
/// newsreaders wrote them. Text without either is not copied.
pub fn words(text: &[u8]) -> Cow<'_, str> {
    // A search for both bytes together would take longer to set up than these short texts take to look through.
    if memchr::memchr_iter(b'=', text).any(|at| text.get(at + 1) == Some(&b'?')) {
        return Cow::Owned(decoded(text));
    }
    match std::str::from_utf8(text) {
        Ok(text) if !text.bytes().any(|b| matches!(b, b'\r' | b'\n' | b'\t')) => Cow::Borrowed(text),
        Ok(text) => Cow::Owned(one_line(text)),
        Err(_) => Cow::Owned(one_line(&text.iter().map(|b| char::from(*b)).collect::<String>())),
    }
}

/// The author in a From field: the name, or else the address.
pub fn author(field: &[u8]) -> Cow<'_, str> {
    let all = words(field);
    let name = |all: &str| -> Option<(usize, usize)> {
        let (start, end) = match (all.find('<'), all.split_once('(')) {
            (Some(0), _) => (1, all.find('>')?),
            (Some(at), _) => (0, at),
            (None, Some((before, rest))) => (before.len() + 1, before.len() + 1 + rest.rfind(')')?),
            (None, None) => return None,
        };
        let part = all.get(start..end)?;
        let begun = part.trim_start_matches([' ', '"']);
        let from = start + part.len() - begun.len();
        let trimmed = begun.trim_end_matches([' ', '"']);
        (!trimmed.is_empty()).then_some((from, from + trimmed.len()))
    };
    match name(&all) {
        None => all,
        Some((from, to)) => match all {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(from..to).unwrap_or(text)),
            Cow::Owned(text) => Cow::Owned(text.get(from..to).unwrap_or(&text).to_owned()),
        },
    }
}

/// A Date field as RFC 3339; empty where it is none.
pub fn date_of(text: &[u8]) -> String {
    let parsed = std::str::from_utf8(text).ok().and_then(DateTime::parse_rfc822);
    parsed.filter(DateTime::is_valid).map(|date| date.to_rfc3339()).unwrap_or_default()
}

/// Reads what RFC 5322 allows three times as fast as the MIME library, which is there for all else that people write.
static DATES: jiff::fmt::rfc2822::DateTimeParser =
    jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);

const CENTURY: i32 = 10 * 10;

/// As [`date_of`], to the end of `out`: for lists of a hundred thousand lines.
pub fn push_date(text: &[u8], out: &mut Vec<u8>) {
    let Ok(zoned) = DATES.parse_zoned(text) else {
        out.extend_from_slice(date_of(text).as_bytes());
        return;
    };
    let (date, offset) = (zoned.datetime(), zoned.offset().seconds());
    let mut two = |before: Option<u8>, value: i32| {
        out.extend(before);
        // Two digits: both below ten.
        out.extend([b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]);
    };
    let year = i32::from(date.year()).clamp(0, 9999);
    two(None, year / CENTURY);
    two(None, year % CENTURY);
    for (before, value) in [
        (b'-', date.month()),
        (b'-', date.day()),
        (b'T', date.hour()),
        (b':', date.minute()),
        (b':', date.second()),
    ] {
        two(Some(before), i32::from(value));
    }
    if offset == 0 {
        out.push(b'Z');
        return;
    }
    two(Some(if offset < 0 { b'-' } else { b'+' }), offset.abs() / 3600);
    two(Some(b':'), offset.abs() / 60 % 60);
}

/// A Date field as seconds since 1970.
pub fn seconds(text: &[u8]) -> Option<i64> {
    let parsed = std::str::from_utf8(text).ok().and_then(DateTime::parse_rfc822);
    parsed.filter(DateTime::is_valid).map(|date| date.to_timestamp())
}

/// How many bytes the header has, with the empty line behind it.
pub fn head_len(message: &[u8]) -> usize {
    let parsed = MessageParser::new().parse_headers(message);
    let body = parsed.map(|parsed| parsed.root_part().raw_body_offset() as usize);
    body.unwrap_or(message.len()).min(message.len())
}

/// The message id, without its brackets.
pub fn message_id(message: &[u8]) -> Option<String> {
    let parsed = MessageParser::default().parse_headers(message)?;
    parsed.message_id().map(str::to_owned)
}

/// A part without its encoding: the part's own header, and its body.
pub fn decode_part(header: &[u8], body: &[u8]) -> Vec<u8> {
    let whole = [header, body].concat();
    let parsed = MessageParser::default().parse(&whole);
    parsed
        .and_then(|parsed| parsed.part(0).map(|part| part.contents().to_vec()))
        .unwrap_or_else(|| body.to_vec())
}

/// A decoded word can hold a line end or a tab, which would forge a line or a column of a list.
fn one_line(text: &str) -> String {
    text.split(['\r', '\n', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a field of this name has this text in it, decoded, in any case.
pub fn header_has(message: &[u8], name: &str, text: &str) -> bool {
    let Some(parsed) = MessageParser::default().parse_headers(message) else { return false };
    let text = text.to_lowercase();
    let mut fields = parsed.headers().iter().filter(|field| field.name().eq_ignore_ascii_case(name));
    fields.any(|field| {
        let value = match field.value() {
            HeaderValue::Text(value) => value.to_string(),
            HeaderValue::TextList(values) => values.join(" "),
            HeaderValue::Address(list) => {
                let words = list.iter().flat_map(|one| [one.name.as_deref(), one.address.as_deref()]);
                words.flatten().collect::<Vec<_>>().join(" ")
            }
            _ => parsed.header_raw(field.name()).unwrap_or_default().to_owned(),
        };
        value.to_lowercase().contains(&text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_list_shows() {
        let head = b"From: =?utf-8?q?J=C3=B6rg?= <j@x.org>\r\nDate: Sun, 22 Nov 2026 12:00:00 +0100\r\nSubject: =?utf-8?q?a=0D=0Ab=09c?=\r\n\r\n";
        let shown = summary(head);
        assert_eq!((shown.from.as_str(), shown.subject.as_str()), ("J\u{f6}rg", "a b c"));
        assert_eq!(shown.date, "2026-11-22T12:00:00+01:00");
        assert!(header_has(head, "from", "j\u{f6}rg") && header_has(head, "From", "J@X.ORG"));
        assert!(!header_has(head, "Subject", "zebra"));
    }

    #[test]
    fn what_old_newsreaders_wrote() {
        assert_eq!(words(b"plain"), "plain");
        assert_eq!(words(b"=?iso-8859-1?q?J=F6rg?= says"), "J\u{f6}rg says");
        assert_eq!(words(b"J\xf6rg"), "J\u{f6}rg");
        assert_eq!(words(b"a\r\nb\tc"), "a b c");
        for (field, name) in [
            (&b"\"J. R.\" <j@x>"[..], "J. R."),
            (b"<j@x>", "j@x"),
            (b"j@x (J. R.)", "J. R."),
            (b"j@x", "j@x"),
            (b"", ""),
            (b"\"\" <j@x>", "\"\" <j@x>"),
            (b"=?utf-8?q?J=C3=B6rg?= <j@x>", "J\u{f6}rg"),
        ] {
            assert_eq!(author(field), name);
        }
        assert_eq!(date_of(b"Fri, 02 Oct 2026 09:30:00 +0200"), "2026-10-02T09:30:00+02:00");
        for text in
            ["Fri, 02 Oct 2026 09:30:00 +0200", "1 Jan 99 00:00:01 GMT", "2 Feb 2003 04:05:06 -0930", "x"]
        {
            let mut pushed = Vec::new();
            push_date(text.as_bytes(), &mut pushed);
            assert_eq!(pushed, date_of(text.as_bytes()).as_bytes());
        }
        assert_eq!((date_of(b"yesterday"), seconds(b"")), (String::new(), None));
        assert_eq!(seconds(b"Thu, 01 Jan 1970 00:01:00 GMT"), Some(60));
    }

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
