//! Which bytes of a file are there, and which are missing.

/// From a position up to another, which is not included.
pub type Span = (u64, u64);

/// Sorted, without overlaps, empty ones left out.
pub fn tidy(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    let mut tidy: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match tidy.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => tidy.push((from, to)),
        }
    }
    tidy
}

/// What of `0..size` is in none of them.
pub fn missing(done: &[Span], size: u64) -> Vec<Span> {
    let mut gaps = Vec::new();
    let mut at = 0;
    for (from, to) in tidy(done.to_vec()) {
        gaps.push((at, from.min(size)));
        at = to;
    }
    gaps.push((at, size));
    gaps.retain(|(from, to)| from < to);
    gaps
}

/// The same bytes in about `count` spans of equal length, none much shorter than `least`.
pub fn cut(spans: &[Span], count: u64, least: u64) -> Vec<Span> {
    let total: u64 = spans.iter().map(|(from, to)| to - from).sum();
    let length = total.div_ceil(count.max(1)).max(least).max(1);
    let mut pieces = Vec::new();
    for (from, to) in spans {
        let count = (to - from).div_ceil(length);
        let each = (to - from).div_ceil(count.max(1)).max(1);
        let mut at = *from;
        while at < *to {
            pieces.push((at, to.min(&at.saturating_add(each)).to_owned()));
            at = at.saturating_add(each);
        }
    }
    pieces
}

/// How many bytes they are together.
pub fn total(spans: &[Span]) -> u64 {
    spans.iter().map(|(from, to)| to - from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_lie_between_what_is_there() {
        assert_eq!(missing(&[], 10), [(0, 10)]);
        assert_eq!(missing(&[(5, 8), (0, 2), (1, 3)], 10), [(3, 5), (8, 10)]);
        assert_eq!(missing(&[(0, 10)], 10), []);
        assert_eq!(missing(&[(0, 99)], 10), []);
        assert_eq!(missing(&[], 0), []);
    }

    #[test]
    fn pieces_are_of_one_length_and_lose_nothing() {
        assert_eq!(cut(&[(0, 10)], 3, 1), [(0, 4), (4, 8), (8, 10)]);
        assert_eq!(cut(&[(0, 10)], 3, 100), [(0, 10)]);
        assert_eq!(cut(&[(0, 4), (6, 10)], 2, 1), [(0, 4), (6, 10)]);
        for count in 1..9 {
            let pieces = cut(&[(3, 50), (60, 61)], count, 4);
            assert_eq!(tidy(pieces), [(3, 50), (60, 61)]);
        }
    }
}
