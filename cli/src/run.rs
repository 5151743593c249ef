//! What one run of a verb needs, made from the options every verb has.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use netkit_auth::netrc;
use netkit_auth::sasl::{Mechanism, Needs};
use netkit_auth::source::{Found, Sources, UserArgument};
use netkit_auth::{Credentials, Secret};
use netkit_mock::{Ftp, Gopher, Http, Imap, Nntp, Ph, Pop3, Server, Service, Smtp, Telnet, ThrowAway, World};
use netkit_socket::{
    Announcement, Dialer, Endpoint, Family, Host, Port, Roots, Throttle, Tls, TlsBackend, TlsVersion,
};
use netkit_wire::escape;

use crate::args::{BackendChoice, Color, Global, NetArgs, RootsChoice};
use crate::dialogue::Dialogue;
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;

/// One run.
pub struct Run<'a> {
    pub net: &'a NetArgs,
    pub dialogue: Dialogue,
    mock: bool,
    /// The authority of the mock servers, once they run.
    mock_ca: Option<String>,
    /// The mock servers that run already.
    mocks: Vec<(Protocol, bool, Endpoint)>,
    deadline: Option<Instant>,
    /// Shared by all connections of the run.
    throttle: Option<Throttle>,
}

impl<'a> Run<'a> {
    /// Checks the options and opens the trace. The whole time limit starts now.
    pub fn new(net: &'a NetArgs, global: &Global) -> Result<Run<'a>> {
        match net.output.color {
            Some(Color::Always) => anstream::ColorChoice::Always.write_global(),
            Some(Color::Never) => anstream::ColorChoice::Never.write_global(),
            Some(Color::Auto) | None => {}
        }
        let trace = match &net.output.trace {
            Some(path) => Some(private(path).map_err(|e| Failure::write(path.display(), &e))?),
            None => None,
        };
        let deadline = net.connection.max_time.map(|limit| Instant::now() + limit);
        let throttle = net.connection.limit_rate.map(Throttle::new);
        let dialogue = Dialogue::new(net.output.verbose, net.output.times, trace);
        Ok(Run { net, dialogue, mock: global.mock, mock_ca: None, mocks: Vec::new(), throttle, deadline })
    }

    /// How to reach a server. With `--offline` there is no way to: verbs that can say beforehand what they would send never ask.
    pub fn dialer(&self) -> Result<Dialer> {
        if self.net.output.offline {
            let why = "what this verb sends depends on what the server says; --offline sends nothing";
            return Err(Failure::new(Kind::Unsupported, why));
        }
        let options = &self.net.connection;
        let mut dialer = Dialer::default()
            .deadline(self.deadline)
            .throttle(self.throttle.clone())
            .again(self.dialing())
            .tls(self.tls_with_server()?);
        if options.v4 || options.v6 {
            dialer = dialer.family(if options.v4 { Family::V4 } else { Family::V6 });
        }
        if let Some(source) = options.bind {
            dialer = dialer.bind(source);
        }
        for entry in &options.resolve {
            let (host, port, addr) = resolve_entry(entry)?;
            dialer = dialer.resolve_override(host, port, addr);
        }
        if let Some(path) = &options.unix_socket {
            dialer = dialer.unix_socket(path);
        }
        dialer = dialer.announce(options.proxy_protocol.as_deref().map(|version| match version {
            "v1" => Announcement::V1 { client: options.proxy_client },
            _ => Announcement::V2 { client: options.proxy_client },
        }));
        if let Some(limit) = options.connect_timeout {
            dialer = dialer.connect_timeout(limit);
        }
        if let Some(limit) = options.timeout {
            dialer = dialer.idle_timeout(Some(limit));
        }
        Ok(dialer)
    }

    /// TLS with an `https` proxy: the authorities are the same, and what is meant for servers alone is not said to it.
    pub fn proxy_tls(&self) -> Tls {
        let options = &self.net.tls;
        let mut tls = Tls::default();
        if let Some(file) = &options.cacert {
            tls = tls.ca_file(file);
        }
        if options.roots == Some(RootsChoice::Webpki) {
            tls = tls.roots(Roots::Webpki);
        }
        if options.tls_backend == Some(BackendChoice::Native) {
            tls = tls.backend(TlsBackend::Native);
        }
        if options.tls_min.as_deref() == Some("1.3") {
            tls = tls.min_version(TlsVersion::V1_3);
        }
        tls
    }

    /// TLS with the server itself: as with a proxy, and what is for the server alone.
    pub fn tls_with_server(&self) -> Result<Tls> {
        let options = &self.net.tls;
        let mut tls = self.proxy_tls().verify(!options.insecure);
        if let (Some(ca), None) = (&self.mock_ca, &options.cacert) {
            tls = tls.ca_pem(ca.as_bytes());
        }
        if let (Some(certificate), Some(key)) = (&options.cert, &options.key) {
            tls = tls.client_cert(certificate, key);
        }
        if let Some(name) = &options.sni {
            tls = tls.sni(name.parse::<Host>().map_err(usage)?);
        }
        if let Some(pin) = &options.pin {
            tls = tls.pin(pin).map_err(usage)?;
        }
        Ok(tls)
    }

    /// The moment at which everything must be over.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// `--port` goes before the target's.
    pub fn with_port(&self, endpoint: Endpoint) -> Result<Endpoint> {
        match (&self.net.connection.port, endpoint) {
            (Some(port), Endpoint::Inet { host, .. }) => {
                let port = port.parse::<Port>().and_then(|port| port.resolve()).map_err(usage)?;
                Ok(Endpoint::new(host, port))
            }
            (_, endpoint) => Ok(endpoint),
        }
    }

    /// Starts the mock server of `protocol` if `--mock` was said: where it listens.
    pub fn mock(&mut self, protocol: Protocol, secure: bool) -> Result<Option<Endpoint>> {
        if !self.mock {
            return Ok(None);
        }
        if let Some((.., running)) = self.mocks.iter().find(|mock| (mock.0, mock.1) == (protocol, secure)) {
            return Ok(Some(running.clone()));
        }
        let authority = ThrowAway::new().map_err(|e| Failure::new(Kind::Unsupported, e))?;
        let server = Server::start(protocol.service(World::seeded()), 0, authority.server, secure)?;
        let endpoint = server.endpoint().clone();
        self.mock_ca = Some(authority.ca_pem);
        self.note(&format!("mock {} server at {endpoint}", server.protocol()));
        self.mocks.push((protocol, secure, endpoint.clone()));
        // It ends with the process.
        std::mem::forget(server);
        Ok(Some(endpoint))
    }

    /// Whether `--mock` was said.
    pub fn is_mock(&self) -> bool {
        self.mock
    }

    /// Who logs in at `host`. `url` is what stood in the target.
    pub fn credentials(&self, host: &str, url: Option<UserArgument>) -> Result<Option<Credentials>> {
        let options = &self.net.login;
        let login_failure = |why: &dyn std::fmt::Display| Failure::new(Kind::Usage, why);
        let argument = options.user.as_deref().map(str::parse::<UserArgument>).transpose();
        let netrc = self.netrc()?;
        let sources = Sources {
            argument: argument.map_err(|e| login_failure(&e))?,
            url,
            token: options.token.as_deref().map(Secret::from),
            token_command: options.token_command.as_deref(),
            no_secret: options.auth.as_deref().is_some_and(needs_no_secret),
            password_command: options.password_command.as_deref(),
            netrc: netrc.as_ref(),
            environment: std::env::var_os("NETKIT_PASSWORD"),
        };
        match sources.find(host)? {
            Found::Nobody => Ok(None),
            Found::Login(credentials, _) => self.acting_as(credentials).map(Some),
            Found::AskPassword(user) => {
                let none = || Failure::new(Kind::Login, format!("no password for {user} at {host}"));
                if !io::stdin().is_terminal() {
                    return Err(none().hint("--password-command, --netrc or NETKIT_PASSWORD give one"));
                }
                let prompt =
                    format!("Password for {} at {}: ", escape(user.as_bytes()), escape(host.as_bytes()));
                let password = rpassword::prompt_password(prompt).map_err(|_| none())?;
                let credentials =
                    Credentials::password(user.as_str(), password).map_err(|e| login_failure(&e))?;
                self.acting_as(credentials).map(Some)
            }
        }
    }

    /// `--as`: on whose behalf.
    fn acting_as(&self, credentials: Credentials) -> Result<Credentials> {
        let authzid = self.net.login.act_as.as_deref().map(str::parse).transpose();
        Ok(Credentials { authzid: authzid.map_err(usage)?, ..credentials })
    }

    fn netrc(&self) -> Result<Option<netrc::Netrc>> {
        let options = &self.net.login;
        let files = match &options.netrc_file {
            Some(file) => vec![file.clone()],
            None if options.netrc => {
                let home = std::env::var_os("HOME").map(PathBuf::from);
                netrc::file_names(std::env::var_os("NETRC").as_deref(), home.as_deref())
            }
            None => return Ok(None),
        };
        let Some(file) = files.iter().find(|file| file.exists()).or(files.first()) else { return Ok(None) };
        let (netrc, warning) =
            netrc::read(file).map_err(|e| Failure::new(Kind::Read, format!("{}: {e}", file.display())))?;
        if let Some(warning) = warning {
            self.warn(&warning.to_string());
        }
        Ok(Some(netrc))
    }

    /// `--auth`.
    pub fn mechanism(&self) -> Result<Option<Mechanism>> {
        let parse = |name: &str| name.parse::<Mechanism>().map_err(|e| usage(format!("--auth {name}: {e}")));
        self.net.login.auth.as_deref().map(parse).transpose()
    }

    /// As [`Run::mechanism`]; POP3 and NNTP have ways of their own beside SASL's, which their verbs look for themselves.
    pub fn mechanism_for(&self, service: &str) -> Result<Option<Mechanism>> {
        let own = ["APOP", "USER", "PASS"];
        let is_own = |name: &str| own.iter().any(|one| one.eq_ignore_ascii_case(name));
        match self.net.login.auth.as_deref() {
            Some(name) if ["pop", "nntp"].contains(&service) && is_own(name) => Ok(None),
            _ => self.mechanism(),
        }
    }

    /// The weakest login mechanism that the user allows.
    pub fn weakest_mechanism(&self) -> Result<Option<Mechanism>> {
        let parse =
            |name: &str| name.parse::<Mechanism>().map_err(|e| usage(format!("--auth-min {name}: {e}")));
        self.net.login.auth_min.as_deref().map(parse).transpose()
    }

    /// Where the result goes.
    pub fn output(&self) -> Result<Output> {
        Output::open(self.net.output.output.as_deref(), self.net.output.raw)
    }

    pub fn json(&self) -> bool {
        self.net.output.json
    }

    /// Something the user should know, which is no failure.
    pub fn warn(&self, what: &str) {
        Run::warn_unless(self.net.output.quiet, what);
    }

    /// The same where there is no run at hand.
    pub fn warn_unless(quiet: bool, what: &str) {
        if !quiet {
            anstream::eprintln!("netkit: warning: {}", escape(what.as_bytes()));
        }
    }

    /// A line of the dialogue.
    pub fn note(&self, what: &str) {
        self.dialogue.note(what);
    }
}

/// The protocols that have a mock server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http,
    Gopher,
    Smtp,
    Lmtp,
    Pop3,
    Imap,
    Ftp,
    Telnet,
    Nntp,
    Ph,
}

