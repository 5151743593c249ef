//! `netkit telnet connect` on a real pseudo-terminal: keys, window, command mode, and a terminal that is as it was.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// netkit on a terminal of its own, and what the screen has shown.
struct Screen {
    master: File,
    slave: File,
    child: Child,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Screen {
    fn start(words: &[&str]) -> Screen {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let mut screen_of = Command::new("setsid");
        screen_of
            .arg("--ctty")
            .arg(env!("CARGO_BIN_EXE_netkit"))
            .args(words)
            .env("TERM", "vt100")
            .env("HOME", "/nonexistent");
        let file = || slave.try_clone().unwrap();
        let master = File::from(master);
        let size = Winsize { ws_col: 80, ws_row: 24, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let child = screen_of.stdin(file()).stdout(file()).stderr(file()).spawn().unwrap();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, sink) = (master.try_clone().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                sink.lock().unwrap().extend_from_slice(&buffer[..n]);
            }
        });
        Screen { master, slave, child, shown }
    }

    /// Waits until the screen shows this, and forgets it up to there.
    #[track_caller]
    fn shows(&self, words: &str) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            {
                let mut shown = self.shown.lock().unwrap();
                let text = String::from_utf8_lossy(&shown).into_owned();
                if let Some(at) = text.find(words) {
                    *shown = text.as_bytes()[at + words.len()..].to_vec();
                    return text.get(..at).unwrap().to_owned();
                }
                assert!(Instant::now() < end, "{words:?} does not come: {text}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ICANON)
    }

    fn logged_in(words: &[&str]) -> Screen {
        let mut screen = Screen::start(&[&["--mock", "telnet", "connect"], words].concat());
        screen.shows("login: ");
        screen.types("alice\r");
        screen.shows("Password: ");
        screen.types("secret\r");
        assert!(!screen.shows("$ ").contains("secret"), "a password was shown");
        screen
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Whether keys are shown by the terminal itself.
    fn echoes(&self) -> bool {
        tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end; the terminal must be as it was.
    #[track_caller]
    fn code(mut self) -> Option<i32> {
        let end = Instant::now() + Duration::from_secs(30);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        assert!(!self.is_raw(), "the terminal was left raw");
        assert!(tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ECHO));
        assert_eq!(status.signal(), None);
        status.code()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_session_with_its_window_and_its_command_mode() {
    for words in [&["telnet://x/"][..], &["telnets://x/"], &["--plain"]] {
        let mut screen = Screen::logged_in(words);
        assert!(screen.is_raw());
        screen.types("terminal\r");
        assert!(screen.shows("$ ").contains("window: 80x24"));
        let size = Winsize { ws_col: 100, ws_row: 30, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&screen.master, size).unwrap();
        // The server hears of it in its own time.
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            screen.types("terminal\r");
            if screen.shows("$ ").contains("window: 100x30") {
                break;
            }
            assert!(Instant::now() < end, "the window's new size does not arrive");
        }
        // Ctrl-C and erased keys are the server's.
        screen.types("echo ab\x7fc\r");
        screen.shows("\nac\r\n$ ");
        screen.types("junk\x03");
        screen.shows("^C\r\n$ ");
        screen.types("\x1d");
        screen.shows("netkit> ");
        assert!(!screen.is_raw());
        screen.types("status\r");
        assert!(screen.shows("netkit> ").contains("server: ECHO SGA"));
        screen.types("send ayt\r");
        screen.shows("[Yes]");
        assert!(screen.is_raw());
        screen.types("\x1d");
        screen.shows("netkit> ");
        screen.types("close\r");
        assert_eq!(screen.code(), Some(0));
    }
}

#[test]
fn the_terminal_is_as_it_was_whatever_ends_the_session() {
    let mut screen = Screen::logged_in(&[]);
    screen.types("exit\r");
    screen.shows("Goodbye.");
    assert_eq!(screen.code(), Some(0));
    for signal in [Signal::TERM, Signal::HUP] {
        let screen = Screen::logged_in(&[]);
        assert!(screen.is_raw());
        screen.signal(signal);
        assert_eq!(screen.code(), Some(0));
    }
    let screen = Screen::logged_in(&["--max-time", "2s"]);
    assert_eq!(screen.code(), Some(28));
}

#[test]
fn another_escape_character_or_none() {
    let mut screen = Screen::logged_in(&["-e", "^A"]);
    screen.types("\x01");
    screen.shows("netkit> ");
    screen.types("nonsense\r");
    screen.shows("there is no such command");
    screen.types("help\r");
    screen.shows("back to the session");
    screen.types("quit\r");
    assert_eq!(screen.code(), Some(0));
    let mut screen = Screen::logged_in(&["-e", "none"]);
    screen.types("echo a\x1db\r");
    screen.shows("\nab\r\n$ ");
    screen.types("\x04");
    assert_eq!(screen.code(), Some(0));
}

/// Before a server echoes, lines are edited here (RFC 854's network virtual terminal), and Ctrl-C is IP and a Synch.
#[test]
fn without_echo_lines_are_edited_here() {
    let mut screen = Screen::start(&["--mock", "telnet", "connect", "--without", "ECHO", "--plain"]);
    screen.shows("login: ");
    screen.types("alicf\x7fe\rsecret\r");
    screen.shows("$ ");
    assert!(!screen.is_raw());
    screen.types("junk\x03");
    screen.shows("$ ");
    screen.types("whoami\r");
    screen.shows("alice");
    screen.shows("$ ");
    screen.types("exit\r");
    assert_eq!(screen.code(), Some(0));
}

/// RFC 1184: the server lets lines be edited here, and echoes them itself once they are whole.
#[test]
fn in_linemode_lines_are_edited_here() {
    let mut screen = Screen::logged_in(&["--with", "LINEMODE", "--plain"]);
    assert!(!screen.is_raw() && !screen.echoes());
    // The erased key never reaches the server, nor does it see the line before it is whole.
    screen.types("echo ab\x7fc\r");
    screen.shows("echo ac");
    screen.shows("ac");
    screen.shows("$ ");
    screen.types("options\r");
    assert!(screen.shows("$ ").contains("LINEMODE"));
    screen.types("junk\x03");
    screen.shows("$ ");
    screen.types("\x1d\r");
    screen.shows("netkit> ");
    assert!(screen.echoes());
    screen.types("\r");
    screen.types("whoami\r");
    screen.shows("alice");
    screen.shows("$ ");
    assert!(!screen.echoes());
    // The key that ends a file is the command EOF, with which this server's shell ends.
    screen.types("\x04");
    screen.shows("Goodbye.");
    assert_eq!(screen.code(), Some(0));
}
