//! `--mx`: each recipient's domain by its own mail exchangers, with what the domain asks of TLS.

mod policy;

use std::collections::BTreeMap;

use netkit_smtp::{Envelope, ForwardPath, Route, Target};
use netkit_socket::dns::{DnsFault, Resolver};
use netkit_socket::{Endpoint, Host, Security};

use super::jobs::{Job, Jobs};
use super::send::{Printer, Task};
use super::session::{Opener, leave};
use super::show::{self, Fate};
use crate::args::SmtpSend;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;
use policy::Demand;

/// Delivers every message, domain by domain.
pub fn deliver(run: &Run<'_>, jobs: Jobs, task: &Task<'_>, args: &SmtpSend) -> Result<()> {
    if run.is_mock() {
        return Err(Failure::new(Kind::Usage, "--mx asks the DNS, which --mock has not"));
    }
    let resolver = match args.mx.dns {
        Some(server) => Resolver::new(vec![server]),
        None => Resolver::system(),
    };
    let mut printer = Printer::new(run, task)?;
    for job in jobs {
        let job = job?;
        let mut domains: BTreeMap<String, Vec<ForwardPath>> = BTreeMap::new();
        for path in &job.envelope.to {
            match path {
                ForwardPath::Mailbox(mailbox) => {
                    domains
                        .entry(mailbox.domain().ascii().to_ascii_lowercase())
                        .or_default()
                        .push(path.clone());
                }
                ForwardPath::Postmaster => {
                    return Err(Failure::new(Kind::Usage, "with --mx every recipient has a domain"));
                }
            }
        }
        let several = domains.len() > 1 || task.named;
        for (domain, to) in domains {
            let name = if task.named { format!("{} to {domain}", job.name) } else { domain.clone() };
            let part = Job {
                name,
                content: job.content.clone(),
                envelope: Envelope { from: job.envelope.from.clone(), to },
                tries: 0,
                settled: Vec::new(),
            };
            let relay = Relay { run, task, args, resolver: &resolver };
            let fate = relay.to_domain(&domain, &part);
            printer.print(Fate { name: if several { part.name } else { domain }, ..fate })?;
        }
    }
    printer.finish()
}

struct Relay<'a> {
    run: &'a Run<'a>,
    task: &'a Task<'a>,
    args: &'a SmtpSend,
    resolver: &'a Resolver,
}

