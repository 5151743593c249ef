//! This terminal: raw while a session has it, and as it was before whatever happens.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use crate::failure::{Failure, Kind, Result};

/// Columns and rows of this terminal, if there is one.
pub fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(std::io::stdout()).or_else(|_| tcgetwinsize(std::io::stdin())).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

/// The terminal on stdin, which goes back to how it was when this is dropped, and in a panic.
pub struct Terminal {
    before: Termios,
    keys: Keys,
}

/// How the terminal hands keys over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// One by one, as they are typed.
    Raw,
    /// Lines that are edited here, and shown while they are typed or not.
    Lines { shown: bool },
}

impl Terminal {
    /// None when stdin is no terminal.
    pub fn new() -> Option<Terminal> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        let before = tcgetattr(std::io::stdin()).ok()?;
        // A build that ends at a panic drops nothing.
        let (saved, usual) = (before.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |info| {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &saved);
            usual(info);
        }));
        Some(Terminal { before, keys: Keys::Lines { shown: true } })
    }

    /// From now on keys come like this.
    pub fn set(&mut self, keys: Keys) -> Result<()> {
        if keys == self.keys {
            return Ok(());
        }
        let mut wanted = self.before.clone();
        match keys {
            Keys::Raw => wanted.make_raw(),
            Keys::Lines { shown: false } => wanted.local_modes.remove(LocalModes::ECHO),
            Keys::Lines { shown: true } => {}
        }
        tcsetattr(std::io::stdin(), OptionalActions::Now, &wanted)
            .map_err(|e| Failure::new(Kind::Read, format!("the terminal: {e}")))?;
        self.keys = keys;
        Ok(())
    }

    pub fn is_raw(&self) -> bool {
        self.keys == Keys::Raw
    }

    pub fn keys(&self) -> Keys {
        self.keys
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// What the system told since somebody looked.
pub struct Signals {
    resized: Arc<AtomicBool>,
    interrupt: Arc<AtomicBool>,
    quit: Arc<AtomicBool>,
    end: Arc<AtomicBool>,
}

impl Signals {
    /// Listens from now on. Without a terminal, Ctrl-C ends the process as it always does.
    pub fn new(terminal: bool) -> Result<Signals> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
        let flags = Signals {
            resized: Arc::default(),
            interrupt: Arc::default(),
            quit: Arc::default(),
            end: Arc::default(),
        };
        let listen = |signal, flag: &Arc<AtomicBool>| {
            let registered = signal_hook::flag::register(signal, Arc::clone(flag));
            registered.map(drop).map_err(|e| Failure::new(Kind::Unsupported, format!("signals: {e}")))
        };
        if terminal {
            listen(SIGWINCH, &flags.resized)?;
            listen(SIGINT, &flags.interrupt)?;
            listen(SIGQUIT, &flags.quit)?;
            listen(SIGTERM, &flags.end)?;
            listen(SIGHUP, &flags.end)?;
        }
        Ok(flags)
    }

    pub fn resized(&self) -> bool {
        self.resized.swap(false, Ordering::Relaxed)
    }

    pub fn interrupt(&self) -> bool {
        self.interrupt.swap(false, Ordering::Relaxed)
    }

    pub fn quit(&self) -> bool {
        self.quit.swap(false, Ordering::Relaxed)
    }

    /// SIGTERM or SIGHUP: the session ends, and the terminal is put right first.
    pub fn end(&self) -> bool {
        self.end.load(Ordering::Relaxed)
    }
}
