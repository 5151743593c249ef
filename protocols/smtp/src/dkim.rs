//! DKIM signatures (RFC 6376): a domain vouches for a message.
//!
//! The signing itself is the library's; what is signed, the canonical forms of section 3.4, is here.

mod canonical;
mod header;
mod key;

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use netkit_wire::Stuffer;

pub use canonical::Canonical;
pub use key::DkimKey;

use crate::error::{Argument, Error, Invalid};
use crate::types::Domain;
use canonical::BodyHash;
use header::{Fields, fold};

/// The fields that are signed where a message has them (RFC 6376 section 5.4.1). `From` is signed once more than it
/// stands there, so that none can be added (section 8.15).
const SIGNED: [&str; 17] = [
    "From",
    "Sender",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "To",
    "Cc",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "In-Reply-To",
    "References",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Post",
];

/// How much of a message is looked at for its header, in bytes.
const HEADER: usize = 256 << 10;

/// Who signs, and with what.
#[derive(Debug)]
pub struct Dkim {
    domain: Domain,
    selector: Domain,
    key: DkimKey,
    header: Canonical,
    body: Canonical,
}

impl Dkim {
    /// Signs for `domain` with the key whose public half stands in the DNS under `selector._domainkey.domain`. Both
    /// canonical forms are relaxed.
    ///
    /// # Errors
    /// [`Invalid`] when domain or selector are no domain names.
    pub fn new(domain: &str, selector: &str, key: DkimKey) -> Result<Dkim, Invalid> {
        let name = |text: &str| {
            let parsed = Domain::new(text)?;
            match parsed.ascii().starts_with('[') {
                true => Err(Invalid::new(Argument::Domain, "a signature names no address")),
                false => Ok(parsed),
            }
        };
        let (domain, selector) = (name(domain)?, name(selector)?);
        Ok(Dkim { domain, selector, key, header: Canonical::Relaxed, body: Canonical::Relaxed })
    }

    /// The same with other canonical forms, of the header and of the body (RFC 6376 section 3.4).
    #[must_use]
    pub fn canonical(mut self, header: Canonical, body: Canonical) -> Dkim {
        (self.header, self.body) = (header, body);
        self
    }

    /// The `DKIM-Signature` field of a message, with its CRLF, to be put before it. The message is read once, in pieces;
    /// its line ends count as CRLF, which is what they become on the wire. `time` is when it is signed, in seconds since
    /// 1970.
    ///
    /// # Errors
    /// [`Error::Source`] when it cannot be read; [`Error::Invalid`] when it has no `From` or no end of header.
    pub fn sign(&self, message: &mut dyn Read, time: i64) -> Result<String, Error> {
        let (head, body_hash) = self.read(message)?;
        let fields =
            Fields::parse(&head).ok_or(Invalid::new(Argument::Message, "its header is malformed"))?;
        if !fields.has("From") {
            return Err(Invalid::new(Argument::Message, "a message without From cannot be signed").into());
        }
        let mut names: Vec<&str> = vec!["From"];
        for name in SIGNED {
            names.extend((0..fields.count(name)).map(|_| name));
        }
        let list = names.join(":").to_ascii_lowercase();
        let value = format!(
            "v=1; a={}; c={}/{}; d={}; s={}; t={time}; h={list}; bh={}; b=",
            self.key.algorithm(),
            self.header.as_str(),
            self.body.as_str(),
            self.domain.ascii(),
            self.selector.ascii(),
            STANDARD.encode(body_hash),
        );
        let unsigned = format!("DKIM-Signature: {}", fold(&value));
        let mut data = fields.signed(&names, self.header);
        data.extend_from_slice(&self.header.field(unsigned.as_bytes()));
        let signature = STANDARD.encode(self.key.sign(&data)?);
        Ok(format!("{unsigned}{}\r\n", fold_base64(&signature)))
    }

    /// The header, with CRLF, and the hash of the body's canonical form.
    fn read(&self, message: &mut dyn Read) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let mut stuffer = Stuffer::counted();
        let mut fit: Vec<u8> = Vec::new();
        let mut head: Option<Vec<u8>> = None;
        let mut hash = BodyHash::new(self.body);
        let mut piece = vec![0; 64 << 10];
        loop {
            let n = match message.read(&mut piece) {
                Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
                other => other.map_err(Error::Source)?,
            };
            match n {
                0 => std::mem::take(&mut stuffer).finish(&mut fit),
                n => stuffer.push(piece.get(..n).unwrap_or_default(), &mut fit),
            }
            if head.is_none() {
                match memchr::memmem::find(&fit, b"\r\n\r\n") {
                    Some(at) => {
                        let body = fit.split_off(at + 4);
                        fit.truncate(at + 2);
                        head = Some(std::mem::replace(&mut fit, body));
                    }
                    None if n == 0 => head = Some(std::mem::take(&mut fit)),
                    None if fit.len() > HEADER => {
                        return Err(Invalid::new(Argument::Message, "its header has no end").into());
                    }
                    None => continue,
                }
            }
            hash.push(&fit);
            fit.clear();
            if n == 0 {
                return Ok((head.unwrap_or_default(), hash.finish()));
            }
        }
    }
}

/// A long value over several lines, the way header fields are folded.
fn fold_base64(text: &str) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(72).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("\r\n\t{}", lines.join("\r\n\t"))
}
