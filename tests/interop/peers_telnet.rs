//! Clients that people use, against the Telnet mock server: Python's telnetlib and inetutils telnet.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The mock server of Telnet.
struct Mock {
    process: Child,
    port: String,
}

impl Mock {
    fn start() -> Mock {
        let mut process = Command::new(env!("CARGO_BIN_EXE_netkit"))
            .args(["mock", "--json", "telnet"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let all: Vec<Value> =
            lines.take(2).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        let port = all.iter().find(|one| one["tls"] == false).unwrap()["port"].to_string();
        Mock { process, port }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

const TELNETLIB: &str = r#"
import re, sys, warnings
warnings.simplefilter('ignore')
import telnetlib
heard = []
telnet = telnetlib.Telnet('127.0.0.1', int(sys.argv[1]), timeout=20)
telnet.set_option_negotiation_callback(lambda sock, command, option: heard.append((command, option)))
telnet.read_until(b'login: ')
telnet.write(b'alice\r\n')
telnet.read_until(b'Password: ')
telnet.write(b'secret\r\n')
index, match, text = telnet.expect([rb'incorrect', rb'Welcome, (\w+)'], 20)
assert index == 1 and match.group(1) == b'alice', text
telnet.read_until(b'$ ')
telnet.write(b'echo a\xff\xffb\r\n'.replace(b'\xff\xff', b'\xc3\xa9'))
assert 'a\u00e9b'.encode() in telnet.read_until(b'$ ')
telnet.write(b'count 5000\r\n')
assert telnet.read_until(b'$ ').split()[-2] == b'5000'
telnet.write(b'exit\r\n')
assert telnet.read_all().endswith(b'Goodbye.\r\n')
assert heard, 'nothing was negotiated'
"#;

#[test]
fn telnetlib_works() {
    let mock = Mock::start();
    let output = Command::new("/usr/bin/python3").args(["-c", TELNETLIB, &mock.port]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn inetutils_telnet_works() {
    let mock = Mock::start();
    let mut telnet = Command::new("telnet")
        .args(["127.0.0.1", &mock.port])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It ends with its stdin, which therefore stays open.
    let mut stdin = telnet.stdin.take().unwrap();
    stdin.write_all(b"alice\nsecret\nterminal\nwhoami\nexit\n").unwrap();
    stdin.flush().unwrap();
    let output = telnet.wait_with_output().unwrap();
    drop(stdin);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for words in ["Welcome, alice", "flow control: from here", "Goodbye."] {
        assert!(said.contains(words), "{words} in {said}{}", String::from_utf8_lossy(&output.stderr));
    }
}
