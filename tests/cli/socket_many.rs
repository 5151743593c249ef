//! Many peers: keep-open, who is let in, broker, chat, relay.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use crate::command::{netkit, netkit_with};
use crate::socket::Background;

fn dial(server: &Background) -> TcpStream {
    let stream = TcpStream::connect(server.at.split_once("://").unwrap().1).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

#[test]
fn one_peer_after_the_other() {
    let server = Background::start(&["listen", "127.0.0.1:0", "--keep-open", "--peers", "3"], Stdio::null());
    for said in ["one ", "two ", "three"] {
        netkit_with(&["socket", "connect", &server.at], said.as_bytes()).code(0);
    }
    assert_eq!(server.end().code(0).stdout, "one two three");
}

#[test]
fn stdin_goes_to_all_who_are_here() {
    let mut server =
        Background::start(&["listen", "127.0.0.1:0", "--keep-open", "--peers", "2"], Stdio::piped());
    let mut peers = [dial(&server), dial(&server)];
    for peer in &mut peers {
        peer.write_all(b".").unwrap();
    }
    let mut stdin = server.stdin();
    std::thread::sleep(Duration::from_millis(300));
    stdin.write_all(b"to all").unwrap();
    drop(stdin);
    for mut peer in peers {
        let mut heard = String::new();
        peer.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "to all");
    }
    assert_eq!(server.end().code(0).stdout, "..");
}

#[test]
fn some_are_not_let_in() {
    for (rules, from, is_in) in [
        (&["--allow", "127.0.0.2"][..], "127.0.0.2", true),
        (&["--allow", "127.0.0.2"], "127.0.0.3", false),
        (&["--deny", "127.0.0.0/30"], "127.0.0.3", false),
        (&["--deny", "127.0.0.0/30"], "127.0.0.4", true),
        (&["--allow", "127.0.0.0/8", "--deny", "127.0.0.3"], "127.0.0.3", false),
        (&["--allow", "::1"], "127.0.0.1", false),
    ] {
        // Over an IPv6 socket too, where an IPv4 peer has an address of the other family.
        for place in ["127.0.0.1:0", ":0"] {
            let words = [&["listen", place, "--service", "echo"], rules].concat();
            let server = Background::start(&words, Stdio::null());
            let to = format!("127.0.0.1:{}", server.port());
            let got = netkit_with(&["socket", "connect", &to, "--bind", from], b"in");
            server.kill();
            assert_eq!(got.stdout == "in", is_in, "{rules:?} {from} {place}: {got:?}");
        }
    }
    netkit(&["socket", "listen", "127.0.0.1:0", "--allow", "everybody"]).code(2);
}

#[test]
fn a_full_house_takes_nobody() {
    let server =
        Background::start(&["listen", "127.0.0.1:0", "--service", "echo", "--max-peers", "1"], Stdio::null());
    let mut first = dial(&server);
    first.write_all(b"x").unwrap();
    first.read_exact(&mut [0]).unwrap();
    assert_eq!(dial(&server).read(&mut [0]).unwrap(), 0, "sent away");
    first.write_all(b"y").unwrap();
    first.read_exact(&mut [0]).unwrap();
    server.kill();
}

#[test]
fn a_broker_passes_on_to_all_others() {
    let server = Background::start(&["listen", "127.0.0.1:0", "--broker", "--peers", "3"], Stdio::null());
    let mut peers = [dial(&server), dial(&server), dial(&server)];
    std::thread::sleep(Duration::from_millis(300));
    peers[0].write_all(b"hello").unwrap();
    for peer in &mut peers[1..] {
        let mut heard = [0; 5];
        peer.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"hello");
    }
    // Not to itself: what it hears first is the other's.
    peers[2].write_all(b"!").unwrap();
    for peer in &mut peers[..2] {
        let mut heard = [0; 1];
        peer.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"!");
    }
    drop(peers);
    server.end().code(0);
}

#[test]
fn a_chat_says_who_speaks() {
    let server = Background::start(&["listen", "127.0.0.1:0", "--chat", "--peers", "2"], Stdio::null());
    let mut first = dial(&server);
    std::thread::sleep(Duration::from_millis(200));
    let second = dial(&server);
    std::thread::sleep(Duration::from_millis(200));
    first.write_all(b"hel").unwrap();
    first.write_all(b"lo\nand more\nthe rest").unwrap();
    first.shutdown(Shutdown::Write).unwrap();
    let mut heard = BufReader::new(second);
    for line in ["<1> hello\n", "<1> and more\n", "<1> the rest"] {
        let mut said = vec![0; line.len()];
        heard.read_exact(&mut said).unwrap();
        assert_eq!(String::from_utf8(said).unwrap(), line);
    }
    drop(heard);
    server.end().code(0);
}

