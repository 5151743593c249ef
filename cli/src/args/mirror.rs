//! `netkit http mirror`

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{HttpState, NetArgs, duration};

/// Copy a site to a folder, link by link
#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub struct HttpMirror {
    /// URL of the first page, or host[:port][/path]
    pub url: Option<String>,
    /// The folder for the copy
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// How many links to follow from the first page
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub depth: u32,
    /// Only paths that match: * within a name, ** over folders; without a slash, the last name
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Leave out paths that match
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Follow links to other hosts, too
    #[arg(long)]
    pub span: bool,
    /// Make the links of saved pages lead to the saved files
    #[arg(long)]
    pub convert_links: bool,
    /// Pause between requests
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub wait: Option<Duration>,
    /// Ask for up to N files ahead of their answers
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "wait")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=256))]
    pub pipeline: u16,
    /// End after so many files
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub max_files: usize,
    /// Do as if there were no robots.txt
    #[arg(long)]
    pub no_robots: bool,
    /// Add a header field
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    #[command(flatten)]
    pub state: HttpState,
    #[command(flatten)]
    pub net: NetArgs,
}

const NOTES: &str = "\
A second run asks only for what changed. Nothing is written outside of DIR or through a symbolic link; names that a file
system could take amiss are changed. With --span each host gets a folder of its own.";
