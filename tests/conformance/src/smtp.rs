//! SMTP's calls: steps on one session, with a lone `;` between them. Before a step's word may stand `try`: a refusal
//! is then written down and the next step is made; else the first error ends the call.
//!
//! - `limits reply=N` (first, before the connection is made)
//! - `greeting`, `ehlo [DOMAIN]`, `helo [DOMAIN]`, `capabilities`
//! - `starttls`
//! - `login USER PASSWORD [as=WHO] [mechanism=M] [channel=clear] [nonce=N]`, `token USER TOKEN` with the same options
//! - `lmtp` (first, behind `limits`): the other dialect
//! - `send from=A to=B,C body=TEXT [transfer=data|chunks|binary] [partial=refuse] [mail=PARAMETERS] [rcpt=PARAMETERS]`: a
//!   message by [`Client::send_with`]; `body=TEXT*N` is N times the text
//! - `post` with the same words, which does not wait; `outcome`, of the oldest message posted
//! - `data from=A to=B,C body=TEXT [size=N] [bit=8] [utf8=yes]`: the transaction with MAIL's parameters as they are given
//! - `bdat` with the same words and `length=N`
//! - `xclient NAME=value...`
//! - `abort from=A to=B,C`, `leave from=A to=B,C`: a transaction that is taken back, or dropped
//! - `rset`, `noop`, `vrfy WORDS`, `expn WORDS`, `help [WORDS]`, `raw LINE`, `quit`
//!
//! An outcome lists what each step returned.

use std::collections::VecDeque;
use std::io::Cursor;

use netkit_auth::Credentials;
use netkit_auth::sasl::Mechanism;
use netkit_smtp::command::{Mail, Raw, Rcpt, Xclient};
use netkit_smtp::types::{BodyKind, Parameters};
use netkit_smtp::{
    Argument, Capabilities, Client, CommandText, Delivery, Dialect, Domain, EnhancedStatus, Envelope, Error,
    InFlight, Invalid, Login, Options, Partial, Recipient, Transaction, Transfer,
};
use netkit_wire::{Conn, Fault, Limits, Phase, Replies, Reply};

use crate::protocol::{Protocol, Session};

pub(crate) struct Smtp;

impl Protocol for Smtp {
    fn call(&self, words: &[String], session: &mut Session) -> String {
        let mut results = Vec::new();
        let mut steps = words.split(|word| word == ";").peekable();
        if let Some(limits) = steps.next_if(|step| step.first().is_some_and(|word| word == "limits")) {
            let reply =
                option(limits, "reply").and_then(|n| n.parse().ok()).unwrap_or(Limits::default().reply);
            session.set_limits(Limits { reply, line: reply, header: reply, ..Limits::default() });
        }
        let lmtp = steps.next_if(|step| step.first().is_some_and(|word| word == "lmtp")).is_some();
        let conn = match session.connect() {
            Ok(conn) => conn,
            Err(why) => return format!("Err Net: {why}"),
        };
        let dialect = if lmtp { Dialect::Lmtp } else { Dialect::Smtp };
        let mut client = Some(Client::new(conn).speaking(dialect));
        let mut posted = VecDeque::new();
        for step in steps {
            let (tried, step) = match step {
                [word, rest @ ..] if word == "try" => (true, rest),
                step => (false, step),
            };
            match call(step, &mut client, &mut posted, session) {
                Ok(result) => results.push(result),
                Err(why) if tried && is_answer(&why) => results.push(describe(&why)),
                Err(why) => {
                    results.insert(0, describe(&why));
                    return results.join(" | after ").trim_end().to_owned();
                }
            }
        }
        format!("Ok {}", results.join(" | ")).trim_end().to_owned()
    }

    fn grammar(&self, conn: &mut Conn) -> String {
        let mut lines = String::new();
        loop {
            let replies = Replies::numbered(conn.limits());
            match conn.recv_or_end(replies) {
                Ok(Some(reply)) => {
                    let status = EnhancedStatus::of(&reply).map(|s| s.to_string()).unwrap_or_default();
                    let extensions = Capabilities::parse(&reply).extensions().to_vec();
                    lines += &format!("{reply} [{status}] {extensions:?}\n");
                }
                Ok(None) => return lines,
                Err(fault) => return format!("{lines}{fault}"),
            }
        }
    }
}

