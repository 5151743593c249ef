//! The FTP server, asked by the crate `netkit-ftp`: TLS between two of them, and transfers that nobody ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::Read;
use std::sync::Arc;

use netkit_ftp::{Error, Login, Opening, Session, Target, connect, fxp};
use netkit_mock::{Ftp, Server, ThrowAway, World};
use netkit_socket::{Dialer, Tls};

/// A server, and a session with it in TLS.
fn session(ftp: Ftp) -> (Server, Session) {
    let authority = ThrowAway::new().unwrap();
    let server = Server::start(Arc::new(ftp), 0, authority.server, false).unwrap();
    let mut target: Target = format!("ftp://127.0.0.1:{}", server.port()).parse().unwrap();
    target.security = netkit_ftp::Security::Starttls;
    let dialer = Dialer::default().tls(Tls::default().ca_pem(authority.ca_pem));
    let (client, _) = connect(&target, &dialer, Opening::default()).unwrap();
    let login = Login { user: "alice".to_owned(), password: Some("secret".into()), ..Login::anonymous() };
    (server, client.login(&login).unwrap())
}

fn read(session: &mut Session, path: &str) -> Vec<u8> {
    let mut download = session.retr(path, 0).unwrap();
    let mut bytes = Vec::new();
    download.read_to_end(&mut bytes).unwrap();
    download.finish().unwrap();
    bytes
}

#[test]
fn between_two_servers_either_end_is_the_client_of_tls() {
    for without in ["SSCN", "CPSV"] {
        let (one, other) = (World::seeded(), World::seeded());
        let (_source_server, mut source) = session(Ftp::new(one).without(without));
        let (_sink_server, mut sink) = session(Ftp::new(other).without(without));
        assert!(fxp(&mut source, "notes/ports.txt", &mut sink, "x").unwrap(), "without {without}");
        // Afterwards both are servers again.
        assert_eq!(read(&mut sink, "x"), read(&mut source, "notes/ports.txt"));
    }
    // Where neither is to be had, nothing moves, and both sessions go on.
    let bare = || session(Ftp::new(World::seeded()).without("SSCN").without("CPSV"));
    let ((_one, mut source), (_other, mut sink)) = (bare(), bare());
    assert!(!fxp(&mut source, "notes/ports.txt", &mut sink, "x").unwrap());
    assert!(matches!(sink.size("x"), Err(Error::Refused(_))));
    assert!(source.noop().is_ok());
}

#[test]
fn a_transfer_that_nobody_ends_ends_the_session() {
    let (_server, mut session) = session(Ftp::new(World::seeded()));
    let mut download = session.retr("about.txt", 0).unwrap();
    download.read_exact(&mut [0; 3]).unwrap();
    drop(download);
    // Its replies are not to be taken for the answer to this.
    assert!(!session.is_usable());
    assert!(matches!(session.size("about.txt"), Err(Error::Over)));
}
