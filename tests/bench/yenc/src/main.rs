//! How fast articles in yEnc are decoded, as a ratio to the crate yenc on the same lines: the best of many turns. Ours also reads what
//! stands around the data and checks its CRC; the peer shifts bytes alone.

use std::hint::black_box;
use std::time::{Duration, Instant};

use netkit_nntp::yenc;

/// As large as articles are.
const SIZE: usize = 716_800;

/// Bytes without any pattern, the same each time (xorshift).
fn data() -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..SIZE).map(|_| next()).collect()
}

fn best(mut turn: impl FnMut() -> usize) -> Duration {
    (0..200)
        .map(|_| {
            let began = Instant::now();
            assert_eq!(black_box(turn()), SIZE);
            began.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn main() {
    let data = data();
    let mut article = Vec::new();
    yenc::encode("a.bin", &data, yenc::LINE, None, &mut article);
    let start = article.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let end = article.windows(6).position(|word| word == b"=yend ").unwrap_or(article.len());
    let lines = &article[start..end];
    let mut out = Vec::with_capacity(SIZE);
    let ours = best(|| {
        out.clear();
        black_box(yenc::decode(black_box(&article), &mut out)).map_or(0, |_| out.len())
    });
    assert_eq!(out, data);
    let peer = best(|| ::yenc::decode_buffer(black_box(lines)).map_or(0, |out| out.len()));
    let rate = SIZE as f64 / ours.as_secs_f64() / 2e9;
    println!(
        "nntp: yEnc, crate yenc               throughput x{:.2}  (x{rate:.2} of 2 GB/s)",
        peer.as_secs_f64() / ours.as_secs_f64()
    );
}
