//! `netkit http download`: interrupted and resumed, in segments, checked, many, and names that try to escape.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::command::{Ran, command, netkit, ran};

/// A mock server that outlives the commands of a test.
struct Mock {
    server: Child,
    url: String,
}

fn mock() -> Mock {
    let mut server = command().args(["mock", "http", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = format!("http://127.0.0.1:{}", json["port"]);
    Mock { server, url }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// `netkit http download` in that folder.
fn download(dir: &Path, words: &[&str]) -> Ran {
    netkit_in(dir, &[&["http", "download"], words].concat())
}

/// With a home of its own: `--if-changed` keeps something there.
fn netkit_in(dir: &Path, words: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    ran(command().current_dir(dir).env("HOME", home.path()).args(words).output().unwrap())
}

/// What the mock server makes up.
fn made(size: u64, version: u64) -> Vec<u8> {
    let byte = |at: u64| ((at ^ version << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
    (0..size).map(byte).collect()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Starts a download and kills it once its `.part` has so many bytes, or its account says so.
fn kill_when(dir: &Path, words: &[&str], ready: impl Fn(&Path) -> bool) {
    let mut child = command()
        .current_dir(dir)
        .args(["http", "download"])
        .args(words)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !ready(dir) {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(began.elapsed() < Duration::from_secs(20), "it does not come to that: {:?}", names(dir));
        std::thread::sleep(Duration::from_millis(5));
    }
    // SIGKILL: nothing is cleaned up.
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_download_goes_on_where_it_stopped() {
    let (mock, dir) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/slow/600000", mock.url);
    kill_when(dir.path(), &[&url], |dir| {
        fs::metadata(dir.join("600000.part")).is_ok_and(|data| data.len() > 60_000)
    });
    assert_eq!(names(dir.path()), ["600000.part", "600000.part.json"]);
    let done = download(dir.path(), &[&url, "--json"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(report["resumed_from"].as_u64().unwrap() > 60_000, "{report}");
    assert_eq!((report["size"].as_u64(), report["file"].as_str()), (Some(600_000), Some("600000")));
    assert!(fs::read(dir.path().join("600000")).unwrap() == made(600_000, 1));
    assert_eq!(names(dir.path()), ["600000"]);
}

#[test]
fn killed_segments_go_on_where_they_stopped() {
    let (mock, dir) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/slow/900000", mock.url);
    kill_when(dir.path(), &[&url, "--segments", "3"], |dir| {
        // At least two spans have begun.
        fs::read_to_string(dir.join("900000.part.json"))
            .is_ok_and(|account| account.matches("],[").count() > 0)
    });
    let done = download(dir.path(), &[&url, "--segments", "2", "--json"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(report["resumed_from"].as_u64().unwrap() > 0, "{report}");
    assert!(fs::read(dir.path().join("900000")).unwrap() == made(900_000, 1));
    assert_eq!(names(dir.path()), ["900000"]);
}

#[test]
fn segments_make_one_file() {
    let (mock, dir) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/slow/700001?rate=100000000", mock.url);
    download(dir.path(), &[&url, "--segments", "5", "-o", "a"]).code(0);
    assert!(fs::read(dir.path().join("a")).unwrap() == made(700_001, 1));
    // A server without ranges sends it in one go.
    let plain = format!("{}/bytes/300000", mock.url);
    download(dir.path(), &[&plain, "--segments", "5", "-o", "b"]).code(0);
    assert_eq!(fs::read(dir.path().join("b")).unwrap().len(), 300_000);
    assert_eq!(names(dir.path()), ["a", "b"]);
}

#[test]
fn a_retry_goes_on_where_the_connection_was_cut() {
    let (mock, dir) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/drop-after/300000?size=500000", mock.url);
    let done = download(dir.path(), &[&url, "-o", "a", "--retry", "2", "--json"]).code(0).says("once more");
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(report["resumed_from"], 300_000);
    assert!(fs::read(dir.path().join("a")).unwrap() == made(500_000, 1));
    let cut = format!("{}/drop-after/100000?size=200000", mock.url);
    download(dir.path(), &[&cut, "-o", "b"]).code(18);
    assert_eq!(names(dir.path()), ["a", "b.part", "b.part.json"]);
    download(dir.path(), &[&cut, "-o", "b"]).code(0);
    assert!(fs::read(dir.path().join("b")).unwrap() == made(200_000, 1));
}

#[test]
fn another_version_starts_anew() {
    let (mock, dir) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/changing/80000?size=90000", mock.url);
    download(dir.path(), &[&url, "-o", "a"]).code(18);
    let done = download(dir.path(), &[&url, "-o", "a", "--json"]).code(0);
    assert!(done.stdout.contains("\"resumed_from\":0"), "{}", done.stdout);
    assert!(fs::read(dir.path().join("a")).unwrap() == made(90_000, 2));
    assert_eq!(names(dir.path()), ["a"]);
}

#[test]
fn a_whole_part_only_gets_its_name() {
    let (mock, dir) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/drop-after/80000?size=90000", mock.url);
    download(dir.path(), &[&url, "-o", "a"]).code(18);
    // As if the last run had been killed between the last byte and the renaming.
    fs::write(dir.path().join("a.part"), made(90_000, 1)).unwrap();
    let done = download(dir.path(), &[&url, "-o", "a", "--json"]).code(0);
    assert!(done.stdout.contains("\"resumed_from\":90000"), "{}", done.stdout);
    assert!(fs::read(dir.path().join("a")).unwrap() == made(90_000, 1));
}

#[test]
fn a_busy_server_is_asked_again() {
    let (mock, dir) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/flaky/2", mock.url);
    download(dir.path(), &[&url, "-o", "a", "--retry", "2"])
        .code(0)
        .says("503 Service Unavailable; once more");
    assert_eq!(fs::read(dir.path().join("a")).unwrap(), b"at last\n");
    let patient = format!("{}/flaky/1?after=99999", mock.url);
    download(dir.path(), &[&patient, "-o", "b", "--retry", "2"]).code(22).says("503");
}

#[test]
fn a_wrong_checksum_gives_no_name() {
    let dir = tempfile::tempdir().unwrap();
    let wrong = "0".repeat(64);
    let words =
        |sum: &str| netkit_in(dir.path(), &["--mock", "http", "download", "/bytes/3", "--sha256", sum]);
    let failed = words(&wrong)
        .code(18)
        .says("the SHA-256 is ae4b3280e56e2faf83f414a6e3dabe9d5fbe18976544c05fed121accb85b53fc");
    assert_eq!(failed.stdout, "");
    assert_eq!(names(dir.path()), ["3.part"]);
    words("AE4B3280E56E2FAF83F414A6E3DABE9D5FBE18976544C05FED121ACCB85B53FC").code(0);
    assert_eq!(names(dir.path()), ["3"]);
}

#[test]
fn many_files_in_parallel_and_each_failure_named() {
    let (mock, dir) = (mock(), tempfile::tempdir().unwrap());
    let list = dir.path().join("list");
    let lines: Vec<String> = (1..=40).map(|n| format!("{}/bytes/{n}", mock.url)).collect();
    fs::write(&list, format!("# forty\n\n{}\n", lines.join("\n"))).unwrap();
    let done = download(dir.path(), &["-i", "list", "-d", "out", "-P", "4"]).code(0);
    assert_eq!(done.stdout.lines().count(), 40);
    for n in 1..=40 {
        assert_eq!(fs::metadata(dir.path().join(format!("out/{n}"))).unwrap().len(), n);
    }
    let [missing, gone, good] =
        ["/status/404", "/status/410", "/about.txt"].map(|p| format!("{}{p}", mock.url));
    let failed =
        download(dir.path(), &[&missing, &good, &gone]).code(22).says("404 Not Found").says("410 Gone");
    assert_eq!(failed.stdout, "about.txt\n");
    // One connection carries them all.
    let verbose = download(dir.path(), &[&lines[0], &lines[1], "-d", "again", "-v"]).code(0);
    assert_eq!(verbose.stderr.matches("connected").count(), 1, "{}", verbose.stderr);
}

#[test]
fn what_exists_stays() {
    let dir = tempfile::tempdir().unwrap();
    let about = |words: &[&str]| {
        netkit_in(dir.path(), &[&["--mock", "http", "download", "/about.txt"], words].concat())
    };
    fs::write(dir.path().join("about.txt"), "mine").unwrap();
    about(&[]).code(23).says("about.txt exists").says("hint: --force");
    about(&["-o", "about.txt"]).code(23);
    assert_eq!(fs::read(dir.path().join("about.txt")).unwrap(), b"mine");
    about(&["--force"]).code(0);
    assert_eq!(
        fs::read(dir.path().join("about.txt")).unwrap(),
        include_bytes!("../../fixtures/world/about.txt")
    );
    // Its time is the server's now, so the server is asked for a newer one only.
    let same = about(&["--if-changed", "--json"]).code(0);
    assert!(same.stdout.contains("\"changed\":false"), "{}", same.stdout);
    fs::write(dir.path().join("about.txt"), "older").unwrap();
    let old = std::time::UNIX_EPOCH + Duration::from_secs(1);
    fs::File::options().write(true).open(dir.path().join("about.txt")).unwrap().set_modified(old).unwrap();
    about(&["--if-changed"]).code(0);
    assert_eq!(
        fs::read(dir.path().join("about.txt")).unwrap(),
        include_bytes!("../../fixtures/world/about.txt")
    );
    assert_eq!(names(dir.path()), ["about.txt"]);
}

#[test]
fn names_stay_in_the_folder() {
    for (disposition, name) in [
        ("attachment;+filename=report.txt", "report.txt"),
        ("attachment;+filename=%22../../up.txt%22", "up.txt"),
        ("attachment;+filename=%22/tmp/abs.txt%22", "abs.txt"),
        ("attachment;+filename*=UTF-8''..%252f.profile", "profile"),
        ("attachment;+filename=%22-rf%22", "rf"),
        ("attachment;+filename=%22..%22", "named"),
        ("attachment;+filename=other.part.json", "other.part.json_"),
    ] {
        let (top, url) = (tempfile::tempdir().unwrap(), format!("/named?disposition={disposition}"));
        let dir = top.path().join("in");
        fs::create_dir(&dir).unwrap();
        netkit_in(&dir, &["--mock", "http", "download", &url]).code(0);
        assert_eq!((names(&dir), names(top.path())), (vec![name.to_owned()], vec!["in".to_owned()]));
    }
    let dir = tempfile::tempdir().unwrap();
    netkit_in(dir.path(), &["--mock", "http", "download", "/named?disposition=x", "/redirect/1"]).code(0);
    // The URL that the user said gives the name, not where it leads.
    assert_eq!(names(dir.path()), ["1", "named"]);
}

#[test]
fn a_rate_limit_takes_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let began = Instant::now();
    netkit_in(dir.path(), &["--mock", "http", "download", "/bytes/60000", "--limit-rate", "100K"]).code(0);
    assert!(began.elapsed() > Duration::from_millis(400), "{:?}", began.elapsed());
    netkit(&["http", "get", "h.example", "--limit-rate", "0"]).code(2);
}

#[test]
fn progress_is_said_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = netkit_in(dir.path(), &["--mock", "http", "download", "/bytes/5"]).code(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("5\n", ""));
    netkit_in(dir.path(), &["--mock", "http", "download", "/bytes/7", "--progress", "always"])
        .code(0)
        .says("netkit: 7: 7 of 7 bytes");
}

/// What came for a cookie or a login is somebody's own: it is neither kept nor answered from the cache.
#[test]
fn what_is_somebodys_own_is_not_cached() {
    let (mock, home) = (mock(), tempfile::tempdir().unwrap());
    let jar = home.path().join("jar");
    fs::write(&jar, "127.0.0.1\tFALSE\t/\tFALSE\t4102444800\tsid\tada\n").unwrap();
    let kept = |more: &[&str]| {
        let url = format!("{}/about.txt", mock.url);
        let words = [&["http", "get", "--cache", &url], more].concat();
        ran(command().env("HOME", home.path()).args(words).output().unwrap()).code(0);
        fs::read_dir(home.path().join(".cache/netkit/http")).map_or(0, Iterator::count)
    };
    let before = kept(&["--cookie-jar", jar.to_str().unwrap()]);
    assert_eq!(before, kept(&["--auth", "digest", "-u", "ada:x"]));
    assert!(kept(&[]) > before, "nothing at all is kept");
}

#[test]
fn get_answers_from_the_cache_when_the_server_is_gone() {
    let (mock, home) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/about.txt", mock.url);
    let get =
        || ran(command().env("HOME", home.path()).args(["http", "get", "--cache", &url]).output().unwrap());
    assert_eq!(get().code(0).stdout, include_str!("../../fixtures/world/about.txt"));
    drop(mock);
    assert_eq!(get().code(0).stdout, include_str!("../../fixtures/world/about.txt"));
    netkit(&["http", "get", &url]).code(7);
    let cache = home.path().join(".cache/netkit/http");
    for entry in fs::read_dir(&cache).unwrap() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&entry.unwrap().metadata().unwrap().permissions());
        assert_eq!(mode & 0o077, 0);
    }
}

#[test]
fn get_tries_again_before_it_prints() {
    let again = netkit(&["--mock", "http", "get", "/flaky/2", "--retry", "2"]).code(0).says("once more");
    assert_eq!(again.stdout, "at last\n");
    let given_up = netkit(&["--mock", "http", "get", "/flaky/2", "--retry", "1"]).code(22);
    assert_eq!(given_up.stdout, "busy\n");
    netkit(&["--mock", "http", "post", "/flaky/1", "--retry", "1", "a=b"]).code(22);
}

#[test]
fn get_leaves_a_file_that_is_current() {
    let (mock, home) = (mock(), tempfile::tempdir().unwrap());
    let url = format!("{}/slow/50?rate=1000000", mock.url);
    let get = || {
        let mut command = command();
        command.env("HOME", home.path()).current_dir(home.path());
        ran(command.args(["http", "get", "-v", "--if-changed", "-o", "file", &url]).output().unwrap()).code(0)
    };
    assert!(!get().stderr.contains("If-None-Match"));
    assert_eq!(fs::read(home.path().join("file")).unwrap(), made(50, 1));
    let again = get();
    assert!(again.stderr.contains("304 Not Modified"), "{}", again.stderr);
    assert_eq!(fs::read(home.path().join("file")).unwrap(), made(50, 1));
    netkit(&["http", "get", "--if-changed", "h.example"]).code(2);
}

#[test]
fn usage() {
    netkit(&["http", "download"]).code(2).says("no URL");
    netkit(&["http", "download", "h.example/a", "h.example/b", "-o", "c"]).code(2);
    netkit(&["http", "download", "h.example/a", "-o", "-"]).code(2).says("http get");
    netkit(&["http", "download", "h.example/a", "--sha256", "12"]).code(2);
    let shown = netkit(&["http", "download", "http://h.example/a", "--offline"]).code(0);
    assert!(shown.stdout.contains("Accept-Encoding: identity\r\n"), "{}", shown.stdout);
}
