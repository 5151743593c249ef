//! Requests and answers in the forms of other tools.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Export")]
pub struct HttpExport {
    /// Print the curl command that does the same, and send nothing; secrets are shown as ***
    #[arg(long, conflicts_with_all = ["har", "offline"])]
    pub curl: bool,
    /// Write the requests and answers, redirects too, to FILE as HTTP Archive 1.2; secrets are shown as ***
    #[arg(long, value_name = "FILE")]
    pub har: Option<PathBuf>,
}
