//! `name=value` lists: RFC 2831 section 7.1.
//!
//! ```text
//! list      = directive *( "," directive )      with any white space around, and empty elements let pass
//! directive = token "=" ( token / quoted-string )
//! ```

use crate::sasl::{SaslError, bounded};

const BROKEN: SaslError = SaslError::Malformed("DIGEST-MD5 directive");

/// The directives of one message, in order.
#[derive(Debug, Default)]
pub(super) struct Directives(Vec<(String, String)>);

impl Directives {
    pub(super) fn parse(message: &[u8]) -> Result<Self, SaslError> {
        let text = str::from_utf8(bounded(message)?).map_err(|_| BROKEN)?;
        let mut all = Vec::new();
        let mut rest = skip(text);
        while !rest.is_empty() {
            let (name, value) = rest.split_once('=').ok_or(BROKEN)?;
            let name = name.trim_end_matches(LWS);
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err(BROKEN);
            }
            let (value, after) = value_of(value.trim_start_matches(LWS))?;
            all.push((name.to_ascii_lowercase(), value));
            let after = after.trim_start_matches(LWS);
            if !after.is_empty() && !after.starts_with(',') {
                return Err(BROKEN);
            }
            rest = skip(after);
        }
        Ok(Self(all))
    }

    /// The value of a directive that may come once; two of it are an error (RFC 2831 section 2.1.1).
    pub(super) fn one<'d>(&'d self, name: &'d str) -> Result<Option<&'d str>, SaslError> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (first, None) => Ok(first),
            _ => Err(SaslError::Malformed("a DIGEST-MD5 directive comes twice")),
        }
    }

    pub(super) fn all<'d>(&'d self, name: &'d str) -> impl Iterator<Item = &'d str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

const LWS: [char; 4] = [' ', '\t', '\r', '\n'];

fn skip(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\r', '\n', ','])
}

fn value_of(text: &str) -> Result<(String, &str), SaslError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t', '\r', '\n']).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end).ok_or(BROKEN)?;
        return Ok((value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next().ok_or(BROKEN)? {
            '"' => return Ok((value, chars.as_str())),
            '\\' => value.push(chars.next().ok_or(BROKEN)?),
            c => value.push(c),
        }
    }
}

/// A value between quotes, with `"` and `\` escaped.
pub(super) fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let directives = Directives::parse(b" a=1 , ,B=\"x, \\\"y\\\\\" ,c=\"\"").unwrap();
        assert_eq!(directives.one("a"), Ok(Some("1")));
        assert_eq!(directives.one("b"), Ok(Some("x, \"y\\")));
        assert_eq!(directives.one("c"), Ok(Some("")));
        assert_eq!(directives.one("d"), Ok(None));
        for value in ["", "a", "\"", "\\\"", "a,b=c"] {
            let message = format!("v={}", quote(value));
            assert_eq!(Directives::parse(message.as_bytes()).unwrap().one("v"), Ok(Some(value)));
        }
        assert!(Directives::parse(b"a=1,a=2").unwrap().one("a").is_err());
        for bad in [&b"a"[..], b"=1", b"a=\"x", b"a=\"x\\", b"a=\"x\"y", b"a b=1", b"\xff=1"] {
            assert!(Directives::parse(bad).is_err(), "{bad:?}");
        }
    }
}
