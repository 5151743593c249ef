//! Values on their way into XML.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::xmlrpc::Value;

/// Why a call or an answer cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// Letters, digits, `_`, `.`, `:` and `/` make a method's name.
    #[error("a method's name is letters, digits, _ . : and /")]
    Method,
    /// XML 1.0 has no way to write it, not even escaped (XML 1.0 2.2).
    #[error("XML has no character U+{:04X}; send the text as base64", u32::from(*.0))]
    Character(char),
    /// Not a number, or endless.
    #[error("XML-RPC has no number that is endless or none")]
    NotFinite,
    /// Nested deeper than any peer would take it.
    #[error("values are nested too deeply")]
    Depth,
    /// A struct with two members of one name.
    #[error("a struct has two members of one name")]
    SameName,
}

/// Appends `<value>`.
pub(super) fn value(value: &Value, depth: usize, out: &mut String) -> Result<(), Unsendable> {
    if depth > super::DEPTH {
        return Err(Unsendable::Depth);
    }
    out.push_str("<value>");
    match value {
        Value::Nil => out.push_str("<nil/>"),
        Value::Bool(yes) => scalar("boolean", if *yes { "1" } else { "0" }, out),
        Value::Int(n) => scalar("int", &n.to_string(), out),
        Value::Long(n) => scalar("i8", &n.to_string(), out),
        // Display writes no exponent, which the spec does not have.
        Value::Double(n) if n.is_finite() => scalar("double", &n.to_string(), out),
        Value::Double(_) => return Err(Unsendable::NotFinite),
        Value::Date(date) => scalar("dateTime.iso8601", &date.to_string(), out),
        Value::Bytes(bytes) => scalar("base64", &STANDARD.encode(bytes), out),
        Value::Text(plain) => {
            out.push_str("<string>");
            text(plain, out)?;
            out.push_str("</string>");
        }
        Value::Array(elements) => {
            out.push_str("<array><data>");
            elements.iter().try_for_each(|element| self::value(element, depth + 1, out))?;
            out.push_str("</data></array>");
        }
        Value::Struct(members) => {
            let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            if names.windows(2).any(|pair| pair.first() == pair.last()) {
                return Err(Unsendable::SameName);
            }
            out.push_str("<struct>");
            for (name, member) in members {
                out.push_str("<member><name>");
                text(name, out)?;
                out.push_str("</name>");
                self::value(member, depth + 1, out)?;
                out.push_str("</member>");
            }
            out.push_str("</struct>");
        }
    }
    out.push_str("</value>");
    Ok(())
}

fn scalar(kind: &str, plain: &str, out: &mut String) {
    ["<", kind, ">", plain, "</", kind, ">"].iter().for_each(|part| out.push_str(part));
}

/// Character data. `>` is escaped for `]]>`, a carriage return because parsers make a line feed of it (XML 1.0 2.11).
pub(super) fn text(plain: &str, out: &mut String) -> Result<(), Unsendable> {
    for c in plain.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            other => return Err(Unsendable::Character(other)),
        }
    }
    Ok(())
}
