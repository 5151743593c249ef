//! `netkit nntp fetch`: articles that are new go to a Maildir, a mailbox file or a folder.

use std::io::{Read, Write};

use netkit_nntp::{Article, Client, Entry, Group, GroupInfo, Part, Range, Which};
use netkit_wire::escape;
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, NntpFetch};
use crate::failure::{Failure, Kind, Result};
use crate::keep::{Keep, Places};
use crate::mbox::UnixLines;
use crate::output::Output;
use crate::run::Run;
use crate::seen::Seen;

/// How many articles, or bytes, are made safe on the disk together.
const BATCH: usize = 1 << 10;
const BATCH_BYTES: u64 = 32 << 20;

pub fn fetch(args: &NntpFetch, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let (group, range, _) = session::scope(&opener.target.place, words)?;
    let mut fetching = Fetching {
        run: &run,
        opener: &opener,
        args,
        output: run.output()?,
        told: 0,
        fetched: Vec::new(),
        bytes: 0,
        gone: 0,
        failed: None,
    };
    run.persist(|| fetching.once(&group, range))?;
    fetching.finish()
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The group, what the server says of it, and which numbers are meant.
type Scope<'s> = (&'s Group, &'s GroupInfo, Option<Range>);

struct Fetching<'f> {
    run: &'f Run<'f>,
    opener: &'f Opener<'f>,
    args: &'f NntpFetch,
    output: Output,
    /// Those that were fetched in this run: result lines wait until they are safe.
    fetched: Vec<(u64, String, u64)>,
    told: usize,
    bytes: u64,
    /// How many the server had listed and no longer has.
    gone: usize,
    failed: Option<Failure>,
}

impl Fetching<'_> {
    /// One session: everything that is new.
    fn once(&mut self, group: &Group, range: Option<Range>) -> Result<()> {
        (self.gone, self.failed) = (0, None);
        let (run, opener, args) = (self.run, self.opener, self.args);
        // With --mock the port is another one each time, and so is the world.
        let server = if run.is_mock() { "mock".to_owned() } else { opener.target.endpoint.to_string() };
        let places = Places {
            protocol: "nntp",
            maildir: args.maildir.as_deref(),
            mbox: args.mbox.as_deref(),
            folder: args.folder.as_deref(),
            state: args.state.as_deref(),
        };
        let mut seen = Seen::open(&places.state_path(&format!("{group}@{server}")))?;
        let mut keep = Keep::open(&places, &mut seen)?;
        let mut client = opener.open()?;
        if args.compress {
            match client.compress() {
                Err(why) if why.connection_is_usable() => run.warn(&why.to_string()),
                other => other.map_err(|e| opener.about(e))?,
            }
        }
        let info = client.group(group).map_err(|e| opener.about(e))?;
        let outcome = self.all(&mut client, (group, &info, range), &mut seen, &mut keep);
        // What came before a failure is safe and known, so that the next run goes on behind it.
        let settled = keep.settle(&mut seen, now());
        self.tell()?;
        outcome?;
        settled?;
        session::leave(client);
        Ok(())
    }

    fn all(&mut self, client: &mut Client, scope: Scope<'_>, seen: &mut Seen, keep: &mut Keep) -> Result<()> {
        let wanted = self.wanted(client, scope, seen)?;
        let mut articles = client.retrieve(Part::Article, wanted.into_iter().map(Which::Number));
        let mut since = 0;
        let mut buffer = vec![0; 64 << 10];
        while let Some((which, article)) = articles.next() {
            let article = match article {
                Ok(article) => article,
                // It expired or was cancelled since it was listed: the rest goes on.
                Err(why) if why.is_missing() => {
                    self.gone += 1;
                    continue;
                }
                Err(why) if why.connection_is_usable() => {
                    let failure =
                        self.opener.about(why).reworded(|words| format!("article {which}: {words}"));
                    self.failed.get_or_insert(failure);
                    continue;
                }
                Err(why) => return Err(self.opener.about(why)),
            };
            let Which::Number(number) = which else { continue };
            let id = article.found().id.to_str_lossy().into_owned();
            let mut octets = 0;
            keep.message(&number.to_string(), seen, |to| {
                octets = copy(article, &mut buffer, to)?;
                Ok(())
            })?;
            self.fetched.push((number, id, octets));
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

    /// The numbers that are there, and were not fetched before.
    fn wanted(
        &mut self,
        client: &mut Client,
        (group, info, range): Scope<'_>,
        seen: &mut Seen,
    ) -> Result<Vec<u64>> {
        if info.is_empty() {
            return Ok(Vec::new());
        }
        let range = range.unwrap_or(Range { first: info.low, last: Some(info.high) });
        let mut numbers = Vec::new();
        let listed = client.list_group(Some((group, Some(range)))).map_err(|e| self.opener.about(e))?;
        let mut bad = 0;
        for entry in listed.numbers {
            match entry.map_err(|e| self.opener.about(e))? {
                // A server that does not know ranges tells of all (RFC 2980 section 2.1.8).
                Entry::Item(number)
                    if number >= range.first && range.last.is_none_or(|last| number <= last) =>
                {
                    numbers.push(number);
                }
                Entry::Item(_) => {}
                Entry::Bad { line, rule } => {
                    bad += 1;
                    if bad <= 10 {
                        self.run.warn(&format!("{rule}: {}", escape(&line)));
                    }
                }
            }
            if numbers.len() > MOST {
                return Err(Failure::new(Kind::Limit, "more than ten million articles; give a range"));
            }
        }
        super::groups::told(bad)?;
        numbers.sort_unstable();
        numbers.dedup();
        if !self.args.all {
            if let Some(known) = seen.highest()
                && known > info.high
            {
                let why = format!(
                    "{group}: its numbers have begun anew (up to {}, {known} was fetched): all is fetched again",
                    info.high
                );
                self.run.warn(&why);
                seen.keep_only(&|_| false)?;
            }
            numbers.retain(|number| seen.time(&number.to_string()).is_none());
        }
        numbers.truncate(self.args.limit.unwrap_or(usize::MAX));
        Ok(numbers)
    }

    /// A line for each article that is safe by now.
    fn tell(&mut self) -> Result<()> {
        if self.run.json() {
            for (number, id, octets) in self.fetched.get(self.told..).unwrap_or_default() {
                let line = json!({ "number": number, "message_id": id, "octets": octets });
                self.output.line(&line.to_string())?;
            }
        }
        self.told = self.fetched.len();
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        if !self.run.json() && !self.run.net.output.quiet {
            let mut line = format!("{} new articles, {} bytes", self.fetched.len(), self.bytes);
            if self.gone > 0 {
                line.push_str(&format!(", {} are gone", self.gone));
            }
            self.output.line(&line)?;
        }
        self.output.finish()?;
        self.failed.map_or(Ok(()), Err)
    }
}

/// The most articles of one run.
const MOST: usize = 10_000_000;

/// An article to its place, with the line ends of this system.
fn copy(mut article: Article<'_>, buffer: &mut [u8], to: &mut dyn Write) -> Result<u64> {
    let mut lines = UnixLines::new(to);
    let mut total = 0;
    loop {
        let n = article.read(buffer).map_err(|e| Failure::copy("the article", e))?;
        if n == 0 {
            lines.finish().map_err(|e| Failure::write("the article", &e))?;
            return Ok(total);
        }
        total += n as u64;
        let piece = buffer.get(..n).unwrap_or_default();
        lines.write_all(piece).map_err(|e| Failure::write("the article", &e))?;
    }
}
