//! `netkit gopher`

use clap::{Args, Subcommand};

use super::{Lazy, NetArgs};

#[derive(Debug, Subcommand)]
pub enum GopherVerb {
    /// List a menu
    Menu(Lazy<GopherMenu>),
    /// Fetch a document
    Get(Lazy<GopherGet>),
    /// Search; the answer is a menu
    Search(Lazy<GopherSearch>),
    /// Report how the server answers: addresses, times, TLS
    Probe(Lazy<GopherProbe>),
}

impl GopherVerb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            GopherVerb::Menu(args) => &args.net,
            GopherVerb::Get(args) => &args.net,
            GopherVerb::Search(args) => &args.net,
            GopherVerb::Probe(args) => &args.net,
        }
    }
}

#[derive(Debug, Args)]
pub struct GopherMenu {
    /// host[:port][/TYPESELECTOR] or a gopher URL
    pub target: Option<String>,
    /// Accept a menu that does not end with a lone dot
    #[arg(long)]
    pub no_end_mark: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct GopherGet {
    /// host[:port][/TYPESELECTOR] or a gopher URL
    pub target: String,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct GopherSearch {
    /// The search item: host[:port]/7SELECTOR or a gopher URL
    pub target: String,
    /// What to look for
    #[arg(required = true)]
    pub words: Vec<String>,
    /// Accept a menu that does not end with a lone dot
    #[arg(long)]
    pub no_end_mark: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct GopherProbe {
    /// host[:port] or a gopher URL
    pub target: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}
