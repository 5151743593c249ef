//! What the browser is at, and what a key makes of it. Nothing here reads or writes: it says what is to be done.

use netkit_gopher::cso::Lookup;
use netkit_gopher::plus::Attributes;
use netkit_gopher::{Item, ItemType, Mark, Query, Target};
use netkit_socket::Endpoint;
use netkit_wire::safe_name;

use super::form::Form;
use super::keys::Key;
use super::links::{is_here, order_for, place_of, risk, shown};
use super::load::{News, Order, Want};
use super::page::{Link, Page, clean};
use super::places::Bookmarks;
use crate::charset::Charset;

/// How many pages are kept to go back to.
const PAGES: usize = 256;
/// What is whole.
const WHOLE: u64 = 10 * 10;

/// What is to be done.
#[derive(Default)]
pub enum Effect {
    #[default]
    None,
    Quit,
    Load(Order),
    /// What is under way is given up.
    Cancel,
    Telnet(Endpoint),
}

/// What the keys are for just now.
pub enum Mode {
    Browse,
    /// A number is typed.
    Number(String),
    /// A line is typed, for this.
    Line(Purpose, String),
    /// Yes or no.
    Sure(String, Box<Effect>),
}

pub enum Purpose {
    Address,
    Find,
    Search(Box<Order>),
    Lookup(Box<Target>),
    SaveAs(Box<Order>),
    Form(Box<Form>),
}

pub struct App {
    pages: Vec<Page>,
    at: usize,
    pub mode: Mode,
    /// What the reader should know.
    pub status: String,
    /// What is under way, and how far it is.
    pub busy: Option<String>,
    /// The rows for a page on the screen.
    pub height: usize,
    bookmarks: Bookmarks,
    visited: Vec<(Target, String, String)>,
    charset: Charset,
    insecure: bool,
    found: String,
}

impl App {
    pub fn new(bookmarks: Bookmarks, charset: Charset, insecure: bool) -> App {
        App {
            pages: Vec::new(),
            at: 0,
            mode: Mode::Browse,
            status: String::new(),
            busy: None,
            height: 1,
            bookmarks,
            visited: Vec::new(),
            charset,
            insecure,
            found: String::new(),
        }
    }

    pub fn page(&mut self) -> Option<&mut Page> {
        self.pages.get_mut(self.at)
    }

    /// How many pages lie behind, and ahead.
    #[cfg(test)]
    pub fn depth(&self) -> (usize, usize) {
        (self.at, self.pages.len().saturating_sub(self.at + 1))
    }

    pub fn say(&mut self, words: &str) {
        self.status = clean(words);
    }

    pub fn go(&mut self, target: Target) -> Effect {
        let title = shown(&target);
        self.load(Order { target, title, want: Want::Page })
    }

    fn load(&mut self, order: Order) -> Effect {
        self.busy = Some(format!("asking {} ...", order.target.endpoint));
        self.status.clear();
        Effect::Load(order)
    }

    pub fn show_bookmarks(&mut self) -> Effect {
        let known = self
            .bookmarks
            .all
            .iter()
            .filter_map(|(url, title)| Some((url.parse::<Target>().ok()?, url.clone(), title.clone())));
        let words: &[&str] = match self.bookmarks.all.is_empty() {
            true => &[
                "There are no bookmarks yet: a keeps the page that is shown.",
                "",
                "o goes to an address, ? shows all keys.",
            ],
            false => &["", "a takes the page that is shown away again.", ""],
        };
        let page = Page::places("Bookmarks", words, known.collect::<Vec<_>>().into_iter());
        self.open_page(page);
        Effect::None
    }

    fn show_history(&mut self) -> Effect {
        let page = Page::places(
            "History",
            &["The last page comes first.", ""],
            self.visited.clone().into_iter().rev(),
        );
        self.open_page(page);
        Effect::None
    }

