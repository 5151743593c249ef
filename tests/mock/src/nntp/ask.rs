//! Overviews and fields (RFC 3977 section 8).

use std::sync::Arc;

use netkit_nntp::reply::code;
use netkit_nntp::{Row, Span, Which, wildmat};
use netkit_wire::{Code, Fault};

use super::session::Session;
use crate::world::NewsArticle;

type Found = Vec<(u64, Arc<NewsArticle>)>;

impl Session<'_> {
    /// The articles that are meant.
    fn span(&mut self, span: &Span) -> Result<Found, (Code, &'static str)> {
        let which = match span {
            Span::Current => Which::Current,
            Span::Id(id) => Which::Id(id.clone()),
            Span::Range(range) => {
                let world = Arc::clone(&self.server.world);
                let news = world.news();
                let group = self.group.as_deref().and_then(|name| news.group(name));
                let group = group.ok_or((code::NO_GROUP_SELECTED, "no group selected"))?;
                let last = range.last.unwrap_or(u64::MAX);
                let found: Found = if range.first <= last {
                    group.range(range.first, last).map(|(n, article)| (n, Arc::clone(article))).collect()
                } else {
                    Vec::new()
                };
                return if found.is_empty() {
                    Err((code::NO_NUMBER, "no articles in that range"))
                } else {
                    Ok(found)
                };
            }
        };
        self.find(&which).map(|found| vec![found])
    }

    pub(super) fn over(&mut self, span: &Span) -> Result<(), Fault> {
        let found = match self.span(span) {
            Ok(found) => found,
            Err((code, why)) => {
                self.refuse(code, why);
                return Ok(());
            }
        };
        self.say(code::OVERVIEW, "overview follows");
        for (number, article) in found {
            let text = |name: &str| article.field(name).unwrap_or_default();
            let (subject, from, date, references) =
                (text("Subject"), text("From"), text("Date"), text("References"));
            let xref = format!("Xref: {}", text("Xref"));
            Row {
                number,
                subject: subject.as_bytes(),
                from: from.as_bytes(),
                date: date.as_bytes(),
                id: article.id.as_bytes(),
                references: references.as_bytes(),
                bytes: Some(article.data.len() as u64),
                lines: Some(article.lines()),
                rest: xref.as_bytes(),
            }
            .encode(self.conn.outbox());
            if self.conn.outbox().len() > 64 << 10 {
                self.conn.flush()?;
            }
        }
        self.conn.outbox().extend_from_slice(b".\r\n");
        Ok(())
    }

    /// HDR and XHDR; XPAT with a pattern.
    pub(super) fn fields(&mut self, code: Code, field: &str, span: &Span, pattern: Option<&str>) {
        let found = match self.span(span) {
            Ok(found) => found,
            Err((code, why)) => return self.refuse(code, why),
        };
        let value = |article: &NewsArticle| match field.to_ascii_lowercase().as_str() {
            ":bytes" => article.data.len().to_string(),
            ":lines" => article.lines().to_string(),
            _ => article.field(field).unwrap_or_default(),
        };
        let rows = found.iter().map(|(number, article)| (number, value(article)));
        // Patterns after the first are others (RFC 2980 section 2.9).
        let fits =
            |value: &str| pattern.is_none_or(|all| all.split(' ').any(|one| wildmat::matches(one, value)));
        let rows: Vec<String> = rows
            .filter(|(_, value)| fits(value))
            .map(|(number, value)| format!("{number} {value}"))
            .collect();
        self.lines(code, "fields follow", rows);
    }
}
