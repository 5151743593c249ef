//! Dialing: every address, every clock, Unix sockets, and what the error says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use netkit_socket::{
    Address, Again, Dialer, Endpoint, Family, Host, Listener, NetError, Outcome, ResolveFault, What,
};
use netkit_wire::{Clock, Elapsed};
use socket2::{Domain, Socket, Type};

fn endpoint(host: &str, port: u16) -> Endpoint {
    Endpoint::new(host.parse().unwrap(), port)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A port of 127.0.0.1 at which nobody listens: one that was just given back.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An address that never answers: its queue is full, so the kernel drops what asks to connect. Keeps its sockets.
struct BlackHole(SocketAddr, Vec<Socket>);

fn black_hole(at: &str) -> BlackHole {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&at.parse::<SocketAddr>().unwrap().into()).unwrap();
    listener.listen(0).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut sockets = vec![listener];
    // A queue of 0 takes one or two; a few more make sure.
    for _ in 0..4 {
        let filler = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        filler.set_nonblocking(true).unwrap();
        let _ = filler.connect(&addr);
        sockets.push(filler);
    }
    BlackHole(addr.as_socket().unwrap(), sockets)
}

#[test]
fn a_closed_port_names_every_address() {
    let port = closed_port();
    let dialer = Dialer::default()
        .resolve_override("example.org".parse().unwrap(), port, ip("127.0.0.1"))
        .resolve_override("example.org".parse().unwrap(), port, ip("::1"))
        .resolve_override("example.org".parse().unwrap(), port, ip("127.0.0.2"));
    let error = dialer.dial(&endpoint("example.org", port)).unwrap_err();
    let NetError::Connect { tried, .. } = &error else { panic!("{error:?}") };
    assert_eq!(tried.len(), 3);
    assert!(
        tried.iter().all(|a| matches!(a.outcome, Outcome::Failed { kind: ErrorKind::ConnectionRefused, .. }))
    );
    assert_eq!(
        error.to_string(),
        format!(
            "could not connect to example.org:{port}: 127.0.0.1:{port}: Connection refused, \
             [::1]:{port}: Connection refused, 127.0.0.2:{port}: Connection refused"
        )
    );
}

#[test]
fn a_dead_first_address_costs_a_quarter_second_and_no_more() {
    let dead = black_hole("127.0.0.3:0");
    let port = dead.0.port();
    let alive = Listener::bind(&endpoint("127.0.0.4", port), 8).unwrap();
    let dialer = Dialer::default()
        .resolve_override("example.org".parse().unwrap(), port, ip("127.0.0.3"))
        .resolve_override("example.org".parse().unwrap(), port, ip("127.0.0.4"));
    let start = Instant::now();
    let dialed = dialer.dial(&endpoint("example.org", port)).unwrap();
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(240) && took < Duration::from_secs(2), "{took:?}");
    let outcomes: Vec<_> = dialed.report.tried.iter().map(|a| a.outcome.clone()).collect();
    assert_eq!(outcomes, [Outcome::Abandoned, Outcome::Connected]);
    assert_eq!(dialed.report.peer, *alive.local());
    assert_eq!(dead.1.len(), 5);
}

#[test]
fn connecting_ends_with_the_connect_clock_or_the_total_one() {
    let dead = black_hole("127.0.0.5:0");
    let to = Endpoint::from(dead.0);
    let short = Duration::from_millis(60);
    let error = Dialer::default().connect_timeout(short).dial(&to).unwrap_err();
    let NetError::Timeout { clock: Clock::Connect, endpoint: Some(endpoint), tried } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((endpoint, tried.len(), &tried[0].outcome), (&to, 1, &Outcome::TimedOut));
    assert!(error.to_string().contains("connect time limit ran out (127.0.0.5:"), "{error}");
    assert!(error.hint().unwrap().contains("--connect-timeout"));
    let error = Dialer::default().deadline(Some(Instant::now() + short)).dial(&to).unwrap_err();
    assert!(matches!(error, NetError::Timeout { clock: Clock::Total, .. }), "{error:?}");
    // A limit that is over before it begins tries nothing.
    let error = Dialer::default().connect_timeout(Duration::ZERO).dial(&to).unwrap_err();
    assert!(matches!(error, NetError::Timeout { tried, .. } if tried.is_empty()));
}

