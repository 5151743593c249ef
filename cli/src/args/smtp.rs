//! `netkit smtp`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Lazy, NetArgs};

#[derive(Debug, Subcommand)]
pub enum SmtpVerb {
    /// Send a message: a file, stdin, or built from the options
    Send(Lazy<SmtpSend>),
    /// Report what the server offers: addresses, times, TLS, extensions, login
    Probe(Lazy<SmtpProbe>),
}

impl SmtpVerb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            SmtpVerb::Send(args) => &args.net,
            SmtpVerb::Probe(args) => &args.net,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit smtp send mail.example.org --from a@example.org --to b@example.org --subject Hi --body Hello
  netkit smtp send submission://mail.example.org -u me --password-command 'pass mail' letter.eml --mail-from me@example.org --rcpt you@example.org
  netkit smtp send localhost --from a@x --to b@x --body @- < text")]
pub struct SmtpSend {
    /// host[:port] or an smtp, submission, smtps or submissions URL
    pub target: Option<String>,
    /// A message to send as it is; - reads stdin
    pub file: Option<String>,
    /// Who the message is from
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// Who it is for (may be repeated)
    #[arg(long, value_name = "ADDRESS")]
    pub to: Vec<String>,
    /// Who gets a copy
    #[arg(long, value_name = "ADDRESS")]
    pub cc: Vec<String>,
    /// Who gets a copy unseen by the others
    #[arg(long, value_name = "ADDRESS")]
    pub bcc: Vec<String>,
    /// What it is about
    #[arg(long)]
    pub subject: Option<String>,
    /// The text: words, @FILE, or @- for stdin
    #[arg(long, value_name = "TEXT|@FILE|@-")]
    pub body: Option<String>,
    /// The same as HTML
    #[arg(long, value_name = "TEXT|@FILE|@-")]
    pub html: Option<String>,
    /// Attach a file
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// Add a header field
    #[arg(long, value_name = "NAME: VALUE")]
    pub header: Vec<String>,
    /// The envelope's sender, instead of --from; '' for none
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// The envelope's recipients, instead of --to, --cc and --bcc
    #[arg(long, value_name = "ADDRESS")]
    pub rcpt: Vec<String>,
    /// What to say in EHLO [default: this machine's name]
    #[arg(long, value_name = "NAME")]
    pub hello: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct SmtpProbe {
    /// host[:port] or an smtp, submission, smtps or submissions URL
    pub target: Option<String>,
    /// What to say in EHLO [default: this machine's name]
    #[arg(long, value_name = "NAME")]
    pub hello: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}
