//! Who logs in: USER and PASS, APOP, and AUTH over the world's accounts.

use md5::{Digest, Md5};
use netkit_auth::Secret;
use netkit_auth::sasl::{self, Accounts, Mechanism, ServerSetup, ServerStep};
use netkit_pop3::{Answer, ResponseCode};
use netkit_wire::{Ended, Fault};

use super::NAME;
use super::maildrop::Drop;
use super::session::Session;
use crate::accounts::{EXTERNAL, Users, nonce};

impl Session<'_> {
    /// The maildrop opens, or somebody else has it.
    fn welcome(&mut self, user: &str) {
        if !self.server.world.open_maildrop(user) {
            self.say(&Answer::err(Some(ResponseCode::InUse), "another session has the maildrop"));
            return;
        }
        let maildrop = Drop::open(&self.server.world, user);
        self.ok(&format!("{} messages", maildrop.count()));
        self.maildrop = Some(maildrop);
    }

    fn stranger(&mut self) {
        self.user = None;
        self.say(&Answer::err(Some(ResponseCode::Auth), "wrong user, password or token"));
    }

    pub(super) fn pass(&mut self, password: &str) {
        let Some(user) = self.user.take() else { return self.err("USER first") };
        match self.server.world.password(&user) {
            Some(right) if right == Secret::from(password) => self.welcome(&user),
            _ => self.stranger(),
        }
    }

    pub(super) fn apop(&mut self, user: &str, digest: &str) {
        let right = self.server.world.password(user).map(|password| {
            let mut hash = Md5::new();
            hash.update(self.stamp.as_bytes());
            hash.update(password.expose());
            hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        });
        match right {
            Some(right) if Secret::from(right.as_str()) == Secret::from(digest) => self.welcome(user),
            _ => self.stranger(),
        }
    }

    pub(super) fn auth(&mut self, mechanism: &str, initial: Option<&str>) -> Result<(), Fault> {
        let Ok(mechanism) = mechanism.parse::<Mechanism>() else {
            self.err("unknown mechanism");
            return Ok(());
        };
        let Ok(initial) = initial.map(sasl::decode_initial).transpose() else {
            self.err("that is no base64");
            return Ok(());
        };
        let Some(nonce) = nonce() else {
            self.say(&Answer::err(Some(ResponseCode::SysTemp), "no randomness to be had"));
            return Ok(());
        };
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
                ServerStep::Failure(_) => {
                    self.stranger();
                    return Ok(());
                }
                ServerStep::Success { user, data } => {
                    // The success carries no data, so last words are one more challenge with an empty response.
                    if let Some(data) = data
                        && self.ask(&data)?.is_none()
                    {
                        return Ok(());
                    }
                    self.welcome(&user);
                    return Ok(());
                }
            };
            let Some(response) = response else { return Ok(()) };
            step = machine.challenge(Some(&response));
        }
    }

    /// Sends a challenge and reads the response; none when the client cancelled or sent no base64, which is answered.
    fn ask(&mut self, challenge: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.say(&Answer::challenge(&sasl::encode(challenge)));
        let line = self.line()?.ok_or(Fault::Closed(Ended::Before))?;
        let text = match line.as_bytes() {
            b"*" => "cancelled",
            line => match sasl::decode(line) {
                Ok(response) => return Ok(Some(response)),
                Err(_) => "that is no base64",
            },
        };
        self.err(text);
        Ok(None)
    }
}
