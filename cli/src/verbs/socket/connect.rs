//! `netkit socket connect`

use std::io::BufRead;

use netkit_socket::{Carrier, Crlf, Place};

use super::log::Log;
use super::talk::talk;
use super::{Out, datagrams, dialer, mock, named, place};
use crate::args::SocketConnect;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn run(run: &mut Run<'_>, args: &SocketConnect) -> Result<()> {
    let text = match (&args.target, run.is_mock()) {
        (Some(text), _) => text.as_str(),
        (None, true) => "localhost:echo",
        (None, false) => return Err(Failure::new(Kind::Usage, "no TARGET: which host and port?")),
    };
    let mut place = place(run, text)?;
    if run.net.output.offline {
        return offline(run, &place, args);
    }
    let dialer = dialer(run, &args.tune, place.carrier.as_str())?;
    let dialer = mock::instead(run, &mut place, dialer)?;
    let log = Log::open(run.dialogue.clone(), args.data.log.as_deref(), args.data.hex)?;
    if matches!(place.carrier, Carrier::Udp | Carrier::Unixgram) {
        return datagrams::connect(run, &place, args, &log);
    }
    let (stream, notes) = Out::new(run, dialer, place.clone(), &args.tune).dial()?;
    notes.iter().for_each(|note| run.note(note));
    let mut output = run.output()?;
    let peer = place.endpoint.to_string();
    talk(stream, &peer, &args.data, &log, &mut output).map_err(named(&place.endpoint))?;
    output.finish()
}

/// `--offline`: stdin as the peer would have it. Where one datagram ends and the next begins, no byte shows.
fn offline(run: &Run<'_>, place: &Place, args: &SocketConnect) -> Result<()> {
    let (mut output, mut stdin) = (run.output()?, std::io::stdin().lock());
    if matches!(place.carrier, Carrier::Udp | Carrier::Unixgram) {
        datagrams::pieces(&mut stdin, &args.data, &mut |piece| datagrams::write(&mut output, piece))?;
        return output.finish();
    }
    let (mut crlf, mut sent) = (args.data.crlf.then(Crlf::default), Vec::new());
    loop {
        let read = stdin.fill_buf().map_err(|e| Failure::read("stdin", &e))?;
        if read.is_empty() {
            return output.finish();
        }
        sent.clear();
        match &mut crlf {
            Some(crlf) => crlf.push(read, &mut sent),
            None => sent.extend_from_slice(read),
        }
        let n = read.len();
        stdin.consume(n);
        datagrams::write(&mut output, &sent)?;
    }
}
