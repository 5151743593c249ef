//! STARTTLS: RFC 3207.

use std::io;

use netkit_wire::Stream;

use super::Client;
use crate::command::StartTls;
use crate::error::{Error, Unsupported};
use crate::reply::Capabilities;

impl Client {
    /// Changes to TLS and says EHLO again. `make` does the handshake: it gets the plain stream and gives the TLS one.
    ///
    /// What the server offered in clear text is forgotten (RFC 3207 section 4.2). Bytes that came behind the 220 in
    /// clear text end the session: whoever put them there is not the server (CVE-2011-0411). After any error but
    /// [`Error::Unsupported`] the session is over, so that no credential can follow in clear text by mistake.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the server does not offer it; [`Error::Refused`] and [`Error::Unexpected`] for any
    /// answer but 220; [`Error::Wire`] for bytes behind it or a failed handshake.
    pub fn starttls(
        &mut self,
        make: impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>>,
    ) -> Result<&Capabilities, Error> {
        if !self.capabilities.has("STARTTLS") {
            return Err(Unsupported::Extension("STARTTLS").into());
        }
        self.settle()?;
        let agreed = self.run(StartTls).and_then(|_| self.conn.upgrade(make).map_err(Error::Wire));
        if let Err(why) = agreed {
            self.end();
            return Err(why);
        }
        self.capabilities = Capabilities::default();
        self.transaction_open = false;
        let hello = self.hello.clone().ok_or(Error::Over)?;
        self.ehlo(&hello)
    }
}
