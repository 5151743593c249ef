//! The configuration: accounts, defaults, and what was typed goes first.

use crate::command::{command, netkit, ran};

const CONFIG: &str = r#"
[defaults]
timeout = "2s"

[account.page]
target = "h.invalid/about.txt"
user = "ada:hunter2"
insecure-auth = true
header = ["X-One: 1", "X-Two: 2"]

[account.mail]
target = "smtp://mail.invalid"
starttls = true
hello = "me.example"

[account.box]
target = "imap://127.0.0.1:1"
user = "ada:x"
plain = true

[account.files]
target = "ftp://ftp.invalid/pub/"
plain = true

[account.empty]
user = "x"
"#;

fn with_config(words: &[&str]) -> crate::command::Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, CONFIG).unwrap();
    netkit(&[&["--config", file.to_str().unwrap()], words].concat())
}

#[test]
fn an_account_is_a_target_with_options() {
    let request = with_config(&["http", "get", "@page", "--offline"]).code(0).stdout;
    for line in [
        "GET /about.txt HTTP/1.1\r\n",
        "Host: h.invalid\r\n",
        "Authorization: ***\r\n",
        "X-One: 1\r\n",
        "X-Two: 2\r\n",
    ] {
        assert!(request.contains(line), "{line:?} in {request}");
    }
    let mail =
        ["smtp", "send", "@mail", "--from", "a@x.example", "--to", "b@x.example", "--body", "x", "--offline"];
    assert!(with_config(&mail).code(0).stdout.starts_with("EHLO me.example\r\n"));
}

/// Whatever else a verb is told behind its target.
#[test]
fn every_verb_knows_accounts() {
    let offline = |words: &[&str]| with_config(&[words, &["--offline"]].concat()).code(0).stdout;
    for words in [
        &["imap", "list", "@box"][..],
        &["imap", "list", "@box/Old"],
        &["imap", "search", "@box", "unseen"],
        &["imap", "move", "@box", "1:3", "Old"],
        &["imap", "raw", "@box", "NOOP"],
    ] {
        with_config(words).code(7).says("127.0.0.1:1: Connection refused");
    }
    assert!(offline(&["ftp", "ls", "@files"]).contains(" pub"));
    assert!(offline(&["ftp", "ls", "@files/deep/er"]).contains(" pub/deep/er"));
    assert!(offline(&["ftp", "stat", "@files/a"]).contains(" pub/a"));
    assert!(offline(&["http", "request", "OPTIONS", "@page/x?y=z"]).starts_with("OPTIONS /about.txt/x?y=z "));
    with_config(&["ftp", "ls", "@nobody/x"]).code(3).says("there is no account nobody");
}

/// Its arguments are recipients; the account stands in an option, or in the environment.
#[test]
fn sendmail_takes_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[account.work]\ntarget = \"submission://127.0.0.1:1\"\n").unwrap();
    let letter = folder.path().join("letter");
    std::fs::write(&letter, "From: a@x.example\nTo: b@x.example\n\nhi\n").unwrap();
    let send = |words: &[&str], server: Option<&str>| {
        let mut command = command();
        command.args(["--config", file.to_str().unwrap(), "smtp", "sendmail", "-t"]).args(words);
        command.stdin(std::fs::File::open(&letter).unwrap());
        server.map(|server| command.env("NETKIT_SENDMAIL_SERVER", server));
        ran(command.output().unwrap())
    };
    send(&["--server", "@work"], None).code(7).says("127.0.0.1:1: Connection refused");
    send(&["--server=@work"], None).code(7).says("127.0.0.1:1: Connection refused");
    send(&[], Some("@work")).code(7).says("127.0.0.1:1: Connection refused");
    send(&["--server", "@nobody"], Some("@work")).code(3).says("there is no account nobody");
}

