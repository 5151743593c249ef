//! How FTP's data connections come about: TLS sessions, ports, ranges, and a control connection that is kept alive.

use std::path::Path;

use crate::command::{command, netkit};
use crate::ftp::{last, pattern};
use crate::world::World;

#[test]
fn a_server_may_want_its_tls_session_resumed() {
    let world = World::new("ftp", &["--ftp", "reuse"]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    let files: Vec<String> = (0..10).map(|n| here(&format!("f{n}"))).collect();
    for file in &files {
        std::fs::write(file, file.as_bytes()).unwrap();
    }
    let words: Vec<&str> = files.iter().map(String::as_str).collect();
    world.ftp_in_tls("put", "in/", &words).code(0);
    let kept = last(&world.ftp_in_tls("mirror", "in", &[&here("kept"), "--json", "-P", "3"]).code(0));
    assert_eq!(kept["moved"], 10);
    assert_eq!(std::fs::read_to_string(here("kept/f7")).unwrap(), files[7]);
}

#[test]
fn a_server_that_does_not_see_that_tls_1_3_resumes_has_tls_1_2() {
    let world = World::new("ftp", &["--ftp", "reuse-tls1.2"]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    std::fs::create_dir(here("tree")).unwrap();
    for name in ["a", "b", "tree/c", "tree/d"] {
        std::fs::write(here(name), name).unwrap();
    }
    world.ftp_in_tls("put", "in/", &[&here("a"), &here("b"), "-v"]).code(0).says("again with TLS 1.2");
    assert_eq!(world.ftp_in_tls("cat", "in/a", &[]).code(0).stdout, "a");
    assert_eq!(world.ftp_in_tls("ls", "in", &["--names"]).code(0).stdout, "a\nb\n");
    assert!(world.ftp_in_tls("ls", "in", &[]).code(0).stdout.contains("a\n"));
    world.ftp_in_tls("get", "in/b", &["-d", &here("back")]).code(0);
    assert_eq!(std::fs::read_to_string(here("back/b")).unwrap(), "b");
    world.ftp_in_tls("mirror", "up", &["--reverse", &here("tree")]).code(0);
    let again = last(&world.ftp_in_tls("mirror", "up", &["--reverse", &here("tree"), "--json"]).code(0));
    assert_eq!((&again["moved"], &again["unchanged"]), (&0.into(), &2.into()));
    world.ftp_in_tls("mirror", "up", &[&here("down")]).code(0);
    assert_eq!(std::fs::read_to_string(here("down/d")).unwrap(), "tree/d");
    std::fs::write(here("large"), vec![b'x'; 5_000_000]).unwrap();
    world.ftp_in_tls("put", "in/", &[&here("large")]).code(0);
    world.ftp_in_tls("get", "in/large", &["--segments", "4", "-o", &here("parts")]).code(0);
    assert_eq!(std::fs::read(here("parts")).unwrap().len(), 5_000_000);
    // Who wants 1.3 and nothing else has an error, and the server's reason.
    world.ftp_in_tls("cat", "in/a", &["--tls-min", "1.3"]).code(22).says("522");
}

#[test]
fn the_server_dials_from_its_data_port_or_not() {
    let strict = World::new("ftp", &["--ftp", "data-port"]);
    let free = World::new("ftp", &[]);
    let words = ["--active", "--verify-data-port"];
    for world in [&strict, &free] {
        assert!(world.ftp("cat", "about.txt", &["--active"]).code(0).stdout.starts_with("This world"));
    }
    for _ in 0..3 {
        assert!(strict.ftp("cat", "about.txt", &words).code(0).stdout.starts_with("This world"));
    }
    free.ftp("cat", "about.txt", &words).code(4).says("a port other than the data port");
    strict.ftp("cat", "about.txt", &["--verify-data-port"]).code(2);
}

#[test]
fn a_server_that_gives_fewer_connections_than_asked_for_is_enough() {
    let world = World::new("ftp", &["--ftp", "crowded", "--latency", "5ms"]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    let files: Vec<String> = (0..40).map(|n| here(&format!("f{n}"))).collect();
    for file in &files {
        std::fs::write(file, file.as_bytes()).unwrap();
    }
    let words: Vec<&str> = ["-P", "5"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let said = world.ftp("put", "in/", &words).code(0).says("one connection less");
    assert_eq!(said.stdout.lines().count(), 40);
    let words = [here("kept"), "--json".to_owned(), "-P".to_owned(), "5".to_owned()];
    let kept = world.ftp("mirror", "in", &words.each_ref().map(String::as_str)).code(0);
    assert_eq!(last(&kept.says("421"))["moved"], 40);
    assert_eq!(std::fs::read_to_string(here("kept/f39")).unwrap(), files[39]);
    let large: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).take(5_000_000).collect();
    std::fs::write(here("large"), &large).unwrap();
    world.ftp("put", "in/", &[&here("large")]).code(0);
    let words = ["--segments".to_owned(), "4".to_owned(), "-o".to_owned(), here("parts")];
    world.ftp("get", "in/large", &words.each_ref().map(String::as_str)).code(0).says("one connection less");
    assert!(std::fs::read(here("parts")).unwrap() == large);
}

#[test]
fn a_part_whose_connection_breaks_goes_on() {
    let world = World::new("ftp", &["--fault", "ftp:RETR:2:drop"]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    let large: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).take(5_000_000).collect();
    std::fs::write(here("large"), &large).unwrap();
    world.ftp("put", "in/", &[&here("large")]).code(0);
    let words = ["--segments".to_owned(), "4".to_owned(), "-o".to_owned(), here("parts"), "-v".to_owned()];
    let ran = world.ftp("get", "in/large", &words.each_ref().map(String::as_str)).code(0);
    let dialled = ran.stderr.lines().filter(|line| line.contains(": connected")).count();
    assert_eq!(dialled, 1 + 4 + 2, "{}", ran.stderr);
    assert!(std::fs::read(here("parts")).unwrap() == large);
}

#[test]
fn parts_that_broke_off_leave_nothing_that_looks_whole() {
    let world = World::new("ftp", &["--fault", "ftp:REST 2500000:drop", "--fault", "ftp:RANG 2500000:drop"]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    let large: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).take(5_000_000).collect();
    std::fs::write(here("large"), &large).unwrap();
    world.ftp("put", "in/", &[&here("large")]).code(0);
    let got = here("got");
    world.ftp("get", "in/large", &["-o", &got, "--segments", "4"]).code(52);
    assert!(!Path::new(&got).exists() && !Path::new(&format!("{got}.parts")).exists());
    assert!(std::fs::read(format!("{got}.part")).unwrap() == large[..2_500_000]);
    // The rest of it, in parts that end elsewhere.
    world.ftp("get", "in/large", &["-o", &got, "--segments", "3", "-c"]).code(52);
    std::fs::write(format!("{got}.part"), &large[..2_500_001]).unwrap();
    world.ftp("get", "in/large", &["-o", &got, "--segments", "2", "-c"]).code(0);
    assert!(std::fs::read(&got).unwrap() == large);
    std::fs::write(format!("{got}.part"), &large[..9]).unwrap();
    world.ftp("get", "in/large", &["-o", &got, "-c"]).code(0);
    assert!(std::fs::read(&got).unwrap() == large);
}

#[test]
fn a_download_is_tried_again_from_where_it_broke_off() {
    let world = World::new("ftp", &["--fault", "ftp:RETR:2:drop"]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    let large: Vec<u8> = (0..500_000_u32).flat_map(u32::to_le_bytes).take(500_000).collect();
    std::fs::write(here("large"), &large).unwrap();
    world.ftp("put", "in/", &[&here("large")]).code(0);
    std::fs::write(here("got.part"), &large[..123_456]).unwrap();
    let words = ["-o".to_owned(), here("got"), "-c".to_owned(), "-v".to_owned(), "--retry".to_owned()];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = world.ftp("get", "in/large", &[&words[..], &["2"]].concat()).code(0).says("once more in");
    assert_eq!(ran.stderr.matches("> REST 123456").count(), 3, "{}", ran.stderr);
    assert!(std::fs::read(here("got")).unwrap() == large);
}

#[test]
fn a_server_that_comes_late_is_waited_for() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        std::io::Write::write_all(&mut listener.accept().unwrap().0, b"iHello\t\t\t0\r\n.\r\n").unwrap();
    });
    let place = format!("127.0.0.1:{port}/");
    let words = ["--no-config", "gopher", "menu", &place, "--retry", "9"];
    netkit(&words).code(0).says("once more in").says("(9 left)");
    server.join().unwrap();
    netkit(&["--no-config", "gopher", "menu", &place]).code(7);
    // What never reached a server may be sent again, whatever it is.
    netkit(&["--no-config", "http", "post", &place, "a=b", "--retry", "1"]).code(7).says("(1 left)");
    netkit(&["--no-config", "gopher", "menu", &place, "--retry", "5", "--max-time", "400ms"]).code(7);
}

#[test]
fn the_control_connection_is_kept_alive() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    for name in ["a", "b"] {
        std::fs::write(here(name), vec![b'x'; 90_000]).unwrap();
    }
    let slow = ["--keep-alive", "40ms", "--limit-rate", "300k", "-v"];
    let put = world.ftp("put", "in/", &[&slow[..], &[&here("a"), &here("b")]].concat()).code(0);
    let got = world.ftp("get", "", &[&slow[..], &["in/a", "in/b", "-d", &here("back")]].concat()).code(0);
    for ran in [put, got] {
        assert!(ran.stderr.matches("> NOOP").count() > 2, "{}", ran.stderr);
    }
    assert_eq!(std::fs::read(here("back/b")).unwrap().len(), 90_000);
}

