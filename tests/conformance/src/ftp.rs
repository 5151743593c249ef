//! FTP's calls: steps on one session, with a lone `;` between them. Before a step's word may stand `try`: a refusal is then
//! written down and the next step is made; else the first error ends the call.
//!
//! - `greeting`, `features`, `host NAME`, `auth`, `login USER PASSWORD [account=A] [channel=clear]`, `anonymous`
//! - `active`, `pwd`, `cwd P`, `cdup`, `mkd P`, `rmd P`, `dele P`, `rename P P`, `size P`, `mdtm P`, `modified P STAMP`, `chmod P MODE`
//! - `mlst P`, `hash P`, `syst`, `stat [P]`, `noop`, `look P`, `raw LINE`, `notices`, `quit`
//! - `latin1`: names are in ISO 8859-1 from here on
//! - `modez`; its data stands behind `zipped=`, to be compressed, and `retr P most=N` takes no more bytes
//! - with a data connection, whose bytes stand behind `data=`: `retr P [FROM]`, `on P FROM` (or from the
//!   start), `part P` (read in part, and given up), `part-of P FROM TO`, `dated P` (with the time of the file), `list [P]`, `nlst [P]`; and those that send TEXT: `stor P TEXT [FROM]`, `sized P TEXT` (the size is told), `appe P TEXT`, `stou TEXT`
//!
//! The data connection itself is in memory in every mode: what is tried is how the control connection and the data belong
//! together. An outcome lists what each step returned; what went over the data connection is shown escaped.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use netkit_auth::Secret;
use netkit_ftp::{
    Charset, Client, Data, Entry, Error, Facts, Invalid, Login, Mode, Stamp, Waiting, list, reply,
};
use netkit_socket::NetError;
use netkit_wire::{Conn, Fault, Memory, Phase, Replies, Reply, Stream, escape};

use crate::protocol::{Protocol, Session};

pub(crate) struct Ftp;

/// What one connection was sent.
type Written = Arc<Mutex<Vec<u8>>>;

/// What comes over the next data connections, and what went.
#[derive(Clone, Default)]
struct Wire {
    coming: Arc<Mutex<VecDeque<Vec<u8>>>>,
    gone: Arc<Mutex<Vec<Written>>>,
}

impl Wire {
    fn next(&self) -> Result<Box<dyn Stream>, NetError> {
        let bytes = self.coming.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let stream = Memory::new(&bytes.ok_or(NetError::Closed)?);
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).push(stream.written());
        Ok(Box::new(stream))
    }

    fn put(&self, bytes: &[u8]) {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner).push_back(bytes.to_vec());
    }

    fn sent(&self) -> String {
        let gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = gone.last() else { return String::new() };
        let bytes = last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        escape(&bytes).into_owned()
    }
}

/// ISO 8859-1: each byte is the character of its number.
struct Latin1;

impl Charset for Latin1 {
    fn encode(&self, name: &str) -> Option<Vec<u8>> {
        name.chars().map(|c| u8::try_from(c).ok()).collect()
    }

    fn decode(&self, name: &[u8]) -> String {
        name.iter().map(|byte| char::from(*byte)).collect()
    }
}

/// One whole compressed stream.
fn zipped(text: &str) -> Vec<u8> {
    let below = Memory::new(b"");
    let written = below.written();
    let mut stream = netkit_socket::zipped(Box::new(below));
    // Memory takes everything.
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.shutdown_write());
    let bytes = written.lock().unwrap_or_else(PoisonError::into_inner);
    bytes.clone()
}

impl Data for Wire {
    fn dial(&mut self, _: u16) -> Result<Box<dyn Stream>, NetError> {
        self.next()
    }

    fn listen(&mut self) -> Result<Box<dyn Waiting>, NetError> {
        Ok(Box::new(self.clone()))
    }

