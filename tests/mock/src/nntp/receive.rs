//! Articles that come in: POST, IHAVE, CHECK and TAKETHIS (RFC 3977 section 6.3, RFC 4644).

use std::io::Read;

use netkit_nntp::MessageId;
use netkit_nntp::reply::code;
use netkit_wire::{Fault, Phase};

use super::ARTICLE;
use super::session::Session;
use crate::world::{NEWS_HOST, NewsError};

impl Session<'_> {
    /// The article that follows; none when it is too large, which was read to its end.
    fn receive(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        self.conn.flush()?;
        let mut data = Vec::new();
        let mut body = self.conn.dot_body();
        let most = ARTICLE as u64 + 1;
        let read = Read::take(&mut body, most).read_to_end(&mut data);
        read.map_err(|why| Fault::from_io(why, Phase::Receiving))?;
        if data.len() > ARTICLE {
            std::io::copy(&mut body, &mut std::io::sink())
                .map_err(|why| Fault::from_io(why, Phase::Receiving))?;
            return Ok(None);
        }
        Ok(Some(data))
    }

    fn take(&mut self, injected: bool, id: Option<&MessageId>) -> Result<Result<String, NewsError>, Fault> {
        let Some(data) = self.receive()? else { return Ok(Err(NewsError::Full)) };
        let taken = self.server.world.news().take(&data, injected, NEWS_HOST);
        Ok(match (taken, id) {
            (Ok(article), Some(id)) if article.id != id.as_str() => Err(NewsError::Broken),
            (Ok(article), _) => Ok(article.id.clone()),
            (Err(why), _) => Err(why),
        })
    }

    pub(super) fn post(&mut self) -> Result<(), Fault> {
        if !self.offers().has("POST") {
            self.refuse(code::NO_POSTING, "no posts are let in");
            return Ok(());
        }
        self.say(code::SEND_POST, "send it; end with a lone dot");
        match self.take(true, None)? {
            Ok(id) => self.say(code::POSTED, &format!("posted as {id}")),
            Err(why) => self.refuse(code::POST_FAILED, &why.to_string()),
        }
        Ok(())
    }

    pub(super) fn ihave(&mut self, id: &MessageId) -> Result<(), Fault> {
        if self.server.world.news().article(id.as_str()).is_some() {
            self.refuse(code::NOT_WANTED, "it is here");
            return Ok(());
        }
        self.say(code::SEND_TRANSFER, "send it; end with a lone dot");
        match self.take(false, Some(id))? {
            Ok(_) => self.say(code::TRANSFERRED, "thank you"),
            Err(NewsError::Full) => self.refuse(code::TRY_LATER, "no room"),
            Err(why) => self.refuse(code::REJECTED, &why.to_string()),
        }
        Ok(())
    }

    pub(super) fn check(&mut self, id: &MessageId) {
        if self.server.world.news().article(id.as_str()).is_some() {
            self.say(code::CHECK_REFUSED, id.as_str());
        } else {
            self.say(code::WANTED, id.as_str());
        }
    }

    pub(super) fn takethis(&mut self, id: &MessageId) -> Result<(), Fault> {
        match self.take(false, Some(id))? {
            Ok(_) => self.say(code::TAKEN, id.as_str()),
            Err(why) => self.refuse(code::TAKE_REJECTED, &format!("{id} {why}")),
        }
        Ok(())
    }
}
