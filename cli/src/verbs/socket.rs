//! `netkit socket`: bytes to and from a peer, and what stands around that.

mod connect;
mod datagrams;
mod door;
mod hub;
mod listen;
mod log;
mod look;
mod mock;
mod relay;
mod scan;
mod services;
mod talk;

use std::io;
use std::time::{Duration, Instant};

use netkit_socket::{
    Carrier, Dialed, Dialer, Domain, Endpoint, Host, Place, Protocol, Settings, Socket, Type,
};
use netkit_wire::{Elapsed, Stream};

use crate::args::{Global, SocketVerb, Tune};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn run(verb: &SocketVerb, global: &Global) -> Result<()> {
    let mut run = Run::new(verb.net(), global)?;
    if run.net.output.offline {
        match verb {
            // Names of this host, and stdin as the peer would have it.
            SocketVerb::Connect(_) | SocketVerb::Hostname(_) => {}
            SocketVerb::Scan(_) | SocketVerb::Wait(_) => return Ok(()),
            SocketVerb::Listen(_) | SocketVerb::Relay(_) => {
                return Err(Failure::new(Kind::Unsupported, "what is sent depends on the peers"));
            }
            SocketVerb::Resolve(_) => {
                return Err(Failure::new(Kind::Unsupported, "the system asks for names, in its own way"));
            }
        }
    }
    match verb {
        SocketVerb::Connect(args) => connect::run(&mut run, args),
        SocketVerb::Listen(args) => listen::run(&run, args),
        SocketVerb::Relay(args) => relay::run(&run, args),
        SocketVerb::Scan(args) => scan::run(&run, args),
        SocketVerb::Resolve(args) => look::resolve(&run, args),
        SocketVerb::Wait(args) => look::wait(&run, args),
        SocketVerb::Hostname(_) => look::hostname(&run),
    }
}

/// The place that a text means, with `--port`, `--tls` and, where it stands in the way, `--plain`.
fn place(run: &Run<'_>, text: &str) -> Result<Place> {
    let tls = &run.net.tls;
    // `--port` makes a host alone a place.
    let with_port = match &run.net.connection.port {
        Some(port) if text.parse::<Place>().is_err() => format!("{text}:{port}"),
        _ => text.to_owned(),
    };
    let mut place: Place = with_port.parse()?;
    place.endpoint = run.with_port(place.endpoint)?;
    if tls.starttls {
        return Err(Failure::new(Kind::Unsupported, "a raw socket has no STARTTLS").hint("--tls"));
    }
    match (tls.tls, tls.plain, place.carrier) {
        (true, _, Carrier::Tcp) => place.carrier = Carrier::Tls,
        (true, _, Carrier::Tls | Carrier::Unix) => {}
        (true, ..) => return Err(Failure::new(Kind::Usage, "TLS needs a stream")),
        (_, true, Carrier::Tls) => {
            return Err(Failure::new(Kind::Usage, "--plain with a URL that asks for TLS"));
        }
        _ => {}
    }
    Ok(place)
}

/// No peer is hurried unless the user says so.
fn dialer(run: &Run<'_>, tune: &Tune, scheme: &str) -> Result<Dialer> {
    let dialer = run.dialer_for(scheme)?.idle_timeout(run.net.connection.timeout);
    Ok(dialer.settings(settings(tune)))
}

fn settings(tune: &Tune) -> Settings {
    let bytes = |bytes: Option<u64>| bytes.and_then(|n| usize::try_from(n).ok());
    Settings {
        source_port: tune.source_port,
        tos: tune.tos,
        ttl: tune.ttl,
        send_buffer: bytes(tune.send_buffer),
        receive_buffer: bytes(tune.receive_buffer),
        keepalive: tune.keepalive,
        delay: tune.delay,
    }
}

/// A way out, for as many threads as need one.
#[derive(Clone)]
struct Out {
    dialer: Dialer,
    place: Place,
    secure: bool,
    settings: Settings,
    idle: Option<Duration>,
    deadline: Option<Instant>,
}

impl Out {
    fn new(run: &Run<'_>, dialer: Dialer, place: Place, tune: &Tune) -> Out {
        let secure = place.carrier == Carrier::Tls || (place.carrier == Carrier::Unix && run.net.tls.tls);
        let idle = run.net.connection.timeout;
        Out { dialer, place, secure, settings: settings(tune), idle, deadline: run.deadline() }
    }

