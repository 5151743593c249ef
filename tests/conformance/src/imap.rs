//! IMAP's calls: steps on one session, with a lone `;` between them. Before a step's word may stand `try`: a refusal is then
//! written down and the next step is made; else the first error ends the call.
//!
//! - `greeting`, `capability`, `starttls`, `preauth`, `logout`
//! - `login USER PASSWORD [mechanism=M] [channel=clear] [nonce=N]`, `token USER TOKEN` with the same options
//! - `list REFERENCE PATTERN`, `lsub REFERENCE PATTERN`, `delimiter`, `liststatus PATTERN ITEM...`, `status MAILBOX ITEM...`
//! - `create M [USE]`, `delete M`, `rename M M`, `subscribe M`, `unsubscribe M`
//! - `append M TEXT [FLAG...]`, `appendall M TEXT...`
//! - `namespace`, `quotaroot M`, `quota ROOT`, `setquota ROOT NAME N`, `id [NAME VALUE]`, `enable NAME...`
//! - `acl M`, `setacl M WHO RIGHTS`, `deleteacl M WHO`, `listrights M WHO`, `myrights M`
//! - `metadata M ENTRY...`, `setmetadata M ENTRY VALUE` (M `""` is the server), `notify [now] FILTER EVENT... + ...`, `unauthenticate`
//! - `noop`, `raw LINE`, `notices`, `alerts`, `unread`
//! - `select M`, `examine M`, `resume M VALIDITY MODSEQ`, `whole M ITEM...`
//! - with a mailbox open: `search KEY...`, `searchfor OPTION,... KEY...`, `part FROM TO KEY...`, `sort CRITERION,... KEY...`,
//!   `thread ALGORITHM KEY...`, `fetch UIDS ITEM...`, `download UIDS ITEM...`, `changed UIDS MODSEQ`,
//!   `store UIDS +|-|= FLAG... [unless=N]`, `copy UIDS M`, `move UIDS M`, `expunge UIDS`, `replace UID M TEXT`, `idle`, `poll`,
//!   `unselect`, `close`
//!
//! An outcome lists what each step returned; data is shown as it would be on the wire, escaped.

use std::io::Read;
use std::time::Duration;

use netkit_auth::Credentials;
use netkit_auth::sasl::Mechanism;
use netkit_imap::framer::{Frame, Frames};
use netkit_imap::response::{Fetch, Response, Section, Status, Untagged};
use netkit_imap::types::{Atom, Mailbox, Set, Text8};
use netkit_imap::{
    Access, Append, Argument, Change, Client, Error, FetchItem, Invalid, Known, Login, Receive, SearchKey,
    Selected, StatusItem,
};
use netkit_wire::{Conn, Fault, Text, escape};

use crate::protocol::{Protocol, Session};

pub(crate) struct Imap;

/// Before the login, behind it, and in a mailbox.
enum State {
    Client(Box<Client>),
    Session(Box<netkit_imap::Session>),
    Selected(Box<Selected>),
}

impl Protocol for Imap {
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

    fn grammar(&self, conn: &mut Conn) -> String {
        let mut lines = String::new();
        loop {
            let limit = conn.limits().reply;
            match conn.recv_or_end(Frames::new(limit, limit as u64)) {
                Ok(Some(Frame::Whole(frame))) => {
                    let response = Response::parse(&frame, false);
                    let mut wire = Vec::new();
                    response.encode(false, &mut wire);
                    let kind = match &response {
                        Response::Untagged(Untagged::Unknown(_)) => "unread",
                        Response::Untagged(Untagged::Other(_)) => "unknown",
                        Response::Untagged(_) => "data",
                        Response::Tagged(..) => "end",
                        Response::Continue(_) => "go on",
                    };
                    lines += &format!("{kind}: {}\n", escape(&wire));
                }
                Ok(Some(Frame::Until { head, literal })) => {
                    return format!("{lines}a literal of {literal} behind {}", escape(&head));
                }
                Ok(None) => return lines,
                Err(fault) => return format!("{lines}{fault}"),
            }
        }
    }
}

