//! ENVELOPE: the header of a message, taken apart by the server (RFC 9051 section 7.5.2).

use std::borrow::Cow;

use super::cursor::Cursor;

type Text<'f> = Option<Cow<'f, [u8]>>;

/// The parsed header. Every text is as it stood in the header: encoded words are still encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope<'f> {
    /// The Date field.
    pub date: Text<'f>,
    /// The Subject field.
    pub subject: Text<'f>,
    /// Who wrote it.
    pub from: Vec<Address<'f>>,
    /// Who sent it.
    pub sender: Vec<Address<'f>>,
    /// Who gets the answers.
    pub reply_to: Vec<Address<'f>>,
    /// Who it is for.
    pub to: Vec<Address<'f>>,
    /// Who gets a copy.
    pub cc: Vec<Address<'f>>,
    /// Who gets a copy unseen.
    pub bcc: Vec<Address<'f>>,
    /// What it answers.
    pub in_reply_to: Text<'f>,
    /// Its Message-ID.
    pub message_id: Text<'f>,
}

/// An address, or the beginning or end of a group, which has no host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address<'f> {
    /// The name shown.
    pub name: Text<'f>,
    /// The source route, obsolete.
    pub route: Text<'f>,
    /// What stands before the `@`; a group's name where there is no host.
    pub mailbox: Text<'f>,
    /// What stands behind it.
    pub host: Text<'f>,
}

impl<'f> Envelope<'f> {
    /// ```text
    /// envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP
    ///            env-in-reply-to SP env-message-id ")"
    /// ```
    pub(super) fn parse(cursor: &mut Cursor<'f>) -> Option<Envelope<'f>> {
        cursor.expect(b'(')?;
        let mut envelope = Envelope { date: cursor.nstring()?, ..Envelope::default() };
        cursor.space()?;
        envelope.subject = cursor.nstring()?;
        for list in [
            &mut envelope.from,
            &mut envelope.sender,
            &mut envelope.reply_to,
            &mut envelope.to,
            &mut envelope.cc,
            &mut envelope.bcc,
        ] {
            cursor.space()?;
            *list = addresses(cursor)?;
        }
        cursor.space()?;
        envelope.in_reply_to = cursor.nstring()?;
        cursor.space()?;
        envelope.message_id = cursor.nstring()?;
        cursor.expect(b')')?;
        Some(envelope)
    }

    /// Reads an envelope by itself.
    pub fn read(bytes: &'f [u8]) -> Option<Envelope<'f>> {
        Envelope::parse(&mut Cursor::new(bytes))
    }
}

/// `"(" 1*address ")" / nil`
fn addresses<'f>(cursor: &mut Cursor<'f>) -> Option<Vec<Address<'f>>> {
    if cursor.nil() {
        return Some(Vec::new());
    }
    cursor.expect(b'(')?;
    let mut all = Vec::with_capacity(1);
    while !cursor.take(b')') {
        // Some servers part them by spaces.
        while cursor.take(b' ') {}
        cursor.expect(b'(')?;
        let name = cursor.nstring()?;
        cursor.space()?;
        let route = cursor.nstring()?;
        cursor.space()?;
        let mailbox = cursor.nstring()?;
        cursor.space()?;
        let host = cursor.nstring()?;
        cursor.expect(b')')?;
        all.push(Address { name, route, mailbox, host });
    }
    Some(all)
}
