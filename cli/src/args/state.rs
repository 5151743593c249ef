//! What `netkit http` keeps from one run to the next.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Cookies and sessions")]
pub struct HttpState {
    /// Send these cookies; they stay with this origin
    #[arg(long, value_name = "NAME=VALUE; ...", hide_short_help = true)]
    pub cookie: Vec<String>,
    /// Read cookies from FILE, in Netscape's format, and write them back
    #[arg(long, value_name = "FILE", conflicts_with = "session", hide_short_help = true)]
    pub cookie_jar: Option<PathBuf>,
    /// Keep header fields and cookies under this name, for each origin; a name with / is a file
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub session: Option<String>,
    /// Go to the hosts in FILE by https, and add those that ask for it
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub hsts: Option<PathBuf>,
}
