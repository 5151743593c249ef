//! `netkit`: a verb parses its target, makes a few client calls, prints. No protocol knowledge here.

#[allow(
    rustdoc::broken_intra_doc_links,
    reason = "its comments are help texts, which clap prints as they stand"
)]
mod args;
mod dialogue;
mod failure;
mod output;
mod report;
mod run;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    let json = verbs::wants_json(&cli.command);
    match verbs::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ExitCode::from(failure.report(json)),
    }
}
