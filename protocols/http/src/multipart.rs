//! `multipart/form-data` (RFC 7578): fields and files in one body, whose length is known before it is sent.
//!
//! Names and file names are written as browsers write them (WHATWG HTML, "multipart/form-data encoding algorithm"): in
//! UTF-8, with `"`, CR and LF percent-encoded. RFC 7578 section 4.2 forbids the `filename*` of other protocols.
//! A file is read when the body goes out, and again when the body must be sent again.

use std::fs::File;
use std::io;

use crate::error::Invalid;
use crate::payload::Payload;

/// A form with files.
#[derive(Debug)]
pub struct Multipart {
    boundary: String,
    pieces: Vec<Payload>,
}

impl Multipart {
    /// A form without fields. `boundary` must not stand in any part: 24 random letters and digits do.
    ///
    /// # Errors
    /// [`Invalid::Boundary`] unless it is 1 to 70 letters, digits and `'()+_,-./:=?` (RFC 2046 section 5.1.1).
    pub fn new(boundary: impl Into<String>) -> Result<Multipart, Invalid> {
        let boundary = boundary.into();
        let plain = boundary.bytes().all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&b));
        if !plain || boundary.is_empty() || boundary.len() > 70 {
            return Err(Invalid::Boundary);
        }
        Ok(Multipart { boundary, pieces: Vec::new() })
    }

    /// Adds a field of text.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Multipart {
        self.open(name, None, None);
        self.bytes(value.as_bytes());
        self.bytes(b"\r\n");
        self
    }

    /// Adds a file from its present position to its end. The media type is `application/octet-stream` unless said.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] for a media type that breaks a line; what the system says when asked for the
    /// length of the file.
    pub fn file(
        mut self,
        name: &str,
        file_name: &str,
        media_type: Option<&str>,
        file: File,
    ) -> io::Result<Multipart> {
        let media_type = media_type.unwrap_or("application/octet-stream");
        if media_type.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a media type has no control characters",
            ));
        }
        let content = Payload::file(file)?;
        self.open(name, Some(file_name), Some(media_type));
        self.pieces.push(content);
        self.bytes(b"\r\n");
        Ok(self)
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> String {
        let token = netkit_wire::is_token(self.boundary.as_bytes());
        let quote = if token { "" } else { "\"" };
        format!("multipart/form-data; boundary={quote}{}{quote}", self.boundary)
    }

    /// The body.
    #[must_use]
    pub fn into_payload(mut self) -> Payload {
        let end = format!("--{}--\r\n", self.boundary);
        self.bytes(end.as_bytes());
        Payload::Parts(self.pieces)
    }

    fn open(&mut self, name: &str, file_name: Option<&str>, media_type: Option<&str>) {
        let mut head =
            format!("--{}\r\nContent-Disposition: form-data; name=\"{}\"", self.boundary, escaped(name));
        if let Some(file_name) = file_name {
            head += &format!("; filename=\"{}\"", escaped(file_name));
        }
        if let Some(media_type) = media_type {
            head += &format!("\r\nContent-Type: {media_type}");
        }
        head += "\r\n\r\n";
        self.bytes(head.as_bytes());
    }

    /// Appends to the last piece in memory, or begins one.
    fn bytes(&mut self, more: &[u8]) {
        match self.pieces.last_mut() {
            Some(Payload::Bytes(bytes)) => bytes.extend_from_slice(more),
            _ => self.pieces.push(Payload::Bytes(more.to_vec())),
        }
    }
}

/// What would end the quoted name; other control characters go as they are, but for NUL, which no header line holds.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A").replace('\0', "%00")
}