type Outcome = Result<String, Error>;

fn call(step: &[String], state: &mut Option<State>, session: &Session) -> Outcome {
    let words: Vec<&str> = step.iter().map(String::as_str).collect();
    let over = || Error::Over(None);
    match (words.as_slice(), state.take().ok_or_else(over)?) {
        (["logout"], State::Client(client)) => client.logout().map(|()| "bye".to_owned()),
        (["logout"], State::Session(open)) => open.logout().map(|()| "bye".to_owned()),
        (["logout"], State::Selected(open)) => open.logout().map(|()| "bye".to_owned()),
        (["preauth"], State::Client(mut client)) => {
            client.greeting()?;
            if !client.is_preauth() {
                return Ok("nobody is logged in".to_owned());
            }
            let open = client.logged_in()?;
            *state = Some(State::Session(Box::new(open)));
            Ok("logged in".to_owned())
        }
        ([kind @ ("login" | "token"), user, secret, ..], State::Client(client)) => {
            let open = login(*kind == "token", user, secret, step, *client)?;
            let told = format!("[{}]", open.capabilities().join(" "));
            *state = Some(State::Session(Box::new(open)));
            Ok(told)
        }
        (["unauthenticate"], State::Session(open)) => match open.unauthenticate() {
            Ok(client) => {
                *state = Some(State::Client(Box::new(client)));
                Ok("nobody is logged in".to_owned())
            }
            Err(failed) => {
                *state = Some(State::Session(Box::new(failed.0)));
                Err(failed.1)
            }
        },
        (["whole", name, items @ ..], State::Session(open)) => {
            let (mut notes, mut told) = (Notes::default(), String::new());
            let opened = |selected: &Selected, _: &mut Notes| {
                told = describe_selected(selected);
                Ok(())
            };
            match open.open_and_download(&name.parse()?, &fetch_items(items)?, opened, &mut notes) {
                Ok((selected, done)) => {
                    *state = Some(State::Selected(Box::new(selected)));
                    let Ok(vanished) = done?;
                    Ok(format!("{told} [{}] vanished {vanished}", notes.0.join(", ")).trim_end().to_owned())
                }
                Err(failed) => {
                    *state = Some(State::Session(Box::new(failed.0)));
                    Err(failed.1)
                }
            }
        }
        ([verb @ ("select" | "examine" | "resume"), name, rest @ ..], place) => {
            let open = match place {
                State::Session(open) => *open,
                State::Selected(open) => open.into_session(),
                State::Client(_) => return Ok("log in first".to_owned()),
            };
            let access = if *verb == "examine" { Access::Read } else { Access::Change };
            let known = match rest {
                [validity, modseq] => Some(Known {
                    uid_validity: validity.parse().unwrap_or_default(),
                    modseq: modseq.parse().unwrap_or_default(),
                    uids: Set::default(),
                }),
                _ => None,
            };
            match open.open(&name.parse()?, access, known.as_ref()) {
                Ok((selected, changes)) => {
                    let mut told = describe_selected(&selected);
                    if known.is_some() {
                        told += &format!(" vanished {} flags {:?}", changes.vanished, changes.flags);
                    }
                    *state = Some(State::Selected(Box::new(selected)));
                    Ok(told)
                }
                Err(failed) => {
                    *state = Some(State::Session(Box::new(failed.0)));
                    Err(failed.1)
                }
            }
        }
        (["close"], State::Selected(open)) => {
            *state = Some(State::Session(Box::new(open.close_expunging()?)));
            Ok("closed".to_owned())
        }
        (["unselect"], State::Selected(open)) => {
            *state = Some(State::Session(Box::new(open.close()?)));
            Ok("closed".to_owned())
        }
        (words, mut place) => {
            let done = match &mut place {
                State::Client(client) => before_login(words, client, session),
                State::Session(open) => with_mailboxes(words, open),
                State::Selected(open) => match with_messages(words, open) {
                    Some(done) => done,
                    None => with_mailboxes(words, open.session()),
                },
            };
            *state = Some(place);
            done
        }
    }
}

