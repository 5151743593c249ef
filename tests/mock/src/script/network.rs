//! A transcript played over real sockets, with real TLS where it says so.

use std::io::{Read, Write};
use std::thread::JoinHandle;
use std::time::Duration;

use netkit_socket::{Address, Endpoint, Host, Listener, NetError, TlsServer};
use netkit_wire::{Stream, escape};

use super::leg::{End, Leg};

/// How the connections start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// In clear text.
    Plain,
    /// With a TLS handshake.
    Tls,
}

/// Longer than any client of a test takes; a client that leaves the transcript is noticed by its end of connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server thread that plays the connections of one transcript in order.
#[derive(Debug)]
pub struct Network {
    endpoint: Endpoint,
    thread: JoinHandle<Result<(), String>>,
}

impl Network {
    /// Listens on loopback and plays `legs`. `tls` serves both implicit TLS and the upgrade.
    ///
    /// # Errors
    /// [`NetError`] when no socket is to be had.
    pub fn play(legs: Vec<Leg>, security: Security, tls: TlsServer) -> Result<Network, NetError> {
        let (listener, endpoint) = listen(0)?;
        let listener = listener.idle_timeout(Some(PATIENCE)).accept_timeout(Some(PATIENCE));
        let thread = std::thread::spawn(move || round(&listener, &legs, security, &tls));
        Ok(Network { endpoint, thread })
    }

    /// Plays `legs` at `port` (0: any free one) again and again, on this thread, and waits for each client as long as it
    /// takes. `ready` hears where, `each` how a round ended.
    ///
    /// # Errors
    /// [`NetError`] when the port is not to be had.
    pub fn repeat(
        legs: &[Leg],
        security: Security,
        tls: &TlsServer,
        port: u16,
        ready: impl FnOnce(&Endpoint),
        each: impl Fn(Result<(), String>),
    ) -> Result<std::convert::Infallible, NetError> {
        let (listener, endpoint) = listen(port)?;
        let listener = listener.idle_timeout(None);
        ready(&endpoint);
        loop {
            each(round(&listener, legs, security, tls));
        }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Waits for the end; what went wrong, if anything did.
    pub fn failure(self) -> Option<String> {
        self.thread.join().unwrap_or_else(|_| Err("the player panicked".into())).err()
    }
}

/// On loopback at `port`, and where that is.
fn listen(port: u16) -> Result<(Listener, Endpoint), NetError> {
    let loopback = |port| Endpoint::new(Host::Ipv4([127, 0, 0, 1].into()), port);
    let listener = Listener::bind(&loopback(port), 8)?;
    let port = match listener.local() {
        Address::Inet(address) => address.port(),
        _ => port,
    };
    Ok((listener, loopback(port)))
}

/// All connections of a transcript, in order.
fn round(listener: &Listener, legs: &[Leg], security: Security, tls: &TlsServer) -> Result<(), String> {
    for leg in legs {
        let (mut stream, _) = listener.accept().map_err(|e| format!("no client came: {e}"))?;
        if security == Security::Tls {
            stream = tls.accept(stream).map_err(|e| format!("TLS: {e}"))?.0;
        }
        play(leg, stream, tls)?;
    }
    Ok(())
}

fn play(leg: &Leg, mut stream: Box<dyn Stream>, tls: &TlsServer) -> Result<(), String> {
    let (mut sent, mut got) = (0, 0);
    let mut upgrades = leg.tls.iter().peekable();
    loop {
        let until = upgrades.peek().map_or(usize::MAX, |(_, at)| *at);
        let ready = leg.released(got).min(until);
        if let Some(bytes) = leg.server.get(sent..ready).filter(|bytes| !bytes.is_empty()) {
            stream.write_all(bytes).and_then(|()| stream.flush()).map_err(|e| format!("sending: {e}"))?;
            sent = ready;
        }
        if upgrades.next_if(|(client, server)| got >= *client && sent >= *server).is_some() {
            stream = tls.accept(stream).map_err(|e| format!("TLS: {e}"))?.0;
            continue;
        }
        let expected = leg.client.get(got..).unwrap_or_default();
        if expected.is_empty() {
            return end(leg, stream);
        }
        let mut buffer = [0; 4096];
        let room = buffer.get_mut(..expected.len().min(4096)).unwrap_or_default();
        let n = stream.read(room).map_err(|e| format!("waiting for \"{}\": {e}", leg.client_line(got)))?;
        let came = room.get(..n).unwrap_or_default();
        if n == 0 {
            return Err(format!("the client left, the script expects \"{}\"", leg.client_line(got)));
        }
        if !expected.starts_with(came) {
            return Err(format!("the client sent \"{}\", not \"{}\"", escape(came), leg.client_line(got)));
        }
        got += n;
    }
}

/// Closes in order, or waits for the client to lose its patience; anything the client still says is too much.
fn end(leg: &Leg, mut stream: Box<dyn Stream>) -> Result<(), String> {
    if leg.end == End::Close {
        // The client may be gone already.
        let _ = stream.shutdown_write();
    }
    let mut extra = [0; 256];
    match stream.read(&mut extra) {
        Ok(0) | Err(_) => Ok(()),
        Ok(n) => Err(format!(
            "the script is over, the client sent \"{}\"",
            escape(extra.get(..n).unwrap_or_default())
        )),
    }
}
