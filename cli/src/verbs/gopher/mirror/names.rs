//! Which file a selector has.

use std::path::PathBuf;

use netkit_gopher::{ItemType, Selector};
use netkit_wire::safe_name;

use crate::charset::Charset;

/// What a menu is saved as.
pub const MENU: &str = "gophermap";

/// The file of an item, relative to the folder: each part of the selector made a safe name. The same selector has the same
/// file in every run; `None` where no name is left of it.
pub fn file_of(kind: ItemType, selector: &Selector, delimiter: &str) -> Option<PathBuf> {
    let text = Charset::Auto.decode(selector.as_bytes());
    let mut parts: Vec<&str> = text.split(delimiter).filter(|part| !part.is_empty()).collect();
    // Some servers put the type of the item first: 1/docs, 0/docs/a.txt.
    if parts.len() > 1 && parts.first().is_some_and(|part| *part == kind.to_string()) {
        parts.remove(0);
    }
    let mut file = PathBuf::new();
    for part in parts {
        file.push(one_name(part)?);
    }
    if kind.is_menu() {
        file.push(MENU);
    }
    (file.components().count() > 0).then_some(file)
}

/// A name for one part: what is no delimiter here may be one for the system.
fn one_name(part: &str) -> Option<String> {
    let name = safe_name(&part.replace(['/', '\\'], "_"))?;
    // A file must not stand where a menu's own file will.
    Some(if name == MENU { format!("{name}_") } else { name })
}

/// A selector as rules see it: a path, with and without the type that some servers put in front.
pub fn paths(kind: ItemType, selector: &Selector) -> Vec<String> {
    let text = String::from_utf8_lossy(selector.as_bytes());
    let path = |text: &str| format!("/{}", text.trim_start_matches('/'));
    let typed =
        text.trim_start_matches('/').strip_prefix(kind.letter()).and_then(|rest| rest.strip_prefix('/'));
    [Some(path(&text)), typed.map(path)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn each_selector_has_its_file_inside() {
        let file = |kind: u8, selector: &[u8], delimiter: &str| {
            file_of(ItemType::new(kind).unwrap(), &Selector::new(selector).unwrap(), delimiter)
        };
        for (kind, selector, delimiter, name) in [
            (b'1', &b""[..], "/", Some("gophermap")),
            (b'1', b"/notes/", "/", Some("notes/gophermap")),
            (b'1', b"1/notes", "/", Some("notes/gophermap")),
            (b'0', b"0/notes/a.txt", "/", Some("notes/a.txt")),
            (b'0', b"/0", "/", Some("0")),
            (b'0', b"../../etc/passwd", "/", None),
            (b'0', b"/a/../b", "/", None),
            (b'0', b"/a/.ssh/id", "/", Some("a/ssh/id")),
            (b'0', b"a\\..\\b", "/", Some("a_.._b")),
            (b'0', b"a\\b\\c", "\\", Some("a/b/c")),
            (b'9', b"caf\xe9/x\x1b[2J", "/", Some("café/x_[2J")),
            (b'0', b"/notes/gophermap", "/", Some("notes/gophermap_")),
            (b'0', b"", "/", None),
            (b'0', b"GET /x?y=1", "/", Some("GET/x_y=1")),
        ] {
            assert_eq!(file(kind, selector, delimiter).as_deref(), name.map(Path::new), "{selector:?}");
        }
    }

    #[test]
    fn rules_see_paths() {
        let seen = |selector: &str| paths(ItemType::TEXT, &Selector::new(selector.as_bytes()).unwrap());
        assert_eq!(seen("0/private/x"), ["/0/private/x", "/private/x"]);
        assert_eq!(seen("private/x"), ["/private/x"]);
    }
}
