//! Replies with something to read in them (RFC 3977 section 3.2): a group, an article's place, a time.

use netkit_wire::Text;

use crate::types::{Stamp, number};

/// The codes, by what they mean (RFC 3977 appendix C, RFC 4642, 4643, 4644, 8054).
#[allow(missing_docs)]
pub mod code {
    use netkit_wire::Code;

    macro_rules! codes {
        ($($name:ident = $code:literal;)*) => {$(
            pub const $name: Code = match Code::new($code) {
                Some(code) => code,
                None => panic!("no code"),
            };
        )*};
    }

    codes! {
        HELP = 100;
        CAPABILITIES = 101;
        DATE = 111;
        READY_POSTING = 200;
        READY_NO_POSTING = 201;
        STREAMING = 203;
        BYE = 205;
        COMPRESSED = 206;
        GROUP = 211;
        LIST = 215;
        ARTICLE = 220;
        HEAD = 221;
        BODY = 222;
        FOUND = 223;
        OVERVIEW = 224;
        FIELDS = 225;
        NEW_ARTICLES = 230;
        NEW_GROUPS = 231;
        TRANSFERRED = 235;
        WANTED = 238;
        TAKEN = 239;
        POSTED = 240;
        LOGGED_IN = 281;
        LOGGED_IN_WITH_DATA = 283;
        SEND_TRANSFER = 335;
        SEND_POST = 340;
        PASSWORD = 381;
        START_TLS = 382;
        CHALLENGE = 383;
        UNAVAILABLE = 400;
        WRONG_MODE = 401;
        INTERNAL = 403;
        NO_GROUP = 411;
        NO_GROUP_SELECTED = 412;
        NO_CURRENT = 420;
        NO_NEXT = 421;
        NO_PREVIOUS = 422;
        NO_NUMBER = 423;
        NO_ID = 430;
        CHECK_LATER = 431;
        NOT_WANTED = 435;
        TRY_LATER = 436;
        REJECTED = 437;
        CHECK_REFUSED = 438;
        TAKE_REJECTED = 439;
        NO_POSTING = 440;
        POST_FAILED = 441;
        LOGIN_NEEDED = 480;
        LOGIN_FAILED = 481;
        OUT_OF_SEQUENCE = 482;
        PRIVACY_NEEDED = 483;
        UNKNOWN_COMMAND = 500;
        SYNTAX = 501;
        DENIED = 502;
        NOT_SUPPORTED = 503;
        BASE64 = 504;
        NO_TLS = 580;
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &str> {
    let words = text.split(|b| *b == b' ' || *b == b'\t').filter(|word| !word.is_empty());
    words.map(|word| std::str::from_utf8(word).unwrap_or_default())
}

/// What GROUP tells (RFC 3977 section 6.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInfo {
    /// How many articles, perhaps estimated.
    pub count: u64,
    /// The lowest number; above `high` in an empty group.
    pub low: u64,
    /// The highest.
    pub high: u64,
    /// The group, as the server names it; empty where it does not.
    pub name: Text,
}

impl GroupInfo {
    /// `number low high group`, behind the code.
    pub fn parse(text: &[u8]) -> Option<GroupInfo> {
        let mut words = words(text);
        let mut next = || words.next().and_then(number);
        let (count, low, high) = (next()?, next()?, next()?);
        Some(GroupInfo { count, low, high, name: Text::from(words.next().unwrap_or_default()) })
    }

    /// The words behind the code.
    pub fn encode(&self) -> String {
        format!("{} {} {} {}", self.count, self.low, self.high, self.name)
    }

    /// Whether there is nothing in it (RFC 3977 section 6.1.1.2).
    pub fn is_empty(&self) -> bool {
        self.count == 0 || self.low > self.high
    }
}

/// Which article a reply is about (RFC 3977 section 6.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number in the group; 0 where it was asked for by message id.
    pub number: u64,
    /// Its message id, as the server says it.
    pub id: Text,
}

impl Found {
    /// `number message-id`, behind the code.
    pub fn parse(text: &[u8]) -> Option<Found> {
        let mut words = words(text);
        let number = words.next().and_then(number)?;
        let id = words.next().filter(|id| id.starts_with('<') && id.ends_with('>'))?;
        Some(Found { number, id: Text::from(id) })
    }

    /// The words behind the code.
    pub fn encode(&self) -> String {
        format!("{} {}", self.number, self.id)
    }
}

/// The server's time (RFC 3977 section 7.1).
pub(crate) fn date(text: &[u8]) -> Option<Stamp> {
    Stamp::parse(text.trim_ascii())
}
