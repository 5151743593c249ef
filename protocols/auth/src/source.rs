//! Where a login comes from: the options, the environment, a command, a file; the rules in one place.
//!
//! The order, first found wins: the password written with `-u user:password` or in the URL, `--password-command`,
//! `.netrc`, the environment variable; failing all of these the caller asks on a terminal. A token is taken beside a
//! password, from the option that gives it. What was asked for and failed is an error: a command that prints nothing
//! does not fall through to the next source, and never becomes an empty password.

use std::ffi::OsString;
use std::io::Read as _;
use std::process::{Command, ExitStatus, Stdio};
use std::str::FromStr;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::netrc::Netrc;
use crate::{CredentialError, Credentials, Secret, UserName};

/// The most a password command may print, in bytes; what follows its first line is read and dropped.
pub const MAX_COMMAND_OUTPUT: usize = 64 * 1024;

/// Which source gave the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The option `-u user:password`.
    Argument,
    /// The URL's user information.
    Url,
    /// The output of a command.
    Command,
    /// A `.netrc` file.
    Netrc,
    /// An environment variable.
    Environment,
}

/// Why a source that was asked did not answer. No variant holds a secret.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The name cannot be a user name.
    #[error(transparent)]
    User(#[from] CredentialError),
    /// The password command could not be started or read.
    #[error("the password command could not be run")]
    CommandIo(#[source] std::io::Error),
    /// The password command failed.
    #[error("the password command failed: {0}")]
    CommandFailed(ExitStatus),
    /// The password command succeeded and its first line is empty.
    #[error("the password command printed no password")]
    CommandSilent,
    /// The password command printed more than [`MAX_COMMAND_OUTPUT`].
    #[error("the password command printed more than {MAX_COMMAND_OUTPUT} bytes")]
    CommandTooLong,
    /// The environment variable is set, and empty.
    #[error("the password in the environment is empty")]
    EnvironmentEmpty,
    /// The environment variable is not Unicode, on a system whose environment is.
    #[error("the password in the environment is not text")]
    EnvironmentNotText,
}

/// `user` or `user:password`, as `-u` takes it: the first colon ends the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserArgument {
    /// The name.
    pub user: UserName,
    /// The password, when there was a colon. It may be empty: that was written, not failed.
    pub password: Option<Secret>,
}

impl FromStr for UserArgument {
    type Err = CredentialError;

    fn from_str(text: &str) -> Result<Self, CredentialError> {
        let (user, password) = match text.split_once(':') {
            Some((user, password)) => (user, Some(Secret::from(password))),
            None => (text, None),
        };
        Ok(Self { user: UserName::new(user)?, password })
    }
}

/// Runs `command` by `sh -c` and gives the first line it prints, without its line end.
///
/// Its stdin is empty, so that it cannot eat what was meant for us; its stderr is ours, so that it can explain itself.
///
/// # Errors
/// The `Command` variants of [`SourceError`]. Never an empty secret.
pub fn password_command(command: &str) -> Result<Secret, SourceError> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(SourceError::CommandIo)?;
    // One byte more than is allowed tells too much from just enough; no growth, so no stray copies.
    let mut output = Zeroizing::new(Vec::with_capacity(MAX_COMMAND_OUTPUT + 64));
    let reading = match child.stdout.take() {
        Some(stdout) => stdout.take(MAX_COMMAND_OUTPUT as u64 + 1).read_to_end(&mut output),
        None => Ok(0),
    };
    if reading.is_err() || output.len() > MAX_COMMAND_OUTPUT {
        // It may have ended meanwhile, and then there is nothing to kill.
        let _ = child.kill();
    }
    let status = child.wait().map_err(SourceError::CommandIo)?;
    reading.map_err(SourceError::CommandIo)?;
    if output.len() > MAX_COMMAND_OUTPUT {
        return Err(SourceError::CommandTooLong);
    }
    if !status.success() {
        return Err(SourceError::CommandFailed(status));
    }
    let line = output.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() { Err(SourceError::CommandSilent) } else { Ok(Secret::from(line)) }
}

