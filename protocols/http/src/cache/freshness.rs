//! How old a stored answer is, and how long it is good for (RFC 9111 3, 4.2).

use std::time::{Duration, SystemTime};

use super::control::Directives;
use super::entry::Entry;
use crate::head::Head;
use crate::validator::{date, last_modified};

/// The longest that an answer counts as fresh without having said so.
const GUESS: Duration = Duration::from_secs(24 * 60 * 60);

/// RFC 9111 3, for a private cache and an answer to GET without secrets.
pub(super) fn may_be_stored(head: &Head) -> bool {
    let (fields, directives) = (head.fields(), Directives::of(head.fields()));
    let final_status = !head.status().is_informational() && !matches!(head.status().code(), 206 | 304);
    let varies = fields.list("vary").any(|name| name == b"*");
    let explicit = directives.max_age.is_some() || fields.has("expires");
    let useful = explicit
        || is_heuristically_cacheable(head) && (fields.has("etag") || last_modified(fields).is_some());
    // A cookie is a secret too.
    final_status && !directives.no_store && !varies && useful && !fields.has("set-cookie")
}

/// RFC 9110 15.1, as far as the codes are understood here.
fn is_heuristically_cacheable(head: &Head) -> bool {
    matches!(head.status().code(), 200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
}

/// Whether it may be the answer without asking (RFC 9111 4).
pub(super) fn may_be_used(entry: &Entry, asked: &Directives, now: SystemTime) -> bool {
    let said = Directives::of(entry.head.fields());
    if said.no_cache || asked.no_cache {
        return false;
    }
    let (age, mut lifetime) = (age(entry, now), lifetime(entry));
    if let Some(most) = asked.max_age {
        lifetime = lifetime.min(most);
    }
    let margin = asked.min_fresh.unwrap_or_default();
    if age.saturating_add(margin) < lifetime {
        return true;
    }
    let stale = age.saturating_sub(lifetime);
    margin.is_zero() && !said.must_revalidate && asked.max_stale.is_some_and(|most| stale <= most)
}

/// RFC 9111 4.2.1, 4.2.2.
fn lifetime(entry: &Entry) -> Duration {
    let fields = entry.head.fields();
    if let Some(max_age) = Directives::of(fields).max_age {
        return max_age;
    }
    let sent = date(fields, "date").unwrap_or(entry.received);
    if fields.has("expires") {
        // `Expires: 0`, and any other date that is none, has expired (5.3).
        let expires = date(fields, "expires").unwrap_or(SystemTime::UNIX_EPOCH);
        return expires.duration_since(sent).unwrap_or_default();
    }
    match last_modified(fields) {
        Some(modified) if is_heuristically_cacheable(&entry.head) => {
            (sent.duration_since(modified).unwrap_or_default() / 10).min(GUESS)
        }
        _ => Duration::ZERO,
    }
}

/// RFC 9111 4.2.3. A clock that went back makes nothing younger than it was.
pub(super) fn age(entry: &Entry, now: SystemTime) -> Duration {
    let fields = entry.head.fields();
    let value = fields.get("age").and_then(|age| std::str::from_utf8(age).ok()?.trim().parse::<u32>().ok());
    let sent = date(fields, "date").unwrap_or(entry.received);
    let apparent = entry.received.duration_since(sent).unwrap_or_default();
    let delay = entry.received.duration_since(entry.asked).unwrap_or_default();
    let corrected = Duration::from_secs(u64::from(value.unwrap_or(0))) + delay;
    let resident = now.duration_since(entry.received).unwrap_or_default();
    apparent.max(corrected).saturating_add(resident)
}
