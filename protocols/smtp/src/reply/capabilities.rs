//! The reply to EHLO: RFC 5321 section 4.1.1.1.

use std::fmt;

use netkit_wire::{Reply, Text};

use crate::code;

/// One service extension, by the keywords of the IANA registry "SMTP Service Extensions".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extension {
    /// `PIPELINING`, RFC 2920.
    Pipelining,
    /// `SIZE [n]`, RFC 1870: the largest message in bytes, if the server names one (0 means it does not).
    Size(Option<u64>),
    /// `8BITMIME`, RFC 6152.
    EightBitMime,
    /// `SMTPUTF8`, RFC 6531.
    SmtpUtf8,
    /// `STARTTLS`, RFC 3207.
    StartTls,
    /// `AUTH mechanism...`, RFC 4954; also `AUTH=mechanism...`, which servers once sent for old clients.
    Auth(Vec<String>),
    /// `ENHANCEDSTATUSCODES`, RFC 2034.
    EnhancedStatusCodes,
    /// `DSN`, RFC 3461.
    Dsn,
    /// `CHUNKING`, RFC 3030.
    Chunking,
    /// `BINARYMIME`, RFC 3030.
    BinaryMime,
    /// `VRFY`, RFC 5321.
    Vrfy,
    /// `EXPN`, RFC 5321.
    Expn,
    /// `HELP`, RFC 5321.
    Help,
    /// `ETRN`, RFC 1985.
    Etrn,
    /// Any other: its keyword in upper case and what follows it.
    Other(String, Text),
}

impl Extension {
    /// ```text
    /// ehlo-line    = ehlo-keyword *( SP ehlo-param )
    /// ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
    /// ```
    ///
    /// None for a line that is not of this grammar: one such line is no reason to give up on a server, so it is
    /// passed over.
    pub fn parse(line: &[u8]) -> Option<Extension> {
        let end = line.iter().position(|b| matches!(b, b' ' | b'=')).unwrap_or(line.len());
        let (keyword, rest) = line.split_at_checked(end)?;
        let ldh = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
        if keyword.is_empty() || keyword.starts_with(b"-") || !keyword.iter().all(ldh) {
            return None;
        }
        let keyword = String::from_utf8_lossy(keyword).to_ascii_uppercase();
        let parameters = rest.get(1..).unwrap_or_default().trim_ascii();
        let is_auth = keyword == "AUTH";
        // `=` instead of a space is AUTH's own quirk; anywhere else it is no ehlo-line.
        if rest.starts_with(b"=") && !is_auth {
            return None;
        }
        Some(match keyword.as_str() {
            "PIPELINING" => Extension::Pipelining,
            "SIZE" => Extension::Size(number(parameters).filter(|limit| *limit > 0)),
            "8BITMIME" => Extension::EightBitMime,
            "SMTPUTF8" => Extension::SmtpUtf8,
            "STARTTLS" => Extension::StartTls,
            "AUTH" => Extension::Auth(words(parameters)),
            "ENHANCEDSTATUSCODES" => Extension::EnhancedStatusCodes,
            "DSN" => Extension::Dsn,
            "CHUNKING" => Extension::Chunking,
            "BINARYMIME" => Extension::BinaryMime,
            "VRFY" => Extension::Vrfy,
            "EXPN" => Extension::Expn,
            "HELP" => Extension::Help,
            "ETRN" => Extension::Etrn,
            _ => Extension::Other(keyword, Text::from(parameters)),
        })
    }

    /// The keyword, in upper case.
    pub fn keyword(&self) -> &str {
        match self {
            Extension::Pipelining => "PIPELINING",
            Extension::Size(_) => "SIZE",
            Extension::EightBitMime => "8BITMIME",
            Extension::SmtpUtf8 => "SMTPUTF8",
            Extension::StartTls => "STARTTLS",
            Extension::Auth(_) => "AUTH",
            Extension::EnhancedStatusCodes => "ENHANCEDSTATUSCODES",
            Extension::Dsn => "DSN",
            Extension::Chunking => "CHUNKING",
            Extension::BinaryMime => "BINARYMIME",
            Extension::Vrfy => "VRFY",
            Extension::Expn => "EXPN",
            Extension::Help => "HELP",
            Extension::Etrn => "ETRN",
            Extension::Other(keyword, _) => keyword,
        }
    }
}

/// As in the EHLO reply; what a peer sent is escaped.
impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())?;
        match self {
            Extension::Size(Some(limit)) => write!(f, " {limit}"),
            Extension::Auth(mechanisms) => mechanisms.iter().try_for_each(|one| write!(f, " {one}")),
            Extension::Other(_, parameters) if !parameters.as_bytes().is_empty() => {
                write!(f, " {parameters}")
            }
            _ => Ok(()),
        }
    }
}

/// Digits that fit; a server that offers more than 2^64 bytes offers no limit.
fn number(digits: &[u8]) -> Option<u64> {
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if all { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
}

/// Mechanism names; anything with a byte that no name has is passed over.
fn words(text: &[u8]) -> Vec<String> {
    let name = |word: &&[u8]| {
        !word.is_empty() && word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.split(|b| *b == b' ').filter(name).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// What a server said it can do, and who it said it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    domain: Text,
    extensions: Vec<Extension>,
}

impl Capabilities {
    /// What a server of this name offers: for the server's side.
    pub fn new(domain: &str, extensions: Vec<Extension>) -> Capabilities {
        Capabilities { domain: Text::from(domain), extensions }
    }

    /// Reads a 250 reply to EHLO: the server's domain and greeting, then an extension a line.
    pub fn parse(reply: &Reply) -> Capabilities {
        let lines = reply.lines().iter().skip(1);
        let extensions = lines.filter_map(|line| Extension::parse(line.as_bytes())).collect();
        Capabilities { extensions, ..Capabilities::without_extensions(reply) }
    }

    /// Reads a 250 reply to HELO.
    pub fn without_extensions(reply: &Reply) -> Capabilities {
        let domain = reply.first().split(|b| *b == b' ').next().unwrap_or_default();
        Capabilities { domain: Text::from(domain), extensions: Vec::new() }
    }

    /// The reply to EHLO that says so.
    pub fn to_reply(&self) -> Reply {
        let mut lines = vec![self.domain.clone()];
        lines.extend(self.extensions.iter().map(|one| Text::from(one.to_string().as_str())));
        Reply::new(code::OK, lines)
    }

    /// Who the server says it is.
    pub fn domain(&self) -> &Text {
        &self.domain
    }

    /// The extensions, in the server's order.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// Whether there is an extension of this keyword.
    pub fn has(&self, keyword: &str) -> bool {
        self.extensions.iter().any(|one| one.keyword().eq_ignore_ascii_case(keyword))
    }

    /// The largest message the server takes, in bytes, if it names a limit. Of several, the smallest.
    pub fn size_limit(&self) -> Option<u64> {
        let limits = self.extensions.iter().filter_map(|one| match one {
            Extension::Size(limit) => *limit,
            _ => None,
        });
        limits.min()
    }

    /// The login mechanisms offered, each once, as the server spells them.
    pub fn mechanisms(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for one in &self.extensions {
            let Extension::Auth(names) = one else { continue };
            for name in names {
                if !all.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                    all.push(name);
                }
            }
        }
        all
    }
}
