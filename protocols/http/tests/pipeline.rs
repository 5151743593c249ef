//! Pipelining (RFC 9112 9.3.2): what leaves when, and what is asked again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use netkit_http::{
    Client, Closing, Connection, Dial, Error, Method, Origin, Payload, Pipelined, Request, Target,
    Unsupported,
};
use netkit_socket::{DialReport, NetError};
use netkit_wire::{Conn, Limits, Memory, Stream};

fn request(path: &str) -> Request {
    let target: Target = format!("http://example.org{path}").parse().unwrap();
    Request::new(Method::GET, target.url()).unwrap().bare(true)
}

fn requests(n: usize) -> Vec<Request> {
    (0..n).map(|i| request(&format!("/{i}"))).collect()
}

fn answer(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn last(body: &str) -> String {
    answer(body).replace("OK\r\n", "OK\r\nConnection: close\r\n")
}

type Written = Arc<Mutex<Vec<u8>>>;

/// A dialer whose servers say these texts.
struct Script(VecDeque<String>, Vec<Written>);

impl Dial for &mut Script {
    fn dial(&mut self, _: &Origin) -> Result<(Box<dyn Stream>, Option<DialReport>), Error> {
        let text = self.0.pop_front().ok_or(NetError::Closed)?;
        let memory = Memory::new(text.as_bytes());
        self.1.push(memory.written());
        Ok((Box::new(memory), None))
    }
}

/// The bodies in order, how the batch ended, and which paths each connection was asked for.
fn run(
    servers: &[String],
    requests: &mut [Request],
    window: usize,
) -> (Vec<String>, Result<(), Error>, Vec<Vec<String>>) {
    let mut script = Script(servers.iter().cloned().collect(), Vec::new());
    let mut bodies = Vec::new();
    let mut client = Client::over(&mut script);
    let result = client.pipeline(requests, window, &mut |i, mut response| {
        assert_eq!(i, bodies.len());
        bodies.push(
            response.read_all(1 << 20).map_or_else(|e| e.to_string(), |b| String::from_utf8(b).unwrap()),
        );
        ControlFlow::Continue(())
    });
    drop(client);
    let asked = script.1.iter().map(|written| {
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        text.lines()
            .filter_map(|line| line.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1").map(str::to_owned))
            .collect()
    });
    (bodies, result, asked.collect())
}

#[test]
fn answers_come_in_order() {
    let all: String = (0..5).map(|i| answer(&format!("body {i}"))).collect();
    let (bodies, result, asked) = run(&[all], &mut requests(5), 3);
    result.unwrap();
    assert_eq!(bodies, ["body 0", "body 1", "body 2", "body 3", "body 4"]);
    assert_eq!(asked, [["/0", "/1", "/2", "/3", "/4"]]);
}

/// The first request goes alone: until it is answered nobody knows whether the server can do this.
#[test]
fn an_old_server_is_asked_one_by_one() {
    let old = |body: &str| answer(body).replace("HTTP/1.1", "HTTP/1.0");
    let (bodies, result, asked) = run(&[old("a"), old("b"), old("c")], &mut requests(3), 8);
    result.unwrap();
    assert_eq!(bodies, ["a", "b", "c"]);
    assert_eq!(asked, [["/0"], ["/1"], ["/2"]]);
}

#[test]
fn what_a_closing_server_left_is_asked_again() {
    let first = answer("a") + &last("b") + &answer("never read");
    let (bodies, result, asked) = run(&[first, answer("c") + &answer("d")], &mut requests(4), 8);
    result.unwrap();
    assert_eq!(bodies, ["a", "b", "c", "d"]);
    assert_eq!(asked, [vec!["/0", "/1", "/2", "/3"], vec!["/2", "/3"]]);
}

#[test]
fn a_connection_that_just_ends_is_replaced() {
    let (bodies, result, asked) = run(&[answer("a"), answer("b") + &answer("c")], &mut requests(3), 8);
    result.unwrap();
    assert_eq!(bodies, ["a", "b", "c"]);
    assert_eq!(asked, [vec!["/0", "/1", "/2"], vec!["/1", "/2"]]);
}

/// No server is asked for ever.
#[test]
fn a_server_that_says_nothing_ends_it() {
    let (bodies, result, asked) = run(&[answer("a"), String::new(), answer("b")], &mut requests(3), 8);
    assert!(matches!(result, Err(Error::Wire(_))), "{result:?}");
    assert_eq!((bodies.len(), asked.len()), (1, 2));
}

#[test]
fn a_body_cut_short_is_an_answer_with_an_error() {
    let cut = answer("a") + "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    let (bodies, result, asked) = run(&[cut, answer("c")], &mut requests(3), 8);
    result.unwrap();
    assert!(bodies[1].contains("closed"), "{bodies:?}");
    assert_eq!((&bodies[2], &asked[1]), (&"c".to_owned(), &vec!["/2".to_owned()]));
}

#[test]
fn broken_framing_is_an_error() {
    let (bodies, result, _) = run(&[answer("a") + "nonsense\r\n\r\n"], &mut requests(3), 8);
    assert!(matches!(result, Err(Error::Wire(_))), "{result:?}");
    assert_eq!(bodies, ["a"]);
}

#[test]
fn unsafe_requests_are_refused_before_a_byte_is_sent() {
    let memory = Memory::new(b"");
    let written = memory.written();
    let mut connection = Connection::new(Conn::new(Box::new(memory), Limits::default()));
    let target: Target = "http://example.org/".parse().unwrap();
    let post = Request::new(Method::POST, target.url()).unwrap();
    let with_body = request("/").body(Payload::Bytes(b"x".to_vec())).unwrap();
    for bad in [post, with_body] {
        let result = connection.pipeline(&[request("/"), bad], 4, 0, &mut |_, _| ControlFlow::Continue(()));
        assert!(matches!(result, Err(Error::Unsupported(Unsupported::Pipelined))));
    }
    assert!(written.lock().unwrap().is_empty());
    let other: Target = "http://other.example/".parse().unwrap();
    let other = Request::new(Method::GET, other.url()).unwrap();
    let (_, result, asked) = run(&[], &mut [request("/"), other], 4);
    assert!(matches!(result, Err(Error::Unsupported(Unsupported::Pipelined))) && asked.is_empty());
}

#[test]
fn the_connection_goes_on_behind_a_batch_and_closes_behind_a_broken_one() {
    let all = answer("a") + &answer("b");
    let mut connection = Connection::new(Conn::new(Box::new(Memory::new(all.as_bytes())), Limits::default()));
    let done = connection.pipeline(&requests(2), 4, 0, &mut |_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!((done, connection.closing()), (Pipelined { answered: 2, stopped: false }, None));

    let all = answer("a") + &answer("b") + &answer("c");
    let mut connection = Connection::new(Conn::new(Box::new(Memory::new(all.as_bytes())), Limits::default()));
    let stop = |i, _: netkit_http::Response<'_>| {
        if i == 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let done = connection.pipeline(&requests(9), 4, 0, &mut { stop }).unwrap();
    assert_eq!(done, Pipelined { answered: 2, stopped: true });
    assert!(matches!(connection.closing(), Some(Closing::BodyUnread)), "answers are still on their way");
}

/// More than a window of bytes never waits for an answer, however many requests the caller allows.
#[test]
fn bytes_in_flight_are_bounded() {
    let long: Vec<Request> = (0..40).map(|i| request(&format!("/{i}{}", "x".repeat(8000)))).collect();
    let memory = Memory::new(answer("a").as_bytes());
    let written = memory.written();
    let mut connection = Connection::new(Conn::new(Box::new(memory), Limits::default()));
    let done = connection.pipeline(&long, 1000, 0, &mut |_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!(done.answered, 1);
    assert!(written.lock().unwrap().len() < 8100 + (32 << 10) + 8100);
}
