//! `netkit nntp post`: a ready-made article, one made of the options, or a file in yEnc.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use netkit_nntp::yenc::{self, Slice};
use netkit_nntp::{Client, Error, Group, MessageId, Place};
use netkit_smtp::message::{Attachment, Content, Message};
use quick_xml::escape::escape;
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, NntpPost};
use crate::failure::{Failure, Kind, Result};
use crate::mime;
use crate::run::Run;

/// The largest article, in bytes.
const LARGEST: u64 = 256 << 20;

fn usage(why: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Usage, why)
}

pub fn post(args: &NntpPost, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    if words.len() > 1 {
        return Err(usage("one article at a time"));
    }
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let ready = words.first().map(|word| load(word)).transpose()?;
    let mut poster = Poster { run: &run, opener: &opener, client: None, posted: Vec::new(), args };
    let outcome = match ready {
        Some(article) => check(&article).and_then(|()| poster.one(&article)),
        None if args.yenc.is_empty() => poster.compose().and_then(|article| poster.one(&article)),
        None => args.yenc.iter().try_for_each(|path| poster.file(path)),
    };
    if let Some(client) = poster.client.take() {
        session::leave(client);
    }
    outcome
}

/// The file's bytes, or stdin's.
fn load(name: &str) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    let read = match name {
        "-" => std::io::stdin().take(LARGEST + 1).read_to_end(&mut data),
        path => File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut data)),
    };
    read.map_err(|e| Failure::read(name, &e))?;
    if data.len() as u64 > LARGEST {
        return Err(Failure::new(Kind::Limit, format!("{name} is larger than 256 MiB")));
    }
    Ok(data)
}

/// The fields that an article must have before anything is sent (RFC 5536 section 3.1); the others are the server's to add.
fn check(article: &[u8]) -> Result<()> {
    for name in ["From", "Newsgroups", "Subject"] {
        if !mime::header_has(article, name, "") {
            return Err(usage(format!("the article has no {name} field")));
        }
    }
    Ok(())
}

struct Poster<'p> {
    run: &'p Run<'p>,
    opener: &'p Opener<'p>,
    args: &'p NntpPost,
    client: Option<Client>,
    /// Message id and size of each article of the file.
    posted: Vec<(String, usize)>,
}