fn before_login(words: &[&str], client: &mut Client, session: &Session) -> Outcome {
    match *words {
        ["greeting"] => client.greeting().map(Status::to_string),
        ["capability"] => client.capability().map(|all| format!("[{}]", all.join(" "))),
        ["starttls"] => client.starttls(session.upgrade()).map(|all| format!("[{}]", all.join(" "))),
        _ => Ok(format!("no such call: {words:?}")),
    }
}

fn describe_selected(open: &Selected) -> String {
    let number = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    format!(
        "{} messages validity {} next {} modseq {} flags [{}] lasting [{}]{}",
        open.exists,
        number(open.uid_validity.map(u64::from)),
        number(open.uid_next.map(u64::from)),
        number(open.highest_modseq),
        open.flags.join(" "),
        open.permanent_flags.join(" "),
        if open.read_only { " read only" } else { "" }
    )
}

fn shown(untagged: &Untagged<'_>) -> String {
    let mut wire = Vec::new();
    untagged.encode(true, &mut wire);
    escape(wire.strip_suffix(b"\r\n").unwrap_or(&wire)).into_owned()
}

fn atoms(words: &[&str]) -> Result<Vec<Atom>, Error> {
    Ok(words.iter().map(|word| word.parse()).collect::<Result<_, _>>()?)
}

/// `FILTER EVENT... + FILTER EVENT...`
fn groups(words: &[&str]) -> Result<Vec<(Atom, Vec<Atom>)>, Error> {
    let groups = words.split(|word| *word == "+").filter_map(|group| group.split_first());
    groups.map(|(filter, events)| Ok((filter.parse()?, atoms(events)?))).collect()
}

fn items(words: &[&str]) -> Vec<StatusItem> {
    let all = [
        StatusItem::Messages,
        StatusItem::UidNext,
        StatusItem::UidValidity,
        StatusItem::Unseen,
        StatusItem::Deleted,
        StatusItem::Size,
        StatusItem::HighestModSeq,
    ];
    let named = |word: &str| all.into_iter().find(|item| format!("{item:?}").eq_ignore_ascii_case(word));
    words.iter().filter_map(|word| named(word)).collect()
}

