//! `netkit imap`

use clap::{Args, Subcommand};

use super::{ImapBackup, ImapWatch, Lazy, NetArgs};

#[derive(Debug, Subcommand)]
pub enum ImapVerb {
    /// List the mailboxes, with how many messages each has
    Folders(Lazy<ImapFolders>),
    /// List messages: UID, flags, size, date, sender, subject
    List(Lazy<ImapList>),
    /// Find messages
    Search(Lazy<ImapSearch>),
    /// Print a message, or a part of one
    Get(Lazy<ImapGet>),
    /// Put messages into a mailbox
    Append(Lazy<ImapAppend>),
    /// Copy messages to another mailbox
    Copy(Lazy<ImapMessages>),
    /// Move messages to another mailbox
    Move(Lazy<ImapMessages>),
    /// Change flags: seen, unflagged, keywords
    Flag(Lazy<ImapMessages>),
    /// Delete messages for good
    Delete(Lazy<ImapMessages>),
    /// Make mailboxes
    Create(Lazy<ImapCreate>),
    /// Give a mailbox another name
    Rename(Lazy<ImapMailboxes>),
    /// Delete mailboxes with all that is in them
    Remove(Lazy<ImapMailboxes>),
    /// Wait for what happens in a mailbox, and run a command then
    Watch(Lazy<ImapWatch>),
    /// Copy mailboxes to Maildirs: what is new and what has changed; or back with --restore
    Backup(Lazy<ImapBackup>),
    /// How full the mailboxes are
    Quota(Lazy<ImapAsk>),
    /// Send command lines of one's own and print the answers
    Raw(Lazy<ImapRaw>),
    /// Say commands as they come to mind, over one session
    Shell(Lazy<ImapAsk>),
    /// Report what the server offers: addresses, times, TLS, capabilities, login
    Probe(Lazy<ImapAsk>),
}

impl ImapVerb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            ImapVerb::Folders(args) => &args.net,
            ImapVerb::List(args) => &args.net,
            ImapVerb::Search(args) => &args.net,
            ImapVerb::Get(args) => &args.net,
            ImapVerb::Append(args) => &args.net,
            ImapVerb::Copy(args) | ImapVerb::Move(args) | ImapVerb::Flag(args) | ImapVerb::Delete(args) => {
                &args.net
            }
            ImapVerb::Create(args) => &args.net,
            ImapVerb::Rename(args) | ImapVerb::Remove(args) => &args.net,
            ImapVerb::Watch(args) => &args.net,
            ImapVerb::Backup(args) => &args.net,
            ImapVerb::Quota(args) | ImapVerb::Shell(args) | ImapVerb::Probe(args) => &args.net,
            ImapVerb::Raw(args) => &args.net,
        }
    }
}

