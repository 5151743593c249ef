//! `.netrc` by curl's documented behaviour, and by its CVEs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_auth::Secret;
use netkit_auth::netrc::{self, MAX_FILE, MAX_LINE, MAX_TOKEN, Netrc, NetrcError};

/// Login and password for a host, `-` where there is none.
fn find(text: &str, host: &str, login: Option<&str>) -> Option<(String, String)> {
    let netrc = Netrc::parse(text.as_bytes()).unwrap();
    netrc.lookup(host, login).map(|entry| {
        let password = entry.password.as_ref().map_or("-", |password| password.expose_str().unwrap());
        (entry.login.as_deref().unwrap_or("-").to_owned(), password.to_owned())
    })
}

fn pair(login: &str, password: &str) -> Option<(String, String)> {
    Some((login.to_owned(), password.to_owned()))
}

fn error(text: impl AsRef<[u8]>) -> NetrcError {
    Netrc::parse(text.as_ref()).unwrap_err()
}

/// The two examples of curl's manual: line ends and spaces part tokens alike.
#[test]
fn curls_examples() {
    let expected = pair("daniel", "qwerty");
    assert_eq!(find("machine example.com\nlogin daniel\npassword qwerty\n", "example.com", None), expected);
    assert_eq!(find("machine example.com login daniel password qwerty", "example.com", None), expected);
    assert_eq!(
        find("machine example.com\r\n\tlogin daniel\r\n\tpassword qwerty\r\n", "EXAMPLE.com", None),
        expected
    );
}

/// The file of curl's unit test 1304 and what it asks of it.
#[test]
fn hosts_and_logins_must_match_whole() {
    let text = "machine example.com login admin password passwd\n\
                machine curl.example.com login none password none\n";
    assert_eq!(find(text, "test.example.com", None), None);
    assert_eq!(find(text, "example.com", Some("me")), None);
    assert_eq!(find(text, "example.com", Some("admi")), None);
    assert_eq!(find(text, "example.com", Some("adminn")), None);
    assert_eq!(find(text, "example.com", None), pair("admin", "passwd"));
    assert_eq!(find(text, "example.com", Some("admin")), pair("admin", "passwd"));
    assert_eq!(find(text, "curl.example.com", None), pair("none", "none"));
}

#[test]
fn several_logins_for_one_host() {
    let apart = "machine h login a password 1\nmachine h login b password 2\n";
    let together = "machine h login a password 1 login b password 2\n";
    let password_first = "machine h password 1 login a password 2 login b\n";
    for text in [apart, together, password_first] {
        assert_eq!(find(text, "h", None), pair("a", "1"));
        assert_eq!(find(text, "h", Some("b")), pair("b", "2"), "{text}");
        assert_eq!(find(text, "h", Some("c")), None);
    }
}

#[test]
fn default_matches_any_host_in_the_order_of_the_file() {
    let text = "machine h login a password 1\ndefault login anonymous password user@domain\nmachine i login x password y";
    assert_eq!(find(text, "h", None), pair("a", "1"));
    assert_eq!(find(text, "elsewhere", None), pair("anonymous", "user@domain"));
    assert_eq!(find(text, "i", None), pair("anonymous", "user@domain"));
    assert_eq!(find(text, "h", Some("anonymous")), pair("anonymous", "user@domain"));
}

/// CVE-2024-11053: a login without a password never gets the next entry's. CVE-2025-0167: nor does an empty default.
#[test]
fn nothing_leaks_from_one_entry_to_another() {
    let text = "machine a.com login alice\nmachine b.com login bob password b\ndefault\n";
    assert_eq!(find(text, "a.com", None), pair("alice", "-"));
    assert_eq!(find(text, "c.com", None), None);
    assert_eq!(find(text, "a.com", Some("bob")), None);
}

#[test]
fn an_entry_without_login_serves_any_user_of_its_host() {
    let text = "machine h password p\n";
    assert_eq!(find(text, "h", Some("ana")), pair("-", "p"));
    assert_eq!(find(text, "h", None), pair("-", "p"));
}

#[test]
fn an_entry_with_a_password_goes_first() {
    assert_eq!(find("machine h login a machine h login b password 2", "h", None), pair("b", "2"));
    assert_eq!(find("machine h machine h login b", "h", None), pair("b", "-"));
}

