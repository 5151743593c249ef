//! Commands: one value each, its bytes, and the server's side of the grammar (RFC 3977 section 9.2).

mod list;
mod parse;

use std::fmt;

use netkit_wire::Code;

pub use list::{HeadersOf, List};
pub use parse::BadCommand;

use crate::reply::code;
use crate::types::{Group, Header, Line, MessageId, Range, Span, Stamp, Which, Wildmat};

/// Any command.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// `CAPABILITIES`, section 5.2.
    Capabilities,
    /// `MODE READER`, section 5.3.
    ModeReader,
    /// `MODE STREAM`, RFC 4644 section 2.3.
    ModeStream,
    /// `QUIT`, section 5.4.
    Quit,
    /// `GROUP group`, section 6.1.1.
    Group(Group),
    /// `LISTGROUP [group [range]]`, section 6.1.2.
    ListGroup(Option<(Group, Option<Range>)>),
    /// `LAST`, section 6.1.3.
    Last,
    /// `NEXT`, section 6.1.4.
    Next,
    /// `ARTICLE [which]`, section 6.2.1.
    Article(Which),
    /// `HEAD [which]`, section 6.2.2.
    Head(Which),
    /// `BODY [which]`, section 6.2.3.
    Body(Which),
    /// `STAT [which]`, section 6.2.4.
    Stat(Which),
    /// `POST`, section 6.3.1.
    Post,
    /// `IHAVE message-id`, section 6.3.2.
    Ihave(MessageId),
    /// `CHECK message-id`, RFC 4644 section 2.4.
    Check(MessageId),
    /// `TAKETHIS message-id`, RFC 4644 section 2.5; the article follows at once.
    Takethis(MessageId),
    /// `DATE`, section 7.1.
    Date,
    /// `HELP`, section 7.2.
    Help,
    /// `NEWGROUPS date time GMT`, section 7.3.
    NewGroups(Stamp),
    /// `NEWNEWS wildmat date time GMT`, section 7.4.
    NewNews(Wildmat, Stamp),
    /// `LIST keyword [argument]`, section 7.6.
    List(List),
    /// `OVER [span]`, section 8.3.
    Over(Span),
    /// `XOVER [range]`, RFC 2980 section 2.8.
    Xover(Span),
    /// `HDR field [span]`, section 8.5.
    Hdr(Header, Span),
    /// `XHDR field [span]`, RFC 2980 section 2.6.
    Xhdr(Header, Span),
    /// `XPAT field span wildmat`, RFC 2980 section 2.9.
    Xpat(Header, Span, Line),
    /// `AUTHINFO USER name`, RFC 4643 section 2.3.
    AuthUser(Line),
    /// `AUTHINFO PASS password`.
    AuthPass(Line),
    /// `AUTHINFO SASL mechanism [initial-response]`, RFC 4643 section 2.4.
    AuthSasl(Line, Option<Line>),
    /// `STARTTLS`, RFC 4642 section 2.2.
    StartTls,
    /// `COMPRESS DEFLATE`, RFC 8054 section 2.2.
    Compress,
    /// A line of one's own.
    Raw(Line),
}

/// Never a password.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_string();
        let shown = match self {
            Command::AuthUser(_) | Command::AuthPass(_) | Command::AuthSasl(..) | Command::Raw(_) => {
                text.split(' ').next().unwrap_or_default()
            }
            _ => &text,
        };
        f.write_str(shown)
    }
}

