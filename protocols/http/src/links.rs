//! Links in pages and style sheets: where they stand, byte for byte, so that they can be followed and rewritten.
//!
//! A scanner, not a parser: it takes any bytes, builds no tree and holds nothing but places. It knows tags, attributes
//! (`href`, `src`, `srcset`, `poster`, `data`, `background`, `style`), `<style>`, comments, and that a `<script>` holds
//! no markup. In style sheets it knows `url(..)`, `@import ".."` and comments.
//!
//! ```
//! use netkit_http::links::{Links, in_html};
//!
//! let page = br#"<base href="/a/"><a href=b.html>x</a><img srcset="1.png 1x, 2.png 2x"><script>"<a href=no>"</script>"#;
//! let Links { base, links } = in_html(page);
//! assert_eq!(base.map(|base| base.text).as_deref(), Some("/a/"));
//! assert_eq!(links.iter().map(|link| link.text.as_str()).collect::<Vec<_>>(), ["b.html", "1.png", "2.png"]);
//! ```

use std::ops::Range;

/// How many links of one document count. A page that has more is made to keep a program busy.
pub const MOST: usize = 100_000;

/// The links of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// What `<base href>` says, the first time it does.
    pub base: Option<Link>,
    /// In the order of their places.
    pub links: Vec<Link>,
}

/// A reference as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it stands in the document: inside of its quotes.
    pub place: Range<usize>,
    /// Its text, character references undone and without the white space around it.
    pub text: String,
    /// How it is written.
    pub form: Form,
}

/// How a link is written, for whoever writes another in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In an attribute of a page.
    Attribute,
    /// In a style sheet.
    Style,
}

/// The links of a page (WHATWG HTML 13.2.5, as far as tags go).
pub fn in_html(page: &[u8]) -> Links {
    let mut found = Links::default();
    let mut at = 0;
    while let Some(open) = find(page, at, b"<") {
        at = open + 1;
        if starts(page, at, b"!--") {
            at = find(page, at + 3, b"-->").map_or(page.len(), |end| end + 3);
            continue;
        }
        if !page.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let name = word(page, at);
        let tag = page.get(name.clone()).unwrap_or_default().to_ascii_lowercase();
        at = attributes(page, name.end, &tag, &mut found);
        // What these hold is text up to their own end tag.
        let raw: Option<&[u8]> = match tag.as_slice() {
            b"script" => Some(b"</script"),
            b"style" => Some(b"</style"),
            b"textarea" => Some(b"</textarea"),
            b"title" => Some(b"</title"),
            _ => None,
        };
        if let Some(end_tag) = raw {
            let end = find_folded(page, at, end_tag).unwrap_or(page.len());
            if tag == b"style" {
                styles(page, at..end, Form::Style, &mut found.links);
            }
            at = end;
        }
        if found.links.len() >= MOST {
            found.links.truncate(MOST);
            break;
        }
    }
    found
}

/// The links of a style sheet (CSS Syntax 3, 4.3.6).
pub fn in_css(sheet: &[u8]) -> Links {
    let mut links = Vec::new();
    styles(sheet, 0..sheet.len(), Form::Style, &mut links);
    links.truncate(MOST);
    Links { base: None, links }
}

/// The attributes of a tag; returns the place behind it.
fn attributes(page: &[u8], mut at: usize, tag: &[u8], found: &mut Links) -> usize {
    loop {
        at = skip(page, at, |b| b.is_ascii_whitespace() || b == b'/');
        match page.get(at) {
            None => return at,
            Some(b'>') => return at + 1,
            Some(_) => {}
        }
        let name_end = skip(page, at + 1, |b| !(b.is_ascii_whitespace() || b"/>=".contains(&b)));
        let name = page.get(at..name_end).unwrap_or_default().to_ascii_lowercase();
        at = skip(page, name_end, |b| b.is_ascii_whitespace());
        if page.get(at) != Some(&b'=') {
            continue;
        }
        at = skip(page, at + 1, |b| b.is_ascii_whitespace());
        let value = match page.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let end = find(page, at + 1, &[*quote]).unwrap_or(page.len());
                at + 1..end
            }
            _ => at..skip(page, at, |b| !(b.is_ascii_whitespace() || b == b'>')),
        };
        at = value.end + usize::from(matches!(page.get(value.end), Some(b'"' | b'\'')));
        take(page, tag, &name, value, found);
    }
}

