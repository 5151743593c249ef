//! NNTP: INN, and nzbget's server of yEnc articles.

use std::path::Path;

use crate::command::{Netkit, folder, netkit};
use crate::servers::{file, place, server};

/// A verb at INN, as a guest.
fn at(port: &str, verb: &str) -> Netkit {
    netkit(&format!("nntp {verb}")).arg(place(port)).option("--cacert", server("CA_FILE"))
}

/// What `feed.py` streamed as this article, with the line ends of this system and without the fields that the server adds.
fn fed(n: usize) -> String {
    let answers = if n.is_multiple_of(5) {
        String::new()
    } else {
        format!("References: <{}@feed.example.test>\n", n - n % 5)
    };
    let re = if n.is_multiple_of(5) { "" } else { "Re: " };
    let (hour, minute, second) = (n / 3600 % 24, n / 60 % 60, n % 60);
    let mut text = format!(
        "From: Author {0} <a{0}@example.test>\nNewsgroups: test.big\nSubject: {re}article {n}\nDate: Thu, 26 Nov 2026 {hour:02}:{minute:02}:{second:02} +0000\nMessage-ID: <{n}@feed.example.test>\n{answers}\n",
        n % 97
    );
    (0..=n % 23).for_each(|i| text += &format!("line {i} of article {n}\n"));
    if n.is_multiple_of(10) {
        text += ".\n..hidden\n";
    }
    text
}

fn without_trace(article: &str) -> String {
    let traced = |line: &&str| !line.starts_with("Path: ") && !line.starts_with("Xref: ");
    article.split_inclusive('\n').filter(traced).collect()
}

fn messages(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut all: Vec<String> =
        entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    all.sort();
    all
}

/// How many articles there are: as many as `feed.py` was told to stream.
fn count() -> usize {
    at("NNTP_PORT", "group --json").words("--plain").arg("test.big").run().done().object()["count"]
        .as_u64()
        .unwrap() as usize
}

#[test]
fn every_mechanism_that_inn_offers_and_tls_in_both_ways() {
    for (port, how) in [("NNTP_PORT", "--starttls"), ("NNTPS_PORT", "--tls")] {
        for mechanism in ["USER", "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]
        {
            let group = |password: &str| {
                at(port, "group")
                    .arg("private.club")
                    .words(how)
                    .option("--auth", mechanism)
                    .option("--user", format!("bob:{password}"))
            };
            group(server("BOB_PASSWORD")).run().done().prints("private.club\t0\t1\t0\n");
            group("wrong").run().fails(67, &[]);
        }
    }
    // Without a login, and where everything needs one.
    at("NNTP_PORT", "group").words("--plain").arg("private.club").run().fails(67, &["-u NAME"]);
    at("NNTP_AUTH_PORT", "groups").words("--plain").run().fails(67, &[]);
    let alice = format!("alice:{}", server("ALICE_PASSWORD"));
    // INN gives who logged in by SASL nothing where guests have nothing.
    let groups = at("NNTP_AUTH_PORT", "groups --auth USER").option("--user", alice).run().done();
    assert!(groups.text().contains("private.club"));
}

#[test]
fn every_verb() {
    let plain = |verb: &str| at("NNTP_PORT", verb).words("--plain");
    let groups = plain("groups --descriptions --counts").arg("test.*,!test.b*").run().done();
    let text = groups.text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines.iter().any(|line| line.starts_with("test.two\t") && line.ends_with("Z\u{fc}rich")),
        "{lines:?}"
    );
    assert!(!lines.iter().any(|line| line.starts_with("test.big")));
    plain("group").arg("test.nothing").run().fails(78, &[]);
    let numbers = plain("group --numbers").arg("test.big").run().done();
    assert_eq!(numbers.text().lines().count(), count());
    plain("stat").arg("test.big").arg("3").run().done().prints("3\t<2@feed.example.test>\n");
    plain("stat").arg("<2@feed.example.test>").run().done();
    plain("stat").arg("nobody@nowhere").run().fails(78, &[]);
    for (verb, which) in [("article", "1"), ("article", "11"), ("article", "14")] {
        let n: usize = which.parse().unwrap();
        let text = plain(verb).arg("test.big").arg(which).run().done().text().replace("\r\n", "\n");
        assert_eq!(without_trace(&text), fed(n - 1));
    }
    let head = plain("head").arg("test.big").arg("1").run().done();
    assert!(head.text().contains("Subject: article 0\r\n") && !head.text().contains("line 0"));
    plain("body").arg("test.big").arg("1").run().done().prints("line 0 of article 0\r\n.\r\n..hidden\r\n");
    let rows = plain("over --json").arg("test.big").arg("1-20").run().done().json();
    assert_eq!((rows.len(), &rows[1]["references"][0]), (20, &"<0@feed.example.test>".into()));
    assert_eq!(
        (&rows[1]["subject"], &rows[1]["date"]),
        (&"Re: article 1".into(), &"2026-11-26T00:00:01Z".into())
    );
    let threads = plain("over --thread").arg("test.big").arg("1-5").run().done();
    assert_eq!(threads.text().matches("\t  Re: ").count(), 4, "{}", threads.text());
    plain("over").arg("test.empty").run().done().prints("");
    let subjects = plain("hdr").arg("test.big").arg("Subject").arg("6-7").run().done();
    subjects.prints("6\tarticle 5\n7\tRe: article 6\n");
    assert!(plain("date").run().done().text().starts_with("20"));
    assert!(plain("new --since 24h").arg("test.big").run().done().text().contains("<5@feed.example.test>"));
    assert!(plain("new --groups --since 24h").run().done().text().contains("test.one"));
    plain("raw")
        .arg("LIST MOTD")
        .run()
        .done()
        .prints("215 Message of the day text in UTF-8\nwords of the day\n");
    plain("raw").arg("NONSENSE").run().fails(22, &[]);
    let probed = plain("probe --json").run().done().object();
    assert!(probed["capabilities"].to_string().contains("COMPRESS DEFLATE"));
    let url = format!("nntp://{}/test.big/1", place("NNTP_PORT"));
    assert!(netkit("get --plain").arg(url).run().done().text().contains("line 0 of article 0"));
}

