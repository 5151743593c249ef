//! One client: its commands in order, and in which state each may come (RFC 959 section 5.4).

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;

use netkit_auth::Secret;
use netkit_ftp::{Command, Verb};
use netkit_wire::{Code, Conn, Fault, Line, Reply, Text};

use super::data::Way;
use super::{ERRORS, FEATURES, Ftp, NAME};
use crate::server::Context;

/// The state of one conversation.
pub(super) struct Session<'s> {
    pub(super) server: &'s Ftp,
    pub(super) conn: Conn,
    pub(super) context: Context,
    /// Whether the control connection is in TLS, and whether data connections are to be.
    secure: bool,
    sized: bool,
    pub(super) protected: bool,
    /// Data is compressed (MODE Z).
    pub(super) zipped: bool,
    /// Who wants to log in, and who has.
    asked: Option<String>,
    pub(super) user: Option<String>,
    /// The folder that names are looked up in, with a slash at its end.
    pub(super) folder: String,
    pub(super) way: Option<Way>,
    /// Where the next transfer begins.
    pub(super) rest: usize,
    /// What alone of a file it is about (RANG).
    pub(super) range: Option<Range<usize>>,
    /// Whether this end is TLS's client in data connections, all of them (SSCN) or the next (CPSV).
    pub(super) sscn: bool,
    pub(super) client_once: bool,
    pub(super) rename: Option<String>,
    /// Line ends are CRLF on the wire (TYPE A).
    pub(super) ascii: bool,
    errors: usize,
}

