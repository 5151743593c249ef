//! Gopher: a selector goes out, an answer comes back, the connection closes.
//!
//! | RFC | what | item |
//! |---|---|---|
//! | 1436 2, 3.6 | the transaction | [`Client`], [`Request`] |
//! | 1436 3.8 | item types | [`ItemType`] |
//! | 1436 3.9 (Menu Entity) | menus | [`Menu`], [`Entry`], [`Item`], borrowed [`EntryRef`], [`ItemRef`] |
//! | 1436 3.9 (TextFile Entity) | text, with its lone dot | [`Document`], [`TextFilter`], [`Ending`] |
//! | 1436 3.7 | searches | [`Query`] |
//! | 4266 2 | URLs | [`Target`] |
//! | Gopher+ 2 | attributes, views, forms | [`plus`], [`Client::attributes`], [`Client::view`] |
//! | `caps.txt` (a custom) | what a server says about itself | [`Caps`] |
//! | 2378 | CSO phone books (type 2) | [`cso`] |
//!
//! A conversation has one phase; each method of [`Client`] uses it up:
//!
//! ```text
//! connect -> Client --menu/search--> Menu (iterator of entries)
//!                   --get/view-----> Document (Read)
//!                   --attributes---> Attributes
//! ```
//!
//! ```
//! use netkit_gopher::{Client, Entry, Selector};
//! use netkit_wire::{Conn, Limits, Memory};
//!
//! // What a server answered; `netkit_gopher::connect` dials a real one.
//! let peer = Memory::new(b"0About\t/about.txt\tgopher.example.org\t70\r\n.\r\n");
//! let client = Client::new(Conn::new(Box::new(peer), Limits::default()));
//! for entry in client.menu(&Selector::root())? {
//!     if let Entry::Item(item) = entry? {
//!         assert_eq!(item.display.to_str_lossy(), "About");
//!         assert_eq!(item.url().as_deref(), Some("gopher://gopher.example.org/0/about.txt"));
//!     }
//! }
//! # Ok::<(), netkit_gopher::Error>(())
//! ```
//!
//! # What a broken server gets
//!
//! | it sends | answer |
//! |---|---|
//! | nothing, where a menu was asked for | [`Fault::Closed`](netkit_wire::Fault::Closed), before the answer |
//! | nothing, where a document was asked for | a document of no bytes: only the connection's end ends one |
//! | a menu without its final dot | the entries, then `Closed` inside the answer; [`Menu::end_is_optional`] allows it |
//! | half an item line, or TLS without `close_notify` | the entries before it, then `Closed` |
//! | a line that is no item | [`Entry::Stray`]; as the first line, [`Error::Unexpected`] |
//! | an error item (type 3), or one line of `Error: ...`, alone | [`Error::Refused`] |
//! | a line past [`Limits::line`](netkit_wire::Limits) | [`Fault::TooLong`](netkit_wire::Fault::TooLong) |
//! | an answer without a length, where Gopher+ was asked for | [`Error::NotPlus`] |
//! | fewer bytes than Gopher+ announced, or no lone dot after `+-1` | `Closed` inside the answer |
//! | attributes in an answer of length -2 | what came, with [`Ending::Close`]: nobody can tell whether it is whole |
//! | a lone dot inside a document | data; it is an end mark only as the very last line of a text |
//!
//! # Coming from Python
//!
//! `gopherlib` left Python with 2.6. Its functions and what does their work here:
//!
//! | gopherlib | here |
//! |---|---|
//! | `send_selector` | [`connect`], then [`Client::menu`] or [`Client::get`] |
//! | `send_query` | [`Client::search`] |
//! | `path_to_selector` | [`Target::selector`] |
//! | `path_to_datatype_name`, `type_to_name` | [`ItemType::name`] |
//! | `get_directory` | [`Client::menu`] |
//! | `get_textfile`, `get_alt_textfile` | [`Client::get`] with a text type |
//! | `get_binary`, `get_alt_binary` | [`Client::get`] with a binary type |
//! | `test` | `netkit gopher menu` |

mod caps;
mod client;
mod command;
pub mod cso;
mod document;
mod error;
mod item;
mod menu;
pub mod plus;
mod target;
mod text;
mod types;

pub use caps::Caps;
pub use client::{Client, connect};
pub use command::Request;
pub use document::Document;
pub use error::{Error, Refusal};
pub use item::{Entry, EntryRef, Item, ItemRef, Mark, Urls};
pub use menu::{Menu, MenuLine};
pub use target::{SCHEMES, Target};
pub use text::TextFilter;
pub use types::{Ending, Invalid, ItemType, Query, Selector};
