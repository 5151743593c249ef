//! `netkit-fuzz [TARGET [SECONDS]]`: the names of the targets, or one of them for so long (60 s) with inputs of its own. What
//! breaks it is written to `tests/fuzz/found/<target>/`, where the tests play it again.

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use netkit_fuzz::{Corpus, Mutator, found, targets};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        targets().for_each(|target| println!("{}", target.name));
        return ExitCode::SUCCESS;
    };
    let seconds = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(60);
    match hunt(&name, Duration::from_secs(seconds)) {
        Ok(count) => {
            println!("{name}: {count} inputs, nothing found");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn hunt(name: &str, time: Duration) -> Result<u64, String> {
    let target = targets().find(|target| target.name == name).ok_or("no such target")?;
    let seeds = Corpus::of(target)?.seeds;
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_secs());
    let (mut mutator, begun, mut count) = (Mutator::new(seed), Instant::now(), 0);
    while begun.elapsed() < time {
        let input = mutator.next(&seeds);
        let started = Instant::now();
        let held = catch_unwind(|| (target.holds)(&input)).unwrap_or_else(|_| Err("a panic".to_owned()));
        let held = held.and_then(|()| match started.elapsed() {
            // Nothing of a few KB takes that long, unless time grows with a power of it.
            long if long > Duration::from_secs(1) => Err(format!("{long:?} for {} bytes", input.len())),
            _ => Ok(()),
        });
        if let Err(why) = held {
            let folder = found(name);
            let file = folder.join(format!("{seed}-{count}"));
            let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, &input));
            return Err(format!("{why}\n{}\nkept: {} {kept:?}", netkit_wire::escape(&input), file.display()));
        }
        count += 1;
    }
    Ok(count)
}
