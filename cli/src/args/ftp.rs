//! `netkit ftp`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Lazy, NetArgs};
use crate::charset::Charset;

#[derive(Debug, Subcommand)]
pub enum FtpVerb {
    /// List a folder: kind, size, time, name
    Ls(Lazy<FtpList>),
    /// Download files
    Get(Lazy<FtpGet>),
    /// Upload files
    Put(Lazy<FtpPut>),
    /// Print files
    Cat(Lazy<FtpPaths>),
    /// Copy a folder tree here, or with --reverse there: what is new or has changed
    Mirror(Lazy<FtpMirror>),
    /// Remove files
    Rm(Lazy<FtpPaths>),
    /// Remove folders that are empty
    Rmdir(Lazy<FtpPaths>),
    /// Make folders
    Mkdir(Lazy<FtpPaths>),
    /// Give a file or folder another name
    Mv(Lazy<FtpPaths>),
    /// What a path is: kind, size, time, and all that the server tells
    Stat(Lazy<FtpPaths>),
    /// Send command lines of one's own and print the replies
    Raw(Lazy<FtpPaths>),
    /// Say commands as they come to mind, over one session
    Shell(Lazy<FtpShell>),
    /// Copy a file from one server to another
    Copy(Lazy<FtpCopy>),
    /// Report what the server offers: addresses, times, TLS, features, login
    Probe(Lazy<FtpAsk>),
}

impl FtpVerb {
    /// How data goes, for the verbs that may say so.
    pub fn ways(&self) -> Option<&FtpWays> {
        Some(match self {
            FtpVerb::Ls(args) => &args.ways,
            FtpVerb::Get(args) => &args.ways,
            FtpVerb::Put(args) => &args.ways,
            FtpVerb::Cat(args)
            | FtpVerb::Rm(args)
            | FtpVerb::Rmdir(args)
            | FtpVerb::Mkdir(args)
            | FtpVerb::Mv(args)
            | FtpVerb::Stat(args)
            | FtpVerb::Raw(args) => &args.ways,
            FtpVerb::Mirror(args) => &args.ways,
            FtpVerb::Shell(args) => &args.ways,
            FtpVerb::Copy(_) | FtpVerb::Probe(_) => return None,
        })
    }

    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            FtpVerb::Ls(args) => &args.net,
            FtpVerb::Get(args) => &args.net,
            FtpVerb::Put(args) => &args.net,
            FtpVerb::Cat(args)
            | FtpVerb::Rm(args)
            | FtpVerb::Rmdir(args)
            | FtpVerb::Mkdir(args)
            | FtpVerb::Mv(args)
            | FtpVerb::Stat(args)
            | FtpVerb::Raw(args) => &args.net,
            FtpVerb::Mirror(args) => &args.net,
            FtpVerb::Probe(args) => &args.net,
            FtpVerb::Shell(args) => &args.net,
            FtpVerb::Copy(args) => &args.net,
        }
    }
}