/// An attribute that may hold links.
fn take(page: &[u8], tag: &[u8], name: &[u8], value: Range<usize>, found: &mut Links) {
    match (tag, name) {
        (b"base", b"href") => {
            let text = unescaped(page.get(value.clone()).unwrap_or_default());
            found.base = found.base.take().or(Some(Link { place: value, text, form: Form::Attribute }));
        }
        (b"object", b"data") | (_, b"href" | b"src" | b"poster" | b"background") => {
            push(page, value, Form::Attribute, &mut found.links);
        }
        (_, b"srcset" | b"imagesrcset") => {
            let mut at = value.start;
            while at < value.end {
                at = skip(page, at, |b| b.is_ascii_whitespace() || b == b',').min(value.end);
                let end = skip(page, at, |b| !b.is_ascii_whitespace()).min(value.end);
                // A comma at its end is not of the URL; one inside (data:) is.
                let bare = page.get(at..end).unwrap_or_default();
                let commas = bare.iter().rev().take_while(|b| **b == b',').count();
                push(page, at..end - commas, Form::Attribute, &mut found.links);
                at = if commas > 0 { end } else { skip(page, end, |b| b != b',').min(value.end) };
            }
        }
        (_, b"style") => styles(page, value, Form::Attribute, &mut found.links),
        _ => {}
    }
}

/// `url(..)` and `@import ".."` of a style sheet.
fn styles(sheet: &[u8], within: Range<usize>, form: Form, links: &mut Vec<Link>) {
    let sheet = sheet.get(..within.end).unwrap_or(sheet);
    let mut at = within.start;
    while at < sheet.len() && links.len() < MOST {
        if starts(sheet, at, b"/*") {
            at = find(sheet, at + 2, b"*/").map_or(sheet.len(), |end| end + 2);
        } else if starts_folded(sheet, at, b"url(") {
            at = quoted(sheet, at + 4, b')', form, links);
        } else if starts_folded(sheet, at, b"@import") {
            at = skip(sheet, at + 7, |b| b.is_ascii_whitespace());
            if matches!(sheet.get(at), Some(b'"' | b'\'')) {
                at = quoted(sheet, at, b';', form, links);
            }
        } else {
            at += 1;
        }
    }
}

/// A text in quotes, or up to `end` without; returns the place behind it.
fn quoted(sheet: &[u8], at: usize, end: u8, form: Form, links: &mut Vec<Link>) -> usize {
    let at = skip(sheet, at, |b| b.is_ascii_whitespace());
    let (start, end) = match sheet.get(at) {
        Some(quote @ (b'"' | b'\'')) => (at + 1, *quote),
        _ => (at, end),
    };
    let stop = skip(sheet, start, |b| b != end && b != b'\n');
    push(sheet, start..stop, form, links);
    stop + 1
}

/// A link, if there is one: an empty reference and one into the page itself lead nowhere.
fn push(page: &[u8], place: Range<usize>, form: Form, links: &mut Vec<Link>) {
    let text = unescaped(page.get(place.clone()).unwrap_or_default());
    if !text.is_empty() && !text.starts_with('#') {
        links.push(Link { place, text, form });
    }
}

/// The character references that stand in URLs, undone: `&amp;`, `&quot;`, `&lt;`, `&gt;`, `&#38;`, `&#x26;`.
fn unescaped(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim_matches(|c: char| c.is_ascii_whitespace());
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let named = after.split_once(';').and_then(|(name, behind)| Some((character(name)?, behind)));
        match named {
            Some((c, behind)) => {
                out.push(c);
                rest = behind;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "quot" => Some('"'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

fn word(page: &[u8], at: usize) -> Range<usize> {
    at..skip(page, at, |b| !(b.is_ascii_whitespace() || b"/>".contains(&b)))
}

/// The first place at or behind `at` where `goes_on` is false.
fn skip(page: &[u8], at: usize, goes_on: impl Fn(u8) -> bool) -> usize {
    let rest = page.get(at..).unwrap_or_default();
    at.min(page.len()) + rest.iter().position(|b| !goes_on(*b)).unwrap_or(rest.len())
}

fn find(page: &[u8], at: usize, what: &[u8]) -> Option<usize> {
    let rest = page.get(at..)?;
    rest.windows(what.len()).position(|w| w == what).map(|found| at + found)
}

fn find_folded(page: &[u8], at: usize, what: &[u8]) -> Option<usize> {
    let rest = page.get(at..)?;
    rest.windows(what.len()).position(|w| w.eq_ignore_ascii_case(what)).map(|found| at + found)
}

fn starts(page: &[u8], at: usize, what: &[u8]) -> bool {
    page.get(at..).is_some_and(|rest| rest.starts_with(what))
}

fn starts_folded(page: &[u8], at: usize, what: &[u8]) -> bool {
    page.get(at..at.saturating_add(what.len())).is_some_and(|rest| rest.eq_ignore_ascii_case(what))
}
