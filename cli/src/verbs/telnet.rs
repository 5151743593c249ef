//! `netkit telnet`: command lines on other machines.

mod connect;
mod log;
mod mode;
mod probe;
mod script;
mod steps;
mod terminal;

use std::time::Duration;

use netkit_auth::source::UserArgument;
use netkit_auth::{Secret, UserName};
use netkit_socket::DialReport;
use netkit_telnet::options::{Kind as VariableKind, Variable, Window};
use netkit_telnet::{Client, Error, Opening, Opt, Settings, Target};

use crate::args::{Global, TelnetTerminal, TelnetVerb};
use crate::failure::{Failure, Kind, Result};
use crate::run::{Protocol, Run};

pub fn run(verb: &TelnetVerb, global: &Global) -> Result<()> {
    match verb {
        TelnetVerb::Connect(args) => connect::run(args, global),
        TelnetVerb::Run(args) => script::run(args, global),
        TelnetVerb::Probe(args) => probe::run(args, global),
    }
}

/// How long a server may think about START_TLS.
const TLS_WAIT: Duration = Duration::from_secs(10);

/// A session, and how it came about.
struct Opened {
    client: Client,
    report: DialReport,
    target: Target,
    user: Option<(UserName, Option<Secret>)>,
}

impl Opened {
    /// Whether nobody on the way can listen.
    fn is_private(&self) -> bool {
        self.report.is_private() || self.client.tls().is_some()
    }
}

fn about(error: Error, target: &Target) -> Failure {
    Failure::from(error).with(&target.endpoint)
}

/// Dials. `user` is told as the variable USER, where the server asks for it.
fn open(run: &mut Run<'_>, target: Option<&str>, terminal: &TelnetTerminal) -> Result<Opened> {
    let mut target: Target = run.target_text(target, "telnets")?.parse().map_err(Error::from)?;
    run.aim(Protocol::Telnet, &mut target.endpoint, &mut target.security)?;
    let host = target.endpoint.host().map(|host| host.ascii().into_owned()).unwrap_or_default();
    let url = target.user.as_deref().map(UserName::new).transpose();
    let url = url.map_err(|_| Failure::new(Kind::Target, "the user name cannot be sent"))?;
    let user = match run.net.login.user.is_some() || run.net.login.netrc || run.net.login.netrc_file.is_some()
    {
        true => run.credentials(&host, url.map(|user| UserArgument { user, password: None }))?.map(login),
        false => url.map(|user| (user, None)),
    };
    let mut settings = settings(terminal)?;
    if let Some((name, _)) = &user {
        let value = Some(name.as_str().as_bytes().to_vec());
        settings.environment.push(Variable { kind: VariableKind::WellKnown, name: b"USER".to_vec(), value });
    }
    let dialer = run.dialer_for("telnet")?;
    let opening = Opening { settings, tls_wait: TLS_WAIT, tap: run.dialogue.tap() };
    let (client, report) =
        netkit_telnet::connect(&target, &dialer, opening).map_err(|e| about(e, &target))?;
    let mut opened = Opened { client, report, target, user };
    opened.client.deadline(run.deadline()).map_err(|e| about(e, &opened.target))?;
    if terminal.binary {
        for side in [netkit_telnet::Side::Us, netkit_telnet::Side::Him] {
            // Nothing was said before: there is nothing to complain about.
            let _ = opened.client.engine_mut().enable(side, Opt::BINARY);
        }
    }
    for option in named(&terminal.with, "--with")? {
        let side = if OURS.contains(&option) { netkit_telnet::Side::Us } else { netkit_telnet::Side::Him };
        // Where the server was first, there is nothing to ask for.
        let _ = opened.client.engine_mut().enable(side, option);
    }
    Ok(opened)
}

/// Which of the options that --with may name are this side's to do.
const OURS: [Opt; 4] = [Opt::LINEMODE, Opt::COM_PORT, Opt::XDISPLOC, Opt::NAWS];

fn named(names: &[String], argument: &str) -> Result<Vec<Opt>> {
    let option = |name: &String| {
        let none = || Failure::new(Kind::Usage, format!("{argument} {name}: there is no such option"));
        Opt::from_name(name).ok_or_else(none)
    };
    names.iter().map(option).collect()
}

fn settings(terminal: &TelnetTerminal) -> Result<Settings> {
    let here = std::env::var("TERM").ok().filter(|name| !name.is_empty()).unwrap_or("dumb".to_owned());
    let mut settings = Settings::terminal(&here);
    if !terminal.names.is_empty() {
        settings.terminal_types.clone_from(&terminal.names);
    }
    let size = terminal.window.or_else(terminal::size);
    settings.window = size.map(|(columns, rows)| Window { columns, rows });
    for text in &terminal.variables {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text.as_str(), std::env::var(text).ok()),
        };
        if name == "DISPLAY" {
            settings.x_display.clone_from(&value);
            settings.us = settings.us.with(Opt::XDISPLOC);
        }
        let known = ["USER", "JOB", "ACCT", "PRINTER", "SYSTEMTYPE", "DISPLAY"].contains(&name);
        let kind = if known { VariableKind::WellKnown } else { VariableKind::User };
        let (name, value) = (name.as_bytes().to_vec(), value.map(String::into_bytes));
        settings.environment.push(Variable { kind, name, value });
    }
    for option in named(&terminal.with, "--with")? {
        settings.us = settings.us.with(option);
        settings.him = settings.him.with(option);
    }
    for option in named(&terminal.without, "--without")? {
        settings.us = settings.us.without(option);
        settings.him = settings.him.without(option);
    }
    Ok(settings)
}

fn login(credentials: netkit_auth::Credentials) -> (UserName, Option<Secret>) {
    (credentials.user, credentials.password)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let kind = match &error {
            Error::Net(_) | Error::Wire(_) => Kind::Protocol,
            Error::Refused(_) => Kind::Refused,
            Error::Unexpected(_) => Kind::Partial,
            Error::Unsupported(_) => Kind::Unsupported,
            Error::Invalid(_) => Kind::Target,
            Error::TlsRefused => Kind::TlsRequired,
            _ => Kind::Protocol,
        };
        match error {
            Error::Net(net) => net.into(),
            Error::Wire(fault) => fault.into(),
            error => Failure::new(kind, error),
        }
    }
}
