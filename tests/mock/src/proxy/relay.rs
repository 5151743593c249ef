//! Carries bytes both ways until both sides have ended.

use std::io::Read;
use std::thread::sleep;
use std::time::{Duration, Instant};

use netkit_wire::{Conn, Fault, Phase};

/// How long both sides may be silent.
const IDLE: Duration = Duration::from_secs(60);
/// How often a silent side is asked: a stream under TLS has one owner, so one thread serves both.
const NAP: Duration = Duration::from_micros(200);

pub(super) fn relay(client: &mut Conn, target: &mut Conn) -> Result<(), Fault> {
    let mut piece = vec![0; 64 << 10];
    let (mut up, mut down) = (true, true);
    let mut last = Instant::now();
    while up || down {
        let mut moved = false;
        if up && client.is_ready() {
            (up, moved) = (carry(client, target, &mut piece)?, true);
        }
        if down && target.is_ready() {
            (down, moved) = (carry(target, client, &mut piece)?, true);
        }
        if moved {
            last = Instant::now();
        } else if last.elapsed() > IDLE {
            return Ok(());
        } else {
            sleep(NAP);
        }
    }
    Ok(())
}

/// What is there, or the end of that side: whether more may come.
fn carry(from: &mut Conn, to: &mut Conn, piece: &mut [u8]) -> Result<bool, Fault> {
    let n = from.until_close().read(piece).map_err(|e| Fault::from_io(e, Phase::Receiving))?;
    if n == 0 {
        to.shutdown_write()?;
        return Ok(false);
    }
    to.send(piece.get(..n).unwrap_or_default())?;
    Ok(true)
}
