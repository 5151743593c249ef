//! What a run left: its exit code, stdout and stderr, and what a test says about them.

use serde_json::Value;

/// What a run left.
pub struct Outcome {
    /// Its words, to tell which run it was.
    pub line: String,
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
    /// The greatest resident size in KiB.
    pub peak_kib: u64,
}

impl Outcome {
    /// It did what it was told, and had nothing to say about it.
    #[track_caller]
    pub fn done(self) -> Outcome {
        self.exits(0).silent()
    }

    /// It ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Outcome {
        assert_eq!(self.code, code, "netkit {}\nstdout: {}\nstderr: {}", self.line, self.text(), self.stderr);
        self
    }

    /// stderr holds each of these.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Outcome {
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "netkit {}\nno {part:?} in stderr: {}",
                self.line,
                self.stderr
            );
        }
        self
    }

    /// stderr holds nothing.
    #[track_caller]
    fn silent(self) -> Outcome {
        assert_eq!(self.stderr, "", "netkit {}", self.line);
        self
    }

    /// It failed with this code and one line, which holds these parts; a hint may stand below.
    #[track_caller]
    pub fn fails(self, code: i32, parts: &[&str]) -> Outcome {
        let run = self.exits(code);
        let (error, rest) = run.stderr.split_once('\n').unwrap_or((&run.stderr, ""));
        assert!(error.starts_with("netkit: "), "netkit {}\nstderr: {}", run.line, run.stderr);
        let hint = rest.is_empty() || (rest.starts_with("hint: ") && rest.matches('\n').count() == 1);
        assert!(hint, "netkit {}\nmore than a hint: {}", run.line, run.stderr);
        run.says(parts)
    }

    /// stdout is exactly this.
    #[track_caller]
    pub fn prints(self, expected: impl AsRef<[u8]>) -> Outcome {
        let expected = expected.as_ref();
        if self.stdout != expected {
            let at = self.stdout.iter().zip(expected).take_while(|(a, b)| a == b).count();
            let near =
                |bytes: &[u8]| String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 200)]).into_owned();
            panic!(
                "netkit {}\nstdout has {} bytes, expected {}; they part at byte {at}\n got: {:?}\nwant: {:?}",
                self.line,
                self.stdout.len(),
                expected.len(),
                near(&self.stdout),
                near(expected)
            );
        }
        self
    }

    /// stdout as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// stdout as JSON, an object a line.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let text = self.text();
        assert!(text.ends_with('\n'), "netkit {}: JSON without a line end: {text:?}", self.line);
        let parse = |line| {
            serde_json::from_str(line).unwrap_or_else(|why| panic!("netkit {}: {why}: {line}", self.line))
        };
        text.lines().map(parse).collect()
    }

    /// The one JSON object on stdout.
    #[track_caller]
    pub fn object(&self) -> Value {
        let mut all = self.json();
        assert_eq!(all.len(), 1, "netkit {}: one object expected: {all:?}", self.line);
        all.remove(0)
    }
}
