//! One run of `netkit`, alone with what it is given: a home of its own, no trusted roots, no login from outside.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::outcome::Outcome;

/// A run that takes longer hangs. Nothing here takes a tenth of it.
const HANGS: Duration = Duration::from_secs(180);

/// What is about to be run.
pub struct Netkit {
    args: Vec<OsString>,
    env: Vec<(&'static str, String)>,
    stdin: Vec<u8>,
}

/// `netkit` with these words, parted by blanks.
pub fn netkit(words: &str) -> Netkit {
    Netkit { args: Vec::new(), env: Vec::new(), stdin: Vec::new() }.words(words)
}

impl Netkit {
    /// More words, parted by blanks.
    pub fn words(mut self, words: &str) -> Netkit {
        self.args.extend(words.split_ascii_whitespace().map(OsString::from));
        self
    }

    /// One argument, whatever is in it.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Netkit {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// An option and its value, whatever is in it.
    pub fn option(self, name: &str, value: impl AsRef<OsStr>) -> Netkit {
        self.arg(name).arg(value)
    }

    /// A variable of the environment.
    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Netkit {
        self.env.push((name, value.into()));
        self
    }

    /// What stdin holds; without it, nothing.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Netkit {
        self.stdin = bytes.into();
        self
    }

    fn command(&self, home: &Path) -> Command {
        let empty = home.join("no-roots");
        std::fs::create_dir(&empty).expect("a folder without certificates");
        let mut command = Command::new(env!("CARGO_BIN_EXE_netkit"));
        command.args(&self.args).env_clear().env("HOME", home).current_dir(home);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("SSL_CERT_FILE", empty.join("none")).env("SSL_CERT_DIR", &empty);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Ends it after so many milliseconds, in the middle of whatever it does.
    pub fn killed_after(self, milliseconds: u64) {
        let home = folder();
        let mut command = self.command(home.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the netkit command starts");
        thread::sleep(Duration::from_millis(milliseconds));
        child.kill().expect("it can be ended");
        child.wait().expect("it has ended");
    }

    /// Runs it, and does something once it has said `words` on stderr; what it printed by its end.
    #[track_caller]
    pub fn meanwhile(self, words: &str, act: impl FnOnce()) -> String {
        let home = folder();
        let mut command = self.command(home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the netkit command starts");
        let stdout = drain(child.stdout.take().expect("stdout is a pipe"));
        let mut said = BufReader::new(child.stderr.take().expect("stderr is a pipe")).lines();
        let found = said.by_ref().any(|line| line.expect("stderr is UTF-8").contains(words));
        let rest = thread::spawn(move || said.map_while(Result::ok).collect::<Vec<_>>());
        if found {
            act();
        }
        let line = self.args.join(OsStr::new(" ")).to_string_lossy().into_owned();
        let (code, _) = wait(&mut child, &line);
        let rest = rest.join().expect("stderr is read");
        assert!(found && code == 0, "netkit {line}: {code}, after {words:?}: {rest:?}");
        String::from_utf8(stdout.join().expect("stdout is read")).expect("stdout is UTF-8")
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(self) -> Outcome {
        let home = folder();
        let mut command = self.command(home.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the netkit command starts");

        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        // A command that does not read stdin to its end may close it first.
        thread::spawn(move || stdin.write_all(&self.stdin));
        let stdout = drain(child.stdout.take().expect("stdout is a pipe"));
        let stderr = drain(child.stderr.take().expect("stderr is a pipe"));
        let line = self.args.join(OsStr::new(" ")).to_string_lossy().into_owned();
        let (code, peak_kib) = wait(&mut child, &line);
        let stdout = stdout.join().expect("stdout is read");
        let stderr = String::from_utf8(stderr.join().expect("stderr is read")).expect("stderr is UTF-8");
        Outcome { line, code, stdout, stderr, peak_kib }
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe of the command is read");
        bytes
    })
}

/// The exit code, and the most memory seen (Linux; 0 elsewhere).
#[track_caller]
fn wait(child: &mut Child, line: &str) -> (i32, u64) {
    let status = format!("/proc/{}/status", child.id());
    let (began, mut peak) = (Instant::now(), 0);
    loop {
        // Gone once it has ended: the last look before that counts.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let seen = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = seen.unwrap_or(0).max(peak);
        if let Some(status) = child.try_wait().expect("the command can be waited for") {
            let code = status.code().unwrap_or_else(|| panic!("netkit {line}: ended by {status}"));
            return (code, peak);
        }
        if began.elapsed() > HANGS {
            child.kill().expect("a hanging command can be ended");
            panic!("netkit {line}: hangs");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// A folder for the files of one test.
pub fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}
