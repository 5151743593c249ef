//! XCLIENT: a tester, or a proxy, says whom it speaks for (Postfix's XCLIENT_README).

use netkit_wire::Reply;

use super::exchange::{Exchange, in_class};
use crate::error::{Argument, Error, Invalid};
use crate::types::{unxtext, xtext};

/// `XCLIENT NAME=value...`: what the server shall believe of the client from here on. The answer is 220: the session
/// begins anew.
///
/// ```text
/// xclient-command = XCLIENT 1*( SP attribute-name "=" attribute-value )
/// attribute-name  = NAME / ADDR / PORT / PROTO / HELO / LOGIN / DESTADDR / DESTPORT
/// attribute-value = xtext
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xclient {
    attributes: Vec<(String, String)>,
}

impl Xclient {
    /// Takes attributes; names are written in upper case, values as xtext.
    ///
    /// # Errors
    /// [`Invalid`] for no attribute at all, a name that is not of letters, an empty value, or more than a line holds.
    pub fn new<'a>(attributes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Xclient, Invalid> {
        let attributes: Vec<(String, String)> = attributes
            .into_iter()
            .map(|(name, value)| (name.to_ascii_uppercase(), value.to_owned()))
            .collect();
        let letters = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase());
        if attributes.is_empty() || attributes.iter().any(|(name, value)| !letters(name) || value.is_empty())
        {
            return Err(Invalid::new(Argument::Text, "XCLIENT takes NAME=value, with letters and a value"));
        }
        let line: usize = attributes.iter().map(|(name, value)| name.len() + xtext(value).len() + 2).sum();
        if line > 900 {
            return Err(Invalid::new(Argument::Text, "it is longer than a line"));
        }
        Ok(Xclient { attributes })
    }

    /// The value of an attribute, decoded.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Reads what follows `XCLIENT `.
    pub(super) fn parse(text: &str) -> Option<Xclient> {
        let pair = |word: &str| {
            word.split_once('=').and_then(|(name, value)| Some((name.to_owned(), unxtext(value)?)))
        };
        let pairs = text.split(' ').map(pair).collect::<Option<Vec<_>>>()?;
        Xclient::new(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).ok()
    }
}

impl Exchange for Xclient {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"XCLIENT");
        for (name, value) in &self.attributes {
            out.extend_from_slice(format!(" {name}={}", xtext(value)).as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        in_class(220, reply)
    }
}
