//! Getting names and passwords ready: SASLprep (RFC 4013), and the checks each mechanism repeats.

use super::{Accounts, Field, Mechanism, Needs, Rejection, SaslError, ServerStep};
use crate::{Credentials, Secret};

/// SASLprep as for a stored string (RFC 3454 section 7): prohibited and unassigned characters are refused.
///
/// The result has the same letters for every way they can be typed, which a hash needs and a comparison wants.
pub(super) fn saslprep(text: &str, field: Field) -> Result<String, SaslError> {
    stringprep::saslprep(text).map(std::borrow::Cow::into_owned).map_err(|_| SaslError::Prohibited(field))
}

/// The user name, which no password mechanism can do without.
pub(super) fn user(credentials: &Credentials) -> Result<&str, SaslError> {
    if credentials.user.is_empty() { Err(SaslError::Empty(Field::User)) } else { Ok(&credentials.user) }
}

/// The password, which may not be empty: an empty one is a password source that failed, or PLAIN's anonymous bind.
pub(super) fn password(credentials: &Credentials, mechanism: Mechanism) -> Result<&Secret, SaslError> {
    let missing = SaslError::Missing { mechanism, needs: Needs::Password };
    let password = credentials.password.as_ref().ok_or(missing)?;
    if password.is_empty() { Err(SaslError::Empty(Field::Password)) } else { Ok(password) }
}

/// The token, in the grammar of RFC 6750 section 2.1.
pub(super) fn token(credentials: &Credentials, mechanism: Mechanism) -> Result<&Secret, SaslError> {
    let missing = SaslError::Missing { mechanism, needs: Needs::Token };
    let token = credentials.token.as_ref().ok_or(missing)?;
    match (token.is_empty(), crate::token::is_b64token(token)) {
        (true, _) => Err(SaslError::Empty(Field::Token)),
        (false, false) => Err(SaslError::Prohibited(Field::Token)),
        (false, true) => Ok(token),
    }
}

/// A server's verdict on a readable password: both sides prepared (RFC 4616 section 2), compared in constant time.
pub(super) fn password_verdict(
    accounts: &dyn Accounts,
    user: &str,
    offered: &Secret,
    authzid: Option<&str>,
) -> ServerStep {
    let right = accounts.password(user).is_some_and(|stored| prepared(&stored) == prepared(offered));
    if right && !offered.is_empty() {
        verdict_on_identity(accounts, user, authzid)
    } else {
        ServerStep::Failure(Rejection::Credentials)
    }
}

/// The last question, once the user is known: may it act as who it wants to be?
pub(super) fn verdict_on_identity(accounts: &dyn Accounts, user: &str, authzid: Option<&str>) -> ServerStep {
    match authzid {
        Some(other) if !accounts.may_act_as(user, other) => ServerStep::Failure(Rejection::Identity),
        identity => ServerStep::Success { user: identity.unwrap_or(user).to_owned(), data: None },
    }
}

/// The prepared password, or the bytes as they are where SASLprep has no answer.
fn prepared(password: &Secret) -> Secret {
    match password.expose_str().map(|text| saslprep(text, Field::Password)) {
        Ok(Ok(text)) => Secret::from(text),
        _ => password.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4013 section 3, the examples.
    #[test]
    fn saslprep_examples() {
        let prep = |text| saslprep(text, Field::Password);
        assert_eq!(prep("I\u{ad}X").as_deref(), Ok("IX"));
        assert_eq!(prep("user").as_deref(), Ok("user"));
        assert_eq!(prep("USER").as_deref(), Ok("USER"));
        assert_eq!(prep("\u{aa}").as_deref(), Ok("a"));
        assert_eq!(prep("\u{2168}").as_deref(), Ok("IX"));
        assert_eq!(prep("\u{7}"), Err(SaslError::Prohibited(Field::Password)));
        assert_eq!(prep("\u{627}1"), Err(SaslError::Prohibited(Field::Password)));
    }

    #[test]
    fn an_empty_password_opens_nothing_even_where_it_is_stored() {
        let open = Credentials::password("ana", "").unwrap();
        assert_eq!(
            password_verdict(&open, "ana", &Secret::default(), None),
            ServerStep::Failure(Rejection::Credentials)
        );
    }
}
