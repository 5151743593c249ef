//! The mechanisms by name (RFC 4422 section 3.1), and what is known of each before a byte is sent.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A SASL mechanism this crate speaks, both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// `PLAIN`, RFC 4616: name and password in one message.
    Plain,
    /// `LOGIN`: name and password in two messages; obsolete (draft-murchison-sasl-login), still offered.
    Login,
    /// `CRAM-MD5`, RFC 2195: a keyed digest of the server's challenge.
    CramMd5,
    /// `DIGEST-MD5`, RFC 2831: a digest over both sides' nonces; historic since RFC 6331, still offered.
    DigestMd5,
    /// `SCRAM-SHA-1`, RFC 5802.
    ScramSha1,
    /// `SCRAM-SHA-256`, RFC 7677.
    ScramSha256,
    /// `SCRAM-SHA-1-PLUS`: bound to the TLS channel (RFC 5802 section 6, RFC 9266).
    ScramSha1Plus,
    /// `SCRAM-SHA-256-PLUS`: bound to the TLS channel (RFC 7677, RFC 9266).
    ScramSha256Plus,
    /// `XOAUTH2`: Google's and Microsoft's bearer token message.
    XOAuth2,
    /// `OAUTHBEARER`, RFC 7628.
    OAuthBearer,
    /// `EXTERNAL`, RFC 4422 appendix A: who the client is was shown outside, as by a TLS certificate.
    External,
    /// `ANONYMOUS`, RFC 4505: nobody in particular, who may leave a trace.
    Anonymous,
}

/// What a mechanism asks of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Needs {
    /// A password.
    Password,
    /// An OAuth 2.0 bearer token.
    Token,
    /// Nothing that is sent; the user has to ask for such a mechanism by name.
    Nothing,
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::Nothing => "request by name",
        })
    }
}

impl Mechanism {
    /// Every mechanism, strongest first; [`choose`](super::choose) says why in this order.
    pub const ALL: [Self; 12] = [
        Self::External,
        Self::OAuthBearer,
        Self::XOAuth2,
        Self::ScramSha256Plus,
        Self::ScramSha1Plus,
        Self::ScramSha256,
        Self::ScramSha1,
        Self::DigestMd5,
        Self::CramMd5,
        Self::Plain,
        Self::Login,
        Self::Anonymous,
    ];

    /// The registered name, upper case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::CramMd5 => "CRAM-MD5",
            Self::DigestMd5 => "DIGEST-MD5",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
            Self::XOAuth2 => "XOAUTH2",
            Self::OAuthBearer => "OAUTHBEARER",
            Self::External => "EXTERNAL",
            Self::Anonymous => "ANONYMOUS",
        }
    }

    /// Whether whoever reads the exchange holds the secret afterwards: PLAIN, LOGIN and the bearer tokens.
    /// These need a private channel (RFC 4616 section 4, RFC 7628 section 4).
    #[must_use]
    pub const fn is_plaintext(self) -> bool {
        matches!(self, Self::Plain | Self::Login | Self::XOAuth2 | Self::OAuthBearer)
    }

    /// What it asks of the user.
    #[must_use]
    pub const fn needs(self) -> Needs {
        match self {
            Self::XOAuth2 | Self::OAuthBearer => Needs::Token,
            Self::External | Self::Anonymous => Needs::Nothing,
            _ => Needs::Password,
        }
    }

    /// Whether the server proves that it knows the password too: the SCRAM family and DIGEST-MD5.
    #[must_use]
    pub const fn verifies_server(self) -> bool {
        matches!(self, Self::ScramSha1 | Self::ScramSha256 | Self::DigestMd5) || self.binds_channel()
    }

    /// Whether the login is bound to the TLS connection it runs in, so that nobody between can pass it on.
    #[must_use]
    pub const fn binds_channel(self) -> bool {
        matches!(self, Self::ScramSha1Plus | Self::ScramSha256Plus)
    }

    /// Whether the client speaks first, so that `AUTH mech initial-response` may be used (RFC 4422 section 5).
    #[must_use]
    pub const fn is_client_first(self) -> bool {
        !matches!(self, Self::Login | Self::CramMd5 | Self::DigestMd5)
    }

    /// Rank: more is stronger. A floor (`--auth-min`) compares with it.
    #[must_use]
    pub const fn strength(self) -> u8 {
        match self {
            Self::Anonymous => 0,
            Self::Login => 1,
            Self::Plain => 2,
            Self::CramMd5 => 3,
            Self::DigestMd5 => 4,
            Self::ScramSha1 => 5,
            Self::ScramSha256 => 6,
            Self::ScramSha1Plus => 7,
            Self::ScramSha256Plus => 8,
            Self::XOAuth2 => 9,
            Self::OAuthBearer => 10,
            Self::External => 11,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The name is of no mechanism this crate speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a SASL mechanism this program speaks")]
pub struct UnknownMechanism;

impl FromStr for Mechanism {
    type Err = UnknownMechanism;

    /// Case does not matter: servers and users write both.
    fn from_str(name: &str) -> Result<Self, UnknownMechanism> {
        Self::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name)).ok_or(UnknownMechanism)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_in_any_case() {
        for mechanism in Mechanism::ALL {
            assert_eq!(mechanism.name().parse(), Ok(mechanism));
            assert_eq!(mechanism.to_string().to_ascii_lowercase().parse(), Ok(mechanism));
        }
        assert_eq!("SCRAM-SHA-512".parse::<Mechanism>(), Err(UnknownMechanism));
        assert_eq!("PLAIN ".parse::<Mechanism>(), Err(UnknownMechanism));
    }

    #[test]
    fn all_is_sorted_by_strength() {
        assert!(Mechanism::ALL.windows(2).all(|pair| pair[0].strength() > pair[1].strength()));
    }

    #[test]
    fn plaintext_is_what_a_listener_could_replay() {
        let open: Vec<_> = Mechanism::ALL.into_iter().filter(|m| m.is_plaintext()).collect();
        assert_eq!(open, [Mechanism::OAuthBearer, Mechanism::XOAuth2, Mechanism::Plain, Mechanism::Login]);
    }
}