fn with_mailboxes(words: &[&str], open: &mut netkit_imap::Session) -> Outcome {
    let said = |status: Status| status.to_string();
    let texts = |all: Vec<Text>| {
        let all: Vec<String> = all.iter().map(|text| escape(text.as_bytes()).into_owned()).collect();
        format!("[{}]", all.join(" / "))
    };
    let placed =
        |placed: Option<(u32, Set)>| placed.map_or("somewhere".to_owned(), |(v, uids)| format!("{v} {uids}"));
    let place = |name: &str| -> Result<Option<Mailbox>, Error> {
        if name.is_empty() { Ok(None) } else { Ok(Some(name.parse()?)) }
    };
    let pairs = |all: Vec<(Text, Option<Text>)>| {
        let one = |(name, value): &(Text, Option<Text>)| match value {
            Some(value) => format!("{}={}", escape(name.as_bytes()), escape(value.as_bytes())),
            None => format!("{} is not", escape(name.as_bytes())),
        };
        format!("[{}]", all.iter().map(one).collect::<Vec<_>>().join(", "))
    };
    let listed = |all: Vec<netkit_imap::response::Listed>| {
        let all: Vec<String> = all.into_iter().map(|one| shown(&Untagged::List(one))).collect();
        format!("[{}]", all.join(", "))
    };
    let quotas = |all: Vec<netkit_imap::response::Quota>| {
        let all: Vec<String> = all.into_iter().map(|one| shown(&Untagged::Quota(one))).collect();
        format!("[{}]", all.join(", "))
    };
    match *words {
        ["list", reference, pattern] => open.list(reference, pattern).map(listed),
        ["lsub", reference, pattern] => open.lsub(reference, pattern).map(listed),
        ["delimiter"] => open.delimiter().map(|found| format!("{found:?}")),
        ["liststatus", pattern, ref names @ ..] => {
            let all = open.list_status(pattern, &items(names))?;
            let one = |(one, status): (
                netkit_imap::response::Listed,
                Option<netkit_imap::response::MailboxStatus>,
            )| {
                let status = status.map(|status| shown(&Untagged::MailboxStatus(status)));
                format!("{} {}", shown(&Untagged::List(one)), status.unwrap_or_default())
                    .trim_end()
                    .to_owned()
            };
            Ok(format!("[{}]", all.into_iter().map(one).collect::<Vec<_>>().join(", ")))
        }
        ["status", name, ref names @ ..] => {
            open.status(&name.parse()?, &items(names)).map(|status| shown(&Untagged::MailboxStatus(status)))
        }
        ["create", name] => open.create(&name.parse()?).map(said),
        ["create", name, special] => open.create_for(&name.parse()?, &special.parse()?).map(said),
        ["delete", name] => open.delete(&name.parse()?).map(said),
        ["rename", from, to] => open.rename(&from.parse()?, &to.parse()?).map(said),
        ["subscribe", name] => open.subscribe(&name.parse()?).map(said),
        ["unsubscribe", name] => open.unsubscribe(&name.parse()?).map(said),
        ["append", name, text, ref flags @ ..] => {
            let length = text.len() as u64;
            open.append(&name.parse()?, &atoms(flags)?, None, &mut text.as_bytes(), length).map(placed)
        }
        ["appendall", name, ref texts @ ..] => {
            let one = |text: &&str| Append { data: text.as_bytes().to_vec(), ..Append::default() };
            let outcomes = open.append_all(&name.parse()?, texts.iter().map(one).collect())?;
            let one = |outcome: Result<Option<(u32, Set)>, Status>| match outcome {
                Ok(found) => placed(found),
                Err(status) => status.to_string(),
            };
            Ok(format!("[{}]", outcomes.into_iter().map(one).collect::<Vec<_>>().join(", ")))
        }
        ["namespace"] => open.namespace().map(|all| shown(&Untagged::Namespace(all))),
        ["quotaroot", name] => open.quota_root(&name.parse()?).map(quotas),
        ["quota", root] => open.quota(&Text8::new(root)?).map(quotas),
        ["setquota", root, name, limit] => open
            .set_quota(&Text8::new(root)?, &[(name.parse()?, limit.parse().unwrap_or_default())])
            .map(quotas),
        ["id"] => open.id(&[]).map(|all| format!("{all:?}")),
        ["id", name, value] => {
            let about = [(Text8::new(name)?, Some(Text8::new(value)?))];
            open.id(&about).map(|all| format!("{all:?}"))
        }
        ["enable", ref names @ ..] => open.enable(&atoms(names)?).map(|on| format!("[{}]", on.join(" "))),
        ["acl", name] => open
            .acl(&name.parse()?)
            .map(|all| pairs(all.into_iter().map(|(who, what)| (who, Some(what))).collect())),
        ["setacl", name, who, what] => {
            open.set_acl(&name.parse()?, &Text8::new(who)?, &Text8::new(what)?).map(said)
        }
        ["deleteacl", name, who] => open.delete_acl(&name.parse()?, &Text8::new(who)?).map(said),
        ["listrights", name, who] => open.list_rights(&name.parse()?, &Text8::new(who)?).map(texts),
        ["myrights", name] => open.my_rights(&name.parse()?).map(|rights| rights.to_string()),
        ["metadata", name, ref entries @ ..] => {
            open.metadata(place(name)?.as_ref(), &atoms(entries)?).map(pairs)
        }
        ["setmetadata", name, entry, ref value @ ..] => {
            let value = value.first().map(|value| Text8::new(*value)).transpose()?;
            open.set_metadata(place(name)?.as_ref(), &[(Text8::new(entry)?, value)]).map(said)
        }
        ["notify", "now", ref all @ ..] => open.notify(&groups(all)?, true).map(|told| format!("{told:?}")),
        ["notify", ref all @ ..] => open.notify(&groups(all)?, false).map(|told| format!("{told:?}")),
        ["compress"] => open.compress().map(|()| "compressed".to_owned()),
        ["noop"] => open.noop().map(said),
        ["raw", line] => open.raw(line).map(texts),
        ["capabilities"] => Ok(format!("[{}]", open.capabilities().join(" "))),
        ["notices"] => Ok(texts(open.take_notices())),
        ["alerts"] => Ok(texts(open.take_alerts())),
        ["unread"] => {
            let (count, some) = open.take_unread();
            Ok(format!("{count} {}", texts(some)))
        }
        _ => Ok(format!("no such call: {words:?}")),
    }
}

