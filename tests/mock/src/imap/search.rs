//! SEARCH and SORT: programs of keys over messages (RFC 9051 section 6.4.4, RFC 5256).

use std::time::SystemTime;

use mail_parser::{DateTime, MessageParser};
use netkit_imap::response::{Code, Esearch, Status, Untagged, Value};
use netkit_imap::types::Set;
use netkit_wire::Text;

use super::fetch::{MONTHS, seconds, view_folder};
use super::part::{self, Piece};
use super::session::{Session, bad, no, ok};
use super::view::Picked;
use crate::world::Message;

/// A program.
enum Key {
    All(Vec<Key>),
    Any(Box<Key>, Box<Key>),
    Not(Box<Key>),
    Flag(String),
    Field(String, String),
    Body(String),
    Text(String),
    Larger(u64),
    Smaller(u64),
    /// Of when it came, or of its Date field: the first day that fits, and the first that does no more.
    Day {
        sent: bool,
        from: Option<i64>,
        to: Option<i64>,
    },
    /// At most, or at least, so many seconds old (RFC 5032).
    Younger(i64),
    Older(i64),
    Numbers(Picked, bool),
    Saved,
    ModSeq(u64),
    Never,
}

/// What is known about a message that is looked at.
struct Candidate<'m> {
    number: u32,
    message: &'m Message,
    now: i64,
    saved: &'m [u32],
}

const DAY: i64 = 86_400;

fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (date, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))? + 1;
    let text = format!("{year:0>4}-{month:02}-{date:0>2}T00:00:00Z");
    Some(DateTime::parse_rfc3339(&text).filter(DateTime::is_valid)?.to_timestamp().div_euclid(DAY))
}

/// Reads keys off the front of the arguments.
struct Reader<'r, 'f> {
    rest: &'r [Value<'f>],
    largest: (u32, u32),
}

impl<'r, 'f> Reader<'r, 'f> {
    fn next(&mut self) -> Option<&'r Value<'f>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn text(&mut self) -> Option<String> {
        self.next()?.text().map(|text| text.to_lowercase())
    }

    fn all(mut self) -> Option<Key> {
        let mut keys = Vec::new();
        while !self.rest.is_empty() {
            keys.push(self.key()?);
        }
        (!keys.is_empty()).then_some(Key::All(keys))
    }

    fn key(&mut self) -> Option<Key> {
        let word = match self.next()? {
            Value::List(inner) => return Reader { rest: inner, largest: self.largest }.all(),
            word => word.text()?.to_ascii_uppercase(),
        };
        let flag = |name: &str| Key::Flag(name.to_ascii_lowercase());
        let not = |key: Key| Key::Not(Box::new(key));
        let span = |sent, from, to| Key::Day { sent, from, to };
        Some(match word.as_str() {
            "ALL" | "OLD" => Key::All(Vec::new()),
            "NEW" | "RECENT" => Key::Never,
            "ANSWERED" | "DELETED" | "DRAFT" | "FLAGGED" | "SEEN" => flag(&format!("\\{word}")),
            "UNANSWERED" | "UNDELETED" | "UNDRAFT" | "UNFLAGGED" | "UNSEEN" => {
                not(flag(&format!("\\{}", word.get(2..)?)))
            }
            "KEYWORD" => flag(&self.text()?),
            "UNKEYWORD" => not(flag(&self.text()?)),
            "BCC" | "CC" | "FROM" | "SUBJECT" | "TO" => Key::Field(word.to_ascii_lowercase(), self.text()?),
            "HEADER" => Key::Field(self.text()?, self.text()?),
            "BODY" => Key::Body(self.text()?),
            "TEXT" => Key::Text(self.text()?),
            "LARGER" => Key::Larger(self.next()?.number()?),
            "SMALLER" => Key::Smaller(self.next()?.number()?),
            "BEFORE" => span(false, None, Some(day(&self.text()?)?)),
            "SINCE" => span(false, Some(day(&self.text()?)?), None),
            "SENTBEFORE" => span(true, None, Some(day(&self.text()?)?)),
            "SENTSINCE" => span(true, Some(day(&self.text()?)?), None),
            "ON" | "SENTON" => {
                let on = day(&self.text()?)?;
                span(word == "SENTON", Some(on), Some(on + 1))
            }
            "YOUNGER" => Key::Younger(i64::try_from(self.next()?.number()?).ok()?),
            "OLDER" => Key::Older(i64::try_from(self.next()?.number()?).ok()?),
            "NOT" => not(self.key()?),
            "OR" => Key::Any(Box::new(self.key()?), Box::new(self.key()?)),
            "MODSEQ" => {
                // A flag's name may stand before the number; here every change counts alike.
                let first = self.next()?;
                let value = match first.number() {
                    Some(value) => value,
                    None => {
                        self.next()?;
                        self.next()?.number()?
                    }
                };
                Key::ModSeq(value)
            }
            "UID" => {
                let set = self.next()?.bytes()?;
                if set == b"$" {
                    Key::Saved
                } else {
                    Key::Numbers(Picked::new(&Set::parse(set)?, self.largest.1), true)
                }
            }
            "$" => Key::Saved,
            set => Key::Numbers(Picked::new(&Set::parse(set.as_bytes())?, self.largest.0), false),
        })
    }
}

