//! Request items, as in HTTPie: what stands behind the URL.
//!
//! | item | meaning |
//! |---|---|
//! | `Name:value` | header field |
//! | `name==value` | query parameter |
//! | `name=value`, `name=@FILE` | text field, its text from a file |
//! | `name:=json`, `name:=@FILE` | field of any JSON type, from a file |
//! | `name@FILE`, `name@FILE;type=text/plain` | file part; the body becomes a form with files |

pub mod nested;

use std::path::PathBuf;

use serde_json::Value;

use crate::failure::{Failure, Kind, Result};

/// What the items of one request add up to.
#[derive(Debug, Default, PartialEq)]
pub struct Items {
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    /// In the order in which they were given; a name may come twice.
    pub fields: Vec<(String, Value)>,
    pub files: Vec<FilePart>,
}

/// A file of a form.
#[derive(Debug, PartialEq)]
pub struct FilePart {
    pub name: String,
    pub path: PathBuf,
    pub media_type: Option<String>,
}

/// The separators; where two start at the same place the longer one counts.
const SEPARATORS: [&str; 7] = [":=@", ":=", "==", "=@", "=", ":", "@"];

impl Items {
    /// Sorts the items by their first separator; reads the files that values come from.
    pub fn parse(items: &[String]) -> Result<Items> {
        let mut sorted = Items::default();
        for item in items {
            let usage = |what: &str| Failure::new(Kind::Usage, format!("{item}: {what}"));
            let first = SEPARATORS.iter().filter_map(|s| item.find(s).map(|at| (at, *s)));
            let (at, separator) = first
                .min_by_key(|(at, separator)| (*at, usize::MAX - separator.len()))
                .filter(|(at, _)| *at > 0)
                .ok_or_else(|| {
                    usage("an item is Name:value, name==value, name=value, name:=json or name@file")
                })?;
            let (name, rest) = item.split_at_checked(at).unwrap_or((item, ""));
            let value = rest.strip_prefix(separator).unwrap_or(rest).to_owned();
            let name = name.to_owned();
            let json = |text: &str| serde_json::from_str(text).map_err(|e| usage(&e.to_string()));
            match separator {
                ":" => sorted.headers.push((name, value)),
                "==" => sorted.query.push((name, value)),
                "=" => sorted.fields.push((name, Value::String(value))),
                "=@" => sorted.fields.push((name, Value::String(text(&value)?))),
                ":=" => sorted.fields.push((name, json(&value)?)),
                ":=@" => sorted.fields.push((name, json(&text(&value)?)?)),
                _ => {
                    let (path, media_type) = match value.split_once(";type=") {
                        Some((path, media_type)) => (path, Some(media_type.to_owned())),
                        None => (value.as_str(), None),
                    };
                    sorted.files.push(FilePart { name, path: path.into(), media_type });
                }
            }
        }
        Ok(sorted)
    }

    /// The fields as JSON.
    pub fn json(&self) -> Result<Value> {
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
        nested::json(fields).map_err(|why| Failure::new(Kind::Usage, why))
    }

    /// The fields as `application/x-www-form-urlencoded` (WHATWG URL).
    pub fn form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.fields {
            form.append_pair(name, &plain(value));
        }
        form.finish()
    }
}

/// A field as forms have it: text as it is, anything else as JSON.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The text of a file.
fn text(path: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| Failure::read(path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(items: &[&str]) -> Result<Items> {
        Items::parse(&items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn each_separator_means_one_thing() {
        let items = parse(&["A:b:c", "q==x=y", "s=1:2", "n:=36", "o:={\"a\":[1]}", "empty="]).unwrap();
        assert_eq!(items.headers, [("A".to_owned(), "b:c".to_owned())]);
        assert_eq!(items.query, [("q".to_owned(), "x=y".to_owned())]);
        assert_eq!(items.json().unwrap(), json!({"s": "1:2", "n": 36, "o": {"a": [1]}, "empty": ""}));
        assert_eq!(items.form(), "s=1%3A2&n=36&o=%7B%22a%22%3A%5B1%5D%7D&empty=");
    }

    #[test]
    fn files_are_values_or_parts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f.json");
        std::fs::write(&file, "[1]").unwrap();
        let file = file.to_str().unwrap();
        let items =
            parse(&[&format!("a=@{file}"), &format!("b:=@{file}"), &format!("c@{file};type=text/x"), "d@x"])
                .unwrap();
        assert_eq!(items.json().unwrap(), json!({"a": "[1]", "b": [1]}));
        let part = |name: &str, path: &str, media_type: Option<&str>| FilePart {
            name: name.to_owned(),
            path: path.into(),
            media_type: media_type.map(str::to_owned),
        };
        assert_eq!(items.files, [part("c", file, Some("text/x")), part("d", "x", None)]);
        assert_eq!(parse(&["a=@/no/such/file"]).unwrap_err().kind, Kind::Read);
    }

    #[test]
    fn what_is_no_item_is_named() {
        for item in ["word", ":x", "n:={", "@x"] {
            assert_eq!(parse(&[item]).unwrap_err().kind, Kind::Usage, "{item}");
        }
    }
}
