//! Each target with what the fixtures say, what once broke it, and two thousand altered inputs, the same in every run.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use netkit_fuzz::{Corpus, Mutator, Target, targets};

fn hold(target: &Target, input: &[u8]) {
    if let Err(why) = (target.holds)(input) {
        panic!("{}: {why}\ninput: {}", target.name, netkit_wire::escape(input));
    }
}

#[test]
fn every_target_holds() {
    for target in targets() {
        let Corpus { seeds, broken } = Corpus::of(target).unwrap();
        assert!(!seeds.is_empty(), "{} has nothing to begin with", target.name);
        broken.iter().chain(&seeds).for_each(|input| hold(target, input));
        let mut mutator = Mutator::new(1);
        (0..2_000).for_each(|_| hold(target, &mutator.next(&seeds)));
    }
}

#[test]
fn inputs_are_the_same_for_the_same_seed() {
    let seeds = [b"220 ready\r\n".to_vec(), b"250-a\r\n250 b\r\n".to_vec()];
    let made = |seed| -> Vec<Vec<u8>> {
        let mut mutator = Mutator::new(seed);
        (0..50).map(|_| mutator.next(&seeds)).collect()
    };
    assert_eq!(made(3), made(3));
    assert_ne!(made(3), made(4));
}

#[test]
fn targets_have_names_of_their_own() {
    let mut names: Vec<_> = targets().map(|target| target.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/found")).into_iter().flatten() {
        let name = entry.unwrap().file_name();
        assert!(names.iter().any(|known| *known == name), "found/{} belongs to no target", name.display());
    }
}
