//! Who logs in: LOGIN, and AUTHENTICATE over the world's accounts (RFC 9051 section 6.2).

use netkit_auth::Secret;
use netkit_auth::sasl::{self, Accounts, Mechanism, ServerSetup, ServerStep};
use netkit_imap::response::{Code, Status, Value};
use netkit_wire::{Ended, Fault, Line};

use super::NAME;
use super::session::{Outcome, Session, bad, no, ok};
use crate::accounts::{EXTERNAL, Users, nonce};

impl Session<'_> {
    fn welcome(&mut self, user: &str) -> Status {
        if !self.server.world.furnish(user) {
            return no("there is no room for one more");
        }
        self.user = Some(user.to_owned());
        ok("welcome").with(Code::Capability(self.offers()))
    }

    fn stranger(&self) -> Status {
        no("wrong user, password or token").with(Code::AuthenticationFailed)
    }

    pub(super) fn login(&mut self, arguments: &[Value<'_>]) -> Status {
        let [user, password] = arguments else { return bad("LOGIN user password") };
        let (Some(user), Some(password)) = (user.text(), password.bytes()) else {
            return bad("LOGIN user password");
        };
        match self.server.world.password(&user) {
            Some(right) if right == Secret::from(password.to_vec()) => self.welcome(&user),
            _ => self.stranger(),
        }
    }

    pub(super) fn authenticate(&mut self, arguments: &[Value<'_>]) -> Outcome {
        let mut words = arguments.iter().filter_map(Value::text);
        let offered = self.offers();
        let mechanism = words
            .next()
            .filter(|name| offered.iter().any(|known| known.eq_ignore_ascii_case(&format!("AUTH={name}"))));
        let Some(mechanism) = mechanism.and_then(|name| name.parse::<Mechanism>().ok()) else {
            return Ok(no("that mechanism is not offered"));
        };
        let Ok(initial) = words.next().map(|text| sasl::decode_initial(text.as_bytes())).transpose() else {
            return Ok(bad("that is no base64"));
        };
        let Some(nonce) = nonce() else { return Ok(no("no randomness to be had")) };
        let setup = ServerSetup {
            tls_exporter: self.context.exporter.map(Vec::from),
            external: Some(EXTERNAL.to_owned()),
            ..ServerSetup::new(NAME, nonce)
        };
        let world = std::sync::Arc::clone(&self.server.world);
        let users = Users(&world);
        let mut machine = sasl::server(mechanism, &users as &dyn Accounts, &setup);
        let mut step = machine.challenge(initial.as_deref());
        loop {
            let response = match step {
                ServerStep::Challenge(challenge) => self.ask(&challenge)?,
                ServerStep::Failure(_) => return Ok(self.stranger()),
                ServerStep::Success { user, data } => {
                    // The success carries no data, so last words are one more challenge with an empty response.
                    if let Some(data) = data
                        && let Err(status) = self.ask(&data)?
                    {
                        return Ok(status);
                    }
                    return Ok(self.welcome(&user));
                }
            };
            match response {
                Ok(response) => step = machine.challenge(Some(&response)),
                Err(status) => return Ok(status),
            }
        }
    }

    /// Sends a challenge and reads the response, or why there is none.
    fn ask(&mut self, challenge: &[u8]) -> Result<Result<Vec<u8>, Status>, Fault> {
        self.go_on(sasl::encode(challenge).as_bytes());
        let line =
            self.conn.recv_or_end(Line::new(self.conn.limits()))?.ok_or(Fault::Closed(Ended::Before))?;
        Ok(match line.as_bytes() {
            b"*" => Err(bad("cancelled")),
            line => sasl::decode(line).map_err(|_| bad("that is no base64")),
        })
    }
}
