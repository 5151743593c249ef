//! `netkit mock`: servers by themselves, with faults on demand, and a transcript played to a client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::command::{command, netkit};

/// A mock that runs, and the lines that it has printed until now.
struct Mock {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Mock {
    fn start(words: &[&str]) -> Mock {
        let mut child = command().args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Mock { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_fault_comes_as_often_as_was_said() {
    let mut mock = Mock::start(&["mock", "smtp", "--fault", "smtp:RCPT:1:reply=450 4.7.1 greylisted"]);
    let url = mock.line();
    let send = || {
        netkit(&[
            "smtp",
            "send",
            &url,
            "--plain",
            "--from",
            "a@x.example",
            "--to",
            "b@x.example",
            "--body",
            "x",
        ])
    };
    send().code(22).says("4.7.1 greylisted");
    send().code(0);
}

#[test]
fn a_fault_of_no_server_is_a_wrong_argument() {
    netkit(&["mock", "--fault", "ftpp:connect:drop"]).code(2).says("no such server");
    netkit(&["mock", "--fault", "smtp:connect:explode"]).code(2).says("PROTOCOL:STEP");
    netkit(&["mock", "--port", "smtp"]).code(2).says("PROTOCOL=PORT");
}

#[test]
fn a_transcript_is_played_to_one_client_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.txt");
    std::fs::write(&file, "# a bug report\n S: 220 ready\n C: NOOP\n S: 250 \\x07ok\n").unwrap();
    let mut mock = Mock::start(&["mock", "--script", file.to_str().unwrap()]);
    let place = mock.line();
    for (said, answer) in [("NOOP\r\n", "220 ready\r\n250 \x07ok\r\n"), ("NOPE\r\n", "220 ready\r\n")] {
        let mut stream = TcpStream::connect(&place).unwrap();
        stream.write_all(said.as_bytes()).unwrap();
        let mut came = Vec::new();
        let _ = stream.read_to_end(&mut came);
        assert_eq!(String::from_utf8(came).unwrap(), answer);
    }
    let mut stderr = BufReader::new(mock.child.stderr.take().unwrap()).lines();
    assert_eq!(stderr.next().unwrap().unwrap(), "played to its end");
    let off = stderr.next().unwrap().unwrap();
    assert!(off.starts_with("off the script: the client sent \"NOPE"), "{off}");
}
