//! Who you are, and how to prove it without giving it away: secrets, logins and their sources, SASL, HTTP Basic,
//! Bearer and Digest, `.netrc`.
//!
//! Bytes in, bytes out: nothing here opens a socket, reads a clock or draws a random number. The one process started
//! is the password command a user asks for ([`source::password_command`]), the one file read is the `.netrc`
//! ([`netrc::read`]). The dialogue crates carry these messages in their own commands; the mock servers answer them with
//! the server's side of the same mechanisms.
//!
//! | RFC, section | what | item |
//! |---|---|---|
//! | 959 §4.1.1 | ACCT | [`netrc::Entry::account`] |
//! | 2195 §2 | CRAM-MD5 | [`sasl::CramMd5Client`], [`sasl::CramMd5Server`] |
//! | 4013 §2 | SASLprep | inside SCRAM, and in the servers' comparison of passwords |
//! | 4422 §2, §3.1 | identities, mechanism names | [`UserName`], [`sasl::Mechanism`] |
//! | 4422 §5 | initial responses, data with success | [`sasl::Client::initial`], [`sasl::ServerStep::Success`] |
//! | 4422 §6 | no downgrade, no plaintext in clear | [`sasl::choose`] |
//! | 4616 §2 | PLAIN | [`sasl::PlainClient`], [`sasl::PlainServer`] |
//! | 4648 §4, 4954 §4 | base64, `=` for an empty initial response | [`sasl::encode`], [`sasl::decode`], [`sasl::encode_initial`] |
//! | 5802 §3, §5, §7 | SCRAM-SHA-1 | [`sasl::scram::ScramClient`], [`sasl::scram::ScramServer`] |
//! | 5802 §6 | channel binding: flags `n` and `y` | [`sasl::scram::ChannelBinding`] |
//! | 6750 §2.1 | bearer tokens in HTTP | [`http::bearer`], [`is_b64token`] |
//! | 7616 §3.3-§3.5 | Digest, both sides, `Authentication-Info` | [`http::DigestClient`], [`http::DigestResponse`], [`http::AuthenticationInfo`] |
//! | 7617 §2 | Basic | [`http::basic`], [`http::Authorization`] |
//! | 7628 §3 | OAUTHBEARER | [`sasl::OAuthBearerClient`], [`sasl::OAuthBearerServer`] |
//! | 7628 §3.2.2 | why a token was refused | [`sasl::OAuthRefusal`] |
//! | 7677 §3 | SCRAM-SHA-256 | [`sasl::scram::ScramHash::Sha256`] |
//! | 9110 §11.3, §11.6.1 | challenges | [`http::Challenge`], [`http::parse_challenges`] |
//! | 9110 §11.6.2 | `Authorization` | [`http::Authorization::parse`] |
//!
//! Without an RFC: LOGIN ([`sasl::LoginClient`]), XOAUTH2 ([`sasl::XOAuth2Client`]), `.netrc` ([`netrc::Netrc`]).
//!
//! A login, both sides, as RFC 7677 section 3 has it:
//!
//! ```
//! use netkit_auth::Credentials;
//! use netkit_auth::sasl::{self, Mechanism, ServerSetup, ServerStep};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::password("user", "pencil")?;
//! let login = sasl::Login::new("smtp", "mail.example.org", 587, "rOprNGfwEbeRWgbNEkqO");
//! let offered = ["PLAIN", "SCRAM-SHA-256"];
//! let mechanism = sasl::choose(&offered, &credentials, &login)?;
//! assert_eq!(mechanism, Mechanism::ScramSha256);
//!
//! let mut client = sasl::client(mechanism, &credentials, &login)?;
//! let setup = ServerSetup::new("mail.example.org", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
//! let mut server = sasl::server(mechanism, &credentials, &setup);
//!
//! let mut message = client.initial().expect("SCRAM's client speaks first");
//! assert_eq!(message.expose(), b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
//! loop {
//!     match server.challenge(Some(message.expose())) {
//!         ServerStep::Challenge(challenge) => message = client.respond(&challenge)?,
//!         ServerStep::Success { user, data } => {
//!             assert_eq!(user, "user");
//!             client.respond(&data.expect("the server's signature"))?;
//!             break client.finish()?; // an error, had the server not known the password
//!         }
//!         ServerStep::Failure(why) => panic!("{why}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod credentials;
pub mod http;
pub mod netrc;
pub mod sasl;
mod secret;
pub mod source;
mod token;

pub use credentials::{CredentialError, Credentials, UserName};
pub use secret::Secret;
pub use token::is_b64token;
