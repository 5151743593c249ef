//! `netkit gopher` beyond RFC 1436, against the mock servers: Gopher+, phone books, old charsets, TLS that stays.

use serde_json::{Value, json};

use crate::command::{netkit, netkit_with, serve};

fn lines(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn attributes_for_people_and_programs() {
    let shown = netkit(&["--mock", "gopher", "attributes", "/0/about.txt"]).code(0).stdout;
    for part in [
        "text: about.txt\nurl: gopher://127.0.0.1:",
        "admin:\n  Admin: netkit mock <gopher@example.org>\n  Mod-Date: Fri, 01 Mar 1991 00:00:00 GMT <19910301000000>\n",
        "views:\n  text/plain En_US: <",
        "abstract:\n  ",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let all =
        lines(&netkit(&["--mock", "gopher", "attributes", "--json", "/I/images/dot.png"]).code(0).stdout);
    assert_eq!(all[0]["modified"], "19910301000000");
    assert_eq!(all[0]["views"][0]["view"], "image/png");
    assert_eq!(all[0]["item"]["type"], "I");
    let some = ["--mock", "gopher", "attributes", "--json", "--only", "abstract", "/0/about.txt"];
    let some = lines(&netkit(&some).code(0).stdout);
    assert_eq!((&some[0]["views"], &some[0]["admin"]), (&json!([]), &Value::Null));
    assert!(some[0]["abstract"].as_str().unwrap().len() > 3);
}

#[test]
fn attributes_of_all_the_items_of_a_menu() {
    let items =
        lines(&netkit(&["--mock", "gopher", "attributes", "--items", "--json", "--tls"]).code(0).stdout);
    let named = |name: &str| items.iter().find(|item| item["item"]["display"] == name).unwrap();
    assert_eq!(named("About this place")["views"][1]["view"], "text/plain De_DE");
    assert!(named("Notes")["item"]["url"].as_str().unwrap().starts_with("gophers://127.0.0.1:"));
    let form = named("Ask me");
    assert_eq!(form["item"]["has_form"], true);
    assert_eq!(
        form["form"][5],
        json!({ "kind": "Choose", "prompt": "How do you like it?", "choices": ["plain", "fancy"] })
    );
}

#[test]
fn views_end_in_each_of_the_three_ways() {
    let view =
        |view: &str| netkit(&["--mock", "gopher", "get", "/0/about.txt", "--view", view]).code(0).stdout;
    let plain = netkit(&["--mock", "gopher", "get", "/0/about.txt"]).code(0).stdout;
    assert_eq!(view("text/plain"), plain);
    assert!(view("text/html").starts_with("<pre>"));
    assert!(view("text/plain De_DE").starts_with("Auf deutsch"));
    netkit(&["--mock", "gopher", "get", "/0/about.txt", "--view", "x/y"])
        .code(22)
        .says("There is no view x/y");
    let image =
        netkit(&["--mock", "gopher", "get", "/I/images/dot.png", "--view", "image/png", "-o", "/dev/null"]);
    image.code(0);
}

#[test]
fn what_moved_is_not_followed_and_later_is_said() {
    netkit(&["--mock", "gopher", "get", "/0/moved", "--view", ""])
        .code(22)
        .says("hint: netkit get 'gopher://127.0.0.1:");
    netkit(&["--mock", "gopher", "get", "/0/busy", "--view", ""]).code(22).says("later");
    let port = serve(b"just a text\r\n", true);
    let old = format!("127.0.0.1:{port}/0/x");
    netkit(&["gopher", "get", &old, "--view", "text/plain"]).code(4).says("does not speak Gopher+");
    netkit(&["gopher", "get", "h.invalid/0/x", "--view", "a\tb"]).code(2).says("a view holds no");
}

#[test]
fn a_form_is_answered_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.txt");
    std::fs::write(&file, "Dear all\n.\nyours\n").unwrap();
    let answers = ["Eve", "open sesame", "one\ntwo", "yes", "fan", file.to_str().unwrap()];
    let mut words = vec!["--mock", "gopher", "get", "/0/ask", "-v"];
    answers.iter().for_each(|answer| words.extend(["--answer", answer]));
    let got = netkit(&words).code(0);
    assert_eq!(
        got.stdout.replace("\r\n", "\n"),
        "Who are you? Eve\nWhich word lets you in? (11 letters)\nWhat is on your mind?\n  one\n  two\n\
         May we write to you? 1\nHow do you like it? fancy\nA file to look at\n  Dear all\n  .\n  yours\n"
    );
    // The answers hold a password: no trace shows them.
    assert!(!got.stderr.contains("sesame") && got.stderr.contains("***"), "{}", got.stderr);
    let some = netkit(&["--mock", "gopher", "get", "/0/ask", "--answer", "Eve"]).code(0).stdout;
    assert!(some.contains("May we write to you? 0\r\nHow do you like it? plain\r\n"), "{some}");
    let wrong = |answer: &'static str| {
        [
            "--mock", "gopher", "get", "/0/ask", "--answer", "a", "--answer", "b", "--answer", "",
            "--answer", answer,
        ]
    };
    netkit(&wrong("perhaps")).code(2).says("yes or no");
    netkit(&["--mock", "gopher", "get", "/0/about.txt", "--ask"]).code(4).says("no form");
    netkit(&["--mock", "gopher", "get", "/0/ask"]).code(22).says("only Gopher+");
    netkit(&["--mock", "gopher", "get", "/0/ask", "--view", ""]).code(22).says("form to fill in first");
    let all = |last: &[&'static str]| {
        let answers =
            ["a", "b", "", "yes", "plain"].iter().chain(last).flat_map(|answer| ["--answer", answer]);
        let words: Vec<&str> = ["--mock", "gopher", "get", "/0/ask"].into_iter().chain(answers).collect();
        netkit(&words)
    };
    all(&["/nonexistent/file"]).code(26).says("/nonexistent/file");
    all(&["/dev/null", "one too many"]).code(2).says("more answers than questions");
}