impl Protocol {
    pub const ALL: &[Protocol] = &[
        // In the order in which `netkit mock` starts them.
        Protocol::Http,
        Protocol::Gopher,
        Protocol::Smtp,
        Protocol::Lmtp,
        Protocol::Pop3,
        Protocol::Imap,
        Protocol::Ftp,
        Protocol::Telnet,
        Protocol::Nntp,
        Protocol::Ph,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Gopher => "gopher",
            Protocol::Smtp => "smtp",
            Protocol::Lmtp => "lmtp",
            Protocol::Pop3 => "pop3",
            Protocol::Imap => "imap",
            Protocol::Ftp => "ftp",
            Protocol::Telnet => "telnet",
            Protocol::Nntp => "nntp",
            Protocol::Ph => "ph",
        }
    }

    pub fn service(self, world: Arc<World>) -> Arc<dyn Service> {
        match self {
            Protocol::Http => Arc::new(Http::new(world)),
            Protocol::Gopher => Arc::new(Gopher::new(world)),
            Protocol::Smtp => Arc::new(Smtp::new(world)),
            Protocol::Lmtp => Arc::new(Smtp::new(world).lmtp()),
            Protocol::Pop3 => Arc::new(Pop3::new(world)),
            Protocol::Imap => Arc::new(Imap::new(world)),
            Protocol::Ftp => Arc::new(Ftp::new(world)),
            Protocol::Telnet => Arc::new(Telnet::new(world)),
            Protocol::Nntp => Arc::new(Nntp::new(world)),
            Protocol::Ph => Arc::new(Ph::new(world)),
        }
    }
}

/// A file that only its owner may read: a dialogue may hold what nobody else should see.
pub fn private(path: &std::path::Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn usage(why: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Usage, why)
}

/// `HOST:PORT:ADDR`, the address in brackets if it is IPv6.
fn resolve_entry(entry: &str) -> Result<(Host, u16, std::net::IpAddr)> {
    let parts = || {
        let (host, rest) = match entry.strip_prefix('[') {
            Some(v6) => v6.split_once("]:")?,
            None => entry.split_once(':')?,
        };
        let (port, addr) = rest.split_once(':')?;
        let addr = addr.trim_start_matches('[').trim_end_matches(']');
        Some((host.parse().ok()?, port.parse().ok()?, addr.parse().ok()?))
    };
    parts().ok_or_else(|| usage("--resolve takes HOST:PORT:ADDR"))
}

/// HTTP's schemes are no SASL mechanisms; each needs a secret.
fn needs_no_secret(name: &str) -> bool {
    name.parse::<Mechanism>().is_ok_and(|mechanism| mechanism.needs() == Needs::Nothing)
}
