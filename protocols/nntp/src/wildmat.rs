//! Patterns of names (RFC 3977 section 4): `*` any characters, `?` one, patterns parted by commas, `!` takes back.

/// Whether `name` is meant: the last pattern that fits decides.
///
/// ```
/// use netkit_nntp::wildmat::matches;
/// assert!(matches("a*,!*b,*c*", "abc"));
/// assert!(!matches("a*,!*b,*c*", "ab"));
/// ```
pub fn matches(wildmat: &str, name: &str) -> bool {
    let decided = wildmat.split(',').rev().find_map(|pattern| match pattern.strip_prefix('!') {
        Some(pattern) => one(pattern, name).then_some(false),
        None => one(pattern, name).then_some(true),
    });
    decided.unwrap_or(false)
}

/// One pattern. Where a star took too little, only the last star takes more: no pattern costs more than its length times the
/// name's.
fn one(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(n) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (p, n) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '*')
}
