//! `netkit telnet run`: expect and send, with time limits and an outcome that a program can read.

use std::io::Write;
use std::time::{Duration, Instant};

use netkit_telnet::{Came, Event, Found, Opt, Side};
use serde_json::{Value, json};

use super::steps::{self, Expected, Step};
use super::{Opened, about};
use crate::args::{Global, TelnetRun};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;

/// A script on its way.
struct Play<'r> {
    opened: Opened,
    output: Output,
    json: bool,
    limit: Duration,
    done: Vec<Value>,
    run: &'r Run<'r>,
}

pub fn run(args: &TelnetRun, global: &Global) -> Result<()> {
    let steps = steps::all(args)?;
    let mut run = Run::new(&args.net, global)?;
    if args.net.output.offline {
        return offline(&run, &steps);
    }
    let opened = super::open(&mut run, args.target.as_deref(), &args.terminal)?;
    let (output, json) = (run.output()?, run.json());
    let mut play = Play { opened, output, json, limit: args.step_time, done: Vec::new(), run: &run };
    let mut outcome = play.all(&steps);
    if outcome.is_ok() {
        outcome = play.rest(args.until_close);
    }
    play.finish(outcome)
}

/// What would be sent, whatever the server says.
fn offline(run: &Run<'_>, steps: &[Step]) -> Result<()> {
    let mut engine = netkit_telnet::Engine::new(netkit_telnet::Settings::none());
    let mut sent = Vec::new();
    for step in steps {
        match step {
            Step::Send(text) => engine.data(text),
            Step::Secret(_) => engine.data(b"***\n"),
            Step::Command(command) => engine.command(*command),
            Step::Sub(sub) => engine.sub(sub),
            Step::Expect(_) | Step::Sleep(_) => {}
        }
        engine.take_output(&mut sent);
    }
    let mut output = run.output()?;
    output.write_all(&sent).map_err(|e| Failure::write(output.name(), &e))?;
    output.finish()
}