impl Poster<'_> {
    /// The groups of the options, or of the URL.
    fn groups(&self) -> Result<String> {
        let mut names = self.args.group.clone();
        if let (true, Place::Group(group)) = (names.is_empty(), &self.opener.target.place) {
            names.push(group.to_string());
        }
        if names.is_empty() {
            return Err(usage("to which group?").hint("--group names one"));
        }
        names.iter().try_for_each(|name| Group::new(name).map(|_| ())).map_err(Error::from)?;
        Ok(names.join(","))
    }

    fn message(&self) -> Result<Message> {
        let from = self.args.from.as_deref().ok_or_else(|| usage("from whom?").hint("--from ADDRESS"))?;
        let from = from.parse().map_err(|e: netkit_smtp::Invalid| usage(e))?;
        let mut unique = [0; 16];
        getrandom::fill(&mut unique)
            .map_err(|e| Failure::new(Kind::Unsupported, format!("no randomness: {e}")))?;
        let unique: String = unique.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut message = Message::new(from, jiff::Timestamp::now().as_second(), &unique);
        message.headers.push(("Newsgroups".to_owned(), self.groups()?));
        if !self.args.reference.is_empty() {
            let ids = self.args.reference.iter().map(|id| {
                let bare = id.trim_start_matches('<').trim_end_matches('>');
                MessageId::new(&format!("<{bare}>")).map(|id| id.to_string()).map_err(Error::from)
            });
            let ids: Vec<String> = ids.collect::<std::result::Result<_, _>>()?;
            message.headers.push(("References".to_owned(), ids.join(" ")));
        }
        for header in &self.args.header {
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| usage(format!("--header {header}: a field is NAME: VALUE")))?;
            message.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        Ok(message)
    }

    fn compose(&self) -> Result<Vec<u8>> {
        let mut message = self.message()?;
        let subject = self.args.subject.clone();
        message.subject = Some(subject.ok_or_else(|| usage("about what?").hint("--subject TEXT"))?);
        let text =
            self.args.body.as_deref().ok_or_else(|| usage("no text").hint("--body TEXT, or a file"))?;
        message.text = Some(match text.strip_prefix('@') {
            Some(name) => {
                String::from_utf8(load(name)?).map_err(|_| usage(format!("--body: {name} is not UTF-8")))?
            }
            None => text.to_owned(),
        });
        for path in &self.args.attach {
            let content = Content::Here(load(&path.to_string_lossy())?);
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            message.attachments.push(Attachment {
                name,
                media_type: "application/octet-stream".to_owned(),
                content,
            });
        }
        message.build().map_err(usage)
    }

    /// Posts an article, over a connection that is made when it is needed.
    fn one(&mut self, article: &[u8]) -> Result<()> {
        if self.args.dry_run {
            let mut output = self.run.output()?;
            output.write_all(article).map_err(|e| Failure::copy(output.name(), e))?;
            return output.finish();
        }
        let about = |e: Error| self.opener.about(e);
        let client = match &mut self.client {
            Some(client) => client,
            none => none.insert(self.opener.open()?),
        };
        let mut post = client.post().map_err(about)?;
        post.write_all(article).map_err(|e| Failure::copy("the article", e))?;
        let reply = post.finish().map_err(|error| match error {
            Error::Wire(_) => {
                let why = "the connection broke behind the article's end: it was posted or not";
                Failure::new(Kind::OutcomeUnknown, why).with(&self.opener.target.endpoint)
            }
            error => about(error),
        })?;
        let mut output = self.run.output()?;
        if self.run.json() {
            let id = mime::message_id(article);
            output.line(
                &json!({ "posted": true, "message_id": id, "answer": reply.to_string() }).to_string(),
            )?;
        } else if !self.run.net.output.quiet {
            output.line(&reply.to_string())?;
        }
        output.finish()
    }

    /// A file in as many articles as it needs.
    fn file(&mut self, path: &Path) -> Result<()> {
        let shown = path.display().to_string();
        let mut file = File::open(path).map_err(|e| Failure::read(&shown, &e))?;
        let size = file.metadata().map_err(|e| Failure::read(&shown, &e))?.len();
        let part_size = self.args.part_size.clamp(1, 16 << 20);
        let total = size.div_ceil(part_size).max(1);
        let total = u32::try_from(total).map_err(|_| usage(format!("{shown} has too many parts")))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let title = self.args.subject.as_deref().map(|text| format!("{text} ")).unwrap_or_default();
        self.posted.clear();
        let mut data = Vec::new();
        for number in 1..=total {
            data.clear();
            let read = Read::by_ref(&mut file).take(part_size).read_to_end(&mut data);
            read.map_err(|e| Failure::read(&shown, &e))?;
            let mut message = self.message()?;
            message.subject = Some(format!("{title}\"{name}\" yEnc ({number}/{total})"));
            message.text = Some(String::new());
            let mut article = message.build().map_err(usage)?;
            // The header alone is of the message; yEnc is no MIME.
            article.truncate(mime::head_len(&article));
            let offset = u64::from(number - 1) * part_size;
            yenc::encode(&name, &data, yenc::LINE, Some(Slice { number, total, offset, size }), &mut article);
            self.one(&article)?;
            let id = mime::message_id(&article).unwrap_or_default();
            self.posted.push((id, article.len()));
        }
        match &self.args.nzb {
            Some(nzb) => self.describe(nzb, &name),
            None => Ok(()),
        }
    }

    /// An NZB file of what was posted last.
    fn describe(&self, path: &Path, name: &str) -> Result<()> {
        let total = self.posted.len();
        let subject = format!("\"{name}\" yEnc (1/{total})");
        let poster = self.args.from.as_deref().unwrap_or_default();
        let groups = self.groups()?;
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        text.push_str("<nzb xmlns=\"http://www.newzbin.com/DTD/2003/nzb\">\n");
        let date = jiff::Timestamp::now().as_second();
        let (poster, subject) = (escape(poster), escape(&subject));
        text.push_str(&format!(
            "  <file poster=\"{poster}\" date=\"{date}\" subject=\"{subject}\">\n    <groups>\n"
        ));
        for group in groups.split(',') {
            text.push_str(&format!("      <group>{}</group>\n", escape(group)));
        }
        text.push_str("    </groups>\n    <segments>\n");
        for (at, (id, bytes)) in self.posted.iter().enumerate() {
            let id = escape(id.as_str());
            text.push_str(&format!(
                "      <segment bytes=\"{bytes}\" number=\"{}\">{id}</segment>\n",
                at + 1
            ));
        }
        text.push_str("    </segments>\n  </file>\n</nzb>\n");
        std::fs::write(path, text).map_err(|e| Failure::write(path.display(), &e))
    }
}
