//! From a target to a session: dial, greeting, EHLO, and TLS as the target asks.

use netkit_socket::{DialReport, Dialer, Host, NetError};
use netkit_wire::{Conn, Limits, Reply, Tap};

use crate::client::Client;
use crate::error::{Error, Unsupported};
use crate::reply::Capabilities;
use crate::target::{Security, Target};
use crate::types::Domain;

/// What a session begins with.
pub struct Opening {
    /// Who the client says it is.
    pub hello: Domain,
    /// What the server has to keep to.
    pub limits: Limits,
    /// Who listens in.
    pub tap: Option<Box<dyn Tap>>,
    /// How far to go.
    pub until: Until,
}

/// How far the opening of a session goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// To the server's greeting, which is not answered.
    Greeting,
    /// To its offers in the first EHLO, in clear text but under implicit TLS.
    Hello,
    /// Until everything is as the target asks, TLS too.
    #[default]
    Ready,
}

impl Opening {
    /// A session with the usual limits and nobody listening.
    pub fn new(hello: Domain) -> Opening {
        Opening { hello, limits: Limits::default(), tap: None, until: Until::Ready }
    }
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening")
            .field("hello", &self.hello)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// How a session came about.
#[derive(Clone, Debug)]
pub struct Report {
    /// Addresses tried, times, and what TLS agreed on, also when it came by STARTTLS.
    pub dial: DialReport,
    /// The server's first words.
    pub greeting: Reply,
    /// What the server offered in clear text before STARTTLS; none where there was no change to TLS. What it offers
    /// now is in [`Client::capabilities`].
    pub before_tls: Option<Capabilities>,
}

impl Report {
    /// Whether nobody on the way can listen: TLS, loopback, or a Unix socket.
    pub fn channel_is_private(&self) -> bool {
        self.dial.is_private()
    }
}

/// Dials the target, reads the greeting, says EHLO, and changes to TLS where the target's [`Security`] says so. TLS
/// that was asked for is had, or this fails; TLS that failed is never gone without.
///
/// # Errors
/// [`Error::Net`]; [`Error::Unsupported`] when STARTTLS is required and not offered; [`Error::Refused`] when there is
/// no service, or STARTTLS was refused; [`Error::Wire`].
pub fn connect(target: &Target, dialer: &Dialer, opening: Opening) -> Result<(Client, Report), Error> {
    let implicit = target.security == Security::Implicit;
    let endpoint = &target.endpoint;
    let dialed = if implicit { dialer.dial_tls(endpoint, &[]) } else { dialer.dial(endpoint) }?;
    let mut conn = Conn::new(dialed.stream, opening.limits);
    if let Some(tap) = opening.tap {
        conn.set_tap(tap);
    }
    dialed.report.notes().iter().for_each(|line| conn.note(line));
    let mut client = Client::new(conn).speaking(target.dialect);
    let greeting = client.greeting()?.clone();
    let mut report = Report { dial: dialed.report, greeting, before_tls: None };
    if opening.until == Until::Greeting {
        return Ok((client, report));
    }
    client.ehlo(&opening.hello)?;
    if opening.until == Until::Hello {
        return Ok((client, report));
    }
    let offered = client.capabilities().has("STARTTLS");
    match target.security {
        Security::Starttls if !offered => return Err(Unsupported::Extension("STARTTLS").into()),
        Security::Starttls => {}
        Security::Opportunistic if offered => {}
        _ => return Ok((client, report)),
    }
    report.before_tls = Some(client.capabilities().clone());
    upgrade(&mut client, &mut report.dial, dialer, endpoint.host().unwrap_or(&Host::Any))?;
    Ok((client, report))
}

fn upgrade(client: &mut Client, dial: &mut DialReport, dialer: &Dialer, name: &Host) -> Result<(), Error> {
    match client.starttls(dialer.upgrader(name, dial)) {
        Err(Error::Wire(fault)) => Err(NetError::of_upgrade(fault).map_or_else(Error::Wire, Error::Net)),
        Err(Error::Refused(reply)) => Err(Error::TlsRefused(reply)),
        upgraded => upgraded.map(|_| ()),
    }
}
