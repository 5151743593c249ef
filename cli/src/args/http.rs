//! `netkit http`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{HttpDownload, HttpEvents, HttpExport, HttpFetch, HttpMirror, HttpRpc, HttpState, Lazy, NetArgs};

#[derive(Debug, Subcommand)]
pub enum HttpVerb {
    /// Fetch a page or file
    Get(Lazy<HttpCall>),
    /// Fetch only the header
    Head(Lazy<HttpCall>),
    /// Send fields, JSON or a file
    Post(Lazy<HttpCall>),
    /// Replace what is there
    Put(Lazy<HttpCall>),
    /// Change a part of what is there
    Patch(Lazy<HttpCall>),
    /// Remove what is there
    Delete(Lazy<HttpCall>),
    /// Ask what may be done; `*` asks about the server
    Options(Lazy<HttpCall>),
    /// Any method
    Request(Lazy<HttpRequest>),
    /// Fetch to files: many URLs, resumed where they were interrupted, in segments, checked
    Download(Lazy<HttpDownload>),
    /// Copy a site to a folder, link by link, as far as its robots.txt allows
    Mirror(Lazy<HttpMirror>),
    /// Call a method by XML-RPC
    Rpc(Lazy<HttpRpc>),
    /// Follow server-sent events; come back where the stream breaks
    Events(Lazy<HttpEvents>),
    /// Report how the server answers: addresses, times, TLS, what it says it is
    Probe(Lazy<HttpProbe>),
}

impl HttpVerb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            HttpVerb::Request(request) => &request.call.net,
            HttpVerb::Probe(probe) => &probe.net,
            HttpVerb::Mirror(mirror) => &mirror.net,
            HttpVerb::Rpc(rpc) => &rpc.net,
            HttpVerb::Events(events) => &events.net,
            HttpVerb::Download(download) => &download.net,
            HttpVerb::Get(call)
            | HttpVerb::Head(call)
            | HttpVerb::Post(call)
            | HttpVerb::Put(call)
            | HttpVerb::Patch(call)
            | HttpVerb::Delete(call)
            | HttpVerb::Options(call) => &call.net,
        }
    }
}

#[derive(Debug, Args)]
pub struct HttpRequest {
    /// The method
    pub method: String,
    #[command(flatten)]
    pub call: HttpCall,
}

#[derive(Debug, Args)]
#[command(after_help = ITEMS)]
pub struct HttpCall {
    /// URL, or host[:port][/path]
    pub url: Option<String>,
    /// Name:value header, name==value query, name=value field, name:=json typed field, name@FILE file part
    pub items: Vec<String>,
    /// Add a header field
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// The body: text, @FILE, or @- for stdin
    #[arg(short, long, value_name = "TEXT|@FILE|@-")]
    pub data: Option<String>,
    /// Send fields as a form instead of JSON
    #[arg(long)]
    pub form: bool,
    /// Status line and header before the body
    #[arg(short, long)]
    pub include: bool,
    /// Do not follow redirects
    #[arg(long, conflicts_with = "follow")]
    pub no_follow: bool,
    /// Follow redirects of any method
    #[arg(long)]
    pub follow: bool,
    /// How many redirects to follow
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub max_redirects: u32,
    /// Leave the content coding (gzip, br, zstd) on the body
    #[arg(long)]
    pub raw_body: bool,
    /// Add a field behind the body, which then goes in chunks
    #[arg(hide_short_help = true, long = "trailer", value_name = "NAME: VALUE")]
    pub trailers: Vec<String>,
    /// Send a large body, or stdin, at once; else it waits up to a second for the server to want it
    #[arg(hide_short_help = true, long)]
    pub no_expect: bool,
    /// Exit 0 also when the status is 400 or above
    #[arg(long)]
    pub no_fail: bool,
    #[command(flatten)]
    pub fetch: HttpFetch,
    #[command(flatten)]
    pub export: HttpExport,
    #[command(flatten)]
    pub state: HttpState,
    #[command(flatten)]
    pub net: NetArgs,
}

const ITEMS: &str = "\
Items, as in HTTPie:
  netkit http post api.example.org/users name=Ada age:=36       JSON body, typed fields
  netkit http get example.org/search q==gopher Accept:text/plain
  netkit http put example.org/file -d @local.txt
  netkit http post example.org/upload title=Cat picture@cat.png;type=image/png
  netkit http post api.example.org user[name]=Ada tags[]=a text=@note.txt";

#[derive(Debug, Args)]
pub struct HttpProbe {
    /// URL, or host[:port][/path]
    pub url: Option<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

/// A file or stdin where `@` starts the text, else the text.
#[derive(Debug, PartialEq, Eq)]
pub enum Data {
    Text(String),
    File(PathBuf),
    Stdin,
}

impl Data {
    pub fn of(text: &str) -> Data {
        match text.strip_prefix('@') {
            Some("-") => Data::Stdin,
            Some(path) => Data::File(path.into()),
            None => Data::Text(text.to_owned()),
        }
    }
}
