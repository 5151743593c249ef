//! `saslname` (RFC 5802 section 7, RFC 5801 section 4): a name in which `,` is `=2C` and `=` is `=3D`.

/// Writes a name so that it ends at the next comma.
pub(in crate::sasl) fn escape(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// Reads it back; `None` when a `=` begins neither escape, which the RFC says must fail the login.
pub(in crate::sasl) fn unescape(name: &str) -> Option<String> {
    let mut parts = name.split('=');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let rest = match part.strip_prefix("2C") {
            Some(rest) => {
                out.push(',');
                rest
            }
            None => {
                let rest = part.strip_prefix("3D")?;
                out.push('=');
                rest
            }
        };
        out.push_str(rest);
    }
    (!name.contains([',', '\0'])).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(escape("a,b=c=2C"), "a=2Cb=3Dc=3D2C");
        for name in ["", "user", "a,b=c=2C", ",,==", "\u{e9}=3D"] {
            assert_eq!(unescape(&escape(name)).as_deref(), Some(name));
        }
        for bad in ["a=", "a=2", "a=2c", "a=41", "=", "a,b", "a\0"] {
            assert_eq!(unescape(bad), None, "{bad:?}");
        }
    }
}
