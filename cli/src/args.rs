//! What can be said on the command line. Shared groups are flattened into each verb.

pub mod amount;
mod download;
pub mod duration;
mod events;
mod export;
mod ftp;
mod gopher;
mod gopher_browse;
mod gopher_mirror;
mod http;
mod imap;
mod imap_keep;
mod lazy;
mod mirror;
mod net;
mod nntp;
mod pop3;
mod rpc;
mod smtp;
mod smtp_send;
mod socket;
mod state;
mod telnet;

use clap::{Args, Parser, Subcommand};

pub use download::{HttpDownload, HttpFetch};
pub use duration::parse as duration;
pub use events::HttpEvents;
pub use export::HttpExport;
pub use ftp::{FtpAsk, FtpCopy, FtpGet, FtpList, FtpMirror, FtpPaths, FtpPut, FtpShell, FtpVerb, FtpWays};
pub use gopher::{
    GopherAttributes, GopherGet, GopherMenu, GopherPh, GopherReading, GopherSearch, GopherVerb,
};
pub use gopher_browse::GopherBrowse;
pub use gopher_mirror::GopherMirror;
pub use http::{Data, HttpCall, HttpProbe, HttpVerb};
pub use imap::{
    ImapAppend, ImapAsk, ImapCreate, ImapFolders, ImapGet, ImapList, ImapMailboxes, ImapMessages, ImapRaw,
    ImapSearch, ImapVerb,
};
pub use imap_keep::{ImapBackup, ImapWatch};
pub use lazy::Lazy;
pub use mirror::HttpMirror;
pub use net::{BackendChoice, Color, NetArgs, Output as OutputArgs, ProgressChoice, RootsChoice};
pub use nntp::{
    NntpArticle, NntpAsk, NntpFetch, NntpGroup, NntpGroups, NntpHdr, NntpNew, NntpNzb, NntpOver, NntpPost,
    NntpRaw, NntpVerb, since,
};
pub use pop3::{Pop3Ask, Pop3Delete, Pop3Fetch, Pop3Get, Pop3List, Pop3Raw, Pop3Top, Pop3Verb};
pub use rpc::HttpRpc;
pub use smtp::{SmtpAsk, SmtpProbe, SmtpRaw, SmtpSession, SmtpVerb, Step};
pub use smtp_send::{
    PartialChoice, Returned, SmtpDkim, SmtpEnvelope, SmtpMany, SmtpMessage, SmtpSend, SmtpSendmail,
    TransferChoice,
};
pub use socket::{
    Bytes, DoorArgs, SocketConnect, SocketListen, SocketRelay, SocketResolve, SocketScan, SocketVerb,
    SocketWait, Tune,
};
pub use state::HttpState;
pub use telnet::{TelnetAsk, TelnetConnect, TelnetRun, TelnetStep, TelnetTerminal, TelnetVerb};

/// Eight classic Internet protocols, spoken by hand
#[derive(Debug, Parser)]
#[command(name = "netkit", version, max_term_width = 98, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, infer_subcommands = false)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  netkit http get https://example.org/           the page, on stdout
  netkit gopher menu gopher.floodgap.com         a menu, numbered
  netkit smtp send mail.example.org --starttls -u me --from me@example.org --to you@example.org --subject Hi --body Hello
  netkit --mock http get /                       the same against mock servers in this process

Exit codes are curl's; `netkit man DIR` writes manual pages.";

/// Said before or after the protocol
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Run the verb against mock servers started in this process; the host in TARGET is ignored
    #[arg(long, global = true)]
    pub mock: bool,
    /// Read accounts and defaults from FILE [default: netkit/config.toml in the configuration folder]
    #[arg(long, global = true, hide_short_help = true, value_name = "FILE", env = "NETKIT_CONFIG")]
    pub config: Option<std::path::PathBuf>,
    /// Read no configuration
    #[arg(long, global = true, hide_short_help = true, conflicts_with = "config")]
    pub no_config: bool,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one, and it stays where it was parsed")]
