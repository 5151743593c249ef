//! HTTP/1.1: requests go out, answers come back, and the connection stays for the next.
//!
//! | RFC | what | item |
//! |---|---|---|
//! | 9110 9 | methods | [`Method`] |
//! | 9110 15 | status codes | [`Status`] |
//! | 9110 4.2, 4.3.1 | URLs, origins | [`Target`], [`Origin`] |
//! | 9110 8.4.1, 1952, 1950, 7932, 8878, 9659 | content codings | [`Coding`], [`ContentCoding`] |
//! | 9110 10.2.2, 15.4 | redirects | [`Redirects`], [`Hop`] |
//! | 9110 8.8, 13.1 | versions, asking only for changes | [`Validator`], [`Request::if_changed`] |
//! | 9110 14, 13.1.5, 15.5.17 | ranges | [`Request::range`], [`Delivery`] |
//! | 9110 10.2.3 | when to come back | [`retry_after`] |
//! | 6266, 8187 | names of files | [`suggested_name`] |
//! | 9110 11, 7617, 6750 | Basic and Bearer | [`Request::login`] |
//! | 7616 | Digest | [`Request::login_when_asked`] |
//! | 6265, 6265bis | cookies | [`CookieJar`], [`Client::cookies`] |
//! | 6797 | hosts that want TLS | [`Hsts`], [`Client::hsts`] |
//! | 7578 | forms with files | [`Multipart`] |
//! | 9110 15.2 | interim answers | [`Response::interim`] |
//! | 9110 10.1.1 | asking before a large body | [`Request::continue_timeout`] |
//! | 9110 6.5, 9112 7.1.2 | trailers, both ways | [`Request::trailer`], [`Response::trailers`] |
//! | 9111 | a private cache on disk | [`Cache`], [`Client::cache`] |
//! | 9112 2.3, 3, 4 | start lines | [`Version`], [`RequestHead`], [`Head`] |
//! | 9112 3.2.2, 9110 11.7.2 | `http` URLs through a proxy | [`Direct`] |
//! | 9112 6.3 | where a body ends | [`Framing`] |
//! | 9112 7.1 | chunked, with trailers | [`ChunkHead`], [`Incoming`] |
//! | 9112 9.3.2 | pipelining | [`Connection::pipeline`], [`Client::pipeline`] |
//! | 9309 | robots.txt | [`robots`] |
//! | xmlrpc.com/spec | remote procedure calls | [`xmlrpc`] |
//! | WHATWG HTML 9.2 | server-sent events | [`events`] |
//! | 9112 9 | keep-alive, retry, closing | [`Connection`], [`Closing`] |
//!
//! [`Client`] dials, reuses, retries and follows; [`Connection`] holds the dialogue of one stream; the heads and the
//! framing are codecs for both sides, so a server speaks the same grammar.
//!
//! ```text
//! Client --send--> Response (Read) --dropped--> Client
//!    dial or reuse -> Connection --exchange--> head, then Body --read to its end--> idle
//! ```
//!
//! ```
//! use netkit_http::{Connection, Request};
//! use netkit_wire::{Conn, Limits, Memory};
//!
//! // What a server answered; `netkit_http::Client` dials a real one.
//! let peer = Memory::new(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n");
//! let mut connection = Connection::new(Conn::new(Box::new(peer), Limits::default()));
//! let mut answer = connection.exchange(&mut Request::get("example.org/hello")?)?;
//! assert_eq!(answer.status().code(), 200);
//! assert_eq!(answer.read_all(1 << 20)?, b"hello\n");
//! drop(answer);
//! assert_eq!(connection.closing(), None, "it carries another request");
//! # Ok::<(), netkit_http::Error>(())
//! ```
//!
//! # What a broken server gets
//!
//! | it sends | answer |
//! |---|---|
//! | nothing | [`Fault::Closed`](netkit_wire::Fault::Closed), before the answer; on a reused connection, one retry |
//! | a body shorter than Content-Length, a chunk cut short, no last chunk | `Closed`, inside the answer |
//! | a body until close, and TLS without `close_notify` | `Closed`, truncated; behind a complete body it does not matter |
//! | gzip, deflate, br, zstd cut short inside a complete body | [`Undecodable::Cut`] |
//! | bytes behind the coded stream | [`Undecodable::Trailing`] |
//! | a body that decodes to more than [`DECODED`] | [`Limit::Body`](netkit_wire::Limit::Body) |
//! | two different Content-Lengths, `+2`, `0x2`, an empty one, one past 64 bits | malformed; two equal ones are one |
//! | Transfer-Encoding with Content-Length, or in HTTP/1.0, or other than `chunked` | malformed |
//! | a chunk size that is not hexadecimal, is empty or past 64 bits; data without CRLF behind it | malformed |
//! | spaces behind a chunk size, chunk extensions | ignored, up to 4 KiB a line |
//! | a bare LF, a bare CR, a NUL, obs-fold, a space before the colon, a field without colon | malformed |
//! | a header past [`Limits::header`](netkit_wire::Limits), more fields than [`Limits::fields`](netkit_wire::Limits) | [`Fault::TooLong`](netkit_wire::Fault::TooLong) |
//! | HTTP/0.9 (a body without head), `HTTP/2.0`, a greeting of another protocol | malformed, at the first byte that differs |
//! | a status line without reason, also without the space before it | accepted |
//! | an empty line before the status line | malformed |
//! | a status past 599 | accepted, an error as 5xx (RFC 9110 15) |
//! | 100, 102, 103 | collected in [`Response::interim`], at most 32 |
//! | 101 | [`Error::Unexpected`]: nobody asked |
//! | no 100 within a second, to a body over 1 MiB or of unknown length | it gets the body all the same ([`Request::continue_timeout`]) |
//! | a final answer in place of 100 | the answer; no byte of the body was read, so a login or a redirect can still be followed |
//! | 417 | asked once more, without `Expect` |
//! | a body behind 204, 304 or an answer to HEAD | not read; the connection is not used again ([`Closing::ExtraBytes`], [`Closing::NotIdle`]) |
//! | a final answer while the body is being sent | the answer; the connection is not used again ([`Closing::BodyUnsent`]) |
//! | an unknown Content-Encoding | the body as it came; [`Body::has_unknown_coding`] says so |
//! | a redirect to another scheme, or one without end | [`Error::RedirectRefused`], [`Error::TooManyRedirects`] |
//!
//! # Coming from Python
//!
//! | http.client.HTTPConnection | here |
//! |---|---|
//! | `connect` | [`Client::send`] dials when it has to; [`Connection::new`] takes a stream |
//! | `request`, `putrequest`, `putheader`, `endheaders`, `send`, `getresponse` | [`Request`], then [`Client::send`] or [`Connection::exchange`] |
//! | `close` | [`Client::close`], or dropping it |
//! | `response_class` | [`Response`] |
//! | `set_debuglevel` | [`Client::tap`] |
//!
//! | http.client.HTTPResponse | here |
//! |---|---|
//! | `begin` | [`Client::send`] returns when the head is there |
//! | `read`, `read1`, `readinto`, `readinto1` | [`Read`](std::io::Read) of [`Response`]; [`Response::read_all`] |
//! | `peek`, `readline`, `readlines` | [`BufReader`](std::io::BufReader) around it |
//! | `getheader`, `getheaders`, `info` | [`Response::fields`] |
//! | `getcode`, `status` | [`Response::status`] |
//! | `geturl` | [`Response::url`] |
//! | `isclosed`, `close` | [`Response::body`] reads 0; dropping it |
//!
//! | urllib.request.Request | here |
//! |---|---|
//! | `add_header`, `header_items`, `get_header`, `has_header` | [`Request::field`], [`Request::fields`] |
//! | `add_unredirected_header` | [`Request::secret`] |
//! | `get_method`, `get_full_url` | [`Request::method`], [`Request::url`] |
//!
//! | urllib.request | here |
//! |---|---|
//! | `urlopen` | [`Request::get`] and [`Client::send`] |
//! | `urlretrieve` | [`Response::copy_to`] |
//! | `HTTPHandler`, `HTTPSHandler`, `build_opener` | [`Client`] |
//! | `HTTPRedirectHandler` | [`Redirects`] |
//! | `HTTPBasicAuthHandler`, `HTTPDigestAuthHandler` | [`Request::login`], [`Request::login_when_asked`] |
//! | `HTTPCookieProcessor` | [`Client::cookies`] |
//! | `HTTPDefaultErrorHandler` | [`Response::error_for_status`] |
//! | `UnknownHandler` | [`Invalid::Target`] |

