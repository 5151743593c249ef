//! What an item has to tell about itself (Gopher+ 2.3 to 2.6).

use netkit_wire::Text;

use super::ask::Question;
use crate::item::Item;

/// The attributes of one item, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// One attribute.
///
/// ```text
/// block ::= "+" NAME ":" [ SP text ] CR-LF *( SP text CR-LF )
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name, without plus and colon: `INFO`, `ADMIN`, `VIEWS`, `ABSTRACT`, `ASK` or one of the server's own.
    pub name: Text,
    /// What stands on the line of the name.
    pub inline: Text,
    /// The lines below it, without the space in front.
    pub lines: Vec<Text>,
}

/// One form in which an item can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What it is, such as `text/plain`: a MIME type, or a name of the years before those were settled.
    pub kind: String,
    /// In which language, such as `En_US`.
    pub language: Option<String>,
    /// How large it is, in the server's words, such as `10k`.
    pub size: Option<String>,
}

impl Attributes {
    /// All the items in an answer to `!` or `$`. A line that belongs to no block is passed over.
    pub fn parse(bytes: &[u8]) -> Vec<Attributes> {
        let mut all: Vec<Attributes> = Vec::new();
        for line in bytes.split(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line == b"." {
                break;
            }
            match line.split_first() {
                Some((b'+', head)) => {
                    let block = Block::open(head);
                    if all.is_empty() || block.name.as_bytes().eq_ignore_ascii_case(b"INFO") {
                        all.push(Attributes::default());
                    }
                    all.last_mut().into_iter().for_each(|item| item.blocks.push(block.clone()));
                }
                Some((b' ', text)) => {
                    let block = all.last_mut().and_then(|item| item.blocks.last_mut());
                    block.into_iter().for_each(|block| block.lines.push(Text::from(text)));
                }
                _ => {}
            }
        }
        all
    }

    /// Appends them as a server sends them.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for Block { name, inline, lines } in &self.blocks {
            let mut line = |start: &[u8], text: &Text, end: &[u8]| {
                out.extend_from_slice(start);
                out.extend(text.as_bytes().iter().filter(|b| !matches!(b, b'\r' | b'\n')));
                out.extend_from_slice(end);
            };
            line(b"+", name, b":");
            line(if inline.as_bytes().is_empty() { b"" } else { b" " }, inline, b"\r\n");
            lines.iter().for_each(|text| line(b" ", text, b"\r\n"));
        }
    }

    /// The block of that name, in any case of letters.
    pub fn block(&self, name: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.name.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
    }

    /// `+INFO`: the item, as a menu has it.
    pub fn info(&self) -> Option<Item> {
        Item::parse(self.block("INFO")?.inline.as_bytes())
    }

    /// `Admin` of `+ADMIN`: who keeps it.
    pub fn admin(&self) -> Option<String> {
        self.admin_line("Admin")
    }

    /// `Mod-Date` of `+ADMIN`: when it was changed, as its fourteen digits if it has them (`YYYYMMDDhhmmss`).
    pub fn modified(&self) -> Option<String> {
        let line = self.admin_line("Mod-Date")?;
        let digits = line.rsplit_once('<').and_then(|(_, rest)| rest.split('>').next());
        Some(digits.unwrap_or(&line).to_owned())
    }

    fn admin_line(&self, name: &str) -> Option<String> {
        self.block("ADMIN")?.lines.iter().find_map(|line| {
            let line = line.to_str_lossy();
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// `+VIEWS`: the forms in which it can be had.
    pub fn views(&self) -> Vec<View> {
        let Some(block) = self.block("VIEWS") else { return Vec::new() };
        block.lines.iter().filter_map(|line| View::parse(&line.to_str_lossy())).collect()
    }

    /// `+ABSTRACT`: what it is about.
    pub fn abstract_text(&self) -> Option<String> {
        let block = self.block("ABSTRACT")?;
        let inline = Some(&block.inline).filter(|text| !text.as_bytes().is_empty());
        let lines = inline.into_iter().chain(&block.lines).map(|line| line.to_str_lossy().into_owned());
        Some(lines.collect::<Vec<_>>().join("\n"))
    }

    /// `+ASK`: what must be answered before it can be had.
    pub fn questions(&self) -> Vec<Question> {
        let Some(block) = self.block("ASK") else { return Vec::new() };
        block.lines.iter().filter_map(|line| Question::parse(line.as_bytes())).collect()
    }
}

impl Block {
    /// A block of text.
    pub fn new<'a>(name: &str, lines: impl IntoIterator<Item = &'a str>) -> Block {
        let lines = lines.into_iter().map(Text::from).collect();
        Block { name: Text::from(name), inline: Text::default(), lines }
    }

    /// `+INFO` of an item.
    pub fn info(item: &Item) -> Block {
        let mut line = Vec::new();
        item.encode(&mut line);
        let line = line.strip_suffix(b"\r\n").unwrap_or(&line);
        Block { inline: Text::from(line), ..Block::new("INFO", []) }
    }

    fn open(head: &[u8]) -> Block {
        let colon = head.iter().position(|b| *b == b':');
        let (name, inline) = head.split_at_checked(colon.unwrap_or(head.len())).unwrap_or((head, b""));
        let inline = inline.strip_prefix(b":").unwrap_or(inline);
        let inline = inline.strip_prefix(b" ").unwrap_or(inline);
        Block { name: Text::from(name), inline: Text::from(inline), lines: Vec::new() }
    }
}

impl View {
    /// One line of `+VIEWS`: `kind [language]: [<size>]`.
    pub fn parse(line: &str) -> Option<View> {
        let (what, size) = line.rsplit_once(':').unwrap_or((line, ""));
        let mut words = what.split_whitespace();
        let kind = words.next()?.to_owned();
        let size = size.trim().trim_start_matches('<').trim_end_matches('>').trim();
        Some(View {
            kind,
            language: words.next().map(str::to_owned),
            size: (!size.is_empty()).then(|| size.to_owned()),
        })
    }

    /// What a request says to have it.
    pub fn name(&self) -> String {
        match &self.language {
            Some(language) => format!("{} {language}", self.kind),
            None => self.kind.clone(),
        }
    }

    /// The line of `+VIEWS`.
    pub fn line(&self) -> String {
        let size = self.size.as_ref().map(|size| format!(" <{size}>")).unwrap_or_default();
        format!("{}:{size}", self.name())
    }

    /// The size in bytes, where it is a number with `k` or nothing behind it: `.5k` are 512.
    pub fn bytes(&self) -> Option<u64> {
        let size = self.size.as_deref()?;
        let (number, unit) = match size.strip_suffix(['k', 'K']) {
            Some(number) => (number, 1024.0),
            None => (size, 1.0),
        };
        let bytes = number.trim().parse::<f64>().ok()? * unit;
        // What is no size of a file is no number of bytes either.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
        (bytes.is_finite() && (0.0..1e15).contains(&bytes)).then_some(bytes as u64)
    }
}

/// An answer to `$` that lists these items.
pub fn listing(items: &[Attributes]) -> Vec<u8> {
    let mut out = Vec::new();
    items.iter().for_each(|item| item.encode(&mut out));
    out
}
