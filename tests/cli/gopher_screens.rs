//! The browser's own tests (part of `cli/src/verbs/gopher/browse.rs`), without a terminal: keys go in, the screen comes out
//! as text, and is compared with the files in `tests/cli/golden`. `UPDATE_GOLDEN=1` writes them: look at what it wrote.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use netkit_gopher::Target;
use netkit_mock::{Gopher, Ph, Server, ThrowAway, World};
use netkit_socket::Dialer;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::app::{App, Effect};
use super::draw::draw;
use super::keys::Key;
use super::load::{Loader, News, Watch};
use super::places::Bookmarks;
use crate::charset::Charset;
use crate::dialogue::Dialogue;

/// A browser that does at once what it is told.
struct Browser {
    app: App,
    loader: Loader,
    terminal: Terminal<TestBackend>,
    folder: tempfile::TempDir,
    telnet: Vec<String>,
    ended: bool,
}

impl Browser {
    fn new() -> Browser {
        let folder = tempfile::tempdir().unwrap();
        let bookmarks = Bookmarks::open(Some(&folder.path().join("bookmarks")));
        let loader = Loader {
            dialer: Dialer::default(),
            folder: folder.path().join("downloads"),
            end_is_optional: false,
            dialogue: Dialogue::new(false, false, None),
        };
        let terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let app = App::new(bookmarks, Charset::Auto, false);
        Browser { app, loader, terminal, folder, telnet: Vec::new(), ended: false }
    }

    fn at(url: &str) -> Browser {
        let mut browser = Browser::new();
        browser.screen();
        let effect = browser.app.go(url.parse::<Target>().unwrap());
        browser.perform(effect);
        browser
    }

    fn perform(&mut self, mut effect: Effect) {
        loop {
            effect = match effect {
                Effect::None | Effect::Cancel => return,
                Effect::Quit => {
                    self.ended = true;
                    return;
                }
                Effect::Telnet(place) => return self.telnet.push(place.to_string()),
                Effect::Load(order) => {
                    let (send, progress) = channel();
                    let cancelled = AtomicBool::new(false);
                    let last = self.loader.perform(order, &Watch { send: &send, cancelled: &cancelled });
                    progress.try_iter().for_each(|news| drop(self.app.news(news)));
                    self.app.news(last)
                }
            };
        }
    }

    fn key(&mut self, key: Key) {
        // The page knows how high the screen is once it was drawn.
        self.screen();
        let effect = self.app.key(key);
        self.perform(effect);
    }

    fn types(&mut self, text: &str) {
        text.chars().for_each(|c| self.key(if c == '\n' { Key::Enter } else { Key::Char(c) }));
    }

    /// The screen as text.
    fn screen(&mut self) -> String {
        let app = &mut self.app;
        self.terminal.draw(|frame| draw(app, frame.buffer_mut())).unwrap();
        let buffer = self.terminal.backend().buffer();
        let width = usize::from(buffer.area().width);
        let mut text = String::new();
        for row in buffer.content().chunks(width) {
            let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            text += line.trim_end();
            text.push('\n');
        }
        text
    }

    fn is_like(&mut self, name: &str) {
        let screen = self.screen();
        golden(name, &screen);
    }

    fn last_lines(&mut self) -> String {
        let screen = self.screen();
        let lines: Vec<&str> = screen.lines().collect();
        lines.get(22..).unwrap().join("\n")
    }
}

/// Compares with a file; ports of the mock servers are as many `#`.
fn golden(name: &str, screen: &str) {
    let mut shown = String::new();
    let mut rest = screen;
    while let Some((before, after)) = rest.split_once("127.0.0.1:") {
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        shown += before;
        shown += "127.0.0.1:";
        shown += &"#".repeat(after.len() - rest.len());
    }
    shown += rest;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cli/golden").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &shown).unwrap();
    }
    let known = std::fs::read_to_string(&file).unwrap();
    assert_eq!(shown, known, "{name}");
}

fn mock() -> String {
    let authority = ThrowAway::new().unwrap();
    let server = Server::start(Arc::new(Gopher::new(World::seeded())), 0, authority.server, false).unwrap();
    let url = format!("gopher://{}/", server.endpoint());
    std::mem::forget(server);
    url
}

