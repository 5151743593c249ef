//! The lines LIST answers with, which no RFC fixes: one module for each kind of server.

mod dos;
mod eplf;
mod mvs;
mod netware;
mod nonstop;
mod os2;
mod os400;
mod unix;
mod vms;
mod words;

use crate::stamp::Stamp;

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A file, or a member of a library.
    File,
    /// A folder, library or catalogue.
    Folder,
    /// A link, with where it leads if the server says so.
    Link(Option<Vec<u8>>),
    /// A device, pipe or socket.
    Other,
}

/// One entry of a listing. What the server did not say is `None`. The name is as it came: it may lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: Vec<u8>,
    /// In bytes, and only where the server counts in bytes.
    pub size: Option<u64>,
    /// When it was changed, in the server's zone.
    pub modified: Option<Stamp>,
    /// Who may read, write and execute it: the nine bits of chmod(2).
    pub mode: Option<u32>,
}

/// The kinds of listing that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Format {
    Unix,
    Dos,
    Eplf,
    Vms,
    NetWare,
    Os2,
    Os400,
    Mvs,
    NonStop,
}

/// A line that no format knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line of the listing cannot be read: {}", String::from_utf8_lossy(.0).escape_debug())]
pub struct Unreadable(pub Vec<u8>);

impl Format {
    /// In the order they are tried: the strictest first.
    pub const ALL: &[Format] = &[
        Format::Eplf,
        Format::Unix,
        Format::NetWare,
        Format::Dos,
        Format::Vms,
        Format::Os400,
        Format::Mvs,
        Format::NonStop,
        Format::Os2,
    ];

    /// One line, without its end, as this kind of server writes it.
    pub fn parse(self, line: &[u8]) -> Option<Listed> {
        let entry = match self {
            Format::Unix => unix::parse(line),
            Format::Dos => dos::parse(line),
            Format::Eplf => eplf::parse(line),
            Format::Vms => vms::parse(line),
            Format::NetWare => netware::parse(line),
            Format::Os2 => os2::parse(line),
            Format::Os400 => os400::parse(line),
            Format::Mvs => mvs::parse(line),
            Format::NonStop => nonstop::parse(line),
        };
        entry.filter(|entry| !entry.name.is_empty())
    }
}

/// One line of any format. `None` for what is no entry: an empty line, a total, a heading.
pub fn parse(line: &[u8]) -> Result<Option<Listed>, Unreadable> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if is_heading(line) {
        return Ok(None);
    }
    let entry = Format::ALL.iter().find_map(|format| format.parse(line));
    entry.map(Some).ok_or_else(|| Unreadable(line.to_vec()))
}

fn is_heading(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let total = line.strip_prefix(b"total ").is_some_and(|n| n.trim_ascii().iter().all(u8::is_ascii_digit));
    let grand = line.starts_with(b"Total of ") && (line.ends_with(b"files.") || line.ends_with(b"blocks."));
    let vms = line.starts_with(b"Directory ") && line.ends_with(b"]");
    let mvs = line.starts_with(b"Volume Unit ") || line.starts_with(b"Name     VV.MM ");
    line.is_empty() || total || grand || vms || mvs || line.starts_with(b"File         Code ")
}
