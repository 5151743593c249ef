//! `netkit nntp`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Lazy, NetArgs, duration};

#[derive(Debug, Subcommand)]
pub enum NntpVerb {
    /// List newsgroups: numbers, counts, what they are about
    Groups(Lazy<NntpGroups>),
    /// Show a group: how many articles, and their numbers
    Group(Lazy<NntpGroup>),
    /// List articles: number, date, author, subject; or conversations
    Over(Lazy<NntpOver>),
    /// Print an article
    Article(Lazy<NntpArticle>),
    /// Print an article's header
    Head(Lazy<NntpArticle>),
    /// Print an article's body
    Body(Lazy<NntpArticle>),
    /// Say whether there is such an article
    Stat(Lazy<NntpArticle>),
    /// Post an article
    Post(Lazy<NntpPost>),
    /// List articles, or groups, that are new since a time
    New(Lazy<NntpNew>),
    /// Print one header field of many articles
    Hdr(Lazy<NntpHdr>),
    /// Print the server's time
    Date(Lazy<NntpAsk>),
    /// Download articles that are new to a Maildir, a mailbox file or a folder
    Fetch(Lazy<NntpFetch>),
    /// Download the files that an NZB file names
    Nzb(Lazy<NntpNzb>),
    /// Send command lines of one's own and print the answers
    Raw(Lazy<NntpRaw>),
    /// Report what the server offers: addresses, times, TLS, capabilities, login
    Probe(Lazy<NntpAsk>),
}

impl NntpVerb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            NntpVerb::Groups(args) => &args.net,
            NntpVerb::Group(args) => &args.net,
            NntpVerb::Over(args) => &args.net,
            NntpVerb::Article(args) | NntpVerb::Head(args) | NntpVerb::Body(args) | NntpVerb::Stat(args) => {
                &args.net
            }
            NntpVerb::Post(args) => &args.net,
            NntpVerb::New(args) => &args.net,
            NntpVerb::Hdr(args) => &args.net,
            NntpVerb::Date(args) | NntpVerb::Probe(args) => &args.net,
            NntpVerb::Fetch(args) => &args.net,
            NntpVerb::Nzb(args) => &args.net,
            NntpVerb::Raw(args) => &args.net,
        }
    }
}

