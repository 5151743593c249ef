//! What would be sent to a server that says yes to everything: nothing leaves.

use netkit_socket::Security;

use crate::command::Command;

/// The client's bytes of a whole session with these commands, for a person to read before anything is sent. A login is not
/// rehearsed: what it says depends on the server's offers and challenges. STLS stands there where the session must have it.
///
/// ```
/// use netkit_pop3::{Command, Security, rehearse};
/// let bytes = rehearse(Security::Implicit, &[Command::Stat]);
/// assert_eq!(bytes, b"CAPA\r\nCAPA\r\nSTAT\r\nQUIT\r\n");
/// ```
pub fn rehearse(security: Security, commands: &[Command]) -> Vec<u8> {
    let mut out = Vec::new();
    Command::Capa.encode(&mut out);
    if security == Security::Starttls {
        Command::Stls.encode(&mut out);
        Command::Capa.encode(&mut out);
    }
    // Behind the login, other things may be on offer.
    Command::Capa.encode(&mut out);
    commands.iter().for_each(|command| command.encode(&mut out));
    Command::Quit.encode(&mut out);
    out
}