mod body;
mod cache;
mod calendar;
mod chunked;
mod client;
mod coding;
mod connection;
mod cookies;
mod dial;
mod disposition;
mod error;
pub mod events;
mod forward;
mod framing;
mod head;
mod hsts;
mod incoming;
pub mod links;
mod login;
mod method;
mod multipart;
mod origin;
mod payload;
mod private_file;
mod range;
mod redirect;
mod remembered;
mod request;
mod response;
mod retry_after;
pub mod robots;
mod target;
mod validator;
pub mod xmlrpc;

pub use body::{Body, DECODED};
pub use cache::Cache;
pub use chunked::{ChunkHead, encode_chunk, encode_last_chunk};
pub use client::Client;
pub use coding::{ACCEPTED, Coding, ContentCoding, MOST};
pub use connection::{Closing, Connection, Pipelined};
pub use cookies::{Cookie, CookieJar, CookieRefused, SameSite};
pub use dial::{Dial, Direct};
pub use disposition::{name_in_url, suggested_name};
pub use error::{Error, Invalid, RedirectFault, Undecodable, Unsupported};
pub use framing::{Bodiless, Framing};
pub use head::{Head, Heads, RequestHead, RequestHeads, Status, Version};
pub use hsts::Hsts;
pub use incoming::Incoming;
pub use login::Schemes;
pub use method::Method;
pub use multipart::Multipart;
pub use origin::{Origin, SCHEMES, Scheme};
pub use payload::Payload;
pub use range::{ByteRange, ContentRange, Delivery};
pub use redirect::{Follow, Hop, Redirects};
pub use request::Request;
pub use response::{Response, Trip};
pub use retry_after::retry_after;
pub use target::Target;
pub use validator::{EntityTag, Validator, answered_at, last_modified};
