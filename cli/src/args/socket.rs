//! `netkit socket`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Lazy, NetArgs, amount, duration};

#[derive(Debug, Subcommand)]
pub enum SocketVerb {
    /// Connect, or send datagrams: stdin goes out, what comes goes to stdout
    Connect(Lazy<SocketConnect>),
    /// Wait for a peer, or for many
    Listen(Lazy<SocketListen>),
    /// Join whoever connects here with a place elsewhere
    Relay(Lazy<SocketRelay>),
    /// Which ports are open
    Scan(Lazy<SocketScan>),
    /// The addresses of a name
    Resolve(Lazy<SocketResolve>),
    /// Wait until somebody listens at a place, or nobody does
    Wait(Lazy<SocketWait>),
    /// The name of this host
    Hostname(Lazy<SocketHostname>),
}

impl SocketVerb {
    /// The options that every verb has.
    pub fn net(&self) -> &NetArgs {
        match self {
            SocketVerb::Connect(args) => &args.net,
            SocketVerb::Listen(args) => &args.net,
            SocketVerb::Relay(args) => &args.net,
            SocketVerb::Scan(args) => &args.net,
            SocketVerb::Resolve(args) => &args.net,
            SocketVerb::Wait(args) => &args.net,
            SocketVerb::Hostname(args) => &args.net,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Targets: host:port, tcp://host:port, tls://host:port, udp://host:port, unix:/path, unixgram:/path, unixpacket:/path;
unix:@name is an abstract name. A host is a name, an IPv4 or [IPv6%zone] address, an integer, <broadcast> or nothing; a port
is a number or a service.

The end of stdin is told to the peer, whose answer is then awaited to its end, however long that takes. Where the peer ends
first, what stdin holds is still sent. Datagrams have no end: the answers are awaited for --wait, or until --count came.")]
pub struct SocketConnect {
    /// host:port, or a URL
    pub target: Option<String>,
    #[command(flatten)]
    pub tune: Tune,
    #[command(flatten)]
    pub data: Bytes,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without --keep-open one peer is served: stdin goes to it, what it sends goes to stdout, and the end of one direction leaves
the other open. With --keep-open stdin goes to all who are connected. The bound address is said on stderr.")]
pub struct SocketListen {
    /// [host]:port, or a URL; port 0 takes a free one
    pub place: String,
    /// Serve one peer after the other, and many at once
    #[arg(long)]
    pub keep_open: bool,
    /// What one peer sends goes to all others
    #[arg(long, conflicts_with_all = ["chat", "service"])]
    pub broker: bool,
    /// As --broker, line by line, each with its sender's number
    #[arg(long, conflicts_with = "service")]
    pub chat: bool,
    /// Serve this to each peer (RFC 862, 863, 864, 867)
    #[arg(long, value_name = "NAME", value_parser = ["echo", "discard", "chargen", "daytime"])]
    pub service: Option<String>,
    #[command(flatten)]
    pub door: DoorArgs,
    /// Join this multicast group
    #[arg(long, value_name = "ADDR")]
    pub join: Vec<std::net::IpAddr>,
    #[command(flatten)]
    pub tune: Tune,
    #[command(flatten)]
    pub data: Bytes,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netkit socket relay 127.0.0.1:8080 tls://example.org:https    TLS for a program that has none
  netkit socket relay tls://:8443 unix:/run/app.sock --cert c.pem --key k.pem
  netkit socket relay udp://:5353 udp://192.0.2.1:53")]
pub struct SocketRelay {
    /// Where to listen
    pub from: String,
    /// Where to connect to, once for each peer
    pub to: Option<String>,
    /// Connect to FROM too, instead of listening there
    #[arg(long)]
    pub dial: bool,
    #[command(flatten)]
    pub door: DoorArgs,
    #[command(flatten)]
    pub tune: Tune,
    /// Write what passes to FILE, a JSON object for each piece
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Show what passes on stderr, as a hex dump
    #[arg(long)]
    pub hex: bool,
    #[command(flatten)]
    pub net: NetArgs,
}

/// Who may come in.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Peers")]
pub struct DoorArgs {
    /// Let in only who is in such a block (CIDR)
    #[arg(long, value_name = "BLOCK")]
    pub allow: Vec<String>,
    /// Keep out who is in such a block (CIDR)
    #[arg(long, value_name = "BLOCK")]
    pub deny: Vec<String>,
    /// At most so many at once [default: 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub max_peers: Option<u16>,
    /// End after so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub peers: Option<u64>,
    /// Only who shows a certificate of the authorities in this PEM file
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Where TLS has no --cert: write the authority of the certificate made for this run to FILE
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub ca_out: Option<PathBuf>,
}

/// What the socket is told.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Socket")]
pub struct Tune {
    /// Connect from this port
    #[arg(long, value_name = "PORT")]
    pub source_port: Option<u16>,
    /// Type of service, or traffic class
    #[arg(hide_short_help = true, long, value_name = "N")]
    pub tos: Option<u8>,
    /// Time to live, or hop limit
    #[arg(hide_short_help = true, long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub ttl: Option<u8>,
    /// Send buffer
    #[arg(hide_short_help = true, long, value_name = "BYTES", value_parser = amount::parse)]
    pub send_buffer: Option<u64>,
    /// Receive buffer
    #[arg(hide_short_help = true, long, value_name = "BYTES", value_parser = amount::parse)]
    pub receive_buffer: Option<u64>,
    /// Ask a silent peer whether it is still there
    #[arg(hide_short_help = true, long, value_name = "TIME", value_parser = duration::parse)]
    pub keepalive: Option<Duration>,
    /// Let the system gather small writes (Nagle)
    #[arg(hide_short_help = true, long)]
    pub delay: bool,
    /// Allow sending to a broadcast address; <broadcast> allows it by itself
    #[arg(hide_short_help = true, long)]
    pub broadcast: bool,
    /// Routers that a multicast datagram may pass
    #[arg(hide_short_help = true, long, value_name = "N")]
    pub multicast_ttl: Option<u8>,
    /// The interface for multicast: a name, or over IPv4 its address
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    pub interface: Option<String>,
    /// Members on this host do not hear what is sent to the group
    #[arg(hide_short_help = true, long)]
    pub no_loop: bool,
}

/// What happens to the bytes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Bytes")]
pub struct Bytes {
    /// Send each line end as the network writes it
    #[arg(long)]
    pub crlf: bool,
    /// Send nothing: stdin is not read
    #[arg(long)]
    pub recv_only: bool,
    /// Datagrams: each line of stdin is one, an empty line an empty one
    #[arg(long)]
    pub lines: bool,
    /// Datagrams: the most that goes into one [default: 8192]
    #[arg(hide_short_help = true, long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(1..=65507))]
    pub size: Option<u16>,
    /// Datagrams: leave after so many came
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// How long to wait for more where nothing says that there is no more [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub wait: Option<Duration>,
    /// Write what passes to FILE, a JSON object for each piece
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Show what passes on stderr, as a hex dump
    #[arg(long)]
    pub hex: bool,
}

#[derive(Debug, Args)]
pub struct SocketScan {
    /// The host
    pub host: Option<String>,
    /// 22,80,8000-8010,http [default: the well-known services]
    pub ports: Option<String>,
    /// Closed and silent ports too
    #[arg(long)]
    pub all: bool,
    /// Datagrams: a port that answers is open, one that the host disowns is closed, and of a silent one nothing is known
    #[arg(long)]
    pub udp: bool,
    /// So many at once
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub parallel: u16,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct SocketResolve {
    /// host, or host:port
    pub host: String,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "--max-time says for how long, a minute unless said.")]
pub struct SocketWait {
    /// host:port, or a URL
    pub target: Option<String>,
    /// Wait until nobody listens there
    #[arg(long)]
    pub gone: bool,
    /// Between two tries
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "200ms")]
    pub interval: Duration,
    #[command(flatten)]
    pub net: NetArgs,
}

#[derive(Debug, Args)]
pub struct SocketHostname {
    #[command(flatten)]
    pub net: NetArgs,
}
