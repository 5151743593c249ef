//! Groups and articles by number or message id (RFC 3977 section 6).

use netkit_wire::Code;

use super::Client;
use crate::command::Command;
use crate::error::Error;
use crate::lines::{Lines, Listing};
use crate::reply::{Found, GroupInfo, code};
use crate::retrieval::{Article, Part, Retrieval};
use crate::types::{Group, Range, Which, number};

/// What LISTGROUP tells: the group, and the numbers that are there.
#[derive(Debug)]
pub struct Subset<'c> {
    /// The group, as GROUP tells of it; none where the server says only that numbers follow (RFC 2980 section 2.1.8).
    pub group: Option<GroupInfo>,
    /// The numbers.
    pub numbers: Listing<'c, u64>,
}

fn a_number(line: &[u8]) -> Result<u64, &'static str> {
    let text = std::str::from_utf8(line.trim_ascii()).ok();
    text.and_then(number).ok_or("a list of numbers has digits only")
}

impl Client {
    /// Makes a group the current one, and its first article the current article (section 6.1.1).
    ///
    /// # Errors
    /// [`Error::Refused`]: there is no such group.
    pub fn group(&mut self, group: &Group) -> Result<GroupInfo, Error> {
        let reply = self.dialogue.run(&Command::Group(group.clone()), &[code::GROUP])?;
        self.dialogue.meant(reply, GroupInfo::parse)
    }

    /// As [`Client::group`], with the numbers of its articles, all or those of a range (section 6.1.2).
    ///
    /// # Errors
    /// [`Error::Refused`]: there is no such group.
    pub fn list_group(&mut self, group: Option<(&Group, Option<Range>)>) -> Result<Subset<'_>, Error> {
        let group = group.map(|(group, range)| (group.clone(), range));
        let reply = self.dialogue.run(&Command::ListGroup(group), &[code::GROUP])?;
        let group = GroupInfo::parse(reply.first());
        Ok(Subset { group, numbers: Listing::new(Lines::open(&mut self.dialogue), a_number) })
    }

    /// The article before the current one becomes that (section 6.1.3).
    ///
    /// # Errors
    /// [`Error::Refused`]: there is none.
    pub fn last(&mut self) -> Result<Found, Error> {
        self.found(&Command::Last)
    }

    /// The article behind the current one becomes that (section 6.1.4).
    ///
    /// # Errors
    /// [`Error::Refused`]: there is none.
    #[allow(clippy::should_implement_trait, reason = "the command's name")]
    pub fn next(&mut self) -> Result<Found, Error> {
        self.found(&Command::Next)
    }

    /// Whether there is such an article; one asked for by its number becomes the current one (section 6.2.4).
    ///
    /// # Errors
    /// [`Error::Refused`]: there is none.
    pub fn stat(&mut self, which: &Which) -> Result<Found, Error> {
        self.found(&Command::Stat(which.clone()))
    }

    fn found(&mut self, command: &Command) -> Result<Found, Error> {
        let reply = self.dialogue.run(command, &[code::FOUND])?;
        self.dialogue.meant(reply, Found::parse)
    }

    /// An article, to be read (section 6.2.1).
    ///
    /// # Errors
    /// [`Error::Refused`]: there is none.
    pub fn article(&mut self, which: &Which) -> Result<Article<'_>, Error> {
        self.get(&Command::Article(which.clone()), code::ARTICLE)
    }

    /// The header of an article (section 6.2.2).
    ///
    /// # Errors
    /// As [`Client::article`].
    pub fn head(&mut self, which: &Which) -> Result<Article<'_>, Error> {
        self.get(&Command::Head(which.clone()), code::HEAD)
    }

    /// The body of an article (section 6.2.3).
    ///
    /// # Errors
    /// As [`Client::article`].
    pub fn body(&mut self, which: &Which) -> Result<Article<'_>, Error> {
        self.get(&Command::Body(which.clone()), code::BODY)
    }

    fn get(&mut self, command: &Command, wanted: Code) -> Result<Article<'_>, Error> {
        let reply = self.dialogue.run(command, &[wanted])?;
        let found = self.dialogue.meant(reply, Found::parse)?;
        Ok(Article::new(found, &mut self.dialogue))
    }

    /// Articles one after the other, asked for ahead: as many as the window of [`Limits`](netkit_wire::Limits) has room for
    /// (section 3.5: every command but those that change the stream may be sent before the reply to the last one).
    pub fn retrieve(
        &mut self,
        part: Part,
        which: impl IntoIterator<Item = Which, IntoIter: 'static>,
    ) -> Retrieval<'_> {
        Retrieval::new(&mut self.dialogue, part, Box::new(which.into_iter()))
    }
}