/// The command line without its CRLF. It may hold a password.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = |f: &mut fmt::Formatter<'_>, word: &str, which: &Which| match which {
            Which::Current => f.write_str(word),
            which => write!(f, "{word} {which}"),
        };
        let span = |f: &mut fmt::Formatter<'_>, span: &Span| match span {
            Span::Current => Ok(()),
            span => write!(f, " {span}"),
        };
        match self {
            Command::Capabilities => f.write_str("CAPABILITIES"),
            Command::ModeReader => f.write_str("MODE READER"),
            Command::ModeStream => f.write_str("MODE STREAM"),
            Command::Quit => f.write_str("QUIT"),
            Command::Group(group) => write!(f, "GROUP {group}"),
            Command::ListGroup(None) => f.write_str("LISTGROUP"),
            Command::ListGroup(Some((group, None))) => write!(f, "LISTGROUP {group}"),
            Command::ListGroup(Some((group, Some(range)))) => write!(f, "LISTGROUP {group} {range}"),
            Command::Last => f.write_str("LAST"),
            Command::Next => f.write_str("NEXT"),
            Command::Article(one) => which(f, "ARTICLE", one),
            Command::Head(one) => which(f, "HEAD", one),
            Command::Body(one) => which(f, "BODY", one),
            Command::Stat(one) => which(f, "STAT", one),
            Command::Post => f.write_str("POST"),
            Command::Ihave(id) => write!(f, "IHAVE {id}"),
            Command::Check(id) => write!(f, "CHECK {id}"),
            Command::Takethis(id) => write!(f, "TAKETHIS {id}"),
            Command::Date => f.write_str("DATE"),
            Command::Help => f.write_str("HELP"),
            Command::NewGroups(since) => write!(f, "NEWGROUPS {} GMT", two(since)),
            Command::NewNews(groups, since) => write!(f, "NEWNEWS {groups} {} GMT", two(since)),
            Command::List(list) => list.fmt(f),
            Command::Over(of) => f.write_str("OVER").and_then(|()| span(f, of)),
            Command::Xover(of) => f.write_str("XOVER").and_then(|()| span(f, of)),
            Command::Hdr(field, of) => write!(f, "HDR {field}").and_then(|()| span(f, of)),
            Command::Xhdr(field, of) => write!(f, "XHDR {field}").and_then(|()| span(f, of)),
            Command::Xpat(field, of, pattern) => write!(f, "XPAT {field} {of} {pattern}"),
            Command::AuthUser(name) => write!(f, "AUTHINFO USER {name}"),
            Command::AuthPass(password) => write!(f, "AUTHINFO PASS {password}"),
            Command::AuthSasl(mechanism, None) => write!(f, "AUTHINFO SASL {mechanism}"),
            Command::AuthSasl(mechanism, Some(initial)) => write!(f, "AUTHINFO SASL {mechanism} {initial}"),
            Command::StartTls => f.write_str("STARTTLS"),
            Command::Compress => f.write_str("COMPRESS DEFLATE"),
            Command::Raw(line) => line.fmt(f),
        }
    }
}

/// `yyyymmdd hhmmss`
fn two(stamp: &Stamp) -> String {
    let text = stamp.to_string();
    let (date, time) = text.split_at_checked(8).unwrap_or_default();
    format!("{date} {time}")
}

impl Command {
    /// Appends the command line with its CRLF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_string().as_bytes());
        out.extend_from_slice(b"\r\n");
    }

    /// Whether lines up to a lone dot stand behind this reply to the command (RFC 3977 appendix C: 211 has them after LISTGROUP
    /// alone, every other code always or never). An unknown command of one's own is judged by its code.
    pub fn has_lines(&self, answer: Code) -> bool {
        const ALWAYS: [Code; 11] = [
            code::HELP,
            code::CAPABILITIES,
            code::LIST,
            code::ARTICLE,
            code::HEAD,
            code::BODY,
            code::OVERVIEW,
            code::FIELDS,
            code::NEW_ARTICLES,
            code::NEW_GROUPS,
            EXTENSION,
        ];
        if answer == code::GROUP {
            return match self {
                Command::ListGroup(_) => true,
                Command::Raw(line) => {
                    line.as_str().split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case("LISTGROUP"))
                }
                _ => false,
            };
        }
        // XHDR's lines come behind the code of HEAD (RFC 2980 section 2.6): that is one of these, too.
        ALWAYS.contains(&answer)
    }
}

/// XGTITLE's (RFC 2980 section 2.5), which old readers still ask.
const EXTENSION: Code = match Code::new(282) {
    Some(code) => code,
    None => panic!("no code"),
};
