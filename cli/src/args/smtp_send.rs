//! `netkit smtp send` and `netkit smtp sendmail`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::NetArgs;
use super::duration;
use super::smtp::{SmtpSession, Step};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit smtp send mail.example.org --from a@example.org --to b@example.org --subject Hi --body Hello
  netkit smtp send submission://mail.example.org -u me --password-command 'pass mail' letter.eml --mail-from me@example.org --rcpt you@example.org
  netkit smtp send localhost --from a@x --to b@x --body @- < text
  netkit smtp send mail.example.org outbox/ archive.mbox -t -P 4 --retry 3
  netkit smtp send mail.example.org --jsonl people.jsonl --from me@x.org --to '{{email}}' --subject 'Hello {{name}}' --body @letter.txt
  netkit smtp send --mx --mta-sts --from me@x.org --to you@example.org --body Hello")]
pub struct SmtpSend {
    /// host[:port] or an smtp, submission, smtps, submissions or lmtp URL; none with --mx
    pub target: Option<String>,
    /// Messages to send as they are: files, folders of files, mailboxes in mbox form; - reads one from stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub message: SmtpMessage,
    #[command(flatten)]
    pub envelope: SmtpEnvelope,
    #[command(flatten)]
    pub many: SmtpMany,
    #[command(flatten)]
    pub dkim: SmtpDkim,
    #[command(flatten)]
    pub mx: SmtpMx,
    #[command(flatten)]
    pub session: SmtpSession,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Message")]
pub struct SmtpMessage {
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
    /// A picture inside the HTML, which names it cid:NAME [default NAME: the file's]
    #[arg(long, value_name = "[NAME=]FILE")]
    pub inline: Vec<String>,
    /// Add a header field
    #[arg(long, value_name = "NAME: VALUE")]
    pub header: Vec<String>,
    /// One message for each line, a JSON object: {{field}} in the options above stands for its values
    #[arg(long, value_name = "FILE|-")]
    pub jsonl: Option<String>,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Envelope")]
pub struct SmtpEnvelope {
    /// The envelope's sender, instead of --from; '' for none
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// The envelope's recipients, instead of --to, --cc and --bcc
    #[arg(long, value_name = "ADDRESS")]
    pub rcpt: Vec<String>,
    /// Take sender and recipients from each message's header
    #[arg(short = 't', long)]
    pub read_recipients: bool,
    /// Which fate of a message is told: never, or of success, failure, delay with commas between
    #[arg(hide_short_help = true, long, value_name = "WHEN")]
    pub notify: Option<String>,
    /// How much of the message such a notice brings back
    #[arg(hide_short_help = true, long, value_name = "WHAT")]
    pub notify_return: Option<Returned>,
    /// What the sender knows the message by, for such a notice
    #[arg(hide_short_help = true, long, value_name = "ID")]
    pub envelope_id: Option<String>,
    /// Over TLS all the way or not at all (RFC 8689)
    #[arg(hide_short_help = true, long)]
    pub require_tls: bool,
    /// To be delivered within this time, or else returned; with ;n at its end, or else told of
    #[arg(hide_short_help = true, long, value_name = "TIME[;n]")]
    pub deliver_by: Option<String>,
    /// From -9 to 9 (RFC 6710)
    #[arg(hide_short_help = true, long, value_name = "N", allow_hyphen_values = true)]
    pub priority: Option<i8>,
    /// Not to be sent on before this time is over, or before this moment in UTC (RFC 4865)
    #[arg(hide_short_help = true, long, value_name = "TIME|MOMENT")]
    pub hold: Option<String>,
    /// Any other parameter of MAIL
    #[arg(hide_short_help = true, long, value_name = "NAME[=VALUE]")]
    pub mail_parameter: Vec<String>,
    /// Any other parameter of every RCPT
    #[arg(hide_short_help = true, long, value_name = "NAME[=VALUE]")]
    pub rcpt_parameter: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Returned {
    /// All of it
    Full,
    /// Its header
    Headers,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Sending")]
pub struct SmtpMany {
    /// Send over so many connections
    #[arg(short = 'P', long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub connections: u16,
    /// Wait this long before the first new try; each later one takes twice as long
    #[arg(hide_short_help = true, long, value_name = "TIME", value_parser = duration::parse, default_value = "1s")]
    pub retry_wait: Duration,
    /// What happens when only some recipients are taken
    #[arg(long, value_enum, default_value_t = PartialChoice::Deliver)]
    pub partial: PartialChoice,
    /// How messages are carried
    #[arg(hide_short_help = true, long, value_enum, default_value_t = TransferChoice::Best)]
    pub transfer: TransferChoice,
    /// Wait for each message's answer before the next is sent
    #[arg(hide_short_help = true, long)]
    pub one_by_one: bool,
    /// End the session behind this step and print what the server said in it
    #[arg(long, value_name = "STEP", value_enum)]
    pub stop_after: Option<Step>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum PartialChoice {
    /// Those who were taken get the message
    #[default]
    Deliver,
    /// Nobody does
    Refuse,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum TransferChoice {
    /// In chunks where the server takes them
    #[default]
    Best,
    /// Behind DATA
    Data,
    /// In chunks
    Chunks,
    /// In chunks, every byte as it is
    Binary,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "DKIM")]
pub struct SmtpDkim {
    /// Sign with this private key: RSA or Ed25519, in PEM
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "dkim_selector")]
    pub dkim_key: Option<PathBuf>,
    /// Under which name the key's public half stands in the DNS
    #[arg(hide_short_help = true, long, value_name = "NAME", requires = "dkim_key")]
    pub dkim_selector: Option<String>,
    /// For which domain to sign [default: that of the sender]
    #[arg(hide_short_help = true, long, value_name = "DOMAIN", requires = "dkim_key")]
    pub dkim_domain: Option<String>,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Delivery without a relay")]
pub struct SmtpMx {
    /// Send to the mail exchangers of each recipient's domain
    #[arg(long)]
    pub mx: bool,
    /// Obey what the domain says of TLS on the web (MTA-STS, RFC 8461)
    #[arg(hide_short_help = true, long, requires = "mx")]
    pub mta_sts: bool,
    /// Obey what the domain says of certificates in the DNS (DANE, RFC 7672); the name server has to verify DNSSEC
    #[arg(hide_short_help = true, long, requires = "mx")]
    pub dane: bool,
    /// Ask this name server [default: the system's]
    #[arg(hide_short_help = true, long, value_name = "ADDRESS:PORT", requires = "mx")]
    pub dns: Option<SocketAddr>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit smtp sendmail -t < letter.eml
  netkit smtp sendmail -i -f me@example.org you@example.org < letter.eml
  netkit smtp sendmail --server @work -t < letter.eml        an account of the configuration

A link named sendmail to netkit does the same. Of sendmail's other options -o..., -bm and -B... are let pass.")]
pub struct SmtpSendmail {
    /// Who gets the message, besides those in its header with -t
    #[arg(value_name = "RECIPIENT")]
    pub recipients: Vec<String>,
    /// Take the recipients from the header
    #[arg(short = 't')]
    pub read_recipients: bool,
    /// A line of one dot does not end the message (it never does here)
    #[arg(short = 'i')]
    pub ignore_dots: bool,
    /// The sender [default: that of the header]
    #[arg(short = 'f', value_name = "ADDRESS", visible_short_alias = 'r')]
    pub sender: Option<String>,
    /// The sender's full name, where the header has no From
    #[arg(short = 'F', value_name = "NAME")]
    pub full_name: Option<String>,
    /// Which server takes the message
    #[arg(long, value_name = "TARGET", env = "NETKIT_SENDMAIL_SERVER", default_value = "localhost")]
    pub server: String,
    #[command(flatten)]
    pub session: SmtpSession,
    #[command(flatten)]
    pub net: NetArgs,
}
