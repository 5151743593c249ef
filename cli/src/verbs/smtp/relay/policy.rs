//! What a domain asks of TLS: MTA-STS from the web, DANE from the DNS.

use netkit_http::{Client, Follow, Redirects, Request};
use netkit_smtp::sts::{self, Mode, Policy};
use netkit_socket::dns::Resolver;
use netkit_socket::{Host, Name, Security, Tls};

use super::dns;
use crate::args::SmtpSend;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// What is asked.
#[derive(Default)]
pub struct Demand {
    sts: Option<Policy>,
    /// The exchangers' names are verified, so that their certificates may be named by the DNS.
    dane: bool,
}

impl Demand {
    /// Asks for what the options say is to be obeyed.
    pub fn of(
        run: &Run<'_>,
        args: &SmtpSend,
        domain: &Name,
        mx_is_authentic: bool,
        resolver: &Resolver,
    ) -> Result<Demand> {
        let sts = if args.mx.mta_sts { policy(run, domain, resolver)? } else { None };
        Ok(Demand { sts, dane: args.mx.dane && mx_is_authentic })
    }

    /// Why a host may not be given the mail.
    pub fn forbids(&self, host: &Host) -> Option<&'static str> {
        let policy = self.sts.as_ref().filter(|policy| policy.mode == Mode::Enforce)?;
        match host {
            Host::Name(name) if policy.allows(name) => None,
            _ => Some("the domain's MTA-STS policy does not name it"),
        }
    }

    /// How private the way to the host has to be, and how its certificate is judged. Without a demand TLS is taken where it
    /// is offered, whatever the certificate (RFC 7435): in the clear anybody could read along all the same.
    pub fn tls(&self, run: &Run<'_>, host: &Host, port: u16, resolver: &Resolver) -> Result<(Security, Tls)> {
        if let (true, Host::Name(name)) = (self.dane, host) {
            let owner = format!("_{port}._tcp.{}", name.ascii());
            let found = resolver.tlsa(&owner).map_err(|why| dns(&owner, &why))?;
            let usable: Vec<_> = found
                .records
                .into_iter()
                .filter(|one| matches!(one.usage, 2 | 3) && one.selector < 2 && one.matching < 3)
                .collect();
            if found.is_authentic && !usable.is_empty() {
                return Ok((Security::Starttls, run.tls_with_server()?.dane(usable)));
            }
        }
        if self.sts.as_ref().is_some_and(|policy| policy.mode == Mode::Enforce) {
            return Ok((Security::Starttls, run.tls_with_server()?));
        }
        let net = &run.net.tls;
        if net.starttls {
            return Ok((Security::Starttls, run.tls_with_server()?));
        }
        let security = if net.plain { Security::Plain } else { Security::Opportunistic };
        Ok((security, run.tls_with_server()?.verify(false)))
    }
}

/// The policy that the domain announces; none where it announces none. One that is announced and cannot be had is as none
/// (RFC 8461 section 5), which a warning says.
fn policy(run: &Run<'_>, domain: &Name, resolver: &Resolver) -> Result<Option<Policy>> {
    let record = sts::record_name(domain);
    let texts = resolver.txt(&record).map_err(|why| dns(&record, &why))?;
    if !sts::announced(&texts.records) {
        return Ok(None);
    }
    match fetch(run, domain) {
        Ok(policy) => Ok(Some(policy)),
        Err(failure) => {
            run.warn(&format!(
                "the MTA-STS policy of {} is not to be had: {}",
                domain.ascii(),
                failure.message
            ));
            Ok(None)
        }
    }
}

fn fetch(run: &Run<'_>, domain: &Name) -> Result<Policy> {
    let url = sts::policy_url(domain);
    let bad = |why: &dyn std::fmt::Display| Failure::new(Kind::Protocol, format!("{url}: {why}"));
    let request = Request::get(&url).map_err(|e| bad(&e))?;
    // RFC 8461 section 3.3: a redirect is no policy.
    let never = Redirects { of: Follow::Never, ..Redirects::default() };
    let mut client = Client::new(run.dialer_for("https")?).redirects(never).deadline(run.deadline());
    let mut response = client.send(request)?;
    if !response.status().is_success() {
        return Err(bad(&format!("the server answered {}", response.status())));
    }
    let text = response.read_all(sts::MAX_POLICY as u64)?;
    let text = String::from_utf8(text).map_err(|_| bad(&"it is not text"))?;
    text.parse().map_err(|e| bad(&e))
}
