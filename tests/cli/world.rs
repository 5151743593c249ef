//! Mock servers in a process of their own, so that several commands see one world.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::command::{Ran, command, netkit};

/// A server of one protocol, and one for SMTP beside it. Alice logs in.
pub struct World {
    process: Child,
    protocol: &'static str,
    servers: Vec<Value>,
}

impl World {
    pub fn new(protocol: &'static str, options: &[&str]) -> World {
        let mut process = command()
            .args(["mock", "--json", "smtp", protocol])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // Each is there plain and in TLS.
        let servers = lines.take(4).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        World { process, protocol, servers }
    }

    fn port_of(&self, protocol: &str) -> u64 {
        let plain = |one: &&Value| one["protocol"] == protocol && one["tls"] == false;
        self.servers.iter().find(plain).unwrap()["port"].as_u64().unwrap()
    }

    pub fn port(&self) -> u64 {
        self.port_of(self.protocol)
    }

    /// Where the server is, and there this path.
    pub fn at(&self, path: &str) -> String {
        format!("localhost:{}{path}", self.port())
    }

    pub fn smtp(&self) -> String {
        format!("localhost:{}", self.port_of("smtp"))
    }

    /// Runs a verb of the protocol.
    pub fn run(&self, verb: &str, path: &str, words: &[&str]) -> Ran {
        let at = self.at(path);
        netkit(&[&[self.protocol, verb, &at], words, &["--plain", "-u", "alice:secret"]].concat())
    }

    /// Mail for Alice.
    pub fn send(&self, subject: &str, body: &str) {
        let (from, to) = (["--from", "a@x.example"], ["--to", "alice@x.example"]);
        let message = ["--subject", subject, "--body", body];
        netkit(&[&["smtp", "send", &self.smtp(), "--plain"], &from[..], &to, &message].concat()).code(0);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What each line of the output says.
pub fn json(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the files of a folder hold, in order.
pub fn files(folder: &Path) -> Vec<String> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(entry.unwrap().path());
    let mut all: Vec<String> = std::fs::read_dir(folder).unwrap().map(|entry| read(entry).unwrap()).collect();
    all.sort();
    all
}
