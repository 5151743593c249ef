//! BDAT, the server's side: counted chunks of a message (RFC 3030 section 2).

use std::io::Read;

use netkit_smtp::code;
use netkit_smtp::command::Bdat;
use netkit_wire::{Fault, Limit, Phase};

use super::MESSAGE;
use super::session::Session;

/// The message so far.
#[derive(Default)]
pub(super) struct Chunks {
    data: Vec<u8>,
    /// A chunk was refused: those that were sent before the client could know are thrown away.
    failed: bool,
    open: bool,
}

impl Chunks {
    /// Whether a message was begun in chunks, so that DATA may not follow.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }
}

impl Session<'_> {
    /// The chunk is read whatever is answered: it follows the command at once.
    pub(super) fn bdat(&mut self, bdat: Bdat) -> Result<(), Fault> {
        let fits = self.chunks.data.len() as u64 + bdat.size.min(MESSAGE + 1) <= MESSAGE;
        let ready =
            self.offers("CHUNKING") && self.mail.is_some() && !self.to.is_empty() && !self.chunks.failed;
        let receiving = |why| Fault::from_io(why, Phase::Receiving);
        let mut chunk = self.conn.counted(bdat.size);
        if ready && fits {
            chunk.read_to_end(&mut self.chunks.data).map_err(receiving)?;
        } else if bdat.size > 4 * MESSAGE {
            return Err(Fault::TooLong(Limit::Body(MESSAGE)));
        } else {
            std::io::copy(&mut chunk, &mut std::io::sink()).map_err(receiving)?;
        }
        self.chunks.open = true;
        if !ready || !fits {
            let begun = self.mail.is_some();
            self.chunks.failed = true;
            match fits {
                true if !begun || self.to.is_empty() => {
                    self.say(code::BAD_SEQUENCE, "5.5.1 MAIL and RCPT first")
                }
                true => self.say(code::BAD_SEQUENCE, "5.5.1 a chunk before this one failed"),
                false => self.say(code::TOO_LARGE, "5.3.4 too large a message"),
            }
            return Ok(());
        }
        if !bdat.last {
            self.say(code::OK, "2.0.0 go on");
            return Ok(());
        }
        let data = std::mem::take(&mut self.chunks.data);
        self.chunks = Chunks::default();
        self.deliver(Some(data.into()));
        Ok(())
    }
}
