//! What a command is to the client: bytes out, an answer in.

use netkit_wire::Reply;

use crate::error::Error;

/// A command with one reply.
pub trait Exchange {
    /// What the reply means.
    type Answer;

    /// Appends the command line with its CRLF.
    fn encode(&self, out: &mut Vec<u8>);

    /// Judges the reply.
    ///
    /// # Errors
    /// [`Error::Refused`] for 4yz and 5yz, [`Error::Unexpected`] for a code this command cannot have.
    fn answer(self, reply: Reply) -> Result<Self::Answer, Error>;

    /// Whether nothing may be sent behind this command before its answer is here. RFC 2920 section 3.1 lists the
    /// commands of which that is not so: RSET, MAIL and RCPT (the others change what may come next).
    fn ends_group(&self) -> bool {
        true
    }
}

/// The reply itself if it is 2yz (RFC 5321 section 4.2.1: the first digit is what a client goes by).
pub(crate) fn completed(reply: Reply) -> Result<Reply, Error> {
    in_class(2, reply)
}

/// The reply itself if its code starts with `pattern`.
pub(super) fn in_class(pattern: u16, reply: Reply) -> Result<Reply, Error> {
    let code = reply.code();
    if code.is(pattern) {
        Ok(reply)
    } else if code.is(4) || code.is(5) {
        Err(Error::Refused(reply))
    } else {
        Err(Error::Unexpected(reply))
    }
}

/// `WORD`, or `WORD argument`, and CRLF.
pub(super) fn line(out: &mut Vec<u8>, word: &str, argument: Option<&str>) {
    out.extend_from_slice(word.as_bytes());
    if let Some(argument) = argument {
        out.push(b' ');
        out.extend_from_slice(argument.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}
