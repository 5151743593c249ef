//! SOCKS5 (RFC 1928), with no login or with user name and password (RFC 1929).
//!
//! ```text
//! VER=5 NMETHODS METHODS            VER=5 METHOD                         0: none, 2: password, 0xFF: none of them
//! VER=1 ULEN UNAME PLEN PASSWD      VER=1 STATUS                         0: welcome
//! VER=5 CMD=1 RSV ATYP ADDR PORT    VER=5 REP RSV ATYP ADDR PORT         REP 0: connected
//! ```

use std::net::IpAddr;

use netkit_wire::Stream;
use zeroize::Zeroizing;

use super::fault::{Broken, ProxyFault, Refusal, SocksReply, malformed};
use super::login::Login;
use super::read::{exactly, fill, send};
use crate::host::Host;

const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_OF_THEM: u8 = 0xFF;

pub(super) fn ask(
    stream: &mut dyn Stream,
    host: &Host,
    port: u16,
    login: Option<&Login>,
) -> Result<(), Broken> {
    let address = address(host, port)?;
    match login {
        None => send(stream, &[5, 1, NO_LOGIN])?,
        Some(_) => send(stream, &[5, 2, NO_LOGIN, PASSWORD])?,
    }
    match (exactly(stream)?, login) {
        ([5, NO_LOGIN], _) => {}
        ([5, PASSWORD], Some(login)) => log_in(stream, login)?,
        ([5, NONE_OF_THEM], None) => return Err(ProxyFault::LoginNeeded.into()),
        ([5, NONE_OF_THEM], Some(_)) => return Err(ProxyFault::LoginRefused.into()),
        ([5, _], _) => return Err(malformed("it chose a method that was not offered")),
        _ => return Err(malformed("it does not speak SOCKS5")),
    }
    send(stream, &[&[5, 1, 0], address.as_slice()].concat())?;
    reply(stream)
}

/// RFC 1929 section 2.
fn log_in(stream: &mut dyn Stream, login: &Login) -> Result<(), Broken> {
    let mut out = Zeroizing::new(Vec::with_capacity(3 + 2 * 255));
    out.push(1);
    for word in [&login.user, &login.password] {
        // Both were measured when the URL was parsed.
        out.push(u8::try_from(word.len()).map_err(|_| ProxyFault::Unsupported("the login is too long"))?);
        out.extend_from_slice(word.as_bytes());
    }
    send(stream, &out)?;
    match exactly(stream)? {
        [1, 0] => Ok(()),
        [1, _] => Err(ProxyFault::LoginRefused.into()),
        _ => Err(malformed("its answer to the login")),
    }
}

/// ATYP, address, port (RFC 1928 section 5).
fn address(host: &Host, port: u16) -> Result<Vec<u8>, Broken> {
    let mut out = Vec::with_capacity(32);
    match host.ip() {
        Some(IpAddr::V4(ip)) => {
            out.push(1);
            out.extend_from_slice(&ip.octets());
        }
        Some(IpAddr::V6(ip)) => {
            out.push(4);
            out.extend_from_slice(&ip.octets());
        }
        None => {
            let name = host.ascii();
            let too_long = |_| ProxyFault::Unsupported("SOCKS5 has no names longer than 255 bytes");
            out.extend_from_slice(&[3, u8::try_from(name.len()).map_err(too_long)?]);
            out.extend_from_slice(name.as_bytes());
        }
    }
    out.extend_from_slice(&port.to_be_bytes());
    Ok(out)
}

