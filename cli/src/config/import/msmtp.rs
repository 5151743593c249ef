//! `.msmtprc`: `defaults`, then accounts, which may be made of others (`account b : a`).

use netkit_smtp::SCHEMES;

use super::{Account, mechanism, scheme, url, words};

type Settings = Vec<(String, String)>;

/// The accounts, `default` left out where it only names another.
pub fn accounts(text: &str) -> Vec<Account> {
    let mut defaults = Settings::new();
    let mut all: Vec<(String, Settings)> = Vec::new();
    let mut in_defaults = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words = words(line);
        let Some((key, values)) = words.split_first() else { continue };
        match key.as_str() {
            "defaults" => (defaults, in_defaults) = (Settings::new(), true),
            "account" => {
                in_defaults = false;
                let (name, bases) =
                    values.split_first().map_or(("", values), |(name, rest)| (name.as_str(), rest));
                let mut settings = defaults.clone();
                let bases = bases.iter().flat_map(|base| base.split([':', ',']));
                for base in bases.filter(|base| !base.is_empty()) {
                    let known = all.iter().rev().find(|(name, _)| name == base);
                    known.into_iter().for_each(|(_, of)| settings.extend(of.iter().cloned()));
                }
                all.push((name.trim_end_matches(':').to_owned(), settings));
            }
            _ => {
                let setting = (key.clone(), values.join(" "));
                match all.last_mut().filter(|_| !in_defaults) {
                    Some((_, settings)) => settings.push(setting),
                    None => defaults.push(setting),
                }
            }
        }
    }
    let own =
        |(name, settings): &(String, Settings)| name != "default" || all.len() == 1 || settings.is_empty();
    all.iter().filter(|one| own(one)).map(|(name, settings)| account(name, settings)).collect()
}

fn account(name: &str, settings: &Settings) -> Account {
    // What was said last counts.
    let get =
        |key: &str| settings.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    // A switch may stand without a word, and is on then.
    let is_on = |key: &str| get(key).is_some_and(|value| value != "off");
    let mut account = Account { name: name.to_owned(), ..Account::default() };
    let (host, port) = (get("host").unwrap_or("localhost"), get("port"));
    let implicit = is_on("tls") && get("tls_starttls") == Some("off");
    let submission = scheme(&SCHEMES, "submission").map(|scheme| scheme.port.to_string());
    let name = match get("protocol") {
        Some("lmtp") => "lmtp",
        _ if implicit => "submissions",
        _ if port.is_some() && port == submission.as_deref() => "submission",
        _ => "smtp",
    };
    account.text("target", url(&SCHEMES, name, host, port));
    match (is_on("tls"), implicit) {
        (true, false) => account.on("starttls"),
        (false, _) => account.on("plain"),
        _ => {}
    }
    if get("auth").is_some_and(|auth| auth != "off") {
        if let Some(user) = get("user") {
            account.login(user, get("password"));
        }
        if let Some(command) = get("passwordeval") {
            account.text("password-command", command);
        }
    }
    if let (Some(host), Some(port)) = (get("proxy_host"), get("proxy_port")) {
        account.text("proxy", url(&[], "socks5h", host, Some(port)));
    }
    if get("tls_certcheck") == Some("off") {
        account.on("insecure");
    }
    let mut seen = Vec::new();
    for (key, value) in settings.iter().rev() {
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        match (key.as_str(), value.as_str()) {
            (
                "host" | "port" | "protocol" | "tls" | "tls_starttls" | "user" | "password" | "passwordeval",
                _,
            )
            | ("proxy_host" | "proxy_port" | "tls_certcheck" | "logfile" | "syslog", _)
            | ("auth", "" | "on" | "off")
            | ("timeout" | "proxy", "off")
            | ("tls_trust_file", "system") => {}
            ("auth", name) if mechanism(name).is_some() => {
                account.text("auth", mechanism(name).unwrap_or_default())
            }
            ("from", from) => account.text("mail-from", from),
            ("domain", domain) => account.text("hello", domain),
            ("timeout", seconds) => account.text("timeout", format!("{seconds}s")),
            ("tls_trust_file", file) => account.text("cacert", super::file(file)),
            ("tls_cert_file", file) => account.text("cert", super::file(file)),
            ("tls_key_file", file) => account.text("key", super::file(file)),
            ("source_ip", ip) => account.text("bind", ip),
            ("socket", path) => account.text("unix-socket", super::file(path)),
            (key, value) => account.left.push(format!("{key} {value}").trim_end().to_owned()),
        }
    }
    account
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        super::super::shown(&accounts(text))
    }

    #[test]
    fn accounts_are_made_of_defaults_and_of_others() {
        let text = "\
# me
defaults
auth on
tls on
tls_trust_file /etc/ssl/certs/ca-certificates.crt
logfile ~/.msmtp.log

account home
host smtp.example.org
port 587
from me@example.org
user me@example.org
passwordeval \"pass show 'my mail'\"

account relay : home
host relay.example.org
port 465
tls_starttls off
auth scram-sha-256
aliases /etc/aliases

account default : home
";
        let all = shown(text);
        assert_eq!(
            all[0],
            "home: target=\"submission://smtp.example.org\" starttls=true user=\"me@example.org\" \
             password-command=\"pass show 'my mail'\" mail-from=\"me@example.org\" \
             cacert=\"/etc/ssl/certs/ca-certificates.crt\" []"
        );
        assert!(
            all[1].starts_with("relay: target=\"submissions://relay.example.org\" user=\"me@example.org\""),
            "{}",
            all[1]
        );
        assert!(all[1].contains("auth=\"SCRAM-SHA-256\"") && all[1].ends_with("[\"aliases /etc/aliases\"]"));
        assert_eq!(all.len(), 2, "default names another");
    }

    #[test]
    fn a_server_in_clear() {
        let all = shown("account default\nhost ::1\nport 2525\nauth off\nuser x\ntimeout 30\n");
        assert_eq!(all, ["default: target=\"smtp://[::1]:2525\" plain=true timeout=\"30s\" []"]);
    }
}