impl Play<'_> {
    fn all(&mut self, steps: &[Step]) -> Result<()> {
        self.login()?;
        steps.iter().try_for_each(|step| self.step(step))
    }

    /// Who is named by -u logs in at the usual prompts.
    fn login(&mut self) -> Result<()> {
        let Some((user, password)) = self.opened.user.clone() else { return Ok(()) };
        let prompts =
            Expected::new(r"(?i)(?:login|user ?name|user|account) ?: ?$|password(?: for \S+)? ?: ?$")?;
        let mut said = false;
        loop {
            let text = self.expect(&prompts)?;
            let is_password = text.to_ascii_lowercase().contains("password");
            match (&password, is_password) {
                (Some(password), true) => {
                    if !self.is_private() {
                        return Err(clear());
                    }
                    let line = [password.expose(), b"\n"].concat();
                    self.opened.client.write_secret(&line).map_err(|e| about(e, &self.opened.target))?;
                    self.done.push(json!({ "login": user.as_str() }));
                    return Ok(());
                }
                (None, true) => {
                    return Err(Failure::new(
                        Kind::Login,
                        "the server asks for a password, and there is none",
                    ));
                }
                (_, false) if said => {
                    return Err(Failure::new(Kind::Login, "the server asks for the user again"));
                }
                (_, false) => {
                    said = true;
                    self.opened
                        .client
                        .write(format!("{}\n", user.as_str()).as_bytes())
                        .map_err(|e| about(e, &self.opened.target))?;
                    if password.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn is_private(&self) -> bool {
        self.opened.is_private() || self.run.net.login.insecure_auth
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        let client = &mut self.opened.client;
        let sent = match step {
            Step::Expect(expected) => return self.expect(expected).map(drop),
            Step::Send(text) => {
                self.done.push(json!({ "send": String::from_utf8_lossy(text) }));
                client.write(text)
            }
            Step::Secret(secret) => {
                if !self.is_private() {
                    return Err(clear());
                }
                self.done.push(json!({ "send": "***" }));
                self.opened.client.write_secret(secret.expose())
            }
            Step::Command(command) => {
                self.done.push(json!({ "command": command.to_string() }));
                client.command(*command)
            }
            Step::Sub(sub) => {
                self.done.push(json!({ "sub": sub.to_string() }));
                client.sub(sub)
            }
            Step::Sleep(time) => {
                let end = Instant::now() + *time;
                while let Some(Came::Something) =
                    client.pump_until(Some(end)).map_err(|e| about(e, &self.opened.target))?
                {}
                std::thread::sleep(end.saturating_duration_since(Instant::now()));
                Ok(())
            }
        };
        sent.map_err(|e| about(e, &self.opened.target))
    }

    /// Waits; gives back what matched.
    fn expect(&mut self, expected: &Expected) -> Result<String> {
        let start = Instant::now();
        let found = self.opened.client.expect(&[expected], Some(self.limit));
        let found = found.map_err(|e| about(e, &self.opened.target))?;
        let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (text, failure) = match &found {
            Found::Pattern { text, .. } => (text, None),
            Found::TimedOut(text) => {
                let why = format!("{:?} did not come within {:?}", expected.text, self.limit);
                (text, Some(Failure::new(Kind::Timeout, why)))
            }
            Found::Ended(text) => {
                let why = format!("the session ended before {:?} came", expected.text);
                (text, Some(Failure::new(Kind::Partial, why)))
            }
        };
        self.show(text)?;
        let groups = expected.groups(text);
        self.done.push(json!({
            "expect": expected.text, "matched": failure.is_none(), "text": String::from_utf8_lossy(text),
            "groups": groups, "ms": ms,
        }));
        failure.map_or_else(|| Ok(groups.first().cloned().unwrap_or_default()), Err)
    }

    fn show(&mut self, text: &[u8]) -> Result<()> {
        if self.json {
            return Ok(());
        }
        let written = self.output.write_all(text).and_then(|()| self.output.flush());
        written.map_err(|e| Failure::write(self.output.name(), &e))
    }

    /// What comes behind the last step.
    fn rest(&mut self, until_close: bool) -> Result<()> {
        let target = self.opened.target.clone();
        if !until_close {
            let text = self.opened.client.read_eager().map_err(|e| about(e, &target))?;
            self.show(&text)?;
            self.done.push(json!({ "rest": String::from_utf8_lossy(&text) }));
            return Ok(());
        }
        let found = self.opened.client.expect(&[], Some(self.limit)).map_err(|e| about(e, &target))?;
        let (text, closed) = match found {
            Found::Ended(text) => (text, true),
            Found::TimedOut(text) | Found::Pattern { text, .. } => (text, false),
        };
        self.show(&text)?;
        self.done.push(json!({ "rest": String::from_utf8_lossy(&text), "closed": closed }));
        match closed {
            true => Ok(()),
            false => Err(Failure::new(
                Kind::Timeout,
                format!("the server did not end the session within {:?}", self.limit),
            )),
        }
    }

    fn finish(mut self, outcome: Result<()>) -> Result<()> {
        if self.json {
            let told: Vec<String> = self
                .opened
                .client
                .take_notices()
                .filter_map(|event| match event {
                    Event::Sub(sub) => Some(sub.to_string()),
                    _ => None,
                })
                .collect();
            let engine = self.opened.client.engine();
            let of = |side| engine.options(side).map(|option: Opt| option.to_string()).collect::<Vec<_>>();
            let report = json!({
                "target": self.opened.target.endpoint.to_string(),
                "ok": outcome.is_ok(),
                "tls": self.opened.report.tls.is_some() || self.opened.client.tls().is_some(),
                "steps": self.done,
                "told": told,
                "options": { "client": of(Side::Us), "server": of(Side::Him) },
            });
            self.output.line(&report.to_string())?;
        }
        self.output.finish().and(outcome)
    }
}

fn clear() -> Failure {
    Failure::new(Kind::Login, "the password would be sent in clear")
        .hint("--insecure-auth allows that; --tls or --starttls hides it")
}
