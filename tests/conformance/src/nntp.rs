//! NNTP's calls: steps on one session, with a lone `;` between them. Before a step's word may stand `try`: a refusal is then
//! written down and the next step is made; else the first error ends the call.
//!
//! - `greeting`, `capabilities`, `reader`, `starttls`, `compress`, `lenient`, `date`, `help`, `quit`, `raw LINE` (with the lines behind its reply)
//! - `login USER PASSWORD [method=best|sasl|userpass] [mechanism=M] [channel=clear] [nonce=N]`, `token USER TOKEN` with the same options
//! - `group G`, `listgroup [G [RANGE]]`, `last`, `next`, `stat|article|head|body [WHICH]`, `retrieve PART WHICH...`
//! - `over|hdr FIELD|xpat FIELD SPAN [PATTERN]`, `format`, `list KEYWORD [ARGUMENT]`, `active|counts|descriptions|times [WILDMAT]`,
//!   `distrib`, `newgroups STAMP`, `newnews WILDMAT STAMP`
//! - `post TEXT`, `ihave ID TEXT`, `stream`, `check ID...`, `takethis ID TEXT`; in a text `|` is a line end
//!
//! An outcome lists what each step returned; texts are shown escaped.

use std::fmt::Debug;
use std::io::{Read, Write};

use netkit_auth::Credentials;
use netkit_auth::sasl::Mechanism;
use netkit_nntp::listing::{Active, Created, Described, DistribPat};
use netkit_nntp::{
    Argument, Article, Capabilities, Capability, Client, Entry, Error, Found, Group, GroupInfo, Invalid,
    Line, Lines, List, Listing, Login, Method, Part, Post, Row, Span, Stamp, Which, Wildmat, overview,
};
use netkit_wire::{Conn, Fault, Phase, Replies, escape};

use crate::protocol::{Protocol, Session};

pub(crate) struct Nntp;