impl Key {
    fn fits(&self, one: &Candidate<'_>) -> bool {
        let message = one.message;
        match self {
            Key::All(keys) => keys.iter().all(|key| key.fits(one)),
            Key::Any(first, second) => first.fits(one) || second.fits(one),
            Key::Not(key) => !key.fits(one),
            Key::Never => false,
            Key::Flag(flag) => message.flags.iter().any(|known| known.eq_ignore_ascii_case(flag)),
            Key::Field(name, text) => {
                let fields = part::bytes(&message.data, &[], &Piece::Fields(vec![name.clone()], false));
                let fields = fields.unwrap_or_default();
                decoded(&fields, name).iter().any(|value| value.to_lowercase().contains(text.as_str()))
            }
            Key::Body(text) => bodies(&message.data).contains(text.as_str()),
            Key::Text(text) => {
                let header = part::bytes(&message.data, &[], &Piece::Header).unwrap_or_default();
                String::from_utf8_lossy(&header).to_lowercase().contains(text.as_str())
                    || bodies(&message.data).contains(text.as_str())
            }
            Key::Larger(size) => message.data.len() as u64 > *size,
            Key::Smaller(size) => (message.data.len() as u64) < *size,
            Key::Day { sent, from, to } => {
                let day = if *sent { sent_at(message) } else { Some(seconds(message.received)) };
                let day = day.map(|time| time.div_euclid(DAY));
                day.is_some_and(|day| from.is_none_or(|from| day >= from) && to.is_none_or(|to| day < to))
            }
            Key::Younger(age) => one.now - seconds(message.received) <= *age,
            Key::Older(age) => one.now - seconds(message.received) >= *age,
            Key::Numbers(picked, by_uid) => picked.has(if *by_uid { message.uid } else { one.number }),
            Key::Saved => one.saved.contains(&message.uid),
            Key::ModSeq(value) => message.modseq >= *value,
        }
    }

    fn has_modseq(&self) -> bool {
        match self {
            Key::All(keys) => keys.iter().any(Key::has_modseq),
            Key::Any(first, second) => first.has_modseq() || second.has_modseq(),
            Key::Not(key) => key.has_modseq(),
            Key::ModSeq(_) => true,
            _ => false,
        }
    }
}

/// The values of a field, decoded and as they stand.
fn decoded(fields: &[u8], name: &str) -> Vec<String> {
    let raw = String::from_utf8_lossy(fields).into_owned();
    let parsed = MessageParser::default().parse_headers(fields);
    let subject = parsed.as_ref().and_then(|parsed| parsed.subject()).filter(|_| name == "subject");
    let names = parsed
        .as_ref()
        .into_iter()
        .flat_map(|parsed| [parsed.from(), parsed.to(), parsed.cc(), parsed.bcc()]);
    let names = names.flatten().flat_map(mail_parser::Address::iter);
    let names = names.filter_map(|one| one.name.as_deref().map(str::to_owned));
    let value = raw.split_once(':').map(|(_, value)| value.to_owned());
    value.into_iter().chain(subject.map(str::to_owned)).chain(names).collect()
}

