//! `netkit socket` with ncat, socat and OpenBSD nc at the other end, in every row of the table of ends.

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::folder;
use crate::servers::server;

const ALL: [&str; 3] = ["ncat", "socat", "nc"];

/// The other end.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(words: &str) -> Child {
    let mut words = words.split(' ');
    let mut command = Command::new(words.next().unwrap());
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn netkit(words: &str) -> Child {
    spawn(&format!("{} socket {words}", env!("CARGO_BIN_EXE_netkit")))
}

/// A port where nobody is.
fn free() -> (u16, u16) {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    (tcp.local_addr().unwrap().port(), udp.local_addr().unwrap().port())
}

/// Waits until somebody is bound there, without connecting: the peers serve one connection.
fn bound(table: &str, port: u16) {
    let began = Instant::now();
    let wanted = format!(":{port:04X} ");
    // 0A is LISTEN, 07 an unconnected datagram socket (proc(5)).
    let state = if table == "tcp" { " 0A " } else { " 07 " };
    loop {
        let text = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap();
        if text.lines().any(|line| line.contains(&wanted) && line.contains(state)) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "nobody listens at {port}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The peer listens on TCP; where.
fn listening(name: &str) -> (Peer, u16) {
    let (port, _) = free();
    let peer = Peer(spawn(&match name {
        "ncat" => format!("ncat -l 127.0.0.1 {port}"),
        "socat" => format!("socat -t 10 TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr STDIO"),
        _ => format!("nc.openbsd -N -l 127.0.0.1 {port}"),
    }));
    bound("tcp", port);
    (peer, port)
}

/// The peer connects over TCP.
fn connecting(name: &str, port: u16) -> Peer {
    Peer(spawn(&match name {
        "ncat" => format!("ncat 127.0.0.1 {port}"),
        "socat" => format!("socat -t 10 STDIO TCP:127.0.0.1:{port}"),
        _ => format!("nc.openbsd -N 127.0.0.1 {port}"),
    }))
}

/// `netkit socket listen` at a free port.
fn netkit_listens(more: &str) -> (Child, u16) {
    let (port, _) = free();
    let child = netkit(&format!("listen 127.0.0.1:{port} -q{more}"));
    bound("tcp", port);
    (child, port)
}

fn say(child: &mut Child, words: &[u8]) {
    child.stdin.as_mut().unwrap().write_all(words).unwrap();
}

fn hang_up(child: &mut Child) {
    drop(child.stdin.take());
}

fn all(child: &mut Child) -> String {
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    text
}

/// So many bytes of what a process writes, which must come by themselves.
#[track_caller]
fn hear(child: &mut Child, len: usize) -> Vec<u8> {
    let mut stdout = child.stdout.take().unwrap();
    let (told, telling) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let mut heard = vec![0; len];
        let outcome = stdout.read_exact(&mut heard);
        told.send((stdout, outcome.map(|()| heard)))
    });
    let Ok((stdout, heard)) = telling.recv_timeout(Duration::from_secs(30)) else {
        child.kill().unwrap();
        panic!("nothing is heard");
    };
    child.stdout = Some(stdout);
    heard.unwrap()
}

