//! Codecs both ways, and bytes that mean nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_nntp::command::HeadersOf;
use netkit_nntp::listing::{Active, Created, Described, DistribPat, Status};
use netkit_nntp::overview::{self, Format};
use netkit_nntp::reply::code;
use netkit_nntp::thread::{Item, Place as Spot, ids, threads};
use netkit_nntp::{
    BadCommand, Capability, Command, Found, Group, GroupInfo, Header, Line, List, MessageId, Place, Range,
    Row, Span, Stamp, Target, Which, Wildmat, wildmat,
};
use netkit_socket::Security;
use proptest::prelude::*;

fn all_commands() -> Vec<(Command, &'static str)> {
    let group = || Group::new("misc.test").unwrap();
    let id = || MessageId::new("<45223423@example.com>").unwrap();
    let wildmat = || Wildmat::new("misc.*,!misc.x").unwrap();
    let header = || Header::new("Subject").unwrap();
    let range = |text: &str| text.parse::<Range>().unwrap();
    let since = Stamp::parse(b"19990624000000").unwrap();
    let line = |text: &str| Line::new(text).unwrap();
    vec![
        (Command::Capabilities, "CAPABILITIES"),
        (Command::ModeReader, "MODE READER"),
        (Command::ModeStream, "MODE STREAM"),
        (Command::Quit, "QUIT"),
        (Command::Group(group()), "GROUP misc.test"),
        (Command::ListGroup(None), "LISTGROUP"),
        (Command::ListGroup(Some((group(), None))), "LISTGROUP misc.test"),
        (
            Command::ListGroup(Some((group(), Some(range("3000238-3000248"))))),
            "LISTGROUP misc.test 3000238-3000248",
        ),
        (Command::Last, "LAST"),
        (Command::Next, "NEXT"),
        (Command::Article(Which::Current), "ARTICLE"),
        (Command::Article(Which::Number(3_000_234)), "ARTICLE 3000234"),
        (Command::Head(Which::Id(id())), "HEAD <45223423@example.com>"),
        (Command::Body(Which::Number(1)), "BODY 1"),
        (Command::Stat(Which::Current), "STAT"),
        (Command::Post, "POST"),
        (Command::Ihave(id()), "IHAVE <45223423@example.com>"),
        (Command::Check(id()), "CHECK <45223423@example.com>"),
        (Command::Takethis(id()), "TAKETHIS <45223423@example.com>"),
        (Command::Date, "DATE"),
        (Command::Help, "HELP"),
        (Command::NewGroups(since), "NEWGROUPS 19990624 000000 GMT"),
        (Command::NewNews(wildmat(), since), "NEWNEWS misc.*,!misc.x 19990624 000000 GMT"),
        (Command::List(List::Active(None)), "LIST ACTIVE"),
        (Command::List(List::Active(Some(wildmat()))), "LIST ACTIVE misc.*,!misc.x"),
        (Command::List(List::ActiveTimes(None)), "LIST ACTIVE.TIMES"),
        (Command::List(List::Counts(Some(wildmat()))), "LIST COUNTS misc.*,!misc.x"),
        (Command::List(List::DistribPats), "LIST DISTRIB.PATS"),
        (Command::List(List::Distributions), "LIST DISTRIBUTIONS"),
        (Command::List(List::Headers(None)), "LIST HEADERS"),
        (Command::List(List::Headers(Some(HeadersOf::Id))), "LIST HEADERS MSGID"),
        (Command::List(List::Headers(Some(HeadersOf::Range))), "LIST HEADERS RANGE"),
        (Command::List(List::Moderators), "LIST MODERATORS"),
        (Command::List(List::Motd), "LIST MOTD"),
        (Command::List(List::Newsgroups(None)), "LIST NEWSGROUPS"),
        (Command::List(List::OverviewFmt), "LIST OVERVIEW.FMT"),
        (Command::List(List::Subscriptions(None)), "LIST SUBSCRIPTIONS"),
        (Command::List(List::Other(line("XODD a"))), "LIST XODD a"),
        (Command::Over(Span::Current), "OVER"),
        (Command::Over(Span::Range(range("5-"))), "OVER 5-"),
        (Command::Over(Span::Id(id())), "OVER <45223423@example.com>"),
        (Command::Xover(Span::Range(range("7"))), "XOVER 7"),
        (Command::Hdr(header(), Span::Range(range("1-9"))), "HDR Subject 1-9"),
        (Command::Hdr(Header::new(":bytes").unwrap(), Span::Current), "HDR :bytes"),
        (Command::Xhdr(header(), Span::Current), "XHDR Subject"),
        (Command::Xpat(header(), Span::Range(range("1-")), line("*a b*")), "XPAT Subject 1- *a b*"),
        (Command::AuthUser(line("mrose")), "AUTHINFO USER mrose"),
        (Command::AuthPass(line(" a  b ")), "AUTHINFO PASS  a  b "),
        (Command::AuthSasl(line("PLAIN"), None), "AUTHINFO SASL PLAIN"),
        (Command::AuthSasl(line("PLAIN"), Some(line("="))), "AUTHINFO SASL PLAIN ="),
        (Command::StartTls, "STARTTLS"),
        (Command::Compress, "COMPRESS DEFLATE"),
    ]
}

