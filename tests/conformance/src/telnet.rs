//! Telnet's calls: steps on one session, with a lone `;` between them.
//!
//! - settings before the first step: `terminal`, `server`, `none`, then words like `type=NAME`, `window=80x24`, `speed=TX,RX`,
//!   `display=NAME`, `env=NAME=VALUE`, `uservar=NAME=VALUE`, `charset=NAME`, `limit=BYTES`, `us=OPTION`, `him=OPTION`, `not=OPTION`
//! - `enable us|him OPTION`, `disable us|him OPTION`, `resize 80x24`, `mark`, `command NAME`, `synch NAME`, `urgent`
//! - `write TEXT`, `sub OPTION CONTENT` (`\xHH` is a byte), `until TEXT`, `some`, `hear` (one event or text), `all`, `tls`
//! - `state us|him OPTION`, `options`
//!
//! An outcome lists what each step returned, then the events, then the text that nobody took.

use netkit_telnet::options::{Kind, Speed, Variable, Window};
use netkit_telnet::qmethod::Complaint;
use netkit_telnet::{Came, Client, Command, Engine, Error, Event, Found, Opt, Settings, Side, Sub};
use netkit_wire::{Conn, Decode, Fault, Malformed, Phase, Step, escape};

use crate::protocol::{Protocol, Session};

pub(crate) struct Telnet;

impl Protocol for Telnet {
    fn call(&self, words: &[String], session: &mut Session) -> String {
        let mut steps = words.split(|word| word == ";");
        let settings = match settings(steps.next().unwrap_or_default()) {
            Ok(settings) => settings,
            Err(why) => return why,
        };
        let conn = match session.connect() {
            Ok(conn) => conn,
            Err(why) => return format!("Err Net: {why}"),
        };
        let mut client = Client::new(conn, Engine::new(settings));
        let mut results = Vec::new();
        for step in steps {
            match call(step, &mut client, session) {
                Ok(result) => results.push(result),
                Err(why) => {
                    results.insert(0, describe(&why));
                    results.extend(client.take_notices().map(|event| show(&event)));
                    return results.join(" | after ").trim_end().to_owned();
                }
            }
        }
        results.extend(client.take_notices().map(|event| show(&event)));
        let rest = client.take_text();
        if !rest.is_empty() {
            results.push(format!("left \"{}\"", escape(&rest)));
        }
        format!("Ok until close: {}", results.join(" | ")).trim_end().to_owned()
    }

    /// Data is joined, wherever it was cut.
    fn grammar(&self, conn: &mut Conn) -> String {
        let mut engine = Engine::new(Settings::terminal("xterm"));
        let (mut text, mut lines) = (Vec::new(), String::new());
        loop {
            let feed = Feed { engine: &mut engine, text: &mut text };
            let event = match conn.recv_or_end(feed) {
                Ok(Some(event)) => event,
                Ok(None) => return format!("{lines}\"{}\"", escape(&text)),
                Err(fault) => return format!("{lines}\"{}\"\n{}", escape(&text), kind(&fault.to_string())),
            };
            if let Some(event) = event {
                lines += &format!("\"{}\"\n{}\n", escape(&std::mem::take(&mut text)), show(&event));
            }
        }
    }
}

/// Where the fault lies depends on how the bytes came.
fn kind(fault: &str) -> &str {
    fault.split(" (").next().unwrap_or_default()
}

struct Feed<'a> {
    engine: &'a mut Engine,
    text: &'a mut Vec<u8>,
}

impl Decode for Feed<'_> {
    type Item = Option<Event>;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Option<Event>>, Malformed> {
        if input.is_empty() {
            return Ok(Step::More(1));
        }
        let fed = self.engine.feed(input, self.text)?;
        Ok(Step::Done(fed.event, fed.used))
    }
}

fn settings(words: &[String]) -> Result<Settings, String> {
    let mut words = words.iter();
    let mut settings = match words.next().map(String::as_str) {
        Some("terminal") => Settings::terminal("xterm"),
        Some("server") => Settings::server(),
        _ => Settings::none(),
    };
    let mut types = Vec::new();
    for word in words {
        let bad = || format!("no such setting: {word}");
        let (name, value) = word.split_once('=').ok_or_else(bad)?;
        let option = || Opt::from_name(value).ok_or_else(bad);
        match name {
            "type" => types.push(value.to_owned()),
            "window" => settings.window = Some(window(value).ok_or_else(bad)?),
            "speed" => {
                let (transmit, receive) = pair(value, ',').ok_or_else(bad)?;
                settings.speed = Speed { transmit, receive };
            }
            "display" => {
                settings.x_display = Some(value.to_owned());
                settings.us = settings.us.with(Opt::XDISPLOC);
            }
            "env" | "uservar" => {
                let (variable, value) = value.split_once('=').ok_or_else(bad)?;
                let kind = if name == "env" { Kind::WellKnown } else { Kind::User };
                let (name, value) = (variable.as_bytes().to_vec(), Some(value.as_bytes().to_vec()));
                settings.environment.push(Variable { kind, name, value });
            }
            "charset" => settings.charsets = vec![value.to_owned()],
            "limit" => settings.sub_limit = value.parse().map_err(|_| bad())?,
            "us" => settings.us = settings.us.with(option()?),
            "him" => settings.him = settings.him.with(option()?),
            "not" => {
                settings.us = settings.us.without(option()?);
                settings.him = settings.him.without(option()?);
            }
            _ => return Err(bad()),
        }
    }
    if !types.is_empty() {
        settings.terminal_types = types;
    }
    Ok(settings)
}

