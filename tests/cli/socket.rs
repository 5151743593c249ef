//! `netkit socket`: every form of a host and a port, every carrier, with bytes that arrive.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::command::{Ran, closed_port, command, netkit, netkit_with, ran};

/// A `netkit socket` server in the background.
pub struct Background {
    child: Child,
    pub at: String,
    rest: BufReader<std::process::ChildStderr>,
}

impl Background {
    /// Starts it and waits for the line that says where it listens.
    pub fn start(words: &[&str], stdin: Stdio) -> Background {
        let mut child = command()
            .arg("socket")
            .args(words)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut rest = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let at = loop {
            said.clear();
            assert!(rest.read_line(&mut said).unwrap() > 0, "it left: {words:?}");
            if let Some(at) = said.trim_end().strip_prefix("listening on ") {
                break at.to_owned();
            }
        };
        Background { child, at, rest }
    }

    pub fn port(&self) -> &str {
        self.at.rsplit(':').next().unwrap()
    }

    pub fn stdin(&mut self) -> std::process::ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ran {
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let mut stderr = String::new();
        self.rest.read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code().unwrap();
        Ran { code, stdout, stderr }
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Binds to one form, connects to another at the same port, and sends bytes both ways.
fn round_trip(scheme: &str, bind: &str, connect: &str) {
    let server =
        Background::start(&["listen", &format!("{scheme}://{bind}"), "--service", "echo"], Stdio::null());
    let to = format!("{scheme}://{}", connect.replace("PORT", server.port()));
    let sent = format!("through {bind} and {connect}");
    let count: &[&str] = if scheme == "udp" { &["--count", "1"] } else { &[] };
    let words = [&["socket", "connect", &to, "--timeout", "20s"], count].concat();
    let got = netkit_with(&words, sent.as_bytes());
    server.kill();
    assert_eq!(got.code(0).stdout, sent);
}

#[test]
fn every_form_of_a_host_carries_bytes() {
    for scheme in ["tcp", "udp"] {
        for (bind, connect) in [
            // A name, a dotted quad, an IPv6 address with and without a zone, an integer, and no host at all.
            ("localhost:0", "localhost:PORT"),
            ("127.0.0.1:0", "127.0.0.1:PORT"),
            ("[::1]:0", "[::1]:PORT"),
            ("[::1]:0", "[::1%lo]:PORT"),
            ("[::1]:0", "[::1%251]:PORT"),
            ("2130706433:0", "2130706433:PORT"),
            ("0:0", "127.0.0.1:PORT"),
            (":0", ":PORT"),
            // The empty host takes both families.
            (":0", "127.0.0.1:PORT"),
            (":0", "[::1]:PORT"),
            ("[::ffff:127.0.0.1]:0", "127.0.0.1:PORT"),
        ] {
            // A datagram's name is looked up in IPv4 first, a listener's in the system's order.
            let bind = if scheme == "udp" && bind.starts_with("localhost") { "127.0.0.1:0" } else { bind };
            round_trip(scheme, bind, connect);
        }
    }
}

#[test]
fn every_form_of_a_port_carries_bytes() {
    // An address of loopback's that nobody else uses, so that the registered port is free.
    for (bind, connect) in [
        ("127.77.0.1:0", "127.77.0.1:PORT"),
        ("127.77.0.1:sieve", "127.77.0.1:4190"),
        ("127.77.0.2:4190", "127.77.0.2:sieve"),
        ("127.77.0.3:04190", "127.77.0.3:sieve"),
    ] {
        round_trip("tcp", bind, connect);
        round_trip("udp", bind, connect);
    }
    let server = Background::start(&["listen", "127.0.0.1:0", "--service", "echo"], Stdio::null());
    let words = ["socket", "connect", "127.0.0.1", "--port", server.port()];
    assert_eq!(netkit_with(&words, b"by --port").code(0).stdout, "by --port");
    server.kill();
}

#[test]
fn forms_that_are_none_are_refused() {
    for bad in [
        "localhost",
        "localhost:65536",
        "localhost:no-such-service",
        "4294967296:1",
        "::1:80",
        "[::1]:",
        "1.2.3:4",
        "a b:1",
        "unix:",
        "unixgram:@",
        "ftp://localhost:21",
        "udp://",
        "localhost:-1",
    ] {
        let refused = netkit(&["socket", "connect", bad]).code(3);
        assert!(refused.stderr.starts_with("netkit: "), "{bad}: {}", refused.stderr);
    }
    netkit(&["socket", "connect"]).code(2).says("no TARGET");
    netkit(&["socket", "connect", "udp://localhost:9", "--tls"]).code(2).says("TLS needs a stream");
    netkit(&["socket", "connect", "localhost:9", "--starttls"]).code(4);
    netkit(&["socket", "connect", "tls://localhost:9", "--plain"]).code(2);
}

#[test]
fn a_broadcast_reaches_who_listens() {
    let server = Background::start(&["listen", "udp://0.0.0.0:0", "--count", "1"], Stdio::null());
    let to = format!("udp://<broadcast>:{}", server.port());
    let sent = netkit_with(&["socket", "connect", &to, "--wait", "1ms"], b"to all");
    if sent.code == 55 && sent.stderr.contains("unreachable") {
        // A host without a network has nobody to broadcast to.
        let one = format!("udp://127.255.255.255:{}", server.port());
        netkit_with(&["socket", "connect", &one, "--broadcast", "--wait", "1ms"], b"to all").code(0);
    } else {
        sent.code(0);
    }
    assert_eq!(server.end().code(0).stdout, "to all");
    // Without the option the system refuses: it is not done by mistake.
    netkit_with(&["socket", "connect", "udp://127.255.255.255:9", "--wait", "1ms"], b"x").code(7);
}

#[test]
fn a_multicast_group_hears() {
    let words =
        ["listen", "udp://0.0.0.0:0", "--join", "239.255.7.7", "--interface", "127.0.0.1", "--count", "1"];
    let server = Background::start(&words, Stdio::null());
    let to = format!("udp://239.255.7.7:{}", server.port());
    let words =
        ["socket", "connect", &to, "--interface", "127.0.0.1", "--multicast-ttl", "0", "--wait", "1ms"];
    netkit_with(&words, b"to the group").code(0);
    assert_eq!(server.end().code(0).stdout, "to the group");

    let words = ["listen", "udp://[::]:0", "--join", "ff11::77", "--interface", "lo", "--count", "1"];
    let server = Background::start(&words, Stdio::null());
    let to = format!("udp://[ff11::77%lo]:{}", server.port());
    let sent = netkit_with(&["socket", "connect", &to, "--interface", "lo", "--wait", "1ms"], b"to six");
    if sent.code == 55 {
        // Joined, but this host's loopback has no route for IPv6 multicast: the system says so, and netkit with it.
        sent.says("unreachable");
        return server.kill();
    }
    sent.code(0);
    assert_eq!(server.end().code(0).stdout, "to six");
}

#[test]
fn unix_sockets_of_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s").display().to_string();
    let name = format!("@netkit-test-{}", std::process::id());
    for scheme in ["unix", "unixgram", "unixpacket"] {
        for place in [&path, &name] {
            let at = format!("{scheme}:{place}");
            let server = Background::start(&["listen", &at, "--service", "echo"], Stdio::null());
            assert_eq!(server.at, at);
            let count: &[&str] = if scheme == "unixgram" { &["--count", "1"] } else { &[] };
            let words = [&["socket", "connect", at.as_str(), "--timeout", "20s"], count].concat();
            let got = netkit_with(&words, at.as_bytes());
            server.kill();
            // Killed, it leaves its path behind, which the next one takes over.
            assert_eq!(got.code(0).stdout, at);
        }
    }
    netkit(&["socket", "connect", &format!("unix:{path}.none")]).code(7).says("No such file");
}

#[test]
fn a_path_is_taken_over_only_where_nobody_answers() {
    let folder = tempfile::tempdir().unwrap();
    let at = format!("unix:{}", folder.path().join("live").display());
    let live = Background::start(&["listen", &at, "--service", "echo"], Stdio::null());
    netkit(&["socket", "listen", &at]).code(7).says("Address already in use");
    assert_eq!(netkit_with(&["socket", "connect", &at], b"still here").code(0).stdout, "still here");
    live.kill();
    let file = folder.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    netkit(&["socket", "listen", &format!("unix:{}", file.display())]).code(7);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    // One that ends in order takes its path away.
    let server = Background::start(&["listen", &at], Stdio::null());
    netkit_with(&["socket", "connect", &at], b"once").code(0);
    assert_eq!(server.end().code(0).stdout, "once");
    assert!(!folder.path().join("live").exists());
}

#[test]
fn tls_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem").display().to_string();
    let words = ["listen", "tls://127.0.0.1:0", "--service", "echo", "--ca-out", &ca];
    let server = Background::start(&words, Stdio::null());
    let to = format!("tls://localhost:{}", server.port());
    let big = "0123456789abcdef".repeat(1 << 16);
    let got =
        netkit_with(&["socket", "connect", &to, "-4", "--cacert", &ca, "--timeout", "20s"], big.as_bytes());
    assert!(got.code(0).stdout == big, "what came back is not what was sent");
    netkit_with(&["socket", "connect", &to, "-4"], b"x").code(60).says("hint: ");
    netkit_with(&["socket", "connect", &to, "-4", "-k"], b"x").code(0);
    server.kill();

