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
