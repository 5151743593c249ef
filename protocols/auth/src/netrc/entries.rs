//! Tokens into entries.

use super::lexer::{Token, line_tokens};
use super::{Entry, NetrcError};
use crate::{Secret, UserName};

/// Reads all lines. An entry lasts from its `machine` or `default` to the next, or to a macro.
pub(super) fn collect(text: &[u8]) -> Result<Vec<Entry>, NetrcError> {
    let mut reader = Reader::default();
    for (at, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if reader.in_macro {
            // Inside a macro nothing is ours to understand, not even a quote; an empty line ends it.
            reader.in_macro = !line.trim_ascii().is_empty();
            continue;
        }
        for token in line_tokens(line, at + 1)? {
            reader.take(token)?;
            if reader.in_macro {
                break;
            }
        }
    }
    reader.finish()
}

/// A word that wants a value after it.
#[derive(Clone, Copy)]
enum Wants {
    Machine,
    Login,
    Password,
    Account,
}

#[derive(Default)]
struct Reader {
    entries: Vec<Entry>,
    /// The entry being filled; `None` before the first `machine` and after a macro.
    open: Option<Entry>,
    /// The last word, and its line, if its value is still to come.
    wants: Option<(Wants, usize)>,
    in_macro: bool,
}

impl Reader {
    fn take(&mut self, token: Token) -> Result<(), NetrcError> {
        match self.wants.take() {
            Some((wants, _)) => self.value(wants, token),
            None => {
                self.word(&token);
                Ok(())
            }
        }
    }

    /// Words are known in any case.
    fn word(&mut self, token: &Token) {
        let is = |word: &str| token.text.expose().eq_ignore_ascii_case(word.as_bytes());
        let in_entry = self.open.is_some();
        let wants = if is("machine") {
            Wants::Machine
        } else if is("login") && in_entry {
            Wants::Login
        } else if is("password") && in_entry {
            Wants::Password
        } else if is("account") && in_entry {
            Wants::Account
        } else {
            if is("default") {
                self.begin(Entry::default());
            } else if is("macdef") {
                self.entries.extend(self.open.take());
                self.in_macro = true;
            }
            return;
        };
        self.wants = Some((wants, token.line));
    }

    fn value(&mut self, wants: Wants, token: Token) -> Result<(), NetrcError> {
        let name = |text: &Secret| {
            let name = text.expose_str().ok().and_then(|name| UserName::new(name).ok());
            name.ok_or(NetrcError::BadName { line: token.line })
        };
        if matches!(wants, Wants::Machine) {
            let machine = name(&token.text)?.to_string();
            self.begin(Entry { machine: Some(machine), ..Entry::default() });
            return Ok(());
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        // One machine may have several users: a login or password after a whole pair begins the next of them.
        let whole = open.login.is_some() && open.password.is_some();
        if whole && !matches!(wants, Wants::Account) {
            let next = Entry { machine: open.machine.clone(), ..Entry::default() };
            self.entries.push(std::mem::replace(open, next));
        }
        match wants {
            Wants::Login => open.login = Some(name(&token.text)?),
            Wants::Password => open.password = Some(token.text),
            Wants::Account => open.account = Some(token.text),
            Wants::Machine => {}
        }
        Ok(())
    }

    fn begin(&mut self, entry: Entry) {
        self.entries.extend(self.open.replace(entry));
    }

    fn finish(mut self) -> Result<Vec<Entry>, NetrcError> {
        match self.wants {
            Some((_, line)) => Err(NetrcError::MissingValue { line }),
            None => {
                self.entries.extend(self.open.take());
                Ok(self.entries)
            }
        }
    }
}
