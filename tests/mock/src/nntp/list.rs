//! LIST, and what is new (RFC 3977 section 7, RFC 6048).

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mail_parser::DateTime;
use netkit_nntp::command::List;
use netkit_nntp::listing::{Active, Status};
use netkit_nntp::reply::code;
use netkit_nntp::{Format, Stamp};
use netkit_wire::Text;

use super::session::Session;
use crate::world::Newsgroup;

impl Session<'_> {
    pub(super) fn list(&mut self, list: &List) {
        let world = Arc::clone(&self.server.world);
        let news = world.news();
        let pattern = match list {
            List::Active(one) | List::ActiveTimes(one) | List::Counts(one) | List::Newsgroups(one) => {
                one.as_ref()
            }
            List::Subscriptions(one) => one.as_ref(),
            _ => None,
        };
        let pattern = pattern.map(|pattern| pattern.as_str());
        let groups = || news.groups(pattern).filter(|(_, group)| self.sees(group));
        let lines: Vec<String> = match list {
            List::Active(_) => groups().map(|(name, group)| active(name, group, false).to_string()).collect(),
            List::Counts(_) => groups().map(|(name, group)| active(name, group, true).to_string()).collect(),
            List::ActiveTimes(_) => groups()
                .map(|(name, group)| format!("{name} {} <news@netkit.example>", seconds(group.created)))
                .collect(),
            List::Newsgroups(_) => {
                groups().map(|(name, group)| format!("{name}\t{}", group.description)).collect()
            }
            List::Subscriptions(_) => {
                groups().map(|(name, _)| name.to_owned()).filter(|name| name.ends_with(".test")).collect()
            }
            List::DistribPats => vec!["10:netkit.*:world".to_owned()],
            List::Distributions => vec!["world\tEverywhere".to_owned()],
            List::Headers(_) => vec![":".to_owned(), ":bytes".to_owned(), ":lines".to_owned()],
            List::Moderators => vec!["*:%s@moderators.netkit.example".to_owned()],
            List::Motd => vec!["This is a mock server: it forgets everything when it ends.".to_owned()],
            List::OverviewFmt => {
                let format = Format::default();
                format.names().iter().cloned().chain(["Xref:full".to_owned()]).collect()
            }
            _ => {
                drop(news);
                return self.refuse(code::NOT_SUPPORTED, "there is no such list");
            }
        };
        drop(news);
        self.lines(code::LIST, "list follows", lines);
    }

    pub(super) fn new_groups(&mut self, since: &Stamp) {
        let world = Arc::clone(&self.server.world);
        let news = world.news();
        let since = time(since);
        let new = news.groups(None).filter(|(_, group)| self.sees(group) && group.created >= since);
        let lines: Vec<String> = new.map(|(name, group)| active(name, group, false).to_string()).collect();
        drop(news);
        self.lines(code::NEW_GROUPS, "new groups follow", lines);
    }

    pub(super) fn new_news(&mut self, groups: &str, since: &Stamp) {
        let found = self.server.world.news().since(groups, time(since));
        let lines: Vec<String> = found.iter().map(|article| article.id.clone()).collect();
        self.lines(code::NEW_ARTICLES, "new articles follow", lines);
    }
}

fn active(name: &str, group: &Newsgroup, counted: bool) -> Active {
    let (low, high) = group.bounds();
    let status = if group.open { Status::Open } else { Status::Closed };
    Active { name: Text::from(name), high, low, count: counted.then_some(group.len() as u64), status }
}

fn seconds(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// `yyyymmddhhmmss`, in UTC.
pub(super) fn stamp(at: SystemTime) -> String {
    let DateTime { year, month, day, hour, minute, second, .. } = DateTime::from_timestamp(seconds(at));
    Stamp { year, month, day, hour, minute, second }.to_string()
}

fn time(stamp: &Stamp) -> SystemTime {
    let Stamp { year, month, day, hour, minute, second } = *stamp;
    let civil =
        DateTime { year, month, day, hour, minute, second, tz_before_gmt: false, tz_hour: 0, tz_minute: 0 };
    UNIX_EPOCH + Duration::from_secs(u64::try_from(civil.to_timestamp()).unwrap_or(0))
}