    /// A new page ends what was ahead.
    fn open_page(&mut self, page: Page) {
        self.pages.truncate(self.at + 1);
        self.pages.push(page);
        if self.pages.len() > PAGES {
            self.pages.remove(0);
        }
        self.at = self.pages.len() - 1;
    }

    /// What came.
    pub fn news(&mut self, news: News) -> Effect {
        if news.is_last() {
            self.busy = None;
        }
        match news {
            News::Progress(bytes, None) => self.busy = Some(format!("{} so far", amount(bytes))),
            News::Progress(bytes, Some(all)) => {
                let percent = bytes.saturating_mul(WHOLE).checked_div(all).unwrap_or(WHOLE);
                self.busy = Some(format!("{} of {} ({percent} %)", amount(bytes), amount(all)));
            }
            News::Menu(order, entries) => {
                let url = shown(&order.target);
                self.visit(&order, &url);
                self.open_page(Page::menu(order.target, &order.title, &url, &entries, self.charset));
            }
            News::Text(order, bytes) => {
                let url = shown(&order.target);
                self.visit(&order, &url);
                self.open_page(Page::text(Some(order.target), &order.title, &url, &bytes, self.charset));
            }
            News::Attributes(order, all) => return self.told(order, &all),
            News::Records(order, records) if records.is_empty() => {
                self.say(&format!("{}: the phone book knows nobody like that", order.target.endpoint));
            }
            News::Records(order, records) => {
                let mut text = String::new();
                for record in records {
                    for (name, value) in &record.fields {
                        let value = value.replace('\n', &format!("\n{:14}", ""));
                        text += &format!("{:>12}: {value}\n", name);
                    }
                    text.push('\n');
                }
                let title = format!("Phone book at {}", order.target.endpoint);
                self.open_page(Page::text(None, &title, "", text.as_bytes(), Charset::Auto));
            }
            News::Saved(name, bytes) => self.say(&format!("saved {name}, {}", amount(bytes))),
            News::Failed(failure) => self.say(&failure.message),
        }
        Effect::None
    }

    fn visit(&mut self, order: &Order, url: &str) {
        self.visited.retain(|(_, known, _)| known != url);
        self.visited.push((order.target.clone(), url.to_owned(), order.title.clone()));
    }

    /// Attributes are shown; a form is asked.
    fn told(&mut self, order: Order, all: &Attributes) -> Effect {
        if matches!(order.want, Want::Form) {
            match Form::new(order.target, order.title, all.questions()) {
                Some(form) => self.mode = Mode::Line(Purpose::Form(Box::new(form)), String::new()),
                None => self.say("the item has no form to fill in"),
            }
            return Effect::None;
        }
        let mut text = Vec::new();
        for block in &all.blocks {
            // The item itself is best known by its address.
            let item = all.info().filter(|_| block.name.as_bytes().eq_ignore_ascii_case(b"INFO"));
            if let Some(url) = item.and_then(|item| item.url_from(&order.target)) {
                text.extend_from_slice(format!("{url}\n\n").as_bytes());
                continue;
            }
            text.extend_from_slice(block.name.as_bytes());
            text.extend_from_slice(b": ");
            text.extend_from_slice(block.inline.as_bytes());
            for line in &block.lines {
                text.extend_from_slice(b"\n    ");
                text.extend_from_slice(line.as_bytes());
            }
            text.extend_from_slice(b"\n\n");
        }
        let title = format!("About: {}", order.title);
        self.open_page(Page::text(None, &title, &shown(&order.target), &text, self.charset));
        Effect::None
    }

