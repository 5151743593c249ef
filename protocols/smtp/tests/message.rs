//! Messages: what goes into one, and what cannot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::Cursor;

use netkit_smtp::message::{Attachment, Base64Lines, Content, Message, NameAddr, Piece, without_bcc};
use netkit_smtp::{Argument, Survey};
use proptest::prelude::*;

/// 2026-01-02T03:04:05Z.
const DATE: i64 = 1_767_323_045;

fn message() -> Message {
    let mut message = Message::new("Ann Example <ann@example.org>".parse().unwrap(), DATE, "token.1");
    message.to.push("bob@example.org".parse().unwrap());
    message
}

fn built(message: &Message) -> String {
    String::from_utf8(message.build().unwrap()).unwrap()
}

/// RFC 5322 section 3.6; the same arguments give the same bytes.
#[test]
fn a_plain_message() {
    let mut message = message();
    message.subject = Some("Hi".to_owned());
    message.text = Some("Hello\n".to_owned());
    let text = built(&message);
    for line in [
        "From: \"Ann Example\" <ann@example.org>",
        "To: <bob@example.org>",
        "Subject: Hi",
        "Date: Fri, 2 Jan 2026 03:04:05 +0000",
        "Message-ID: <token.1@example.org>",
        "MIME-Version: 1.0",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
    assert!(text.ends_with("\r\n\r\nHello\r\n") || text.ends_with("\r\n\r\nHello\n"), "{text}");
    assert_eq!(text, built(&message));
}

#[test]
fn hidden_recipients_are_in_the_envelope_only() {
    let mut message = message();
    message.cc.push("Carl <carl@example.org>".parse().unwrap());
    message.bcc.push("dora@example.org".parse().unwrap());
    message.bcc.push("bob@example.org".parse().unwrap());
    let to: Vec<String> = message.envelope().to.iter().map(ToString::to_string).collect();
    assert_eq!(to, ["bob@example.org", "carl@example.org", "dora@example.org"]);
    let text = built(&message);
    assert!(text.contains("Cc: ") && !text.contains("dora") && !text.to_ascii_lowercase().contains("bcc"));
}

#[test]
fn text_html_and_files_nest_as_mime_has_it() {
    let mut message = message();
    message.text = Some("plain\n".to_owned());
    message.html = Some("<p>rich</p>\n".to_owned());
    let content = Content::Here((0..=255).collect());
    message.attachments.push(Attachment {
        name: "Grüße \"1\".bin".to_owned(),
        media_type: "application/x-a".to_owned(),
        content,
    });
    let text = built(&message);
    let order = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/x-a"];
    let places: Vec<usize> =
        order.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("{part}\n{text}"))).collect();
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("=_mixed_token.1") && text.contains("=_alternative_token.1"));
    assert!(text.contains("filename*=UTF-8''Gr%C3%BC%C3%9Fe"), "{text}");
}

#[test]
fn what_is_not_ascii_is_encoded_but_for_a_local_part() {
    let mut message = message();
    message.to = vec!["\"Müller, Jörg\" <x@bücher.example>".parse().unwrap()];
    message.subject = Some("Grüße".to_owned());
    message.text = Some("äöü\n".repeat(200));
    message.headers.push(("X-Note".to_owned(), "größer".to_owned()));
    let bytes = message.build().unwrap();
    let survey = Survey::of(&mut Cursor::new(&bytes)).unwrap();
    assert!(!survey.eight_bit && !survey.too_long_line, "{}", String::from_utf8_lossy(&bytes));
    assert!(String::from_utf8(bytes).unwrap().contains("xn--bcher-kva.example"));
    message.to = vec!["jörg@example.org".parse().unwrap()];
    assert!(Survey::of(&mut Cursor::new(message.build().unwrap())).unwrap().eight_bit_header);
}

/// CR, LF and NUL in anything that becomes a header.
#[test]
fn nothing_injects_a_header() {
    for evil in ["a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\0b", "a\u{1b}[31m"] {
        let changes: [&dyn Fn(&mut Message); 6] = [
            &|m| m.subject = Some(evil.to_owned()),
            &|m| m.headers.push(("X-A".to_owned(), evil.to_owned())),
            &|m| m.headers.push((evil.to_owned(), "x".to_owned())),
            &|m| m.unique = evil.to_owned(),
            &|m| {
                m.attachments.push(Attachment {
                    name: evil.to_owned(),
                    media_type: "a/b".to_owned(),
                    content: Content::Here(vec![]),
                })
            },
            &|m| {
                m.attachments.push(Attachment {
                    name: "x".to_owned(),
                    media_type: evil.to_owned(),
                    content: Content::Here(vec![]),
                })
            },
        ];
        for change in changes {
            let mut message = message();
            change(&mut message);
            assert_eq!(message.build().unwrap_err().argument, Argument::Header, "{evil:?}");
        }
        assert!(NameAddr::new(Some(evil), "a@example.org".parse().unwrap()).is_err());
        assert!(format!("{evil} <a@example.org>").parse::<NameAddr>().is_err());
    }
    for name in [
        "Bcc",
        "bcc",
        "From",
        "Subject",
        "Content-Type",
        "content-transfer-encoding",
        "MIME-Version",
        "A:",
        "A B",
        "",
    ] {
        let mut message = message();
        message.headers.push((name.to_owned(), "x".to_owned()));
        assert!(message.build().is_err(), "{name}");
    }
    for media_type in ["text", "text/", "multipart/mixed", "a/b; c=d", "a/b/c"] {
        let mut message = message();
        message.attachments.push(Attachment {
            name: "x".to_owned(),
            media_type: media_type.to_owned(),
            content: Content::Here(vec![]),
        });
        assert!(message.build().is_err(), "{media_type}");
    }
}