#[test]
fn quotes_and_escapes() {
    let text = r#"machine h login "my user" password "a \"b\" \\ # \n\r\t \x""#;
    assert_eq!(find(text, "h", None), pair("my user", "a \"b\" \\ # \n\r\t x"));
    assert_eq!(find("machine h login a password \"\"", "h", None), pair("a", ""));
    // Only a quote at the start quotes, and only there is a backslash special.
    assert_eq!(find(r#"machine h login a password b"c\d"#, "h", None), pair("a", r#"b"c\d"#));
    assert_eq!(find(r#""machine" "h" login "a"password "b""#, "h", None), pair("a", "b"));
}

#[test]
fn comments_are_lines() {
    let text = "# machine h login no password no\n  #indented \"quote\nmachine h\n# login no\nlogin a password #1#2\n";
    assert_eq!(find(text, "h", None), pair("a", "#1#2"));
}

#[test]
fn macros_are_skipped_to_the_empty_line() {
    let text = "macdef init\nmachine h login evil password evil \"\n\nmachine h login a password 1\n";
    assert_eq!(find(text, "h", None), pair("a", "1"));
    let inside = "machine h login a password 1\nmacdef up\nlogin evil\n \t\r\nlogin evil\nmachine i login b password 2\n";
    assert_eq!(find(inside, "h", None), pair("a", "1"));
    assert_eq!(find(inside, "i", None), pair("b", "2"));
    assert_eq!(find("macdef open\nmachine h login a password 1", "h", None), None);
}

#[test]
fn words_in_any_case_and_unknown_words_are_passed_over() {
    assert_eq!(find("login x password y MACHINE h port Login a PASSWORD b", "h", None), pair("a", "b"));
    let netrc = Netrc::parse(b"machine h login a account acct password b").unwrap();
    assert_eq!(netrc.entries()[0].account, Some(Secret::from("acct")));
    // A keyword where a value belongs is a value.
    assert_eq!(find("machine login login password password login", "login", None), pair("password", "login"));
    assert_eq!(find("", "h", None), None);
}

#[test]
fn errors_name_the_line() {
    assert_eq!(error("machine h\n\nlogin \"a\npassword b\""), NetrcError::UnterminatedQuote { line: 3 });
    assert_eq!(error("machine h login a password \"b\\"), NetrcError::UnterminatedQuote { line: 1 });
    assert_eq!(error("machine h\nlogin a\npassword\n\n"), NetrcError::MissingValue { line: 3 });
    assert_eq!(error("machine"), NetrcError::MissingValue { line: 1 });
    assert_eq!(error("machine h\nlogin \"a\\nb\""), NetrcError::BadName { line: 2 });
    assert_eq!(error(b"machine h\nlogin \xff"), NetrcError::BadName { line: 2 });
    assert_eq!(error("machine \"h\\r\""), NetrcError::BadName { line: 1 });
    assert_eq!(error("\n".to_owned() + &"a ".repeat(MAX_LINE)), NetrcError::LineTooLong { line: 2 });
    assert_eq!(error("a".repeat(MAX_TOKEN + 1)), NetrcError::TokenTooLong { line: 1 });
    assert_eq!(error("\n".repeat(MAX_FILE + 1)), NetrcError::FileTooLong);
    assert_eq!(Netrc::parse("\n".repeat(MAX_FILE).as_bytes()), Ok(Netrc::default()));
}

#[test]
fn passwords_are_bytes_and_never_shown() {
    let netrc = Netrc::parse(b"machine h login a password p\xff").unwrap();
    assert_eq!(netrc.lookup("h", None).unwrap().password, Some(Secret::from(b"p\xff".to_vec())));
    let shown = format!("{:?}", Netrc::parse(b"machine h login a password hunter2 account hunter3").unwrap());
    assert!(!shown.contains("hunter"), "{shown}");
}

#[test]
fn the_file_named_by_the_variable_and_no_other() {
    use std::{ffi::OsStr, path::Path};
    let home = Some(Path::new("/home/ana"));
    assert_eq!(netrc::file_names(Some(OsStr::new("/x/netrc")), home), [Path::new("/x/netrc")]);
    assert_eq!(netrc::file_names(Some(OsStr::new("")), home)[0], Path::new("/home/ana/.netrc"));
    assert_eq!(netrc::file_names(None, home)[0], Path::new("/home/ana/.netrc"));
    assert!(netrc::file_names(None, None).is_empty());
}

#[cfg(unix)]
#[test]
fn a_file_others_can_read_is_read_with_a_warning() {
    use netkit_auth::netrc::NetrcWarning;
    use std::os::unix::fs::PermissionsExt as _;

    let folder = std::env::temp_dir().join(format!("netkit-netrc-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("netrc");
    let write = |text: &str, mode| {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        netrc::read(&path)
    };
    for mode in [0o644, 0o604, 0o640] {
        let (netrc, warning) = write("machine h login a password b", mode).unwrap();
        assert!(netrc.lookup("h", None).is_some());
        assert_eq!(warning, Some(NetrcWarning::ReadableByOthers { path: path.clone(), mode }));
    }
    assert_eq!(write("machine h login a password b", 0o600).unwrap().1, None);
    assert_eq!(write("machine h login a", 0o644).unwrap().1, None, "no secret in it");
    assert_eq!(write(&"\n".repeat(MAX_FILE + 1), 0o600), Err(NetrcError::FileTooLong));
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(netrc::read(&path), Err(NetrcError::Unreadable(std::io::ErrorKind::NotFound)));
}
