//! What passed, with times: one JSON object a piece into a file, a hex dump on stderr, and the dialogue as every verb has it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use netkit_wire::Tap;

use crate::dialogue::Dialogue;
use crate::failure::{Failure, Result};
use crate::run::private;

/// Clones write to the same log.
#[derive(Clone)]
pub struct Log(Option<Arc<Inner>>);

struct Inner {
    file: Option<Mutex<File>>,
    hex: bool,
    dialogue: Dialogue,
    /// The lines of each peer, where the dialogue goes somewhere.
    taps: Option<Mutex<HashMap<String, Box<dyn Tap>>>>,
}

/// So many peers' lines are kept apart: datagrams do not say when a peer is gone.
const MOST_TAPS: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Sent,
    Received,
}

impl Log {
    pub fn open(dialogue: Dialogue, file: Option<&Path>, hex: bool) -> Result<Log> {
        let opened = file.map(private).transpose();
        let file = opened.map_err(|e| {
            Failure::write(
                file.map(Path::display).into_iter().next().map_or_else(String::new, |d| d.to_string()),
                &e,
            )
        })?;
        let taps = dialogue.tap().map(|_| Mutex::default());
        let wanted = file.is_some() || hex || taps.is_some();
        Ok(Log(wanted.then(|| Arc::new(Inner { file: file.map(Mutex::new), hex, dialogue, taps }))))
    }

    /// Whether anything is to be logged.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Bytes that passed between us and `peer`.
    pub fn bytes(&self, way: Way, peer: &str, bytes: &[u8]) {
        let Some(inner) = &self.0 else { return };
        inner.tell(way, peer, bytes);
        let direction = if way == Way::Sent { "sent" } else { "received" };
        if inner.file.is_some() {
            inner.line(&json!({
                "time": now(), "event": "data", "direction": direction, "peer": peer, "bytes": bytes.len(),
                "data_base64": STANDARD.encode(bytes),
            }));
        }
        if inner.hex {
            let mark = if way == Way::Sent { '>' } else { '<' };
            let mut dump = format!("{mark} {} {peer} {} bytes\n", now(), bytes.len());
            dump.push_str(&hex(bytes));
            // Whoever closed stderr does not want it.
            let _ = io::stderr().write_all(dump.as_bytes());
        }
    }

    /// A peer came or left.
    pub fn event(&self, event: &str, peer: &str) {
        if let Some(inner) = &self.0 {
            inner.line(&json!({ "time": now(), "event": event, "peer": peer }));
            if let Some(taps) = &inner.taps {
                // A line without an end is shown now.
                drop(taps.lock().unwrap_or_else(PoisonError::into_inner).remove(peer));
                inner.dialogue.note(&format!("{event} {peer}"));
            }
        }
    }
}

impl Inner {
    fn tell(&self, way: Way, peer: &str, bytes: &[u8]) {
        let Some(taps) = &self.taps else { return };
        let mut taps = taps.lock().unwrap_or_else(PoisonError::into_inner);
        if taps.len() >= MOST_TAPS && !taps.contains_key(peer) {
            taps.clear();
        }
        if !taps.contains_key(peer)
            && let Some(tap) = self.dialogue.tap()
        {
            taps.insert(peer.to_owned(), tap);
        }
        match (taps.get_mut(peer), way) {
            (Some(tap), Way::Sent) => tap.sent(bytes),
            (Some(tap), Way::Received) => tap.received(bytes),
            (None, _) => {}
        }
    }

    fn line(&self, value: &Value) {
        if let Some(file) = &self.file {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A full disk must not cut the conversation that is logged.
            let _ = writeln!(file, "{value}");
        }
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Sixteen bytes a line, as `hexdump -C` has them.
fn hex(bytes: &[u8]) -> String {
    let mut dump = String::new();
    for (row, part) in bytes.chunks(16).enumerate() {
        let pairs: Vec<String> = part.iter().map(|byte| format!("{byte:02x}")).collect();
        let (left, right) = pairs.split_at(pairs.len().min(8));
        let columns = format!("{}  {}", left.join(" "), right.join(" "));
        let text: String = part
            .iter()
            .map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' })
            .collect();
        dump.push_str(&format!("{:08x}  {columns:48}  |{text}|\n", row * 16));
    }
    dump
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn rows_of_sixteen() {
        assert_eq!(
            hex(b"0123456789abcdef\n\x1b"),
            "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n\
             00000010  0a 1b                                             |..|\n"
        );
        assert_eq!(hex(b""), "");
    }
}