#[test]
fn a_part_is_asked_for_where_there_are_ranges() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    let large = pattern(3_500_000);
    std::fs::write(here("large"), &large).unwrap();
    world.ftp("put", "in/", &[&here("large")]).code(0);
    let ran = world.ftp("get", "in/large", &["--segments", "3", "-o", &here("back"), "-v"]).code(0);
    assert!(std::fs::read(here("back")).unwrap() == large);
    assert!(ran.stderr.contains("> RANG 0 1166666") && !ran.stderr.contains("ABOR"), "{}", ran.stderr);
}

#[test]
fn what_came_is_compared_with_the_servers_hash() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().display().to_string();
    world.ftp("get", "about.txt", &["--verify", "-d", &to, "-v"]).code(0).says("> HASH about.txt");
    let liar = World::new("ftp", &["--fault", "ftp:HASH:reply=213 SHA-256 0-9 00ff about.txt"]);
    let other = dir.path().join("other");
    liar.ftp("get", "about.txt", &["--verify", "-o", other.to_str().unwrap()])
        .code(18)
        .says("the server says");
    assert!(!other.exists() && dir.path().join("other.part").exists());
    let silent = World::new("ftp", &["--fault", "ftp:FEAT:reply=502 what"]);
    silent.ftp("get", "about.txt", &["--verify", "-d", &to]).says("does not offer HASH");
}

