//! Where peers come in: who may, how many, and with TLS or not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use netkit_mock::ThrowAway;
use netkit_socket::{
    Address, Carrier, Domain, Endpoint, Listener, NetError, Network, Place, Protocol, Socket, TlsServer,
    TlsServerOptions, TlsVersion, Type,
};
use netkit_wire::{Stream, escape};
use serde_json::json;

use super::{left, receive};
use crate::args::DoorArgs;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// Peers that may wait to be let in.
const BACKLOG: i32 = 64;
/// Peers at once, unless the user says how many.
pub const MOST_PEERS: usize = 64;
/// For the handshake with a peer.
const HANDSHAKE: Duration = Duration::from_secs(10);

pub struct Door {
    entry: Entry,
    rules: Rules,
    tls: Option<TlsServer>,
    idle: Option<Duration>,
    deadline: Option<Instant>,
    most: usize,
    inside: Arc<AtomicUsize>,
    voice: Voice,
}

enum Entry {
    Stream(Listener),
    Packets(Socket, Endpoint),
}

/// Who may come in.
pub struct Rules {
    allow: Vec<Network>,
    deny: Vec<Network>,
}

/// Says on stderr what happens, from any thread.
#[derive(Clone, Copy)]
pub struct Voice {
    pub quiet: bool,
    json: bool,
}

/// A peer that came in; dropped when it leaves.
pub struct Guest {
    pub peer: String,
    stream: Option<Box<dyn Stream>>,
    tls: Option<TlsServer>,
    deadline: Option<Instant>,
    inside: Arc<AtomicUsize>,
}

impl Voice {
    pub fn of(run: &Run<'_>) -> Voice {
        Voice { quiet: run.net.output.quiet, json: run.json() }
    }

    pub fn warn(self, what: &str) {
        if !self.quiet {
            anstream::eprintln!("netkit: warning: {}", escape(what.as_bytes()));
        }
    }

    /// Where peers are awaited; scripts wait for this line.
    pub fn listening(self, at: &str) {
        match (self.quiet, self.json) {
            (true, _) => {}
            (_, true) => anstream::eprintln!("{}", json!({ "listening": at })),
            _ => anstream::eprintln!("listening on {}", escape(at.as_bytes())),
        }
    }
}

impl Rules {
    pub fn new(args: &DoorArgs) -> Result<Rules> {
        let parse = |blocks: &[String]| {
            blocks.iter().map(|block| block.parse()).collect::<std::result::Result<_, NetError>>()
        };
        let usage = |e: NetError| Failure::new(Kind::Usage, e);
        Ok(Rules { allow: parse(&args.allow).map_err(usage)?, deny: parse(&args.deny).map_err(usage)? })
    }

    /// Whether this peer may come in; those of this host's own paths may.
    pub fn admit(&self, peer: &Address) -> bool {
        let Address::Inet(addr) = peer else { return true };
        let listed = |blocks: &[Network]| blocks.iter().any(|block| block.contains(addr.ip()));
        !listed(&self.deny) && (self.allow.is_empty() || listed(&self.allow))
    }
}

impl Door {
    pub fn open(run: &Run<'_>, place: &Place, args: &DoorArgs) -> Result<Door> {
        let voice = Voice::of(run);
        let wants_tls = place.carrier == Carrier::Tls || (place.carrier == Carrier::Unix && run.net.tls.tls);
        let tls = wants_tls.then(|| server(run, args, voice)).transpose()?;
        let rules = Rules::new(args)?;
        let idle = run.net.connection.timeout;
        let entry = match place.carrier {
            Carrier::Seqpacket => {
                let socket = Socket::new(Domain::Unix, Type::Seqpacket, Protocol::DEFAULT)?;
                socket.bind(&place.endpoint)?;
                socket.listen(BACKLOG)?;
                Entry::Packets(socket, place.endpoint.clone())
            }
            _ => Entry::Stream(Listener::bind(&place.endpoint, BACKLOG)?.idle_timeout(idle)),
        };
        let local = match &entry {
            Entry::Stream(listener) => listener.local().to_string(),
            Entry::Packets(_, endpoint) => endpoint.to_string(),
        };
        let scheme = place.carrier.as_str();
        voice.listening(&match local.strip_prefix("unix:") {
            Some(path) => format!("{scheme}:{path}"),
            None => format!("{scheme}://{local}"),
        });
        let most = args.max_peers.map_or(MOST_PEERS, usize::from);
        let (inside, deadline) = (Arc::default(), run.deadline());
        Ok(Door { entry, rules, tls, idle, deadline, most, inside, voice })
    }

