//! Reading exactly as much as a proxy's answer has.

use std::io::{ErrorKind, Read};

use netkit_wire::Stream;

use super::fault::{Broken, ProxyFault};

/// `N` bytes, or [`ProxyFault::Closed`].
pub(super) fn exactly<const N: usize>(stream: &mut dyn Stream) -> Result<[u8; N], Broken> {
    let mut bytes = [0; N];
    fill(stream, &mut bytes)?;
    Ok(bytes)
}

/// As many bytes as `to` has.
pub(super) fn fill(stream: &mut dyn Stream, to: &mut [u8]) -> Result<(), Broken> {
    let mut rest = to;
    while !rest.is_empty() {
        match Read::read(stream, rest) {
            Ok(0) => return Err(ProxyFault::Closed.into()),
            Ok(n) => rest = rest.get_mut(n..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Sends all of it at once.
pub(super) fn send(stream: &mut dyn Stream, bytes: &[u8]) -> Result<(), Broken> {
    stream.write_all(bytes)?;
    Ok(stream.flush()?)
}