/// RFC 1928 section 6. The address in it is where the proxy dialed from, which nobody here needs. Behind a refusal some
/// servers close without sending it.
fn reply(stream: &mut dyn Stream) -> Result<(), Broken> {
    let [version, code] = exactly(stream)?;
    match (version, code) {
        (5, 0) => {}
        (5, code) => return Err(ProxyFault::Refused(Refusal::Socks(SocksReply::V5(code))).into()),
        _ => return Err(malformed("its reply is not SOCKS5")),
    }
    let [_, kind] = exactly(stream)?;
    let length = match kind {
        1 => 4,
        3 => {
            let [length] = exactly(stream)?;
            usize::from(length)
        }
        4 => 16,
        _ => return Err(malformed("an address type that SOCKS5 does not have")),
    };
    let mut scrap = [0; 255 + 2];
    fill(stream, scrap.get_mut(..length + 2).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use netkit_wire::Memory;
    use std::io::Read;

    fn login() -> Login {
        Login { user: "alice".to_owned().into(), password: "secret".to_owned().into() }
    }

    /// What is left for the tunnel, and what was sent.
    fn told(answer: &[u8], host: &str, login: Option<&Login>) -> Result<(Vec<u8>, Vec<u8>), ProxyFault> {
        let mut stream = Memory::new(answer).in_pieces(3);
        let written = stream.written();
        match ask(&mut stream, &host.parse().unwrap(), 0x1234, login) {
            Ok(()) => {
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).unwrap();
                let sent = written.lock().unwrap().clone();
                Ok((rest, sent))
            }
            Err(Broken::Fault(fault)) => Err(fault),
            Err(Broken::Io(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn each_address_type_in_both_directions() {
        for (host, asked) in [
            ("192.0.2.7", &b"\x05\x01\0\x05\x01\0\x01\xc0\0\x02\x07\x12\x34"[..]),
            ("::1", b"\x05\x01\0\x05\x01\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x12\x34"),
            ("a.example", b"\x05\x01\0\x05\x01\0\x03\x09a.example\x12\x34"),
        ] {
            for bound in [
                &b"\x01\x7f\0\0\x01\0\x50"[..],
                b"\x03\x03abc\0\x50",
                b"\x03\0\0\0",
                &[[4].as_slice(), &[0; 18]].concat(),
            ] {
                let answer = [b"\x05\0\x05\0\0", bound, b"220 mail"].concat();
                let (rest, sent) = told(&answer, host, None).unwrap();
                assert_eq!((rest.as_slice(), sent.as_slice()), (&b"220 mail"[..], asked));
            }
        }
    }

    #[test]
    fn the_login_goes_out_only_when_it_is_asked_for() {
        let connected = b"\x05\0\0\x01\0\0\0\0\0\0";
        let (_, sent) =
            told(&[b"\x05\x02\x01\0", connected.as_slice()].concat(), "a.b", Some(&login())).unwrap();
        assert_eq!(sent, b"\x05\x02\0\x02\x01\x05alice\x06secret\x05\x01\0\x03\x03a.b\x12\x34");
        let (_, sent) = told(&[b"\x05\0", connected.as_slice()].concat(), "a.b", Some(&login())).unwrap();
        assert_eq!(sent, b"\x05\x02\0\x02\x05\x01\0\x03\x03a.b\x12\x34");
        assert!(matches!(told(b"\x05\x02\x01\x01", "a.b", Some(&login())), Err(ProxyFault::LoginRefused)));
        assert!(matches!(told(b"\x05\xff", "a.b", Some(&login())), Err(ProxyFault::LoginRefused)));
        assert!(matches!(told(b"\x05\xff", "a.b", None), Err(ProxyFault::LoginNeeded)));
    }

    #[test]
    fn a_refusal_is_told_without_waiting_for_its_address() {
        for (code, words) in [
            (1, "general failure"),
            (2, "not allowed by its rules"),
            (3, "network unreachable"),
            (4, "host unreachable"),
            (5, "connection refused"),
            (6, "TTL expired"),
            (7, "command not supported"),
            (8, "address type not supported"),
            (9, "reply 9"),
        ] {
            let fault = told(&[5, 0, 5, code], "a.b", None).unwrap_err();
            assert_eq!(fault.to_string(), format!("it refused to connect: {words}"));
        }
    }

    #[test]
    fn what_is_no_socks5_is_refused() {
        for garbage in [
            &b"\x04\0"[..],
            b"HTTP/1.1 400",
            b"\0\x5a",
            b"\x05\x01",
            b"\x05\x02",
            b"\x05\0\x04\0",
            b"\x05\0\x05\0\0\x02",
            b"\x05\0\x05\0\0\0",
        ] {
            let fault = told(garbage, "a.b", None).unwrap_err();
            assert!(matches!(fault, ProxyFault::Malformed(_)), "{garbage:?} {fault:?}");
        }
        let wrong = told(b"\x05\x02\x05\0", "a.b", Some(&login())).unwrap_err();
        assert!(matches!(wrong, ProxyFault::Malformed(_)));
        let whole = b"\x05\x02\x01\0\x05\0\0\x03\x03abc\0\x50";
        for cut in 0..whole.len() {
            assert!(matches!(told(&whole[..cut], "a.b", Some(&login())), Err(ProxyFault::Closed)), "{cut}");
        }
    }
}
