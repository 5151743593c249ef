//! How a client reaches the server of an origin.

use std::time::Instant;

use netkit_socket::{DialReport, Dialed, Dialer, Endpoint, NetError};
use netkit_wire::Stream;

use crate::error::Error;
use crate::origin::{Origin, Scheme};

/// What to speak under TLS (RFC 7301). `h2` is not offered, so it is not spoken.
const ALPN: [&str; 1] = ["http/1.1"];

/// Makes streams to origins. [`Direct`] is the usual way; a test or a tunnel is another.
pub trait Dial {
    /// A stream on which the origin's server is spoken to, with TLS done where the origin wants it, and the account of
    /// how it came about where there is one.
    ///
    /// # Errors
    /// [`Error::Net`], or [`Error::Invalid`] for a host that cannot be dialed.
    fn dial(&mut self, origin: &Origin) -> Result<(Box<dyn Stream>, Option<DialReport>), Error>;

    /// The moment at which everything must be over, dialing included.
    fn deadline(&mut self, at: Option<Instant>) {
        let _ = at;
    }
}

/// Dials the origin's host, or one place that stands for every host; by the dialer's proxy, if it has one: `http` origins
/// with requests in absolute form where the proxy speaks HTTP, all else through a tunnel.
#[derive(Clone, Debug)]
pub struct Direct {
    dialer: Dialer,
    /// For `https` origins.
    secure: Dialer,
    through: Option<Endpoint>,
}

impl Direct {
    /// By these options, to the origin's own host.
    pub fn new(dialer: Dialer) -> Direct {
        Direct { secure: dialer.clone(), dialer, through: None }
    }

    /// Reaches `https` origins by these options instead: the environment may name a proxy of their own.
    #[must_use]
    pub fn secure(self, dialer: Dialer) -> Direct {
        Direct { secure: dialer, ..self }
    }

    /// Connects to this place whatever the origin's host is: a Unix socket, a server under test. The certificate must
    /// still be the origin's.
    #[must_use]
    pub fn through(self, endpoint: Option<Endpoint>) -> Direct {
        Direct { through: endpoint, ..self }
    }

    fn reach(&self, origin: &Origin, endpoint: &Endpoint) -> Result<Dialed, NetError> {
        let through = self.through.as_ref().unwrap_or(endpoint);
        match (origin.scheme(), endpoint.host()) {
            (Scheme::Https, Some(host)) if through != endpoint => {
                let Dialed { stream, mut report } = self.secure.dial(through)?;
                let start = Instant::now();
                let (stream, info) = self.secure.secure(stream, host, &ALPN)?;
                report.tls = Some(info);
                report.tls_time = start.elapsed();
                Ok(Dialed { stream, report })
            }
            (Scheme::Https, _) => self.secure.dial_tls(through, &ALPN),
            (Scheme::Http, _) => self.dialer.dial_forward(through),
        }
    }
}

impl Dial for Direct {
    fn dial(&mut self, origin: &Origin) -> Result<(Box<dyn Stream>, Option<DialReport>), Error> {
        let Dialed { stream, report } = self.reach(origin, &origin.endpoint()?)?;
        Ok((stream, Some(report)))
    }

    fn deadline(&mut self, at: Option<Instant>) {
        self.dialer = self.dialer.clone().deadline(at);
        self.secure = self.secure.clone().deadline(at);
    }
}
