//! The notes' vocabulary, each word of it used on real sockets with real bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::thread;
use std::time::Duration;

use netkit_socket::{
    Address, Domain, Host, NetError, Port, Protocol, Shutdown, Socket, ToEndpoint, Type, gethostname,
};
use netkit_wire::Clock;

fn socket(domain: Domain, kind: Type) -> Socket {
    let socket = Socket::new(domain, kind, Protocol::DEFAULT).unwrap();
    socket.settimeout(Some(Duration::from_secs(5))).unwrap();
    socket
}

fn port_of(socket: &Socket) -> u16 {
    socket.getsockname().unwrap().port().unwrap()
}

/// Binds and listens at one place, connects to another with the same port, and sends there and back.
fn tcp_round_trip(domain: Domain, bind: &str, connect: &str) {
    let server = socket(domain, Type::Stream);
    server.bind((bind, 0)).unwrap();
    server.listen(1).unwrap();
    let client = socket(domain, Type::Stream);
    client.connect((connect, port_of(&server))).unwrap();
    let (peer, address) = server.accept().unwrap();
    assert_eq!(address, client.getsockname().unwrap());
    assert_eq!(peer.getpeername().unwrap(), client.getsockname().unwrap());
    client.sendall(b"ping").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut buf = [0; 16];
    assert_eq!(peer.recv(&mut buf).unwrap(), 4);
    assert_eq!(&buf[..4], b"ping");
    assert_eq!(peer.recv(&mut buf).unwrap(), 0, "the end");
    assert_eq!(peer.send(b"pong").unwrap(), 4);
    peer.close();
    assert_eq!(client.recv(&mut buf).unwrap(), 4);
    assert_eq!(client.recv(&mut buf).unwrap(), 0);
}

fn udp_round_trip(domain: Domain, bind: &str, to: &str) {
    let server = socket(domain, Type::Dgram);
    server.bind((bind, 0)).unwrap();
    let client = socket(domain, Type::Dgram);
    assert_eq!(client.sendto(b"ping", (to, port_of(&server))).unwrap(), 4);
    let mut buf = [0; 16];
    let (n, from) = server.recvfrom(&mut buf).unwrap();
    assert_eq!(&buf[..n], b"ping");
    // An empty datagram is a datagram.
    assert_eq!(server.sendto(b"", &from).unwrap(), 0);
    assert_eq!(client.recvfrom(&mut buf).unwrap().0, 0);
}

#[test]
fn every_host_form_carries_a_stream() {
    for (bind, connect) in [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "localhost"),
        ("127.0.0.1", "2130706433"),
        ("2130706434", "127.0.0.2"),
        ("", "127.0.0.1"),
        ("127.0.0.1", ""),
        ("0", "127.0.0.1"),
    ] {
        tcp_round_trip(Domain::Inet, bind, connect);
    }
    for (bind, connect) in
        [("::1", "::1"), ("", "[::1]"), ("::1", ""), ("::1", "localhost"), ("0:0::0:1", "::1%1")]
    {
        tcp_round_trip(Domain::Inet6, bind, connect);
    }
    // Colon and dot notation.
    tcp_round_trip(Domain::Inet6, "::ffff:127.0.0.1", "::ffff:127.0.0.1");
    tcp_round_trip(Domain::Inet6, "::1", "::0.0.0.1");
}

#[test]
fn every_host_form_carries_datagrams() {
    for (bind, to) in [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("", "2130706433"), ("", "")] {
        udp_round_trip(Domain::Inet, bind, to);
    }
    udp_round_trip(Domain::Inet6, "::1", "[::1]");
}

#[test]
fn broadcast_reaches_every_socket_of_the_link_once_it_is_allowed() {
    let server = socket(Domain::Inet, Type::Dgram);
    server.bind(("", 0)).unwrap();
    let client = socket(Domain::Inet, Type::Dgram);
    // From the loopback address it goes out through the loopback interface and no further.
    client.bind(("127.0.0.1", 0)).unwrap();
    let to = ("<broadcast>", port_of(&server));
    let Err(NetError::Io(refused)) = client.sendto(b"all", to) else { panic!("broadcast without leave") };
    assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied);
    client.set_broadcast(true).unwrap();
    assert_eq!(client.sendto(b"all", to).unwrap(), 3);
    let mut buf = [0; 16];
    let (n, from) = server.recvfrom(&mut buf).unwrap();
    assert_eq!((&buf[..n], from), (&b"all"[..], client.getsockname().unwrap()));
}

#[test]
fn every_port_form_names_the_same_port() {
    let server = socket(Domain::Inet, Type::Stream);
    server.bind(("127.0.0.1", 0)).unwrap();
    server.listen(2).unwrap();
    let number = port_of(&server);
    let text = number.to_string();
    for to in
        [("127.0.0.1", number).to_endpoint().unwrap(), ("127.0.0.1", text.as_str()).to_endpoint().unwrap()]
    {
        let client = socket(Domain::Inet, Type::Stream);
        client.connect(to).unwrap();
        assert_eq!(client.getpeername().unwrap().port(), Some(number));
    }
    // A service name means its registered port, where nothing of ours can listen: 862 would need privileges.
    let echo: Port = "echo".parse().unwrap();
    assert_eq!(echo.resolve().unwrap(), 7);
    assert_eq!(("127.0.0.1", "echo").to_endpoint().unwrap().to_string(), "127.0.0.1:7");
    let sieve = socket(Domain::Inet, Type::Stream);
    sieve.bind(("127.77.0.1", "sieve")).unwrap();
    sieve.listen(1).unwrap();
    let client = socket(Domain::Inet, Type::Stream);
    client.connect(("127.77.0.1", "sieve")).unwrap();
    client.send(b"x").unwrap();
    assert_eq!(sieve.accept().unwrap().0.recv(&mut [0; 4]).unwrap(), 1);
}