/// A server of these answers; `PORT` in them is its own.
fn serve(answers: &'static [(&'static str, &'static str)]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            let answer = answers.iter().find(|(selector, _)| *selector == line.trim_end_matches("\r\n"));
            let text = answer.map_or("3nothing here\t\terror.host\t1\r\n.\r\n", |(_, text)| *text);
            let _ = stream.write_all(text.replace("PORT", &port.to_string()).as_bytes());
        }
    });
    port
}

#[test]
fn a_walk_through_a_hole() {
    let mut browser = Browser::at(&mock());
    browser.is_like("gopher-browse-menu");
    browser.key(Key::Down);
    browser.key(Key::Enter);
    browser.is_like("gopher-browse-submenu");
    browser.key(Key::Right);
    browser.is_like("gopher-browse-text");
    // Back to where the reader was, and forward again.
    browser.key(Key::Left);
    browser.key(Key::Backspace);
    assert_eq!(browser.app.depth(), (0, 2));
    assert_eq!(browser.app.page().unwrap().selected, 1);
    browser.key(Key::Char('f'));
    browser.key(Key::Forward);
    assert_eq!(browser.app.depth(), (2, 0));
    browser.key(Key::Forward);
    assert!(browser.last_lines().starts_with("there is nothing ahead"));
    browser.key(Key::Char('?'));
    browser.is_like("gopher-browse-keys");
    browser.types("q");
    assert!(browser.ended);
}

#[test]
fn links_by_number_and_a_search() {
    let mut browser = Browser::at(&mock());
    browser.types("12");
    assert!(browser.last_lines().ends_with("\nLink: 12_"));
    browser.types("\n");
    assert!(browser.last_lines().starts_with("there is no link 12"));
    browser.types("5\nsockets");
    browser.is_like("gopher-browse-search");
    browser.types("\n");
    browser.is_like("gopher-browse-found");
    browser.types("1\n/tcp\n");
    assert!(browser.app.page().unwrap().url.ends_with("/0/notes/sockets.txt"), "{}", browser.screen());
}

#[test]
fn bookmarks_and_history() {
    let url = mock();
    let mut browser = Browser::at(&url);
    browser.types("2\na");
    assert!(browser.last_lines().starts_with("bookmarked: gopher://127.0.0.1:"));
    browser.types("B");
    browser.is_like("gopher-browse-bookmarks");
    let file = browser.folder.path().join("bookmarks");
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("/1/notes/\tNotes\n"));
    browser.types("H");
    browser.is_like("gopher-browse-history");
    browser.key(Key::Down);
    browser.key(Key::Enter);
    assert_eq!(browser.app.page().unwrap().url, url);
    browser.types("B\na");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "");
    // A place that is no Gopher address is none to go to.
    std::fs::write(&file, "javascript:alert(1)\tx\ngopher://h.example/\tGood\n").unwrap();
    assert_eq!(Bookmarks::open(Some(&file)).all.len(), 1);
}

#[test]
fn downloads_have_safe_names_and_nothing_is_overwritten() {
    let mut browser = Browser::at(&mock());
    browser.types("3\n\n");
    assert!(browser.last_lines().ends_with("\nSave as: dot.png_"), "{}", browser.screen());
    browser.types("\n");
    assert!(browser.last_lines().starts_with("saved dot.png, "), "{}", browser.last_lines());
    let saved = std::fs::read(browser.folder.path().join("downloads/dot.png")).unwrap();
    assert_eq!(saved, include_bytes!("../../fixtures/world/images/dot.png"));
    browser.types("d\n");
    assert!(browser.last_lines().contains("dot.png is there already"));
    browser.types("d/../../x\n");
    assert!(browser.last_lines().starts_with("that is no plain name"));
    browser.app.news(News::Progress(3 << 20, Some(12 << 20)));
    assert!(
        browser.last_lines().starts_with("3072 KiB of 12 MiB (25 %)   Esc stops"),
        "{}",
        browser.last_lines()
    );
    browser.key(Key::Escape);
    assert!(browser.last_lines().starts_with("stopped"));
}

