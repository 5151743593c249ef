//! The second library: the system's own TLS through native-tls, with the same options where it has them.

use std::collections::VecDeque;
use std::error::Error;
use std::io::{self, Read, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use native_tls::{Certificate, HandshakeError, Identity, Protocol, TlsConnector, TlsConnectorBuilder};
use netkit_wire::{Elapsed, Stream};
use rustls_pki_types::{CertificateDer, ServerName};

use super::config::{Options, Roots, TlsBackend, TlsVersion};
use super::fault::{CertFault, SetupFault, TlsFault};
use super::info::{CertInfo, TlsInfo};
use super::pin::Pins;
use super::{native_halves, pem};
use crate::dial::elapsed;
use crate::error::NetError;
use crate::host::Host;

/// Connectors, one for each list of ALPN protocols: they are part of it, and a new one costs as much as a handshake.
pub(super) struct Native {
    options: Options,
    connectors: Mutex<Vec<(Vec<String>, TlsConnector)>>,
}

impl Native {
    pub(super) fn build(options: &Options, name: &Host) -> Result<Native, NetError> {
        if options.roots == Roots::Webpki && options.ca.is_none() && !options.insecure {
            return Err(NetError::Unsupported {
                what: "the native TLS backend with roots from webpki",
                host: None,
            });
        }
        let native = Native { options: options.clone(), connectors: Mutex::default() };
        // Files are read now: a wrong path is a usage error, found before anything is sent.
        native.connector(&[]).map_err(|why| NetError::Tls { name: name.clone(), why })?;
        Ok(native)
    }

    fn connector(&self, alpn: &[&str]) -> Result<TlsConnector, TlsFault> {
        let mut known = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = known.iter().find(|(protocols, _)| protocols == alpn) {
            return Ok(connector.clone());
        }
        let mut builder = TlsConnector::builder();
        self.apply(&mut builder)?;
        let connector = builder.request_alpns(alpn).build().map_err(setup)?;
        known.push((alpn.iter().map(|&name| name.to_owned()).collect(), connector.clone()));
        Ok(connector)
    }

    fn apply(&self, builder: &mut TlsConnectorBuilder) -> Result<(), TlsFault> {
        let options = &self.options;
        let protocol = |version| match version {
            TlsVersion::V1_2 => Protocol::Tlsv12,
            TlsVersion::V1_3 => Protocol::Tlsv13,
        };
        builder
            .danger_accept_invalid_certs(options.insecure)
            .danger_accept_invalid_hostnames(options.insecure)
            .min_protocol_version(Some(protocol(options.min_version)))
            .max_protocol_version(options.max_version.map(protocol));
        if let Some(authorities) = &options.ca {
            builder.disable_built_in_roots(true);
            let (text, path) = authorities.read().map_err(TlsFault::Setup)?;
            for certificate in pem::certificates(&text, path).map_err(TlsFault::Setup)? {
                builder.add_root_certificate(Certificate::from_der(&certificate).map_err(setup)?);
            }
        }
        if let Some((certificate, key)) = &options.identity {
            let chain = pem::read(certificate).map_err(TlsFault::Setup)?;
            pem::certificates(&chain, Some(certificate)).map_err(TlsFault::Setup)?;
            let secret = pem::read(key).map_err(TlsFault::Setup)?;
            let identity = Identity::from_pkcs8(&chain, &secret)
                .map_err(|_| TlsFault::Setup(SetupFault::NoKey { path: Some(key.clone()) }))?;
            builder.identity(identity);
        }
        Ok(())
    }

    pub(super) fn handshake(
        &self,
        stream: Box<dyn Stream>,
        name: &ServerName<'static>,
        alpn: &[&str],
    ) -> Result<(Box<dyn Stream>, TlsInfo), TlsFault> {
        let connector = self.connector(alpn)?;
        let under = Under { carrier: Carrier::Stream(stream), eof: false, peeking: false };
        let expected = name.to_str();
        let tls = connector.connect(&expected, under).map_err(|error| match error {
            HandshakeError::Failure(error) => fault(&error, &expected),
            HandshakeError::WouldBlock(_) => TlsFault::Io(io::ErrorKind::WouldBlock.into()),
        })?;
        let leaf = tls.peer_certificate().ok().flatten().and_then(|certificate| certificate.to_der().ok());
        check(&self.options.pins, leaf.as_deref())?;
        let alpn = tls.negotiated_alpn().ok().flatten();
        let info = TlsInfo {
            version: "unknown".to_owned(),
            cipher: "unknown".to_owned(),
            alpn: alpn.map(|name| String::from_utf8_lossy(&name).into_owned()),
            chain: leaf.iter().map(|der| CertInfo::of(&CertificateDer::from(der.as_slice()))).collect(),
            backend: TlsBackend::Native,
            exporter: None,
            resumed: None,
        };
        Ok((Box::new(NativeStream { tls, peeked: None }), info))
    }
}

fn check(pins: &Pins, leaf: Option<&[u8]>) -> Result<(), TlsFault> {
    pins.check(leaf.unwrap_or_default()).map_err(|reason| TlsFault::Certificate { reason })
}

fn setup(error: native_tls::Error) -> TlsFault {
    let text = error.to_string();
    let mismatch = text.contains("key values mismatch") || text.contains("key type mismatch");
    TlsFault::Setup(if mismatch { SetupFault::KeyMismatch } else { SetupFault::Other(text) })
}

/// The library tells its reasons only as text: OpenSSL's words for a refused certificate, in brackets at the end.
fn fault(error: &native_tls::Error, expected: &str) -> TlsFault {
    let mut source: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return match elapsed(io) {
                Some(clock) => TlsFault::Io(Elapsed(clock).into()),
                None if io.kind() == io::ErrorKind::UnexpectedEof => TlsFault::Closed,
                None => TlsFault::Io(io::Error::new(io.kind(), io.to_string())),
            };
        }
        source = inner.source();
    }
    let text = error.to_string();
    if text.contains("unexpected EOF") || text.contains("unexpected eof") {
        return TlsFault::Closed;
    }
    if text.contains("wrong version number") || text.contains("packet length too long") {
        return TlsFault::Handshake("what the peer sent is not TLS".to_owned());
    }
    let Some((_, reason)) = text.rsplit_once('(').filter(|_| text.contains("certificate verify failed"))
    else {
        return TlsFault::Handshake(text);
    };
    let reason = reason.trim_end_matches(')');
    let reason = match reason {
        "certificate has expired" => CertFault::Expired,
        "certificate is not yet valid" => CertFault::NotYetValid,
        "certificate revoked" => CertFault::Revoked,
        // hostname mismatch, IP address mismatch; which names it has is not told.
        text if text.to_ascii_lowercase().contains("mismatch") => {
            CertFault::WrongHost { expected: expected.to_owned(), presented: Vec::new() }
        }
        "self-signed certificate" | "self signed certificate" => CertFault::SelfSigned,
        text if text.contains("issuer certificate") || text.contains("in certificate chain") => {
            CertFault::UnknownIssuer
        }
        text if text.contains("unable to verify the first certificate") => CertFault::UnknownIssuer,
        text => CertFault::Other(text.to_owned()),
    };
    TlsFault::Certificate { reason }
}

