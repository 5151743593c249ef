//! yEnc: binaries in articles, one byte in one (yEnc draft 1.3). Decoded by runs: what stands between two escapes is shifted as a
//! whole, and the compiler does that with wide registers.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::{Slice, encode};

/// Data bytes in a line, as nearly everybody has it; some readers know no other.
pub const LINE: usize = 128;

/// What stands around the data of one article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The file's name, as its sender wrote it: any bytes, also `../`. [`netkit_wire::safe_name`] makes one that can be used.
    pub name: Vec<u8>,
    /// Size of the whole file in bytes, as this article says.
    pub size: u64,
    /// Which part this is, from 1 on; none for a file in one piece.
    pub number: Option<u32>,
    /// How many parts there are, if it says.
    pub total: Option<u32>,
    /// Where in the file the data begins, in bytes.
    pub offset: u64,
    /// How many bytes were decoded.
    pub len: u64,
    /// The CRC-32 that was said of the data, and is right; none where none was said.
    pub crc: Option<u32>,
    /// The CRC-32 that was said of the whole file, by a part of it: for who has all the parts.
    pub file_crc: Option<u32>,
}

/// What is wrong with an article that was to hold yEnc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum YencError {
    /// There is no `=ybegin` line.
    #[error("there is no =ybegin line")]
    NoBegin,
    /// A line about the data breaks a rule.
    #[error("{0}")]
    Header(&'static str),
    /// There is no `=yend` line: the article was cut.
    #[error("there is no =yend line: the article was cut")]
    NoEnd,
    /// More or fewer bytes than were said.
    #[error("{got} bytes of data where {said} were said")]
    Size {
        /// As said.
        said: u64,
        /// As decoded.
        got: u64,
    },
    /// The data is not what was sent.
    #[error("the data's CRC-32 is {got:08x} where {said:08x} was said")]
    Crc {
        /// As said.
        said: u32,
        /// Of what came.
        got: u32,
    },
}
