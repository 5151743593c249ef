//! Completion scripts and manual pages, made from the same definitions as the options.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::{Generator, generate, shells};
use clap_complete_nushell::Nushell;

use crate::args::{Cli, Shell};
use crate::failure::{Failure, Result};
use crate::output::Output;

pub fn completions(shell: Shell) -> Result<()> {
    let script = match shell {
        Shell::Bash => script(shells::Bash),
        Shell::Elvish => script(shells::Elvish),
        Shell::Fish => script(shells::Fish),
        Shell::Nushell => script(Nushell),
        Shell::Powershell => script(shells::PowerShell),
        Shell::Zsh => script(shells::Zsh),
    };
    let mut output = Output::open(None, true)?;
    output.write_all(&script).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}

fn script(shell: impl Generator) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "netkit", &mut script);
    script
}

pub fn write(dir: &Path) -> Result<()> {
    let failed = |e| Failure::write(dir.display(), &e);
    std::fs::create_dir_all(dir).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), dir).map_err(failed)
}
