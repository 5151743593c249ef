//! STATUS (RFC 859): what one side believes is agreed.

use std::fmt;

use crate::codes::{Opt, SB, SE, Verb};

/// A question, or the list that answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// SEND.
    Send,
    /// IS.
    Is(Vec<StatusItem>),
}

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusItem {
    /// An option that is on; in an answer only WILL and DO stand.
    Option(Verb, Opt),
    /// A subnegotiation in force: its option and content.
    Sub(Opt, Vec<u8>),
}

impl Status {
    pub(super) fn parse(content: &[u8]) -> Option<Status> {
        match content.split_first()? {
            (1, []) => Some(Status::Send),
            (0, rest) => items(rest).map(Status::Is),
            _ => None,
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let Status::Is(items) = self else { return out.push(1) };
        out.push(0);
        for item in items {
            match item {
                StatusItem::Option(verb, option) => out.extend_from_slice(&[verb.code(), option.0]),
                StatusItem::Sub(option, content) => {
                    out.extend_from_slice(&[SB, option.0]);
                    for byte in content {
                        // "SE values appearing in the data are doubled".
                        out.extend(std::iter::repeat_n(*byte, if *byte == SE { 2 } else { 1 }));
                    }
                    out.push(SE);
                }
            }
        }
    }
}

fn items(mut rest: &[u8]) -> Option<Vec<StatusItem>> {
    let mut found = Vec::new();
    loop {
        match *rest {
            [] => return Some(found),
            [SB, option, ref after @ ..] => {
                let (content, after) = doubled(after)?;
                found.push(StatusItem::Sub(Opt(option), content));
                rest = after;
            }
            [verb, option, ref after @ ..] => {
                found.push(StatusItem::Option(Verb::from_code(verb)?, Opt(option)));
                rest = after;
            }
            _ => return None,
        }
    }
}

/// Up to a lone SE.
fn doubled(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut content = Vec::new();
    loop {
        match *rest {
            [] => return None,
            [SE, SE, ref after @ ..] => {
                content.push(SE);
                rest = after;
            }
            [SE, ref after @ ..] => return Some((content, after)),
            [byte, ref after @ ..] => {
                content.push(byte);
                rest = after;
            }
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Status::Is(items) = self else { return f.write_str("SEND") };
        f.write_str("IS")?;
        items.iter().try_for_each(|item| match item {
            StatusItem::Option(verb, option) => write!(f, " {verb} {option}"),
            StatusItem::Sub(option, content) => {
                write!(f, " SB {option} {}", netkit_wire::escape(content))
            }
        })
    }
}
