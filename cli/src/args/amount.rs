//! Numbers of bytes: `500K`, `1M`.

/// A number above 0; K, M and G count by 1024.
pub fn parse(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.trim_end_matches(['B', 'b']) {
        text if text.ends_with(['k', 'K']) => (text, 10),
        text if text.ends_with(['m', 'M']) => (text, 20),
        text if text.ends_with(['g', 'G']) => (text, 30),
        text => (text, 0),
    };
    let number = digits.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u64>().ok();
    let bytes = number.and_then(|n| n.checked_mul(1 << shift)).filter(|n| *n > 0);
    bytes.ok_or_else(|| "a number of bytes, such as 500K or 1M, more than nothing".to_owned())
}
