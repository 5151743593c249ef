//! The client's TLS options. Nothing is read or parsed before the first handshake that needs it.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use netkit_wire::Stream;
use rustls_pki_types::{DnsName, ServerName};

use super::connect::Client;
use super::fault::{SetupFault, TlsFault};
use super::info::TlsInfo;
use super::pem;
use super::pin::Pins;
use crate::dns::Tlsa;
use crate::error::NetError;
use crate::host::Host;

/// Where trusted authorities come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// The system's store; `SSL_CERT_FILE` and `SSL_CERT_DIR` replace it.
    #[default]
    System,
    /// Mozilla's list as it was when this program was built.
    Webpki,
}

impl Roots {
    /// How many authorities it has.
    pub fn count(self) -> usize {
        match self {
            Roots::System => rustls_native_certs::load_native_certs().certs.len(),
            Roots::Webpki => webpki_roots::TLS_SERVER_ROOTS.len(),
        }
    }
}

/// A TLS version that can be asked for. Older ones are not spoken (RFC 8996).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2, RFC 5246.
    #[default]
    V1_2,
    /// TLS 1.3, RFC 8446.
    V1_3,
}

/// The library that speaks TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsBackend {
    /// rustls with the ring provider.
    #[default]
    Rustls,
    /// The system's own (OpenSSL on Linux); only in builds with the feature `native-tls`.
    Native,
}

impl fmt::Display for TlsBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TlsBackend::Rustls => "rustls",
            TlsBackend::Native => "native",
        })
    }
}

/// How to speak TLS as a client: verified against the system's roots unless said otherwise.
///
/// Clones share one configuration and with it their sessions, which is what lets a second connection resume the first.
#[derive(Clone, Default)]
pub struct Tls {
    pub(super) options: Options,
    built: Arc<OnceLock<Client>>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) insecure: bool,
    pub(super) roots: Roots,
    pub(super) ca: Option<Authorities>,
    /// Certificate chain and key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
    pub(super) pins: Pins,
    pub(super) dane: Option<Vec<Tlsa>>,
    pub(super) sni: Option<Host>,
    pub(super) min_version: TlsVersion,
    /// None: the newest there is.
    pub(super) max_version: Option<TlsVersion>,
    pub(super) backend: TlsBackend,
}

/// The authorities that a user names instead of a store.
#[derive(Clone, Debug)]
pub(super) enum Authorities {
    File(PathBuf),
    Pem(Vec<u8>),
}

impl Authorities {
    /// The PEM, and the file it comes from.
    pub(super) fn read(&self) -> Result<(Cow<'_, [u8]>, Option<&Path>), SetupFault> {
        match self {
            Authorities::File(path) => Ok((Cow::Owned(pem::read(path)?), Some(path))),
            Authorities::Pem(text) => Ok((Cow::Borrowed(text), None)),
        }
    }
}

impl Tls {
    /// Whether certificates are checked; they are unless this says `false`. Pins are checked in any case.
    #[must_use]
    pub fn verify(self, verify: bool) -> Self {
        self.with(|options| options.insecure = !verify)
    }

    /// Where trusted authorities come from.
    #[must_use]
    pub fn roots(self, roots: Roots) -> Self {
        self.with(|options| options.roots = roots)
    }

    /// Trusts the certificates in this PEM file and no others.
    #[must_use]
    pub fn ca_file(self, path: impl Into<PathBuf>) -> Self {
        self.with(|options| options.ca = Some(Authorities::File(path.into())))
    }

    /// Trusts the certificates in this PEM text and no others.
    #[must_use]
    pub fn ca_pem(self, pem: impl Into<Vec<u8>>) -> Self {
        self.with(|options| options.ca = Some(Authorities::Pem(pem.into())))
    }

    /// Shows this certificate to servers that ask for one. Both files are PEM and may be the same file.
    #[must_use]
    pub fn client_cert(self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.with(|options| options.identity = Some((certificate.into(), key.into())))
    }

    /// Accepts only servers whose public key is one of these, on top of every other check: `sha256//BASE64`, several
    /// with `;` between them, as curl's `--pinnedpubkey`.
    ///
    /// # Errors
    /// [`NetError::Invalid`] if that is not their form.
    pub fn pin(self, pins: &str) -> Result<Self, NetError> {
        let pins = Pins::parse(pins)?;
        Ok(self.with(|options| options.pins = pins))
    }