    fn secure(&mut self, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, NetError> {
        Ok(stream)
    }

    fn peer(&self) -> Option<std::net::IpAddr> {
        Some(Ipv4Addr::LOCALHOST.into())
    }
}

impl Waiting for Wire {
    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, 50_000).into()
    }

    fn accept(self: Box<Self>) -> Result<Box<dyn Stream>, NetError> {
        self.next()
    }
}

/// Before and behind the login.
enum State {
    Client(Box<Client>),
    Session(Box<netkit_ftp::Session>),
}

impl Protocol for Ftp {
    fn call(&self, words: &[String], session: &mut Session) -> String {
        let conn = match session.connect() {
            Ok(conn) => conn,
            Err(why) => return format!("Err Net: {why}"),
        };
        let wire = Wire::default();
        let client = Client::new(conn, Box::new(wire.clone()), false);
        let mut state = Some(State::Client(Box::new(client)));
        let mut results = Vec::new();
        for step in words.split(|word| word == ";") {
            let (tried, step) = match step {
                [word, rest @ ..] if word == "try" => (true, rest),
                step => (false, step),
            };
            match call(step, &mut state, session, &wire) {
                Ok(result) => results.push(result),
                Err(why) if tried && why.connection_is_usable() => results.push(describe(&why)),
                Err(why) => {
                    results.insert(0, describe(&why));
                    return results.join(" | after ").trim_end().to_owned();
                }
            }
        }
        format!("Ok {}", results.join(" | ")).trim_end().to_owned()
    }

    /// What a reply says beside its code depends on what was asked: every reading is named.
    fn grammar(&self, conn: &mut Conn) -> String {
        let mut lines = String::new();
        loop {
            let replies = Replies::free(conn.limits());
            match conn.recv_or_end(replies) {
                Ok(Some(reply)) => {
                    let (passive, extended) = (reply::passive(&reply), reply::extended_passive(&reply));
                    let path = reply::quoted_path(&reply).map(|path| escape(&path).into_owned());
                    lines += &format!("{reply} {passive:?} {extended:?} {path:?}\n");
                }
                Ok(None) => return lines,
                Err(fault) => return format!("{lines}{fault}"),
            }
        }
    }
}

fn is_data(word: &str) -> bool {
    word.starts_with("data=") || word.starts_with("zipped=")
}

fn call(step: &[String], state: &mut Option<State>, session: &Session, wire: &Wire) -> Result<String, Error> {
    let words: Vec<&str> = step.iter().map(String::as_str).filter(|word| !is_data(word)).collect();
    if let Some(data) = option(step, "data") {
        wire.put(data.as_bytes());
    }
    if let Some(data) = option(step, "zipped") {
        wire.put(&zipped(data));
    }
    let said = |reply: Reply| reply.to_string();
    match (words.as_slice(), state.take().ok_or(Error::Over)?) {
        (["quit"], State::Client(client)) => client.quit().map(said),
        (["quit"], State::Session(open)) => open.quit().map(said),
        (["login" | "anonymous", ..], State::Client(client)) => {
            let login = match words.as_slice() {
                ["login", user, password, ..] => Login {
                    user: (*user).to_owned(),
                    password: Some(Secret::from(*password)),
                    account: option(step, "account").map(str::to_owned),
                    channel_is_private: option(step, "channel") != Some("clear"),
                },
                _ => Login::anonymous(),
            };
            let open = client.login(&login)?;
            let told = open.welcome().to_string();
            *state = Some(State::Session(Box::new(open)));
            Ok(told)
        }
        (words, mut place) => {
            let done = match &mut place {
                State::Client(client) => before_login(words, client, session),
                State::Session(open) => with_files(words, open, wire),
            };
            *state = Some(place);
            done
        }
    }
}

fn before_login(words: &[&str], client: &mut Client, session: &Session) -> Result<String, Error> {
    match *words {
        ["greeting"] => client.greeting().map(Reply::to_string),
        ["features"] => client.features().map(|all| format!("[{}]", all.join(", "))),
        ["host", name] => client.host(name).map(|reply| reply.to_string()),
        ["auth"] => client.auth_tls(session.upgrade()).map(|()| "secure".to_owned()),
        _ => Ok(format!("no such call: {words:?}")),
    }
}

