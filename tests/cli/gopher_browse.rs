//! `netkit gopher browse` on a real pseudo-terminal of 80 by 24: what the screen shows, and that the terminal is as it was
//! whatever ends the browser. What each key does is tested without a terminal, beside the browser's code.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use vt100::Parser;

use crate::command::{netkit, serve};
use crate::screen::terminal;

/// netkit on a terminal of its own.
struct Terminal {
    master: File,
    slave: File,
    child: Child,
    screen: Arc<Mutex<Parser>>,
}

impl Terminal {
    fn start(words: &[&str]) -> Terminal {
        let (master, slave) = terminal();
        let file = || slave.try_clone().unwrap();
        let child = Command::new("setsid")
            .arg("--ctty")
            .arg(env!("CARGO_BIN_EXE_netkit"))
            .args(words)
            .env("TERM", "xterm")
            .env("HOME", "/nonexistent")
            .stdin(file())
            .stdout(file())
            .stderr(file())
            .spawn()
            .unwrap();
        let screen = Arc::new(Mutex::new(Parser::new(24, 80, 0)));
        let (mut reader, sink) = (master.try_clone().unwrap(), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                sink.lock().unwrap().process(&buffer[..n]);
            }
        });
        Terminal { master, slave, child, screen }
    }

    fn text(&self) -> String {
        let screen = self.screen.lock().unwrap();
        let columns = screen.screen().size().1;
        screen.screen().rows(0, columns).map(|row| format!("{}\n", row.trim_end())).collect()
    }

    #[track_caller]
    fn waits(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let text = self.text();
            if is_there(&text) {
                return text;
            }
            assert!(Instant::now() < end, "{what} does not come:\n{text}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[track_caller]
    fn shows(&self, words: &str) -> String {
        self.waits(words, |text| text.contains(words))
    }

    /// The screen is the same as the file, but for the port of the mock server.
    #[track_caller]
    fn is_like(&self, name: &str) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/cli/golden/{name}.txt"));
        let known = std::fs::read_to_string(file).unwrap();
        let masked = |text: &str| {
            let mut parts = text.split("127.0.0.1:");
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |all, part| {
                let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
                format!("{all}127.0.0.1:{}{rest}", "#".repeat(part.len() - rest.len()))
            })
        };
        self.waits(&format!("{name}, which is\n{known}"), |text| masked(text) == known);
    }

    fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap(), signal).unwrap();
    }

    /// Waits for the end; the terminal must be as it was.
    #[track_caller]
    fn code(mut self) -> Option<i32> {
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), None);
        let modes = tcgetattr(&self.slave).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON) && modes.contains(LocalModes::ECHO), "it was left raw");
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let screen = self.screen.lock().unwrap();
            if !screen.screen().alternate_screen() && !screen.screen().hide_cursor() {
                return status.code();
            }
            drop(screen);
            assert!(Instant::now() < end, "the other screen, or its hidden cursor, was left");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const BROWSE: [&str; 3] = ["--mock", "gopher", "browse"];

#[test]
fn a_walk_on_a_real_terminal() {
    let mut terminal = Terminal::start(&BROWSE);
    terminal.is_like("gopher-browse-menu");
    assert!(terminal.screen.lock().unwrap().screen().alternate_screen());
    terminal.types("\x1b[B\r");
    terminal.is_like("gopher-browse-submenu");
    terminal.types("1\r");
    terminal.is_like("gopher-browse-text");
    terminal.types("\x1b[D\x7f");
    terminal.shows("Welcome to the world");
    terminal.types("5\rsockets");
    terminal.is_like("gopher-browse-search");
    terminal.types("\r");
    terminal.is_like("gopher-browse-found");
    // A larger window is filled, a smaller one is kept to.
    for (columns, rows) in [(100, 30), (60, 12)] {
        terminal.screen.lock().unwrap().screen_mut().set_size(rows, columns);
        let size = Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal.master, size).unwrap();
        let last = usize::from(rows) - 1;
        terminal.waits("the hints on the last line", |text| {
            text.lines().nth(last).is_some_and(|line| line.starts_with("Enter follow"))
        });
    }
    terminal.types("q");
    assert_eq!(terminal.code(), Some(0));
}

#[test]
fn the_terminal_is_as_it_was_whatever_ends_the_browser() {
    let mut terminal = Terminal::start(&BROWSE);
    terminal.shows("Welcome");
    terminal.types("\x03");
    assert_eq!(terminal.code(), Some(0));
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let terminal = Terminal::start(&BROWSE);
        terminal.shows("Welcome");
        terminal.signal(signal);
        assert_eq!(terminal.code(), Some(0), "{signal:?}");
    }
    // Also in the middle of something that does not come: a server that says nothing.
    let port = serve(b"", false);
    let mut terminal = Terminal::start(&["gopher", "browse", &format!("127.0.0.1:{port}")]);
    terminal.shows(&format!("asking 127.0.0.1:{port} ...   Esc stops"));
    terminal.types("\x1b");
    terminal.shows("stopped");
    terminal.types("q");
    assert_eq!(terminal.code(), Some(0));
}

#[test]
fn a_telnet_item_is_a_session_of_our_own_after_a_question() {
    let telnet = serve(b"Welcome, guest\r\n", true);
    let menu = format!("8The library\tguest\t127.0.0.1\t{telnet}\r\n.\r\n").into_bytes();
    let port = serve(Vec::leak(menu), true);
    let mut terminal = Terminal::start(&["gopher", "browse", &format!("127.0.0.1:{port}")]);
    terminal.shows("TEL The library");
    terminal.types("\r");
    terminal.shows(&format!("Open a telnet session with 127.0.0.1:{telnet} (log in as guest)? (y/n)"));
    terminal.types("y");
    terminal.shows(&format!("the session with 127.0.0.1:{telnet} has ended"));
    terminal.shows("TEL The library");
    terminal.types("q");
    assert_eq!(terminal.code(), Some(0));
}

#[test]
fn what_a_browser_cannot_do() {
    netkit(&["--mock", "gopher", "browse"]).code(2).says("needs a terminal");
    netkit(&["--mock", "gopher", "browse", "--json"]).code(2).says("no other output");
    netkit(&["--mock", "gopher", "browse", "-v"]).code(2).says("--trace FILE");
}
