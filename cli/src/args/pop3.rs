//! `netkit pop3`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Lazy, NetArgs, amount, duration};

#[derive(Debug, Subcommand)]
pub enum Pop3Verb {
    /// How many messages there are, and how large they are together
    Stat(Lazy<Pop3Ask>),
    /// List the messages: number, size, name for good
    List(Lazy<Pop3List>),
    /// Print a message
    Get(Lazy<Pop3Get>),
    /// Print the header of a message and some lines of its body
    Top(Lazy<Pop3Top>),
    /// Download what is new, to a Maildir or a mailbox file
    Fetch(Lazy<Pop3Fetch>),
    /// Delete messages
    Delete(Lazy<Pop3Delete>),
    /// Send command lines of one's own and print the answers
    Raw(Lazy<Pop3Raw>),
    /// Report what the server offers: addresses, times, TLS, capabilities, login
    Probe(Lazy<Pop3Ask>),
}

impl Pop3Verb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            Pop3Verb::Stat(args) | Pop3Verb::Probe(args) => &args.net,
            Pop3Verb::List(args) => &args.net,
            Pop3Verb::Get(args) => &args.net,
            Pop3Verb::Top(args) => &args.net,
            Pop3Verb::Fetch(args) => &args.net,
            Pop3Verb::Delete(args) => &args.net,
            Pop3Verb::Raw(args) => &args.net,
        }
    }
}

#[derive(Debug, Args)]
pub struct Pop3Ask {
    /// host[:port] or a pop3 or pop3s URL
    pub target: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct Pop3List {
    /// host[:port] or a pop3 or pop3s URL
    pub target: Option<String>,
    /// With sender, date and subject of each, decoded
    #[arg(long)]
    pub headers: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit pop3 get pop3s://me@mail.example.org/1
  netkit pop3 get mail.example.org 3 -u me -o letter.eml")]
pub struct Pop3Get {
    /// host[:port] or a pop3 or pop3s URL, in which the message's number may stand
    pub target: Option<String>,
    /// A message's number, or its name for good
    pub message: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct Pop3Top {
    /// host[:port] or a pop3 or pop3s URL, in which the message's number may stand
    pub target: Option<String>,
    /// A message's number, or its name for good
    pub message: Option<String>,
    /// How many lines of the body
    #[arg(short = 'n', long, default_value_t = 0)]
    pub lines: u32,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit pop3 fetch pop3s://me@mail.example.org --maildir ~/Mail --password-command 'pass mail'
  netkit pop3 fetch mail.example.org -u me --mbox inbox --delete-after 168h
  netkit pop3 fetch mail.example.org -u me --maildir ~/Mail --delete --max-size 10M

What was fetched is remembered beside the Maildir or mailbox, so that the next run takes what is new. A run that is ended in the
middle loses nothing and fetches nothing twice.")]
pub struct Pop3Fetch {
    /// host[:port] or a pop3 or pop3s URL
    pub target: Option<String>,
    /// Into this Maildir
    #[arg(long, value_name = "DIR", required_unless_present = "mbox", conflicts_with = "mbox")]
    pub maildir: Option<PathBuf>,
    /// To the end of this mailbox file (mboxrd)
    #[arg(long, value_name = "FILE")]
    pub mbox: Option<PathBuf>,
    /// Remember in FILE what was fetched [default: beside the Maildir or mailbox, a file for each account]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Fetch everything, also what was fetched before
    #[arg(long)]
    pub all: bool,
    /// Delete from the server what is safe on the disk
    #[arg(long)]
    pub delete: bool,
    /// Delete from the server what was fetched so long ago
    #[arg(long, value_name = "TIME", value_parser = duration::parse, conflicts_with = "delete")]
    pub delete_after: Option<Duration>,
    /// Leave larger messages where they are
    #[arg(long, value_name = "SIZE", value_parser = amount::parse)]
    pub max_size: Option<u64>,
    /// Fetch at most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Fetch only messages with this in a field of the header: NAME: TEXT, in any case
    #[arg(long, value_name = "NAME: TEXT")]
    pub only: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct Pop3Delete {
    /// TARGET and messages: numbers, ranges such as 2-5, or names for good; with --mock TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET MESSAGE")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit pop3 raw mail.example.org -u me 'LIST 1' NOOP
  printf 'STAT\\nNOOP\\n' | netkit pop3 raw mail.example.org -u me -
  netkit pop3 raw mail.example.org -u me CAPA 'TOP 1 0'")]
pub struct Pop3Raw {
    /// TARGET and command lines; - reads them from stdin; with --mock TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET LINE")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}
