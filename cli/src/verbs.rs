//! One file for each protocol's verbs.

mod doctor;
mod ftp;
mod get;
mod gopher;
mod http;
mod imap;
mod items;
mod manual;
mod mock;
mod nntp;
mod pop3;
mod ports;
mod smtp;
mod socket;
mod telnet;

use crate::args::{Cli, Command, NetArgs};
use crate::config;
use crate::failure::Result;

/// Runs what the command line says.
pub fn run(cli: Cli) -> Result<()> {
    let global = &cli.global;
    match &cli.command {
        Command::Http(verb) => http::run(verb, global),
        Command::Gopher(verb) => gopher::run(verb, global),
        Command::Ftp(verb) => ftp::run(verb, global),
        Command::Smtp(verb) => smtp::run(verb, global),
        Command::Pop3(verb) => pop3::run(verb, global),
        Command::Imap(verb) => imap::run(verb, global),
        Command::Telnet(verb) => telnet::run(verb, global),
        Command::Socket(verb) => socket::run(verb, global),
        Command::Nntp(verb) => nntp::run(verb, global),
        Command::Get(args) => get::run(args, global),
        Command::Doctor(args) => doctor::run(args, global),
        Command::Ports(args) => ports::run(args),
        Command::Mock(args) => mock::run(args),
        Command::Config(args) => config::run(args, global),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { dir } => manual::write(dir),
    }
}

/// Whether errors are to be JSON.
pub fn wants_json(command: &Command) -> bool {
    match command {
        Command::Ports(args) => args.json,
        Command::Mock(args) => args.json,
        _ => net_args(command).is_some_and(|net| net.output.json),
    }
}

fn net_args(command: &Command) -> Option<&NetArgs> {
    Some(match command {
        Command::Http(verb) => verb.net(),
        Command::Gopher(verb) => verb.net(),
        Command::Ftp(verb) => verb.net(),
        Command::Smtp(verb) => verb.net(),
        Command::Pop3(verb) => verb.net(),
        Command::Imap(verb) => verb.net(),
        Command::Telnet(verb) => verb.net(),
        Command::Socket(verb) => verb.net(),
        Command::Nntp(verb) => verb.net(),
        Command::Get(args) => &args.net,
        Command::Doctor(args) => &args.net,
        _ => return None,
    })
}
