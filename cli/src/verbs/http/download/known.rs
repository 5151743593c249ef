//! Which version a finished file is of, for `--if-changed`: kept in the cache folder, not beside the file.
//!
//! Trusted only while the file has the size and the time that it had when it was finished. A file of which nothing is
//! kept is asked about by its time, which is the server's `Last-Modified` where `download` made the file.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use etcetera::BaseStrategy;
use netkit_http::Validator;
use serde_json::{Value, json};

/// What to ask with about the file of that name.
pub fn validator(name: &Path, url: &str) -> Option<Validator> {
    let (size, modified) = stamp(name)?;
    let kept = place(name, url).and_then(|path| fs::read_to_string(path).ok());
    let kept: Option<Value> = kept.and_then(|text| serde_json::from_str(&text).ok());
    if let Some(kept) = kept
        && kept.get("size").and_then(Value::as_u64) == Some(size)
        && kept.get("modified").and_then(Value::as_u64) == Some(seconds(modified))
        && let Some(validator) = kept.get("validator").and_then(Value::as_str)
    {
        return Validator::parse(validator, true);
    }
    Some(Validator::Date { modified, strong: false })
}

/// Keeps it; a folder that cannot be written only means that more will be fetched next time.
pub fn keep(name: &Path, url: &str, validator: &Validator) {
    let (Some((size, modified)), Some(path)) = (stamp(name), place(name, url)) else { return };
    let text = json!({ "size": size, "modified": seconds(modified), "validator": validator.to_string() });
    let _ = path.parent().map(fs::create_dir_all);
    let _ = fs::write(path, text.to_string());
}

fn stamp(name: &Path) -> Option<(u64, SystemTime)> {
    let data = fs::metadata(name).ok()?;
    Some((data.len(), data.modified().ok()?))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// One small file for each file and URL, named by their hash.
fn place(name: &Path, url: &str) -> Option<PathBuf> {
    use sha2::Digest;
    let name = std::path::absolute(name).ok()?;
    let mut hash = sha2::Sha256::new();
    hash.update(name.as_os_str().as_encoded_bytes());
    hash.update([0]);
    hash.update(url);
    let digits: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let cache = etcetera::choose_base_strategy().ok()?.cache_dir();
    Some(cache.join("netkit").join("versions").join(digits))
}
