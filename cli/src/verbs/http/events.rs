//! `netkit http events`: events as they come, over as many connections as it takes.

use std::io::Write;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use netkit_http::events::{Ended, Event, Place, listen};
use netkit_http::{Error, Method, Request};
use serde_json::json;

use super::{client, compose};
use crate::args::{Global, HttpEvents};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::run::Run;

/// The longest pause that a server may ask for.
const PATIENCE: Duration = Duration::from_secs(600);
/// How many connections in a row may bring nothing before it is given up.
const FRUITLESS: u32 = 10;

pub fn run(args: &HttpEvents, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let place = compose::place(&mut run, args.url.as_deref())?;
    let mut client = client(&run, &place)?;
    let ask = || {
        let request = Request::new(Method::GET, &place.url).map_err(Error::from)?;
        compose::login(&run, &place, compose::fields(request, &args.headers)?)
    };
    if run.net.output.offline {
        let mut output = run.output()?;
        output.write_all(&ask()?.preview()).map_err(|e| Failure::write("stdout", &e))?;
        return output.finish();
    }
    let mut output = run.output()?;
    let mut at = Place { last_id: args.last_id.clone().unwrap_or_default(), ..Place::default() };
    let (mut seen, mut fruitless, mut connected) = (0, 0, false);
    loop {
        let (before, mut broken) = (seen, None);
        let ended = listen(&mut client, ask()?, &mut at, &mut |event| {
            let shown = show(&mut output, &event, run.json());
            seen += 1;
            broken = shown.err();
            if broken.is_some() || args.count == Some(seen) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if let Some(failure) = broken {
            return Err(failure);
        }
        fruitless = if seen > before { 0 } else { fruitless + 1 };
        let failure = match ended {
            Ok(Ended::Gone | Ended::Stopped) => break,
            Ok(Ended::Closed) if args.no_reconnect => break,
            Ok(Ended::Closed) => None,
            // A server that was there before may come back; an answer that is no stream will stay none.
            Err(error) => Some((matches!(error, Error::Wire(_) | Error::Net(_)), error)),
        };
        connected |= failure.is_none() || seen > before;
        match failure {
            Some((lost, error)) if !lost || !connected || args.no_reconnect || fruitless >= FRUITLESS => {
                return Err(error.into());
            }
            Some((_, error)) => run.note(&format!("the stream broke: {error}")),
            None if fruitless >= FRUITLESS => {
                run.warn(&format!("{FRUITLESS} connections in a row brought no event"));
                break;
            }
            None => {}
        }
        pause(at.retry.saturating_mul(1 << fruitless.min(6)).min(PATIENCE), run.deadline());
        run.note(&format!("once more, behind the event \"{}\"", at.last_id));
    }
    output.finish()
}

/// Until the whole time limit at most, which then fails the next connection.
fn pause(time: Duration, deadline: Option<Instant>) {
    let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
    std::thread::sleep(left.map_or(time, |left| left.min(time)));
}

/// As a JSON object a line, or in the notation of the stream.
fn show(output: &mut Output, event: &Event, as_json: bool) -> Result<()> {
    let Event { kind, data, id } = event;
    if as_json {
        output.line(&json!({ "event": kind, "data": data, "id": id }).to_string())?;
    } else {
        if !id.is_empty() {
            output.line(&format!("id: {id}"))?;
        }
        if kind != "message" {
            output.line(&format!("event: {kind}"))?;
        }
        data.split('\n').try_for_each(|line| output.line(&format!("data: {line}")))?;
        output.line("")?;
    }
    // Whoever waits for events wants each now.
    output.flush().map_err(|e| Failure::write("stdout", &e))
}
