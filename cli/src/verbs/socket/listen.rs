//! `netkit socket listen`

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use netkit_socket::{Address, Carrier, Domain, Host, Place, Socket};

use super::datagrams::{Ends, Peer, sender, write};
use super::door::{Door, MOST_PEERS, Rules, Voice, remove};
use super::log::{Log, Way};
use super::talk::talk;
use super::{datagram, hub, place, receive, services};
use crate::args::SocketListen;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn run(run: &Run<'_>, args: &SocketListen) -> Result<()> {
    if run.is_mock() {
        return Err(Failure::new(Kind::Usage, "--mock stands for a server, and this is one"));
    }
    let place = place(run, &args.place)?;
    let log = Log::open(run.dialogue.clone().serving(), args.data.log.as_deref(), args.data.hex)?;
    if matches!(place.carrier, Carrier::Udp | Carrier::Unixgram) {
        return datagrams(run, &place, args, &log);
    }
    if !args.join.is_empty() {
        return Err(Failure::new(Kind::Usage, "--join is for udp"));
    }
    let mut door = Door::open(run, &place, &args.door)?;
    if args.keep_open || args.broker || args.chat || args.service.is_some() {
        return hub::run(run, door, args, &log);
    }
    let voice = door.voice();
    let mut output = run.output()?;
    loop {
        let mut guest = door.next()?;
        let peer = guest.peer.clone();
        match guest.stream() {
            Ok(stream) => {
                door.close();
                let talked = talk(stream, &peer, &args.data, &log, &mut output);
                talked.map_err(|failure| failure.reworded(|words| format!("{peer}: {words}")))?;
                return output.finish();
            }
            // A scanner, or a client that does not trust us; the one that is awaited may still come.
            Err(failure) => voice.warn(&format!("{peer}: {}", failure.message)),
        }
    }
}

fn datagrams(run: &Run<'_>, place: &Place, args: &SocketListen, log: &Log) -> Result<()> {
    let rules = Rules::new(&args.door)?;
    let socket = Arc::new(bind(run, place, args)?);
    let small = args.service.as_deref().map(str::parse).transpose()?;
    let to_others = args.broker || args.chat;
    let (peer, done) = (Arc::new(Peer::default()), Arc::new(AtomicBool::new(small.is_some() || to_others)));
    // It waits for a peer, and for stdin, and ends with the process.
    let reads = small.is_none() && !to_others;
    let sending = reads.then(|| sender(&socket, Some(Arc::clone(&peer)), &args.data, log, &done, ""));
    let mut output = run.output()?;
    let mut ends = Ends::new(run, &args.data);
    ends.from_first = true;
    ends.forever = args.keep_open || !reads;
    let most = args.door.max_peers.map_or(MOST_PEERS, usize::from);
    let mut peers: HashMap<String, Address> = HashMap::new();
    let received = ends.run(&socket, &done, |some, from| {
        if !rules.admit(from) {
            return Ok(());
        }
        let name = from.to_string();
        log.bytes(Way::Received, &name, some);
        if let Some(small) = small {
            services::answer(&socket, small, some, from);
            return Ok(());
        }
        if to_others {
            if peers.len() < most {
                peers.entry(name.clone()).or_insert_with(|| from.clone());
            }
            let said =
                if args.chat { [format!("<{name}> ").as_bytes(), some].concat() } else { some.to_owned() };
            for (_, other) in peers.iter().filter(|(other, _)| **other != name) {
                // One that is gone does not keep the others from hearing.
                let _ = socket.sendto(&said, other);
            }
            return Ok(());
        }
        peer.is(from);
        write(&mut output, some)
    });
    if place.carrier == Carrier::Unixgram {
        remove(&place.endpoint);
    }
    match sending {
        Some(sending) if sending.is_finished() => sending.join().unwrap_or(Ok(()))?,
        _ => {}
    }
    received?;
    output.finish()
}

/// A socket that waits for datagrams.
fn bind(run: &Run<'_>, place: &Place, args: &SocketListen) -> Result<Socket> {
    let any = place.endpoint.host() == Some(&Host::Any);
    let mut last = None;
    for (domain, socket) in datagram(run, place, &args.tune)? {
        let fits = |group: &std::net::IpAddr| group.is_ipv4() == (domain == Domain::Inet);
        if !args.join.iter().all(fits) {
            continue;
        }
        if domain == Domain::Inet6 && any {
            socket.set_dual_stack(!run.net.connection.v6)?;
        }
        if !args.join.is_empty() {
            socket.set_reuse(true)?;
        }
        match socket.bind(&place.endpoint) {
            Ok(()) => {
                for group in &args.join {
                    socket.join_multicast(*group, args.tune.interface.as_deref())?;
                }
                let local = socket.getsockname()?.to_string();
                let scheme = place.carrier.as_str();
                Voice::of(run).listening(&match local.strip_prefix("unix:") {
                    Some(path) => format!("{scheme}:{path}"),
                    None => format!("{scheme}://{local}"),
                });
                return Ok(socket);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| receive(&std::io::ErrorKind::AddrNotAvailable.into()), Failure::from))
}
