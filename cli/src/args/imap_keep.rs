//! `netkit imap watch` and `netkit imap backup`

use std::time::Duration;

use clap::Args;

use super::{NetArgs, duration};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit imap watch imaps://me@mail.example.org --exec 'notify-send \"new mail\"'
  netkit imap watch mail.example.org -u me --mailbox Lists --json
  netkit imap watch mail.example.org -u me --all --exec 'echo $NETKIT_EVENTS in $NETKIT_MAILBOX'

The command runs once for all that happened together in a mailbox, with NETKIT_MAILBOX, NETKIT_MESSAGES (how many there are) and
NETKIT_EVENTS (arrived, gone, changed) in its environment. A connection that dies is noticed and made anew.")]
pub struct ImapWatch {
    /// host[:port] or an imap or imaps URL, in which the mailbox may stand
    pub target: Option<String>,
    /// This mailbox [default: INBOX]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// Every mailbox of one's own besides, over the same connection (NOTIFY, RFC 5465)
    #[arg(long)]
    pub all: bool,
    /// Run this by the shell when something happens
    #[arg(long, value_name = "COMMAND")]
    pub exec: Option<String>,
    /// Leave after so many events
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// Ask whether the server is still there so often
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "9m")]
    pub renew: Duration,
    /// Give up after so many tries in a row to connect again
    #[arg(long, value_name = "N")]
    pub tries: Option<u32>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit imap backup imaps://me@mail.example.org ~/mail-backup --password-command 'pass mail'
  netkit imap backup mail.example.org ~/mail-backup -u me --folder INBOX --folder 'Lists/*' --exclude Lists/noise
  netkit imap backup imaps://me@new.example.org ~/mail-backup --restore

Each mailbox becomes a Maildir below DIR, with the flags of the messages in their files' names, the time they came as the files'
times, and beside them what is known of the server. A run that is ended in the middle loses nothing and fetches nothing twice.
What is deleted on the server stays in the backup, unless --delete is said.")]
pub struct ImapBackup {
    /// TARGET and DIR; with --mock TARGET is left out
    #[arg(required = true, num_args = 1..=2, value_name = "TARGET DIR")]
    pub words: Vec<String>,
    /// Only mailboxes whose names fit: * is anything, % anything on one level (may be repeated)
    #[arg(long, value_name = "PATTERN")]
    pub folder: Vec<String>,
    /// Not these mailboxes (may be repeated)
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Delete from the backup what is deleted on the server
    #[arg(long, conflicts_with = "restore")]
    pub delete: bool,
    /// The other way: put what the backup has and the server has not into the server's mailboxes
    #[arg(long)]
    pub restore: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Compress the conversation where the server can (RFC 4978)
    #[arg(long)]
    pub compress: bool,
    #[command(flatten)]
    pub net: NetArgs,
}
