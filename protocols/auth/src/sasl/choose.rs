//! Which mechanism to use, of those the server offers.

use thiserror::Error;

use super::{Login, Mechanism, Needs};
use crate::Credentials;

/// Why no mechanism may be used. Nothing has been sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChooseError {
    /// The mechanism asked for is not among those offered.
    #[error("the server does not offer {0}")]
    NotOffered(Mechanism),
    /// The mechanism asked for would show the secret, and the channel is not private.
    #[error("{0} would send the secret in clear")]
    NeedsPrivateChannel(Mechanism),
    /// The mechanism asked for needs something the credentials do not have.
    #[error("{mechanism} needs a {needs}, and there is none")]
    Missing {
        /// The mechanism asked for.
        mechanism: Mechanism,
        /// What it needs.
        needs: Needs,
    },
    /// The mechanism asked for binds to the TLS channel, and there is none, or its library cannot export from it.
    #[error("{0} binds to the TLS channel, and there is nothing to bind to")]
    NoChannel(Mechanism),
    /// The mechanism asked for, or every one that would do, is weaker than the floor.
    #[error("the server offers nothing as strong as {floor}")]
    TooWeak {
        /// The weakest mechanism allowed.
        floor: Mechanism,
    },
    /// There is neither a password nor a token.
    #[error("there is neither a password nor a token")]
    NoSecret,
    /// Every offered mechanism that fits the credentials would show the secret, and the channel is not private.
    #[error("the server offers only mechanisms that would send the secret in clear")]
    OnlyPlaintext,
    /// The server offers nothing that this crate speaks and the credentials fit.
    #[error("no offered mechanism fits the credentials")]
    NothingInCommon,
}

/// Chooses the mechanism for one login.
///
/// `offered` are the names as the server listed them; unknown ones are passed over. A plaintext mechanism is never chosen
/// where the channel is not private, not even when it is asked for by name.
///
/// The order is by what the server learns and can do, so it is the same on a private channel: TLS keeps listeners
/// out, but a server that was broken into, or one reached through a certificate that should not have been trusted,
/// still reads a PLAIN password and replays it elsewhere. SCRAM never shows it and proves the server; bound to the channel
/// (`-PLUS`) before unbound, SHA-256 before SHA-1. DIGEST-MD5 and CRAM-MD5 do not show it either, though it can be guessed
/// offline and makes servers store it readable. PLAIN before LOGIN, which is the same in more steps and was never
/// standardised. When there is a token it is used first, OAUTHBEARER (a standard, bound to host and port) before XOAUTH2;
/// when no token mechanism is offered and there is a password too, the password is used. EXTERNAL and ANONYMOUS are used
/// only when asked for.
///
/// After a *failed* login the answer must not be retried with a weaker mechanism: a server that refuses the strong one
/// to be given the weak one is an attack.
///
/// # Errors
/// [`ChooseError`]; nothing has been sent.
pub fn choose<S: AsRef<str>>(
    offered: &[S],
    credentials: &Credentials,
    login: &Login<'_>,
) -> Result<Mechanism, ChooseError> {
    let is_offered =
        |mechanism: Mechanism| offered.iter().any(|name| name.as_ref().parse::<Mechanism>() == Ok(mechanism));
    if let Some(mechanism) = login.mechanism {
        return if is_offered(mechanism) {
            fits(mechanism, credentials, login).map(|()| mechanism)
        } else {
            Err(ChooseError::NotOffered(mechanism))
        };
    }
    if credentials.password.is_none() && credentials.token.is_none() {
        return Err(ChooseError::NoSecret);
    }
    // What is left when nothing fits: the best candidate's own reason.
    let mut reason = ChooseError::NothingInCommon;
    for mechanism in Mechanism::ALL {
        if !is_offered(mechanism) || mechanism.needs() == Needs::Nothing {
            continue;
        }
        match fits(mechanism, credentials, login) {
            Ok(()) => return Ok(mechanism),
            Err(ChooseError::NeedsPrivateChannel(_)) => reason = ChooseError::OnlyPlaintext,
            Err(weak @ ChooseError::TooWeak { .. }) => reason = weak,
            Err(_) => {}
        }
    }
    Err(reason)
}

