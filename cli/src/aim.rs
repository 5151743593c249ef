//! From the target and the options about TLS to where a session goes; a mock server in its place with `--mock`.

use std::io::BufRead;

use netkit_socket::{Endpoint, Security};

use crate::failure::{Failure, Kind, Result};
use crate::run::{Protocol, Run};

impl Run<'_> {
    /// The target, which is the first word, and the words behind it. With `--mock` a target may be left out: only a URL is one.
    pub fn target_and_words<'w>(&self, words: &'w [String]) -> (Option<&'w str>, &'w [String]) {
        match words.split_first() {
            Some((target, rest)) if !self.is_mock() || target.contains("://") => (Some(target), rest),
            _ => (None, words),
        }
    }

    /// The target's text, with the scheme that `--tls` asks for where it has none. With `--mock` only what stands behind
    /// the host counts, and it may be left out.
    pub fn target_text(&self, text: Option<&str>, implicit: &str) -> Result<String> {
        let whole = |text: &str| text.contains("://") || text.starts_with("unix:");
        let text = match text {
            Some(path) if self.is_mock() && path.starts_with('/') => format!("localhost{path}"),
            Some(text) => text.to_owned(),
            None if self.is_mock() => "localhost".to_owned(),
            None => return Err(Failure::new(Kind::Usage, "no TARGET: which host?")),
        };
        Ok(if self.net.tls.tls && !whole(&text) { format!("{implicit}://{text}") } else { text })
    }

    /// Lets `--tls`, `--starttls` and `--plain` go before what the target says, and `--mock` and `--port` before its
    /// endpoint.
    pub fn aim(
        &mut self,
        protocol: Protocol,
        endpoint: &mut Endpoint,
        security: &mut Security,
    ) -> Result<()> {
        let tls = &self.net.tls;
        match (tls.tls, tls.starttls, tls.plain) {
            (true, ..) => *security = Security::Implicit,
            (_, true, _) => *security = Security::Starttls,
            (.., true) if *security == Security::Implicit => {
                return Err(Failure::new(Kind::Usage, "--plain with a URL that asks for TLS"));
            }
            (.., true) => *security = Security::Plain,
            _ => {}
        }
        *endpoint = match self.mock(protocol, *security == Security::Implicit)? {
            Some(mock) => mock,
            None => self.with_port(endpoint.clone())?,
        };
        Ok(())
    }
}

/// Command lines as they were given; `-` alone is for those that come from stdin.
pub fn lines(words: &[String]) -> Result<Vec<String>> {
    if matches!(words, [only] if only == "-") {
        let stdin = std::io::stdin().lock().lines();
        return stdin.map(|line| line.map_err(|e| Failure::read("stdin", &e))).collect();
    }
    Ok(words.to_vec())
}
