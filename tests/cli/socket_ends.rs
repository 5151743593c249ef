//! The table of ends: who stops first, what happens to the bytes, and what the exit code is. Each row is a test.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use crate::command::{command, netkit_with, ran};
use crate::socket::Background;

/// A peer that does `what` with the one who comes: where.
fn peer(what: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    thread::spawn(move || what(listener.accept().unwrap().0));
    at
}

/// A run whose stdin stays open.
fn open_stdin(words: &[&str]) -> Child {
    let mut command = command();
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn reset(stream: TcpStream) {
    let socket = socket2(&stream);
    socket.unwrap();
    drop(stream);
}

/// A close with bytes unread is a reset (RFC 9293 section 3.6.1): the bytes are waited for, not taken.
fn socket2(stream: &TcpStream) -> std::io::Result<usize> {
    stream.peek(&mut [0])
}

#[test]
fn stdin_ends_and_the_late_answer_comes() {
    let at = peer(|mut stream| {
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        // Later than the timers of those who have one.
        thread::sleep(Duration::from_millis(1500));
        stream.write_all(format!("late answer to {said}").as_bytes()).unwrap();
    });
    assert_eq!(
        netkit_with(&["socket", "connect", &at], b"a question").code(0).stdout,
        "late answer to a question"
    );
}

#[test]
fn nothing_on_stdin_is_an_end_too() {
    let at = peer(|mut stream| {
        stream.read_to_end(&mut Vec::new()).unwrap();
        stream.write_all(b"said after the end").unwrap();
    });
    assert_eq!(netkit_with(&["socket", "connect", &at], b"").code(0).stdout, "said after the end");
}

#[test]
fn the_peer_ends_and_stdin_is_open() {
    let at = peer(|mut stream| stream.write_all(b"all I have").unwrap());
    let child = open_stdin(&["socket", "connect", &at, "--wait", "50ms"]);
    // stdin is open until after the end.
    let mut child = child;
    let stdin = child.stdin.take();
    assert_eq!(ran(child.wait_with_output().unwrap()).code(0).stdout, "all I have");
    drop(stdin);
}

#[test]
fn the_peer_has_nothing_to_say_and_gets_everything() {
    let (tell, told) = std::sync::mpsc::channel();
    let at = peer(move |mut stream| {
        stream.shutdown(Shutdown::Write).unwrap();
        thread::sleep(Duration::from_millis(200));
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        tell.send(all.len()).unwrap();
    });
    let big = vec![b'x'; 4 << 20];
    netkit_with(&["socket", "connect", &at], &big).code(0);
    assert_eq!(told.recv().unwrap(), big.len());
}

#[test]
fn both_talk_at_once() {
    // Neither waits for the other to be silent: more than all buffers hold goes both ways.
    let big = vec![b'x'; 16 << 20];
    let back = netkit_with(&["--mock", "socket", "connect", "--timeout", "30s"], &big).code(0);
    assert_eq!(back.stdout.len(), big.len());
    let back = netkit_with(&["--mock", "socket", "connect", "--tls", "--timeout", "30s"], &big).code(0);
    assert_eq!(back.stdout.len(), big.len());
}

#[test]
fn a_reset_is_a_failure_after_what_came() {
    let at = peer(|mut stream| {
        stream.write_all(b"before").unwrap();
        thread::sleep(Duration::from_millis(100));
        reset(stream);
    });
    let ended = netkit_with(&["socket", "connect", &at], b"never read").code(56).says("reset by peer");
    assert_eq!(ended.stdout, "before");
}

#[test]
fn bytes_that_did_not_arrive_are_a_failure() {
    let at = peer(|stream| {
        stream.peek(&mut [0]).unwrap();
        thread::sleep(Duration::from_millis(100));
        drop(stream);
    });
    let big = vec![b'x'; 32 << 20];
    let mut child = open_stdin(&["socket", "connect", &at]);
    // It may leave before it has read all.
    let _ = child.stdin.take().unwrap().write_all(&big);
    let ended = ran(child.wait_with_output().unwrap());
    assert!([55, 56].contains(&ended.code), "{ended:?}");
}

#[test]
fn a_closed_stdout_is_a_quiet_end() {
    let server = Background::start(&["listen", "127.0.0.1:0", "--service", "chargen"], Stdio::null());
    for more in [&[][..], &["--hex"]] {
        let words = [&["socket", "connect", server.at.as_str()], more].concat();
        let mut child = command().args(&words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 1000]).unwrap();
        drop(stdout);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{more:?}");
    }
    server.kill();
}

