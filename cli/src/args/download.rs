//! `netkit http download`

use std::path::PathBuf;

use clap::Args;

use super::{HttpState, NetArgs};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct HttpDownload {
    /// URLs, or host[:port]/path
    pub urls: Vec<String>,
    /// Read URLs from FILE too, one a line; - is stdin
    #[arg(short, long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// The folder for the files
    #[arg(short, long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// How many files at the same time
    #[arg(short = 'P', long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub parallel: u8,
    /// How many parts of one file at the same time, where the server's validator is strong
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub segments: u8,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
    /// Replace a file that exists only where the server has another version
    #[arg(long, conflicts_with = "force")]
    pub if_changed: bool,
    /// The file must have this SHA-256, or it does not get its name
    #[arg(long, value_name = "HEX", value_parser = sha256)]
    pub sha256: Option<[u8; 32]>,
    /// Add a header field
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// Leave the content coding (gzip, br, zstd) on a body that the server coded
    #[arg(long)]
    pub raw_body: bool,
    #[command(flatten)]
    pub state: HttpState,
    #[command(flatten)]
    pub net: NetArgs,
}

/// What a single request has of a download
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Fetching")]
pub struct HttpFetch {
    /// Answer from the cache on disk where that is fresh, and keep there what may be kept (RFC 9111)
    #[arg(hide_short_help = true, long)]
    pub cache: bool,
    /// With -o: leave the file alone where the server has no other version
    #[arg(hide_short_help = true, long, requires = "output")]
    pub if_changed: bool,
}

const EXAMPLES: &str = "\
Examples:
  netkit http download https://example.org/big.iso --sha256 HEX --retry 5
  netkit http download -i urls.txt -d files -P 4
  netkit http download https://example.org/big.iso --segments 4 --limit-rate 2M

Each file is written to FILE.part and named when it is whole. After an interruption the same command goes on where it
stopped, unless the file has changed on the server: then it starts anew.";

fn sha256(text: &str) -> Result<[u8; 32], String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.0.iter().map(|[a, b]| Some(digit(*a)? << 4 | digit(*b)?)).collect();
    let whole = bytes.filter(|_| pairs.1.is_empty()).and_then(|bytes| bytes.try_into().ok());
    whole.ok_or_else(|| "a SHA-256 is 64 hexadecimal digits".to_owned())
}