    let path = format!("unix:{}", folder.path().join("tls").display());
    let server =
        Background::start(&["listen", &path, "--tls", "--service", "echo", "--ca-out", &ca], Stdio::null());
    let words = ["socket", "connect", &path, "--tls", "--sni", "localhost", "--cacert", &ca];
    assert_eq!(netkit_with(&words, b"inside").code(0).stdout, "inside");
    server.kill();
}

#[test]
fn mocks_of_every_carrier() {
    let words = ["--mock", "socket", "connect"];
    assert_eq!(netkit_with(&words, b"hello").code(0).stdout, "hello");
    for target in ["tls://example.org:443", "unix:/nowhere", "unixpacket:/nowhere", "tcp://example.org:7"] {
        let words = ["--mock", "socket", "connect", target];
        assert_eq!(netkit_with(&words, b"hello").code(0).stdout, "hello", "{target}");
    }
    for target in ["udp://example.org:7", "unixgram:/nowhere"] {
        let words = ["--mock", "socket", "connect", target, "--count", "1"];
        assert_eq!(netkit_with(&words, b"hello").code(0).stdout, "hello", "{target}");
    }
    let open = netkit(&["--mock", "socket", "scan", "--json"]).code(0);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&open.stdout).unwrap()["state"], "open");
    netkit(&["--mock", "socket", "wait"]).code(0);
    netkit(&["--mock", "socket", "listen", "127.0.0.1:0"]).code(2);
}

