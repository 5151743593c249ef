//! What a phone book is asked.

use crate::types::Invalid;

/// A `query`: who is looked for, and what is to be told about them.
///
/// ```text
/// "query" 1*( SP [ field "=" ] value ) [ SP "return" 1*( SP field ) ] CR-LF        RFC 2378 3.7
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    terms: Vec<(Option<String>, String)>,
    fields: Vec<String>,
}

impl Lookup {
    /// From words as a person types them: `name=smith`, `smith`, and behind the word `return` the fields wanted (`all`: every
    /// one).
    ///
    /// # Errors
    /// [`Invalid::Lookup`]: nobody is looked for, a field has no name or an odd one, or a word holds controls.
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Lookup, Invalid> {
        let (mut lookup, mut wanted) = (Lookup::default(), false);
        for word in words {
            if !wanted && word.eq_ignore_ascii_case("return") {
                wanted = true;
            } else if wanted {
                lookup = lookup.give(word)?;
            } else {
                lookup = match word.split_once('=') {
                    Some((field, value)) => lookup.term(Some(field), value)?,
                    None => lookup.term(None, word)?,
                };
            }
        }
        if lookup.terms.is_empty() {
            return Err(Invalid::Lookup("nobody is looked for"));
        }
        Ok(lookup)
    }

    /// Who must match, in a field or in those that the book looks in by itself.
    ///
    /// # Errors
    /// As [`Lookup::from_words`].
    pub fn term(mut self, field: Option<&str>, value: &str) -> Result<Lookup, Invalid> {
        let value = Some(value).filter(|value| !value.is_empty() && !value.contains(char::is_control));
        let value = value.ok_or(Invalid::Lookup("a value is text without controls"))?;
        self.terms.push((field.map(name).transpose()?, value.to_owned()));
        Ok(self)
    }

    /// A field to be told.
    ///
    /// # Errors
    /// As [`Lookup::from_words`].
    pub fn give(mut self, field: &str) -> Result<Lookup, Invalid> {
        self.fields.push(name(field)?);
        Ok(self)
    }

    /// Who must match: field and value.
    pub fn terms(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.terms.iter().map(|(field, value)| (field.as_deref(), value.as_str()))
    }

    /// The fields to be told; none: those that the book tells by itself.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Appends the command.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"query");
        for (field, value) in &self.terms {
            out.push(b' ');
            if let Some(field) = field {
                out.extend_from_slice(field.as_bytes());
                out.push(b'=');
            }
            let bare = !value.contains([' ', '"', '\\', '=']) && !value.eq_ignore_ascii_case("return");
            match bare {
                true => out.extend_from_slice(value.as_bytes()),
                false => {
                    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
                    out.extend_from_slice(format!("\"{quoted}\"").as_bytes());
                }
            }
        }
        if !self.fields.is_empty() {
            out.extend_from_slice(format!(" return {}", self.fields.join(" ")).as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    /// The server's side of it: the line without its end. `None` when it is no query.
    pub fn decode(line: &str) -> Option<Lookup> {
        let rest =
            line.trim_ascii().strip_prefix("query").or_else(|| line.trim_ascii().strip_prefix("ph"))?;
        if !rest.starts_with(' ') {
            return None;
        }
        let (mut lookup, mut wanted) = (Lookup::default(), false);
        for (word, quoted) in words(rest)? {
            if !wanted && !quoted && word.eq_ignore_ascii_case("return") {
                wanted = true;
            } else if wanted {
                lookup = lookup.give(&word).ok()?;
            } else {
                // What stands in quotes is a value, whatever it holds; a field's name stands in front of them.
                lookup = match word.split_once('=').filter(|(field, _)| name(field).is_ok() && !quoted) {
                    Some((field, value)) => lookup.term(Some(field), value).ok()?,
                    None => lookup.term(None, &word).ok()?,
                };
            }
        }
        (!lookup.terms.is_empty()).then_some(lookup)
    }
}

/// The words of a line, with whether one starts with a quote; quotes are taken away. `None` when one is not closed.
fn words(line: &str) -> Option<Vec<(String, bool)>> {
    let mut all: Vec<(String, bool)> = Vec::new();
    let (mut word, mut open) = (None::<(String, bool)>, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                open = !open;
                word.get_or_insert((String::new(), true));
            }
            '\\' if open => word.get_or_insert_default().0.push(chars.next()?),
            ' ' if !open => all.extend(word.take()),
            c => word.get_or_insert_default().0.push(c),
        }
    }
    all.extend(word);
    (!open).then_some(all)
}

fn name(field: &str) -> Result<String, Invalid> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    match !field.is_empty() && field.chars().all(plain) {
        true => Ok(field.to_owned()),
        false => Err(Invalid::Lookup("the name of a field has letters, digits, - and _")),
    }
}
