//! The options of every verb that uses the network.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{amount, duration};

#[derive(Debug, Clone, Default, Args)]
pub struct NetArgs {
    #[command(flatten)]
    pub connection: Connection,
    #[command(flatten)]
    pub tls: TlsArgs,
    #[command(flatten)]
    pub login: Login,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// IPv4 only
    #[arg(short = '4', conflicts_with = "v6")]
    pub v4: bool,
    /// IPv6 only
    #[arg(short = '6')]
    pub v6: bool,
    /// Another port than the target's
    #[arg(hide_short_help = true, long, value_name = "PORT")]
    pub port: Option<String>,
    /// Connect from this address of this machine
    #[arg(hide_short_help = true, long, value_name = "ADDR")]
    pub bind: Option<IpAddr>,
    /// Use ADDR for HOST at PORT instead of asking the resolver
    #[arg(hide_short_help = true, long, value_name = "HOST:PORT:ADDR")]
    pub resolve: Vec<String>,
    /// Connect to this Unix socket instead of the target's host
    #[arg(hide_short_help = true, long, value_name = "PATH")]
    pub unix_socket: Option<PathBuf>,
    /// Go through this proxy: http, https, socks4, socks4a, socks5 or socks5h; '' for none
    ///
    /// Without it the variables http_proxy, https_proxy, gopher_proxy and so on, then all_proxy, say which. The proxy
    /// resolves names, except with socks4 and socks5. What is on this machine's loopback needs a proxy there.
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// Hosts to reach without a proxy: names and all under them, addresses, CIDR, each with :PORT if need be; *
    ///
    /// Without it the variable no_proxy says which.
    #[arg(hide_short_help = true, long, value_name = "LIST")]
    pub no_proxy: Option<String>,
    /// Say first, as a proxy before the server would, whose connection this is (the PROXY protocol)
    #[arg(hide_short_help = true, long, value_name = "VERSION", value_parser = ["v1", "v2"])]
    pub proxy_protocol: Option<String>,
    /// Whose: an address with a port [default: nobody's in particular]
    #[arg(hide_short_help = true, long, value_name = "ADDR:PORT", requires = "proxy_protocol")]
    pub proxy_client: Option<SocketAddr>,
    /// For name, connection and TLS together [default: 10s]
    #[arg(hide_short_help = true, long, value_name = "TIME", value_parser = duration::parse)]
    pub connect_timeout: Option<Duration>,
    /// How long the server may be silent [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// For everything together
    #[arg(hide_short_help = true, long, value_name = "TIME", value_parser = duration::parse)]
    pub max_time: Option<Duration>,
    /// Try again, N times, what failed and may go better later: connections, and what can go on where it broke off
    ///
    /// Not what a server may have done already: a POST, an upload, a command.
    #[arg(hide_short_help = true, long, value_name = "N", default_value_t = 0)]
    pub retry: u32,
    /// At most so many bytes a second, in and out together, over all connections: 500K, 1M
    #[arg(hide_short_help = true, long, value_name = "RATE", value_parser = amount::parse)]
    pub limit_rate: Option<u64>,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "TLS")]
pub struct TlsArgs {
    /// TLS from the first byte
    #[arg(long, conflicts_with_all = ["starttls", "plain"])]
    pub tls: bool,
    /// Change to TLS inside the protocol, or fail
    #[arg(long, conflicts_with = "plain")]
    pub starttls: bool,
    /// Never TLS
    #[arg(long)]
    pub plain: bool,
    /// Do not check the server's certificate
    #[arg(short = 'k', long)]
    pub insecure: bool,
    /// Trust the authorities in this PEM file only
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// Show this certificate (PEM) to the server
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The key of --cert (PEM)
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Where trusted authorities come from
    #[arg(hide_short_help = true, long, value_name = "STORE")]
    pub roots: Option<RootsChoice>,
    /// Which library speaks TLS
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    pub tls_backend: Option<BackendChoice>,
    /// The oldest TLS version to accept
    #[arg(hide_short_help = true, long, value_name = "VERSION", value_parser = ["1.2", "1.3"])]
    pub tls_min: Option<String>,
    /// The name to ask for and to check, instead of the host's
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    pub sni: Option<String>,
    /// Accept only this public key
    #[arg(hide_short_help = true, long, value_name = "sha256//BASE64")]
    pub pin: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RootsChoice {
    /// The system's store
    System,
    /// Mozilla's list, built in
    Webpki,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BackendChoice {
    /// Built in
    Rustls,
    /// The system's library, where this build has it
    Native,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Login")]
pub struct Login {
    /// Who logs in; without a password it is looked up or asked for
    #[arg(short, long, value_name = "NAME[:PASSWORD]")]
    pub user: Option<String>,
    /// Take the password from the first line that CMD prints
    #[arg(long, value_name = "CMD")]
    pub password_command: Option<String>,
    /// Look the login up in ~/.netrc
    #[arg(long)]
    pub netrc: bool,
    /// Look the login up in FILE
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub netrc_file: Option<PathBuf>,
    /// Use this mechanism and no other
    #[arg(hide_short_help = true, long, value_name = "MECH")]
    pub auth: Option<String>,
    /// Use no mechanism weaker than this one: LOGIN, PLAIN, CRAM-MD5, DIGEST-MD5, SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-1-PLUS, SCRAM-SHA-256-PLUS
    #[arg(hide_short_help = true, long, value_name = "MECH")]
    pub auth_min: Option<String>,
    /// Act on behalf of this user (SASL's authorization identity)
    #[arg(hide_short_help = true, long = "as", value_name = "NAME")]
    pub act_as: Option<String>,
    /// Take the OAuth 2.0 token from the first line that CMD prints
    #[arg(hide_short_help = true, long, value_name = "CMD", conflicts_with = "token")]
    pub token_command: Option<String>,
    /// An OAuth 2.0 bearer token
    #[arg(hide_short_help = true, long, value_name = "TOKEN", env = "NETKIT_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Let a password go over a connection that is not encrypted
    #[arg(hide_short_help = true, long)]
    pub insecure_auth: bool,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Write the result to FILE
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Results, and errors, as JSON objects, one a line
    #[arg(long)]
    pub json: bool,
    /// No notes and no warnings
    #[arg(short, long)]
    pub quiet: bool,
    /// The dialogue on stderr
    #[arg(short, long)]
    pub verbose: bool,
    /// With -v: the seconds since the start and since the line before
    #[arg(hide_short_help = true, long, requires = "verbose")]
    pub times: bool,
    /// The dialogue with times into FILE, in the notation of the project's fixtures
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Print the bytes that would be sent, and send nothing
    #[arg(hide_short_help = true, long)]
    pub offline: bool,
    /// Let control characters through to a terminal
    #[arg(hide_short_help = true, long)]
    pub raw: bool,
    /// When to show on stderr how far files are, where a verb shows that [default: auto]
    #[arg(hide_short_help = true, long, value_name = "WHEN")]
    pub progress: Option<ProgressChoice>,
    /// When to use colours
    #[arg(hide_short_help = true, long, value_name = "WHEN")]
    pub color: Option<Color>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressChoice {
    /// On a terminal
    Auto,
    /// Also elsewhere, as lines
    Always,
    /// Not at all
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}