    pub fn key(&mut self, key: Key) -> Effect {
        if key == Key::Interrupt {
            return Effect::Quit;
        }
        if key == Key::None {
            return Effect::None;
        }
        if self.busy.is_some() && key == Key::Escape {
            self.busy = None;
            self.say("stopped");
            return Effect::Cancel;
        }
        match std::mem::replace(&mut self.mode, Mode::Browse) {
            Mode::Browse => self.browse(key),
            Mode::Number(digits) => self.number(digits, key),
            Mode::Line(purpose, line) => self.line(purpose, line, key),
            Mode::Sure(_, effect) if matches!(key, Key::Char('y' | 'Y')) => {
                if let Effect::Load(order) = *effect {
                    return self.load(order);
                }
                *effect
            }
            Mode::Sure(..) => {
                self.say("not followed");
                Effect::None
            }
        }
    }

    fn browse(&mut self, key: Key) -> Effect {
        let height = self.height;
        self.status.clear();
        let Some(page) = self.pages.get_mut(self.at) else { return self.elsewhere(key) };
        match key {
            Key::Up | Key::Char('k') => page.step(false, height),
            Key::Down | Key::Char('j') => page.step(true, height),
            Key::PageDown | Key::Char(' ') => page.turn(true, height),
            Key::PageUp | Key::Char('b') => page.turn(false, height),
            Key::Home | Key::Char('g') => page.jump(false, height),
            Key::End | Key::Char('G') => page.jump(true, height),
            Key::Char('n') if !self.found.is_empty() => {
                let words = self.found.clone();
                self.find(&words);
            }
            Key::Char(c @ '1'..='9') => self.mode = Mode::Number(c.to_string()),
            _ => return self.elsewhere(key),
        }
        Effect::None
    }

    /// Keys that lead to another page.
    fn elsewhere(&mut self, key: Key) -> Effect {
        match key {
            Key::Enter | Key::Right | Key::Char('l') => return self.follow(),
            Key::Left | Key::Backspace | Key::Char('h' | 'u') => match self.at.checked_sub(1) {
                Some(at) => self.at = at,
                None => self.say("there is nothing to go back to"),
            },
            Key::Forward | Key::Char('f') => match self.at + 1 < self.pages.len() {
                true => self.at += 1,
                false => self.say("there is nothing ahead"),
            },
            Key::Char('q') => return Effect::Quit,
            Key::Char('o') => self.mode = Mode::Line(Purpose::Address, String::new()),
            Key::Char('/') => self.mode = Mode::Line(Purpose::Find, String::new()),
            Key::Char('B') => return self.show_bookmarks(),
            Key::Char('H') => return self.show_history(),
            Key::Char('?') => self.open_page(Page::text(None, "Keys", "", HELP.as_bytes(), Charset::Auto)),
            Key::Char('a') => {
                let known = self
                    .page()
                    .filter(|page| page.target.is_some())
                    .map(|page| (page.url.clone(), page.title.clone()));
                let said = known.map(|(url, title)| self.bookmarks.toggle(&url, &title));
                self.say(&said.unwrap_or_else(|| "this page has no address".to_owned()));
            }
            Key::Char('r') => {
                let again = self.page().and_then(|page| Some((page.target.clone()?, page.title.clone())));
                if let Some((target, title)) = again {
                    return self.load(Order { target, title, want: Want::Page });
                }
            }
            Key::Char('d') => return self.on_item(|app, order| app.save_as(order)),
            Key::Char('i') => {
                return self.on_item(|app, order| app.load(Order { want: Want::Attributes, ..order }));
            }
            _ => {}
        }
        Effect::None
    }

    fn find(&mut self, words: &str) {
        let height = self.height;
        if !self.page().is_some_and(|page| page.find(words, height)) {
            self.say(&format!("{words} is not on this page"));
        }
    }

    fn number(&mut self, mut digits: String, key: Key) -> Effect {
        match key {
            Key::Char(c) if c.is_ascii_digit() && digits.len() < 6 => digits.push(c),
            Key::Backspace => drop(digits.pop()),
            Key::Escape => return Effect::None,
            Key::Enter => {
                let height = self.height;
                let number = digits.parse().unwrap_or(0);
                return match self.page().is_some_and(|page| page.select(number, height)) {
                    true => self.follow(),
                    false => {
                        self.say(&format!("there is no link {digits}"));
                        Effect::None
                    }
                };
            }
            _ => {}
        }
        if !digits.is_empty() {
            self.mode = Mode::Number(digits);
        }
        Effect::None
    }

