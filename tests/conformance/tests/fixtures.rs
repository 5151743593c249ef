//! One test for each fixture and mode; prints the RFC sections covered.
#![allow(missing_docs)]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use netkit_conformance::{MODES, cases, coverage, protocols};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let cases = match cases(&root, &protocols()) {
        Ok(cases) => cases,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Vec::new();
    for case in &cases {
        for mode in MODES.into_iter().filter(|mode| case.has(mode)) {
            let case = Arc::clone(case);
            trials.push(Trial::test(format!("{}::{mode}", case.name), move || {
                case.play(mode).map_err(Failed::from)
            }));
        }
    }
    let arguments = Arguments::from_args();
    let played = trials.len();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        print!("{}", coverage(&cases));
        println!("{played} fixture tests: {} fixtures, each in up to {} modes", cases.len(), MODES.len());
    }
    conclusion.exit_code()
}
