//! `netkit telnet` against the mock server, between pipes; `telnet_terminal` has the terminal.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::command::{command, netkit, netkit_with, ran};

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

#[test]
fn a_script_waits_and_sends() {
    let words = ["--mock", "telnet", "run", "-u", "alice:secret", "--expect", r"\$ ", "--send", "whoami"];
    let more = ["--expect", "(ali)ce", "--send", "exit", "--until-close", "--json"];
    let report = json(&netkit(&[&words[..], &more].concat()).code(0).stdout);
    assert_eq!((&report["ok"], &report["tls"]), (&true.into(), &true.into()));
    let steps = report["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["groups"][1] == "ali"), "{steps:?}");
    assert_eq!(steps.last().unwrap()["closed"], true);
    assert!(steps.last().unwrap()["rest"].as_str().unwrap().ends_with("Goodbye.\r\n"));
    assert_eq!(report["options"]["server"], serde_json::json!(["ECHO", "SGA"]));
}

#[test]
fn each_failure_has_its_code() {
    let run = |words: &[&str]| netkit(&[&["--mock", "telnet", "run"], words].concat());
    run(&["--expect", "never", "--step-time", "300ms"]).code(28).says("did not come within 300ms");
    run(&["-u", "alice:secret", "--expect", r"\$ ", "--send", "exit", "--expect", "never"])
        .code(18)
        .says("ended before");
    run(&["-u", "alice:wrong", "--expect", r"\$ ", "--step-time", "300ms"]).code(28);
    run(&["--expect", "("]).code(2).says("--expect (");
    run(&["--command", "XYZ"]).code(2).says("no such command");
    run(&["--send-raw", r"\q"]).code(2).says("an escape is unknown");
    run(&["--send-secret", "NOT_THERE"]).code(2).says("no such variable");
    netkit(&["telnet", "run", "http://host/"]).code(3);
    netkit(&["telnet", "run", "127.0.0.1:1", "--plain"]).code(7);
    netkit(&["telnet", "probe"]).code(2).says("TARGET");
}

#[test]
fn a_script_in_a_file_and_a_secret_that_no_log_shows() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    let text = "# log in\nexpect ogin: \nsend alice\nexpect assword: \nsend-secret WORD\nexpect \\$ \nsend-raw slow x\\x41\\n\nexpect xA\\s+\\$ \n";
    std::fs::write(&script, text).unwrap();
    let trace = folder.path().join("trace");
    let (script, trace_name) = (script.to_str().unwrap(), trace.to_str().unwrap());
    let words = ["--mock", "telnet", "run", "--script", script, "-v", "--trace", trace_name];
    let ran = ran(command().args(words).env("WORD", "secret").output().unwrap()).code(0);
    assert!(!ran.stderr.contains("secret") && ran.stderr.contains("***"), "{}", ran.stderr);
    assert!(!std::fs::read_to_string(trace).unwrap().contains("secret"));
}

#[test]
fn what_would_be_sent() {
    let words =
        ["telnet", "run", "host", "--send", "one", "--command", "AYT", "--send-raw", "two", "--offline"];
    assert_eq!(command().args(words).output().unwrap().stdout, b"one\r\n\xff\xf6two");
    netkit(&["telnet", "connect", "host", "--offline"]).code(4);
}

#[test]
fn a_pipe_goes_in_and_out() {
    let input = b"alice\nsecret\necho one two\ncat notes/ports.txt\nexit\n";
    for target in ["telnet://x/", "telnets://x/"] {
        let ran = netkit_with(&["--mock", "telnet", "connect", target], input).code(0);
        assert!(
            ran.stdout.contains("\r\none two\r\n") && ran.stdout.contains("Usenet news"),
            "{}",
            ran.stdout
        );
        assert!(ran.stdout.ends_with("Goodbye.\r\n"), "{}", ran.stdout);
    }
    let silent = ["--mock", "telnet", "connect", "--timeout", "1s"];
    netkit_with(&silent, b"alice\n").code(28).says("silent");
    netkit_with(&["--mock", "telnet", "connect", "--eof", "close"], b"").code(0);
}

#[test]
fn the_session_is_logged_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (log, cast) = (folder.path().join("log"), folder.path().join("cast"));
    let words = [
        "--mock",
        "telnet",
        "connect",
        "--log",
        log.to_str().unwrap(),
        "--asciicast",
        cast.to_str().unwrap(),
    ];
    let ran = netkit_with(&words, b"alice\nsecret\nexit\n").code(0);
    assert_eq!(std::fs::read_to_string(log).unwrap(), ran.stdout);
    let lines = std::fs::read_to_string(cast).unwrap();
    let mut lines = lines.lines().map(json);
    let head = lines.next().unwrap();
    assert_eq!((&head["version"], &head["width"], &head["height"]), (&2.into(), &80.into(), &24.into()));
    let said: String = lines.map(|event| event[2].as_str().unwrap().to_owned()).collect();
    assert_eq!(said, ran.stdout);
}

