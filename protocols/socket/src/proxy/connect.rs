//! A tunnel through an HTTP proxy: CONNECT (RFC 9110 9.3.6), written and read by hand, for the one request this crate makes.
//!
//! ```text
//! CONNECT host:port HTTP/1.1                     RFC 9112 3.2.3: authority-form, the port always
//! Host: host:port
//! Proxy-Authorization: Basic ...                 RFC 9110 11.7.2, RFC 7617
//!
//! HTTP/1.1 200 Connection established            any 2xx; its Content-Length and Transfer-Encoding mean nothing
//! ```

use netkit_wire::{Stream, is_token};
use zeroize::Zeroizing;

use super::fault::{Broken, ProxyFault, Refusal, malformed};
use super::login::Login;
use super::read::{exactly, send};
use crate::host::Host;

/// The longest answer, status line and fields together.
const HEAD: usize = 16 << 10;
/// How many 1xx answers may come before the final one.
const INTERIM: usize = 8;
/// How much of a reason phrase is kept.
const REASON: usize = 120;

pub(super) fn ask(
    stream: &mut dyn Stream,
    host: &Host,
    port: u16,
    login: Option<&Login>,
) -> Result<(), Broken> {
    send(stream, &request(host, port, login))?;
    for _ in 0..=INTERIM {
        let (status, reason) = answer(stream)?;
        match (status, login) {
            (101, _) => return Err(malformed("it changes to a protocol that nobody asked for")),
            (100..=199, _) => {}
            (200..=299, _) => return Ok(()),
            // 401 is a server's word, and no server has been reached: tinyproxy 1.11 says it of its own logins.
            (401 | 407, None) => return Err(ProxyFault::LoginNeeded.into()),
            (401 | 407, Some(_)) => return Err(ProxyFault::LoginRefused.into()),
            _ => return Err(ProxyFault::Refused(Refusal::Http { status, reason }).into()),
        }
    }
    Err(malformed("too many interim answers"))
}

