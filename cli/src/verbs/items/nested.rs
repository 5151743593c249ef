//! Names with brackets, as in HTTPie: `a[b][c]=x` nests, `a[]=x` appends, `a[2]=x` counts, `[]=x` is an array itself.
//! A backslash before a bracket makes it a letter.

use serde_json::{Map, Value};

/// The furthest element that may be named: what lies between is filled with null.
const FURTHEST: usize = 10_000;

/// A step from a value to one inside it.
#[derive(Debug, PartialEq)]
enum Step {
    Key(String),
    At(usize),
    Append,
}

/// The fields as one JSON value; an object without fields.
pub fn json<'f>(fields: impl IntoIterator<Item = (&'f str, Value)>) -> Result<Value, String> {
    let mut root = Value::Null;
    for (name, value) in fields {
        put(&mut root, &steps(name)?, value).map_err(|why| format!("{name}: {why}"))?;
    }
    Ok(if root.is_null() { Value::Object(Map::new()) } else { root })
}

fn put(place: &mut Value, steps: &[Step], value: Value) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        *place = value;
        return Ok(());
    };
    if place.is_null() {
        *place =
            if matches!(step, Step::Key(_)) { Value::Object(Map::new()) } else { Value::Array(Vec::new()) };
    }
    match (step, place) {
        (Step::Key(key), Value::Object(object)) => put(object.entry(key).or_insert(Value::Null), rest, value),
        (Step::Append, Value::Array(array)) => {
            array.push(Value::Null);
            array.last_mut().map_or(Ok(()), |last| put(last, rest, value))
        }
        (Step::At(at), Value::Array(_)) if *at > FURTHEST => Err(format!("an index past {FURTHEST}")),
        (Step::At(at), Value::Array(array)) => {
            if array.len() <= *at {
                array.resize(at + 1, Value::Null);
            }
            array.get_mut(*at).map_or(Ok(()), |place| put(place, rest, value))
        }
        (Step::Key(key), _) => Err(format!("[{key}] of what is no object")),
        (Step::Append | Step::At(_), _) => Err("an element of what is no array".to_owned()),
    }
}

fn steps(name: &str) -> Result<Vec<Step>, String> {
    let (mut steps, mut text, mut inside, mut escaped) = (Vec::new(), String::new(), false, false);
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek().is_some_and(|next| "[]\\".contains(*next)) => {
                text.extend(letters.next());
                escaped = true;
            }
            '[' if !inside => {
                if steps.is_empty() && !text.is_empty() {
                    steps.push(Step::Key(std::mem::take(&mut text)));
                }
                if !text.is_empty() {
                    return Err(format!("{name}: text between ] and ["));
                }
                (inside, escaped) = (true, false);
            }
            ']' if inside => {
                let inner = std::mem::take(&mut text);
                steps.push(match inner.parse() {
                    _ if inner.is_empty() && !escaped => Step::Append,
                    Ok(at) if !escaped && inner.bytes().all(|b| b.is_ascii_digit()) => Step::At(at),
                    _ => Step::Key(inner),
                });
                inside = false;
            }
            letter => text.push(letter),
        }
    }
    match (inside, steps.is_empty(), text.is_empty()) {
        (true, ..) => Err(format!("{name}: [ without ]")),
        (false, true, _) => Ok(vec![Step::Key(text)]),
        (false, false, true) => Ok(steps),
        (false, false, false) => Err(format!("{name}: text behind ]")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn made(fields: &[(&str, Value)]) -> Result<Value, String> {
        json(fields.iter().map(|(name, value)| (*name, value.clone())))
    }

    #[test]
    fn names_nest_as_in_httpie() {
        let fields = [
            ("plain", json!("x")),
            ("a[b][c]", json!(1)),
            ("a[b][d]", json!(2)),
            ("list[]", json!("p")),
            ("list[]", json!("q")),
            ("at[2]", json!(true)),
            ("objects[][k]", json!(3)),
            ("lit\\[eral\\]", json!(4)),
            ("num[\\0]", json!(5)),
        ];
        // A backslash before a digit is a letter itself; so is a key that HTTPie would escape.
        assert_eq!(
            made(&fields).unwrap(),
            json!({
                "plain": "x", "a": {"b": {"c": 1, "d": 2}}, "list": ["p", "q"], "at": [null, null, true],
                "objects": [{"k": 3}], "lit[eral]": 4, "num": {"\\0": 5},
            })
        );
        assert_eq!(made(&[("[]", json!(1)), ("[]", json!(2))]).unwrap(), json!([1, 2]));
        assert_eq!(made(&[]).unwrap(), json!({}));
        assert_eq!(made(&[("a", json!(1)), ("a", json!(2))]).unwrap(), json!({"a": 2}));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for fields in [
            vec![("a[b", json!(1))],
            vec![("a[b]c", json!(1))],
            vec![("a[b]c[d]", json!(1))],
            vec![("a", json!(1)), ("a[b]", json!(2))],
            vec![("a[]", json!(1)), ("a[b]", json!(2))],
            vec![("a[b]", json!(1)), ("a[]", json!(2))],
            vec![("a[99999999]", json!(1))],
        ] {
            assert!(made(&fields).is_err(), "{fields:?}");
        }
    }
}
