//! What a socket is told before it connects: options with a use for people who debug networks.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Socket, TcpKeepalive};

/// Options of a dialed socket; each left out is the system's own choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The port to connect from.
    pub source_port: Option<u16>,
    /// The type of service, or traffic class (RFC 2474).
    pub tos: Option<u8>,
    /// The time to live, or hop limit.
    pub ttl: Option<u8>,
    /// Bytes of the send buffer.
    pub send_buffer: Option<usize>,
    /// Bytes of the receive buffer.
    pub receive_buffer: Option<usize>,
    /// Ask a silent peer whether it is still there, after so long (RFC 9293 section 3.8.4).
    pub keepalive: Option<Duration>,
    /// Wait for more before a small segment is sent (RFC 896).
    pub delay: bool,
}

impl Settings {
    pub(crate) fn apply(&self, socket: &Socket, to: SocketAddr) -> io::Result<()> {
        self.buffers(socket)?;
        self.hops(socket, to.is_ipv4())?;
        if let Some(after) = self.keepalive {
            socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(after).with_interval(after))?;
        }
        Ok(())
    }

    pub(crate) fn hops(&self, socket: &Socket, v4: bool) -> io::Result<()> {
        if let Some(tos) = self.tos.map(u32::from) {
            if v4 { socket.set_tos_v4(tos)? } else { socket.set_tclass_v6(tos)? }
        }
        if let Some(ttl) = self.ttl.map(u32::from) {
            if v4 { socket.set_ttl_v4(ttl)? } else { socket.set_unicast_hops_v6(ttl)? }
        }
        Ok(())
    }

    pub(crate) fn buffers(&self, socket: &Socket) -> io::Result<()> {
        if let Some(bytes) = self.send_buffer {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        Ok(())
    }
}
