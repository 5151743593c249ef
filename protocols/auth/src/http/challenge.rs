//! `WWW-Authenticate` and `Proxy-Authenticate` (RFC 9110 sections 11.3, 11.6.1), both ways.
//!
//! ```text
//! WWW-Authenticate = #challenge
//! challenge  = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
//! auth-param = token BWS "=" BWS ( token / quoted-string )
//! token68    = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
//! ```
//!
//! Commas part challenges and parameters alike: what follows one is a parameter if a `=` follows its name, and a new
//! challenge otherwise.

use super::HttpAuthError;

/// The longest header value read, in bytes.
pub const MAX_VALUE: usize = 16_384;
/// The most challenges read from one value.
pub const MAX_CHALLENGES: usize = 32;
/// The most parameters read in one challenge.
pub const MAX_PARAMS: usize = 32;

/// One way in that the server offers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// The scheme as the server wrote it; [`is`](Self::is) compares it.
    pub scheme: String,
    /// The token68, where a scheme has that in place of parameters (`Negotiate`).
    pub token68: Option<String>,
    /// Names as written, and values without their quotes, in order. No name occurs twice.
    pub params: Vec<(String, String)>,
}

impl Challenge {
    /// `Basic` for a realm, asking for UTF-8 (RFC 7617 section 2.1).
    #[must_use]
    pub fn basic(realm: &str) -> Self {
        let params = vec![("realm".into(), realm.into()), ("charset".into(), "UTF-8".into())];
        Self { scheme: "Basic".into(), token68: None, params }
    }

    /// `Bearer` for a realm (RFC 6750 section 3).
    #[must_use]
    pub fn bearer(realm: &str) -> Self {
        Self { scheme: "Bearer".into(), token68: None, params: vec![("realm".into(), realm.into())] }
    }

    /// Whether this is that scheme, in any case.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of a parameter, its name in any case.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The protection space's name (RFC 9110 section 11.5).
    #[must_use]
    pub fn realm(&self) -> Option<&str> {
        self.param("realm")
    }

    /// The header value; parameters are all quoted.
    ///
    /// # Errors
    /// [`HttpAuthError::Malformed`] at the byte of the value where something would stand that cannot: a control
    /// character, or a name that is no token.
    pub fn to_value(&self) -> Result<String, HttpAuthError> {
        let is_token = |text: &str| !text.is_empty() && text.bytes().all(is_tchar);
        let mut out = String::new();
        let malformed = |out: &String| Err(HttpAuthError::Malformed { at: out.len() });
        if !is_token(&self.scheme) {
            return malformed(&out);
        }
        out.push_str(&self.scheme);
        if let Some(token) = &self.token68 {
            if !crate::is_b64token(&token.as_str().into()) || !self.params.is_empty() {
                return malformed(&out);
            }
            out.push(' ');
            out.push_str(token);
        }
        for (at, (name, value)) in self.params.iter().enumerate() {
            if !is_token(name) || value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
                return malformed(&out);
            }
            out.push_str(if at == 0 { " " } else { ", " });
            out.push_str(name);
            out.push_str("=\"");
            for character in value.chars() {
                if matches!(character, '"' | '\\') {
                    out.push('\\');
                }
                out.push(character);
            }
            out.push('"');
        }
        Ok(out)
    }
}

/// Reads one header value; several header lines are several calls.
///
/// Strict but for what the list rule allows: empty elements are passed over. Text in quotes that is not UTF-8 is read
/// as Latin-1, byte by byte.
///
/// # Errors
/// [`HttpAuthError::Malformed`], [`HttpAuthError::TooLong`].
pub fn parse_challenges(value: impl AsRef<[u8]>) -> Result<Vec<Challenge>, HttpAuthError> {
    let value = value.as_ref();
    if value.len() > MAX_VALUE {
        return Err(HttpAuthError::TooLong { limit: MAX_VALUE });
    }
    let mut cursor = Cursor { value, at: 0 };
    let mut challenges: Vec<Challenge> = Vec::new();
    loop {
        cursor.skip(|byte| matches!(byte, b' ' | b'\t' | b','));
        if cursor.peek().is_none() {
            return Ok(challenges);
        }
        let name = cursor.token()?;
        if let Some(value) = cursor.param_value()? {
            let Some(challenge) = challenges.last_mut().filter(|last| last.token68.is_none()) else {
                return Err(cursor.malformed());
            };
            cursor.end_of_element()?;
            if challenge.param(&name).is_some() {
                return Err(cursor.malformed());
            }
            if challenge.params.len() == MAX_PARAMS {
                return Err(HttpAuthError::TooLong { limit: MAX_PARAMS });
            }
            challenge.params.push((name, value));
            continue;
        }
        if challenges.len() == MAX_CHALLENGES {
            return Err(HttpAuthError::TooLong { limit: MAX_CHALLENGES });
        }
        let spaces = cursor.skip(|byte| byte == b' ');
        let token68 = if spaces > 0 { cursor.token68() } else { None };
        challenges.push(Challenge { scheme: name, token68, params: Vec::new() });
        // After a scheme and its space the first parameter may stand without a comma.
        if spaces == 0 || cursor.peek().is_none_or(|byte| !is_tchar(byte)) {
            cursor.end_of_element()?;
        } else if !cursor.param_follows() {
            return Err(cursor.malformed());
        }
    }
}

