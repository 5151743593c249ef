//! Between JSON and the values of XML-RPC. A date is `{"$date": ".."}`, bytes are `{"$base64": ".."}`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use netkit_http::xmlrpc::Value;
use serde_json::{Map, Value as Json, json};

use crate::failure::{Failure, Kind, Result};

/// A parameter of the command line: a string, or `:=` and JSON.
pub fn parameter(text: &str) -> Result<Value> {
    let Some(typed) = text.strip_prefix(":=") else { return Ok(text.into()) };
    let usage = |why: String| Failure::new(Kind::Usage, format!("{text}: {why}"));
    let json = serde_json::from_str(typed).map_err(|why| usage(why.to_string()))?;
    from_json(json).map_err(|why| usage(why.to_owned()))
}

fn from_json(json: Json) -> std::result::Result<Value, &'static str> {
    Ok(match json {
        Json::Null => Value::Nil,
        Json::Bool(yes) => Value::Bool(yes),
        Json::String(text) => Value::Text(text),
        Json::Number(number) => match (number.as_i64(), number.is_f64()) {
            (Some(n), _) => n.into(),
            (None, true) => Value::Double(number.as_f64().ok_or("that is no number")?),
            (None, false) => return Err("XML-RPC has whole numbers of 64 bits"),
        },
        Json::Array(elements) => {
            elements.into_iter().map(from_json).collect::<std::result::Result<_, _>>()?
        }
        Json::Object(members) => match special(&members) {
            Some(("$date", text)) => Value::Date(text.parse().map_err(|_| "a $date is 19980717T14:08:55")?),
            Some((_, text)) => Value::Bytes(STANDARD.decode(text).map_err(|_| "a $base64 is base64")?),
            None => {
                let pair = |(name, member)| from_json(member).map(|member| (name, member));
                Value::Struct(members.into_iter().map(pair).collect::<std::result::Result<_, _>>()?)
            }
        },
    })
}

/// The one member whose name says what it is.
fn special(members: &Map<String, Json>) -> Option<(&str, &str)> {
    let (name, text) = members.iter().next().filter(|_| members.len() == 1)?;
    matches!(name.as_str(), "$date" | "$base64").then_some((name.as_str(), text.as_str()?))
}

/// A value, shown.
pub fn value(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(yes) => (*yes).into(),
        Value::Int(n) => (*n).into(),
        Value::Long(n) => (*n).into(),
        Value::Double(n) => (*n).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Date(date) => json!({ "$date": date.to_string() }),
        Value::Bytes(bytes) => json!({ "$base64": STANDARD.encode(bytes) }),
        Value::Array(elements) => elements.iter().map(self::value).collect(),
        Value::Struct(members) => {
            Json::Object(members.iter().map(|(name, member)| (name.clone(), self::value(member))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_back() {
        let text = r#"{"a":[1,-2,4294967296,1.5,true,null,"x"],"d":{"$date":"19980717T14:08:55"},"b":{"$base64":"AAEC"},"e":{}}"#;
        let parsed = parameter(&format!(":={text}")).unwrap();
        assert_eq!(value(&parsed).to_string(), text);
        assert_eq!(parsed.member("b"), Some(&Value::Bytes(vec![0, 1, 2])));
        assert_eq!(parsed.member("a").unwrap().as_array().unwrap()[2], Value::Long(1 << 32));
        assert_eq!(parameter("41").unwrap(), "41".into());
    }

    #[test]
    fn what_has_no_value() {
        for text in
            [":=", ":={", ":=18446744073709551615", ":={\"$date\":\"today\"}", ":={\"$base64\":\"*\"}"]
        {
            assert_eq!(parameter(text).unwrap_err().kind, Kind::Usage, "{text}");
        }
    }
}
