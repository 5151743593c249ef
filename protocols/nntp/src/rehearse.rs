//! What would be sent to a server that says yes to everything: nothing leaves.

use netkit_socket::Security;

use crate::command::Command;

/// The client's bytes of a whole session with these commands, for a person to read before anything is sent. A login is not
/// rehearsed: what it says depends on the server's offers and challenges. STARTTLS stands there where the session must have it.
///
/// ```
/// use netkit_nntp::{Command, Security, rehearse};
/// let bytes = rehearse(Security::Implicit, &[Command::Date]);
/// assert_eq!(bytes, b"CAPABILITIES\r\nDATE\r\nQUIT\r\n");
/// ```
pub fn rehearse(security: Security, commands: &[Command]) -> Vec<u8> {
    let mut out = Vec::new();
    Command::Capabilities.encode(&mut out);
    if security == Security::Starttls {
        Command::StartTls.encode(&mut out);
        Command::Capabilities.encode(&mut out);
    }
    commands.iter().for_each(|command| command.encode(&mut out));
    Command::Quit.encode(&mut out);
    out
}
