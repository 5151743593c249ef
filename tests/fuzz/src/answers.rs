//! What servers say, read by the clients' decoders: the same however the bytes arrive.

use netkit_conformance::protocols;
use netkit_imap::framer::{Frame, Frames};
use netkit_imap::response::{Response, Untagged};
use netkit_telnet::{Engine, Settings};
use netkit_wire::{Conn, Decode, Limits, Memory, Replies, Step};

use crate::{Seeds, Target, same};

pub const TARGETS: &[Target] = &[
    Target { name: "ftp-answers", seeds: Seeds::Answers("ftp"), holds: |input| in_pieces("ftp", input) },
    Target {
        name: "gopher-answers",
        seeds: Seeds::Answers("gopher"),
        holds: |input| in_pieces("gopher", input),
    },
    Target { name: "http-answers", seeds: Seeds::Answers("http"), holds: |input| in_pieces("http", input) },
    Target { name: "imap-answers", seeds: Seeds::Answers("imap"), holds: |input| in_pieces("imap", input) },
    Target { name: "nntp-answers", seeds: Seeds::Answers("nntp"), holds: |input| in_pieces("nntp", input) },
    Target { name: "pop3-answers", seeds: Seeds::Answers("pop3"), holds: |input| in_pieces("pop3", input) },
    Target { name: "smtp-answers", seeds: Seeds::Answers("smtp"), holds: |input| in_pieces("smtp", input) },
    Target {
        name: "telnet-answers",
        seeds: Seeds::Answers("telnet"),
        holds: |input| in_pieces("telnet", input),
    },
    Target { name: "imap-response", seeds: Seeds::Answers("imap"), holds: imap_response },
    Target { name: "telnet-engine", seeds: Seeds::Answers("telnet"), holds: telnet_engine },
    Target { name: "wire-reply", seeds: Seeds::Answers("smtp"), holds: reply },
];

fn in_pieces(protocol: &str, input: &[u8]) -> Result<(), String> {
    let (_, decoders) =
        protocols().into_iter().find(|(name, _)| *name == protocol).ok_or("no such protocol")?;
    let read = |piece| {
        let peer = Memory::new(input).in_pieces(piece);
        let read = decoders.grammar(&mut Conn::new(Box::new(peer), Limits::default()));
        // What is quoted of the place depends on what has come by then.
        read.split_once(", near ").map_or(read.clone(), |(read, _)| read.to_owned())
    };
    let whole = read(usize::MAX);
    same(&whole, &read(1))?;
    same(&whole, &read(7))
}

/// What was read is written as a frame, which is read and written as itself. (Not before it was written once: spaces and signs that
/// servers put where none belong are let pass, and not repeated.)
fn imap_response(input: &[u8]) -> Result<(), String> {
    let mut rest = input;
    while let Ok(Step::Done(frame, used)) = Frames::new(1 << 20, 1 << 20).decode(rest) {
        rest = rest.get(used..).unwrap_or_default();
        let Frame::Whole(frame) = frame else { return Ok(()) };
        // What was not understood is kept for a person to see, and never sent.
        if matches!(
            Response::parse(&frame, false),
            Response::Untagged(Untagged::Unknown(_) | Untagged::Other(_))
        ) {
            continue;
        }
        // Strings with line ends belong where strings do.
        let is_data = frame
            .strip_prefix(b"* ")
            .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit) || rest.starts_with(b"LIST"));
        if frame.contains(&b'\n') && !is_data {
            continue;
        }
        for utf8 in [false, true] {
            let once = written(&frame, utf8)?;
            let twice = written(&once, utf8)?;
            same(&netkit_wire::escape(&twice), &netkit_wire::escape(&written(&twice, utf8)?))?;
        }
    }
    Ok(())
}

/// A frame, read and written.
fn written(frame: &[u8], utf8: bool) -> Result<Vec<u8>, String> {
    let mut wire = Vec::new();
    Response::parse(frame, utf8).encode(utf8, &mut wire);
    match Frames::new(2 << 20, 2 << 20).decode(&wire) {
        Ok(Step::Done(Frame::Whole(again), used)) if used == wire.len() => Ok(again),
        other => Err(format!("{} is written as no frame: {other:?}", netkit_wire::escape(frame))),
    }
}

/// Whatever comes, the engine takes all of it, and answers with no more than it may.
fn telnet_engine(input: &[u8]) -> Result<(), String> {
    let mut engine = Engine::new(Settings::terminal("xterm"));
    let (mut text, mut output, mut rest) = (Vec::new(), Vec::new(), input);
    while !rest.is_empty() {
        let Ok(fed) = engine.feed(rest, &mut text) else { break };
        if fed.used == 0 {
            return Err("nothing was taken".to_owned());
        }
        rest = rest.get(fed.used..).unwrap_or_default();
    }
    engine.take_output(&mut output);
    if output.len() > 80 << 10 { Err(format!("{} bytes of answers", output.len())) } else { Ok(()) }
}

fn reply(input: &[u8]) -> Result<(), String> {
    let limits = Limits::default();
    // FTP's free lines are written as numbered ones.
    for decoder in [Replies::numbered, Replies::single] {
        let Ok(Step::Done(reply, _)) = decoder(&limits).decode(input) else { continue };
        let mut wire = Vec::new();
        reply.encode(&mut wire);
        let Ok(Step::Done(again, _)) = decoder(&limits).decode(&wire) else {
            return Err(format!("{reply:?} is written as no reply: {}", netkit_wire::escape(&wire)));
        };
        same(&reply, &again)?;
    }
    Ok(())
}
