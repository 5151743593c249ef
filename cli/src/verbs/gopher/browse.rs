//! `netkit gopher browse`: gopherspace, full screen.

mod app;
mod draw;
mod form;
mod keys;
mod links;
mod load;
mod page;
mod places;
mod screen;
#[cfg(test)]
#[path = "../../../../tests/cli/gopher_screens.rs"]
mod tests;

use std::io::IsTerminal;
use std::time::Duration;

use netkit_gopher::Target;
use netkit_socket::Endpoint;

use crate::args::{Global, GopherBrowse};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;
use app::{App, Effect};
use keys::Key;
use load::{Job, Loader};
use places::Bookmarks;
use screen::{Screen, Signals};

/// How long nobody looks at what has come.
const TICK: Duration = Duration::from_millis(30);

pub fn run(args: &GopherBrowse, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let output = &run.net.output;
    if output.offline || output.json || output.output.is_some() {
        return Err(Failure::new(Kind::Usage, "a browser has a screen, and no other output"));
    }
    if output.verbose {
        let what = "--verbose would write over the screen";
        return Err(Failure::new(Kind::Usage, what).hint("--trace FILE keeps the dialogue"));
    }
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        let what = "a browser needs a terminal";
        return Err(Failure::new(Kind::Usage, what).hint("netkit gopher menu prints a menu"));
    }
    let start = match &args.target {
        None if !run.is_mock() => None,
        text => Some(super::aim(&mut run, text.as_deref())?),
    };
    let bookmarks = Bookmarks::open(args.bookmarks.as_deref());
    let loader = Loader {
        dialer: run.dialer_for("gopher")?,
        folder: args.dir.clone(),
        end_is_optional: args.reading.no_end_mark,
        dialogue: run.dialogue.clone(),
    };
    let mut app = App::new(bookmarks, args.reading.charset.unwrap_or_default(), run.net.login.insecure_auth);
    let signals = Signals::new()?;
    let screen = Screen::open()?;
    let outcome = hold(screen, &mut app, &loader, &signals, start);
    // What is left of a download under way is of no use, and its thread ends with the process.
    outcome
}

/// Until the user has enough.
fn hold(
    mut screen: Screen,
    app: &mut App,
    loader: &Loader,
    signals: &Signals,
    start: Option<Target>,
) -> Result<()> {
    let mut job: Option<Job> = None;
    let mut effect = match start {
        Some(target) => app.go(target),
        None => app.show_bookmarks(),
    };
    let mut stale = true;
    loop {
        match std::mem::take(&mut effect) {
            Effect::None => {}
            Effect::Quit => return Ok(()),
            Effect::Load(order) => job = Some(loader.start(order)),
            Effect::Cancel => {
                job.take().into_iter().for_each(|job| job.cancel());
            }
            Effect::Telnet(place) => {
                screen.leave()?;
                let said = telnet(&place);
                screen.enter()?;
                app.say(&said);
                stale = true;
            }
        }
        if let Some(running) = &job
            && let Some(news) = running.news()
        {
            if news.is_last() {
                job = None;
            }
            effect = app.news(news);
            stale = true;
            continue;
        }
        if signals.end() {
            return Ok(());
        }
        if stale {
            screen.draw(app)?;
            stale = false;
        }
        if let Some(key) = screen.key(TICK)? {
            if key == Key::None {
                screen.anew()?;
            }
            stale = true;
            effect = app.key(key);
        }
    }
}

/// A session by our own telnet, as a process of its own: no shell sees what a menu said.
fn telnet(place: &Endpoint) -> String {
    let run = std::env::current_exe().and_then(|netkit| {
        std::process::Command::new(netkit).args(["telnet", "connect", "--"]).arg(place.to_string()).status()
    });
    match run {
        Ok(status) if status.success() => format!("the session with {place} has ended"),
        Ok(status) => format!("the session with {place} ended with {status}"),
        Err(why) => format!("no session with {place}: {why}"),
    }
}
