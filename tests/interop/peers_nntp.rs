//! Clients that people use, against the NNTP mock server.

use std::process::Command;

use crate::command::folder;
use crate::running::{Mock, done};

/// Every method of nntplib that asks the server something.
const NNTPLIB: &str = r#"
import warnings; warnings.simplefilter('ignore')
import datetime, nntplib, ssl, sys
plain, secure, ca = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
context = ssl.create_default_context(cafile=ca)
news = nntplib.NNTP('localhost', plain)
assert 'ready' in news.getwelcome()
assert 'STARTTLS' in news.getcapabilities()
news.starttls(context)
assert 'STARTTLS' not in news.getcapabilities()
news.login('alice', 'secret', usenetrc=False)
response, count, first, last, name = news.group('netkit.test')
assert (count, first, last, name) == (4, 1, 4, 'netkit.test')
response, groups = news.list()
assert any(group.group == 'netkit.private' and group.flag == 'y' for group in groups), groups
response, groups = news.list('netkit.t*')
assert [group.group for group in groups] == ['netkit.talk', 'netkit.test']
assert news.description('netkit.test') == 'Tests of readers and posters'
response, about = news.descriptions('netkit.*')
assert about['netkit.talk'] == 'Talk about protocols'
long_ago = datetime.datetime(2000, 1, 1)
assert len(news.newgroups(long_ago)[1]) == 5
assert '<answer@netkit.example>' in news.newnews('netkit.test', long_ago)[1]
assert news.help()[1]
assert news.stat(1)[1:] == (1, '<welcome@netkit.example>')
assert news.next()[1:] == (2, '<question@example.org>')
assert news.last()[1:] == (1, '<welcome@netkit.example>')
assert b'.' in news.body(1)[1].lines
assert b'Message-ID: <answer@netkit.example>' in news.head('<answer@netkit.example>')[1].lines
assert news.article(4)[1].number == 4
assert news.xhdr('subject', '1-2')[1] == [('1', 'Welcome to netkit.test'), ('2', '=?utf-8?b?V2llIGdlaHQgYmluZD8=?=')]
response, rows = news.over((1, None))
assert [number for number, _ in rows] == [1, 2, 3, 4]
assert rows[3][1]['references'] == '<question@example.org> <answer@netkit.example>'
assert rows[0][1]['xref'].endswith('netkit.test:1'), rows[0]
assert news.xover(2, 3)[1][0][1]['message-id'] == '<question@example.org>'
now = news.date()[1]
assert abs((datetime.datetime.utcnow() - now).total_seconds()) < 60
article = [b'From: me@example.org', b'Newsgroups: netkit.talk', b'Subject: hello', b'', b'.', b'..x', b'end']
assert news.post(article).startswith('240')
response, count, first, last, name = news.group('netkit.talk')
assert news.body(last)[1].lines == [b'.', b'..x', b'end']
passed = article[:3] + [b'Date: Thu, 26 Nov 2026 10:00:00 +0000', b'Message-ID: <passed@on>', b'Path: other'] + article[3:]
assert news.ihave('<passed@on>', passed).startswith('235')
try:
    news.ihave('<passed@on>', passed)
    sys.exit('taken twice')
except nntplib.NNTPTemporaryError as error:
    assert error.response.startswith('435')
try:
    news.group('no.such.group')
    sys.exit('a group that is not there')
except nntplib.NNTPTemporaryError as error:
    assert error.response.startswith('411')
news.slave if hasattr(news, 'slave') else None
assert news.quit().startswith('205')
news = nntplib.NNTP_SSL('localhost', secure, ssl_context=context, user='bob', password='p@ss%w/rd#1')
assert news.group('netkit.private')[1] == 1
news.quit()
try:
    nntplib.NNTP_SSL('localhost', secure, ssl_context=context, user='bob', password='wrong')
    sys.exit('a wrong password')
except nntplib.NNTPTemporaryError as error:
    assert error.response.startswith('481')
print('ok')
"#;

#[test]
fn nntplib_asks_everything() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&["nntp"], &ca);
    let ran = Command::new("/usr/bin/python3")
        .args(["-c", NNTPLIB, &mock.port("nntp", false), &mock.port("nntp", true)])
        .arg(&ca)
        .output()
        .unwrap();
    assert_eq!(done(ran), "ok\n");
}

/// nzbget, which speaks to servers as most downloaders of binaries do.
#[test]
fn nzbget_downloads_a_picture() {
    let dir = folder();
    let mock = Mock::start(&["nntp"], &dir.path().join("ca.pem"));
    let at = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(at("dot.nzb"), include_bytes!("../../fixtures/world/news/dot.nzb")).unwrap();
    let options = [
        format!("MainDir={}", at("main")),
        format!("DestDir={}", at("main")),
        format!("InterDir={}", at("inter")),
        format!("QueueDir={}", at("queue")),
        format!("NzbDir={}", at("nzb")),
        format!("TempDir={}", at("tmp")),
        format!("LockFile={}", at("lock")),
        "OutputMode=log".to_owned(),
        "Server1.Active=yes".to_owned(),
        "Server1.Level=0".to_owned(),
        "Server1.Connections=2".to_owned(),
        "Server1.Host=localhost".to_owned(),
        format!("Server1.Port={}", mock.port("nntp", false)),
        "Server1.Username=alice".to_owned(),
        "Server1.Password=secret".to_owned(),
        "ParCheck=manual".to_owned(),
        "DiskSpace=0".to_owned(),
        "ControlPort=0".to_owned(),
    ];
    let mut nzbget = Command::new("timeout");
    nzbget.args(["100", "nzbget", "-n"]);
    for option in options {
        nzbget.args(["-o", &option]);
    }
    done(nzbget.arg(at("dot.nzb")).env("HOME", dir.path()).output().unwrap());
    let mut found = Vec::new();
    let mut folders = vec![dir.path().join("main")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == "dot.png" {
                found.push(std::fs::read(entry.path()).unwrap());
            }
        }
    }
    assert_eq!(found, [include_bytes!("../../fixtures/world/images/dot.png").to_vec()]);
}