#[test]
fn a_ready_made_message_loses_its_bcc() {
    let strip = |message: &str| String::from_utf8(without_bcc(message.as_bytes()).into_owned()).unwrap();
    let message = "To: a\r\nBCC : b,\r\n c\r\nResent-Bcc: d\r\nX: y\r\n z\r\n\r\nBcc: body\r\n";
    assert_eq!(strip(message), "To: a\r\nX: y\r\n z\r\n\r\nBcc: body\r\n");
    assert_eq!(strip("bcc: x\nTo: a\n\nbody"), "To: a\n\nbody");
    assert_eq!(strip("Bcc: x"), "");
    for same in ["", "\r\n", "To: a\r\n", "X-Bcc: x\r\n\r\nbody", "\nBcc: x\n"] {
        assert_eq!(strip(same), same);
    }
}

#[test]
fn names_are_read_in_all_their_forms() {
    for (text, name, address) in [
        ("a@example.org", None, "a@example.org"),
        (" <a@example.org> ", None, "a@example.org"),
        ("Ann <a@example.org>", Some("Ann"), "a@example.org"),
        ("\"Example, \\\"Ann\\\"\" <a@example.org>", Some("Example, \"Ann\""), "a@example.org"),
        ("\"\" <a@example.org>", None, "a@example.org"),
    ] {
        let read: NameAddr = text.parse().unwrap();
        assert_eq!((read.name(), read.mailbox.to_string().as_str()), (name, address), "{text}");
    }
    for bad in ["", "Ann", "a@example.org>", "Ann <a@example.org> x", "<>"] {
        assert!(bad.parse::<NameAddr>().is_err(), "{bad}");
    }
}

proptest! {
    /// Whatever the texts are, the header ends where it should and no line breaks a server's limit.
    #[test]
    fn any_text_makes_a_message_that_fits_the_wire(subject in "\\PC{0,80}", text in "[\\PC\n\r.]{0,400}", file in "\\PC{1,60}") {
        let mut message = message();
        message.subject = Some(subject);
        message.text = Some(text);
        message.attachments.push(Attachment { name: file, media_type: "text/plain".to_owned(), content: Content::Here(b"\r\n.\r\n\xff".to_vec()) });
        let bytes = message.build().unwrap();
        let survey = Survey::of(&mut Cursor::new(&bytes)).unwrap();
        prop_assert!(!survey.too_long_line && !survey.eight_bit);
        let header = String::from_utf8(bytes).unwrap();
        let header = header.split("\r\n\r\n").next().unwrap();
        prop_assert_eq!(header.matches("\r\nSubject: ").count(), 1);
        prop_assert!(header.lines().all(|line| line.starts_with([' ', '\t']) || line.contains(": ")));
    }
}

/// A file that stays where it is comes out as the one that is in memory.
#[test]
fn a_large_file_is_put_in_while_the_message_is_sent() {
    let file =
        |content| Attachment { name: "a.bin".to_owned(), media_type: "application/pdf".to_owned(), content };
    let bytes: Vec<u8> = (0..100_000u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
    let mut here = Message::new("a@example.org".parse().unwrap(), 0, "token");
    here.text = Some("[0 of another]\n".to_owned());
    here.attachments = vec![file(Content::Here(bytes.clone())), file(Content::Here(b"small".to_vec()))];
    let mut there = here.clone();
    there.attachments[0].content = Content::Elsewhere;
    assert!(there.build().is_err(), "it cannot be built without its content");
    let mut whole = Vec::new();
    for piece in there.pieces().unwrap() {
        match piece {
            Piece::Bytes(bytes) => whole.extend(bytes),
            Piece::Attachment(0) => {
                std::io::Read::read_to_end(&mut Base64Lines::new(bytes.as_slice()), &mut whole).unwrap();
            }
            Piece::Attachment(other) => panic!("{other}"),
        }
    }
    let parse = |message: &[u8]| String::from_utf8_lossy(message).replace("\r\n", "");
    let one = parse(&here.build().unwrap());
    let two = parse(&whole);
    let body = |text: &str| {
        text.split("filename=")
            .nth(1)
            .map(|rest| rest.chars().filter(|c| !c.is_whitespace()).collect::<String>())
    };
    assert_eq!(
        body(&one).map(|text| text.replace("Content-Transfer-Encoding:base64", "")),
        body(&two).map(|text| text.replace("Content-Transfer-Encoding:base64", ""))
    );
}
