//! `http download` from nginx: ranges, resume after a kill, several parts at a time, a second look.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::command::netkit;
use crate::servers::{file, url};

fn download(path: &str, to: &Path) -> crate::command::Netkit {
    netkit("http download --json").arg(url("http", "HTTP_PORT", path)).option("-d", to)
}

/// The object that says what became of the file.
fn report(run: crate::outcome::Outcome) -> Value {
    serde_json::from_slice(&run.stdout).unwrap()
}

#[track_caller]
fn assert_whole(to: &TempDir, name: &str) {
    let (here, there) =
        (std::fs::read(to.path().join(name)).unwrap(), std::fs::read(file("HTTP_ROOT", name)).unwrap());
    assert!(here == there, "{name} differs");
    let names: Vec<_> =
        std::fs::read_dir(to.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [name]);
}

#[test]
fn a_killed_download_is_gone_on_with_and_the_bytes_are_the_same() {
    let to = TempDir::new().unwrap();
    let mut slow = Command::new(env!("CARGO_BIN_EXE_netkit"));
    slow.args(["http", "download", "--no-config", "--limit-rate", "400K", "-d"]).arg(to.path());
    slow.arg(url("http", "HTTP_PORT", "/data.bin")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = slow.spawn().unwrap();
    let (began, part) = (Instant::now(), to.path().join("data.bin.part"));
    while part.metadata().map_or(0, |data| data.len()) < 150_000 {
        assert!(began.elapsed() < Duration::from_secs(30), "nothing comes");
        std::thread::sleep(Duration::from_millis(5));
    }
    // SIGKILL: nothing is tidied up.
    child.kill().unwrap();
    child.wait().unwrap();
    let report = report(download("/data.bin", to.path()).run().done());
    assert!(report["resumed_from"].as_u64().unwrap() >= 150_000, "{report}");
    assert_whole(&to, "data.bin");
}

#[test]
fn four_parts_at_a_time_make_one_file() {
    let to = TempDir::new().unwrap();
    let report = report(download("/data.bin", to.path()).words("--segments 4").run().done());
    assert_eq!(report["size"], 1 << 20, "{report}");
    assert_whole(&to, "data.bin");
}

#[test]
fn a_file_that_has_not_changed_is_not_fetched_again() {
    let to = TempDir::new().unwrap();
    let home = TempDir::new().unwrap();
    let again = || {
        download("/data.bin", to.path())
            .words("--if-changed")
            .env("HOME", home.path().to_str().unwrap())
            .run()
            .done()
    };
    assert_eq!(report(again())["changed"], true);
    assert_eq!(report(again())["changed"], false);
    assert_whole(&to, "data.bin");
}

#[test]
fn a_coded_page_is_decoded_unless_it_is_to_stay() {
    let to = TempDir::new().unwrap();
    download("/gzip/text.txt", to.path()).run().done();
    assert_whole(&to, "text.txt");
    std::fs::remove_file(to.path().join("text.txt")).unwrap();
    let coded =
        download("/gzip/text.txt", to.path()).words("--raw-body").option("-H", "Accept-Encoding: gzip");
    coded.run().done();
    let kept = std::fs::read(to.path().join("text.txt")).unwrap();
    assert!(
        kept.starts_with(&[0x1f, 0x8b])
            && kept.len() < file("HTTP_ROOT", "text.txt").metadata().unwrap().len() as usize
    );
}

#[test]
fn a_checksum_decides_and_a_missing_page_is_22() {
    let to = TempDir::new().unwrap();
    let wrong = "0".repeat(64);
    download("/hello.txt", to.path()).option("--sha256", &wrong).run().exits(18);
    assert!(!to.path().join("hello.txt").exists());
    netkit("http download")
        .arg(url("http", "HTTP_PORT", "/status/404"))
        .option("-d", to.path())
        .run()
        .exits(22);
}
