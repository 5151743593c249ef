//! Questions to the DNS that the system's resolver has no call for: MX, TXT, TLSA (RFC 1035, RFC 6698).
//!
//! The codec is a library's. Questions go over UDP to the servers of `/etc/resolv.conf`, or to those that are given, and
//! again over TCP when an answer does not fit (RFC 7766). Only what answers the question that was asked is taken: its
//! number, its name and its type, from the server it went to (RFC 5452).

mod exchange;
mod records;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use simple_dns::{CLASS, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE, rdata::RData};

pub use records::{Mx, Tlsa};

use crate::host::Name;

/// Where questions about names go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolver {
    servers: Vec<SocketAddr>,
    patience: Duration,
}

/// The records of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records<T> {
    /// The records; empty where the name has none of the type, or does not exist.
    pub records: Vec<T>,
    /// Whether the server says that it has verified them by DNSSEC (the AD bit, RFC 6840 section 5.7). That is worth as
    /// much as the way to the server: it should be on this host.
    pub is_authentic: bool,
    /// Whether the name exists at all.
    pub exists: bool,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DnsFault {
    /// No server is known.
    #[error("no name server is known")]
    NoServer,
    /// The name cannot be in the DNS.
    #[error("not a name of the DNS")]
    Name,
    /// No server answered in time.
    #[error("no name server answered in time")]
    Timeout,
    /// The server says that it cannot (RFC 1035 section 4.1.1); this is no word about the name.
    #[error("the name server failed: {0}")]
    Server(String),
    /// The answer is malformed.
    #[error("the name server's answer is malformed")]
    Malformed,
    /// The network.
    #[error("asking a name server: {0}")]
    Io(#[from] io::Error),
}

/// Longest chain of aliases followed within an answer.
const ALIASES: usize = 8;

impl Resolver {
    /// The servers of the system: `nameserver` lines of `/etc/resolv.conf`, or this host when there are none.
    pub fn system() -> Resolver {
        let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let servers = text.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let is_server = words.next() == Some("nameserver");
            words.next().filter(|_| is_server)?.parse::<IpAddr>().ok()
        });
        let mut servers: Vec<SocketAddr> = servers.map(|ip| SocketAddr::new(ip, 53)).collect();
        if servers.is_empty() {
            servers.push(SocketAddr::from(([127, 0, 0, 1], 53)));
        }
        Resolver::new(servers)
    }

    /// These servers, asked in this order.
    pub fn new(servers: Vec<SocketAddr>) -> Resolver {
        Resolver { servers, patience: Duration::from_secs(10) }
    }

    /// Whom it asks.
    #[must_use]
    pub fn servers(&self) -> &[SocketAddr] {
        &self.servers
    }

    /// How long one question may take in all.
    #[must_use]
    pub fn patience(mut self, limit: Duration) -> Resolver {
        self.patience = limit;
        self
    }

    /// The mail exchangers of a domain (RFC 5321 section 5.1), in no order.
    ///
    /// # Errors
    /// [`DnsFault`].
    pub fn mx(&self, domain: &Name) -> Result<Records<Mx>, DnsFault> {
        self.ask(domain.ascii(), TYPE::MX, records::mx)
    }

    /// The texts at a name, each record's pieces joined.
    ///
    /// # Errors
    /// [`DnsFault`].
    pub fn txt(&self, name: &str) -> Result<Records<Vec<u8>>, DnsFault> {
        self.ask(name, TYPE::TXT, records::txt)
    }

    /// The certificates that a service of a host must show (RFC 6698), at a name such as `_25._tcp.mail.example.org`.
    ///
    /// # Errors
    /// [`DnsFault`].
    pub fn tlsa(&self, name: &str) -> Result<Records<Tlsa>, DnsFault> {
        self.ask(name, TYPE::Unknown(records::TLSA), records::tlsa)
    }

    /// The addresses of a host, IPv6 first.
    ///
    /// # Errors
    /// [`DnsFault`].
    pub fn addresses(&self, host: &Name) -> Result<Records<IpAddr>, DnsFault> {
        let mut all = self.ask(host.ascii(), TYPE::AAAA, records::address)?;
        let v4 = self.ask(host.ascii(), TYPE::A, records::address)?;
        all.records.extend(v4.records);
        all.is_authentic &= v4.is_authentic;
        all.exists |= v4.exists;
        Ok(all)
    }

    fn ask<T>(
        &self,
        name: &str,
        kind: TYPE,
        read: fn(&RData<'_>) -> Option<T>,
    ) -> Result<Records<T>, DnsFault> {
        let owner = simple_dns::Name::new(name).map_err(|_| DnsFault::Name)?.into_owned();
        let question = Question::new(owner.clone(), QTYPE::TYPE(TYPE::TXT), QCLASS::CLASS(CLASS::IN), false);
        let end = Instant::now() + self.patience;
        let mut last = DnsFault::NoServer;
        // Each server twice: a lost datagram is no failed server.
        for server in self.servers.iter().chain(&self.servers) {
            let mut id = [0; 2];
            getrandom::fill(&mut id).map_err(io::Error::other)?;
            let id = u16::from_be_bytes(id);
            let mut query = Packet::new_query(id);
            query.set_flags(PacketFlag::RECURSION_DESIRED | PacketFlag::AUTHENTIC_DATA);
            query.questions.push(question.clone());
            let mut query = query.build_bytes_vec().map_err(|_| DnsFault::Name)?;
            exchange::exchange_type(&mut query, exchange::STAND_IN, kind.into());
            let asked = exchange::Asked { id, question: &question, kind: kind.into() };
            let share = end.saturating_duration_since(Instant::now()) / 2;
            let answer = match exchange::exchange(*server, &query, asked, share) {
                Ok(answer) => answer,
                Err(why) => {
                    last = why;
                    continue;
                }
            };
            let answer = Packet::parse(&answer).map_err(|_| DnsFault::Malformed)?;
            match answer.rcode() {
                RCODE::NoError | RCODE::NameError => {
                    return Ok(collect(&answer, owner, kind, read));
                }
                other => last = DnsFault::Server(format!("{other:?}")),
            }
        }
        Err(last)
    }
}

/// The records of the type at the name, or at the one it is an alias of.
fn collect<'a, T>(
    answer: &Packet<'a>,
    mut owner: simple_dns::Name<'a>,
    kind: TYPE,
    read: fn(&RData<'_>) -> Option<T>,
) -> Records<T> {
    for _ in 0..ALIASES {
        let alias = answer.answers.iter().find_map(|record| match &record.rdata {
            RData::CNAME(target) if same(&record.name, &owner) => Some(target.0.clone()),
            _ => None,
        });
        match alias {
            Some(target) => owner = target,
            None => break,
        }
    }
    let records = answer
        .answers
        .iter()
        .filter(|record| same(&record.name, &owner) && record.rdata.type_code() == kind)
        .filter_map(|record| read(&record.rdata));
    Records {
        records: records.collect(),
        is_authentic: answer.has_flags(PacketFlag::AUTHENTIC_DATA),
        exists: answer.rcode() == RCODE::NoError,
    }
}

/// Case does not matter (RFC 4343).
fn same(one: &simple_dns::Name<'_>, other: &simple_dns::Name<'_>) -> bool {
    one.to_string().eq_ignore_ascii_case(&other.to_string())
}