fn bodies(data: &[u8]) -> String {
    let Some(parsed) = MessageParser::default().parse(data) else { return String::new() };
    let count = u32::try_from(parsed.text_body_count()).unwrap_or_default();
    (0..count)
        .filter_map(|at| parsed.body_text(usize::try_from(at).ok()?))
        .map(|text| text.to_lowercase())
        .collect()
}

fn sent_at(message: &Message) -> Option<i64> {
    MessageParser::default().parse_headers(&*message.data)?.date().map(DateTime::to_timestamp)
}

impl Session<'_> {
    /// The program's messages, with their numbers; a status when it is none.
    pub(super) fn found(&self, program: &[Value<'_>]) -> Result<(Vec<(u32, Message)>, bool), Status> {
        let (Some(view), Some(user)) = (&self.view, self.user.as_deref()) else {
            return Err(bad("nothing is open"));
        };
        let largest_uid = view.known.last().map_or(0, |(uid, _)| *uid);
        let largest = (super::view::small(view.known.len()), largest_uid);
        let key = Reader { rest: program, largest }.all().ok_or_else(|| bad("that is no search"))?;
        let now = seconds(SystemTime::now());
        let mail = self.server.world.mail();
        let Some(folder) = mail.folder(user, &view_folder(self)) else { return Ok((Vec::new(), false)) };
        let candidates =
            (1..).zip(&view.known).filter_map(|(number, (uid, _))| Some((number, folder.get(*uid)?.1)));
        let fits = |number: u32, message: &Message| {
            key.fits(&Candidate { number, message, now, saved: &view.saved })
        };
        let all = candidates.filter(|(number, message)| fits(*number, message));
        Ok((all.map(|(number, message)| (number, message.clone())).collect(), key.has_modseq()))
    }

    /// `SEARCH [RETURN (options)] [CHARSET charset] program`
    pub(super) fn search(&mut self, by_uid: bool, arguments: &[Value<'_>]) -> Status {
        let is =
            |value: &Value<'_>, name: &str| value.text().is_some_and(|word| word.eq_ignore_ascii_case(name));
        let (options, rest) = match arguments {
            [word, Value::List(options), rest @ ..] if is(word, "RETURN") => (Some(options.as_slice()), rest),
            all => (None, all),
        };
        let rest = match rest {
            [word, charset, rest @ ..] if is(word, "CHARSET") => {
                if !is(charset, "UTF-8") && !is(charset, "US-ASCII") {
                    return no("UTF-8 it must be")
                        .with(Code::Other("BADCHARSET".to_owned(), Text::from("(UTF-8)")));
                }
                rest
            }
            all => all,
        };
        let (found, with_modseq) = match self.found(rest) {
            Ok(found) => found,
            Err(status) => return status,
        };
        let numbers: Vec<u32> =
            found.iter().map(|(number, message)| if by_uid { message.uid } else { *number }).collect();
        let modseq = found.iter().map(|(_, message)| message.modseq).max().filter(|_| with_modseq);
        let Some(options) = options else {
            self.tell(&Untagged::Search(numbers, modseq));
            return ok("that is all");
        };
        let has = |name: &str| options.iter().any(|one| is(one, name));
        if has("SAVE")
            && let Some(view) = &mut self.view
        {
            view.saved = found.iter().map(|(_, message)| message.uid).collect();
        }
        let partial = options
            .iter()
            .position(|one| is(one, "PARTIAL"))
            .and_then(|at| options.get(at + 1))
            .and_then(Value::text);
        let all = options.is_empty() || has("ALL");
        let part = match &partial {
            None => None,
            Some(range) => match slice(&numbers, range) {
                Some(part) => {
                    Some((range.to_string(), (!part.is_empty()).then(|| part.iter().copied().collect())))
                }
                None => return bad("that is no part"),
            },
        };
        let only_saved = has("SAVE") && options.len() == 1;
        if !only_saved {
            self.tell(&Untagged::Esearch(Esearch {
                tag: None,
                uid: by_uid,
                min: numbers.iter().copied().min().filter(|_| has("MIN")),
                max: numbers.iter().copied().max().filter(|_| has("MAX")),
                count: has("COUNT").then_some(numbers.len() as u64),
                all: (all && !numbers.is_empty()).then(|| numbers.iter().copied().collect()),
                modseq,
                partial: part,
            }));
        }
        ok("that is all")
    }

    /// `SORT (criteria) charset program`
    pub(super) fn sort(&mut self, by_uid: bool, arguments: &[Value<'_>]) -> Status {
        let [Value::List(criteria), _, program @ ..] = arguments else {
            return bad("SORT (criteria) charset program");
        };
        let mut found = match self.found(program) {
            Ok((found, _)) => found,
            Err(status) => return status,
        };
        let words: Vec<String> =
            criteria.iter().filter_map(Value::text).map(|word| word.to_ascii_uppercase()).collect();
        let mut order: Vec<(bool, String)> = Vec::new();
        let mut reverse = false;
        for word in words {
            if word == "REVERSE" {
                reverse = true;
            } else {
                order.push((std::mem::take(&mut reverse), word));
            }
        }
        let known = ["ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO"];
        if order.is_empty() || !order.iter().all(|(_, word)| known.contains(&word.as_str())) {
            return bad("there is no such criterion");
        }
        found.sort_by_cached_key(|(number, message)| {
            let keys: Vec<Ranked> =
                order.iter().map(|(reverse, by)| Ranked::new(message, by, *reverse)).collect();
            (keys, *number)
        });
        self.tell(&Untagged::Sort(
            found.iter().map(|(number, one)| if by_uid { one.uid } else { *number }).collect(),
        ));
        ok("that is all")
    }
}

/// What a message is sorted by; the other way round where that was asked for.
#[derive(PartialEq, Eq)]
struct Ranked(i64, String, bool);

impl Ranked {
    fn new(message: &Message, by: &str, reverse: bool) -> Ranked {
        let parsed = MessageParser::default().parse_headers(&*message.data);
        let parsed = parsed.as_ref();
        let mailbox = |address: Option<&mail_parser::Address<'_>>| {
            let address = address.and_then(|list| list.first()).and_then(|one| one.address.as_deref());
            address.and_then(|address| address.split('@').next()).unwrap_or_default().to_lowercase()
        };
        let arrival = seconds(message.received);
        let (number, text) = match by {
            "ARRIVAL" => (arrival, String::new()),
            "SIZE" => (i64::try_from(message.data.len()).unwrap_or(i64::MAX), String::new()),
            "DATE" => (sent_at(message).unwrap_or(arrival), String::new()),
            "FROM" => (0, mailbox(parsed.and_then(|one| one.from()))),
            "TO" => (0, mailbox(parsed.and_then(|one| one.to()))),
            "CC" => (0, mailbox(parsed.and_then(|one| one.cc()))),
            _ => (0, parsed.and_then(|one| one.thread_name()).unwrap_or_default().to_lowercase()),
        };
        Ranked(number, text, reverse)
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Ranked) -> std::cmp::Ordering {
        let order = (self.0, &self.1).cmp(&(other.0, &other.1));
        if self.2 { order.reverse() } else { order }
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Ranked) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// By place from the front, or from the end with minus signs (RFC 9394 section 3.1).
fn slice<'n>(numbers: &'n [u32], range: &str) -> Option<&'n [u32]> {
    let (from, to) = range.split_once(':')?;
    let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
    let place = |n: i64| usize::try_from(n.unsigned_abs()).ok().filter(|n| *n > 0);
    let (first, last) = (place(from)?.min(place(to)?), place(from)?.max(place(to)?));
    let count = numbers.len();
    match (from > 0, to > 0) {
        (true, true) => Some(numbers.get((first - 1).min(count)..last.min(count)).unwrap_or_default()),
        (false, false) => {
            Some(numbers.get(count.saturating_sub(last)..count.saturating_sub(first - 1)).unwrap_or_default())
        }
        _ => None,
    }
}
