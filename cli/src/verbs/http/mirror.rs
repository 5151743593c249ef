//! `netkit http mirror`: a site as files, as far as links, options and robots.txt lead.

mod convert;
mod tree;

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Read;
use std::ops::ControlFlow;
use std::path::PathBuf;

use netkit_http::links::{Links, in_css, in_html};
use netkit_http::robots::{self, Robots};
use netkit_http::{
    Bodiless, Client, Error, Framing, Method, Origin, Request, Response, Validator, last_modified,
};
use serde_json::json;
use url::Url;

use super::answer::unknown_coding;
use super::state::State;
use super::{client, compose};
use crate::args::{Global, HttpMirror};
use crate::failure::{Failure, Kind, Result};
use crate::glob;
use crate::output::Output;
use crate::run::Run;
use tree::Tree;

/// The longest page that is searched for links.
const PAGE: u64 = 16 << 20;
/// How many redirects in a row.
const REDIRECTS: u32 = 10;
/// How many URLs may wait.
const WAITING: usize = 1_000_000;
/// How many connections in a row may fail before the network is given up.
const LOST: u32 = 3;
/// The name that robots.txt may call this program.
const PROGRAM: &str = "netkit";

pub fn run(args: &HttpMirror, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let place = compose::place(&mut run, args.url.as_deref())?;
    let state = State::open(&run, &place, &args.state)?;
    let mut client = state.equip(client(&run, &place)?);
    let home = Origin::of(&place.url).map_err(Error::from)?;
    let tree = Tree::open(&args.dir, args.span)?;
    let mut mirror = Mirror {
        run: &run,
        args,
        place: &place,
        tree,
        output: run.output()?,
        home,
        waiting: VecDeque::new(),
        seen: HashSet::new(),
        pages: Vec::new(),
        files: HashMap::new(),
        taken: HashSet::new(),
        moved: HashMap::new(),
        robots: HashMap::new(),
        counts: Counts::default(),
        first_failure: None,
        state,
    };
    mirror.want(place.url.clone(), 0, 0);
    let crawled = mirror.crawl(&mut client);
    // What was learned is kept, also by a crawl that broke off.
    crawled.and(mirror.state.save(&client))?;
    mirror.finish()
}

/// A URL that is to be asked for.
#[derive(Clone, Debug)]
struct Task {
    url: Url,
    depth: u32,
    redirects: u32,
}

/// A saved file that may hold links.
struct Page {
    url: Url,
    file: PathBuf,
    links: Links,
}

#[derive(Default)]
struct Counts {
    saved: u64,
    unchanged: u64,
    refused: u64,
    disallowed: u64,
    failed: u64,
    bytes: u64,
}

struct Mirror<'r> {
    run: &'r Run<'r>,
    args: &'r HttpMirror,
    place: &'r compose::Place,
    tree: Tree,
    output: Output,
    home: Origin,
    waiting: VecDeque<Task>,
    seen: HashSet<String>,
    pages: Vec<Page>,
    /// The file of each URL that has one.
    files: HashMap<String, PathBuf>,
    /// The files that have a URL.
    taken: HashSet<PathBuf>,
    /// Where redirects lead.
    moved: HashMap<String, Url>,
    robots: HashMap<Origin, Robots>,
    counts: Counts,
    first_failure: Option<Failure>,
    state: State,
}

