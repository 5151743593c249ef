//! `netkit socket connect`

use netkit_socket::Carrier;

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
    let dialer = dialer(run, &args.tune, place.carrier.as_str())?;
    let dialer = mock::instead(run, &mut place, dialer)?;
    let log = Log::open(args.data.log.as_deref(), args.data.hex)?;
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