#[test]
fn unix_sockets_carry_streams_and_datagrams() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name| dir.path().join(name);
    let server = socket(Domain::Unix, Type::Stream);
    server.bind(at("stream").as_path()).unwrap();
    server.listen(1).unwrap();
    let client = socket(Domain::Unix, Type::Stream);
    client.connect(at("stream").as_path()).unwrap();
    let (peer, address) = server.accept().unwrap();
    assert_eq!(address, Address::Unnamed);
    assert_eq!(client.getpeername().unwrap(), Address::Unix(at("stream")));
    client.sendall(b"hello").unwrap();
    let mut buf = [0; 16];
    assert_eq!(peer.recv(&mut buf).unwrap(), 5);

    let (one, two) = (socket(Domain::Unix, Type::Dgram), socket(Domain::Unix, Type::Dgram));
    one.bind(at("one").as_path()).unwrap();
    two.bind(at("two").as_path()).unwrap();
    two.sendto(b"hello", at("one").as_path()).unwrap();
    let (n, from) = one.recvfrom(&mut buf).unwrap();
    assert_eq!((&buf[..n], &from), (&b"hello"[..], &Address::Unix(at("two"))));
    assert_eq!(one.sendto(b"", &from).unwrap(), 0);
    assert_eq!(two.recv(&mut buf).unwrap(), 0);
    // Left behind by a process that ended: taken over. Answered: not.
    two.close();
    socket(Domain::Unix, Type::Dgram).bind(at("two").as_path()).unwrap();
    let taken = socket(Domain::Unix, Type::Dgram).bind(at("one").as_path());
    assert!(matches!(taken, Err(NetError::Io(error)) if error.kind() == std::io::ErrorKind::AddrInUse));
}

#[test]
fn families_the_host_lacks_are_refused_in_its_words() {
    for domain in Domain::others() {
        let Err(error) = Socket::new(domain, Type::Stream, Protocol::DEFAULT) else { panic!("{domain}") };
        let NetError::Unsupported { what, .. } = &error else { panic!("{error}") };
        assert!(error.to_string().starts_with(&format!("{what} is not supported")), "{error}");
    }
    let error = Socket::new("AF_X25".parse().unwrap(), Type::Stream, Protocol::DEFAULT).unwrap_err();
    assert_eq!(
        error.to_string(),
        "AF_X25 is not supported by this host: Address family not supported by protocol"
    );
}

#[test]
fn protocols_can_be_named() {
    for protocol in ["0", "17", "udp"] {
        Socket::new(Domain::Inet, Type::Dgram, protocol.parse().unwrap()).unwrap();
    }
    let wrong = Socket::new(Domain::Inet, Type::Stream, Protocol::UDP);
    assert!(matches!(wrong, Err(NetError::Io(_))));
}

#[test]
fn a_time_limit_ends_every_waiting_call() {
    let server = Socket::new(Domain::Inet, Type::Stream, Protocol::TCP).unwrap();
    server.bind(("127.0.0.1", 0)).unwrap();
    server.listen(1).unwrap();
    server.settimeout(Some(Duration::from_millis(20))).unwrap();
    assert!(matches!(server.accept(), Err(NetError::Timeout { clock: Clock::Idle, .. })));
    let udp = Socket::new(Domain::Inet, Type::Dgram, Protocol::UDP).unwrap();
    udp.bind(("127.0.0.1", 0)).unwrap();
    udp.settimeout(Some(Duration::from_millis(20))).unwrap();
    assert!(matches!(udp.recv(&mut [0]), Err(NetError::Timeout { .. })));
    assert!(matches!(udp.recvfrom(&mut [0]), Err(NetError::Timeout { .. })));
    assert!(matches!(udp.settimeout(Some(Duration::ZERO)), Err(NetError::Io(_))));
}

#[test]
fn a_socket_becomes_a_stream_for_the_protocols() {
    use std::io::{Read, Write};
    let server = socket(Domain::Inet, Type::Stream);
    server.bind(("127.0.0.1", 0)).unwrap();
    server.listen(1).unwrap();
    let port = port_of(&server);
    let echo = thread::spawn(move || {
        let (peer, _) = server.accept().unwrap();
        let mut buf = [0; 5];
        let n = peer.dup().unwrap().recv(&mut buf).unwrap();
        peer.sendall(&buf[..n]).unwrap();
    });
    let client = socket(Domain::Inet, Type::Stream);
    client.set_nodelay(true).unwrap();
    client.connect(("127.0.0.1", port)).unwrap();
    let mut stream = client.makefile(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(b"hello").unwrap();
    let mut got = String::new();
    stream.read_to_string(&mut got).unwrap();
    assert_eq!(got, "hello");
    echo.join().unwrap();
}

#[test]
fn a_family_has_only_its_own_addresses() {
    let v6 = socket(Domain::Inet6, Type::Stream);
    assert!(matches!(v6.connect(("127.0.0.1", 9)), Err(NetError::Resolve { host: Host::Ipv4(_), .. })));
    let stream = socket(Domain::Inet, Type::Stream);
    assert!(matches!(stream.connect(("<broadcast>", 9)), Err(NetError::Io(_))));
}

#[test]
fn this_host_has_a_name() {
    assert!(gethostname().parse::<Host>().is_ok(), "{}", gethostname());
}
