//! Files and folders, and transfers over the data connection.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mail_parser::DateTime;
use netkit_ftp::{Facts, Stamp, Verb};
use netkit_wire::{Fault, Text};

use super::session::Session;

impl Session<'_> {
    /// The absolute path that a name means.
    fn path(&self, name: &str) -> String {
        let whole = if name.starts_with('/') { name.to_owned() } else { format!("{}{name}", self.folder) };
        let mut parts: Vec<&str> = Vec::new();
        for part in whole.split('/') {
            match part {
                "" | "." => {}
                // Above the root there is nothing.
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        format!("/{}", parts.join("/"))
    }

    pub(super) fn file(&mut self, verb: Verb, name: Option<&str>) -> Result<(), Fault> {
        let path = self.path(name.unwrap_or_default());
        let writes = matches!(
            verb,
            Verb::STOR
                | Verb::APPE
                | Verb::STOU
                | Verb::DELE
                | Verb::MKD
                | Verb::RMD
                | Verb::RNFR
                | Verb::RNTO
                | Verb::MFMT
                | Verb::SITE
        );
        if writes && self.user.as_deref() == Some("anonymous") {
            self.say(550, "for those with an account");
            return Ok(());
        }
        let site = || self.server.world.site();
        let (is_folder, file) = {
            let site = site();
            (site.is_folder(&path), site.file(&path))
        };
        match (verb, name) {
            (Verb::PWD, _) => {
                let folder = self.folder.trim_end_matches('/').replace('"', "\"\"");
                let folder = if folder.is_empty() { "/" } else { &folder };
                self.say(257, &format!("\"{folder}\" is where you are"));
            }
            (Verb::CDUP, _) => {
                self.folder = format!("{}/", self.path("..").trim_end_matches('/'));
                self.say(250, "up");
            }
            (Verb::CWD, Some(_)) if is_folder => {
                self.folder = format!("{}/", path.trim_end_matches('/'));
                self.say(250, "here you are");
            }
            (Verb::MKD, Some(_)) => {
                let made = site().make_folder(&path);
                let quoted = path.replace('"', "\"\"");
                if made {
                    self.say(257, &format!("\"{quoted}\" is there"))
                } else {
                    self.say(550, "it cannot be made")
                }
            }
            (Verb::RMD, Some(_)) => {
                let removed = site().remove_folder(&path);
                if removed { self.say(250, "gone") } else { self.say(550, "it is not there, or not empty") }
            }
            (Verb::DELE, Some(_)) => {
                let removed = site().delete(&path);
                if removed { self.say(250, "gone") } else { self.say(550, "there is no such file") }
            }
            (Verb::RNFR, Some(_)) if is_folder || file.is_some() => {
                self.rename = Some(path);
                self.say(350, "and its new name?");
            }
            (Verb::RNTO, Some(_)) => match self.rename.take() {
                Some(from) => {
                    let done = site().rename(&from, &path);
                    if done { self.say(250, "renamed") } else { self.say(553, "that name is taken, or none") }
                }
                None => self.say(503, "RNFR first"),
            },
            (Verb::SIZE, Some(_)) => match file {
                Some(file) => self.say(213, &file.bytes.len().to_string()),
                None => self.say(550, "there is no such file"),
            },
            (Verb::MDTM, Some(_)) => match file {
                Some(file) => self.say(213, &stamp(file.modified)),
                None => self.say(550, "there is no such file"),
            },
            (Verb::MFMT, Some(words)) => {
                let (at, name) = words.split_once(' ').unwrap_or((words, ""));
                let path = self.path(name);
                match time(at) {
                    Some(at) if site().set_modified(&path, at) => {
                        self.say(213, &format!("Modify={}; {name}", stamp(at)))
                    }
                    Some(_) => self.say(550, "there is no such file"),
                    None => self.say(501, "that is no time"),
                }
            }
            (Verb::HASH, Some(name)) => match file {
                Some(file) => {
                    use sha2::{Digest, Sha256};
                    let range = self.part(file.bytes.len());
                    let (from, to) = (range.start, range.end);
                    let hash = Sha256::digest(file.bytes.get(range).unwrap_or_default());
                    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                    self.say(213, &format!("SHA-256 {from}-{to} {hash} {name}"));
                }
                None => self.say(550, "there is no such file"),
            },
            (Verb::SITE, Some(words)) => {
                match words.split(' ').next().unwrap_or_default().to_ascii_uppercase().as_str() {
                    "CHMOD" => self.say(200, "it is noted"),
                    _ => self.say(500, "there is no such command"),
                }
            }
            (Verb::MLST, name) if is_folder || file.is_some() => {
                let mut line = b" ".to_vec();
                let shown = name.unwrap_or(".").as_bytes();
                self.facts(&path, shown).encode(&mut line);
                self.conn.outbox().extend_from_slice(b"250-facts\r\n");
                self.conn.outbox().extend_from_slice(&line);
                self.conn.outbox().extend_from_slice(b"\r\n250 that is all\r\n");
            }
            (Verb::STAT, None) => {
                let lines = ["the mock server", "is well"].map(Text::from);
                self.lines(211, lines.to_vec());
            }
            (Verb::MLSD, _) if is_folder && self.server.knows("MLST") => {
                let listing = self.listing(&path, true);
                return self.send(&listing);
            }
            (Verb::LIST | Verb::NLST, _) => {
                // Options of ls are no names.
                let path = match name.filter(|name| !name.starts_with('-')) {
                    Some(name) => self.path(name),
                    None => self.path(""),
                };
                let listing = match verb {
                    Verb::NLST => self.names(&path),
                    _ => self.listing(&path, false),
                };
                return self.send(&listing);
            }
            (Verb::RETR, Some(_)) => match file {
                Some(file) => {
                    let range = self.part(file.bytes.len());
                    return self.send(file.bytes.get(range).unwrap_or_default());
                }
                None => self.say(550, "there is no such file"),
            },
            (Verb::STOR | Verb::APPE, Some(_)) if !is_folder => return self.take(verb, &path),
            (Verb::STOU, _) => {
                let free = (1..10_000)
                    .map(|n| self.path(&format!("unique.{n}")))
                    .find(|path| site().file(path).is_none());
                if let Some(path) = free {
                    return self.take(verb, &path);
                }
                self.say(452, "no name is left");
            }
            (Verb::CWD | Verb::MLST | Verb::MLSD | Verb::RNFR | Verb::STOR | Verb::APPE, _) => {
                self.say(550, "there is no such thing, or it is of another kind");
            }
            _ => self.say(502, "not here"),
        }
        Ok(())
    }

    fn facts(&self, path: &str, name: &[u8]) -> Facts {
        let site = self.server.world.site();
        let mut facts = Vec::new();
        match site.file(path) {
            Some(file) => {
                facts.push(("type".to_owned(), "file".to_owned()));
                facts.push(("size".to_owned(), file.bytes.len().to_string()));
                facts.push(("modify".to_owned(), stamp(file.modified)));
                facts.push(("perm".to_owned(), "adfrw".to_owned()));
            }
            None => {
                facts.push(("type".to_owned(), "dir".to_owned()));
                facts.push(("perm".to_owned(), "cdeflmp".to_owned()));
            }
        }
        Facts { facts, name: name.to_vec() }
    }

    fn below(&self, path: &str) -> Vec<(String, String)> {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let names = self.server.world.site().list(&folder);
        names
            .into_iter()
            .map(|name| {
                let name = name.trim_end_matches('/').to_owned();
                (format!("{folder}{name}"), name)
            })
            .collect()
    }

    fn names(&self, path: &str) -> Vec<u8> {
        self.below(path).into_iter().flat_map(|(_, name)| format!("{name}\r\n").into_bytes()).collect()
    }

    fn listing(&self, path: &str, facts: bool) -> Vec<u8> {
        let mut out = Vec::new();
        for (path, name) in self.below(path) {
            if facts {
                self.facts(&path, name.as_bytes()).encode(&mut out);
            } else {
                let file = self.server.world.site().file(&path);
                let (kind, size) = match &file {
                    Some(file) => ('-', file.bytes.len()),
                    None => ('d', 4096),
                };
                let at = file.map_or(UNIX_EPOCH, |file| file.modified);
                let t = DateTime::from_timestamp(seconds(at));
                let month = MONTHS.get(usize::from(t.month).saturating_sub(1)).unwrap_or(&"Jan");
                let line = format!(
                    "{kind}rw-r--r--   1 ftp      ftp      {size:>10} {month} {:>2}  {:04} {name}",
                    t.day, t.year
                );
                out.extend_from_slice(line.as_bytes());
            }
            out.extend_from_slice(b"\r\n");
        }
        out
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn seconds(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or_default())
}

/// As RFC 3659 section 2.3 writes it.
fn stamp(at: SystemTime) -> String {
    let t = DateTime::from_timestamp(seconds(at));
    format!("{:04}{:02}{:02}{:02}{:02}{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second)
}

fn time(text: &str) -> Option<SystemTime> {
    let Stamp { year, month, day, hour, minute, second } = Stamp::parse(text.as_bytes())?;
    let text = format!("{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", year?);
    let seconds = DateTime::parse_rfc3339(&text).filter(DateTime::is_valid)?.to_timestamp();
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}