fn pair(text: &str, between: char) -> Option<(u32, u32)> {
    let (one, two) = text.split_once(between)?;
    Some((one.parse().ok()?, two.parse().ok()?))
}

fn window(text: &str) -> Option<Window> {
    let (columns, rows) = pair(text, 'x')?;
    Some(Window { columns: columns.try_into().ok()?, rows: rows.try_into().ok()? })
}

fn call(words: &[String], client: &mut Client, session: &Session) -> Result<String, Error> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let unknown = || Ok(format!("no such call: {words:?}"));
    let complained = |result: Result<(), Complaint>| match result {
        Ok(()) => String::new(),
        Err(complaint) => complaint.name().to_owned(),
    };
    let option = |name: &str| Opt::from_name(name).unwrap_or(Opt::EXOPL);
    match *words.as_slice() {
        ["enable", side, name] => Ok(complained(client.engine_mut().enable(of(side), option(name)))),
        ["disable", side, name] => Ok(complained(client.engine_mut().disable(of(side), option(name)))),
        ["agree", side, name] => client.agree(of(side), option(name)).map(|()| format!("{name} is on")),
        ["resize", size] => match window(size) {
            Some(window) => client.resize(window).map(|()| String::new()),
            None => unknown(),
        },
        ["mark"] => {
            client.engine_mut().mark();
            client.flush().map(|()| String::new())
        }
        ["command", name] => match Command::from_name(name) {
            Some(command) => client.command(command).map(|()| String::new()),
            None => unknown(),
        },
        ["synch", name] => match Command::from_name(name) {
            Some(command) => client.synch(command).map(|()| String::new()),
            None => unknown(),
        },
        ["urgent"] => {
            client.engine_mut().urgent();
            Ok(String::new())
        }
        ["write", text] => client.write(text.as_bytes()).map(|()| String::new()),
        ["sub", name, content] => {
            client.sub(&Sub::parse(option(name), &bytes(content))).map(|()| String::new())
        }
        ["flush"] => client.flush().map(|()| String::new()),
        ["until", text] => client.read_until(text.as_bytes(), None).map(|found| match found {
            Found::Pattern { text, .. } => format!("\"{}\"", escape(&text)),
            Found::TimedOut(text) => format!("timed out \"{}\"", escape(&text)),
            Found::Ended(text) => format!("ended \"{}\"", escape(&text)),
        }),
        // What comes until the end; a session that ends in between is over, too.
        ["all"] => client.read_all().map(|text| format!("\"{}\"", escape(&text))),
        ["tls"] => {
            while client.pump()? == Came::Something {}
            let secure = session.upgrade();
            let done = client.start_tls(secure);
            done.map(|()| "tls".to_owned())
        }
        ["state", side, name] => Ok(client.engine().state(of(side), option(name)).name().to_owned()),
        ["flow"] => Ok(client.engine().flow().name().to_owned()),
        ["options"] => {
            let of = |side| client.engine().options(side).map(|o| format!(" {o}")).collect::<String>();
            Ok(format!("us:{} him:{}", of(Side::Us), of(Side::Him)))
        }
        _ => unknown(),
    }
}

/// `\xHH` is one byte, the rest as it stands.
fn bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut all = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        all.extend(u8::from_str_radix(digits, 16));
        all.extend_from_slice(rest.as_bytes());
    }
    all
}

fn of(side: &str) -> Side {
    if side == "us" { Side::Us } else { Side::Him }
}

fn name(side: Side) -> &'static str {
    if side == Side::Us { "our" } else { "his" }
}

fn show(event: &Event) -> String {
    match event {
        Event::Switched { side, option, on } => {
            format!("{} {option} {}", name(*side), if *on { "on" } else { "off" })
        }
        Event::Denied { side, option } => format!("{} {option} denied", name(*side)),
        Event::Refused { side, option } => format!("{} {option} refused", name(*side)),
        Event::Wrong { side, option, complaint } => {
            format!("{} {option} wrong: {}", name(*side), complaint.name())
        }
        Event::Command(command) => format!("{command}"),
        Event::Sub(sub) => format!("sub {sub}"),
        Event::Mark(true) => "mark".to_owned(),
        Event::Mark(false) => "no mark".to_owned(),
        Event::Compressed => "compressed from here on".to_owned(),
        Event::StartTls => "TLS follows".to_owned(),
    }
}

fn describe(error: &Error) -> String {
    // Which of the two it is depends on how the bytes came.
    if let Error::Wire(Fault::Leftover(_) | Fault::Io { phase: Phase::Upgrading, .. }) = error {
        return "Err Wire: there is no TLS behind FOLLOWS".to_owned();
    }
    let name = match error {
        Error::Net(_) => "Net",
        Error::Wire(_) => "Wire",
        Error::Refused(_) => "Refused",
        Error::Unexpected(_) => "Unexpected",
        Error::Unsupported(_) => "Unsupported",
        Error::Invalid(_) => "Invalid",
        _ => "TlsRefused",
    };
    format!("Err {name}: {error}")
}