#[test]
fn what_is_posted_is_read_back() {
    let subject = format!("Gr\u{fc}\u{df}e {}", std::process::id());
    let body = "one\n.\n..two\n\nfrom here\n";
    let plain = |verb: &str| at("NNTP_PORT", verb).words("--plain");
    let post =
        || plain("post").words("--from me@example.test --group test.one").option("--subject", &subject);
    let posted = post().option("--body", body).words("--json").run().done().object();
    let id = posted["message_id"].as_str().unwrap().to_owned();
    assert_eq!(posted["posted"], true);
    let text = plain("article").arg(&id).run().done();
    assert!(text.text().ends_with(&format!("\r\n\r\n{}", body.replace('\n', "\r\n"))), "{}", text.text());
    // The same article once more is refused, and says so.
    let dir = folder();
    let copy = dir.path().join("copy");
    let head = plain("head").arg(&id).run().done().text().replace("\r\n", "\n");
    let kept: String = head
        .split_inclusive('\n')
        .filter(|line| {
            !line.starts_with("Xref")
                && !line.starts_with("Path")
                && !line.starts_with("Injection")
                && !line.starts_with("NNTP-")
        })
        .collect();
    std::fs::write(&copy, format!("{kept}\n{body}")).unwrap();
    plain("post").arg(&copy).run().fails(22, &[]);
    post().words("--group test.closed").option("--body", body).run().fails(22, &[]);
    // An answer stands below what it answers.
    post().option("--reference", &id).option("--body", "yes").run().done();
    let threads = plain("over --thread").arg("test.one").run().done();
    assert!(threads.text().contains(&format!("\t  {subject}")), "{}", threads.text());
    // A file in yEnc, and back.
    let file = dir.path().join("a file.bin");
    std::fs::write(&file, (0..250_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    let nzb = dir.path().join("file.nzb");
    let yenc =
        plain("post -q --from me@example.test --group test.two --part-size 90K").option("--yenc", &file);
    yenc.option("--nzb", &nzb).run().done();
    plain("nzb").arg(&nzb).option("-d", dir.path().join("got")).run().done().prints("a file.bin\t1000000\n");
    assert_eq!(std::fs::read(dir.path().join("got/a file.bin")).unwrap(), std::fs::read(&file).unwrap());
}

#[test]
fn articles_are_fetched_compressed_or_not_and_only_once() {
    let (dir, count) = (folder(), count());
    let mut wanted: Vec<String> = (0..count).map(fed).collect();
    wanted.sort();
    let fetch = |port: &str, words: &str| at(port, "fetch").arg("test.big").words(words);
    let maildir = dir.path().join("Mail");
    let run = || fetch("NNTP_PORT", "--plain --json").option("--maildir", &maildir).run().done();
    assert_eq!(run().json().len(), count);
    let mut got: Vec<String> =
        messages(&maildir.join("new")).iter().map(|text| without_trace(text)).collect();
    got.sort();
    assert!(got == wanted, "what was fetched is what was fed");
    run().prints("");
    // Over TLS, compressed, to a mailbox file; and to a folder, a part.
    let mbox = dir.path().join("mbox");
    let said = fetch("NNTPS_PORT", "--tls --compress").option("--mbox", &mbox).run().done();
    assert!(said.text().starts_with(&format!("{count} new articles, ")), "{}", said.text());
    let text = std::fs::read_to_string(&mbox).unwrap();
    assert_eq!(text.matches("\nMessage-ID: <").count(), count);
    let parts = dir.path().join("parts");
    fetch("NNTP_PORT", "--plain -q").arg("11-20").option("--folder", &parts).run().done();
    fetch("NNTP_PORT", "--plain -q --limit 5").arg("11-30").option("--folder", &parts).run().done();
    let mut names: Vec<_> = std::fs::read_dir(&parts)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name.ends_with(".eml"));
    assert_eq!(names.len(), 15);
    assert_eq!(without_trace(&std::fs::read_to_string(parts.join("11.eml")).unwrap()), fed(10));
}

#[test]
fn a_fetch_killed_in_the_middle_loses_nothing_and_fetches_nothing_twice() {
    let (dir, count, at) = (folder(), count(), place("NNTP_PORT"));
    let maildir = dir.path().join("Mail").display().to_string();
    let words = ["nntp", "fetch", &at, "test.big", "--plain", "-q", "--maildir", &maildir];
    (0..20).for_each(|n| netkit(&words.join(" ")).killed_after(5 + n * 13));
    netkit(&words.join(" ")).run().done();
    let all = messages(&dir.path().join("Mail/new"));
    let mut got: Vec<String> = all.iter().map(|text| without_trace(text)).collect();
    let mut wanted: Vec<String> = (0..count).map(fed).collect();
    got.sort();
    wanted.sort();
    assert!(got == wanted, "{} of {count}", got.len());
}

#[test]
fn files_of_an_nzb_are_byte_identical_also_when_killed_in_the_middle() {
    let (dir, at) = (folder(), place("NSERV_PORT"));
    let got = dir.path().join("got");
    for name in ["small.bin", "tiny.bin"] {
        let nzb = file("NSERV_ROOT", &format!("files/{name}.nzb"));
        netkit("nntp nzb --plain -q").arg(&at).arg(nzb).option("-d", &got).run().done();
        assert_eq!(
            std::fs::read(got.join(name)).unwrap(),
            std::fs::read(file("NSERV_ROOT", &format!("files/{name}"))).unwrap()
        );
    }
    let nzb = file("NSERV_ROOT", "files/large.bin.nzb").display().to_string();
    let folder = got.display().to_string();
    let words = ["nntp", "nzb", &at, &nzb, "--plain", "-q", "-P", "3", "-d", &folder];
    (0..12).for_each(|n| netkit(&words.join(" ")).killed_after(3 + n * 4));
    netkit(&words.join(" ")).run().done();
    assert!(
        std::fs::read(got.join("large.bin")).unwrap()
            == std::fs::read(file("NSERV_ROOT", "files/large.bin")).unwrap()
    );
    // What is whole is not fetched again; an article that is not there is told of, and what came stays for the next run.
    netkit(&words.join(" ")).words("--json").run().done();
    let text = std::fs::read_to_string(file("NSERV_ROOT", "files/small.bin.nzb")).unwrap();
    let broken = dir.path().join("broken.nzb");
    std::fs::write(&broken, text.replacen("small.bin?1=0:100000", "nobody@nowhere", 1)).unwrap();
    let other = dir.path().join("other");
    let run = netkit("nntp nzb --plain").arg(&at).arg(&broken).option("-d", &other).run();
    run.exits(78).says(&["nobody@nowhere", "small.bin: 1 parts are missing"]);
    assert!(!other.join("small.bin").exists());
}
