//! What a protocol brings to the conformance tests.

use std::io;

use netkit_mock::ThrowAway;
use netkit_mock::script::{Cut, Leg, Network, Player, Security};
use netkit_socket::{Dialer, Endpoint, Host, NetError, Tls};
use netkit_wire::{Conn, Limits, Stream};

/// A protocol's clients, as the fixtures call them.
pub trait Protocol: Sync {
    /// Makes the client call in `words` and says what it returned: `Ok ...` or `Err <Name>: ...`, on one line. What starts
    /// with `Ok until close` has no other end than the connection's, so a cut answer looks whole.
    fn call(&self, words: &[String], session: &mut Session) -> String;

    /// Decodes everything that the server says, whatever the client did, and names each item on a line of its own.
    fn grammar(&self, conn: &mut Conn) -> String;
}

/// Where a call gets its connections from: a script in memory or behind a real socket.
pub struct Session {
    legs: Source,
    /// Set by the harness for calls that take a name for the server.
    limits: Limits,
}

enum Source {
    Memory { legs: std::vec::IntoIter<Leg>, cut: Cut, players: Vec<Player> },
    Network { dialer: Box<Dialer>, endpoint: Endpoint, security: Security },
}

impl Session {
    /// Over memory.
    pub(crate) fn memory(legs: Vec<Leg>, cut: Cut) -> Session {
        let legs = Source::Memory { legs: legs.into_iter(), cut, players: Vec::new() };
        Session { legs, limits: Limits::default() }
    }

    /// Over real sockets to `network`, trusting the authority of `throw_away`, whose PEM is in `ca_file`.
    pub(crate) fn network(
        network: &Network,
        security: Security,
        ca_file: &std::path::Path,
        hangs: bool,
    ) -> Session {
        let idle = std::time::Duration::from_millis(if hangs { 300 } else { 20_000 });
        let tls = Tls::default().ca_file(ca_file);
        let dialer = Dialer::default().idle_timeout(Some(idle)).tls(tls);
        let legs =
            Source::Network { dialer: Box::new(dialer), endpoint: network.endpoint().clone(), security };
        Session { legs, limits: Limits::default() }
    }

    /// The next connection of the transcript.
    ///
    /// # Errors
    /// [`NetError::Closed`] when the transcript has no further one, or why the socket failed.
    pub fn stream(&mut self) -> Result<Box<dyn Stream>, NetError> {
        match &mut self.legs {
            Source::Memory { legs, cut, players } => {
                let player = Player::new(legs.next().ok_or(NetError::Closed)?, *cut);
                players.push(player.clone());
                Ok(Box::new(player))
            }
            Source::Network { dialer, endpoint, security: Security::Plain } => {
                Ok(dialer.dial(endpoint)?.stream)
            }
            Source::Network { dialer, endpoint, security: Security::Tls } => {
                Ok(dialer.dial_tls(endpoint, &[])?.stream)
            }
        }
    }

    /// As [`Session::stream`], with the default limits.
    ///
    /// # Errors
    /// As [`Session::stream`].
    pub fn connect(&mut self) -> Result<Conn, NetError> {
        let limits = self.limits;
        Ok(Conn::new(self.stream()?, limits))
    }

    /// Lets the next connections have other limits.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What STARTTLS changes a stream with: a real handshake over sockets. In memory it succeeds where the transcript
    /// has `! starttls`, and fails on anything else that the server says there.
    pub fn upgrade(&self) -> impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>> + use<> {
        let (player, dialer) = match &self.legs {
            Source::Memory { players, .. } => (players.last().cloned(), None),
            Source::Network { dialer, .. } => (None, Some(Dialer::clone(dialer))),
        };
        move |plain| match dialer {
            None if player.is_some_and(|player| player.is_at_tls()) => Ok(plain),
            None => Err(io::Error::other("the peer speaks no TLS")),
            Some(dialer) => {
                let name = Host::Ipv4([127, 0, 0, 1].into());
                dialer.secure(plain, &name, &[]).map(|(stream, _)| stream).map_err(io::Error::other)
            }
        }
    }

    /// What the client did that the transcript does not have, in memory.
    pub(crate) fn failure(&self) -> Option<String> {
        let Source::Memory { legs, players, .. } = &self.legs else { return None };
        let left = (legs.len() > 0).then(|| format!("the script expects {} more connections", legs.len()));
        players.iter().find_map(Player::failure).or(left)
    }
}

/// The throw-away authority of a test run, with its certificate in a file.
pub(crate) struct Authority {
    pub(crate) throw_away: ThrowAway,
    pub(crate) ca_file: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Authority {
    pub(crate) fn new() -> Result<Authority, Box<dyn std::error::Error>> {
        let throw_away = ThrowAway::new()?;
        let folder = tempfile::tempdir()?;
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, &throw_away.ca_pem)?;
        Ok(Authority { throw_away, ca_file, _folder: folder })
    }
}