impl Mirror<'_> {
    fn crawl(&mut self, client: &mut Client) -> Result<()> {
        let (mut lost, mut first) = (0, true);
        while let Some(batch) = self.batch(client) {
            if !std::mem::take(&mut first)
                && let Some(wait) = self.args.wait
            {
                std::thread::sleep(wait);
            }
            let mut requests = batch.iter().map(|task| self.request(task)).collect::<Result<Vec<_>>>()?;
            let window = usize::from(self.args.pipeline);
            let (mut done, mut broken) = (0, None);
            let mut answered = |i: usize, response: Response<'_>| {
                done = i + 1;
                let Some(task) = batch.get(i) else { return ControlFlow::Break(()) };
                broken = self.answered(task, response).err();
                if broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let asked = match requests.len() {
                // One by one, a challenge can be answered.
                1 => client.send_once(requests.remove(0)).map(|response| {
                    // There is nothing to go on with, whatever it says.
                    let _ = answered(0, response);
                }),
                _ => client.pipeline(&mut requests, window, &mut answered),
            };
            if let Some(failure) = broken {
                return Err(failure);
            }
            let mut rest = batch.into_iter().skip(done);
            match asked {
                Ok(()) => lost = 0,
                Err(error) => {
                    lost = if done == 0 { lost + 1 } else { 1 };
                    if let Some(task) = rest.next() {
                        self.failed(&task.url, Failure::from(error))?;
                    }
                }
            }
            rest.rev().for_each(|task| self.waiting.push_front(task));
            let full = self.counts.saved + self.counts.unchanged >= self.args.max_files as u64;
            if lost >= LOST || full {
                let why = if full { "--max-files is reached" } else { "the network is given up" };
                self.run.warn(&format!("{why}; {} URLs were not asked for", self.waiting.len()));
                break;
            }
        }
        Ok(())
    }

    /// What is asked for next, of one server: one URL, or as many as keep a pipeline full.
    fn batch(&mut self, client: &mut Client) -> Option<Vec<Task>> {
        // The first answer tells what the server asks for: a login, cookies.
        let most = if self.args.pipeline > 1 && self.seen.len() > 1 {
            usize::from(self.args.pipeline) * 8
        } else {
            1
        };
        let mut batch: Vec<Task> = Vec::new();
        while batch.len() < most {
            let Some(task) = self.waiting.pop_front() else { break };
            let other = |first: &Task| Origin::of(&first.url).ok() != Origin::of(&task.url).ok();
            if batch.first().is_some_and(other) {
                self.waiting.push_front(task);
                break;
            }
            match self.may(client, &task) {
                true => batch.push(task),
                false => self.disallowed(&task),
            }
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Whether robots.txt of the URL's server allows it; asks for the file the first time.
    fn may(&mut self, client: &mut Client, task: &Task) -> bool {
        let Ok(origin) = Origin::of(&task.url) else { return false };
        if self.args.no_robots {
            return true;
        }
        if !self.robots.contains_key(&origin) {
            let rules = self.rules(client, &task.url);
            self.robots.insert(origin.clone(), rules);
        }
        let query = task.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        self.robots.get(&origin).is_none_or(|rules| rules.allows(&format!("{}{query}", task.url.path())))
    }

    /// RFC 9309 2.3.1: what the server refuses holds no rules, what it cannot deliver forbids all.
    fn rules(&mut self, client: &mut Client, of: &Url) -> Robots {
        let Ok(url) = of.join("/robots.txt") else { return Robots::everything() };
        let task = Task { url, depth: 0, redirects: 0 };
        let Ok(request) = self.request(&task) else { return Robots::everything() };
        match client.send(request) {
            Ok(mut response) if response.status().is_success() => {
                let mut file = Vec::new();
                match response.body().take(robots::LONGEST as u64).read_to_end(&mut file) {
                    Ok(_) => Robots::parse(&file, PROGRAM),
                    Err(_) => Robots::nothing(),
                }
            }
            Ok(response) if response.status().is_error() && !response.status().is_transient() => {
                Robots::everything()
            }
            Ok(_) => Robots::nothing(),
            // The page itself will say what is wrong.
            Err(_) => Robots::everything(),
        }
    }

    fn request(&mut self, task: &Task) -> Result<Request> {
        let mut request = Request::new(Method::GET, &task.url).map_err(Error::from)?;
        // Who asks, and with which fields, is for the server that was named.
        if Origin::of(&self.place.url).is_ok_and(|named| named == *request.origin()) {
            let (given, options) = (&self.args.headers, &self.args.state);
            request = compose::headers(request, given, &mut self.state, options)?;
            request = compose::login(self.run, self.place, request)?;
        }
        let known = self.tree.file_of(&task.url).and_then(|file| self.tree.existing(&file));
        let Some((file, modified)) = known else { return Ok(request) };
        // A page whose links were changed no longer says where they led.
        if self.args.convert_links && !links_of(file).links.is_empty() {
            return Ok(request);
        }
        let since = Validator::Date { modified, strong: false };
        Ok(request.if_changed(&since).map_err(Error::from)?)
    }

    /// Only what ends the whole run is an error.
    fn answered(&mut self, task: &Task, mut response: Response<'_>) -> Result<()> {
        let status = response.status();
        let Some(file) = self.tree.file_of(&task.url) else {
            return self.failed(&task.url, Failure::new(Kind::Write, "no name is left of the path"));
        };
        match response.location() {
            Ok(Some(to)) => return self.moved(task, to),
            Ok(None) => {}
            Err(error) => return self.failed(&task.url, error.into()),
        }
        if self.taken.contains(&file) {
            let why = format!("its file {} is another URL's", file.display());
            return self.failed(&task.url, Failure::new(Kind::Write, why));
        }
        if let Some(failure) = unknown_coding(&mut response, false) {
            return self.failed(&task.url, failure);
        }
        let linkless = is_linkless(&response);
        let bytes = if response.framing() == Framing::Nothing(Bodiless::NotModified) {
            self.counts.unchanged += 1;
            None
        } else if !status.is_success() {
            self.counts.refused += 1;
            let what = format!("the server answered {status} {}", response.reason());
            return self.failed(&task.url, Failure::new(Kind::Refused, what.trim_end()));
        } else {
            let modified = last_modified(response.fields());
            let saved = self.tree.save(&file, modified, |sink| {
                let sink = &*sink;
                response.copy_to(&mut { sink }, Some(sink)).map_err(|why| match Error::from_io(why) {
                    Ok(error) => error.into(),
                    Err(why) => Failure::write(file.display(), &why),
                })
            });
            match saved {
                Ok(n) => {
                    self.counts.saved += 1;
                    self.counts.bytes += n;
                    Some(n)
                }
                Err(failure) => return self.failed(&task.url, failure),
            }
        };
        let result = if bytes.is_some() { "saved" } else { "unchanged" };
        self.tell(
            result,
            task,
            &json!({ "file": file.display().to_string(), "status": status.code(), "bytes": bytes }),
        )?;
        self.files.insert(key(&task.url), file.clone());
        self.taken.insert(file.clone());
        let links = match linkless {
            true => Links::default(),
            false => self.tree.existing(&file).map(|(open, _)| links_of(open)).unwrap_or_default(),
        };
        if task.depth < self.args.depth {
            for url in targets(&task.url, &links) {
                if self.is_wanted(&url) {
                    self.want(url, task.depth + 1, 0);
                }
            }
        }
        if bytes.is_some() && self.args.convert_links {
            self.pages.push(Page { url: task.url.clone(), file, links });
        }
        Ok(())
    }

    fn moved(&mut self, task: &Task, to: Url) -> Result<()> {
        self.moved.insert(key(&task.url), to.clone());
        let first = task.depth == 0;
        if first && let Ok(origin) = Origin::of(&to) {
            // The site is where its first page is.
            self.home = origin;
        }
        if task.redirects >= REDIRECTS {
            return self.failed(
                &task.url,
                Failure::new(Kind::Redirects, format!("more than {REDIRECTS} redirects")),
            );
        }
        if first || self.is_wanted(&to) {
            self.want(to, task.depth, task.redirects + 1);
        }
        Ok(())
    }

    fn is_wanted(&self, url: &Url) -> bool {
        let path = decoded_path(url);
        let near = self.args.span || Origin::of(url).is_ok_and(|origin| origin == self.home);
        let included =
            self.args.include.is_empty() || self.args.include.iter().any(|glob| glob::matches(glob, &path));
        near && included && !self.args.exclude.iter().any(|glob| glob::matches(glob, &path))
    }

    fn want(&mut self, url: Url, depth: u32, redirects: u32) {
        if self.waiting.len() < WAITING && self.seen.insert(key(&url)) {
            self.waiting.push_back(Task { url, depth, redirects });
        }
    }

    fn disallowed(&mut self, task: &Task) {
        self.counts.disallowed += 1;
        self.run.note(&format!("robots.txt does not allow {}", task.url));
        if task.depth == 0 {
            let failure = Failure::new(Kind::Refused, format!("{}: robots.txt does not allow it", task.url));
            self.first_failure.get_or_insert(failure.hint("--no-robots asks all the same"));
        }
    }

    /// The first failure ends up as the exit code; each is named.
    fn failed(&mut self, url: &Url, mut failure: Failure) -> Result<()> {
        if failure.quiet {
            return Err(failure);
        }
        self.counts.failed += 1;
        failure.message = format!("{url}: {}", failure.message);
        if self.first_failure.is_none() {
            self.first_failure = Some(failure);
        } else {
            failure.report(self.run.json());
        }
        Ok(())
    }

    fn tell(&mut self, result: &str, task: &Task, facts: &serde_json::Value) -> Result<()> {
        if self.run.json() {
            let mut line = json!({ "result": result, "url": task.url.as_str(), "depth": task.depth });
            if let (Some(line), Some(facts)) = (line.as_object_mut(), facts.as_object()) {
                line.extend(facts.clone());
            }
            return self.output.line(&line.to_string());
        }
        let file = facts.get("file").and_then(|file| file.as_str()).unwrap_or_default();
        self.output.line(&format!("{result}\t{file}\t{}", task.url))
    }

    fn finish(mut self) -> Result<()> {
        for page in &self.pages {
            convert::page(&self.tree, page, &self.files, &self.moved)?;
        }
        let Counts { saved, unchanged, refused, disallowed, failed, bytes } = self.counts;
        if self.run.json() {
            let summary = json!({
                "saved": saved, "unchanged": unchanged, "refused": refused, "disallowed": disallowed,
                "failed": failed, "bytes": bytes,
            });
            self.output.line(&json!({ "summary": summary }).to_string())?;
        } else if !self.run.net.output.quiet {
            anstream::eprintln!(
                "{saved} saved ({bytes} bytes), {unchanged} unchanged, {failed} failed, {disallowed} left out by robots.txt"
            );
        }
        self.output.finish()?;
        self.first_failure.map_or(Ok(()), Err)
    }
}

/// A URL as it is compared: without its fragment, and a folder's page by the folder's name, whose file is the same.
fn key(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    if let (Some(folder), None) = (url.path().strip_suffix("/index.html"), url.query()) {
        let folder = format!("{folder}/");
        url.set_path(&folder);
    }
    url.into()
}

fn decoded_path(url: &Url) -> String {
    percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy().into_owned()
}

/// Whether the server says that the body is neither a page nor a style sheet. Where it says nothing, the file is looked at.
fn is_linkless(response: &Response<'_>) -> bool {
    let Some(kind) = response.fields().get("content-type") else { return false };
    let kind = kind.split(|b| *b == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    !matches!(&*kind, b"text/html" | b"application/xhtml+xml" | b"text/css" | b"")
}

/// The links of a file: of a style sheet, or of what starts like a page.
fn links_of(file: std::fs::File) -> Links {
    let mut bytes = Vec::new();
    if file.take(PAGE).read_to_end(&mut bytes).is_err() {
        return Links::default();
    }
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).trim_ascii_start();
    let is_page = start.first() == Some(&b'<') && !start.starts_with(b"<?xml") && !start.starts_with(b"<svg");
    if is_page {
        return in_html(&bytes);
    }
    // Anything that is not text has no links, whatever its bytes look like.
    if bytes.contains(&0) { Links::default() } else { in_css(&bytes) }
}

/// Where the links of a page lead, by HTTP.
fn targets(page: &Url, links: &Links) -> Vec<Url> {
    let base =
        links.base.as_ref().and_then(|base| page.join(&base.text).ok()).unwrap_or_else(|| page.clone());
    links.links.iter().filter_map(|link| target(&base, &link.text)).collect()
}

fn target(base: &Url, text: &str) -> Option<Url> {
    let mut url = base.join(text).ok().filter(|url| Origin::of(url).is_ok())?;
    // A name in a link is nobody's login.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}