impl Protocol for Nntp {
    fn call(&self, words: &[String], session: &mut Session) -> String {
        let conn = match session.connect() {
            Ok(conn) => conn,
            Err(why) => return format!("Err Net: {why}"),
        };
        let mut client = Some(Client::new(conn));
        let mut results = Vec::new();
        for step in words.split(|word| word == ";") {
            let (tried, step) = match step {
                [word, rest @ ..] if word == "try" => (true, rest),
                step => (false, step),
            };
            match call(step, &mut client, session) {
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

    /// What is a reply and what a line of a listing or an article depends on what was asked: all are named.
    fn grammar(&self, conn: &mut Conn) -> String {
        let mut lines = String::new();
        loop {
            let line = netkit_wire::Line::new(conn.limits());
            match conn.recv_or_end(line) {
                Ok(Some(line)) => {
                    let line = line.as_bytes();
                    let mut whole = line.to_vec();
                    whole.extend_from_slice(b"\r\n");
                    let mut replies = Replies::single(conn.limits());
                    let reply = netkit_wire::Decode::decode(&mut replies, &whole).is_ok();
                    let rest = line.get(4..).unwrap_or_default();
                    let meant = (GroupInfo::parse(rest), Found::parse(rest), Stamp::parse(rest));
                    let listed = (Active::parse(line), Row::parse(line).map(|row| row.number));
                    lines += &format!("{reply} {meant:?} {listed:?} {:?}\n", Capability::parse(line));
                }
                Ok(None) => return lines,
                // What stands near is more where more has come.
                Err(Fault::Malformed { what, at, .. }) => return format!("{lines}{what} at {at}"),
                Err(fault) => return format!("{lines}{fault}"),
            }
        }
    }
}

fn optional<T: std::str::FromStr<Err = Invalid>>(words: &[&str]) -> Result<Option<T>, Error> {
    Ok(words.first().map(|word| word.parse()).transpose()?)
}

fn call(step: &[String], client: &mut Option<Client>, session: &Session) -> Result<String, Error> {
    let words: Vec<&str> = step.iter().map(String::as_str).collect();
    if let ["quit"] = *words {
        return client.take().ok_or(Error::Over)?.quit().map(|reply| reply.to_string());
    }
    let client = client.as_mut().ok_or(Error::Over)?;
    match *words {
        ["greeting"] => client.greeting().map(ToString::to_string),
        ["capabilities"] => client.capabilities().map(offers),
        ["reader"] => client.reader().map(|()| "reader".to_owned()),
        ["starttls"] => client.starttls(session.upgrade()).map(offers),
        ["compress"] => client.compress().map(|()| "compressed".to_owned()),
        ["lenient"] => {
            client.lenient(true);
            Ok("lenient".to_owned())
        }
        ["date"] => client.date().map(|at| at.to_string()),
        ["help"] => client.help().map(|lines| format!("{lines:?}")),
        ["login" | "token", user, secret, ..] => {
            login(words.first() == Some(&"token"), user, secret, step, client)
        }
        ["raw", line] => {
            let mut lines = String::new();
            let reply = client.raw(Line::new(line)?, |line| lines += &format!(" / {}", escape(line)))?;
            Ok(format!("{reply}{lines}"))
        }
        _ => ask(&words, client),
    }
}

fn ask(words: &[&str], client: &mut Client) -> Result<String, Error> {
    match *words {
        ["group", group] => client.group(&group.parse()?).map(|info| group_info(&info)),
        ["listgroup", ref rest @ ..] => {
            let group = optional::<Group>(rest)?;
            let range = optional(rest.get(1..).unwrap_or_default())?;
            let subset = client.list_group(group.as_ref().map(|group| (group, range)))?;
            let info = subset.group.as_ref().map(group_info);
            Ok(format!("{} {}", info.unwrap_or_default(), listing(subset.numbers)?))
        }
        ["last"] => client.last().map(|found| found.encode()),
        ["next"] => client.next().map(|found| found.encode()),
        ["stat", ref rest @ ..] => client.stat(&which(rest)?).map(|found| found.encode()),
        ["article", ref rest @ ..] => client.article(&which(rest)?).and_then(read),
        ["head", ref rest @ ..] => client.head(&which(rest)?).and_then(read),
        ["body", ref rest @ ..] => client.body(&which(rest)?).and_then(read),
        ["retrieve", part, ref rest @ ..] => {
            let part = match part {
                "head" => Part::Head,
                "body" => Part::Body,
                "stat" => Part::Stat,
                _ => Part::Article,
            };
            let which: Vec<Which> = rest.iter().map(|word| word.parse()).collect::<Result<_, _>>()?;
            retrieve(client, part, which)
        }
        ["over", ref rest @ ..] => rows(client.over(&span(rest)?)?),
        ["hdr", field, ref rest @ ..] => fields(client.hdr(&field.parse()?, &span(rest)?)?),
        ["xpat", field, of, pattern] => {
            fields(client.xpat(&field.parse()?, &of.parse()?, &Line::new(pattern)?)?)
        }
        ["format"] => client.overview_format().map(|format| format!("{:?}", format.names())),
        ["list", keyword, ref rest @ ..] => {
            let list = List::new(keyword, rest.first().copied());
            let list = list.ok_or(Invalid::new(Argument::Text, "no such list"))?;
            plain(client.list(list)?)
        }
        ["active", ref rest @ ..] => listing(client.active(optional::<Wildmat>(rest)?.as_ref())?),
        ["counts", ref rest @ ..] => listing(client.counts(optional::<Wildmat>(rest)?.as_ref())?),
        ["descriptions", ref rest @ ..] => {
            listing::<Described>(client.descriptions(optional::<Wildmat>(rest)?.as_ref())?)
        }
        ["times", ref rest @ ..] => {
            listing::<Created>(client.active_times(optional::<Wildmat>(rest)?.as_ref())?)
        }
        ["distrib"] => listing::<DistribPat>(client.distrib_pats()?),
        ["newgroups", at] => listing(client.new_groups(stamp(at)?)?),
        ["newnews", groups, at] => listing(client.new_news(&groups.parse()?, stamp(at)?)?),
        ["post", text] => send(client.post()?, text),
        ["ihave", id, text] => send(client.ihave(&id.parse()?)?, text),
        ["stream"] => client.stream().map(|()| "streaming".to_owned()),
        ["check", ref ids @ ..] => {
            let ids: Vec<_> = ids.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
            client.check(&ids).map(|wanted| format!("{wanted:?}"))
        }
        ["takethis", id, text] => {
            client.takethis(&id.parse()?, text.replace('|', "\n").as_bytes()).map(|reply| reply.to_string())
        }
        _ => Ok(format!("no such call: {words:?}")),
    }
}

fn group_info(info: &GroupInfo) -> String {
    let empty = if info.is_empty() { " (empty)" } else { "" };
    format!("{} {}-{} of {}{empty}", info.name, info.low, info.high, info.count)
}

fn which(words: &[&str]) -> Result<Which, Error> {
    Ok(optional(words)?.unwrap_or_default())
}

fn span(words: &[&str]) -> Result<Span, Error> {
    Ok(optional(words)?.unwrap_or_default())
}

fn stamp(text: &str) -> Result<Stamp, Error> {
    Stamp::parse(text.as_bytes()).ok_or(Invalid::new(Argument::Text, "no such time").into())
}

fn text_of(mut article: Article<'_>) -> Result<String, Error> {
    let mut text = Vec::new();
    article.read_to_end(&mut text).map_err(|why| Error::Wire(Fault::from_io(why, Phase::Receiving)))?;
    Ok(format!("\"{}\"", escape(&text)))
}

fn read(article: Article<'_>) -> Result<String, Error> {
    let found = article.found().encode();
    Ok(format!("{found}: {}", text_of(article)?))
}

fn retrieve(client: &mut Client, part: Part, which: Vec<Which>) -> Result<String, Error> {
    let mut articles = client.retrieve(part, which);
    let mut texts = Vec::new();
    while let Some((which, article)) = articles.next() {
        match article {
            Ok(article) => texts.push(format!("{which}: {}", text_of(article)?)),
            Err(why) if why.connection_is_usable() => texts.push(format!("{which}: {}", describe(&why))),
            Err(why) => return Err(why),
        }
    }
    Ok(format!("[{}]", texts.join(", ")))
}

fn listing<T: Debug>(listing: Listing<'_, T>) -> Result<String, Error> {
    let mut all = Vec::new();
    for entry in listing {
        all.push(match entry? {
            Entry::Item(item) => format!("{item:?}"),
            Entry::Bad { line, rule } => format!("bad \"{}\" ({rule})", escape(&line)),
        });
    }
    Ok(format!("[{}]", all.join(", ")))
}

fn plain(mut lines: Lines<'_>) -> Result<String, Error> {
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        all.push(format!("\"{}\"", escape(line?)));
    }
    Ok(format!("[{}]", all.join(", ")))
}

fn rows(mut lines: Lines<'_>) -> Result<String, Error> {
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        let line = line?;
        all.push(match Row::parse(line) {
            Ok(row) => {
                let extra: Vec<_> = row.extra().map(escape).collect();
                let [subject, from, date, id, references] =
                    [row.subject, row.from, row.date, row.id, row.references].map(escape);
                let (bytes, lines) = (row.bytes, row.lines);
                format!(
                    "{} {subject:?} {from:?} {date:?} {id} [{references}] {bytes:?} {lines:?} {extra:?}",
                    row.number
                )
            }
            Err(rule) => format!("bad \"{}\" ({rule})", escape(line)),
        });
    }
    Ok(format!("[{}]", all.join(", ")))
}

fn fields(mut lines: Lines<'_>) -> Result<String, Error> {
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        let line = line?;
        all.push(match overview::field(line) {
            Ok((number, value)) => format!("{number} \"{}\"", escape(value)),
            Err(rule) => format!("bad \"{}\" ({rule})", escape(line)),
        });
    }
    Ok(format!("[{}]", all.join(", ")))
}

