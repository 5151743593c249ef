//! Streams in two halves, and two streams joined: plain, inside TLS, inside a throttle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use netkit_socket::{
    Address, Dialer, Domain, Endpoint, Listener, NetError, Protocol, Settings, Small, Socket, Throttle, Tls,
    TlsServer, TlsServerOptions, Type, relay,
};

const MUCH: usize = 8 << 20;

/// An echo server, with TLS or not.
fn echo(tls: Option<TlsServer>) -> Endpoint {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
    let at = listener.local().to_string().parse().unwrap();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let tls = tls.clone();
            thread::spawn(move || {
                let mut stream = match tls {
                    Some(tls) => tls.accept(stream).unwrap().0,
                    None => stream,
                };
                Small::Echo.serve(&mut *stream, "").unwrap();
            });
        }
    });
    at
}

fn authority() -> (TlsServer, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let server = TlsServer::from_pem(own.pem(), key.serialize_pem(), TlsServerOptions::default()).unwrap();
    (server, own.pem())
}

/// Writes and reads at once, more than all buffers on the way hold.
fn there_and_back(dialer: &Dialer, to: &Endpoint, tls: bool, bytes: usize) {
    let dialed = if tls { dialer.dial_tls(to, &[]) } else { dialer.dial(to) };
    let (mut reader, mut writer) = dialed.unwrap().stream.halves().unwrap();
    let sent: Vec<u8> = (0..bytes).map(|n| (n % 251) as u8).collect();
    let copy = sent.clone();
    let writing = thread::spawn(move || {
        writer.write_all(&copy).unwrap();
        writer.shutdown_write().unwrap();
    });
    let mut back = Vec::new();
    reader.read_to_end(&mut back).unwrap();
    writing.join().unwrap();
    assert!(back == sent, "{} bytes came back of {}", back.len(), sent.len());
}

#[test]
fn halves_work_at_once() {
    let (server, ca) = authority();
    let tls = Tls::default().ca_pem(ca.into_bytes()).sni("localhost".parse().unwrap());
    let dialer = Dialer::default().tls(tls);
    there_and_back(&dialer, &echo(None), false, MUCH);
    there_and_back(&dialer, &echo(Some(server.clone())), true, MUCH);
    let slow = dialer.clone().throttle(Some(Throttle::new(1 << 30)));
    there_and_back(&slow, &echo(Some(server)), true, MUCH);
    #[cfg(feature = "native-tls")]
    {
        let (server, ca) = authority();
        let tls = Tls::default().backend(netkit_socket::TlsBackend::Native).ca_pem(ca.into_bytes());
        let native = Dialer::default().tls(tls.sni("localhost".parse().unwrap()));
        there_and_back(&native, &echo(Some(server)), true, MUCH);
    }
    // Under a deadline every call has a clock.
    let limited = dialer.deadline(Some(Instant::now() + Duration::from_secs(60)));
    there_and_back(&limited, &echo(None), false, MUCH);
}

#[test]
fn a_relay_counts_what_it_moved() {
    for (idle, tls) in [(None, false), (Some(Duration::from_secs(60)), false), (None, true)] {
        let (server, ca) = authority();
        let tls_with = Tls::default().ca_pem(ca.into_bytes()).sni("localhost".parse().unwrap());
        let far = echo(tls.then_some(server));
        let dialer = Dialer::default().idle_timeout(idle).tls(tls_with);
        let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap().idle_timeout(idle);
        let at = listener.local().to_string().parse().unwrap();
        let joined = thread::spawn(move || {
            let (near, _) = listener.accept().unwrap();
            let far = if tls { dialer.dial_tls(&far, &[]) } else { dialer.dial(&far) };
            relay(near, far.unwrap().stream).unwrap()
        });
        there_and_back(&Dialer::default(), &at, false, MUCH);
        let moved = joined.join().unwrap();
        assert_eq!((moved.forward.unwrap(), moved.back.unwrap()), (MUCH as u64, MUCH as u64));
    }
}

#[test]
fn messages_of_a_seqpacket_socket_keep_their_ends() {
    let name = format!("unix:@netkit-seqpacket-{}", std::process::id());
    let at: Endpoint = name.parse().unwrap();
    let new =
        || Socket::new(Domain::Unix, "SOCK_SEQPACKET".parse::<Type>().unwrap(), Protocol::DEFAULT).unwrap();
    let server = new();
    server.bind(&at).unwrap();
    server.listen(1).unwrap();
    assert_eq!(server.getsockname().unwrap().to_string(), name);
    let client = new();
    client.connect(&at).unwrap();
    let (peer, from) = server.accept().unwrap();
    assert_eq!(from, Address::Unnamed);
    client.send(b"one").unwrap();
    client.send(b"two").unwrap();
    let mut buf = [0; 16];
    assert_eq!((peer.recv(&mut buf).unwrap(), peer.recv(&mut buf).unwrap()), (3, 3));
    // The name is taken while its socket lives, and free again after it.
    assert!(matches!(new().bind(&at), Err(NetError::Io(_))));
    drop((server, peer));
    new().bind(&at).unwrap();
}

#[test]
fn settings_reach_the_peer_or_the_system() {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
    let at: Endpoint = listener.local().to_string().parse().unwrap();
    let port = {
        let free = Socket::new(Domain::Inet, Type::Stream, Protocol::DEFAULT).unwrap();
        free.bind(("127.0.0.1", 0)).unwrap();
        free.getsockname().unwrap().port().unwrap()
    };
    let settings = Settings { source_port: Some(port), ttl: Some(3), tos: Some(8), ..Settings::default() };
    let _dialed = Dialer::default().settings(settings).dial(&at).unwrap();
    let (_, peer) = listener.accept().unwrap();
    assert_eq!(peer.port(), Some(port));
}