fn with_files(words: &[&str], open: &mut netkit_ftp::Session, wire: &Wire) -> Result<String, Error> {
    let said = |reply: Reply| reply.to_string();
    let stamp = |text: &str| Stamp::parse(text.as_bytes()).ok_or(Error::Invalid(Invalid("no stamp")));
    match *words {
        ["active"] => {
            open.mode = Mode::Active;
            Ok("active".to_owned())
        }
        ["features"] => Ok(format!("[{}]", open.features().join(", "))),
        ["pwd"] => open.pwd().map(|path| escape(&path).into_owned()),
        ["cwd", path] => open.cwd(path).map(said),
        ["cdup"] => open.cdup().map(said),
        ["mkd", path] => open.mkd(path).map(said),
        ["rmd", path] => open.rmd(path).map(said),
        ["dele", path] => open.dele(path).map(said),
        ["rename", from, to] => open.rename(from, to).map(said),
        ["size", path] => open.size(path).map(|size| size.to_string()),
        ["mdtm", path] => open.mdtm(path).map(|stamp| stamp.to_string()),
        ["modified", path, at] => open.set_modified(path, stamp(at)?).map(said),
        ["chmod", path, mode] => open.chmod(path, u32::from_str_radix(mode, 8).unwrap_or_default()).map(said),
        ["mlst", path] => open.mlst(path).map(|facts| facts_of(&facts)),
        ["hash", path] => open.hash(path).map(|(name, hash)| format!("{name} {hash}")),
        ["syst"] => open.syst().map(said),
        ["stat"] => open.stat(None).map(said),
        ["stat", path] => open.stat(Some(path)).map(said),
        ["noop"] => open.noop().map(said),
        ["ccc"] => open.ccc().map(said),
        ["raw", line] => open.raw(line).map(said),
        ["look", path] => open.look(path).map(|entry| described(&entry)),
        ["latin1"] => open.set_charset(Arc::new(Latin1)).map(|()| "Latin-1".to_owned()),
        ["modez"] => open.mode_z().map(said),
        ["notices"] => Ok(format!("{:?}", open.take_notices())),
        ["retr", path, ref from @ ..] => {
            let most = from.iter().find_map(|word| word.strip_prefix("most=")?.parse().ok());
            let from = from.first().and_then(|from| from.parse().ok()).unwrap_or_default();
            let mut download = open.retr(path, from)?;
            if let Some(most) = most {
                download.limit(most);
            }
            let mut text = Vec::new();
            let read = download.read_to_end(&mut text);
            read.map_err(|why| Error::Wire(Fault::from_io(why, Phase::Receiving)))?;
            download.finish().map(|reply| format!("\"{}\" {reply}", escape(&text)))
        }
        ["on", path, from] => {
            let from = from.parse().map_err(|_| Error::Invalid(Invalid("no number")))?;
            let (at, mut download) = open.retr_on(path, from)?;
            let mut text = Vec::new();
            let read = download.read_to_end(&mut text);
            read.map_err(|why| Error::Wire(Fault::from_io(why, Phase::Receiving)))?;
            download.finish().map(|reply| format!("at {at} \"{}\" {reply}", escape(&text)))
        }
        ["part-of", path, from, to] => {
            let number = |text: &str| text.parse().map_err(|_| Error::Invalid(Invalid("no number")));
            let mut download = open.retr_part(path, number(from)?..number(to)?)?;
            let mut text = Vec::new();
            let read = download.read_to_end(&mut text);
            read.map_err(|why| Error::Wire(Fault::from_io(why, Phase::Receiving)))?;
            download.finish().map(|reply| format!("\"{}\" {reply}", escape(&text)))
        }
        ["dated", path] => {
            let mut download = open.retr_dated(path)?;
            let mut text = Vec::new();
            let read = download.read_to_end(&mut text);
            read.map_err(|why| Error::Wire(Fault::from_io(why, Phase::Receiving)))?;
            let (reply, at) = download.finish_dated()?;
            let at = at.map_or_else(|| "-".to_owned(), |at| at.to_string());
            Ok(format!("\"{}\" {at} {reply}", escape(&text)))
        }
        ["part", path] => {
            let mut download = open.retr(path, 0)?;
            let mut some = [0; 3];
            let read = download.read(&mut some);
            read.map_err(|why| Error::Wire(Fault::from_io(why, Phase::Receiving)))?;
            download.finish().map(said)
        }
        ["list", ref path @ ..] => {
            let mut all = Vec::new();
            for entry in open.list(path.first().copied())? {
                match entry {
                    Ok(entry) => all.push(described(&entry)),
                    Err(why @ Error::Unreadable(_)) => all.push(describe(&why)),
                    Err(why) => return Err(why),
                }
            }
            Ok(format!("[{}]", all.join(", ")))
        }
        ["nlst", ref path @ ..] => {
            let names = open.nlst(path.first().copied())?;
            Ok(format!("{:?}", names.iter().map(|name| escape(name)).collect::<Vec<_>>()))
        }
        ["stor", path, text, ref from @ ..] => {
            let from = from.first().and_then(|from| from.parse().ok()).unwrap_or_default();
            wire.put(b"");
            let upload = open.stor(path, from)?;
            sent(upload, text, wire)
        }
        ["sized", path, text] => {
            wire.put(b"");
            let upload = open.stor_sized(path, text.len() as u64)?;
            sent(upload, text, wire)
        }
        ["appe", path, text] => {
            wire.put(b"");
            sent(open.appe(path)?, text, wire)
        }
        ["stou", text] => {
            wire.put(b"");
            sent(open.stou()?, text, wire)
        }
        _ => Ok(format!("no such call: {words:?}")),
    }
}

