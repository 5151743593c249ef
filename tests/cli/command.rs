//! Runs `netkit` away from everything this machine has set up, and serves one answer where a test needs a bad server.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netkit"));
    command.env_clear().env("TERM", "dumb").env("HOME", "/nonexistent").stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

pub fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("ended by a signal"),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

/// Runs with these words.
pub fn netkit(words: &[&str]) -> Ran {
    ran(command().args(words).output().unwrap())
}

/// Runs with these words and `input` on stdin.
pub fn netkit_with(words: &[&str], input: &[u8]) -> Ran {
    let mut child = command()
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Beside reading: what comes back may be more than a pipe holds.
    std::thread::scope(|scope| {
        scope.spawn(move || match stdin.write_all(input) {
            // A run that fails early may be gone before it reads.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            other => other.unwrap(),
        });
        ran(child.wait_with_output().unwrap())
    })
}

impl Ran {
    /// Fails unless the run ended with `code`; shows all that it said.
    #[track_caller]
    pub fn code(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "stdout:\n{}stderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Ran {
        assert!(self.stderr.contains(words), "not said: {words}\n{}", self.stderr);
        self
    }
}

/// A server that reads until the client pauses, says `answer`, and then closes or stays silent: its port.
pub fn serve(answer: &'static [u8], then_close: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            client.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(answer);
            if then_close {
                let _ = client.shutdown(std::net::Shutdown::Write);
            }
            // Until the client leaves: closing over unread bytes would be a reset.
            client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let _ = client.read(&mut [0; 4096]);
        }
    });
    port
}

/// A port where nobody listens: it was free a moment ago.
pub fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
