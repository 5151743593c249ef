//! Listening in: what `-v` and `--trace` are made of.

/// Is told every byte of a conversation, above TLS, in the order in which they crossed.
///
/// Secrets never arrive here: what was queued by `Conn::queue_secret` is replaced by `***`.
pub trait Tap: Send {
    /// Bytes that were sent.
    fn sent(&mut self, bytes: &[u8]);
    /// Bytes that came.
    fn received(&mut self, bytes: &[u8]);
    /// Something that happened without a byte: a change to TLS, an end of connection.
    fn note(&mut self, what: &str);
}
