//! Responses onto the wire, for servers: the grammar of [`super::Response::parse`], the other way.

use netkit_wire::Text;

use super::body::{Body, Part};
use super::envelope::{Address, Envelope};
use super::fetch::{Fetch, Item};
use super::mailbox::{Listed, MailboxStatus, Namespace, Quota};
use super::status::{Code, Kind, Status};
use super::untagged::{Esearch, Thread, Untagged};
use super::value::Value;

/// The longest text that goes between quotes.
const QUOTED: usize = 1000;

/// `quoted / literal`, whichever holds it.
fn string(text: &[u8], out: &mut Vec<u8>) {
    let fits = |b: &u8| !matches!(b, b'\r' | b'\n' | 0) && b.is_ascii();
    if text.len() > QUOTED || !text.iter().all(fits) {
        out.extend_from_slice(format!("{{{}}}\r\n", text.len()).as_bytes());
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

fn nstring(text: Option<&[u8]>, out: &mut Vec<u8>) {
    match text {
        None => out.extend_from_slice(b"NIL"),
        Some(text) => string(text, out),
    }
}

fn word(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(text.as_bytes());
}

/// Pieces with spaces between, in brackets.
fn list<T>(all: impl IntoIterator<Item = T>, out: &mut Vec<u8>, mut one: impl FnMut(T, &mut Vec<u8>)) {
    out.push(b'(');
    for (at, piece) in all.into_iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        one(piece, out);
    }
    out.push(b')');
}

fn delimiter(of: Option<char>, out: &mut Vec<u8>) {
    let text = of.map(String::from);
    nstring(text.as_deref().map(str::as_bytes), out);
}

impl Status {
    /// What stands behind the tag or the star.
    pub fn encode(&self, out: &mut Vec<u8>) {
        word(self.kind.as_str(), out);
        if let Some(code) = &self.code {
            out.extend_from_slice(b" [");
            code.encode(out);
            out.push(b']');
        }
        out.push(b' ');
        out.extend_from_slice(self.text.as_bytes());
    }

    /// A status without a code.
    pub fn new(kind: Kind, text: &str) -> Status {
        Status { kind, code: None, text: Text::from(text) }
    }

    /// The same with a code.
    #[must_use]
    pub fn with(mut self, code: Code) -> Status {
        self.code = Some(code);
        self
    }
}

impl Code {
    fn encode(&self, out: &mut Vec<u8>) {
        let text = match self {
            Code::Alert => "ALERT".to_owned(),
            Code::Capability(names) => format!("CAPABILITY {}", names.join(" ")),
            Code::PermanentFlags(flags) => format!("PERMANENTFLAGS ({})", flags.join(" ")),
            Code::UidNext(n) => format!("UIDNEXT {n}"),
            Code::UidValidity(n) => format!("UIDVALIDITY {n}"),
            Code::Unseen(n) => format!("UNSEEN {n}"),
            Code::ReadOnly => "READ-ONLY".to_owned(),
            Code::ReadWrite => "READ-WRITE".to_owned(),
            Code::TryCreate => "TRYCREATE".to_owned(),
            Code::AppendUid(validity, uids) => format!("APPENDUID {validity} {uids}"),
            Code::CopyUid(validity, from, to) => format!("COPYUID {validity} {from} {to}"),
            Code::HighestModSeq(n) => format!("HIGHESTMODSEQ {n}"),
            Code::NoModSeq => "NOMODSEQ".to_owned(),
            Code::Modified(set) => format!("MODIFIED {set}"),
            Code::Closed => "CLOSED".to_owned(),
            Code::NonExistent => "NONEXISTENT".to_owned(),
            Code::AuthenticationFailed => "AUTHENTICATIONFAILED".to_owned(),
            Code::OverQuota => "OVERQUOTA".to_owned(),
            Code::Other(name, text) => {
                word(name, out);
                if !text.as_bytes().is_empty() {
                    out.push(b' ');
                    out.extend_from_slice(text.as_bytes());
                }
                return;
            }
        };
        word(&text, out);
    }
}

impl Untagged<'_> {
    /// The whole response with `* ` and CRLF. `utf8`: names of mailboxes go as UTF-8.
    pub fn encode(&self, utf8: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(b"* ");
        self.inner(utf8, out);
        out.extend_from_slice(b"\r\n");
    }

    fn inner(&self, utf8: bool, out: &mut Vec<u8>) {
        let mailbox = |name: &crate::types::Mailbox, out: &mut Vec<u8>| {
            string(name.to_wire(utf8).as_bytes(), out);
        };
        let words = |name: &str, all: &[String], out: &mut Vec<u8>| {
            word(name, out);
            for one in all {
                out.push(b' ');
                word(one, out);
            }
        };
        let texts = |all: &[Text], out: &mut Vec<u8>| {
            for one in all {
                out.push(b' ');
                string(one.as_bytes(), out);
            }
        };
        match self {
            Untagged::Status(status) => status.encode(out),
            Untagged::Capability(names) => words("CAPABILITY", names, out),
            Untagged::Enabled(names) => words("ENABLED", names, out),
            Untagged::List(listed) => listed.encode("LIST", utf8, out),
            Untagged::Lsub(listed) => listed.encode("LSUB", utf8, out),
            Untagged::MailboxStatus(status) => status.encode(utf8, out),
            Untagged::Flags(flags) => {
                word("FLAGS ", out);
                list(flags, out, |flag, out| word(flag, out));
            }
            Untagged::Exists(n) => word(&format!("{n} EXISTS"), out),
            Untagged::Recent(n) => word(&format!("{n} RECENT"), out),
            Untagged::Expunge(n) => word(&format!("{n} EXPUNGE"), out),
            Untagged::Vanished(earlier, uids) => {
                word(&format!("VANISHED {}{uids}", if *earlier { "(EARLIER) " } else { "" }), out);
            }
            Untagged::Fetch(fetch) => fetch.encode(out),
            Untagged::Search(numbers, modseq) => {
                word("SEARCH", out);
                numbers.iter().for_each(|n| word(&format!(" {n}"), out));
                if let Some(modseq) = modseq {
                    word(&format!(" (MODSEQ {modseq})"), out);
                }
            }
            Untagged::Esearch(found) => found.encode(out),
            Untagged::Sort(numbers) => {
                word("SORT", out);
                numbers.iter().for_each(|n| word(&format!(" {n}"), out));
            }
            Untagged::Thread(threads) => {
                word("THREAD ", out);
                threads.iter().for_each(|one| one.encode(out));
            }
            Untagged::Namespace(all) => {
                word("NAMESPACE", out);
                for group in [&all.personal, &all.others, &all.shared] {
                    out.push(b' ');
                    namespaces(group, out);
                }
            }
            Untagged::Quota(quota) => quota.encode(out),
            Untagged::QuotaRoot(name, roots) => {
                word("QUOTAROOT ", out);
                mailbox(name, out);
                texts(roots, out);
            }
            Untagged::Acl(name, all) => {
                word("ACL ", out);
                mailbox(name, out);
                all.iter().for_each(|(who, what)| texts(&[who.clone(), what.clone()], out));
            }
            Untagged::MyRights(name, rights) => {
                word("MYRIGHTS ", out);
                mailbox(name, out);
                texts(std::slice::from_ref(rights), out);
            }
            Untagged::ListRights(name, who, groups) => {
                word("LISTRIGHTS ", out);
                mailbox(name, out);
                texts(std::slice::from_ref(who), out);
                texts(groups, out);
            }
            Untagged::Metadata(name, entries) => {
                word("METADATA ", out);
                string(name.as_bytes(), out);
                out.push(b' ');
                list(entries, out, |(name, value), out| {
                    string(name.as_bytes(), out);
                    out.push(b' ');
                    nstring(value.as_ref().map(Text::as_bytes), out);
                });
            }
            Untagged::Id(fields) if fields.is_empty() => word("ID NIL", out),
            Untagged::Id(fields) => {
                word("ID ", out);
                list(fields, out, |(name, value), out| {
                    string(name.as_bytes(), out);
                    out.push(b' ');
                    nstring(value.as_ref().map(Text::as_bytes), out);
                });
            }
            Untagged::Other(text) | Untagged::Unknown(text) => out.extend_from_slice(text.as_bytes()),
        }
    }
}

