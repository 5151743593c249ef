//! `netkit gopher browse`

use std::path::PathBuf;

use clap::Args;

use super::{GopherReading, NetArgs};

/// Walk through gopherspace, full screen
#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub struct GopherBrowse {
    /// host[:port][/TYPESELECTOR] or a gopher URL [default: the bookmarks]
    pub target: Option<String>,
    /// Where downloads go
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// The file of the bookmarks [default: netkit/gopher-bookmarks among the user's data]
    #[arg(long, value_name = "FILE")]
    pub bookmarks: Option<PathBuf>,
    #[command(flatten)]
    pub reading: GopherReading,
    #[command(flatten)]
    pub net: NetArgs,
}

const NOTES: &str = "\
Keys: arrows and Enter, or a link's number and Enter; Left or Backspace goes back, f forward; ? shows all of them. Where a
link leads to this machine, its own network or an unusual port, or out of TLS, it is followed only after a question.";