/// Whether this one may be used.
fn fits(mechanism: Mechanism, credentials: &Credentials, login: &Login<'_>) -> Result<(), ChooseError> {
    let missing = match mechanism.needs() {
        Needs::Password => credentials.password.is_none(),
        Needs::Token => credentials.token.is_none(),
        Needs::Nothing => false,
    };
    match login.floor {
        _ if missing => Err(ChooseError::Missing { mechanism, needs: mechanism.needs() }),
        Some(floor) if mechanism.strength() < floor.strength() => Err(ChooseError::TooWeak { floor }),
        _ if mechanism.binds_channel() && login.tls_exporter.is_none() => {
            Err(ChooseError::NoChannel(mechanism))
        }
        _ if mechanism.is_plaintext() && !login.channel_is_private => {
            Err(ChooseError::NeedsPrivateChannel(mechanism))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYTHING: [&str; 9] = [
        "GSSAPI",
        "login",
        "PLAIN",
        "CRAM-MD5",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
        "SCRAM-SHA-256-PLUS",
        "XOAUTH2",
        "OAUTHBEARER",
    ];

    fn choose<S: AsRef<str>>(
        offered: &[S],
        credentials: &Credentials,
        channel_is_private: bool,
        mechanism: Option<Mechanism>,
    ) -> Result<Mechanism, ChooseError> {
        let login = Login { channel_is_private, mechanism, ..Login::new("smtp", "h", 25, "n") };
        super::choose(offered, credentials, &login)
    }

    #[test]
    fn bound_first_where_there_is_a_channel() {
        let bound = Login { tls_exporter: Some(b"x"), ..Login::new("smtp", "h", 25, "n") };
        assert_eq!(super::choose(&EVERYTHING, &with_password(), &bound), Ok(Mechanism::ScramSha256Plus));
        let wanted = Some(Mechanism::ScramSha256Plus);
        assert_eq!(
            choose(&EVERYTHING, &with_password(), true, wanted),
            Err(ChooseError::NoChannel(Mechanism::ScramSha256Plus))
        );
    }

    #[test]
    fn nothing_under_the_floor() {
        let floor = Mechanism::ScramSha1;
        let login =
            Login { floor: Some(floor), channel_is_private: true, ..Login::new("smtp", "h", 25, "n") };
        let weak = ["PLAIN", "CRAM-MD5", "DIGEST-MD5"];
        assert_eq!(super::choose(&weak, &with_password(), &login), Err(ChooseError::TooWeak { floor }));
        let plain = Login { mechanism: Some(Mechanism::Plain), ..login.clone() };
        assert_eq!(super::choose(&weak, &with_password(), &plain), Err(ChooseError::TooWeak { floor }));
        assert_eq!(super::choose(&EVERYTHING, &with_password(), &login), Ok(Mechanism::ScramSha256));
    }

    #[test]
    fn nobody_and_somebody_outside_by_name_only() {
        let offered = ["EXTERNAL", "ANONYMOUS"];
        let nobody = Credentials::default();
        assert_eq!(choose(&offered, &nobody, true, None), Err(ChooseError::NoSecret));
        assert_eq!(choose(&offered, &with_password(), true, None), Err(ChooseError::NothingInCommon));
        for mechanism in [Mechanism::External, Mechanism::Anonymous] {
            assert_eq!(choose(&offered, &nobody, false, Some(mechanism)), Ok(mechanism));
        }
    }

    fn with_password() -> Credentials {
        Credentials::password("ana", "pw").unwrap()
    }

    #[test]
    fn strongest_first_on_any_channel() {
        for private in [true, false] {
            assert_eq!(choose(&EVERYTHING, &with_password(), private, None), Ok(Mechanism::ScramSha256));
            let older = ["LOGIN", "PLAIN", "CRAM-MD5", "SCRAM-SHA-1"];
            assert_eq!(choose(&older, &with_password(), private, None), Ok(Mechanism::ScramSha1));
        }
        assert_eq!(choose(&["LOGIN", "PLAIN"], &with_password(), true, None), Ok(Mechanism::Plain));
        assert_eq!(choose(&["LOGIN"], &with_password(), true, None), Ok(Mechanism::Login));
    }

    #[test]
    fn no_plaintext_in_clear_even_when_wanted() {
        let offered = ["PLAIN", "LOGIN"];
        assert_eq!(choose(&offered, &with_password(), false, None), Err(ChooseError::OnlyPlaintext));
        assert_eq!(
            choose(&offered, &with_password(), false, Some(Mechanism::Plain)),
            Err(ChooseError::NeedsPrivateChannel(Mechanism::Plain))
        );
        let token = Credentials::token("ana", "t").unwrap();
        assert_eq!(choose(&EVERYTHING, &token, false, None), Err(ChooseError::OnlyPlaintext));
        assert_eq!(choose(&EVERYTHING, &token.with_password("p"), false, None), Ok(Mechanism::ScramSha256));
    }

    #[test]
    fn tokens_choose_the_standard_one_first() {
        let token = Credentials::token("ana", "t").unwrap();
        assert_eq!(choose(&EVERYTHING, &token, true, None), Ok(Mechanism::OAuthBearer));
        assert_eq!(choose(&["xoauth2", "PLAIN"], &token, true, None), Ok(Mechanism::XOAuth2));
        let both = token.with_password("p");
        assert_eq!(choose(&["PLAIN"], &both, true, None), Ok(Mechanism::Plain));
    }

    #[test]
    fn the_wanted_one_or_none() {
        let card = with_password();
        assert_eq!(choose(&EVERYTHING, &card, true, Some(Mechanism::Login)), Ok(Mechanism::Login));
        assert_eq!(
            choose(&["PLAIN"], &card, true, Some(Mechanism::ScramSha1)),
            Err(ChooseError::NotOffered(Mechanism::ScramSha1))
        );
        assert_eq!(
            choose(&EVERYTHING, &card, true, Some(Mechanism::XOAuth2)),
            Err(ChooseError::Missing { mechanism: Mechanism::XOAuth2, needs: Needs::Token })
        );
    }

    #[test]
    fn nothing_to_choose_from() {
        let nobody = Credentials::default();
        assert_eq!(choose(&EVERYTHING, &nobody, true, None), Err(ChooseError::NoSecret));
        assert_eq!(choose::<&str>(&[], &with_password(), true, None), Err(ChooseError::NothingInCommon));
        assert_eq!(choose(&["GSSAPI", ""], &with_password(), true, None), Err(ChooseError::NothingInCommon));
    }
}
