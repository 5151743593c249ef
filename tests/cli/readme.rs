//! Every `$` block of the README is run, and prints what the README says it prints.

use std::path::Path;
use std::process::Command;

/// The commands of the README with the output that stands below each.
fn blocks() -> Vec<(String, String)> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let mut found: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (_, Some(command)) if inside => found.push((command.to_owned(), String::new())),
            (line, None) if inside => {
                let (_, output) = found.last_mut().expect("a block starts with a command");
                *output += &format!("{line}\n");
            }
            _ => {}
        }
    }
    found
}

#[test]
fn the_readme_tells_the_truth() {
    let blocks = blocks();
    assert!(blocks.len() >= 8, "only {} commands", blocks.len());
    let binary = Path::new(env!("CARGO_BIN_EXE_netkit"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let folder = tempfile::tempdir().unwrap();
    for (command, expected) in blocks {
        // Cargo built what is tested; it does not build itself again.
        let command = command.replace("cargo run --release --", "netkit");
        let ran = Command::new("sh")
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .env("PATH", &path)
            .env("TERM", "dumb")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let actual = String::from_utf8(ran.stdout).unwrap().replace("\r\n", "\n");
        let shown = |output: &str| format!("$ {command}\n{}\n", output.trim_end());
        snapbox::assert_data_eq!(shown(&actual), shown(&expected));
    }
}
