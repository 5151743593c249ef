//! `Cache-Control` (RFC 9111 5.2).
//!
//! ```text
//! Cache-Control   = #cache-directive
//! cache-directive = token [ "=" ( token / quoted-string ) ]
//! ```

use std::time::Duration;

use netkit_wire::Fields;

/// The directives that a private cache heeds; unknown ones are passed over (RFC 9111 5.2.3).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Directives {
    pub no_store: bool,
    pub no_cache: bool,
    pub must_revalidate: bool,
    pub max_age: Option<Duration>,
    pub min_fresh: Option<Duration>,
    /// `Some(MAX)` without a number: any staleness will do.
    pub max_stale: Option<Duration>,
}

impl Directives {
    /// Of an answer.
    pub(super) fn of(fields: &Fields) -> Directives {
        let mut all = Directives::default();
        for directive in fields.list("cache-control") {
            let text = String::from_utf8_lossy(directive);
            let (name, value) =
                text.split_once('=').map_or((&*text, None), |(name, value)| (name, Some(value)));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" => all.no_store = true,
                // With field names too: they are taken for the whole, which is the careful way (5.2.2.4).
                "no-cache" => all.no_cache = true,
                "must-revalidate" => all.must_revalidate = true,
                "max-age" => all.max_age = Some(least(all.max_age, seconds(value))),
                "min-fresh" => all.min_fresh = Some(seconds(value)),
                "max-stale" => all.max_stale = Some(value.map_or(Duration::MAX, |v| seconds(Some(v)))),
                _ => {}
            }
        }
        all
    }

    /// Of a request; `Pragma: no-cache` counts where there is no `Cache-Control` (RFC 9111 5.4).
    pub(super) fn of_request(fields: &Fields) -> Directives {
        let pragma = || fields.list("pragma").any(|value| value.eq_ignore_ascii_case(b"no-cache"));
        let no_cache = !fields.has("cache-control") && pragma();
        let directives = Directives::of(fields);
        Directives { no_cache: directives.no_cache || no_cache, ..directives }
    }
}

/// Of two that contradict each other, the shorter (RFC 9111 4.2.1).
fn least(before: Option<Duration>, now: Duration) -> Duration {
    before.map_or(now, |before| before.min(now))
}

/// delta-seconds (RFC 9111 1.2.2). Past 31 bits it is that much; what is no number is stale at once (4.2.1).
fn seconds(value: Option<&str>) -> Duration {
    let digits = value.unwrap_or_default().trim().trim_matches('"');
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    Duration::from_secs(if number { digits.parse().unwrap_or(1 << 31).min(1 << 31) } else { 0 })
}
