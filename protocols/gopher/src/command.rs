//! The one command of Gopher.

use memchr::memchr;
use netkit_wire::{Decode, Eol, Limits, Line, Malformed, Step};

use crate::types::{Query, Selector};

/// What a client sends.
///
/// ```text
/// CR-LF | Selector [ TAB SearchString ] CR-LF                      RFC 1436 3.6, 3.7
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub selector: Selector,
    /// What is searched for in it.
    pub query: Option<Query>,
}

impl Request {
    /// Appends the request.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.selector.as_bytes());
        if let Some(query) = &self.query {
            out.push(b'\t');
            out.extend_from_slice(query.as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    /// The server's side of it. A third column, which is how Gopher+ clients ask, is not part of this grammar.
    pub fn decoder(limits: &Limits) -> impl Decode<Item = Request> + use<> {
        RequestLine(Line::new(limits).eol(Eol::CrlfOrLf))
    }
}

struct RequestLine(Line);

impl Decode for RequestLine {
    type Item = Request;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Request>, Malformed> {
        let Some((line, used)) = self.0.scan(input)? else { return Ok(Step::More(1)) };
        let tab = memchr(b'\t', line);
        let (selector, query) = line.split_at_checked(tab.unwrap_or(line.len())).unwrap_or_default();
        let bad = |_| Malformed::new("a selector and one query, without controls", 0);
        let query = query.get(1..).map(|text| Query::new(text).map_err(bad)).transpose()?;
        Ok(Step::Done(Request { selector: Selector::new(selector).map_err(bad)?, query }, used))
    }
}
