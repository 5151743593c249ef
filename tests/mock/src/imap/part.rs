//! The bytes of a message's parts (RFC 9051 section 6.4.5.1).

use mail_parser::{Message, MessageParser, MessagePart, PartType};

/// Which piece of a part.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Whole,
    Header,
    /// These fields, or all but these.
    Fields(Vec<String>, bool),
    Text,
    Mime,
    /// Decoded.
    Content,
}

/// What stands between the brackets: the numbers of a part, and which piece of it.
pub(super) fn section(spec: &str, decoded: bool) -> Option<(Vec<usize>, Piece)> {
    let (words, list) = match spec.split_once(" (") {
        Some((words, list)) => (words, Some(list.strip_suffix(')')?)),
        None => (spec, None),
    };
    let upper = words.to_ascii_uppercase();
    let mut numbers = Vec::new();
    let mut rest = upper.as_str();
    while rest.starts_with(|c: char| c.is_ascii_digit()) {
        let (number, behind) = rest.split_once('.').unwrap_or((rest, ""));
        numbers.push(number.parse().ok().filter(|n| *n > 0)?);
        rest = behind;
    }
    let names = || -> Option<Vec<String>> {
        Some(list?.split(' ').map(|name| name.trim_matches('"').to_ascii_lowercase()).collect())
    };
    let piece = match rest {
        "" if decoded => Piece::Content,
        "" => Piece::Whole,
        "HEADER" => Piece::Header,
        "TEXT" => Piece::Text,
        "MIME" if !numbers.is_empty() => Piece::Mime,
        "HEADER.FIELDS" => Piece::Fields(names()?, false),
        "HEADER.FIELDS.NOT" => Piece::Fields(names()?, true),
        _ => return None,
    };
    Some((numbers, piece))
}

/// The bytes of a piece; none where there is no such part.
pub(super) fn bytes(data: &[u8], numbers: &[usize], piece: &Piece) -> Option<Vec<u8>> {
    let Some((first, rest)) = numbers.split_first() else { return of_message(data, piece) };
    let message = MessageParser::default().parse(data)?;
    let mut part = child(&message, message.root_part(), *first)?;
    let mut rest = rest;
    loop {
        let body = slice(data, part.offset_body, part.offset_end);
        let is_message = matches!(part.body, PartType::Message(_));
        match (rest.split_first(), piece) {
            (Some(_), _) if is_message => return bytes(body, rest, piece),
            (Some((next, behind)), _) => {
                part = child(&message, part, *next)?;
                rest = behind;
            }
            (None, Piece::Whole) => return Some(body.to_vec()),
            (None, Piece::Content) => return Some(part.contents().to_vec()),
            (None, Piece::Mime) => return Some(slice(data, part.offset_header, part.offset_body).to_vec()),
            (None, _) if is_message => return of_message(body, piece),
            (None, _) => return None,
        }
    }
}

fn slice(data: &[u8], from: u32, to: u32) -> &[u8] {
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    data.get(at(from)..at(to).min(data.len())).unwrap_or_default()
}

/// The part of this number inside another: a part that is no multipart has one, which is itself.
fn child<'m, 'x>(
    message: &'m Message<'x>,
    part: &'m MessagePart<'x>,
    number: usize,
) -> Option<&'m MessagePart<'x>> {
    match &part.body {
        PartType::Multipart(all) => message.part(*all.get(number - 1)?),
        _ if number == 1 => Some(part),
        _ => None,
    }
}

fn of_message(data: &[u8], piece: &Piece) -> Option<Vec<u8>> {
    let end = data.windows(4).position(|four| four == b"\r\n\r\n").map_or(data.len(), |at| at + 4);
    let (header, text) = data.split_at_checked(end)?;
    Some(match piece {
        Piece::Whole | Piece::Content => data.to_vec(),
        Piece::Header => header.to_vec(),
        Piece::Text => text.to_vec(),
        Piece::Mime => return None,
        Piece::Fields(names, not) => {
            let mut out = Vec::new();
            let mut wanted = false;
            for line in header.split_inclusive(|b| *b == b'\n') {
                if line == b"\r\n" {
                    break;
                }
                if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                    let name = line.split(|b| *b == b':').next().unwrap_or_default().trim_ascii();
                    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                    wanted = names.contains(&name) != *not;
                }
                if wanted {
                    out.extend_from_slice(line);
                }
            }
            out.extend_from_slice(b"\r\n");
            out
        }
    })
}
