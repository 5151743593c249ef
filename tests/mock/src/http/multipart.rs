//! The parts of a form with files, as `/echo` shows them (RFC 7578, RFC 2046 section 5.1).

use netkit_wire::Fields;

use crate::http::Asked;

/// A part: the value of its `Content-Disposition`, its media type, its content.
pub(super) struct Part<'p> {
    pub(super) disposition: String,
    pub(super) media_type: String,
    pub(super) content: &'p [u8],
}

/// The most parts that are looked at.
const MOST: usize = 1000;

/// The parts of the body; `None` where it is no multipart form.
pub(super) fn parts(asked: &Asked) -> Option<Vec<Part<'_>>> {
    let boundary = boundary(asked.head.fields())?;
    let mark = format!("\r\n--{boundary}").into_bytes();
    // The first mark has no line end before it.
    let mut rest = asked.body.strip_prefix(mark.get(2..)?)?;
    let mut parts = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n").filter(|_| parts.len() < MOST) {
        let end = find(part, &mark)?;
        let head_end = find(part, b"\r\n\r\n").filter(|at| *at < end)?;
        let head = String::from_utf8_lossy(part.get(..head_end)?).into_owned();
        let value = |name: &str| {
            let of = |line: &str| {
                let (found, value) = line.split_once(':')?;
                found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            };
            head.split("\r\n").find_map(of).unwrap_or_default()
        };
        let (disposition, media_type) = (value("content-disposition"), value("content-type"));
        parts.push(Part {
            disposition,
            media_type,
            content: part.get(head_end + 4..end).unwrap_or_default(),
        });
        rest = part.get(end + mark.len()..)?;
    }
    Some(parts)
}

fn boundary(fields: &Fields) -> Option<String> {
    let value = std::str::from_utf8(fields.get("content-type")?).ok()?;
    let (_, boundary) = value.strip_prefix("multipart/form-data")?.split_once("boundary=")?;
    let boundary = boundary.split(';').next()?.trim().trim_matches('"');
    (!boundary.is_empty()).then(|| boundary.to_owned())
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