    /// Connects a stream, or what keeps messages apart like one; what is to be noted about it.
    fn dial(&self) -> Result<(Box<dyn Stream>, Vec<String>)> {
        if self.place.carrier == Carrier::Seqpacket {
            let socket = Socket::new(Domain::Unix, Type::Seqpacket, Protocol::DEFAULT)?;
            socket.set(&self.settings)?;
            socket.connect(&self.place.endpoint)?;
            let mut stream = socket.makefile(self.idle)?;
            stream.deadline(self.deadline).map_err(|e| receive(&e))?;
            return Ok((stream, Vec::new()));
        }
        let Dialed { stream, report } = match self.secure {
            true => self.dialer.dial_tls(&self.place.endpoint, &[])?,
            false => self.dialer.dial(&self.place.endpoint)?,
        };
        Ok((stream, report.notes()))
    }
}

/// A socket for datagrams of the first family that can be had, told all that it is to be told.
fn datagram(run: &Run<'_>, place: &Place, tune: &Tune) -> Result<Vec<(Domain, Socket)>> {
    let options = &run.net.connection;
    let mut made = Vec::new();
    for domain in place.domains().iter().copied() {
        if (options.v4 && domain == Domain::Inet6) || (options.v6 && domain == Domain::Inet) {
            continue;
        }
        let socket = Socket::new(domain, Type::Dgram, Protocol::DEFAULT)?;
        socket.set(&settings(tune))?;
        if domain != Domain::Unix {
            let broadcast = place.endpoint.host() == Some(&Host::Broadcast);
            if domain == Domain::Inet {
                socket.set_broadcast(broadcast || tune.broadcast)?;
            }
            if tune.multicast_ttl.is_some() || tune.interface.is_some() || tune.no_loop {
                socket.set_multicast(tune.multicast_ttl, tune.interface.as_deref(), !tune.no_loop)?;
            }
        }
        made.push((domain, socket));
    }
    match made.is_empty() {
        true => Err(Failure::new(Kind::Resolve, format!("{place} has no address of that family"))),
        false => Ok(made),
    }
}

/// What is left until a moment.
fn left(until: Option<Instant>) -> Option<Duration> {
    until.map(|at| at.saturating_duration_since(Instant::now()).max(Duration::from_millis(1)))
}

/// Why receiving ended early.
fn receive(error: &io::Error) -> Failure {
    broken(Kind::Receive, "receiving failed", error)
}

/// Why sending ended early.
fn send(error: &io::Error) -> Failure {
    broken(Kind::Send, "sending failed", error)
}

fn broken(kind: Kind, what: &str, error: &io::Error) -> Failure {
    let over = error.get_ref().and_then(|inner| inner.downcast_ref::<Elapsed>());
    match (over, error.kind()) {
        (Some(Elapsed(clock)), _) => Failure::new(Kind::Timeout, format!("{what}: the {clock} ran out")),
        (None, io::ErrorKind::UnexpectedEof) => {
            Failure::new(Kind::Partial, format!("{what}: the peer left without saying that it was done"))
        }
        (None, io::ErrorKind::Unsupported) => {
            Failure::new(Kind::Unsupported, "this TLS library does one direction at a time")
                .hint("--tls-backend rustls")
        }
        _ => {
            let text = error.to_string();
            let plain = text.split_once(" (os error ").map_or(text.as_str(), |(plain, _)| plain);
            Failure::new(kind, format!("{what}: {plain}"))
        }
    }
}

/// Whether only the idle clock ran out.
fn is_idle(error: &io::Error) -> bool {
    let over = error.get_ref().and_then(|inner| inner.downcast_ref::<Elapsed>());
    over.is_some_and(|Elapsed(clock)| *clock == netkit_wire::Clock::Idle)
}

/// What stands for the place in messages.
fn named(endpoint: &Endpoint) -> impl Fn(Failure) -> Failure + '_ {
    move |failure| match failure.kind {
        Kind::Send | Kind::Receive | Kind::Partial => {
            failure.reworded(|words| format!("{endpoint}: {words}"))
        }
        _ => failure,
    }
}
