//! From the options to a session.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use netkit_ftp::{Client, Download, Error, Login, Mode, Opening, Report, Session, Target, connect};
use netkit_socket::{Dialer, Endpoint, TlsVersion};
use netkit_wire::escape;

use crate::args::FtpWays;
use crate::charset::Charset;
use crate::failure::{Failure, Kind, Result};
use crate::progress::Progress;
use crate::run::{Protocol, Run};

/// RFC 959 section 5.2.
const DATA_PORT: u16 = 20;
/// How many connections hide that each file waits for a few answers.
const CONNECTIONS: u16 = 4;
/// Below this there is next to nothing to hide.
const SHORT: Duration = Duration::from_millis(1);

/// The target, or the mock server in its place.
pub fn aim(run: &mut Run<'_>, text: Option<&str>) -> Result<Target> {
    let text = run.target_text(text, "ftps")?;
    let mut target: Target =
        text.parse().map_err(|e: netkit_ftp::Invalid| Failure::new(Kind::Target, e.0))?;
    run.aim(Protocol::Ftp, &mut target.endpoint, &mut target.security)?;
    if matches!(target.endpoint, Endpoint::Inet { port: DATA_PORT, .. }) {
        run.warn("20 is the data port, from which a server in active mode dials; its control port is 21");
    }
    Ok(target)
}

/// The paths of a verb: the words, seen from the target's path; or that path itself.
pub fn paths(target: &Target, words: &[String]) -> Vec<String> {
    if words.is_empty() {
        return vec![target.path.clone()];
    }
    words.iter().map(|word| below(&target.path, word)).collect()
}

/// A path seen from another; one that begins with a slash begins at the root.
pub fn below(base: &str, path: &str) -> String {
    match base.trim_end_matches('/') {
        "" if base.starts_with('/') && !path.starts_with('/') => format!("/{path}"),
        base if base.is_empty() || path.starts_with('/') => path.to_owned(),
        base => format!("{base}/{path}"),
    }
}

/// A name as it goes over the wire.
pub fn written(charset: Option<Charset>, name: &str) -> Result<Vec<u8>> {
    let lacks = || Failure::new(Kind::Usage, format!("{name}: it has a character that the charset lacks"));
    charset.map_or_else(|| Ok(name.as_bytes().to_vec()), |charset| charset.encode(name).ok_or_else(lacks))
}

/// Names in a charset that somebody named.
struct Names(Charset);

impl netkit_ftp::Charset for Names {
    fn encode(&self, name: &str) -> Option<Vec<u8>> {
        self.0.encode(name)
    }

    fn decode(&self, name: &[u8]) -> String {
        self.0.decode(name).into_owned()
    }
}

/// Everything that a session needs; may be shared by those who open several.
pub struct Opener<'r> {
    pub run: &'r Run<'r>,
    pub target: Target,
    dialer: Dialer,
    ways: FtpWays,
    charset: Option<Charset>,
    /// Whether sessions have TLS 1.3, and whether the server has shown that it had better be TLS 1.2.
    newest_tls: AtomicBool,
    older_tls: AtomicBool,
    /// How often it has.
    wanted_older: AtomicUsize,
    /// Whether connections come about so fast that the line costs nothing.
    is_near: AtomicBool,
    /// Who logs in: found out once, however many sessions there are.
    login: Mutex<Option<Login>>,
}

