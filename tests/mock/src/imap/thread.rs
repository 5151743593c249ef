//! THREAD: who answers whom (RFC 5256).

use std::collections::{BTreeMap, HashMap};

use mail_parser::{HeaderValue, MessageParser};
use netkit_imap::response::{Status, Thread, Untagged, Value};

use super::session::{Session, bad, ok};

/// How deep answers are told as answers; deeper ones stand beside each other.
const DEPTH: usize = 100;

struct Letter {
    number: u32,
    id: String,
    parents: Vec<String>,
    subject: String,
    date: i64,
}

impl Session<'_> {
    /// `THREAD algorithm charset program`
    pub(super) fn thread(&mut self, by_uid: bool, arguments: &[Value<'_>]) -> Status {
        let [algorithm, _, program @ ..] = arguments else { return bad("THREAD algorithm charset program") };
        let found = match self.found(program) {
            Ok((found, _)) => found,
            Err(status) => return status,
        };
        let letters: Vec<Letter> = found
            .iter()
            .map(|(number, message)| {
                let parsed = MessageParser::default().parse_headers(&*message.data).unwrap_or_default();
                let ids = |value: &HeaderValue<'_>| -> Vec<String> {
                    value.as_text_list().into_iter().flatten().map(ToString::to_string).collect()
                };
                let references = ids(parsed.references());
                Letter {
                    number: if by_uid { message.uid } else { *number },
                    id: parsed.message_id().unwrap_or_default().to_owned(),
                    parents: if references.is_empty() { ids(parsed.in_reply_to()) } else { references },
                    subject: parsed.thread_name().unwrap_or_default().to_lowercase(),
                    date: parsed.date().map_or(0, mail_parser::DateTime::to_timestamp),
                }
            })
            .collect();
        let threads = match algorithm.text().unwrap_or_default().to_ascii_uppercase().as_str() {
            "ORDEREDSUBJECT" => by_subject(letters),
            "REFERENCES" => by_references(letters),
            _ => return bad("there is no such algorithm"),
        };
        self.tell(&Untagged::Thread(threads));
        ok("that is all")
    }
}

/// Section 3, ORDEREDSUBJECT: all letters of a subject under the first.
fn by_subject(mut letters: Vec<Letter>) -> Vec<Thread> {
    letters.sort_by_key(|one| (one.date, one.number));
    let mut groups: Vec<(String, Vec<u32>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for letter in letters {
        let place = *places.entry(letter.subject.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(letter.number),
            None => groups.push((letter.subject, vec![letter.number])),
        }
    }
    let one = |number: u32| Thread { chain: vec![number], below: Vec::new() };
    let thread = |(_, group): (String, Vec<u32>)| match group.as_slice() {
        [first, second] => Thread { chain: vec![*first, *second], below: Vec::new() },
        [first, rest @ ..] => Thread { chain: vec![*first], below: rest.iter().map(|n| one(*n)).collect() },
        [] => Thread::default(),
    };
    groups.into_iter().map(thread).collect()
}

/// Section 3, REFERENCES, as far as letters name each other: the nearest ancestor that is here is the parent.
fn by_references(mut letters: Vec<Letter>) -> Vec<Thread> {
    letters.sort_by_key(|one| (one.date, one.number));
    let here: HashMap<&str, usize> = letters
        .iter()
        .enumerate()
        .filter(|(_, one)| !one.id.is_empty())
        .map(|(at, one)| (one.id.as_str(), at))
        .collect();
    let mut parent: Vec<Option<usize>> = vec![None; letters.len()];
    for (at, letter) in letters.iter().enumerate() {
        let found = letter.parents.iter().rev().find_map(|id| here.get(id.as_str()).copied());
        // Letters that name each other in a ring have no first: the link that would close it is left out.
        let mut above = found;
        let mut steps = 0;
        while let Some(one) = above.filter(|one| *one != at && steps < letters.len()) {
            above = parent.get(one).copied().flatten();
            steps += 1;
        }
        if above.is_none()
            && let Some(slot) = parent.get_mut(at)
        {
            *slot = found;
        }
    }
    let mut children: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (at, of) in parent.iter().enumerate() {
        children.entry(*of).or_default().push(at);
    }
    let roots = children.get(&None).cloned().unwrap_or_default();
    roots.into_iter().flat_map(|root| under(root, &letters, &children, DEPTH)).collect()
}

fn under(
    first: usize,
    letters: &[Letter],
    children: &BTreeMap<Option<usize>, Vec<usize>>,
    depth: usize,
) -> Vec<Thread> {
    let mut thread = Thread::default();
    let mut at = first;
    loop {
        thread.chain.extend(letters.get(at).map(|one| one.number));
        match children.get(&Some(at)).map(Vec::as_slice).unwrap_or_default() {
            [] => return vec![thread],
            [only] => at = *only,
            many => {
                let below = many.iter().flat_map(|one| match depth.checked_sub(1) {
                    Some(depth) => under(*one, letters, children, depth),
                    None => Vec::new(),
                });
                thread.below = below.collect();
                return vec![thread];
            }
        }
    }
}
