//! `netkit smtp`: send messages, ask, look at a server.

mod ask;
mod compose;
mod jobs;
mod options;
mod relay;
mod send;
mod session;
mod show;
mod sign;
mod steps;
mod template;

use netkit_smtp::{Error, Unsupported};
use serde_json::json;

use crate::args::{Global, SmtpProbe, SmtpVerb};
use crate::failure::{Failure, Kind, Result};
use crate::report;
use crate::run::Run;
use session::Opener;

pub fn run(verb: &SmtpVerb, global: &Global) -> Result<()> {
    match verb {
        SmtpVerb::Send(args) => send::send(args, global),
        SmtpVerb::Sendmail(args) => send::sendmail(args, global),
        SmtpVerb::Verify(args) => ask::verify(args, global),
        SmtpVerb::Expn(args) => ask::expn(args, global),
        SmtpVerb::Raw(args) => ask::raw(args, global),
        SmtpVerb::Probe(args) => probe(args, global),
    }
}

fn probe(args: &SmtpProbe, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref(), &args.session)?;
    let opener = Opener::new(&run, target, &args.session)?;
    let (client, report) = opener.open()?;
    let extensions = |offers: &netkit_smtp::Capabilities| -> Vec<String> {
        offers.extensions().iter().map(ToString::to_string).collect()
    };
    let facts = json!({
        "greeting": report.greeting.to_string(),
        "before_tls": report.before_tls.as_ref().map(extensions),
        "extensions": extensions(client.capabilities()),
        "mechanisms": client.capabilities().mechanisms(),
        "size_limit": client.capabilities().size_limit(),
    });
    // The report is made; how the server takes leave is not part of it.
    drop(client.quit());
    report::print(&run, "smtp", &opener.target.endpoint.to_string(), &report.dial, &facts)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let login = error.is_login();
        let kind = match &error {
            Error::TlsRefused(_) | Error::Unsupported(Unsupported::Extension("STARTTLS")) => {
                Kind::TlsRequired
            }
            Error::Unsupported(Unsupported::Extension("AUTH")) => Kind::Login,
            _ if login => Kind::Login,
            Error::Refused(_) | Error::NoRecipient(_) | Error::SomeRefused(_) => Kind::Refused,
            Error::Unsupported(Unsupported::Size { .. }) => Kind::Limit,
            Error::Unexpected(_) => Kind::Protocol,
            Error::Unsupported(_) => Kind::Unsupported,
            Error::Invalid(why) if why.argument == netkit_smtp::Argument::Target => Kind::Target,
            Error::Invalid(_) => Kind::Usage,
            Error::Source(_) => Kind::Read,
            Error::OutcomeUnknown(_) => Kind::OutcomeUnknown,
            _ => Kind::Protocol,
        };
        match error {
            Error::Net(net) => net.into(),
            Error::Wire(fault) => fault.into(),
            Error::NoRecipient(all) => show::refusal(&all),
            Error::SomeRefused(all) => {
                show::refusal(&all).reworded(|words| format!("{words}, so nobody got the message"))
            }
            error => Failure::new(kind, error),
        }
    }
}
