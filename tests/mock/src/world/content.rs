//! The files of `fixtures/world`, embedded: the binary needs nothing beside it.

use netkit_nntp::yenc::{self, Slice};
use netkit_wire::Stuffer;

use super::news::News;
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
        "/news/dot.nzb"
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

/// Groups: what each is about, whether a login is needed, whether posts are let in.
const GROUPS: [(&str, &str, bool, bool); 5] = [
    ("netkit.binaries", "Files as articles, in yEnc", false, true),
    ("netkit.empty", "A group without articles", false, false),
    ("netkit.private", "For those who have logged in", true, true),
    ("netkit.talk", "Talk about protocols", false, true),
    ("netkit.test", "Tests of readers and posters", false, true),
];

const ARTICLES: [&[u8]; 5] = [
    include_bytes!("../../../../fixtures/world/news/welcome.txt"),
    include_bytes!("../../../../fixtures/world/news/question.txt"),
    include_bytes!("../../../../fixtures/world/news/answer.txt"),
    include_bytes!("../../../../fixtures/world/news/thanks.txt"),
    include_bytes!("../../../../fixtures/world/news/secret.txt"),
];

/// The groups, with their articles and a picture in two parts.
pub(super) fn news(host: &str) -> News {
    let mut news = News::default();
    for (name, description, private, open) in GROUPS {
        news.create(name, description, private, open);
    }
    for text in ARTICLES {
        let mut data = Vec::new();
        // Line ends as on the wire; dots stay as they are.
        Stuffer::counted().push(text, &mut data);
        let _ = news.take(&data, false, host);
    }
    let picture: &[u8] = include_bytes!("../../../../fixtures/world/images/dot.png");
    let (first, second) = picture.split_at(picture.len() / 2);
    for (number, offset, part) in [(1, 0, first), (2, first.len(), second)] {
        let slice = Slice { number, total: 2, offset: offset as u64, size: picture.len() as u64 };
        let mut data = format!(
            "From: Netkit <news@netkit.example>\r\nNewsgroups: netkit.binaries\r\nSubject: A picture \"dot.png\" yEnc ({number}/2)\r\nDate: Thu, 01 Oct 2026 08:00:00 +0000\r\nMessage-ID: <dot.{number}@netkit.example>\r\n\r\n"
        )
        .into_bytes();
        yenc::encode("dot.png", part, 128, Some(slice), &mut data);
        let _ = news.take(&data, false, host);
    }
    news
}
