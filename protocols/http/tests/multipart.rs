//! Forms with files, as they go over the wire (RFC 7578).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Seek, Write};

use netkit_http::{Connection, Invalid, Method, Multipart, Request};
use netkit_wire::{Conn, Limits, Memory};

#[test]
fn names_are_escaped_and_the_length_is_known() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"skipped\0binary\r\n--B\r\n").unwrap();
    file.seek(std::io::SeekFrom::Start(7)).unwrap();
    let form = Multipart::new("B0undary").unwrap();
    let form = form.text("name", "J\u{f6}rg\r\n").text("a\"b\r\nc", "");
    let form = form.file("up", "..\\\"x\"\n\u{e4}.txt", Some("text/plain"), file).unwrap();
    assert_eq!(form.content_type(), "multipart/form-data; boundary=B0undary");
    let body = "--B0undary\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nJ\u{f6}rg\r\n\r\n\
                --B0undary\r\nContent-Disposition: form-data; name=\"a%22b%0D%0Ac\"\r\n\r\n\r\n\
                --B0undary\r\nContent-Disposition: form-data; name=\"up\"; filename=\"..\\%22x%22%0A\u{e4}.txt\"\r\n\
                Content-Type: text/plain\r\n\r\n\0binary\r\n--B\r\n\r\n--B0undary--\r\n";
    let mut request = Request::new(Method::POST, &"http://a.example/".parse().unwrap())
        .unwrap()
        .bare(true)
        .body(form.into_payload())
        .unwrap();
    assert!(request.payload().is_replayable());
    for _ in 0..2 {
        let peer = Memory::new(b"HTTP/1.1 204 No Content\r\n\r\n");
        let sent = peer.written();
        let mut connection = Connection::new(Conn::new(Box::new(peer), Limits::default()));
        connection.exchange(&mut request).unwrap();
        let head = format!("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: {}\r\n\r\n", body.len());
        assert_eq!(String::from_utf8(sent.lock().unwrap().clone()).unwrap(), head + body);
    }
}

#[test]
fn boundaries_and_media_types_that_break_a_line() {
    for boundary in ["", "a b", "a\r\nb", "a\"b", &"x".repeat(71)] {
        assert_eq!(Multipart::new(boundary).err(), Some(Invalid::Boundary), "{boundary:?}");
    }
    assert_eq!(Multipart::new("a:b").unwrap().content_type(), "multipart/form-data; boundary=\"a:b\"");
    let form = Multipart::new("b").unwrap();
    assert!(form.file("f", "f", Some("a\r\nb"), tempfile::tempfile().unwrap()).is_err());
}
