//! One question to one server: over UDP, and over TCP where the answer does not fit.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use simple_dns::{Packet, PacketFlag, Question};

use super::DnsFault;

/// Where the type of the question stands: behind its name, which is written out (RFC 1035 section 4.1.2).
fn type_at(message: &[u8]) -> Option<usize> {
    let mut at = 12;
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length if length < 64 => at += 1 + usize::from(length),
            _ => return None,
        }
    }
}

/// Asks for a type that the library has no name for: it reads and writes a question for TXT, and on the wire there stands
/// the type's number. `false` when there was another type.
pub(super) fn exchange_type(message: &mut [u8], from: u16, to: u16) -> bool {
    let place = type_at(message).and_then(|at| message.get_mut(at..at + 2));
    match place {
        Some(place) if *place == from.to_be_bytes() => {
            place.copy_from_slice(&to.to_be_bytes());
            true
        }
        _ => false,
    }
}

/// The bytes of the answer, with the question as the library can read it.
pub(super) fn exchange(
    server: SocketAddr,
    query: &[u8],
    asked: Asked<'_>,
    limit: Duration,
) -> Result<Vec<u8>, DnsFault> {
    let end = Instant::now() + limit.max(Duration::from_millis(1));
    let any: SocketAddr = if server.is_ipv4() { ([0; 4], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any)?;
    // Connected: what comes from elsewhere is not even seen.
    socket.connect(server)?;
    socket.send(query)?;
    let mut answer = vec![0; 65_535];
    let n = loop {
        socket.set_read_timeout(Some(left(end)?))?;
        let n = socket.recv(&mut answer).map_err(late)?;
        if answers(answer.get_mut(..n).unwrap_or_default(), asked) {
            break n;
        }
    };
    answer.truncate(n);
    let cut = Packet::parse(&answer).is_ok_and(|packet| packet.has_flags(PacketFlag::TRUNCATION));
    if cut { over_tcp(server, query, asked, end) } else { Ok(answer) }
}

/// RFC 7766 section 8: two bytes of length before each message.
fn over_tcp(server: SocketAddr, query: &[u8], asked: Asked<'_>, end: Instant) -> Result<Vec<u8>, DnsFault> {
    let mut stream = TcpStream::connect_timeout(&server, left(end)?).map_err(late)?;
    stream.set_read_timeout(Some(left(end)?))?;
    stream.set_write_timeout(Some(left(end)?))?;
    let length = u16::try_from(query.len()).map_err(|_| DnsFault::Name)?.to_be_bytes();
    stream.write_all(&[&length, query].concat()).map_err(late)?;
    let mut length = [0; 2];
    stream.read_exact(&mut length).map_err(late)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer).map_err(late)?;
    if answers(&mut answer, asked) { Ok(answer) } else { Err(DnsFault::Malformed) }
}

/// The question by number, as the library has it, and by the type that stands on the wire.
#[derive(Clone, Copy)]
pub(super) struct Asked<'q> {
    pub(super) id: u16,
    pub(super) question: &'q Question<'q>,
    pub(super) kind: u16,
}

/// What the library takes a question of any type for.
pub(super) const STAND_IN: u16 = 16;

/// Whether these bytes answer the question; its type is then changed to the stand-in.
fn answers(bytes: &mut [u8], Asked { id, question, kind }: Asked<'_>) -> bool {
    if !exchange_type(bytes, kind, STAND_IN) {
        return false;
    }
    Packet::parse(bytes).is_ok_and(|packet| {
        let same = |one: &Question<'_>| {
            one.qtype == question.qtype
                && one.qname.to_string().eq_ignore_ascii_case(&question.qname.to_string())
        };
        packet.id() == id
            && packet.has_flags(PacketFlag::RESPONSE)
            && packet.questions.len() == 1
            && packet.questions.iter().all(same)
    })
}

fn left(end: Instant) -> Result<Duration, DnsFault> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(DnsFault::Timeout) } else { Ok(left) }
}

fn late(why: io::Error) -> DnsFault {
    match why.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => DnsFault::Timeout,
        _ => DnsFault::Io(why),
    }
}
