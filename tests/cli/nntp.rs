//! `netkit nntp` against the mock server.

use crate::command::{Ran, command, netkit};
use crate::world::{World, files, json};

impl World {
    fn post(&self, group: &str, subject: &str, body: &str) -> Ran {
        let words = ["--from", "me@example.org", "--group", group, "--subject", subject, "--body", body];
        self.run("post", "", &words)
    }
}

fn mocked(words: &[&str]) -> Ran {
    netkit(&[&["nntp", words[0], "--mock"], &words[1..]].concat())
}

#[test]
fn groups_are_listed_counted_and_described() {
    let listed = mocked(&["groups"]).code(0).stdout;
    assert!(listed.contains("netkit.test\t4\t1\t4\ty\n") && !listed.contains("private"), "{listed}");
    let about = json(&mocked(&["groups", "netkit.t*,!*.talk", "--descriptions", "--json"]).code(0));
    assert_eq!(about.len(), 1);
    assert_eq!(about[0]["description"], "Tests of readers and posters");
    assert!(mocked(&["groups", "-u", "alice:secret"]).code(0).stdout.contains("netkit.private\t"));
    assert_eq!(mocked(&["group", "netkit.test", "--numbers"]).code(0).stdout, "1\n2\n3\n4\n");
    let none = mocked(&["groups", "no.such.*"]).code(0);
    assert_eq!(none.stdout, "");
}

#[test]
fn what_is_not_there_and_what_needs_a_login_have_codes_of_their_own() {
    mocked(&["over", "netkit.nope"]).code(78);
    mocked(&["article", "netkit.test", "99"]).code(78);
    mocked(&["article", "<no@such>"]).code(78);
    mocked(&["over", "netkit.private"]).code(67);
    mocked(&["over", "netkit.private", "-u", "alice:wrong"]).code(67);
    assert_eq!(mocked(&["over", "netkit.empty"]).code(0).stdout, "");
    mocked(&["over"]).code(2);
    mocked(&["fetch", "netkit.test"]).code(2);
    mocked(&["new", "--since", "yesterdayish"]).code(2);
}

#[test]
fn overviews_are_decoded_and_threaded() {
    let rows = mocked(&["over", "netkit.test"]).code(0).stdout;
    assert!(rows.contains("\n2\t2026-10-02T09:30:00+02:00\tJ\u{fc}rgen\tWie geht bind?\n"), "{rows}");
    let last = json(&mocked(&["over", "netkit.test", "--last", "1", "--json"]).code(0));
    assert_eq!(last[0]["references"][1], "<answer@netkit.example>");
    assert_eq!(json(&mocked(&["over", "netkit.test", "2-3", "--json"]).code(0)).len(), 2);
    let threads = mocked(&["over", "netkit.test", "--thread"]).code(0).stdout;
    assert!(threads.contains("\tAlice\t  Re: ") && threads.contains("\u{fc}rgen\t    Re: "), "{threads}");
    let url = netkit(&["nntp", "over", "--mock", "news://any/netkit.test/1-1"]);
    assert!(url.code(0).stdout.starts_with("1\t"));
    let hdr = mocked(&["hdr", "netkit.test", "Subject", "2"]).code(0).stdout;
    assert_eq!(hdr, "2\tWie geht bind?\n");
}

#[test]
fn an_article_has_a_head_a_body_and_a_place() {
    let whole = mocked(&["article", "netkit.test", "2"]).code(0).stdout.replace("\r\n", "\n");
    let head = mocked(&["head", "netkit.test", "2"]).code(0).stdout.replace("\r\n", "\n");
    let body = mocked(&["body", "<question@example.org>"]).code(0).stdout.replace("\r\n", "\n");
    assert_eq!(whole, format!("{}\n\n{body}", head.trim_end()));
    let stat = json(&mocked(&["stat", "netkit.test", "2", "--json"]).code(0));
    assert_eq!(stat[0]["message_id"], "<question@example.org>");
    let got = netkit(&["get", "--mock", "news://any/netkit.test/2"]).code(0).stdout;
    assert_eq!(got.replace("\r\n", "\n"), whole);
}

#[test]
fn an_article_posted_is_read_back() {
    let news = World::new("nntp", &[]);
    let posted = news.post("netkit.talk", "Gr\u{fc}\u{df}e", ".\n..two\nend").code(0).stdout;
    let id = posted.split_whitespace().find(|word| word.starts_with('<')).unwrap();
    let text = news.run("article", "", &[id]).code(0).stdout.replace("\r\n", "\n");
    assert!(text.contains("Newsgroups: netkit.talk\n") && text.contains("\n\n.\n..two\nend\n"), "{text}");
    let row = json(&news.run("over", "", &["netkit.talk", "--last", "1", "--json"]).code(0));
    assert_eq!((&row[0]["subject"], &row[0]["message_id"]), (&"Gr\u{fc}\u{df}e".into(), &id.into()));
    news.post("netkit.empty", "closed", "x").code(22);
    let dry = news.run(
        "post",
        "",
        &["--from", "a@b", "--group", "x.y", "--subject", "s", "--body", "b", "--dry-run"],
    );
    assert!(dry.code(0).stdout.contains("Message-ID: <"));
    let broken = netkit(&["nntp", "post", "--mock", "--from", "a@b", "--group", "x\r\ny", "--subject", "s"]);
    broken.code(2);
}

