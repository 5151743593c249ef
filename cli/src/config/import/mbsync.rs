//! `.mbsyncrc`: sections of lines; those that name an IMAP server are accounts.

use netkit_imap::SCHEMES;

use super::{Account, mechanism, scheme, url, words};

/// What begins a section.
const SECTIONS: [&str; 5] = ["imapaccount", "imapstore", "maildirstore", "channel", "group"];

/// The IMAP servers.
pub fn accounts(text: &str) -> Vec<Account> {
    let mut sections: Vec<Vec<(String, Vec<String>)>> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words = words(line);
        let Some((key, values)) = words.split_first() else { continue };
        let key = key.to_ascii_lowercase();
        if SECTIONS.contains(&key.as_str()) {
            sections.push(Vec::new());
        }
        if let Some(section) = sections.last_mut() {
            section.push((key, values.to_vec()));
        }
    }
    sections.iter().filter_map(|section| account(section)).collect()
}

fn account(section: &[(String, Vec<String>)]) -> Option<Account> {
    let all =
        |key: &str| section.iter().rev().find(|(known, _)| known == key).map(|(_, values)| values.join(" "));
    let kind = section.first().map(|(kind, _)| kind.as_str())?;
    if !kind.starts_with("imap") || all("host").is_none() && all("tunnel").is_none() {
        return None;
    }
    let name = all(kind).unwrap_or_default();
    let mut account = Account { name, ..Account::default() };
    let tls = all("ssltype").or_else(|| all("tlstype")).map(|kind| kind.to_ascii_lowercase());
    let implicit = match tls.as_deref() {
        Some("imaps") => true,
        Some(_) => false,
        None => {
            let usual = scheme(&SCHEMES, "imaps").map(|scheme| scheme.port.to_string());
            all("useimaps").is_some_and(|value| value == "yes")
                || all("port").is_some() && all("port") == usual
        }
    };
    let name = if implicit { "imaps" } else { "imap" };
    // A server behind a tunnel has no host; what there is of it stays in sight.
    if let Some(host) = all("host") {
        account.text("target", url(&SCHEMES, name, &host, all("port").as_deref()));
    }
    match tls.as_deref() {
        Some("none") => account.on("plain"),
        _ if !implicit => account.on("starttls"),
        _ => {}
    }
    if let Some(user) = all("user") {
        account.login(&user, all("pass").as_deref());
    }
    for (key, values) in section.iter().skip(1) {
        let value = values.join(" ");
        match key.as_str() {
            "host" | "port" | "user" | "pass" | "ssltype" | "tlstype" | "useimaps" => {}
            // A plus only says that the terminal is the command's.
            "passcmd" => account.text("password-command", value.strip_prefix('+').unwrap_or(&value)),
            "authmechs" if value == "*" => {}
            "authmechs" if mechanism(&value).is_some() => {
                account.text("auth", mechanism(&value).unwrap_or_default())
            }
            "certificatefile" => account.text("cacert", super::file(&value)),
            "clientcertificate" => account.text("cert", super::file(&value)),
            "clientkey" => account.text("key", super::file(&value)),
            "timeout" => account.text("timeout", format!("{value}s")),
            _ => account.left.push(format!("{key} {value}").trim_end().to_owned()),
        }
    }
    Some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        super::super::shown(&accounts(text))
    }

    #[test]
    fn servers_are_accounts_and_folders_are_not() {
        let text = "\
IMAPAccount work
Host imap.example.org
User me@example.org
PassCmd \"+gpg -q -d ~/.secret \\\"x\\\"\"
SSLType IMAPS
AuthMechs LOGIN
PipelineDepth 5

IMAPStore work-remote
Account work

MaildirStore work-local
Path ~/Mail/
Inbox ~/Mail/INBOX

Channel work
Far :work-remote:
Near :work-local:
";
        assert_eq!(
            shown(text),
            ["work: target=\"imaps://imap.example.org\" user=\"me@example.org\" \
              password-command='gpg -q -d ~/.secret \"x\"' auth=\"LOGIN\" [\"pipelinedepth 5\"]"]
        );
    }

    #[test]
    fn how_private_it_is() {
        let of = |lines: &str| shown(&format!("IMAPStore s\nHost h\n{lines}")).remove(0);
        assert_eq!(of("SSLType STARTTLS\nPort 1143\n"), "s: target=\"imap://h:1143\" starttls=true []");
        assert_eq!(of("TLSType None\nUser u\nPass p\n"), "s: target=\"imap://h\" plain=true user=\"u:p\" []");
        assert_eq!(of("UseIMAPS yes\n"), "s: target=\"imaps://h\" []");
        assert_eq!(of(""), "s: target=\"imap://h\" starttls=true []");
        let tunnel = shown("IMAPAccount t\nTunnel \"ssh h imapd\"\nSSLType None\n").remove(0);
        assert_eq!(tunnel, "t: plain=true [\"tunnel ssh h imapd\"]");
    }
}
