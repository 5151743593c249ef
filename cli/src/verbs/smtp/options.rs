//! From the options about the envelope to parameters of MAIL and RCPT.

use netkit_smtp::types::{ByMode, Notify, Parameter, Parameters, Return};
use netkit_smtp::{Error, Invalid, Options, Partial, Transfer};

use crate::args::{PartialChoice, Returned, SmtpEnvelope, SmtpMany, TransferChoice};
use crate::failure::{Failure, Kind, Result};

/// How each message is sent.
pub fn options(envelope: &SmtpEnvelope, many: &SmtpMany) -> Result<Options> {
    let mut mail = Vec::new();
    if let Some(what) = envelope.notify_return {
        mail.push(Parameter::ret(match what {
            Returned::Full => Return::Full,
            Returned::Headers => Return::Headers,
        }));
    }
    mail.extend(envelope.envelope_id.as_deref().map(Parameter::envid));
    mail.extend(envelope.require_tls.then(Parameter::require_tls));
    mail.extend(envelope.priority.map(Parameter::mt_priority));
    mail.extend(envelope.deliver_by.as_deref().map(deliver_by).transpose()?);
    mail.extend(envelope.hold.as_deref().map(hold).transpose()?);
    mail.extend(envelope.mail_parameter.iter().map(|text| any(text)));
    let mut rcpt = Vec::new();
    if let Some(when) = &envelope.notify {
        rcpt.push(when.parse::<Notify>().and_then(Parameter::notify));
    }
    rcpt.extend(envelope.rcpt_parameter.iter().map(|text| any(text)));
    Ok(Options {
        mail: collect(mail)?,
        rcpt: collect(rcpt)?,
        partial: match many.partial {
            PartialChoice::Deliver => Partial::Deliver,
            PartialChoice::Refuse => Partial::Refuse,
        },
        transfer: match many.transfer {
            TransferChoice::Best => Transfer::Best,
            TransferChoice::Data => Transfer::Data,
            TransferChoice::Chunks => Transfer::Chunks,
            TransferChoice::Binary => Transfer::Binary,
        },
    })
}

fn collect(all: Vec<std::result::Result<Parameter, Invalid>>) -> Result<Parameters> {
    all.into_iter().collect::<std::result::Result<_, _>>().map_err(|e| Error::from(e).into())
}

fn any(text: &str) -> std::result::Result<Parameter, Invalid> {
    match text.split_once('=') {
        Some((keyword, value)) => Parameter::new(keyword, Some(value)),
        None => Parameter::new(text, None),
    }
}

fn seconds(text: &str, option: &str) -> Result<u32> {
    let time = crate::args::duration(text)
        .map_err(|e| Failure::new(Kind::Usage, format!("{option} {text}: {e}")))?;
    u32::try_from(time.as_secs())
        .map_err(|_| Failure::new(Kind::Usage, format!("{option} {text}: it is too long")))
}

fn deliver_by(text: &str) -> Result<std::result::Result<Parameter, Invalid>> {
    let (time, mode) = match text.split_once(';') {
        Some((time, mode)) if mode.eq_ignore_ascii_case("n") => (time, ByMode::Notify),
        Some((time, mode)) if mode.eq_ignore_ascii_case("r") => (time, ByMode::Return),
        _ => (text, ByMode::Return),
    };
    let seconds = i32::try_from(seconds(time, "--deliver-by")?).unwrap_or(i32::MAX);
    Ok(Parameter::deliver_by(seconds, mode, false))
}

/// A moment has a `T` in it, a time never does.
fn hold(text: &str) -> Result<std::result::Result<Parameter, Invalid>> {
    if text.contains('T') {
        return Ok(Parameter::hold_until(text));
    }
    Ok(Parameter::hold_for(seconds(text, "--hold")?))
}
