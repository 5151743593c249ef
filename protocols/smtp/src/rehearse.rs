//! What would be sent to a server that offers the usual extensions and says yes to everything: nothing leaves.

use std::fmt::Write as _;
use std::io::{Read, Seek};
use std::sync::PoisonError;

use netkit_wire::{Conn, Limits, Memory};

use crate::client::Client;
use crate::error::Error;
use crate::send::{Envelope, Options, Transfer};
use crate::types::Domain;

/// The client's bytes of a whole session with one message, for a person to read before anything is sent. A login is
/// not rehearsed: what it says depends on the server's challenge.
///
/// # Errors
/// As [`Client::send`], for what is wrong with the envelope or the message.
pub fn rehearse(
    hello: &Domain,
    envelope: &Envelope,
    options: &Options,
    message: &mut (impl Read + Seek),
) -> Result<Vec<u8>, Error> {
    let mut script = String::from(
        "220 rehearsal\r\n250-rehearsal\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250-DSN\r\n250-REQUIRETLS\r\n\
         250-DELIVERBY\r\n250-MT-PRIORITY\r\n250-FUTURERELEASE\r\n250-AUTH PLAIN\r\n",
    );
    // Chunks only where they were asked for: behind DATA a person sees how dots are doubled.
    let chunks = matches!(options.transfer, Transfer::Chunks | Transfer::Binary);
    if chunks {
        script.push_str("250-CHUNKING\r\n250-BINARYMIME\r\n");
    }
    script.push_str("250 SMTPUTF8\r\n250 sender\r\n");
    for _ in &envelope.to {
        // Writing to a String cannot fail.
        let _ = script.write_str("250 recipient\r\n");
    }
    if !chunks {
        script.push_str("354 message\r\n");
    }
    // A long message has more chunks than one; what is too much here is never read.
    script.push_str(&"250 taken\r\n".repeat(if chunks { 4096 } else { 1 }));
    script.push_str("221 bye\r\n");
    let server = Memory::new(script.as_bytes());
    let sent = server.written();
    let mut client = Client::new(Conn::new(Box::new(server), Limits::default()));
    client.ehlo(hello)?;
    client.send_with(envelope, options, message)?;
    // With chunks, the reply to QUIT is one of those that were too many.
    let _ = client.quit();
    let bytes = sent.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(bytes)
}
