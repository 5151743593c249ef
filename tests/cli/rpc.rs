//! `netkit http rpc` and `netkit http events` against the mock server.

use serde_json::{Value, json};

use crate::command::{Ran, netkit, serve};

fn rpc(words: &[&str]) -> Ran {
    netkit(&[&["--mock", "http", "rpc", "/rpc"], words].concat())
}

fn value(words: &[&str]) -> Value {
    let ran = rpc(&[words, &["--json"]].concat()).code(0);
    serde_json::from_str::<Value>(&ran.stdout).unwrap()["value"].clone()
}

#[test]
fn a_call_and_its_value() {
    assert_eq!(rpc(&["add", ":=1", ":=41"]).code(0).stdout, "42\n");
    assert_eq!(value(&["add", ":=2147483647", ":=1"]), json!(2_147_483_648_u64));
    assert_eq!(
        value(&["echo", "a <b> & c", ":=true", ":=null", ":=-1.5"]),
        json!(["a <b> & c", true, null, -1.5])
    );
    assert_eq!(rpc(&["echo", "--", "-x"]).code(0).stdout, "[\n  \"-x\"\n]\n");
    let typed = r#"{"when":{"$date":"19980717T14:08:55"},"bytes":{"$base64":"AAEC"},"list":[1,[]]}"#;
    assert_eq!(value(&["echo", &format!(":={typed}")])[0].to_string(), typed);
    assert_eq!(value(&["sample"])["base64"], json!({"$base64": "eW91IGNhbid0IHJlYWQgdGhpcyE="}));
    assert_eq!(rpc(&["system.methodHelp", "add"]).code(0).stdout, "The sum of whole numbers.\n");
}

#[test]
fn a_fault_exits_22_with_its_code_and_text() {
    rpc(&["fault", ":=4", "Too many parameters."]).code(22).says("fault 4: Too many parameters.");
    rpc(&["no.such.method"]).code(22).says("fault -32601");
    let failed = rpc(&["fault", ":=7", "x", "--json"]).code(22);
    let error: Value = serde_json::from_str(&failed.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "refused");
}

#[test]
fn what_the_server_offers() {
    let list = rpc(&["--list"]).code(0);
    assert!(
        list.stdout.starts_with("add\tint() | int(int) | int(int, int)\tThe sum of whole numbers.\n"),
        "{}",
        list.stdout
    );
    let one = rpc(&["--list", "fault", "--json"]).code(0);
    let about: Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!(about["signatures"], json!([["nil", "int", "string"]]));
}

#[test]
fn bad_calls_and_bad_answers() {
    rpc(&["a b"]).code(2).says("a method's name");
    rpc(&["add", ":={"]).code(2);
    rpc(&["echo", "\u{1b}"]).code(2).says("send the text as base64");
    netkit(&["--mock", "http", "rpc", "/rpc"]).code(2);
    netkit(&["--mock", "http", "rpc", "/nowhere", "add"]).code(22).says("405");
    netkit(&["--mock", "http", "rpc", "/about.txt", "add"]).code(22);
    netkit(&["--mock", "http", "rpc", "/redirect/1", "add"]).code(8);
    let port = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", true);
    netkit(&["http", "rpc", &format!("127.0.0.1:{port}"), "add"]).code(8).says("methodResponse");
    let shown = netkit(&["http", "rpc", "h.example/RPC2", "add", ":=1", "--offline"]).code(0);
    assert!(
        shown.stdout.ends_with("<value><int>1</int></value></param></params></methodCall>"),
        "{}",
        shown.stdout
    );
}

#[test]
fn events_over_three_connections() {
    let all = netkit(&["--mock", "http", "events", "/events", "--json"]).code(0);
    let lines: Vec<Value> = all.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [
        json!({"event": "message", "data": "one", "id": "1"}),
        json!({"event": "pair", "data": "two\nlines", "id": "2"}),
        json!({"event": "message", "data": "three", "id": "3"}),
        json!({"event": "message", "data": "{\"four\": 4}", "id": "4"}),
    ];
    assert_eq!(lines, expected, "the event that was cut off came once");
    assert_eq!(all.stderr, "");
    let text = netkit(&["--mock", "http", "events", "/events", "--count", "2"]).code(0);
    assert_eq!(text.stdout, "id: 1\ndata: one\n\nid: 2\nevent: pair\ndata: two\ndata: lines\n\n");
    let later = netkit(&["--mock", "http", "events", "/events", "--last-id", "2", "--no-reconnect"]).code(0);
    assert!(later.stdout.starts_with("id: 3\n"), "{}", later.stdout);
    assert_eq!(netkit(&["--mock", "http", "events", "/events", "--last-id", "9"]).code(0).stdout, "");
}

#[test]
fn a_stream_that_broke_or_never_was() {
    let cut = netkit(&["--mock", "http", "events", "/events", "--no-reconnect"]).code(18);
    assert!(cut.stdout.ends_with("data: lines\n\n"), "{}", cut.stdout);
    netkit(&["--mock", "http", "events", "/about.txt"]).code(8).says("no stream of events");
    netkit(&["--mock", "http", "events", "/nowhere"]).code(22);
    netkit(&["http", "events", "127.0.0.1:1"]).code(7);
}
