//! The mock servers in a process of their own, for other programs to talk to.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// `netkit mock`, ended when it is dropped.
pub struct Mock {
    process: Child,
    servers: Vec<Value>,
}

impl Mock {
    /// Starts these protocols' servers over one world; the certificate to trust is written to `ca`.
    pub fn start(protocols: &[&str], ca: &Path) -> Mock {
        Mock::with(protocols, &[], ca)
    }

    /// The same, told how to behave.
    pub fn with(protocols: &[&str], options: &[&str], ca: &Path) -> Mock {
        let mut process = Command::new(env!("CARGO_BIN_EXE_netkit"))
            .args(["mock", "--json"])
            .args(protocols)
            .args(options)
            .arg("--ca-out")
            .arg(ca)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // Each has a plain port and one for TLS.
        let servers = lines.take(2 * protocols.len());
        let servers = servers.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        Mock { process, servers }
    }

    /// Where a protocol is served.
    #[track_caller]
    pub fn port(&self, protocol: &str, tls: bool) -> String {
        let one = self.servers.iter().find(|one| one["protocol"] == protocol && one["tls"] == tls);
        one.unwrap()["port"].to_string()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What a program said that ended well.
#[track_caller]
pub fn done(output: Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}
