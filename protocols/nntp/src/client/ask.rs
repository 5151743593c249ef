//! Overviews, fields, lists and what is new (RFC 3977 sections 7, 8; RFC 2980 where a server is older).

use netkit_wire::Text;

use super::{Client, SMALL};
use crate::command::{Command, List};
use crate::error::{Argument, Error, Invalid, Unsupported};
use crate::lines::{Lines, Listing};
use crate::listing::{Active, Created, Described, DistribPat};
use crate::overview::Format;
use crate::reply::{code, date};
use crate::types::{Header, Line, Span, Stamp, Wildmat};

fn word(line: &[u8]) -> Result<Text, &'static str> {
    if line.is_empty() { Err("a name is not empty") } else { Ok(Text::from(line)) }
}

impl Client {
    /// Rows of the overview, to be read with [`Row::parse`](crate::Row::parse) (section 8.3). A server that knows OVER no better
    /// is asked by XOVER (RFC 2980 section 2.8).
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::is_missing`] where there is no such article. [`Error::Unsupported`] by message id, where the
    /// server does not offer that.
    pub fn over(&mut self, span: &Span) -> Result<Lines<'_>, Error> {
        if matches!(span, Span::Id(_)) && !self.offers().offers("OVER", "MSGID") {
            return Err(Unsupported::Capability("OVER MSGID").into());
        }
        let (now, older) = (Command::Over(span.clone()), Command::Xover(span.clone()));
        let asked = self.either(self.offers().has("OVER"), &now, Some(&older), &[code::OVERVIEW]);
        // Xover of a group without articles has been seen to be refused with the code for "no current article".
        asked.map(|()| Lines::open(&mut self.dialogue))
    }

    /// The values of one field, or of metadata such as `:bytes`, to be read with [`overview::field`](crate::overview::field)
    /// (section 8.5); by XHDR where the server is older (RFC 2980 section 2.6).
    ///
    /// # Errors
    /// As [`Client::over`].
    pub fn hdr(&mut self, field: &Header, span: &Span) -> Result<Lines<'_>, Error> {
        let metadata = field.as_str().starts_with(':');
        let older = Command::Xhdr(field.clone(), span.clone());
        let now = Command::Hdr(field.clone(), span.clone());
        let older = (!metadata).then_some(&older);
        self.either(self.offers().has("HDR"), &now, older, &[code::FIELDS, code::HEAD])?;
        Ok(Lines::open(&mut self.dialogue))
    }

    /// The articles whose field fits a pattern (RFC 2980 section 2.9).
    ///
    /// # Errors
    /// As [`Client::over`].
    pub fn xpat(&mut self, field: &Header, span: &Span, pattern: &Line) -> Result<Lines<'_>, Error> {
        if *span == Span::Current {
            return Err(Invalid::new(Argument::Range, "XPAT needs a range or a message id").into());
        }
        let command = Command::Xpat(field.clone(), span.clone(), pattern.clone());
        self.dialogue.run(&command, &[code::HEAD])?;
        Ok(Lines::open(&mut self.dialogue))
    }

    /// The command of RFC 3977 where it is offered, or nothing is known; the older one where it is not, or is not known.
    fn either(
        &mut self,
        offered: bool,
        now: &Command,
        older: Option<&Command>,
        wanted: &[netkit_wire::Code],
    ) -> Result<(), Error> {
        if offered || !self.offers().is_known() || older.is_none() {
            match (self.dialogue.run(now, wanted), older) {
                (Ok(_), _) => return Ok(()),
                (Err(Error::Refused(reply)), Some(_)) if reply.code() == code::UNKNOWN_COMMAND => {}
                (Err(why), _) => return Err(why),
            }
        }
        match older {
            Some(older) => self.dialogue.run(older, wanted).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Which fields the rows of [`Client::over`] have (section 8.4); the standard ones where the server does not say.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn overview_format(&mut self) -> Result<Format, Error> {
        match self.dialogue.run(&Command::List(List::OverviewFmt), &[code::LIST]) {
            Ok(_) => Ok(Format::new(Lines::open(&mut self.dialogue).collect(SMALL)?)),
            Err(Error::Refused(_)) if !self.dialogue.over => Ok(Format::default()),
            Err(why) => Err(why),
        }
    }

    /// Any list, line by line (section 7.6).
    ///
    /// # Errors
    /// [`Error::Refused`]: the server does not have it.
    pub fn list(&mut self, list: List) -> Result<Lines<'_>, Error> {
        self.dialogue.run(&Command::List(list), &[code::LIST])?;
        Ok(Lines::open(&mut self.dialogue))
    }

    /// Groups, and their numbers (section 7.6.3).
    ///
    /// # Errors
    /// As [`Client::list`].
    pub fn active(&mut self, groups: Option<&Wildmat>) -> Result<Listing<'_, Active>, Error> {
        Ok(Listing::new(self.list(List::Active(groups.cloned()))?, Active::parse))
    }

    /// Groups, and how many articles each has (RFC 6048 section 2.2).
    ///
    /// # Errors
    /// As [`Client::list`].
    pub fn counts(&mut self, groups: Option<&Wildmat>) -> Result<Listing<'_, Active>, Error> {
        Ok(Listing::new(self.list(List::Counts(groups.cloned()))?, Active::parse_counts))
    }

    /// What groups are about (section 7.6.6).
    ///
    /// # Errors
    /// As [`Client::list`].
    pub fn descriptions(&mut self, groups: Option<&Wildmat>) -> Result<Listing<'_, Described>, Error> {
        Ok(Listing::new(self.list(List::Newsgroups(groups.cloned()))?, Described::parse))
    }

    /// When groups were made, and by whom (section 7.6.4).
    ///
    /// # Errors
    /// As [`Client::list`].
    pub fn active_times(&mut self, groups: Option<&Wildmat>) -> Result<Listing<'_, Created>, Error> {
        Ok(Listing::new(self.list(List::ActiveTimes(groups.cloned()))?, Created::parse))
    }

    /// Which distribution a group suggests (section 7.6.5).
    ///
    /// # Errors
    /// As [`Client::list`].
    pub fn distrib_pats(&mut self) -> Result<Listing<'_, DistribPat>, Error> {
        Ok(Listing::new(self.list(List::DistribPats)?, DistribPat::parse))
    }

    /// Groups made since then (section 7.3).
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn new_groups(&mut self, since: Stamp) -> Result<Listing<'_, Active>, Error> {
        self.dialogue.run(&Command::NewGroups(since), &[code::NEW_GROUPS])?;
        Ok(Listing::new(Lines::open(&mut self.dialogue), Active::parse))
    }

    /// The message ids of articles that came since then (section 7.4).
    ///
    /// # Errors
    /// [`Error::Refused`]: many servers do not offer it.
    pub fn new_news(&mut self, groups: &Wildmat, since: Stamp) -> Result<Listing<'_, Text>, Error> {
        self.dialogue.run(&Command::NewNews(groups.clone(), since), &[code::NEW_ARTICLES])?;
        Ok(Listing::new(Lines::open(&mut self.dialogue), word))
    }

    /// The server's time, in UTC (section 7.1).
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn date(&mut self) -> Result<Stamp, Error> {
        let reply = self.dialogue.run(&Command::Date, &[code::DATE])?;
        self.dialogue.meant(reply, date)
    }

    /// What the server says of its commands (section 7.2).
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn help(&mut self) -> Result<Vec<Text>, Error> {
        self.dialogue.run(&Command::Help, &[code::HELP])?;
        let lines = Lines::open(&mut self.dialogue).collect(SMALL)?;
        Ok(lines.iter().map(|line| Text::from(line.as_slice())).collect())
    }
}
