//! The one command of Gopher, with what Gopher+ added to it.

use netkit_wire::{Conn, Decode, Eol, Limit, Limits, Line, Malformed, Step, Unstuffer};

use crate::plus::{Header, Length, Plus};
use crate::types::{Query, Selector};

/// What a client sends.
///
/// ```text
/// CR-LF | Selector [ TAB SearchString ] CR-LF                                      RFC 1436 3.6, 3.7
/// Selector [ TAB SearchString ] TAB ( "+" | "!" | "$" ) .. [ TAB "1" ] CR-LF ..    Gopher+ 2
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub selector: Selector,
    /// What is searched for in it. A server that knows Gopher+ takes a search whose words start with `+`, `!` or `$` for
    /// something else, unless the request is one of Gopher+ itself.
    pub query: Option<Query>,
    /// What a Gopher+ client wants of it.
    pub plus: Option<Plus>,
}

impl Request {
    /// A request of the old kind.
    pub fn new(selector: Selector, query: Option<Query>) -> Request {
        Request { selector, query, plus: None }
    }

    /// Appends the request.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.selector.as_bytes());
        if let Some(query) = &self.query {
            out.push(b'\t');
            out.extend_from_slice(query.as_bytes());
        }
        match &self.plus {
            Some(plus) => plus.encode(out),
            None => out.extend_from_slice(b"\r\n"),
        }
    }

    /// As [`Request::encode`], on a connection: what is answered to a form may be a password, and no trace shows it.
    pub(crate) fn queue(&self, conn: &mut Conn) {
        let data = self.plus.as_ref().and_then(|plus| plus.data.as_ref());
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        let head = bytes.len() - data.map_or(0, Vec::len);
        conn.outbox().extend_from_slice(bytes.get(..head).unwrap_or_default());
        if data.is_some_and(|data| !data.is_empty()) {
            conn.queue_secret(|out| out.extend_from_slice(bytes.get(head..).unwrap_or_default()));
        }
    }

    /// The server's side of it. Data below the line has at most [`Limits::reply`] bytes.
    pub fn decoder(limits: &Limits) -> impl Decode<Item = Request> + use<> {
        let line = || Line::new(limits).eol(Eol::CrlfOrLf);
        RequestDecoder { line: line(), header: line(), most: limits.reply, limits: *limits }
    }
}

struct RequestDecoder {
    line: Line,
    header: Line,
    most: usize,
    limits: Limits,
}

impl RequestDecoder {
    /// The columns, and whether data follows.
    fn columns(line: &[u8]) -> Result<(Request, bool), Malformed> {
        let bad = |_| Malformed::new("a selector, one query, and a column of Gopher+, without controls", 0);
        let many = Malformed::new("a request has at most four columns", 0);
        let columns: Vec<&[u8]> = line.split(|b| *b == b'\t').collect();
        let (selector, rest) = columns.split_first().ok_or(many)?;
        let selector = Selector::new(selector).map_err(bad)?;
        let plain = |query: &[u8]| Ok((Query::new(query).map_err(bad)?, false));
        let (query, plus, data) = match rest {
            [] => (None, None, false),
            [one] => match Plus::parse(one) {
                Some(wanted) => (None, Some(Plus::new(wanted)), false),
                None => (Some(plain(one)?.0), None, false),
            },
            [one, flag @ (b"0" | b"1")] if Plus::parse(one).is_some() => {
                (None, Plus::parse(one).map(Plus::new), *flag == b"1")
            }
            [query, one, flag @ ..] if flag.len() <= 1 => {
                let wanted = Plus::parse(one).ok_or(many)?;
                (Some(plain(query)?.0), Some(Plus::new(wanted)), flag.first().is_some_and(|f| *f == b"1"))
            }
            _ => return Err(many),
        };
        Ok((Request { selector, query, plus }, data))
    }
}

impl Decode for RequestDecoder {
    type Item = Request;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Request>, Malformed> {
        let Some((line, used)) = self.line.scan(input)? else { return Ok(Step::More(1)) };
        let (mut request, data) = RequestDecoder::columns(line)?;
        if !data {
            return Ok(Step::Done(request, used));
        }
        let below = input.get(used..).unwrap_or_default();
        let Some((_, header)) = self.header.scan(below)? else { return Ok(Step::More(1)) };
        let Step::Done(length, _) = Header::decoder(&self.limits).decode(below)? else {
            return Ok(Step::More(1));
        };
        let body = below.get(header..).unwrap_or_default();
        let (data, taken) = match length {
            Header::Data(Length::Bytes(n)) => match usize::try_from(n) {
                Ok(n) if n <= self.most => match body.get(..n) {
                    Some(data) => (data.to_vec(), n),
                    None => return Ok(Step::More(n - body.len())),
                },
                _ => return Err(Malformed::TooLong(Limit::Reply(self.most))),
            },
            Header::Data(Length::Dot) => match dotted(body) {
                Some(found) => found,
                None if body.len() > self.most => {
                    return Err(Malformed::TooLong(Limit::Reply(self.most)));
                }
                None => return Ok(Step::More(1)),
            },
            _ => return Err(Malformed::new("data starts with + and a length, or -1", used)),
        };
        if let Some(plus) = &mut request.plus {
            plus.data = Some(data);
        }
        Ok(Step::Done(request, used + header + taken))
    }
}

/// A body that a lone dot ends, and how many bytes it took.
fn dotted(body: &[u8]) -> Option<(Vec<u8>, usize)> {
    use netkit_wire::Run;
    let (mut unstuffer, mut data, mut at) = (Unstuffer::default(), Vec::new(), 0);
    loop {
        let rest = body.get(at..)?;
        match unstuffer.next(rest, rest.len()) {
            Run::Copy(n) => {
                data.extend_from_slice(rest.get(..n)?);
                at += n;
            }
            Run::Skip(n) => at += n,
            Run::End(n) => return Some((data, at + n)),
            Run::More => return None,
        }
    }
}