    fn line(&mut self, purpose: Purpose, mut line: String, key: Key) -> Effect {
        match key {
            Key::Char(c) if line.len() < 1000 => line.push(c),
            Key::Backspace => drop(line.pop()),
            Key::Escape => return Effect::None,
            Key::Enter => return self.entered(purpose, &line),
            _ => {}
        }
        self.mode = Mode::Line(purpose, line);
        Effect::None
    }

    fn entered(&mut self, purpose: Purpose, line: &str) -> Effect {
        match purpose {
            Purpose::Form(mut form) => match form.take(line) {
                Ok(true) => {
                    let (target, title, data) = (form.target.clone(), form.title.clone(), form.data());
                    let secret =
                        form.has_secret() && !self.insecure && !target.tls && !is_here(&target.endpoint);
                    if secret {
                        self.say("the form asks for a password, which would go in clear: --insecure-auth allows it");
                        return Effect::None;
                    }
                    return self.load(Order { target, title, want: Want::Answered(data) });
                }
                Ok(false) => self.mode = Mode::Line(Purpose::Form(form), String::new()),
                Err(why) => {
                    self.say(&why);
                    self.mode = Mode::Line(Purpose::Form(form), String::new());
                }
            },
            _ if line.is_empty() => {}
            Purpose::Address => match line.parse::<Target>() {
                Ok(target) => return self.go(target),
                Err(why) => self.say(&why.to_string()),
            },
            Purpose::Find => {
                line.clone_into(&mut self.found);
                self.find(line);
            }
            Purpose::Search(mut order) => match Query::new(line.as_bytes()) {
                Ok(query) => {
                    order.title = format!("{}: {line}", order.title);
                    order.target.query = Some(query);
                    return self.load(*order);
                }
                Err(why) => self.say(&why.to_string()),
            },
            Purpose::Lookup(target) => match Lookup::from_words(line.split_whitespace()) {
                Ok(lookup) => {
                    let title = "Phone book".to_owned();
                    return self.load(Order { target: *target, title, want: Want::Lookup(lookup) });
                }
                Err(why) => self.say(&why.to_string()),
            },
            Purpose::SaveAs(order) => match safe_name(line).filter(|name| name == line) {
                Some(name) => return self.load(Order { want: Want::Save(name), ..*order }),
                None => self.say("that is no plain name for a file"),
            },
        }
        Effect::None
    }

    /// Does something with the item that is selected, or with the page itself.
    fn on_item(&mut self, act: impl FnOnce(&mut App, Order) -> Effect) -> Effect {
        let current = self.page().and_then(|page| page.target.clone());
        let order = match self.page().and_then(|page| page.link().cloned()) {
            Some(Link::Item(item)) => current.as_ref().and_then(|from| order_for(&item, from)),
            Some(Link::Place(target, url)) => Some(Order { target: *target, title: url, want: Want::Page }),
            None => self.page().and_then(|page| {
                Some(Order { target: page.target.clone()?, title: page.title.clone(), want: Want::Page })
            }),
        };
        match order {
            Some(order) => match risk(current.as_ref(), &order.target) {
                // What leads to an odd place is not asked for before its page was.
                Some(_) if current.is_some() => {
                    self.say(&format!("{} is elsewhere: follow the link first", order.target.endpoint));
                    Effect::None
                }
                _ => act(self, order),
            },
            None => {
                self.say("there is nothing to fetch");
                Effect::None
            }
        }
    }

