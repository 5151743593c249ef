//! The files of `fixtures/world`, embedded: the binary needs nothing beside it.

use super::site::Site;

macro_rules! embedded {
    ($($path:literal)*) => {
        &[$(($path, include_bytes!(concat!("../../../../fixtures/world", $path)) as &[u8])),*]
    };
}

pub(super) fn site() -> Site {
    Site::of(embedded! {
        "/index.html"
        "/about.txt"
        "/gophermap"
        "/images/dot.png"
        "/linked/index.html"
        "/linked/next/page.html"
        "/linked/style.css"
        "/notes/ports.txt"
        "/notes/sockets.txt"
        "/private/secret.html"
        "/robots.txt"
    })
}

/// Mail that lies in an archive: what each has, and its flags.
pub(super) const LETTERS: [(&[u8], &[&str]); 3] = [
    (include_bytes!("../../../../fixtures/world/mail/welcome.eml"), &["\\Seen"]),
    (include_bytes!("../../../../fixtures/world/mail/picture.eml"), &["\\Seen", "\\Flagged"]),
    (include_bytes!("../../../../fixtures/world/mail/forward.eml"), &[]),
];

/// The folders that everybody has, and what they are for (RFC 6154).
pub(super) const FOLDERS: [(&str, &str); 5] = [
    ("Archive", "\\Archive"),
    ("Drafts", "\\Drafts"),
    ("Junk", "\\Junk"),
    ("Sent", "\\Sent"),
    ("Trash", "\\Trash"),
];
