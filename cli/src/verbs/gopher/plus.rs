//! Gopher+: attributes, views, and forms filled in from the command line or the terminal.

use std::io::{IsTerminal, Write};

use netkit_gopher::plus::{
    Answer, Attributes, Name, Plus, Question, QuestionKind, Wanted as Ask, encode_answers,
};
use netkit_gopher::{Error, Request, Target};
use netkit_socket::Dialer;
use netkit_wire::escape;
use serde_json::{Map, Value, json};

use super::list::View;
use crate::args::GopherAttributes;
use crate::charset::Charset;
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;

/// The longest file that is sent as an answer.
const FILE: u64 = 1 << 20;

/// What `get` was told beside the target.
pub struct Wanted<'a> {
    pub view: Option<&'a str>,
    /// A form is to be filled in.
    pub ask: bool,
    pub answers: &'a [String],
}

pub fn get(run: &Run<'_>, target: &Target, wanted: &Wanted<'_>, charset: Option<Charset>) -> Result<()> {
    let view = name(wanted.view.unwrap_or_default())?;
    if run.net.output.offline {
        let plus = Some(Plus::new(Ask::Content(view)));
        let request = Request { plus, ..Request::new(target.selector.clone(), target.query.clone()) };
        return super::offline(run, &request);
    }
    let data = if wanted.ask { Some(fill_in(run, target, wanted.answers)?) } else { None };
    let (client, dial) = super::dial(run, target)?;
    let data = match data {
        Some(filled) if filled.secret && !(dial.is_private() || run.net.login.insecure_auth) => {
            let what = "the form asks for a password, which would go in clear";
            return Err(Failure::new(Kind::Login, what).hint("gophers:// or --tls, or --insecure-auth"));
        }
        filled => filled.map(|filled| filled.data),
    };
    let document = client.view(&target.selector, target.query.as_ref(), view, data)?;
    let is_text =
        wanted.view.map_or(target.kind.is_text(), |view| view.to_ascii_lowercase().starts_with("text/"));
    super::get::save(run, document, is_text, charset)
}

/// A form, filled in.
pub struct Filled {
    pub data: Vec<u8>,
    /// A password is in it.
    pub secret: bool,
}

/// Asks the server for the form of the item and somebody for the answers.
fn fill_in(run: &Run<'_>, target: &Target, answers: &[String]) -> Result<Filled> {
    let (client, _) = super::dial(run, target)?;
    let (item, _) = client.attributes(&target.selector, Name::default())?;
    let questions = item.questions();
    if !questions.iter().any(|question| question.kind.is_asked()) {
        return Err(Failure::new(Kind::Unsupported, "the item has no form to fill in"));
    }
    let mut given = answers.iter();
    let mut filled = Vec::new();
    for question in &questions {
        if !question.kind.is_asked() {
            if std::io::stdin().is_terminal() && answers.is_empty() {
                anstream::eprintln!("{}", escape(question.prompt.as_bytes()));
            }
            continue;
        }
        filled.push(match given.next() {
            Some(words) => answer(question, words)?,
            None if std::io::stdin().is_terminal() => ask(question)?,
            None => question.default_answer(),
        });
    }
    if given.next().is_some() {
        return Err(Failure::new(Kind::Usage, "there are more answers than questions"));
    }
    let secret = questions.iter().any(|question| question.kind == QuestionKind::Password);
    Ok(Filled { data: encode_answers(&filled), secret })
}

/// An answer in words; that of a question for a file is its name.
pub fn answer(question: &Question, words: &str) -> Result<Answer> {
    if question.kind == QuestionKind::File {
        use std::io::Read;
        let failed = |e: std::io::Error| Failure::new(Kind::Read, format!("{words}: {e}"));
        let mut text = Vec::new();
        std::fs::File::open(words).map_err(failed)?.take(FILE + 1).read_to_end(&mut text).map_err(failed)?;
        if text.len() as u64 > FILE {
            return Err(Failure::new(Kind::Limit, format!("{words}: more than {FILE} bytes for an answer")));
        }
        let lines = text.strip_suffix(b"\n").unwrap_or(&text).split(|b| *b == b'\n');
        return Ok(Answer::Lines(lines.map(|line| line.trim_ascii_end().to_vec()).collect()));
    }
    question.answer(words).map_err(|why| {
        let prompt = escape(question.prompt.as_bytes()).into_owned();
        Failure::new(Kind::Usage, format!("{prompt} {why}{}", choices(question)))
    })
}

fn choices(question: &Question) -> String {
    match question.kind {
        QuestionKind::Choose => {
            let names: Vec<_> = question.choices.iter().map(|choice| escape(choice.as_bytes())).collect();
            format!(" ({})", names.join(", "))
        }
        QuestionKind::Select => " (yes, no)".to_owned(),
        QuestionKind::File => " (a file, whose lines the server gets)".to_owned(),
        QuestionKind::Lines => " (several lines; an empty one ends them)".to_owned(),
        _ => match question.choices.first().filter(|first| !first.as_bytes().is_empty()) {
            Some(first) => format!(" [{}]", escape(first.as_bytes())),
            None => String::new(),
        },
    }
}

