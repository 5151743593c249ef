//! `netkit ftp copy`: from one server to another, between the two (FXP) where both agree, else through us.

use std::io::{self, Read, Write};

use netkit_ftp::{Error, Session};
use netkit_wire::{Fault, Phase};
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{FtpCopy, FtpWays, Global};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn copy(args: &FtpCopy, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let from = session::aim(&mut run, Some(&args.from))?;
    let to = session::aim(&mut run, Some(&args.to))?;
    if from.path.is_empty() || from.path.ends_with('/') {
        return Err(Failure::new(Kind::Usage, "which file?"));
    }
    let name = from.path.rsplit('/').next().unwrap_or(&from.path);
    let place = if to.path.is_empty() || to.path.ends_with('/') {
        session::below(&to.path, name)
    } else {
        to.path.clone()
    };
    let path = from.path.clone();
    let ways = FtpWays::default();
    let (from, to) = (Opener::new(&run, from, &ways)?, Opener::new(&run, to, &ways)?);
    let (mut source, mut sink) = (from.open()?, to.open()?);
    // Found out before the other server is told to wait for it.
    let entry = source.look(&path).map_err(|e| from.about_path(e, &path))?;
    if entry.kind == netkit_ftp::list::Kind::Folder {
        return Err(Failure::new(Kind::Usage, format!("{path}: it is a folder")));
    }
    let modified = entry.modified;
    let mut way = "between the servers";
    let direct = args.fxp
        && netkit_ftp::fxp(&mut source, &path, &mut sink, &place).map_err(|e| from.about_path(e, &path))?;
    if !direct {
        way = "through here";
        through(&mut source, &from, &path, &mut sink, &to, &place)?;
    }
    if let Some(stamp) = modified {
        match sink.set_modified(&place, stamp) {
            Ok(_) => {}
            Err(why) if why.connection_is_usable() => {}
            Err(why) => return Err(to.about_path(why, &place)),
        }
    }
    from.leave(source);
    to.leave(sink);
    let mut output = run.output()?;
    if run.json() {
        output.line(&json!({ "from": path, "to": place, "way": way }).to_string())?;
    } else if !run.net.output.quiet {
        output.line(&format!("{place}\t{way}"))?;
    }
    output.finish()
}

fn through(
    source: &mut Session,
    from: &Opener<'_>,
    path: &str,
    sink: &mut Session,
    to: &Opener<'_>,
    place: &str,
) -> Result<()> {
    let mut download = source.retr(path, 0).map_err(|e| from.about_path(e, path))?;
    let mut upload = sink.stor(place, 0).map_err(|e| to.about_path(e, place))?;
    let mut buffer = vec![0; 1 << 18];
    loop {
        let n = match download.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
            Err(why) => {
                let broken = download.broken(Fault::from_io(why, Phase::Receiving));
                return Err(from.about_path(broken, path));
            }
        };
        if let Err(why) = upload.write_all(buffer.get(..n).unwrap_or_default()) {
            let broken = upload.broken(Fault::from_io(why, Phase::Sending));
            return Err(to.about_path(broken, place));
        }
    }
    // What has not come whole is not to be kept as if it had.
    if let Err(why) = download.finish() {
        drop(upload);
        return Err(from.about_path(why, path));
    }
    let kept = upload.finish();
    kept.map(|_| ()).map_err(|e: Error| to.about_path(e, place))
}
