//! From one server to another without us in between (RFC 959 section 5.2, figure 3).

use netkit_wire::Reply;

use super::Session;
use crate::command::{Command, Verb};
use crate::error::Error;
use crate::reply;
use crate::types::Argument;

/// Lets one server send a file to another: `source` waits, and `sink` dials it. `false` where one of them will not: nothing was
/// moved then. Where data connections are in TLS, one of the two has to be its client: SSCN tells the sink so, or CPSV the source,
/// which no RFC has; neither checks the other's certificate.
///
/// The source may only name its own control connection's address: else the sink would be sent to somebody who has no part in
/// it (RFC 2577 section 3).
///
/// # Errors
/// [`Error::Refused`] when the transfer began and failed; [`Error::Wire`], [`Error::Unexpected`], [`Error::Invalid`].
pub fn fxp(source: &mut Session, from: &str, sink: &mut Session, to: &str) -> Result<bool, Error> {
    let retr = Command::with(Verb::RETR, Argument::new(from)?);
    let stor = Command::with(Verb::STOR, Argument::new(to)?);
    if source.is_protected() != sink.is_protected() {
        return Ok(false);
    }
    let mut passive = Verb::PASV;
    if source.is_protected() {
        if source.has("CPSV") {
            passive = Verb::CPSV;
        } else if !sink.has("SSCN") || refused(sink.control.with(Verb::SSCN, "ON", &[2]))?.is_none() {
            return Ok(false);
        }
    }
    let done = between(source, &retr, sink, &stor, passive);
    if passive == Verb::PASV && sink.is_protected() && sink.is_usable() {
        // Its next transfers are with us, who are the client. What went wrong before is the better news.
        let undone = sink.control.with(Verb::SSCN, "OFF", &[2]);
        return done.and_then(|moved| undone.map(|_| moved));
    }
    done
}

/// What answer a refusal is.
fn refused(asked: Result<Reply, Error>) -> Result<Option<Reply>, Error> {
    match asked {
        Ok(reply) => Ok(Some(reply)),
        Err(Error::Refused(reply)) if !reply.code().is(421) => Ok(None),
        Err(why) => Err(why),
    }
}

fn between(
    source: &mut Session,
    retr: &Command,
    sink: &mut Session,
    stor: &Command,
    passive: Verb,
) -> Result<bool, Error> {
    let Some(said) = refused(source.control.bare(passive, &[227]))? else { return Ok(false) };
    let Some((ip, port)) = reply::passive(&said) else { return Ok(false) };
    if source.data.peer() != Some(std::net::IpAddr::V4(ip)) || port < 1024 {
        return Ok(false);
    }
    if refused(sink.control.ask(&Command::port(ip, port)?, &[2]))?.is_none() {
        return Ok(false);
    }
    // The one that dials begins: its answer may wait for the other.
    sink.control.queue(stor)?;
    sink.control.conn.flush().map_err(|fault| sink.control.broken(fault))?;
    let begun = source.control.ask(retr, &[125, 150]);
    let kept = sink.control.answer(&[125, 150]);
    match (begun, kept) {
        (Ok(_), Ok(_)) => {}
        // The other waits for a connection that never comes: it is told to stop.
        (Err(why), kept) => {
            if kept.is_ok() {
                give_up(sink)?;
            }
            return Err(why);
        }
        (Ok(_), Err(why)) => {
            give_up(source)?;
            return Err(why);
        }
    }
    source.control.answer(&[226, 250])?;
    sink.control.answer(&[226, 250])?;
    Ok(true)
}

fn give_up(session: &mut Session) -> Result<(), Error> {
    let first = session.interrupt()?;
    if !first.code().is(225) {
        session.control.reply()?;
    }
    Ok(())
}