/// A place in the value.
#[derive(Clone)]
struct Cursor<'a> {
    value: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &[u8] {
        self.value.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn malformed(&self) -> HttpAuthError {
        HttpAuthError::Malformed { at: self.at }
    }

    /// Moves past the bytes that match; says how many.
    fn skip(&mut self, matches: impl Fn(u8) -> bool) -> usize {
        let count = self.rest().iter().take_while(|&&byte| matches(byte)).count();
        self.at += count;
        count
    }

    fn token(&mut self) -> Result<String, HttpAuthError> {
        let count = self.rest().iter().take_while(|&&byte| is_tchar(byte)).count();
        let token = latin1_or_utf8(self.rest().get(..count).unwrap_or_default());
        self.at += count;
        if token.is_empty() { Err(self.malformed()) } else { Ok(token) }
    }

    /// A token68 that fills the rest of its element, or nothing, and no step taken.
    fn token68(&mut self) -> Option<String> {
        let mut ahead = self.clone();
        ahead.skip(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
        let body = ahead.at;
        ahead.skip(|byte| byte == b'=');
        let text = self.value.get(self.at..ahead.at)?;
        if body == self.at || ahead.end_of_element().is_err() {
            return None;
        }
        let token = latin1_or_utf8(text);
        self.at = ahead.at;
        Some(token)
    }

    /// Whether a name and `=` come next.
    fn param_follows(&self) -> bool {
        let mut ahead = self.clone();
        let named = ahead.token().is_ok();
        ahead.skip(|byte| matches!(byte, b' ' | b'\t'));
        named && ahead.peek() == Some(b'=')
    }

    /// What follows a name, if that is `=` and a value.
    fn param_value(&mut self) -> Result<Option<String>, HttpAuthError> {
        let name_end = self.at;
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
        if self.peek() != Some(b'=') {
            self.at = name_end;
            return Ok(None);
        }
        self.at += 1;
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
        if self.peek() == Some(b'"') { self.quoted().map(Some) } else { self.token().map(Some) }
    }

    /// `quoted-string` (RFC 9110 section 5.6.4), the cursor on its opening quote.
    fn quoted(&mut self) -> Result<String, HttpAuthError> {
        let mut out = Vec::new();
        self.at += 1;
        loop {
            let mut byte = self.peek().ok_or_else(|| self.malformed())?;
            self.at += 1;
            match byte {
                b'"' => return Ok(latin1_or_utf8(&out)),
                b'\\' => {
                    byte = self.peek().ok_or_else(|| self.malformed())?;
                    self.at += 1;
                }
                _ => {}
            }
            if byte.is_ascii_control() && byte != b'\t' {
                self.at -= 1;
                return Err(self.malformed());
            }
            out.push(byte);
        }
    }

    /// Moves past white space to a comma or the end.
    fn end_of_element(&mut self) -> Result<(), HttpAuthError> {
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
        if matches!(self.peek(), None | Some(b',')) { Ok(()) } else { Err(self.malformed()) }
    }
}

/// `tchar` (RFC 9110 section 5.6.2).
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn latin1_or_utf8(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(scheme: &str, params: &[(&str, &str)]) -> Challenge {
        let params = params.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Challenge { scheme: scheme.to_owned(), token68: None, params }
    }

    /// RFC 9110 section 11.6.1, the example; RFC 7617 section 2.1; RFC 6750 section 3.
    #[test]
    fn rfc_examples() {
        let value = r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#;
        let newauth = [("realm", "apps"), ("type", "1"), ("title", "Login to \"apps\"")];
        assert_eq!(
            parse_challenges(value),
            Ok(vec![challenge("Basic", &[("realm", "simple")]), challenge("Newauth", &newauth)])
        );
        assert_eq!(
            parse_challenges(r#"Basic realm="foo", charset="UTF-8""#),
            Ok(vec![Challenge::basic("foo")])
        );
        let bearer = parse_challenges(
            r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
        )
        .unwrap();
        assert_eq!(bearer[0].param("ERROR"), Some("invalid_token"));
        assert_eq!(bearer[0].realm(), Some("example"));
    }

    #[test]
    fn token68_and_bare_schemes() {
        let parsed = parse_challenges("Negotiate, NTLM TlRMTVNTUAA=, Basic realm=x ,, custom abc").unwrap();
        let shown: Vec<_> = parsed.iter().map(|c| (c.scheme.as_str(), c.token68.as_deref())).collect();
        let expected =
            [("Negotiate", None), ("NTLM", Some("TlRMTVNTUAA=")), ("Basic", None), ("custom", Some("abc"))];
        assert_eq!(shown, expected);
        assert_eq!(parsed[2].realm(), Some("x"));
        // An equals sign with nothing after it is padding: the grammar has no empty parameter without quotes.
        assert_eq!(parse_challenges("Basic realm=").unwrap()[0].token68.as_deref(), Some("realm="));
    }

    #[test]
    fn white_space_and_empty_elements() {
        let expected = Ok(vec![challenge("Basic", &[("realm", "a, b=c"), ("x", "")])]);
        assert_eq!(parse_challenges(" , Basic   realm = \"a, b=c\" ,\t, x=\"\" , "), expected);
        assert_eq!(parse_challenges(""), Ok(vec![]));
        assert_eq!(parse_challenges(" ,, "), Ok(vec![]));
    }

    #[test]
    fn quoted_text_that_is_not_utf8_is_latin1() {
        let parsed = parse_challenges(b"Basic realm=\"caf\xe9\"").unwrap();
        assert_eq!(parsed[0].realm(), Some("caf\u{e9}"));
    }

    #[test]
    fn malformed_values_say_where() {
        for (value, at) in [
            ("realm=\"x\"", 9),
            ("Basic realm=\"x", 14),
            ("Basic realm=\"x\\", 15),
            ("Basic realm=\"x\r\n\"", 14),
            ("Basic realm=\"x\" y", 16),
            ("Basic realm=x, realm=y", 22),
            ("Basic realm==\"x\"", 12),
            ("Basic a b", 6),
            ("\"Basic\"", 0),
            ("NTLM abc==, x=y", 15),
        ] {
            assert_eq!(parse_challenges(value), Err(HttpAuthError::Malformed { at }), "{value:?}");
        }
    }

    #[test]
    fn bounded() {
        let many = "a,".repeat(MAX_CHALLENGES);
        assert_eq!(parse_challenges(&many).unwrap().len(), MAX_CHALLENGES);
        assert_eq!(parse_challenges(many + "a"), Err(HttpAuthError::TooLong { limit: MAX_CHALLENGES }));
        let params: String = (0..=MAX_PARAMS).map(|n| format!(",p{n}=x")).collect();
        assert_eq!(
            parse_challenges("a ".to_owned() + &params),
            Err(HttpAuthError::TooLong { limit: MAX_PARAMS })
        );
        assert_eq!(
            parse_challenges(" ".repeat(MAX_VALUE + 1)),
            Err(HttpAuthError::TooLong { limit: MAX_VALUE })
        );
    }

    #[test]
    fn only_what_can_stand_is_written() {
        assert_eq!(
            Challenge::basic("a\"b\\").to_value().unwrap(),
            r#"Basic realm="a\"b\\", charset="UTF-8""#
        );
        assert_eq!(
            Challenge::bearer("x\r\nSet-Cookie: y").to_value(),
            Err(HttpAuthError::Malformed { at: 6 })
        );
        assert!(challenge("", &[]).to_value().is_err());
        assert!(challenge("a b", &[]).to_value().is_err());
        assert!(challenge("a", &[("b c", "")]).to_value().is_err());
        let negotiate =
            Challenge { scheme: "Negotiate".into(), token68: Some("ab==".into()), params: vec![] };
        assert_eq!(negotiate.to_value().unwrap(), "Negotiate ab==");
    }
}
