//! Newsgroups and their articles.

mod article;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use netkit_nntp::wildmat;

pub use article::{NewsArticle, NewsError};

/// The most bytes all articles together may have.
const CAPACITY: usize = 256 << 20;
/// The most articles.
const ARTICLES: usize = 200_000;

/// All groups, and all articles by message id.
#[derive(Debug, Default)]
pub struct News {
    groups: BTreeMap<String, Newsgroup>,
    articles: HashMap<String, Arc<NewsArticle>>,
    bytes: usize,
}

/// One group: numbers and articles.
#[derive(Debug)]
pub struct Newsgroup {
    /// What it is about.
    pub description: String,
    /// When it was made.
    pub created: SystemTime,
    /// Whether only who has logged in may see it.
    pub private: bool,
    /// Whether posts are let in.
    pub open: bool,
    numbers: BTreeMap<u64, Arc<NewsArticle>>,
    high: u64,
}

impl Newsgroup {
    /// Lowest and highest number; the lowest is above the highest where there is nothing (RFC 3977 section 6.1.1.2).
    pub fn bounds(&self) -> (u64, u64) {
        (self.numbers.first_key_value().map_or(self.high + 1, |(low, _)| *low), self.high)
    }

    /// How many articles.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// An article by its number.
    pub fn get(&self, number: u64) -> Option<&Arc<NewsArticle>> {
        self.numbers.get(&number)
    }

    /// The articles from one number to another.
    pub fn range(&self, first: u64, last: u64) -> impl DoubleEndedIterator<Item = (u64, &Arc<NewsArticle>)> {
        let last = last.max(first);
        self.numbers.range(first..=last).map(|(number, article)| (*number, article))
    }
}

impl News {
    /// Makes a group, if there is none of this name.
    pub fn create(&mut self, name: &str, description: &str, private: bool, open: bool) {
        self.groups.entry(name.to_owned()).or_insert_with(|| Newsgroup {
            description: description.to_owned(),
            // The day the world began: NEWGROUPS needs one that stays the same.
            created: UNIX_EPOCH + std::time::Duration::from_secs(1_790_812_800),
            private,
            open,
            numbers: BTreeMap::new(),
            high: 0,
        });
    }

    /// A group.
    pub fn group(&self, name: &str) -> Option<&Newsgroup> {
        self.groups.get(name)
    }

    /// The groups that a pattern means, in the order of their names.
    pub fn groups<'n>(&'n self, pattern: Option<&'n str>) -> impl Iterator<Item = (&'n str, &'n Newsgroup)> {
        let all = self.groups.iter().map(|(name, group)| (name.as_str(), group));
        all.filter(move |(name, _)| pattern.is_none_or(|pattern| wildmat::matches(pattern, name)))
    }

    /// An article, wherever it is.
    pub fn article(&self, id: &str) -> Option<&Arc<NewsArticle>> {
        self.articles.get(id)
    }

    /// All articles that came at or after a time to a group that a pattern means.
    pub fn since(&self, pattern: &str, at: SystemTime) -> Vec<Arc<NewsArticle>> {
        let mut found: Vec<Arc<NewsArticle>> = Vec::new();
        for (_, group) in self.groups(Some(pattern)).filter(|(_, group)| !group.private) {
            found.extend(group.numbers.values().filter(|one| one.arrived >= at).cloned());
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.dedup_by(|a, b| a.id == b.id);
        found
    }

    /// Takes an article and files it in each of its groups that are here. `injected`: a poster's, which gets what is missing; `host`
    /// is who takes it.
    ///
    /// # Errors
    /// [`NewsError`].
    pub fn take(&mut self, data: &[u8], injected: bool, host: &str) -> Result<Arc<NewsArticle>, NewsError> {
        let draft = NewsArticle::read(data, injected, host)?;
        if self.articles.contains_key(&draft.id) {
            return Err(NewsError::Duplicate);
        }
        if self.bytes + draft.data.len() > CAPACITY || self.articles.len() >= ARTICLES {
            return Err(NewsError::Full);
        }
        let groups: Vec<String> =
            draft.groups.iter().filter(|name| self.groups.contains_key(*name)).cloned().collect();
        if groups.is_empty() {
            return Err(NewsError::NoGroup);
        }
        if injected && groups.iter().any(|name| self.group(name).is_some_and(|group| !group.open)) {
            return Err(NewsError::Closed);
        }
        let places: Vec<(String, u64)> = groups
            .iter()
            .map(|name| (name.clone(), self.groups.get(name).map_or(1, |group| group.high + 1)))
            .collect();
        let article = Arc::new(draft.filed(host, &places));
        for (name, number) in places {
            if let Some(group) = self.groups.get_mut(&name) {
                group.high = number;
                group.numbers.insert(number, Arc::clone(&article));
            }
        }
        self.bytes += article.data.len();
        self.articles.insert(article.id.clone(), Arc::clone(&article));
        Ok(article)
    }
}
