//! Which name an answer suggests for a file (RFC 6266, RFC 8187, which replaced RFC 5987).
//!
//! ```text
//! content-disposition = disposition-type *( ";" disposition-parm )         RFC 6266 4.1
//! filename-parm       = "filename" "=" value / "filename*" "=" ext-value
//! ext-value           = charset "'" [ language ] "'" value-chars           RFC 8187 3.2.1
//! ```

use netkit_wire::{Fields, is_token, safe_name};
use url::Url;

/// The name of `Content-Disposition`, made safe; `None` where there is no such field, it is malformed, or nothing of
/// the name is left.
///
/// `filename*` goes before `filename` (RFC 6266 4.3); its charset is UTF-8 or ISO-8859-1, and an undecodable one is
/// passed over. Percent signs in `filename` are themselves, not escapes (RFC 6266 appendix D). Bytes past ASCII in
/// `filename` are UTF-8 if they can be, else ISO-8859-1. The disposition type does not matter: one who saves a file
/// wants its name also when the server would have it shown. Of a parameter that is said twice, nothing is used.
pub fn suggested_name(fields: &Fields) -> Option<String> {
    let value = fields.get("content-disposition")?;
    let parameters = parameters(value)?;
    let one = |name: &str| {
        let mut all = parameters.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        all.next().filter(|_| all.next().is_none()).map(|(_, value)| value.as_slice())
    };
    let extended = one("filename*").and_then(extended);
    let name = extended.or_else(|| one("filename").map(text))?;
    safe_name(&name)
}

/// The name that a URL's last path segment gives, percent-decoded and made safe; `None` where nothing is left of it.
///
/// Meant for the URL that the user named: the one a redirect leads to is the server's choice.
pub fn name_in_url(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    safe_name(&text(&unescape(last.as_bytes(), |_| true)?))
}

/// Names and values behind the disposition type, quoted strings unquoted. `None` when the grammar is broken.
fn parameters(value: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let kind = value.split(|b| *b == b';').next().unwrap_or_default();
    if !is_token(kind.trim_ascii()) {
        return None;
    }
    let mut rest = value.get(kind.len()..).unwrap_or_default();
    let mut found = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        let Some((b';', behind)) = rest.split_first() else {
            return rest.is_empty().then_some(found);
        };
        rest = behind.trim_ascii_start();
        // An empty parameter, as behind a last semicolon, is no fault worth a name.
        if rest.is_empty() || rest.starts_with(b";") {
            continue;
        }
        let equals = rest.iter().position(|b| *b == b'=')?;
        let (name, behind) = rest.split_at_checked(equals)?;
        let name = std::str::from_utf8(name.trim_ascii()).ok().filter(|name| is_token(name.as_bytes()))?;
        let (value, behind) = self::value(behind.get(1..)?.trim_ascii_start())?;
        found.push((name.to_owned(), value));
        rest = behind;
    }
}

/// A token or a quoted string (RFC 9110 5.6.4), and what follows it.
fn value(from: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let Some((b'"', mut rest)) = from.split_first() else {
        let end = from.iter().position(|b| *b == b';').unwrap_or(from.len());
        let (token, rest) = from.split_at_checked(end)?;
        // Names with blanks and without quotes are common, and say what they mean.
        let token = token.trim_ascii_end();
        return (!token.is_empty()).then(|| (token.to_vec(), rest));
    };
    let mut unquoted = Vec::new();
    loop {
        let (byte, behind) = rest.split_first()?;
        rest = behind;
        match byte {
            b'"' => return Some((unquoted, rest)),
            b'\\' => {
                let (escaped, behind) = rest.split_first()?;
                unquoted.push(*escaped);
                rest = behind;
            }
            plain => unquoted.push(*plain),
        }
    }
}

/// RFC 8187 3.2.
fn extended(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |b| *b == b'\'');
    let (charset, _language, coded) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    let bytes = unescape(coded, plain)?;
    if charset.eq_ignore_ascii_case(b"utf-8") {
        String::from_utf8(bytes).ok()
    } else if charset.eq_ignore_ascii_case(b"iso-8859-1") {
        Some(latin1(&bytes))
    } else {
        None
    }
}

/// `%41` becomes `A`; `None` for an escape that is none, and for other bytes that are not `plain`.
fn unescape(coded: &[u8], plain: impl Fn(u8) -> bool) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(coded.len());
    let mut rest = coded.iter();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|b| char::from(*b).to_digit(16));
        bytes.push(match byte {
            b'%' => u8::try_from(digit()? << 4 | digit()?).ok()?,
            other if plain(*other) => *other,
            _ => return None,
        });
    }
    Some(bytes)
}

fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}
