//! FETCH: what is told of messages (RFC 9051 section 6.4.5).

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use mail_parser::{DateTime, MessageParser};
use netkit_imap::response::{Fetch, Item, Section, Untagged, Value};
use netkit_wire::Fault;

use super::part::{self, Piece};
use super::session::{Outcome, Session, bad, ok};
use super::structure;
use crate::world::{Flagging, Message};

/// One thing that is asked for.
#[derive(Clone, Debug)]
enum Wanted {
    Flags,
    Uid,
    InternalDate,
    Size,
    Envelope,
    Structure,
    ModSeq,
    EmailId,
    ThreadId,
    SaveDate,
    Preview,
    /// A piece of the message: its name in the brackets, from which byte, at most how many, and whether it is seen then.
    Piece {
        name: String,
        numbers: Vec<usize>,
        piece: Piece,
        range: Option<(u64, u64)>,
        peek: bool,
    },
    BinarySize {
        name: String,
        numbers: Vec<usize>,
    },
}

/// The months as they are written (RFC 9051 section 9, `date-month`).
pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub(super) fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or_default())
}

/// ` 7-Feb-1994 21:52:25 +0000`
fn internal_date(time: SystemTime) -> String {
    let t = DateTime::from_timestamp(seconds(time));
    let month = usize::from(t.month).checked_sub(1).and_then(|at| MONTHS.get(at)).unwrap_or(&"Jan");
    format!("{:>2}-{month}-{:04} {:02}:{:02}:{:02} +0000", t.day, t.year, t.hour, t.minute, t.second)
}

