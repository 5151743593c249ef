//! XCLIENT: the session begins anew as somebody else's (Postfix's XCLIENT_README).

use super::Client;
use crate::command::Xclient;
use crate::error::{Error, Unsupported};
use crate::reply::Capabilities;

impl Client {
    /// Tells the server whom it shall take this client for, and says EHLO again, which the server expects.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the server does not offer it to this client; [`Error::Refused`].
    pub fn xclient(&mut self, who: Xclient) -> Result<&Capabilities, Error> {
        if !self.capabilities.has("XCLIENT") {
            return Err(Unsupported::Extension("XCLIENT").into());
        }
        self.settle()?;
        self.run(who)?;
        self.transaction_open = false;
        let hello = self.hello.clone().ok_or(Error::Over)?;
        self.ehlo(&hello)
    }
}
