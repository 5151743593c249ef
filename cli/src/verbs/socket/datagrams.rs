//! Datagrams: each read of stdin, or each line, is one; what comes goes to stdout. An empty one is one too.

use std::io::{self, BufRead, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use netkit_socket::{Address, Carrier, Crlf, Endpoint, Host, NetError, Place, Socket};

use super::log::{Log, Way};
use super::{datagram, left};
use crate::args::{Bytes, SocketConnect};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;

const TICK: Duration = Duration::from_millis(20);
/// More than any datagram has.
pub const ROOM: usize = 65_536;

pub fn connect(run: &Run<'_>, place: &Place, args: &SocketConnect, log: &Log) -> Result<()> {
    let (socket, to) = open(run, place, args)?;
    let socket = Arc::new(socket);
    let to = to.map(|to| Arc::new(Peer::known(to)));
    let done = Arc::new(AtomicBool::new(false));
    let sender = sender(&socket, to, &args.data, log, &done, &place.endpoint.to_string());
    let mut output = run.output()?;
    let mut ends = Ends::new(run, &args.data);
    let received = ends.run(&socket, &done, |some, from| {
        let peer = if *from == Address::Unnamed { place.endpoint.to_string() } else { from.to_string() };
        log.bytes(Way::Received, &peer, some);
        write(&mut output, some)
    });
    let sent = if done.load(Ordering::SeqCst) { sender.join().unwrap_or(Ok(())) } else { Ok(()) };
    sent.and(received)?;
    output.finish()
}

/// The socket; and where to send to if answers may come from others than who is written to.
fn open(run: &Run<'_>, place: &Place, args: &SocketConnect) -> Result<(Socket, Option<Endpoint>)> {
    let to_many = args.tune.broadcast
        || place
            .endpoint
            .host()
            .is_some_and(|host| *host == Host::Broadcast || host.ip().is_some_and(|ip| ip.is_multicast()));
    let mut last = None;
    for (_, socket) in datagram(run, place, &args.tune)? {
        if place.carrier == Carrier::Unixgram {
            // A name to answer to; an abstract one leaves nothing behind.
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(|e| Failure::new(Kind::Unsupported, e))?;
            let name = format!("unix:@netkit-{:016x}", u64::from_ne_bytes(random));
            socket.bind(&name.parse::<Endpoint>()?)?;
        } else if run.net.connection.bind.is_some() || args.tune.source_port.is_some() {
            let host = run.net.connection.bind.map_or(Host::Any, Host::from);
            socket.bind(Endpoint::new(host, args.tune.source_port.unwrap_or(0)))?;
        }
        if to_many {
            return Ok((socket, Some(place.endpoint.clone())));
        }
        match socket.connect(&place.endpoint) {
            Ok(()) => return Ok((socket, None)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| Failure::new(Kind::Connect, "no address"), Failure::from))
}

/// Whom to send to, once that is known.
#[derive(Default)]
pub struct Peer(Mutex<Option<Endpoint>>, Condvar);

impl Peer {
    fn known(to: Endpoint) -> Peer {
        Peer(Mutex::new(Some(to)), Condvar::new())
    }

    /// From now on it is this one.
    pub fn is(&self, from: &Address) {
        use netkit_socket::ToEndpoint;
        if let Ok(to) = from.to_endpoint() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(to);
            self.1.notify_all();
        }
    }

    fn get(&self) -> Endpoint {
        let mut peer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(to) = &*peer {
                return to.clone();
            }
            peer = self.1.wait(peer).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Sends stdin on a thread of its own and sets `done` behind the last datagram.
pub fn sender(
    socket: &Arc<Socket>,
    to: Option<Arc<Peer>>,
    bytes: &Bytes,
    log: &Log,
    done: &Arc<AtomicBool>,
    name: &str,
) -> JoinHandle<Result<()>> {
    let (socket, log, done, name) = (Arc::clone(socket), log.clone(), Arc::clone(done), name.to_owned());
    let bytes = bytes.clone();
    thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut send = |datagram: &[u8]| -> Result<()> {
            let peer = to.as_ref().map(|peer| peer.get());
            let sent = match &peer {
                Some(to) => socket.sendto(datagram, to),
                None => socket.send(datagram),
            };
            sent.map_err(|e| failed(Kind::Send, "sending failed", e))?;
            log.bytes(Way::Sent, &peer.map_or_else(|| name.clone(), |to| to.to_string()), datagram);
            Ok(())
        };
        let sent = match bytes.recv_only {
            true => Ok(()),
            false => pieces(&mut stdin, &bytes, &mut send),
        };
        done.store(true, Ordering::SeqCst);
        sent
    })
}

/// Cuts stdin into datagrams.
pub fn pieces(
    stdin: &mut impl BufRead,
    bytes: &Bytes,
    send: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let size = usize::from(bytes.size.unwrap_or(8192));
    let mut crlf = bytes.crlf.then(Crlf::default);
    let (mut piece, mut translated) = (Vec::new(), Vec::new());
    loop {
        piece.clear();
        let limit = u64::try_from(size).unwrap_or(u64::MAX);
        let read = if bytes.lines {
            stdin.by_ref().take(limit).read_until(b'\n', &mut piece)
        } else {
            piece.resize(size, 0);
            stdin.read(&mut piece)
        };
        let n = match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other.map_err(|e| Failure::read("stdin", &e))?,
        };
        if n == 0 {
            return Ok(());
        }
        piece.truncate(n);
        if bytes.lines && piece.last() == Some(&b'\n') {
            piece.pop();
        }
        match &mut crlf {
            Some(crlf) => {
                translated.clear();
                crlf.push(&piece, &mut translated);
                send(&translated)?;
            }
            None => send(&piece)?,
        }
    }
}

