//! Parameters with a meaning of their own: DSN, REQUIRETLS, DELIVERBY, MT-PRIORITY, FUTURERELEASE.

use std::str::FromStr;

use super::{ForwardPath, Mailbox, Parameter, xtext};
use crate::error::{Argument, Invalid};

/// How much of the message a notice brings back: `RET=` (RFC 3461 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Return {
    /// All of it.
    Full,
    /// Its header.
    Headers,
}

/// When a recipient's fate is told: `NOTIFY=` (RFC 3461 section 4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notify {
    /// When it was delivered.
    pub success: bool,
    /// When it cannot be.
    pub failure: bool,
    /// When it takes long.
    pub delay: bool,
}

/// What becomes of a message that is too late: the mode of `BY=` (RFC 2852 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByMode {
    /// It is sent back.
    Return,
    /// It goes on, and a notice says so.
    Notify,
}

const fn invalid(rule: &'static str) -> Invalid {
    Invalid::new(Argument::Parameter, rule)
}

impl Notify {
    /// Never.
    pub const NEVER: Notify = Notify { success: false, failure: false, delay: false };

    fn value(self) -> String {
        let words = [(self.success, "SUCCESS"), (self.failure, "FAILURE"), (self.delay, "DELAY")];
        let said: Vec<&str> = words.iter().filter(|(said, _)| *said).map(|(_, word)| *word).collect();
        if said.is_empty() { "NEVER".to_owned() } else { said.join(",") }
    }
}

impl FromStr for Notify {
    type Err = Invalid;

    /// `NEVER`, or a list of `SUCCESS`, `FAILURE`, `DELAY`, in any case.
    fn from_str(text: &str) -> Result<Notify, Invalid> {
        let mut all = Notify::NEVER;
        if text.eq_ignore_ascii_case("NEVER") {
            return Ok(all);
        }
        for word in text.split(',') {
            let flag = match word.to_ascii_uppercase().as_str() {
                "SUCCESS" => &mut all.success,
                "FAILURE" => &mut all.failure,
                "DELAY" => &mut all.delay,
                _ => return Err(invalid("NOTIFY is never, or of success, failure, delay")),
            };
            *flag = true;
        }
        Ok(all)
    }
}

impl Parameter {
    /// `RET=FULL` or `RET=HDRS`, for MAIL.
    ///
    /// # Errors
    /// None of its own; the signature is that of its sisters.
    pub fn ret(what: Return) -> Result<Parameter, Invalid> {
        Parameter::new("RET", Some(if what == Return::Full { "FULL" } else { "HDRS" }))
    }

    /// `ENVID=`, for MAIL: what the sender knows this message by (RFC 3461 section 4.4).
    ///
    /// # Errors
    /// [`Invalid`] when it is empty, has a character other than printable ASCII, or over 100 of them.
    pub fn envid(id: &str) -> Result<Parameter, Invalid> {
        let printable = !id.is_empty() && id.len() <= 100 && id.bytes().all(|b| (b' '..=b'~').contains(&b));
        if !printable {
            return Err(invalid("an envelope id has 1 to 100 printable ASCII characters"));
        }
        Parameter::new("ENVID", Some(&xtext(id)))
    }

    /// `NOTIFY=`, for RCPT.
    ///
    /// # Errors
    /// None of its own.
    pub fn notify(when: Notify) -> Result<Parameter, Invalid> {
        Parameter::new("NOTIFY", Some(&when.value()))
    }

    /// `ORCPT=`, for RCPT: who the message was first sent to (RFC 3461 section 4.2, RFC 6533 section 3).
    ///
    /// # Errors
    /// [`Invalid`] when it is too long.
    pub fn orcpt(path: &ForwardPath) -> Result<Parameter, Invalid> {
        // UTF-8 has an address type of its own, whose encoding (utf-8-addr-xtext) leaves non-ASCII as it is only where
        // SMTPUTF8 is spoken; the escaped form is right in both.
        match path.needs_utf8() {
            false => Parameter::new("ORCPT", Some(&format!("rfc822;{}", xtext(&path.to_string())))),
            true => Parameter::new("ORCPT", Some(&format!("utf-8;{}", utf8_xtext(&path.to_string())))),
        }
    }

    /// `AUTH=`, for MAIL: who sent it to the one that hands it on; `<>` where that is not known (RFC 4954 section 5).
    ///
    /// # Errors
    /// [`Invalid`] when it is too long.
    pub fn auth(who: Option<&Mailbox>) -> Result<Parameter, Invalid> {
        let value = who.map_or_else(|| "<>".to_owned(), |who| xtext(&who.to_string()));
        Parameter::new("AUTH", Some(&value))
    }

    /// `REQUIRETLS`, for MAIL: over TLS all the way, or not at all (RFC 8689 section 2).
    ///
    /// # Errors
    /// None of its own.
    pub fn require_tls() -> Result<Parameter, Invalid> {
        Parameter::new("REQUIRETLS", None)
    }

