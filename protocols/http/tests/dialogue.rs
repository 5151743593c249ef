//! Dialogues that a transcript cannot hold: errors of the caller's own, real sockets, secrets, an end of TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use netkit_auth::Credentials;
use netkit_http::{
    Client, Closing, Connection, Error, Framing, Invalid, Method, Payload, Request, Target, Unsupported,
};
use netkit_socket::{Dialer, NetError};
use netkit_wire::{Conn, Ended, Fault, Limit, Limits, Memory, Stream, Tap};

fn connection(answer: &[u8]) -> Connection {
    Connection::new(Conn::new(Box::new(Memory::new(answer)), Limits::default()))
}

fn get() -> Request {
    Request::get("http://example.org/").unwrap()
}

fn put(body: Payload) -> Request {
    let target: Target = "http://example.org/f".parse().unwrap();
    Request::new(Method::PUT, target.url()).unwrap().body(body).unwrap()
}

#[test]
fn a_body_that_cannot_be_read_is_the_callers_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    let mut connection = connection(b"HTTP/1.1 204 No Content\r\n\r\n");
    let error = connection.exchange(&mut put(Payload::Reader(Box::new(Broken)))).unwrap_err();
    assert!(matches!(&error, Error::Payload(e) if e.kind() == io::ErrorKind::PermissionDenied));
    assert!(!error.connection_is_usable() && !error.is_transient());
    assert_eq!(connection.closing(), Some(Closing::Failed), "half a request is on the wire");
    let again = connection.exchange(&mut get()).unwrap_err();
    assert!(matches!(again, Error::Unsupported(Unsupported::Closing(Closing::Failed))));
}

#[test]
fn a_file_is_sent_from_where_it_stands() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"skip: 0123456789").unwrap();
    file.seek(io::SeekFrom::Start(6)).unwrap();
    let peer = Memory::new(b"HTTP/1.1 204 No Content\r\n\r\n");
    let written = peer.written();
    let mut connection = Connection::new(Conn::new(Box::new(peer), Limits::default()));
    let mut request = put(Payload::file(file.try_clone().unwrap()).unwrap()).bare(true);
    connection.exchange(&mut request).unwrap();
    let sent = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert_eq!(sent, "PUT /f HTTP/1.1\r\nHost: example.org\r\nContent-Length: 10\r\n\r\n0123456789");

    let short = put(Payload::File { file, start: 6, length: 11 });
    let error = self::connection(b"").exchange(&mut { short }).unwrap_err();
    assert!(matches!(error, Error::Payload(e) if e.kind() == io::ErrorKind::UnexpectedEof));
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Tap for Heard {
    fn sent(&mut self, bytes: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(bytes);
    }

    fn received(&mut self, _: &[u8]) {}

    fn note(&mut self, _: &str) {}
}