#[derive(Debug, Args)]
pub struct NntpAsk {
    /// host[:port] or a news, nntp, snews or nntps URL
    pub target: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp groups news.example.org
  netkit nntp groups news.example.org 'comp.lang.*,!*.perl*' --descriptions")]
pub struct NntpGroups {
    /// TARGET and a pattern of names; with --mock TARGET is left out
    #[arg(num_args = 0..=2, value_name = "TARGET PATTERN")]
    pub words: Vec<String>,
    /// With what each group is about
    #[arg(long, short = 'd')]
    pub descriptions: bool,
    /// With how many articles each has, where the server counts them
    #[arg(long)]
    pub counts: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct NntpGroup {
    /// TARGET and GROUP, or a URL with the group; with --mock TARGET is left out
    #[arg(required = true, num_args = 1..=2, value_name = "TARGET GROUP")]
    pub words: Vec<String>,
    /// With the number of each article
    #[arg(long)]
    pub numbers: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp over news.example.org comp.lang.rust --last 50
  netkit nntp over news://news.example.org/comp.lang.rust/5000-5100 --json
  netkit nntp over news.example.org comp.lang.rust 5000- --thread")]
pub struct NntpOver {
    /// TARGET, GROUP and a range of numbers (all by default); with --mock TARGET is left out
    #[arg(required = true, num_args = 1..=3, value_name = "TARGET GROUP RANGE")]
    pub words: Vec<String>,
    /// Only the last N numbers
    #[arg(long, value_name = "N")]
    pub last: Option<u64>,
    /// As conversations: answers below what they answer
    #[arg(long, short = 't')]
    pub thread: bool,
    /// Keep the rows on the disk, and ask only for those that are new; what was cancelled since is still listed
    #[arg(long)]
    pub cache: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp article news.example.org comp.lang.rust 5017
  netkit nntp article news.example.org '<message.id@example.org>' -o article.txt
  netkit nntp body news://news.example.org/comp.lang.rust/5017")]
pub struct NntpArticle {
    /// TARGET and a message id, or GROUP and a number; or a URL with them; with --mock TARGET is left out
    #[arg(required = true, num_args = 1..=3, value_name = "TARGET GROUP ARTICLE")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp post news.example.org article.txt -u me
  netkit nntp post news.example.org --from me@example.org --group misc.test --subject Hello --body 'Is this on?'
  netkit nntp post news.example.org --from me@example.org --group alt.binaries.test --subject Photos --yenc photo.jpg --nzb photos.nzb")]
pub struct NntpPost {
    /// TARGET and FILE with the article, or - for stdin; without FILE the options make it; with --mock TARGET is left out
    #[arg(num_args = 0..=2, value_name = "TARGET FILE")]
    pub words: Vec<String>,
    /// The author
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// To this group (may be repeated)
    #[arg(long, value_name = "GROUP")]
    pub group: Vec<String>,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    pub subject: Option<String>,
    /// The text; @FILE reads it from a file, @- from stdin
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// The article that this answers, by its message id; the last of several
    #[arg(long, value_name = "ID")]
    pub reference: Vec<String>,
    /// One more header field (may be repeated)
    #[arg(long, value_name = "NAME: VALUE")]
    pub header: Vec<String>,
    /// Attach a file, by MIME (may be repeated)
    #[arg(long, value_name = "FILE")]
    pub attach: Vec<PathBuf>,
    /// Post a file in yEnc, in as many articles as it needs (may be repeated)
    #[arg(long, value_name = "FILE")]
    pub yenc: Vec<PathBuf>,
    /// How large an article of --yenc is
    #[arg(long, value_name = "SIZE", default_value = "700K", value_parser = super::amount::parse)]
    pub part_size: u64,
    /// Write an NZB file that names what was posted by --yenc
    #[arg(long, value_name = "FILE")]
    pub nzb: Option<PathBuf>,
    /// Do not post; print the article
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp new news.example.org 'misc.*' --since 24h
  netkit nntp new news.example.org --groups --since 2026-01-01T00:00:00Z")]
pub struct NntpNew {
    /// TARGET and a pattern of group names; with --mock TARGET is left out
    #[arg(num_args = 0..=2, value_name = "TARGET PATTERN")]
    pub words: Vec<String>,
    /// Since when: a time (2026-11-01T00:00:00Z, 2026-11-01) or so long ago (24h)
    #[arg(long, value_name = "TIME")]
    pub since: String,
    /// New groups instead of new articles
    #[arg(long)]
    pub groups: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp hdr news.example.org comp.lang.rust Subject 5000-
  netkit nntp hdr news.example.org comp.lang.rust From --pattern '*@example.org*'")]
pub struct NntpHdr {
    /// TARGET, GROUP, the field's name and a range of numbers (all by default); with --mock TARGET is left out
    #[arg(required = true, num_args = 1..=4, value_name = "TARGET GROUP FIELD RANGE")]
    pub words: Vec<String>,
    /// Only where the field fits, where the server can tell
    #[arg(long, value_name = "WILDMAT")]
    pub pattern: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp fetch news.example.org comp.lang.rust --maildir ~/News/comp.lang.rust
  netkit nntp fetch news.example.org comp.lang.rust 5000-6000 --mbox rust.mbox
  netkit nntp fetch news.example.org comp.lang.rust --folder articles --limit 1000

What was fetched is remembered beside it, so that the next run takes what is new. A run that is ended in the middle loses nothing
and fetches nothing twice.")]
pub struct NntpFetch {
    /// TARGET, GROUP and a range of numbers (all by default); with --mock TARGET is left out
    #[arg(required = true, num_args = 1..=3, value_name = "TARGET GROUP RANGE")]
    pub words: Vec<String>,
    /// Into this Maildir
    #[arg(long, value_name = "DIR", required_unless_present_any = ["mbox", "folder"], conflicts_with_all = ["mbox", "folder"])]
    pub maildir: Option<PathBuf>,
    /// To the end of this mailbox file (mboxrd)
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    pub mbox: Option<PathBuf>,
    /// A file for each article in this folder: its number, and .eml
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Remember in FILE what was fetched [default: beside it, a file for each server and group]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Fetch everything, also what was fetched before
    #[arg(long)]
    pub all: bool,
    /// Fetch at most so many, the oldest first
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Compress what the server sends, where it can
    #[arg(long)]
    pub compress: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp nzb news.example.org files.nzb -d Downloads -u me
  netkit nntp nzb nntps://news.example.org files.nzb -P 20

Articles are asked for ahead over several connections. A run that was ended goes on where it stopped. A file gets its name when
each of its parts is there with the right CRC; names are reduced to one that is safe here.")]
pub struct NntpNzb {
    /// TARGET and the NZB file; with --mock TARGET is left out
    #[arg(required = true, num_args = 1..=2, value_name = "TARGET FILE")]
    pub words: Vec<String>,
    /// The folder for the files
    #[arg(short = 'd', long = "directory", value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,
    /// How many connections
    #[arg(short = 'P', long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=99))]
    pub parallel: u16,
    /// Only files whose subject or name fits this pattern (may be repeated)
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit nntp raw news.example.org 'GROUP misc.test' 'STAT 1'
  printf 'DATE\\nHELP\\n' | netkit nntp raw news.example.org -")]
pub struct NntpRaw {
    /// TARGET and command lines; - reads them from stdin; with --mock TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET LINE")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

/// A point of time: RFC 3339, a day, or so long ago.
pub fn since(text: &str) -> Result<jiff::Timestamp, String> {
    if let Ok(age) = duration::parse(text) {
        return since_ago(age);
    }
    let day = |text: &str| {
        let date: jiff::civil::Date = text.parse().ok()?;
        date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    text.parse()
        .ok()
        .or_else(|| day(text))
        .ok_or_else(|| "a time is 2026-11-01T00:00:00Z, 2026-11-01, or so long ago: 30m, 24h".to_owned())
}

fn since_ago(age: Duration) -> Result<jiff::Timestamp, String> {
    let age = jiff::SignedDuration::try_from(age).map_err(|e| e.to_string())?;
    jiff::Timestamp::now().checked_sub(age).map_err(|e| e.to_string())
}
