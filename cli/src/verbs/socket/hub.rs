//! Many peers at once: each with stdin and stdout, or with the others, or with a small service.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use netkit_socket::{Crlf, Small};
use netkit_wire::Stream;

use super::door::{Door, Guest, Voice};
use super::log::{Log, Way};
use super::{receive, send, services};
use crate::args::SocketListen;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::run::Run;

/// Pieces that may wait for a slow peer; one that is slower is sent away, for the others do not wait for it.
const QUEUE: usize = 256;
const CHUNK: usize = 64 << 10;
/// The longest line of a chat.
const LINE: usize = 8 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Stdio,
    Broker,
    Chat,
    Service(Small),
}

struct Hub {
    mode: Mode,
    room: Mutex<Room>,
    output: Mutex<Option<Output>>,
    log: Log,
    voice: Voice,
}

/// The way to a member's writer.
type Queue = SyncSender<Arc<[u8]>>;

#[derive(Default)]
struct Room {
    /// Who hears what is said, with the name for messages.
    members: HashMap<u64, (String, Queue)>,
    /// No more will come from stdin.
    ended: bool,
}

pub fn run(run: &Run<'_>, mut door: Door, args: &SocketListen, log: &Log) -> Result<()> {
    let mode = match (&args.service, args.chat, args.broker) {
        (Some(name), ..) => Mode::Service(name.parse()?),
        (_, true, _) => Mode::Chat,
        (.., true) => Mode::Broker,
        _ => Mode::Stdio,
    };
    let output = (mode == Mode::Stdio).then(|| run.output()).transpose()?;
    let (room, voice) = (Mutex::default(), door.voice());
    let hub = Arc::new(Hub { mode, room, output: Mutex::new(output), log: log.clone(), voice });
    if mode == Mode::Stdio {
        let (hub, crlf, silent) = (Arc::clone(&hub), args.data.crlf, args.data.recv_only);
        thread::spawn(move || hub.stdin(crlf, silent));
    }
    let mut threads: Vec<JoinHandle<Result<()>>> = Vec::new();
    let mut number = 0;
    while args.door.peers.is_none_or(|most| number < most) {
        let guest = match door.next() {
            Ok(guest) => guest,
            // With a limit on the whole, being here until then was all that was asked.
            Err(failure) if number == 0 => return Err(failure),
            Err(_) => break,
        };
        number += 1;
        let (hub, id) = (Arc::clone(&hub), number);
        threads.push(thread::spawn(move || hub.serve(id, guest)));
        threads.retain(|thread| args.door.peers.is_some() || !thread.is_finished());
    }
    door.close();
    let mut first = Ok(());
    for thread in threads {
        first = first.and(thread.join().unwrap_or(Ok(())));
    }
    first?;
    match hub.output.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(output) => output.finish(),
        None => Ok(()),
    }
}

impl Hub {
    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, id: u64, mut guest: Guest) -> Result<()> {
        let peer = guest.peer.clone();
        self.log.event("open", &peer);
        let served = guest.stream().and_then(|stream| match self.mode {
            Mode::Service(small) => services::serve(stream, small).map_err(|e| receive(&e)),
            _ => self.member(id, &peer, stream),
        });
        self.room().members.remove(&id);
        self.log.event("close", &peer);
        served.map_err(|failure| {
            let failure = failure.reworded(|words| format!("{peer}: {words}"));
            if !failure.quiet {
                self.voice.warn(&failure.message);
            }
            failure
        })
    }

    fn member(&self, id: u64, peer: &str, stream: Box<dyn Stream>) -> Result<()> {
        let (mut reader, writer) = stream.halves().map_err(|e| receive(&e))?;
        let (queue, waiting) = sync_channel(QUEUE);
        {
            let mut room = self.room();
            match room.ended {
                // Nothing will be said: the peer is told at once.
                true => drop(queue),
                false => drop(room.members.insert(id, (peer.to_owned(), queue))),
            }
        }
        let (log, name) = (self.log.clone(), peer.to_owned());
        let writing = thread::spawn(move || drain(&waiting, writer, &log, &name));
        let heard = self.hear(id, peer, &mut *reader);
        // Its writer sends what waits, says the end, and is done.
        self.room().members.remove(&id);
        heard.and(writing.join().unwrap_or(Ok(())))
    }

    /// All that a member says.
    fn hear(&self, id: u64, peer: &str, reader: &mut dyn Stream) -> Result<()> {
        let (mut buf, mut line) = (vec![0; CHUNK], Vec::new());
        loop {
            let n = match reader.read(&mut buf) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other.map_err(|e| receive(&e))?,
            };
            let some = buf.get(..n).unwrap_or_default();
            if !some.is_empty() {
                self.log.bytes(Way::Received, peer, some);
            }
            match self.mode {
                Mode::Chat => {
                    line.extend_from_slice(some);
                    let cut = line.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                    // A line that does not end is passed on in parts, and the last one as it is.
                    let cut = if line.len() > LINE || some.is_empty() { line.len() } else { cut };
                    let whole: Vec<u8> = line.drain(..cut).collect();
                    for said in whole.split_inclusive(|byte| *byte == b'\n') {
                        let mut named = format!("<{id}> ").into_bytes();
                        named.extend_from_slice(said);
                        self.tell(Some(id), &named.into());
                    }
                }
                _ if some.is_empty() => {}
                Mode::Broker => self.tell(Some(id), &some.into()),
                _ => self.show(some)?,
            }
            if some.is_empty() {
                return Ok(());
            }
        }
    }

    fn show(&self, some: &[u8]) -> Result<()> {
        match &mut *self.output.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(output) => {
                let written = output.write_all(some).and_then(|()| output.flush());
                written.map_err(|e| Failure::write(output.name(), &e))
            }
            None => Ok(()),
        }
    }

    /// To all but one.
    fn tell(&self, but: Option<u64>, said: &Arc<[u8]>) {
        let mut room = self.room();
        room.members.retain(|id, (peer, queue)| {
            let kept = Some(*id) == but || queue.try_send(Arc::clone(said)).is_ok();
            if !kept {
                self.voice.warn(&format!("{peer} hears no more: it is too slow"));
            }
            kept
        });
    }

    /// Stdin to all who are here. It is read when somebody is.
    fn stdin(&self, crlf: bool, silent: bool) {
        let mut crlf = crlf.then(Crlf::default);
        let mut buf = vec![0; if silent { 0 } else { CHUNK }];
        let mut stdin = io::stdin().lock();
        loop {
            let n = match stdin.read(&mut buf) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(n) => n,
                Err(error) => {
                    self.voice.warn(&format!("stdin: {error}"));
                    0
                }
            };
            let Some(some) = buf.get(..n).filter(|some| !some.is_empty()) else { break };
            let mut said = Vec::new();
            match &mut crlf {
                Some(crlf) => crlf.push(some, &mut said),
                None => said.extend_from_slice(some),
            }
            let said: Arc<[u8]> = said.into();
            // Nobody else says anything to a member here, so each may be waited for.
            let queues: Vec<_> = self.room().members.values().map(|(_, queue)| queue.clone()).collect();
            for queue in queues {
                let _ = queue.send(Arc::clone(&said));
            }
        }
        let mut room = self.room();
        room.ended = true;
        room.members.clear();
    }
}

fn drain(waiting: &Receiver<Arc<[u8]>>, mut writer: Box<dyn Stream>, log: &Log, peer: &str) -> Result<()> {
    for said in waiting {
        writer.write_all(&said).map_err(|e| send(&e))?;
        log.bytes(Way::Sent, peer, &said);
    }
    writer.shutdown_write().map_err(|e| send(&e))
}
