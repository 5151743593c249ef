//! POP3's calls: steps on one session, with a lone `;` between them. Before a step's word may stand `try`: a refusal is then
//! written down and the next step is made; else the first error ends the call.
//!
//! - `greeting`, `capa`, `stls`, `utf8`, `lang TAG`, `languages`
//! - `login USER PASSWORD [method=best|sasl|apop|userpass] [mechanism=M] [channel=clear] [nonce=N] [exporter=X]`, `token USER TOKEN`
//!   with the same options
//! - `stat`, `list [N]`, `uidl [N]`, `retr N`, `top N LINES`, `retrieve N,N,...`, `tops LINES N,N,...`
//! - `dele N`, `delete N,N,...`, `rset`, `noop`, `raw LINE` (with the lines behind its answer), `quit`
//!
//! An outcome lists what each step returned; messages are shown escaped.

use std::io::Read;

use netkit_auth::Credentials;
use netkit_auth::sasl::Mechanism;
use netkit_pop3::{
    Answer, Argument, Capabilities, Capability, Client, Error, Invalid, Line, Login, Maildrop, Message,
    Method, Number, Retrieval, Size, Uid,
};
use netkit_wire::{Conn, Fault, Phase, escape};

use crate::protocol::{Protocol, Session};

pub(crate) struct Pop3;

/// Before and behind the login.
enum State {
    Client(Box<Client>),
    Maildrop(Box<Maildrop>),
}

impl Protocol for Pop3 {
    fn call(&self, words: &[String], session: &mut Session) -> String {
        let conn = match session.connect() {
            Ok(conn) => conn,
            Err(why) => return format!("Err Net: {why}"),
        };
        let mut state = Some(State::Client(Box::new(Client::new(conn))));
        let mut results = Vec::new();
        for step in words.split(|word| word == ";") {
            let (tried, step) = match step {
                [word, rest @ ..] if word == "try" => (true, rest),
                step => (false, step),
            };
            match call(step, &mut state, session) {
                Ok(result) => results.push(result),
                Err(why) if tried && why.connection_is_usable() => results.push(describe(&why)),
                Err(why) => {
                    results.insert(0, describe(&why));
                    return results.join(" | after ").trim_end().to_owned();
                }
            }
        }
        format!("Ok {}", results.join(" | ")).trim_end().to_owned()
    }

    /// What is an answer and what a line of a listing or message depends on what was asked: both are named.
    fn grammar(&self, conn: &mut Conn) -> String {
        let mut lines = String::new();
        loop {
            let line = netkit_wire::Line::new(conn.limits());
            match conn.recv_or_end(line) {
                Ok(Some(line)) => {
                    let line = line.as_bytes();
                    let answer = Answer::parse(line).map(|answer| format!("{answer} [{:?}]", answer.code()));
                    let size = Size::parse(line).map(|size| size.octets);
                    let uid = Uid::parse(line).map(|uid| uid.uid);
                    lines += &format!("{answer:?} {size:?} {uid:?} {:?}\n", Capability::parse(line));
                }
                Ok(None) => return lines,
                Err(fault) => return format!("{lines}{fault}"),
            }
        }
    }
}

fn call(step: &[String], state: &mut Option<State>, session: &Session) -> Result<String, Error> {
    let words: Vec<&str> = step.iter().map(String::as_str).collect();
    let said = |answer: Answer| answer.to_string();
    if let ["quit"] = *words {
        return match state.take().ok_or(Error::Over)? {
            State::Client(client) => client.quit().map(said),
            State::Maildrop(maildrop) => maildrop.quit().map(said),
        };
    }
    match state.as_mut().ok_or(Error::Over)? {
        State::Client(client) => match *words {
            ["greeting"] => client.greeting().map(Answer::to_string),
            ["capa"] => client.capa().map(offers),
            ["stls"] => client.stls(session.upgrade()).map(offers),
            ["utf8"] => client.utf8().map(said),
            ["lang", tag] => client.lang(&Line::new(tag)?).map(said),
            ["languages"] => client.languages().map(|all| format!("{all:?}")),
            ["raw", line] => client.raw(Line::new(line)?).map(said),
            ["login" | "token", user, secret, ..] => {
                let token = words.first() == Some(&"token");
                let answer = login(token, user, secret, step, client)?;
                if let Some(State::Client(client)) = state.take() {
                    *state = Some(State::Maildrop(Box::new(client.logged_in())));
                }
                Ok(answer.to_string())
            }
            _ => Ok(format!("no such call: {words:?}")),
        },
        State::Maildrop(maildrop) => transaction(&words, maildrop),
    }
}

