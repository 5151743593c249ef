//! `netkit smtp`: send a message, look at a server.

mod compose;

use std::io::Cursor;

use netkit_smtp::{
    Client, Delivery, Domain, EnhancedStatus, Envelope, Error, Opening, Recipient, Report, Target,
    Unsupported, connect,
};
use netkit_socket::gethostname;
use netkit_wire::Reply;
use serde_json::{Value, json};

use crate::args::{Global, SmtpProbe, SmtpSend, SmtpVerb};
use crate::failure::{Failure, Kind, Result};
use crate::report;
use crate::run::{Protocol, Run};

pub fn run(verb: &SmtpVerb, global: &Global) -> Result<()> {
    match verb {
        SmtpVerb::Send(args) => send(args, global),
        SmtpVerb::Probe(args) => probe(args, global),
    }
}

fn send(args: &SmtpSend, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, file) = compose::positional(args, run.is_mock());
    let (message, envelope) = compose::message(args, file)?;
    if run.net.output.offline {
        return rehearse(&run, args, message, &envelope);
    }
    let target = aim(&mut run, target)?;
    let about = |failure: Failure| failure.with(&target.endpoint);
    let (mut client, _) = open(&run, &target, args.hello.as_deref()).map_err(about)?;
    let delivery = match message {
        compose::Source::Bytes(bytes) => client.send(&envelope, &mut Cursor::new(bytes)),
        compose::Source::File(mut file) => client.send(&envelope, &mut file),
    };
    // Politeness; what it says changes nothing about the delivery.
    let quit = |client: Client| drop(client.quit());
    match delivery {
        Ok(delivery) => {
            quit(client);
            delivered(&run, &delivery)
        }
        Err(error) => {
            if error.connection_is_usable() {
                quit(client);
            }
            if let (true, Error::NoRecipient(recipients)) = (run.json(), &error) {
                let mut output = run.output()?;
                output.line(&result(recipients, None).to_string())?;
                output.finish()?;
            }
            Err(about(error.into()))
        }
    }
}

/// Everything that would be sent, to a server that says yes.
fn rehearse(run: &Run<'_>, args: &SmtpSend, message: compose::Source, envelope: &Envelope) -> Result<()> {
    let mut output = run.output()?;
    let hello = hello(args.hello.as_deref())?;
    let bytes = match message {
        compose::Source::Bytes(bytes) => netkit_smtp::rehearse(&hello, envelope, &mut Cursor::new(bytes)),
        compose::Source::File(mut file) => netkit_smtp::rehearse(&hello, envelope, &mut file),
    }?;
    std::io::Write::write_all(&mut output, &bytes).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}

fn delivered(run: &Run<'_>, delivery: &Delivery) -> Result<()> {
    let refused: Vec<&Recipient> = delivery.refused().collect();
    let mut output = run.output()?;
    if run.json() {
        output.line(&result(&delivery.recipients, Some(&delivery.reply)).to_string())?;
    } else if !run.net.output.quiet {
        let (all, taken) = (delivery.recipients.len(), delivery.recipients.len() - refused.len());
        let count = if all == 1 { "sent".to_owned() } else { format!("sent to {taken} of {all} recipients") };
        output.line(&format!("{count}: {}", delivery.reply))?;
    }
    output.finish()?;
    if refused.is_empty() {
        return Ok(());
    }
    Err(refusal(refused))
}

/// Each failure is named.
fn refusal<'a>(refused: impl IntoIterator<Item = &'a Recipient>) -> Failure {
    let names: Vec<String> = refused.into_iter().map(|one| format!("{} ({})", one.path, one.reply)).collect();
    Failure::new(Kind::Refused, format!("the server refused {}", names.join(", ")))
}

fn result(recipients: &[Recipient], reply: Option<&Reply>) -> Value {
    let recipients: Vec<Value> = recipients
        .iter()
        .map(|one| {
            let mut value = self::reply(&one.reply);
            if let Some(map) = value.as_object_mut() {
                map.insert("address".into(), one.path.to_string().into());
                map.insert("accepted".into(), one.is_accepted().into());
            }
            value
        })
        .collect();
    json!({ "state": if reply.is_some() { "sent" } else { "refused" }, "recipients": recipients,
        "reply": reply.map(self::reply) })
}

fn reply(reply: &Reply) -> Value {
    let text: Vec<String> = reply.lines().iter().map(ToString::to_string).collect();
    json!({
        "code": reply.code().get(), "enhanced": EnhancedStatus::of(reply).map(|status| status.to_string()),
        "text": text.join("\n"),
    })
}

/// The target, or the mock server in its place.
fn aim(run: &mut Run<'_>, text: Option<&str>) -> Result<Target> {
    let text = run.target_text(text, "smtps")?;
    let mut target: Target = text.parse().map_err(|e| Failure::from(Error::from(e)))?;
    run.aim(Protocol::Smtp, &mut target.endpoint, &mut target.security)?;
    Ok(target)
}

fn hello(name: Option<&str>) -> Result<Domain> {
    let named = match name {
        Some(name) => Domain::new(name),
        // A machine's name may be no domain; the standard then wants something that is (RFC 5321 4.1.4).
        None => Domain::new(&gethostname()).or_else(|_| Domain::new("localhost")),
    };
    named.map_err(|e| Failure::from(Error::from(e)))
}

/// Connects, changes to TLS and logs in, as asked.
fn open(run: &Run<'_>, target: &Target, name: Option<&str>) -> Result<(Client, Report)> {
    let said = match (name, &target.hello) {
        (None, Some(domain)) => domain.clone(),
        (name, _) => hello(name)?,
    };
    let opening = Opening { tap: run.dialogue.tap(), ..Opening::new(said) };
    let (mut client, report) = connect(target, &run.dialer_for("smtp")?, opening)?;
    let (user, password) = (target.user.clone(), target.password.clone());
    if let Some(who) = run.identity("smtp", &target.endpoint, user, password, &report.dial)? {
        client.login(&who.credentials, &who.login())?;
    }
    Ok((client, report))
}

fn probe(args: &SmtpProbe, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = aim(&mut run, args.target.as_deref())?;
    let (client, report) =
        open(&run, &target, args.hello.as_deref()).map_err(|failure| failure.with(&target.endpoint))?;
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
    report::print(&run, "smtp", &target.endpoint.to_string(), &report.dial, &facts)
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
            Error::Refused(_) | Error::NoRecipient(_) => Kind::Refused,
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
            Error::NoRecipient(all) => refusal(&all),
            error => Failure::new(kind, error),
        }
    }
}
