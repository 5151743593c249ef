//! `--mock`: an echo server in this process, of whatever carrier the target has.

use netkit_mock::ThrowAway;
use netkit_socket::{Carrier, Dialer, Domain, Endpoint, Listener, Place, Protocol, Small, Socket, Type};

use super::services;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// Puts the mock server in the target's place if `--mock` was said.
pub fn instead(run: &Run<'_>, place: &mut Place, dialer: Dialer) -> Result<Dialer> {
    if !run.is_mock() {
        return Ok(dialer);
    }
    let mut dialer = dialer.proxy(None);
    let home: Place = match place.carrier {
        Carrier::Tcp | Carrier::Tls => "tcp://127.0.0.1:0",
        Carrier::Udp => "udp://127.0.0.1:0",
        Carrier::Unix | Carrier::Unixgram | Carrier::Seqpacket => {
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(|e| Failure::new(Kind::Unsupported, e))?;
            place.endpoint = format!("unix:@netkit-mock-{:016x}", u64::from_ne_bytes(random)).parse()?;
            ""
        }
    }
    .parse()
    .unwrap_or_else(|_| place.clone());
    let socket = |kind| Socket::new(Domain::Unix, kind, Protocol::DEFAULT);
    match place.carrier {
        Carrier::Udp | Carrier::Unixgram => {
            let socket = match place.carrier {
                Carrier::Udp => Socket::new(Domain::Inet, Type::Dgram, Protocol::DEFAULT)?,
                _ => socket(Type::Dgram)?,
            };
            socket.bind(&home.endpoint)?;
            if place.carrier == Carrier::Udp {
                place.endpoint = to_endpoint(&socket)?;
            }
            services::datagrams(socket, Small::Echo);
        }
        Carrier::Seqpacket => {
            let socket = socket(Type::Seqpacket)?;
            socket.bind(&place.endpoint)?;
            socket.listen(8)?;
            services::packets(socket, Small::Echo);
        }
        Carrier::Tcp | Carrier::Tls | Carrier::Unix => {
            let listener = Listener::bind(&home.endpoint, 8)?;
            let mut tls = None;
            if place.carrier == Carrier::Tls || run.net.tls.tls {
                let authority = ThrowAway::new().map_err(|e| Failure::new(Kind::Unsupported, e))?;
                dialer = dialer.tls(run.tls_with_server()?.ca_pem(authority.ca_pem.into_bytes()));
                tls = Some(authority.server);
            }
            if !place.carrier.is_unix() {
                place.endpoint = listener.local().to_string().parse()?;
            }
            services::streams(listener, tls, Small::Echo);
        }
    }
    run.note(&format!("mock echo server at {place}"));
    Ok(dialer)
}

fn to_endpoint(socket: &Socket) -> Result<Endpoint> {
    Ok(socket.getsockname()?.to_string().parse()?)
}