fn namespaces(group: &[Namespace], out: &mut Vec<u8>) {
    if group.is_empty() {
        return word("NIL", out);
    }
    out.push(b'(');
    for one in group {
        out.push(b'(');
        string(one.prefix.as_bytes(), out);
        out.push(b' ');
        delimiter(one.delimiter, out);
        out.push(b')');
    }
    out.push(b')');
}

impl Listed {
    fn encode(&self, name: &str, utf8: bool, out: &mut Vec<u8>) {
        word(name, out);
        out.push(b' ');
        list(&self.attributes, out, |one, out| word(one, out));
        out.push(b' ');
        delimiter(self.delimiter, out);
        out.push(b' ');
        string(self.mailbox.to_wire(utf8).as_bytes(), out);
    }
}

impl MailboxStatus {
    fn encode(&self, utf8: bool, out: &mut Vec<u8>) {
        word("STATUS ", out);
        string(self.mailbox.to_wire(utf8).as_bytes(), out);
        out.push(b' ');
        list(&self.items, out, |(name, value), out| word(&format!("{name} {value}"), out));
    }
}

impl Quota {
    fn encode(&self, out: &mut Vec<u8>) {
        word("QUOTA ", out);
        string(self.root.as_bytes(), out);
        out.push(b' ');
        list(&self.resources, out, |(name, usage, limit), out| word(&format!("{name} {usage} {limit}"), out));
    }
}

