//! The terminal while the browser has it, and as it was before, whatever ends the browser.

use std::io::{self, Stdout, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{self, Event};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::app::App;
use super::draw::draw;
use super::keys::Key;
use crate::failure::{Failure, Kind, Result};

/// The whole screen.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

/// The library would ask the terminal where its cursor is at each new size, and not every terminal answers: it gets a fixed
/// size, and a new one is told by [`Screen::anew`].
fn fresh() -> io::Result<Terminal<CrosstermBackend<Stdout>>> {
    let (width, height) = size()?;
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    Terminal::with_options(CrosstermBackend::new(stdout()), TerminalOptions { viewport })
}

fn failed(why: &io::Error) -> Failure {
    Failure::new(Kind::Write, format!("the terminal: {why}"))
}

impl Screen {
    pub fn open() -> Result<Screen> {
        // A build that ends at a panic drops nothing.
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            restore();
            usual(info);
        }));
        let mut screen = Screen { terminal: fresh().map_err(|e| failed(&e))? };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes the terminal.
    pub fn enter(&mut self) -> Result<()> {
        enable_raw_mode().map_err(|e| failed(&e))?;
        execute!(stdout(), EnterAlternateScreen, Hide).map_err(|e| failed(&e))?;
        self.anew()
    }

    /// Nothing on the screen is as it was: all is drawn anew, for its size of now.
    pub fn anew(&mut self) -> Result<()> {
        execute!(stdout(), Clear(ClearType::All)).map_err(|e| failed(&e))?;
        self.terminal = fresh().map_err(|e| failed(&e))?;
        Ok(())
    }

    /// Gives it back, for a while or for good.
    pub fn leave(&mut self) -> Result<()> {
        disable_raw_mode().map_err(|e| failed(&e))?;
        execute!(stdout(), LeaveAlternateScreen, Show).map_err(|e| failed(&e))
    }

    pub fn draw(&mut self, app: &mut App) -> Result<()> {
        self.terminal.draw(|frame| draw(app, frame.buffer_mut())).map_err(|e| failed(&e))?;
        Ok(())
    }

    /// The next key, if one comes in that time. A new size is one that does nothing.
    pub fn key(&self, within: Duration) -> Result<Option<Key>> {
        let ready = |e: io::Result<bool>| match e {
            Err(why) if why.kind() == io::ErrorKind::Interrupted => Ok(false),
            other => other.map_err(|e| failed(&e)),
        };
        if !ready(event::poll(within))? {
            return Ok(None);
        }
        Ok(match event::read().map_err(|e| failed(&e))? {
            Event::Key(key) => Key::of(&key),
            Event::Resize(..) => Some(Key::None),
            _ => None,
        })
    }
}

/// Nothing more can be done where this fails.
fn restore() {
    let _ = disable_raw_mode();
    let _ = execute!(stdout(), LeaveAlternateScreen, Show);
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the system wants this process to end.
pub struct Signals(Arc<AtomicBool>);

impl Signals {
    pub fn new() -> Result<Signals> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            let registered = signal_hook::flag::register(signal, Arc::clone(&flag));
            registered.map_err(|e| Failure::new(Kind::Unsupported, format!("signals: {e}")))?;
        }
        Ok(Signals(flag))
    }

    pub fn end(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