fn call(
    step: &[String],
    client: &mut Option<Client>,
    posted: &mut VecDeque<InFlight>,
    session: &Session,
) -> Result<String, Error> {
    let said = |reply: Reply| reply.to_string();
    let words: Vec<&str> = step.iter().map(String::as_str).collect();
    if let ["quit"] = *words {
        return client.take().ok_or(Error::Over)?.quit().map(said);
    }
    let client = client.as_mut().ok_or(Error::Over)?;
    match *words {
        ["greeting"] => client.greeting().map(Reply::to_string),
        ["ehlo"] => client.ehlo(&hello("client.example.org")?).map(offers),
        ["ehlo", domain] => client.ehlo(&hello(domain)?).map(offers),
        ["helo"] => client.helo(&hello("client.example.org")?).map(offers),
        ["capabilities"] => Ok(offers(client.capabilities())),
        ["starttls"] => client.starttls(session.upgrade()).map(offers),
        ["login" | "token", user, secret, ..] => {
            login(words.first() == Some(&"token"), user, secret, step, client)
        }
        ["send", ..] => {
            let message = Words::of(step)?;
            let sent = client.send_with(&envelope(step)?, &message.options, &mut Cursor::new(message.body));
            sent.map(|delivery| delivered(&delivery))
        }
        ["post", ..] => {
            let message = Words::of(step)?;
            posted.push_back(client.post(
                &envelope(step)?,
                &message.options,
                &mut Cursor::new(message.body),
            )?);
            Ok("posted".to_owned())
        }
        ["outcome"] => {
            let oldest = posted.pop_front().ok_or(Error::Over)?;
            client.outcome(oldest).map(|delivery| delivered(&delivery))
        }
        ["data", ..] => data(step, client),
        ["bdat", ..] => {
            let message = Words::of(step)?;
            let length = option(step, "length").and_then(|n| n.parse().ok());
            let length = length.unwrap_or(message.body.len() as u64);
            let sent = begin(step, client)?.bdat(&mut Cursor::new(message.body), length);
            sent.map(|delivery| delivered(&delivery))
        }
        ["xclient", ref attributes @ ..] => {
            let pairs = attributes.iter().filter_map(|one| one.split_once('='));
            client.xclient(Xclient::new(pairs)?).map(offers)
        }
        ["abort", ..] => begin(step, client)?.abort().map(|()| "aborted".to_owned()),
        ["leave", ..] => begin(step, client).map(|_| "left".to_owned()),
        ["rset"] => client.rset().map(said),
        ["noop"] => client.noop().map(said),
        ["vrfy", user] => client.vrfy(&CommandText::new(user)?).map(said),
        ["expn", list] => client.expn(&CommandText::new(list)?).map(said),
        ["help"] => client.help(None).map(said),
        ["help", about] => client.help(Some(&CommandText::new(about)?)).map(said),
        ["raw", line] => client.run(Raw::new(line)?).map(said),
        _ => Ok(format!("no such call: {words:?}")),
    }
}

/// The value of `name=value` among the words of a step.
fn option<'s>(step: &'s [String], name: &str) -> Option<&'s str> {
    step.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn hello(domain: &str) -> Result<Domain, Invalid> {
    Domain::new(domain)
}

fn offers(capabilities: &Capabilities) -> String {
    let list: Vec<String> = capabilities.extensions().iter().map(ToString::to_string).collect();
    format!("{} [{}]", capabilities.domain(), list.join(", "))
}

fn login(
    token: bool,
    user: &str,
    secret: &str,
    step: &[String],
    client: &mut Client,
) -> Result<String, Error> {
    let credentials =
        if token { Credentials::token(user, secret) } else { Credentials::password(user, secret) };
    let credentials = match option(step, "as") {
        Some(authzid) => credentials.and_then(|credentials| credentials.acting_as(authzid)),
        None => credentials,
    };
    let credentials = credentials.map_err(|_| Invalid::new(Argument::Text, "the user name breaks a line"))?;
    let nonce = option(step, "nonce").unwrap_or("fyko+d2lbbFgONRv9qkxdawL");
    let mechanism = |name| option(step, name).and_then(|name| name.parse::<Mechanism>().ok());
    let login = Login {
        channel_is_private: option(step, "channel") != Some("clear"),
        tls_exporter: option(step, "exporter").map(str::as_bytes),
        mechanism: mechanism("mechanism"),
        floor: mechanism("floor"),
        ..Login::new("smtp", "mail.example.org", 587, nonce)
    };
    client.login(&credentials, &login).map(|reply| reply.to_string())
}