#[test]
fn commands_both_ways() {
    for (command, text) in all_commands() {
        let mut out = Vec::new();
        command.encode(&mut out);
        assert_eq!(out, format!("{text}\r\n").as_bytes());
        assert_eq!(Command::parse(text.as_bytes(), 2026), Ok(command), "{text}");
    }
    for bad in [
        "GROUP",
        "GROUP a b",
        "GROUP a*",
        "ARTICLE x",
        "ARTICLE -1",
        "OVER 1-2-3",
        "OVER a",
        "MODE",
        "MODE X",
        "NEWNEWS a",
        "NEWGROUPS 19990624 250000",
        "LIST HEADERS ALL",
        "IHAVE 1",
        "XPAT Subject 1-",
        "COMPRESS GZIP",
        "AUTHINFO",
        "AUTHINFO SASL",
        "QUIT 1",
        "HDR",
        "LISTGROUP a 1 2",
        "ARTICLE 99999999999999999999999",
    ] {
        assert!(matches!(Command::parse(bad.as_bytes(), 2026), Err(BadCommand::Arguments(_))), "{bad:?}");
    }
    for unknown in ["", " ", "XYZZY", "QUI"] {
        assert_eq!(Command::parse(unknown.as_bytes(), 2026), Err(BadCommand::Unknown), "{unknown:?}");
    }
    assert!(!format!("{:?}", Command::AuthPass(Line::new("geheim").unwrap())).contains("geheim"));
    assert!(!format!("{:?}", Line::new("geheim").unwrap()).contains("geheim"));
}

/// RFC 3977 section 7.3.2.
#[test]
fn years_of_two_digits_are_the_last_hundred() {
    let year = |date: &str| Stamp::of_command(date, "000000", 2026).unwrap().year;
    assert_eq!((year("260101"), year("270101"), year("990101"), year("19991231")), (2026, 1927, 1999, 1999));
    assert_eq!(Stamp::of_command("991301", "000000", 2026), None);
}

#[test]
fn which_replies_have_lines_behind_them() {
    let raw = |text: &str| Command::Raw(Line::new(text).unwrap());
    assert!(!raw("GROUP a").has_lines(code::GROUP) && raw("listgroup a").has_lines(code::GROUP));
    assert!(raw("XHDR x").has_lines(code::HEAD) && raw("HELP").has_lines(code::HELP));
    assert!(!raw("STAT").has_lines(code::FOUND) && !raw("HELP").has_lines(code::UNKNOWN_COMMAND));
}