#[test]
fn what_is_new_is_fetched_once() {
    let news = World::new("nntp", &[]);
    let folder = tempfile::tempdir().unwrap();
    let maildir = folder.path().join("mail").display().to_string();
    let new = folder.path().join("mail/new");
    let fetch = |more: &[&str]| {
        news.run("fetch", "", &[&["netkit.test", "--maildir", &maildir], more].concat()).code(0)
    };
    assert_eq!(json(&fetch(&["--limit", "3", "--json"])).len(), 3);
    assert_eq!(json(&fetch(&["--json"])).len(), 1);
    assert_eq!(json(&fetch(&["--json"])).len(), 0);
    news.post("netkit.test", "more", "x").code(0);
    assert_eq!(json(&fetch(&["--json"])).len(), 1);
    let all = files(&new);
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|text| text.contains("Message-ID: ") && !text.contains('\r')));
    assert!(files(&folder.path().join("mail/tmp")).is_empty());

    let mbox = folder.path().join("news.mbox").display().to_string();
    let into_mbox = news.run("fetch", "", &["netkit.test", "2-3", "--mbox", &mbox, "--compress"]);
    into_mbox.code(0);
    let text = std::fs::read_to_string(&mbox).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("From ")).count(), 2);
    let plain = folder.path().join("articles").display().to_string();
    news.run("fetch", "", &["netkit.test", "1", "--folder", &plain]).code(0);
    let names: Vec<_> = std::fs::read_dir(&plain).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(names.iter().any(|name| name == "1.eml"), "{names:?}");
}

#[test]
fn a_file_posted_in_yenc_is_downloaded_by_its_nzb() {
    let news = World::new("nntp", &[]);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let bytes: Vec<u8> = (0..50_000_u32).map(|n| (n * n / 7 % 256) as u8).collect();
    std::fs::write(at("photo one.bin"), &bytes).unwrap();
    let words = [
        "--from",
        "me@x.example",
        "--group",
        "netkit.binaries",
        "--subject",
        "Photos",
        "--part-size",
        "9000",
    ];
    let (file, nzb, out) = (at("photo one.bin"), at("photos.nzb"), at("out"));
    let posted = news.run("post", "", &[&words[..], &["--yenc", &file, "--nzb", &nzb]].concat());
    posted.code(0);
    assert_eq!(std::fs::read_to_string(&nzb).unwrap().matches("<segment ").count(), 6);
    let first = json(&news.run("nzb", "", &[&nzb, "-d", &out, "-P", "3", "--json"]).code(0));
    assert_eq!(first[0]["name"], "photo one.bin");
    assert_eq!(std::fs::read(folder.path().join("out/photo one.bin")).unwrap(), bytes);
    let names = std::fs::read_dir(&out).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap());
    let shown: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    assert_eq!(shown, ["photo one.bin"], "no half file stays");
    // Nothing to do: what is there is not fetched again.
    news.run("nzb", "", &[&nzb, "-d", &out]).code(0);
    assert_eq!(std::fs::read(folder.path().join("out/photo one.bin")).unwrap(), bytes);
}

#[test]
fn an_nzb_with_a_part_that_is_not_there_does_not_end_well() {
    let news = World::new("nntp", &[]);
    let folder = tempfile::tempdir().unwrap();
    let nzb = folder.path().join("x.nzb");
    let whole = include_str!("../../fixtures/world/news/dot.nzb");
    std::fs::write(&nzb, whole.replace("dot.2@", "gone@")).unwrap();
    let out = folder.path().join("out").display().to_string();
    let ran = news.run("nzb", "", &[nzb.to_str().unwrap(), "-d", &out]);
    assert_ne!(ran.code, 0, "{}", ran.stdout);
    assert!(!folder.path().join("out/dot.png").exists());
    let evil = "<!DOCTYPE nzb [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><nzb>&x;</nzb>";
    std::fs::write(&nzb, evil).unwrap();
    news.run("nzb", "", &[nzb.to_str().unwrap(), "-d", &out]).code(78);
}