#[test]
fn a_form_and_attributes() {
    let mut browser = Browser::at(&mock());
    browser.types("4\n");
    assert!(browser.last_lines().ends_with("\nWho are you? [nobody] _"), "{}", browser.last_lines());
    browser.types("Eve\nsesame");
    assert!(browser.last_lines().ends_with("\nWhich word lets you in? ******_"));
    browser.types("\none\ntwo\n\nmaybe\n");
    assert!(browser.last_lines().starts_with("May we write to you? the answer must be yes or no"));
    browser.types("yes\nfancy\n/dev/null\n");
    browser.is_like("gopher-browse-form");
    browser.key(Key::Left);
    browser.types("gi");
    browser.is_like("gopher-browse-attributes");
}

#[test]
fn risky_links_are_asked_about_and_some_never_followed() {
    let port = serve(&[(
        "",
        "iEscape \x1b[2J sequences\x07 and \u{202e}bidi\t\t\t0\r\n\
         8Library\tguest\t127.0.0.1\t23\r\n\
         0Metadata\t/latest\t169.254.169.254\t80\r\n\
         0Mail\t/x\tmail.example.org\t25\r\n\
         hScript\tURL:javascript:alert(1)\th.example\t70\r\n\
         hFile\tURL:file:///etc/passwd\th.example\t70\r\n\
         hWeb\tURL:https://example.org/\th.example\t70\r\n\
         0Nowhere\t/x\t-oProxyCommand=x\t70\r\n\
         2People\t\t127.0.0.1\t105\r\n\
         0A line that is much too long for a screen of eighty columns, so that it is cut where that ends\t/long\t127.0.0.1\tPORT\r\n\
         0Gone\t/gone\t127.0.0.1\tPORT\r\n.\r\n",
    )]);
    let mut browser = Browser::at(&format!("gopher://127.0.0.1:{port}/"));
    browser.is_like("gopher-browse-hostile");
    browser.types("1\n");
    assert!(
        browser.last_lines().ends_with("\nOpen a telnet session with 127.0.0.1:23 (log in as guest)? (y/n)")
    );
    browser.types("n");
    assert!(browser.telnet.is_empty() && browser.last_lines().starts_with("not followed"));
    browser.types("1\ny");
    assert_eq!(browser.telnet, ["127.0.0.1:23"]);
    browser.types("2\n");
    assert!(
        browser
            .last_lines()
            .contains("169.254.169.254:80 is this machine or on its own network. Ask it? (y/n)")
    );
    browser.key(Key::Escape);
    browser.types("3\n");
    assert!(
        browser.last_lines().contains("mail.example.org:25 is an unusual port for Gopher. Ask it? (y/n)")
    );
    browser.types("nd");
    assert!(browser.last_lines().contains("elsewhere: follow the link first"));
    for (number, said) in [
        ("4", "acts on this machine"),
        ("5", "acts on this machine"),
        ("6", "not a Gopher item: https://example.org/"),
        ("7", "no address"),
    ] {
        browser.types(&format!("{number}\n"));
        assert!(browser.last_lines().contains(said), "{number}: {}", browser.last_lines());
    }
    browser.types("8\n");
    assert!(browser.last_lines().ends_with("Look up at 127.0.0.1:105: _"));
    browser.key(Key::Escape);
    browser.types("10\n");
    assert!(browser.last_lines().contains("the server refused: nothing here"));
    assert_eq!(browser.app.depth(), (0, 0));
}

#[test]
fn tls_is_not_left_without_a_question() {
    let target: Target = "gophers://h.example/".parse().unwrap();
    let entry = |line: &str| netkit_gopher::Entry::Item(netkit_gopher::Item::parse(line.as_bytes()).unwrap());
    let entries = vec![entry("1Same\t/a\th.example\t70"), entry("1Other\t/a\tother.example\t70")];
    let mut browser = Browser::new();
    let order = super::load::Order { target, title: "x".to_owned(), want: super::load::Want::Page };
    browser.app.news(News::Menu(order, entries));
    browser.screen();
    let Effect::Load(order) = browser.app.key(Key::Enter) else { panic!("not asked for") };
    assert!(order.target.tls);
    browser.app.news(News::Failed(crate::failure::Failure::new(crate::failure::Kind::Connect, "gone")));
    browser.key(Key::Down);
    browser.key(Key::Enter);
    assert!(
        browser.last_lines().contains("other.example:70 would be asked in clear, without TLS. Ask it? (y/n)")
    );
}