#[test]
fn a_silent_peer_ends_with_the_idle_clock_or_the_total_one() {
    let listener = Listener::bind(&endpoint("127.0.0.1", 0), 8).unwrap();
    let to = endpoint("127.0.0.1", listener.local().port().unwrap());
    let short = Duration::from_millis(40);
    let clock_of = |dialer: Dialer| {
        let error = dialer.dial(&to).unwrap().stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        error.get_ref().unwrap().downcast_ref::<Elapsed>().unwrap().0
    };
    assert_eq!(clock_of(Dialer::default().idle_timeout(Some(short))), Clock::Idle);
    assert_eq!(clock_of(Dialer::default().deadline(Some(Instant::now() + short))), Clock::Total);
}

#[test]
fn localhost_is_dialed_on_both_families_without_a_resolver() {
    let listener = Listener::bind(&endpoint("127.0.0.1", 0), 8).unwrap();
    let port = listener.local().port().unwrap();
    let dialed = Dialer::default().dial(&endpoint("localhost", port)).unwrap();
    assert_eq!(dialed.report.tried.len(), 2, "{:?}", dialed.report);
    assert_eq!(dialed.report.tried[0].addr.to_string(), format!("[::1]:{port}"));
    let v4 = Dialer::default().family(Family::V4).dial(&endpoint("LOCALHOST.", port)).unwrap();
    assert_eq!(v4.report.tried.len(), 1);
    let error = Dialer::default().family(Family::V6).dial(&endpoint("127.0.0.1", port)).unwrap_err();
    assert!(
        matches!(error, NetError::Resolve { reason: ResolveFault::NoneOfFamily(Family::V6), .. }),
        "{error}"
    );
    assert_eq!(error.to_string(), "could not resolve 127.0.0.1: it has no IPv6 address");
}

