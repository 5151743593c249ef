//! The reply codes by name: RFC 5321 section 4.2.3, RFC 4954 section 6, RFC 3207 section 4.

use netkit_wire::Code;

/// Three digits known to be a code; anything else does not compile.
const fn known(digits: u16) -> Code {
    match Code::new(digits) {
        Some(code) => code,
        None => unreachable!(),
    }
}

/// 214: help.
pub const HELP: Code = known(214);
/// 220: the service is ready; after STARTTLS, for the handshake.
pub const READY: Code = known(220);
/// 221: the service closes the connection.
pub const CLOSING: Code = known(221);
/// 235: the login succeeded.
pub const AUTHENTICATED: Code = known(235);
/// 250: done.
pub const OK: Code = known(250);
/// 252: cannot verify, but will try.
pub const CANNOT_VERIFY: Code = known(252);
/// 334: a challenge of the login.
pub const CHALLENGE: Code = known(334);
/// 354: the message may come.
pub const START_INPUT: Code = known(354);
/// 421: the service is not available and closes the connection. May answer any command.
pub const UNAVAILABLE: Code = known(421);
/// 450: the mailbox is not available now.
pub const MAILBOX_BUSY: Code = known(450);
/// 452: too little storage, or too many recipients (RFC 5321 section 4.5.3.1.10).
pub const INSUFFICIENT_STORAGE: Code = known(452);
/// 454: the login or TLS is not available now.
pub const TEMPORARY_AUTH_FAILURE: Code = known(454);
/// 500: the command is not recognised, or too long.
pub const SYNTAX: Code = known(500);
/// 501: an argument is wrong.
pub const ARGUMENT: Code = known(501);
/// 502: the command is not implemented.
pub const NOT_IMPLEMENTED: Code = known(502);
/// 503: this command cannot come now.
pub const BAD_SEQUENCE: Code = known(503);
/// 504: this parameter is not implemented.
pub const PARAMETER: Code = known(504);
/// 530: a login is needed.
pub const AUTHENTICATION_REQUIRED: Code = known(530);
/// 535: the credentials are wrong.
pub const BAD_CREDENTIALS: Code = known(535);
/// 538: this mechanism needs TLS.
pub const ENCRYPTION_REQUIRED: Code = known(538);
/// 550: no such mailbox, or not for this client.
pub const MAILBOX_UNAVAILABLE: Code = known(550);
/// 552: the message is too large.
pub const TOO_LARGE: Code = known(552);
/// 554: the transaction failed; as a greeting, no service here.
pub const FAILED: Code = known(554);
/// 555: a parameter of MAIL or RCPT is not known.
pub const UNKNOWN_PARAMETER: Code = known(555);
