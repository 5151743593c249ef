//! Why a server refused a token: the JSON object of RFC 7628 section 3.2.2, which Google's XOAUTH2 has too.

use std::fmt;

use super::{SaslError, bounded};

/// The server's JSON, as text. Its `Display` escapes whatever could move a terminal's cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthRefusal(String);

impl OAuthRefusal {
    /// Takes what the server sent. It is kept even when it is not JSON: it is the only reason there is.
    ///
    /// # Errors
    /// [`SaslError::TooLong`].
    pub(super) fn read(challenge: &[u8]) -> Result<Self, SaslError> {
        Ok(Self(String::from_utf8_lossy(bounded(challenge)?).into_owned()))
    }

    /// The text as the server sent it, invalid UTF-8 replaced.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.0
    }

    /// `status`: an OAuth error code such as `invalid_token`, or an HTTP status.
    #[must_use]
    pub fn status(&self) -> Option<String> {
        self.member("status")
    }

    /// `scope`: what the token would have had to be issued for.
    #[must_use]
    pub fn scope(&self) -> Option<String> {
        self.member("scope")
    }

    /// A string member of the object, unescaped; `None` when it is absent, no string, or the text is no flat object.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<String> {
        let mut rest = self.0.trim_start().strip_prefix('{')?;
        loop {
            let (key, after) = string(rest.trim_start())?;
            rest = after.trim_start().strip_prefix(':')?.trim_start();
            if rest.starts_with('"') {
                let (value, after) = string(rest)?;
                if key == name {
                    return Some(value);
                }
                rest = after;
            } else {
                // A number, a literal: passed over. Nested values do not occur in this object.
                let end = rest.find([',', '{', '['])?;
                rest = rest.get(end..)?;
            }
            rest = rest.trim_start().strip_prefix(',')?;
        }
    }
}

impl fmt::Display for OAuthRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.status(), self.scope()) {
            (Some(status), Some(scope)) => {
                write!(f, "{} (scope {})", status.escape_debug(), scope.escape_debug())
            }
            (Some(status), None) => write!(f, "{}", status.escape_debug()),
            _ => write!(f, "{}", self.0.escape_debug()),
        }
    }
}

/// Reads a JSON string (RFC 8259 section 7) from the front of `text`; gives it unescaped, and what follows.
fn string(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.chars();
    loop {
        match chars.next()? {
            '"' => return Some((out, chars.as_str())),
            '\\' => out.push(match chars.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let digits = chars.as_str().get(..4)?;
                    chars = chars.as_str().get(4..)?.chars();
                    // Half of a surrogate pair alone is no character; these values hold none.
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?).unwrap_or('\u{fffd}')
                }
                other @ ('"' | '\\' | '/') => other,
                _ => return None,
            }),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> OAuthRefusal {
        OAuthRefusal::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn members_are_unescaped() {
        let refusal = refusal(
            r#" { "n" : 1, "status":"in\u0076alid\"\/", "schemes" :"bearer", "scope":"https:\/\/mail.google.com\/" } "#,
        );
        assert_eq!(refusal.status().as_deref(), Some("invalid\"/"));
        assert_eq!(refusal.scope().as_deref(), Some("https://mail.google.com/"));
        assert_eq!(refusal.member("n"), None);
        assert_eq!(refusal.member("absent"), None);
    }

    #[test]
    fn display_is_short_and_shows_no_control_characters() {
        assert_eq!(refusal(r#"{"status":"401","scope":"mail"}"#).to_string(), "401 (scope mail)");
        assert_eq!(refusal(r#"{"status":"4\u001b[2J"}"#).to_string(), r"4\u{1b}[2J");
        assert_eq!(refusal("no\x1b json").to_string(), r"no\u{1b} json");
    }

    #[test]
    fn broken_json_has_no_members() {
        for text in [
            "",
            "{",
            "{\"",
            "{\"a",
            "{\"status\"",
            "{\"status\":",
            "{\"status\":\"",
            "{\"status\":\"\\",
            "{\"status\":\"\\u12",
            "{\"status\":\"\\uzzzz\"",
            "[]",
            "{\"a\":{\"status\":\"x\"}}",
            "{\"\u{e9}\":1",
        ] {
            assert_eq!(refusal(text).status(), None, "{text:?}");
            assert_eq!(refusal(text).json(), text);
        }
    }
}