#[test]
fn offline_shows_what_would_be_asked() {
    let offline = |words: &[&str]| netkit(&[&["gopher"], words, &["--offline"]].concat()).code(0).stdout;
    assert_eq!(offline(&["get", "h.invalid/0/a", "--view", "text/plain De_DE"]), "/a\t+text/plain De_DE\r\n");
    assert_eq!(
        offline(&["attributes", "h.invalid/0/a", "--only", "views,abstract"]),
        "/a\t!+VIEWS+ABSTRACT\r\n"
    );
    assert_eq!(offline(&["attributes", "h.invalid", "--items"]), "\t$\r\n");
    assert_eq!(
        offline(&["ph", "h.invalid", "name=Ann Lee", "return", "all"]),
        "query name=\"Ann Lee\" return all\r\n"
    );
    assert_eq!(offline(&["ph", "h.invalid", "--fields"]), "fields\r\n");
}

#[test]
fn somebody_in_a_phone_book() {
    let found = netkit(&["--mock", "gopher", "ph", "cso://x/", "ali*"]).code(0);
    assert_eq!(
        found.stdout,
        "name:        Alice Liddell\nemail:       alice@example.org\nphone:       +1 555 0100\n\n\
         name:        Alison Gross\nemail:       alison@example.org\nphone:       +1 555 0102\n"
    );
    let one =
        ["--mock", "gopher", "ph", "x", "--json", "--tls", "name=bob sawyer", "return", "address", "alias"];
    let one = lines(&netkit(&one).code(0).stdout);
    assert_eq!(one, [json!({ "address": "Lant Street\nLondon", "alias": "bob" })]);
    netkit(&["--mock", "gopher", "ph", "x", "nobody"]).code(78).says("knows nobody");
    netkit(&["--mock", "gopher", "ph", "x", "shoe=9"]).code(22).says("Field does not exist");
    netkit(&["gopher", "ph", "h.invalid", "na me=x"]).code(2).says("name of a field");
    netkit(&["gopher", "ph", "h.invalid"]).code(2);
    let fields = netkit(&["--mock", "gopher", "ph", "x", "--fields"]).code(0).stdout;
    assert!(fields.starts_with("alias\tA short name that nobody else has\tmax 64 Indexed"), "{fields}");
    assert!(
        netkit(&["--mock", "gopher", "ph", "x", "--about"])
            .code(0)
            .stdout
            .contains("maildomain\texample.org\n")
    );
}

#[test]
fn menus_and_texts_of_old_charsets() {
    let menu = |answer: &'static [u8], words: &[&str]| {
        let at = format!("127.0.0.1:{}", serve(answer, true));
        netkit(&[&["gopher", "menu", &at], words].concat()).code(0).stdout
    };
    let latin = b"0Caf\xe9\t/c\th.example\t70\r\n.\r\n";
    assert_eq!(menu(latin, &[]), "0\tCafé\tgopher://h.example/0/c\n");
    assert_eq!(menu(latin, &["--charset", "cp437"]), "0\tCafΘ\tgopher://h.example/0/c\n");
    let pc = b"i\xc9\xcd\xcd\xbb\t\t\t0\r\n0M\x84rz\t/m\th.example\t70\r\n.\r\n";
    assert!(menu(pc, &["--json"]).starts_with(r#"{"type":"i","kind":"info","display":"╔══╗""#));
    assert!(menu(pc, &[]).contains("\tMärz\t"));
    let get = |words: &[&str]| {
        let at = format!("127.0.0.1:{}/0/x", serve(b"Stra\xe1e\r\n", true));
        netkit(&[&["gopher", "get", &at], words].concat()).code(0).stdout
    };
    assert_eq!(get(&["--charset", "auto"]), "Straáe\r\n");
    assert_eq!(get(&["--charset", "cp437"]), "Straße\r\n");
    netkit(&["gopher", "menu", "h.invalid", "--charset", "klingon"]).code(2).says("a charset is");
}

#[test]
fn a_menu_that_came_over_tls_leads_on_over_tls() {
    let secure = netkit(&["--mock", "gopher", "menu", "--tls"]).code(0).stdout;
    assert!(secure.contains("0\tAbout this place\tgophers://127.0.0.1:"), "{secure}");
    assert!(!secure.contains("gopher://127"), "{secure}");
    let json = lines(&netkit(&["--mock", "gopher", "menu", "--tls", "--json"]).code(0).stdout);
    assert!(json.iter().any(|item| item["url"].as_str().is_some_and(|url| url.starts_with("gophers://"))));
    // A server without TLS is no server, and nothing is asked in clear.
    let port = serve(b"0One\t/1\th.example\t70\r\n.\r\n", true);
    netkit(&["gopher", "menu", &format!("gophers://127.0.0.1:{port}/")]).code(35);
    netkit(&["gopher", "menu", "gophers://h.invalid/", "--plain"]).code(2).says("--plain with a gophers URL");
}

#[test]
fn probe_says_whether_gopher_plus_is_spoken() {
    let report = lines(&netkit(&["--mock", "gopher", "probe", "--json"]).code(0).stdout);
    assert_eq!(report[0]["gopher_plus"], true);
}

#[test]
fn the_words_of_a_form_are_bounded() {
    let nobody = netkit_with(&["--mock", "gopher", "get", "/0/ask", "--ask"], b"").code(0).stdout;
    assert!(nobody.starts_with("Who are you? nobody\r\n"), "{nobody}");
}
