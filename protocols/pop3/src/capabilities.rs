//! What a server offers: the lines of CAPA (RFC 2449 section 6).

use std::fmt;

use netkit_wire::Text;

/// How long a server keeps messages (RFC 2449 section 6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// `NEVER`: as long as nobody deletes them.
    Never,
    /// So many days; 0: not past this session.
    Days(u32),
}

/// One line of CAPA.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// `TOP`, RFC 1939 section 7.
    Top,
    /// `USER`, RFC 1939 section 7.
    User,
    /// `SASL mechanism...`, RFC 5034.
    Sasl(Vec<String>),
    /// `RESP-CODES`, RFC 2449 section 6.4.
    RespCodes,
    /// `AUTH-RESP-CODE`, RFC 3206.
    AuthRespCode,
    /// `LOGIN-DELAY seconds [USER]`, RFC 2449 section 6.5.
    LoginDelay(u32),
    /// `PIPELINING`, RFC 2449 section 6.6.
    Pipelining,
    /// `EXPIRE days|NEVER [USER]`, RFC 2449 section 6.7.
    Expire(Expiry),
    /// `UIDL`, RFC 1939 section 7.
    Uidl,
    /// `IMPLEMENTATION words`, RFC 2449 section 6.9.
    Implementation(Text),
    /// `STLS`, RFC 2595 section 4.
    Stls,
    /// `UTF8 [USER]`, RFC 6856 section 2.
    Utf8,
    /// `LANG`, RFC 6856 section 3.
    Lang,
    /// Any other: its tag in upper case and what follows it.
    Other(String, Text),
}

impl Capability {
    /// ```text
    /// capability-line = capa-tag *(SP param)           capa-tag = 1*(%x21-7E)
    /// ```
    ///
    /// None for a line that is not of this grammar: it is passed over.
    pub fn parse(line: &[u8]) -> Option<Capability> {
        let mut words = line.split(|b| *b == b' ').filter(|word| !word.is_empty());
        let tag = words.next().filter(|tag| tag.iter().all(u8::is_ascii_graphic))?;
        let tag = String::from_utf8_lossy(tag).to_ascii_uppercase();
        let rest = line.get(tag.len()..).unwrap_or_default().trim_ascii();
        let number = |word: Option<&[u8]>| {
            let digits = word.filter(|word| word.len() < 10 && word.iter().all(u8::is_ascii_digit))?;
            std::str::from_utf8(digits).ok()?.parse().ok()
        };
        let other = || Capability::Other(tag.clone(), Text::from(rest));
        Some(match tag.as_str() {
            "TOP" => Capability::Top,
            "USER" => Capability::User,
            "SASL" => {
                let name =
                    |word: &&[u8]| word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
                Capability::Sasl(
                    words.filter(name).map(|word| String::from_utf8_lossy(word).into_owned()).collect(),
                )
            }
            "RESP-CODES" => Capability::RespCodes,
            "AUTH-RESP-CODE" => Capability::AuthRespCode,
            "LOGIN-DELAY" => number(words.next()).map_or_else(other, Capability::LoginDelay),
            "PIPELINING" => Capability::Pipelining,
            "EXPIRE" => match words.next() {
                Some(never) if never.eq_ignore_ascii_case(b"NEVER") => Capability::Expire(Expiry::Never),
                days => number(days).map_or_else(other, |days| Capability::Expire(Expiry::Days(days))),
            },
            "UIDL" => Capability::Uidl,
            "IMPLEMENTATION" => Capability::Implementation(Text::from(rest)),
            "STLS" => Capability::Stls,
            "UTF8" => Capability::Utf8,
            "LANG" => Capability::Lang,
            _ => other(),
        })
    }

    /// The tag, in upper case.
    pub fn tag(&self) -> &str {
        match self {
            Capability::Top => "TOP",
            Capability::User => "USER",
            Capability::Sasl(_) => "SASL",
            Capability::RespCodes => "RESP-CODES",
            Capability::AuthRespCode => "AUTH-RESP-CODE",
            Capability::LoginDelay(_) => "LOGIN-DELAY",
            Capability::Pipelining => "PIPELINING",
            Capability::Expire(_) => "EXPIRE",
            Capability::Uidl => "UIDL",
            Capability::Implementation(_) => "IMPLEMENTATION",
            Capability::Stls => "STLS",
            Capability::Utf8 => "UTF8",
            Capability::Lang => "LANG",
            Capability::Other(tag, _) => tag,
        }
    }
}

/// As on the wire; what a peer sent is escaped.
impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())?;
        match self {
            Capability::Sasl(names) => names.iter().try_for_each(|name| write!(f, " {name}")),
            Capability::LoginDelay(seconds) => write!(f, " {seconds}"),
            Capability::Expire(Expiry::Never) => f.write_str(" NEVER"),
            Capability::Expire(Expiry::Days(days)) => write!(f, " {days}"),
            Capability::Implementation(text) | Capability::Other(_, text) if !text.as_bytes().is_empty() => {
                write!(f, " {text}")
            }
            _ => Ok(()),
        }
    }
}

/// What a server said it can do; empty where it was not asked, or does not know CAPA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(Vec<Capability>);

impl Capabilities {
    /// These, for the server's side.
    pub fn new(all: Vec<Capability>) -> Capabilities {
        Capabilities(all)
    }

    /// All of them in the server's order.
    pub fn iter(&self) -> std::slice::Iter<'_, Capability> {
        self.0.iter()
    }

    /// Whether there is one of this tag.
    pub fn has(&self, tag: &str) -> bool {
        self.0.iter().any(|one| one.tag().eq_ignore_ascii_case(tag))
    }

    /// Whether the server has told of anything: one that knows no CAPA may still know the optional commands.
    pub fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// The login mechanisms offered, as the server spells them.
    pub fn mechanisms(&self) -> Vec<&str> {
        let lists = self.0.iter().filter_map(|one| match one {
            Capability::Sasl(names) => Some(names),
            _ => None,
        });
        lists.flatten().map(String::as_str).collect()
    }

    /// How long the server keeps messages, if it says.
    pub fn expiry(&self) -> Option<Expiry> {
        self.0.iter().find_map(|one| match one {
            Capability::Expire(expiry) => Some(*expiry),
            _ => None,
        })
    }
}
