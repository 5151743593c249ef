//! Clients that people use, against the Gopher mock server: curl, and the University of Minnesota's own, which speaks Gopher+.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::command::folder;
use crate::running::Mock;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

#[test]
fn curl_reads_menus_texts_and_searches() {
    let dir = folder();
    let ca = dir.path().join("ca.pem");
    let mock = Mock::start(&["gopher"], &ca);
    for (scheme, port) in [("gopher", &mock.port("gopher", false)), ("gophers", &mock.port("gopher", true))] {
        let curl = |path: &str| {
            let url = format!("{scheme}://localhost:{port}{path}");
            let ran = Command::new("curl").args(["-s", "--cacert"]).arg(&ca).arg(url).output().unwrap();
            assert!(ran.status.success(), "{ran:?}");
            String::from_utf8(ran.stdout).unwrap()
        };
        assert!(curl("/").starts_with("iWelcome to the world of netkit\t"));
        let text = curl("/0/notes/sockets.txt");
        // curl shows what comes: dots doubled, and one at the end.
        let bare = text.replace("\r\n", "\n").replace("\n..", "\n.");
        let file = include_str!("../../fixtures/world/notes/sockets.txt");
        assert_eq!(bare.strip_suffix(".\n"), Some(file));
        assert!(curl("/7/search%09sockets").contains("0/notes/sockets.txt\t/notes/sockets.txt\t"));
    }
}

/// The client on a terminal of its own, and all that it has shown.
struct Umn {
    master: File,
    child: Child,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Umn {
    fn start(port: &str, home: &std::path::Path) -> Umn {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let master = File::from(master);
        tcsetwinsize(&master, Winsize { ws_col: 80, ws_row: 24, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let file = || slave.try_clone().unwrap();
        let child = Command::new("setsid")
            .args(["--ctty", "gopher", "127.0.0.1", port])
            .env("TERM", "vt100")
            .env("HOME", home)
            .stdin(file())
            .stdout(file())
            .stderr(file())
            .spawn()
            .unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(24, 80, 0)));
        let (mut reader, sink) = (master.try_clone().unwrap(), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                sink.lock().unwrap().process(&buffer[..n]);
            }
        });
        Umn { master, child, screen }
    }

    #[track_caller]
    fn shows(&self, words: &str) -> String {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let text = self.screen.lock().unwrap().screen().contents();
            if text.contains(words) {
                return text;
            }
            assert!(Instant::now() < end, "{words:?} does not come:\n{text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }
}

impl Drop for Umn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_first_client_of_all_takes_our_gopher_plus() {
    let dir = folder();
    let mock = Mock::start(&["gopher"], &dir.path().join("ca.pem"));
    let mut umn = Umn::start(&mock.port("gopher", false), dir.path());
    umn.shows("Press RETURN to continue");
    umn.types("\r");
    // It asks for the attributes of the whole menu ($), and marks what has a form.
    let menu = umn.shows("[4]  Ask me <??>");
    assert!(
        menu.contains("[2]  Notes/") && menu.contains("[5]  Search the names of all files <?>"),
        "{menu}"
    );
    umn.types("=");
    let told = umn.shows("Admin=netkit mock <gopher@example.org>");
    assert!(told.contains("<19910301000000>") && told.contains("This world lives in the memory"), "{told}");
    umn.types("u");
    umn.shows("[4]  Ask me <??>");
    // The views of a text, each with its language.
    umn.types("\r");
    let views = umn.shows("Choose a document type (1-3)");
    assert!(views.contains("text/plain English (USA)") && views.contains("text/plain Deutsch"), "{views}");
    umn.types("2\r");
    umn.shows("Auf deutsch gibt es das nicht.");
}
