//! Names that are not in UTF-8: what servers of before RFC 2640 have.

use std::fmt;
use std::sync::Arc;

/// A character set for names.
pub trait Charset: Send + Sync {
    /// A name as bytes for the wire; none where it has a character that the set lacks.
    fn encode(&self, name: &str) -> Option<Vec<u8>>;

    /// A name as it came.
    fn decode(&self, name: &[u8]) -> String;
}

/// How names are written; as they are unless somebody says otherwise.
#[derive(Clone, Default)]
pub(crate) struct Names(Option<Arc<dyn Charset>>);

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Names(other)" } else { "Names(as they are)" })
    }
}

impl Names {
    pub(crate) fn new(charset: Arc<dyn Charset>) -> Names {
        Names(Some(charset))
    }

    /// For the wire; none where it cannot be written.
    pub(crate) fn encode(&self, name: &[u8]) -> Option<Vec<u8>> {
        match &self.0 {
            None => Some(name.to_vec()),
            Some(charset) => charset.encode(std::str::from_utf8(name).ok()?),
        }
    }

    /// From the wire, in UTF-8 where it is known what the bytes mean.
    pub(crate) fn decode(&self, name: Vec<u8>) -> Vec<u8> {
        match &self.0 {
            None => name,
            Some(charset) => charset.decode(&name).into_bytes(),
        }
    }
}