#[test]
fn tls_that_is_cut_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem").display().to_string();
    let server = Background::start(
        &["listen", "tls://127.0.0.1:0", "--service", "echo", "--ca-out", &ca],
        Stdio::null(),
    );
    // Between them a relay that cuts the connection as soon as the handshake is over.
    let to = server.at.strip_prefix("tls://").unwrap().to_owned();
    let at = peer(move |mut near| {
        let mut far = TcpStream::connect(to).unwrap();
        let (mut near_in, mut far_out) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut near_in, &mut far_out));
        let mut buf = [0; 4096];
        far.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        while let Ok(n) = far.read(&mut buf) {
            near.write_all(&buf[..n]).unwrap();
        }
        near.shutdown(Shutdown::Write).unwrap();
    });
    let port = at.rsplit(':').next().unwrap();
    let mut child =
        open_stdin(&["socket", "connect", &format!("tls://localhost:{port}"), "-4", "--cacert", &ca]);
    let stdin = child.stdin.take();
    ran(child.wait_with_output().unwrap()).code(18).says("without saying that it was done");
    drop(stdin);
    server.kill();
}

#[test]
fn a_silent_peer_is_left_when_the_user_says_so() {
    let at = peer(|stream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream);
    });
    netkit_with(&["socket", "connect", &at, "--timeout", "200ms"], b"").code(28).says("idle");
    let at = peer(|stream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream);
    });
    netkit_with(&["socket", "connect", &at, "--max-time", "300ms"], b"").code(28);
    let late = netkit_with(&["socket", "listen", "127.0.0.1:0", "--max-time", "200ms"], b"");
    late.code(28).says("nobody came");
}

#[test]
fn a_listener_has_the_same_ends() {
    // Its stdin is at its end at once; the peer's bytes come all the same.
    let server = Background::start(&["listen", "127.0.0.1:0"], Stdio::null());
    let mut peer = TcpStream::connect(server.at.strip_prefix("tcp://").unwrap()).unwrap();
    assert_eq!(peer.read(&mut [0]).unwrap(), 0, "told at once");
    thread::sleep(Duration::from_millis(1200));
    peer.write_all(b"late").unwrap();
    drop(peer);
    assert_eq!(server.end().code(0).stdout, "late");

    let mut server = Background::start(&["listen", "127.0.0.1:0", "--wait", "50ms"], Stdio::piped());
    let mut stdin = server.stdin();
    stdin.write_all(b"from stdin").unwrap();
    let mut peer = TcpStream::connect(server.at.strip_prefix("tcp://").unwrap()).unwrap();
    peer.read_exact(&mut [0; 10]).unwrap();
    drop(peer);
    server.end().code(0);
}

#[test]
fn datagrams_are_waited_for_a_second() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = format!("udp://{}", server.local_addr().unwrap());
    thread::spawn(move || {
        let (_, from) = server.recv_from(&mut [0; 99]).unwrap();
        for answer in ["one ", "two ", "three"] {
            thread::sleep(Duration::from_millis(600));
            server.send_to(answer.as_bytes(), from).unwrap();
        }
    });
    assert_eq!(netkit_with(&["socket", "connect", &at], b"?").code(0).stdout, "one two three");
}

#[test]
fn datagrams_are_counted() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = format!("udp://{}", server.local_addr().unwrap());
    let counting = at.clone();
    let child = thread::spawn(move || {
        // Later than a second: the count is what ends it.
        netkit_with(&["socket", "connect", &counting, "--count", "2"], b"?").code(0).stdout
    });
    let (_, from) = server.recv_from(&mut [0; 99]).unwrap();
    thread::sleep(Duration::from_millis(1300));
    for answer in ["a", "b", "c"] {
        server.send_to(answer.as_bytes(), from).unwrap();
    }
    assert_eq!(child.join().unwrap(), "ab");
    let few = netkit_with(&["socket", "connect", &at, "--count", "2", "--timeout", "200ms"], b"?");
    few.code(28).says("after 0 datagrams");
}

#[test]
fn an_empty_datagram_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log").display().to_string();
    let server =
        Background::start(&["listen", "udp://127.0.0.1:0", "--count", "3", "--log", &log], Stdio::null());
    netkit_with(&["socket", "connect", &server.at, "--lines", "--wait", "1ms"], b"a\n\nb\n").code(0);
    assert_eq!(server.end().code(0).stdout, "ab");
    let sizes: Vec<u64> = std::fs::read_to_string(&log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["bytes"].as_u64().unwrap())
        .collect();
    assert_eq!(sizes, [1, 0, 1]);
}

#[test]
fn a_datagram_nobody_takes_is_a_failure() {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = netkit_with(&["socket", "connect", &format!("udp://127.0.0.1:{port}")], b"x");
    refused.code(56).says("refused");
}