fn envelope(step: &[String]) -> Result<Envelope, Error> {
    let to = option(step, "to").unwrap_or_default();
    let to = to.split(',').filter(|to| !to.is_empty()).map(str::parse).collect::<Result<_, _>>()?;
    Ok(Envelope { from: option(step, "from").unwrap_or_default().parse()?, to })
}

/// What a step says of its message.
struct Words {
    body: String,
    options: Options,
}

impl Words {
    fn of(step: &[String]) -> Result<Words, Error> {
        let body = option(step, "body").unwrap_or_default();
        let body = match body.rsplit_once('*') {
            Some((text, count)) if count.parse::<usize>().is_ok() => text.repeat(count.parse().unwrap_or(1)),
            _ => body.to_owned(),
        };
        let parameters = |name| match option(step, name) {
            Some(words) => Parameters::parse(&format!(" {words}")),
            None => Ok(Parameters::default()),
        };
        let transfer = match option(step, "transfer") {
            Some("data") => Transfer::Data,
            Some("chunks") => Transfer::Chunks,
            Some("binary") => Transfer::Binary,
            _ => Transfer::Best,
        };
        let partial =
            if option(step, "partial") == Some("refuse") { Partial::Refuse } else { Partial::Deliver };
        let options = Options { mail: parameters("mail")?, rcpt: parameters("rcpt")?, partial, transfer };
        Ok(Words { body, options })
    }
}

fn begin<'c>(step: &[String], client: &'c mut Client) -> Result<Transaction<'c>, Error> {
    let envelope = envelope(step)?;
    let mut mail = Mail::new(envelope.from);
    mail.size = option(step, "size").and_then(|n| n.parse().ok());
    mail.body = option(step, "bit").map(|kind| match kind {
        "binary" => BodyKind::Binary,
        _ => BodyKind::EightBit,
    });
    mail.utf8 = option(step, "utf8").is_some();
    let mut transaction = client.transaction(mail)?;
    for to in envelope.to {
        transaction.rcpt(Rcpt::new(to))?;
    }
    Ok(transaction)
}

fn data(step: &[String], client: &mut Client) -> Result<String, Error> {
    let body = option(step, "body").unwrap_or_default();
    begin(step, client)?.data(&mut Cursor::new(body)).map(|delivery| delivered(&delivery))
}

fn delivered(delivery: &Delivery) -> String {
    format!("{} to {}", delivery.reply, list(&delivery.recipients))
}

fn list(recipients: &[Recipient]) -> String {
    let one = |one: &Recipient| {
        format!("<{}>{} {}", one.path, if one.is_delivered() { "" } else { " not" }, one.verdict())
    };
    format!("[{}]", recipients.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// Whether the server said it or nothing was sent, so that a cut connection cannot look like it.
fn is_answer(error: &Error) -> bool {
    error.connection_is_usable() || matches!(error, Error::Refused(_) | Error::Sasl(_))
}

fn describe(error: &Error) -> String {
    let name = match error {
        // Clear text behind the 220 is found in the buffer when it came in one piece with it, by the handshake when not.
        Error::Wire(Fault::Leftover(_) | Fault::Io { phase: Phase::Upgrading, .. }) => {
            return "Err Wire: there is no TLS behind the 220".to_owned();
        }
        Error::Net(_) => "Net",
        Error::Wire(_) => "Wire",
        Error::Refused(_) => "Refused",
        Error::Unexpected(_) => "Unexpected",
        Error::Unsupported(_) => "Unsupported",
        Error::Invalid(_) => "Invalid",
        Error::Sasl(_) => "Sasl",
        Error::NoRecipient(all) => return format!("Err NoRecipient: {}", list(all)),
        Error::SomeRefused(all) => return format!("Err SomeRefused: {}", list(all)),
        Error::Source(_) => "Source",
        Error::OutcomeUnknown(_) => "OutcomeUnknown",
        Error::Over => "Over",
        _ => "of a new kind",
    };
    format!("Err {name}: {error}")
}