#[test]
fn a_name_nobody_has_is_unresolved() {
    let dialer = Dialer::default().connect_timeout(Duration::from_secs(5));
    match dialer.dial(&endpoint("no-such-host.invalid", 80)).unwrap_err() {
        NetError::Resolve { host, reason: ResolveFault::Lookup(_) } => {
            assert_eq!(host.to_string(), "no-such-host.invalid");
        }
        // A machine whose resolver never answers.
        NetError::Timeout { clock: Clock::Connect, tried, .. } => assert!(tried.is_empty()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_source_address_is_bound_and_chooses_the_family() {
    let listener = Listener::bind(&endpoint("", 0), 8).unwrap();
    let port = listener.local().port().unwrap();
    let dialed = Dialer::default().bind(ip("127.0.0.9")).dial(&endpoint("localhost", port)).unwrap();
    let Address::Inet(local) = dialed.report.local else { panic!() };
    assert_eq!(local.ip(), ip("127.0.0.9"));
    let clash = Dialer::default().bind(ip("127.0.0.9")).family(Family::V6).dial(&endpoint("localhost", port));
    assert!(matches!(clash, Err(NetError::Invalid { what: What::Source, .. })));
    let foreign = Dialer::default().bind(ip("192.0.2.77")).dial(&endpoint("127.0.0.1", port));
    assert!(matches!(foreign, Err(NetError::Connect { tried, .. }) if tried.len() == 1));
}

#[test]
fn a_unix_socket_can_be_dialed_as_itself_or_instead_of_a_host() {
    let dir = tempfile::tempdir().unwrap();
    let to = Endpoint::Unix(dir.path().join("sock"));
    let listener = Listener::bind(&to, 8).unwrap();
    let server = thread::spawn(move || {
        for _ in 0..2 {
            listener.accept().unwrap().0.write_all(b"hi").unwrap();
        }
        listener.close().unwrap();
    });
    let instead = Dialer::default().unix_socket(dir.path().join("sock"));
    for mut dialed in
        [Dialer::default().dial(&to).unwrap(), instead.dial(&endpoint("no-such-host.invalid", 80)).unwrap()]
    {
        let mut got = String::new();
        dialed.stream.read_to_string(&mut got).unwrap();
        assert_eq!(got, "hi");
        assert_eq!(dialed.report.peer, Address::Unix(dir.path().join("sock")));
    }
    server.join().unwrap();
    let error = Dialer::default().dial(&to).unwrap_err();
    let NetError::Connect { tried, .. } = &error else { panic!("{error:?}") };
    assert!(
        matches!(tried[0].outcome, Outcome::Failed { kind: ErrorKind::NotFound, .. }),
        "closing removes the path"
    );
}

#[test]
fn a_unix_listener_that_does_not_accept_runs_the_connect_clock_out() {
    let dir = tempfile::tempdir().unwrap();
    let to = Endpoint::Unix(dir.path().join("sock"));
    let _full = Listener::bind(&to, 0).unwrap();
    let dialer = Dialer::default().connect_timeout(Duration::from_millis(50));
    let mut held = Vec::new();
    let error = loop {
        match dialer.dial(&to) {
            Ok(dialed) => held.push(dialed),
            Err(error) => break error,
        }
        assert!(held.len() < 100);
    };
    assert!(matches!(error, NetError::Timeout { clock: Clock::Connect, .. }), "{error:?}");
}

#[test]
fn a_stream_has_one_peer() {
    let error = Dialer::default().dial(&Endpoint::new(Host::Broadcast, 9)).unwrap_err();
    assert!(matches!(error, NetError::Invalid { what: What::Host, .. }), "{error:?}");
    let error = Dialer::default().dial(&endpoint("fe80::1%nowhere9", 9)).unwrap_err();
    assert!(matches!(error, NetError::Invalid { what: What::Zone, .. }), "{error:?}");
}

#[test]
fn half_a_conversation_can_end_while_the_other_half_goes_on() {
    let listener = Listener::bind(&endpoint("127.0.0.1", 0), 8).unwrap();
    let to = listener.local().to_string().parse().unwrap();
    let server = thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        stream.write_all(all.to_uppercase().as_bytes()).unwrap();
    });
    let mut stream = Dialer::default().dial(&to).unwrap().stream;
    stream.write_all(b"abc").unwrap();
    stream.shutdown_write().unwrap();
    let mut got = String::new();
    stream.read_to_string(&mut got).unwrap();
    assert_eq!(got, "ABC");
    server.join().unwrap();
}

#[test]
fn what_may_pass_is_tried_again() {
    let port = closed_port();
    let server = thread::spawn(move || {
        // Long enough that the first try has failed, whenever it comes; the others wait for it.
        thread::sleep(Duration::from_millis(100));
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        listener.accept().unwrap()
    });
    let again = Again::new(|error, before| {
        assert!(matches!(error, NetError::Connect { .. }));
        (before < 500).then_some(Duration::from_millis(20))
    });
    let dialed = Dialer::default().again(Some(again)).dial(&endpoint("127.0.0.1", port)).unwrap();
    assert_eq!(dialed.report.tried.len(), 1);
    server.join().unwrap();
}

#[test]
fn no_patience_is_endless() {
    let tries = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = tries.clone();
    let again = Again::new(move |_, before| {
        counted.store(before + 1, std::sync::atomic::Ordering::Relaxed);
        (before < 3).then_some(Duration::from_millis(1))
    });
    let dialer = Dialer::default().again(Some(again));
    let closed = endpoint("127.0.0.1", closed_port());
    assert!(matches!(dialer.dial(&closed), Err(NetError::Connect { .. })));
    assert_eq!(tries.swap(0, std::sync::atomic::Ordering::Relaxed), 4);
    // What a wait would end behind the deadline of, is not waited for.
    let patient = Again::new(|_, _| Some(Duration::from_secs(3600)));
    let soon = Instant::now() + Duration::from_secs(60);
    let dialer = dialer.deadline(Some(soon)).again(Some(patient));
    assert!(matches!(dialer.dial(&closed), Err(NetError::Connect { .. })));
    assert!(Instant::now() < soon);
    // Nor is what no time changes: an argument.
    let never = Again::new(|_, _| panic!("asked about an argument"));
    let odd = Dialer::default().family(Family::V4).bind(ip("::1")).again(Some(never));
    assert!(matches!(odd.dial(&closed), Err(NetError::Invalid { .. })));
}
