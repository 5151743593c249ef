//! `caps.txt`: what a server says about its own conventions, by a custom of many servers.
//!
//! ```text
//! CAPS
//!
//! CapsVersion=1
//! PathDelimeter=/
//! PathParent=..
//! ```
//!
//! ```
//! use netkit_gopher::Caps;
//!
//! let caps = Caps::parse(b"CAPS\r\n\r\nCapsVersion=1\r\nPathDelimeter=\\\r\n# a comment\r\n").unwrap();
//! assert_eq!((caps.get("capsversion"), caps.path_delimiter()), (Some("1"), Some("\\")));
//! assert_eq!(Caps::parse(b"no such file\r\n"), None);
//! ```

/// The longest file that is looked at, in bytes.
const LONGEST: usize = 64 << 10;

/// The lines of a `caps.txt`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    pairs: Vec<(String, String)>,
}

impl Caps {
    /// The selector that has it.
    pub const SELECTOR: &str = "caps.txt";

    /// Reads the file; `None` when its first line does not say that it is one. Lines that say nothing are passed over.
    pub fn parse(file: &[u8]) -> Option<Caps> {
        let text = String::from_utf8_lossy(file.get(..LONGEST).unwrap_or(file));
        let mut lines = text.lines();
        if lines.next()?.trim_start_matches('\u{feff}').trim() != "CAPS" {
            return None;
        }
        let lines = lines.filter(|line| !line.starts_with('#'));
        let pair = |line: &str| {
            let (key, value) = line.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().to_owned()))
        };
        Some(Caps { pairs: lines.filter_map(pair).collect() })
    }

    /// The value of a key, in any case of letters.
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// What stands between the parts of a selector that is a path. The key is spelled as everybody spells it.
    pub fn path_delimiter(&self) -> Option<&str> {
        self.get("PathDelimeter").or_else(|| self.get("PathDelimiter"))
    }

    /// How many seconds a visitor should wait between two questions, where the server says so.
    pub fn crawl_delay(&self) -> Option<f64> {
        let seconds = self.get("CrawlDelay").or_else(|| self.get("ServerCrawlDelay"))?;
        seconds.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)
    }
}
