//! The configuration: defaults for every network verb, and accounts, which are targets with a name.
//!
//! ```toml
//! [defaults]                       # any option of the network verbs, by its long name
//! timeout = "30s"
//!
//! [account.work]                   # netkit smtp send @work ...
//! target = "submission://mail.example.org"   # `@work/x` is this with `/x` behind it
//! user = "me"
//! password-command = "pass show work"
//! ```
//!
//! It is turned into words of the command line, behind those that were typed: what was typed goes first, an account
//! goes before the defaults, and an option that a verb does not have is an error that names the file.

mod file;
mod import;

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use crate::args::{Cli, Config, ConfigVerb, Global};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;

use file::{File, Section};

/// Options of which one excludes the others: if any was typed, none of them is taken from the configuration.
const RIVALS: [&[&str]; 2] =
    [&["tls", "starttls", "plain"], &["password_command", "netrc", "netrc_file", "token"]];

/// The option of a verb whose arguments are no targets: sendmail's are recipients.
const SERVER: &str = "server";

/// The command line as typed, with what the configuration adds to it. A wrong command line ends the process here, as
/// clap does it.
pub fn command_line(words: Vec<OsString>) -> Result<Cli> {
    let mut words = crate::sendmail::words(words);
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(&words).unwrap_or_else(|e| e.exit());
    let cli = Cli::from_arg_matches(&matches).map_err(|e| Failure::new(Kind::Usage, e))?;
    let verb = Verb::of(&command, &matches);
    // Only network verbs have this option, and the configuration is about those.
    if verb.id("connect-timeout").is_none() {
        return Ok(cli);
    }
    let typed = verb.target().unwrap_or_default().to_owned();
    // `@name/path`: what the account's target stands for, and there this path.
    let account = typed.strip_prefix('@').map(|text| match text.split_once('/') {
        Some((name, path)) => (name, Some(path)),
        None => (text, None),
    });
    let Some(file) = File::find(&cli.global)? else {
        return match account {
            None => Ok(cli),
            Some((name, _)) => Err(Failure::new(Kind::Target, format!("@{name}: there is no configuration"))
                .hint("netkit/config.toml in the configuration folder, or --config FILE")),
        };
    };
    let mut given = Vec::new();
    if let Some((name, path)) = account {
        let section = file.account(name)?;
        let aim = section.target().ok_or_else(|| file.wrong(&format!("account {name} has no target")))?;
        let aim = match path {
            Some(path) => format!("{}/{path}", aim.trim_end_matches('/')),
            None => aim.to_owned(),
        };
        let option = format!("--{SERVER}={typed}");
        match words.iter_mut().skip(1).find(|word| **word == *typed || **word == *option) {
            Some(word) if **word == *option => *word = format!("--{SERVER}={aim}").into(),
            Some(word) => *word = aim.into(),
            // It stands in the environment, which words go before.
            None => given.push(format!("--{SERVER}={aim}")),
        }
        given.extend(options(&file, section, &verb, &[])?);
    }
    let taken: Vec<String> = given.iter().filter_map(|word| word.strip_prefix("--")).map(name_of).collect();
    given.extend(options(&file, &file.defaults, &verb, &taken)?);
    if given.is_empty() && account.is_none() {
        return Ok(cli);
    }
    // Behind a lone `--` everything is an argument: options go before it.
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words.splice(end..end, given.into_iter().map(OsString::from));
    Ok(Cli::parse_from(words))
}

/// The option in `name=value`.
fn name_of(word: &str) -> String {
    word.split('=').next().unwrap_or_default().to_owned()
}

/// The verb that was typed, with what was typed behind it.
struct Verb<'a> {
    command: &'a clap::Command,
    matches: &'a ArgMatches,
}

impl<'a> Verb<'a> {
    fn of(command: &'a clap::Command, matches: &'a ArgMatches) -> Verb<'a> {
        match matches.subcommand().and_then(|(name, below)| Some((command.find_subcommand(name)?, below))) {
            Some((command, below)) => Verb::of(command, below),
            None => Verb { command, matches },
        }
    }

    /// What clap calls the option of that long name, if the verb has it.
    fn id(&self, long: &str) -> Option<&'a str> {
        self.command.get_arguments().find(|arg| arg.get_long() == Some(long)).map(|arg| arg.get_id().as_str())
    }

    /// Whether the option stands on the command line or in the environment.
    fn typed(&self, long: &str) -> bool {
        let source = self.id(long).and_then(|id| self.matches.value_source(id));
        matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable))
    }

    /// The first argument that says where to: the first one of all, but for verbs that are told something else before it, or
    /// by an option.
    fn target(&self) -> Option<&'a str> {
        if let Some(id) = self.id(SERVER) {
            return self.matches.get_raw(id)?.next()?.to_str();
        }
        let mut ids = self.command.get_positionals().map(|arg| arg.get_id().as_str());
        let first = ids.next()?;
        let id = if is_place(first) { first } else { ids.find(|id| is_place(id)).unwrap_or(first) };
        self.matches.get_raw(id)?.next()?.to_str()
    }
}

fn is_place(id: &str) -> bool {
    matches!(id, "target" | "url")
}

/// The words that a section adds, unless they were typed or are in `taken`.
fn options(file: &File, section: &Section, verb: &Verb<'_>, taken: &[String]) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for (key, values) in section.options() {
        if verb.id(key).is_none() {
            // Another verb of the same account may have it.
            if !is_known(&Cli::command(), key) {
                return Err(file.wrong(&format!("no verb has an option {key}")));
            }
            continue;
        }
        let rivals = RIVALS.iter().find(|rivals| rivals.contains(&key));
        let excluded = |one: &str| verb.typed(one) || taken.iter().any(|t| t == one);
        if excluded(key) || rivals.is_some_and(|rivals| rivals.iter().any(|one| excluded(one))) {
            continue;
        }
        words.extend(values.iter().map(|value| match value {
            None => format!("--{key}"),
            Some(value) => format!("--{key}={value}"),
        }));
    }
    Ok(words)
}

fn is_known(command: &clap::Command, long: &str) -> bool {
    let here = command.get_arguments().any(|arg| arg.get_long() == Some(long));
    here || command.get_subcommands().any(|below| is_known(below, long))
}

/// `netkit config`.
pub fn run(args: &Config, global: &Global) -> Result<()> {
    match &args.verb {
        ConfigVerb::Show { account, origin } => show(account.as_deref(), *origin, global),
        ConfigVerb::Import { file, format } => import::run(file, *format),
    }
}

fn show(account: Option<&str>, origin: bool, global: &Global) -> Result<()> {
    let Some(file) = File::find(global)? else {
        return Err(Failure::new(Kind::Read, "there is no configuration"));
    };
    let mut output = Output::open(None, false)?;
    let from = if origin { format!("  # {}", file.path.display()) } else { String::new() };
    for (name, section) in file.sections() {
        let wanted = account.is_none_or(|wanted| name == format!("account.{wanted}"));
        if wanted {
            output.line(&format!("[{name}]"))?;
            for line in section.lines() {
                output.line(&format!("{line}{from}"))?;
            }
        }
    }
    if let Some(name) = account {
        file.account(name)?;
    }
    output.finish()
}
