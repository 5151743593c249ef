//! Plays one fixture in one mode.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use netkit_mock::script::{Cut, End, Fixture, Network, Security};
use netkit_wire::{Conn, Limits, Memory};

use crate::protocol::{Authority, Protocol, Session};

/// The ways in which each fixture is played.
pub const MODES: [&str; 7] = ["grammar", "whole", "bytewise", "truncated", "flipped", "tcp", "tls"];

/// One fixture of one protocol.
pub struct Case {
    /// `gopher/rfc1436-3.6-menu`.
    pub name: String,
    path: PathBuf,
    protocol: &'static dyn Protocol,
    /// What the file holds.
    pub fixture: Fixture,
}

static AUTHORITY: LazyLock<Result<Authority, String>> =
    LazyLock::new(|| Authority::new().map_err(|e| e.to_string()));

/// Every fixture below `fixtures/<protocol>`.
///
/// # Errors
/// The file and line of the first one that cannot be read.
pub fn cases(root: &Path, protocols: &[(&str, &'static dyn Protocol)]) -> Result<Vec<Arc<Case>>, String> {
    let mut cases = Vec::new();
    for (folder, protocol) in protocols {
        for path in sessions(&root.join(folder)) {
            let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let fixture = Fixture::parse(&text).map_err(|e| format!("{}, {e}", path.display()))?;
            let name = path.strip_prefix(root).unwrap_or(&path).with_extension("").display().to_string();
            cases.push(Arc::new(Case { name, path, protocol: *protocol, fixture }));
        }
    }
    Ok(cases)
}

fn sessions(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(sessions(&path)),
            path if path.extension().is_some_and(|e| e == "session") => found.push(path),
            _ => {}
        }
    }
    found.sort();
    found
}

impl Case {
    /// Whether this mode says something about this fixture: without a call there is only grammar.
    pub fn has(&self, mode: &str) -> bool {
        mode == "grammar" || !self.fixture.call.is_empty()
    }

    /// Plays the fixture in `mode`.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn play(&self, mode: &str) -> Result<(), String> {
        match mode {
            "grammar" => self.grammar(),
            "whole" => self.faithful(Cut::default(), true),
            "bytewise" => self.faithful(Cut { piece: Some(1), ..Cut::default() }, false),
            "truncated" => self.truncated(),
            "flipped" => self.flipped(),
            "tcp" => self.network(Security::Plain),
            "tls" => self.network(Security::Tls),
            _ => Err(format!("no mode {mode}")),
        }
    }

    fn grammar(&self) -> Result<(), String> {
        for leg in &self.fixture.legs {
            let items = |piece| {
                let peer = Memory::new(&leg.server).in_pieces(piece);
                self.protocol.grammar(&mut Conn::new(Box::new(peer), Limits::default()))
            };
            let whole = items(usize::MAX);
            for piece in [1, 2, 7] {
                let pieces = items(piece);
                if pieces != whole {
                    return Err(format!("whole:\n{whole}\nin pieces of {piece}:\n{pieces}"));
                }
            }
        }
        Ok(())
    }

    fn call(&self, cut: Cut) -> (String, Session) {
        let mut session = Session::memory(self.fixture.legs.clone(), cut);
        (self.protocol.call(&self.fixture.call, &mut session), session)
    }

    fn faithful(&self, cut: Cut, may_update: bool) -> Result<(), String> {
        let (outcome, session) = self.call(cut);
        if may_update && std::env::var_os("UPDATE_FIXTURES").is_some() {
            self.update(&outcome).map_err(|e| e.to_string())?;
            return session.failure().map_or(Ok(()), Err);
        }
        self.expect(&outcome)?;
        session.failure().map_or(Ok(()), Err)
    }

    fn expect(&self, outcome: &str) -> Result<(), String> {
        let expected = &self.fixture.outcome;
        if outcome == expected { Ok(()) } else { Err(format!("expected: {expected}\n     got: {outcome}")) }
    }

    /// Rewrites the `=` line.
    fn update(&self, outcome: &str) -> std::io::Result<()> {
        let text = std::fs::read_to_string(&self.path)?;
        let kept = text.lines().filter(|line| !line.trim_start().starts_with("= "));
        let text = kept.map(|line| format!("{line}\n")).collect::<String>() + "= " + outcome + "\n";
        std::fs::write(&self.path, text)
    }

    fn truncated(&self) -> Result<(), String> {
        // Where only the connection's end ends an answer, each part of it is one too, and says so.
        let open_end =
            if self.fixture.outcome.starts_with("Ok until close") { "Ok until" } else { "Ok until close" };
        for (i, leg) in self.fixture.legs.iter().enumerate() {
            for after in sample(leg.server.len()) {
                let mut legs = self.fixture.legs.clone();
                // Only one connection is cut; those before it play whole.
                if let Some(leg) = legs.get_mut(i) {
                    leg.server.truncate(after);
                    leg.end = End::Close;
                }
                let mut session =
                    Session::memory(legs, Cut { after: (i == 0).then_some(after), ..Cut::default() });
                let outcome = self.protocol.call(&self.fixture.call, &mut session);
                let clean = outcome.starts_with("Err ") || outcome.starts_with(open_end);
                if outcome != self.fixture.outcome && !clean {
                    return Err(format!("cut after {after} bytes of connection {i}: {outcome}"));
                }
            }
        }
        Ok(())
    }

    fn flipped(&self) -> Result<(), String> {
        let bytes = self.fixture.legs.first().map_or(0, |leg| leg.server.len());
        // A fixed seed (Knuth's MMIX multiplier): the same masks in every run, none of them 0.
        let mut seed = 0x2545_F491_4F6C_DD1D_u64;
        for at in sample(bytes) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mask = (seed >> 56) as u8 | 1;
            let (outcome, _) = self.call(Cut { flip: Some((at, mask)), ..Cut::default() });
            if !(outcome.starts_with("Ok") || outcome.starts_with("Err ")) || outcome.contains('\n') {
                return Err(format!("byte {at} altered by {mask:#x}: not an outcome: {outcome}"));
            }
        }
        Ok(())
    }

    fn network(&self, security: Security) -> Result<(), String> {
        let authority = AUTHORITY.as_ref().map_err(Clone::clone)?;
        let network = Network::play(self.fixture.legs.clone(), security, authority.throw_away.server.clone());
        let network = network.map_err(|e| e.to_string())?;
        let hangs = self.fixture.legs.iter().any(|leg| leg.end == End::Hang);
        let mut session = Session::network(&network, security, &authority.ca_file, hangs);
        let outcome = self.protocol.call(&self.fixture.call, &mut session);
        drop(session);
        self.expect(&outcome)?;
        network.failure().map_or(Ok(()), Err)
    }
}

/// Every offset of a transcript up to 4 KiB; of a longer one as many as cost no more: each of them plays the whole, and a
/// fixture of 200 KiB tests a limit, not each byte.
fn sample(len: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by((len / 4096).pow(2).max(1))
}
