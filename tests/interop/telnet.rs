//! `netkit telnet` against inetutils-telnetd, by characters and by lines, and in TLS; and against telnetd-ssl.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use serde_json::Value;

use crate::servers::{place, server};

fn netkit(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netkit"));
    command
        .env_clear()
        .env("TERM", "vt100")
        .env("HOME", "/nonexistent")
        .env("LANG", "C")
        .stdin(Stdio::null());
    // No test waits for ever: whatever hangs is ended, with a code that none expects.
    command.args(words).args(["--max-time", "120s"]).output().unwrap()
}

#[track_caller]
fn done(words: &[&str]) -> String {
    let output = netkit(words);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
fn a_script_at_telnetd() {
    let login = format!("alice:{}", server("ALICE_PASSWORD"));
    for port in ["TELNET_PORT", "TELNET_LINEMODE_PORT", "TELNET2_PORT"] {
        let words = [
            "telnet",
            "run",
            &place(port),
            "-u",
            &login,
            "--window",
            "91x33",
            "--term",
            "xterm",
            "--env",
            "LANG",
        ];
        let steps = [
            "--expect", "% $", "--send", "size", "--expect", "91x33", "--expect", "% $", "--send", "term",
            "--expect", "xterm", "--expect", "% $", "--send", "env LANG", "--expect", "LANG=C", "--expect",
            "% $", "--send", "exit", "--expect", "goodbye", "--json",
        ];
        let report: Value = serde_json::from_str(&done(&[&words[..], &steps].concat())).unwrap();
        assert_eq!(report["ok"], true, "{report}");
        assert!(report["options"]["client"].as_array().unwrap().contains(&"NAWS".into()), "{report}");
    }
}

#[test]
fn telnets_with_a_certificate_that_is_checked() {
    let login = format!("alice:{}", server("ALICE_PASSWORD"));
    let steps = ["-u", &login, "--expect", "% $", "--send", "echo in tls", "--expect", "\nin tls"];
    for port in ["TELNETS_PORT", "TELNET2_TLS_PORT"] {
        let url = format!("telnets://{}", place(port));
        done(&[&["telnet", "run", &url, "--cacert", server("CA_FILE")], &steps[..]].concat());
        let refused =
            netkit(&[&["telnet", "run", &url, "--cacert", server("OTHER_CA_FILE")], &steps[..]].concat());
        assert_eq!(refused.status.code(), Some(60), "{port}");
    }
    let starttls = netkit(&["telnet", "run", &place("TELNET_PORT"), "--starttls", "--expect", "login"]);
    assert_eq!(starttls.status.code(), Some(64), "{}", String::from_utf8_lossy(&starttls.stderr));
}

#[test]
fn an_interrupt_reaches_what_runs_there() {
    let login = format!("alice:{}", server("ALICE_PASSWORD"));
    let steps = [
        "--expect",
        "% $",
        "--send",
        "wait",
        "--expect",
        "waiting",
        "--command",
        "IP",
        "--expect",
        "interrupted",
    ];
    for port in ["TELNET_PORT", "TELNET2_PORT"] {
        done(&[&["telnet", "run", &place(port), "-u", &login], &steps[..]].concat());
    }
}

#[test]
fn much_text_comes_whole() {
    let login = format!("alice:{}", server("ALICE_PASSWORD"));
    let steps = ["--expect", "% $", "--send", "bulk 50000", "--expect", "end of it", "--step-time", "60s"];
    let text = done(&[&["telnet", "run", &place("TELNET_PORT"), "-u", &login], &steps[..]].concat());
    let line = "0123456789abcdef".repeat(4);
    assert_eq!(text.matches(&line[..63]).count(), 50_000);
}

#[test]
fn what_telnetd_negotiates() {
    let second = done(&["telnet", "probe", &place("TELNET2_PORT"), "--json"]);
    let second: Value = serde_json::from_str(&second).unwrap();
    for option in ["SGA", "STATUS", "BINARY"] {
        assert!(
            second["after_asking"]["server_does"].as_array().unwrap().contains(&option.into()),
            "{second}"
        );
    }
    assert_eq!(second["after_asking"]["timing_mark"], true);
    let report = done(&["telnet", "probe", &place("TELNET_PORT"), "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    for option in ["TTYPE", "TSPEED", "NEW-ENVIRON"] {
        assert!(report["server_wants"].as_array().unwrap().contains(&option.into()), "{report}");
    }
    assert!(report["after_asking"]["server_does"].as_array().unwrap().contains(&"SGA".into()), "{report}");
    assert_eq!(report["start_tls"], false);
}

/// A session on a real pseudo-terminal.
struct Screen {
    master: File,
    slave: File,
    child: Child,
    shown: Arc<Mutex<String>>,
}

impl Screen {
    fn start(program: &[&str]) -> Screen {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let master = File::from(master);
        tcsetwinsize(&master, Winsize { ws_col: 80, ws_row: 24, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let file = || slave.try_clone().unwrap();
        let mut command = Command::new("setsid");
        command.arg("--ctty").args(program).env("TERM", "vt100").env("HOME", "/nonexistent");
        let child = command.stdin(file()).stdout(file()).stderr(file()).spawn().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let (mut reader, sink) = (master.try_clone().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                sink.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..n]));
            }
        });
        Screen { master, slave, child, shown }
    }

    #[track_caller]
    fn shows(&self, words: &str) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let found = {
                let mut shown = self.shown.lock().unwrap();
                let at = shown.find(words);
                at.map(|at| {
                    let before = shown[..at].to_owned();
                    shown.drain(..at + words.len());
                    before
                })
            };
            if let Some(before) = found {
                return before;
            }
            assert!(Instant::now() < end, "{words:?} does not come: {}", self.shown.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    fn resize(&self, ws_col: u16, ws_row: u16) {
        tcsetwinsize(&self.master, Winsize { ws_col, ws_row, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    }

    #[track_caller]
    fn ended(mut self) {
        let end = Instant::now() + Duration::from_secs(30);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "it does not end: {}", self.shown.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status.code(), Some(0));
        let modes = tcgetattr(&self.slave).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO), "the terminal was left raw");
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_terminal_at_telnetd() {
    let ports = [
        ("TELNET_PORT", None),
        ("TELNET_LINEMODE_PORT", None),
        ("TELNET_LINEMODE_PORT", Some("LINEMODE")),
        ("TELNET2_PORT", None),
    ];
    for (port, with) in ports {
        let at = place(port);
        let mut words = vec![env!("CARGO_BIN_EXE_netkit"), "telnet", "connect", &at];
        with.into_iter().for_each(|option| words.extend(["--with", option]));
        let mut screen = Screen::start(&words);
        screen.shows("test login: ");
        screen.types("alice\r");
        screen.shows("Password: ");
        screen.types(&format!("{}\r", server("ALICE_PASSWORD")));
        screen.shows("hello, alice");
        screen.shows("% ");
        screen.types("size\r");
        screen.shows("80x24");
        screen.shows("% ");
        screen.resize(101, 31);
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            screen.types("size\r");
            if screen.shows("% ").contains("101x31") {
                break;
            }
            assert!(Instant::now() < end, "the new size does not arrive");
        }
        screen.types("wait\r");
        screen.shows("waiting");
        screen.types("\x03");
        screen.shows("interrupted");
        screen.shows("% ");
        screen.types("exit\r");
        screen.shows("goodbye");
        screen.ended();
    }
}
