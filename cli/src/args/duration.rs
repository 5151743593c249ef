//! Times as people write them: `10`, `10s`, `500ms`, `2m`.

use std::time::Duration;

/// A number of seconds, or a number with a unit.
pub fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let number: f64 =
        number.parse().map_err(|_| "a time is a number with ms, s, m or h behind it".to_owned())?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(format!("unknown unit {unit}: ms, s, m or h")),
    };
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| "that is not a time".to_owned())?;
    if time.is_zero() || time > Duration::from_secs(31_536_000) {
        return Err("a time limit is more than nothing and at most a year".to_owned());
    }
    Ok(time)
}