#[test]
fn no_log_shows_a_secret() {
    let card = Credentials::password("ana", "hunter2").unwrap();
    let target: Target = "https://bo:hunter2@example.org/".parse().unwrap();
    assert_eq!(target.login(), Some(("bo", Some("hunter2"))));
    assert!(!format!("{target:?}").contains("hunter2"));
    let mut request = Request::new(Method::GET, target.url()).unwrap().login(&card).unwrap();
    request = request.field("Cookie", "hunter2").unwrap().field("X-Api-Key", "hunter2").unwrap();
    request = request.secret("X-Mine", "hunter2").unwrap();
    assert_eq!(request.secrets().collect::<Vec<_>>(), ["Authorization", "Cookie", "X-Api-Key", "X-Mine"]);

    let (heard, peer) = (Heard::default(), Memory::new(b"HTTP/1.1 204 No Content\r\n\r\n"));
    let written = peer.written();
    let mut connection = Connection::new(Conn::new(Box::new(peer), Limits::default()));
    connection.conn().set_tap(Box::new(heard.clone()));
    connection.exchange(&mut request).unwrap();
    let heard = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
    let preview = String::from_utf8(request.preview()).unwrap();
    assert_eq!(heard, preview, "the preview is what a log shows");
    for shown in [heard, preview, format!("{request:?}")] {
        for secret in ["hunter2", "aHVudGVyMg", "YW5hOmh1bnRlcjI"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let sent = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert!(sent.contains("Authorization: Basic YW5hOmh1bnRlcjI=\r\nCookie: hunter2\r\n"), "{sent}");
}

#[test]
fn a_body_until_close_under_tls_needs_close_notify() {
    struct Cut(Memory);
    impl Read for Cut {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            match self.0.read(to)? {
                0 => Err(io::ErrorKind::UnexpectedEof.into()),
                n => Ok(n),
            }
        }
    }
    impl Write for Cut {
        fn write(&mut self, from: &[u8]) -> io::Result<usize> {
            self.0.write(from)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl Stream for Cut {
        fn deadline(&mut self, _: Option<Instant>) -> io::Result<()> {
            Ok(())
        }
        fn shutdown_write(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let read = |answer: &[u8]| {
        let cut = Cut(Memory::new(answer));
        let mut connection = Connection::new(Conn::new(Box::new(cut), Limits::default()));
        let mut answer = connection.exchange(&mut get())?;
        answer.read_all(100)
    };
    let open = read(b"HTTP/1.1 200 OK\r\n\r\nhello").unwrap_err();
    assert!(matches!(open, Error::Wire(Fault::Closed(Ended::Truncated))), "{open:?}");
    assert!(read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").is_err());
    assert_eq!(read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap(), b"hello");
    let chunked = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    assert_eq!(chunked.unwrap(), b"hello", "behind the last chunk it does not matter");
}

/// A server that answers each connection by what `serve` does with it.
fn server(serve: impl Fn(usize, std::net::TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (i, stream) in listener.incoming().enumerate() {
            serve(i, stream.unwrap());
        }
    });
    url
}

/// Reads a request's head.
fn read_head(stream: &std::net::TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    lines.find(|line| line.as_ref().is_ok_and(String::is_empty));
    Some(first)
}

#[test]
fn an_answer_before_the_body_is_sent_ends_the_sending() {
    let url = server(|_, mut stream| {
        read_head(&stream);
        stream.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig").unwrap();
        // It goes on reading, slowly: a client that did not listen would send all of it.
        let mut taken = 0;
        let mut scrap = [0; 65_536];
        while let Ok(1..) = stream.read(&mut scrap) {
            taken += scrap.len();
            assert!(taken < 512 << 20, "the client does not stop");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    });
    let target: Target = url.parse().unwrap();
    let endless = Payload::Reader(Box::new(io::repeat(b'x')));
    let request = Request::new(Method::POST, target.url()).unwrap().body(endless).unwrap();
    let mut client = Client::new(Dialer::default());
    let mut answer = client.send(request).unwrap();
    assert_eq!((answer.status().code(), answer.read_all(10).unwrap()), (413, b"big".to_vec()));
    drop(answer);
}

#[test]
fn a_server_that_closes_idle_connections_is_met_again() {
    // One answer to each connection, then it closes without saying so.
    let url = server(|i, mut stream| {
        read_head(&stream);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{i}");
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let target: Target = url.parse().unwrap();
    let mut client = Client::new(Dialer::default());
    for i in 0..5 {
        let request = Request::new(Method::POST, target.url()).unwrap();
        let mut answer = client.send(request).unwrap();
        assert_eq!(answer.read_all(10).unwrap(), format!("{i}").as_bytes());
        // The end of the connection needs a moment to arrive; a POST is only safe when it is seen beforehand.
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn a_large_body_reaches_a_file_whole() {
    const SIZE: usize = 5 << 20;
    let url = server(|_, mut stream| {
        read_head(&stream);
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n").unwrap();
        let bytes: Vec<u8> = (0..SIZE).map(|i| (i % 251) as u8).collect();
        stream.write_all(&bytes).unwrap();
    });
    let mut file = tempfile::tempfile().unwrap();
    let twin = file.try_clone().unwrap();
    let mut client = Client::new(Dialer::default());
    let mut answer = client.send(Request::get(&url).unwrap()).unwrap();
    assert_eq!(answer.framing(), Framing::Counted(SIZE as u64));
    assert_eq!(answer.body().len_hint(), Some(SIZE as u64));
    assert_eq!(answer.copy_to(&mut file, Some(&twin)).unwrap(), SIZE as u64);
    drop(answer);
    file.rewind().unwrap();
    let mut all = Vec::new();
    file.read_to_end(&mut all).unwrap();
    assert!(all.len() == SIZE && all.iter().enumerate().all(|(i, b)| usize::from(*b) == i % 251));
}

#[test]
fn what_a_sink_fails_with_is_not_the_servers_fault() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let mut whole = connection(answer);
    let error = whole.exchange(&mut get()).unwrap().copy_to(&mut Full, None).unwrap_err();
    assert_eq!(Error::from_io(error).unwrap_err().kind(), io::ErrorKind::StorageFull);
    let mut cut = connection(&answer[..answer.len() - 1]);
    let error = cut.exchange(&mut get()).unwrap().copy_to(&mut Vec::new(), None).unwrap_err();
    assert!(matches!(Error::from_io(error), Ok(Error::Wire(Fault::Closed(Ended::Inside)))));
}

#[test]
fn memory_is_bounded_by_who_asks() {
    let mut connection = connection(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let error = connection.exchange(&mut get()).unwrap().read_all(4).unwrap_err();
    assert!(matches!(error, Error::Wire(Fault::TooLong(Limit::Body(4)))));
}

#[test]
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut client = Client::new(Dialer::default());
    let error = client.send(Request::get(&format!("127.0.0.1:{port}")).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Net(NetError::Connect { .. })) && error.is_transient());
}

#[test]
fn targets_as_people_type_them() {
    for (text, url) in [
        ("example.org", "http://example.org/"),
        ("example.org/a%20b", "http://example.org/a%20b"),
        ("example.org:8080/x?y#z", "http://example.org:8080/x?y#z"),
        ("example.org:https", "http://example.org:443/"),
        ("HTTPS://Example.ORG:443", "https://example.org/"),
        ("[::1]:8080", "http://[::1]:8080/"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("b\u{fc}cher.example/\u{fc}", "http://xn--bcher-kva.example/%C3%BC"),
        ("2130706433", "http://127.0.0.1/"),
        ("localhost:8080/a://b", "http://localhost:8080/a://b"),
        ("example.org?q=a@b", "http://example.org/?q=a@b"),
    ] {
        assert_eq!(text.parse::<Target>().unwrap().url().as_str(), url, "{text}");
    }
    let unix: Target = "unix:/run/x.sock:/v1/info?a".parse().unwrap();
    assert_eq!(
        (unix.url().as_str(), unix.through().unwrap().to_string().as_str()),
        ("http://localhost/v1/info?a", "unix:/run/x.sock")
    );
    for text in [
        "",
        "http://",
        "/path",
        ":80",
        "a b",
        "ftp://a/",
        "http://a:b:c/",
        "http://[::1",
        "http://::1/",
        "http://[fe80::1%25eth0]/",
        "http://a:70000/",
        "http://%zz@a/",
        "http://a\u{feff}/",
        "http://1.2.3/",
    ] {
        assert!(matches!(text.parse::<Target>(), Err(Invalid::Target(_) | Invalid::Endpoint(_))), "{text:?}");
    }
}