#[test]
fn ports_are_scanned() {
    let server = Background::start(&["listen", "127.77.0.9:sieve", "--service", "discard"], Stdio::null());
    let found = netkit(&["socket", "scan", "127.77.0.9", "4189-4191"]).code(0);
    assert_eq!(found.stdout, "4190\topen\tsieve\n");
    let found = netkit(&["socket", "scan", "127.77.0.9", "4189-4190,sieve", "--all", "--json"]).code(0);
    let lines: Vec<serde_json::Value> =
        found.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["state"], &lines[1]["state"]), (&"closed".into(), &"open".into()));
    assert_eq!((lines.len(), &lines[1]["address"]), (2, &"127.77.0.9:4190".into()));
    server.kill();
    netkit(&["socket", "scan", "127.77.0.9", "4188-4191"]).code(7).says("none of 4 ports is open");
    netkit(&["socket", "scan", "127.0.0.1", "9-3"]).code(2);
    netkit(&["socket", "scan", "127.0.0.1", "0"]).code(2).says("no port");
    netkit(&["socket", "scan", "no-such-host.invalid", "80"]).code(6);
}

#[test]
fn names_are_resolved() {
    assert_eq!(netkit(&["socket", "resolve", "localhost", "-4"]).code(0).stdout, "127.0.0.1\n");
    assert_eq!(netkit(&["socket", "resolve", "localhost:gopher", "-6"]).code(0).stdout, "[::1]:70\n");
    assert_eq!(netkit(&["socket", "resolve", "2130706433"]).code(0).stdout, "127.0.0.1\n");
    assert_eq!(netkit(&["socket", "resolve", "::1"]).code(0).stdout, "::1\n");
    assert_eq!(netkit(&["socket", "resolve", "<broadcast>:9"]).code(0).stdout, "255.255.255.255:9\n");
    let json = netkit(&["socket", "resolve", "[::1]:http", "--json"]).code(0);
    let one: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&one["family"], &one["port"]), (&"AF_INET6".into(), &80.into()));
    netkit(&["socket", "resolve", "no-such-host.invalid"]).code(6);
    let own = netkit(&["socket", "hostname"]).code(0);
    assert_eq!(own.stdout, format!("{}\n", netkit_socket::gethostname()));
}