fn keys(words: &[&str]) -> Result<Vec<SearchKey>, Error> {
    let mut all = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        all.push(key(word, &mut words)?);
    }
    Ok(all)
}

fn key<'w>(word: &str, rest: &mut impl Iterator<Item = &'w &'w str>) -> Result<SearchKey, Error> {
    let mut next = || rest.next().copied().unwrap_or_default();
    Ok(match word {
        "all" => SearchKey::All,
        "saved" => SearchKey::Saved,
        "flag" => SearchKey::Flag(next().parse()?),
        "from" => SearchKey::From(Text8::new(next())?),
        "to" => SearchKey::To(Text8::new(next())?),
        "cc" => SearchKey::Cc(Text8::new(next())?),
        "bcc" => SearchKey::Bcc(Text8::new(next())?),
        "subject" => SearchKey::Subject(Text8::new(next())?),
        "header" => SearchKey::Header(Text8::new(next())?, Text8::new(next())?),
        "body" => SearchKey::Body(Text8::new(next())?),
        "text" => SearchKey::Text(Text8::new(next())?),
        "before" => SearchKey::Before(next().parse()?),
        "on" => SearchKey::On(next().parse()?),
        "since" => SearchKey::Since(next().parse()?),
        "sentbefore" => SearchKey::SentBefore(next().parse()?),
        "senton" => SearchKey::SentOn(next().parse()?),
        "sentsince" => SearchKey::SentSince(next().parse()?),
        "larger" => SearchKey::Larger(next().parse().unwrap_or_default()),
        "smaller" => SearchKey::Smaller(next().parse().unwrap_or_default()),
        "younger" => SearchKey::Younger(next().parse().unwrap_or_default()),
        "older" => SearchKey::Older(next().parse().unwrap_or_default()),
        "uid" => SearchKey::Uid(next().parse()?),
        "modseq" => SearchKey::ModSeq(next().parse().unwrap_or_default()),
        "not" => SearchKey::Not(Box::new(key(next(), rest)?)),
        "or" => {
            let first = key(next(), rest)?;
            let word = rest.next().copied().unwrap_or_default();
            SearchKey::Or(Box::new(first), Box::new(key(word, rest)?))
        }
        "both" => {
            let first = key(next(), rest)?;
            let word = rest.next().copied().unwrap_or_default();
            SearchKey::And(vec![first, key(word, rest)?])
        }
        _ => SearchKey::Flag(format!("\\{word}").parse()?),
    })
}

