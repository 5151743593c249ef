//! A certificate authority for one test, and a server that shows what it signed.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use netkit_socket::{
    Dialed, Dialer, Endpoint, Listener, NetError, Tls, TlsBackend, TlsInfo, TlsServer, TlsServerOptions,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tempfile::TempDir;

/// A certificate and its key, in PEM.
pub struct Pair {
    pub cert: String,
    pub key: String,
}

/// An authority with a name of its own (OpenSSL takes a CA and a leaf of one name for the same).
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    dir: TempDir,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem, dir: tempfile::tempdir().unwrap() }
    }

    /// Signs for these hosts, valid from one year to another.
    pub fn sign_for(&self, hosts: &[&str], years: (i32, i32)) -> Pair {
        let names: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "a leaf");
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        Pair { cert: cert.pem(), key: key.serialize_pem() }
    }

    pub fn sign(&self, hosts: &[&str]) -> Pair {
        self.sign_for(hosts, (2020, 2090))
    }

    /// A file with this text, for as long as the authority lives.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Trusts this authority alone.
    pub fn trusted(&self, backend: TlsBackend) -> Tls {
        Tls::default().backend(backend).ca_file(self.file("ca.pem", &self.pem))
    }
}

/// A certificate that is its own issuer.
pub fn self_signed(host: &str, ca: bool) -> Pair {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, host);
    if ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().unwrap();
    Pair { cert: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

/// The backends of this build.
pub fn backends() -> Vec<TlsBackend> {
    let mut all = vec![TlsBackend::Rustls];
    if cfg!(feature = "native-tls") {
        all.push(TlsBackend::Native);
    }
    all
}

/// A TLS echo server: reads to the end, sends it back, ends cleanly.
pub struct Echo {
    pub port: u16,
    thread: JoinHandle<Result<TlsInfo, NetError>>,
}

impl Echo {
    /// For one connection.
    pub fn start(pair: &Pair, options: TlsServerOptions) -> Echo {
        Self::start_for(pair, options, 1)
    }

    /// For this many connections, one after another.
    pub fn start_for(pair: &Pair, options: TlsServerOptions, connections: usize) -> Echo {
        let tls = TlsServer::from_pem(&pair.cert, &pair.key, options).unwrap();
        let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
        let listener = listener.accept_timeout(Some(Duration::from_secs(20)));
        let port = listener.local().port().unwrap();
        let thread = thread::spawn(move || {
            for _ in 1..connections {
                Self::serve(&listener, &tls)?;
            }
            Self::serve(&listener, &tls)
        });
        Echo { port, thread }
    }

    fn serve(listener: &Listener, tls: &TlsServer) -> Result<TlsInfo, NetError> {
        let (stream, _) = listener.accept()?;
        let (mut stream, info) = tls.accept(stream)?;
        let mut all = Vec::new();
        stream.read_to_end(&mut all)?;
        stream.write_all(&all)?;
        stream.shutdown_write()?;
        Ok(info)
    }

    /// What the server saw: its side of the handshake, or why it failed.
    pub fn end(self) -> Result<TlsInfo, NetError> {
        self.thread.join().unwrap()
    }
}

/// Dials example.org, which is the loopback address.
pub fn dial(tls: &Tls, port: u16, alpn: &[&str]) -> Result<Dialed, NetError> {
    dial_as("example.org", tls, port, alpn)
}

pub fn dial_as(host: &str, tls: &Tls, port: u16, alpn: &[&str]) -> Result<Dialed, NetError> {
    let host: netkit_socket::Host = host.parse().unwrap();
    let dialer = Dialer::default().resolve_override(host.clone(), port, "127.0.0.1".parse().unwrap());
    dialer.tls(tls.clone()).dial_tls(&Endpoint::new(host, port), alpn)
}

/// Sends more than one record's worth and wants it back.
pub fn converse(dialed: &mut Dialed) {
    let sent: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    dialed.stream.write_all(&sent).unwrap();
    dialed.stream.shutdown_write().unwrap();
    let mut got = Vec::new();
    dialed.stream.read_to_end(&mut got).unwrap();
    assert!(got == sent, "{} bytes came back", got.len());
}
