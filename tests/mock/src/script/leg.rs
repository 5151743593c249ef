//! One connection of a transcript: two byte streams and the order between them.

/// What happens on a connection when the transcript has nothing more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// The server closes.
    #[default]
    Close,
    /// The server says nothing more: the client's clock has to end it.
    Hang,
}

/// The two directions of one connection.
#[derive(Clone, Debug, Default)]
pub struct Leg {
    /// All that the client sends.
    pub client: Vec<u8>,
    /// All that the server sends.
    pub server: Vec<u8>,
    /// How it ends.
    pub end: End,
    /// Server bytes from this offset on need that many client bytes to have been written.
    releases: Vec<(usize, usize)>,
    /// Client bytes from this offset on need that many server bytes to have been read.
    barriers: Vec<(usize, usize)>,
    /// Offsets (client, server) at which TLS starts.
    pub tls: Vec<(usize, usize)>,
}

impl Leg {
    pub(crate) fn server_says(&mut self, bytes: &[u8]) {
        self.releases.push((self.server.len(), self.client.len()));
        self.server.extend_from_slice(bytes);
    }

    pub(crate) fn client_says(&mut self, bytes: &[u8]) {
        self.client.extend_from_slice(bytes);
    }

    pub(crate) fn sync(&mut self) {
        self.barriers.push((self.client.len(), self.server.len()));
    }

    pub(crate) fn starttls(&mut self) {
        self.tls.push((self.client.len(), self.server.len()));
        self.sync();
    }

    /// How many server bytes may be read when the client has written `written` bytes.
    pub fn released(&self, written: usize) -> usize {
        let held = self.releases.iter().find(|(_, needed)| *needed > written);
        held.map_or(self.server.len(), |(start, _)| *start)
    }

    /// How many client bytes may be written when the client has read `read` server bytes.
    pub fn allowed(&self, read: usize) -> usize {
        let closed = self.barriers.iter().find(|(_, needed)| *needed > read);
        closed.map_or(self.client.len(), |(start, _)| *start)
    }

    /// The client line at `offset`, for messages.
    pub fn client_line(&self, offset: usize) -> String {
        let rest = self.client.get(offset..).unwrap_or_default();
        let line = rest.split_inclusive(|b| *b == b'\n').next().unwrap_or_default();
        netkit_wire::escape(line).into_owned()
    }
}
