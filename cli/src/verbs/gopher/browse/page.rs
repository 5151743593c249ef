//! A page: rows of text, some of which lead somewhere.

use netkit_gopher::{Entry, Item, Target};
use netkit_wire::Sanitizer;
use unicode_width::UnicodeWidthChar;

use crate::charset::Charset;

/// Where a row leads.
#[derive(Clone, Debug)]
pub enum Link {
    /// An item of a menu.
    Item(Box<Item>),
    /// A bookmark, or a place that was visited.
    Place(Box<Target>, String),
}

/// A row as it was sent; a text's may be longer than the screen is wide.
#[derive(Clone, Debug)]
pub struct Row {
    pub text: String,
    /// What kind of thing it leads to, in three letters.
    pub tag: Option<&'static str>,
    pub link: Option<Link>,
}

/// A page, and where on it the reader is.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it came from; none for the browser's own pages.
    pub target: Option<Target>,
    pub title: String,
    pub url: String,
    sent: Vec<Row>,
    /// Rows of menus are cut where the screen ends, those of texts go on below.
    wraps: bool,
    /// What is shown, for this width.
    shown: Vec<Row>,
    width: usize,
    /// The shown rows that lead somewhere.
    links: Vec<usize>,
    /// Which of the links.
    pub selected: usize,
    /// The first row on the screen.
    pub top: usize,
}

impl Page {
    fn new(target: Option<Target>, title: &str, url: &str, rows: Vec<Row>, wraps: bool) -> Page {
        let (title, url) = (clean(title), clean(url));
        Page {
            target,
            title,
            url,
            sent: rows,
            wraps,
            shown: Vec::new(),
            width: 0,
            links: Vec::new(),
            selected: 0,
            top: 0,
        }
    }

    pub fn menu(target: Target, title: &str, url: &str, entries: &[Entry], charset: Charset) -> Page {
        let row = |entry: &Entry| match entry {
            Entry::Stray(line) => Row::words(&charset.decode(line.as_bytes())),
            Entry::Item(item) if item.kind.is_words() => Row::words(&charset.decode(item.display.as_bytes())),
            Entry::Item(item) => Row {
                text: clean(&charset.decode(item.display.as_bytes())),
                tag: Some(tag(item)),
                link: Some(Link::Item(Box::new(item.clone()))),
            },
        };
        Page::new(Some(target), title, url, entries.iter().map(row).collect(), false)
    }

    pub fn text(target: Option<Target>, title: &str, url: &str, bytes: &[u8], charset: Charset) -> Page {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let lines = bytes.split(|b| *b == b'\n');
        let rows = lines.map(|line| Row::text(&charset.decode(line.strip_suffix(b"\r").unwrap_or(line))));
        Page::new(target, title, url, rows.collect(), true)
    }

    /// A list of places, under some words.
    pub fn places(
        title: &str,
        words: &[&str],
        places: impl Iterator<Item = (Target, String, String)>,
    ) -> Page {
        let mut rows: Vec<Row> = words.iter().map(|line| Row::text(line)).collect();
        rows.extend(places.map(|(target, url, title)| Row {
            text: clean(&title),
            tag: Some("GO "),
            link: Some(Link::Place(Box::new(target), url)),
        }));
        Page::new(None, title, "", rows, false)
    }

    /// Breaks rows for a screen of that width.
    pub fn fit(&mut self, width: usize) {
        if self.width == width {
            return;
        }
        self.width = width;
        self.shown = match self.wraps {
            true => self.sent.iter().flat_map(|row| wrapped(&row.text, width)).collect(),
            false => self.sent.clone(),
        };
        self.links = (0..self.shown.len())
            .filter(|i| self.shown.get(*i).is_some_and(|row| row.link.is_some()))
            .collect();
    }

    pub fn rows(&self) -> &[Row] {
        &self.shown
    }

    /// The number that a link has, from 1.
    pub fn number_of(&self, row: usize) -> Option<usize> {
        self.links.binary_search(&row).ok().map(|at| at + 1)
    }

    /// The row of the link that is selected.
    pub fn selected_row(&self) -> Option<usize> {
        self.links.get(self.selected).copied()
    }

    pub fn link(&self) -> Option<&Link> {
        self.shown.get(self.selected_row()?)?.link.as_ref()
    }

    /// Selects the link of that number; `false` when there is none.
    pub fn select(&mut self, number: usize, height: usize) -> bool {
        let Some(at) = number.checked_sub(1).filter(|at| *at < self.links.len()) else { return false };
        self.selected = at;
        self.reveal(height);
        true
    }

