//! Why TLS failed, in words a user can act on, whichever library found it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use netkit_wire::Clock;
use rustls::{CertificateError, InvalidMessage, OtherError};

use crate::dial::elapsed;
use crate::error::Plain;

/// What went wrong with TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsFault {
    /// The two sides could not agree, or one of them broke the protocol.
    #[error("handshake failed: {0}")]
    Handshake(String),
    /// The peer's certificate was refused.
    #[error("certificate refused: {reason}")]
    Certificate {
        /// Why.
        reason: CertFault,
    },
    /// The peer closed the connection in the middle of the handshake.
    #[error("the peer closed the connection during the handshake")]
    Closed,
    /// The connection broke during the handshake.
    #[error("{}", Plain(.0))]
    Io(io::Error),
    /// The options cannot be used: nothing was sent.
    #[error("{0}")]
    Setup(SetupFault),
    /// This build does not have the TLS library that was asked for.
    #[error("this build has no native TLS backend")]
    BackendMissing,
}

/// Why a certificate was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertFault {
    /// No trusted authority has signed it.
    UnknownIssuer,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// It is another host's.
    WrongHost {
        /// The name it should have.
        expected: String,
        /// The names it has.
        presented: Vec<String>,
    },
    /// It vouches for itself.
    SelfSigned,
    /// An authority's own certificate was served as a host's.
    CaUsedAsEndEntity,
    /// Its public key is not the pinned one.
    PinMismatch {
        /// The pin of the key it has, `sha256//BASE64`.
        presented: String,
    },
    /// No TLSA record of the DNS names it (RFC 6698).
    NotInDns,
    /// Its authority took it back.
    Revoked,
    /// Any other reason, in the TLS library's words.
    Other(String),
}

/// What makes TLS options unusable.
#[derive(Debug)]
#[non_exhaustive]
pub enum SetupFault {
    /// A file could not be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// A file holds no PEM certificate.
    NoCertificate {
        /// The file; none where PEM was given as text.
        path: Option<PathBuf>,
    },
    /// A file holds no private key that can be used: PKCS#8, PKCS#1 or SEC1 in PEM, not encrypted.
    NoKey {
        /// The file; none where PEM was given as text.
        path: Option<PathBuf>,
    },
    /// The key is not the certificate's.
    KeyMismatch,
    /// No trusted root could be had from the system.
    NoRoots,
    /// There is no host name to check the certificate against.
    NoName,
    /// Any other reason, in the TLS library's words.
    Other(String),
}

impl TlsFault {
    /// What a user can do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            TlsFault::Certificate { reason } => match reason {
                CertFault::UnknownIssuer => Some("--cacert FILE trusts a private authority"),
                CertFault::SelfSigned => Some("--cacert FILE trusts this certificate, --pin accepts its key"),
                CertFault::CaUsedAsEndEntity => {
                    Some("--insecure with --pin sha256//... accepts exactly this key")
                }
                CertFault::WrongHost { .. } => {
                    Some("--sni NAME asks for another name, where that is whom you mean")
                }
                CertFault::Expired | CertFault::NotYetValid => Some("is this machine's clock right?"),
                _ => None,
            },
            TlsFault::Handshake(_) | TlsFault::Closed => Some("is the port speaking TLS?"),
            TlsFault::BackendMissing => {
                Some("build with the feature native-tls, or use --tls-backend rustls")
            }
            TlsFault::Setup(SetupFault::NoName) => Some("--sni NAME says whom to expect"),
            TlsFault::Setup(SetupFault::NoRoots) => {
                Some("--roots webpki uses built-in roots, --cacert FILE your own")
            }
            _ => None,
        }
    }

    /// The clock that ended the handshake, if it was one.
    pub(crate) fn elapsed(&self) -> Option<Clock> {
        match self {
            TlsFault::Io(error) => elapsed(error),
            _ => None,
        }
    }

    /// A failed handshake's reason: what rustls wrapped into the I/O error, or the I/O error itself.
    pub(super) fn of_handshake(error: io::Error) -> TlsFault {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return TlsFault::Closed;
        }
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(inner) => TlsFault::of_rustls(inner),
            None => TlsFault::Io(error),
        }
    }

    pub(super) fn of_rustls(error: &rustls::Error) -> TlsFault {
        match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(other)) => match other.0.downcast_ref()
            {
                Some(Refusal::NoRoots) => TlsFault::Setup(SetupFault::NoRoots),
                Some(Refusal::Reason(reason)) => TlsFault::Certificate { reason: reason.clone() },
                // webpki's own words; rustls has no variant for this one.
                None if other.0.to_string() == "CaUsedAsEndEntity" => {
                    TlsFault::Certificate { reason: CertFault::CaUsedAsEndEntity }
                }
                None => TlsFault::Certificate { reason: CertFault::Other(other.to_string()) },
            },
            rustls::Error::InvalidCertificate(reason) => {
                TlsFault::Certificate { reason: CertFault::of(reason) }
            }
            rustls::Error::NoCertificatesPresented => {
                TlsFault::Certificate { reason: CertFault::Other("the peer presented none".to_owned()) }
            }
            rustls::Error::InconsistentKeys(_) => TlsFault::Setup(SetupFault::KeyMismatch),
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
                TlsFault::Handshake("what the peer sent is not TLS".to_owned())
            }
            other => TlsFault::Handshake(other.to_string()),
        }
    }
}

