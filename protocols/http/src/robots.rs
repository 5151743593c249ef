//! robots.txt: where a program that follows links may go (RFC 9309).
//!
//! ```
//! use netkit_http::robots::Robots;
//!
//! let robots = Robots::parse(b"User-agent: *\nDisallow: /private/\nAllow: /private/door$\n", "netkit");
//! assert!(robots.allows("/private/door") && !robots.allows("/private/doors"));
//! ```

/// How much of a file counts (RFC 9309 2.5 asks for at least 500 KiB).
pub const LONGEST: usize = 512 << 10;

/// The rules of one origin for one program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allow: bool,
    pattern: Vec<u8>,
}

impl Robots {
    /// No rule: everything is allowed. Also for an answer of 4xx (RFC 9309 2.3.1.3).
    pub fn everything() -> Robots {
        Robots::default()
    }

    /// Nothing is allowed: the file cannot be had, an answer of 5xx (RFC 9309 2.3.1.4).
    pub fn nothing() -> Robots {
        Robots { rules: vec![Rule { allow: false, pattern: b"/".to_vec() }] }
    }

    /// The rules for the program of that name: those of every group that names it, else those of the groups for `*`
    /// (RFC 9309 2.2.1). Lines that are no rules are skipped, as is what stands behind [`LONGEST`] bytes.
    pub fn parse(file: &[u8], program: &str) -> Robots {
        let file = file.get(..LONGEST).unwrap_or(file);
        let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        let (mut own, mut others) = (Vec::new(), Vec::new());
        let (mut named, mut for_own, mut for_all, mut in_names) = (false, false, false, false);
        for line in file.split(|b| matches!(b, b'\r' | b'\n')) {
            let line = line.split(|b| *b == b'#').next().unwrap_or_default();
            let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
            let (name, value) = line.split_at_checked(colon).unwrap_or_default();
            let (name, value) = (name.trim_ascii(), value.get(1..).unwrap_or_default().trim_ascii());
            if name.eq_ignore_ascii_case(b"user-agent") {
                if !std::mem::replace(&mut in_names, true) {
                    (for_own, for_all) = (false, false);
                }
                // A version may stand behind the name; only the name counts.
                let token = |b: &u8| !(b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'));
                let bare = value.split(token).next().unwrap_or_default();
                for_own |= !bare.is_empty() && bare.eq_ignore_ascii_case(program.as_bytes());
                for_all |= value == b"*";
                named |= for_own;
                continue;
            }
            let allow = name.eq_ignore_ascii_case(b"allow");
            if !allow && !name.eq_ignore_ascii_case(b"disallow") {
                continue;
            }
            in_names = false;
            // An empty pattern matches nothing.
            if !value.is_empty() {
                let rule = Rule { allow, pattern: normal(value) };
                if for_own {
                    own.push(rule.clone());
                }
                if for_all {
                    others.push(rule);
                }
            }
        }
        Robots { rules: if named { own } else { others } }
    }

    /// Whether that path, with its query, may be asked for: the longest pattern that matches decides, and `Allow` where
    /// two are as long (RFC 9309 2.2.2). `/robots.txt` always may.
    pub fn allows(&self, path: &str) -> bool {
        let path = normal(path.as_bytes());
        if path == b"/robots.txt" {
            return true;
        }
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        matching.max_by_key(|rule| (rule.pattern.len(), rule.allow)).is_none_or(|rule| rule.allow)
    }
}

/// Both sides in one form (RFC 9309 2.2.2): bytes past ASCII percent-encoded, escapes of plain characters undone, others
/// in upper case.
fn normal(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let escaped = match (byte, after) {
            (b'%', [high, low, ..]) => {
                let digit = |b: &u8| char::from(*b).to_digit(16);
                digit(high).zip(digit(low)).and_then(|(high, low)| u8::try_from(high << 4 | low).ok())
            }
            _ => None,
        };
        match escaped {
            Some(plain) => {
                rest = after.get(2..).unwrap_or_default();
                if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) {
                    out.push(plain);
                } else {
                    out.extend_from_slice(format!("%{plain:02X}").as_bytes());
                }
            }
            None if byte.is_ascii() => out.push(*byte),
            None => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}

/// `*` stands for any bytes, `$` at the end for the end (RFC 9309 2.2.3). One pass with one place to go back to: no
/// pattern takes more than the product of both lengths.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, whole) = match pattern.strip_suffix(b"$") {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let (mut p, mut s, mut star) = (0, 0, None);
    loop {
        match (pattern.get(p), path.get(s)) {
            (Some(b'*'), _) => {
                star = Some((p + 1, s));
                p += 1;
            }
            (None, at) if !whole || at.is_none() => return true,
            (Some(want), Some(have)) if want == have => (p, s) = (p + 1, s + 1),
            (_, None) => return false,
            (_, Some(_)) => match &mut star {
                Some((after, from)) => {
                    *from += 1;
                    (p, s) = (*after, *from);
                }
                None => return false,
            },
        }
    }
}
