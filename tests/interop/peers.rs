//! The other way round: clients that people use, against the mock servers.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::command::folder;
use crate::running::{Mock, done};

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
    let mock = Mock::start(&["smtp", "pop3", "imap"], &ca);
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
    let mock = Mock::start(&["smtp", "pop3", "imap"], &ca);
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

/// Every method of imaplib that asks the server something.
const IMAPLIB: &str = r#"
import imaplib, ssl, sys, threading, time, smtplib
plain, secure, ca, smtp = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
context = ssl.create_default_context(cafile=ca)
def ok(answer):
    assert answer[0] == 'OK', answer
    return answer[1]
def refused(what, *args):
    try: answer = what(*args)
    except imaplib.IMAP4.error: return
    assert answer[0] in ('NO', 'BAD'), answer

M = imaplib.IMAP4('localhost', plain)
assert 'UIDPLUS' in M.capabilities
ok(M.starttls(context))
refused(M.login, 'alice', 'wrong')
ok(M.login_cram_md5('alice', 'secret'))
ok(M.noop()); ok(M.namespace())
names = [line.decode().rsplit('"/" ', 1)[1].strip('"') for line in ok(M.list())]
assert 'Archive' in names and 'INBOX' in names, names
ok(M.create('Box/One')); refused(M.create, 'Box/One'); ok(M.subscribe('Box/One'))
assert any(b'Box/One' in line for line in ok(M.lsub()))
ok(M.rename('Box', 'Kiste')); assert any(b'Kiste/One' in line for line in ok(M.list()))
ok(M.unsubscribe('Box/One'))
text = b'From: a@x.org\r\nSubject: appended\r\n\r\nline\r\n.dot\r\n'
ok(M.append('Kiste', r'(\Seen $Work)', '"17-Jul-1996 02:44:25 -0700"', text))
assert ok(M.status('Kiste', '(MESSAGES UIDNEXT UNSEEN)'))[0].endswith(b'(MESSAGES 1 UIDNEXT 2 UNSEEN 0)')
assert ok(M.select('Kiste')) == [b'1']
data = ok(M.fetch('1', '(UID FLAGS INTERNALDATE RFC822.SIZE BODY[])'))
assert data[0][1] == text and b'17-Jul-1996 09:44:25 +0000' in data[0][0] and b'$Work' in data[0][0], data
assert ok(M.search(None, 'SUBJECT', 'appended', 'SEEN')) == [b'1'] and ok(M.search(None, 'UNSEEN')) == [b'']
assert ok(M.store('1', '+FLAGS', r'(\Flagged)'))[0].count(b'\\Flagged') == 1
ok(M.copy('1', 'INBOX')); refused(M.copy, '1', 'Nowhere')
assert ok(M.sort('REVERSE DATE', 'UTF-8', 'ALL')) == [b'1']
assert ok(M.thread('REFERENCES', 'UTF-8', 'ALL')) == [b'(1)']
ok(M.store('1', '+FLAGS', r'(\Deleted)')); assert ok(M.expunge()) == [b'1']
ok(M.check()); ok(M.unselect())
assert b'"lrswipkxtea"' in ok(M.myrights('Kiste'))[0]
ok(M.setacl('Kiste', 'bob', 'lr')); assert b'bob' in ok(M.getacl('Kiste'))[0]; ok(M.deleteacl('Kiste', 'bob'))
assert b'STORAGE' in ok(M.getquotaroot('INBOX'))[1][0]; ok(M.getquota('""')); refused(M.setquota, '""', '(STORAGE 5)')
ok(M.xatom('ID', 'NIL')); refused(M.xatom, 'NONSENSE')
ok(M.delete('Kiste/One')); ok(M.delete('Kiste')); refused(M.delete, 'INBOX')

