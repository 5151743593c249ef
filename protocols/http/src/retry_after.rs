//! When a server that cannot answer now wants to be asked again (RFC 9110 10.2.3).
//!
//! ```text
//! Retry-After   = HTTP-date / delay-seconds
//! delay-seconds = 1*DIGIT
//! ```

use std::time::{Duration, SystemTime};

use netkit_wire::Fields;

/// How long `Retry-After` says to wait, by a clock that shows `now`; nothing where the moment has passed. `None` without
/// the field or where it is malformed. A number past 64 bits is taken for the largest: bounding the wait is the
/// caller's.
pub fn retry_after(fields: &Fields, now: SystemTime) -> Option<Duration> {
    let text = std::str::from_utf8(fields.get("retry-after")?).ok()?;
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}
