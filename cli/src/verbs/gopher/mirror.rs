//! `netkit gopher mirror`: what is below a menu as files, of one host, as far as robots.txt and the options lead.

mod known;
mod names;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use netkit_gopher::plus::Name;
use netkit_gopher::{Caps, Entry, Item, ItemType, Mark, Selector, Target};
use netkit_http::robots::{self, Robots};
use netkit_wire::Text;
use serde_json::json;

use crate::args::{Global, GopherMirror};
use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;
use crate::glob;
use crate::output::Output;
use crate::run::Run;
use known::{Same, is_same, time_of};

/// The name that robots.txt may call this program.
const PROGRAM: &str = "netkit";
/// How deep menus are followed where nobody says.
const DEPTH: u32 = 32;
/// How many items may wait.
const WAITING: usize = 1_000_000;
/// How many connections in a row may fail before the server is given up.
const LOST: u32 = 3;
/// The longest pause that a server may ask for.
const PAUSE: Duration = Duration::from_secs(60);

pub fn run(args: &GopherMirror, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    if run.net.output.offline {
        return Err(Failure::new(Kind::Unsupported, "what is asked for depends on the menus"));
    }
    let target = super::aim(&mut run, args.target.as_deref())?;
    if target.query.is_some() || !target.kind.is_fetched() || target.kind == ItemType::SEARCH {
        return Err(Failure::new(Kind::Usage, "a mirror starts at a menu or a document"));
    }
    let mut mirror = Mirror {
        run: &run,
        args,
        root: Folder::open(&args.dir)?,
        output: run.output()?,
        rules: Robots::everything(),
        delimiter: "/".to_owned(),
        pause: args.wait,
        asked: None,
        waiting: VecDeque::new(),
        seen: HashSet::new(),
        taken: HashMap::new(),
        counts: Counts::default(),
        first_failure: None,
        lost: 0,
        target,
    };
    mirror.conventions();
    let (kind, selector) = (mirror.target.kind, mirror.target.selector.clone());
    mirror.want(Task { kind, selector, depth: 0, modified: None })?;
    mirror.crawl()?;
    mirror.finish()
}

/// An item that is to be asked for.
struct Task {
    kind: ItemType,
    selector: Selector,
    depth: u32,
    /// When it was changed, if the server told.
    modified: Option<SystemTime>,
}

#[derive(Default)]
struct Counts {
    saved: u64,
    unchanged: u64,
    failed: u64,
    /// Items that a copy of this host would have, but for a rule, a limit or their name.
    left_out: u64,
    elsewhere: u64,
    bytes: u64,
}

struct Mirror<'r> {
    run: &'r Run<'r>,
    args: &'r GopherMirror,
    target: Target,
    root: Folder,
    output: Output,
    rules: Robots,
    delimiter: String,
    pause: Option<Duration>,
    /// When the server was asked last.
    asked: Option<Instant>,
    waiting: VecDeque<Task>,
    seen: HashSet<(char, Vec<u8>)>,
    /// The files that have a selector.
    taken: HashMap<PathBuf, Vec<u8>>,
    counts: Counts,
    first_failure: Option<Failure>,
    lost: u32,
}

/// What became of an item.
enum Done {
    Saved(u64),
    Unchanged,
}