#[test]
fn arguments_that_would_break_the_wire_are_refused() {
    for bad in ["", "a b", "a\r\nQUIT", "a\tb", "a\0", "a\nb", "a\u{85}b"] {
        assert!(
            Group::new(bad).is_err() && Wildmat::new(bad).is_err() && Header::new(bad).is_err(),
            "{bad:?}"
        );
        assert!(MessageId::new(&format!("<{bad}>")).is_err(), "{bad:?}");
    }
    let long = "a".repeat(498);
    assert!(Group::new(&long).is_err() && MessageId::new(&format!("<{}>", "a".repeat(249))).is_err());
    for bad in ["a*b", "a,b", "!a", "a[b]", "<a@b>"] {
        assert!(Group::new(bad).is_err(), "{bad}");
    }
    for bad in ["a@b", "<a@b", "<a>b>", "<\u{e4}@b>"] {
        assert!(MessageId::new(bad).is_err(), "{bad}");
    }
    for bad in ["AUTHINFO SASL PLAIN a\r\nQUIT", "AUTHINFO SASL PLAIN\rQUIT", "AUTHINFO PASS a\nQUIT"] {
        assert!(Command::parse(bad.as_bytes(), 2026).is_err(), "{bad:?}");
    }
    assert!(
        Line::new("a\r\nQUIT").is_err() && Header::new("Subject:").is_err() && Wildmat::new("a,,b").is_err()
    );
    for bad in ["", "-", "-5", "1--2", "1-x", "+1", " 1", "18446744073709551616"] {
        assert!(bad.parse::<Range>().is_err(), "{bad:?}");
    }
}

/// RFC 3977 section 4.4, and patterns that would cost a naive matcher the age of the universe.
#[test]
fn wildmats() {
    for (pattern, yes, no) in [
        ("abc", "abc", "abcd"),
        ("a*", "a", "ba"),
        ("a*b?c", "axxbyc", "abc"),
        ("a*,!*b", "ac", "ab"),
        ("a*,!*b,*c*", "acb", "ab"),
        ("*", "\u{4e2d}", ""),
        ("?", "\u{4e2d}", "ab"),
    ] {
        assert!(wildmat::matches(pattern, yes), "{pattern} {yes}");
        assert!(!wildmat::matches(pattern, no) || no.is_empty(), "{pattern} {no}");
    }
    let (pattern, name) = ("a*".repeat(100) + "b", "a".repeat(5_000));
    assert!(!wildmat::matches(&pattern, &name));
}

#[test]
fn groups_and_places() {
    let info = GroupInfo::parse(b"1234 3000234 3002322 misc.test").unwrap();
    assert_eq!((info.count, info.low, info.high, info.is_empty()), (1234, 3_000_234, 3_002_322, false));
    assert_eq!(GroupInfo::parse(info.encode().as_bytes()), Some(info));
    // RFC 3977 section 6.1.1.2: the three ways to say that a group is empty.
    for empty in ["0 4000 3999 g", "0 0 0 g", "0 4000 4002 g"] {
        assert!(GroupInfo::parse(empty.as_bytes()).unwrap().is_empty(), "{empty}");
    }
    for bad in ["", "1 2", "1 2 x g", "-1 2 3 g", "1 2 18446744073709551616 g"] {
        assert_eq!(GroupInfo::parse(bad.as_bytes()), None, "{bad}");
    }
    let found = Found::parse(b"3000234 <45223423@example.com> article").unwrap();
    assert_eq!(Found::parse(found.encode().as_bytes()), Some(found));
    assert_eq!(Found::parse(b"0 no id"), None);
}

#[test]
fn rows() {
    let line = b"3000234\tI am just a test article\t\"Demo User\" <nobody@example.com>\t6 Oct 1998 04:38:40 -0500\t<45223423@example.com>\t<45454@example.net>\t1234\t17\tXref: news.example.com misc.test:3000363";
    let row = Row::parse(line).unwrap();
    assert_eq!((row.number, row.bytes, row.lines), (3_000_234, Some(1234), Some(17)));
    assert_eq!(row.full("xref"), Some(&b"news.example.com misc.test:3000363"[..]));
    assert_eq!(row.full("Subject"), None);
    let mut out = Vec::new();
    row.encode(&mut out);
    assert_eq!(out, [&line[..], b"\r\n"].concat());
    for (odd, bytes, lines) in [
        (&b"1\ts\tf\td\t<i>\t"[..], None, None),
        (b"1\ts\tf\td\t<i>\t\t\t", None, None),
        (b"1\ts\tf\td\t<i>\t\t-1\tx", None, None),
        (b"1\ts\tf\td\t<i>\t\t18446744073709551615\t18446744073709551616", Some(u64::MAX), None),
    ] {
        let row = Row::parse(odd).unwrap();
        assert_eq!((row.bytes, row.lines), (bytes, lines));
    }
    for bad in [&b""[..], b"x\ts\tf\td\t<i>\t", b"-1\ts\tf\td\t<i>\t", b"1", b"1\ts\tf\td\t<i>"] {
        assert!(Row::parse(bad).is_err());
    }
    assert_eq!(overview::field(b"3000234 I am"), Ok((3_000_234, &b"I am"[..])));
    assert_eq!(overview::field(b"3000234"), Ok((3_000_234, &b""[..])));
    assert!(overview::field(b"<a@b> x").is_err());
    let names = |list: &[&str]| Format::new(list.iter().map(|name| name.as_bytes().to_vec()));
    let standard =
        ["Subject:", "From:", "Date:", "Message-ID:", "References:", "Bytes:", "Lines:", "Xref:full"];
    assert!(names(&standard).is_standard() && Format::default().is_standard());
    assert_eq!(names(&standard).extra().collect::<Vec<_>>(), ["Xref:full"]);
    assert!(!names(&standard[1..]).is_standard());
}

