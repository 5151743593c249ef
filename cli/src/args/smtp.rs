//! `netkit smtp`

use clap::{Args, Subcommand, ValueEnum};

use super::{Lazy, NetArgs, SmtpSend, SmtpSendmail};

#[derive(Debug, Subcommand)]
pub enum SmtpVerb {
    /// Send a message or many: files, folders, mailboxes, stdin, or built from the options
    Send(Lazy<SmtpSend>),
    /// Ask whether there is such a user (VRFY)
    Verify(Lazy<SmtpAsk>),
    /// Ask who is on a list (EXPN)
    Expn(Lazy<SmtpAsk>),
    /// Send command lines of one's own and print the replies
    Raw(Lazy<SmtpRaw>),
    /// Report what the server offers: addresses, times, TLS, extensions, login
    Probe(Lazy<SmtpProbe>),
    /// Take a message from stdin as sendmail(8) does: -t -i -f
    Sendmail(Lazy<SmtpSendmail>),
}

impl SmtpVerb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            SmtpVerb::Send(args) => &args.net,
            SmtpVerb::Verify(args) | SmtpVerb::Expn(args) => &args.net,
            SmtpVerb::Raw(args) => &args.net,
            SmtpVerb::Probe(args) => &args.net,
            SmtpVerb::Sendmail(args) => &args.net,
        }
    }
}

/// How a session begins.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Session")]
pub struct SmtpSession {
    /// What to say in EHLO [default: this machine's name]
    #[arg(long, value_name = "NAME")]
    pub hello: Option<String>,
    /// Speak LMTP, the protocol of mail stores (RFC 2033)
    #[arg(long)]
    pub lmtp: bool,
    /// Tell the server whom it shall take this client for; NAME is NAME, ADDR, PORT, PROTO, HELO, LOGIN, DESTADDR or DESTPORT
    #[arg(hide_short_help = true, long, value_name = "NAME=VALUE")]
    pub xclient: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit smtp verify mail.example.org postmaster
  netkit smtp expn mail.example.org staff")]
pub struct SmtpAsk {
    /// host[:port] or an smtp, submission, smtps, submissions or lmtp URL
    pub target: Option<String>,
    /// Whom, or which list; with --mock alone, TARGET may be left out
    pub about: Option<String>,
    #[command(flatten)]
    pub session: SmtpSession,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit smtp raw mail.example.org NOOP 'HELP MAIL'
  printf 'NOOP\\nRSET\\n' | netkit smtp raw mail.example.org -")]
pub struct SmtpRaw {
    /// host[:port] or an smtp, submission, smtps, submissions or lmtp URL; with --mock it is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET LINE")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub session: SmtpSession,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct SmtpProbe {
    /// host[:port] or an smtp, submission, smtps, submissions or lmtp URL
    pub target: Option<String>,
    #[command(flatten)]
    pub session: SmtpSession,
    #[command(flatten)]
    pub net: NetArgs,
}

/// Behind which step a session is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Step {
    /// The server's first words
    Banner,
    /// Its offers
    Hello,
    /// The change to TLS, and its offers then
    Tls,
    /// The login
    Auth,
    /// The sender
    Mail,
    /// The recipients
    Rcpt,
    /// The leave to send the message
    Data,
}
