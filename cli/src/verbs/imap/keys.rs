//! Search keys as people write them.

use netkit_imap::types::{Atom, Set, Text8};
use netkit_imap::{Error, SearchKey};

use crate::args::{amount, duration};
use crate::failure::{Failure, Kind, Result};

/// Reads words into keys, all of which must hold; `OR` stands between two.
pub fn parse(words: &[String]) -> Result<Vec<SearchKey>> {
    let mut keys: Vec<SearchKey> = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word != "OR" {
            keys.push(key(word)?);
            continue;
        }
        let (Some(first), Some(second)) = (keys.pop(), words.next()) else {
            return Err(Failure::new(Kind::Usage, "OR stands between two keys"));
        };
        keys.push(SearchKey::Or(Box::new(first), Box::new(key(second)?)));
    }
    if keys.is_empty() {
        keys.push(SearchKey::All);
    }
    Ok(keys)
}

fn key(word: &str) -> Result<SearchKey> {
    let wrong = |why: &dyn std::fmt::Display| Failure::new(Kind::Usage, format!("{word}: {why}"));
    let text = |text: &str| Text8::new(text).map_err(|e| wrong(&e));
    let (name, value) = match word.split_once(':') {
        Some((name, value)) if !name.is_empty() => (name.to_ascii_lowercase(), value),
        _ => return plain(word),
    };
    let date = || value.parse().map_err(|e: netkit_imap::Invalid| wrong(&e));
    let size = || amount::parse(value).map_err(|e| wrong(&e));
    let seconds = || -> Result<u32> {
        let time = duration::parse(value).map_err(|e| wrong(&e))?;
        u32::try_from(time.as_secs()).map_err(|e| wrong(&e))
    };
    Ok(match name.as_str() {
        "not" => SearchKey::Not(Box::new(key(value)?)),
        "from" => SearchKey::From(text(value)?),
        "to" => SearchKey::To(text(value)?),
        "cc" => SearchKey::Cc(text(value)?),
        "bcc" => SearchKey::Bcc(text(value)?),
        "subject" => SearchKey::Subject(text(value)?),
        "body" => SearchKey::Body(text(value)?),
        "text" => SearchKey::Text(text(value)?),
        "header" => {
            let (name, value) = value.split_once('=').ok_or_else(|| wrong(&"header:NAME=TEXT"))?;
            SearchKey::Header(text(name)?, text(value)?)
        }
        "keyword" => SearchKey::Flag(Atom::new(value).map_err(|e| wrong(&e))?),
        "since" => SearchKey::Since(date()?),
        "before" => SearchKey::Before(date()?),
        "on" => SearchKey::On(date()?),
        "sent-since" => SearchKey::SentSince(date()?),
        "sent-before" => SearchKey::SentBefore(date()?),
        "sent-on" => SearchKey::SentOn(date()?),
        "larger" => SearchKey::Larger(size()?),
        "smaller" => SearchKey::Smaller(size()?),
        "younger" => SearchKey::Younger(seconds()?),
        "older" => SearchKey::Older(seconds()?),
        "uid" => SearchKey::Uid(value.parse::<Set>().map_err(|e| wrong(&e))?),
        "modseq" => SearchKey::ModSeq(value.parse().map_err(|e: std::num::ParseIntError| wrong(&e))?),
        _ => return Err(wrong(&"no key has that name; text:WORD looks for a word with a colon in it")),
    })
}

/// A flag, or a word that is looked for.
fn plain(word: &str) -> Result<SearchKey> {
    let lower = word.to_ascii_lowercase();
    let known = |name: &str| ["seen", "answered", "flagged", "deleted", "draft"].contains(&name);
    let flag = |name: &str| system(name).map(SearchKey::Flag);
    match lower.strip_prefix("un") {
        Some(name) if known(name) => Ok(SearchKey::Not(Box::new(flag(name)?))),
        _ if known(&lower) => flag(&lower),
        _ if lower == "all" => Ok(SearchKey::All),
        _ => Text8::new(word).map(SearchKey::Text).map_err(|e| Failure::from(Error::from(e))),
    }
}

/// A flag of the system by its name in small letters.
fn system(name: &str) -> Result<Atom> {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let word: String = first.into_iter().chain(letters).collect();
    Atom::new(&format!("\\{word}")).map_err(|e| Failure::from(Error::from(e)))
}

/// A flag as people write it: `seen`, `\Seen`, `$Junk`, a keyword.
pub fn flag(word: &str) -> Result<Atom> {
    let lower = word.trim_start_matches('\\').to_ascii_lowercase();
    match lower.as_str() {
        "seen" | "answered" | "flagged" | "deleted" | "draft" => system(&lower),
        _ => Atom::new(word).map_err(|e| Failure::from(Error::from(e))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Vec<SearchKey>> {
        parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn keys_of_each_kind() {
        let keys = read(&[
            "unseen",
            "from:alice",
            "OR",
            "subject:a b",
            "larger:1K",
            "younger:2h",
            "not:draft",
            "zebra",
        ]);
        let keys = format!("{:?}", keys.unwrap());
        for piece in [
            "Not(Flag(Atom(\"\\\\Seen\")))",
            "Or(From(",
            "Larger(1024)",
            "Younger(7200)",
            "Not(Flag(Atom(\"\\\\Draft\")))",
            "Text(",
        ] {
            assert!(keys.contains(piece), "{piece}: {keys}");
        }
        assert_eq!(read(&[]).unwrap(), [SearchKey::All]);
        for bad in [
            &["OR", "a"][..],
            &["a", "OR"],
            &["since:yesterday"],
            &["larger:x"],
            &["uid:0"],
            &["foo:bar"],
            &["header:x"],
        ] {
            assert_eq!(read(bad).unwrap_err().kind, Kind::Usage, "{bad:?}");
        }
    }
}
