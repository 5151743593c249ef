//! Completion scripts and manual pages, made from the same definitions as the options.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::{Failure, Result};
use crate::output::Output;

pub fn completions(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "netkit", &mut script);
    let mut output = Output::open(None, true)?;
    output.write_all(&script).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}

pub fn write(dir: &Path) -> Result<()> {
    let failed = |e| Failure::write(dir.display(), &e);
    std::fs::create_dir_all(dir).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), dir).map_err(failed)
}
