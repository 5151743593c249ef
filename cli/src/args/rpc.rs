//! `netkit http rpc`

use clap::Args;

use super::NetArgs;

/// Call a method by XML-RPC
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct HttpRpc {
    /// URL of the server, or host[:port][/path]
    pub url: String,
    /// The method
    #[arg(required_unless_present = "list")]
    pub method: Option<String>,
    /// A string, or `:=` and JSON for any other type
    pub params: Vec<String>,
    /// Ask the server for its methods (for METHOD only, where one is named), their signatures and what they are for
    #[arg(short, long)]
    pub list: bool,
    /// Add a header field
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    #[command(flatten)]
    pub net: NetArgs,
}

const EXAMPLES: &str = "\
Parameters:
  netkit http rpc example.org/RPC2 examples.getStateName :=41
  netkit http rpc example.org/RPC2 blog.post 'A title' ':={\"tags\": [\"a\"], \"draft\": true}'
  netkit http rpc example.org/RPC2 log.since ':={\"$date\": \"19980717T14:08:55\"}'
JSON becomes int (i8 past 32 bits), double, boolean, string, array, struct and nil; {\"$date\": \"19980717T14:08:55\"} is
a dateTime.iso8601 and {\"$base64\": \"AAEC\"} a base64. The result is shown in the same forms.";