impl Relay<'_> {
    fn to_domain(&self, domain: &str, job: &Job) -> Fate {
        let fate = |state, failure: Failure| Fate {
            name: job.name.clone(),
            state,
            reply: None,
            recipients: Vec::new(),
            failure: Some(failure),
            tries: 1,
        };
        let (hosts, demand) = match self.route(domain) {
            Ok(found) => found,
            Err(failure) => return fate("not_sent", failure),
        };
        let mut failures = Vec::new();
        for host in hosts {
            if let Some(why) = demand.forbids(&host) {
                failures.push(Failure::new(Kind::TlsRequired, format!("{}: {why}", host.ascii())));
                continue;
            }
            match self.to_host(&host, &demand, job) {
                Ok(done) => return done,
                // What was answered for good, and what may have been delivered, no other host is asked.
                Err(Miss { failure, is_final: true, state }) => return fate(state, failure),
                Err(Miss { failure, .. }) => failures.push(failure),
            }
        }
        let all: Vec<&str> = failures.iter().map(|failure| failure.message.as_str()).collect();
        let message = format!("no mail exchanger of {domain} took it: {}", all.join("; "));
        let kind = failures.first().map_or(Kind::Connect, |failure| failure.kind);
        fate("not_sent", Failure::new(kind, message))
    }

    /// The hosts to try, and what the domain asks of them. An address in brackets is its own host.
    fn route(&self, domain: &str) -> Result<(Vec<Host>, Demand)> {
        let literal = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(address) = literal {
            let address = address.strip_prefix("IPv6:").or(address.strip_prefix("ipv6:")).unwrap_or(address);
            let host = address.parse().map_err(|e| Failure::new(Kind::Resolve, format!("{domain}: {e}")))?;
            return Ok((vec![host], Demand::default()));
        }
        let name = match domain.parse::<Host>() {
            Ok(Host::Name(name)) => name,
            _ => return Err(Failure::new(Kind::Resolve, format!("{domain} is no domain"))),
        };
        let found = self.resolver.mx(&name).map_err(|why| dns(domain, &why))?;
        let mut dice = [0; 8];
        getrandom::fill(&mut dice)
            .map_err(|e| Failure::new(Kind::Unsupported, format!("no randomness: {e}")))?;
        let hosts = match Route::of(&name, &found, u64::from_ne_bytes(dice)) {
            Route::Hosts(hosts) => hosts,
            Route::NoMail => {
                return Err(Failure::new(Kind::Refused, format!("{domain} takes no mail (RFC 7505)")));
            }
            _ => return Err(Failure::new(Kind::Resolve, format!("{domain} does not exist"))),
        };
        let demand = Demand::of(self.run, self.args, &name, found.is_authentic, self.resolver)?;
        Ok((hosts.into_iter().map(Host::Name).collect(), demand))
    }

    fn to_host(&self, host: &Host, demand: &Demand, job: &Job) -> std::result::Result<Fate, Miss> {
        let passing = |failure| Miss { failure, is_final: false, state: "not_sent" };
        let port = match &self.run.net.connection.port {
            Some(port) => {
                port.parse().map_err(|_| passing(Failure::new(Kind::Usage, "--port takes a number here")))?
            }
            None => 25,
        };
        let mut target = Target::new(Endpoint::new(host.clone(), port), Security::Opportunistic);
        let opener = Opener::new(self.run, target.clone(), &self.args.session);
        let mut opener = opener.map_err(passing)?.impatient();
        if self.args.mx.dns.is_some()
            && let Host::Name(name) = host
        {
            let found = self.resolver.addresses(name).map_err(|why| passing(dns(name.ascii(), &why)))?;
            if found.records.is_empty() {
                return Err(passing(Failure::new(Kind::Resolve, format!("{}: no address", name.ascii()))));
            }
            for address in found.records {
                opener.dialer = opener.dialer.resolve_override(host.clone(), port, address);
            }
        }
        let (security, tls) = demand.tls(self.run, host, port, self.resolver).map_err(passing)?;
        target.security = security;
        opener.dialer = opener.dialer.tls(tls);
        opener.target = target;
        let (mut client, _) = opener.open().map_err(passing)?;
        let mut source = super::send::source(job, self.task).map_err(passing)?;
        let sent = client.send_with(&job.envelope, &self.task.options, &mut source);
        leave(client);
        match sent {
            Ok(delivery) => {
                let refused = delivery.refused().next().is_some();
                let failure = refused.then(|| show::refusal(&delivery.recipients));
                Ok(Fate {
                    name: job.name.clone(),
                    state: "sent",
                    reply: Some(delivery.reply),
                    recipients: delivery.recipients,
                    failure,
                    tries: 1,
                })
            }
            Err(why) => {
                let unknown = matches!(why, netkit_smtp::Error::OutcomeUnknown(_));
                let is_final = unknown || !why.is_transient();
                let state = if unknown { "unknown" } else { "refused" };
                Err(Miss { failure: opener.about(why), is_final, state })
            }
        }
    }
}

/// One host did not take it.
struct Miss {
    failure: Failure,
    /// No other host is asked.
    is_final: bool,
    state: &'static str,
}

fn dns(name: &str, why: &DnsFault) -> Failure {
    let kind = if matches!(why, DnsFault::Timeout) { Kind::Timeout } else { Kind::Resolve };
    Failure::new(kind, format!("{name}: {why}"))
}