#[test]
fn a_relay_joins_streams() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem").display().to_string();
    let path = format!("unix:{}", folder.path().join("echo").display());
    let echo = Background::start(&["listen", &path, "--service", "echo"], Stdio::null());
    // Bytes cross plain to Unix, TLS to plain, and plain to TLS.
    let plain = Background::start(&["relay", "127.0.0.1:0", &path], Stdio::null());
    let secure =
        Background::start(&["relay", "tls://127.0.0.1:0", &plain.at, "--ca-out", &ca], Stdio::null());
    let to = format!("tls://localhost:{}", secure.port());
    let last = Background::start(&["relay", "127.0.0.1:0", &to, "-4", "--cacert", &ca], Stdio::null());
    let big = "all the way and back ".repeat(100_000);
    for to in [&plain.at, &last.at] {
        let got = netkit_with(&["socket", "connect", to, "--timeout", "30s"], big.as_bytes()).code(0);
        assert!(got.stdout == big, "other bytes came back");
    }
    for one in [last, secure, plain, echo] {
        one.kill();
    }
}

#[test]
fn a_relay_passes_the_ends_on() {
    let late = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = late.local_addr().unwrap().to_string();
    let peer = std::thread::spawn(move || {
        let (mut stream, _) = late.accept().unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        std::thread::sleep(Duration::from_millis(1200));
        stream.write_all(said.to_uppercase().as_bytes()).unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log").display().to_string();
    let relay =
        Background::start(&["relay", "127.0.0.1:0", &to, "--peers", "1", "--log", &log], Stdio::null());
    assert_eq!(netkit_with(&["socket", "connect", &relay.at], b"late").code(0).stdout, "LATE");
    relay.end().code(0);
    peer.join().unwrap();
    let log = std::fs::read_to_string(&log).unwrap();
    assert_eq!(log.matches("\"event\":\"data\"").count(), 2, "{log}");
    // Nobody behind it: the peer is told by an end, the user by a code.
    let relay = Background::start(&["relay", "127.0.0.1:0", &to, "--peers", "1"], Stdio::null());
    let _ = netkit_with(&["socket", "connect", &relay.at], b"");
    relay.end().code(7).says("Connection refused");
}

#[test]
fn a_relay_dials_both() {
    let near = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = near.local_addr().unwrap().to_string();
    let side = std::thread::spawn(move || {
        let (mut stream, _) = near.accept().unwrap();
        stream.write_all(b"joined").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut back = String::new();
        stream.read_to_string(&mut back).unwrap();
        back
    });
    netkit(&["--mock", "socket", "relay", "--dial", &at]).code(0);
    assert_eq!(side.join().unwrap(), "joined");
}

#[test]
fn a_relay_of_datagrams_finds_the_way_back() {
    let echo = Background::start(&["listen", "udp://127.0.0.1:0", "--service", "echo"], Stdio::null());
    let relay = Background::start(&["relay", "udp://127.0.0.1:0", &echo.at], Stdio::null());
    let to = relay.at.strip_prefix("udp://").unwrap();
    let peers = [UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap()];
    for (peer, said) in peers.iter().zip(["first", ""]) {
        peer.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        peer.send_to(said.as_bytes(), to).unwrap();
    }
    for (peer, said) in peers.iter().zip(["first", ""]) {
        let mut buf = [0; 99];
        let (n, _) = peer.recv_from(&mut buf).unwrap();
        assert_eq!(&buf[..n], said.as_bytes());
    }
    relay.kill();
    echo.kill();
    netkit(&["socket", "relay", "udp://127.0.0.1:0", "tcp://127.0.0.1:9"]).code(4);
}

#[test]
fn a_broker_of_datagrams() {
    let server = Background::start(&["listen", "udp://127.0.0.1:0", "--chat", "--count", "2"], Stdio::null());
    let to = server.at.strip_prefix("udp://").unwrap();
    let peers = [UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap()];
    peers[0].send_to(b"first", to).unwrap();
    peers[1].send_to(b"second", to).unwrap();
    peers[0].set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut heard = String::new();
    let mut buf = [0; 99];
    let (n, _) = peers[0].recv_from(&mut buf).unwrap();
    buf[..n].as_ref().read_line(&mut heard).unwrap();
    assert_eq!(heard, format!("<{}> second", peers[1].local_addr().unwrap()));
    server.end().code(0);
}
