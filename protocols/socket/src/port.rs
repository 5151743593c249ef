//! The port half of an address: a number, a string holding one, or a service name.

use std::fmt;
use std::str::FromStr;

use crate::error::{NetError, What};
use crate::services;

/// A port as a person writes it: `80`, `"80"` or `http`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Port {
    /// A number; 0 asks the system for a free one when listening.
    Number(u16),
    /// A service by name.
    Service(Service),
}

/// A well-formed service name (RFC 6335 section 5.1, and the `.`, `_` and `+` that `/etc/services` has). Whether any
/// port bears it is only known from [`Port::resolve`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Service(String);

impl Service {
    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Port {
    /// The number: from a built-in table (the protocols of this project and the classics), then `/etc/services`.
    ///
    /// # Errors
    /// [`NetError::Invalid`] if no service has that name.
    pub fn resolve(&self) -> Result<u16, NetError> {
        match self {
            Port::Number(number) => Ok(*number),
            Port::Service(Service(name)) => services::port_of(name, None)
                .ok_or_else(|| NetError::invalid(What::Port, name, "no service has that name")),
        }
    }
}

impl From<u16> for Port {
    fn from(number: u16) -> Self {
        Port::Number(number)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::Number(number) => number.fmt(f),
            Port::Service(service) => f.write_str(&service.0),
        }
    }
}

impl FromStr for Port {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let invalid = |why| NetError::invalid(What::Port, text, why);
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(Port::Number).map_err(|_| invalid("a port is at most 65535"));
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+');
        let has_letter = text.bytes().any(|b| b.is_ascii_alphabetic());
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if has_letter && starts_well && text.len() <= 32 && text.bytes().all(plain) {
            Ok(Port::Service(Service(text.to_owned())))
        } else {
            Err(invalid("a port is a number or a service name"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_notes() {
        assert_eq!(Port::from(70).resolve().unwrap(), 70);
        assert_eq!("70".parse::<Port>().unwrap(), Port::Number(70));
        assert_eq!("gopher".parse::<Port>().unwrap().resolve().unwrap(), 70);
        assert_eq!("0".parse::<Port>().unwrap(), Port::Number(0));
        assert_eq!("ftp-data".parse::<Port>().unwrap().to_string(), "ftp-data");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "65536", "-1", "+80", "80 ", "8 0", "a\r\n", "a/b", "-a", "--", "99999999999999999999"]
        {
            assert!(
                matches!(text.parse::<Port>(), Err(NetError::Invalid { what: What::Port, .. })),
                "{text:?}"
            );
        }
        let unknown: Port = "no-such-service".parse().unwrap();
        assert!(matches!(unknown.resolve(), Err(NetError::Invalid { what: What::Port, .. })));
    }
}
