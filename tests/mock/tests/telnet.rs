//! What the Telnet server puts on the wire, read by nothing of ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use netkit_mock::{Server, Telnet, ThrowAway, World};

/// DO COMPRESS2, and what the server says before the first byte of zlib's.
const DO: &[u8] = &[255, 253, 86];
const BEGIN: &[u8] = &[255, 250, 86, 255, 240];

#[test]
fn what_is_compressed_is_one_zlib_stream() {
    let service = Arc::new(Telnet::new(World::seeded()));
    let server = Server::start(service, 0, ThrowAway::new().unwrap().server, false).unwrap();
    let mut stream = TcpStream::connect(server.endpoint().to_string()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(DO).unwrap();
    stream.write_all(b"alice\r\nsecret\r\ncount 5000\r\nexit\r\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut wire = Vec::new();
    stream.read_to_end(&mut wire).unwrap();
    let at = wire.windows(BEGIN.len()).position(|window| window == BEGIN).expect("it begins");
    let (before, zlib) = (&wire[..at], &wire[at + BEGIN.len()..]);
    assert!(!String::from_utf8_lossy(before).contains("4999"));
    let mut text = Vec::new();
    // The stream may end with the connection.
    let ended = flate2::read::ZlibDecoder::new(zlib).read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("\n4999\r\n5000\r\n"), "{ended:?} {text}");
    assert!(zlib.len() * 3 < text.len() * 2, "{} bytes of {}", zlib.len(), text.len());
}
