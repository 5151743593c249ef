//! `netkit telnet probe`: what a server asks for, agrees to and refuses.

use std::time::Instant;

use netkit_telnet::{Came, Event, Opt, Side};
use serde_json::json;

use super::about;
use crate::args::{Global, TelnetAsk};
use crate::failure::{Failure, Kind, Result};
use crate::report;
use crate::run::Run;

/// What is asked of the server, and what it is asked to let this side do.
const HIS: [Opt; 7] = [Opt::BINARY, Opt::ECHO, Opt::SGA, Opt::STATUS, Opt::EOR, Opt::CHARSET, Opt::MSSP];
const OURS: [Opt; 8] =
    [Opt::BINARY, Opt::SGA, Opt::TTYPE, Opt::NAWS, Opt::TSPEED, Opt::LFLOW, Opt::NEW_ENVIRON, Opt::LINEMODE];

pub fn run(args: &TelnetAsk, global: &Global) -> Result<()> {
    if args.net.output.offline {
        return Err(Failure::new(Kind::Unsupported, "what is sent depends on what the server says"));
    }
    let mut run = Run::new(&args.net, global)?;
    let mut opened = super::open(&mut run, args.target.as_deref(), &args.terminal)?;
    // Agreed to if it is offered: what a server says of itself is worth reading.
    let settings = &mut opened.client.engine_mut().settings;
    settings.him = settings.him.with(Opt::MSSP);
    let (mut heard, mut banner) = (Vec::new(), Vec::new());
    // First what it says of itself, then what it says when it is asked.
    let mut open = listen(&mut opened, args, &mut heard, &mut banner)?;
    let own = heard.len();
    let by_itself = |side| states(&opened, side);
    let (wants, offers) = (by_itself(Side::Us), by_itself(Side::Him));
    let denied: Vec<(Side, Opt)> = heard
        .iter()
        .filter_map(|event| match event {
            Event::Denied { side, option } => Some((*side, *option)),
            _ => None,
        })
        .collect();
    if open {
        for (side, options) in [(Side::Him, &HIS[..]), (Side::Us, &OURS[..])] {
            for option in options {
                // A complaint: it is on already.
                let _ = opened.client.engine_mut().enable(side, *option);
            }
        }
        opened.client.engine_mut().mark();
        open = listen(&mut opened, args, &mut heard, &mut banner)?;
    }
    let asked = heard.get(own..).unwrap_or_default();
    let refused = |wanted: Side| -> Vec<String> {
        asked
            .iter()
            .filter_map(|event| match event {
                Event::Refused { side, option } if *side == wanted => Some(option.to_string()),
                _ => None,
            })
            .collect()
    };
    let names = |wanted: Side| -> Vec<String> {
        denied.iter().filter(|(side, _)| *side == wanted).map(|(_, option)| option.to_string()).collect()
    };
    let silent = |side| -> Vec<String> {
        opened.client.engine().asked(side).map(|option| option.to_string()).collect()
    };
    let said: Vec<String> = heard
        .iter()
        .filter_map(|event| match event {
            Event::Sub(sub) => Some(sub.to_string()),
            Event::Command(command) => Some(command.to_string()),
            _ => None,
        })
        .take(64)
        .collect();
    let facts = json!({
        "banner": String::from_utf8_lossy(&banner),
        "server_does": offers,
        "server_wants": wants,
        "refused_to_server": { "its": names(Side::Him), "ours": names(Side::Us) },
        "after_asking": {
            "server_does": states(&opened, Side::Him),
            "client_may": states(&opened, Side::Us),
            "server_does_not": refused(Side::Him),
            "client_may_not": refused(Side::Us),
            "no_answer": { "server": silent(Side::Him), "client": silent(Side::Us) },
            "timing_mark": asked.iter().any(|event| matches!(event, Event::Mark(_))),
        },
        "said": said,
        "start_tls": heard.contains(&Event::StartTls) || denied.contains(&(Side::Us, Opt::START_TLS)),
        "closed": !open,
    });
    report::print(&run, "telnet", &opened.target.endpoint.to_string(), &opened.report, &facts)
}

fn states(opened: &super::Opened, side: Side) -> Vec<String> {
    opened.client.engine().options(side).map(|option| option.to_string()).collect()
}

/// Listens for as long as was asked, or until the server ends the session; whether it did not.
fn listen(
    opened: &mut super::Opened,
    args: &TelnetAsk,
    heard: &mut Vec<Event>,
    banner: &mut Vec<u8>,
) -> Result<bool> {
    let end = Instant::now() + args.listen;
    loop {
        let came = opened.client.pump_until(Some(end)).map_err(|e| about(e, &opened.target))?;
        heard.extend(opened.client.take_notices());
        heard.truncate(10_000);
        banner.append(opened.client.text());
        banner.truncate(16 << 10);
        match came {
            None => return Ok(true),
            Some(Came::End) => return Ok(false),
            Some(_) => {}
        }
    }
}
