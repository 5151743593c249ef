//! Overviews: a line of fields for each article, and which fields these are (RFC 3977 sections 8.1 to 8.4).

use memchr::memchr;

use crate::types::number;

/// One row of OVER: fields of an article's header, as they came. Tabs and line ends in a field were made spaces by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'l> {
    /// The number in the group; 0 where the article was asked for by message id.
    pub number: u64,
    /// `Subject`.
    pub subject: &'l [u8],
    /// `From`.
    pub from: &'l [u8],
    /// `Date`.
    pub date: &'l [u8],
    /// `Message-ID`.
    pub id: &'l [u8],
    /// `References`.
    pub references: &'l [u8],
    /// Size in bytes; none where the server does not say, or says no number.
    pub bytes: Option<u64>,
    /// Lines of the body; none as above.
    pub lines: Option<u64>,
    /// What follows, parted by tabs, as [`Format`] names it; [`Row::extra`] reads it.
    pub rest: &'l [u8],
}

impl<'l> Row<'l> {
    /// ```text
    /// over-content = article-number TAB subject TAB from TAB date TAB message-id TAB references TAB bytes TAB lines *(TAB other)
    /// ```
    ///
    /// # Errors
    /// The rule that the line breaks. Servers have been seen to leave the counts out: only the first six fields must be there.
    pub fn parse(line: &'l [u8]) -> Result<Row<'l>, &'static str> {
        let mut rest = Some(line);
        let mut field = || -> Option<&'l [u8]> {
            let text = rest?;
            let (field, after) = match memchr(b'\t', text) {
                Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
                None => (text, None),
            };
            rest = after;
            Some(field)
        };
        let value = |field: Option<&[u8]>| number(std::str::from_utf8(field?.trim_ascii()).ok()?);
        let number = value(field()).ok_or("an overview begins with the article's number")?;
        let missing = "an overview has at least six fields, parted by tabs";
        let mut text = || field().ok_or(missing);
        let (subject, from, date, id, references) = (text()?, text()?, text()?, text()?, text()?);
        let (bytes, lines) = (value(field()), value(field()));
        Ok(Row { number, subject, from, date, id, references, bytes, lines, rest: rest.unwrap_or_default() })
    }

    /// The fields behind the eighth, in the order of [`Format::extra`]. One that comes with its name has it taken off.
    pub fn extra(&self) -> impl Iterator<Item = &'l [u8]> {
        let fields = self.rest.split(|b| *b == b'\t');
        fields.filter(|field| !field.is_empty())
    }

    /// The value of the field that comes with this name before it (`full`, RFC 3977 section 8.4), such as `Xref`.
    pub fn full(&self, name: &str) -> Option<&'l [u8]> {
        self.extra().find_map(|field| {
            let (label, value) = field.split_at_checked(memchr(b':', field)?)?;
            label
                .eq_ignore_ascii_case(name.as_bytes())
                .then(|| value.get(1..).unwrap_or_default().trim_ascii())
        })
    }

    /// Appends the row, for the server's side. What could end a field is made a space.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.number.to_string().as_bytes());
        for field in [self.subject, self.from, self.date, self.id, self.references] {
            out.push(b'\t');
            out.extend(field.iter().map(|b| if matches!(b, b'\t' | b'\r' | b'\n' | 0) { b' ' } else { *b }));
        }
        for count in [self.bytes, self.lines] {
            out.push(b'\t');
            out.extend(count.map(|n| n.to_string()).unwrap_or_default().into_bytes());
        }
        if !self.rest.is_empty() {
            out.push(b'\t');
            out.extend_from_slice(self.rest);
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// Which fields a server's overviews have (LIST OVERVIEW.FMT, RFC 3977 section 8.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format(Vec<String>);

/// The fields that always come first.
const FIRST: [&str; 7] = ["Subject:", "From:", "Date:", "Message-ID:", "References:", ":bytes", ":lines"];

impl Default for Format {
    /// The seven that every server has.
    fn default() -> Format {
        Format(FIRST.iter().map(|name| (*name).to_owned()).collect())
    }
}

impl Format {
    /// The lines of the answer, in their order. `Bytes:` and `Lines:` of older servers are the metadata of these names.
    pub fn new(lines: impl IntoIterator<Item = Vec<u8>>) -> Format {
        Format(lines.into_iter().map(|line| String::from_utf8_lossy(&line).trim().to_owned()).collect())
    }

    /// Whether it begins as RFC 3977 section 8.4 says it must.
    pub fn is_standard(&self) -> bool {
        let older = |name: &str| match name.to_ascii_lowercase().as_str() {
            "bytes:" => ":bytes".to_owned(),
            "lines:" => ":lines".to_owned(),
            other => other.to_owned(),
        };
        self.0.len() >= FIRST.len()
            && self.0.iter().zip(FIRST).all(|(name, first)| older(name) == first.to_ascii_lowercase())
    }

    /// The names of the fields behind the seventh.
    pub fn extra(&self) -> impl Iterator<Item = &str> {
        self.0.iter().skip(FIRST.len()).map(String::as_str)
    }

    /// All of them, as the server writes them.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// A row of HDR: an article's number, and the field's value (RFC 3977 section 8.5).
///
/// # Errors
/// The rule that the line breaks.
pub fn field(line: &[u8]) -> Result<(u64, &[u8]), &'static str> {
    let end = memchr(b' ', line).unwrap_or(line.len());
    let (first, rest) = line.split_at_checked(end).unwrap_or_default();
    let first = std::str::from_utf8(first)
        .ok()
        .and_then(number)
        .ok_or("a field stands behind an article's number")?;
    Ok((first, rest.strip_prefix(b" ").unwrap_or(rest)))
}
