//! The free text of a command.

use std::fmt;
use std::str::FromStr;

use crate::error::{Argument, Invalid};

/// Text that stays on its line: the argument of VRFY, EXPN, HELP and NOOP, or a whole line of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommandText(String);

impl CommandText {
    /// Takes text that is not empty, has no control character, and fits a command line.
    ///
    /// # Errors
    /// [`Invalid`] when it does not.
    pub fn new(text: &str) -> Result<CommandText, Invalid> {
        let rule = if text.trim().is_empty() {
            "it is empty"
        } else if text.chars().any(char::is_control) {
            "it has a control character"
        } else if text.len() > 998 {
            "it is longer than a line"
        } else {
            return Ok(CommandText(text.to_owned()));
        };
        Err(Invalid::new(Argument::Text, rule))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommandText {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<CommandText, Invalid> {
        CommandText::new(text)
    }
}

impl fmt::Display for CommandText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
