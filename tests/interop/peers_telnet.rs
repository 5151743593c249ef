//! Clients that people use, against the Telnet mock server: Python's telnetlib, inetutils telnet and curl.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::command::folder;
use crate::running::Mock;

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
    let dir = folder();
    let mock = Mock::start(&["telnet"], &dir.path().join("ca.pem"));
    let output = Command::new("/usr/bin/python3")
        .args(["-c", TELNETLIB, &mock.port("telnet", false)])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn inetutils_telnet_works() {
    let dir = folder();
    let mock = Mock::start(&["telnet"], &dir.path().join("ca.pem"));
    let mut telnet = Command::new("telnet")
        .args(["127.0.0.1", &mock.port("telnet", false)])
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

#[test]
fn curl_works() {
    let dir = folder();
    let mock = Mock::start(&["telnet"], &dir.path().join("ca.pem"));
    let mut curl = Command::new("curl")
        .args(["-sS", "-N", "--max-time", "30", "-t", "TTYPE=vt220", "-t", "NEW_ENV=USER,alice"])
        .arg(format!("telnet://127.0.0.1:{}", mock.port("telnet", false)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // While it waits for stdin it does nothing else: all is typed at once.
    curl.stdin.take().unwrap().write_all(b"alice\nsecret\nterminal\nwhoami\nexit\n").unwrap();
    let output = curl.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for words in ["Welcome, alice", "types: vt220", "Goodbye."] {
        assert!(said.contains(words), "{words} in {said}");
    }
}