/// The end of a run, which must come by itself.
#[track_caller]
fn ended(mut child: Child, code: i32) -> Output {
    let began = Instant::now();
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take().unwrap());
    let reading = thread::spawn(move || {
        let mut all = Vec::new();
        out.as_mut().map(|out| out.read_to_end(&mut all));
        all
    });
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("it hangs");
        }
        thread::sleep(Duration::from_millis(10));
    };
    let mut stderr = Vec::new();
    err.read_to_end(&mut stderr).unwrap();
    let output = Output { status, stdout: reading.join().unwrap(), stderr };
    assert_eq!(status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn signal(name: &str, child: &Child) {
    let done = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(done.success());
}

#[test]
fn stdin_ends_and_the_late_answer_comes() {
    let (port, _) = free();
    let script = "SYSTEM:cat >/dev/null; sleep 1.5; echo late";
    let listen = format!("TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr");
    let socat =
        Command::new("socat").args(["-t", "10", &listen, script]).stdin(Stdio::null()).spawn().unwrap();
    let _peer = Peer(socat);
    bound("tcp", port);
    let mut run = netkit(&format!("connect 127.0.0.1:{port}"));
    say(&mut run, b"question\n");
    hang_up(&mut run);
    assert_eq!(ended(run, 0).stdout, b"late\n");
    // The others have no late words: they leave at the other's end. What they said before is not lost.
    for name in ["ncat", "nc"] {
        let (mut peer, port) = listening(name);
        let mut run = netkit(&format!("connect 127.0.0.1:{port}"));
        say(&mut peer.0, b"early");
        say(&mut run, b"question");
        hear(&mut peer.0, 8);
        hang_up(&mut run);
        assert_eq!(ended(run, 0).stdout, b"early", "{name}");
    }
}

#[test]
fn the_peer_ends_and_stdin_is_open() {
    for name in ALL {
        let (mut peer, port) = listening(name);
        let mut run = netkit(&format!("connect 127.0.0.1:{port} --wait 50ms"));
        let stdin = run.stdin.take();
        say(&mut peer.0, b"all I have");
        hang_up(&mut peer.0);
        assert_eq!(ended(run, 0).stdout, b"all I have", "{name}");
        drop(stdin);
    }
}

#[test]
fn the_peer_has_nothing_to_say_and_gets_everything() {
    for name in ALL {
        let (mut peer, port) = listening(name);
        hang_up(&mut peer.0);
        let big = vec![b'x'; 4 << 20];
        let mut run = netkit(&format!("connect 127.0.0.1:{port}"));
        let mut stdin = run.stdin.take().unwrap();
        let writing = thread::spawn(move || stdin.write_all(&big).unwrap());
        assert_eq!(all(&mut peer.0).len(), 4 << 20, "{name}");
        writing.join().unwrap();
        ended(run, 0);
    }
}

#[test]
fn a_peer_that_dies_with_bytes_unread_is_a_failure() {
    for name in ALL {
        let (peer, port) = listening(name);
        let mut run = netkit(&format!("connect 127.0.0.1:{port}"));
        say(&mut run, b"first");
        thread::sleep(Duration::from_millis(200));
        signal("-STOP", &peer.0);
        say(&mut run, b"never read");
        thread::sleep(Duration::from_millis(200));
        // The end of a process whose socket holds bytes is a reset.
        drop(peer);
        hang_up(&mut run);
        let said = String::from_utf8(ended(run, 56).stderr).unwrap();
        assert!(said.contains("reset"), "{name}: {said}");
    }
}

#[test]
fn a_closed_stdout_is_a_quiet_end() {
    for name in ALL {
        let (mut peer, port) = listening(name);
        let mut run = netkit(&format!("connect 127.0.0.1:{port}"));
        let mut stdin = peer.0.stdin.take().unwrap();
        thread::spawn(move || while stdin.write_all(&[b'x'; 4096]).is_ok() {});
        let mut stdout = run.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 1000]).unwrap();
        drop(stdout);
        assert_eq!(ended(run, 0).stderr, b"", "{name}");
    }
}

#[test]
fn a_listener_answers_late_and_takes_everything() {
    for name in ALL {
        // Its own stdin pauses: how long that may be after the peer's end is the user's to say.
        let (mut run, port) = netkit_listens(" --wait 10s");
        let mut peer = connecting(name, port);
        say(&mut peer.0, b"question");
        hang_up(&mut peer.0);
        thread::sleep(Duration::from_millis(1200));
        say(&mut run, b"late answer");
        hang_up(&mut run);
        assert_eq!(all(&mut peer.0), "late answer", "{name}");
        assert_eq!(ended(run, 0).stdout, b"question", "{name}");
    }
}

#[test]
fn a_listener_without_words_hears_everything() {
    for name in ALL {
        let (mut run, port) = netkit_listens("");
        let mut peer = connecting(name, port);
        say(&mut peer.0, b"told ");
        hear(&mut run, 5);
        hang_up(&mut run);
        // ncat leaves at the other's end, the others go on.
        if name != "ncat" {
            thread::sleep(Duration::from_millis(100));
            say(&mut peer.0, b"all the same");
        }
        hang_up(&mut peer.0);
        let rest: &[u8] = if name == "ncat" { b"" } else { b"all the same" };
        assert_eq!(ended(run, 0).stdout, rest, "{name}");
    }
}

#[test]
fn datagrams_both_ways() {
    for name in ALL {
        let (_, port) = free();
        let mut peer = Peer(spawn(&match name {
            "ncat" => format!("ncat -u -l 127.0.0.1 {port}"),
            "socat" => format!("socat -t 10 UDP-LISTEN:{port},bind=127.0.0.1 STDIO"),
            _ => format!("nc.openbsd -u -l 127.0.0.1 {port}"),
        }));
        bound("udp", port);
        let mut run = netkit(&format!("connect udp://127.0.0.1:{port} --wait 3s"));
        say(&mut run, b"question");
        hang_up(&mut run);
        hear(&mut peer.0, 8);
        // Two answers, each within the time from what was before it.
        for answer in [b"one ", b"two "] {
            thread::sleep(Duration::from_millis(600));
            say(&mut peer.0, answer);
        }
        assert_eq!(ended(run, 0).stdout, b"one two ", "{name}");

        let (_, port) = free();
        let mut run = netkit(&format!("listen udp://127.0.0.1:{port} -q --count 2"));
        bound("udp", port);
        let mut peer = Peer(spawn(&match name {
            "ncat" => format!("ncat -u 127.0.0.1 {port}"),
            "socat" => format!("socat STDIO UDP:127.0.0.1:{port}"),
            _ => format!("nc.openbsd -u 127.0.0.1 {port}"),
        }));
        // Heard before the next is said: a peer that starts late reads both together.
        say(&mut peer.0, b"one ");
        assert_eq!(hear(&mut run, 4), b"one ", "{name}");
        say(&mut peer.0, b"two ");
        assert_eq!(ended(run, 0).stdout, b"two ", "{name}");
    }
}

