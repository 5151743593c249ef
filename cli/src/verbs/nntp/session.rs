//! From the options to a session, and from words to groups and articles.

use std::time::{Duration, Instant};

use netkit_nntp::{Client, Error, Group, Method, Opening, Place, Range, Report, Target, Which, connect};
use netkit_socket::Dialer;
use netkit_wire::Limits;

use crate::failure::{Failure, Kind, Result};
use crate::run::{Protocol, Run};

/// The target, or the mock server in its place.
pub fn aim(run: &mut Run<'_>, text: Option<&str>) -> Result<Target> {
    let text = run.target_text(text, "nntps")?;
    let mut target: Target = text.parse().map_err(|e| Failure::from(Error::from(e)))?;
    run.aim(Protocol::Nntp, &mut target.endpoint, &mut target.security)?;
    Ok(target)
}

fn usage(why: &str) -> Failure {
    Failure::new(Kind::Usage, why)
}

/// The group that the target or the first word names, which numbers of it, and the words behind.
pub fn scope<'w>(place: &Place, words: &'w [String]) -> Result<(Group, Option<Range>, &'w [String])> {
    let range = |text: &str| text.parse::<Range>().map_err(|e| Failure::from(Error::from(e)));
    let (group, rest) = match place {
        Place::Articles(group, range) => return Ok((group.clone(), Some(*range), words)),
        Place::Group(group) => (group.clone(), words),
        Place::Server => {
            let (first, rest) = words.split_first().ok_or_else(|| usage("which group?"))?;
            if let Some((group, numbers)) = first.split_once('/') {
                let group = Group::new(group).map_err(Error::from)?;
                return Ok((group, Some(range(numbers)?), rest));
            }
            (Group::new(first).map_err(Error::from)?, rest)
        }
        _ => return Err(usage("a group is needed, not an article or a pattern")),
    };
    match rest.split_first() {
        Some((first, rest)) if first.starts_with(|c: char| c.is_ascii_digit()) => {
            Ok((group, Some(range(first)?), rest))
        }
        _ => Ok((group, None, rest)),
    }
}

/// The article that the target or the words name, and the group that its number is of.
pub fn article(place: &Place, words: &[String]) -> Result<(Option<Group>, Which)> {
    let id = |text: &str| {
        let bare = text.trim_start_matches('<').trim_end_matches('>');
        format!("<{bare}>").parse().map(Which::Id).map_err(|e| Failure::from(Error::from(e)))
    };
    match (place, words) {
        (Place::Id(one), []) => return Ok((None, Which::Id(one.clone()))),
        (Place::Server, [one]) if one.contains('@') => return Ok((None, id(one)?)),
        _ => {}
    }
    match scope(place, words)? {
        (group, Some(range), []) if range.last == Some(range.first) => {
            Ok((Some(group), Which::Number(range.first)))
        }
        _ => Err(usage("which article? its message id, or GROUP and a number")),
    }
}

/// Everything that a session needs.
pub struct Opener<'r> {
    pub run: &'r Run<'r>,
    pub target: Target,
    dialer: Dialer,
    /// How many bytes of commands may wait for their replies; none for the usual number.
    window: Option<usize>,
    lenient: bool,
}

impl<'r> Opener<'r> {
    pub fn new(run: &'r Run<'r>, target: Target) -> Result<Opener<'r>> {
        let dialer = run.dialer_for("nntp")?;
        Ok(Opener { run, target, dialer, window: None, lenient: false })
    }

    /// For articles with a checksum each: with so many bytes of commands ahead of their replies, and servers let pass that mix
    /// codes up.
    #[must_use]
    pub fn for_binaries(mut self, ahead: usize) -> Opener<'r> {
        (self.window, self.lenient) = (Some(ahead), true);
        self
    }

    /// Connects, and changes to TLS as asked.
    pub fn dial(&self) -> Result<(Client, Report)> {
        let mut limits = Limits::default();
        if let Some(window) = self.window {
            limits.window = window;
        }
        let tap = self.run.dialogue.tap();
        let opening = Opening { tap, limits, lenient: self.lenient, ..Opening::default() };
        connect(&self.target, &self.dialer, opening).map_err(|e| self.about(e))
    }

    /// Logs in, if anybody is to; whether somebody did.
    pub fn login(&self, client: &mut Client, report: &Report) -> Result<bool> {
        let (user, password) = (self.target.user.clone(), self.target.password.clone());
        let who = self.run.identity("nntp", &self.target.endpoint, user, password, &report.dial)?;
        let Some(who) = who else { return Ok(false) };
        let method = match self.run.net.login.auth.as_deref().map(str::to_ascii_uppercase).as_deref() {
            None => Method::Best,
            Some("USER" | "PASS") => Method::UserPass,
            Some(_) => Method::Sasl,
        };
        match client.login(&who.credentials, &who.login(), method) {
            Ok(_) => Ok(true),
            // Whatever a server says to a login is about the login.
            Err(why @ Error::Refused(_)) => Err(Failure::new(Kind::Login, why).with(&self.target.endpoint)),
            Err(why) => Err(self.about(why)),
        }
    }

    /// A session, logged in where somebody is named.
    pub fn open(&self) -> Result<Client> {
        let (mut client, report) = self.dial()?;
        self.login(&mut client, &report)?;
        Ok(client)
    }

    /// An error with the server's name, where its words have none.
    pub fn about(&self, error: Error) -> Failure {
        Failure::from(error).with(&self.target.endpoint)
    }
}

/// How long a server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Politeness; what the server says to it changes nothing.
pub fn leave(mut client: Client) {
    let soon = Instant::now().checked_add(GOODBYE);
    if client.is_usable() && client.conn().deadline(soon).is_ok() {
        drop(client.quit());
    }
}
