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

/// What a body of any size may take, in KiB: what one of a few bytes takes, and two MiB of buffers. A test build carries
/// twice the code, so the absolute bound is for the others.
fn most(small: u64) -> u64 {
    let most = small + (2 << 10);
    if cfg!(debug_assertions) { most } else { most.min(8 << 10) }
}

#[test]
fn a_big_file_is_whole_and_never_held_in_memory() {
    let dir = folder();
    let big = file("HTTP_ROOT", "big.bin");
    assert!(big.metadata().unwrap().len() >= 64 << 20);
    for (run, small) in both("/big.bin").into_iter().zip(both("/data.bin")) {
        let to = dir.path().join("big.bin");
        let small = small.option("-o", dir.path().join("small")).run().done();
        let run = run.option("-o", &to).run().done().prints("");
        let most = most(small.peak_kib);
        assert!((1..=most).contains(&run.peak_kib), "{} KiB in memory, at most {most}", run.peak_kib);
        assert_same(&big, &to);
    }
}

#[test]
fn a_big_body_is_sent_without_being_held() {
    let (big, small) = (file("HTTP_ROOT", "big.bin"), file("HTTP_ROOT", "data.bin"));
    let put = |what: &Path, name: &str| {
        crate::command::netkit("http put")
            .arg(crate::servers::url("http", "HTTP_PORT", format!("/{name}")))
            .option("-d", format!("@{}", what.display()))
            .run()
            .done()
    };
    let name = format!("dav/big-{}", std::process::id());
    let most = most(put(&small, &name).peak_kib);
    let run = put(&big, &name);
    assert!((1..=most).contains(&run.peak_kib), "{} KiB in memory, at most {most}", run.peak_kib);
    let put = file("HTTP_ROOT", &name);
    assert_same(&big, &put);
    std::fs::remove_file(put).unwrap();
}
