//! Where a login comes from: the order, and that a source that failed never becomes an empty password.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::ffi::OsString;

use netkit_auth::netrc::Netrc;
use netkit_auth::source::{
    Found, MAX_COMMAND_OUTPUT, Source, SourceError, Sources, UserArgument, environment, password_command,
};
use netkit_auth::{CredentialError, Credentials, Secret, UserName};

fn argument(text: &str) -> Option<UserArgument> {
    Some(text.parse().unwrap())
}

fn login(user: &str, password: &str, source: Source) -> Found {
    Found::Login(Credentials::password(user, password).unwrap(), Some(source))
}

#[test]
fn the_first_colon_ends_the_name() {
    let ana = argument("ana:a:b").unwrap();
    assert_eq!((ana.user.as_str(), ana.password), ("ana", Some(Secret::from("a:b"))));
    assert_eq!(argument("ana").unwrap().password, None);
    assert_eq!(argument("ana:").unwrap().password, Some(Secret::default()));
    assert_eq!("a\nb:c".parse::<UserArgument>(), Err(CredentialError::ControlInUser { at: 1 }));
    assert!(!format!("{:?}", argument("ana:hunter2")).contains("hunter2"));
}

#[cfg(unix)]
#[test]
fn a_commands_first_line() {
    let run = |command: &str| password_command(command).unwrap();
    assert_eq!(run("echo hunter2; echo user: ana"), Secret::from("hunter2"));
    assert_eq!(run("printf 'hunter2\\r\\n'"), Secret::from("hunter2"));
    assert_eq!(run("printf ' a b '"), Secret::from(" a b "));
    assert_eq!(run("cat; echo no input was waited for"), Secret::from("no input was waited for"));
}

#[cfg(unix)]
#[test]
fn a_command_that_fails_or_is_silent_is_an_error() {
    assert!(matches!(password_command("true"), Err(SourceError::CommandSilent)));
    assert!(matches!(password_command("echo; echo hunter2"), Err(SourceError::CommandSilent)));
    let failed = password_command("echo hunter2; exit 3").unwrap_err();
    assert!(matches!(&failed, SourceError::CommandFailed(status) if status.code() == Some(3)));
    assert!(!failed.to_string().contains("hunter2"));
    assert!(matches!(password_command("exec cat /nowhere 2>&-"), Err(SourceError::CommandFailed(_))));
    assert!(matches!(password_command("yes"), Err(SourceError::CommandTooLong)));
    let most = format!("head -c {MAX_COMMAND_OUTPUT} /dev/zero | tr '\\0' a");
    assert_eq!(password_command(&most).unwrap().len(), MAX_COMMAND_OUTPUT);
}

#[test]
fn an_empty_variable_is_an_error_and_an_absent_one_is_nothing() {
    assert!(matches!(environment(None), Ok(None)));
    assert!(matches!(environment(Some(OsString::new())), Err(SourceError::EnvironmentEmpty)));
    assert_eq!(environment(Some("x".into())).unwrap(), Some(Secret::from("x")));
}

/// Every source at once, taken away one by one.
#[cfg(unix)]
#[test]
fn the_order() {
    let netrc = Netrc::parse(b"machine h login ana password from-netrc").unwrap();
    let mut sources = Sources {
        token_command: None,
        no_secret: false,
        argument: argument("ana:from-argument"),
        url: argument("ana:from-url"),
        token: None,
        password_command: Some("echo from-command"),
        netrc: Some(&netrc),
        environment: Some("from-environment".into()),
    };
    let find = |sources: &Sources| sources.clone().find("h").unwrap();
    assert_eq!(find(&sources), login("ana", "from-argument", Source::Argument));
    sources.argument = argument("ana");
    assert_eq!(find(&sources), login("ana", "from-url", Source::Url));
    sources.url = argument("bo:of-somebody-else");
    assert_eq!(find(&sources), login("ana", "from-command", Source::Command));
    sources.password_command = None;
    assert_eq!(find(&sources), login("ana", "from-netrc", Source::Netrc));
    sources.argument = argument("eve");
    assert_eq!(find(&sources), login("eve", "from-environment", Source::Environment));
    sources.environment = None;
    assert_eq!(find(&sources), Found::AskPassword(UserName::new("eve").unwrap()));
    sources.argument = None;
    sources.url = None;
    assert_eq!(find(&sources), login("ana", "from-netrc", Source::Netrc));
    sources.netrc = None;
    assert_eq!(find(&sources), Found::Nobody);
}

#[cfg(unix)]
#[test]
fn a_source_that_fails_does_not_fall_through() {
    let netrc = Netrc::parse(b"machine h login ana password from-netrc").unwrap();
    let sources = Sources {
        argument: argument("ana"),
        password_command: Some("false"),
        netrc: Some(&netrc),
        ..Sources::default()
    };
    assert!(matches!(sources.find("h"), Err(SourceError::CommandFailed(_))));
    let empty = Sources { argument: argument("ana"), environment: Some("".into()), ..Sources::default() };
    assert!(matches!(empty.find("h"), Err(SourceError::EnvironmentEmpty)));
}

#[test]
fn without_a_user_no_command_is_run() {
    let sources =
        Sources { password_command: Some("exit 1"), environment: Some("x".into()), ..Sources::default() };
    assert_eq!(sources.find("h").unwrap(), Found::Nobody);
}

#[test]
fn a_token_is_enough() {
    let token = Some(Secret::from("ya29.x"));
    let alone = Sources { token: token.clone(), password_command: Some("exit 1"), ..Sources::default() };
    assert_eq!(alone.find("h").unwrap(), Found::Login(Credentials::token("", "ya29.x").unwrap(), None));
    let named = Sources { token, argument: argument("ana"), ..Sources::default() };
    assert_eq!(named.find("h").unwrap(), Found::Login(Credentials::token("ana", "ya29.x").unwrap(), None));
}

/// `.netrc` names the user, the command has the password.
#[cfg(unix)]
#[test]
fn a_login_from_netrc_and_a_password_from_a_command() {
    let netrc = Netrc::parse(b"machine h login ana").unwrap();
    let mut sources = Sources { netrc: Some(&netrc), ..Sources::default() };
    assert_eq!(sources.clone().find("h").unwrap(), Found::AskPassword(UserName::new("ana").unwrap()));
    sources.password_command = Some("echo hunter2");
    assert_eq!(sources.find("h").unwrap(), login("ana", "hunter2", Source::Command));
}

#[test]
fn a_token_command_gives_the_token_and_its_failure_is_an_error() {
    let ana = || Some("ana".parse::<UserArgument>().unwrap());
    let with = |command| Sources { argument: ana(), token_command: Some(command), ..Sources::default() };
    match with("echo t0ken").find("h").unwrap() {
        Found::Login(credentials, None) => assert_eq!(credentials.token, Some(Secret::from("t0ken"))),
        other => panic!("{other:?}"),
    }
    assert!(matches!(with("true").find("h"), Err(SourceError::CommandSilent)));
    assert!(matches!(with("false").find("h"), Err(SourceError::CommandFailed(_))));
}

#[test]
fn nobody_is_asked_for_a_secret_that_is_not_needed() {
    let found = Sources { no_secret: true, password_command: Some("false"), ..Sources::default() }.find("h");
    assert_eq!(found.unwrap(), Found::Login(Credentials::default(), None));
}