fn fetch_items(words: &[&str]) -> Result<Vec<FetchItem>, Error> {
    let item = |word: &&str| -> Result<FetchItem, Error> {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        Ok(match name {
            "uid" => FetchItem::Uid,
            "flags" => FetchItem::Flags,
            "date" => FetchItem::InternalDate,
            "size" => FetchItem::Size,
            "envelope" => FetchItem::Envelope,
            "structure" => FetchItem::Structure,
            "modseq" => FetchItem::ModSeq,
            "emailid" => FetchItem::EmailId,
            "threadid" => FetchItem::ThreadId,
            "savedate" => FetchItem::SaveDate,
            "preview" => FetchItem::Preview,
            "header" => FetchItem::Header,
            "read" => FetchItem::Read,
            "field" => FetchItem::Field(value.parse()?),
            "part" => FetchItem::Part(value.parse()?),
            "mime" => FetchItem::Mime(value.parse()?),
            "decoded" => FetchItem::Decoded(value.parse()?),
            _ => FetchItem::Message,
        })
    };
    words.iter().map(item).collect()
}

/// Notes what it is given; a literal by how long it was.
#[derive(Default)]
struct Notes(Vec<String>);

impl Receive for Notes {
    type Error = std::convert::Infallible;

    fn literal(
        &mut self,
        so_far: &Fetch<'_>,
        section: &Section<'_>,
        body: &mut dyn Read,
    ) -> Result<(), std::convert::Infallible> {
        let (mut length, mut buffer) = (0, [0; 1000]);
        while let Ok(n) = body.read(&mut buffer) {
            if n == 0 {
                break;
            }
            length += n;
        }
        let name = escape(section.name).into_owned();
        self.0.push(format!("{length} bytes of [{name}] for {:?}", so_far.uid()));
        Ok(())
    }

    fn answer(&mut self, fetch: &Fetch<'_>) -> Result<(), std::convert::Infallible> {
        self.0.push(shown(&Untagged::Fetch(fetch.clone())));
        Ok(())
    }
}

