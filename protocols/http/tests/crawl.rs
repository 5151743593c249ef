//! What a program that follows links reads: robots.txt (RFC 9309) and references in pages and style sheets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_http::links::{Form, Links, in_css, in_html};
use netkit_http::robots::{LONGEST, Robots};
use proptest::prelude::*;

/// RFC 9309 5.1.
const SIMPLE: &[u8] = b"User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
    User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
    User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\nUser-Agent: quxbot\n\nEOF\n";

fn asks(program: &str, path: &str) -> bool {
    Robots::parse(SIMPLE, program).allows(path)
}

/// RFC 9309 5.1, the table behind the example.
#[test]
fn the_rfcs_example() {
    assert!(!asks("other", "/a.gif") && asks("other", "/a.gif?x") && !asks("other", "/example/x"));
    assert!(asks("other", "/publications/x") && asks("other", "/"));
    assert!(asks("foobot", "/example/page.html") && asks("FooBot", "/example/allowed.gif"));
    assert!(!asks("foobot", "/") && !asks("foobot", "/publications/"));
    for bot in ["barbot", "bazbot"] {
        assert!(!asks(bot, "/example/page.html") && asks(bot, "/example/") && asks(bot, "/x.gif"));
    }
    assert!(asks("quxbot", "/example/") && asks("quxbot", "/a.gif"), "a group without rules allows all");
}

/// RFC 9309 5.2: the longest match wins.
#[test]
fn the_longest_match() {
    let robots = Robots::parse(
        b"User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n",
        "foobot",
    );
    assert!(!robots.allows("/example/page/disallowed.gif") && robots.allows("/example/page/x"));
    let equal = Robots::parse(b"user-agent: *\ndisallow: /p\nallow: /p\n", "x");
    assert!(equal.allows("/p"), "RFC 9309 2.2.2: allow where both are as long");
}

/// RFC 9309 2.2.2 and 2.2.3: escapes and special characters.
#[test]
fn patterns() {
    let allows = |rule: &str, path: &str| {
        Robots::parse(format!("user-agent:*\ndisallow:{rule}").as_bytes(), "x").allows(path)
    };
    for (rule, path) in [
        ("/a%3cd.html", "/a%3Cd.html"),
        ("/foo/bar/ツ", "/foo/bar/%E3%83%84"),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
        ("/*/c$", "/a/b/c"),
        ("/a*a*a*b", "/aaaab"),
        ("/fish*", "/fish.html"),
        ("/", "/anything"),
    ] {
        assert!(!allows(rule, path), "{rule} {path}");
    }
    for (rule, path) in
        [("", "/x"), ("/b", "/a/b"), ("/c$", "/c/"), ("/A", "/a"), ("/", "/robots.txt"), ("/a%2Fb", "/a/b")]
    {
        assert!(allows(rule, path), "{rule} {path}");
    }
    let slow = format!("/{}b", "*a".repeat(200));
    assert!(allows(&slow, &format!("/{}", "a".repeat(4000))), "and in no time");
    assert!(
        Robots::everything().allows("/")
            && !Robots::nothing().allows("/")
            && Robots::nothing().allows("/robots.txt")
    );
}

#[test]
fn a_file_of_any_shape() {
    let robots = Robots::parse(
        b"\xef\xbb\xbfDisallow: /early\nUser-agent: * # all\r\rSitemap: x\rnonsense\rDisallow: /x # why\r",
        "x",
    );
    assert!(!robots.allows("/x") && robots.allows("/early"));
    let two = Robots::parse(
        b"user-agent: a/1.0\ndisallow: /1\nuser-agent: b\ndisallow: /2\nuser-agent: a\ndisallow: /3\n",
        "a",
    );
    assert!(!two.allows("/1") && two.allows("/2") && !two.allows("/3"), "groups of one name are one");
    let late = [vec![b'\n'; LONGEST], b"user-agent: *\ndisallow: /".to_vec()].concat();
    assert!(Robots::parse(&late, "x").allows("/x"));
}

fn texts(links: &Links) -> Vec<&str> {
    links.links.iter().map(|link| link.text.as_str()).collect()
}

#[test]
fn links_of_a_page() {
    let page = br##"<!doctype html><!-- <a href=comment> --><base href='/b/'><base href=later>
        <A HREF = "a.html?x=1&amp;y=2" class=x>one</A><a href=#here><a href>< a href=no><a href='b c.html'/>
        <img src=i.png srcset="s1.png, s2.png 2x,s3.png 3x , data:image/png;base64,x= 4x" alt="<a href=q>">
        <link rel=stylesheet href=&#x73;.css><video poster=p.jpg><object data=o.swf><table background=t.gif>
        <div style="background: url(&quot;d.png&quot;)"><script src=x.js>document.write("<a href=script>")</script>
        <style>@import "i.css"; /* url(no) */ p { background: url( 'u.png' ) } q { x: URL(v.png) }</style>
        <title><a href=title></title><textarea><a href=area></textarea><a href="last"##;
    let found = in_html(page);
    assert_eq!(found.base.as_ref().map(|base| base.text.as_str()), Some("/b/"));
    let expected = [
        "a.html?x=1&y=2",
        "b c.html",
        "i.png",
        "s1.png",
        "s2.png",
        "s3.png",
        "data:image/png;base64,x=",
        "s.css",
        "p.jpg",
        "o.swf",
        "t.gif",
        "\"d.png\"",
        "x.js",
        "i.css",
        "u.png",
        "v.png",
        "last",
    ];
    assert_eq!(texts(&found), expected);
    for link in &found.links {
        let written = String::from_utf8_lossy(&page[link.place.clone()]);
        assert!(written.contains(['&', ' ']) || written == link.text, "{written}");
    }
}

#[test]
fn links_of_a_style_sheet() {
    let sheet = b"@import url(a.css); @import 'b.css' screen; p{background:url(\"c.png\")}/* url(d) */q{x:url( e.png )}url(open";
    let found = in_css(sheet);
    assert_eq!(texts(&found), ["a.css", "b.css", "c.png", "e.png", "open"]);
    assert!(found.links.iter().all(|link| link.form == Form::Style));
}

#[test]
fn a_page_made_to_be_slow() {
    let open = vec![b'<'; 1 << 20];
    assert_eq!(texts(&in_html(&open)), [""; 0]);
    let comments = b"<!--".repeat(200_000);
    assert_eq!(texts(&in_html(&comments)), [""; 0]);
    let many = b"<a href=x>".repeat(200_000);
    assert_eq!(in_html(&many).links.len(), netkit_http::links::MOST);
    let scripts = b"<script>".repeat(100_000);
    assert_eq!(texts(&in_html(&scripts)), [""; 0]);
    let styles = [b"<style>".to_vec(), b"url(".repeat(100_000)].concat();
    assert!(in_html(&styles).links.len() <= netkit_http::links::MOST);
}

proptest! {
    #[test]
    fn places_are_in_order_and_inside(page in "[<>a-c =\"'/&;,!(){}-]{0,60}", css in "[url(\"')@import;/* \n]{0,60}") {
        for (text, found) in [(&page, in_html(page.as_bytes())), (&css, in_css(css.as_bytes()))] {
            let mut at = 0;
            for link in found.links {
                prop_assert!(link.place.start >= at && link.place.end >= link.place.start);
                prop_assert!(link.place.end <= text.len());
                at = link.place.end;
            }
        }
        let _ = Robots::parse(page.as_bytes(), "x").allows(&css);
    }
}