fn send(mut post: Post<'_>, text: &str) -> Result<String, Error> {
    post.write_all(text.replace('|', "\n").as_bytes())
        .map_err(|why| Error::Wire(Fault::from_io(why, Phase::Sending)))?;
    post.finish().map(|reply| reply.to_string())
}

/// The value of `name=value` among the words of a step.
fn option<'s>(step: &'s [String], name: &str) -> Option<&'s str> {
    step.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn offers(capabilities: &Capabilities) -> String {
    let list: Vec<String> = capabilities.iter().map(ToString::to_string).collect();
    format!("[{}]", escape(list.join(", ").as_bytes()))
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
    let credentials =
        credentials.map_err(|_| Invalid::new(Argument::Login, "the user name breaks a line"))?;
    let nonce = option(step, "nonce").unwrap_or("fyko+d2lbbFgONRv9qkxdawL");
    let login = Login {
        channel_is_private: option(step, "channel") != Some("clear"),
        mechanism: option(step, "mechanism").and_then(|name| name.parse::<Mechanism>().ok()),
        ..Login::new("nntp", "news.example.org", 119, nonce)
    };
    let method = match option(step, "method") {
        Some("sasl") => Method::Sasl,
        Some("userpass") => Method::UserPass,
        _ => Method::Best,
    };
    client.login(&credentials, &login, method).map(|reply| reply.to_string())
}

fn describe(error: &Error) -> String {
    let name = match error {
        // Clear text behind the yes is found in the buffer when it came in one piece with it, by the handshake when not.
        Error::Wire(Fault::Leftover(_) | Fault::Io { phase: Phase::Upgrading, .. }) => {
            return "Err Wire: there is no TLS behind the yes".to_owned();
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
