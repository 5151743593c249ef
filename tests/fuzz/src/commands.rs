//! What clients say, read by the servers' decoders: what is understood is written as what is understood the same.

use netkit_http::RequestHeads;
use netkit_wire::{Decode, Limits, Step};

use crate::{Seeds, Target, same};

pub const TARGETS: &[Target] = &[
    Target { name: "ftp-command", seeds: Seeds::CommandLines("ftp"), holds: ftp },
    Target { name: "gopher-request", seeds: Seeds::Commands("gopher"), holds: gopher },
    Target { name: "http-request", seeds: Seeds::Commands("http"), holds: http },
    Target { name: "nntp-command", seeds: Seeds::CommandLines("nntp"), holds: nntp },
    Target { name: "pop3-command", seeds: Seeds::CommandLines("pop3"), holds: pop3 },
    Target { name: "smtp-command", seeds: Seeds::CommandLines("smtp"), holds: smtp },
];

/// What was written, without its CRLF: one line, whatever it was made of.
fn line(encode: impl FnOnce(&mut Vec<u8>)) -> Result<Vec<u8>, String> {
    let mut wire = Vec::new();
    encode(&mut wire);
    let line = wire.strip_suffix(b"\r\n").unwrap_or_default();
    if line.iter().any(|byte| [b'\r', b'\n', 0].contains(byte)) || line.is_empty() {
        return Err(format!("no one line: {}", netkit_wire::escape(&wire)));
    }
    Ok(line.to_vec())
}

/// Commands hide their secrets from `Debug`, so what they look like on the wire is compared.
fn again<C>(
    input: &[u8],
    parse: impl Fn(&[u8]) -> Option<C>,
    encode: impl Fn(&C, &mut Vec<u8>),
) -> Result<(), String> {
    let Some(command) = parse(input) else { return Ok(()) };
    let written = line(|out| encode(&command, out))?;
    let Some(same_command) = parse(&written) else {
        return Err(format!("written, but not read: {}", netkit_wire::escape(&written)));
    };
    let twice = line(|out| encode(&same_command, out))?;
    same(&netkit_wire::escape(&written), &netkit_wire::escape(&twice))
}

fn ftp(input: &[u8]) -> Result<(), String> {
    again(input, netkit_ftp::Command::parse, netkit_ftp::Command::encode)
}

fn nntp(input: &[u8]) -> Result<(), String> {
    again(input, |line| netkit_nntp::Command::parse(line, 2026).ok(), netkit_nntp::Command::encode)
}

fn pop3(input: &[u8]) -> Result<(), String> {
    again(input, |line| netkit_pop3::Command::parse(line).ok(), netkit_pop3::Command::encode)
}

fn smtp(input: &[u8]) -> Result<(), String> {
    again(input, |line| netkit_smtp::Command::parse(line).ok(), netkit_smtp::Command::encode)
}

fn gopher(input: &[u8]) -> Result<(), String> {
    let limits = Limits::default();
    let read = |bytes: &[u8]| netkit_gopher::Request::decoder(&limits).decode(bytes);
    let Ok(Step::Done(request, _)) = read(input) else { return Ok(()) };
    let mut wire = Vec::new();
    request.encode(&mut wire);
    match read(&wire) {
        Ok(Step::Done(again, used)) if used == wire.len() => same(&request, &again),
        other => Err(format!("{request:?} is written as {}, read as {other:?}", netkit_wire::escape(&wire))),
    }
}

fn http(input: &[u8]) -> Result<(), String> {
    let limits = Limits::default();
    let read = |bytes: &[u8]| RequestHeads::new(&limits).decode(bytes);
    let Ok(Step::Done(head, _)) = read(input) else { return Ok(()) };
    let _ = head.host();
    let mut wire = Vec::new();
    head.encode(&mut wire);
    match read(&wire) {
        Ok(Step::Done(again, used)) if used == wire.len() => {
            same(&format!("{head:?}"), &format!("{again:?}"))
        }
        other => Err(format!("{head:?} is written as {}, read as {other:?}", netkit_wire::escape(&wire))),
    }
}