/// Remembers that the peer's bytes came to an end: the library would take a bare FIN for a clean one.
pub(super) struct Under {
    pub(super) carrier: Carrier,
    pub(super) eof: bool,
    /// The library is to have what is here already, and not to wait for more.
    peeking: bool,
}

/// Where the library has its records from, and where it puts them.
pub(super) enum Carrier {
    Stream(Box<dyn Stream>),
    /// Into memory and out of it, so that nobody waits inside the library: two threads use it.
    Memory {
        records: VecDeque<u8>,
        out: Vec<u8>,
        ended: bool,
    },
}

impl Carrier {
    /// What the stream behind it is to do; in memory there is nothing to do.
    fn stream(&mut self) -> Option<&mut Box<dyn Stream>> {
        match self {
            Carrier::Stream(stream) => Some(stream),
            Carrier::Memory { .. } => None,
        }
    }
}

impl std::fmt::Debug for Under {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Under").field("eof", &self.eof).finish_non_exhaustive()
    }
}

impl Read for Under {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = match &mut self.carrier {
            Carrier::Stream(stream) => {
                if self.peeking && !stream.ready()? {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                stream.read(buf)?
            }
            Carrier::Memory { records, ended, .. } => match records.read(buf)? {
                0 if !*ended && !buf.is_empty() => return Err(io::ErrorKind::WouldBlock.into()),
                n => n,
            },
        };
        self.eof |= n == 0 && !buf.is_empty();
        Ok(n)
    }
}

impl Write for Under {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match &mut self.carrier {
            Carrier::Stream(stream) => stream.write(buf),
            Carrier::Memory { out, .. } => out.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.carrier.stream().map_or(Ok(()), Write::flush)
    }
}

struct NativeStream {
    tls: native_tls::TlsStream<Under>,
    /// A byte that was read to see whether there is one.
    peeked: Option<u8>,
}

impl Read for NativeStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let (Some(byte), Some(first)) = (self.peeked, buf.first_mut()) {
            *first = byte;
            self.peeked = None;
            return Ok(1);
        }
        let result = self.tls.read(buf);
        // After close_notify the library reads no further, so an end of bytes that it did see came without one.
        let ended = !buf.is_empty() && !matches!(result, Ok(1..)) && self.tls.get_ref().eof;
        if ended { Err(io::ErrorKind::UnexpectedEof.into()) } else { result }
    }
}

impl Write for NativeStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.tls.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tls.flush()
    }
}

impl Stream for NativeStream {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.tls.get_mut().carrier.stream().map_or(Ok(()), |stream| stream.deadline(at))
    }

    /// Records that hold no bytes for the reader (session tickets, RFC 8446 section 4.6.1) are taken in and do not count.
    /// What a record holds, the library tells only by reading it.
    fn ready(&mut self) -> io::Result<bool> {
        if self.peeked.is_some() {
            return Ok(true);
        }
        let mut byte = [0];
        self.tls.get_mut().peeking = true;
        let read = self.tls.read(&mut byte);
        self.tls.get_mut().peeking = false;
        match read {
            Ok(0) => Ok(true),
            Ok(_) => {
                let [byte] = byte;
                self.peeked = Some(byte);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            // The next read meets it again.
            Err(_) => Ok(true),
        }
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.tls.shutdown()?;
        self.tls.get_mut().carrier.stream().map_or(Ok(()), Stream::shutdown_write)
    }

    fn halves(self: Box<Self>) -> io::Result<(Box<dyn Stream>, Box<dyn Stream>)> {
        let NativeStream { mut tls, peeked } = *self;
        let memory = Carrier::Memory { records: VecDeque::new(), out: Vec::new(), ended: false };
        match std::mem::replace(&mut tls.get_mut().carrier, memory) {
            Carrier::Stream(stream) => {
                let (reader, writer) = stream.halves()?;
                Ok(native_halves::of(tls, peeked, reader, writer))
            }
            Carrier::Memory { .. } => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}
