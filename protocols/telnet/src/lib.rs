//! Telnet: command lines on other machines (RFC 854), with the options that servers and terminals agree on.
//!
//! | RFC | section | item |
//! |---|---|---|
//! | 854 | commands, NVT, Synch | [`Engine::feed`], [`Command`], [`Client::synch`], [`escape`] |
//! | 855 | options, subnegotiations | [`Verb`], [`Opt`], [`Sub`] |
//! | 856, 857, 858, 885 | BINARY, ECHO, SGA, EOR | [`Engine::is_on`] |
//! | 859 | STATUS | [`options::Status`] |
//! | 860 | TM | [`Engine::mark`], [`Event::Mark`] |
//! | 1073 | NAWS | [`options::Window`], [`Client::resize`] |
//! | 1079, 1091, 1096 | TSPEED, TTYPE, XDISPLOC | [`options::Asked`], [`options::Speed`] |
//! | 1143 | 7 the Q method | [`qmethod::step`] |
//! | 1184 | LINEMODE | [`options::Linemode`], [`options::Triplet`] |
//! | 1372 | LFLOW | [`options::Flow`], [`Engine::flow`] |
//! | 1572 | NEW-ENVIRON | [`options::Environ`], [`Settings::environment`] |
//! | 2066 | CHARSET | [`options::Charset`], [`Settings::charsets`] |
//! | 2217 | COM-PORT | [`options::ComPort`] |
//! | none | GMCP, MSDP, MSSP, MCCP2 | [`options::Gmcp`], [`options::Datum`], [`options::Named`], [`Client::compress`] |
//! | draft-altman-telnet-starttls | START_TLS | [`connect()`], [`Client::start_tls`], [`Upgrader`] |
//! | 4248 | telnet URLs | [`Target`] |
//!
//! [`Engine`] is both sides of the protocol without a socket; [`Client`] holds one over a connection.
//!
//! What a server that breaks the rules gets: one answer for a command and none for the 33rd about the same option; an error
//! for a subnegotiation without an end; nothing for a question about an option that is off; and of the environment only what
//! [`Settings::environment`] allows.
//!
//! # Coming from Python
//!
//! | `telnetlib.Telnet` | here |
//! |---|---|
//! | `open` | [`connect()`] |
//! | `close` | dropping the [`Client`] |
//! | `expect` | [`Client::expect`] |
//! | `fill_rawq`, `process_rawq`, `rawq_getchar` | [`Client::pump`], [`Engine::feed`] |
//! | `get_socket`, `fileno` | [`Client::conn`] |
//! | `interact`, `mt_interact`, `listener` | the command `netkit telnet connect` |
//! | `msg`, `set_debuglevel` | a [`netkit_wire::Tap`], in [`Opening::tap`] |
//! | `read_all` | [`Client::read_all`] |
//! | `read_eager`, `read_lazy`, `read_very_eager`, `read_very_lazy` | [`Client::read_eager`], [`Client::take_text`] |
//! | `read_sb_data` | [`Event::Sub`], in [`Client::take_notices`] |
//! | `read_some` | [`Client::read_some`] |
//! | `read_until` | [`Client::read_until`] |
//! | `set_option_negotiation_callback` | [`Settings`], and [`Event::Switched`] in [`Client::take_notices`] |
//! | `sock_avail` | [`netkit_wire::Conn::is_ready`] |
//! | `write` | [`Client::write`] |
//!
//! ```
//! use netkit_telnet::{Client, Engine, Found, Settings};
//! use netkit_wire::{Conn, Limits, Memory};
//!
//! let server = Memory::new(b"\xff\xfd\x18login: ");
//! let sent = server.written();
//! let engine = Engine::new(Settings::terminal("xterm"));
//! let mut client = Client::new(Conn::new(Box::new(server), Limits::default()), engine);
//! let found = client.read_until(b"login: ", None)?;
//! assert!(matches!(found, Found::Pattern { text, .. } if text == b"login: "));
//! client.write(b"me\n")?;
//! assert_eq!(*sent.lock().unwrap(), b"\xff\xfb\x18me\r\n");
//! # Ok::<(), netkit_telnet::Error>(())
//! ```

mod client;
mod codes;
mod connect;
mod engine;
mod error;
pub mod escape;
pub mod options;
pub mod qmethod;
mod settings;
mod target;

pub use client::{Came, Client, Found, Pattern, Upgrader};
pub use codes::{Command, IAC, Opt, Verb};
pub use connect::{Opening, connect};
pub use engine::{Engine, Event, Fed, Side};
pub use error::{Error, Invalid};
pub use options::Sub;
pub use settings::{OptionSet, Settings};
pub use target::{SCHEMES, Security, Target};
