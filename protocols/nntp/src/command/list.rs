//! LIST: one word for each list there is (RFC 3977 section 7.6, RFC 6048 section 2).

use std::fmt;

use crate::types::{Line, Wildmat};

/// Which list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum List {
    /// `ACTIVE [wildmat]`: groups and their numbers, 7.6.3.
    Active(Option<Wildmat>),
    /// `ACTIVE.TIMES [wildmat]`: when groups were made, 7.6.4.
    ActiveTimes(Option<Wildmat>),
    /// `COUNTS [wildmat]`: as ACTIVE, with how many, RFC 6048 section 2.2.
    Counts(Option<Wildmat>),
    /// `DISTRIB.PATS`: which distribution a group suggests, 7.6.5.
    DistribPats,
    /// `DISTRIBUTIONS`: what distributions mean, RFC 6048 section 2.3.
    Distributions,
    /// `HEADERS [MSGID|RANGE]`: which fields HDR knows, 8.6.
    Headers(Option<HeadersOf>),
    /// `MODERATORS`: where to send, RFC 6048 section 2.4.
    Moderators,
    /// `MOTD`: words for today, RFC 6048 section 2.5.
    Motd,
    /// `NEWSGROUPS [wildmat]`: what groups are about, 7.6.6.
    Newsgroups(Option<Wildmat>),
    /// `OVERVIEW.FMT`: the fields of OVER, 8.4.
    OverviewFmt,
    /// `SUBSCRIPTIONS [wildmat]`: groups for newcomers, RFC 6048 section 2.6.
    Subscriptions(Option<Wildmat>),
    /// Another keyword, with what follows it.
    Other(Line),
}

/// By what HDR will be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadersOf {
    /// By message id.
    Id,
    /// By number.
    Range,
}

impl List {
    /// The keyword.
    pub fn keyword(&self) -> &str {
        match self {
            List::Active(_) => "ACTIVE",
            List::ActiveTimes(_) => "ACTIVE.TIMES",
            List::Counts(_) => "COUNTS",
            List::DistribPats => "DISTRIB.PATS",
            List::Distributions => "DISTRIBUTIONS",
            List::Headers(_) => "HEADERS",
            List::Moderators => "MODERATORS",
            List::Motd => "MOTD",
            List::Newsgroups(_) => "NEWSGROUPS",
            List::OverviewFmt => "OVERVIEW.FMT",
            List::Subscriptions(_) => "SUBSCRIPTIONS",
            List::Other(line) => line.as_str().split(' ').next().unwrap_or_default(),
        }
    }

    /// The list of a keyword and its argument; none where the argument is not its.
    pub fn new(keyword: &str, argument: Option<&str>) -> Option<List> {
        let wildmat = || match argument {
            None => Some(None),
            Some(text) => Wildmat::new(text).ok().map(Some),
        };
        let alone = |list: List| if argument.is_none() { Some(list) } else { None };
        match keyword.to_ascii_uppercase().as_str() {
            "ACTIVE" => Some(List::Active(wildmat()?)),
            "ACTIVE.TIMES" => Some(List::ActiveTimes(wildmat()?)),
            "COUNTS" => Some(List::Counts(wildmat()?)),
            "DISTRIB.PATS" => alone(List::DistribPats),
            "DISTRIBUTIONS" => alone(List::Distributions),
            "HEADERS" => match argument.map(str::to_ascii_uppercase).as_deref() {
                None => Some(List::Headers(None)),
                Some("MSGID") => Some(List::Headers(Some(HeadersOf::Id))),
                Some("RANGE") => Some(List::Headers(Some(HeadersOf::Range))),
                Some(_) => None,
            },
            "MODERATORS" => alone(List::Moderators),
            "MOTD" => alone(List::Motd),
            "NEWSGROUPS" => Some(List::Newsgroups(wildmat()?)),
            "OVERVIEW.FMT" => alone(List::OverviewFmt),
            "SUBSCRIPTIONS" => Some(List::Subscriptions(wildmat()?)),
            _ => {
                let rest = argument.map(|text| format!(" {text}")).unwrap_or_default();
                Line::new(&format!("{keyword}{rest}")).ok().map(List::Other)
            }
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            List::Active(Some(groups))
            | List::ActiveTimes(Some(groups))
            | List::Counts(Some(groups))
            | List::Newsgroups(Some(groups))
            | List::Subscriptions(Some(groups)) => write!(f, "LIST {} {groups}", self.keyword()),
            List::Headers(Some(HeadersOf::Id)) => f.write_str("LIST HEADERS MSGID"),
            List::Headers(Some(HeadersOf::Range)) => f.write_str("LIST HEADERS RANGE"),
            List::Other(line) => write!(f, "LIST {line}"),
            _ => write!(f, "LIST {}", self.keyword()),
        }
    }
}
