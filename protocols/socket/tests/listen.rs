//! Listening: both families, stopping, time limits, Unix paths left behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use netkit_socket::{Address, Endpoint, Listener, NetError};
use netkit_wire::{Clock, Elapsed};

#[test]
fn the_empty_host_listens_on_both_families() {
    let listener = Listener::bind(&":0".parse().unwrap(), 8).unwrap();
    let port = listener.local().port().unwrap();
    for host in ["127.0.0.1", "::1"] {
        let _client = TcpStream::connect((host, port)).unwrap();
        let (_, peer) = listener.accept().unwrap();
        assert!(
            matches!(peer, Address::Inet(addr) if addr.ip().to_canonical() == host.parse::<std::net::IpAddr>().unwrap())
        );
    }
}

#[test]
fn a_listener_stops_when_told_and_stays_stopped() {
    let listener = Arc::new(Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap());
    let closer = listener.closer();
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let listener = Arc::clone(&listener);
            thread::spawn(move || listener.accept().err().unwrap())
        })
        .collect();
    thread::sleep(Duration::from_millis(20));
    closer.close();
    closer.clone().close();
    for thread in waiting {
        assert!(matches!(thread.join().unwrap(), NetError::Closed));
    }
    assert!(matches!(listener.accept(), Err(NetError::Closed)));
}

#[test]
fn accepting_and_the_accepted_have_time_limits() {
    let short = Some(Duration::from_millis(30));
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
    let listener = listener.accept_timeout(short).idle_timeout(short);
    assert!(matches!(listener.accept(), Err(NetError::Timeout { clock: Clock::Idle, .. })));
    let _client = TcpStream::connect(listener.local().to_string()).unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&Elapsed(Clock::Idle)));
}

#[test]
fn a_taken_port_is_refused() {
    let first = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
    let second = Listener::bind(&first.local().to_string().parse().unwrap(), 8);
    assert!(matches!(second, Err(NetError::Io(error)) if error.kind() == ErrorKind::AddrInUse));
}

#[test]
fn a_unix_path_is_taken_over_only_from_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sock");
    let at = Endpoint::Unix(path.clone());
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "left behind");
    let listener = Listener::bind(&at, 8).unwrap();
    let in_use = |result: Result<Listener, NetError>| matches!(result, Err(NetError::Io(error)) if error.kind() == ErrorKind::AddrInUse);
    assert!(in_use(Listener::bind(&at, 8)), "somebody answers there");
    listener.close().unwrap();
    assert!(!path.exists());

    fs::write(&path, "precious").unwrap();
    assert!(in_use(Listener::bind(&at, 8)), "no socket");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("elsewhere", &path).unwrap();
    assert!(in_use(Listener::bind(&at, 8)), "a link is not followed");
}

#[test]
fn what_is_accepted_can_be_spoken_with() {
    let listener = Listener::bind(&"[::1]:0".parse().unwrap(), 8).unwrap();
    let mut client = TcpStream::connect(listener.local().to_string()).unwrap();
    let (mut stream, peer) = listener.accept().unwrap();
    assert_eq!(peer, Address::Inet(client.local_addr().unwrap()));
    client.write_all(b"hello").unwrap();
    let mut buf = [0; 5];
    stream.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"hello");
}
