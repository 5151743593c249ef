//! Where a mailbox lies below the folder of the backup.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

/// The longest part of a path, in bytes, before it is cut.
const LONGEST: usize = 180;

/// A folder for each level of the name. What could mean something to the file system, or is one of a Maildir's own folders, is
/// written in another way; the state file beside the messages has the name as it is.
pub fn path(name: &str, delimiter: Option<char>) -> PathBuf {
    match delimiter {
        Some(delimiter) => name.split(delimiter).map(part).collect(),
        None => PathBuf::from(part(name)),
    }
}

fn part(name: &str) -> String {
    let plain = |at: usize, c: char| {
        c.is_alphanumeric()
            || matches!(c, '-' | '_' | ' ' | '+' | ',' | '@' | '&' | '(' | ')')
            || c == '.' && at > 0
    };
    let own = ["cur", "new", "tmp", ""].iter().any(|own| own.eq_ignore_ascii_case(name));
    let mut out = String::new();
    for (at, c) in name.char_indices() {
        if plain(at, c) && !(own && at == 0) {
            out.push(c);
        } else {
            let mut buffer = [0; 4];
            c.encode_utf8(&mut buffer).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    if out.len() > LONGEST {
        let hash = Sha256::digest(name.as_bytes());
        let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let end = (0..=LONGEST).rev().find(|at| out.is_char_boundary(*at)).unwrap_or_default();
        out.truncate(end);
        out.push('~');
        out.push_str(&hash);
    }
    if out.is_empty() { "%00".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_or_meets_another() {
        for (name, wanted) in [
            ("INBOX", "INBOX"),
            ("Lists/rust", "Lists/rust"),
            ("../../etc", "%2E./%2E./etc"),
            ("a//b", "a/%00/b"),
            ("cur/Tmp", "%63ur/%54mp"),
            (".hidden", "%2Ehidden"),
            ("Entw\u{fc}rfe", "Entw\u{fc}rfe"),
            ("a\\b:c\u{1b}", "a%5Cb%3Ac%1B"),
            ("50%", "50%25"),
        ] {
            assert_eq!(path(name, Some('/')), PathBuf::from(wanted), "{name}");
        }
        assert_eq!(path("a/b", None), PathBuf::from("a%2Fb"));
        assert_eq!(path("a.b/c", Some('.')), PathBuf::from("a/b%2Fc"));
        let long = "x".repeat(400);
        let (one, other) = (path(&long, None), path(&format!("{long}y"), None));
        assert!(one != other && one.as_os_str().len() < 220);
    }
}
