//! Names that come from a server, before anything here is called so.

/// The longest name that every file system takes.
const LONGEST: usize = 60 * 4;

/// The name as one part of a path here; none where it could lead elsewhere, or mean something else to some system.
pub fn local(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name).ok()?;
    let odd = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '\u{7f}');
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = |kind: &str| {
        stem.strip_prefix(kind).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let device = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT");
    let ends_odd = name.ends_with(['.', ' ']);
    let fits = !name.is_empty() && name.len() <= LONGEST && !name.chars().any(odd) && !device && !ends_odd;
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn what_leads_elsewhere_is_no_name() {
        for good in ["a", ".htaccess", "-rf", "a b", "caf\u{e9}", "x..y", "COMMON", "console.log"] {
            assert_eq!(local(good.as_bytes()), Some(good));
        }
        for bad in [
            "", ".", "..", "../x", "/etc", "a/b", "C:\\x", "x:stream", "CON", "con.txt", "Lpt1", "dot.",
            "sp ", "a\nb", "\u{1b}[",
        ] {
            assert_eq!(local(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(local(b"\xff"), None);
        assert_eq!(local(&[b'x'; 300]), None);
    }
}
