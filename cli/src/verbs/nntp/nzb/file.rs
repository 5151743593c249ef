//! NZB files: XML that names articles (newzBin's DTD 1.1). No entity but XML's own five is expanded.

use std::io::Read;
use std::path::Path;

use netkit_nntp::MessageId;
use netkit_wire::escape;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::failure::{Failure, Kind, Result};

/// One file: its articles in the order of their numbers.
#[derive(Debug)]
pub struct Named {
    pub subject: String,
    pub segments: Vec<Segment>,
}

/// One article.
#[derive(Debug)]
pub struct Segment {
    pub id: MessageId,
    /// From 1 on.
    pub number: u32,
    /// Its size, as the NZB file says: only for the progress.
    pub bytes: u64,
}

/// The largest NZB file, in bytes; the most articles in one.
const LARGEST: u64 = 1 << 30;
const SEGMENTS: usize = 5_000_000;

/// Reads an NZB file.
pub fn read(path: &Path) -> Result<Vec<Named>> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| Failure::read(path.display(), &e))?;
    file.take(LARGEST + 1).read_to_end(&mut text).map_err(|e| Failure::read(path.display(), &e))?;
    if text.len() as u64 > LARGEST {
        return Err(Failure::new(Kind::Limit, format!("{} is larger than 1 GiB", path.display())));
    }
    parse(&text).map_err(|why| Failure::new(Kind::Read, format!("{}: {why}", path.display())))
}

fn parse(text: &[u8]) -> std::result::Result<Vec<Named>, String> {
    // Older ones are in Latin-1; what names an article is ASCII.
    let text = String::from_utf8_lossy(text);
    let mut reader = Reader::from_str(&text);
    let (mut files, mut segment, mut count) = (Vec::<Named>::new(), None, 0);
    let mut id = String::new();
    let mut is_nzb = false;
    let at = |reader: &Reader<&[u8]>, why: &str| format!("byte {}: {why}", reader.buffer_position());
    loop {
        let event = reader.read_event().map_err(|e| at(&reader, &e.to_string()))?;
        match event {
            Event::Start(start) => match start.local_name().as_ref() {
                "nzb" => is_nzb = true,
                "file" => {
                    let subject = attribute(&start, "subject").unwrap_or_default();
                    files.push(Named { subject, segments: Vec::new() });
                }
                "segment" => {
                    let number = attribute(&start, "number").and_then(|text| text.trim().parse().ok());
                    let bytes = attribute(&start, "bytes").and_then(|text| text.trim().parse().ok());
                    segment = Some((number, bytes.unwrap_or(0)));
                    id.clear();
                }
                _ => {}
            },
            Event::Text(text) if segment.is_some() => {
                id.push_str(&text);
            }
            Event::GeneralRef(name) if segment.is_some() => {
                let resolved = match name.resolve_char_ref().map_err(|e| at(&reader, &e.to_string()))? {
                    Some(c) => c.to_string(),
                    None => predefined(&name)
                        .ok_or_else(|| at(&reader, "an entity that XML does not have"))?
                        .to_owned(),
                };
                id.push_str(&resolved);
            }
            Event::End(end) if end.local_name().as_ref() == "segment" => {
                let (number, bytes) = segment.take().unwrap_or_default();
                let bare = id.trim().trim_start_matches('<').trim_end_matches('>');
                let name = MessageId::new(&format!("<{bare}>"));
                let name = name.map_err(|e| at(&reader, &format!("{}: {e}", escape(bare.as_bytes()))))?;
                let file = files.last_mut().ok_or_else(|| at(&reader, "a segment stands in a file"))?;
                let next = u32::try_from(file.segments.len() + 1).unwrap_or(u32::MAX);
                file.segments.push(Segment { id: name, number: number.unwrap_or(next), bytes });
                count += 1;
                if count > SEGMENTS {
                    return Err(format!("more than {SEGMENTS} segments"));
                }
            }
            Event::Eof if is_nzb => break,
            Event::Eof => return Err("this is no NZB file".to_owned()),
            _ => {}
        }
    }
    for file in &mut files {
        file.segments.sort_by_key(|segment| segment.number);
        file.segments.dedup_by(|a, b| a.id == b.id);
    }
    files.retain(|file| !file.segments.is_empty());
    Ok(files)
}

/// XML's own.
fn predefined(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let value = start.try_get_attribute(name).ok()??;
    // An entity that is not XML's own leaves the text as it stands: it is shown, and nothing more.
    let plain = value.value.into_owned();
    Some(quick_xml::escape::unescape(&plain).map(|text| text.into_owned()).unwrap_or(plain))
}

/// A number that stands for these articles: the same NZB file goes on where it stopped.
pub fn mark(files: &[Named]) -> u64 {
    let ids = files.iter().flat_map(|file| &file.segments).flat_map(|segment| segment.id.as_str().bytes());
    crate::digest::number(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_xml_s_own_entities_are_expanded() {
        let nzb = |body: &str| {
            parse(
                format!("<nzb><file subject=\"a &quot;b&quot;\"><segments>{body}</segments></file></nzb>")
                    .as_bytes(),
            )
        };
        let files = nzb(
            "<segment number=\"2\" bytes=\"5\">b&amp;&#64;x</segment><segment number=\"1\">a@x</segment>",
        )
        .unwrap();
        assert_eq!(files[0].subject, "a \"b\"");
        let ids: Vec<_> = files[0].segments.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["<a@x>", "<b&@x>"]);
        assert!(nzb("<segment>&lol;@x</segment>").unwrap_err().contains("entity"));
        assert!(
            nzb("<segment>a b@x</segment>").is_err() && nzb("<segment>a&#13;&#10;b@x</segment>").is_err()
        );
        let bomb = b"<!DOCTYPE nzb [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><nzb><file><segment>&b;@x</segment></file></nzb>";
        assert!(parse(bomb).is_err());
        assert!(parse(b"").is_err() && parse(b"<html></html>").is_err() && parse(b"<nzb><file").is_err());
    }
}