    /// Opens what is selected.
    fn follow(&mut self) -> Effect {
        let current = self.page().and_then(|page| page.target.clone());
        match (self.page().and_then(|page| page.link().cloned()), current) {
            (Some(Link::Item(item)), Some(from)) => self.follow_item(&item, &from),
            (Some(Link::Place(target, _)), _) => self.go(*target),
            _ => Effect::None,
        }
    }

    fn follow_item(&mut self, item: &Item, from: &Target) -> Effect {
        let url = item.url_from(from);
        let is_link =
            item.selector.as_bytes().starts_with(b"URL:") || item.selector.as_bytes().starts_with(b"/URL:");
        match (&url, item.kind.letter()) {
            (None, _) if is_link => self.say("such a link acts on this machine: it is not followed"),
            (None, _) => self.say("the item has no address that can be asked"),
            (Some(url), _) if is_link && !url.to_ascii_lowercase().starts_with("gopher") => {
                self.say(&format!("not a Gopher item: {url}"));
            }
            (_, '8' | 'T') if !is_link => {
                let Some(place) = place_of(item) else {
                    self.say("the item has no address that can be asked");
                    return Effect::None;
                };
                let login = clean(&item.selector.to_str_lossy());
                let login = if login.is_empty() { String::new() } else { format!(" (log in as {login})") };
                let question = format!("Open a telnet session with {place}{login}?");
                self.mode = Mode::Sure(question, Box::new(Effect::Telnet(place)));
            }
            (_, '2') => {
                if let Some(place) = place_of(item) {
                    let mut target = Target::root(place, false);
                    target.kind = ItemType::CSO;
                    self.mode = Mode::Line(Purpose::Lookup(Box::new(target)), String::new());
                }
            }
            (Some(_), _) => {
                let Some(order) = order_for(item, from) else {
                    self.say("the item has no address that can be asked");
                    return Effect::None;
                };
                return match risk(Some(from), &order.target) {
                    Some(question) => {
                        self.mode = Mode::Sure(question, Box::new(Effect::Load(order)));
                        Effect::None
                    }
                    None => self.fetch(item, order),
                };
            }
        }
        Effect::None
    }

    /// In the way that suits what it is.
    fn fetch(&mut self, item: &Item, order: Order) -> Effect {
        if item.plus == Mark::Asks {
            return self.load(Order { want: Want::Form, ..order });
        }
        match item.kind {
            ItemType::SEARCH if order.target.query.is_none() => {
                self.mode = Mode::Line(Purpose::Search(Box::new(order)), String::new());
                Effect::None
            }
            kind if kind.is_menu()
                || kind.is_text()
                || matches!(kind.letter(), 'h' | 'x' | 'X' | 'M' | 'c' | 'e') =>
            {
                self.load(order)
            }
            _ => self.save_as(order),
        }
    }

    fn save_as(&mut self, order: Order) -> Effect {
        let suggested = String::from_utf8_lossy(order.target.selector.as_bytes()).into_owned();
        let name = safe_name(&suggested).unwrap_or_else(|| "download".to_owned());
        self.mode = Mode::Line(Purpose::SaveAs(Box::new(order)), name);
        Effect::None
    }
}

fn amount(bytes: u64) -> String {
    match bytes {
        0..10_240 => format!("{bytes} bytes"),
        10_240..10_485_760 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

const HELP: &str = "\
Up, Down, k, j      the link before, the next one; a row where there is none
Enter, Right, l     follow the link
12 Enter            follow link 12
Left, Backspace, h  back
f, Alt-Right        forward
Space, b            a page down, a page up
g, G                to the top, to the end
/, n                find words on the page, find them again
o                   go to an address
a                   keep the page as a bookmark, or take it away
B, H                bookmarks, history
d                   download the item, or the page if no link is there
i                   what the item tells about itself (Gopher+)
r                   ask for the page again
Esc                 stop what is under way, or what is being typed
q, Ctrl-C           leave

A link to this machine, its own network or an unusual port, or from TLS to
none, is followed only after a question. Web links are shown, not opened.
";