impl<'r> Opener<'r> {
    pub fn new(run: &'r Run<'r>, target: Target, ways: &FtpWays) -> Result<Opener<'r>> {
        let dialer = run.dialer_for("ftp")?;
        // Nothing can guess what bytes a name is to be made of.
        let charset = ways.charset.filter(|charset| *charset != Charset::Auto);
        Ok(Opener {
            run,
            target,
            dialer,
            ways: ways.clone(),
            charset,
            newest_tls: AtomicBool::new(false),
            older_tls: AtomicBool::new(false),
            wanted_older: AtomicUsize::new(0),
            is_near: AtomicBool::new(false),
            login: Mutex::default(),
        })
    }

    /// Connects, and changes to TLS as asked.
    pub fn dial(&self) -> Result<(Client, Report)> {
        let opening = Opening {
            tap: self.run.dialogue.tap(),
            tls_at_most: self.older_tls.load(Ordering::Relaxed).then_some(TlsVersion::V1_2),
            verify_data_port: self.ways.verify_data_port,
            ..Opening::default()
        };
        let (mut client, report) = connect(&self.target, &self.dialer, opening).map_err(|e| self.about(e))?;
        if let Some(name) = &self.ways.host {
            client.host(name).map_err(|e| self.about(e))?;
        }
        // With a floor of 1.3 there is nothing below.
        let lowest = self.run.net.tls.tls_min.as_deref() == Some("1.3");
        let is_newest = report.dial.tls.as_ref().is_some_and(|tls| tls.version == "TLSv1.3");
        self.newest_tls.store(is_newest && !lowest, Ordering::Relaxed);
        let is_near = report.dial.connect < SHORT && report.dial.via.is_none();
        self.is_near.store(is_near, Ordering::Relaxed);
        Ok((client, report))
    }

    /// Over how many connections many files are to go, once there is one: those that were asked for; else as many as hide
    /// the round trips. On a line without any, files wait for processors, and more connections than those only get into each
    /// other's way.
    pub fn connections(&self, asked: Option<u16>) -> u16 {
        let processors = || {
            std::thread::available_parallelism()
                .map_or(CONNECTIONS, |n| u16::try_from(n.get()).unwrap_or(CONNECTIONS).clamp(2, CONNECTIONS))
        };
        asked.unwrap_or_else(|| if self.is_near.load(Ordering::Relaxed) { processors() } else { CONNECTIONS })
    }

    /// Does something over a session, and once more over TLS 1.2 where the server does not see that TLS 1.3 resumed the session
    /// of the control connection.
    pub fn insist<T>(
        &self,
        session: &mut Session,
        mut act: impl FnMut(&mut Session) -> Result<T>,
    ) -> Result<T> {
        // Others may find it out at the same time, each over a session of its own.
        let before = self.wanted_older.load(Ordering::Relaxed);
        match act(session) {
            Err(_) if self.is_older() && self.wanted_older.load(Ordering::Relaxed) != before => {
                *session = self.open()?;
                act(session)
            }
            other => other,
        }
    }

    /// Logs in: as whoever was named, else as nobody in particular.
    pub fn login(&self, client: Client, report: &Report) -> Result<Session> {
        let mut known = self.login.lock().unwrap_or_else(PoisonError::into_inner);
        let login = match &*known {
            Some(login) => login.clone(),
            None => {
                let (user, password) = (self.target.user.clone(), self.target.password.clone());
                let who = self.run.identity("ftp", &self.target.endpoint, user, password, &report.dial)?;
                let login = who.map_or_else(Login::anonymous, |who| Login {
                    user: who.credentials.user.to_string(),
                    password: who.credentials.password.clone(),
                    account: None,
                    channel_is_private: who.login().channel_is_private,
                });
                known.insert(login).clone()
            }
        };
        drop(known);
        let mut session = client.login(&login).map_err(|e| self.about(e))?;
        session.mode = if self.ways.active { Mode::Active } else { Mode::Passive };
        session.keep_alive(self.ways.keep_alive);
        if self.ways.ccc {
            session.ccc().map_err(|e| self.about(e))?;
        }
        if let Some(charset) = self.charset {
            session.set_charset(Arc::new(Names(charset))).map_err(|e| self.about(e))?;
        }
        if self.ways.compress {
            session.mode_z().map_err(|e| self.about(e))?;
        }
        Ok(session)
    }

    /// A session, ready for transfers.
    pub fn open(&self) -> Result<Session> {
        let (client, report) = self.dial()?;
        self.login(client, &report)
    }

    /// An error with the server's name, where its words have none.
    pub fn about(&self, error: Error) -> Failure {
        self.wants_older(&error);
        Failure::from(error).with(&self.target.endpoint)
    }

    /// The same about a path.
    pub fn about_path(&self, error: Error, path: &str) -> Failure {
        let path = escape(path.as_bytes()).into_owned();
        self.about(error).reworded(|why| format!("{path}: {why}"))
    }

    /// Whether an error says that a session in TLS 1.2 is wanted; from here on they are.
    pub fn wants_older(&self, error: &Error) -> bool {
        if !error.wants_older_tls() {
            return false;
        }
        if self.newest_tls.swap(false, Ordering::Relaxed) && !self.older_tls.swap(true, Ordering::Relaxed) {
            self.run.note("the server does not take TLS 1.3 for its data connections: again with TLS 1.2");
        }
        self.wanted_older.fetch_add(1, Ordering::Relaxed);
        self.is_older()
    }

    /// Whether sessions are kept to TLS 1.2.
    pub fn is_older(&self) -> bool {
        self.older_tls.load(Ordering::Relaxed)
    }

    /// A download whose copy ended with `why`: the server's words where it was the server's side, else the sink's.
    pub fn lost(
        &self,
        download: Download<'_>,
        why: std::io::Error,
        path: &str,
        sink: impl Display,
    ) -> Failure {
        match why.downcast() {
            Ok(fault) => self.about_path(download.broken(fault), path),
            Err(why) => Failure::write(sink, &why),
        }
    }

    /// Where it is shown how far files are.
    pub fn progress(&self) -> Progress {
        Progress::new(&self.run.net.output)
    }

    /// The end of a session, with what is worth telling.
    pub fn leave(&self, mut session: Session) {
        for notice in session.take_notices() {
            self.run.warn(&notice.to_string());
        }
        let soon = std::time::Instant::now().checked_add(Duration::from_secs(2));
        if session.is_usable() && session.conn().deadline(soon).is_ok() {
            // Politeness; what the server says to it changes nothing.
            drop(session.quit());
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let kind = match &error {
            Error::TlsRefused(_) => Kind::TlsRequired,
            Error::Unsupported(what) if what.0 == "AUTH TLS" => Kind::TlsRequired,
            _ if error.is_login() => Kind::Login,
            _ if error.is_not_found() => Kind::NotFound,
            Error::Refused(_) => Kind::Refused,
            Error::Unsupported(_) => Kind::Unsupported,
            Error::Invalid(_) => Kind::Usage,
            Error::Aborted => Kind::Partial,
            _ => Kind::Protocol,
        };
        let hint = match &error {
            Error::ClearPassword => Some("--starttls or --tls; or --insecure-auth"),
            _ => None,
        };
        let failure = match error {
            Error::Net(net) => net.into(),
            Error::Wire(fault) => fault.into(),
            error => Failure::new(kind, error),
        };
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn paths_are_seen_from_the_targets() {
        for (base, path, wanted) in [
            ("", "a/b", "a/b"),
            ("pub", "a", "pub/a"),
            ("pub/", "a", "pub/a"),
            ("/", "a", "/a"),
            ("/srv", "a", "/srv/a"),
            ("pub", "/a", "/a"),
        ] {
            assert_eq!(below(base, path), wanted, "{base} {path}");
        }
    }
}
