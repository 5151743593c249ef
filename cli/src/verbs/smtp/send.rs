//! `netkit smtp send` and `sendmail`: every message over one connection or several, tried again where that is safe.

mod worker;

use std::sync::Mutex;
use std::sync::mpsc;

use super::compose;
use super::jobs::{self, Job, Jobs};
use super::session::{self, Opener};
use super::show::Fate;
use super::sign::Signer;
use super::{options, relay, steps};
use crate::args::{Global, SmtpEnvelope, SmtpMany, SmtpMessage, SmtpSend, SmtpSendmail, Step};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;
use worker::{Queue, Worker};

/// What is sent, and how; the same for a relay and for direct delivery.
pub struct Task<'a> {
    pub options: netkit_smtp::Options,
    pub many: &'a SmtpMany,
    pub signer: Option<Signer>,
    /// Results carry names.
    pub named: bool,
}

pub fn send(args: &SmtpSend, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, files) = positional(args, run.is_mock());
    let (jobs, named) = jobs::jobs(&files, &args.message, &args.envelope)?;
    let options = options::options(&args.envelope, &args.many)?;
    let task = Task { options, many: &args.many, signer: Signer::new(&args.dkim)?, named };
    if run.net.output.offline {
        return rehearse(&run, &args.session.hello, jobs, &task);
    }
    if args.mx.mx {
        return relay::deliver(&run, jobs, &task, args);
    }
    let target = session::aim(&mut run, target, &args.session)?;
    let opener = Opener::new(&run, target, &args.session)?;
    if let Some(last) = args.many.stop_after {
        return stop(&opener, jobs, &task, last);
    }
    deliver(&opener.impatient(), jobs, &task)
}

/// One word that is a file is the message where no target is needed.
fn positional(args: &SmtpSend, mock: bool) -> (Option<&str>, Vec<String>) {
    let no_target = args.mx.mx
        || mock
            && args.files.is_empty()
            && args.target.as_deref().is_some_and(|word| word == "-" || std::path::Path::new(word).exists());
    if no_target {
        let files = args.target.iter().chain(&args.files).cloned().collect();
        return (None, files);
    }
    (args.target.as_deref(), args.files.clone())
}

fn stop(opener: &Opener<'_>, mut jobs: Jobs, task: &Task<'_>, last: Step) -> Result<()> {
    match (jobs.next(), task.named) {
        (Some(job), false) => steps::stop_after(opener, job?, &task.options, last),
        _ => Err(Failure::from(last)),
    }
}

/// Everything that would be sent, to a server that says yes.
fn rehearse(run: &Run<'_>, hello: &Option<String>, jobs: Jobs, task: &Task<'_>) -> Result<()> {
    let mut output = run.output()?;
    let hello = session::hello(hello.as_deref())?;
    for job in jobs {
        let job = job?;
        let mut source = source(&job, task)?;
        let bytes = netkit_smtp::rehearse(&hello, &job.envelope, &task.options, &mut source)?;
        std::io::Write::write_all(&mut output, &bytes).map_err(|e| Failure::write("stdout", &e))?;
    }
    output.finish()
}

/// The message as it is sent, with its signature where it is to have one.
pub fn source(job: &Job, task: &Task<'_>) -> Result<jobs::Source> {
    let head = match &task.signer {
        Some(signer) => signer.sign(&job.content, &job.envelope)?,
        None => Vec::new(),
    };
    Ok(job.content.open(head))
}

/// All messages to one server.
pub fn deliver(opener: &Opener<'_>, jobs: Jobs, task: &Task<'_>) -> Result<()> {
    let mut printer = Printer::new(opener.run, task)?;
    let queue = Mutex::new(Queue::new(jobs));
    let (told, fates) = mpsc::sync_channel::<Fate>(64);
    std::thread::scope(|scope| {
        for _ in 0..task.many.connections {
            let worker = Worker { opener, task, queue: &queue, told: told.clone() };
            scope.spawn(move || worker.work());
        }
        drop(told);
        fates.iter().try_for_each(|fate| printer.print(fate))
    })?;
    printer.finish()
}

/// Prints what became of each message, and keeps the first failure.
pub struct Printer<'r> {
    run: &'r Run<'r>,
    output: crate::output::Output,
    named: bool,
    failure: Option<Failure>,
    failed: usize,
    all: usize,
}

impl<'r> Printer<'r> {
    pub fn new(run: &'r Run<'r>, task: &Task<'_>) -> Result<Printer<'r>> {
        Ok(Printer { run, output: run.output()?, named: task.named, failure: None, failed: 0, all: 0 })
    }

    pub fn print(&mut self, fate: Fate) -> Result<()> {
        self.all += 1;
        let has_result = fate.reply.is_some() || !fate.recipients.is_empty();
        if self.run.json() && (self.named || has_result) {
            self.output.line(&fate.json(self.named).to_string())?;
        } else if !self.run.json()
            && !self.run.net.output.quiet
            && let Some(line) = fate.line(self.named)
        {
            self.output.line(&line)?;
        }
        let Some(failure) = fate.failure else { return Ok(()) };
        self.failed += 1;
        if self.named && !self.run.json() {
            // Each failure is named; the first one gives the exit code.
            self.run.warn(&format!("{}: {}", fate.name, failure.message));
        }
        self.failure.get_or_insert(failure);
        Ok(())
    }

    pub fn finish(self) -> Result<()> {
        self.output.finish()?;
        match self.failure {
            None => Ok(()),
            Some(failure) if self.named => {
                let count = format!("{} of {} messages failed; the first", self.failed, self.all);
                Err(failure.reworded(|words| format!("{count}: {words}")))
            }
            Some(failure) => Err(failure),
        }
    }
}

/// What sendmail(8) does: a message from stdin to those on the command line, or in its header.
pub fn sendmail(args: &SmtpSendmail, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let message = SmtpMessage::default();
    let envelope = SmtpEnvelope {
        mail_from: args.sender.clone(),
        rcpt: args.recipients.clone(),
        read_recipients: args.read_recipients,
        ..SmtpEnvelope::default()
    };
    let bytes = compose::completed(compose::stdin()?, args.sender.as_deref(), args.full_name.as_deref())?;
    let jobs = jobs::only("message", &bytes, &message, &envelope)?;
    let many = SmtpMany { connections: 1, ..SmtpMany::default() };
    let options = options::options(&envelope, &many)?;
    let task = Task { options, many: &many, signer: None, named: false };
    if run.net.output.offline {
        return rehearse(&run, &args.session.hello, jobs, &task);
    }
    let target = session::aim(&mut run, Some(&args.server), &args.session)?;
    let opener = Opener::new(&run, target, &args.session)?;
    deliver(&opener.impatient(), jobs, &task).map_err(|failure| match failure.kind {
        Kind::Connect => failure.hint("--server or NETKIT_SENDMAIL_SERVER names another server"),
        _ => failure,
    })
}
