//! AUTHINFO (RFC 4643).

use netkit_auth::Secret;
use netkit_auth::sasl::{self, Accounts, Mechanism, ServerSetup, ServerStep};
use netkit_nntp::Command;
use netkit_nntp::reply::code;
use netkit_wire::{Ended, Fault};

use super::session::Session;
use crate::accounts::{EXTERNAL, Users, nonce};
use crate::world::NEWS_HOST;

impl Session<'_> {
    pub(super) fn login(&mut self, command: &Command) -> Result<(), Fault> {
        if self.state.logged_in {
            self.refuse(code::DENIED, "you have logged in");
            return Ok(());
        }
        match command {
            Command::AuthUser(name) => {
                self.user = Some(name.as_str().to_owned());
                // Who there is, is nobody's business before the password.
                self.say(code::PASSWORD, "and the password?");
            }
            Command::AuthPass(password) => match self.user.take() {
                None => self.refuse(code::OUT_OF_SEQUENCE, "USER first"),
                Some(user) => match self.server.world.password(&user) {
                    Some(right) if right == Secret::from(password.as_str()) => self.welcome(None),
                    _ => self.stranger(),
                },
            },
            Command::AuthSasl(mechanism, initial) => {
                self.sasl(mechanism.as_str(), initial.as_ref().map(netkit_nntp::Line::as_str))?
            }
            _ => {}
        }
        Ok(())
    }

    fn welcome(&mut self, data: Option<&[u8]>) {
        self.state.logged_in = true;
        match data {
            None => self.say(code::LOGGED_IN, "welcome"),
            Some(data) => self.say(code::LOGGED_IN_WITH_DATA, &sasl::encode(data)),
        }
    }

    fn stranger(&mut self) {
        self.refuse(code::LOGIN_FAILED, "wrong user, password or token");
    }

    fn sasl(&mut self, mechanism: &str, initial: Option<&str>) -> Result<(), Fault> {
        let Ok(mechanism) = mechanism.parse::<Mechanism>() else {
            self.refuse(code::NOT_SUPPORTED, "unknown mechanism");
            return Ok(());
        };
        let Ok(initial) = initial.map(sasl::decode_initial).transpose() else {
            self.refuse(code::BASE64, "that is no base64");
            return Ok(());
        };
        let Some(nonce) = nonce() else {
            self.refuse(code::INTERNAL, "no randomness to be had");
            return Ok(());
        };
        let setup = ServerSetup {
            tls_exporter: self.state.exporter.map(Vec::from),
            external: Some(EXTERNAL.to_owned()),
            ..ServerSetup::new(NEWS_HOST, nonce)
        };
        let world = std::sync::Arc::clone(&self.server.world);
        let users = Users(&world);
        let mut machine = sasl::server(mechanism, &users as &dyn Accounts, &setup);
        let mut step = machine.challenge(initial.as_deref());
        loop {
            match step {
                ServerStep::Challenge(challenge) => match self.ask(&challenge)? {
                    Some(response) => step = machine.challenge(Some(&response)),
                    None => return Ok(()),
                },
                ServerStep::Failure(_) => {
                    self.stranger();
                    return Ok(());
                }
                ServerStep::Success { data, .. } => {
                    self.welcome(data.as_deref());
                    return Ok(());
                }
            }
        }
    }

    /// Sends a challenge and reads the response; none when the client cancelled or sent no base64, which is answered.
    fn ask(&mut self, challenge: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.say(code::CHALLENGE, &sasl::encode_initial(challenge));
        let line = self.line()?.ok_or(Fault::Closed(Ended::Before))?;
        match line.as_bytes() {
            b"*" => self.refuse(code::LOGIN_FAILED, "cancelled"),
            line => match std::str::from_utf8(line).ok().and_then(|text| sasl::decode_initial(text).ok()) {
                Some(response) => return Ok(Some(response)),
                None => self.refuse(code::BASE64, "that is no base64"),
            },
        }
        Ok(None)
    }
}
