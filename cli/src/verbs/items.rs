//! Request items, as in HTTPie: what stands behind the URL.

use serde_json::{Map, Value};

use crate::failure::{Failure, Kind, Result};

/// What the items of one request add up to.
#[derive(Debug, Default, PartialEq)]
pub struct Items {
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub fields: Map<String, Value>,
}

/// The separators; where two start at the same place the longer one counts.
const SEPARATORS: [&str; 5] = [":=", "==", "=", ":", "@"];

impl Items {
    /// Sorts the items by their first separator.
    pub fn parse(items: &[String]) -> Result<Items> {
        let mut sorted = Items::default();
        for item in items {
            let usage = |what: &str| Failure::new(Kind::Usage, format!("{item}: {what}"));
            let first = SEPARATORS.iter().filter_map(|s| item.find(s).map(|at| (at, *s)));
            let (at, separator) = first
                .min_by_key(|(at, separator)| (*at, usize::MAX - separator.len()))
                .filter(|(at, _)| *at > 0)
                .ok_or_else(|| usage("an item is Name:value, name==value, name=value or name:=json"))?;
            let (name, rest) = item.split_at_checked(at).unwrap_or((item, ""));
            let value = rest.strip_prefix(separator).unwrap_or(rest).to_owned();
            let name = name.to_owned();
            match separator {
                ":" => sorted.headers.push((name, value)),
                "==" => sorted.query.push((name, value)),
                "=" => drop(sorted.fields.insert(name, Value::String(value))),
                ":=" => {
                    let value = serde_json::from_str(&value).map_err(|e| usage(&e.to_string()))?;
                    sorted.fields.insert(name, value);
                }
                _ => {
                    let what = format!("{item}: file parts (multipart) are not built in");
                    return Err(
                        Failure::new(Kind::Unsupported, what).hint("--data @FILE sends one file as the body")
                    );
                }
            }
        }
        Ok(sorted)
    }

    /// The fields as `application/x-www-form-urlencoded` (WHATWG URL).
    pub fn form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.fields {
            match value {
                Value::String(text) => form.append_pair(name, text),
                other => form.append_pair(name, &other.to_string()),
            };
        }
        form.finish()
    }
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
        assert_eq!(
            Value::Object(items.fields.clone()),
            json!({"s": "1:2", "n": 36, "o": {"a": [1]}, "empty": ""})
        );
        assert_eq!(items.form(), "s=1%3A2&n=36&o=%7B%22a%22%3A%5B1%5D%7D&empty=");
    }

    #[test]
    fn what_is_no_item_is_named() {
        for (item, kind) in
            [("word", Kind::Usage), (":x", Kind::Usage), ("n:={", Kind::Usage), ("f@x", Kind::Unsupported)]
        {
            assert_eq!(parse(&[item]).unwrap_err().kind, kind, "{item}");
        }
    }
}
