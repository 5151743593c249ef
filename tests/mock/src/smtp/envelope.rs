//! MAIL and RCPT, the server's side: which parameters are known, and who gets mail (RFC 5321 section 4.1.1.2 and 3).

use netkit_smtp::command::{Mail, Rcpt};
use netkit_smtp::types::{BodyKind, Parameter};
use netkit_smtp::{ForwardPath, code};

use super::session::Session;
use super::{MESSAGE, RECIPIENTS};

impl Session<'_> {
    /// Whether the extension that a parameter belongs to is offered.
    fn knows(&self, parameter: &Parameter) -> bool {
        parameter.extension().is_some_and(|keyword| self.offers(keyword))
    }

    pub(super) fn mail(&mut self, mail: Mail) {
        let refusal = if self.offers.is_none() {
            Some((code::BAD_SEQUENCE, "5.5.1 say EHLO first"))
        } else if self.server.login_required && self.user.is_none() {
            Some((code::AUTHENTICATION_REQUIRED, "5.7.0 log in first"))
        } else if self.mail.is_some() || self.chunks.is_open() {
            Some((code::BAD_SEQUENCE, "5.5.1 there is a sender already, or a chunk was refused: RSET first"))
        } else if mail.size.is_some_and(|size| size > MESSAGE) {
            Some((code::TOO_LARGE, "5.3.4 too large a message"))
        } else if mail.parameters.iter().any(|one| !self.knows(one))
            || mail.size.is_some() && !self.offers("SIZE")
            || mail.body == Some(BodyKind::Binary) && !self.offers("BINARYMIME")
            || matches!(mail.body, Some(BodyKind::SevenBit | BodyKind::EightBit)) && !self.offers("8BITMIME")
            || mail.utf8 && !self.offers("SMTPUTF8")
        {
            Some((code::UNKNOWN_PARAMETER, "5.5.4 unknown parameter"))
        } else if mail.from.needs_utf8() && !mail.utf8 {
            Some((code::MAILBOX_UNAVAILABLE, "5.6.7 this address needs SMTPUTF8"))
        } else {
            None
        };
        match refusal {
            Some((code, text)) => self.say(code, text),
            None => {
                self.mail = Some(mail);
                self.say(code::OK, "2.1.0 sender ok");
            }
        }
    }

    pub(super) fn rcpt(&mut self, rcpt: &Rcpt) {
        let Some(mail) = &self.mail else { return self.say(code::BAD_SEQUENCE, "5.5.1 MAIL first") };
        let needs_utf8 = rcpt.to.needs_utf8() && !mail.utf8;
        let local = match &rcpt.to {
            ForwardPath::Mailbox(mailbox) => mailbox.local().to_ascii_lowercase(),
            ForwardPath::Postmaster => "postmaster".to_owned(),
        };
        match local.as_str() {
            _ if rcpt.parameters.iter().any(|one| !self.knows(one)) => {
                self.say(code::UNKNOWN_PARAMETER, "5.5.4 unknown parameter")
            }
            _ if needs_utf8 => self.say(code::MAILBOX_UNAVAILABLE, "5.6.7 this address needs SMTPUTF8"),
            _ if self.to.len() >= RECIPIENTS => {
                self.say(code::INSUFFICIENT_STORAGE, "4.5.3 too many recipients")
            }
            "reject" => self.say(code::MAILBOX_UNAVAILABLE, "5.1.1 no such mailbox"),
            "defer" => self.say(code::MAILBOX_BUSY, "4.2.0 try again later"),
            _ => {
                self.to.push(rcpt.to.to_string());
                self.say(code::OK, "2.1.5 recipient ok");
            }
        }
    }
}
