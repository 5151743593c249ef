//! Many safe requests to one server, sent ahead of their answers, over as many connections as it takes.

use std::ops::ControlFlow;

use super::Client;
use crate::connection::peer_ended;
use crate::dial::Dial;
use crate::error::{Error, Unsupported};
use crate::request::Request;
use crate::response::Response;

impl<D: Dial> Client<D> {
    /// Asks for all of `requests`, which are GET or HEAD without a body and of one origin, up to `window` of them ahead of
    /// their answers (RFC 9112 9.3.2). `each` gets every answer with the place of its request, in order. Redirects are
    /// not followed, and no challenge is answered; a login that is known already is shown, and cookies go and come.
    ///
    /// A connection that ends between two answers is replaced, and what was not answered is asked again; the new one is
    /// asked one by one until its server has answered.
    ///
    /// # Errors
    /// As [`Connection::pipeline`](crate::Connection::pipeline); [`Unsupported::Pipelined`] for several origins. A
    /// connection that ends before its first answer is an error, but for one that had been idle.
    pub fn pipeline(
        &mut self,
        requests: &mut [Request],
        window: usize,
        each: &mut dyn FnMut(usize, Response<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let Some(origin) = requests.first().map(|request| request.origin().clone()) else { return Ok(()) };
        if requests.iter().any(|request| *request.origin() != origin) {
            return Err(Unsupported::Pipelined.into());
        }
        if requests.iter().any(Request::leaks) {
            return Err(Error::LoginInClear);
        }
        for request in requests.iter_mut() {
            self.remembered.prepare(request)?;
        }
        let (requests, origin) = match requests.first() {
            // A host that wants TLS has changed where they go.
            Some(first) => (&*requests, first.origin().clone()),
            None => return Ok(()),
        };
        let (mut done, limit) = (0, self.decoded_limit);
        while let Some(rest) = requests.get(done..).filter(|rest| !rest.is_empty()) {
            let (mut connection, fresh) = match self.take(&origin) {
                Some(idle) => (idle, false),
                None => (self.dial(&origin)?.0, true),
            };
            connection.conn().deadline(self.deadline)?;
            let (base, remembered) = (done, &mut self.remembered);
            let mut heard = |i: usize, response: Response<'_>| {
                if let Some(request) = rest.get(i) {
                    remembered.keep(request, response.head());
                }
                each(base + i, response)
            };
            match connection.pipeline(rest, window, limit, &mut heard) {
                Ok(batch) => {
                    done += batch.answered;
                    self.current = Some((origin.clone(), connection));
                    if batch.stopped {
                        return Ok(());
                    }
                }
                Err(Error::Unsupported(Unsupported::Closing(_))) if !fresh => {}
                Err(error) if !fresh && peer_ended(&error) && connection.was_silent(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
