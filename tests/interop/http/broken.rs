//! Answers that are cut off, stall, or break the protocol: what came is shown, the code says what happened.

use super::{get, odd};
use crate::command::{folder, netkit};
use crate::servers::url;

#[test]
fn a_cut_answer_is_18_and_what_came_is_shown() {
    let lines: String = (0..200).map(|i| format!("line {i} of a text that compresses well\n")).collect();
    for (path, came) in [
        ("/cut", "x".repeat(100)),
        ("/cut-rude", "x".repeat(100)),
        ("/cut-head", String::new()),
        ("/cut-chunk", "whole\nonly ten b".to_owned()),
        ("/no-last-chunk", "whole\nalso whole\n".to_owned()),
    ] {
        for run in odd(path) {
            run.run().fails(18, &["closed the connection inside the answer"]).prints(&came);
        }
    }
    for run in odd("/cut-gzip") {
        // Framed in full, its compressed stream lacks the end: whatever of it is printed is right.
        let run = run.run().fails(18, &["the gzip content is cut short"]);
        assert!(lines.starts_with(&run.text()), "{:?}", run.text());
    }
}

#[test]
fn an_end_that_tls_does_not_confirm_is_18() {
    let lines: String = (0..200).map(|i| format!("line {i} of a text that compresses well\n")).collect();
    // RFC 9112 section 9.8: over TLS, where the end of the connection is the end of the body, it must be announced.
    let [plain, secure] = odd("/close-rude");
    plain.run().done().prints(&lines);
    secure.run().fails(18, &["without close_notify"]).prints(&lines);
}

#[test]
fn no_answer_at_all_is_52() {
    for run in odd("/empty").into_iter().chain([get("/reset")]) {
        run.run().fails(52, &["closed the connection without an answer"]).prints("");
    }
}

#[test]
fn a_reset_is_56() {
    for run in odd("/reset") {
        run.run().fails(56, &["receiving failed: Connection reset by peer"]).prints([b'x'; 100]);
    }
}

#[test]
fn an_answer_that_stalls_is_28_and_what_came_is_shown() {
    for run in odd("/stall") {
        run.words("--timeout 1s").run().fails(28, &["idle time limit"]).prints([b'x'; 100]);
    }
    for run in odd("/silent") {
        run.words("--timeout 300ms").run().fails(28, &["idle time limit"]).prints("");
    }
    // It keeps coming, but not fast enough for the clock over everything.
    let run = get("/slow/text.txt").words("--max-time 700ms").run();
    run.fails(28, &["total time limit"]);
}

#[test]
fn what_breaks_the_protocol_is_8() {
    for (path, why) in [
        ("/garbage", "an answer starts with HTTP/"),
        ("/two-lengths", "one Content-Length"),
        ("/length-and-chunked", "Transfer-Encoding or Content-Length, not both"),
    ] {
        for run in odd(path) {
            run.run().fails(8, &["the peer broke its protocol", why]).prints("");
        }
    }
}

#[test]
fn a_header_without_end_is_63() {
    for run in odd("/endless-head") {
        let run = run.run().fails(63, &["the header is longer than"]).prints("");
        assert!(run.peak_kib < 32 << 10, "64 MiB were offered, {} KiB kept", run.peak_kib);
    }
}

#[test]
fn a_broken_answer_never_takes_the_files_name() {
    let dir = folder();
    for (path, code, part) in [
        ("/cut", 18, 100),
        ("/no-last-chunk", 18, 17),
        ("/reset", 56, 100),
        ("/stall", 28, 100),
        ("/empty", 52, 0),
    ] {
        let file = dir.path().join(format!("{}.bin", &path[1..]));
        let run =
            netkit("http get --timeout 1s").arg(url("http", "ODD_HTTP_PORT", path)).option("-o", &file).run();
        run.exits(code).prints("");
        assert!(!file.exists(), "{path}");
        // What came stays under the name that says so.
        let kept = std::fs::read(dir.path().join(format!("{}.bin.part", &path[1..]))).unwrap_or_default();
        assert_eq!(kept.len(), part, "{path}");
    }
}

#[test]
fn an_error_page_does_not_replace_a_file() {
    let dir = folder();
    let file = dir.path().join("kept");
    std::fs::write(&file, "as it was").unwrap();
    get("/status/404").option("-o", &file).run().fails(22, &["404 Not Found"]).prints("status 404\n");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "as it was");
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["kept"]);
}

#[test]
fn json_errors_are_objects() {
    for (path, code, kind) in
        [("/cut", 18, "partial"), ("/garbage", 8, "protocol"), ("/empty", 52, "empty_answer")]
    {
        let run = netkit("http get --json").arg(url("http", "ODD_HTTP_PORT", path)).run().exits(code);
        let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!((&error["error"]["code"], &error["error"]["kind"]), (&code.into(), &kind.into()));
        assert!(error["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
    }
}