/// What another program's file says becomes a configuration that works.
#[test]
fn accounts_of_other_programs() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let taken_over = |file: &str, words: &[&str]| {
        let config = netkit(&[&["config", "import", file], words].concat()).code(0).stdout;
        (write("config.toml", &config), config)
    };
    let msmtp = "account home\nhost 127.0.0.1\nport 1\ntls off\nauth on\nuser me\npassword \"a \\\"b\"\n\
                 from me@x.example\nkeepbcc on\n";
    let (config, text) = taken_over(&write(".msmtprc", msmtp), &[]);
    assert!(text.ends_with("# keepbcc on\n"), "{text}");
    let send = ["smtp", "send", "@home", "--to", "b@x.example", "--body", "x"];
    netkit(&[&["--config", &config], &send[..]].concat()).code(7).says("127.0.0.1:1: Connection refused");
    netkit(&["--config", &config, "config", "show"]).code(0);
    let mbsync = "IMAPStore far\nHost 127.0.0.1\nPort 1\nUser me\nPassCmd \"echo x\"\nSSLType None\n";
    let (config, _) = taken_over(&write("mail", mbsync), &["--format", "mbsync"]);
    netkit(&["--config", &config, "imap", "folders", "@far"]).code(7);
    let netrc =
        "machine a.example login x password p\nmachine a.example login y password q\ndefault login z\n";
    let (config, text) = taken_over(&write(".netrc", netrc), &[]);
    assert!(text.contains("[account.\"a.example\"]") && text.contains("[account.\"a.example-2\"]"), "{text}");
    let shown = netkit(&["--config", &config, "config", "show"]).code(0).stdout;
    assert!(shown.contains("user = \"y:***\""), "{shown}");
    netkit(&["config", "import", &write("some", "x")]).code(2).says("--format");
    netkit(&["config", "import", &write("mbsyncrc", "Channel x\n")]).code(26).says("no account");
}

#[test]
fn what_is_typed_goes_first() {
    let request =
        with_config(&["http", "get", "@page", "--offline", "-H", "X-Mine: 3", "-u", "bob:x"]).code(0).stdout;
    assert!(request.contains("X-Mine: 3\r\n") && !request.contains("X-One"), "{request}");
    // The account says --starttls; --plain excludes it, so no error comes of the two together.
    let plain = [
        "smtp",
        "send",
        "@mail",
        "--from",
        "a@x.example",
        "--to",
        "b@x.example",
        "--body",
        "x",
        "--plain",
        "--offline",
    ];
    with_config(&plain).code(0);
}

#[test]
fn what_is_wrong_names_the_file() {
    with_config(&["http", "get", "@nobody"]).code(3).says("there is no account nobody");
    with_config(&["http", "get", "@empty"]).code(2).says("account empty has no target");
    netkit(&["--no-config", "http", "get", "@page"]).code(3).says("there is no configuration");
    netkit(&["--config", "/nonexistent/config", "http", "get", "x.invalid"])
        .code(26)
        .says("/nonexistent/config");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    for (text, why) in [
        ("[defaults]\nno-such = 1", "no-such"),
        ("[defaults", "config.toml"),
        ("x = 1", "unknown key x"),
        ("[defaults]\ntimeout = 1.5", "defaults.timeout"),
    ] {
        std::fs::write(&file, text).unwrap();
        netkit(&["--config", file.to_str().unwrap(), "gopher", "menu", "x.invalid"]).code(2).says(why);
    }
}

#[test]
fn show_hides_secrets() {
    let shown = with_config(&["config", "show", "--origin"]).code(0).stdout;
    assert!(
        shown.contains("[account.page]")
            && shown.contains("user = \"ada:***\"")
            && shown.contains("config.toml"),
        "{shown}"
    );
    assert!(!shown.contains("hunter2"));
    let one = with_config(&["config", "show", "mail"]).code(0).stdout;
    assert!(one.contains("starttls = true") && !one.contains("ada"), "{one}");
}
