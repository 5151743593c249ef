//! `netkit imap append`

use std::fs::File;
use std::io::{Read, Write};

use netkit_imap::types::{Atom, Date, DateTime};
use netkit_imap::{Error, Session};
use serde_json::json;

use super::keys;
use super::session::{self, Opener};
use crate::args::{Global, ImapAppend};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn append(args: &ImapAppend, global: &Global) -> Result<()> {
    let flags: Vec<Atom> = args.flag.iter().map(|word| keys::flag(word)).collect::<Result<_>>()?;
    let date = args.date.as_deref().map(date).transpose()?;
    let mut run = Run::new(&args.net, global)?;
    let (target, files) = run.target_and_words(&args.words);
    if files.is_empty() {
        return Err(Failure::new(Kind::Usage, "which messages? files, or - for stdin"));
    }
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    // What cannot be read is found out before anybody is bothered.
    let mut files = files
        .iter()
        .map(|name| Source::open(name).map(|source| (name, source)))
        .collect::<Result<Vec<_>>>()?;
    let mailbox = opener.mailbox(args.mailbox.as_deref())?;
    let mut session = opener.open()?;
    if args.create {
        make(&mut session, &opener, &mailbox)?;
    }
    let mut output = run.output()?;
    for (name, source) in &mut files {
        let placed = session.append(&mailbox, &flags, date, &mut source.file, source.length);
        let placed =
            placed.map_err(|e| opener.missing(e, &mailbox).reworded(|why| format!("{name}: {why}")))?;
        let uid = placed.as_ref().map(|(_, uids)| uids.to_string());
        if run.json() {
            let validity = placed.map(|(validity, _)| validity);
            let line =
                json!({ "file": name, "mailbox": mailbox.as_str(), "uid": uid, "uid_validity": validity });
            output.line(&line.to_string())?;
        } else if let (Some(uid), false) = (uid, run.net.output.quiet) {
            output.line(&uid)?;
        }
    }
    output.finish()?;
    opener.leave(session)
}

fn make(session: &mut Session, opener: &Opener<'_>, mailbox: &netkit_imap::types::Mailbox) -> Result<()> {
    match session.create(mailbox) {
        // It is there already, or its making is refused, which the first message will be, too.
        Ok(_) | Err(Error::Refused(_)) => Ok(()),
        Err(why) => Err(opener.about(why)),
    }
}

/// A message with line ends as they must be on the wire, and its length.
struct Source {
    file: File,
    length: u64,
}

impl Source {
    /// The file named; what has bare line feeds is written anew beside, in a file without a name.
    fn open(name: &str) -> Result<Source> {
        let failed = |e: std::io::Error| Failure::read(name, &e);
        let mut text: Box<dyn Read> = match name {
            "-" => Box::new(std::io::stdin().lock()),
            path => Box::new(File::open(path).map_err(failed)?),
        };
        let mut file = tempfile::tempfile().map_err(|e| Failure::write("a temporary file", &e))?;
        let mut wire = netkit_wire::Stuffer::counted();
        let (mut chunk, mut out) = (vec![0; 64 << 10], Vec::new());
        loop {
            let n = text.read(&mut chunk).map_err(failed)?;
            if n == 0 {
                break;
            }
            out.clear();
            wire.push(chunk.get(..n).unwrap_or_default(), &mut out);
            file.write_all(&out).map_err(|e| Failure::write("a temporary file", &e))?;
        }
        let length = std::io::Seek::stream_position(&mut file).map_err(failed)?;
        std::io::Seek::rewind(&mut file).map_err(failed)?;
        Ok(Source { file, length })
    }
}

/// RFC 3339.
fn date(text: &str) -> Result<DateTime> {
    let wrong = || Failure::new(Kind::Usage, format!("--date {text}: a time is 2026-01-31T12:00:00+01:00"));
    let stamp: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
    from_timestamp(stamp).ok_or_else(wrong)
}

/// A moment as IMAP has it, in UTC.
pub fn from_timestamp(stamp: jiff::Timestamp) -> Option<DateTime> {
    let at = jiff::tz::Offset::UTC.to_datetime(stamp);
    let small = |n: i8| u8::try_from(n).ok();
    let date = Date::new(u16::try_from(at.year()).ok()?, small(at.month())?, small(at.day())?).ok()?;
    Some(DateTime {
        date,
        hour: small(at.hour())?,
        minute: small(at.minute())?,
        second: small(at.second())?,
        offset: 0,
    })
}