    /// The next link, or the one before; where that is off the screen, a row further instead.
    pub fn step(&mut self, down: bool, height: usize) {
        let next = if down { self.selected + 1 } else { self.selected.wrapping_sub(1) };
        let row = self.links.get(next).copied();
        let current = self.selected_row();
        let is_near = |row: usize| row + 1 >= self.top && row <= self.top + height;
        match row {
            // One that is above the screen or below it is not what the arrow points at.
            Some(_) if current.is_some_and(|row| !(self.top..self.top + height).contains(&row)) => {
                self.enter(down, height)
            }
            Some(row) if is_near(row) => {
                self.selected = next;
                self.reveal(height);
            }
            _ => self.scroll(if down { 1 } else { -1 }, height),
        }
    }

    /// Selects the first link on the screen, or the last one; a row further where there is none.
    fn enter(&mut self, down: bool, height: usize) {
        let on_screen = |row: &usize| (self.top..self.top + height).contains(row);
        let found = match down {
            true => self.links.iter().position(on_screen),
            false => self.links.iter().rposition(on_screen),
        };
        match found {
            Some(at) => self.selected = at,
            None => self.scroll(if down { 1 } else { -1 }, height),
        }
    }

    pub fn scroll(&mut self, rows: isize, height: usize) {
        let last = self.shown.len().saturating_sub(height);
        self.top = self.top.saturating_add_signed(rows).min(last);
    }

    /// A page further; the selection goes along.
    pub fn turn(&mut self, down: bool, height: usize) {
        let step = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1);
        self.scroll(if down { step } else { -step }, height);
        let on_screen = |row: &usize| (self.top..self.top + height).contains(row);
        if let Some(at) = self.links.iter().position(on_screen) {
            self.selected = at;
        }
    }

    pub fn jump(&mut self, end: bool, height: usize) {
        self.top = if end { self.shown.len().saturating_sub(height) } else { 0 };
        self.selected = if end { self.links.len().saturating_sub(1) } else { 0 };
    }

    /// Brings the selected row onto the screen.
    fn reveal(&mut self, height: usize) {
        let Some(row) = self.selected_row() else { return };
        if row < self.top {
            self.top = row;
        } else if row >= self.top + height {
            self.top = row + 1 - height;
        }
    }

    /// Goes to the next row that holds these words; `false` when none does.
    pub fn find(&mut self, words: &str, height: usize) -> bool {
        let words = words.to_lowercase();
        let holds = |row: &Row| row.text.to_lowercase().contains(&words);
        let start = (self.top + 1).min(self.shown.len());
        let (before, after) = self.shown.split_at_checked(start).unwrap_or_default();
        let found =
            after.iter().position(holds).map(|at| start + at).or_else(|| before.iter().position(holds));
        let Some(row) = found else { return false };
        self.top = row.min(self.shown.len().saturating_sub(1));
        if let Some(at) = self.links.iter().position(|link| *link >= row && *link < row + height) {
            self.selected = at;
        }
        true
    }
}

impl Row {
    /// Text between the items of a menu, which stands where theirs does.
    fn words(text: &str) -> Row {
        Row { tag: Some(""), ..Row::text(text) }
    }

    fn text(text: &str) -> Row {
        Row { text: clean(text), tag: None, link: None }
    }
}

/// Without what could steer the terminal; tabs as spaces.
pub fn clean(text: &str) -> String {
    let mut out = Vec::new();
    let mut sanitizer = Sanitizer::default();
    sanitizer.push(text.as_bytes(), &mut out);
    sanitizer.finish(&mut out);
    let mut line = String::new();
    let mut column = 0;
    for c in String::from_utf8_lossy(&out).chars() {
        match c {
            '\t' => {
                let spaces = 8 - column % 8;
                line.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' => line.push(' '),
            c => {
                column += c.width().unwrap_or(0);
                line.push(c);
            }
        }
    }
    line
}

/// A line in pieces that fit, broken at spaces where there are any.
fn wrapped(text: &str, width: usize) -> Vec<Row> {
    let width = width.max(2);
    let (mut rows, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(' ') {
        let wide: usize = word.trim_end().chars().filter_map(UnicodeWidthChar::width).sum();
        if used > 0 && used + wide > width {
            rows.push(std::mem::take(&mut line));
            used = 0;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > width && c != ' ' {
                rows.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += wide;
        }
    }
    rows.push(line);
    rows.into_iter().map(|text| Row { text: text.trim_end().to_owned(), tag: None, link: None }).collect()
}

/// What an item is, in three letters.
fn tag(item: &Item) -> &'static str {
    match item.kind.letter() {
        _ if item.plus == netkit_gopher::Mark::Asks => "ASK",
        '0' => "TXT",
        '1' | '+' => "DIR",
        '2' => "CSO",
        '7' => " ? ",
        '8' | 'T' => "TEL",
        'h' if item.selector.as_bytes().starts_with(b"URL:")
            || item.selector.as_bytes().starts_with(b"/URL:") =>
        {
            "WEB"
        }
        'h' => "HTM",
        'g' => "GIF",
        'I' | 'p' | ':' => "IMG",
        's' | '<' => "SND",
        ';' | 'v' => "VID",
        'd' | 'P' | 'r' => "DOC",
        _ => "BIN",
    }
}
