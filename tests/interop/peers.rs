//! The other way round: clients that people use, against the mock servers.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::command::folder;

/// The mock servers of SMTP and POP3, over one world.
struct Mock {
    process: Child,
    servers: Vec<Value>,
}

impl Mock {
    fn start(ca: &Path) -> Mock {
        let mut process = Command::new(env!("CARGO_BIN_EXE_netkit"))
            .args(["mock", "--json", "smtp", "pop3", "--ca-out"])
            .arg(ca)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let servers = lines.take(4).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        Mock { process, servers }
    }

    fn port(&self, protocol: &str, tls: bool) -> String {
        let one = self.servers.iter().find(|one| one["protocol"] == protocol && one["tls"] == tls);
        one.unwrap()["port"].to_string()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[track_caller]
fn done(output: Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[track_caller]
fn python(script: &str, args: &[&str]) -> String {
    let mut child = Command::new("/usr/bin/python3")
        .arg("-")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    done(child.wait_with_output().unwrap())
}

/// Mail is put there by Python's smtplib, too.
const SEND: &str = r#"
import smtplib, sys
with smtplib.SMTP('localhost', int(sys.argv[1])) as server:
    for n in range(int(sys.argv[2])):
        server.sendmail('a@example.org', ['alice@example.org'], f'Subject: number {n}\r\n\r\n.dot {n}\r\n..\r\n')
"#;

/// Every method of poplib that asks the server something.
const POPLIB: &str = r#"
import poplib, ssl, sys
plain, secure, ca = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
context = ssl.create_default_context(cafile=ca)
def refused(what, *args):
    try: what(*args)
    except poplib.error_proto: return
    sys.exit('it was not refused')

pop = poplib.POP3('localhost', plain)
assert b'ready' in pop.getwelcome()
assert 'STLS' in pop.capa() and 'SCRAM-SHA-256' in pop.capa()['SASL']
refused(pop.apop, 'alice', 'wrong')
pop.stls(context)
assert 'STLS' not in pop.capa()
assert pop.utf8().startswith(b'+OK')
pop.user('alice')
refused(pop.pass_, 'wrong')
pop.user('alice')
assert pop.pass_('secret').startswith(b'+OK')
count, size = pop.stat()
assert count == 3, count
answer, sizes, octets = pop.list()
assert [int(line.split()[0]) for line in sizes] == [1, 2, 3] and size == sum(int(line.split()[1]) for line in sizes)
assert pop.list(2).split()[1:] == sizes[1].split()
answer, uids, octets = pop.uidl()
assert len({line.split()[1] for line in uids}) == 3 and pop.uidl(3).split()[1:] == uids[2].split()
answer, lines, octets = pop.retr(2)
assert lines[-2:] == [b'.dot 1', b'..'] and b'Subject: number 1' in lines, lines
answer, lines, octets = pop.top(2, 1)
assert lines[-1] == b'.dot 1', lines
refused(pop.retr, 9)
assert pop.noop().startswith(b'+OK')
pop.dele(1)
refused(pop.retr, 1)
assert pop.stat()[0] == 2
pop.rset()
assert pop.stat()[0] == 3
pop.dele(1)

# Nobody else while it is open; what was marked is deleted by quit alone.
other = poplib.POP3_SSL('localhost', secure, context=context)
refused(other.apop, 'alice', 'secret')
other.close()
pop.quit()
other = poplib.POP3_SSL('localhost', secure, context=context)
assert other.apop('alice', 'secret').startswith(b'+OK')
other.dele(1)
other.close()
last = poplib.POP3('localhost', plain)
for _ in range(100):
    try:
        last.user('alice'); last.pass_('secret'); break
    except poplib.error_proto:
        import time; time.sleep(0.02)
print(last.stat()[0], last.uidl()[1][0].decode())
last.quit()
"#;

#[test]
fn python_reads_mail() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&ca);
    python(SEND, &[&mock.port("smtp", false), "3"]);
    let said =
        python(POPLIB, &[&mock.port("pop3", false), &mock.port("pop3", true), &ca.display().to_string()]);
    assert_eq!(said, "2 1 netkit-00000002\n");
}

/// With its pipelining, and each login that both have.
#[test]
fn mpop_reads_mail() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&ca);
    python(SEND, &[&mock.port("smtp", false), "200"]);
    let logins = ["user", "apop", "plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256"];
    let ways = [("pop3", false, "off", "off"), ("pop3", false, "on", "on"), ("pop3", true, "on", "off")];
    let runs = logins.iter().flat_map(|login| ways.iter().map(move |way| (login, way)));
    for (n, (login, (protocol, implicit, tls, starttls))) in runs.enumerate() {
        let mail = dir.path().join(format!("mail{n}"));
        ["tmp", "new", "cur"].iter().for_each(|one| std::fs::create_dir_all(mail.join(one)).unwrap());
        let config = dir.path().join(format!("mpoprc{n}"));
        let text = format!(
            "account default\nhost localhost\nport {}\nuser alice\npassword secret\nauth {login}\ntls {tls}\ntls_starttls {starttls}\n\
             tls_trust_file {}\nkeep on\nuidls_file {}\ndelivery maildir {}\n",
            mock.port(protocol, *implicit),
            ca.display(),
            dir.path().join(format!("uidls{n}")).display(),
            mail.display(),
        );
        std::fs::write(&config, text).unwrap();
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
        let mpop = || Command::new("mpop").arg("-q").arg("-C").arg(&config).output().unwrap();
        let count = || std::fs::read_dir(mail.join("new")).unwrap().count();
        done(mpop());
        assert_eq!(count(), 200, "{login} {tls} {starttls}");
        done(mpop());
        assert_eq!(count(), 200, "each once");
    }
    let server = Command::new("mpop")
        .args(["-S", "--host=localhost", "--tls=off", "--port", &mock.port("pop3", false)])
        .output()
        .unwrap();
    assert!(done(server).contains("PIPELINING"));
}
