//! Which messages are to be sent: built, from files, folders, mailboxes, stdin, or one for each line of JSON.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use netkit_smtp::message::{Base64Lines, without_bcc};
use netkit_smtp::{Envelope, Recipient};
use serde_json::Value;

use super::compose;
use super::template;
use crate::args::{SmtpEnvelope, SmtpMessage};
use crate::failure::{Failure, Kind, Result};
use crate::mbox::Messages;

/// One message on its way.
pub struct Job {
    pub name: String,
    pub content: Content,
    pub envelope: Envelope,
    /// How often it was tried.
    pub tries: u32,
    /// Recipients whose fate is known from earlier tries.
    pub settled: Vec<Recipient>,
}

/// Where a message's bytes are, piece by piece: so that a large file is never in memory.
#[derive(Clone)]
pub struct Content(std::sync::Arc<[Part]>);

/// A piece of a message.
pub enum Part {
    Bytes(std::sync::Arc<[u8]>),
    File(PathBuf),
    /// A file in base64.
    Attachment(PathBuf),
}

impl Content {
    pub fn new(parts: Vec<Part>) -> Content {
        Content(parts.into())
    }

    pub fn bytes(bytes: &[u8]) -> Content {
        Content::new(vec![Part::Bytes(bytes.into())])
    }
}

impl Job {
    fn new(name: String, content: Content, envelope: Envelope) -> Job {
        Job { name, content, envelope, tries: 0, settled: Vec::new() }
    }
}

/// A message to be read: what is put before it, and its pieces.
pub struct Source {
    head: Cursor<Vec<u8>>,
    content: Content,
    /// The piece that is read, and the number of the one behind it.
    open: Option<Box<dyn Read + Send>>,
    next: usize,
}

impl Content {
    pub fn open(&self, head: Vec<u8>) -> Source {
        Source { head: Cursor::new(head), content: self.clone(), open: None, next: 0 }
    }
}

impl Part {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Part::Bytes(bytes) => Box::new(Cursor::new(std::sync::Arc::clone(bytes))),
            Part::File(path) => Box::new(File::open(path)?),
            Part::Attachment(path) => Box::new(Base64Lines::new(File::open(path)?)),
        })
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = match &mut self.open {
                _ if self.head.position() < self.head.get_ref().len() as u64 => self.head.read(buf)?,
                Some(part) => part.read(buf)?,
                None => 0,
            };
            if n > 0 || buf.is_empty() {
                return Ok(n);
            }
            let Some(part) = self.content.0.get(self.next) else { return Ok(0) };
            self.open = Some(part.open()?);
            self.next += 1;
        }
    }
}

/// To its start and nowhere else: a message is read from there, twice.
impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Current(0) if self.next == 0 && self.head.position() == 0 => Ok(0),
            SeekFrom::Start(0) => {
                self.head.set_position(0);
                (self.open, self.next) = (None, 0);
                Ok(0)
            }
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

pub type Jobs = Box<dyn Iterator<Item = Result<Job>> + Send>;

/// The messages in order, and whether there may be several.
pub fn jobs(files: &[String], message: &SmtpMessage, envelope: &SmtpEnvelope) -> Result<(Jobs, bool)> {
    if let Some(lines) = &message.jsonl {
        if !files.is_empty() {
            return Err(Failure::new(Kind::Usage, "message files and --jsonl exclude each other"));
        }
        return merged(lines, message, envelope).map(|jobs| (jobs, true));
    }
    if files.is_empty() {
        let envelope_made = compose::envelope(message, envelope)?;
        let content = compose::build(&compose::loaded(message)?, envelope.mail_from.as_deref())?;
        let job = Job::new("message".to_owned(), content, envelope_made);
        return Ok((Box::new(std::iter::once(Ok(job))), false));
    }
    if message.subject.is_some()
        || message.body.is_some()
        || message.html.is_some()
        || !message.attach.is_empty()
    {
        let what = "a message file and --subject, --body, --html or --attach exclude each other";
        return Err(Failure::new(Kind::Usage, what));
    }
    // What is wrong with it is told before anything is read.
    if compose::recipients(message, envelope)?.is_empty() && !envelope.read_recipients {
        return Err(compose::no_recipient());
    }
    let many =
        files.len() > 1 || files.iter().any(|file| Path::new(file).is_dir() || is_mbox(Path::new(file)));
    let (message, envelope) = (message.clone(), envelope.clone());
    let files: Vec<String> = files.to_vec();
    let all = files.into_iter().flat_map(move |file| one(&file, &message, &envelope));
    Ok((Box::new(all), many))
}