    /// `BY=`, for MAIL: to be delivered within so many seconds (RFC 2852 section 4).
    ///
    /// # Errors
    /// [`Invalid`] past nine digits, and for no time at all where a late message would be returned.
    pub fn deliver_by(seconds: i32, mode: ByMode, trace: bool) -> Result<Parameter, Invalid> {
        if seconds.abs() > 999_999_999 || seconds <= 0 && mode == ByMode::Return {
            return Err(invalid("the time to deliver by has one to nine digits, and is over zero to return"));
        }
        let mode = if mode == ByMode::Return { "R" } else { "N" };
        Parameter::new("BY", Some(&format!("{seconds};{mode}{}", if trace { "T" } else { "" })))
    }

    /// `MT-PRIORITY=`, for MAIL: from -9 to 9 (RFC 6710 section 4).
    ///
    /// # Errors
    /// [`Invalid`] outside of these.
    pub fn mt_priority(priority: i8) -> Result<Parameter, Invalid> {
        if !(-9..=9).contains(&priority) {
            return Err(invalid("a priority is from -9 to 9"));
        }
        Parameter::new("MT-PRIORITY", Some(&priority.to_string()))
    }

    /// `HOLDFOR=`, for MAIL: not to be sent on before so many seconds are over (RFC 4865 section 5).
    ///
    /// # Errors
    /// [`Invalid`] past nine digits.
    pub fn hold_for(seconds: u32) -> Result<Parameter, Invalid> {
        if seconds > 999_999_999 {
            return Err(invalid("a time to hold has at most nine digits"));
        }
        Parameter::new("HOLDFOR", Some(&seconds.to_string()))
    }

    /// `HOLDUNTIL=`, for MAIL: not to be sent on before this moment, in UTC as `2026-11-26T12:00:00Z` (RFC 4865 section 5).
    ///
    /// # Errors
    /// [`Invalid`] when it has another form.
    pub fn hold_until(moment: &str) -> Result<Parameter, Invalid> {
        let form = b"dddd-dd-ddTdd:dd:ddZ";
        let fits = moment.len() == form.len()
            && moment.bytes().zip(form).all(|(b, f)| if *f == b'd' { b.is_ascii_digit() } else { b == *f });
        if !fits {
            return Err(invalid("a moment to hold until has the form 2026-11-26T12:00:00Z"));
        }
        Parameter::new("HOLDUNTIL", Some(moment))
    }

    /// The extension that a server must offer to take a parameter of this keyword; none where it takes none to know it.
    pub fn extension(&self) -> Option<&'static str> {
        Some(match self.keyword() {
            "AUTH" => "AUTH",
            "RET" | "ENVID" | "NOTIFY" | "ORCPT" => "DSN",
            "REQUIRETLS" => "REQUIRETLS",
            "BY" => "DELIVERBY",
            "MT-PRIORITY" => "MT-PRIORITY",
            "HOLDFOR" | "HOLDUNTIL" => "FUTURERELEASE",
            _ => return None,
        })
    }
}

/// `utf-8-addr-xtext` (RFC 6533 section 3): `\x{HEX}` for what is not printable ASCII, and for `+`, `=`, `\`.
fn utf8_xtext(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '!'..='~' if !matches!(c, '+' | '=' | '\\') => out.push(c),
            _ => out.push_str(&format!("\\x{{{:02X}}}", u32::from(c))),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_what_its_standard_says() {
        let said = |parameter: Result<Parameter, Invalid>| parameter.map(|one| one.to_string());
        let path = |text: &str| text.parse::<ForwardPath>().unwrap();
        assert_eq!(said(Parameter::ret(Return::Headers)).unwrap(), "RET=HDRS");
        assert_eq!(said(Parameter::envid("QQ314159 x=1")).unwrap(), "ENVID=QQ314159+20x+3D1");
        let late = Notify { success: true, delay: true, ..Notify::NEVER };
        assert_eq!(said(Parameter::notify(late)).unwrap(), "NOTIFY=SUCCESS,DELAY");
        assert_eq!("success,DELAY".parse(), Ok(late));
        assert_eq!(said(Parameter::notify(Notify::NEVER)).unwrap(), "NOTIFY=NEVER");
        assert!("NEVER,DELAY".parse::<Notify>().is_err());
        assert_eq!(said(Parameter::orcpt(&path("a+b@x.org"))).unwrap(), "ORCPT=rfc822;a+2Bb@x.org");
        assert_eq!(said(Parameter::orcpt(&path("jörg@x.org"))).unwrap(), "ORCPT=utf-8;j\\x{F6}rg@x.org");
        assert_eq!(said(Parameter::auth(None)).unwrap(), "AUTH=<>");
        assert_eq!(said(Parameter::deliver_by(120, ByMode::Return, false)).unwrap(), "BY=120;R");
        assert_eq!(said(Parameter::deliver_by(-5, ByMode::Notify, true)).unwrap(), "BY=-5;NT");
        assert!(Parameter::deliver_by(0, ByMode::Return, false).is_err());
        assert_eq!(said(Parameter::mt_priority(-3)).unwrap(), "MT-PRIORITY=-3");
        assert!(Parameter::mt_priority(10).is_err());
        assert_eq!(said(Parameter::hold_for(86_400)).unwrap(), "HOLDFOR=86400");
        assert_eq!(
            said(Parameter::hold_until("2026-11-26T12:00:00Z")).unwrap(),
            "HOLDUNTIL=2026-11-26T12:00:00Z"
        );
        assert!(Parameter::hold_until("tomorrow").is_err());
        assert!(Parameter::envid("a\r\nRSET").is_err() && Parameter::envid("").is_err());
    }
}
