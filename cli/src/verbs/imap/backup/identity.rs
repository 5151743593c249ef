//! What tells messages apart where their numbers do not.

use netkit_imap::response::{Fetch, Item};
use netkit_imap::types::{Atom, DateTime, Set};
use netkit_imap::{FetchItem, Selected};
use sha2::{Digest, Sha256};

use super::seconds;
use crate::failure::Result;
use crate::verbs::imap::session::Opener;

/// A number made of the Message-ID in a header; 0 where there is none.
pub fn identity(header: &[u8]) -> u64 {
    let mut lines = header.split(|b| *b == b'\n');
    let name = b"message-id:";
    let found = loop {
        match lines.next().map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
            None | Some([]) => return 0,
            Some(line) if line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) => {
                break line;
            }
            Some(_) => {}
        }
    };
    let mut value = found.get(name.len()..).unwrap_or_default().trim_ascii().to_vec();
    // A long one stands on the next line.
    if value.is_empty() {
        let next = lines.next().filter(|line| line.starts_with(b" ") || line.starts_with(b"\t"));
        value = next.unwrap_or_default().trim_ascii().to_vec();
    }
    if value.is_empty() {
        return 0;
    }
    let hash = Sha256::digest(&value);
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)).max(1)
}

/// What tells a message on the server from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub uid: u32,
    pub size: u64,
    pub received: i64,
    pub id: u64,
}

/// Those of all messages.
pub fn identities(selected: &mut Selected, opener: &Opener<'_>) -> Result<Vec<Identity>> {
    let mut all = Vec::new();
    if selected.exists == 0 {
        return Ok(all);
    }
    let field = Atom::new("Message-ID").map_err(netkit_imap::Error::from)?;
    let items = [FetchItem::Uid, FetchItem::Size, FetchItem::InternalDate, FetchItem::Field(field)];
    let told = selected.fetch(&Set::all(), &items, |fetch: &Fetch<'_>| {
        let (mut size, mut received, mut id) = (None, 0, 0);
        for item in &fetch.items {
            match item {
                Item::Size(octets) => size = Some(*octets),
                Item::InternalDate(date) => received = DateTime::read(date).map_or(0, seconds),
                Item::Section(_, Some(text)) => id = identity(text),
                _ => {}
            }
        }
        if let (Some(uid), Some(size)) = (fetch.uid(), size) {
            all.push(Identity { uid, size, received, id });
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = told.map_err(|e| opener.about(e))?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::identity;

    #[test]
    fn who_a_message_is() {
        let one = identity(b"Subject: x\r\nMESSAGE-ID: <a@b>\r\n\r\nbody");
        assert!(one != 0);
        assert_eq!(identity(b"Message-Id:\r\n <a@b>\r\n\r\n"), one);
        assert_eq!(identity(b"Subject: x\r\n\r\nMessage-ID: <a@b>\r\n"), 0);
        assert_eq!(identity(b""), 0);
    }
}