/// When there is no more to wait for: datagrams do not say.
pub struct Ends {
    count: Option<u64>,
    wait: Duration,
    idle: Option<Duration>,
    deadline: Option<Instant>,
    /// Nothing ends before somebody came.
    pub from_first: bool,
    /// Only the count and the clocks end it.
    pub forever: bool,
}

impl Ends {
    pub fn new(run: &Run<'_>, bytes: &Bytes) -> Ends {
        let idle = run.net.connection.timeout;
        Ends {
            count: bytes.count,
            wait: bytes.wait.unwrap_or(Duration::from_secs(1)),
            idle: idle.or(bytes.count.map(|_| Duration::from_secs(60))),
            deadline: run.deadline(),
            from_first: false,
            forever: false,
        }
    }

    /// Receives until the end.
    pub fn run(
        &mut self,
        socket: &Socket,
        done: &AtomicBool,
        mut take: impl FnMut(&[u8], &Address) -> Result<()>,
    ) -> Result<()> {
        let mut buf = vec![0; ROOM];
        let (mut came, mut last, mut was_done) = (0, Instant::now(), false);
        loop {
            let tick = left(self.deadline).unwrap_or(TICK).min(TICK);
            socket.settimeout(Some(tick))?;
            match socket.recvfrom(&mut buf) {
                Ok((n, from)) => {
                    take(buf.get(..n).unwrap_or_default(), &from)?;
                    came += 1;
                    last = Instant::now();
                    if self.count.is_some_and(|count| came >= count) {
                        return Ok(());
                    }
                }
                Err(NetError::Timeout { .. }) => {}
                Err(error) => return Err(failed(Kind::Receive, "receiving failed", error)),
            }
            if done.load(Ordering::SeqCst) && !std::mem::replace(&mut was_done, true) {
                last = Instant::now();
            }
            let over = |clock: &str| {
                let so_far = format!("the {clock} limit ran out after {came} datagrams");
                Err(Failure::new(Kind::Timeout, so_far))
            };
            if self.deadline.is_some_and(|at| Instant::now() >= at) {
                return over("total");
            }
            let waits = self.forever || (self.from_first && came == 0);
            if was_done && self.count.is_none() && !waits && last.elapsed() >= self.wait {
                return Ok(());
            }
            if self.idle.is_some_and(|idle| last.elapsed() >= idle) {
                return over("idle");
            }
        }
    }
}

/// One datagram to stdout, at once.
pub fn write(output: &mut Output, some: &[u8]) -> Result<()> {
    let written = output.write_all(some).and_then(|()| output.flush());
    written.map_err(|e| Failure::write(output.name(), &e))
}

fn failed(kind: Kind, what: &str, error: NetError) -> Failure {
    match error {
        NetError::Io(error) => Failure::new(kind, format!("{what}: {}", NetError::Io(error))),
        NetError::Timeout { .. } => Failure::new(Kind::Timeout, format!("{what}: the idle limit ran out")),
        other => other.into(),
    }
}
