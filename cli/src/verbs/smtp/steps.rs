//! `--stop-after`: a session up to a step, and what the server said in it.

use netkit_smtp::command::{Data, Rcpt};
use netkit_smtp::{Capabilities, Client, Envelope, Error, Options, Recipient, Survey, Until};
use serde_json::{Map, Value, json};

use super::jobs::Job;
use super::session::{Opener, leave};
use super::show;
use crate::args::Step;
use crate::failure::{Failure, Result};

/// Holds the session and prints it.
pub fn stop_after(opener: &Opener<'_>, job: Job, options: &Options, last: Step) -> Result<()> {
    let mut said = Map::new();
    let outcome = hold(opener, job, options, last, &mut said);
    said.insert("stopped_after".into(), Value::from(format!("{last:?}").to_lowercase()));
    let mut output = opener.run.output()?;
    if opener.run.json() {
        output.line(&Value::Object(said).to_string())?;
    } else {
        for (step, value) in &said {
            for one in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
                let text = one.as_str().map_or_else(|| text_of(one), str::to_owned);
                output.line(&format!("{step}: {}", text.replace('\n', " / ")))?;
            }
        }
    }
    output.finish()?;
    outcome
}

/// A reply as a line.
fn text_of(value: &Value) -> String {
    let address = value["address"].as_str().map(|address| format!("{address} ")).unwrap_or_default();
    format!("{address}{} {}", value["code"], value["text"].as_str().unwrap_or_default())
}

fn hold(
    opener: &Opener<'_>,
    job: Job,
    options: &Options,
    last: Step,
    said: &mut Map<String, Value>,
) -> Result<()> {
    let until = match last {
        Step::Banner => Until::Greeting,
        Step::Hello => Until::Hello,
        _ => Until::Ready,
    };
    let (mut client, report) = opener.dial(until)?;
    said.insert("banner".into(), show::reply(&report.greeting));
    if last == Step::Banner {
        leave(client);
        return Ok(());
    }
    let first = report.before_tls.as_ref().unwrap_or(client.capabilities());
    said.insert("hello".into(), offers(first));
    if last == Step::Hello {
        leave(client);
        return Ok(());
    }
    if let Some(tls) = &report.dial.tls {
        said.insert("tls".into(), json!(format!("{} {}", tls.version, tls.cipher)));
        if report.before_tls.is_some() {
            said.insert("hello_under_tls".into(), offers(client.capabilities()));
        }
    }
    if last == Step::Tls {
        leave(client);
        return Ok(());
    }
    opener.login(&mut client, &report)?;
    if last == Step::Auth {
        leave(client);
        return Ok(());
    }
    let outcome = envelope(&mut client, job, options, last, said);
    match (&outcome, last) {
        // The server waits for a message: only the end of the connection tells it that there is none.
        (Ok(()), Step::Data) => drop(client),
        _ => leave(client),
    }
    outcome.map_err(|e| opener.about(e))
}

fn envelope(
    client: &mut Client,
    job: Job,
    options: &Options,
    last: Step,
    said: &mut Map<String, Value>,
) -> std::result::Result<(), Error> {
    let mut source = job.content.open(Vec::new());
    let survey = Survey::of(&mut source).map_err(Error::Source)?;
    let Envelope { to, .. } = &job.envelope;
    let mut mail = client.plan(&job.envelope, &survey, false)?;
    mail.parameters = options.mail.clone();
    let mut transaction = client.transaction(mail)?;
    if last == Step::Mail {
        transaction.settle()?;
        said.insert("mail".into(), json!("taken"));
        return transaction.abort();
    }
    for to in to {
        transaction.rcpt(Rcpt { parameters: options.rcpt.clone(), ..Rcpt::new(to.clone()) })?;
    }
    let recipients: Vec<Recipient> = transaction.settle()?.to_vec();
    said.insert("mail".into(), json!("taken"));
    said.insert("rcpt".into(), recipients.iter().map(show::recipient).collect());
    if !recipients.iter().any(Recipient::is_accepted) {
        return Err(Error::NoRecipient(recipients));
    }
    if last == Step::Rcpt {
        return transaction.abort();
    }
    drop(transaction);
    let leave = client.run(Data)?;
    said.insert("data".into(), show::reply(&leave));
    Ok(())
}

fn offers(capabilities: &Capabilities) -> Value {
    capabilities.extensions().iter().map(|one| Value::from(one.to_string())).collect()
}

impl From<Step> for Failure {
    fn from(step: Step) -> Failure {
        Failure::new(crate::failure::Kind::Usage, format!("--stop-after {step:?} takes one message"))
    }
}
