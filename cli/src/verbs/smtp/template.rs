//! Mail merge: `{{field}}` in an option stands for a value of the line's JSON object.

use serde_json::{Map, Value};

use crate::args::SmtpMessage;
use crate::failure::{Failure, Kind, Result};

/// The options with every field filled in.
pub fn merge(args: &SmtpMessage, record: &Map<String, Value>) -> Result<SmtpMessage> {
    let one = |text: &Option<String>| text.as_deref().map(|text| fill(text, record)).transpose();
    let list = |texts: &[String]| texts.iter().map(|text| fill(text, record)).collect::<Result<Vec<_>>>();
    Ok(SmtpMessage {
        from: one(&args.from)?,
        to: list(&args.to)?,
        cc: list(&args.cc)?,
        bcc: list(&args.bcc)?,
        subject: one(&args.subject)?,
        body: one(&args.body)?,
        html: one(&args.html)?,
        header: list(&args.header)?,
        ..args.clone()
    })
}

/// A text with every `{{field}}` filled in.
pub fn fill(text: &str, record: &Map<String, Value>) -> Result<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after
            .split_once("}}")
            .ok_or_else(|| Failure::new(Kind::Usage, "a template has {{ without }}"))?;
        out.push_str(before);
        match record.get(name.trim()) {
            Some(Value::String(value)) => out.push_str(value),
            Some(Value::Null) => {}
            Some(value @ (Value::Number(_) | Value::Bool(_))) => out.push_str(&value.to_string()),
            Some(_) => {
                return Err(Failure::new(
                    Kind::Usage,
                    format!("{{{{{name}}}}}: the value is a list or an object"),
                ));
            }
            None => {
                return Err(Failure::new(Kind::Usage, format!("{{{{{name}}}}}: the line has no such field")));
            }
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_filled_in_once() {
        let record = serde_json::json!({ "name": "{{n}}", "n": 3, "none": null, "list": [] });
        let record = record.as_object().unwrap();
        assert_eq!(fill("Dear {{name}}, {{ n }}{{none}}.", record).unwrap(), "Dear {{n}}, 3.");
        for bad in ["{{missing}}", "{{list}}", "{{name"] {
            assert_eq!(fill(bad, record).unwrap_err().kind, Kind::Usage);
        }
    }
}
