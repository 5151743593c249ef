//! `netkit get URL`: the URL's scheme says how.

use crate::command::{folder, netkit};
use crate::servers::{contents, place, server, url};

#[test]
fn every_scheme_fetches_its_file() {
    for (scheme, port, path, root, name) in [
        ("http", "HTTP_PORT", "/data.bin", "HTTP_ROOT", "data.bin"),
        ("https", "HTTPS_PORT", "/data.bin", "HTTP_ROOT", "data.bin"),
        ("HTTP", "HTTP_PORT", "/text.txt", "HTTP_ROOT", "text.txt"),
        ("gopher", "GOPHER_PORT", "/9/data.bin", "GOPHER_ROOT", "data.bin"),
        ("gophers", "GOPHERS_PORT", "/9/data.bin", "GOPHER_ROOT", "data.bin"),
    ] {
        let run = netkit("get").arg(url(scheme, port, path)).option("--cacert", server("CA_FILE")).run();
        run.done().prints(contents(root, name));
    }
}

#[test]
fn it_keeps_the_protocols_exit_codes() {
    netkit("get")
        .arg(url("http", "HTTP_PORT", "/status/404"))
        .run()
        .fails(22, &["404 Not Found"])
        .prints("status 404\n");
    netkit("get")
        .arg(url("http", "ODD_HTTP_PORT", "/cut"))
        .run()
        .fails(18, &["inside the answer"])
        .prints([b'x'; 100]);
    netkit("get")
        .arg(url("gopher", "CLOSED_PORT", "/0/x"))
        .run()
        .fails(7, &["Connection refused"])
        .prints("");
    netkit("get")
        .arg(url("https", "HTTPS_PORT", "/"))
        .option("--cacert", server("OTHER_CA_FILE"))
        .run()
        .fails(60, &["no trusted authority"])
        .prints("");
}

#[test]
fn a_file_is_named_when_it_is_whole() {
    let dir = folder();
    let file = dir.path().join("hello");
    netkit("get")
        .arg(url("gopher", "GOPHER_PORT", "/0/hello.txt"))
        .option("-o", &file)
        .run()
        .done()
        .prints("");
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["hello"]);
    let text = String::from_utf8(std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(text.lines().collect::<Vec<_>>(), ["hello, gopher", "second line"]);
}

#[test]
fn a_scheme_that_nobody_here_fetches_is_refused_before_anything_is_sent() {
    netkit("get").arg(url("ssh", "HTTP_PORT", "/")).run().fails(4, &["ssh"]).prints("");
    netkit("get").arg(place("HTTP_PORT")).run().fails(3, &["whole URL", "hint: netkit http get"]).prints("");
}
