//! What games say beside their text: GMCP, MSDP, MSSP. None is an RFC; each is as its published description has it.

use std::fmt;

const VAR: u8 = 1;
const VAL: u8 = 2;
const TABLE_OPEN: u8 = 3;
const TABLE_CLOSE: u8 = 4;
const ARRAY_OPEN: u8 = 5;
const ARRAY_CLOSE: u8 = 6;

/// How deep tables and arrays may lie in one another. What is deeper is not read.
const DEEPEST: usize = 16;

/// One message of the Generic MUD Communication Protocol: a name like `Char.Vitals`, and what it says, in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gmcp {
    /// Package and message.
    pub name: Vec<u8>,
    /// What stands behind the blank. It is not checked: it may be no JSON at all.
    pub data: Option<Vec<u8>>,
}

impl Gmcp {
    pub(super) fn parse(content: &[u8]) -> Option<Gmcp> {
        let (name, data) = match memchr::memchr(b' ', content) {
            Some(at) => (content.get(..at)?, content.get(at + 1..).map(<[u8]>::to_vec)),
            None => (content, None),
        };
        (!name.is_empty()).then(|| Gmcp { name: name.to_vec(), data })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.name);
        if let Some(data) = &self.data {
            out.push(b' ');
            out.extend_from_slice(data);
        }
    }
}

impl fmt::Display for Gmcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", netkit_wire::escape(&self.name))?;
        self.data.as_ref().map_or(Ok(()), |data| write!(f, " {}", netkit_wire::escape(data)))
    }
}

/// A name and its values, of the MUD Server Data Protocol or the MUD Server Status Protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T> {
    /// The name.
    pub name: Vec<u8>,
    /// One value, or a list in the order of the wire, or none.
    pub values: Vec<T>,
}

/// A value of MSDP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// Text.
    Text(Vec<u8>),
    /// Names and their values.
    Table(Vec<Named<Datum>>),
    /// Values without names.
    Array(Vec<Datum>),
}

/// Reads text up to the next mark.
fn text<'i>(input: &mut &'i [u8]) -> &'i [u8] {
    let end = input.iter().position(|byte| (VAR..=ARRAY_CLOSE).contains(byte)).unwrap_or(input.len());
    let (text, rest) = input.split_at_checked(end).unwrap_or((input, &[]));
    *input = rest;
    text
}

fn mark(input: &mut &[u8], wanted: u8) -> bool {
    match input.split_first() {
        Some((&found, rest)) if found == wanted => {
            *input = rest;
            true
        }
        _ => false,
    }
}

fn pairs(input: &mut &[u8], depth: usize) -> Option<Vec<Named<Datum>>> {
    let mut all = Vec::new();
    while mark(input, VAR) {
        let (name, mut values) = (text(input).to_vec(), Vec::new());
        while mark(input, VAL) {
            values.push(datum(input, depth)?);
        }
        all.push(Named { name, values });
    }
    Some(all)
}

fn datum(input: &mut &[u8], depth: usize) -> Option<Datum> {
    if depth == DEEPEST {
        return None;
    }
    if mark(input, TABLE_OPEN) {
        let table = pairs(input, depth + 1)?;
        return mark(input, TABLE_CLOSE).then_some(Datum::Table(table));
    }
    if mark(input, ARRAY_OPEN) {
        let mut array = Vec::new();
        while mark(input, VAL) {
            array.push(datum(input, depth + 1)?);
        }
        return mark(input, ARRAY_CLOSE).then_some(Datum::Array(array));
    }
    Some(Datum::Text(text(input).to_vec()))
}

pub(super) fn msdp(mut content: &[u8]) -> Option<Vec<Named<Datum>>> {
    let all = pairs(&mut content, 0)?;
    (content.is_empty() && !all.is_empty()).then_some(all)
}

pub(super) fn msdp_encode(all: &[Named<Datum>], out: &mut Vec<u8>) {
    for one in all {
        out.push(VAR);
        out.extend_from_slice(&one.name);
        for value in &one.values {
            out.push(VAL);
            datum_encode(value, out);
        }
    }
}

fn datum_encode(datum: &Datum, out: &mut Vec<u8>) {
    match datum {
        Datum::Text(text) => out.extend_from_slice(text),
        Datum::Table(table) => {
            out.push(TABLE_OPEN);
            msdp_encode(table, out);
            out.push(TABLE_CLOSE);
        }
        Datum::Array(array) => {
            out.push(ARRAY_OPEN);
            for value in array {
                out.push(VAL);
                datum_encode(value, out);
            }
            out.push(ARRAY_CLOSE);
        }
    }
}

/// MSSP: names and their values, all of them text.
pub(super) fn mssp(mut content: &[u8]) -> Option<Vec<Named<Vec<u8>>>> {
    let mut all = Vec::new();
    while mark(&mut content, VAR) {
        let (name, mut values) = (text(&mut content).to_vec(), Vec::new());
        while mark(&mut content, VAL) {
            values.push(text(&mut content).to_vec());
        }
        all.push(Named { name, values });
    }
    (content.is_empty() && !all.is_empty()).then_some(all)
}

pub(super) fn mssp_encode(all: &[Named<Vec<u8>>], out: &mut Vec<u8>) {
    for one in all {
        out.push(VAR);
        out.extend_from_slice(&one.name);
        for value in &one.values {
            out.push(VAL);
            out.extend_from_slice(value);
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Text(text) => write!(f, "{}", netkit_wire::escape(text)),
            Datum::Table(table) => {
                f.write_str("{")?;
                listed(table, f)?;
                f.write_str("}")
            }
            Datum::Array(array) => {
                f.write_str("[")?;
                for (at, value) in array.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { " " })?;
                }
                f.write_str("]")
            }
        }
    }
}

pub(super) fn listed(all: &[Named<Datum>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, one) in all.iter().enumerate() {
        write!(f, "{}{}=", if at == 0 { "" } else { " " }, netkit_wire::escape(&one.name))?;
        for (at, value) in one.values.iter().enumerate() {
            write!(f, "{}{value}", if at == 0 { "" } else { "," })?;
        }
    }
    Ok(())
}

pub(super) fn mssp_listed(all: &[Named<Vec<u8>>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, one) in all.iter().enumerate() {
        write!(f, "{}{}=", if at == 0 { "" } else { " " }, netkit_wire::escape(&one.name))?;
        for (at, value) in one.values.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { "," }, netkit_wire::escape(value))?;
        }
    }
    Ok(())
}