#[test]
fn somebody_is_waited_for() {
    let port = closed_port().to_string();
    let at = format!("127.0.0.1:{port}");
    netkit(&["socket", "wait", &at, "--max-time", "300ms"]).code(28).says("nobody listens");
    let waiting = command().args(["socket", "wait", &at]).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let server = Background::start(&["listen", &at, "--service", "discard"], Stdio::null());
    ran(waiting.wait_with_output().unwrap()).code(0);
    netkit(&["socket", "wait", &at, "--gone", "--max-time", "300ms"]).code(28).says("still there");
    server.kill();
    netkit(&["socket", "wait", &at, "--gone"]).code(0);
    netkit(&["socket", "wait", "udp://127.0.0.1:9"]).code(4);
}

#[test]
fn what_the_socket_is_told_is_taken() {
    let server = Background::start(&["listen", "127.0.0.1:0", "--service", "echo"], Stdio::null());
    let port = closed_port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "socket",
        "connect",
        server.at.as_str(),
        "--source-port",
        port.as_str(),
        "--bind",
        "127.0.0.2",
        "--ttl",
        "9",
        "--tos",
        "16",
        "--send-buffer",
        "64K",
        "--receive-buffer",
        "64K",
        "--keepalive",
        "30s",
        "--delay",
    ];
    assert_eq!(netkit_with(&words, b"told").code(0).stdout, "told");
    server.kill();
    // The peer sees where it came from.
    let log = folder.path().join("log").display().to_string();
    let server = Background::start(&["listen", "127.0.0.1:0", "--log", &log], Stdio::null());
    let port = closed_port().to_string();
    let words =
        ["socket", "connect", server.at.as_str(), "--source-port", port.as_str(), "--bind", "127.0.0.2"];
    netkit_with(&words, b"hi").code(0);
    server.end().code(0);
    let first = std::fs::read_to_string(&log).unwrap();
    assert!(first.contains(&format!("\"peer\":\"127.0.0.2:{port}\"")), "{first}");
}

#[test]
fn what_passed_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log").display().to_string();
    let seen =
        netkit_with(&["--mock", "socket", "connect", "--log", &log, "--hex", "--crlf"], b"a\nb\n").code(0);
    assert_eq!(seen.stdout.replace('\r', "~"), "a~\nb~\n");
    assert!(seen.stderr.contains("00000000  61 0d 0a 62 0d 0a "), "{}", seen.stderr);
    let lines: Vec<serde_json::Value> = std::fs::read_to_string(&log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |key: &str, value: &str| lines.iter().filter(|line| line[key] == value).count();
    assert_eq!((of("event", "open"), of("event", "close"), of("direction", "sent")), (1, 1, 1));
    let received: u64 = lines
        .iter()
        .filter(|line| line["direction"] == "received")
        .filter_map(|line| line["bytes"].as_u64())
        .sum();
    assert_eq!(received, 6);
    assert!(lines.iter().all(|line| line["time"].as_str().unwrap().ends_with('Z')));
}

#[test]
fn the_small_services() {
    for scheme in ["tcp", "udp"] {
        let place = format!("{scheme}://127.0.0.1:0");
        let server = Background::start(&["listen", &place, "--service", "daytime"], Stdio::null());
        let words = ["socket", "connect", server.at.as_str(), "--count", "1", "--timeout", "20s"];
        let day = netkit_with(&words, b"?").code(0).stdout;
        assert!(day.ends_with("\r\n") && day.contains(", 20"), "{day}");
        server.kill();
        let server = Background::start(&["listen", &place, "--service", "discard"], Stdio::null());
        let words = ["socket", "connect", server.at.as_str(), "--wait", "50ms"];
        assert_eq!(netkit_with(&words, b"x").code(0).stdout, "");
        server.kill();
    }
    let server = Background::start(&["listen", "127.0.0.1:0", "--service", "chargen"], Stdio::null());
    let mut peer = std::net::TcpStream::connect(server.at.strip_prefix("tcp://").unwrap()).unwrap();
    let mut lines = vec![0; 74 * 95 * 2];
    peer.write_all(b"ignored").unwrap();
    peer.read_exact(&mut lines).unwrap();
    assert_eq!(lines[..74 * 95], lines[74 * 95..]);
    assert_eq!(&lines[74..78], b"!\"#$");
    drop(peer);
    server.kill();
}
