//! What must not stand in an archive that people send to each other: values whose names say that they are secrets, in
//! fields, in URLs, in forms and in JSON.

use serde_json::Value;
use url::Url;
use url::form_urlencoded;

/// What stands in a secret's place.
pub const HIDDEN: &str = "***";

/// Parts of names whose values let others act for the user.
const SECRETS: [&str; 13] = [
    "cookie",
    "token",
    "secret",
    "password",
    "passwd",
    "session",
    "authentication-info",
    "apikey",
    "api_key",
    "api-key",
    "signature",
    "credential",
    "passphrase",
];
/// Names that are too short to be looked for inside of others.
const WHOLE: [&str; 6] = ["auth", "code", "key", "pass", "pwd", "sig"];

/// Whether a value of that name is a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WHOLE.contains(&name.as_str()) || SECRETS.iter().any(|part| name.contains(part))
}

/// The URL, with the secrets of its query hidden; it has no login.
pub fn url(url: &Url) -> Url {
    let mut shown = url.clone();
    if let Some(query) = url.query().filter(|_| url.query_pairs().any(|(name, _)| is_secret(&name))) {
        shown.set_query(Some(&form(query)));
    }
    shown
}

/// A form, or a query, with its secrets hidden.
fn form(text: &str) -> String {
    let mut shown = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        shown.append_pair(&name, if is_secret(&name) { HIDDEN } else { &value });
    }
    shown.finish()
}

/// A body of that type, with the secrets hidden that can be found in it.
pub fn body(media_type: &str, text: &str) -> String {
    let kind = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/x-www-form-urlencoded" {
        let secret = form_urlencoded::parse(text.as_bytes()).any(|(name, _)| is_secret(&name));
        return if secret { form(text) } else { text.to_owned() };
    }
    if (kind == "application/json" || kind.ends_with("+json"))
        && let Ok(mut value) = serde_json::from_str::<Value>(text)
        && hide(&mut value)
    {
        return value.to_string();
    }
    text.to_owned()
}

/// Hides every secret in the value; whether there was one.
fn hide(value: &mut Value) -> bool {
    match value {
        Value::Object(map) => map.iter_mut().fold(false, |found, (name, value)| {
            let secret = is_secret(name);
            if secret {
                *value = HIDDEN.into();
            }
            hide(value) | secret | found
        }),
        Value::Array(list) => list.iter_mut().fold(false, |found, value| hide(value) | found),
        _ => false,
    }
}
