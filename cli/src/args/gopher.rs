//! `netkit gopher`

use clap::{Args, Subcommand};

use super::{GopherBrowse, GopherMirror, Lazy, NetArgs};
use crate::charset::Charset;

#[derive(Debug, Subcommand)]
pub enum GopherVerb {
    /// List a menu
    Menu(Lazy<GopherMenu>),
    /// Fetch a document, in a view of its own if asked, with the answers to its form
    Get(Lazy<GopherGet>),
    /// Search; the answer is a menu
    Search(Lazy<GopherSearch>),
    /// Show what an item tells about itself (Gopher+): views, abstract, form
    Attributes(Lazy<GopherAttributes>),
    /// Look people up in a phone book (CSO, items of type 2)
    Ph(Lazy<GopherPh>),
    /// Copy what is below a menu to a folder
    Mirror(Lazy<GopherMirror>),
    /// Walk through gopherspace, full screen
    Browse(Lazy<GopherBrowse>),
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
            GopherVerb::Attributes(args) => &args.net,
            GopherVerb::Ph(args) => &args.net,
            GopherVerb::Mirror(args) => &args.net,
            GopherVerb::Browse(args) => &args.net,
            GopherVerb::Probe(args) => &args.net,
        }
    }
}

/// How menus are read.
#[derive(Debug, Args)]
pub struct GopherReading {
    /// Accept a menu that does not end with a lone dot
    #[arg(long)]
    pub no_end_mark: bool,
    /// What the bytes of texts mean: auto, utf-8, latin1, cp437, koi8-r ... [default: auto]
    #[arg(long, value_name = "NAME")]
    pub charset: Option<Charset>,
}

#[derive(Debug, Args)]
pub struct GopherMenu {
    /// host[:port][/TYPESELECTOR] or a gopher URL
    pub target: Option<String>,
    #[command(flatten)]
    pub reading: GopherReading,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = GET_NOTES)]
pub struct GopherGet {
    /// host[:port][/TYPESELECTOR] or a gopher URL
    pub target: String,
    /// Ask a Gopher+ server for this view, such as text/plain or 'text/plain De_DE'
    #[arg(long, value_name = "VIEW")]
    pub view: Option<String>,
    /// Fill in the item's form (Gopher+ ASK) first, on the terminal
    #[arg(long)]
    pub ask: bool,
    /// An answer for the form, in the order of its questions; those left over are asked, or get what the form suggests
    #[arg(long = "answer", value_name = "TEXT")]
    pub answers: Vec<String>,
    /// Turn a text into UTF-8: what its bytes mean, or auto [default: as it comes, but auto on a terminal]
    #[arg(long, value_name = "NAME")]
    pub charset: Option<Charset>,
    #[command(flatten)]
    pub net: NetArgs,
}

const GET_NOTES: &str = "\
An answer to a question for a local file is the file's name; its lines are sent. To a box it is yes or no, to a choice one
of the choices or the start of only one, to several lines a text with line ends.";

#[derive(Debug, Args)]
pub struct GopherSearch {
    /// The search item: host[:port]/7SELECTOR or a gopher URL
    pub target: String,
    /// What to look for
    #[arg(required = true)]
    pub words: Vec<String>,
    #[command(flatten)]
    pub reading: GopherReading,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct GopherAttributes {
    /// host[:port][/TYPESELECTOR] or a gopher URL
    pub target: Option<String>,
    /// Only these, such as VIEWS,ABSTRACT
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Of each item in the menu, not of the item itself
    #[arg(long)]
    pub items: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct GopherPh {
    /// host[:port] or a cso URL
    pub target: String,
    /// Who, such as smith or name=smith, and behind the word return what is to be told; all is everything
    #[arg(required_unless_present_any = ["fields", "about"])]
    pub words: Vec<String>,
    /// List the fields that the book has
    #[arg(long, conflicts_with = "words")]
    pub fields: bool,
    /// Show what the book says about itself
    #[arg(long, conflicts_with_all = ["words", "fields"])]
    pub about: bool,
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
