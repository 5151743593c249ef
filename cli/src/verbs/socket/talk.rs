//! A conversation over a stream: stdin to the peer, the peer to stdout, both at once; and how each of the two ends.
//!
//! | first to end | then |
//! |---|---|
//! | stdin | the peer is told, its answer is read to its end, with no clock but those the user set |
//! | the peer, stdin idle | what was taken from stdin is sent, and the conversation is over |
//! | the peer, stdin full | what stdin holds is sent too: the peer may only have had nothing to say |
//! | the peer, by a reset | a failure, after all that came before it |
//! | stdout, closed by its reader | a quiet end |

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use netkit_socket::Crlf;
use netkit_wire::Stream;

use super::log::{Log, Way};
use super::{is_idle, receive, send};
use crate::args::Bytes;
use crate::failure::{Failure, Result};
use crate::output::Output;

const CHUNK: usize = 256 << 10;
const TICK: Duration = Duration::from_millis(5);

/// How far the sending side is.
#[derive(Default)]
struct Sending {
    moved: AtomicU64,
    busy: AtomicBool,
}

/// Talks to `peer` until both have said all.
pub fn talk(
    stream: Box<dyn Stream>,
    peer: &str,
    bytes: &Bytes,
    log: &Log,
    output: &mut Output,
) -> Result<()> {
    let (mut reader, writer) = stream.halves().map_err(|e| receive(&e))?;
    let sending = Arc::new(Sending::default());
    log.event("open", peer);
    let sender = sender(writer, peer, bytes, log, &sending);
    let received = listen(&mut *reader, peer, log, &sending, output);
    // Nobody reads on: what else the sender would say is of no use.
    received?;
    let sent = settle(sender, &sending, bytes.wait.unwrap_or(Duration::from_secs(1)));
    log.event("close", peer);
    sent
}

fn sender(
    mut writer: Box<dyn Stream>,
    peer: &str,
    bytes: &Bytes,
    log: &Log,
    sending: &Arc<Sending>,
) -> JoinHandle<Result<()>> {
    let (peer, log, sending) = (peer.to_owned(), log.clone(), Arc::clone(sending));
    let (crlf, silent) = (bytes.crlf, bytes.recv_only);
    thread::spawn(move || {
        let mut crlf = crlf.then(Crlf::default);
        let (mut buf, mut translated) = (vec![0; if silent { 0 } else { CHUNK }], Vec::new());
        let mut stdin = io::stdin().lock();
        loop {
            let n = match stdin.read(&mut buf) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other.map_err(|e| Failure::read("stdin", &e))?,
            };
            let Some(some) = buf.get(..n).filter(|some| !some.is_empty()) else { break };
            sending.busy.store(true, Ordering::SeqCst);
            let some = match &mut crlf {
                Some(crlf) => {
                    translated.clear();
                    crlf.push(some, &mut translated);
                    &translated
                }
                None => some,
            };
            writer.write_all(some).map_err(|e| send(&e))?;
            log.bytes(Way::Sent, &peer, some);
            sending.moved.fetch_add(some.len() as u64, Ordering::SeqCst);
            sending.busy.store(false, Ordering::SeqCst);
        }
        sending.busy.store(true, Ordering::SeqCst);
        writer.shutdown_write().map_err(|e| send(&e))
    })
}

/// The peer to stdout, to the peer's end.
fn listen(
    reader: &mut dyn Stream,
    peer: &str,
    log: &Log,
    sending: &Sending,
    output: &mut Output,
) -> Result<()> {
    let file = if log.is_on() { None } else { output.file() };
    let mut buf = vec![0; CHUNK];
    let mut sent_before = 0;
    let flushed = |output: &mut Output| output.flush().map_err(|e| Failure::write(output.name(), &e));
    loop {
        let moved = match &file {
            Some(file) => reader.transfer(file, 1 << 30),
            None => Ok(None),
        };
        let read = match moved {
            Ok(Some(n)) => Ok((n, 0)),
            Ok(None) => reader.read(&mut buf).map(|n| (n as u64, n)),
            Err(error) => Err(error),
        };
        match read {
            Ok((0, _)) => return flushed(output),
            Ok((_, 0)) => {}
            Ok((_, n)) => {
                let some = buf.get(..n).unwrap_or_default();
                log.bytes(Way::Received, peer, some);
                output.write_all(some).map_err(|e| Failure::write(output.name(), &e))?;
                flushed(output)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Whoever is being sent to is not idle.
            Err(error) if is_idle(&error) && sending.moved.load(Ordering::SeqCst) != sent_before => {
                sent_before = sending.moved.load(Ordering::SeqCst);
            }
            // The pipe behind stdout has no reader any more: only writing fails like this.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return Err(Failure::write(output.name(), &error));
            }
            Err(error) => {
                flushed(output)?;
                return Err(receive(&error));
            }
        }
    }
}

/// The peer has said all: what stdin still holds is sent, and no more is waited for than `grace`.
fn settle(sender: JoinHandle<Result<()>>, sending: &Sending, grace: Duration) -> Result<()> {
    use std::io::IsTerminal;
    let grace = if io::stdin().is_terminal() { Duration::ZERO } else { grace };
    let (mut seen, mut since) = (sending.moved.load(Ordering::SeqCst), Instant::now());
    while !sender.is_finished() {
        let moved = sending.moved.load(Ordering::SeqCst);
        if moved != seen || sending.busy.load(Ordering::SeqCst) {
            (seen, since) = (moved, Instant::now());
        } else if since.elapsed() >= grace {
            // Its thread waits for stdin and ends with the process.
            return Ok(());
        }
        thread::sleep(TICK);
    }
    sender.join().unwrap_or(Ok(()))
}
