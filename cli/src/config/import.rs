//! `netkit config import`: the accounts of msmtp, mbsync and netrc as accounts of ours. What has no counterpart stays in sight, as a
//! comment.

mod mbsync;
mod msmtp;

use std::path::Path;

use netkit_auth::netrc::Netrc;
use netkit_socket::Scheme;
use toml::Value;

use crate::args::ImportFormat;
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;

/// An account to be.
#[derive(Debug, Default, PartialEq)]
struct Account {
    name: String,
    options: Vec<(&'static str, Value)>,
    /// Lines that mean nothing here.
    left: Vec<String>,
}

impl Account {
    fn text(&mut self, option: &'static str, value: impl Into<String>) {
        self.options.push((option, Value::String(value.into())));
    }

    fn on(&mut self, option: &'static str) {
        self.options.push((option, Value::Boolean(true)));
    }

    /// Who logs in: a password has its place behind the name.
    fn login(&mut self, user: &str, password: Option<&str>) {
        self.text("user", password.map_or_else(|| user.to_owned(), |password| format!("{user}:{password}")));
    }
}

/// Prints the accounts of a file as a configuration.
pub fn run(path: &Path, format: Option<ImportFormat>) -> Result<()> {
    let format = format.or_else(|| by_name(path)).ok_or_else(|| {
        Failure::new(Kind::Usage, format!("{}: of which program is it?", path.display()))
            .hint("--format says it: netrc, msmtp or mbsync")
    })?;
    let text = std::fs::read_to_string(path).map_err(|e| Failure::read(path.display(), &e))?;
    let accounts = match format {
        ImportFormat::Netrc => {
            netrc(&text).map_err(|why| why.reworded(|why| format!("{}: {why}", path.display())))?
        }
        ImportFormat::Msmtp => msmtp::accounts(&text),
        ImportFormat::Mbsync => mbsync::accounts(&text),
    };
    if accounts.is_empty() {
        return Err(Failure::new(Kind::Read, format!("{}: there is no account in it", path.display())));
    }
    let mut output = Output::open(None, false)?;
    for (n, account) in accounts.iter().enumerate() {
        if n > 0 {
            output.line("")?;
        }
        // Two logins at one machine are two accounts.
        let same = accounts.iter().take(n).filter(|other| other.name == account.name).count();
        let name = if same == 0 { account.name.clone() } else { format!("{}-{}", account.name, same + 1) };
        output.line(&format!("[account.{}]", key(&name)))?;
        for (option, value) in &account.options {
            output.line(&format!("{option} = {value}"))?;
        }
        for line in &account.left {
            output.line(&format!("# {}", netkit_wire::escape(line.as_bytes())))?;
        }
    }
    output.finish()
}

fn by_name(path: &Path) -> Option<ImportFormat> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().and_then(Path::file_name).and_then(|folder| folder.to_str());
    match (name, folder) {
        (".netrc" | "_netrc" | "netrc", _) => Some(ImportFormat::Netrc),
        (".msmtprc" | "msmtprc", _) | ("config", Some("msmtp")) => Some(ImportFormat::Msmtp),
        (".mbsyncrc" | "mbsyncrc" | "isyncrc", _) => Some(ImportFormat::Mbsync),
        _ => None,
    }
}

/// A key of TOML: bare where it can be.
fn key(name: &str) -> String {
    let is_bare = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(is_bare) {
        name.to_owned()
    } else {
        Value::String(name.to_owned()).to_string()
    }
}

/// Machines have no protocol: the verb says which. `default` is for hosts that nobody named, which an account cannot be; `--netrc`
/// reads it as it stands.
fn netrc(text: &str) -> Result<Vec<Account>> {
    let netrc = Netrc::parse(text.as_bytes()).map_err(|why| Failure::new(Kind::Read, why))?;
    let accounts = netrc.entries().iter().filter_map(|entry| {
        let name = entry.machine.clone()?;
        let mut account = Account { name: name.clone(), ..Account::default() };
        account.text("target", name);
        if let Some(user) = &entry.login {
            let password = entry.password.as_ref().and_then(|password| password.expose_str().ok());
            account.login(user, password);
        }
        if entry.account.is_some() {
            account.left.push("account ***".to_owned());
        }
        Some(account)
    });
    Ok(accounts.collect())
}

/// The words of a line; quotes keep spaces.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            '\\' if quoted => word.extend(chars.next()),
            c if c.is_whitespace() && !quoted => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => {
                begun = true;
                word.push(c);
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// The scheme of that name; it is one of these.
fn scheme<'s>(schemes: &'s [Scheme], name: &str) -> Option<&'s Scheme> {
    schemes.iter().find(|scheme| scheme.name == name)
}

/// A URL, with the port where it is not the scheme's own; IPv6 in brackets.
fn url(schemes: &[Scheme], name: &str, host: &str, port: Option<&str>) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let usual = scheme(schemes, name).map(|scheme| scheme.port.to_string());
    match port.filter(|port| usual.as_deref() != Some(*port)) {
        Some(port) => format!("{name}://{host}:{port}"),
        None => format!("{name}://{host}"),
    }
}

/// A file, whose `~` no shell is going to read any more.
fn file(path: &str) -> String {
    match (path.strip_prefix("~/"), std::env::var("HOME")) {
        (Some(rest), Ok(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}

/// The name of a SASL mechanism, of those that are spoken here.
fn mechanism(name: &str) -> Option<String> {
    let known = name.to_ascii_uppercase();
    known.parse::<netkit_auth::sasl::Mechanism>().is_ok().then_some(known)
}

/// Accounts in a line each, for the tests of the formats.
#[cfg(test)]
fn shown(accounts: &[Account]) -> Vec<String> {
    let line = |account: &Account| {
        let options = account.options.iter().map(|(option, value)| format!("{option}={value}"));
        format!("{}: {} {:?}", account.name, options.collect::<Vec<_>>().join(" "), account.left)
    };
    accounts.iter().map(line).collect()
}
