//! Every way to fail: one line on stderr, one exit code. The numbers are curl's.

use std::fmt::Display;
use std::io;

use netkit_auth::source::SourceError;
use netkit_socket::{NetError, ProxyFault, SetupFault, TlsFault};
use netkit_wire::{Ended, Fault, Phase, escape};

/// What kind of failure; each has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Usage,
    Target,
    Unsupported,
    ProxyResolve,
    Resolve,
    Connect,
    Protocol,
    Partial,
    Checksum,
    Refused,
    Write,
    Read,
    Timeout,
    Handshake,
    Redirects,
    Empty,
    Send,
    Receive,
    Certificate,
    Limit,
    TlsRequired,
    Login,
    NotFound,
    OutcomeUnknown,
}

impl Kind {
    pub fn code(self) -> u8 {
        match self {
            Kind::Usage => 2,
            Kind::Target => 3,
            Kind::Unsupported => 4,
            Kind::ProxyResolve => 5,
            Kind::Resolve => 6,
            Kind::Connect => 7,
            Kind::Protocol => 8,
            Kind::Partial | Kind::Checksum => 18,
            Kind::Refused => 22,
            Kind::Write => 23,
            Kind::Read => 26,
            Kind::Timeout => 28,
            Kind::Handshake => 35,
            Kind::Redirects => 47,
            Kind::Empty => 52,
            Kind::Send => 55,
            Kind::Receive | Kind::OutcomeUnknown => 56,
            Kind::Certificate => 60,
            Kind::Limit => 63,
            Kind::TlsRequired => 64,
            Kind::Login => 67,
            Kind::NotFound => 78,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Usage => "usage",
            Kind::Target => "target",
            Kind::Unsupported => "unsupported",
            Kind::ProxyResolve => "proxy_resolve",
            Kind::Resolve => "resolve",
            Kind::Connect => "connect",
            Kind::Protocol => "protocol",
            Kind::Partial => "partial",
            Kind::Checksum => "checksum",
            Kind::Refused => "refused",
            Kind::Write => "write",
            Kind::Read => "read",
            Kind::Timeout => "timeout",
            Kind::Handshake => "tls_handshake",
            Kind::Redirects => "too_many_redirects",
            Kind::Empty => "empty_answer",
            Kind::Send => "send",
            Kind::Receive => "receive",
            Kind::Certificate => "certificate",
            Kind::Limit => "size_limit",
            Kind::TlsRequired => "tls_required",
            Kind::Login => "login",
            Kind::NotFound => "not_found",
            Kind::OutcomeUnknown => "outcome_unknown",
        }
    }
}

/// A failure with its words.
#[derive(Clone, Debug)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
    pub hint: Option<String>,
    /// Nobody is left to read what would be said: stdout was closed.
    pub quiet: bool,
    /// The conversation broke: which one, the message does not say.
    placeless: bool,
}

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub fn new(kind: Kind, message: impl Display) -> Failure {
        Failure { kind, message: message.to_string(), hint: None, quiet: false, placeless: false }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure in other words, made of its own.
    pub fn reworded(mut self, words: impl FnOnce(&str) -> String) -> Failure {
        self.message = words(&self.message);
        self
    }

    /// Says with whom the conversation was, where the message does not.
    pub fn with(mut self, whom: impl Display) -> Failure {
        if std::mem::take(&mut self.placeless) {
            self.message = format!("{whom}: {}", self.message);
        }
        self
    }

    /// A local sink that could not be written. A closed stdout is not worth a word.
    pub fn write(what: impl Display, why: &io::Error) -> Failure {
        let quiet = why.kind() == io::ErrorKind::BrokenPipe;
        Failure { quiet, ..Failure::new(Kind::Write, format!("{what}: {why}")) }
    }

    /// A local file that could not be read.
    pub fn read(what: impl Display, why: &io::Error) -> Failure {
        Failure::new(Kind::Read, format!("{what}: {why}"))
    }

    /// What a copy from a peer to a local sink failed with: a fault inside is the peer's, all else the sink's.
    pub fn copy(sink: impl Display, why: io::Error) -> Failure {
        match why.downcast::<Fault>() {
            Ok(fault) => fault.into(),
            Err(why) => Failure::write(sink, &why),
        }
    }

    /// Prints the failure and returns its exit code.
    pub fn report(&self, json: bool) -> u8 {
        if self.quiet {
            return 0;
        }
        let code = self.kind.code();
        if json {
            let error = serde_json::json!({
                "kind": self.kind.name(), "code": code, "message": self.message, "hint": self.hint,
            });
            eprintln!("{}", serde_json::json!({ "error": error }));
        } else {
            anstream::eprintln!("netkit: {}", escape(self.message.as_bytes()));
            if let Some(hint) = &self.hint {
                anstream::eprintln!("hint: {hint}");
            }
        }
        code
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        let fault = match fault {
            Fault::Io { phase: Phase::Upgrading, source } => match source.downcast::<NetError>() {
                Ok(net) => return net.into(),
                Err(source) => Fault::Io { phase: Phase::Upgrading, source },
            },
            fault => fault,
        };
        let kind = match &fault {
            Fault::Io { phase: Phase::Sending, .. } => Kind::Send,
            Fault::Io { phase: Phase::Receiving, .. } => Kind::Receive,
            Fault::Io { phase: Phase::Upgrading, .. } => Kind::Handshake,
            Fault::Timeout { .. } => Kind::Timeout,
            Fault::Closed(Ended::Before) => Kind::Empty,
            Fault::Closed(_) => Kind::Partial,
            Fault::TooLong(_) => Kind::Limit,
            Fault::Malformed { .. } | Fault::Leftover(_) => Kind::Protocol,
        };
        Failure { placeless: true, ..Failure::new(kind, fault) }
    }
}

impl From<NetError> for Failure {
    fn from(net: NetError) -> Failure {
        let kind = match &net {
            NetError::Resolve { .. } => Kind::Resolve,
            NetError::Timeout { .. } => Kind::Timeout,
            NetError::Unsupported { .. } => Kind::Unsupported,
            NetError::Invalid { .. } => Kind::Target,
            NetError::Tls { why, .. } => match why {
                TlsFault::Setup(SetupFault::Unreadable { .. }) => Kind::Read,
                TlsFault::Setup(_) => Kind::Usage,
                TlsFault::BackendMissing => Kind::Unsupported,
                why => handshake(why),
            },
            NetError::Proxy { why, .. } => match &**why {
                ProxyFault::Unresolved(_) => Kind::ProxyResolve,
                ProxyFault::LoginNeeded | ProxyFault::LoginRefused => Kind::Login,
                ProxyFault::Malformed(_) => Kind::Protocol,
                ProxyFault::Tls(why) => handshake(why),
                ProxyFault::Unsupported(_) => Kind::Unsupported,
                _ => Kind::Connect,
            },
            _ => Kind::Connect,
        };
        let hint = net.hint().map(str::to_owned);
        Failure { hint, ..Failure::new(kind, net) }
    }
}

fn handshake(why: &TlsFault) -> Kind {
    if matches!(why, TlsFault::Certificate { .. }) { Kind::Certificate } else { Kind::Handshake }
}

impl From<SourceError> for Failure {
    fn from(why: SourceError) -> Failure {
        Failure::new(Kind::Login, why)
    }
}
