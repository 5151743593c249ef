//! Parameters of MAIL and RCPT, and the encoding some of their values need.

use std::fmt;

use crate::error::{Argument, Invalid};

/// One parameter of MAIL or RCPT.
///
/// ```text
/// esmtp-param   = esmtp-keyword ["=" esmtp-value]                                    RFC 5321 4.1.2
/// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
/// esmtp-value   = 1*(%d33-60 / %d62-126 / UTF8-non-ascii)                            RFC 6531 3.3
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameter {
    keyword: String,
    value: Option<String>,
}

impl Parameter {
    /// A parameter; the keyword is kept in upper case.
    ///
    /// # Errors
    /// [`Invalid`] when keyword or value break the grammar above.
    pub fn new(keyword: &str, value: Option<&str>) -> Result<Parameter, Invalid> {
        let invalid = |rule| Err(Invalid::new(Argument::Parameter, rule));
        let ldh = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if keyword.is_empty() || keyword.starts_with('-') || !keyword.bytes().all(ldh) {
            return invalid("a keyword has letters, digits and hyphens");
        }
        let fits = |c: char| !c.is_control() && c != ' ' && c != '=';
        if value.is_some_and(|value| value.is_empty() || !value.chars().all(fits)) {
            return invalid("a value has no space, no = and no control character, and is not empty");
        }
        if keyword.len() + value.map_or(0, str::len) > 900 {
            return invalid("it is longer than a line");
        }
        Ok(Parameter { keyword: keyword.to_ascii_uppercase(), value: value.map(str::to_owned) })
    }

    /// The keyword in upper case.
    pub fn keyword(&self) -> &str {
        &self.keyword
    }

    /// The value behind `=`, if there is one.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.keyword),
            None => f.write_str(&self.keyword),
        }
    }
}

/// The parameters of one command, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<Parameter>);

impl Parameters {
    /// Adds one.
    pub fn push(&mut self, parameter: Parameter) {
        self.0.push(parameter);
    }

    /// The first of this keyword, in any case.
    pub fn get(&self, keyword: &str) -> Option<&Parameter> {
        self.0.iter().find(|one| one.keyword.eq_ignore_ascii_case(keyword))
    }

    /// Each in turn.
    pub fn iter(&self) -> std::slice::Iter<'_, Parameter> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Reads `*(SP esmtp-param)`. A keyword that comes twice is refused: one side could go by the first and the
    /// other by the second (RFC 5321 section 4.1.1.11).
    ///
    /// # Errors
    /// [`Invalid`] when it breaks the grammar.
    pub fn parse(text: &str) -> Result<Parameters, Invalid> {
        let mut all = Parameters::default();
        if text.is_empty() {
            return Ok(all);
        }
        let list =
            text.strip_prefix(' ').ok_or(Invalid::new(Argument::Parameter, "a space comes before it"))?;
        for word in list.split(' ') {
            let one = match word.split_once('=') {
                Some((keyword, value)) => Parameter::new(keyword, Some(value))?,
                None => Parameter::new(word, None)?,
            };
            if all.get(one.keyword()).is_some() {
                return Err(Invalid::new(Argument::Parameter, "it comes twice"));
            }
            all.push(one);
        }
        Ok(all)
    }

    /// Appends each with a space in front.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        for one in &self.0 {
            out.push(b' ');
            out.extend_from_slice(one.to_string().as_bytes());
        }
    }
}

impl FromIterator<Parameter> for Parameters {
    fn from_iter<I: IntoIterator<Item = Parameter>>(all: I) -> Self {
        Parameters(all.into_iter().collect())
    }
}

/// What bytes a message has: the value of `BODY=` (RFC 6152 section 3, RFC 3030 section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// Every byte is ASCII: what every server takes, so that the parameter may be left out.
    #[default]
    SevenBit,
    /// There are bytes above 127.
    EightBit,
    /// Any bytes, with lines of any length or none: sent by BDAT only (RFC 3030 section 3).
    Binary,
}

impl BodyKind {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            BodyKind::SevenBit => "7BIT",
            BodyKind::EightBit => "8BITMIME",
            BodyKind::Binary => "BINARYMIME",
        }
    }
}

/// Writes `text` as xtext: `+` and two upper-case hex digits for what a parameter value cannot hold
/// (RFC 3461 section 4, used by `AUTH=` of RFC 4954 section 5).
pub fn xtext(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' if byte != b'+' && byte != b'=' => out.push(char::from(byte)),
            _ => out.push_str(&format!("+{byte:02X}")),
        }
    }
    out
}

/// Reads xtext; `None` when it is not, or not of UTF-8.
pub fn unxtext(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => {
                let digits = [bytes.next()?, bytes.next()?];
                if !digits.iter().all(|d| matches!(d, b'0'..=b'9' | b'A'..=b'F')) {
                    return None;
                }
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            }
            b'!'..=b'~' if byte != b'=' => out.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(out).ok()
}
