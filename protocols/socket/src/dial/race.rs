//! Happy eyeballs (RFC 8305 section 5): one attempt after another, each given a head start, the first connection wins.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::report::{Attempt, Outcome};
use crate::endpoint::Address;
use crate::settings::Settings;

/// The Connection Attempt Delay that RFC 8305 section 5 recommends.
const HEAD_START: Duration = Duration::from_millis(250);

/// How the race ended.
pub(super) struct Race {
    /// The winner, connected, in non-blocking mode.
    pub won: Option<Socket>,
    /// Every address that was begun.
    pub tried: Vec<Attempt>,
    /// The limit ended it.
    pub late: bool,
}

/// An attempt under way.
struct Runner {
    socket: Socket,
    began: Instant,
    /// Where in `tried` it is told of.
    place: usize,
}

/// Connects to the first of `addrs` that answers before `limit`. The losers' sockets are closed.
pub(super) fn race(
    addrs: &[SocketAddr],
    source: Option<IpAddr>,
    settings: &Settings,
    limit: Instant,
) -> io::Result<Race> {
    let mut tried = Vec::with_capacity(addrs.len());
    let mut waiting = addrs.iter();
    let mut running: Vec<Runner> = Vec::new();
    let mut next_start = Instant::now();
    loop {
        let now = Instant::now();
        if now >= limit {
            settle(&running, &mut tried, &Outcome::TimedOut);
            return Ok(Race { won: None, tried, late: true });
        }
        if running.is_empty() || now >= next_start {
            let Some(addr) = waiting.next() else {
                if running.is_empty() {
                    return Ok(Race { won: None, tried, late: false });
                }
                // Nobody left to start: only the limit ends the wait.
                next_start = limit;
                continue;
            };
            let place = tried.len();
            let (began, started) = (now, start(*addr, source, settings));
            let outcome = Outcome::of(&started);
            tried.push(Attempt { addr: Address::Inet(*addr), outcome, took: began.elapsed() });
            if let Ok(socket) = started {
                running.push(Runner { socket, began, place });
                next_start = now + HEAD_START;
            }
            continue;
        }
        if let Some(socket) = wait(&mut running, &mut tried, limit.min(next_start))? {
            settle(&running, &mut tried, &Outcome::Abandoned);
            return Ok(Race { won: Some(socket), tried, late: false });
        }
    }
}

/// Begins to connect, without waiting.
fn start(addr: SocketAddr, source: Option<IpAddr>, settings: &Settings) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // One call of the system, where fcntl(2) takes two.
    rustix::io::ioctl_fionbio(&socket, true)?;
    settings.apply(&socket, addr)?;
    if source.is_some() || settings.source_port.is_some() {
        let any = if addr.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let port = settings.source_port.unwrap_or(0);
        // A fixed port is wanted again while its last connection lingers in TIME-WAIT.
        socket.set_reuse_address(port != 0)?;
        socket.bind(&SocketAddr::new(source.unwrap_or(any), port).into())?;
    }
    match socket.connect(&SockAddr::from(addr)) {
        Err(error) if error.raw_os_error() != Some(Errno::INPROGRESS.raw_os_error()) => Err(error),
        _ => Ok(socket),
    }
}

/// Waits for the first runner that is through; takes those out that have failed.
fn wait(running: &mut Vec<Runner>, tried: &mut [Attempt], until: Instant) -> io::Result<Option<Socket>> {
    let ready: Vec<bool> = {
        let mut fds: Vec<_> = running.iter().map(|r| PollFd::new(&r.socket, PollFlags::OUT)).collect();
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) => fds.iter().map(|fd| !fd.revents().is_empty()).collect(),
            Err(Errno::INTR) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    };
    let mut still = Vec::with_capacity(running.len());
    let mut won = None;
    for (runner, ready) in running.drain(..).zip(ready) {
        if !ready || won.is_some() {
            still.push(runner);
            continue;
        }
        let result = match runner.socket.take_error() {
            Ok(None) => Ok(()),
            Ok(Some(error)) | Err(error) => Err(error),
        };
        if let Some(attempt) = tried.get_mut(runner.place) {
            attempt.outcome = Outcome::of(&result);
            attempt.took = runner.began.elapsed();
        }
        if result.is_ok() {
            won = Some(runner.socket);
        }
    }
    *running = still;
    Ok(won)
}

/// Writes down how the attempts ended that are still under way.
fn settle(running: &[Runner], tried: &mut [Attempt], outcome: &Outcome) {
    for runner in running {
        if let Some(attempt) = tried.get_mut(runner.place) {
            attempt.outcome = outcome.clone();
            attempt.took = runner.began.elapsed();
        }
    }
}
