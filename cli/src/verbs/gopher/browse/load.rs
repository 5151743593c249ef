//! What is fetched while the reader goes on: in a thread of its own, with news of how far it is.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use netkit_gopher::cso::{self, Lookup, Record};
use netkit_gopher::plus::{Attributes, Name};
use netkit_gopher::{Client, Document, Entry, Menu, Target, connect};
use netkit_socket::Dialer;
use netkit_wire::Limits;

use crate::dialogue::Dialogue;
use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;

/// The longest text that is shown; a longer one can be downloaded.
const TEXT: u64 = 8 << 20;
/// The longest menu.
const ENTRIES: usize = 100_000;
/// How often news of a download come.
const NEWS: Duration = Duration::from_millis(100);

/// What is to be fetched.
#[derive(Clone, Debug)]
pub struct Order {
    pub target: Target,
    /// What the page is called.
    pub title: String,
    pub want: Want,
}

#[derive(Clone, Debug)]
pub enum Want {
    /// A menu, or a text.
    Page,
    /// A file of that name in the folder of downloads.
    Save(String),
    /// What an item tells about itself.
    Attributes,
    /// The questions of its form.
    Form,
    /// What it answers to a filled form.
    Answered(Vec<u8>),
    /// Somebody in a phone book.
    Lookup(Lookup),
}

/// What came of it.
pub enum News {
    /// So many bytes, of so many if that is known.
    Progress(u64, Option<u64>),
    Menu(Order, Vec<Entry>),
    Text(Order, Vec<u8>),
    Attributes(Order, Box<Attributes>),
    Records(Order, Vec<Record>),
    Saved(String, u64),
    Failed(Failure),
}

impl News {
    pub fn is_last(&self) -> bool {
        !matches!(self, News::Progress(..))
    }
}

/// How things are fetched.
#[derive(Clone)]
pub struct Loader {
    pub dialer: Dialer,
    pub folder: PathBuf,
    pub end_is_optional: bool,
    pub dialogue: Dialogue,
}

/// Something under way.
pub struct Job {
    news: Receiver<News>,
    cancelled: Arc<AtomicBool>,
}

