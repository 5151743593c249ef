//! Conversations: which article answers which, by `References` (RFC 5256, the REFERENCES algorithm up to its step 4; articles are
//! not gathered by subject, which in news joins what does not belong together).

use std::collections::HashMap;

/// An article, as far as its place in a conversation goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its message id.
    pub id: Vec<u8>,
    /// The ids that it refers to, the oldest first.
    pub references: Vec<Vec<u8>>,
    /// What siblings and conversations are put in order by: seconds since 1970, or the article's number.
    pub date: i64,
}

/// Message ids in a header field: what stands between angle brackets.
pub fn ids(field: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut rest = field;
    while let Some(start) = memchr::memchr(b'<', rest) {
        let after = rest.get(start..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'>', after) else { break };
        all.push(after.get(..=end).unwrap_or_default().to_vec());
        rest = after.get(end + 1..).unwrap_or_default();
    }
    all
}

/// One line of a thread view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How many articles stand above it in its conversation.
    pub depth: usize,
    /// Which item; none for an article that others refer to and that is not there.
    pub item: Option<usize>,
}

#[derive(Default)]
struct Node {
    item: Option<usize>,
    parent: Option<usize>,
    /// Whether anything was linked below it.
    has_children: bool,
    children: Vec<usize>,
}

/// How far up a circle is looked for. What stands deeper and would be linked to something that has answers of its own stays where
/// it is: a sender must not be able to make this slow.
const CLIMB: usize = 1_000;

struct Forest<'i> {
    nodes: Vec<Node>,
    by_id: HashMap<&'i [u8], usize>,
}

impl<'i> Forest<'i> {
    fn named(&mut self, id: &'i [u8]) -> usize {
        let next = self.nodes.len();
        let at = *self.by_id.entry(id).or_insert(next);
        if at == next {
            self.nodes.push(Node::default());
        }
        at
    }

    /// Whether `above` is `below` or may stand over it.
    fn is_over(&self, above: usize, below: usize) -> bool {
        if above == below {
            return true;
        }
        if !self.nodes.get(above).is_some_and(|node| node.has_children) {
            return false;
        }
        let mut at = Some(below);
        for _ in 0..CLIMB {
            match at {
                None => return false,
                Some(one) if one == above => return true,
                Some(one) => at = self.nodes.get(one).and_then(|node| node.parent),
            }
        }
        true
    }

    fn link(&mut self, parent: usize, child: usize) {
        if let Some(node) = self.nodes.get_mut(child) {
            node.parent = Some(parent);
        }
        if let Some(node) = self.nodes.get_mut(parent) {
            node.has_children = true;
        }
    }
}

/// The articles in the order of a thread view: conversations by their first date, answers below what they answer.
pub fn threads(items: &[Item]) -> Vec<Place> {
    let mut forest = Forest { nodes: Vec::new(), by_id: HashMap::new() };
    for (index, item) in items.iter().enumerate() {
        let at = forest.named(&item.id);
        let taken = forest.nodes.get(at).is_some_and(|node| node.item.is_some());
        if taken {
            // Two articles of one id: the second stands for itself.
            forest.nodes.push(Node { item: Some(index), ..Node::default() });
            continue;
        }
        if let Some(node) = forest.nodes.get_mut(at) {
            node.item = Some(index);
        }
        // Older references first; a link that is known already stays (RFC 5256, step 1 A).
        let mut above: Option<usize> = None;
        for reference in item.references.iter().rev().take(1000).rev() {
            let one = forest.named(reference);
            if let Some(above) = above
                && forest.nodes.get(one).is_some_and(|node| node.parent.is_none())
                && !forest.is_over(one, above)
            {
                forest.link(above, one);
            }
            above = Some(one);
        }
        // The last reference is the parent, whatever others guessed (step 1 B).
        if let Some(above) = above
            && !forest.is_over(at, above)
        {
            forest.link(above, at);
        }
    }
    lay_out(forest.nodes, items)
}

fn lay_out(mut nodes: Vec<Node>, items: &[Item]) -> Vec<Place> {
    let mut roots = Vec::new();
    for at in 0..nodes.len() {
        match nodes.get(at).and_then(|node| node.parent) {
            Some(parent) => {
                if let Some(node) = nodes.get_mut(parent) {
                    node.children.push(at);
                }
            }
            None => roots.push(at),
        }
    }
    let dates = first_dates(&nodes, items, &roots);
    let date = |at: &usize| dates.get(*at).copied().unwrap_or(i64::MAX);
    roots.sort_by_key(date);
    let mut places = Vec::new();
    // A stack, and no recursion: a conversation may be as deep as its sender likes.
    let mut stack: Vec<(usize, usize)> = roots.into_iter().rev().map(|at| (at, 0)).collect();
    while let Some((at, depth)) = stack.pop() {
        let Some(node) = nodes.get(at) else { continue };
        let mut children = node.children.clone();
        children.retain(|child| date(child) != i64::MAX);
        children.sort_by_key(date);
        // What is not there is shown only where it holds several answers together (step 3).
        let shown = node.item.is_some() || (depth == 0 && children.len() > 1);
        if shown {
            places.push(Place { depth, item: node.item });
        }
        let below = if shown { depth + 1 } else { depth };
        stack.extend(children.into_iter().rev().map(|child| (child, below)));
    }
    places
}

/// For each node the date it is put in order by: its own, or where it is not there the first below it; the end of time where
/// nothing is.
fn first_dates(nodes: &[Node], items: &[Item], roots: &[usize]) -> Vec<i64> {
    let mut order = Vec::with_capacity(nodes.len());
    let mut stack = roots.to_vec();
    while let Some(at) = stack.pop() {
        order.push(at);
        stack.extend(nodes.get(at).map(|node| node.children.as_slice()).unwrap_or_default());
    }
    let mut dates = vec![i64::MAX; nodes.len()];
    for at in order.into_iter().rev() {
        let Some(node) = nodes.get(at) else { continue };
        let own = node.item.and_then(|index| items.get(index)).map(|item| item.date);
        let below = node.children.iter().filter_map(|child| dates.get(*child)).min().copied();
        if let Some(date) = dates.get_mut(at) {
            *date = own.or(below).unwrap_or(i64::MAX);
        }
    }
    dates
}
