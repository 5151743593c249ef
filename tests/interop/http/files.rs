//! Downloads to files, the big one in little memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::both;
use crate::command::folder;
use crate::servers::{contents, file};

/// Compares without holding either.
fn assert_same(one: &Path, other: &Path) {
    let (mut a, mut b) = (File::open(one).unwrap(), File::open(other).unwrap());
    assert_eq!(a.metadata().unwrap().len(), b.metadata().unwrap().len());
    let (mut left, mut right) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        let count = a.read(&mut left).unwrap();
        if count == 0 {
            return;
        }
        b.read_exact(&mut right[..count]).unwrap();
        assert!(left[..count] == right[..count]);
    }
}

#[test]
fn a_file_gets_its_name_when_it_is_whole() {
    let dir = folder();
    for run in both("/data.bin") {
        let to = dir.path().join("data.bin");
        std::fs::write(&to, "an older one").unwrap();
        run.option("-o", &to).run().done().prints("");
        assert!(std::fs::read(&to).unwrap() == contents("HTTP_ROOT", "data.bin"));
        let names: Vec<_> =
            std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["data.bin"]);
    }
    let to = dir.path().join("no/such/folder");
    for run in both("/data.bin") {
        run.option("-o", &to).run().fails(23, &["no/such/folder.part", "No such file"]).prints("");
    }
}

#[test]
fn a_big_file_is_whole_and_never_held_in_memory() {
    // A test build carries more code, and its allocator keeps more.
    let most = if cfg!(debug_assertions) { 16 << 10 } else { 8 << 10 };
    let dir = folder();
    let big = file("HTTP_ROOT", "big.bin");
    assert!(big.metadata().unwrap().len() >= 64 << 20);
    for run in both("/big.bin") {
        let to = dir.path().join("big.bin");
        let run = run.option("-o", &to).run().done().prints("");
        assert!((1..=most).contains(&run.peak_kib), "{} KiB in memory", run.peak_kib);
        assert_same(&big, &to);
    }
}

#[test]
fn a_big_body_is_sent_without_being_held() {
    let most = if cfg!(debug_assertions) { 16 << 10 } else { 8 << 10 };
    let big = file("HTTP_ROOT", "big.bin");
    let name = format!("dav/big-{}", std::process::id());
    let run = crate::command::netkit("http put")
        .arg(crate::servers::url("http", "HTTP_PORT", format!("/{name}")))
        .option("-d", format!("@{}", big.display()))
        .run()
        .done();
    assert!((1..=most).contains(&run.peak_kib), "{} KiB in memory", run.peak_kib);
    let put = file("HTTP_ROOT", &name);
    assert_same(&big, &put);
    std::fs::remove_file(put).unwrap();
}