impl Esearch {
    fn encode(&self, out: &mut Vec<u8>) {
        word("ESEARCH", out);
        if let Some(tag) = &self.tag {
            word(&format!(" (TAG \"{tag}\")"), out);
        }
        if self.uid {
            word(" UID", out);
        }
        let mut item = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                word(&format!(" {name} {value}"), out);
            }
        };
        item("MIN", self.min.map(|n| n.to_string()));
        item("MAX", self.max.map(|n| n.to_string()));
        item("COUNT", self.count.map(|n| n.to_string()));
        item("ALL", self.all.as_ref().map(ToString::to_string));
        item("MODSEQ", self.modseq.map(|n| n.to_string()));
        item(
            "PARTIAL",
            self.partial.as_ref().map(|(range, set)| match set {
                None => format!("({range} NIL)"),
                Some(set) => format!("({range} {set})"),
            }),
        );
    }
}

impl Thread {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'(');
        for (at, number) in self.chain.iter().enumerate() {
            word(&format!("{}{number}", if at > 0 { " " } else { "" }), out);
        }
        if !self.chain.is_empty() && !self.below.is_empty() {
            out.push(b' ');
        }
        self.below.iter().for_each(|one| one.encode(out));
        out.push(b')');
    }
}

impl Fetch<'_> {
    fn encode(&self, out: &mut Vec<u8>) {
        word(&format!("{} FETCH ", self.number), out);
        list(&self.items, out, |item, out| item.encode(out));
    }
}

impl Item<'_> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Item::Flags(flags) => {
                word("FLAGS ", out);
                list(flags, out, |flag, out| word(flag, out));
            }
            Item::Uid(uid) => word(&format!("UID {uid}"), out),
            Item::InternalDate(date) => {
                word("INTERNALDATE ", out);
                string(date, out);
            }
            Item::Size(size) => word(&format!("RFC822.SIZE {size}"), out),
            Item::Envelope(envelope) => {
                word("ENVELOPE ", out);
                envelope.encode(out);
            }
            Item::Structure(body) => {
                word("BODYSTRUCTURE ", out);
                body.encode(out);
            }
            Item::Section(section, text) => {
                word(if section.binary { "BINARY[" } else { "BODY[" }, out);
                out.extend_from_slice(section.name);
                out.push(b']');
                if let Some(origin) = section.origin {
                    word(&format!("<{origin}>"), out);
                }
                out.push(b' ');
                nstring(text.as_deref(), out);
            }
            Item::BinarySize(name, size) => {
                word("BINARY.SIZE[", out);
                out.extend_from_slice(name);
                word(&format!("] {size}"), out);
            }
            Item::ModSeq(n) => word(&format!("MODSEQ ({n})"), out),
            Item::EmailId(id) => {
                word("EMAILID (", out);
                out.extend_from_slice(id);
                out.push(b')');
            }
            Item::ThreadId(None) => word("THREADID NIL", out),
            Item::ThreadId(Some(id)) => {
                word("THREADID (", out);
                out.extend_from_slice(id);
                out.push(b')');
            }
            Item::SaveDate(date) => {
                word("SAVEDATE ", out);
                nstring(date.as_deref(), out);
            }
            Item::Preview(text) => {
                word("PREVIEW ", out);
                nstring(text.as_deref(), out);
            }
            Item::Other(name, value) => {
                out.extend_from_slice(name);
                out.push(b' ');
                value.encode(out);
            }
        }
    }
}

