//! SOCKS4 and SOCKS4A, which no RFC describes: Ying-Da Lee's two notes of 1992 are the specification.
//!
//! ```text
//! VN=4 CD=1 DSTPORT DSTIP USERID NUL [HOST NUL]       a DSTIP of 0.0.0.1 says that a name follows (4A)
//! VN=0 CD DSTPORT DSTIP                               CD 90: granted
//! ```

use std::net::IpAddr;

use netkit_wire::Stream;
use zeroize::Zeroizing;

use super::fault::{Broken, ProxyFault, Refusal, SocksReply, malformed};
use super::login::Login;
use super::read::{exactly, send};
use crate::host::Host;

pub(super) fn ask(
    stream: &mut dyn Stream,
    host: &Host,
    port: u16,
    login: Option<&Login>,
) -> Result<(), Broken> {
    send(stream, &request(host, port, login)?)?;
    let [version, code, ..] = exactly::<8>(stream)?;
    match (version, code) {
        (0, 90) => Ok(()),
        (0, 91) => Err(ProxyFault::Refused(Refusal::Socks(SocksReply::V4(91))).into()),
        // It asked identd of this host who we are, and did not like what it heard.
        (0, 92 | 93) => Err(match login {
            None => ProxyFault::LoginNeeded,
            Some(_) => ProxyFault::LoginRefused,
        }
        .into()),
        (0, _) => Err(malformed("a reply code that SOCKS4 does not have")),
        _ => Err(malformed("it does not speak SOCKS4")),
    }
}

fn request(host: &Host, port: u16, login: Option<&Login>) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let (ip, name) = match host.ip().map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => (ip.octets(), None),
        Some(IpAddr::V6(_)) => {
            return Err(ProxyFault::Unsupported("SOCKS4 has no IPv6 addresses").into());
        }
        None => ([0, 0, 0, 1], Some(host.ascii())),
    };
    let mut out = Zeroizing::new(Vec::with_capacity(1024));
    out.extend_from_slice(&[4, 1]);
    out.extend_from_slice(&port.to_be_bytes());
    out.extend_from_slice(&ip);
    out.extend_from_slice(login.map_or(&b""[..], |login| login.user.as_bytes()));
    out.push(0);
    if let Some(name) = name {
        out.extend_from_slice(name.as_bytes());
        out.push(0);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netkit_wire::Memory;

    fn told(answer: &[u8]) -> Result<(), ProxyFault> {
        match ask(&mut Memory::new(answer), &"127.0.0.1".parse().unwrap(), 80, None) {
            Err(Broken::Fault(fault)) => Err(fault),
            Err(Broken::Io(error)) => panic!("{error}"),
            Ok(()) => Ok(()),
        }
    }

    #[test]
    fn addresses_and_names_go_out_in_their_form() {
        let bytes = |host: &str, login: Option<&Login>| request(&host.parse().unwrap(), 0x1234, login);
        let login = Login { user: "me".to_owned().into(), password: String::new().into() };
        assert_eq!(**bytes("192.0.2.7", None).unwrap(), *b"\x04\x01\x12\x34\xc0\x00\x02\x07\0");
        assert_eq!(**bytes("::ffff:192.0.2.7", None).unwrap(), *b"\x04\x01\x12\x34\xc0\x00\x02\x07\0");
        assert_eq!(
            **bytes("a.example", Some(&login)).unwrap(),
            *b"\x04\x01\x12\x34\0\0\0\x01me\0a.example\0"
        );
        assert!(matches!(bytes("::1", None), Err(Broken::Fault(ProxyFault::Unsupported(_)))));
    }

    #[test]
    fn every_reply_has_its_meaning() {
        assert!(told(b"\0\x5a\0\0\0\0\0\0").is_ok());
        assert!(matches!(told(b"\0\x5b\0\0\0\0\0\0"), Err(ProxyFault::Refused(_))));
        assert!(matches!(told(b"\0\x5c\0\0\0\0\0\0"), Err(ProxyFault::LoginNeeded)));
        assert!(matches!(told(b"\0\x5d\0\0\0\0\0\0"), Err(ProxyFault::LoginNeeded)));
        for garbage in [b"\0\x00\0\0\0\0\0\0", b"\x04\x5a\0\0\0\0\0\0", b"HTTP/1.1", b"\x05\xff\0\0\0\0\0\0"]
        {
            assert!(matches!(told(garbage), Err(ProxyFault::Malformed(_))), "{garbage:?}");
        }
        for cut in 0..8 {
            assert!(matches!(told(&b"\0\x5a\0\0\0\0\0\0"[..cut]), Err(ProxyFault::Closed)));
        }
    }
}
