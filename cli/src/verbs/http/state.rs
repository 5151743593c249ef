//! Cookies, sessions and hosts that want TLS: read before the request, written behind the answer.
//!
//! A session is a JSON file in the user's state folder, one for each name and origin, for its owner's eyes alone. It
//! holds the header fields that were given, but for those that describe one body or one condition (`Content-*`, `If-*`),
//! and the cookies. A login by `-u` is not kept: passwords belong into a password store.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use etcetera::BaseStrategy;
use netkit_http::{Client, CookieJar, Dial, Error, Hsts, Origin, Request};
use netkit_wire::escape;
use serde_json::{Value, json};

use super::compose::Place;
use crate::args::HttpState;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// What one run reads and writes.
pub struct State {
    session: Option<PathBuf>,
    /// The header fields of the session, as they will be written.
    headers: Vec<(String, String)>,
    jar: Option<(Option<PathBuf>, CookieJar)>,
    hsts: Option<(PathBuf, Hsts)>,
    verified: bool,
    /// Whether a client's memory was taken in.
    absorbed: bool,
}

impl State {
    /// Reads what the options name.
    pub fn open(run: &Run<'_>, place: &Place, options: &HttpState) -> Result<State> {
        let now = SystemTime::now();
        let verified = !run.net.tls.insecure;
        let mut state = State { verified, ..State::none() };
        if let Some(file) = &options.hsts {
            let hosts = Hsts::load(file, now).map_err(|e| Failure::read(file.display(), &e))?;
            state.hsts = Some((file.clone(), hosts));
        }
        if let Some(file) = &options.cookie_jar {
            let jar = CookieJar::load(file, now).map_err(|e| Failure::read(file.display(), &e))?;
            state.jar = Some((Some(file.clone()), jar));
        }
        if let Some(name) = &options.session {
            let file = session_file(name, run, place)?;
            state.read_session(&file, now)?;
            state.session = Some(file);
        }
        Ok(state)
    }

    /// The request with the session's fields, unless `given` has others of the name, and the cookies of `--cookie`.
    /// What was given is from now on the session's.
    pub fn apply(
        &mut self,
        mut request: Request,
        given: &[(String, String)],
        options: &HttpState,
    ) -> Result<Request> {
        let is_given = |name: &str| given.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_given(name)) {
            request = request.field(name, value).map_err(Error::from)?;
        }
        if !options.cookie.is_empty() {
            request = request.field("Cookie", options.cookie.join("; ")).map_err(Error::from)?;
        }
        self.headers.retain(|(name, _)| !is_given(name));
        let lasts = |name: &str| {
            let name = name.to_ascii_lowercase();
            !name.starts_with("content-") && !name.starts_with("if-") && name != "range"
        };
        self.headers.extend(given.iter().filter(|(name, _)| lasts(name)).cloned());
        Ok(request)
    }

    /// The client with all this.
    pub fn equip<D: Dial>(&self, mut client: Client<D>) -> Client<D> {
        if let Some((_, jar)) = &self.jar {
            client = client.cookies(jar.clone());
        }
        if let Some((_, hosts)) = &self.hsts {
            client = client.hsts(hosts.clone(), self.verified);
        }
        client
    }

    /// Nothing is read, nothing is kept.
    pub fn none() -> State {
        State { session: None, headers: Vec::new(), jar: None, hsts: None, verified: false, absorbed: false }
    }

    /// Takes in what one of several clients has learned. What the first one brings is taken as it is; a cookie that a
    /// server took back from a later one alone stays.
    pub fn absorb<D: Dial>(&mut self, client: &Client<D>) {
        let (now, first) = (SystemTime::now(), !std::mem::replace(&mut self.absorbed, true));
        if let (Some((_, jar)), Some(learned)) = (&mut self.jar, client.cookie_jar()) {
            if first {
                *jar = learned.clone();
            } else {
                jar.read_netscape(&learned.to_netscape(now), now);
            }
        }
        if let (Some((_, hosts)), Some(learned)) = (&mut self.hsts, client.hsts_hosts()) {
            hosts.read(&learned.to_text(now), now);
        }
    }

    /// Writes what the client has learned.
    pub fn save<D: Dial>(&mut self, client: &Client<D>) -> Result<()> {
        self.absorb(client);
        self.write()
    }

    /// Writes what was absorbed.
    pub fn write(&self) -> Result<()> {
        let now = SystemTime::now();
        if let Some((Some(file), jar)) = &self.jar {
            jar.save(file, now).map_err(|e| Failure::write(file.display(), &e))?;
        }
        if let Some((file, hosts)) = &self.hsts {
            hosts.save(file, now).map_err(|e| Failure::write(file.display(), &e))?;
        }
        if let (Some(file), Some((_, jar))) = (&self.session, &self.jar) {
            let text = String::from_utf8_lossy(&jar.to_netscape(now)).into_owned();
            let cookies: Vec<&str> = text.lines().filter(|line| line.contains('\t')).collect();
            let session = json!({ "headers": self.headers, "cookies": cookies });
            replace(file, &format!("{session:#}\n")).map_err(|e| Failure::write(file.display(), &e))?;
        }
        Ok(())
    }

    fn read_session(&mut self, file: &Path, now: SystemTime) -> Result<()> {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::from("{}"),
            Err(error) => return Err(Failure::read(file.display(), &error)),
        };
        let broken = |why: &dyn std::fmt::Display| {
            Failure::new(Kind::Read, format!("{}: not a session: {why}", file.display()))
        };
        let session: Value = serde_json::from_str(&text).map_err(|e| broken(&e))?;
        if let Some(headers) = session.get("headers") {
            self.headers = serde_json::from_value(headers.clone()).map_err(|e| broken(&e))?;
        }
        let mut jar = CookieJar::new();
        for line in session.get("cookies").and_then(Value::as_array).into_iter().flatten() {
            jar.read_netscape(line.as_str().unwrap_or_default().as_bytes(), now);
        }
        self.jar = Some((None, jar));
        Ok(())
    }
}

/// `NAME` in the state folder, below the origin; what has a `/` is a path.
fn session_file(name: &str, run: &Run<'_>, place: &Place) -> Result<PathBuf> {
    if name.contains('/') {
        return Ok(PathBuf::from(name));
    }
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if !plain || name.is_empty() || name.starts_with('.') {
        let what = format!("--session {}: a name is letters, digits, . _ and -", escape(name.as_bytes()));
        return Err(Failure::new(Kind::Usage, what));
    }
    let dirs = etcetera::choose_base_strategy().map_err(|_| {
        Failure::new(Kind::Read, "no home folder to keep sessions in").hint("--session ./FILE")
    })?;
    // The mock's port is another in each run.
    let origin = match run.is_mock() {
        true => "mock".to_owned(),
        false => Origin::of(&place.url).map_err(Error::from)?.to_string(),
    };
    let folder: String = origin
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
        .collect();
    let state = dirs.state_dir().unwrap_or_else(|| dirs.data_dir());
    Ok(state.join("netkit/sessions").join(folder).join(format!("{name}.json")))
}

/// A new file in the place of the old one, for its owner alone, by a rename.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&new)?.write_all(text.as_bytes())?;
    fs::rename(&new, file)
}
