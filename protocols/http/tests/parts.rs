//! Ranges, validators, names and waits: the examples of the RFCs, and what no input can do.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_http::{
    ByteRange, ContentRange, Delivery, EntityTag, Error, Head, Request, Status, Validator, retry_after,
    suggested_name,
};
use netkit_wire::{Field, Fields};
use proptest::prelude::*;

fn fields(lines: &[(&str, &str)]) -> Fields {
    head(200, lines).fields().clone()
}

fn head(status: u16, lines: &[(&str, &str)]) -> Head {
    let head = Head::new(Status::new(status).unwrap());
    lines.iter().fold(head, |head, (name, value)| head.with(Field::new(name, value.as_bytes()).unwrap()))
}

#[test]
fn ranges_of_rfc_9110_14_1_2() {
    for (value, range, within) in [
        ("bytes=0-499", ByteRange::Between(0, 499), Some((0, 499))),
        ("bytes=500-999", ByteRange::Between(500, 999), Some((500, 999))),
        ("bytes=-500", ByteRange::Last(500), Some((9500, 9999))),
        ("bytes=9500-", ByteRange::From(9500), Some((9500, 9999))),
        ("bytes=0-0", ByteRange::Between(0, 0), Some((0, 0))),
        ("bytes=-1", ByteRange::Last(1), Some((9999, 9999))),
        ("bytes=9990-20000", ByteRange::Between(9990, 20000), Some((9990, 9999))),
        ("bytes=-20000", ByteRange::Last(20000), Some((0, 9999))),
        ("bytes=10000-", ByteRange::From(10000), None),
        ("bytes=-0", ByteRange::Last(0), None),
    ] {
        assert_eq!(ByteRange::parse(value.as_bytes()), Some(range), "{value}");
        assert_eq!(range.within(10_000), within, "{value}");
        assert_eq!(range.within(0), None, "{value}");
        assert_eq!(range.to_string(), value);
    }
    assert_eq!(ByteRange::parse(b"Bytes= 1-2"), Some(ByteRange::Between(1, 2)));
    for value in
        ["bytes=500-600,601-999", "bytes=5-4", "bytes=-", "bytes=+1-2", "lines=1-2", "bytes 1-2", "bytes=1"]
    {
        assert_eq!(ByteRange::parse(value.as_bytes()), None, "{value}");
    }
}

#[test]
fn content_ranges_of_rfc_9110_14_4() {
    let part = |first, last, complete| Some(ContentRange::Part { first, last, complete });
    for (value, range) in [
        ("bytes 42-1233/1234", part(42, 1233, Some(1234))),
        ("bytes 42-1233/*", part(42, 1233, None)),
        ("bytes */1234", Some(ContentRange::Unsatisfied(1234))),
        ("bytes 0-499/1234", part(0, 499, Some(1234))),
        ("bytes 734-1233/1234", part(734, 1233, Some(1234))),
    ] {
        let parsed = ContentRange::parse(value.as_bytes());
        assert_eq!(parsed, range, "{value}");
        assert_eq!(parsed.unwrap().to_string(), value);
    }
    for value in [
        "bytes 5-4/10",
        "bytes 5-10/10",
        "bytes */*",
        "bytes 0-1",
        "lines 0-1/2",
        "bytes 0--1/2",
        "bytes=0-1/2",
        "bytes 0-18446744073709551615/*",
        "bytes 99999999999999999999-1/2",
    ] {
        assert_eq!(ContentRange::parse(value.as_bytes()), None, "{value}");
    }
}

#[test]
fn an_answer_to_a_range_is_judged() {
    let from = Some(ByteRange::From(100));
    let judge = |status, lines: &[(&str, &str)]| Delivery::of(&head(status, lines), from);
    assert_eq!(judge(200, &[]).unwrap(), Delivery::Whole);
    assert_eq!(
        judge(206, &[("Content-Range", "bytes 100-199/200")]).unwrap(),
        Delivery::Part { first: 100, last: 199, complete: Some(200) }
    );
    assert_eq!(judge(416, &[("Content-Range", "bytes */100")]).unwrap(), Delivery::Complete);
    assert_eq!(judge(416, &[("Content-Range", "bytes */50")]).unwrap(), Delivery::Outside(Some(50)));
    assert_eq!(judge(416, &[]).unwrap(), Delivery::Outside(None));
    assert_eq!(judge(304, &[]).unwrap(), Delivery::Unchanged);
    assert_eq!(judge(404, &[]).unwrap(), Delivery::Other);
    for (lines, why) in [
        (vec![("Content-Range", "bytes 0-99/200")], "another part"),
        (vec![("Content-Range", "bytes */200")], "without saying which"),
        (vec![("Content-Range", "bytes 100-1/2"), ("Content-Range", "bytes 100-199/200")], "without saying"),
        (vec![], "without saying which"),
        (vec![("Content-Type", "multipart/byteranges; boundary=X")], "several ranges"),
    ] {
        let error = judge(206, &lines).unwrap_err();
        assert!(matches!(error, Error::Unexpected { .. }) && error.to_string().contains(why), "{error}");
    }
    let error = Delivery::of(&head(206, &[("Content-Range", "bytes 0-1/2")]), None).unwrap_err();
    assert!(error.to_string().contains("nobody asked for"), "{error}");
}