#[test]
fn a_phone_book_and_a_long_text() {
    let authority = ThrowAway::new().unwrap();
    let book = Server::start(Arc::new(Ph::new(World::seeded())), 0, authority.server, false).unwrap();
    let mut browser = Browser::new();
    let target: Target = format!("gopher://{}/2", book.endpoint()).parse().unwrap();
    let lookup = netkit_gopher::cso::Lookup::from_words(["ali*", "return", "all"]).unwrap();
    let want = super::load::Want::Lookup(lookup);
    browser.perform(Effect::Load(super::load::Order { target, title: String::new(), want }));
    browser.is_like("gopher-browse-people");
    let text: String = (1..=100)
        .map(|n| format!("Line {n}, which goes on and on{}\r\n", " and on".repeat(n % 15)))
        .collect();
    let order = super::load::Order {
        target: "gopher://h.example/0/long".parse().unwrap(),
        title: "Long".to_owned(),
        want: super::load::Want::Page,
    };
    browser.app.news(News::Text(order, text.into_bytes()));
    browser.screen();
    browser.key(Key::PageDown);
    browser.is_like("gopher-browse-long-text");
    browser.types("/line 77,\n");
    assert!(browser.screen().lines().nth(1).unwrap().starts_with("Line 77, "));
    browser.types("G");
    assert!(browser.screen().contains("Line 100,"));
    browser.terminal = Terminal::new(TestBackend::new(40, 10)).unwrap();
    browser.types("g");
    assert!(browser.screen().lines().all(|line| line.chars().count() <= 40));
    browser.terminal = Terminal::new(TestBackend::new(10, 3)).unwrap();
    assert_eq!(browser.screen().lines().next(), Some("the screen"));
}

/// A panic puts the terminal right before it says what it is about: shown by this same test, run once more on a terminal of
/// its own, where it panics.
#[test]
fn a_panic_gives_the_terminal_back() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{LocalModes, tcgetattr};
    if std::env::var_os("NETKIT_TEST_PANIC").is_some() {
        let _screen = super::screen::Screen::open().unwrap();
        panic!("on purpose");
    }
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let test = "verbs::gopher::browse::tests::a_panic_gives_the_terminal_back";
    let mut child = std::process::Command::new("setsid")
        .arg("--ctty")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("NETKIT_TEST_PANIC", "1")
        .stdin(slave.try_clone().unwrap())
        .stdout(slave.try_clone().unwrap())
        .stderr(slave.try_clone().unwrap())
        .spawn()
        .unwrap();
    let (mut reader, shown) = (std::fs::File::from(master), Arc::new(Mutex::new(Vec::new())));
    let sink = Arc::clone(&shown);
    let slave_of_reader = slave.try_clone().unwrap();
    std::thread::spawn(move || {
        let _open = slave_of_reader;
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            sink.lock().unwrap().extend_from_slice(&buffer[..n]);
        }
    });
    assert!(!child.wait().unwrap().success());
    let end = Instant::now() + Duration::from_secs(20);
    let all = loop {
        let all = String::from_utf8_lossy(&shown.lock().unwrap()).into_owned();
        if all.contains("test result") || Instant::now() > end {
            break all;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let taken = all.find("\x1b[?1049h").unwrap_or_else(|| panic!("never taken: {all:?}"));
    let given = all.find("\x1b[?1049l").unwrap_or_else(|| panic!("never given back: {all:?}"));
    let said = all.find("on purpose").unwrap_or_else(|| panic!("nothing was said: {all:?}"));
    assert!(taken < given && given < said && all.contains("\x1b[?25h"), "{all:?}");
    let modes = tcgetattr(&slave).unwrap().local_modes;
    assert!(modes.contains(LocalModes::ICANON) && modes.contains(LocalModes::ECHO));
}
