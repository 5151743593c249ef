//! What every mock server shares: a listener, a thread for each connection, an end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use netkit_socket::{Address, Closer, Endpoint, Host, Listener, NetError, TlsServer};
use netkit_wire::{Conn, Fault, Limits, Stream};

use crate::fault::Faults;

/// How many connections a server holds at a time; further ones are closed at once.
const CONNECTIONS: usize = 256;

/// How long a client may be silent.
const IDLE: Duration = Duration::from_secs(60);

/// One protocol's side of a conversation.
pub trait Service: Send + Sync + 'static {
    /// The name of the protocol, as in `netkit mock NAME`.
    fn protocol(&self) -> &'static str;

    /// Holds one conversation to its end.
    ///
    /// # Errors
    /// [`Fault`] when the client broke off or misbehaved; the connection is closed then.
    fn serve(&self, conn: Conn, context: &Context) -> Result<(), Fault>;
}

/// What a conversation knows about its connection.
#[derive(Clone)]
pub struct Context {
    /// Where the server listens.
    pub local: Endpoint,
    /// For upgrades inside the conversation.
    pub tls: TlsServer,
    /// Whether the connection started with TLS.
    pub secure: bool,
    /// What TLS exported for binding a login to it (RFC 9266), where the connection started with TLS 1.3.
    pub exporter: Option<[u8; 32]>,
    faults: Faults,
}

impl Context {
    /// The server's side of a change to TLS inside the conversation. What goes wrong on demand goes wrong above it, too.
    ///
    /// # Errors
    /// As [`TlsServer::accept`], with the [`NetError`] inside.
    pub fn upgrade(&mut self, plain: Box<dyn Stream>) -> io::Result<Box<dyn Stream>> {
        let (secure, info) = self.tls.accept(plain).map_err(io::Error::other)?;
        self.exporter = info.exporter;
        Ok(self.faults.over(secure))
    }
}

/// A running server.
pub struct Server {
    protocol: &'static str,
    port: u16,
    endpoint: Endpoint,
    closer: Closer,
    thread: JoinHandle<()>,
}

impl Server {
    /// Starts `service` on loopback at `port` (0: any free one), with implicit TLS if `secure`.
    ///
    /// # Errors
    /// [`NetError`] when the port is not to be had.
    pub fn start(
        service: Arc<dyn Service>,
        port: u16,
        tls: TlsServer,
        secure: bool,
    ) -> Result<Server, NetError> {
        Server::start_with(service, port, tls, secure, Faults::default())
    }

    /// As [`Server::start`], with faults on demand.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_with(
        service: Arc<dyn Service>,
        port: u16,
        tls: TlsServer,
        secure: bool,
        faults: Faults,
    ) -> Result<Server, NetError> {
        let host = Host::Ipv4([127, 0, 0, 1].into());
        let listener = Listener::bind(&Endpoint::new(host.clone(), port), 128)?.idle_timeout(Some(IDLE));
        let port = match listener.local() {
            Address::Inet(address) => address.port(),
            _ => port,
        };
        let endpoint = Endpoint::new(host, port);
        let (protocol, closer) = (service.protocol(), listener.closer());
        let context = Context { local: endpoint.clone(), tls, secure, exporter: None, faults };
        let thread = std::thread::spawn(move || accept(&listener, &service, &context));
        Ok(Server { protocol, port, endpoint, closer, thread })
    }

    /// The protocol it speaks.
    pub fn protocol(&self) -> &'static str {
        self.protocol
    }

    /// The port it listens at.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Takes no more connections. Those that are open go on until their client leaves.
    pub fn stop(self) {
        self.closer.close();
        // A panic of the accept loop was printed by its thread already.
        let _ = self.thread.join();
    }
}

fn accept(listener: &Listener, service: &Arc<dyn Service>, context: &Context) {
    let open = Arc::new(AtomicUsize::new(0));
    while let Ok((stream, _)) = listener.accept() {
        if open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS {
            open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let (service, mut context, open) = (Arc::clone(service), context.clone(), Arc::clone(&open));
        std::thread::spawn(move || {
            let stream = if context.secure {
                context.tls.accept(stream).map(|(tls, info)| {
                    context.exporter = info.exporter;
                    tls
                })
            } else {
                Ok(stream)
            };
            if let Ok(stream) = stream {
                // What a client did wrong is the client's business; tests look at what it got.
                let _ = service.serve(Conn::new(context.faults.over(stream), Limits::default()), &context);
            }
            open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}