/// The value of an environment variable: `None` when it is not set.
///
/// # Errors
/// [`SourceError::EnvironmentEmpty`], [`SourceError::EnvironmentNotText`].
pub fn environment(value: Option<OsString>) -> Result<Option<Secret>, SourceError> {
    let Some(value) = value else { return Ok(None) };
    let secret = from_os(value)?;
    if secret.is_empty() { Err(SourceError::EnvironmentEmpty) } else { Ok(Some(secret)) }
}

#[cfg(unix)]
fn from_os(value: OsString) -> Result<Secret, SourceError> {
    use std::os::unix::ffi::OsStringExt as _;
    Ok(Secret::from(value.into_vec()))
}

#[cfg(not(unix))]
fn from_os(value: OsString) -> Result<Secret, SourceError> {
    value.into_string().map(Secret::from).map_err(|_| SourceError::EnvironmentNotText)
}

/// Everything a command line gives that may hold a login. What is absent is `None`.
#[derive(Debug, Clone, Default)]
pub struct Sources<'a> {
    /// `-u user[:password]`. Its name goes before the URL's.
    pub argument: Option<UserArgument>,
    /// The URL's user information, percent-decoded.
    pub url: Option<UserArgument>,
    /// `--token`.
    pub token: Option<Secret>,
    /// `--token-command`: asked where `token` is none.
    pub token_command: Option<&'a str>,
    /// Whether the mechanism asked for by name needs no secret (EXTERNAL, ANONYMOUS): nobody is asked for one then.
    pub no_secret: bool,
    /// `--password-command`.
    pub password_command: Option<&'a str>,
    /// The `.netrc`, when one is to be read.
    pub netrc: Option<&'a Netrc>,
    /// The environment variable, unread.
    pub environment: Option<OsString>,
}

/// What the sources have for one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A login that can be used, and where its password came from (`None`: it has a token only).
    Login(Credentials, Option<Source>),
    /// A user without a password: ask for it, if there is a terminal.
    AskPassword(UserName),
    /// Nobody: no login was asked for.
    Nobody,
}

impl Sources<'_> {
    /// Looks in order. The command is run only when nothing before it has a password.
    ///
    /// `.netrc` can name the user too. Where nothing does, a password command and the environment variable are left
    /// alone: they say nothing about who logs in, or that anybody should.
    ///
    /// # Errors
    /// [`SourceError`], from the source that was asked.
    pub fn find(mut self, host: &str) -> Result<Found, SourceError> {
        if let (None, Some(command)) = (&self.token, self.token_command) {
            self.token = Some(password_command(command)?);
        }
        if self.no_secret {
            let user = self.argument.or(self.url).map(|written| written.user).unwrap_or_default();
            return Ok(Found::Login(Credentials { user, ..Credentials::default() }, None));
        }
        let (written, from) = match (self.argument, self.url) {
            // A URL that names the same user may still bring the password.
            (Some(argument), Some(url)) if argument.password.is_none() && argument.user == url.user => {
                (Some(url), Source::Url)
            }
            (Some(argument), _) => (Some(argument), Source::Argument),
            (None, url) => (url, Source::Url),
        };
        let entry = |user: Option<&str>| self.netrc.and_then(|netrc| netrc.lookup(host, user));
        let (user, written) = match written {
            Some(written) => (written.user, written.password),
            None => match entry(None) {
                Some(entry) => (entry.login.clone().unwrap_or_default(), None),
                None if self.token.is_some() => (UserName::default(), None),
                None => return Ok(Found::Nobody),
            },
        };
        let password = if let Some(password) = written {
            Some((password, from))
        } else if self.token.is_some() {
            // Proof enough: no other source is asked for a password.
            None
        } else if let Some(command) = self.password_command {
            Some((password_command(command)?, Source::Command))
        } else {
            let login = (!user.is_empty()).then_some(user.as_str());
            match entry(login).and_then(|entry| entry.password.clone()) {
                Some(password) => Some((password, Source::Netrc)),
                None => environment(self.environment)?.map(|password| (password, Source::Environment)),
            }
        };
        let (password, source) = password.unzip();
        if password.is_none() && self.token.is_none() {
            return Ok(Found::AskPassword(user));
        }
        Ok(Found::Login(Credentials { user, password, token: self.token, authzid: None }, source))
    }
}