#[test]
fn the_server_learns_what_it_may() {
    let run = |words: &[&str]| {
        let steps = [
            "--expect", r"\$ ", "--send", "terminal", "--expect", r"\$ $", "--send", "env", "--expect",
            r"\$ $",
        ];
        let words = [&["--mock", "telnet", "run", "-u", "alice:secret"], words, &steps[..]].concat();
        ran(command().args(words).env("LANG", "C").env("HIDDEN", "x").output().unwrap()).code(0).stdout
    };
    let told = run(&[
        "--term",
        "XTERM",
        "--term",
        "VT100",
        "--window",
        "132x43",
        "--env",
        "LANG",
        "--env",
        "DISPLAY=h:0",
    ]);
    for words in ["types: XTERM, VT100", "window: 132x43", "display: h:0", "USERVAR LANG=C", "VAR USER=alice"]
    {
        assert!(told.contains(words), "{words} in {told}");
    }
    assert!(!told.contains("HIDDEN"), "{told}");
    let little = run(&["--without", "NAWS", "--without", "TTYPE"]);
    assert!(little.contains("window: not known") && little.contains("types: \r\n"), "{little}");
    netkit(&["--mock", "telnet", "run", "--without", "NOPE"]).code(2);
}

#[test]
fn tls_is_had_or_nothing_is_said() {
    let report = |words: &[&str]| {
        json(&netkit(&[&["--mock", "telnet", "run", "--json"], words].concat()).code(0).stdout)
    };
    assert_eq!(report(&["--starttls", "--expect", "ogin"])["tls"], true);
    assert_eq!(report(&["--tls", "--expect", "ogin"])["tls"], true);
    assert_eq!(report(&["--plain", "--expect", "ogin"])["tls"], false);
    // A server that refuses, and one that does not answer.
    for answer in [&b"\xff\xfe\x2e"[..], b"login: "] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut came = vec![0; 3];
            stream.read_exact(&mut came).unwrap();
            stream.write_all(answer).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            stream.read_to_end(&mut came).unwrap();
            came
        });
        netkit(&["telnet", "run", &at, "--starttls", "--send", "secret"]).code(64);
        assert_eq!(server.join().unwrap(), b"\xff\xfb\x2e");
    }
}

#[test]
fn a_probe_asks_for_everything() {
    let report = json(&netkit(&["--mock", "telnet", "probe", "--json", "--listen", "400ms"]).code(0).stdout);
    assert_eq!(report["server_does"], serde_json::json!(["ECHO", "SGA"]));
    assert_eq!(report["refused_to_server"]["ours"], serde_json::json!(["XDISPLOC"]));
    assert_eq!((&report["start_tls"], &report["after_asking"]["timing_mark"]), (&true.into(), &true.into()));
    assert!(report["after_asking"]["client_may"].as_array().unwrap().contains(&"LINEMODE".into()));
    assert!(report["banner"].as_str().unwrap().ends_with("login: "));
}

#[test]
fn what_the_server_says_is_compressed_when_it_was_asked_for() {
    let steps = ["--expect", r"\$ $", "--send", "count 20000", "--expect", r"19999\s+20000\s+\$ $", "--json"];
    let words = [&["--mock", "telnet", "run", "--with", "MCCP2", "-u", "alice:secret"], &steps[..]].concat();
    let report = json(&netkit(&words).code(0).stdout);
    assert!(report["options"]["server"].as_array().unwrap().contains(&"MCCP2".into()), "{report}");
}

#[test]
fn options_that_are_asked_for() {
    let steps = [
        "--with",
        "COM-PORT",
        "--with",
        "GMCP",
        "--with",
        "MSSP",
        "--expect",
        r"\$ $",
        "--sub",
        r"COM-PORT \x01\x00\x00\x00\x00",
        "--sub",
        "COM-PORT \\x02\\x07",
        "--sub",
        "GMCP Core.Ping",
        "--send",
        "options",
        "--expect",
        r"(?s)server:.*client:.*\$ $",
        "--send",
        "said",
        "--expect",
        r"\$ $",
        "--json",
    ];
    let words = [&["--mock", "telnet", "run", "-u", "alice:secret"], &steps[..]].concat();
    let report = json(&netkit(&words).code(0).stdout);
    let told: Vec<&str> =
        report["told"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let wanted = [
        "COM-PORT server SET-BAUDRATE 9600",
        "COM-PORT server SET-DATASIZE 7",
        "GMCP Core.Ping",
        "MSSP NAME=mock.netkit.example PLAYERS=1 UPTIME=0",
    ];
    for words in wanted {
        assert!(told.contains(&words), "{words} in {told:?}");
    }
    assert!(report["options"]["client"].as_array().unwrap().contains(&"COM-PORT".into()), "{report}");
    let server = report["options"]["server"].as_array().unwrap();
    assert!(server.contains(&"GMCP".into()) && server.contains(&"MSSP".into()), "{report}");
    // Nobody asked: nothing is agreed to.
    let report = json(&netkit(&["--mock", "telnet", "run", "--expect", "login: ", "--json"]).code(0).stdout);
    assert_eq!(report["options"]["server"], serde_json::json!(["ECHO", "SGA"]));
    netkit(&["--mock", "telnet", "run", "--with", "NONSENSE"]).code(2).says("--with NONSENSE");
    netkit(&["--mock", "telnet", "run", "--sub", "NONSENSE x"]).code(2).says("no such option");
    netkit(&["--mock", "telnet", "run", "--sub", r"GMCP \q"]).code(2).says("an escape is unknown");
    let sent = command().args(["telnet", "run", "host", "--sub", r"COM-PORT \x0c\x03", "--offline"]).output();
    assert_eq!(sent.unwrap().stdout, b"\xff\xfa,\x0c\x03\xff\xf0");
    let report = json(&netkit(&["--mock", "telnet", "probe", "--listen", "500ms", "--json"]).code(0).stdout);
    let said = report["said"].as_array().unwrap();
    assert!(said.iter().any(|one| one.as_str().unwrap().starts_with("MSSP NAME=")), "{report}");
}
