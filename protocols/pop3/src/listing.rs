//! The lines of LIST and UIDL: RFC 1939 sections 5 and 7.

use netkit_wire::Malformed;

use crate::types::Number;

/// A message and its size.
///
/// ```text
/// scan listing = number SP octets [SP anything]
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Which message.
    pub number: Number,
    /// Its size in bytes, as the server has it: not always what it sends.
    pub octets: u64,
}

/// A message and the name it has for good.
///
/// ```text
/// unique-id listing = number SP unique-id        unique-id = 1*70(%x21-7E)
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uid {
    /// Which message.
    pub number: Number,
    /// Its name.
    pub uid: String,
}

/// The longest unique-id taken: the standard's 70 characters are passed by some servers, whose ids are as good.
const UID: usize = 250;

impl Size {
    /// Reads one line.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(line: &[u8]) -> Result<Size, Malformed> {
        let (number, rest) = number(line)?;
        // A server may add words behind the size, which the standard discourages.
        let digits = rest.split(|b| *b == b' ').next().unwrap_or_default();
        let octets = digits_of(digits).ok_or(Malformed::new("a listing is a number and a size", 0))?;
        Ok(Size { number, octets })
    }
}

impl Uid {
    /// Reads one line.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(line: &[u8]) -> Result<Uid, Malformed> {
        let (number, rest) = number(line)?;
        let uid = rest.trim_ascii_end();
        let fits = (1..=UID).contains(&uid.len()) && uid.iter().all(u8::is_ascii_graphic);
        match fits {
            true => Ok(Uid { number, uid: String::from_utf8_lossy(uid).into_owned() }),
            false => Err(Malformed::new("a unique-id has 1 to 70 printable characters", 0)),
        }
    }
}

/// The number at the start, and what stands behind the spaces.
fn number(line: &[u8]) -> Result<(Number, &[u8]), Malformed> {
    let broken = Malformed::new("a listing begins with the number of a message", 0);
    let end = line.iter().position(|b| *b == b' ').ok_or(broken)?;
    let (digits, rest) = line.split_at_checked(end).ok_or(broken)?;
    let number = digits_of(digits).and_then(|n| u32::try_from(n).ok()).and_then(Number::new);
    Ok((number.ok_or(broken)?, rest.trim_ascii_start()))
}

pub(crate) fn digits_of(digits: &[u8]) -> Option<u64> {
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if all { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
}