fn sent(mut upload: netkit_ftp::Upload<'_>, text: &str, wire: &Wire) -> Result<String, Error> {
    let written = upload.write_all(text.as_bytes());
    written.map_err(|why| Error::Wire(Fault::from_io(why, Phase::Sending)))?;
    let reply = upload.finish()?;
    Ok(format!("\"{}\" went: {reply}", wire.sent()))
}

fn facts_of(facts: &Facts) -> String {
    let mut line = Vec::new();
    facts.encode(&mut line);
    escape(&line).into_owned()
}

fn described(entry: &Entry) -> String {
    let kind = match &entry.kind {
        list::Kind::File => "file".to_owned(),
        list::Kind::Folder => "folder".to_owned(),
        list::Kind::Link(to) => format!("link to {:?}", to.as_deref().map(escape)),
        _ => "other".to_owned(),
    };
    let size = entry.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
    let at = entry.modified.map_or_else(|| "-".to_owned(), |stamp| stamp.to_string());
    format!("{kind} {size} {at} \"{}\"", escape(&entry.name))
}

/// The value of `name=value` among the words of a step.
fn option<'s>(step: &'s [String], name: &str) -> Option<&'s str> {
    step.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn describe(error: &Error) -> String {
    let name = match error {
        // Clear text behind the reply is found in the buffer when it came in one piece with it, by the handshake when not.
        Error::Wire(Fault::Leftover(_) | Fault::Io { phase: Phase::Upgrading, .. }) => {
            return "Err Wire: there is no TLS behind the reply".to_owned();
        }
        Error::Net(_) => "Net",
        Error::Wire(_) => "Wire",
        Error::Refused(_) => "Refused",
        Error::Unexpected(_) => "Unexpected",
        Error::Unsupported(_) => "Unsupported",
        Error::Invalid(_) => "Invalid",
        Error::Login(_) => "Login",
        Error::AccountWanted => "AccountWanted",
        Error::ClearPassword => "ClearPassword",
        Error::Unreadable(_) => "Unreadable",
        Error::Aborted => "Aborted",
        Error::Over => "Over",
        _ => "of a new kind",
    };
    format!("Err {name}: {error}")
}
