//! stdout carries the result and nothing else; files get their name when they are whole.

use std::process::Stdio;

use crate::command::{command, netkit, ran, serve};

#[test]
fn a_file_that_is_not_whole_does_not_get_its_name() {
    let port = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", true);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page");
    netkit(&["http", "get", &format!("127.0.0.1:{port}"), "-o", file.to_str().unwrap()]).code(18);
    assert!(!file.exists());
    assert_eq!(std::fs::read(folder.path().join("page.part")).unwrap(), b"short");
}

#[test]
fn an_error_page_does_not_take_the_files_name() {
    let port = serve(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", true);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page");
    std::fs::write(&file, "kept").unwrap();
    let refused =
        netkit(&["http", "get", &format!("127.0.0.1:{port}"), "-o", file.to_str().unwrap()]).code(22);
    assert_eq!((refused.stdout.as_str(), std::fs::read(&file).unwrap().as_slice()), ("gone", &b"kept"[..]));
}

#[test]
fn a_closed_stdout_is_a_quiet_end() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output =
        command().args(["--mock", "gopher", "menu"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    let ended = ran(output);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

/// Also where the kernel moves the bytes from the socket to the pipe by itself.
#[test]
fn a_reader_that_has_enough_is_a_quiet_end() {
    for place in ["/bytes/20000000", "/chunked", "/stream"] {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let child = command()
            .args(["--mock", "http", "get", place])
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Read::read_exact(&mut reader, &mut [0; 5]).unwrap();
        drop(reader);
        let ended = ran(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{place}");
    }
}

#[test]
fn a_full_disk_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command()
        .args(["--mock", "gopher", "get", "/0/about.txt"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output();
    let ended = ran(output.unwrap());
    assert_eq!(ended.code, 23, "{}", ended.stderr);
    assert!(ended.stderr.contains("stdout: No space left"), "{}", ended.stderr);
}

#[test]
fn what_a_server_says_cannot_steer_the_terminal_that_shows_an_error() {
    let port = serve(b"3\x1b[2Jcleared\t\terror.host\t1\r\n.\r\n", true);
    let refused = netkit(&["gopher", "menu", &format!("127.0.0.1:{port}")]).code(22);
    assert!(
        refused.stderr.contains("\\x1b[2Jcleared") && !refused.stderr.contains('\x1b'),
        "{}",
        refused.stderr
    );
}

#[test]
fn piped_bytes_come_as_they_are() {
    let port = serve(b"a\x1b[1mb\r\n", true);
    let text = netkit(&["gopher", "get", &format!("127.0.0.1:{port}/0/x")]).code(0);
    assert_eq!(text.stdout, "a\x1b[1mb\r\n");
}

/// A result that is written to a device or pipe goes into it; no file takes its name.
#[cfg(unix)]
#[test]
fn a_pipe_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    netkit(&["--mock", "http", "get", "/robots.txt", "-o", pipe.to_str().unwrap()]).code(0);
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(reader.join().unwrap(), include_str!("../../fixtures/world/robots.txt"));
}

/// Whatever the verb: one that cannot say beforehand what it would send says so, and connects to nobody.
#[test]
fn offline_nobody_is_asked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let url = |scheme: &str| format!("{scheme}://{at}/");
    for (protocol, verb, code) in [
        ("http", "get", 0),
        ("http", "probe", 4),
        ("http", "mirror", 4),
        ("http", "events", 4),
        ("gopher", "menu", 0),
        ("gopher", "probe", 4),
        ("ftp", "ls", 0),
        ("ftp", "probe", 0),
        ("smtp", "probe", 4),
        ("pop3", "list", 0),
        ("imap", "folders", 0),
        ("imap", "watch", 0),
        ("nntp", "date", 0),
        ("telnet", "probe", 4),
    ] {
        let ran = netkit(&[protocol, verb, &url(protocol), "--offline"]).code(code);
        assert_eq!(ran.stdout.is_empty(), code != 0, "{protocol} {verb}: {}", ran.stdout);
    }
    netkit(&["smtp", "verify", &at, "ada", "--offline"]).code(4);
    netkit(&["doctor", &url("imap"), "--offline", "--roots", "webpki"])
        .code(4)
        .says("--offline sends nothing");
    assert!(listener.accept().is_err(), "somebody was there");
}