fn request(host: &Host, port: u16, login: Option<&Login>) -> Zeroizing<Vec<u8>> {
    let name = host.ascii();
    let authority = if name.contains(':') { format!("[{name}]:{port}") } else { format!("{name}:{port}") };
    // Room for everything, so that no copy of the login is left behind by growing.
    let mut out = Zeroizing::new(Vec::with_capacity(2 * authority.len() + 1024));
    out.extend_from_slice(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").as_bytes());
    if let Some(login) = login {
        for part in [b"Proxy-Authorization: ", login.basic().as_slice(), b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// One head, to its empty line and not a byte further. It is read byte by byte: a hundred short system calls, once for
/// each connection, and the stream behind them is bare, with nothing held back in a buffer.
fn answer(stream: &mut dyn Stream) -> Result<(u16, String), Broken> {
    let mut head = Vec::with_capacity(256);
    let mut line = 0;
    let mut status = None;
    loop {
        let [byte] = exactly(stream)?;
        head.push(byte);
        if head.len() > HEAD {
            return Err(malformed("its answer is too long"));
        }
        // Told at the first byte that differs: what is no HTTP may have no lines at all.
        if status.is_none() && !b"HTTP/1.".starts_with(head.get(..7).unwrap_or(&head)) {
            return Err(malformed("it does not speak HTTP/1"));
        }
        if byte != b'\n' {
            continue;
        }
        let text = head.get(line..).and_then(|text| text.strip_suffix(b"\r\n"));
        let text = text.ok_or_else(|| malformed("a line without CR"))?;
        if text.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(malformed("a control character in a line"));
        }
        match (&status, text) {
            (None, first) => status = Some(status_line(first).ok_or_else(|| malformed("its status line"))?),
            (Some(_), b"") => return status.ok_or_else(|| malformed("its status line")),
            (Some(_), field) if is_field(field) => {}
            (Some(_), _) => return Err(malformed("a header field without a name")),
        }
        line = head.len();
    }
}

/// `HTTP/1.1 200 reason`; the reason may be empty, also without the space before it (RFC 9112 4).
fn status_line(line: &[u8]) -> Option<(u16, String)> {
    let rest = line.strip_prefix(b"HTTP/1.0 ").or_else(|| line.strip_prefix(b"HTTP/1.1 "))?;
    let (code, reason) = rest.split_at_checked(3)?;
    if !code.iter().all(u8::is_ascii_digit) || !(reason.is_empty() || reason.starts_with(b" ")) {
        return None;
    }
    let code = std::str::from_utf8(code).ok()?.parse().ok().filter(|code| *code >= 100)?;
    let reason = reason.get(1..).unwrap_or_default();
    let reason = String::from_utf8_lossy(reason.get(..REASON).unwrap_or(reason)).into_owned();
    Some((code, reason))
}

/// A name, then a colon (RFC 9112 5). What it says does not matter here.
fn is_field(line: &[u8]) -> bool {
    let name = line.split(|b| *b == b':').next().filter(|name| name.len() < line.len());
    name.is_some_and(is_token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netkit_wire::Memory;
    use std::io::Read;

    fn login() -> Login {
        Login { user: "alice".to_owned().into(), password: "secret".to_owned().into() }
    }

    fn told(answer: &[u8], login: Option<&Login>) -> Result<Vec<u8>, ProxyFault> {
        let mut stream = Memory::new(answer);
        match ask(&mut stream, &"example.org".parse().unwrap(), 70, login) {
            Ok(()) => {
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).unwrap();
                Ok(rest)
            }
            Err(Broken::Fault(fault)) => Err(fault),
            Err(Broken::Io(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn what_follows_the_answer_is_the_tunnels() {
        for head in [
            &b"HTTP/1.1 200 Connection established\r\n\r\n"[..],
            b"HTTP/1.0 200\r\n\r\n",
            b"HTTP/1.1 204 \r\nContent-Length: 500\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nVia: 1.1 x\r\n\r\n",
        ] {
            assert_eq!(told(&[head, b"220 mail\r\n"].concat(), None).unwrap(), b"220 mail\r\n");
            assert_eq!(told(head, Some(&login())).unwrap(), b"");
        }
    }

    #[test]
    fn the_request_names_host_and_port_and_the_login() {
        let shown = |host: &str, login: Option<&Login>| {
            String::from_utf8(request(&host.parse().unwrap(), 443, login).to_vec()).unwrap()
        };
        assert_eq!(
            shown("bücher.example", Some(&login())),
            "CONNECT xn--bcher-kva.example:443 HTTP/1.1\r\nHost: xn--bcher-kva.example:443\r\n\
             Proxy-Authorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n"
        );
        assert_eq!(shown("::1", None), "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n");
        assert_eq!(
            shown("fe80::1%eth0", None),
            "CONNECT [fe80::1]:443 HTTP/1.1\r\nHost: [fe80::1]:443\r\n\r\n"
        );
    }

    #[test]
    fn a_refusal_says_why() {
        let why = told(b"HTTP/1.1 403 Not \x1b[31mhere\r\nContent-Length: 2\r\n\r\nno", None).unwrap_err();
        assert_eq!(why.to_string(), "it refused to connect: 403 Not \\x1b[31mhere");
        let wants = b"HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=x\r\n\r\n";
        assert!(matches!(told(wants, None), Err(ProxyFault::LoginNeeded)));
        assert!(matches!(told(wants, Some(&login())), Err(ProxyFault::LoginRefused)));
        let tinyproxy = b"HTTP/1.0 401 Unauthorized\r\n\r\n";
        assert!(matches!(told(tinyproxy, Some(&login())), Err(ProxyFault::LoginRefused)));
        let long = [b"HTTP/1.1 502 ", vec![b'x'; 9000].as_slice(), b"\r\n\r\n"].concat();
        assert!(told(&long, None).unwrap_err().to_string().len() < 200);
    }

    #[test]
    fn what_is_no_answer_is_refused_and_bounded() {
        for answer in [
            &b"SSH-2.0-OpenSSH_9.2\r\n"[..],
            b"\x05\xff",
            b"<html>",
            b"HTTP/2.0 200 OK\r\n\r\n",
            b"HTTP/1.2 200 OK\r\n\r\n",
            b"HTTP/1.1  200 OK\r\n\r\n",
            b"HTTP/1.1 20 OK\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1 099 OK\r\n\r\n",
            b"HTTP/1.1 +20 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\n\n",
            b"HTTP/1.1 200 O\rK\r\n\r\n",
            b"HTTP/1.1 200 O\0K\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nSpace : x\r\n\r\n",
            b"HTTP/1.1 101 Switching\r\n\r\n",
            &b"HTTP/1.1 100 Continue\r\n\r\n".repeat(50),
            &[b"HTTP/1.1 200 ".as_slice(), &[b'x'; 20_000]].concat(),
            &[b"HTTP/1.1 200 OK\r\n".as_slice(), &b"A: b\r\n".repeat(10_000)].concat(),
        ] {
            let fault = told(answer, None).unwrap_err();
            assert!(
                matches!(fault, ProxyFault::Malformed(_)),
                "{fault:?}: {}",
                String::from_utf8_lossy(answer)
            );
        }
        let whole = b"HTTP/1.1 200 OK\r\nVia: x\r\n\r\n";
        for cut in 0..whole.len() {
            assert!(matches!(told(&whole[..cut], None), Err(ProxyFault::Closed)), "{cut}");
        }
    }
}
