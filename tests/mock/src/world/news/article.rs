//! One article: its header read, and what is missing added (RFC 5537 section 3.5).

use std::time::{SystemTime, UNIX_EPOCH};

use mail_parser::DateTime;
use netkit_nntp::MessageId;

/// Why an article is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewsError {
    /// The header lacks this field.
    #[error("there is no {0} field")]
    Missing(&'static str),
    /// A line of the header is none, or a field is not of its grammar.
    #[error("the header is broken")]
    Broken,
    /// None of its groups is here.
    #[error("no such group")]
    NoGroup,
    /// A group lets no posts in.
    #[error("no posts are let in to that group")]
    Closed,
    /// It is here already.
    #[error("duplicate")]
    Duplicate,
    /// There is no room for it.
    #[error("no room")]
    Full,
}

/// An article as it is given out: CRLF line ends, without dots of transparency.
#[derive(Debug)]
pub struct NewsArticle {
    /// Its message id, with brackets.
    pub id: String,
    /// Header, empty line, body.
    pub data: Vec<u8>,
    /// Where the body begins.
    pub body: usize,
    /// The groups it names.
    pub groups: Vec<String>,
    /// When it came.
    pub arrived: SystemTime,
}

impl NewsArticle {
    pub(super) fn read(data: &[u8], injected: bool, host: &str) -> Result<NewsArticle, NewsError> {
        let end = data.windows(4).position(|four| four == b"\r\n\r\n").ok_or(NewsError::Broken)? + 2;
        let header = data.get(..end).unwrap_or_default();
        for line in header.split(|b| *b == b'\n') {
            let is_field = line.iter().position(|b| *b == b':').is_some_and(|at| at > 0);
            if !(line.is_empty() || is_field || line.starts_with(b" ") || line.starts_with(b"\t")) {
                return Err(NewsError::Broken);
            }
        }
        let now = SystemTime::now();
        let mut added = String::new();
        let value = |name: &str| field(header, name);
        for name in ["From", "Subject", "Newsgroups"] {
            if value(name).is_none_or(|value| value.is_empty()) {
                return Err(NewsError::Missing(name));
            }
        }
        let id = match value("Message-ID") {
            Some(id) => MessageId::new(id.trim()).map_err(|_| NewsError::Broken)?.to_string(),
            None if injected => {
                let nonce = crate::accounts::nonce().unwrap_or_default();
                let id = format!("<{nonce}@{host}>");
                added += &format!("Message-ID: {id}\r\n");
                id
            }
            None => return Err(NewsError::Missing("Message-ID")),
        };
        if value("Date").is_none() {
            if !injected {
                return Err(NewsError::Missing("Date"));
            }
            added += &format!("Date: {}\r\n", DateTime::from_timestamp(seconds(now)).to_rfc822());
        }
        if value("Path").is_none() {
            added += &format!("Path: {host}!not-for-mail\r\n");
        }
        let groups = value("Newsgroups").unwrap_or_default();
        let groups = groups.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let groups: Vec<String> = groups.take(50).collect();
        let mut whole = added.into_bytes();
        let body = whole.len() + end + 2;
        whole.extend_from_slice(data);
        Ok(NewsArticle { id, data: whole, body, groups, arrived: now })
    }

    /// With the field that says where it is (RFC 5536 section 3.2.14); one that came with it is gone.
    pub(super) fn filed(mut self, host: &str, places: &[(String, u64)]) -> NewsArticle {
        let places: Vec<String> = places.iter().map(|(name, number)| format!("{name}:{number}")).collect();
        let xref = format!("Xref: {host} {}\r\n", places.join(" "));
        let mut header = Vec::new();
        let mut skipping = false;
        for line in self.data.get(..self.body - 2).unwrap_or_default().split_inclusive(|b| *b == b'\n') {
            let folded = line.starts_with(b" ") || line.starts_with(b"\t");
            skipping = if folded {
                skipping
            } else {
                line.get(..5).is_some_and(|x| x.eq_ignore_ascii_case(b"xref:"))
            };
            if !skipping {
                header.extend_from_slice(line);
            }
        }
        header.extend_from_slice(xref.as_bytes());
        header.extend_from_slice(b"\r\n");
        let body = header.len();
        header.extend_from_slice(self.data.get(self.body..).unwrap_or_default());
        (self.data, self.body) = (header, body);
        self
    }

    /// The header, without the empty line.
    pub fn header(&self) -> &[u8] {
        self.data.get(..self.body - 2).unwrap_or_default()
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        self.data.get(self.body..).unwrap_or_default()
    }

    /// The value of a field, unfolded; none where it is not there.
    pub fn field(&self, name: &str) -> Option<String> {
        field(self.header(), name)
    }

    /// Lines of the body.
    pub fn lines(&self) -> u64 {
        self.body().iter().filter(|b| **b == b'\n').count() as u64
    }
}

pub(crate) fn seconds(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn field(header: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(header);
    let mut lines = text.split("\r\n").peekable();
    while let Some(line) = lines.next() {
        let Some((label, value)) = line.split_once(':') else { continue };
        if !label.eq_ignore_ascii_case(name) {
            continue;
        }
        let mut value = value.trim_start().to_owned();
        while let Some(more) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
            value.push(' ');
            value.push_str(more.trim_start());
        }
        return Some(value.trim_end().to_owned());
    }
    None
}
