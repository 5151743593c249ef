//! What a call can carry.

use crate::xmlrpc::DateTime;

/// A value of XML-RPC.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: `<nil/>`, an extension that not every server knows.
    Nil,
    /// `<boolean>`.
    Bool(bool),
    /// `<int>` or `<i4>`: 32 bits.
    Int(i32),
    /// `<i8>`: 64 bits, an extension.
    Long(i64),
    /// `<double>`: finite, for the spec has no words for the others.
    Double(f64),
    /// `<string>`.
    Text(String),
    /// `<dateTime.iso8601>`.
    Date(DateTime),
    /// `<base64>`.
    Bytes(Vec<u8>),
    /// `<array>`: of any types.
    Array(Vec<Value>),
    /// `<struct>`: members by name, each name once, in the order in which they came.
    Struct(Vec<(String, Value)>),
}

impl Value {
    /// The member of that name, of a struct.
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Struct(members) => members.iter().find(|(n, _)| n == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// A number without a fraction.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Value::Int(n) => Some(i64::from(*n)),
            Value::Long(n) => Some(*n),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

/// As `<int>` where it fits, else as `<i8>`: servers that know no `i8` understand as much as they can.
impl From<i64> for Value {
    fn from(n: i64) -> Value {
        i32::try_from(n).map_or(Value::Long(n), Value::Int)
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(elements: I) -> Value {
        Value::Array(elements.into_iter().collect())
    }
}
