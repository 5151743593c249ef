//! What nginx wants remembered: cookies, and that it is to be reached by TLS.

use super::{get, get_tls};
use crate::command::{folder, netkit};
use crate::servers::{server, url};

#[test]
fn cookies_come_back_and_those_of_others_do_not() {
    let dir = folder();
    let jar = dir.path().join("jar");
    for run in super::both("/cookies/set") {
        let text = run.option("--cookie-jar", &jar).run().done().text();
        assert!(text.contains("Cookie: sid=31d4; lang=en\r\n"), "{text}");
        assert!(!text.contains("evil"), "{text}");
    }
    let kept = std::fs::read_to_string(&jar).unwrap();
    assert!(kept.contains("#HttpOnly_localhost\tFALSE\t/\tFALSE\t0\tsid\t31d4\n"), "{kept}");
    let text = get("/headers").option("--cookie-jar", &jar).option("--cookie", "mine=1").run().done().text();
    assert!(text.contains("Cookie: mine=1; sid=31d4; lang=en\r\n"), "{text}");
    let text = get("/headers").run().done().text();
    assert!(!text.contains("Cookie:"), "{text}");
}

#[test]
fn a_host_that_wants_tls_gets_it_next_time() {
    let dir = folder();
    let hosts = dir.path().join("hsts");
    // In clear anybody could have said it.
    get("/hsts").option("--hsts", &hosts).run().done().prints("by TLS, please\n");
    assert!(!std::fs::read_to_string(&hosts).unwrap().contains("localhost"));
    netkit("http get -k").arg(url("https", "HTTPS_PORT", "/hsts")).option("--hsts", &hosts).run().exits(0);
    assert!(
        !std::fs::read_to_string(&hosts).unwrap().contains("localhost"),
        "the certificate was not checked"
    );
    get_tls("/hsts").option("--hsts", &hosts).run().done();
    assert!(std::fs::read_to_string(&hosts).unwrap().contains(".localhost \""));
    // The port stays, so the port of TLS is asked in the words of plain http.
    netkit("http get")
        .arg(url("http", "HTTPS_PORT", "/hello.txt"))
        .option("--hsts", &hosts)
        .option("--cacert", server("CA_FILE"))
        .run()
        .done()
        .prints("hello, world\n");
    get("/hello.txt").option("--hsts", &hosts).run().fails(35, &[]);
}

#[test]
fn a_form_with_a_file() {
    let dir = folder();
    let file = dir.path().join("a.txt");
    std::fs::write(&file, "x".repeat(200_000)).unwrap();
    let run = netkit("http post").arg(url("http", "HTTP_PORT", "/echo")).arg("name=Ada");
    let text = run.arg(format!("up@{};type=text/plain", file.display())).run().done().text();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Content-Type: multipart/form-data; boundary="), "{head}");
    assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
    assert!(body.contains("name=\"up\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nxxx"));
}