impl Job {
    /// The next news, if there are any.
    pub fn news(&self) -> Option<News> {
        match self.news.try_recv() {
            Ok(news) => Some(news),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                Some(News::Failed(Failure::new(Kind::Receive, "it broke off")))
            }
        }
    }

    pub fn cancel(self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Loader {
    pub fn start(&self, order: Order) -> Job {
        let (send, news) = channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let job = Job { news, cancelled: Arc::clone(&cancelled) };
        let loader = self.clone();
        std::thread::spawn(move || {
            let last = loader.perform(order, &Watch { send: &send, cancelled: &cancelled });
            // Nobody waits for what was cancelled.
            let _ = send.send(last);
        });
        job
    }

    /// Does it, here and now.
    pub fn perform(&self, order: Order, watch: &Watch<'_>) -> News {
        let fetched = self.fetch(&order, watch);
        fetched.unwrap_or_else(|failure| News::Failed(failure.with(&order.target.endpoint)))
    }

    fn fetch(&self, order: &Order, watch: &Watch<'_>) -> Result<News> {
        let Target { kind, selector, query, .. } = &order.target;
        if let Want::Lookup(lookup) = &order.want {
            let Target { endpoint, tls, .. } = &order.target;
            let (mut book, _) =
                cso::connect(endpoint, *tls, &self.dialer, Limits::default(), self.dialogue.tap())?;
            return Ok(News::Records(order.clone(), book.query(lookup)?));
        }
        let (client, _) = connect(&order.target, &self.dialer, Limits::default(), self.dialogue.tap())?;
        match &order.want {
            Want::Page if kind.is_menu() => {
                let menu = match query {
                    Some(query) => client.search(selector, query)?,
                    None => client.menu(selector)?,
                };
                Ok(News::Menu(order.clone(), self.entries(menu, watch)?))
            }
            Want::Page => {
                let document = client.get(*kind, selector, query.as_ref())?;
                Ok(News::Text(order.clone(), text(document, watch)?))
            }
            Want::Save(name) => {
                let document = client.get(*kind, selector, query.as_ref())?;
                let bytes = self.save(document, name, watch)?;
                Ok(News::Saved(name.clone(), bytes))
            }
            Want::Attributes | Want::Form => {
                let (all, _) = client.attributes(selector, Name::default())?;
                Ok(News::Attributes(order.clone(), Box::new(all)))
            }
            Want::Answered(data) => self.answered(client, order, data, watch),
            Want::Lookup(_) => Err(Failure::new(Kind::Usage, "a phone book is asked in another way")),
        }
    }

    fn answered(&self, client: Client, order: &Order, data: &[u8], watch: &Watch<'_>) -> Result<News> {
        let Target { kind, selector, query, .. } = &order.target;
        let document = client.view(selector, query.as_ref(), Name::default(), Some(data.to_vec()))?;
        let bytes = text(document, watch)?;
        match kind.is_menu() {
            true => Ok(News::Menu(order.clone(), Menu::parse(&bytes)?)),
            false => Ok(News::Text(order.clone(), bytes)),
        }
    }

    fn entries(&self, menu: Menu, watch: &Watch<'_>) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in menu.end_is_optional(self.end_is_optional) {
            match entry {
                Ok(entry) => entries.push(entry),
                // What came is shown; that it is not all is said below it.
                Err(error) if !entries.is_empty() => {
                    let why = netkit_wire::Text::from(format!("(the menu is cut: {error})").as_str());
                    entries.push(Entry::Stray(why));
                    break;
                }
                Err(error) => return Err(error.into()),
            }
            if entries.len() > ENTRIES {
                return Err(Failure::new(Kind::Limit, format!("the menu has more than {ENTRIES} lines")));
            }
            watch.check()?;
        }
        Ok(entries)
    }

    fn save(&self, mut document: Document, name: &str, watch: &Watch<'_>) -> Result<u64> {
        let folder = Folder::open(&self.folder)?;
        let all = document.left();
        if folder.file(name.as_ref()).is_some() {
            return Err(Failure::new(Kind::Write, format!("{name} is there already")));
        }
        folder.save(name.as_ref(), None, |sink| {
            let mut total = 0;
            let mut told = Instant::now();
            let mut buffer = vec![0; 64 << 10];
            loop {
                watch.check()?;
                let n = document.read(&mut buffer).map_err(|e| Failure::copy(name, e))?;
                let Some(piece) = buffer.get(..n).filter(|piece| !piece.is_empty()) else { return Ok(total) };
                sink.write_all(piece).map_err(|e| Failure::write(name, &e))?;
                total += n as u64;
                if told.elapsed() >= NEWS {
                    told = Instant::now();
                    watch.tell(total, all);
                }
            }
        })
    }
}

fn text(mut document: Document, watch: &Watch<'_>) -> Result<Vec<u8>> {
    let all = document.left();
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        watch.check()?;
        let n = document.read(&mut buffer).map_err(|e| Failure::copy("", e))?;
        if n == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(buffer.get(..n).unwrap_or_default());
        if bytes.len() as u64 > TEXT {
            return Err(Failure::new(Kind::Limit, "the text is too long to be shown; d downloads it"));
        }
        watch.tell(bytes.len() as u64, all);
    }
}

/// Somebody who waits.
pub struct Watch<'w> {
    pub send: &'w Sender<News>,
    pub cancelled: &'w AtomicBool,
}

impl Watch<'_> {
    fn tell(&self, bytes: u64, all: Option<u64>) {
        // Nobody waits for what was cancelled.
        let _ = self.send.send(News::Progress(bytes, all.map(|left| left.max(bytes))));
    }

    fn check(&self) -> Result<()> {
        match self.cancelled.load(Ordering::Relaxed) {
            true => Err(Failure::new(Kind::Partial, "stopped")),
            false => Ok(()),
        }
    }
}
