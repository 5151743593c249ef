//! The commands of the shell. None of them leaves this process.

use std::time::Duration;

use netkit_telnet::options::Kind;
use netkit_telnet::{Error, Opt, Side};

use super::session::{Heard, Session};

const HELP: &str = "\
help                this text
echo TEXT           says it again
whoami              who logged in
ls [FOLDER]         files
cat FILE            a file
options             what is agreed
terminal            what the client told of its terminal
env                 the variables that it told
said                its last answers to questions
count N [MS]        numbers, one a line
bytes N             so many bytes
slow TEXT           a character at a time
ask TEXT            asks, and repeats the answer
status N            ends with \"status N\"
binary on|off       the option BINARY, both ways
linemode            asks for LINEMODE
charset             asks which character set
mark                asks for a timing mark
exit                ends the session
";

/// The most that one command says.
const MOST: usize = 256 << 20;

impl Session<'_> {
    pub(super) fn shell(&mut self, user: &str) -> Result<(), Error> {
        loop {
            self.say("$ ")?;
            let line = match self.line(true)? {
                Heard::Line(line) => line,
                Heard::Interrupted => continue,
                Heard::Left => return Ok(()),
            };
            let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            match word {
                "" => {}
                "exit" | "logout" | "quit" => return Ok(()),
                "help" => self.say(HELP)?,
                "echo" => self.say(&format!("{rest}\n"))?,
                "whoami" => self.say(&format!("{user}\n"))?,
                "ls" => self.list(rest)?,
                "cat" => self.cat(rest)?,
                "options" => self.options()?,
                "terminal" => self.terminal()?,
                "env" => self.environment()?,
                "said" => self.said()?,
                "count" => self.count(rest)?,
                "bytes" => self.bytes(rest.parse().unwrap_or(0))?,
                "slow" => self.slow(rest)?,
                "ask" => self.repeat(rest)?,
                "status" => self.say(&format!("status {}\n", rest.parse::<u8>().unwrap_or(255)))?,
                "binary" => self.binary(rest == "on")?,
                "linemode" => self.asked(Side::Him, Opt::LINEMODE)?,
                "charset" => self.asked(Side::Us, Opt::CHARSET)?,
                "mark" => {
                    self.client.engine_mut().mark();
                    self.client.flush()?;
                }
                other => {
                    self.say(&format!("{other}: there is no such command; help lists what there is\n"))?
                }
            }
        }
    }

    fn list(&mut self, folder: &str) -> Result<(), Error> {
        let folder = format!("/{}/", folder.trim_matches('/')).replace("//", "/");
        let names = self.server.world.site().list(&folder);
        if names.is_empty() {
            return self.say(&format!("{folder}: there is no such folder\n"));
        }
        self.say(&names.iter().map(|name| format!("{name}\n")).collect::<String>())
    }

    fn cat(&mut self, name: &str) -> Result<(), Error> {
        let path = format!("/{}", name.trim_start_matches('/'));
        let file = self.server.world.site().file(&path).map(|file| file.bytes.to_vec());
        match file {
            Some(bytes) => self.client.write(&bytes),
            None => self.say(&format!("{path}: there is no such file\n")),
        }
    }

    fn options(&mut self) -> Result<(), Error> {
        let of = |side| -> String {
            self.client.engine().options(side).map(|option| format!(" {option}")).collect()
        };
        let tls = if self.secure { "on" } else { "off" };
        let text = format!("server:{}\nclient:{}\ntls: {tls}\n", of(Side::Us), of(Side::Him));
        self.say(&text)
    }

    fn terminal(&mut self) -> Result<(), Error> {
        let known = |text: Option<&String>| {
            text.map_or("not known".to_owned(), |text| text.escape_default().to_string())
        };
        let learned = &self.learned;
        let names: Vec<String> =
            learned.terminals.iter().map(|name| name.escape_default().to_string()).collect();
        let window = learned.window.map_or("not known".to_owned(), |w| format!("{}x{}", w.columns, w.rows));
        let text = format!(
            "types: {}\nwindow: {window}\nspeed: {}\ndisplay: {}\ncharset: {}\nflow control: {}\n",
            names.join(", "),
            known(learned.speed.as_ref()),
            known(learned.display.as_ref()),
            known(learned.charset.as_ref()),
            if self.client.engine().is_on(Side::Him, Opt::LFLOW) { "from here" } else { "not known" },
        );
        self.say(&text)
    }

    fn environment(&mut self) -> Result<(), Error> {
        let mut text = String::new();
        for variable in &self.learned.variables {
            let kind = if variable.kind == Kind::User { "USERVAR" } else { "VAR" };
            let name = variable.name.escape_ascii();
            let value = variable.value.as_deref().unwrap_or_default().escape_ascii();
            text += &format!("{kind} {name}={value}\n");
        }
        let user = self.learned.user().map_or("nobody".to_owned(), |user| user.escape_default().to_string());
        self.say(&format!("{text}user: {user}\n"))
    }

    fn said(&mut self) -> Result<(), Error> {
        let text: String = self.learned.said.iter().map(|line| format!("{line}\n")).collect();
        self.say(&text)
    }

    fn count(&mut self, rest: &str) -> Result<(), Error> {
        let mut words = rest.split_whitespace().map(|word| word.parse::<u64>().unwrap_or(0));
        let (to, pause) = (words.next().unwrap_or(0).min(100_000), words.next().unwrap_or(0).min(1000));
        let mut ahead = String::new();
        for number in 1..=to {
            ahead += &format!("{number}\n");
            // What is compressed is larger than what it was where each line goes alone.
            if pause > 0 || ahead.len() > 4000 || number == to {
                self.say(&ahead)?;
                ahead.clear();
            }
            if pause > 0 {
                std::thread::sleep(Duration::from_millis(pause));
            }
        }
        Ok(())
    }

    fn bytes(&mut self, many: usize) -> Result<(), Error> {
        let line = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,.-\n".repeat(1000);
        let mut left = many.min(MOST);
        while left > 0 {
            let piece = line.get(..left.min(line.len())).unwrap_or_default();
            self.say(piece)?;
            left -= piece.len();
        }
        self.say("\n")
    }

    fn slow(&mut self, text: &str) -> Result<(), Error> {
        for character in text.chars().take(200) {
            self.say(character.encode_utf8(&mut [0; 4]))?;
            std::thread::sleep(Duration::from_millis(10));
        }
        self.say("\n")
    }

    fn repeat(&mut self, question: &str) -> Result<(), Error> {
        self.say(&format!("{question}? "))?;
        match self.line(true)? {
            Heard::Line(answer) => self.say(&format!("{question}: {answer}\n")),
            _ => Ok(()),
        }
    }

    fn binary(&mut self, on: bool) -> Result<(), Error> {
        for side in [Side::Us, Side::Him] {
            let engine = self.client.engine_mut();
            // A complaint: it is so already.
            let _ = if on { engine.enable(side, Opt::BINARY) } else { engine.disable(side, Opt::BINARY) };
        }
        self.settle()
    }

    fn asked(&mut self, side: Side, option: Opt) -> Result<(), Error> {
        self.ask(side, option)?;
        self.settle()?;
        let on = if self.client.engine().is_on(side, option) { "on" } else { "refused" };
        self.say(&format!("{option}: {on}\n"))
    }

    /// Waits for answers.
    fn settle(&mut self) -> Result<(), Error> {
        let end = std::time::Instant::now() + Duration::from_secs(1);
        while self.client.engine().is_asking() {
            match self.pump(Some(end))? {
                Some(netkit_telnet::Came::Something) => self.hear()?,
                _ => break,
            }
        }
        Ok(())
    }
}
