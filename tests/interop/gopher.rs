//! Gopher: gophernicus and its hole, plain and in TLS.

use serde_json::json;

use crate::command::{Netkit, folder, netkit};
use crate::servers::{contents, place, server, url};

/// The verb on that path, over plain TCP and over TLS: both must be the same to everyone.
fn both(verb: &str, path: &str) -> [Netkit; 2] {
    let run = |scheme, port| {
        netkit("gopher").arg(verb).arg(url(scheme, port, path)).option("--cacert", server("CA_FILE"))
    };
    [run("gopher", "GOPHER_PORT"), run("gophers", "GOPHERS_PORT")]
}

/// A line of a menu as it is printed for programs.
fn line(kind: char, display: &str, selector: &str) -> String {
    format!("{kind}\t{display}\tgopher://127.0.0.1:{}/{kind}{selector}\n", server("GOPHER_PORT"))
}

#[test]
fn the_main_menu_is_printed_whole_and_in_order() {
    let expected = [
        "i\tWelcome to the interop hole\t\n".to_owned(),
        "i\t\t\n".to_owned(),
        line('0', "Hello", "/hello.txt"),
        line('0', "Dots", "/dots.txt"),
        line('0', "Zürich 日本語", "/utf8.txt"),
        line('0', "Nothing", "/empty.txt"),
        line('1', "Documents", "/docs"),
        line('1', "Five thousand items", "/big"),
        line('7', "Search the fruit", "/cgi-bin/search"),
        line('9', "Binary", "/data.bin"),
        line('0', "Missing", "/missing.txt"),
        "h\tThe web\thttps://localhost/\n".to_owned(),
    ]
    .concat();
    for run in both("menu", "") {
        run.run().done().prints(&expected);
    }
    netkit("gopher menu").arg(place("GOPHER_PORT")).run().done().prints(&expected);
    let run = netkit("gopher menu --tls").arg(place("GOPHERS_PORT")).option("--cacert", server("CA_FILE"));
    run.run().done().prints(&expected);
}

#[test]
fn a_menu_below_and_a_long_one() {
    for run in both("menu", "/1/docs") {
        let run = run.run().done();
        let found: Vec<String> =
            run.text().lines().filter(|line| line.starts_with('0')).map(String::from).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        for (line, name) in found.iter().zip(["one", "two"]) {
            assert!(line.starts_with(&format!("0\t{name}.txt")), "{line}");
            assert!(line.ends_with(&format!(":{}/0/docs/{name}.txt", server("GOPHER_PORT"))), "{line}");
        }
    }
    let five_thousand: String = (0..5000).map(|i| line('0', &format!("Item {i}"), "/hello.txt")).collect();
    for run in both("menu", "/1/big") {
        run.run().done().prints(&five_thousand);
    }
}

#[test]
fn a_text_comes_as_the_server_sent_it() {
    for (path, text) in [
        ("/0/hello.txt", "hello, gopher\r\nsecond line\r\n"),
        ("/0/dots.txt", ".hidden\r\n..twice\r\n.\r\nafter the dots\r\n"),
        ("/0/utf8.txt", "Zürich 日本語\r\n"),
        ("/0/docs/one.txt", "one\r\n"),
    ] {
        for run in both("get", path) {
            // Some servers end texts by RFC 1436's lone dot, this one never: its line ends may be either kind.
            let run = run.run().done();
            assert_eq!(run.text().replace("\r\n", "\n"), text.replace("\r\n", "\n"), "{path}");
        }
    }
}

#[test]
fn a_binary_comes_byte_for_byte() {
    let dir = folder();
    for run in both("get", "/9/data.bin") {
        run.run().done().prints(contents("GOPHER_ROOT", "data.bin"));
    }
    for run in both("get", "/9/data.bin") {
        let file = dir.path().join("data.bin");
        run.option("-o", &file).run().done().prints("");
        assert!(std::fs::read(&file).unwrap() == contents("GOPHER_ROOT", "data.bin"));
        std::fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_search_lists_what_matches_and_nothing_is_no_failure() {
    let fruit = |names: &[&str]| names.iter().map(|name| line('0', name, "/hello.txt")).collect::<String>();
    for (words, found) in [
        ("ap", fruit(&["apple", "apricot", "grape"])),
        ("cherry", fruit(&["cherry"])),
        ("zzz", String::new()),
    ] {
        for run in both("search", "/7/cgi-bin/search") {
            run.arg(words).run().done().prints(&found);
        }
    }
    // A URL may carry the words (RFC 4266 section 2.1).
    for run in both("menu", "/7/cgi-bin/search%09cher") {
        run.run().done().prints(fruit(&["cherry"]));
    }
}

#[test]
fn what_is_not_there_is_22_and_takes_no_files_name() {
    let dir = folder();
    for (verb, path) in [("get", "/0/missing.txt"), ("get", "/9/missing.bin"), ("menu", "/1/missing")] {
        for run in both(verb, path) {
            let file = dir.path().join("missing");
            run.option("-o", &file).run().fails(22, &["File or directory not found"]);
            assert!(!file.exists(), "{verb} {path}");
        }
    }
}

#[test]
fn json_says_the_same_one_object_a_line() {
    let port: u16 = server("GOPHER_PORT").parse().unwrap();
    for run in both("menu", "/") {
        let items = run.arg("--json").run().done().json();
        assert_eq!(items.len(), 12);
        assert_eq!(
            items[2],
            json!({ "type": "0", "kind": "text", "display": "Hello", "selector": "/hello.txt", "host": "127.0.0.1", "port": port,
                "gopher_plus": false, "url": format!("gopher://127.0.0.1:{port}/0/hello.txt") })
        );
        assert_eq!(
            (&items[4]["display"], &items[11]["url"]),
            (&json!("Zürich 日本語"), &json!("https://localhost/"))
        );
    }
    let run = netkit("gopher menu --json").arg(place("CLOSED_PORT")).run().exits(7).prints("");
    let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!((&error["error"]["code"], &error["error"]["kind"]), (&json!(7), &json!("connect")));
}

#[test]
fn a_probe_reports_the_connection_and_the_menu() {
    for (run, secure) in both("probe", "").into_iter().zip([false, true]) {
        let report = run.arg("--json").run().done().object();
        assert_eq!((&report["menu_entries"], &report["menu_ended_by"]), (&json!(12), &json!("dot")));
        let tried = report["tried"].as_array().unwrap();
        assert_eq!(tried.last().unwrap()["outcome"], "connected", "{report}");
        assert_eq!(report["tls"]["version"], if secure { json!("TLSv1.3") } else { json!(null) });
    }
}

#[test]
fn the_dialogue_is_shown_on_stderr() {
    let port = server("GOPHER_PORT");
    let run = netkit("gopher menu -v").arg(url("gopher", "GOPHER_PORT", "/1/docs")).run().exits(0);
    run.says(&["> /docs\n", "\n< 0two.txt ", "\n< .\n", &format!("* 127.0.0.1:{port}: connected")]);
    netkit("gopher search --offline")
        .arg(url("gopher", "CLOSED_PORT", "/7/s"))
        .arg("a b")
        .run()
        .done()
        .prints("/s\ta b\r\n");
}
