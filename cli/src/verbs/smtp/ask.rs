//! `verify`, `expn` and `raw`: questions to a server.

use netkit_smtp::command::Raw;
use netkit_smtp::{Client, CommandText, Error};
use netkit_wire::Reply;

use super::session::{self, Opener};
use super::show;
use crate::aim;
use crate::args::{Global, SmtpAsk, SmtpRaw};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::run::Run;

pub fn verify(args: &SmtpAsk, global: &Global) -> Result<()> {
    ask(args, global, "a user", |client, about| client.vrfy(about))
}

pub fn expn(args: &SmtpAsk, global: &Global) -> Result<()> {
    ask(args, global, "a list", |client, about| client.expn(about))
}

fn ask(
    args: &SmtpAsk,
    global: &Global,
    what: &str,
    question: impl Fn(&mut Client, &CommandText) -> std::result::Result<Reply, Error>,
) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, about) =
        session::target_and_word(&run, args.target.as_deref(), args.about.as_deref(), what)?;
    let about = CommandText::new(about).map_err(|e| Failure::from(Error::from(e)))?;
    let target = session::aim(&mut run, target, &args.session)?;
    let opener = Opener::new(&run, target, &args.session)?;
    let (mut client, _) = opener.open()?;
    let answer = question(&mut client, &about);
    session::leave(client);
    let mut output = run.output()?;
    say(&run, &mut output, &answer.map_err(|e| opener.about(e))?)?;
    output.finish()
}

/// The lines of a reply, or the reply as JSON.
fn say(run: &Run<'_>, output: &mut Output, reply: &Reply) -> Result<()> {
    if run.json() {
        return output.line(&show::reply(reply).to_string());
    }
    reply.lines().iter().try_for_each(|line| output.line(&format!("{} {line}", reply.code())))
}

pub fn raw(args: &SmtpRaw, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let given = |text: &String| Raw::new(text).map_err(|e| Failure::from(Error::from(e)));
    let lines: Vec<Raw> = aim::lines(words)?.iter().map(given).collect::<Result<_>>()?;
    let target = session::aim(&mut run, target, &args.session)?;
    let opener = Opener::new(&run, target, &args.session)?;
    let (mut client, _) = opener.open()?;
    let mut output = run.output()?;
    let mut failure = None;
    for line in lines {
        match client.run(line) {
            Ok(reply) => say(&run, &mut output, &reply)?,
            Err(Error::Refused(reply)) => {
                say(&run, &mut output, &reply)?;
                failure.get_or_insert(opener.about(Error::Refused(reply)));
            }
            Err(why) => {
                output.finish()?;
                return Err(opener.about(why));
            }
        }
    }
    session::leave(client);
    output.finish()?;
    failure.map_or(Ok(()), Err)
}
