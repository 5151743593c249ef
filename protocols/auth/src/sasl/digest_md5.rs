//! DIGEST-MD5 (RFC 2831), quality of protection `auth` only; historic since RFC 6331.
//!
//! ```text
//! S: realm="r",nonce="n",qop="auth",algorithm=md5-sess,charset=utf-8
//! C: charset=utf-8,username="u",realm="r",nonce="n",nc=00000001,cnonce="c",digest-uri="imap/host",response=...,qop=auth
//! S: rspauth=...                                      the server's own proof
//!
//! A1       = H( user ":" realm ":" password ) ":" nonce ":" cnonce [":" authzid]
//! A2       = "AUTHENTICATE:" digest-uri               for rspauth: ":" digest-uri
//! response = HEX( H( HEX(H(A1)) ":" nonce ":" nc ":" cnonce ":" qop ":" HEX(H(A2)) ) )
//! ```

mod client;
mod directives;
mod server;

use md5::{Digest as _, Md5};

pub use client::DigestMd5Client;
pub use server::DigestMd5Server;

use super::SaslError;
use crate::Secret;

/// What goes into the digest besides the password.
#[derive(Debug, Clone, Default)]
struct Exchange {
    user: String,
    realm: String,
    nonce: String,
    cnonce: String,
    uri: String,
    authzid: Option<String>,
    utf8: bool,
}

/// Whose proof is made.
#[derive(Debug, Clone, Copy)]
enum Side {
    Client,
    Server,
}

/// The count of uses of one nonce: a login uses it once.
const COUNT: &str = "00000001";

impl Exchange {
    /// The `response` or `rspauth` value.
    fn proof(&self, password: &Secret, side: Side) -> Result<Secret, SaslError> {
        let user = self.octets(self.user.as_bytes())?;
        let realm = self.octets(self.realm.as_bytes())?;
        let password = Secret::from(self.octets(password.expose())?);
        let secret = Secret::from(hash(&[&user, b":", &realm, b":", password.expose()]));
        let session = [b":".as_slice(), self.nonce.as_bytes(), b":", self.cnonce.as_bytes()].concat();
        let authzid = self.authzid.as_deref().map(|name| format!(":{name}")).unwrap_or_default();
        let a1 = Secret::from(hex(&hash(&[secret.expose(), &session, authzid.as_bytes()])));
        let verb = match side {
            Side::Client => "AUTHENTICATE:",
            Side::Server => ":",
        };
        let a2 = hex(&hash(&[verb.as_bytes(), self.uri.as_bytes()]));
        let middle = format!(":{}:{COUNT}:{}:auth:{a2}", self.nonce, self.cnonce);
        Ok(Secret::from(hex(&hash(&[a1.expose(), middle.as_bytes()]))))
    }

    /// The octets that are hashed: ISO 8859-1 where the text has them all, though UTF-8 was sent (RFC 2831 section
    /// 2.1.2.1, `charset`); and the only ones there are where the server does not know UTF-8.
    fn octets(&self, text: &[u8]) -> Result<Vec<u8>, SaslError> {
        let latin = str::from_utf8(text).ok().and_then(|text| {
            text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>()
        });
        match latin {
            Some(latin) => Ok(latin),
            None if self.utf8 => Ok(text.to_vec()),
            None => {
                Err(SaslError::Digest("the name or password has characters the server has no charset for"))
            }
        }
    }
}

fn hash(parts: &[&[u8]]) -> Vec<u8> {
    let mut md5 = Md5::new();
    parts.iter().for_each(|part| md5.update(part));
    md5.finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
