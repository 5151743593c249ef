//! `netkit`: a verb parses its target, makes a few client calls, prints. No protocol knowledge here.

mod again;
mod aim;
#[allow(
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "its comments are help texts, which clap prints as they stand"
)]
mod args;
mod charset;
mod config;
mod dialogue;
mod digest;
mod failure;
mod folder;
mod glob;
mod identity;
mod keep;
mod maildir;
mod mbox;
mod mime;
mod output;
mod progress;
mod proxies;
mod report;
mod run;
mod seen;
mod sendmail;
mod shell;
mod verbs;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match config::command_line(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(failure) => return ExitCode::from(failure.report(false)),
    };
    let json = verbs::wants_json(&cli.command);
    match verbs::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ExitCode::from(failure.report(json)),
    }
}
