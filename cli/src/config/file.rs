//! The configuration file: TOML, read whole, checked, never written.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use toml::{Table, Value};

use crate::args::Global;
use crate::failure::{Failure, Kind, Result};

/// The largest file that is read.
const LARGEST: u64 = 1 << 20;

/// A configuration and where it came from.
pub struct File {
    pub path: PathBuf,
    pub defaults: Section,
    accounts: Vec<(String, Section)>,
}

/// One table of options.
#[derive(Default)]
pub struct Section(Table);

impl File {
    /// The file that was named, or the one in the configuration folder if it is there.
    pub fn find(global: &Global) -> Result<Option<File>> {
        if global.no_config {
            return Ok(None);
        }
        if let Some(path) = &global.config {
            return File::read(path).map(Some);
        }
        let Ok(folders) = etcetera::choose_base_strategy() else { return Ok(None) };
        let path = folders.config_dir().join("netkit").join("config.toml");
        if path.exists() { File::read(&path).map(Some) } else { Ok(None) }
    }

    fn read(path: &Path) -> Result<File> {
        let failed = |e| Failure::read(path.display(), &e);
        if std::fs::metadata(path).map_err(failed)?.len() > LARGEST {
            return Err(Failure::new(Kind::Limit, format!("{}: larger than 1 MiB", path.display())));
        }
        let mut file = File { path: path.to_owned(), defaults: Section::default(), accounts: Vec::new() };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let table: Table = text.parse().map_err(|e: toml::de::Error| file.wrong(e.message()))?;
        for (name, value) in table {
            match (name.as_str(), value) {
                ("defaults", Value::Table(options)) => file.defaults = Section(options),
                ("account", Value::Table(accounts)) => {
                    for (name, options) in accounts {
                        let Value::Table(options) = options else {
                            return Err(file.wrong(&format!("account {name} is not a table")));
                        };
                        file.accounts.push((name, Section(options)));
                    }
                }
                (other, _) => {
                    return Err(file.wrong(&format!("unknown key {other}: defaults or account.NAME")));
                }
            }
        }
        for (name, section) in file.sections() {
            section.check().map_err(|key| {
                file.wrong(&format!("{name}.{key}: text, a number, true, or a list of text"))
            })?;
        }
        Ok(file)
    }

    /// A failure that names the file.
    pub fn wrong(&self, what: &str) -> Failure {
        Failure::new(Kind::Usage, format!("{}: {what}", self.path.display()))
    }

    /// The account of that name.
    pub fn account(&self, name: &str) -> Result<&Section> {
        let found = self.accounts.iter().find(|(of, _)| of == name).map(|(_, section)| section);
        found.ok_or_else(|| {
            Failure::new(Kind::Target, format!("{}: there is no account {name}", self.path.display()))
        })
    }

    /// Every table with its name.
    pub fn sections(&self) -> impl Iterator<Item = (String, &Section)> {
        let accounts = self.accounts.iter().map(|(name, section)| (format!("account.{name}"), section));
        std::iter::once(("defaults".to_owned(), &self.defaults))
            .chain(accounts)
            .filter(|(_, s)| !s.0.is_empty())
    }
}

impl Section {
    /// What an account stands for.
    pub fn target(&self) -> Option<&str> {
        self.0.get("target").and_then(Value::as_str)
    }

    /// Each option with its values; no value at all for a switch that is on.
    pub fn options(&self) -> impl Iterator<Item = (&str, Vec<Option<String>>)> {
        let values = |value: &Value| match value {
            Value::Boolean(on) => {
                if *on {
                    vec![None]
                } else {
                    Vec::new()
                }
            }
            Value::Array(list) => list.iter().map(|one| Some(text(one))).collect(),
            one => vec![Some(text(one))],
        };
        self.0
            .iter()
            .filter(|(key, _)| *key != "target")
            .map(move |(key, value)| (key.as_str(), values(value)))
    }

    /// As they stand in the file, without secrets.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(key, value)| match (key.as_str(), value.as_str()) {
            ("token", _) => format!("{key} = \"***\""),
            ("user", Some(user)) if user.contains(':') => {
                format!("{key} = \"{}:***\"", user.split(':').next().unwrap_or_default())
            }
            _ => format!("{key} = {value}"),
        })
    }

    /// The first key whose value no option can have.
    fn check(&self) -> std::result::Result<(), &str> {
        let plain = |value: &Value| matches!(value, Value::String(_) | Value::Integer(_));
        let ok = |value: &Value| match value {
            Value::Boolean(_) => true,
            Value::Array(list) => list.iter().all(plain),
            one => plain(one),
        };
        self.0.iter().find(|(_, value)| !ok(value)).map_or(Ok(()), |(key, _)| Err(key))
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
