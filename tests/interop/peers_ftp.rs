//! Clients that people use, against the FTP mock server.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::command::folder;
use crate::running::{Mock, done};

/// Every method of ftplib that asks the server something.
const FTPLIB: &str = r#"
import ftplib, io, ssl, sys
plain, ca = int(sys.argv[1]), sys.argv[2]
context = ssl.create_default_context(cafile=ca)
def refused(what, *args):
    try: what(*args)
    except ftplib.error_perm: return
    sys.exit('it was not refused')

for passive in (True, False):
    ftp = ftplib.FTP()
    ftp.connect('localhost', plain)
    assert 'ready' in ftp.getwelcome()
    refused(ftp.login, 'alice', 'wrong')
    ftp.login('alice', 'secret')
    ftp.set_pasv(passive)
    assert ftp.pwd() == '/'
    assert ftp.mkd('/box') == '/box'; refused(ftp.mkd, '/box')
    ftp.cwd('box')
    ftp.storbinary('STOR a b', io.BytesIO(b'line\r\n' * 1000))
    ftp.storlines('STOR text', io.BytesIO(b'one\ntwo\n'))
    assert ftp.size('a b') == 6000
    got = []; ftp.retrbinary('RETR a b', got.append, rest=5994); assert b''.join(got) == b'line\r\n'
    got = []; ftp.retrlines('RETR text', got.append); assert got == ['one', 'two'], got
    assert sorted(ftp.nlst()) == ['a b', 'text']
    facts = dict(ftp.mlsd()); assert facts['a b']['size'] == '6000' and facts['a b']['type'] == 'file'
    got = []; ftp.dir(got.append); assert len(got) == 2 and got[0].startswith('-rw')
    ftp.voidcmd('MFMT 20200102030405 text'); assert ftp.voidcmd('MDTM text') == '213 20200102030405'
    assert ftp.sendcmd('HASH text').startswith('213 SHA-256 0-10 ')
    ftp.rename('text', 'other'); refused(ftp.delete, 'text'); ftp.delete('other'); ftp.delete('a b')
    ftp.cwd('..'); ftp.rmd('box'); refused(ftp.cwd, 'box')
    ftp.quit()

ftp = ftplib.FTP_TLS(context=context)
ftp.connect('localhost', plain)
ftp.login('bob', 'p@ss%w/rd#1')
ftp.prot_p()
got = []; ftp.retrbinary('RETR about.txt', got.append)
assert b''.join(got).startswith(b'This world')
ftp.prot_c()
assert 'about.txt' in ftp.nlst()
ftp.quit()
print('all')
"#;

#[test]
fn python_moves_files() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&["ftp"], &ca);
    let mut child = Command::new("/usr/bin/python3")
        .args(["-", &mock.port("ftp", false)])
        .arg(&ca)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(FTPLIB.as_bytes()).unwrap();
    assert_eq!(done(child.wait_with_output().unwrap()), "all\n");
}

/// curl resumes its TLS session; the server can insist on it.
#[test]
fn curl_moves_files_over_sessions_that_have_to_be_resumed() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::with(&["ftp"], &["--ftp", "reuse"], &ca);
    let base = format!("ftp://alice:secret@localhost:{}", mock.port("ftp", false));
    let curl = |args: &[&str], url: &str| {
        let secure = ["-sS", "--ssl-reqd", "--cacert"];
        done(Command::new("curl").args(secure).arg(&ca).args(args).arg(url).output().unwrap())
    };
    assert!(curl(&[], &format!("{base}/about.txt")).starts_with("This world"));
    let file = dir.path().join("up");
    std::fs::write(&file, "from curl").unwrap();
    curl(&["-T", &file.display().to_string()], &format!("{base}/up"));
    assert_eq!(curl(&[], &format!("{base}/up")), "from curl");
}

#[test]
fn curl_moves_files() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&["ftp"], &ca);
    let curl = |args: &[&str], url: &str| {
        done(Command::new("curl").args(["-sS", "--cacert"]).arg(&ca).args(args).arg(url).output().unwrap())
    };
    let plain = format!("ftp://localhost:{}", mock.port("ftp", false));
    let secure = format!("ftps://localhost:{}", mock.port("ftp", true));
    for (args, base) in [(&[][..], &plain), (&["--ssl-reqd"], &plain), (&["-P", "-"], &plain), (&[], &secure)]
    {
        assert!(curl(args, &format!("{base}/about.txt")).starts_with("This world"), "{args:?} {base}");
        assert!(curl(args, &format!("{base}/notes/")).contains("ports.txt"));
        assert_eq!(curl(&[args, &["-r", "0-3"]].concat(), &format!("{base}/about.txt")), "This");
    }
    let file = dir.path().join("up");
    std::fs::write(&file, "from curl").unwrap();
    let file = file.display().to_string();
    let put = ["-u", "alice:secret", "--ssl-reqd", "--ftp-create-dirs", "-T", &file];
    curl(&put, &format!("{plain}/new/folder/up"));
    assert_eq!(curl(&[], &format!("{plain}/new/folder/up")), "from curl");
}

#[test]
fn lftp_mirrors() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&["ftp"], &ca);
    let lftp = |commands: &str| {
        let head = format!(
            "set ssl:ca-file {}; set net:max-retries 1; open -u alice,secret ftp://localhost:{}; ",
            ca.display(),
            mock.port("ftp", false)
        );
        done(Command::new("lftp").env("HOME", dir.path()).arg("-c").arg(head + commands).output().unwrap())
    };
    let here = dir.path().join("here");
    lftp(&format!("mirror -P 4 / {}", here.display()));
    assert!(here.join("linked/next/page.html").exists());
    std::fs::write(here.join("notes/new"), "new").unwrap();
    lftp(&format!("mirror -R {} /copy", here.display()));
    assert!(lftp("cat /copy/notes/new; cls /copy").contains("new"));
    // MODE Z, both ways.
    let text = "again and again ".repeat(20_000);
    std::fs::write(here.join("long"), &text).unwrap();
    lftp(&format!("set ftp:use-mode-z yes; put {} -o /copy/long", here.join("long").display()));
    assert!(lftp("set ftp:use-mode-z yes; cat /copy/long") == text);
    lftp("mv /copy/notes/new /copy/notes/old; rm /copy/notes/old; rm -r /copy");
}