    /// Believes the certificates that these records of the DNS name, and no authority (DANE, RFC 7671): usage 3 the server's
    /// own, whatever it says of names and times, usage 2 an authority of its chain. Records of other usages are passed over.
    #[must_use]
    pub fn dane(self, records: Vec<Tlsa>) -> Self {
        self.with(|options| options.dane = Some(records))
    }

    /// Asks for this host instead of the one dialed, and checks the certificate against it.
    #[must_use]
    pub fn sni(self, name: Host) -> Self {
        self.with(|options| options.sni = Some(name))
    }

    /// Speaks no older version.
    #[must_use]
    pub fn min_version(self, version: TlsVersion) -> Self {
        self.with(|options| options.min_version = version)
    }

    /// Speaks no newer version.
    #[must_use]
    pub fn max_version(self, version: TlsVersion) -> Self {
        self.with(|options| options.max_version = Some(version))
    }

    /// Chooses the library.
    #[must_use]
    pub fn backend(self, backend: TlsBackend) -> Self {
        self.with(|options| options.backend = backend)
    }

    /// The same options, with sessions of its own: what resumes one of them has resumed this one's, and no other's.
    #[must_use]
    pub fn with_own_sessions(&self) -> Self {
        Tls { options: self.options.clone(), built: Arc::default() }
    }

    /// Other options are another configuration, with sessions of its own.
    fn with(mut self, set: impl FnOnce(&mut Options)) -> Self {
        set(&mut self.options);
        self.built = Arc::default();
        self
    }

    /// Finds every fault in the options that can be found without a connection.
    pub(crate) fn ready(&self, name: &Host) -> Result<(), NetError> {
        self.client(name)?;
        self.name(name).map_err(|why| NetError::Tls { name: name.clone(), why })?;
        Ok(())
    }

    /// Does the handshake as a client. `name` is whom the server must prove to be, unless [`Tls::sni`] names another.
    pub(crate) fn connect(
        &self,
        stream: Box<dyn Stream>,
        name: &Host,
        alpn: &[&str],
    ) -> Result<(Box<dyn Stream>, TlsInfo), NetError> {
        let client = self.client(name)?;
        let fault = |why| NetError::Tls { name: name.clone(), why };
        let expected = self.name(name).map_err(fault)?;
        client.handshake(stream, expected, alpn).map_err(fault)
    }

    fn client(&self, name: &Host) -> Result<&Client, NetError> {
        if let Some(client) = self.built.get() {
            return Ok(client);
        }
        let client = Client::build(&self.options, name)?;
        // Two threads may have built one each; the first stays and both use it.
        Ok(self.built.get_or_init(|| client))
    }

    /// RFC 6066 section 3: a name without its trailing dot. An address is checked against the certificate's addresses.
    fn name(&self, host: &Host) -> Result<ServerName<'static>, TlsFault> {
        let none = || TlsFault::Setup(SetupFault::NoName);
        let host = self.options.sni.as_ref().unwrap_or(host);
        match (host, host.ip()) {
            (Host::Broadcast | Host::Any, _) => Err(none()),
            (_, Some(ip)) => Ok(ServerName::IpAddress(ip.into())),
            (host, None) => {
                let ascii = host.ascii();
                let bare = ascii.strip_suffix('.').unwrap_or(&ascii);
                let name = DnsName::try_from(bare.to_owned()).map_err(|_| none())?;
                Ok(ServerName::DnsName(name))
            }
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt(f)
    }
}

impl FromStr for TlsVersion {
    type Err = NetError;

    /// `1.2` or `1.3`.
    fn from_str(text: &str) -> Result<Self, NetError> {
        match text {
            "1.2" => Ok(TlsVersion::V1_2),
            "1.3" => Ok(TlsVersion::V1_3),
            _ => Err(NetError::invalid(crate::What::TlsVersion, text, "it is 1.2 or 1.3")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(host: &str) -> Option<String> {
        Tls::default().name(&host.parse().unwrap()).ok().map(|name| name.to_str().into_owned())
    }

    #[test]
    fn the_name_is_what_certificates_bear() {
        assert_eq!(name("Example.org.").as_deref(), Some("example.org"));
        assert_eq!(name("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(name("fe80::1%eth0").as_deref(), Some("fe80::1"));
        assert_eq!(name(""), None);
        assert_eq!(name("<broadcast>"), None);
    }

    #[test]
    fn clones_share_sessions_until_an_option_differs() {
        let one = Tls::default().verify(false);
        assert!(Arc::ptr_eq(&one.built, &one.clone().built));
        assert!(!Arc::ptr_eq(&one.built, &one.clone().verify(true).built));
    }
}
