//! `netkit socket relay`

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use netkit_socket::{Address, Carrier, Domain, Host, NetError, Place, Protocol, Socket, Type, relay};
use netkit_wire::Stream;

use super::datagrams::ROOM;
use super::door::{Door, MOST_PEERS, Rules, Voice, remove};
use super::log::{Log, Way};
use super::{Out, datagram, dialer, left, mock, place, receive, send};
use crate::args::SocketRelay;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// A peer that sends no datagram for so long is forgotten.
const FORGET: Duration = Duration::from_secs(60);

pub fn run(run: &Run<'_>, args: &SocketRelay) -> Result<()> {
    let from = place(run, &args.from)?;
    let mut to = match (&args.to, run.is_mock()) {
        (Some(text), _) => place(run, text)?,
        (None, true) => Place { carrier: from.carrier, endpoint: "localhost:7".parse()? },
        (None, false) => return Err(Failure::new(Kind::Usage, "no TO: where do peers go?")),
    };
    let out = dialer(run, &args.tune, to.carrier.as_str())?;
    let out = mock::instead(run, &mut to, out)?;
    let is_datagram = |place: &Place| matches!(place.carrier, Carrier::Udp | Carrier::Unixgram);
    if is_datagram(&from) != is_datagram(&to) {
        let why = "a relay joins streams, or datagrams, not one with the other";
        return Err(Failure::new(Kind::Unsupported, why));
    }
    let log = Log::open(run.dialogue.clone(), args.log.as_deref(), args.hex)?;
    if is_datagram(&from) {
        return datagrams(run, args, &from, &to, &log);
    }
    let out = Out::new(run, out, to, &args.tune);
    if args.dial {
        let near = Out::new(run, dialer(run, &args.tune, from.carrier.as_str())?, from, &args.tune);
        let (first, _) = near.dial()?;
        let (second, _) = out.dial()?;
        return join(first, second, &near.place.to_string(), &out.place.to_string(), &log);
    }
    streams(args, Door::open(run, &from, &args.door)?, &out, &log)
}

fn streams(args: &SocketRelay, mut door: Door, out: &Out, log: &Log) -> Result<()> {
    let voice = door.voice();
    let mut threads: Vec<JoinHandle<Result<()>>> = Vec::new();
    let mut number = 0;
    while args.door.peers.is_none_or(|most| number < most) {
        let mut guest = match door.next() {
            Ok(guest) => guest,
            Err(failure) if number == 0 => return Err(failure),
            Err(_) => break,
        };
        number += 1;
        let (out, log) = (out.clone(), log.clone());
        threads.push(thread::spawn(move || {
            let peer = guest.peer.clone();
            let joined = guest.stream().and_then(|stream| {
                let (far, _) = out.dial()?;
                join(stream, far, &peer, &out.place.to_string(), &log)
            });
            joined.map_err(|failure| {
                let failure = failure.reworded(|words| format!("{peer}: {words}"));
                voice.warn(&failure.message);
                failure
            })
        }));
        threads.retain(|thread| args.door.peers.is_some() || !thread.is_finished());
    }
    door.close();
    let mut first = Ok(());
    for thread in threads {
        first = first.and(thread.join().unwrap_or(Ok(())));
    }
    first
}

/// Joins two streams, and logs what passes if that is asked for.
fn join(first: Box<dyn Stream>, second: Box<dyn Stream>, near: &str, far: &str, log: &Log) -> Result<()> {
    log.event("open", near);
    let (forward, back) = if log.is_on() {
        let (mut first_in, mut first_out) = first.halves().map_err(|e| receive(&e))?;
        let (mut second_in, mut second_out) = second.halves().map_err(|e| receive(&e))?;
        let (own, name) = (log.clone(), far.to_owned());
        let forward = thread::spawn(move || copy(&mut *first_in, &mut *second_out, &own, Way::Sent, &name));
        let back = copy(&mut *second_in, &mut *first_out, log, Way::Received, far);
        (forward.join().unwrap_or(Ok(())), back)
    } else {
        let relayed = relay(first, second).map_err(|e| receive(&e))?;
        (relayed.forward.map(drop).map_err(|e| send(&e)), relayed.back.map(drop).map_err(|e| receive(&e)))
    };
    log.event("close", near);
    forward.and(back)
}

fn copy(from: &mut dyn Stream, to: &mut dyn Stream, log: &Log, way: Way, far: &str) -> Result<()> {
    let mut buf = vec![0; 64 << 10];
    loop {
        let n = match from.read(&mut buf) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other.map_err(|e| receive(&e))?,
        };
        let Some(some) = buf.get(..n).filter(|some| !some.is_empty()) else { break };
        to.write_all(some).map_err(|e| send(&e))?;
        log.bytes(way, far, some);
    }
    to.shutdown_write().map_err(|e| send(&e))
}

/// The ways to the far side, one for each peer, so that its answers find back.
type Sessions = Arc<Mutex<HashMap<String, (Arc<Socket>, Instant)>>>;

