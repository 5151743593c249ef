//! Sets of numbers: `1:3,7,9:*` (RFC 9051 section 9, sequence-set), kept as ranges however many numbers they hold.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::{Argument, Invalid};

/// A set of message numbers or UIDs; `*` is the largest there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Set {
    /// From and to, each `None` for `*`; in order, apart from each other, where there is no `*`.
    ranges: Vec<(Option<NonZeroU32>, Option<NonZeroU32>)>,
}

impl Set {
    /// Every message.
    pub fn all() -> Set {
        Set { ranges: vec![(NonZeroU32::new(1), None)] }
    }

    /// From this number on.
    pub fn from(first: u32) -> Set {
        Set { ranges: vec![(NonZeroU32::new(first.max(1)), None)] }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether a number is in it, where `*` is `largest`.
    pub fn contains(&self, number: u32, largest: u32) -> bool {
        self.ranges.iter().any(|(from, to)| {
            let value = |end: &Option<NonZeroU32>| end.map_or(largest, NonZeroU32::get);
            let (from, to) = (value(from), value(to));
            (from.min(to)..=from.max(to)).contains(&number)
        })
    }

    /// The ranges, in order: from and to, both in it. `*` is `largest`.
    pub fn ranges(&self, largest: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let value = move |end: Option<NonZeroU32>| end.map_or(largest, NonZeroU32::get);
        self.ranges.iter().map(move |(from, to)| {
            let (from, to) = (value(*from), value(*to));
            (from.min(to), from.max(to))
        })
    }

    /// Every number, where `*` is `largest`. A hostile set has four billion: take as many as you can use.
    pub fn numbers(&self, largest: u32) -> impl Iterator<Item = u32> + '_ {
        self.ranges(largest).flat_map(|(from, to)| from..=to)
    }

    /// Puts the ranges of another set behind these.
    pub fn extend(&mut self, other: &Set) {
        self.ranges.extend_from_slice(&other.ranges);
    }

    /// Reads one as servers send it.
    pub fn parse(text: &[u8]) -> Option<Set> {
        std::str::from_utf8(text).ok()?.parse().ok()
    }
}

/// Neighbours become ranges, whatever their order.
impl FromIterator<u32> for Set {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Set {
        let mut numbers: Vec<u32> = numbers.into_iter().filter(|n| *n > 0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some((_, to)) if *to + 1 == number => *to = number,
                _ => ranges.push((number, number)),
            }
        }
        let end = NonZeroU32::new;
        Set { ranges: ranges.into_iter().map(|(from, to)| (end(from), end(to))).collect() }
    }
}

impl FromStr for Set {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Set, Invalid> {
        let wrong = Invalid::new(Argument::Set, "numbers from 1 on, ranges and *, with commas between");
        let end = |text: &str| match text {
            "*" => Ok(None),
            digits if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().and_then(NonZeroU32::new).map(Some).ok_or(wrong)
            }
            _ => Err(wrong),
        };
        let range = |text: &str| match text.split_once(':') {
            Some((from, to)) => Ok((end(from)?, end(to)?)),
            None => end(text).map(|only| (only, only)),
        };
        Ok(Set { ranges: text.split(',').map(range).collect::<Result<_, _>>()? })
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |end: &Option<NonZeroU32>| end.map_or_else(|| "*".to_owned(), |n| n.to_string());
        for (at, (from, to)) in self.ranges.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match from == to {
                true => write!(f, "{comma}{}", end(from))?,
                false => write!(f, "{comma}{}:{}", end(from), end(to))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_and_bounded() {
        for text in ["1", "*", "1:*", "5:1", "1:4294967295", "1,3:5,9"] {
            assert_eq!(text.parse::<Set>().unwrap().to_string(), text);
        }
        for bad in ["", "0", "1,", "1:", "-1", "4294967296", "1:2:3", "a", "1 2"] {
            assert!(bad.parse::<Set>().is_err(), "{bad:?}");
        }
        let set: Set = [9, 3, 4, 5, 1, 5].into_iter().collect();
        assert_eq!(set.to_string(), "1,3:5,9");
        let backwards: Set = "*:7".parse().unwrap();
        assert!(backwards.contains(9, 10) && !backwards.contains(6, 10));
        assert_eq!("5:1".parse::<Set>().unwrap().numbers(9).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!("1:4294967295".parse::<Set>().unwrap().numbers(9).take(2).count(), 2);
    }
}
