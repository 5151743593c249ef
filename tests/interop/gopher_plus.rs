//! Gopher+: pygopherd, with its attributes, views and lengths.

use serde_json::json;

use crate::command::{folder, netkit};
use crate::servers::{contents, server};

/// The address by which pygopherd calls itself.
fn at(path: &str) -> String {
    format!("gopher://127.0.0.1:{}{path}", server("PYGOPHERD_PORT"))
}

#[test]
fn attributes_of_an_item() {
    let told = netkit("gopher attributes --json").arg(at("/0/hello.txt")).run().done().object();
    assert_eq!(told["abstract"], "All about hello\nin two lines");
    assert_eq!(
        told["views"],
        json!([{ "view": "text/plain", "type": "text/plain", "language": null, "bytes": 0 }])
    );
    assert_eq!((&told["item"]["type"], &told["item"]["gopher_plus"]), (&json!("0"), &json!(true)));
    assert_eq!(told["modified"].as_str().unwrap().len(), 14);
    assert!(told["admin"].as_str().unwrap().contains("Pygopherd Admin"));
    let some = netkit("gopher attributes --only views").arg(at("/9/data.bin")).run().done();
    assert!(some.text().contains("application/octet-stream: <97k>"), "{}", some.text());
}

#[test]
fn attributes_of_a_whole_menu() {
    let items = netkit("gopher attributes --items --json").arg(at("/1")).run().done().json();
    let named = |name: &str| items.iter().find(|item| item["item"]["selector"] == name).unwrap();
    assert_eq!(named("/hello.txt")["abstract"], "All about hello\nin two lines");
    assert_eq!(named("/docs")["item"]["kind"], "menu");
}

#[test]
fn contents_by_length_and_until_close() {
    for path in ["/0/hello.txt", "/0/dots.txt", "/9/data.bin"] {
        let name = path.rsplit('/').next().unwrap();
        netkit("gopher get --view")
            .arg("")
            .arg(at(path))
            .run()
            .done()
            .prints(contents("PYGOPHERD_ROOT", name));
    }
    netkit("gopher get --view text/plain")
        .arg(at("/0/hello.txt"))
        .run()
        .done()
        .prints("hello, gopher\nsecond line\n");
    let menu = netkit("gopher get --view application/gopher+-menu").arg(at("/1/docs")).run().done();
    assert!(menu.text().starts_with("0one\t/docs/one.txt\t127.0.0.1\t"), "{}", menu.text());
}

#[test]
fn errors_of_gopher_plus_and_of_old() {
    let new = netkit("gopher get --view").arg("").arg(at("/0/nothing")).run();
    new.fails(22, &["'/nothing' does not exist"]);
    netkit("gopher get").arg(at("/0/nothing")).run().fails(22, &["does not exist"]);
    // gophernicus is a server of the old kind: it says so by what it sends.
    let old = format!("gopher://127.0.0.1:{}/0/hello.txt", server("GOPHER_PORT"));
    let run = netkit("gopher get --view text/plain").arg(old).run();
    assert!(matches!(run.code, 4 | 22), "{}", run.stderr);
}

#[test]
fn a_menu_without_its_dot_and_a_probe() {
    netkit("gopher menu").arg(at("/1/docs")).run().exits(18);
    let menu = netkit("gopher menu --no-end-mark").arg(at("/1/docs")).run().done();
    assert_eq!(menu.text(), format!("0\tone\t{}\n", at("/0/docs/one.txt")));
    assert_eq!(netkit("gopher probe --json").arg(at("/")).run().done().object()["gopher_plus"], true);
}

#[test]
fn a_mirror_goes_by_dates_and_robots() {
    let dir = folder();
    let run = |words: &str| netkit(words).arg(at("/1")).option("-d", dir.path()).run();
    let first = run("gopher mirror --no-end-mark --json").exits(18).json();
    let saved = |name: &str| first.iter().any(|item| item["file"] == name && item["result"] == "saved");
    assert!(saved("hello.txt") && saved("docs/one.txt") && saved("gophermap") && saved("data.bin"));
    assert!(first.iter().any(|item| item["why"] == "robots.txt does not allow it"));
    assert_eq!(std::fs::read(dir.path().join("data.bin")).unwrap(), contents("PYGOPHERD_ROOT", "data.bin"));
    assert!(!dir.path().join("private").exists());
    let again = run("gopher mirror --no-end-mark --json").exits(18).json();
    let summary = &again.last().unwrap()["summary"];
    assert_eq!((&summary["saved"], &summary["failed"]), (&json!(0), &json!(0)), "{again:?}");
}