/// Until a socket's path is there.
fn appears(path: &Path) {
    let began = Instant::now();
    while !path.exists() {
        assert!(began.elapsed() < Duration::from_secs(10), "{} does not appear", path.display());
        thread::sleep(Duration::from_millis(10));
    }
    // Between bind and listen.
    thread::sleep(Duration::from_millis(100));
}

#[test]
fn unix_sockets() {
    for name in ALL {
        let place = folder();
        let path = place.path().join("s");
        let shown = path.display();
        let mut peer = Peer(spawn(&match name {
            "ncat" => format!("ncat -U -l {shown}"),
            "socat" => format!("socat -t 10 UNIX-LISTEN:{shown} STDIO"),
            _ => format!("nc.openbsd -N -U -l {shown}"),
        }));
        appears(&path);
        let mut run = netkit(&format!("connect unix:{shown} --wait 50ms"));
        say(&mut run, b"question");
        hear(&mut peer.0, 8);
        say(&mut peer.0, b"answer");
        hang_up(&mut peer.0);
        assert_eq!(ended(run, 0).stdout, b"answer", "{name}");
    }
    // Messages, and names that are no path: only socat knows them.
    for (theirs, ours) in
        [("UNIX-LISTEN:PLACE,type=5", "unixpacket:PLACE"), ("ABSTRACT-LISTEN:NAME", "unix:@NAME")]
    {
        let place = folder();
        let path = place.path().join("s");
        let name = format!("netkit-interop-{}", std::process::id());
        let put = |text: &str| text.replace("PLACE", &path.display().to_string()).replace("NAME", &name);
        let _peer = Peer(spawn(&put(&format!("socat -t 10 {theirs} PIPE"))));
        thread::sleep(Duration::from_millis(500));
        let mut run = netkit(&put(&format!("connect {ours}")));
        say(&mut run, b"there and back");
        hang_up(&mut run);
        assert_eq!(ended(run, 0).stdout, b"there and back", "{theirs}");
    }
    let place = folder();
    let path = place.path().join("s");
    let run = netkit(&format!("listen unixgram:{} -q --count 1", path.display()));
    appears(&path);
    let mut peer = Peer(spawn(&format!("socat STDIN UNIX-SENDTO:{}", path.display())));
    say(&mut peer.0, b"a message");
    assert_eq!(ended(run, 0).stdout, b"a message");
}

/// ncat closes without close_notify when it is the first to close, and whoever cuts a connection could do the same: all is shown,
/// and the code says it. A connection that it closes after our own end is whole.
#[test]
fn tls_both_ways() {
    let (work, ca) = (server("WORK"), server("CA_FILE"));
    let (cert, key) = (format!("{work}/tls/server.pem"), format!("{work}/tls/server.key"));
    for (name, first, code) in
        [("ncat", "peer", 18), ("ncat", "netkit", 0), ("socat", "peer", 0), ("socat", "netkit", 0)]
    {
        let (port, _) = free();
        let mut peer = Peer(spawn(&match name {
            "ncat" => format!("ncat -l 127.0.0.1 {port} --ssl --ssl-cert {cert} --ssl-key {key}"),
            _ => format!(
                "socat -t 10 OPENSSL-LISTEN:{port},bind=127.0.0.1,cert={cert},key={key},verify=0 STDIO"
            ),
        }));
        bound("tcp", port);
        let mut run = netkit(&format!("connect tls://localhost:{port} -4 --cacert {ca} --wait 50ms"));
        say(&mut run, b"question");
        assert_eq!(hear(&mut peer.0, 8), b"question", "{name}");
        say(&mut peer.0, b"answer");
        assert_eq!(hear(&mut run, 6), b"answer", "{name}");
        hang_up(if first == "peer" { &mut peer.0 } else { &mut run });
        // socat goes on until both have ended, ncat leaves at the other's end.
        if name == "socat" {
            hang_up(&mut peer.0);
        }
        assert_eq!(ended(run, code).stdout, b"", "{name}, {first} first");
    }
    for (name, first, code) in
        [("ncat", "peer", 18), ("ncat", "netkit", 18), ("socat", "peer", 0), ("socat", "netkit", 0)]
    {
        let (port, _) = free();
        let mut run = netkit(&format!("listen tls://127.0.0.1:{port} -q --cert {cert} --key {key}"));
        bound("tcp", port);
        let mut peer = Peer(spawn(&match name {
            "ncat" => format!("ncat --ssl --ssl-verify --ssl-trustfile {ca} localhost {port} -4"),
            _ => format!("socat -t 10 STDIO OPENSSL:localhost:{port},cafile={ca},pf=ip4"),
        }));
        say(&mut peer.0, b"question");
        assert_eq!(hear(&mut run, 8), b"question", "{name}");
        say(&mut run, b"answer");
        assert_eq!(hear(&mut peer.0, 6), b"answer", "{name}");
        if first == "netkit" {
            hang_up(&mut run);
        }
        hang_up(&mut peer.0);
        ended(run, code);
    }
}
