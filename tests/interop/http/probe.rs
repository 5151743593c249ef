//! `probe`, `--json` and `-v`: what is told about an exchange.

use serde_json::json;

use super::{both, get, get_tls};
use crate::command::{folder, netkit};
use crate::servers::{contents, server, url};

#[test]
fn a_probe_reports_every_step() {
    for (scheme, port) in [("http", "HTTP_PORT"), ("https", "HTTPS_PORT")] {
        let run =
            netkit("http probe").arg(url(scheme, port, "/hello.txt")).option("--cacert", server("CA_FILE"));
        let report = run.arg("--json").run().done().object();
        assert_eq!(
            (&report["protocol"], &report["status"], &report["version"]),
            (&json!("http"), &json!(200), &json!("HTTP/1.1"))
        );
        let last = report["tried"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["address"], &last["outcome"]),
            (&json!(format!("127.0.0.1:{}", server(port))), &json!("connected"))
        );
        assert!(
            report["resolve_ms"].is_f64()
                && report["connect_ms"].is_f64()
                && report["first_byte_ms"].is_f64(),
            "{report}"
        );
        assert!(report["headers"].as_array().unwrap().contains(&json!(["Content-Length", "13"])), "{report}");
        assert_eq!(report["tls_ms"].is_f64(), scheme == "https");
    }
}

#[test]
fn a_probe_shows_the_certificate() {
    for (port, not_after, names) in [
        ("HTTPS_PORT", "2049-12-31T00:00:00Z", json!(["localhost", "127.0.0.1", "::1"])),
        ("HTTPS_EXPIRED_PORT", "2021-01-01T00:00:00Z", json!(["localhost", "127.0.0.1", "::1"])),
        ("HTTPS_WRONGHOST_PORT", "2049-12-31T00:00:00Z", json!(["other.example.test"])),
    ] {
        let report = netkit("http probe -k --json").arg(url("https", port, "/")).run().done().object();
        let own = &report["tls"]["chain"][0];
        assert_eq!((&own["not_after"], &own["names"]), (&json!(not_after), &names));
        assert_eq!(
            (&own["issuer"], &report["tls"]["version"]),
            (&json!("CN=netkit interop CA"), &json!("TLSv1.3"))
        );
    }
}

#[test]
fn a_probe_for_people_has_a_fact_a_line() {
    let run = netkit("http probe")
        .arg(url("https", "HTTPS_TLS12_PORT", "/"))
        .option("--cacert", server("CA_FILE"))
        .run()
        .done();
    let fact = |name: &str| {
        let text = run.text();
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(name));
        line.unwrap_or_else(|| panic!("no {name}: {text}"))[name.len()..].trim().to_owned()
    };
    assert_eq!(
        [fact("status"), fact("tls.version"), fact("tls.chain.1.subject")],
        ["200", "TLSv1.2", "CN=localhost"]
    );
}

#[test]
fn json_holds_the_whole_answer() {
    for run in both("/hello.txt") {
        let answer = run.arg("--json").run().done().object();
        assert_eq!(
            (&answer["status"], &answer["reason"], &answer["body"]),
            (&json!(200), &json!("OK"), &json!("hello, world\n"))
        );
        assert!(answer["headers"].as_array().unwrap().contains(&json!(["Content-Length", "13"])), "{answer}");
    }
    use base64::Engine;
    let answer = get("/data.bin").arg("--json").run().done().object();
    let body =
        base64::engine::general_purpose::STANDARD.decode(answer["body_base64"].as_str().unwrap()).unwrap();
    assert!(body == contents("HTTP_ROOT", "data.bin"));

    let run = get("/status/404").arg("--json").run().exits(22);
    assert_eq!((&run.object()["status"], &run.object()["body"]), (&json!(404), &json!("status 404\n")));
    let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!((&error["error"]["code"], &error["error"]["kind"]), (&json!(22), &json!("refused")));
}

#[test]
fn the_dialogue_is_shown_on_stderr_and_traced_to_a_file() {
    let port = server("HTTPS_PORT");
    let run = get_tls("/hello.txt").arg("-v").run().exits(0).prints("hello, world\n");
    run.says(&[
        "> GET /hello.txt HTTP/1.1\n> Host: localhost:",
        "\n< HTTP/1.1 200 OK\n",
        "\n< Content-Length: 13\n",
    ])
    .says(&[
        &format!("* 127.0.0.1:{port}: connected"),
        "* TLSv1.3 ",
        "* certificate CN=localhost, issued by CN=netkit interop CA",
    ]);

    let dir = folder();
    let file = dir.path().join("trace");
    get("/hello.txt").option("--trace", &file).run().done().prints("hello, world\n");
    let trace = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = trace.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.first(), Some(&"C: GET /hello.txt HTTP/1.1"), "{trace}");
    assert!(lines.contains(&"S: HTTP/1.1 200 OK"), "{trace}");
    assert_eq!(lines.last(), Some(&"S: hello, world\\n\\"), "{trace}");
}
