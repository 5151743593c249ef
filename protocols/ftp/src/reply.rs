//! What the text of a reply says. Each is `None` when the text does not say it.

use std::net::Ipv4Addr;

use netkit_wire::Reply;

/// The address of a 227 reply: six numbers with commas, with or without parentheses (RFC 959 section 4.1.2, RFC 1123
/// section 4.1.2.6). The address is not to be trusted: the control connection's peer is who to dial.
pub fn passive(reply: &Reply) -> Option<(Ipv4Addr, u16)> {
    let text = std::str::from_utf8(reply.first()).ok()?;
    text.split(|c: char| !c.is_ascii_digit() && c != ',').find_map(|run| {
        let numbers: Vec<u8> = run.split(',').map(|n| n.parse().ok()).collect::<Option<_>>()?;
        let [a, b, c, d, high, low] = numbers.as_slice() else { return None };
        let port = u16::from_be_bytes([*high, *low]);
        (port != 0).then_some((Ipv4Addr::new(*a, *b, *c, *d), port))
    })
}

/// The port of a 229 reply: `(|||port|)`, with any delimiter of 33 to 126 (RFC 2428 section 3).
pub fn extended_passive(reply: &Reply) -> Option<u16> {
    let text = reply.first();
    let open = text.iter().rposition(|b| *b == b'(')?;
    let [a, b, c, rest @ ..] = text.get(open + 1..)? else { return None };
    if a != b || b != c || !(33..=126).contains(a) || a.is_ascii_digit() {
        return None;
    }
    let end = rest.iter().position(|byte| byte == a)?;
    if rest.get(end + 1) != Some(&b')') {
        return None;
    }
    digits(rest.get(..end)?)?.try_into().ok().filter(|port: &u16| *port != 0)
}

/// The path of a 257 reply: within quotes, a quote inside doubled (RFC 959 appendix II).
pub fn quoted_path(reply: &Reply) -> Option<Vec<u8>> {
    let mut bytes = reply.first().strip_prefix(b"\"")?.iter().copied().peekable();
    let mut path = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
            return (!path.is_empty()).then_some(path);
        }
        path.push(byte);
    }
    None
}

/// The features of a 211 reply to FEAT, one a line, each after one space (RFC 2389 section 3.2).
pub fn features(reply: &Reply) -> Vec<&[u8]> {
    reply
        .lines()
        .iter()
        .filter_map(|line| line.as_bytes().strip_prefix(b" "))
        .filter(|f| !f.is_empty())
        .collect()
}

/// A decimal number with nothing but digits.
pub(crate) fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}