#[test]
fn new_articles_the_date_and_lines_of_ones_own() {
    let new = mocked(&["new", "netkit.test", "--since", "2000-01-01"]).code(0).stdout;
    assert!(new.contains("<answer@netkit.example>\n") && !new.contains("dot.1"), "{new}");
    assert!(mocked(&["new", "--groups", "--since", "2000-01-01"]).code(0).stdout.contains("netkit.test\t"));
    assert!(json(&mocked(&["date", "--json"]).code(0))[0]["date"].as_str().unwrap().ends_with('Z'));
    let raw = mocked(&["raw", "LIST ACTIVE netkit.test", "STAT <no@such>"]);
    assert!(raw.stdout.contains("netkit.test 4 1 y") && raw.stdout.contains("430"), "{}", raw.stdout);
    let probe = json(&mocked(&["probe", "--json"]).code(0));
    assert_eq!(probe[0]["posting"], true);
}

#[test]
fn offline_says_what_would_be_sent_and_hides_the_password() {
    let said =
        netkit(&["nntp", "over", "news.example.org", "comp.lang.rust", "1-5", "--offline", "-u", "me:hush"])
            .code(0);
    assert!(said.stdout.contains("GROUP comp.lang.rust"), "{}", said.stdout);
    assert!(!said.stdout.contains("hush") && !said.stderr.contains("hush"));
}

#[test]
fn rows_are_asked_for_once_with_a_cache() {
    let news = World::new("nntp", &[]);
    let home = tempfile::tempdir().unwrap();
    let at = news.at("");
    let over = |more: &[&str]| {
        let words = [&["nntp", "over", &at, "netkit.test", "--plain", "--cache", "-v"], more].concat();
        let output = command().args(words).env("XDG_CACHE_HOME", home.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stderr).unwrap();
        let asked: Vec<String> =
            said.lines().filter(|line| line.contains("> OVER ")).map(str::to_owned).collect();
        (String::from_utf8(output.stdout).unwrap(), asked)
    };
    let (first, asked) = over(&["2-3"]);
    assert!(first.lines().count() == 2 && asked.len() == 1 && asked[0].contains("OVER 2-3"), "{asked:?}");
    // Around what is known; one row is asked for again, to see that the numbers are still the same articles'.
    let (all, asked) = over(&[]);
    assert_eq!((all.lines().count(), asked.len()), (4, 3), "{asked:?}");
    assert!(all.contains(&first));
    assert!(news.post("netkit.test", "more", "x").code(0).stdout.contains('<'));
    let (five, asked) = over(&[]);
    assert!(five.starts_with(&all) && five.lines().count() == 5);
    assert!(asked.len() == 2 && asked[1].contains("OVER 5"), "{asked:?}");
    // Numbers without an article are a failure, with a cache and without.
    for more in [&["--cache"][..], &[]] {
        let words = [&["nntp", "over", &at, "netkit.test", "900-950", "--plain"], more].concat();
        let output = command().args(words).env("XDG_CACHE_HOME", home.path()).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(78), 0), "{more:?}");
    }
    let (threads, asked) = over(&["--thread"]);
    assert!(threads.contains("\tAlice\t  Re: ") && asked.len() == 1, "{asked:?}");
    drop(news);

    // Another server of that name, whose articles are others.
    let news = World::new("nntp", &[]);
    let path = std::fs::read_dir(home.path().join("netkit/news")).unwrap().next().unwrap().unwrap().path();
    let new = path.with_file_name(format!("localhost_{}.redb", news.port()));
    std::fs::rename(path, new).unwrap();
    news.post("netkit.test", "another", "x").code(0);
    let at = news.at("");
    let words = ["nntp", "over", &at, "netkit.test", "--plain", "--cache"];
    let output = command().args(words).env("XDG_CACHE_HOME", home.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("\tanother\n") && !said.contains("\tmore\n") && said.starts_with(&all), "{said}");
}

#[test]
fn a_fetch_is_tried_again_behind_what_has_come() {
    let news = World::new("nntp", &["--fault", "nntp:ARTICLE 3:1:drop"]);
    let dir = tempfile::tempdir().unwrap();
    let kept = dir.path().join("kept");
    let words = ["netkit.test", "--maildir", &kept.display().to_string(), "--retry", "1"];
    let fetched = news.run("fetch", "", &words).code(0).says("once more in");
    let all = files(&kept.join("new"));
    assert!(all.len() > 3 && all.iter().collect::<std::collections::BTreeSet<_>>().len() == all.len());
    assert!(fetched.stdout.contains(&format!("{} new articles, ", all.len())), "{}", fetched.stdout);
    let broken = World::new("nntp", &["--fault", "nntp:ARTICLE 3:drop"]);
    let words = ["netkit.test", "--maildir", &kept.display().to_string(), "--retry", "1"];
    broken.run("fetch", "", &words).code(52).says("(1 left)");
}