#[test]
fn entity_tags_of_rfc_9110_8_8_3() {
    let tag = |text: &str| EntityTag::parse(text.as_bytes());
    for text in ["\"xyzzy\"", "W/\"xyzzy\"", "\"\""] {
        assert_eq!(tag(text).unwrap().to_string(), text);
    }
    for text in ["xyzzy", "\"xyzzy", "w/\"xyzzy\"", "\"a\"b\"", "\"a b\"", ""] {
        assert_eq!(tag(text), None, "{text}");
    }
    // The table of 8.8.3.2.
    for (one, other, strongly, weakly) in [
        ("W/\"1\"", "W/\"1\"", false, true),
        ("W/\"1\"", "W/\"2\"", false, false),
        ("W/\"1\"", "\"1\"", false, true),
        ("\"1\"", "\"1\"", true, true),
    ] {
        let (one, other) = (tag(one).unwrap(), tag(other).unwrap());
        assert_eq!((one.is_strongly(&other), one.is_weakly(&other)), (strongly, weakly));
    }
}

#[test]
fn a_date_is_strong_when_it_is_a_second_old() {
    let modified = ("Last-Modified", "Tue, 15 Nov 1994 12:45:26 GMT");
    let strong = |lines: &[(&str, &str)]| Validator::of(&fields(lines)).unwrap().is_strong();
    assert!(strong(&[modified, ("Date", "Tue, 15 Nov 1994 12:45:27 GMT")]));
    assert!(!strong(&[modified, ("Date", "Tue, 15 Nov 1994 12:45:26 GMT")]));
    assert!(!strong(&[modified]));
    assert!(strong(&[modified, ("ETag", "\"1\"")]));
    assert!(!strong(&[modified, ("ETag", "W/\"1\"")]));
    let older = ("Date", "Wednesday, 16-Nov-94 12:45:27 GMT");
    assert!(matches!(
        Validator::of(&fields(&[modified, older, ("ETag", "W/\"1\"")])),
        Some(Validator::Date { .. })
    ));
    assert_eq!(Validator::of(&fields(&[("ETag", "unquoted")])), None);
}

#[test]
fn only_a_strong_validator_holds_parts_together() {
    let request = || Request::get("h.example/").unwrap().bare(true);
    let strong = Validator::parse("\"v1\"", false).unwrap();
    let sent = request().range(ByteRange::From(7), Some(&strong)).unwrap().preview();
    let sent = String::from_utf8(sent).unwrap();
    assert!(sent.contains("Range: bytes=7-\r\nIf-Range: \"v1\"\r\n"), "{sent}");
    let weak = Validator::parse("W/\"v1\"", true).unwrap();
    assert!(request().range(ByteRange::From(7), Some(&weak)).is_err());
    let date = Validator::parse("Tue, 15 Nov 1994 12:45:26 GMT", true).unwrap();
    let sent = String::from_utf8(request().if_changed(&date).unwrap().preview()).unwrap();
    assert!(sent.contains("If-Modified-Since: Tue, 15 Nov 1994 12:45:26 GMT\r\n"), "{sent}");
    let sent = String::from_utf8(request().if_changed(&weak).unwrap().preview()).unwrap();
    assert!(sent.contains("If-None-Match: W/\"v1\"\r\n"), "{sent}");
}

