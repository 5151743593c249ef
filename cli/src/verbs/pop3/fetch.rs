//! `netkit pop3 fetch`: what is new goes to a Maildir or mailbox, and is then, if asked, deleted from the server.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Write};

use netkit_pop3::{Error, Maildrop, Message, Number};
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, Pop3Fetch};
use crate::failure::{Failure, Kind, Result};
use crate::keep::{Keep, Places};
use crate::mbox::UnixLines;
use crate::mime;
use crate::output::Output;
use crate::run::Run;
use crate::seen::Seen;

/// How many messages, or bytes, are made safe on the disk together.
const BATCH: usize = 1 << 8;
const BATCH_BYTES: u64 = 16 << 20;

pub fn fetch(args: &Pop3Fetch, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let mut fetching = Fetching::new(&run, &opener, args)?;
    run.persist(|| fetching.once())?;
    fetching.finish()
}

/// Who it is that the messages are of: the name of what is known of them.
fn account(run: &Run<'_>, opener: &Opener<'_>) -> String {
    let user = opener.target.user.as_ref().map(ToString::to_string);
    let user = user.or_else(|| {
        run.net.login.user.as_deref().map(|user| user.split(':').next().unwrap_or_default().to_owned())
    });
    // With --mock the port is another one each time, and so is the world.
    let place = if run.is_mock() { "mock".to_owned() } else { opener.target.endpoint.to_string() };
    format!("{}@{place}", user.unwrap_or_default())
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

struct Fetching<'f> {
    run: &'f Run<'f>,
    opener: &'f Opener<'f>,
    args: &'f Pop3Fetch,
    output: Output,
    only: Vec<(String, String)>,
    /// Number and name of every message on the server.
    on_server: Vec<(Number, String)>,
    /// Names that may be another message's tomorrow: made of numbers, or given twice. Only what this run fetched of them may go.
    unsure: HashSet<String>,
    /// Those that were fetched in this run: result lines wait until they are safe.
    fetched: Vec<(Number, String, u64)>,
    told: usize,
    /// How many came in earlier tries of it.
    earlier: usize,
    bytes: u64,
    larger: usize,
    other: usize,
    refused: Option<Failure>,
    deleted: usize,
}

