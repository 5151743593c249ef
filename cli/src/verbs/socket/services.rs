//! The small services: echo, discard, chargen, daytime, each peer on a thread of its own.

use std::thread;

use netkit_socket::{Address, Listener, Small, Socket, TlsServer};
use netkit_wire::Stream;

/// The time as RFC 867 suggests.
pub fn daytime() -> String {
    let now = jiff::Zoned::now();
    now.strftime("%A, %B %-d, %Y %H:%M:%S-%Z").to_string()
}

/// Serves one peer; `true` where nothing went wrong.
pub fn serve(mut stream: Box<dyn Stream>, small: Small) -> std::io::Result<()> {
    small.serve(&mut *stream, &daytime())
}

/// Serves streams until the process ends.
pub fn streams(listener: Listener, tls: Option<TlsServer>, small: Small) {
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let tls = tls.clone();
            thread::spawn(move || {
                let stream = match tls {
                    Some(tls) => tls.accept(stream).map(|(stream, _)| stream),
                    None => Ok(stream),
                };
                // A peer that leaves early is its own affair.
                stream.map(|stream| serve(stream, small))
            });
        }
    });
}

/// Serves connections that keep messages apart, until the process ends.
pub fn packets(socket: Socket, small: Small) {
    thread::spawn(move || {
        while let Ok((peer, _)) = socket.accept() {
            thread::spawn(move || peer.makefile(None).map(|stream| serve(stream, small)));
        }
    });
}

/// Answers datagrams until the process ends.
pub fn datagrams(socket: Socket, small: Small) {
    thread::spawn(move || {
        let mut buf = vec![0; 65_536];
        while let Ok((n, from)) = socket.recvfrom(&mut buf) {
            answer(&socket, small, buf.get(..n).unwrap_or_default(), &from);
        }
    });
}

/// Answers one datagram; a peer without a name hears nothing.
pub fn answer(socket: &Socket, small: Small, datagram: &[u8], from: &Address) {
    if let Some(answer) = small.answer(datagram, from.port(), &daytime()) {
        let _ = socket.sendto(&answer, from);
    }
}