#[test]
fn names_of_rfc_6266_and_8187() {
    for (value, name) in [
        ("Attachment; filename=example.html", Some("example.html")),
        ("INLINE; FILENAME= \"an example.html\"", Some("an example.html")),
        ("attachment; filename*= UTF-8''%e2%82%ac%20rates", Some("€ rates")),
        ("attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates", Some("€ rates")),
        ("attachment; filename*=iso-8859-1'en'%A3%20rates", Some("£ rates")),
        ("attachment; filename*=UTF-8''%c2%a3%20and%20%e2%82%ac%20rates", Some("£ and € rates")),
        // An undecodable extended name leaves the plain one.
        ("attachment; filename=a.txt; filename*=koi8-r''%ff", Some("a.txt")),
        ("attachment; filename=a.txt; filename*=UTF-8''%ff", Some("a.txt")),
        ("attachment; filename=a.txt; filename*=UTF-8''%4", Some("a.txt")),
        ("attachment; filename=\"a\\\"b.txt\"", Some("a_b.txt")),
        ("attachment; filename=\"%41.txt\"", Some("%41.txt")),
        ("attachment; filename=name with blanks.txt", Some("name with blanks.txt")),
        ("attachment; filename=\"a;b.txt\";", Some("a;b.txt")),
        ("attachment;filename=a;filename=b", None),
        ("attachment; filename=\"unclosed", None),
        ("attachment", None),
        ("attachment; filename=", None),
        ("; filename=x", None),
        ("attachment filename=x", None),
        // They try to escape.
        ("attachment; filename=\"../../.ssh/authorized_keys\"", Some("authorized_keys")),
        ("attachment; filename=\"..\\\\..\\\\evil.exe\"", Some("evil.exe")),
        ("attachment; filename*=UTF-8''..%2f..%2f.bashrc", Some("bashrc")),
        ("attachment; filename*=UTF-8''%2e%2e", None),
        ("attachment; filename*=UTF-8''a%0d%0aSet-Cookie%3a%20x", Some("a__Set-Cookie_ x")),
        ("attachment; filename=\"/etc/passwd\"", Some("passwd")),
        ("attachment; filename=\"-rf\"", Some("rf")),
        ("attachment; filename=nul.txt", Some("_nul.txt")),
    ] {
        assert_eq!(suggested_name(&fields(&[("Content-Disposition", value)])).as_deref(), name, "{value}");
    }
    let latin = Head::new(Status::OK)
        .with(Field::new("Content-Disposition", b"attachment; filename=\"na\xefve.txt\"").unwrap());
    assert_eq!(suggested_name(latin.fields()).as_deref(), Some("naïve.txt"));
}

#[test]
fn waits_of_rfc_9110_10_2_3() {
    let now = UNIX_EPOCH + Duration::from_secs(946_684_700);
    let wait = |value: &str| retry_after(&fields(&[("Retry-After", value)]), now);
    assert_eq!(wait("120"), Some(Duration::from_secs(120)));
    assert_eq!(wait("Fri, 31 Dec 1999 23:59:59 GMT"), Some(Duration::from_secs(946_684_799 - 946_684_700)));
    assert_eq!(wait("Thu, 31 Dec 1998 23:59:59 GMT"), Some(Duration::ZERO));
    assert_eq!(wait("99999999999999999999"), Some(Duration::from_secs(u64::MAX)));
    for broken in ["", "-1", "soon", "1.5"] {
        assert_eq!(wait(broken), None, "{broken}");
    }
    assert_eq!(retry_after(&Fields::default(), SystemTime::now()), None);
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(first: u32, more: u32, tag in "[!#-~]{0,20}", weak: bool) {
        let (first, last) = (u64::from(first), u64::from(first) + u64::from(more));
        for range in [ByteRange::Between(first, last), ByteRange::From(first), ByteRange::Last(last)] {
            prop_assert_eq!(ByteRange::parse(range.to_string().as_bytes()), Some(range));
        }
        for range in [
            ContentRange::Part { first, last, complete: Some(last + 1) },
            ContentRange::Part { first, last, complete: None },
            ContentRange::Unsatisfied(last),
        ] {
            prop_assert_eq!(ContentRange::parse(range.to_string().as_bytes()), Some(range));
        }
        let text = format!("{}\"{tag}\"", if weak { "W/" } else { "" });
        prop_assert_eq!(EntityTag::parse(text.as_bytes()).unwrap().to_string(), text);
    }

    #[test]
    fn no_field_makes_a_parser_panic(value in "[ -~\u{80}-\u{ff}]{0,60}", prefix in "(|attachment; filename\\*=|bytes |bytes=)") {
        let value = prefix + &value;
        let all = fields(&[
            ("Content-Disposition", &value), ("Content-Range", &value), ("Retry-After", &value), ("ETag", &value),
        ]);
        let _ = (ByteRange::parse(value.as_bytes()), Validator::of(&all), retry_after(&all, UNIX_EPOCH));
        let _ = Delivery::of(&head(206, &[("Content-Range", &value)]), Some(ByteRange::From(1)));
        if let Some(name) = suggested_name(&all) {
            prop_assert!(!name.contains(['/', '\\']) && !name.starts_with('.'));
        }
    }
}