/// On the terminal, until the answer is one.
fn ask(question: &Question) -> Result<Answer> {
    let failed = |e: std::io::Error| Failure::new(Kind::Read, format!("the terminal: {e}"));
    let prompt = format!("{}{} ", escape(question.prompt.as_bytes()), choices(question));
    loop {
        if question.kind == QuestionKind::Password {
            let word = rpassword::prompt_password(&prompt).map_err(failed)?;
            return answer(question, &word);
        }
        anstream::eprint!("{prompt}");
        let _ = std::io::stderr().flush();
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if std::io::stdin().read_line(&mut line).map_err(failed)? == 0 {
                return Err(Failure::new(Kind::Read, "the form was not filled in"));
            }
            let line = line.trim_end_matches(['\n', '\r']);
            if question.kind != QuestionKind::Lines {
                line.clone_into(&mut text);
                break;
            }
            if line.is_empty() {
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        if text.is_empty() {
            return Ok(question.default_answer());
        }
        match answer(question, &text) {
            Ok(answer) => return Ok(answer),
            Err(failure) => anstream::eprintln!("{}", failure.message),
        }
    }
}

pub fn attributes(run: &Run<'_>, target: &Target, args: &GopherAttributes) -> Result<()> {
    let names: String =
        args.only.iter().map(|name| format!("+{}", name.trim().to_ascii_uppercase())).collect();
    let names = name(&names)?;
    if run.net.output.offline {
        let ask = if args.items { Ask::Listing(names) } else { Ask::Attributes(names) };
        let request = Request { plus: Some(Plus::new(ask)), ..Request::new(target.selector.clone(), None) };
        return super::offline(run, &request);
    }
    let dialer = run.dialer_for("gopher")?;
    let items = match told(run, &dialer, target, args.items, names) {
        // Servers that know the question may not know it with names: pygopherd takes it for one of the old kind.
        Err(Error::NotPlus(_)) if !args.only.is_empty() => {
            let mut items = told(run, &dialer, target, args.items, Name::default())?;
            let wanted = |name: &str| {
                name == "INFO" || args.only.iter().any(|one| one.trim().eq_ignore_ascii_case(name))
            };
            items.iter_mut().for_each(|item| item.blocks.retain(|block| wanted(&block.name.to_str_lossy())));
            items
        }
        items => items?,
    };
    let mut output = run.output()?;
    let view = View { target, charset: Charset::Auto };
    for (i, item) in items.iter().enumerate() {
        if run.json() {
            output.line(&as_json(item, &view).to_string())?;
            continue;
        }
        if i > 0 {
            output.line("")?;
        }
        print(&mut output, item, &view)?;
    }
    output.finish()
}

/// Asks for the attributes of an item, or of all those in a menu.
fn told(
    run: &Run<'_>,
    dialer: &Dialer,
    target: &Target,
    all: bool,
    names: Name,
) -> std::result::Result<Vec<Attributes>, Error> {
    let (client, _) =
        netkit_gopher::connect(target, dialer, netkit_wire::Limits::default(), run.dialogue.tap())?;
    Ok(match all {
        true => client.listing(&target.selector, names)?.0,
        false => vec![client.attributes(&target.selector, names)?.0],
    })
}

fn print(output: &mut Output, item: &Attributes, view: &View<'_>) -> Result<()> {
    for block in &item.blocks {
        let name = escape(block.name.as_bytes()).to_lowercase();
        if name == "info"
            && let Some(item) = item.info()
        {
            output.line(&format!(
                "{}: {}",
                item.kind.name(),
                view.charset.decode(item.display.as_bytes())
            ))?;
            output.line(&format!("url: {}", item.url_from(view.target).unwrap_or_default()))?;
            continue;
        }
        output.line(format!("{name}: {}", view.charset.decode(block.inline.as_bytes())).trim_end())?;
        for line in &block.lines {
            output.line(&format!("  {}", view.charset.decode(line.as_bytes())))?;
        }
    }
    Ok(())
}

fn as_json(item: &Attributes, view: &View<'_>) -> Value {
    let text = |bytes: &[u8]| view.charset.decode(bytes).into_owned();
    let views: Vec<Value> = item
        .views()
        .iter()
        .map(|one| json!({ "view": one.name(), "type": one.kind, "language": one.language, "bytes": one.bytes() }))
        .collect();
    let question = |question: &Question| {
        let choices: Vec<String> = question.choices.iter().map(|choice| text(choice.as_bytes())).collect();
        json!({ "kind": question.kind.word(), "prompt": text(question.prompt.as_bytes()), "choices": choices })
    };
    let form: Vec<Value> = item.questions().iter().map(question).collect();
    let mut others = Map::new();
    for block in &item.blocks {
        let name = text(block.name.as_bytes()).to_ascii_lowercase();
        if !["info", "admin", "views", "abstract", "ask"].contains(&name.as_str()) {
            let inline = Some(&block.inline).filter(|text| !text.as_bytes().is_empty());
            let lines: Vec<String> =
                inline.into_iter().chain(&block.lines).map(|line| text(line.as_bytes())).collect();
            others.insert(name, Value::from(lines.join("\n")));
        }
    }
    json!({
        "item": item.info().map(|item| view.item_as_json(&item)), "admin": item.admin(), "modified": item.modified(),
        "views": views, "abstract": item.abstract_text(), "form": form, "other": others,
    })
}

fn name(text: &str) -> Result<Name> {
    Ok(Name::new(text.as_bytes()).map_err(Error::from)?)
}

/// Whether the server answers a question of Gopher+; one that breaks off does not.
pub fn is_spoken(run: &Run<'_>, target: &Target) -> bool {
    let asked = || {
        let (client, _) = super::dial(run, target)?;
        Ok::<_, Failure>(client.attributes(&target.selector, Name::default()))
    };
    matches!(asked(), Ok(Ok(_)))
}