impl<'f> Fetching<'f> {
    fn new(run: &'f Run<'f>, opener: &'f Opener<'f>, args: &'f Pop3Fetch) -> Result<Fetching<'f>> {
        let pair = |text: &String| {
            let (name, text) = text.split_once(':').unwrap_or((text, ""));
            (name.trim().to_owned(), text.trim().to_owned())
        };
        Ok(Fetching {
            run,
            opener,
            args,
            output: run.output()?,
            only: args.only.iter().map(pair).collect(),
            on_server: Vec::new(),
            unsure: HashSet::new(),
            fetched: Vec::new(),
            told: 0,
            earlier: 0,
            bytes: 0,
            larger: 0,
            other: 0,
            refused: None,
            deleted: 0,
        })
    }

    /// One session: everything that is new.
    fn once(&mut self) -> Result<()> {
        // Numbers hold for one session alone.
        self.earlier += self.fetched.len();
        self.fetched.clear();
        self.on_server.clear();
        self.unsure.clear();
        (self.told, self.larger, self.other, self.refused) = (0, 0, 0, None);
        let (opener, args) = (self.opener, self.args);
        let (client, report) = opener.dial()?;
        let places = Places {
            protocol: "pop3",
            maildir: args.maildir.as_deref(),
            mbox: args.mbox.as_deref(),
            folder: None,
            state: args.state.as_deref(),
        };
        let mut seen = Seen::open(&places.state_path(&account(self.run, opener)))?;
        let mut keep = Keep::open(&places, &mut seen)?;
        let maildrop = opener.login(client, &report)?;
        let mut maildrop =
            maildrop.map_err(|_| Failure::new(Kind::Login, "nobody to log in").hint("-u NAME"))?;
        maildrop.capa().map_err(|e| opener.about(e))?;
        let outcome = self.all(&mut maildrop, &mut seen, &mut keep);
        // What came before a failure is safe and known, so that the next run goes on behind it.
        let settled = keep.settle(&mut seen, now());
        self.told()?;
        outcome?;
        settled?;
        self.delete(&mut maildrop, &mut seen)?;
        let quit = maildrop.quit();
        if self.deleted > 0 {
            quit.map_err(|e| opener.about(e))?;
        }
        Ok(())
    }

    fn all(&mut self, maildrop: &mut Maildrop, seen: &mut Seen, keep: &mut Keep) -> Result<()> {
        let wanted = self.wanted(maildrop, seen)?;
        let names: HashMap<Number, String> = self.on_server.iter().cloned().collect();
        let mut messages = maildrop.retrieve(wanted.iter().map(|number| number.get()));
        let mut since = 0;
        while let Some(message) = messages.next() {
            let message = match message {
                Ok(message) => message,
                Err(why) if why.connection_is_usable() => {
                    // Another session deleted it, or it needs what we do not speak: the rest goes on.
                    let failure = self.opener.about(why);
                    self.refused.get_or_insert(failure);
                    continue;
                }
                Err(why) => return Err(self.opener.about(why)),
            };
            let number = message.number();
            let uid = names.get(&number).cloned().unwrap_or_default();
            let mut octets = 0;
            keep.message(&uid, seen, |to| {
                octets = copy(message, to)?;
                Ok(())
            })?;
            self.fetched.push((number, uid, octets));
            self.bytes += octets;
            since += octets;
            if keep.unsettled() >= BATCH || since >= BATCH_BYTES {
                keep.settle(seen, now())?;
                since = 0;
                self.tell()?;
            }
        }
        Ok(())
    }

    /// Which messages are to be fetched.
    fn wanted(&mut self, maildrop: &mut Maildrop, seen: &Seen) -> Result<Vec<Number>> {
        let about = |e: Error| self.opener.about(e);
        let all = match maildrop.uids() {
            Ok(all) => all,
            Err(why @ Error::Refused(_)) => {
                let hint = "without names for good nobody can tell what is new: --all takes everything";
                if !self.args.all {
                    return Err(about(why).hint(hint));
                }
                let sizes = maildrop.list().map_err(about)?;
                let name = |number: Number| netkit_pop3::Uid { number, uid: format!("number-{number}") };
                let all: Vec<_> = sizes.iter().map(|one| name(one.number)).collect();
                self.unsure.extend(all.iter().map(|one| one.uid.clone()));
                all
            }
            Err(why) => return Err(about(why)),
        };
        let mut names = HashSet::new();
        for one in all {
            // Two messages of one name are two messages.
            let mut uid = one.uid.clone();
            let mut copy = 1;
            while !names.insert(uid.clone()) {
                copy += 1;
                uid = format!("{}~{copy}", one.uid);
            }
            if copy > 1 {
                self.unsure.extend([one.uid, uid.clone()]);
            }
            self.on_server.push((one.number, uid));
        }
        let mut wanted: Vec<Number> = self
            .on_server
            .iter()
            .filter(|(_, uid)| self.args.all || seen.time(uid).is_none())
            .map(|(number, _)| *number)
            .collect();
        if let Some(most) = self.args.max_size
            && !wanted.is_empty()
        {
            let sizes = maildrop.list().map_err(about)?;
            let large: HashSet<Number> =
                sizes.iter().filter(|one| one.octets > most).map(|one| one.number).collect();
            let before = wanted.len();
            wanted.retain(|number| !large.contains(number));
            self.larger = before - wanted.len();
        }
        if !self.only.is_empty() {
            wanted = self.matching(maildrop, wanted)?;
        }
        wanted.truncate(self.args.limit.unwrap_or(usize::MAX));
        Ok(wanted)
    }

    /// Those whose header has what was asked for.
    fn matching(&mut self, maildrop: &mut Maildrop, wanted: Vec<Number>) -> Result<Vec<Number>> {
        let mut kept = Vec::new();
        let mut heads = maildrop.tops(wanted.iter().map(|number| number.get()), 0);
        let mut text = Vec::new();
        while let Some(head) = heads.next() {
            let head = head.map_err(|e| self.opener.about(e))?;
            let number = head.number();
            text.clear();
            head.take(256 << 10).read_to_end(&mut text).map_err(|e| Failure::copy("the header", e))?;
            if self.only.iter().all(|(name, part)| mime::header_has(&text, name, part)) {
                kept.push(number);
            }
        }
        self.other = wanted.len() - kept.len();
        Ok(kept)
    }

    /// A line for each message that is safe by now.
    fn tell(&mut self) -> Result<()> {
        if self.run.json() {
            for (number, uid, octets) in self.fetched.get(self.told..).unwrap_or_default() {
                let line = json!({ "number": number.get(), "uid": uid, "octets": octets });
                self.output.line(&line.to_string())?;
            }
        }
        self.told = self.fetched.len();
        Ok(())
    }

    fn told(&mut self) -> Result<()> {
        self.tell()
    }

    /// Marks what may go, after it is safe here.
    fn delete(&mut self, maildrop: &mut Maildrop, seen: &mut Seen) -> Result<()> {
        let cutoff = match (self.args.delete, self.args.delete_after) {
            (true, _) => Some(i64::MAX),
            (false, Some(age)) => {
                Some(now().saturating_sub(i64::try_from(age.as_secs()).unwrap_or(i64::MAX)))
            }
            (false, None) => None,
        };
        if let Some(cutoff) = cutoff {
            let fetched: HashSet<&str> = self.fetched.iter().map(|(_, uid, _)| uid.as_str()).collect();
            let sure = |uid: &String| !self.unsure.contains(uid) || fetched.contains(uid.as_str());
            let old = |uid: &String| sure(uid) && seen.time(uid).is_some_and(|time| time <= cutoff);
            let gone: Vec<Number> =
                self.on_server.iter().filter(|(_, uid)| old(uid)).map(|(number, _)| *number).collect();
            let refused = maildrop.delete(&gone).map_err(|e| self.opener.about(e))?;
            self.deleted = gone.len() - refused.len();
            if let Some((number, answer)) = refused.first() {
                let why = format!("message {number} was not deleted: {answer}");
                self.refused.get_or_insert(Failure::new(Kind::Refused, why));
            }
        }
        let there: HashSet<&str> = self.on_server.iter().map(|(_, uid)| uid.as_str()).collect();
        seen.keep_only(&|uid| there.contains(uid))
    }

    fn finish(mut self) -> Result<()> {
        if !self.run.json() && !self.run.net.output.quiet {
            let count = self.earlier + self.fetched.len();
            let mut line = format!("{count} new messages, {} bytes", self.bytes);
            for (count, what) in
                [(self.deleted, "deleted"), (self.larger, "too large"), (self.other, "others")]
            {
                if count > 0 {
                    line.push_str(&format!(", {count} {what}"));
                }
            }
            self.output.line(&line)?;
        }
        self.output.finish()?;
        self.refused.map_or(Ok(()), Err)
    }
}

/// A message to its place, with the line ends of this system.
fn copy(mut message: Message<'_>, to: &mut dyn Write) -> Result<u64> {
    let mut lines = UnixLines::new(to);
    let mut buffer = vec![0; 32 << 10];
    let mut total = 0;
    loop {
        let n = message.read(&mut buffer).map_err(|e| Failure::copy("the message", e))?;
        if n == 0 {
            lines.finish().map_err(|e| Failure::write("the message", &e))?;
            return Ok(total);
        }
        total += n as u64;
        lines
            .write_all(buffer.get(..n).unwrap_or_default())
            .map_err(|e| Failure::write("the message", &e))?;
    }
}
