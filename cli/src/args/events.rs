//! `netkit http events`

use clap::Args;

use super::NetArgs;

/// Follow server-sent events
#[derive(Debug, Args)]
pub struct HttpEvents {
    /// URL, or host[:port][/path]
    pub url: Option<String>,
    /// End after so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// End where the stream ends
    #[arg(long)]
    pub no_reconnect: bool,
    /// Start behind the event of this id
    #[arg(long, value_name = "ID")]
    pub last_id: Option<String>,
    /// Add a header field
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}
