//! Groups and articles (RFC 3977 section 6).

use std::sync::Arc;

use netkit_nntp::reply::code;
use netkit_nntp::{Command, Found, GroupInfo, Which};
use netkit_wire::{Code, Fault, Stuffer, Text};

use super::session::Session;
use crate::world::{NewsArticle, Newsgroup};

impl Session<'_> {
    /// Whether this client may see a group.
    pub(super) fn sees(&self, group: &Newsgroup) -> bool {
        !group.private || self.state.logged_in
    }

    pub(super) fn read(&mut self, command: Command) -> Result<(), Fault> {
        match command {
            Command::Group(name) => self.select(name.as_str(), None),
            Command::ListGroup(None) => match self.group.clone() {
                Some(name) => self.select(&name, Some((1, u64::MAX))),
                None => self.refuse(code::NO_GROUP_SELECTED, "no group selected"),
            },
            Command::ListGroup(Some((name, range))) => {
                let range =
                    range.map_or((1, u64::MAX), |range| (range.first, range.last.unwrap_or(u64::MAX)));
                self.select(name.as_str(), Some(range));
            }
            Command::Last => self.step(false),
            Command::Next => self.step(true),
            Command::Article(which) => self.give(&which, code::ARTICLE, |article| &article.data)?,
            Command::Head(which) => self.give(&which, code::HEAD, NewsArticle::header)?,
            Command::Body(which) => self.give(&which, code::BODY, NewsArticle::body)?,
            Command::Stat(which) => match self.find(&which) {
                Ok((number, article)) => self.found(code::FOUND, number, &article),
                Err((code, why)) => self.refuse(code, why),
            },
            _ => self.refuse(code::UNKNOWN_COMMAND, "what?"),
        }
        Ok(())
    }

    /// GROUP, and LISTGROUP with the numbers of a range.
    fn select(&mut self, name: &str, listed: Option<(u64, u64)>) {
        let world = Arc::clone(&self.server.world);
        let news = world.news();
        let Some(group) = news.group(name) else {
            return self.refuse(code::NO_GROUP, "no such group");
        };
        if !self.sees(group) {
            return self.refuse(code::LOGIN_NEEDED, "log in first");
        }
        let (low, high) = group.bounds();
        let info = GroupInfo { count: group.len() as u64, low, high, name: Text::from(name) };
        self.group = Some(name.to_owned());
        self.current = (!group.is_empty()).then_some(low);
        match listed {
            None => self.say(code::GROUP, &info.encode()),
            Some((first, last)) => {
                let numbers: Vec<String> = if first <= last {
                    group.range(first, last).map(|(number, _)| number.to_string()).collect()
                } else {
                    Vec::new()
                };
                self.lines(code::GROUP, &info.encode(), numbers);
            }
        }
    }

    fn step(&mut self, forward: bool) {
        let world = Arc::clone(&self.server.world);
        let news = world.news();
        let Some(group) = self.group.as_deref().and_then(|name| news.group(name)) else {
            return self.refuse(code::NO_GROUP_SELECTED, "no group selected");
        };
        let Some(current) = self.current else {
            return self.refuse(code::NO_CURRENT, "no current article");
        };
        let next = if forward {
            group.range(current + 1, u64::MAX).next()
        } else {
            group.range(0, current.saturating_sub(1)).next_back().filter(|(number, _)| *number < current)
        };
        match next.map(|(number, article)| (number, Arc::clone(article))) {
            Some((number, article)) => {
                self.current = Some(number);
                self.found(code::FOUND, number, &article);
            }
            None if forward => self.refuse(code::NO_NEXT, "no next article"),
            None => self.refuse(code::NO_PREVIOUS, "no previous article"),
        }
    }

    /// The article that is meant, with its number; one asked for by number becomes the current one.
    pub(super) fn find(&mut self, which: &Which) -> Result<(u64, Arc<NewsArticle>), (Code, &'static str)> {
        let world = Arc::clone(&self.server.world);
        let news = world.news();
        if let Which::Id(id) = which {
            let article = news.article(id.as_str()).ok_or((code::NO_ID, "no such article"))?;
            let seen =
                article.groups.iter().filter_map(|name| news.group(name)).any(|group| self.sees(group));
            return if seen { Ok((0, Arc::clone(article))) } else { Err((code::NO_ID, "no such article")) };
        }
        let group = self.group.as_deref().and_then(|name| news.group(name));
        let group = group.ok_or((code::NO_GROUP_SELECTED, "no group selected"))?;
        let (number, missing) = match which {
            Which::Number(number) => (*number, (code::NO_NUMBER, "no article of that number")),
            _ => {
                let missing = (code::NO_CURRENT, "no current article");
                (self.current.ok_or(missing)?, missing)
            }
        };
        let article = Arc::clone(group.get(number).ok_or(missing)?);
        self.current = Some(number);
        Ok((number, article))
    }

    fn found(&mut self, code: Code, number: u64, article: &NewsArticle) {
        let found = Found { number, id: Text::from(article.id.as_str()) };
        self.say(code, &found.encode());
    }

    fn give(&mut self, which: &Which, code: Code, part: impl Fn(&NewsArticle) -> &[u8]) -> Result<(), Fault> {
        let (number, article) = match self.find(which) {
            Ok(found) => found,
            Err((code, why)) => {
                self.refuse(code, why);
                return Ok(());
            }
        };
        self.found(code, number, &article);
        let mut stuffer = Stuffer::default();
        for piece in part(&article).chunks(64 << 10) {
            stuffer.push(piece, self.conn.outbox());
            if self.conn.outbox().len() > 32 << 10 {
                self.conn.flush()?;
            }
        }
        stuffer.finish(self.conn.outbox());
        Ok(())
    }
}
