//! `netkit telnet`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};

use super::{Lazy, NetArgs, duration};

#[derive(Debug, Subcommand)]
pub enum TelnetVerb {
    /// A session on this terminal, or between two pipes
    Connect(Lazy<TelnetConnect>),
    /// A session without a person: wait for text, send text, in order
    Run(Lazy<TelnetRun>),
    /// Report what the server negotiates: addresses, times, TLS, options, first words
    Probe(Lazy<TelnetAsk>),
}

impl TelnetVerb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            TelnetVerb::Connect(args) => &args.net,
            TelnetVerb::Run(args) => &args.net,
            TelnetVerb::Probe(args) => &args.net,
        }
    }
}

/// What the server is told of the terminal
#[derive(Debug, Clone, Args)]
pub struct TelnetTerminal {
    /// The terminal's name; may be repeated, the best first [default: TERM]
    #[arg(long = "term", value_name = "NAME")]
    pub names: Vec<String>,
    /// The size of the window, COLUMNSxROWS [default: this terminal's]
    #[arg(long, value_name = "SIZE", value_parser = window)]
    pub window: Option<(u16, u16)>,
    /// Tell the server this variable of the environment, if it asks; NAME alone takes the value from here (may be repeated)
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    pub variables: Vec<String>,
    /// Eight bits a byte, both ways
    #[arg(long)]
    pub binary: bool,
    /// Refuse these options: names or numbers (may be repeated)
    #[arg(long = "without", value_name = "OPTION")]
    pub without: Vec<String>,
    /// Ask for these options, and agree to them: LINEMODE, COM-PORT, GMCP, MSDP, MSSP, MCCP2 and others (may be repeated)
    #[arg(long = "with", value_name = "OPTION")]
    pub with: Vec<String>,
}

fn window(text: &str) -> Result<(u16, u16), String> {
    let size =
        text.split_once('x').and_then(|(columns, rows)| Some((columns.parse().ok()?, rows.parse().ok()?)));
    size.ok_or_else(|| "the form is COLUMNSxROWS: 80x24".to_owned())
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit telnet connect telehack.com
  netkit telnet connect router.example.org -u admin --log session.txt
  netkit telnet connect telnets://host.example.org --asciicast session.cast
  printf 'alice\\nsecret\\nls\\nexit\\n' | netkit --mock telnet connect

On a terminal the escape character, ^] unless --escape says otherwise, leads to the command mode: help lists what it knows.")]
pub struct TelnetConnect {
    /// host[:port] or a telnet or telnets URL
    pub target: Option<String>,
    /// Another escape character: ^X, one character, or none
    #[arg(short, long, value_name = "CHAR", default_value = "^]", value_parser = escape)]
    pub escape: Escape,
    /// Write what the server says to FILE
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Record the session to FILE, for asciinema
    #[arg(long, value_name = "FILE")]
    pub asciicast: Option<PathBuf>,
    /// At the end of stdin: wait for the server's end, or close
    #[arg(long, value_name = "WHAT", default_value = "wait", value_parser = ["wait", "close"])]
    pub eof: String,
    #[command(flatten)]
    pub terminal: TelnetTerminal,
    #[command(flatten)]
    pub net: NetArgs,
}

/// The character that leads to the command mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Escape(pub Option<u8>);