#[derive(Debug, Args)]
pub struct ImapAsk {
    /// host[:port] or an imap or imaps URL
    pub target: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct ImapFolders {
    /// host[:port] or an imap or imaps URL
    pub target: Option<String>,
    /// Only mailboxes whose names fit: * is anything, % anything on one level
    #[arg(long, value_name = "PATTERN", default_value = "*")]
    pub pattern: String,
    /// Only those that are subscribed
    #[arg(long)]
    pub subscribed: bool,
    /// Names alone: no question is asked about each
    #[arg(long)]
    pub names: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit imap list imaps://me@mail.example.org/Archive
  netkit imap list mail.example.org -u me --limit 20
  netkit imap list mail.example.org 17:30,44 -u me --json")]
pub struct ImapList {
    /// TARGET, in whose URL the mailbox may stand, and UIDs: 1,3:7,9:* [default: all]; with --mock TARGET is left out
    #[arg(value_name = "TARGET UIDS")]
    pub words: Vec<String>,
    /// In this mailbox [default: INBOX]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// Only the newest so many
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Keys, all of which must hold (put not: before one, or OR between two):
  seen unseen answered flagged deleted draft (each with un- before it), keyword:WORD
  from:TEXT to:TEXT cc:TEXT bcc:TEXT subject:TEXT body:TEXT text:TEXT header:NAME=TEXT; a bare word is text:WORD
  since:DATE before:DATE on:DATE (when it came), sent-since: sent-before: sent-on: (its Date field); DATE is YYYY-MM-DD
  larger:SIZE smaller:SIZE, younger:TIME older:TIME, uid:UIDS, modseq:N, all
Examples:
  netkit imap search mail.example.org -u me unseen from:alice since:2026-01-31
  netkit imap search mail.example.org -u me subject:invoice OR subject:receipt --list --sort -date")]
pub struct ImapSearch {
    /// TARGET and keys; with --mock TARGET is left out
    #[arg(value_name = "TARGET KEY")]
    pub words: Vec<String>,
    /// In this mailbox [default: INBOX]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// In the order of date, arrival, from, to, cc, subject or size; with - before it the other way round
    #[arg(long, value_name = "BY", allow_hyphen_values = true)]
    pub sort: Vec<String>,
    /// As threads: each answer indented below what it answers
    #[arg(long, conflicts_with_all = ["sort", "count"])]
    pub threads: bool,
    /// Only how many there are
    #[arg(long, conflicts_with = "list")]
    pub count: bool,
    /// List what is found, as `list` does
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit imap get 'imaps://me@mail.example.org/INBOX/;UID=17'
  netkit imap get mail.example.org 17 -u me --structure
  netkit imap get mail.example.org 17 -u me --part 2 -o picture.png")]
pub struct ImapGet {
    /// TARGET, in whose URL the mailbox and the UID may stand, and a UID; with --mock TARGET is left out
    #[arg(value_name = "TARGET UID")]
    pub words: Vec<String>,
    /// In this mailbox [default: INBOX]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// Only this part, decoded: 1, 2.1
    #[arg(long, value_name = "N")]
    pub part: Option<String>,
    /// Only the header
    #[arg(long, conflicts_with = "part")]
    pub header: bool,
    /// List the parts
    #[arg(long, conflicts_with_all = ["part", "header"])]
    pub structure: bool,
    /// Mark it as seen
    #[arg(long)]
    pub seen: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct ImapAppend {
    /// TARGET, in whose URL the mailbox may stand, and files, each a message; - is stdin; with --mock TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET FILE")]
    pub words: Vec<String>,
    /// Into this mailbox [default: INBOX]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    /// With this flag: seen, flagged, or a keyword (may be repeated)
    #[arg(long, value_name = "FLAG")]
    pub flag: Vec<String>,
    /// As if it had come then: RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    pub date: Option<String>,
    /// Make the mailbox where it is missing
    #[arg(long)]
    pub create: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit imap copy mail.example.org 17,20:30 Archive -u me
  netkit imap move mail.example.org 17 Archive/2026 -u me --mailbox INBOX
  netkit imap flag mail.example.org 17 seen unflagged not:$Junk -u me
  netkit imap flag -u me mail.example.org -- 17 =answered -draft
  netkit imap delete imaps://me@mail.example.org/Trash 1:*")]
pub struct ImapMessages {
    /// TARGET, UIDS, and the mailbox they go to or the flags: seen, unflagged; with --mock TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET UIDS")]
    pub words: Vec<String>,
    /// From this mailbox [default: INBOX]
    #[arg(long, value_name = "NAME")]
    pub mailbox: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct ImapCreate {
    /// TARGET and names; with --mock TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET NAME")]
    pub words: Vec<String>,
    /// For this use: archive, drafts, junk, sent, trash
    #[arg(long = "use", value_name = "USE")]
    pub special_use: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct ImapMailboxes {
    /// TARGET and names; with --mock TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET NAME")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit imap raw mail.example.org -u me 'STATUS INBOX (MESSAGES)' NOOP
  printf 'NAMESPACE\\nID NIL\\n' | netkit imap raw mail.example.org -u me -")]
pub struct ImapRaw {
    /// TARGET and command lines without their tags; - reads them from stdin; with --mock TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET LINE")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}
