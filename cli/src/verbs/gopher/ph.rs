//! `netkit gopher ph`: somebody looked up in a phone book.

use netkit_gopher::Error;
use netkit_gopher::cso::{self, Lookup, PORT, PhoneBook};
use netkit_socket::{Location, Scheme, Security};
use netkit_wire::{Limits, escape};
use serde_json::{Map, Value, json};

use crate::args::GopherPh;
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::{Protocol, Run};

const SCHEMES: [Scheme; 2] = [
    Scheme { name: "cso", port: PORT, security: Security::Plain },
    Scheme { name: "ph", port: PORT, security: Security::Plain },
];

pub fn run(run: &mut Run<'_>, args: &GopherPh) -> Result<()> {
    super::refuse_starttls(run)?;
    let lookup = match args.words.as_slice() {
        [] => None,
        words => Some(Lookup::from_words(words.iter().map(String::as_str)).map_err(Error::from)?),
    };
    if run.net.output.offline {
        return offline(run, args, lookup.as_ref());
    }
    let located = Location::parse(&run.target_text(Some(&args.target), "cso")?, &SCHEMES);
    let mut endpoint = located.map_err(|e| Failure::new(Kind::Target, e))?.endpoint;
    let tls = run.net.tls.tls;
    endpoint = match run.mock(Protocol::Ph, tls)? {
        Some(mock) => mock,
        None => run.with_port(endpoint)?,
    };
    let asked = || {
        let dialer = run.dialer_for("cso")?;
        let (mut book, _) = cso::connect(&endpoint, tls, &dialer, Limits::default(), run.dialogue.tap())?;
        let mut output = run.output()?;
        show(run, &mut output, &mut book, args, lookup.as_ref())?;
        // What was asked for is here; a book that does not say goodbye takes nothing away.
        let _ = book.quit();
        output.finish()
    };
    asked().map_err(|failure: Failure| failure.with(&endpoint))
}

fn show(
    run: &Run<'_>,
    output: &mut Output,
    book: &mut PhoneBook,
    args: &GopherPh,
    lookup: Option<&Lookup>,
) -> Result<()> {
    if args.fields {
        for field in book.fields()? {
            match run.json() {
                true => output.line(
                    &json!({ "name": field.name, "properties": field.properties, "about": field.about })
                        .to_string(),
                )?,
                false => output.line(&format!("{}\t{}\t{}", field.name, field.about, field.properties))?,
            }
        }
    } else if let Some(lookup) = lookup {
        let found = book.query(lookup)?;
        if found.is_empty() {
            return Err(Failure::new(Kind::NotFound, "the phone book knows nobody like that"));
        }
        for (i, record) in found.iter().enumerate() {
            if run.json() {
                let fields =
                    record.fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
                output.line(&Value::Object(fields.collect::<Map<_, _>>()).to_string())?;
                continue;
            }
            if i > 0 {
                output.line("")?;
            }
            for (name, value) in &record.fields {
                let mut name = escape(name.as_bytes()).into_owned();
                for line in value.split('\n') {
                    output.line(&format!("{:12} {line}", format!("{name}:")))?;
                    name.clear();
                }
            }
        }
    } else {
        let facts = book.site_info()?;
        match run.json() {
            true => {
                let facts = facts.into_iter().map(|(name, value)| (name, Value::from(value)));
                output.line(&Value::Object(facts.collect::<Map<_, _>>()).to_string())?;
            }
            false => {
                for (name, value) in facts {
                    output.line(&format!("{name}\t{value}"))?;
                }
            }
        }
    }
    Ok(())
}

fn offline(run: &Run<'_>, args: &GopherPh, lookup: Option<&Lookup>) -> Result<()> {
    let mut bytes = Vec::new();
    match lookup {
        Some(lookup) => lookup.encode(&mut bytes),
        None => cso::encode_command(if args.fields { "fields" } else { "siteinfo" }, &mut bytes),
    }
    let mut output = run.output()?;
    std::io::Write::write_all(&mut output, &bytes).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}