impl Mirror<'_> {
    /// `caps.txt` and `robots.txt`, where the server has them.
    fn conventions(&mut self) {
        if let Some(caps) = self.small(Caps::SELECTOR).and_then(|file| Caps::parse(&file)) {
            if let Some(delimiter) = caps.path_delimiter() {
                delimiter.clone_into(&mut self.delimiter);
            }
            self.slow_down(caps.crawl_delay());
        }
        if self.args.no_robots {
            return;
        }
        let file = self.small("robots.txt").or_else(|| self.small("/robots.txt"));
        if let Some(file) = file {
            self.rules = Robots::parse(&file, PROGRAM);
            let text = String::from_utf8_lossy(&file);
            let delay = text.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.trim().eq_ignore_ascii_case("crawl-delay").then(|| value.trim().parse().ok())?
            });
            self.slow_down(delay);
        }
    }

    /// The longer pause counts: the user's or the server's.
    fn slow_down(&mut self, seconds: Option<f64>) {
        let asked = seconds
            .filter(|n| n.is_finite() && *n > 0.0)
            .map(|n| Duration::from_secs_f64(n.min(3600.0)).min(PAUSE));
        self.pause = self.pause.max(asked);
    }

    /// A small text; none when it cannot be had: what is wrong with the server the first menu will say.
    fn small(&mut self, selector: &str) -> Option<Vec<u8>> {
        let selector = Selector::new(selector.as_bytes()).ok()?;
        self.wait();
        let (client, _) = super::dial(self.run, &self.target).ok()?;
        let document = client.get(ItemType::TEXT, &selector, None).ok()?;
        let mut file = Vec::new();
        document.take(robots::LONGEST as u64).read_to_end(&mut file).ok()?;
        Some(file)
    }

    fn wait(&mut self) {
        if let (Some(pause), Some(asked)) = (self.pause, self.asked) {
            std::thread::sleep(pause.saturating_sub(asked.elapsed()));
        }
        self.asked = Some(Instant::now());
    }

    fn crawl(&mut self) -> Result<()> {
        while let Some(task) = self.waiting.pop_front() {
            if self.counts.saved + self.counts.unchanged >= self.args.max_files {
                let left = self.waiting.len() as u64 + 1;
                self.counts.left_out += left;
                self.run.warn(&format!("--max-files is reached; {left} items were not asked for"));
                break;
            }
            let url = self.url(&task);
            let Some(file) = names::file_of(task.kind, &task.selector, &self.delimiter) else {
                self.skip(&url, "no safe name is left of its selector", true)?;
                continue;
            };
            let bytes = task.selector.as_bytes();
            if self.taken.get(&file).is_some_and(|other| other != bytes) {
                self.skip(&url, "its file is another item's", true)?;
                continue;
            }
            self.taken.insert(file.clone(), bytes.to_vec());
            let done = match task.kind.is_menu() {
                true => self.menu(&task, &file),
                false => self.document(&task, &file),
            };
            match done {
                Ok(done) => {
                    self.lost = 0;
                    self.done(&done, &url, &task, &file)?;
                }
                Err(failure) if failure.quiet => return Err(failure),
                Err(failure) => {
                    let lost = matches!(
                        failure.kind,
                        Kind::Connect | Kind::Resolve | Kind::Timeout | Kind::Handshake
                    );
                    self.lost = if lost { self.lost + 1 } else { 0 };
                    self.failed(&url, failure)?;
                    if self.lost >= LOST {
                        self.counts.left_out += self.waiting.len() as u64;
                        let left = self.waiting.len();
                        self.run.warn(&format!("the server is given up; {left} items were not asked for"));
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// A menu is asked for in every run: it tells what else there is.
    fn menu(&mut self, task: &Task, file: &Path) -> Result<Done> {
        self.wait();
        let (client, _) = super::dial(self.run, &self.target)?;
        let menu = client.menu(&task.selector)?.end_is_optional(self.args.no_end_mark);
        let (mut text, mut items) = (Vec::new(), Vec::new());
        let most = self.args.max_size.unwrap_or(u64::MAX);
        for entry in menu {
            match entry? {
                Entry::Item(item) => {
                    item.encode(&mut text);
                    items.push(item);
                }
                Entry::Stray(line) => line_of(&line, &mut text),
            }
            if text.len() as u64 > most {
                return Err(Failure::new(Kind::Limit, format!("the menu is larger than {most} bytes")));
            }
        }
        let known = self.existing(file).is_some_and(|(mut known, _)| is_same(&mut known, &text));
        let done = match known {
            true => Done::Unchanged,
            false => self.save(file, None, |sink| {
                sink.write_all(&text)
                    .map(|()| text.len() as u64)
                    .map_err(|e| Failure::write(file.display(), &e))
            })?,
        };
        let dates =
            if items.iter().any(|item| item.plus == Mark::Plus) { self.dates(task) } else { HashMap::new() };
        for item in &items {
            self.follow(item, task.depth, &dates)?;
        }
        Ok(done)
    }

    /// When the items of a menu were changed, if the server speaks Gopher+ and tells.
    fn dates(&mut self, task: &Task) -> HashMap<Text, SystemTime> {
        self.wait();
        let asked = || {
            let (client, _) = super::dial(self.run, &self.target).ok()?;
            let (items, _) = client.listing(&task.selector, Name::default()).ok()?;
            let date = |item: &netkit_gopher::plus::Attributes| {
                Some((item.info()?.selector, time_of(&item.modified()?)?))
            };
            Some(items.iter().filter_map(date).collect())
        };
        asked().unwrap_or_default()
    }

    fn follow(&mut self, item: &Item, depth: u32, dates: &HashMap<Text, SystemTime>) -> Result<()> {
        let url = item.url_from(&self.target).unwrap_or_default();
        if item.kind.is_words() || url.is_empty() && item.host.as_bytes().is_empty() {
            return Ok(());
        }
        let is_link = item.link().is_some() || item.selector.as_bytes().starts_with(b"URL:");
        let why = match item {
            _ if is_link => Some("a link to elsewhere"),
            _ if !item.is_at(&self.target.endpoint) => Some("another host or port"),
            _ if item.kind == ItemType::SEARCH => Some("a search"),
            _ if !item.kind.is_fetched() => Some("a session or a phone book"),
            _ if item.plus == Mark::Asks => Some("a form"),
            _ => None,
        };
        if let Some(why) = why {
            let shown = if url.is_empty() { item.display.to_string() } else { url };
            return self.skip(&shown, why, false);
        }
        let Ok(selector) = Selector::new(item.selector.as_bytes()) else {
            return self.skip(&url, "its selector cannot be sent", true);
        };
        let modified = dates.get(&item.selector).copied();
        self.want(Task { kind: item.kind, selector, depth: depth + 1, modified })
    }

    /// Puts an item in the line, if it is wanted, new, and allowed.
    fn want(&mut self, task: Task) -> Result<()> {
        if !self.seen.insert((task.kind.letter(), task.selector.as_bytes().to_vec())) {
            return Ok(());
        }
        let url = self.url(&task);
        let path = String::from_utf8_lossy(task.selector.as_bytes()).into_owned();
        let matches = |globs: &[String]| globs.iter().any(|pattern| glob::matches(pattern, &path));
        let included = self.args.include.is_empty() || task.kind.is_menu() || matches(&self.args.include);
        if !included || matches(&self.args.exclude) && task.depth > 0 {
            return Ok(());
        }
        if !names::paths(task.kind, &task.selector).iter().all(|path| self.rules.allows(path)) {
            if task.depth == 0 {
                let failure = Failure::new(Kind::Refused, format!("{url}: robots.txt does not allow it"));
                return Err(failure.hint("--no-robots asks all the same"));
            }
            return self.skip(&url, "robots.txt does not allow it", true);
        }
        // Who said how deep knows that there is more below.
        if task.depth > self.args.depth.unwrap_or(DEPTH) {
            return self.skip(&url, "too deep", self.args.depth.is_none());
        }
        if self.waiting.len() >= WAITING {
            return self.skip(&url, "too many items wait", true);
        }
        self.waiting.push_back(task);
        Ok(())
    }

    fn document(&mut self, task: &Task, file: &Path) -> Result<Done> {
        let known = self.existing(file);
        if let Some((_, modified)) = &known
            && (self.args.go_on || task.modified.is_some_and(|date| date == *modified))
        {
            return Ok(Done::Unchanged);
        }
        self.wait();
        let (client, _) = super::dial(self.run, &self.target)?;
        let mut document = client.get(task.kind, &task.selector, None)?;
        let most = self.args.max_size.unwrap_or(u64::MAX);
        let mut same = known.map(|(file, _)| Same { file, is_same: true });
        let copied = self.save(file, task.modified, |sink| {
            let mut total = 0;
            let mut buffer = vec![0; 64 << 10];
            loop {
                let n = document.read(&mut buffer).map_err(|e| Failure::copy(file.display(), e))?;
                let piece = buffer.get(..n).unwrap_or_default();
                total += n as u64;
                if total > most {
                    return Err(Failure::new(Kind::Limit, format!("it is larger than {most} bytes")));
                }
                same.as_mut().into_iter().for_each(|same| same.compare(piece));
                if n == 0 {
                    // A file that came out the same stays, with its time.
                    return match same.as_ref().is_some_and(|same| same.is_same) && task.modified.is_none() {
                        true => Err(unchanged()),
                        false => Ok(total),
                    };
                }
                sink.write_all(piece).map_err(|e| Failure::write(file.display(), &e))?;
            }
        });
        match copied {
            Err(failure) if failure.quiet && failure.message == UNCHANGED => Ok(Done::Unchanged),
            other => other,
        }
    }

    fn existing(&self, file: &Path) -> Option<(File, SystemTime)> {
        let folder = self.root.find(file.parent()?).ok()??;
        let (file, known) = folder.file(file.file_name()?)?;
        Some((file, known.modified().ok()?))
    }

    fn save(
        &self,
        file: &Path,
        modified: Option<SystemTime>,
        write: impl FnOnce(&mut File) -> Result<u64>,
    ) -> Result<Done> {
        let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
            return Err(Failure::new(Kind::Write, format!("{}: it is no file's name", file.display())));
        };
        self.root.make(folder)?.save(name, modified, write).map(Done::Saved)
    }

    fn url(&self, task: &Task) -> String {
        let Task { kind, selector, .. } = task;
        let (host, port) = match &self.target.endpoint {
            netkit_socket::Endpoint::Inet { host, port } => (host.to_string(), *port),
            netkit_socket::Endpoint::Unix(_) => ("localhost".to_owned(), 70),
        };
        let text = |bytes: &[u8]| Text::from(bytes);
        let item = Item {
            kind: *kind,
            selector: text(selector.as_bytes()),
            host: text(host.as_bytes()),
            port: Some(port),
            ..Item::info("")
        };
        item.url_from(&self.target).unwrap_or_default()
    }

    fn done(&mut self, done: &Done, url: &str, task: &Task, file: &Path) -> Result<()> {
        let (result, bytes) = match done {
            Done::Saved(bytes) => {
                self.counts.saved += 1;
                self.counts.bytes += bytes;
                ("saved", Some(bytes))
            }
            Done::Unchanged => {
                self.counts.unchanged += 1;
                ("unchanged", None)
            }
        };
        if self.run.json() {
            let file = file.display().to_string();
            let line = json!({ "result": result, "url": url, "type": task.kind.to_string(), "file": file, "depth": task.depth, "bytes": bytes });
            return self.output.line(&line.to_string());
        }
        self.output.line(&format!("{result}\t{}\t{url}", file.display()))
    }

    /// `matters`: a whole copy would have it.
    fn skip(&mut self, url: &str, why: &str, matters: bool) -> Result<()> {
        match matters {
            true => self.counts.left_out += 1,
            false => self.counts.elsewhere += 1,
        }
        if self.run.json() {
            return self.output.line(
                &json!({ "result": "skipped", "url": url, "why": why, "left_out": matters }).to_string(),
            );
        }
        match matters {
            true => self.run.warn(&format!("{url}: left out: {why}")),
            false => self.run.note(&format!("{url}: not part of the copy: {why}")),
        }
        Ok(())
    }

    /// The first failure ends up as the exit code; each is named.
    fn failed(&mut self, url: &str, mut failure: Failure) -> Result<()> {
        self.counts.failed += 1;
        failure.message = format!("{url}: {}", failure.message);
        if self.run.json() {
            let line = json!({ "result": "failed", "url": url, "code": failure.kind.code(), "why": failure.message });
            self.output.line(&line.to_string())?;
        }
        match &self.first_failure {
            None => self.first_failure = Some(failure),
            Some(_) => {
                failure.report(self.run.json());
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        let Counts { saved, unchanged, failed, left_out, elsewhere, bytes } = self.counts;
        if self.run.json() {
            let summary = json!({
                "saved": saved, "unchanged": unchanged, "failed": failed, "left_out": left_out, "elsewhere": elsewhere, "bytes": bytes,
            });
            self.output.line(&json!({ "summary": summary }).to_string())?;
        } else if !self.run.net.output.quiet {
            anstream::eprintln!(
                "{saved} saved ({bytes} bytes), {unchanged} unchanged, {failed} failed, {left_out} left out, {elsewhere} elsewhere"
            );
        }
        self.output.finish()?;
        match self.first_failure {
            Some(failure) => Err(failure),
            None if left_out > 0 => Err(Failure::new(
                Kind::Partial,
                format!("{left_out} items of the server are not in the copy"),
            )),
            None => Ok(()),
        }
    }
}

/// Why a file that came out the same is not put in the place of the one that is there.
const UNCHANGED: &str = "unchanged";

fn unchanged() -> Failure {
    let mut same = Failure::new(Kind::Write, UNCHANGED);
    same.quiet = true;
    same
}

fn line_of(line: &Text, text: &mut Vec<u8>) {
    text.extend_from_slice(line.as_bytes());
    text.push(b'\n');
}