fn wanted(value: &Value<'_>) -> Option<Vec<Wanted>> {
    let mut all = Vec::new();
    let list = match value {
        Value::List(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    for one in list {
        // PREVIEW (LAZY): nothing here takes long.
        if matches!(one, Value::List(_)) {
            continue;
        }
        let word = one.text()?;
        match word.to_ascii_uppercase().as_str() {
            "FLAGS" => all.push(Wanted::Flags),
            "UID" => all.push(Wanted::Uid),
            "INTERNALDATE" => all.push(Wanted::InternalDate),
            "RFC822.SIZE" => all.push(Wanted::Size),
            "ENVELOPE" => all.push(Wanted::Envelope),
            "BODYSTRUCTURE" | "BODY" => all.push(Wanted::Structure),
            "MODSEQ" => all.push(Wanted::ModSeq),
            "EMAILID" => all.push(Wanted::EmailId),
            "THREADID" => all.push(Wanted::ThreadId),
            "SAVEDATE" => all.push(Wanted::SaveDate),
            "PREVIEW" => all.push(Wanted::Preview),
            "FAST" => all.extend([Wanted::Flags, Wanted::InternalDate, Wanted::Size]),
            "ALL" => all.extend([Wanted::Flags, Wanted::InternalDate, Wanted::Size, Wanted::Envelope]),
            "FULL" => all.extend([
                Wanted::Flags,
                Wanted::InternalDate,
                Wanted::Size,
                Wanted::Envelope,
                Wanted::Structure,
            ]),
            "RFC822" => all.push(old("", Piece::Whole, false)),
            "RFC822.HEADER" => all.push(old("HEADER", Piece::Header, true)),
            "RFC822.TEXT" => all.push(old("TEXT", Piece::Text, false)),
            _ => all.push(section(&word)?),
        }
    }
    Some(all)
}

fn old(name: &str, piece: Piece, peek: bool) -> Wanted {
    Wanted::Piece { name: name.to_owned(), numbers: Vec::new(), piece, range: None, peek }
}

/// `BODY[1.2.HEADER]<0.512>` and its like.
fn section(word: &str) -> Option<Wanted> {
    let (head, rest) = word.split_once('[')?;
    let (name, behind) = rest.rsplit_once(']')?;
    let range = match behind.strip_prefix('<').and_then(|range| range.strip_suffix('>')) {
        Some(range) => {
            let (from, most) = range.split_once('.')?;
            Some((from.parse().ok()?, most.parse().ok()?))
        }
        None if behind.is_empty() => None,
        None => return None,
    };
    let (head, peek) = match head.to_ascii_uppercase().as_str() {
        "BODY" => ("BODY", false),
        "BODY.PEEK" => ("BODY", true),
        "BINARY" => ("BINARY", false),
        "BINARY.PEEK" => ("BINARY", true),
        "BINARY.SIZE" => ("BINARY.SIZE", true),
        _ => return None,
    };
    let (numbers, piece) = part::section(name, head != "BODY")?;
    let name = name.to_owned();
    Some(match head {
        "BINARY.SIZE" => Wanted::BinarySize { name, numbers },
        _ => Wanted::Piece { name, numbers, piece, range, peek },
    })
}

impl Session<'_> {
    pub(super) fn fetch(&mut self, by_uid: bool, arguments: &[Value<'_>]) -> Outcome {
        let [set, items, rest @ ..] = arguments else { return Ok(bad("FETCH set items")) };
        let (Some(mut wanted), Some(view)) = (wanted(items), &self.view) else {
            return Ok(bad("that cannot be fetched"));
        };
        let Some(picked) = view.pick(set, by_uid) else { return Ok(bad("that is no set")) };
        if by_uid {
            wanted.retain(|one| !matches!(one, Wanted::Uid));
            wanted.insert(0, Wanted::Uid);
        }
        let modifiers = rest.first().map(Value::list).unwrap_or_default();
        let at = |name: &str| {
            modifiers.iter().position(|one| one.text().is_some_and(|word| word.eq_ignore_ascii_case(name)))
        };
        let since = at("CHANGEDSINCE").and_then(|at| modifiers.get(at + 1)).and_then(Value::number);
        let with_vanished = at("VANISHED").is_some();
        if with_vanished && (since.is_none() || !self.enabled.qresync || !by_uid) {
            return Ok(bad("VANISHED goes with CHANGEDSINCE, by UID, after ENABLE QRESYNC"));
        }
        if since.is_some() && !wanted.iter().any(|one| matches!(one, Wanted::ModSeq)) {
            wanted.push(Wanted::ModSeq);
        }
        self.enabled.condstore |= wanted.iter().any(|one| matches!(one, Wanted::ModSeq));
        if let (Some(since), true) = (since, with_vanished) {
            self.tell_vanished(set, since);
        }
        let (folder, read_only) = (view_folder(self), self.view.as_ref().is_none_or(|view| view.read_only));
        let sees = !read_only && wanted.iter().any(|one| matches!(one, Wanted::Piece { peek: false, .. }));
        for (number, uid) in picked {
            let Some(message) = self.message(&folder, uid) else { continue };
            if since.is_some_and(|since| message.modseq <= since) {
                continue;
            }
            let message = if sees { self.see(&folder, message) } else { message };
            let mut asked = wanted.clone();
            if sees && !asked.iter().any(|one| matches!(one, Wanted::Flags)) {
                asked.push(Wanted::Flags);
            }
            let items: Vec<Item<'_>> = asked.iter().map(|one| item(one, &message)).collect();
            self.tell(&Untagged::Fetch(Fetch { number, items }));
            if let Some(view) = &mut self.view
                && asked.iter().any(|one| matches!(one, Wanted::Flags))
            {
                view.heard(uid, message.modseq);
            }
            self.flush_some()?;
        }
        Ok(ok("that is all"))
    }

    /// What is queued goes out before it grows large.
    fn flush_some(&mut self) -> Result<(), Fault> {
        if self.conn.outbox().len() > 64 << 10 { self.conn.flush() } else { Ok(()) }
    }

    fn message(&self, folder: &str, uid: u32) -> Option<Message> {
        let user = self.user.as_deref()?;
        let mail = self.server.world.mail();
        mail.folder(user, folder)?.get(uid).map(|(_, message)| message.clone())
    }

    /// To be told in full is to be seen.
    fn see(&self, folder: &str, message: Message) -> Message {
        let Some(user) = self.user.as_deref() else { return message };
        let seen = [String::from("\\Seen")].into();
        let mut mail = self.server.world.mail();
        mail.flag(user, folder, message.uid, (Flagging::Add, &seen), None).ok().flatten().unwrap_or(message)
    }

    /// RFC 7162 section 3.2.6.
    fn tell_vanished(&mut self, set: &Value<'_>, since: u64) {
        let Some(user) = self.user.clone() else { return };
        let name = view_folder(self);
        let gone: Vec<u32> = {
            let mail = self.server.world.mail();
            let Some(folder) = mail.folder(&user, &name) else { return };
            let picked = set.bytes().and_then(netkit_imap::types::Set::parse);
            let picked = picked.map(|set| super::view::Picked::new(&set, folder.uid_next()));
            let gone = folder.vanished_since(since).into_iter();
            gone.filter(|uid| picked.as_ref().is_some_and(|picked| picked.has(*uid))).collect()
        };
        if !gone.is_empty() {
            self.tell(&Untagged::Vanished(true, gone.into_iter().collect()));
        }
    }
}

pub(super) fn view_folder(session: &Session<'_>) -> String {
    session.view.as_ref().map(|view| view.folder.clone()).unwrap_or_default()
}

fn item<'m>(wanted: &'m Wanted, message: &'m Message) -> Item<'m> {
    match wanted {
        Wanted::Flags => Item::Flags(message.flags.iter().map(|flag| Cow::Borrowed(flag.as_str())).collect()),
        Wanted::Uid => Item::Uid(message.uid),
        Wanted::InternalDate => Item::InternalDate(Cow::Owned(internal_date(message.received).into_bytes())),
        Wanted::Size => Item::Size(message.data.len() as u64),
        Wanted::Envelope => Item::Envelope(Box::new(structure::envelope(&message.data))),
        Wanted::Structure => Item::Structure(structure::structure(&message.data)),
        Wanted::ModSeq => Item::ModSeq(message.modseq),
        Wanted::EmailId => Item::EmailId(Cow::Owned(identity(&message.data).into_bytes())),
        Wanted::ThreadId => Item::ThreadId(None),
        Wanted::SaveDate => Item::SaveDate(Some(Cow::Owned(internal_date(message.received).into_bytes()))),
        Wanted::Preview => Item::Preview(Some(Cow::Owned(preview(&message.data)))),
        Wanted::Piece { name, numbers, piece, range, .. } => {
            let bytes = match (numbers.is_empty(), piece) {
                (true, Piece::Whole) => Some(Cow::Borrowed(&*message.data)),
                _ => part::bytes(&message.data, numbers, piece).map(Cow::Owned),
            };
            let cut = |bytes: Cow<'m, [u8]>| match range {
                None => bytes,
                Some((from, most)) => {
                    let from = usize::try_from(*from).unwrap_or(usize::MAX).min(bytes.len());
                    let to =
                        from.saturating_add(usize::try_from(*most).unwrap_or(usize::MAX)).min(bytes.len());
                    Cow::Owned(bytes.get(from..to).unwrap_or_default().to_vec())
                }
            };
            let section = Section {
                name: name.as_bytes(),
                origin: range.map(|(from, _)| from),
                binary: matches!(piece, Piece::Content),
            };
            Item::Section(section, bytes.map(cut))
        }
        Wanted::BinarySize { name, numbers } => {
            let size =
                part::bytes(&message.data, numbers, &Piece::Content).map_or(0, |bytes| bytes.len() as u64);
            Item::BinarySize(name.as_bytes(), size)
        }
    }
}

/// What the data is, says who the message is, wherever it lies (RFC 8474 section 5.1).
fn identity(data: &[u8]) -> String {
    use md5::{Digest, Md5};
    let hash = Md5::digest(data);
    hash.iter().fold(String::from("M"), |text, byte| format!("{text}{byte:02x}"))
}

/// The first words of a message (RFC 8970: at most 256 characters).
fn preview(data: &[u8]) -> Vec<u8> {
    let parsed = MessageParser::default().parse(data);
    let text = parsed.as_ref().and_then(|message| message.body_text(0)).unwrap_or_default();
    let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(200).collect::<String>().into_bytes()
}
