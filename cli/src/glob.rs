//! `--include` and `--exclude`: `?` and `*` within a name, `**` over folders.

/// Whether the path matches. A pattern without a slash is about the last name, one with a slash about the whole path.
pub fn matches(pattern: &str, path: &str) -> bool {
    let path = path.trim_start_matches('/');
    let (pattern, text) = match pattern.contains('/') {
        true => (pattern.trim_start_matches('/'), path),
        false => (pattern, path.rsplit('/').next().unwrap_or(path)),
    };
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // `reached` holds every place of the text that the pattern so far can end at: no pattern takes more than the product.
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    let mut at = 0;
    while let Some(c) = pattern.get(at) {
        let over_folders = *c == '*' && pattern.get(at + 1) == Some(&'*');
        let mut next = vec![false; text.len() + 1];
        let mut running = false;
        for (place, from) in reached.iter().enumerate() {
            running |= *from;
            let have = text.get(place).copied();
            match c {
                '*' => {
                    if let Some(slot) = next.get_mut(place) {
                        *slot = running;
                    }
                    running &= over_folders || have != Some('/');
                }
                _ => {
                    let fits = *from && have.is_some_and(|h| if *c == '?' { h != '/' } else { h == *c });
                    if let Some(slot) = next.get_mut(place + 1).filter(|_| fits) {
                        *slot = true;
                    }
                }
            }
        }
        reached = next;
        at += if over_folders { 2 } else { 1 };
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, path) in [
            ("*.html", "/a/b.html"),
            ("b.htm?", "/a/b.html"),
            ("/a/*.html", "/a/b.html"),
            ("a/**", "/a/b/c/d"),
            ("**/d", "/a/b/c/d"),
            ("/**/*.png", "/a/b/c.png"),
            ("*", "/"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("*.html", "/a.html/b"),
            ("/a/*", "/a/b/c"),
            ("/a", "/a/b"),
            ("?", "/ab"),
            ("a?b", "/a/b"),
            ("/a/**", "/b/a/c"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
        assert!(!matches(&"*a".repeat(200), &"a".repeat(100)), "and in no time");
    }
}