#[test]
fn lists() {
    for line in ["misc.test 3002322 3000234 y", "alt.x 0 1 =alt.y", "b 18446744073709551615 1 m"] {
        assert_eq!(Active::parse(line.as_bytes()).unwrap().to_string(), line);
    }
    assert_eq!(Active::parse(b"a\t1  2\tn").unwrap().status, Status::Closed);
    assert_eq!(
        Active::parse_counts(b"misc.test 3002322 3000234 1234 y").unwrap().to_string(),
        "misc.test 3002322 3000234 1234 y"
    );
    for bad in ["", "a", "a 1", "a 1 2", "a x 2 y", "a 1 -2 y"] {
        assert!(Active::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    let about = Described::parse(b"misc.test\tGeneral Usenet testing").unwrap();
    assert_eq!(
        (about.name.as_bytes(), about.text.as_bytes()),
        (&b"misc.test"[..], &b"General Usenet testing"[..])
    );
    assert!(Described::parse(b" no name").is_err() && Described::parse(b"").is_err());
    let moderator = Described::parse_moderator(b"foo.bar:announce@example.com").unwrap();
    assert_eq!(moderator.text.as_bytes(), b"announce@example.com");
    let made = Created::parse(b"misc.test 930445408 <creatme@isc.org> x").unwrap();
    assert_eq!((made.at, made.by.as_bytes()), (930_445_408, &b"<creatme@isc.org> x"[..]));
    let pat = DistribPat::parse(b"10:local.*:local").unwrap();
    assert_eq!((pat.weight, pat.value.as_bytes()), (10, &b"local"[..]));
    assert!(DistribPat::parse(b"x:local.*:local").is_err() && DistribPat::parse(b"1:a").is_err());
}

#[test]
fn targets() {
    let target = |text: &str| text.parse::<Target>().unwrap();
    let group = |name: &str| Group::new(name).unwrap();
    let one = target("nntps://mrose:p%40ss@news.example.org/misc.test/17");
    assert_eq!(
        (one.security, one.place),
        (Security::Implicit, Place::Articles(group("misc.test"), Range::one(17)))
    );
    assert_eq!(one.password.unwrap().expose(), b"p@ss");
    assert_eq!(target("news://h/misc.test").place, Place::Group(group("misc.test")));
    assert_eq!(target("h/misc.test/5-9").place, Place::Articles(group("misc.test"), "5-9".parse().unwrap()));
    let id = Place::Id(MessageId::new("<a$b@c>").unwrap());
    assert_eq!((target("news://h/a$b@c").place, target("nntp://h/%3Ca$b@c%3E").place), (id.clone(), id));
    assert_eq!(target("nntp://h/misc.*").place, Place::Groups(Wildmat::new("misc.*").unwrap()));
    assert_eq!(
        (target("h").endpoint.to_string(), target("snews://h").endpoint.to_string()),
        ("h:119".into(), "h:563".into())
    );
    assert_eq!(target("h:563").security, Security::Implicit);
    for bad in ["imap://h", "nntp://h/a%0d%0aQUIT", "nntp://h/a/b", "nntp://h/a%20b", "", "nntp://a%0d@h"] {
        assert!(bad.parse::<Target>().is_err(), "{bad}");
    }
}

fn item(id: &str, references: &[&str], date: i64) -> Item {
    let references = references.iter().map(|id| id.as_bytes().to_vec()).collect();
    Item { id: id.as_bytes().to_vec(), references, date }
}

fn view(items: &[Item]) -> String {
    let line = |spot: &Spot| {
        format!("{}{}", " ".repeat(spot.depth), spot.item.map_or("-".into(), |at| at.to_string()))
    };
    threads(items).iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn conversations() {
    assert_eq!(ids(b"<a@b> (was) <c@d>\t<e"), [b"<a@b>".to_vec(), b"<c@d>".to_vec()]);
    let all = [
        item("<1>", &[], 10),
        item("<2>", &["<1>"], 30),
        item("<3>", &["<1>"], 20),
        item("<4>", &["<1>", "<2>"], 40),
        item("<5>", &[], 5),
    ];
    assert_eq!(view(&all), "4\n0\n 2\n 1\n  3");
    // What is not there: one answer takes its place, two are held together by it.
    assert_eq!(view(&[item("<2>", &["<1>"], 1)]), "0");
    assert_eq!(view(&[item("<2>", &["<1>"], 2), item("<3>", &["<1>"], 1)]), "-\n 1\n 0");
    // References in a circle, to oneself, and an id twice: each article is shown once.
    assert_eq!(view(&[item("<1>", &["<2>"], 1), item("<2>", &["<1>"], 2)]).lines().count(), 2);
    assert_eq!(view(&[item("<1>", &["<1>"], 1), item("<1>", &[], 2)]), "0\n1");
}

/// A conversation as deep as its sender likes must not cost the stack.
#[test]
fn deep_conversations() {
    let name = |n: usize| format!("<{n}>");
    let all: Vec<Item> = (0..50_000)
        .map(|n| match n {
            0 => item(&name(0), &[], 0),
            n => item(&name(n), &[&name(n - 1)], i64::try_from(n).unwrap()),
        })
        .collect();
    assert_eq!(threads(&all).last().unwrap().depth, 49_999);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_break_a_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "[A-Za-z0-9 <>@\t:=.*-]{0,60}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            let _ = (Command::parse(input, 2026), Capability::parse(input), GroupInfo::parse(input), Found::parse(input));
            let _ = (Active::parse(input), Described::parse(input), Created::parse(input), DistribPat::parse(input));
            let _ = (Row::parse(input), overview::field(input), Stamp::parse(input), ids(input));
        }
        let _ = (text.parse::<Target>(), text.parse::<Which>(), text.parse::<Span>());
    }

    #[test]
    fn rows_round_trip(number in any::<u64>(), fields in proptest::collection::vec("[ -~]{0,12}", 5), bytes in any::<Option<u64>>(), extra in "([ -~]{1,9}(\t[ -~]{1,9})?)?") {
        let text = |at: usize| fields[at].as_bytes();
        let line = format!("{number}\t{}\t{}\t\t{extra}", fields.join("\t"), bytes.map(|n| n.to_string()).unwrap_or_default());
        let whole = format!("{number}\t{}\t{}\t5\t{extra}", fields.join("\t"), bytes.map(|n| n.to_string()).unwrap_or_default());
        let row = Row::parse(whole.as_bytes()).unwrap();
        prop_assert_eq!((row.number, row.subject, row.references, row.bytes), (number, text(0), text(4), bytes));
        let mut out = Vec::new();
        row.encode(&mut out);
        let again = out.strip_suffix(b"\r\n").unwrap().to_vec();
        prop_assert_eq!(Row::parse(&again).unwrap(), row);
        prop_assert!(Row::parse(line.as_bytes()).is_ok());
    }

    #[test]
    fn every_article_is_shown_once(links in proptest::collection::vec((0u8..12, proptest::collection::vec(0u8..12, 0..4), 0i64..9), 0..20)) {
        let name = |n: u8| format!("<{n}>");
        let items: Vec<Item> = links.iter().map(|(id, refs, date)| {
            let refs: Vec<String> = refs.iter().map(|n| name(*n)).collect();
            item(&name(*id), &refs.iter().map(String::as_str).collect::<Vec<_>>(), *date)
        }).collect();
        let mut shown: Vec<usize> = threads(&items).iter().filter_map(|spot| spot.item).collect();
        shown.sort_unstable();
        prop_assert_eq!(shown, (0..items.len()).collect::<Vec<_>>());
    }
}
