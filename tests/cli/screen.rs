//! netkit on a pseudo-terminal, driven as a person would drive it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// Both ends of a new terminal of 80 columns and 24 rows: who types and sees, and who is typed to.
pub fn terminal() -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let master = File::from(master);
    tcsetwinsize(&master, Winsize { ws_col: 80, ws_row: 24, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    (master, slave)
}

/// netkit on a terminal of its own, and what the screen has shown.
pub struct Screen {
    pub master: File,
    pub slave: File,
    child: Child,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Screen {
    pub fn start(words: &[&str]) -> Screen {
        Screen::start_at(words, Path::new("/nonexistent"))
    }

    /// With a home.
    pub fn start_at(words: &[&str], home: &Path) -> Screen {
        let (master, slave) = terminal();
        let mut screen_of = Command::new("setsid");
        screen_of
            .arg("--ctty")
            .arg(env!("CARGO_BIN_EXE_netkit"))
            .args(words)
            .env("TERM", "vt100")
            .env("HOME", home);
        let file = || slave.try_clone().unwrap();
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
    pub fn shows(&self, words: &str) -> String {
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

    pub fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    pub fn is_raw(&self) -> bool {
        !tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ICANON)
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Whether keys are shown by the terminal itself.
    pub fn echoes(&self) -> bool {
        tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end; the terminal must be as it was.
    #[track_caller]
    pub fn code(mut self) -> Option<i32> {
        let end = Instant::now() + Duration::from_secs(30);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < end,
                "it does not end: {}",
                String::from_utf8_lossy(&self.shown.lock().unwrap())
            );
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