/// The messages of one argument.
fn one(file: &str, message: &SmtpMessage, envelope: &SmtpEnvelope) -> Jobs {
    if file == "-" {
        let job =
            compose::stdin().and_then(|bytes| from_bytes("stdin".to_owned(), &bytes, message, envelope));
        return Box::new(std::iter::once(job));
    }
    let path = PathBuf::from(file);
    let (message, envelope) = (message.clone(), envelope.clone());
    if path.is_dir() {
        return match folder(&path) {
            Ok(paths) => Box::new(paths.into_iter().map(move |path| from_file(&path, &message, &envelope))),
            Err(why) => Box::new(std::iter::once(Err(Failure::read(path.display(), &why)))),
        };
    }
    if is_mbox(&path) {
        let name = path.display().to_string();
        return match File::open(&path) {
            Ok(file) => Box::new(Messages::new(BufReader::new(file)).enumerate().map(move |(at, bytes)| {
                let bytes = bytes.map_err(|e| Failure::read(&name, &e))?;
                from_bytes(format!("{name}#{}", at + 1), &bytes, &message, &envelope)
            })),
            Err(why) => Box::new(std::iter::once(Err(Failure::read(path.display(), &why)))),
        };
    }
    Box::new(std::iter::once(from_file(&path, &message, &envelope)))
}

fn is_mbox(path: &Path) -> bool {
    let mut start = [0; 5];
    path.is_file()
        && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && &start == b"From "
}

/// The message files of a folder in the order of their names; of a Maildir, those in `new` and `cur`.
fn folder(path: &Path) -> io::Result<Vec<PathBuf>> {
    let inner: Vec<PathBuf> =
        ["new", "cur"].iter().map(|name| path.join(name)).filter(|path| path.is_dir()).collect();
    let folders = if inner.len() == 2 { inner } else { vec![path.to_owned()] };
    let mut all = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if !hidden && entry.path().is_file() {
                all.push(entry.path());
            }
        }
    }
    all.sort();
    Ok(all)
}

/// How much of a file is looked at for its header.
const HEADER: usize = 256 << 10;

/// Whether the whole header is here and nothing of it has to go.
fn is_clean(start: &[u8]) -> bool {
    let empty_line = || start.split(|b| *b == b'\n').any(|line| line.trim_ascii().is_empty());
    let whole = start.len() < HEADER || empty_line();
    whole && matches!(without_bcc(start), Cow::Borrowed(_))
}

/// A message file, without its Bcc fields. One that has none stays a file, however large it is.
fn from_file(path: &Path, message: &SmtpMessage, envelope: &SmtpEnvelope) -> Result<Job> {
    let name = path.display().to_string();
    let failed = |e: io::Error| Failure::read(&name, &e);
    let mut file = File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    let is_file = file.metadata().map_err(failed)?.is_file();
    (&mut file).take(HEADER as u64).read_to_end(&mut start).map_err(failed)?;
    if is_file && is_clean(&start) {
        let envelope = compose::envelope_of(&start, message, envelope).map_err(|f| named(f, &name))?;
        return Ok(Job::new(name, Content::new(vec![Part::File(path.to_owned())]), envelope));
    }
    file.read_to_end(&mut start).map_err(failed)?;
    from_bytes(name, &start, message, envelope)
}

/// One message.
pub fn only(name: &str, bytes: &[u8], message: &SmtpMessage, envelope: &SmtpEnvelope) -> Result<Jobs> {
    let job = from_bytes(name.to_owned(), bytes, message, envelope)?;
    Ok(Box::new(std::iter::once(Ok(job))))
}

fn from_bytes(name: String, bytes: &[u8], message: &SmtpMessage, envelope: &SmtpEnvelope) -> Result<Job> {
    let envelope = compose::envelope_of(bytes, message, envelope).map_err(|f| named(f, &name))?;
    Ok(Job::new(name, Content::bytes(&without_bcc(bytes)), envelope))
}

fn named(failure: Failure, name: &str) -> Failure {
    failure.reworded(|words| format!("{name}: {words}"))
}

/// One message for each line.
fn merged(lines: &str, message: &SmtpMessage, envelope: &SmtpEnvelope) -> Result<Jobs> {
    let reader: Box<dyn BufRead + Send> = if lines == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(lines).map_err(|e| Failure::read(lines, &e))?))
    };
    let (message, envelope, file) = (compose::loaded(message)?, envelope.clone(), lines.to_owned());
    let make = move |(at, line): (usize, io::Result<String>)| -> Option<Result<Job>> {
        let name = format!("{file}:{}", at + 1);
        let line = match line {
            Ok(line) if line.trim().is_empty() => return None,
            Ok(line) => line,
            Err(why) => return Some(Err(Failure::read(name, &why))),
        };
        Some(one_merged(&name, &line, &message, &envelope).map_err(|f| named(f, &name)))
    };
    Ok(Box::new(reader.lines().enumerate().filter_map(make)))
}

fn one_merged(name: &str, line: &str, message: &SmtpMessage, envelope: &SmtpEnvelope) -> Result<Job> {
    let record: Value = serde_json::from_str(line).map_err(|e| Failure::new(Kind::Usage, e))?;
    let record = record.as_object().ok_or_else(|| Failure::new(Kind::Usage, "it is no JSON object"))?;
    let message = template::merge(message, record)?;
    let rcpt = envelope.rcpt.iter().map(|text| template::fill(text, record)).collect::<Result<_>>()?;
    let envelope = SmtpEnvelope { rcpt, ..envelope.clone() };
    let made = compose::envelope(&message, &envelope)?;
    let content = compose::build(&message, envelope.mail_from.as_deref())?;
    Ok(Job::new(name.to_owned(), content, made))
}
