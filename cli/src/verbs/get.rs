//! `netkit get URL`: the right protocol's own `get`.

use crate::args::{Get, Global};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;
use crate::verbs::{ftp, gopher, http, imap, nntp, pop3};

pub fn run(args: &Get, global: &Global) -> Result<()> {
    let (scheme, _) = args.url.split_once("://").ok_or_else(|| {
        Failure::new(Kind::Target, "netkit get takes a whole URL, with its scheme")
            .hint("netkit http get takes hosts without one")
    })?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => http::get(&mut Run::new(&args.net, global)?, &args.url),
        "gopher" | "gophers" => {
            let mut run = Run::new(&args.net, global)?;
            let target = gopher::aim(&mut run, Some(&args.url))?;
            gopher::get(&run, &target, None)
        }
        "pop3" | "pop3s" | "pop" | "pops" => pop3::get_url(&args.url, &args.net, global),
        "ftp" | "ftps" => ftp::cat_url(&args.url, &args.net, global),
        "imap" | "imaps" => imap::get_url(&args.url, &args.net, global),
        "nntp" | "nntps" | "news" | "snews" => nntp::get_url(&args.url, &args.net, global),
        other => Err(Failure::new(Kind::Unsupported, format!("nothing here fetches {other} URLs"))),
    }
}
