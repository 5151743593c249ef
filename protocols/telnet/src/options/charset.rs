//! CHARSET (RFC 2066): which character set the text is in.

use std::fmt;

/// What is said about character sets. Translation tables are refused, as section 3 allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charset {
    /// REQUEST: one of these, the best first. Whether a table is offered, too, is only read.
    Request {
        /// The names.
        names: Vec<Vec<u8>>,
        /// A table, `[TTABLE]`, of this version stood before them.
        table: Option<u8>,
    },
    /// ACCEPTED.
    Accepted(Vec<u8>),
    /// REJECTED.
    Rejected,
    /// TTABLE-IS, as it came.
    Table(Vec<u8>),
    /// TTABLE-REJECTED.
    TableRejected,
    /// TTABLE-ACK.
    TableAcknowledged,
    /// TTABLE-NAK.
    TableAgain,
}

const TABLE: &[u8] = b"[TTABLE]";

impl Charset {
    pub(super) fn parse(content: &[u8]) -> Option<Charset> {
        match content.split_first()? {
            (1, rest) => {
                let (table, rest) = match rest.strip_prefix(TABLE) {
                    Some(rest) => rest.split_first().map(|(version, rest)| (Some(*version), rest))?,
                    None => (None, rest),
                };
                let (separator, names) = rest.split_first()?;
                let names = names.split(|b| b == separator).map(<[u8]>::to_vec).collect();
                Some(Charset::Request { names, table })
            }
            (2, name) => Some(Charset::Accepted(name.to_vec())),
            (3, []) => Some(Charset::Rejected),
            (4, rest) => Some(Charset::Table(rest.to_vec())),
            (5, []) => Some(Charset::TableRejected),
            (6, []) => Some(Charset::TableAcknowledged),
            (7, []) => Some(Charset::TableAgain),
            _ => None,
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Charset::Request { names, table } => {
                out.push(1);
                if let Some(version) = table {
                    out.extend_from_slice(TABLE);
                    out.push(*version);
                }
                // A byte that no name has: the RFC leaves the choice to the sender.
                let free = |b: &u8| !names.iter().any(|name| name.contains(b));
                let separator = [b';', b' ', b'|', b','].into_iter().find(free).unwrap_or(b';');
                names.iter().for_each(|name| {
                    out.push(separator);
                    out.extend_from_slice(name);
                });
            }
            Charset::Accepted(name) => {
                out.push(2);
                out.extend_from_slice(name);
            }
            Charset::Rejected => out.push(3),
            Charset::Table(rest) => {
                out.push(4);
                out.extend_from_slice(rest);
            }
            Charset::TableRejected => out.push(5),
            Charset::TableAcknowledged => out.push(6),
            Charset::TableAgain => out.push(7),
        }
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Charset::Request { names, table } => {
                f.write_str(if table.is_some() { "REQUEST [TTABLE]" } else { "REQUEST" })?;
                names.iter().try_for_each(|name| write!(f, " {}", netkit_wire::escape(name)))
            }
            Charset::Accepted(name) => write!(f, "ACCEPTED {}", netkit_wire::escape(name)),
            Charset::Rejected => f.write_str("REJECTED"),
            Charset::Table(_) => f.write_str("TTABLE-IS"),
            Charset::TableRejected => f.write_str("TTABLE-REJECTED"),
            Charset::TableAcknowledged => f.write_str("TTABLE-ACK"),
            Charset::TableAgain => f.write_str("TTABLE-NAK"),
        }
    }
}