# Structure and parts of what the world begins with.
ok(M.select('Archive', readonly=True)); refused(M.store, '1', '+FLAGS', r'(\Seen)')
data = ok(M.uid('FETCH', '2', '(BODYSTRUCTURE ENVELOPE BODY.PEEK[1] BODY.PEEK[2.MIME] BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.9>)'))
joined = b''.join(piece if isinstance(piece, bytes) else b' '.join(piece) for piece in data)
for wanted in (b'"image" "png"', b'von J=C3=B6rg', b'Content-Disposition: attachment', b'Subject: ', b'=?utf-8?'):
    assert wanted in joined, (wanted, joined)
ok(M.close())

# A push on arrival, while somebody is idle.
N = imaplib.IMAP4_SSL('localhost', secure, ssl_context=context)
ok(N.login('alice', 'secret')); ok(N.select('INBOX'))
N.send(b'X1 IDLE\r\n'); assert N.readline().startswith(b'+')
def send():
    with smtplib.SMTP('localhost', smtp) as server:
        server.sendmail('a@x.org', ['alice@x.org'], 'Subject: pushed\r\n\r\nx\r\n')
threading.Timer(0.2, send).start()
assert N.readline() == b'* 2 EXISTS\r\n'
N.send(b'DONE\r\n'); assert N.readline().startswith(b'X1 OK')
ok(N.store('1:2', '+FLAGS', r'(\Deleted)')); N.close(); N.logout()
ok(M.enable('UTF8=ACCEPT')); assert any('Entwürfe'.encode() in line for line in ok(M.list()) if line) is False
typ, _ = M.logout(); assert typ == 'BYE'
print('all')
"#;

#[test]
fn python_speaks_imap() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&["smtp", "pop3", "imap"], &ca);
    let ports = [mock.port("imap", false), mock.port("imap", true), mock.port("smtp", false)];
    let said = python(IMAPLIB, &[&ports[0], &ports[1], &ca.display().to_string(), &ports[2]]);
    assert_eq!(said, "all\n");
}

/// There and back: what is new on either side, and what has gone.
#[test]
fn mbsync_speaks_imap() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&["smtp", "pop3", "imap"], &ca);
    python(SEND, &[&mock.port("smtp", false), "200"]);
    let near = dir.path().join("near");
    std::fs::create_dir(&near).unwrap();
    let config = dir.path().join("mbsyncrc");
    let text = format!(
        "IMAPAccount far\nHost localhost\nPort {}\nUser alice\nPass secret\nSSLType STARTTLS\nCertificateFile {}\n\n\
         IMAPStore far\nAccount far\n\nMaildirStore near\nPath {near}/\nInbox {near}/INBOX\nSubFolders Verbatim\n\n\
         Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSyncState *\n",
        mock.port("imap", false),
        ca.display(),
        near = near.display(),
    );
    std::fs::write(&config, text).unwrap();
    let sync = || done(Command::new("mbsync").arg("-c").arg(&config).arg("-aq").output().unwrap());
    let count = |place: &str| std::fs::read_dir(near.join(place)).map(Iterator::count).unwrap_or(0);
    sync();
    assert_eq!(count("INBOX/new") + count("INBOX/cur"), 200);
    assert_eq!(count("Archive/new") + count("Archive/cur"), 3);
    python(SEND, &[&mock.port("smtp", false), "5"]);
    let first = std::fs::read_dir(near.join("INBOX/new")).unwrap().next().unwrap().unwrap();
    std::fs::remove_file(first.path()).unwrap();
    std::fs::write(near.join("Archive/cur/1.x.y:2,S"), "Subject: from here\n\nx\n").unwrap();
    sync();
    assert_eq!(count("INBOX/new") + count("INBOX/cur"), 204);
    let script = r#"
import imaplib, sys
M = imaplib.IMAP4('localhost', int(sys.argv[1]))
M.login('alice', 'secret')
print(M.select('INBOX')[1][0].decode(), M.select('Archive')[1][0].decode(), M.search(None, 'SUBJECT', '"from here"')[1][0].decode())
"#;
    assert_eq!(python(script, &[&mock.port("imap", false)]), "204 4 4\n");
}
