//! The mailboxes of the world: what IMAP counts and POP3 reads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use netkit_mock::{Copied, Flagging, Mail, MailError, Message, World};

fn message(text: &str) -> Message {
    Message::new("a@x.org", "alice@x.org", Arc::from(text.as_bytes()))
}

fn uids(mail: &Mail, folder: &str) -> Vec<u32> {
    mail.folder("alice", folder).unwrap().messages().iter().map(|one| one.uid).collect()
}

fn flags(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn alice(messages: u32) -> Mail {
    let mut mail = Mail::default();
    assert!(mail.open("alice"));
    (0..messages).for_each(|n| assert!(mail.deliver(message(&n.to_string()))));
    mail
}

#[test]
fn one_account_at_every_domain_and_inbox_in_any_case() {
    let mail = alice(2);
    assert_eq!(uids(&mail, "inbox"), [1, 2]);
    assert_eq!(mail.messages("Alice@elsewhere.example").len(), 2);
    assert!(mail.folder("zoe@x.org", "INBOX").is_none());
    assert_eq!(mail.folders("alice").iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["INBOX"]);
}

#[test]
fn numbers_are_never_given_twice() {
    let mut mail = alice(3);
    assert_eq!(mail.expunge("alice", "INBOX", &[3, 1, 77]).unwrap(), [1, 3]);
    assert!(mail.deliver(message("new")));
    assert_eq!(uids(&mail, "INBOX"), [2, 4]);
    assert_eq!(mail.folder("alice", "INBOX").unwrap().uid_next(), 5);
    mail.create("alice", "a", None).unwrap();
    let first = mail.folder("alice", "a").unwrap().uid_validity();
    mail.delete("alice", "a").unwrap();
    mail.create("alice", "a", None).unwrap();
    assert!(mail.folder("alice", "a").unwrap().uid_validity() > first);
}

#[test]
fn changes_are_counted() {
    let mut mail = alice(3);
    let seen = mail.changes("alice");
    let inbox = |mail: &Mail| mail.folder("alice", "INBOX").unwrap().clone();
    assert_eq!(inbox(&mail).highest_modseq(), seen);
    let add = flags(&["\\Seen"]);
    let one = mail.flag("alice", "INBOX", 2, (Flagging::Add, &add), None).unwrap().unwrap();
    assert_eq!((one.modseq, &one.flags), (seen + 1, &add));
    let same = flags(&["\\SEEN"]);
    let again = mail.flag("alice", "INBOX", 2, (Flagging::Add, &same), None).unwrap().unwrap();
    assert_eq!((again.modseq, &again.flags), (seen + 1, &add), "nothing was changed");
    assert_eq!(mail.flag("alice", "INBOX", 2, (Flagging::Replace, &same), Some(seen)).unwrap(), None);
    let none = mail.flag("alice", "INBOX", 2, (Flagging::Remove, &same), Some(seen + 1)).unwrap().unwrap();
    assert!(none.flags.is_empty());
    let replaced =
        mail.flag("alice", "INBOX", 3, (Flagging::Replace, &flags(&["x"])), None).unwrap().unwrap();
    assert_eq!((replaced.flags, replaced.modseq), (flags(&["x"]), seen + 3));
    assert_eq!(mail.flag("alice", "INBOX", 9, (Flagging::Add, &add), None).unwrap(), None);
    mail.expunge("alice", "INBOX", &[1]).unwrap();
    let after = mail.changes("alice");
    mail.expunge("alice", "INBOX", &[3]).unwrap();
    assert_eq!(inbox(&mail).vanished_since(seen), [1, 3]);
    assert_eq!(inbox(&mail).vanished_since(after), [3]);
    assert_eq!(inbox(&mail).get(2).map(|(place, one)| (place, one.uid)), Some((1, 2)));
}

/// Where too much went to know when: all that are not here any more.
#[test]
fn what_is_forgotten_is_told_in_full() {
    let mut mail = alice(0);
    for n in 0..10_002 {
        assert!(mail.deliver(message("x")));
        mail.expunge("alice", "INBOX", &[n + 1]).unwrap();
    }
    assert!(mail.deliver(message("stays")));
    let inbox = mail.folder("alice", "INBOX").unwrap();
    assert_eq!(inbox.vanished_since(0).len(), 10_002);
    assert_eq!(inbox.vanished_since(inbox.highest_modseq()).len(), 0);
}

#[test]
fn a_full_inbox_lets_the_oldest_go() {
    let mut mail = alice(10_001);
    assert_eq!((uids(&mail, "INBOX").len(), uids(&mail, "INBOX")[0]), (10_000, 2));
    assert_eq!(mail.append("alice", "INBOX", message("x")), Err(MailError::Full));
}

#[test]
fn messages_are_copied_and_moved() {
    let mut mail = alice(3);
    mail.create("alice", "b", Some("\\Archive")).unwrap();
    assert_eq!(mail.append("alice", "b", message("there")).unwrap().1, 1);
    mail.flag("alice", "INBOX", 3, (Flagging::Add, &flags(&["\\Flagged"])), None).unwrap();
    let copied = mail.copy("alice", "INBOX", &[3, 1], "b").unwrap();
    let validity = mail.folder("alice", "b").unwrap().uid_validity();
    assert_eq!(copied, Copied { validity, uids: vec![(1, 2), (3, 3)] });
    let b = mail.folder("alice", "b").unwrap();
    assert_eq!((b.special_use(), &b.messages()[2].flags), (Some("\\Archive"), &flags(&["\\Flagged"])));
    assert_eq!(mail.shift("alice", "INBOX", &[2], "b").unwrap().uids, [(2, 4)]);
    assert_eq!((uids(&mail, "INBOX"), uids(&mail, "b")), (vec![1, 3], vec![1, 2, 3, 4]));
    assert_eq!(mail.copy("alice", "INBOX", &[1], "c"), Err(MailError::Missing));
}

#[test]
fn folders_in_folders() {
    let mut mail = alice(1);
    let names = |mail: &Mail| {
        mail.folders("alice").iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>().join(" ")
    };
    mail.create("alice", "work/2026/", None).unwrap();
    mail.create("alice", "inbox/low", None).unwrap();
    assert_eq!(names(&mail), "INBOX INBOX/low work work/2026");
    assert_eq!(mail.create("alice", "work", None), Err(MailError::Exists));
    for bad in ["", "/", "a//b", "/a", "a\r\nb"] {
        assert_eq!(mail.create("alice", bad, None), Err(MailError::Name), "{bad:?}");
    }
    mail.append("alice", "work/2026", message("x")).unwrap();
    let validity = mail.folder("alice", "work/2026").unwrap().uid_validity();
    mail.rename("alice", "work", "old/jobs").unwrap();
    assert_eq!(names(&mail), "INBOX INBOX/low old old/jobs old/jobs/2026");
    assert_eq!(mail.folder("alice", "old/jobs/2026").unwrap().uid_validity(), validity);
    assert_eq!(mail.rename("alice", "old", "old/x"), Err(MailError::Name));
    assert_eq!(mail.rename("alice", "old/jobs", "INBOX"), Err(MailError::Exists));
    assert_eq!(mail.rename("alice", "nothing", "x"), Err(MailError::Missing));
    assert_eq!(mail.delete("alice", "Inbox"), Err(MailError::Inbox));
    mail.delete("alice", "old/jobs").unwrap();
    assert_eq!(names(&mail), "INBOX INBOX/low old old/jobs/2026");
    mail.rename("alice", "INBOX", "before").unwrap();
    assert_eq!((uids(&mail, "INBOX").len(), uids(&mail, "before")), (0, vec![1]));
    mail.subscribe("alice", "not/there", true).unwrap();
    assert_eq!(mail.subscribed("alice"), ["INBOX", "not/there"]);
    mail.subscribe("alice", "inbox", false).unwrap();
    assert_eq!(mail.subscribed("alice"), ["not/there"]);
}

#[test]
fn there_is_an_end_to_everything() {
    let mut mail = alice(0);
    (1..1000).for_each(|n| mail.create("alice", &n.to_string(), None).unwrap());
    assert_eq!(mail.create("alice", "more", None), Err(MailError::Full));
    assert_eq!(mail.create("alice", &"x".repeat(1001), None), Err(MailError::Name));
    let large: Arc<[u8]> = vec![0; 100 << 20].into();
    let put = |mail: &mut Mail| mail.append("alice", "1", Message::new("", "", Arc::clone(&large)));
    put(&mut mail).unwrap();
    put(&mut mail).unwrap();
    assert_eq!(put(&mut mail), Err(MailError::Full));
    assert_eq!(mail.copy("alice", "1", &[1], "2"), Err(MailError::Full));
    mail.delete("alice", "1").unwrap();
    assert!(mail.deliver(Message::new("", "alice", large)), "what is gone makes room");
}

#[test]
fn who_waits_is_told() {
    let world = World::seeded();
    world.mail().open("bob");
    let seen = world.mail().changes("bob");
    let waiting = {
        let world = Arc::clone(&world);
        std::thread::spawn(move || world.await_mail("bob", seen, Duration::from_secs(600)))
    };
    world.mail().deliver(Message::new("", "zoe@x.org", Arc::from(&b"not his"[..])));
    world.mail().deliver(Message::new("", "bob@x.org", Arc::from(&b"his"[..])));
    assert_eq!(waiting.join().unwrap(), seen + 1);
    assert_eq!(world.await_mail("bob", seen + 1, Duration::ZERO), seen + 1);
}