#[test]
fn what_is_refused_is_not_sent_again() {
    let world = World::new("ftp", &["--fault", "ftp:STOR:9:reply=452 no room"]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a");
    std::fs::write(&file, "a").unwrap();
    let ran = world.ftp("put", "in/", &[file.to_str().unwrap(), "-v"]).code(22).says("452 no room");
    assert_eq!(ran.stderr.matches("> STOR").count(), 1, "{}", ran.stderr);
}

#[test]
fn between_two_servers_in_tls_one_is_its_client() {
    let (one, other) = (World::new("ftp", &[]), World::new("ftp", &[]));
    let from = format!("ftp://alice:secret@localhost:{}/notes/ports.txt", one.port());
    let to = format!("ftp://alice:secret@localhost:{}/x", other.port());
    let ran = netkit(&["ftp", "copy", "--fxp", &from, &to, "--starttls", "-k", "-v"]).code(0);
    assert_eq!(ran.stdout, "x\tbetween the servers\n");
    assert!(ran.stderr.contains("> CPSV"), "{}", ran.stderr);
    assert!(other.ftp("stat", "x", &["--json"]).code(0).stdout.contains("\"size\":333"));
}

#[test]
fn the_control_connection_goes_on_in_clear_text() {
    let world = World::new("ftp", &["--ftp", "reuse"]);
    let ran = world.ftp_in_tls("cat", "about.txt", &["--ccc", "--host", "mock.netkit.example", "-v"]).code(0);
    assert!(ran.stdout.starts_with("This world"));
    let said = &ran.stderr;
    let order =
        ["> HOST mock.netkit.example", "> CCC", "changed to clear text", "> RETR about.txt", "> QUIT"];
    let places: Vec<Option<usize>> = order.iter().map(|words| said.find(words)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {said}");
    world.ftp("cat", "about.txt", &["--ccc"]).code(22);
}

/// The names and lengths of what is in a folder.
fn parts(folder: &Path) -> Vec<(String, u64)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    entries.map(|one| (one.file_name().into_string().unwrap(), one.metadata().unwrap().len())).collect()
}

/// Mirrors `in`, and is killed as soon as some of its one file is here: what is left of it.
fn killed_midway(world: &World, kept: &Path) -> (String, u64) {
    let at = world.at("/in");
    let options = ["--plain", "-u", "alice:secret", "--limit-rate", "1M"];
    let mut child = command()
        .args(["ftp", "mirror", &at])
        .arg(kept)
        .args(options)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !parts(kept).iter().any(|(_, length)| *length > 0) {
        assert!(child.try_wait().unwrap().is_none(), "it was quicker than it may be");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let left = parts(kept);
    assert_eq!(left.len(), 1, "{left:?}");
    left.into_iter().next().unwrap()
}

#[test]
fn a_mirror_goes_on_where_it_was_interrupted() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    let large = pattern(4_000_000);
    std::fs::write(here("large"), &large).unwrap();
    world.ftp("put", "in/", &[&here("large")]).code(0);
    let left = killed_midway(&world, &dir.path().join("kept"));
    assert!(left.0.starts_with(".netkit-"), "{left:?}");
    let ran = world.ftp("mirror", "in", &[&here("kept"), "-v", "-P", "1"]).code(0);
    assert!(ran.stderr.contains(&format!("> REST {}\n", left.1)), "{left:?} {}", ran.stderr);
    assert!(std::fs::read(here("kept/large")).unwrap() == large);
    assert_eq!(parts(&dir.path().join("kept")).len(), 1);
}

#[test]
fn another_version_of_a_file_is_not_gone_on_with() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(here("large"), pattern(2_000_000)).unwrap();
    world.ftp("put", "in/", &[&here("large")]).code(0);
    killed_midway(&world, &dir.path().join("kept"));
    // The same size, another time.
    let other = vec![b'x'; 2_000_000];
    std::fs::write(here("large"), &other).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(3600);
    std::fs::File::options().write(true).open(here("large")).unwrap().set_modified(later).unwrap();
    std::fs::create_dir(here("up")).unwrap();
    std::fs::rename(here("large"), here("up/large")).unwrap();
    world.ftp("mirror", "in", &["--reverse", &here("up")]).code(0);
    world.ftp("mirror", "in", &[&here("kept")]).code(0);
    assert!(std::fs::read(here("kept/large")).unwrap() == other);
}

#[test]
fn what_was_asked_for_and_cannot_be_had_is_no_success() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("kept").display().to_string();
    // The mock tells no permissions.
    let ran = world.ftp("mirror", "notes", &[&to, "--permissions"]).code(4);
    ran.says("does not tell the permissions");
    assert!(dir.path().join("kept/ports.txt").exists());
}

#[test]
fn the_next_file_comes_over_another_connection_when_one_broke() {
    let world = World::new("ftp", &["--fault", "ftp:RETR:1:drop"]);
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().display().to_string();
    let ran = world.ftp("get", "notes", &["ports.txt", "sockets.txt", "-d", &to]);
    assert_ne!(ran.code, 0);
    ran.says("ports.txt");
    assert_eq!(std::fs::metadata(dir.path().join("sockets.txt")).unwrap().len(), 339);
    assert!(!dir.path().join("ports.txt").exists());
}
