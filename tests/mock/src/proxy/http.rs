//! The HTTP proxy: CONNECT (RFC 9110 9.3.6) and requests in absolute form (RFC 9112 3.2.2), one to a connection.

use netkit_auth::http::Authorization;
use netkit_http::{Head, Method, RequestHead, RequestHeads, Status};
use netkit_socket::Endpoint;
use netkit_wire::{Conn, Fault, Field};

use super::relay::relay;
use super::{NoWay, ProxyUsers, reach};
use crate::server::{Context, Service};

/// Fields that concern one connection and not the request (RFC 9110 7.6.1).
const HOP_BY_HOP: [&str; 4] = ["Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization"];

/// Takes clients to HTTP servers on loopback.
pub struct HttpProxy {
    users: ProxyUsers,
}

impl HttpProxy {
    /// A proxy for these users.
    pub fn new(users: ProxyUsers) -> HttpProxy {
        HttpProxy { users }
    }

    fn admits(&self, head: &RequestHead) -> bool {
        let given =
            head.fields().get("proxy-authorization").and_then(|value| Authorization::parse(value).ok());
        match given {
            Some(Authorization::Basic { user, password }) => self.users.knows(&user, &password),
            _ => !self.users.asks(),
        }
    }
}

impl Service for HttpProxy {
    fn protocol(&self) -> &'static str {
        "proxy"
    }

    fn serve(&self, mut conn: Conn, _: &Context) -> Result<(), Fault> {
        let heads = RequestHeads::new(conn.limits());
        let head = match conn.recv_or_end(heads) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(()),
            Err(Fault::Malformed { .. } | Fault::TooLong(_)) => return refuse(&mut conn, 400, &[]),
            Err(fault) => return Err(fault),
        };
        if !self.admits(&head) {
            return refuse(&mut conn, 407, &[("Proxy-Authenticate", "Basic realm=\"netkit mock proxy\"")]);
        }
        let connect = head.method().as_str() == "CONNECT";
        let way =
            if connect { Some((head.target().to_owned(), String::new())) } else { absolute(head.target()) };
        let Some((authority, path)) = way else { return refuse(&mut conn, 400, &[]) };
        let Ok(Endpoint::Inet { host, port }) = authority.parse::<Endpoint>() else {
            return refuse(&mut conn, 400, &[]);
        };
        let mut target = match reach(&host, port) {
            Ok(target) => target,
            Err(NoWay::Forbidden) => return refuse(&mut conn, 403, &[]),
            Err(NoWay::Dead) => return refuse(&mut conn, 502, &[]),
        };
        if connect {
            Head::new(Status::OK).encode(conn.outbox());
            conn.flush()?;
        } else {
            forward(&head, &path, &mut target)?;
        }
        relay(&mut conn, &mut target)
    }
}

/// `host:port` and what follows, of an `http` URL.
fn absolute(target: &str) -> Option<(String, String)> {
    let rest = target.strip_prefix("http://")?;
    let (authority, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
    let port = authority.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let authority = if port { authority.to_owned() } else { format!("{authority}:80") };
    Some((authority, if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }))
}

/// The head in origin form, and closing behind the answer: its end is then the end of the connection.
fn forward(head: &RequestHead, path: &str, target: &mut Conn) -> Result<(), Fault> {
    // OPTIONS without a path asks about the server as a whole (RFC 9112 3.2.4).
    let whole = head.method() == &Method::OPTIONS && !head.target().ends_with('/') && path == "/";
    let Ok(mut sent) = RequestHead::new(head.method().clone(), if whole { "*" } else { path }) else {
        return Ok(());
    };
    let kept = |field: &&Field| !HOP_BY_HOP.iter().any(|name| name.eq_ignore_ascii_case(field.name()));
    for field in head.fields().iter().filter(kept) {
        sent = sent.with(field.clone());
    }
    for (name, value) in [("Via", "1.1 netkit-mock"), ("Connection", "close")] {
        sent = Field::new(name, value.as_bytes()).map_or(sent.clone(), |field| sent.with(field));
    }
    sent.encode(target.outbox());
    target.flush()
}

fn refuse(conn: &mut Conn, status: u16, fields: &[(&str, &str)]) -> Result<(), Fault> {
    let mut head = Head::new(Status::new(status).unwrap_or(Status::OK));
    for (name, value) in fields.iter().chain(&[("Content-Length", "0"), ("Connection", "close")]) {
        if let Some(field) = Field::new(name, value.as_bytes()) {
            head = head.with(field);
        }
    }
    head.encode(conn.outbox());
    conn.shutdown_write()
}
