//! AUTH, the server's side: every mechanism of `netkit_auth` over the world's accounts (RFC 4954 section 4).

use netkit_auth::sasl::{self, Mechanism, ServerSetup, ServerStep};
use netkit_smtp::code;
use netkit_smtp::command::Auth;
use netkit_wire::{Ended, Fault};

use super::NAME;
use super::session::Session;
use crate::accounts::{EXTERNAL, Users, nonce};

impl Session<'_> {
    pub(super) fn login(&mut self, auth: &Auth) -> Result<(), Fault> {
        if !self.offers("AUTH") || self.user.is_some() || self.mail.is_some() {
            self.say(code::BAD_SEQUENCE, "5.5.1 not now");
            return Ok(());
        }
        let Ok(mechanism) = auth.mechanism().parse::<Mechanism>() else {
            self.say(code::PARAMETER, "5.5.4 unknown mechanism");
            return Ok(());
        };
        let initial = match auth.initial().map(sasl::decode_initial).transpose() {
            Ok(initial) => initial,
            Err(_) => {
                self.say(code::ARGUMENT, "5.5.2 that is no base64");
                return Ok(());
            }
        };
        let Some(nonce) = nonce() else {
            self.say(code::TEMPORARY_AUTH_FAILURE, "4.7.0 no randomness to be had");
            return Ok(());
        };
        // The machine borrows the accounts for the whole exchange, which writes to the session.
        let world = std::sync::Arc::clone(&self.server.world);
        let users = Users(&world);
        let setup = ServerSetup {
            tls_exporter: self.context.exporter.map(Vec::from),
            external: Some(EXTERNAL.to_owned()),
            ..ServerSetup::new(NAME, nonce)
        };
        let mut machine = sasl::server(mechanism, &users, &setup);
        let mut step = machine.challenge(initial.as_deref());
        loop {
            let response = match step {
                ServerStep::Challenge(challenge) => self.ask(&challenge)?,
                ServerStep::Failure(_) => {
                    self.say(code::BAD_CREDENTIALS, "5.7.8 wrong user, password or token");
                    return Ok(());
                }
                ServerStep::Success { user, data } => {
                    // SMTP's success carries no data, so last words are one more challenge with an empty response.
                    if let Some(data) = data
                        && self.ask(&data)?.is_none()
                    {
                        return Ok(());
                    }
                    self.user = Some(user);
                    self.say(code::AUTHENTICATED, "2.7.0 welcome");
                    return Ok(());
                }
            };
            let Some(response) = response else { return Ok(()) };
            step = machine.challenge(Some(&response));
        }
    }

    /// Sends a challenge and reads the response; none when the client cancelled or sent no base64, which is answered.
    fn ask(&mut self, challenge: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.say(code::CHALLENGE, &sasl::encode(challenge));
        let line = self.line()?.ok_or(Fault::Closed(Ended::Before))?;
        let text = match line.as_bytes() {
            b"*" => "5.7.0 cancelled",
            line => match sasl::decode(line) {
                Ok(response) => return Ok(Some(response)),
                Err(_) => "5.5.2 that is no base64",
            },
        };
        self.say(code::ARGUMENT, text);
        Ok(None)
    }
}
