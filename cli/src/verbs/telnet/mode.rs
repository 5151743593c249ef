//! The command mode, to which the escape character leads.

use netkit_telnet::{Command, Side};

use crate::args::TelnetConnect;

/// What a line of the command mode asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// Back to the session.
    Resume,
    /// The end.
    Close,
    /// Say this.
    Say(String),
    /// Send this command.
    Send(Command),
    /// Send this command with a Synch behind it.
    Synch,
    /// Send the escape character itself.
    SendEscape,
    /// What is agreed.
    Status,
    /// Stop the process; it goes on when the shell lets it.
    Suspend,
    /// Write what the server says to this file.
    Log(String),
}

const HELP: &str = "\
close, quit       end the session
status            what is agreed
send NAME         send ao, ayt, brk, ec, el, eof, eor, ga, ip, nop, abort, susp, synch or escape
log FILE          write what the server says to FILE
z                 stop netkit; the shell's fg goes on
help, ?           this text
an empty line     back to the session
";

/// Reads one line.
pub fn read(line: &str) -> Asked {
    let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let rest = rest.trim();
    match word {
        "" => Asked::Resume,
        "close" | "quit" | "q" => Asked::Close,
        "status" => Asked::Status,
        "z" | "suspend" => Asked::Suspend,
        "log" if !rest.is_empty() => Asked::Log(rest.to_owned()),
        "send" => match (rest, Command::from_name(rest)) {
            ("escape", _) => Asked::SendEscape,
            ("synch", _) => Asked::Synch,
            (_, Some(command)) => Asked::Send(command),
            _ => Asked::Say(format!("send {rest}: there is no such command\n")),
        },
        "help" | "?" => Asked::Say(HELP.to_owned()),
        word => Asked::Say(format!("{word}: there is no such command; help lists what there is\n")),
    }
}

/// How the escape character is shown.
pub fn shown(args: &TelnetConnect) -> Option<String> {
    let escape = args.escape.0?;
    Some(match escape {
        0..32 => format!("^{}", char::from(escape | 64)),
        escape => char::from(escape).to_string(),
    })
}

/// The options in force, in words.
pub fn status(engine: &netkit_telnet::Engine) -> String {
    let of = |side| engine.options(side).map(|option| format!(" {option}")).collect::<String>();
    format!("here:{}\nserver:{}\n", of(Side::Us), of(Side::Him))
}