#[derive(Debug, Args)]
pub struct FtpAsk {
    /// host[:port] or an ftp or ftps URL
    pub target: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub struct FtpWays {
    /// Let the server dial the data connections (PORT) instead of this end (PASV)
    #[arg(long)]
    pub active: bool,
    /// Compress what goes over the data connections (MODE Z), where the server can
    #[arg(long)]
    pub compress: bool,
    /// What the bytes of names mean at a server without UTF-8: latin1, cp437, koi8-r, shift_jis ...
    #[arg(long, value_name = "NAME")]
    pub charset: Option<Charset>,
    /// Which of its names is meant, for a server that has several (HOST)
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    pub host: Option<String>,
    /// Under TLS, go on in clear text behind the login, for firewalls that read along (CCC); data stay in TLS
    #[arg(hide_short_help = true, long)]
    pub ccc: bool,
    /// With --active: only from the server's data port, 20 or the one below its control port
    #[arg(hide_short_help = true, long, requires = "active")]
    pub verify_data_port: bool,
    /// Say NOOP this often while a file moves, and at the shell's prompt, so that nothing in between forgets the connection
    #[arg(hide_short_help = true, long, value_name = "TIME", value_parser = super::duration::parse)]
    pub keep_alive: Option<std::time::Duration>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit ftp ls ftp://ftp.example.org/pub
  netkit ftp ls ftps://me@files.example.org --json")]
pub struct FtpList {
    /// host[:port][/path] or an ftp or ftps URL
    pub target: Option<String>,
    /// Names alone
    #[arg(long)]
    pub names: bool,
    #[command(flatten)]
    pub ways: FtpWays,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit ftp get ftp://ftp.example.org/pub/README
  netkit ftp get ftp.example.org pub/a.tar.gz pub/b.tar.gz -d downloads --continue
  netkit ftp get ftps://me@files.example.org/big.iso -o disk.iso")]
pub struct FtpGet {
    /// TARGET, in whose URL a path may stand, and paths, in whose last part * and ? stand for others; with --mock TARGET is
    /// left out
    #[arg(value_name = "TARGET PATH")]
    pub words: Vec<String>,
    /// Into this folder
    #[arg(short, long, value_name = "DIR", default_value = ".", conflicts_with = "output")]
    pub dir: PathBuf,
    /// Go on where an earlier download ended
    #[arg(short = 'c', long = "continue")]
    pub resume: bool,
    /// Compare with the server's SHA-256 of it (HASH)
    #[arg(long, conflicts_with = "compress")]
    pub verify: bool,
    /// Each large file in so many parts at once
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=32))]
    pub segments: u64,
    #[command(flatten)]
    pub ways: FtpWays,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit ftp put ftp://me@files.example.org/incoming/ report.pdf
  tar c . | netkit ftp put ftps://me@files.example.org/backup.tar -")]
pub struct FtpPut {
    /// TARGET, whose path is the folder for the files, or the name for one; and files, of which - is stdin; with --mock
    /// TARGET is left out
    #[arg(required = true, num_args = 1.., value_name = "TARGET FILE")]
    pub words: Vec<String>,
    /// Under this name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Behind what is there already
    #[arg(long, conflicts_with = "resume")]
    pub append: bool,
    /// Go on where an earlier upload ended
    #[arg(short = 'c', long = "continue")]
    pub resume: bool,
    /// Over so many connections; left out, one for a few files, else as for mirror
    #[arg(short = 'P', long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=64))]
    pub parallel: Option<u16>,
    #[command(flatten)]
    pub ways: FtpWays,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct FtpShell {
    /// host[:port][/path] or an ftp or ftps URL
    pub target: Option<String>,
    #[command(flatten)]
    pub ways: FtpWays,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit ftp copy ftp://old.example.org/pub/a.iso ftp://me@new.example.org/pub/
  netkit ftp copy --fxp ftp://a.example.org/x ftp://b.example.org/x")]
pub struct FtpCopy {
    /// The file: an ftp or ftps URL, or host/path
    pub from: String,
    /// Where it goes: a name, or a folder with a slash at its end
    pub to: String,
    /// Let the servers move it between them where both agree; else it goes through here
    #[arg(long)]
    pub fxp: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct FtpPaths {
    /// TARGET, in whose URL a path may stand, and paths (for mv the old one and the new; for raw command lines, of which - is
    /// stdin); with --mock TARGET is left out
    #[arg(value_name = "TARGET PATH")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub ways: FtpWays,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit ftp mirror ftp://ftp.example.org/pub/project copy
  netkit ftp mirror --reverse ftps://me@files.example.org/site public --delete -P 8
  netkit ftp mirror ftp.example.org/pub copy --include '*.iso' --exclude 'old/**' --dry-run

A file is fetched when its size or time differs from what is here; a large one that was interrupted goes on where it ended. Nothing is written outside of DIR or through a symbolic link.")]
pub struct FtpMirror {
    /// TARGET, whose path is the folder there, and DIR, the folder here; with --mock TARGET is left out
    #[arg(required = true, num_args = 1..=2, value_name = "TARGET DIR")]
    pub words: Vec<String>,
    /// From here to there
    #[arg(short = 'R', long)]
    pub reverse: bool,
    /// Over so many connections; left out, 4, and where the line is short no more than there are processors here
    #[arg(short = 'P', long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=64))]
    pub parallel: Option<u16>,
    /// Delete what is not on the other side
    #[arg(long)]
    pub delete: bool,
    /// Only files that match: * within a name, ** over folders; without a slash, the last name
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Leave out files and folders that match
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Files get the permissions that they have on the other side (SITE CHMOD with --reverse)
    #[arg(long)]
    pub permissions: bool,
    /// Make symbolic links as they are there, unless they lead out of DIR
    #[arg(long, conflicts_with = "reverse")]
    pub links: bool,
    #[command(flatten)]
    pub ways: FtpWays,
    #[command(flatten)]
    pub net: NetArgs,
}
