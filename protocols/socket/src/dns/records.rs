//! The records, out of the library's types.

use std::net::IpAddr;

use simple_dns::rdata::RData;

use crate::host::{Host, Name};

/// A mail exchanger (RFC 1035 section 3.3.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mx {
    /// Lower is tried first.
    pub preference: u16,
    /// The host; none for `.`: the domain takes no mail (RFC 7505).
    pub exchange: Option<Name>,
}

/// What a service's certificate must be (RFC 6698 section 2.1). Kept as numbers: what is not known is not usable, and no
/// error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlsa {
    /// 2: a trust anchor; 3: the service's own.
    pub usage: u8,
    /// 0: the whole certificate; 1: its public key.
    pub selector: u8,
    /// 0: as it is; 1: its SHA-256; 2: its SHA-512.
    pub matching: u8,
    /// The bytes to compare with.
    pub data: Vec<u8>,
}

/// The type's number in the register.
pub(super) const TLSA: u16 = 52;

pub(super) fn mx(data: &RData<'_>) -> Option<Mx> {
    let RData::MX(mx) = data else { return None };
    let name = mx.exchange.to_string();
    let name = name.trim_end_matches('.');
    let exchange = match name {
        "" => None,
        // A name that cannot be dialed is passed over, as the standard has it for hosts that do not exist.
        name => match name.parse::<Host>() {
            Ok(Host::Name(name)) => Some(name),
            _ => return None,
        },
    };
    Some(Mx { preference: mx.preference, exchange })
}

pub(super) fn txt(data: &RData<'_>) -> Option<Vec<u8>> {
    let RData::TXT(txt) = data else { return None };
    let mut all = Vec::new();
    for (key, value) in txt.iter_raw() {
        all.extend_from_slice(key);
        if let Some(value) = value {
            all.push(b'=');
            all.extend_from_slice(value);
        }
    }
    Some(all)
}

pub(super) fn tlsa(data: &RData<'_>) -> Option<Tlsa> {
    let RData::NULL(TLSA, raw) = data else { return None };
    match raw.get_data() {
        [usage, selector, matching, data @ ..] => {
            Some(Tlsa { usage: *usage, selector: *selector, matching: *matching, data: data.to_vec() })
        }
        _ => None,
    }
}

pub(super) fn address(data: &RData<'_>) -> Option<IpAddr> {
    match data {
        RData::A(a) => Some(IpAddr::from(a.address.to_be_bytes())),
        RData::AAAA(a) => Some(IpAddr::from(a.address.to_be_bytes())),
        _ => None,
    }
}
