//! Lines into tokens.

use super::{MAX_LINE, MAX_TOKEN, NetrcError};
use crate::Secret;

/// One word of a line. Any of them may be a password.
pub(super) struct Token {
    pub(super) text: Secret,
    /// From 1.
    pub(super) line: usize,
}

/// The tokens of one line, `number` counted from 1. A comment line has none.
pub(super) fn line_tokens(line: &[u8], number: usize) -> Result<Vec<Token>, NetrcError> {
    if line.len() > MAX_LINE {
        return Err(NetrcError::LineTooLong { line: number });
    }
    let mut rest = line.trim_ascii_start();
    let mut tokens = Vec::new();
    if rest.first() == Some(&b'#') {
        return Ok(tokens);
    }
    while let Some((&first, after)) = rest.split_first() {
        let text = if first == b'"' {
            let (text, after) = quoted(after).ok_or(NetrcError::UnterminatedQuote { line: number })?;
            rest = after;
            text
        } else {
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after;
            Secret::from(word)
        };
        if text.len() > MAX_TOKEN {
            return Err(NetrcError::TokenTooLong { line: number });
        }
        tokens.push(Token { text, line: number });
        rest = rest.trim_ascii_start();
    }
    Ok(tokens)
}

/// What stands before the closing quote, unescaped, and what follows it. A backslash before any other character
/// stands for that character.
fn quoted(text: &[u8]) -> Option<(Secret, &[u8])> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    loop {
        out.push(match *bytes.next()? {
            b'"' => return Some((Secret::from(out), bytes.as_slice())),
            b'\\' => match *bytes.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                other => other,
            },
            other => other,
        });
    }
}
