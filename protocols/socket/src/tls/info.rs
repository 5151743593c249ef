//! What a handshake agreed on, and the certificates that were shown in it.

use std::fmt::Write;
use std::net::IpAddr;

use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::config::TlsBackend;
use super::pin::pin_of;

/// The outcome of a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsInfo {
    /// `TLSv1.3` or `TLSv1.2`; `unknown` where the library does not tell (the native backend).
    pub version: String,
    /// The cipher suite by its name in IANA's register, or `unknown`.
    pub cipher: String,
    /// The protocol agreed on by ALPN (RFC 7301).
    pub alpn: Option<String>,
    /// The peer's certificates, its own first. The native backend tells only that one. On a server: the client's.
    pub chain: Vec<CertInfo>,
    /// The library that did it.
    pub backend: TlsBackend,
    /// What names this connection and no other, for a login to bind to: `tls-exporter` of RFC 9266. None under TLS 1.2,
    /// where it may not be unique, and with the native backend, which cannot export.
    pub exporter: Option<[u8; 32]>,
    /// Whether an earlier session was resumed (RFC 8446 section 2.2); none where the library does not tell (the native backend).
    pub resumed: Option<bool>,
}

/// RFC 9266 section 2.
const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// One certificate (RFC 5280). Text from it has its control characters escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertInfo {
    /// Whose it is, as a distinguished name (RFC 4514).
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The hosts it is for: DNS names and IP addresses (section 4.2.1.6).
    pub names: Vec<String>,
    /// The first second of its validity, in Unix time.
    pub not_before: i64,
    /// The last second of its validity, in Unix time.
    pub not_after: i64,
    /// Its serial number in hexadecimal, bytes with `:` between them.
    pub serial: String,
    /// SHA-256 of the whole certificate in hexadecimal.
    pub sha256: String,
    /// The pin of its public key, `sha256//BASE64`.
    pub spki_pin: String,
}

impl TlsInfo {
    /// What was agreed on and with whom, a line each, for a log of the conversation.
    pub fn notes(&self) -> Vec<String> {
        let agreed = format!("{} {}", self.version, self.cipher);
        let own =
            self.chain.first().map(|own| format!("certificate {}, issued by {}", own.subject, own.issuer));
        [Some(agreed), own].into_iter().flatten().collect()
    }

    /// What rustls agreed on, on either side.
    pub(super) fn of(tls: &rustls::Connection) -> TlsInfo {
        let version = match tls.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            _ => "unknown",
        };
        let cipher = tls.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
        // rustls marks the suites of TLS 1.3; IANA does not.
        let cipher = cipher.map_or_else(|| "unknown".to_owned(), |name| name.replace("TLS13_", "TLS_"));
        TlsInfo {
            version: version.to_owned(),
            cipher,
            alpn: tls.alpn_protocol().map(|name| printable(&String::from_utf8_lossy(name))),
            chain: tls.peer_certificates().unwrap_or_default().iter().map(CertInfo::of).collect(),
            backend: TlsBackend::Rustls,
            exporter: exporter(tls),
            resumed: tls.handshake_kind().map(|kind| kind == rustls::HandshakeKind::Resumed),
        }
    }
}

/// rustls speaks TLS 1.2 with the extended master secret where the peer does, and exports without it, too: RFC 9266
/// section 4.2 forbids that. It does not say which it was, so only TLS 1.3 is taken, where the question does not arise.
fn exporter(tls: &rustls::Connection) -> Option<[u8; 32]> {
    if tls.protocol_version() != Some(rustls::ProtocolVersion::TLSv1_3) {
        return None;
    }
    tls.export_keying_material([0; 32], EXPORTER_LABEL, Some(b"")).ok()
}

impl CertInfo {
    /// What a certificate says. One that cannot be read has its fingerprint only.
    pub(super) fn of(der: &CertificateDer<'_>) -> CertInfo {
        let mut info = CertInfo { sha256: hex(&Sha256::digest(der)), ..CertInfo::default() };
        let Ok(certificate) = Certificate::from_der(der) else {
            return info;
        };
        let body = certificate.tbs_certificate();
        info.subject = printable(&body.subject().to_string());
        info.issuer = printable(&body.issuer().to_string());
        info.not_before = seconds(body.validity().not_before);
        info.not_after = seconds(body.validity().not_after);
        info.serial = body.serial_number().to_string();
        info.spki_pin = pin_of(&certificate).unwrap_or_default();
        if let Ok(Some((_, SubjectAltName(names)))) = body.get_extension::<SubjectAltName>() {
            info.names = names.iter().filter_map(host_name).collect();
        }
        info
    }
}

/// Whether a certificate names itself as its issuer.
pub(super) fn is_self_issued(der: &[u8]) -> bool {
    Certificate::from_der(der).is_ok_and(|c| c.tbs_certificate().subject() == c.tbs_certificate().issuer())
}

fn host_name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(printable(name.as_str())),
        GeneralName::IpAddress(octets) => {
            let bytes = octets.as_bytes();
            let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok().map(|ip| ip.to_string())
        }
        _ => None,
    }
}

fn seconds(time: x509_cert::time::Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A String takes every write.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The peer's text without anything that could steer a terminal or forge a line of a log.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escape = c.is_control()
                || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            let (plain, escaped) = if escape { (None, Some(c.escape_default())) } else { (Some(c), None) };
            plain.into_iter().chain(escaped.into_iter().flatten())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificates_text_cannot_steer_a_terminal() {
        assert_eq!(printable("CN=a\x1b[31m\r\nb\u{202e}é"), "CN=a\\u{1b}[31m\\r\\nb\\u{202e}é");
    }

    #[test]
    fn rubbish_has_a_fingerprint_only() {
        let info = CertInfo::of(&CertificateDer::from(&b"abc"[..]));
        assert_eq!(info.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(info.subject, "");
    }
}