fn datagrams(run: &Run<'_>, args: &SocketRelay, from: &Place, to: &Place, log: &Log) -> Result<()> {
    if args.dial {
        return Err(Failure::new(Kind::Unsupported, "--dial is for streams"));
    }
    let (rules, voice) = (Rules::new(&args.door)?, Voice::of(run));
    let near = Arc::new(bind(run, args, from, voice)?);
    let most = args.door.max_peers.map_or(MOST_PEERS, usize::from);
    let sessions = Sessions::default();
    let mut buf = vec![0; ROOM];
    let mut seen = 0;
    let ended = loop {
        if run.deadline().is_some_and(|at| Instant::now() >= at) {
            break Ok(());
        }
        near.settimeout(left(run.deadline()))?;
        let (n, peer) = match near.recvfrom(&mut buf) {
            Ok(came) => came,
            Err(NetError::Timeout { .. }) => continue,
            Err(error) => break Err(Failure::from(error)),
        };
        if !rules.admit(&peer) {
            continue;
        }
        let some = buf.get(..n).unwrap_or_default();
        let name = peer.to_string();
        let known = {
            let mut sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.get_mut(&name).map(|(socket, used)| {
                *used = Instant::now();
                Arc::clone(socket)
            })
        };
        let far = match known {
            Some(far) => far,
            None if sessions.lock().unwrap_or_else(PoisonError::into_inner).len() >= most => {
                voice.warn(&format!("{name} is not let in: {most} are here (--max-peers)"));
                continue;
            }
            None if args.door.peers.is_some_and(|peers| seen >= peers) => break Ok(()),
            None => {
                seen += 1;
                let far = Arc::new(way_out(run, args, to)?);
                let own = (Arc::clone(&far), Instant::now());
                sessions.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), own);
                answers(Arc::clone(&far), Arc::clone(&near), peer, Arc::clone(&sessions), log.clone());
                far
            }
        };
        match far.send(some) {
            Ok(_) => log.bytes(Way::Sent, &name, some),
            // As on a network: what does not arrive is lost, and the next one may not be.
            Err(error) => voice.warn(&format!("{name}: {error}")),
        }
    };
    if from.carrier == Carrier::Unixgram {
        remove(&from.endpoint);
    }
    ended
}

/// What comes back for one peer, until it is forgotten.
fn answers(far: Arc<Socket>, near: Arc<Socket>, peer: Address, sessions: Sessions, log: Log) {
    thread::spawn(move || {
        let name = peer.to_string();
        let mut buf = vec![0; ROOM];
        loop {
            let last = {
                let sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
                sessions.get(&name).map(|(_, used)| *used)
            };
            let quiet = last.map(|last| last.elapsed()).filter(|quiet| *quiet < FORGET);
            let Some(quiet) = quiet else { break };
            let left = FORGET.saturating_sub(quiet).max(Duration::from_millis(1));
            if far.settimeout(Some(left)).is_err() {
                break;
            }
            // A refusal by the far side is no end: it may listen when the next one is sent.
            if let Ok((n, _)) = far.recvfrom(&mut buf) {
                let some = buf.get(..n).unwrap_or_default();
                if near.sendto(some, &peer).is_ok() {
                    log.bytes(Way::Received, &name, some);
                }
                if let Some((_, used)) =
                    sessions.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&name)
                {
                    *used = Instant::now();
                }
            }
        }
        sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    });
}

fn bind(run: &Run<'_>, args: &SocketRelay, from: &Place, voice: Voice) -> Result<Socket> {
    let mut last = None;
    for (domain, socket) in datagram(run, from, &args.tune)? {
        if domain == Domain::Inet6 && from.endpoint.host() == Some(&Host::Any) {
            socket.set_dual_stack(!run.net.connection.v6)?;
        }
        match socket.bind(&from.endpoint) {
            Ok(()) => {
                let local = socket.getsockname()?.to_string();
                voice.listening(&match local.strip_prefix("unix:") {
                    Some(path) => format!("{}:{path}", from.carrier.as_str()),
                    None => format!("{}://{local}", from.carrier.as_str()),
                });
                return Ok(socket);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| Failure::new(Kind::Connect, "no address"), Failure::from))
}

fn way_out(run: &Run<'_>, args: &SocketRelay, to: &Place) -> Result<Socket> {
    if to.carrier == Carrier::Unixgram {
        let socket = Socket::new(Domain::Unix, Type::Dgram, Protocol::DEFAULT)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|e| Failure::new(Kind::Unsupported, e))?;
        let name = format!("unix:@netkit-{:016x}", u64::from_ne_bytes(random));
        socket.bind(&name.parse::<netkit_socket::Endpoint>()?)?;
        socket.connect(&to.endpoint)?;
        return Ok(socket);
    }
    let mut last = None;
    for (_, socket) in datagram(run, to, &args.tune)? {
        match socket.connect(&to.endpoint) {
            Ok(()) => return Ok(socket),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| Failure::new(Kind::Connect, "no address"), Failure::from))
}
