//! `netkit ftp shell`: a script, jobs behind the prompt, and a person at a terminal.

use crate::command::netkit_with;
use crate::screen::Screen;
use crate::world::World;

#[test]
fn a_shell_is_a_script_too() {
    let dir = tempfile::tempdir().unwrap();
    let script = format!(
        "cd notes\npwd\nls\nlcd {}\nget ports.txt\nput ports.txt /up\nstat /up\ncat nope\nmkdir a\nrmdir a\nraw NOOP\nbogus\nquit\n",
        dir.path().display()
    );
    let ran = netkit_with(&["ftp", "shell", "--mock", "-u", "alice:secret"], script.as_bytes()).code(78);
    for wanted in [
        "/notes\n",
        "sockets.txt",
        "ports.txt: 333 bytes",
        "/up: 333 bytes",
        "file\t333\t",
        "200 nothing done",
    ] {
        assert!(ran.stdout.contains(wanted), "{wanted}: {}", ran.stdout);
    }
    assert!(
        ran.stderr.contains("bogus: no such command") && ran.stderr.contains("2 commands failed"),
        "{}",
        ran.stderr
    );
    assert!(dir.path().join("ports.txt").exists());
}

#[test]
fn transfers_go_on_behind_the_prompt() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let large = vec![b'x'; 300_000];
    std::fs::write(dir.path().join("large"), &large).unwrap();
    let here = dir.path().display();
    let script = format!(
        "lcd {here}\nput large /a/one &\nwait 1\nget /a/one back &\nls /notes\nget /nope none &\nls / &\nwait 9\nwait\njobs\n"
    );
    let at = world.at("");
    let words = ["ftp", "shell", &at, "--plain", "-u", "alice:secret"];
    let ran = netkit_with(&words, script.as_bytes()).code(2);
    for wanted in [
        "[1] put large /a/one\n",
        "[1] /a/one: 300000 bytes\n",
        "[2] get /a/one back\n",
        "[2] back: 300000 bytes\n",
        "sockets.txt",
        "[3] get /nope none\n",
    ] {
        assert!(ran.stdout.contains(wanted), "{wanted}: {}", ran.stdout);
    }
    for wanted in ["[3] ", "only get and put can go on", "there is no job 9", "3 commands failed"] {
        assert!(ran.stderr.contains(wanted), "{wanted}: {}", ran.stderr);
    }
    assert!(std::fs::read(dir.path().join("back")).unwrap() == large);
    // What goes on at the end is not cut off, slow as it may be.
    let script = format!("lcd {here}\nput large /a/two &\nquit\n");
    netkit_with(&[&words[..], &["--limit-rate", "600k"]].concat(), script.as_bytes()).code(0);
    assert!(world.ftp("stat", "a/two", &[]).code(0).stdout.contains("300000"));
}

#[test]
fn names_are_completed_and_lines_remembered() {
    let home = tempfile::tempdir().unwrap();
    let words = ["--mock", "ftp", "shell", "-u", "alice:secret", "--no-config"];
    let mut screen = Screen::start_at(&words, home.path());
    screen.shows("/> ");
    screen.types("ca\t no\tpor\t\r");
    screen.shows("cat notes/ports.txt");
    screen.shows("/> ");
    screen.types("mkdir \"a b\"\r");
    screen.shows("/> ");
    screen.types("cd a\t\t");
    // Both that begin so are shown.
    screen.shows("a b/");
    screen.types(" \x15cd \"a \t\r");
    screen.shows("/a b> ");
    screen.types("lcd ");
    screen.types(home.path().to_str().unwrap());
    screen.types("\r");
    screen.shows("/a b> ");
    screen.types("raw PASS hush\r");
    screen.shows("/a b> ");
    screen.types("quit\r");
    assert_eq!(screen.code(), Some(0));
    let kept = home.path().join(".local/state/netkit/ftp-history");
    let lines = std::fs::read_to_string(&kept).unwrap();
    assert!(lines.starts_with("cat notes/ports.txt\n") && lines.contains("\nlcd "), "{lines}");
    assert!(!lines.contains("hush"), "{lines}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let mut screen = Screen::start_at(&words, home.path());
    screen.shows("/> ");
    screen.types("\x10\x10\x10");
    screen.shows("cd \"a b/\"");
    screen.types("\x15quit\r");
    assert_eq!(screen.code(), Some(0));
}