fn transaction(words: &[&str], maildrop: &mut Maildrop) -> Result<String, Error> {
    match *words {
        ["capa"] => maildrop.capa().map(offers),
        ["stat"] => maildrop.stat().map(|stat| format!("{} {}", stat.count, stat.octets)),
        ["list"] => {
            let all = maildrop.list()?;
            let all: Vec<String> = all.iter().map(|one| format!("{} {}", one.number, one.octets)).collect();
            Ok(format!("[{}]", all.join(", ")))
        }
        ["list", n] => maildrop.size(n.parse()?).map(|octets| octets.to_string()),
        ["uidl"] => {
            let all = maildrop.uids()?;
            let all: Vec<String> = all.iter().map(|one| format!("{} {}", one.number, one.uid)).collect();
            Ok(format!("[{}]", all.join(", ")))
        }
        ["uidl", n] => maildrop.uid(n.parse()?),
        ["retr", n] => maildrop.retr(n.parse()?).and_then(read),
        ["top", n, lines] => maildrop.top(n.parse()?, lines.parse().unwrap_or_default()).and_then(read),
        ["retrieve", list] => {
            let numbers = numbers(list)?;
            all(maildrop.retrieve(numbers.iter().map(|n| n.get())))
        }
        ["tops", lines, list] => {
            let numbers = numbers(list)?;
            all(maildrop.tops(numbers.iter().map(|n| n.get()), lines.parse().unwrap_or_default()))
        }
        ["dele", n] => maildrop.dele(n.parse::<Number>()?.get()).map(|answer| answer.to_string()),
        ["delete", list] => {
            let refused = maildrop.delete(&numbers(list)?)?;
            let refused: Vec<String> = refused.iter().map(|(n, answer)| format!("{n}: {answer}")).collect();
            Ok(format!("refused [{}]", refused.join(", ")))
        }
        ["rset"] => maildrop.rset().map(|answer| answer.to_string()),
        ["noop"] => maildrop.noop().map(|answer| answer.to_string()),
        ["raw", line] => {
            let mut lines = String::new();
            let answer = maildrop.raw(Line::new(line)?, |line| lines += &format!(" / {}", escape(line)))?;
            Ok(format!("{answer}{lines}"))
        }
        _ => Ok(format!("no such call: {words:?}")),
    }
}

fn numbers(list: &str) -> Result<Vec<Number>, Error> {
    Ok(list.split(',').map(str::parse).collect::<Result<_, _>>()?)
}

fn read(mut message: Message<'_>) -> Result<String, Error> {
    let mut text = Vec::new();
    message.read_to_end(&mut text).map_err(|why| Error::Wire(Fault::from_io(why, Phase::Receiving)))?;
    Ok(format!("\"{}\"", escape(&text)))
}

fn all(mut messages: Retrieval<'_>) -> Result<String, Error> {
    let mut texts = Vec::new();
    while let Some(message) = messages.next() {
        match message {
            Ok(message) => {
                let number = message.number();
                texts.push(format!("{number}: {}", read(message)?));
            }
            Err(why) if why.connection_is_usable() => texts.push(describe(&why)),
            Err(why) => return Err(why),
        }
    }
    Ok(format!("[{}]", texts.join(", ")))
}

/// The value of `name=value` among the words of a step.
fn option<'s>(step: &'s [String], name: &str) -> Option<&'s str> {
    step.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn offers(capabilities: &Capabilities) -> String {
    let list: Vec<String> = capabilities.iter().map(ToString::to_string).collect();
    format!("[{}]", list.join(", "))
}

fn login(
    token: bool,
    user: &str,
    secret: &str,
    step: &[String],
    client: &mut Client,
) -> Result<Answer, Error> {
    let credentials =
        if token { Credentials::token(user, secret) } else { Credentials::password(user, secret) };
    let credentials =
        credentials.map_err(|_| Invalid::new(Argument::Login, "the user name breaks a line"))?;
    let nonce = option(step, "nonce").unwrap_or("fyko+d2lbbFgONRv9qkxdawL");
    let login = Login {
        channel_is_private: option(step, "channel") != Some("clear"),
        tls_exporter: option(step, "exporter").map(str::as_bytes),
        mechanism: option(step, "mechanism").and_then(|name| name.parse::<Mechanism>().ok()),
        ..Login::new("pop", "mail.example.org", 110, nonce)
    };
    let method = match option(step, "method") {
        Some("sasl") => Method::Sasl,
        Some("apop") => Method::Apop,
        Some("userpass") => Method::UserPass,
        _ => Method::Best,
    };
    client.try_login(&credentials, &login, method)
}

fn describe(error: &Error) -> String {
    let name = match error {
        // Clear text behind the +OK is found in the buffer when it came in one piece with it, by the handshake when not.
        Error::Wire(Fault::Leftover(_) | Fault::Io { phase: Phase::Upgrading, .. }) => {
            return "Err Wire: there is no TLS behind the +OK".to_owned();
        }
        Error::Net(_) => "Net",
        Error::Wire(_) => "Wire",
        Error::Refused(_) => "Refused",
        Error::Unexpected(_) => "Unexpected",
        Error::Unsupported(_) => "Unsupported",
        Error::Invalid(_) => "Invalid",
        Error::Sasl(_) => "Sasl",
        Error::Over => "Over",
        _ => "of a new kind",
    };
    format!("Err {name}: {error}")
}