fn escape(text: &str) -> Result<Escape, String> {
    match text.as_bytes() {
        b"none" | b"" => Ok(Escape(None)),
        [one] => Ok(Escape(Some(*one))),
        [b'^', one @ (b'@'..=b'_' | b'a'..=b'z')] => Ok(Escape(Some(one & 0x1f))),
        _ => Err("one character, ^ and a letter, or none".to_owned()),
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit telnet run router.example.org --expect 'ogin:' --send admin --expect 'assword:' --send-secret ROUTER_PASSWORD \\
      --expect '[>#] ?$' --send 'show version' --expect '[>#] ?$' --json
  netkit telnet run host.example.org -u me --script nightly.telnet --step-time 30s
  netkit telnet run game.example.org --with GMCP --sub 'GMCP Core.Hello {\"client\":\"netkit\"}' --json
  netkit --mock telnet run -u alice:secret --expect '\\$ ' --send whoami --expect alice --send exit --until-close

A script has one step a line: expect RE, send TEXT, send-raw TEXT, send-secret VARIABLE, command NAME, sub OPTION TEXT,
sleep TIME; lines that
begin with # are passed over.")]
pub struct TelnetRun {
    /// host[:port] or a telnet or telnets URL
    pub target: Option<String>,
    #[command(flatten)]
    pub steps: TelnetSteps,
    /// Take steps from FILE, before those of the command line
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// How long one step may wait
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse)]
    pub step_time: Duration,
    /// After the last step read on until the server ends the session
    #[arg(long)]
    pub until_close: bool,
    #[command(flatten)]
    pub terminal: TelnetTerminal,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct TelnetAsk {
    /// host[:port] or a telnet or telnets URL
    pub target: Option<String>,
    /// How long to listen
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration::parse)]
    pub listen: Duration,
    #[command(flatten)]
    pub terminal: TelnetTerminal,
    #[command(flatten)]
    pub net: NetArgs,
}

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TelnetStep {
    /// Wait until this regular expression matches.
    Expect(String),
    /// Send this and a line end.
    Send(String),
    /// Send this.
    SendRaw(String),
    /// Send the value of this variable and a line end; no log shows it.
    SendSecret(String),
    /// Send this command.
    Command(String),
    /// Send this option's subnegotiation.
    Sub(String),
    /// Wait.
    Sleep(String),
}

/// Option, kind of step, help.
type Row = (&'static str, fn(String) -> TelnetStep, &'static str, &'static str);

const STEPS: [Row; 7] = [
    (
        "expect",
        TelnetStep::Expect,
        "RE",
        "Wait until this regular expression matches what came since the last match",
    ),
    ("send", TelnetStep::Send, "TEXT", "Send TEXT and a line end"),
    (
        "send-raw",
        TelnetStep::SendRaw,
        "TEXT",
        "Send TEXT as it is; \\n, \\r, \\t, \\e and \\xHH stand for what they say",
    ),
    (
        "send-secret",
        TelnetStep::SendSecret,
        "VARIABLE",
        "Send the value of this variable of the environment; no log shows it",
    ),
    (
        "command",
        TelnetStep::Command,
        "NAME",
        "Send a Telnet command: IP, AYT, BRK, AO, EC, EL, EOF, SUSP, ABORT, EOR, GA or NOP",
    ),
    (
        "sub",
        TelnetStep::Sub,
        "TEXT",
        "Send a subnegotiation: an option's name, a blank, and what it says, with the escapes of --send-raw",
    ),
    ("sleep", TelnetStep::Sleep, "TIME", "Wait so long"),
];

impl TelnetStep {
    /// One line of a script.
    pub fn of_line(line: &str) -> Option<TelnetStep> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        STEPS.iter().find(|row| row.0 == word).map(|row| (row.1)(rest.to_owned()))
    }
}

/// The steps, in the order in which they stand on the command line.
#[derive(Debug, Clone, Default)]
pub struct TelnetSteps(pub Vec<TelnetStep>);

impl FromArgMatches for TelnetSteps {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut steps = Vec::new();
        for (name, make, ..) in STEPS {
            let values = matches.get_many::<String>(name).into_iter().flatten();
            let places = matches.indices_of(name).into_iter().flatten();
            steps.extend(places.zip(values).map(|(place, value)| (place, make(value.clone()))));
        }
        steps.sort_by_key(|(place, _)| *place);
        Ok(TelnetSteps(steps.into_iter().map(|(_, step)| step).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = TelnetSteps::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for TelnetSteps {
    fn augment_args(command: Command) -> Command {
        STEPS.iter().fold(command, |command, (name, _, value, help)| {
            let arg = Arg::new(*name).long(*name).value_name(*value).help(*help).action(ArgAction::Append);
            command.arg(arg.allow_hyphen_values(true))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        TelnetSteps::augment_args(command)
    }
}