impl<'s> Session<'s> {
    pub(super) fn new(server: &'s Ftp, conn: Conn, context: &Context) -> Session<'s> {
        let (context, secure) = (context.clone(), context.secure);
        Session {
            server,
            conn,
            context,
            secure,
            sized: secure,
            protected: false,
            zipped: false,
            asked: None,
            user: None,
            folder: "/".to_owned(),
            way: None,
            rest: 0,
            range: None,
            sscn: false,
            client_once: false,
            rename: None,
            ascii: true,
            errors: 0,
        }
    }

    /// Until QUIT, the client's end of connection, or the server's patience is over.
    pub(super) fn run(mut self) -> Result<(), Fault> {
        self.say(220, &format!("{NAME} ready"));
        loop {
            let line = Line::new(self.conn.limits());
            let Some(line) = self.conn.recv_or_end(line)? else { return Ok(()) };
            match Command::parse(line.as_bytes()) {
                Some(command) if command.verb() == Verb::QUIT => {
                    self.say(221, "bye");
                    self.conn.flush()?;
                    return self.conn.shutdown_write();
                }
                Some(command) if self.server.knows(command.verb().name()) => self.obey(&command)?,
                _ => self.say(500, "there is no such command"),
            }
            if self.errors >= ERRORS {
                self.say(421, "too many mistakes");
                self.conn.flush()?;
                return self.conn.shutdown_write();
            }
        }
    }

    /// There is no room for this client.
    pub(super) fn full(mut self) -> Result<(), Fault> {
        self.say(421, "too many connections, come back later");
        self.conn.flush()?;
        self.conn.shutdown_write()
    }

    pub(super) fn say(&mut self, code: u16, text: &str) {
        self.lines(code, vec![Text::from(text)]);
    }

    pub(super) fn lines(&mut self, code: u16, lines: Vec<Text>) {
        self.errors += usize::from(code >= 500);
        if let Some(code) = Code::new(code) {
            Reply::new(code, lines).encode(self.conn.outbox());
        }
    }

    fn obey(&mut self, command: &Command) -> Result<(), Fault> {
        let text =
            command.argument().map(|argument| String::from_utf8_lossy(argument.as_bytes()).into_owned());
        let text = text.as_deref();
        match (command.verb(), text) {
            (Verb::FEAT, _) => self.features(),
            (Verb::USER, Some(user)) => {
                (self.asked, self.user) = (Some(user.to_owned()), None);
                // Who there is, is nobody's business before the password.
                self.say(331, "and the password?");
            }
            (Verb::PASS, password) => self.pass(password.unwrap_or_default()),
            (Verb::AUTH, Some(kind)) => return self.auth(kind),
            (Verb::PBSZ, Some("0")) if self.secure => {
                self.sized = true;
                self.say(200, "0");
            }
            (Verb::PROT, Some(level)) if self.secure => match (self.sized, level) {
                (false, _) => self.say(503, "PBSZ first"),
                (true, "P" | "C") => {
                    self.protected = level == "P";
                    self.say(200, "as you like it");
                }
                _ => self.say(536, "P or C"),
            },
            (Verb::PBSZ | Verb::PROT, _) => self.say(503, "AUTH TLS first"),
            (Verb::CCC, _) => return self.clear(),
            (Verb::HOST, Some(_)) if self.user.is_none() => self.say(220, "that is me"),
            (Verb::NOOP, _) => self.say(200, "nothing done"),
            (Verb::SYST, _) => self.say(215, "UNIX Type: L8"),
            (Verb::HELP, _) => self.say(214, "RFC 959 and its friends"),
            (Verb::CLNT, _) => self.say(200, "pleased"),
            (Verb::OPTS, Some(what)) => match what.to_ascii_uppercase().as_str() {
                "UTF8 ON" => self.say(200, "UTF-8 it is"),
                what if what.starts_with("MLST") => self.say(200, "MLST OPTS type;size;modify;perm;"),
                what if what.starts_with("HASH") => self.say(200, "SHA-256"),
                _ => self.say(501, "there is no such option"),
            },
            (_, _) if self.user.is_none() => self.say(530, "log in first"),
            (Verb::TYPE, Some(kind)) => match kind.to_ascii_uppercase().as_str() {
                "A" | "A N" | "I" | "L 8" => {
                    self.ascii = kind.starts_with(['A', 'a']);
                    self.say(200, "as you like it");
                }
                _ => self.say(504, "A or I"),
            },
            (Verb::MODE, Some(mode @ ("S" | "s" | "Z" | "z"))) => {
                self.zipped = mode.eq_ignore_ascii_case("z");
                self.say(200, "as you like it");
            }
            (Verb::STRU, Some("F" | "f")) => self.say(200, "as ever"),
            (Verb::MODE | Verb::STRU, Some(_)) => self.say(504, "S, Z and F are what there is"),
            (Verb::ALLO, _) => self.say(202, "no need"),
            (Verb::CPSV, _) if !self.protected => self.say(503, "PROT P first"),
            (Verb::PASV | Verb::EPSV | Verb::CPSV, _) => {
                self.client_once = command.verb() == Verb::CPSV;
                self.passive(command.verb());
            }
            (Verb::SSCN, Some(set)) => {
                self.sscn = set.eq_ignore_ascii_case("on");
                self.say(200, if self.sscn { "SSCN:CLIENT METHOD" } else { "SSCN:SERVER METHOD" });
            }
            (Verb::RANG, Some(ends)) => {
                let ends = ends.split_once(' ').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
                self.range = match ends {
                    // Last before first takes it back (draft-bryan-ftp-range).
                    Some((first, last)) if first > last => None,
                    Some((first, last)) => Some(first..usize::saturating_add(last, 1)),
                    None => {
                        self.say(501, "first and last byte");
                        return Ok(());
                    }
                };
                self.say(350, "and then?");
            }
            (Verb::PORT | Verb::EPRT, Some(address)) => self.active(command.verb(), address),
            (Verb::REST, Some(from)) => match from.parse() {
                Ok(from) => {
                    self.rest = from;
                    self.say(350, "and then?");
                }
                Err(_) => self.say(501, "that is no place"),
            },
            (Verb::ABOR, _) => self.say(226, "nothing is under way"),
            (Verb::REIN, _) => {
                (self.user, self.asked) = (None, None);
                (self.range, self.sscn, self.client_once) = (None, false, false);
                self.say(220, "who comes next?");
            }
            (verb, text) => return self.file(verb, text),
        }
        Ok(())
    }

    fn features(&mut self) {
        let knows = |feature: &str| {
            let name = feature.split(' ').next().unwrap_or_default();
            self.server.knows(name) && !(self.secure && name == "AUTH")
        };
        let mut lines = vec!["211-what there is".to_owned()];
        lines.extend(FEATURES.iter().filter(|one| knows(one)).map(|feature| format!(" {feature}")));
        lines.extend([" UTF8".to_owned(), "211 that is all".to_owned()]);
        for line in lines {
            self.conn.outbox().extend_from_slice(line.as_bytes());
            self.conn.outbox().extend_from_slice(b"\r\n");
        }
    }

    fn pass(&mut self, password: &str) {
        let Some(user) = self.asked.take() else { return self.say(503, "USER first") };
        let nobody = user.eq_ignore_ascii_case("anonymous") || user.eq_ignore_ascii_case("ftp");
        let right = self.server.world.password(&user);
        if nobody || right.is_some_and(|right| right == Secret::from(password)) {
            self.user = Some(if nobody { "anonymous".to_owned() } else { user });
            self.say(230, "welcome");
        } else {
            self.say(530, "wrong user or password");
        }
    }

    /// What was said before TLS is forgotten; bytes sent behind the command in clear text end the conversation.
    fn auth(&mut self, kind: &str) -> Result<(), Fault> {
        if self.secure || !matches!(kind.to_ascii_uppercase().as_str(), "TLS" | "TLS-C" | "SSL") {
            self.say(504, "TLS, and once");
            return Ok(());
        }
        self.say(234, "go ahead");
        self.conn.upgrade(|plain| self.context.upgrade(plain))?;
        (self.secure, self.user, self.asked) = (true, None, None);
        Ok(())
    }

    /// The control connection goes on in clear text (RFC 4217 section 12.3).
    fn clear(&mut self) -> Result<(), Fault> {
        if !self.secure {
            self.say(533, "it is in clear text");
            return Ok(());
        }
        self.say(200, "in clear text from here on");
        self.conn.downgrade()?;
        self.secure = false;
        Ok(())
    }

    fn passive(&mut self, verb: Verb) {
        let Some((way, port)) = Way::passive() else { return self.say(425, "no port to be had") };
        self.way = Some(way);
        let [high, low] = port.to_be_bytes();
        match verb {
            Verb::EPSV => self.say(229, &format!("here (|||{port}|)")),
            _ => self.say(227, &format!("here (127,0,0,1,{high},{low})")),
        }
    }

    fn active(&mut self, verb: Verb, address: &str) {
        let found: Option<(IpAddr, u16)> = match verb {
            Verb::PORT => {
                let numbers: Option<Vec<u8>> = address.split(',').map(|n| n.parse().ok()).collect();
                match numbers.as_deref() {
                    Some([a, b, c, d, high, low]) => {
                        Some((Ipv4Addr::new(*a, *b, *c, *d).into(), u16::from_be_bytes([*high, *low])))
                    }
                    _ => None,
                }
            }
            _ => {
                let mut parts = address.split(address.chars().next().unwrap_or('|')).skip(2);
                let ip = parts.next().and_then(|ip| ip.parse().ok());
                ip.zip(parts.next().and_then(|port| port.parse().ok()))
            }
        };
        match found.and_then(|(ip, port)| Way::active(ip, port)) {
            Some(way) => {
                self.way = Some(way);
                self.say(200, "there");
            }
            None => self.say(501, "I dial nobody but you"),
        }
    }
}