/// What our own certificate verifier says through rustls, which has no word for it. As a certificate's fault it goes to
/// the peer as the alert `certificate_unknown`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Reason(CertFault),
    #[error("no trusted roots")]
    NoRoots,
}

impl From<Refusal> for rustls::Error {
    fn from(refusal: Refusal) -> Self {
        CertificateError::Other(OtherError(Arc::new(refusal))).into()
    }
}

impl CertFault {
    fn of(error: &CertificateError) -> CertFault {
        use CertificateError as E;
        match error {
            E::UnknownIssuer => CertFault::UnknownIssuer,
            E::Expired | E::ExpiredContext { .. } => CertFault::Expired,
            E::NotValidYet | E::NotValidYetContext { .. } => CertFault::NotYetValid,
            E::Revoked => CertFault::Revoked,
            E::NotValidForNameContext { expected, presented } => CertFault::WrongHost {
                expected: expected.to_str().into_owned(),
                presented: presented.iter().map(|name| plain_name(name)).collect(),
            },
            other => CertFault::Other(other.to_string()),
        }
    }
}

/// webpki writes `DnsName("example.org")`; a user reads `example.org`.
fn plain_name(name: &str) -> String {
    let quoted = name.split('"').nth(1);
    let bare = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    super::info::printable(quoted.or(bare).unwrap_or(name))
}

impl fmt::Display for CertFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CertFault::UnknownIssuer => f.write_str("no trusted authority has signed it"),
            CertFault::Expired => f.write_str("it has expired"),
            CertFault::NotYetValid => f.write_str("it is not valid yet"),
            CertFault::WrongHost { expected, presented } if presented.is_empty() => {
                write!(f, "it is not for {expected}")
            }
            CertFault::WrongHost { expected, presented } => {
                write!(f, "it is not for {expected} but for {}", presented.join(", "))
            }
            CertFault::SelfSigned => f.write_str("it is self-signed"),
            CertFault::CaUsedAsEndEntity => f.write_str("it is an authority's certificate, not a host's"),
            CertFault::PinMismatch { presented } => {
                write!(f, "its key is not the pinned one but {presented}")
            }
            CertFault::NotInDns => f.write_str("no TLSA record names it"),
            CertFault::Revoked => f.write_str("it was revoked"),
            CertFault::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for SetupFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file =
            |path: &Option<PathBuf>| path.as_ref().map_or("the PEM text".into(), |p| p.display().to_string());
        match self {
            SetupFault::Unreadable { path, error } => {
                write!(f, "could not read {}: {}", path.display(), Plain(error))
            }
            SetupFault::NoCertificate { path } => write!(f, "{} holds no certificate in PEM", file(path)),
            SetupFault::NoKey { path } => write!(f, "{} holds no unencrypted private key in PEM", file(path)),
            SetupFault::KeyMismatch => f.write_str("the private key does not belong to the certificate"),
            SetupFault::NoRoots => f.write_str("this system has no trusted roots"),
            SetupFault::NoName => f.write_str("there is no host name to check the certificate against"),
            SetupFault::Other(text) => f.write_str(text),
        }
    }
}
