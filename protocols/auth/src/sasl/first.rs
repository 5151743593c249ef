//! The one message a client-first mechanism has ready: sent along with the command, or upon the empty challenge that
//! asks for it (RFC 4422 section 5).

use super::SaslError;
use crate::Secret;

/// The message, until it has been given out.
#[derive(Debug)]
pub(super) struct First(Option<Secret>);

impl First {
    pub(super) fn new(message: Secret) -> Self {
        Self(Some(message))
    }

    /// As the initial response.
    pub(super) fn take(&mut self) -> Option<Secret> {
        self.0.take()
    }

    /// In answer to a challenge, which must then be the empty one.
    pub(super) fn answer(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        match self.0.take() {
            Some(message) if challenge.is_empty() => Ok(message),
            _ => Err(SaslError::UnexpectedChallenge),
        }
    }

    pub(super) fn is_sent(&self) -> bool {
        self.0.is_none()
    }
}