pub enum Command {
    /// HTTP/1.1 (RFC 9112): fetch, post, look
    #[command(subcommand)]
    Http(Lazy<HttpVerb>),
    /// Gopher (RFC 1436): menus, documents, searches
    #[command(subcommand)]
    Gopher(Lazy<GopherVerb>),
    /// FTP (RFC 959): list, fetch, put and mirror files
    #[command(subcommand)]
    Ftp(Lazy<FtpVerb>),
    /// SMTP (RFC 5321), LMTP: send mail
    #[command(subcommand)]
    Smtp(Lazy<SmtpVerb>),
    /// POP3 (RFC 1939): read and fetch mail
    #[command(subcommand)]
    Pop3(Lazy<Pop3Verb>),
    /// IMAP4 (RFC 9051): read, search, change, back up and watch mail
    #[command(subcommand)]
    Imap(Lazy<ImapVerb>),
    /// Telnet (RFC 854): a terminal on another machine, scripts, what a server negotiates
    #[command(subcommand)]
    Telnet(Lazy<TelnetVerb>),
    /// Raw sockets: tcp, udp, unix, TLS; connect, listen, relay, scan, resolve, wait
    #[command(subcommand)]
    Socket(Lazy<SocketVerb>),
    /// NNTP (RFC 3977): read, fetch and post news
    #[command(subcommand)]
    Nntp(Lazy<NntpVerb>),
    /// Fetch any URL with the protocol it names
    Get(Lazy<Get>),
    /// Look at what makes connections fail: names, routes, proxies, TLS, the clock
    Doctor(Lazy<Doctor>),
    /// The table of protocols and their ports
    Ports(Ports),
    /// Run mock servers on loopback until Ctrl-C
    Mock(Mock),
    /// Show the accounts and defaults of the configuration, or take over those of other programs
    Config(Config),
    /// Print a completion script
    Completions {
        /// For which shell
        shell: Shell,
    },
    /// Write manual pages
    Man {
        /// The folder to write them to
        dir: std::path::PathBuf,
    },
}

/// A shell that completes words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    Nushell,
    Powershell,
    Zsh,
}

#[derive(Debug, Args)]
pub struct Get {
    /// http, https, gopher, gophers, ftp, ftps, pop3, pop3s, imap, imaps, nntp, nntps, news or snews URL
    pub url: String,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit doctor                                  what this machine has
  netkit doctor https://example.org/             and how it gets there, step by step
  netkit doctor @work                            the server of an account")]
pub struct Doctor {
    /// URL of a server: each step on the way to it is tried; nothing is changed there
    pub url: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct Ports {
    /// One JSON object per protocol
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Config {
    #[command(subcommand)]
    pub verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Print what the configuration says; secrets are shown as ***
    Show {
        /// Only this account
        account: Option<String>,
        /// Say for each line which file it comes from
        #[arg(long)]
        origin: bool,
    },
    /// Print the accounts of .msmtprc, .mbsyncrc or .netrc as a configuration, passwords too
    Import {
        /// The file
        file: std::path::PathBuf,
        /// Whose it is, where its name does not say it
        #[arg(long, value_name = "PROGRAM")]
        format: Option<ImportFormat>,
    },
}

/// Whose accounts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ImportFormat {
    Netrc,
    Msmtp,
    Mbsync,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit mock                                                     all of them, until Ctrl-C
  netkit mock smtp --port smtp=2525 --fault smtp:RCPT:2:drop
  netkit mock imap --latency 20ms --ca-out ca.pem                 as over a long line
  netkit mock --script session.txt                                a bug report, played to your client")]
pub struct Mock {
    /// Which servers; proxy (CONNECT and absolute form) and socks5 (4 and 4a, too) lead to loopback only, each open and
    /// with a login (all when none is named)
    #[arg(value_parser = [
        // One for each of `run::Protocol`, and the proxies.
        "http",
        "gopher",
        "smtp",
        "lmtp",
        "pop3",
        "imap",
        "ftp",
        "telnet",
        "nntp",
        "ph",
        "proxy",
        "socks5",
    ])]
    pub protocols: Vec<String>,
    /// One JSON object per server, and no words
    #[arg(long)]
    pub json: bool,
    /// Listen at this port [default: any free one for each server]
    #[arg(long, value_name = "PROTOCOL=PORT")]
    pub port: Vec<String>,
    /// Let something go wrong: PROTOCOL:STEP[:TIMES]:ACT[=VALUE] (may be repeated)
    ///
    /// STEP is `connect` or how a line of the client starts. ACT is reply=TEXT, delay=MILLISECONDS, drop, half, silence,
    /// bytewise, bare-lf, garbage=BYTES, oversize=BYTES or slow=BYTES (a second).
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<String>,
    /// Let every round trip take so much longer
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub latency: Option<std::time::Duration>,
    /// What the FTP server insists on (may be repeated): reuse (data connections in TLS resume a session), reuse-tls1.2 (and
    /// it sees that of TLS 1.2 only), data-port (it dials from the port below its own), crowded (it has two clients at a time)
    #[arg(long, value_name = "RULE")]
    pub ftp: Vec<String>,
    /// Play this transcript (as --trace writes it) to each client instead, and say how each one did
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fault", "latency", "protocols", "json", "ftp"])]
    pub script: Option<std::path::PathBuf>,
    /// Write the certificate of the throw-away authority to FILE, for --cacert
    #[arg(long, value_name = "FILE")]
    pub ca_out: Option<std::path::PathBuf>,
}
