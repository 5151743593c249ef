//! What can be asked of a message (RFC 9051 section 6.4.5). Nothing here makes a message seen, but for [`FetchItem::Read`].

use std::fmt;
use std::str::FromStr;

use crate::error::{Argument, Invalid};

/// The number of a part: `1`, `2.1` (RFC 9051 section 6.4.5.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartNumber(String);

impl FromStr for PartNumber {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<PartNumber, Invalid> {
        let number = |part: &str| {
            !part.starts_with('0')
                && (1..=9).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_digit())
        };
        if text.len() <= 200 && text.split('.').all(number) {
            Ok(PartNumber(text.to_owned()))
        } else {
            Err(Invalid::new(Argument::Part, "a part's number is as 1 or 2.1"))
        }
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchItem {
    /// Its UID.
    Uid,
    /// Its flags.
    Flags,
    /// When it came.
    InternalDate,
    /// How many bytes it has.
    Size,
    /// Its header, taken apart.
    Envelope,
    /// Its parts.
    Structure,
    /// Its mod-sequence (RFC 7162).
    ModSeq,
    /// What says that it is this message, wherever it lies (RFC 8474).
    EmailId,
    /// In which thread it is (RFC 8474).
    ThreadId,
    /// When it was put where it is (RFC 8514).
    SaveDate,
    /// Its first words (RFC 8970).
    Preview,
    /// All of it.
    Message,
    /// Its header.
    Header,
    /// One field of its header.
    Field(crate::types::Atom),
    /// A part, as it stands.
    Part(PartNumber),
    /// The header of a part.
    Mime(PartNumber),
    /// A part, decoded by the server (RFC 3516).
    Decoded(PartNumber),
    /// All of it, which makes it seen.
    Read,
}

impl fmt::Display for FetchItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FetchItem::Uid => f.write_str("UID"),
            FetchItem::Flags => f.write_str("FLAGS"),
            FetchItem::InternalDate => f.write_str("INTERNALDATE"),
            FetchItem::Size => f.write_str("RFC822.SIZE"),
            FetchItem::Envelope => f.write_str("ENVELOPE"),
            FetchItem::Structure => f.write_str("BODYSTRUCTURE"),
            FetchItem::ModSeq => f.write_str("MODSEQ"),
            FetchItem::EmailId => f.write_str("EMAILID"),
            FetchItem::ThreadId => f.write_str("THREADID"),
            FetchItem::SaveDate => f.write_str("SAVEDATE"),
            FetchItem::Preview => f.write_str("PREVIEW"),
            FetchItem::Message => f.write_str("BODY.PEEK[]"),
            FetchItem::Header => f.write_str("BODY.PEEK[HEADER]"),
            FetchItem::Field(name) => write!(f, "BODY.PEEK[HEADER.FIELDS ({name})]"),
            FetchItem::Part(number) => write!(f, "BODY.PEEK[{number}]"),
            FetchItem::Mime(number) => write!(f, "BODY.PEEK[{number}.MIME]"),
            FetchItem::Decoded(number) => write!(f, "BINARY.PEEK[{number}]"),
            FetchItem::Read => f.write_str("BODY[]"),
        }
    }
}

pub(crate) fn words(items: &[FetchItem]) -> String {
    let words: Vec<String> = items.iter().map(ToString::to_string).collect();
    format!("({})", words.join(" "))
}
