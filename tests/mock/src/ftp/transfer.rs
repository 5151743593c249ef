//! Transfers over the data connection.

use std::io::{Read, Write};
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use netkit_ftp::Verb;
use netkit_socket::{Dialer, Endpoint, Host, Tls, TlsInfo};
use netkit_wire::{Fault, Stream};

use super::Rule;
use super::session::Session;

/// The most bytes a file may have.
const LARGEST: u64 = 128 << 20;

impl Session<'_> {
    /// The data connection, once it is announced.
    fn open(&mut self) -> Result<Option<Box<dyn Stream>>, Fault> {
        let Some(way) = self.way.take() else {
            self.say(425, "PASV or PORT first");
            return Ok(None);
        };
        self.say(150, "here it comes");
        self.conn.flush()?;
        let below = match &self.context.local {
            Endpoint::Inet { port, .. } => port.checked_sub(1),
            Endpoint::Unix(_) => None,
        };
        let from = below.filter(|_| self.server.insists(Rule::DataPort));
        let stream = way.open(from);
        // Between two servers one of them is TLS's client.
        let is_client = std::mem::take(&mut self.client_once) || self.sscn;
        let stream = match (stream, self.protected) {
            (Some(stream), true) if is_client => as_client(stream),
            (Some(stream), true) => match self.context.tls.accept(stream) {
                Ok((_, info)) if !self.resumes(&info) => {
                    self.say(522, "the data connection has to resume the session of this one");
                    return Ok(None);
                }
                other => other.ok().map(|(stream, _)| stream),
            },
            (stream, _) => stream,
        };
        if stream.is_none() {
            self.say(425, "there is no connection");
        }
        let zipped = |stream| if self.zipped { netkit_socket::zipped(stream) } else { stream };
        Ok(stream.map(zipped))
    }

    /// Whether a data connection is one that a server with these rules takes.
    fn resumes(&self, info: &TlsInfo) -> bool {
        let resumes = info.resumed == Some(true);
        match (self.server.insists(Rule::Reuse), self.server.insists(Rule::OldReuse)) {
            (false, false) => true,
            (_, false) => resumes,
            (_, true) => resumes && info.version != "TLSv1.3",
        }
    }

    /// What of a file the next transfer is about: what RANG said, or all from where REST said.
    pub(super) fn part(&mut self, length: usize) -> Range<usize> {
        let from = std::mem::take(&mut self.rest).min(length);
        let range = self.range.take().unwrap_or(from..length);
        let end = range.end.min(length);
        range.start.min(end)..end
    }

    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let Some(mut stream) = self.open()? else { return Ok(()) };
        let sent =
            stream.write_all(bytes).and_then(|()| stream.flush()).and_then(|()| stream.shutdown_write());
        drop(stream);
        match sent {
            Ok(()) => self.say(226, "that was all"),
            Err(_) => self.say(426, "you did not want it"),
        }
        Ok(())
    }

    pub(super) fn take(&mut self, verb: Verb, path: &str) -> Result<(), Fault> {
        let from = std::mem::take(&mut self.rest);
        let Some(mut stream) = self.open()? else { return Ok(()) };
        let mut bytes = match (verb, self.server.world.site().file(path)) {
            (Verb::APPE, Some(file)) => file.bytes.to_vec(),
            (_, Some(file)) if from > 0 => {
                file.bytes.get(..from.min(file.bytes.len())).unwrap_or_default().to_vec()
            }
            _ => Vec::new(),
        };
        let read = (&mut stream).take(LARGEST).read_to_end(&mut bytes);
        drop(stream);
        if read.is_err() {
            self.say(426, "it broke off");
            return Ok(());
        }
        let kept = self.server.world.site().put(path, Arc::from(bytes), SystemTime::now());
        if kept {
            self.say(226, &format!("kept as {path}"))
        } else {
            self.say(552, "there is no room")
        }
        Ok(())
    }
}

/// TLS with another server, whose certificate nobody can know (SSCN, CPSV).
fn as_client(stream: Box<dyn Stream>) -> Option<Box<dyn Stream>> {
    let dialer = Dialer::default().tls(Tls::default().verify(false));
    dialer.secure(stream, &Host::Ipv4([127, 0, 0, 1].into()), &[]).ok().map(|(stream, _)| stream)
}
