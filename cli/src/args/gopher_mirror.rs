//! `netkit gopher mirror`

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{NetArgs, amount, duration};

/// Copy what is below a menu to a folder
#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub struct GopherMirror {
    /// host[:port][/1SELECTOR] or a gopher URL
    pub target: Option<String>,
    /// The folder for the copy
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// How many menus deep [default: 32]
    #[arg(long, value_name = "N")]
    pub depth: Option<u32>,
    /// Only selectors that match: * within a name, ** over folders; without a slash, the last name
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Leave out selectors that match
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Pause between requests; what the server asks for is kept to where that is longer
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub wait: Option<Duration>,
    /// Leave alone what is there already: go on where a run ended
    #[arg(long = "continue")]
    pub go_on: bool,
    /// End after so many files
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub max_files: u64,
    /// Give up files that are larger than this
    #[arg(long, value_name = "SIZE", value_parser = amount::parse)]
    pub max_size: Option<u64>,
    /// Do as if there were no robots.txt
    #[arg(long)]
    pub no_robots: bool,
    /// Accept menus that do not end with a lone dot
    #[arg(long)]
    pub no_end_mark: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

const NOTES: &str = "\
Only the host and port of TARGET are asked: a menu's items elsewhere, searches, forms and sessions stay out. A menu is saved
as gophermap. A second run asks a Gopher+ server for dates first, and fetches only what changed; of any other, what comes
out the same is left as it is. Nothing is written outside of DIR or through a symbolic link. Where something was left out
that TARGET has, because of robots.txt, a limit or its name, the exit code says that the copy is partial.";
