//! Bytes that nobody would send, for everything that reads bytes.
//!
//! A [`Target`] is a decoder and what must hold for any input: it does not panic, it reads the same in one piece and in many, and
//! what it has read it reads again after writing it. Inputs grow out of what the fixtures say ([`Corpus`]), altered by a fixed seed
//! ([`Mutator`]); those that once broke something are kept in `found/<target>/`.
//!
//! `cargo test` gives each target two thousand of them. `cargo run --release -p netkit-fuzz -- TARGET SECONDS` goes on for longer,
//! and writes down what it finds.

mod answers;
mod commands;
mod corpus;
mod formats;
mod mutate;

use std::path::{Path, PathBuf};

pub use corpus::Corpus;
pub use mutate::Mutator;

/// Something that reads bytes.
pub struct Target {
    /// `imap-response`.
    pub name: &'static str,
    /// Where its inputs come from.
    pub seeds: Seeds,
    /// What must hold.
    pub holds: fn(&[u8]) -> Result<(), String>,
}

/// What the first inputs of a target are.
#[derive(Clone, Copy, Debug)]
pub enum Seeds {
    /// All that the server says in each fixture of a protocol.
    Answers(&'static str),
    /// The same, line by line.
    AnswerLines(&'static str),
    /// All that the client says in each fixture of a protocol, line by line.
    CommandLines(&'static str),
    /// All that the client says in each fixture of a protocol.
    Commands(&'static str),
    /// What the fixtures have none of.
    These(&'static [&'static str]),
}

/// Every target.
pub fn targets() -> impl Iterator<Item = &'static Target> {
    [answers::TARGETS, commands::TARGETS, formats::TARGETS].into_iter().flatten()
}

/// Where inputs that once broke a target are.
pub fn found(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("found").join(target)
}

/// What was read, written and read again must be the same.
fn same<T: PartialEq + std::fmt::Debug>(read: &T, again: &T) -> Result<(), String> {
    if read == again { Ok(()) } else { Err(format!("read:  {read:?}\nagain: {again:?}")) }
}
