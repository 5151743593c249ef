//! The architecture as tests: who imports whom, how long a file may be, what must not stand where.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file below `folder` with that extension, outside of build results.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != ".git" {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The names below `[dependencies]` of a crate.
fn dependencies(manifest: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let section = text.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = section.take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|n| !n.is_empty() && !n.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Code without comments and without what stands in `#[cfg(test)]` at the end of a file.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The protocols: every crate below `protocols` but the three that they share.
fn dialogues() -> Vec<String> {
    let folders = fs::read_dir(root().join("protocols")).unwrap().map(Result::unwrap);
    let names = folders.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| !["wire", "socket", "auth"].contains(&name.as_str())).collect()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// Which of our crates, and which libraries that decide an architecture, a crate may use.
#[test]
fn who_imports_whom() {
    let ours = ["netkit-wire", "netkit-socket", "netkit-auth"];
    let anonymous = ["netkit-wire", "netkit-socket"];
    let allowed = |crate_name: &str| match crate_name {
        "wire" | "auth" => vec![],
        "socket" => vec!["netkit-wire", "rustls", "native-tls", "webpki-roots", "socket2", "rustix"],
        // They have no logins of their own.
        "gopher" | "telnet" => anonymous.to_vec(),
        _ => ours.to_vec(),
    };
    let guarded = |name: &str| {
        name.starts_with("netkit-")
            || ["rustls", "native-tls", "webpki-roots", "socket2", "rustix", "tokio", "hyper", "openssl"]
                .contains(&name)
    };
    for entry in fs::read_dir(root().join("protocols")).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let allowed = allowed(&name);
        for dependency in dependencies(&entry.path().join("Cargo.toml")).iter().filter(|d| guarded(d)) {
            assert!(allowed.contains(&dependency.as_str()), "protocols/{name} must not import {dependency}");
        }
    }
    assert_eq!(
        dependencies(&root().join("protocols/wire/Cargo.toml")),
        BTreeSet::from(["memchr".to_owned()])
    );
    for user in ["protocols", "tests/conformance"] {
        for manifest in files(&root().join(user), "toml") {
            assert!(
                !dependencies(&manifest).contains("netkit-cli"),
                "{} must not import cli",
                shown(&manifest)
            );
        }
    }
    let mock = dependencies(&root().join("tests/mock/Cargo.toml"));
    assert!(
        !mock.iter().any(|d| ["netkit-cli", "netkit-conformance", "rustls", "socket2"].contains(&d.as_str()))
    );
}

/// No socket in wire, no network library above socket.
#[test]
fn only_socket_sees_the_network() {
    for folder in dialogues().iter().map(String::as_str).chain(["wire", "auth"]) {
        for path in files(&root().join("protocols").join(folder).join("src"), "rs") {
            for word in [
                "std::net::Tcp",
                "std::net::Udp",
                "std::os::unix::net",
                "socket2::",
                "rustls::",
                "native_tls::",
            ] {
                assert!(!code(&path).contains(word), "{} uses {word}", shown(&path));
            }
        }
    }
}

#[test]
fn no_file_is_longer_than_600_lines() {
    for path in files(&root(), "rs") {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines: it wants a wall", shown(&path));
    }
}

/// The first line says where the reader is.
#[test]
fn every_file_says_what_it_is() {
    for folder in ["protocols", "cli", "tests"] {
        for path in files(&root().join(folder), "rs") {
            assert!(
                fs::read_to_string(&path).unwrap().starts_with("//!"),
                "{} starts without //!",
                shown(&path)
            );
        }
    }
}

/// The same six names in every protocol crate.
#[test]
fn errors_have_the_six_names() {
    for protocol in dialogues() {
        let source =
            fs::read_to_string(root().join("protocols").join(&protocol).join("src/error.rs")).unwrap();
        let body =
            source.split("pub enum Error {").nth(1).unwrap_or_else(|| panic!("{protocol} has no enum Error"));
        let body = body.split("\n}").next().unwrap();
        for name in ["Net(", "Wire(", "Refused(", "Unexpected", "Unsupported(", "Invalid("] {
            assert!(
                body.lines().any(|line| line.starts_with(&format!("    {name}"))),
                "{protocol}: Error has no {name}"
            );
        }
        for method in ["pub fn is_transient(&self) -> bool", "pub fn connection_is_usable(&self) -> bool"] {
            assert!(source.contains(method), "{protocol}: Error has no {method}");
        }
    }
}

/// The command knows no wire: no line end of a protocol, no reply code.
#[test]
fn no_protocol_knowledge_in_cli() {
    for path in files(&root().join("cli/src"), "rs") {
        let code = code(&path);
        // The one place that takes a dialogue apart for people has to know what ends a line.
        if !path.ends_with("dialogue.rs") {
            assert!(!code.contains("\\r\\n"), "{} writes a line end", shown(&path));
        }
        // Ports are not codes, 256 is a size, and milliseconds are a time.
        if !path.ends_with("ports.rs") {
            let number = |word: &&str| {
                word.len() == 3
                    && matches!(word.as_bytes(), [b'1'..=b'5', b'0'..=b'5', b'0'..=b'9'])
                    && *word != "256"
            };
            let times = code.split("from_millis(").enumerate();
            let timeless: String =
                times.map(|(i, part)| if i == 0 { part } else { part.split_once(')').unwrap().1 }).collect();
            let words = timeless.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.');
            let codes: Vec<&str> = words.filter(number).collect();
            assert!(codes.is_empty(), "{} knows the codes {codes:?}", shown(&path));
        }
        for command in ["\"EHLO", "\"MAIL FROM", "\"HTTP/1", "\"GET "] {
            assert!(!code.contains(command), "{} speaks {command}", shown(&path));
        }
    }
}

#[test]
fn every_fixture_names_its_source() {
    let fixtures = files(&root().join("fixtures"), "session");
    assert!(fixtures.len() >= 90, "{} fixtures", fixtures.len());
    for path in fixtures {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("# ") && first.len() > 8, "{}: the first line is its source", shown(&path));
    }
}

/// What house rules forbid by name.
#[test]
fn nothing_is_left_half_done() {
    let words = ["todo!(", "unimplemented!(", "#[ignore", concat!("FIX", "ME"), concat!("X", "XX")];
    for path in files(&root(), "rs").into_iter().filter(|path| !path.ends_with("tests/tidy.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{} holds {word}", shown(&path));
        }
        assert!(
            path.file_stem().is_none_or(|stem| stem != "utils"),
            "{}: a name that says nothing",
            shown(&path)
        );
    }
}

#[test]
fn every_crate_has_the_shared_lints() {
    for manifest in files(&root(), "toml").into_iter().filter(|path| path.ends_with("Cargo.toml")) {
        let text = fs::read_to_string(&manifest).unwrap();
        if text.contains("[package]") {
            assert!(text.contains("[lints]\nworkspace = true"), "{} has its own lints", shown(&manifest));
        }
    }
}
