//! What this side would agree to, and what it says of itself when it is asked.

use crate::codes::Opt;
use crate::options::{Flow, Speed, Variable, Window};

/// A set of options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OptionSet([u64; 4]);

impl OptionSet {
    /// The set of these.
    #[must_use]
    pub fn of(options: &[Opt]) -> OptionSet {
        options.iter().fold(OptionSet::default(), |set, option| set.with(*option))
    }

    /// The set with this one in it.
    #[must_use]
    pub fn with(mut self, option: Opt) -> OptionSet {
        if let Some(word) = self.0.get_mut(usize::from(option.0 / 64)) {
            *word |= 1 << (option.0 % 64);
        }
        self
    }

    /// The set without it.
    #[must_use]
    pub fn without(mut self, option: Opt) -> OptionSet {
        if let Some(word) = self.0.get_mut(usize::from(option.0 / 64)) {
            *word &= !(1 << (option.0 % 64));
        }
        self
    }

    /// Whether it is in.
    #[must_use]
    pub fn has(&self, option: Opt) -> bool {
        self.0.get(usize::from(option.0 / 64)).is_some_and(|word| word >> (option.0 % 64) & 1 == 1)
    }
}

/// One side's mind. Nothing of it is sent before the other side asks, and of the environment only what stands here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What this side would do (the answer to DO).
    pub us: OptionSet,
    /// What this side would have the other do (the answer to WILL).
    pub him: OptionSet,
    /// The terminal's names, the best first (RFC 1091). The last is said twice, then the list begins again.
    pub terminal_types: Vec<String>,
    /// The window (RFC 1073).
    pub window: Option<Window>,
    /// The speed (RFC 1079).
    pub speed: Speed,
    /// The X display (RFC 1096).
    pub x_display: Option<String>,
    /// The variables that may be told (RFC 1572). None by default: the environment has secrets.
    pub environment: Vec<Variable>,
    /// The character sets that are understood (RFC 2066), the best first.
    pub charsets: Vec<String>,
    /// The most that one subnegotiation may hold, in bytes.
    pub sub_limit: usize,
}

impl Settings {
    /// What a terminal agrees to: everything but LINEMODE, for keys go as they are typed.
    #[must_use]
    pub fn terminal(name: &str) -> Settings {
        let us = [
            Opt::BINARY,
            Opt::SGA,
            Opt::STATUS,
            Opt::TTYPE,
            Opt::EOR,
            Opt::NAWS,
            Opt::TSPEED,
            Opt::LFLOW,
            Opt::NEW_ENVIRON,
            Opt::CHARSET,
        ];
        let him = [Opt::BINARY, Opt::ECHO, Opt::SGA, Opt::STATUS, Opt::EOR, Opt::CHARSET];
        Settings { terminal_types: vec![name.to_owned()], ..Settings::none().agreeing(&us, &him) }
    }

    /// What a server agrees to.
    #[must_use]
    pub fn server() -> Settings {
        let us = [
            Opt::BINARY,
            Opt::ECHO,
            Opt::SGA,
            Opt::STATUS,
            Opt::EOR,
            Opt::CHARSET,
            Opt::GMCP,
            Opt::MSDP,
            Opt::MSSP,
            Opt::MCCP2,
        ];
        let him = [
            Opt::BINARY,
            Opt::SGA,
            Opt::STATUS,
            Opt::TTYPE,
            Opt::EOR,
            Opt::NAWS,
            Opt::TSPEED,
            Opt::LFLOW,
            Opt::LINEMODE,
            Opt::XDISPLOC,
            Opt::NEW_ENVIRON,
            Opt::CHARSET,
            Opt::COM_PORT,
            Opt::START_TLS,
        ];
        Settings::none().agreeing(&us, &him)
    }

    /// Refuses everything: the network virtual terminal of RFC 854.
    #[must_use]
    pub fn none() -> Settings {
        Settings {
            us: OptionSet::default(),
            him: OptionSet::default(),
            terminal_types: Vec::new(),
            window: None,
            speed: Speed { transmit: 38_400, receive: 38_400 },
            x_display: None,
            environment: Vec::new(),
            charsets: vec!["UTF-8".to_owned()],
            sub_limit: 16 << 10,
        }
    }

    fn agreeing(mut self, us: &[Opt], him: &[Opt]) -> Settings {
        (self.us, self.him) = (OptionSet::of(us), OptionSet::of(him));
        self
    }

    /// The flow control that a client begins with (RFC 1372 section 2).
    pub(crate) const FLOW: Flow = Flow::On;
}