/// None where it is no call about messages.
fn with_messages(words: &[&str], open: &mut Selected) -> Option<Outcome> {
    let list = |word: &str| -> Result<Vec<Atom>, Error> { atoms(&word.split(',').collect::<Vec<_>>()) };
    let moved =
        |moved: Option<(Set, Set)>| moved.map_or("done".to_owned(), |(from, to)| format!("{from} are {to}"));
    let events = |all: Vec<netkit_imap::Event>| format!("{all:?}");
    Some((|| match *words {
        ["search", ref rest @ ..] => open.search(&keys(rest)?).map(|found| found.to_string()),
        ["searchfor", options, ref rest @ ..] => {
            open.search_for(&list(options)?, &keys(rest)?).map(|found| shown(&Untagged::Esearch(found)))
        }
        ["part", from, to, ref rest @ ..] => {
            let range = (from.parse().unwrap_or_default(), to.parse().unwrap_or_default());
            open.search_part(range, &keys(rest)?).map(|found| shown(&Untagged::Esearch(found)))
        }
        ["sort", criteria, ref rest @ ..] => {
            open.sort(&list(criteria)?, &keys(rest)?).map(|found| format!("{found:?}"))
        }
        ["thread", algorithm, ref rest @ ..] => {
            open.thread(&algorithm.parse()?, &keys(rest)?).map(|found| shown(&Untagged::Thread(found)))
        }
        ["fetch", uids, ref rest @ ..] => {
            let mut told = Vec::new();
            let done = open.fetch(&uids.parse()?, &fetch_items(rest)?, |fetch: &Fetch<'_>| {
                told.push(shown(&Untagged::Fetch(fetch.clone())));
                Ok::<(), std::convert::Infallible>(())
            });
            let Ok(()) = done?;
            Ok(format!("[{}]", told.join(", ")))
        }
        ["download", uids, ref rest @ ..] => {
            let mut notes = Notes::default();
            let Ok(vanished) = open.download(&uids.parse()?, &fetch_items(rest)?, None, &mut notes)?;
            Ok(format!("[{}] vanished {vanished}", notes.0.join(", ")).trim_end().to_owned())
        }
        ["changed", uids, modseq] => {
            let mut notes = Notes::default();
            let since = Some(modseq.parse().unwrap_or_default());
            let Ok(vanished) = open.download(&uids.parse()?, &[FetchItem::Uid, FetchItem::Flags], since, &mut notes)?;
            Ok(format!("[{}] vanished {vanished}", notes.0.join(", ")).trim_end().to_owned())
        }
        ["store", uids, how, ref rest @ ..] => {
            let change = match how {
                "+" => Change::Add,
                "-" => Change::Remove,
                _ => Change::Set,
            };
            let unless = rest.iter().find_map(|word| word.strip_prefix("unless=")?.parse().ok());
            let flags: Vec<&str> = rest.iter().copied().filter(|word| !word.starts_with("unless=")).collect();
            let (changed, modified) = open.store_unless(&uids.parse()?, change, &atoms(&flags)?, unless)?;
            Ok(format!("{changed:?} modified {modified}").trim_end().to_owned())
        }
        ["copy", uids, to] => open.copy(&uids.parse()?, &to.parse()?).map(moved),
        ["move", uids, to] => open.mv(&uids.parse()?, &to.parse()?).map(moved),
        ["expunge", uids] => open.expunge(&uids.parse()?).map(|status| status.to_string()),
        ["replace", uid, to, text] => {
            let length = text.len() as u64;
            let uid = uid.parse().unwrap_or_default();
            open.replace(uid, &to.parse()?, &[], &mut text.as_bytes(), length).map(|status| status.to_string())
        }
        ["idle"] => open.idle(Duration::from_secs(5)).map(events),
        ["poll"] => open.poll().map(events),
        ["exists"] => Ok(open.exists.to_string()),
        _ => Err(Error::Over(None)),
    })())
    .filter(|_| {
        let known = "search searchfor part sort thread fetch download changed store copy move expunge replace idle poll exists";
        words.first().is_some_and(|word| known.split(' ').any(|one| one == *word))
    })
}

/// The value of `name=value` among the words of a step.
fn option<'s>(step: &'s [String], name: &str) -> Option<&'s str> {
    step.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn login(
    token: bool,
    user: &str,
    secret: &str,
    step: &[String],
    client: Client,
) -> Result<netkit_imap::Session, Error> {
    let credentials =
        if token { Credentials::token(user, secret) } else { Credentials::password(user, secret) };
    let credentials =
        credentials.map_err(|_| Invalid::new(Argument::Login, "the user name breaks a line"))?;
    let nonce = option(step, "nonce").unwrap_or("fyko+d2lbbFgONRv9qkxdawL");
    let login = Login {
        channel_is_private: option(step, "channel") != Some("clear"),
        mechanism: option(step, "mechanism").and_then(|name| name.parse::<Mechanism>().ok()),
        ..Login::new("imap", "mail.example.org", 143, nonce)
    };
    client.login(&credentials, &login)
}

fn describe(error: &Error) -> String {
    let name = match error {
        // Clear text behind the OK is found in the buffer when it came in one piece with it, by the handshake when not.
        Error::Wire(Fault::Leftover(_) | Fault::Io { phase: netkit_wire::Phase::Upgrading, .. }) => {
            return "Err Wire: there is no TLS behind the OK".to_owned();
        }
        Error::Net(_) => "Net",
        Error::Wire(_) => "Wire",
        Error::Refused(_) => "Refused",
        Error::Unexpected(_) => "Unexpected",
        Error::Unsupported(_) => "Unsupported",
        Error::Invalid(_) => "Invalid",
        Error::Sasl(_) => "Sasl",
        Error::TlsRefused(_) => "TlsRefused",
        Error::Over(_) => "Over",
        _ => "of a new kind",
    };
    format!("Err {name}: {error}")
}