impl Value<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Value::Nil => word("NIL", out),
            Value::Atom(text) => out.extend_from_slice(text),
            Value::String(text) => string(text, out),
            Value::List(all) => list(all, out, |one, out| one.encode(out)),
        }
    }
}

impl Envelope<'_> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'(');
        nstring(self.date.as_deref(), out);
        out.push(b' ');
        nstring(self.subject.as_deref(), out);
        for group in [&self.from, &self.sender, &self.reply_to, &self.to, &self.cc, &self.bcc] {
            out.push(b' ');
            addresses(group, out);
        }
        out.push(b' ');
        nstring(self.in_reply_to.as_deref(), out);
        out.push(b' ');
        nstring(self.message_id.as_deref(), out);
        out.push(b')');
    }
}

fn addresses(group: &[Address<'_>], out: &mut Vec<u8>) {
    if group.is_empty() {
        return word("NIL", out);
    }
    out.push(b'(');
    for one in group {
        list([&one.name, &one.route, &one.mailbox, &one.host], out, |text, out| {
            nstring(text.as_deref(), out)
        });
    }
    out.push(b')');
}

impl Body {
    /// The list of BODYSTRUCTURE. The envelope of a message within is not kept, and goes as one of nothing.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Body::Part(part) => part.encode(out),
            Body::Multipart(multipart) if multipart.parts.is_empty() => {
                word("(NIL ", out);
                string(multipart.subtype.as_bytes(), out);
                out.push(b')');
            }
            Body::Multipart(multipart) => {
                out.push(b'(');
                multipart.parts.iter().for_each(|part| part.encode(out));
                out.push(b' ');
                string(multipart.subtype.as_bytes(), out);
                out.push(b' ');
                pairs(&multipart.parameters, out);
                word(" NIL NIL NIL)", out);
            }
        }
    }
}

fn pairs(all: &[(String, String)], out: &mut Vec<u8>) {
    if all.is_empty() {
        return word("NIL", out);
    }
    list(all, out, |(name, value), out| {
        string(name.as_bytes(), out);
        out.push(b' ');
        string(value.as_bytes(), out);
    });
}

impl Part {
    fn encode(&self, out: &mut Vec<u8>) {
        let (kind, subtype) = self.media_type.split_once('/').unwrap_or((&self.media_type, ""));
        out.push(b'(');
        string(kind.as_bytes(), out);
        out.push(b' ');
        string(subtype.as_bytes(), out);
        out.push(b' ');
        pairs(&self.parameters, out);
        for text in [&self.id, &self.description] {
            out.push(b' ');
            nstring(text.as_deref().map(str::as_bytes), out);
        }
        out.push(b' ');
        string(self.encoding.as_bytes(), out);
        word(&format!(" {}", self.octets), out);
        // What these types have must be there for what follows to be found (body-type-msg, body-type-text).
        let is_message = matches!(self.media_type.as_str(), "message/rfc822" | "message/global");
        if is_message {
            word(" (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ", out);
            match &self.message {
                Some(inner) => inner.encode(out),
                None => word("NIL", out),
            }
        }
        if is_message || kind == "text" {
            word(&format!(" {}", self.lines.unwrap_or_default()), out);
        }
        word(" NIL ", out);
        match &self.disposition {
            None => word("NIL", out),
            Some((kind, parameters)) => {
                out.push(b'(');
                string(kind.as_bytes(), out);
                out.push(b' ');
                pairs(parameters, out);
                out.push(b')');
            }
        }
        word(" NIL NIL)", out);
    }
}
