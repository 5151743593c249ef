//! The Maildirs behind the server: what became of a message.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::servers::file;

/// How long a message may be on its way. It never takes a tenth of it.
const LOST: Duration = Duration::from_secs(20);

/// A word that no other message has.
pub fn token() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let nanos = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    format!("token-{nanos:x}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The message with that token in `user`'s mailbox, as it lies there: with the servers' own fields, lines ended by LF.
#[track_caller]
pub fn delivered(user: &str, token: &str) -> String {
    let began = Instant::now();
    loop {
        let mut found = find(user, token);
        assert!(found.len() < 2, "{token} came {} times to {user}", found.len());
        if let Some(mail) = found.pop() {
            return String::from_utf8(mail).unwrap();
        }
        assert!(began.elapsed() < LOST, "no mail with {token} for {user}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether no message with that token lies there. Asked once a later message came, for messages come in order.
pub fn is_absent(user: &str, token: &str) -> bool {
    find(user, token).is_empty()
}

fn find(user: &str, token: &str) -> Vec<Vec<u8>> {
    // The folder comes with the first mail.
    let Ok(folder) = std::fs::read_dir(file("MAIL_ROOT", user).join("new")) else { return Vec::new() };
    let mails = folder.map(|entry| std::fs::read(entry.unwrap().path()).expect("mail can be read (as root)"));
    mails.filter(|mail| holds(mail, token.as_bytes())).collect()
}

fn holds(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|window| window == what)
}

/// The message as it was sent: without what servers put above it. `first` starts its own first line.
#[track_caller]
pub fn own<'a>(mail: &'a str, first: &str) -> &'a str {
    let at = mail.find(&format!("\n{first}")).unwrap_or_else(|| panic!("no {first} in {mail}"));
    &mail[at + 1..]
}

/// The value of a field of the server's or the message's header, unfolded.
#[track_caller]
pub fn field(mail: &str, name: &str) -> String {
    let (head, _) = mail.split_once("\n\n").unwrap();
    let head = format!("\n{head}").replace("\n\t", " ").replace("\n ", " ");
    let line = head.split('\n').find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {head}")).to_owned()
}
