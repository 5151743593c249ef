//! What the first inputs are made of: the dialogues of the fixtures.

use std::path::Path;

use netkit_conformance::{cases, protocols};
use netkit_mock::script::Leg;

use crate::{Seeds, Target, found};

/// Some fixtures are long on purpose; what lies in them is in the short ones, too.
const LONGEST: usize = 8 << 10;

/// What a target begins with.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// What the inputs grow out of.
    pub seeds: Vec<Vec<u8>>,
    /// What once broke it.
    pub broken: Vec<Vec<u8>>,
}

impl Corpus {
    /// Of a target.
    ///
    /// # Errors
    /// A fixture or a file that cannot be read.
    pub fn of(target: &Target) -> Result<Corpus, String> {
        let mut corpus = Corpus::default();
        for entry in std::fs::read_dir(found(target.name)).into_iter().flatten().flatten() {
            let read = std::fs::read(entry.path());
            corpus.broken.push(read.map_err(|e| format!("{}: {e}", entry.path().display()))?);
        }
        corpus.seeds = match target.seeds {
            Seeds::Answers(protocol) => legs(protocol)?.into_iter().map(|leg| leg.server).collect(),
            Seeds::AnswerLines(protocol) => {
                legs(protocol)?.iter().flat_map(|leg| lines(&leg.server)).collect()
            }
            Seeds::Commands(protocol) => legs(protocol)?.into_iter().map(|leg| leg.client).collect(),
            Seeds::CommandLines(protocol) => {
                legs(protocol)?.iter().flat_map(|leg| lines(&leg.client)).collect()
            }
            Seeds::These(these) => these.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        };
        corpus.seeds.retain(|seed| (1..=LONGEST).contains(&seed.len()));
        corpus.seeds.sort();
        corpus.seeds.dedup();
        Ok(corpus)
    }
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec()).collect()
}

/// Each connection of each fixture of a protocol.
fn legs(protocol: &str) -> Result<Vec<Leg>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let only: Vec<_> = protocols().into_iter().filter(|(name, _)| *name == protocol).collect();
    Ok(cases(&root, &only)?.iter().flat_map(|case| case.fixture.legs.clone()).collect())
}
