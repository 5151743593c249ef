//! `netkit telnet connect` on a real pseudo-terminal: keys, window, command mode, and a terminal that is as it was.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use rustix::termios::{Winsize, tcsetwinsize};

use crate::screen::Screen;

impl Screen {
    fn logged_in(words: &[&str]) -> Screen {
        let mut screen = Screen::start(&[&["--mock", "telnet", "connect"], words].concat());
        screen.shows("login: ");
        screen.types("alice\r");
        screen.shows("Password: ");
        screen.types("secret\r");
        assert!(!screen.shows("$ ").contains("secret"), "a password was shown");
        screen
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