    pub fn voice(&self) -> Voice {
        self.voice
    }

    /// Waits for somebody who may come in.
    pub fn next(&mut self) -> Result<Guest> {
        loop {
            let (stream, from) = self.accept()?;
            let peer = from.to_string();
            if !self.rules.admit(&from) {
                self.voice.warn(&format!("{peer} is not let in"));
                continue;
            }
            if self.inside.load(Ordering::SeqCst) >= self.most {
                self.voice.warn(&format!("{peer} is not let in: {} are here (--max-peers)", self.most));
                continue;
            }
            self.inside.fetch_add(1, Ordering::SeqCst);
            let (tls, inside) = (self.tls.clone(), Arc::clone(&self.inside));
            return Ok(Guest { peer, stream: Some(stream), tls, deadline: self.deadline, inside });
        }
    }

    fn accept(&mut self) -> Result<(Box<dyn Stream>, Address)> {
        let late = || Failure::new(Kind::Timeout, "nobody came before the total limit ran out");
        if self.deadline.is_some_and(|at| Instant::now() >= at) {
            return Err(late());
        }
        let taken = match &mut self.entry {
            Entry::Stream(listener) => {
                listener.set_accept_timeout(left(self.deadline));
                listener.accept()
            }
            Entry::Packets(socket, _) => {
                socket.settimeout(left(self.deadline))?;
                socket.accept().and_then(|(peer, from)| Ok((peer.makefile(self.idle)?, from)))
            }
        };
        taken.map_err(|error| match error {
            NetError::Timeout { .. } => late(),
            other => other.into(),
        })
    }

    /// Stops listening and takes the path away.
    pub fn close(self) {
        // That it is gone already is as good.
        match self.entry {
            Entry::Stream(listener) => drop(listener.close()),
            Entry::Packets(_, endpoint) => remove(&endpoint),
        }
    }
}

impl Guest {
    /// The peer's stream, with TLS if that is spoken here.
    pub fn stream(&mut self) -> Result<Box<dyn Stream>> {
        let Some(mut stream) = self.stream.take() else {
            return Err(Failure::new(Kind::Receive, "the peer was served already"));
        };
        if let Some(tls) = &self.tls {
            let soon = Instant::now() + HANDSHAKE;
            let soon = self.deadline.map_or(soon, |at| at.min(soon));
            stream.deadline(Some(soon)).map_err(|e| receive(&e))?;
            stream = tls.accept(stream)?.0;
        }
        stream.deadline(self.deadline).map_err(|e| receive(&e))?;
        Ok(stream)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Takes the path of a socket away that is not in use any more.
pub fn remove(endpoint: &Endpoint) {
    if let Endpoint::Unix(path) = endpoint {
        let _ = std::fs::remove_file(path);
    }
}

/// The certificate of `--cert`, or one made for this run.
fn server(run: &Run<'_>, args: &DoorArgs, voice: Voice) -> Result<TlsServer> {
    let options = &run.net.tls;
    let (Some(cert), Some(key)) = (&options.cert, &options.key) else {
        if args.client_ca.is_some() {
            return Err(Failure::new(Kind::Usage, "--client-ca needs --cert and --key"));
        }
        let made = ThrowAway::new().map_err(|e| Failure::new(Kind::Unsupported, e))?;
        match &args.ca_out {
            Some(path) => {
                std::fs::write(path, &made.ca_pem).map_err(|e| Failure::write(path.display(), &e))?
            }
            None => {
                voice.warn("no --cert: a certificate for localhost was made that nobody trusts (--ca-out)")
            }
        }
        return Ok(made.server);
    };
    let read = |path: &std::path::Path| std::fs::read(path).map_err(|e| Failure::read(path.display(), &e));
    let client_ca = args.client_ca.as_deref().map(read).transpose()?;
    let oldest = match options.tls_min.as_deref() {
        Some("1.3") => TlsVersion::V1_3,
        _ => TlsVersion::V1_2,
    };
    let server = TlsServerOptions {
        client_ca: client_ca.map(|pem| String::from_utf8_lossy(&pem).into_owned()),
        min_version: oldest,
        ..TlsServerOptions::default()
    };
    Ok(TlsServer::from_pem(read(cert)?, read(key)?, server)?)
}
