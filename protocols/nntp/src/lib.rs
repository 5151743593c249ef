//! NNTP: news is read, posted and passed on.
//!
//! | RFC | what | item |
//! |---|---|---|
//! | 3977 5 | greeting, CAPABILITIES, MODE READER, QUIT | [`Client`] |
//! | 3977 6.1 | GROUP LISTGROUP LAST NEXT | [`Client::group`], [`Client::list_group`] |
//! | 3977 6.2 | ARTICLE HEAD BODY STAT | [`Client::article`], [`Client::stat`], [`Client::retrieve`] for many |
//! | 3977 6.3 | POST IHAVE | [`Client::post`], [`Client::ihave`] |
//! | 3977 7 | DATE HELP NEWGROUPS NEWNEWS LIST | [`Client::date`], [`Client::new_news`], [`Client::list`], [`List`] |
//! | 3977 8 | OVER HDR | [`Client::over`], [`Row`], [`Client::hdr`] |
//! | 3977 4 | wildmats | [`wildmat`] |
//! | 2980 | XOVER XHDR XPAT, where a server is older | [`Client::over`], [`Client::hdr`], [`Client::xpat`] |
//! | 4642, 8143 | STARTTLS, implicit TLS | [`Client::starttls`], [`connect()`] |
//! | 4643 | AUTHINFO USER, PASS, SASL | [`Client::login`], [`Client::auth`] |
//! | 4644 | MODE STREAM, CHECK, TAKETHIS | [`Client::stream`], [`Client::check`], [`Client::takethis`] |
//! | 6048 | LIST COUNTS, MOTD, MODERATORS, SUBSCRIPTIONS, DISTRIBUTIONS | [`Client::counts`], [`List`] |
//! | 8054 | COMPRESS DEFLATE | [`Client::compress`] |
//! | 5538 | URLs | [`Target`] |
//! | 5256 | conversations | [`thread`] |
//! | - | yEnc | [`yenc`] |
//!
//! ```text
//! connect -> Client --starttls, login, compress--> Client --article--> Article (Read)
//!                                                    |---retrieve--> Retrieval --next--> Article
//!                                                    |---over------> Lines --Row::parse
//!                                                    +---post------> Post (Write) --finish
//! ```
//!
//! ```
//! use std::io::Read;
//! use netkit_nntp::{Client, Row, Span, Which};
//! use netkit_wire::{Conn, Limits, Memory};
//!
//! // What a server said; `netkit_nntp::connect` dials a real one.
//! let server = Memory::new(
//!     b"200 ready\r\n211 2 1 2 misc.test\r\n224 rows\r\n1\tHello\tme\tnow\t<1@x>\t\t10\t1\r\n.\r\n220 1 <1@x> article\r\n..\r\n.\r\n",
//! );
//! let mut client = Client::new(Conn::new(Box::new(server), Limits::default()));
//! let group = client.group(&"misc.test".parse()?)?;
//! assert_eq!((group.low, group.high), (1, 2));
//! let mut rows = client.over(&Span::Range("1-".parse()?))?;
//! let row = Row::parse(rows.next().expect("a row")?).expect("as it should be");
//! assert_eq!((row.number, row.subject), (1, &b"Hello"[..]));
//! let mut text = String::new();
//! client.article(&Which::Number(1))?.read_to_string(&mut text).expect("it is whole");
//! assert_eq!(text, ".\r\n");
//! # Ok::<(), netkit_nntp::Error>(())
//! ```
//!
//! # What a broken server gets
//!
//! | it does | answer |
//! |---|---|
//! | answers with a code of another command | [`Error::Unexpected`]; the session is over |
//! | answers an article asked for ahead with another one | [`Error::Unexpected`]; nothing is filed under a wrong name |
//! | has one of many articles no longer | [`Error::Refused`] for that one; the others go on |
//! | closes before the lone dot | [`Fault::Closed`](netkit_wire::Fault::Closed): what came is not whole |
//! | sends a row that is none | the rule it breaks, from [`Row::parse`]; the other rows are as good as before |
//! | sends a line without an end | [`Fault::TooLong`](netkit_wire::Fault::TooLong) at 1 MiB |
//! | sends bytes behind its yes to STARTTLS | [`Error::Wire`] with [`Fault::Leftover`](netkit_wire::Fault::Leftover); not one byte more is sent |
//! | says 400 | the session is over (RFC 3977 section 3.2.1) |
//!
//! # Coming from Python
//!
//! | nntplib | here |
//! |---|---|
//! | `NNTP(host)`, `NNTP_SSL(host)` | [`connect()`] |
//! | `getwelcome` | [`Client::greeting`] |
//! | `getcapabilities` | [`Client::capabilities`], [`Client::offers`] |
//! | `starttls` | [`Client::starttls`] |
//! | `login` | [`Client::login`] |
//! | `newgroups`, `newnews` | [`Client::new_groups`], [`Client::new_news`] |
//! | `list` | [`Client::active`], [`Client::list`] |
//! | `description`, `descriptions` | [`Client::descriptions`] |
//! | `group` | [`Client::group`], [`Client::list_group`] |
//! | `help` | [`Client::help`] |
//! | `stat`, `next`, `last` | [`Client::stat`], [`Client::next`], [`Client::last`] |
//! | `head`, `body`, `article` | [`Client::head`], [`Client::body`], [`Client::article`], [`Client::retrieve`] |
//! | `slave` | nothing: it told old servers that a server reads, and is gone since RFC 3977 |
//! | `xhdr` | [`Client::hdr`] |
//! | `over`, `xover` | [`Client::over`] |
//! | `date` | [`Client::date`] |
//! | `post`, `ihave` | [`Client::post`], [`Client::ihave`] |
//! | `quit` | [`Client::quit`] |
//! | `debug`, `set_debuglevel` | a [`netkit_wire::Tap`] |

mod capabilities;
mod client;
pub mod command;
mod connect;
mod dialogue;
mod error;
mod lines;
pub mod listing;
pub mod overview;
mod rehearse;
pub mod reply;
mod retrieval;
mod target;
pub mod thread;
mod types;
pub mod wildmat;
pub mod yenc;

pub use capabilities::{Capabilities, Capability};
pub use client::{Client, Method, Post, Subset, Wanted};
pub use command::{BadCommand, Command, List};
pub use connect::{Opening, Report, connect};
pub use error::{Argument, Error, Invalid, Unsupported};
pub use lines::{Entry, Lines, Listing};
pub use netkit_auth::sasl::Login;
pub use overview::{Format, Row};
pub use rehearse::rehearse;
pub use reply::{Found, GroupInfo};
pub use retrieval::{Article, Part, Retrieval};
pub use target::{Place, SCHEMES, Security, Target};
pub use types::{Group, Header, Line, MessageId, Range, Span, Stamp, Which, Wildmat};
