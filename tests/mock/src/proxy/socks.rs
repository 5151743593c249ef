//! The SOCKS proxy: version 5 (RFC 1928, 1929), 4 and 4A, told apart by their first byte. CONNECT only.

use netkit_auth::Secret;
use netkit_socket::Host;
use netkit_wire::{Conn, Decode, Fault, Malformed, Step};

use super::relay::relay;
use super::{NoWay, ProxyUsers, reach};
use crate::server::{Context, Service};

/// The longest user name or host name of SOCKS4, which ends them by NUL; a byte counts those of SOCKS5.
const LONGEST: usize = 255;

/// Takes clients to any server on loopback.
pub struct SocksProxy {
    users: ProxyUsers,
}

impl SocksProxy {
    /// A proxy for these users. SOCKS4 has no passwords, so it is spoken with anybody or not at all.
    pub fn new(users: ProxyUsers) -> SocksProxy {
        SocksProxy { users }
    }

    fn version5(&self, mut conn: Conn) -> Result<(), Fault> {
        let methods = counted(&mut conn)?;
        let method = if self.users.asks() { 2 } else { 0 };
        if !methods.contains(&method) {
            return close(&mut conn, &[5, 0xFF]);
        }
        conn.send(&[5, method])?;
        if self.users.asks() {
            let _version = take::<1>(&mut conn)?;
            let (user, password) = (counted(&mut conn)?, counted(&mut conn)?);
            let user = String::from_utf8_lossy(&user).into_owned();
            if !self.users.knows(&user, &Secret::from(password)) {
                return close(&mut conn, &[1, 1]);
            }
            conn.send(&[1, 0])?;
        }
        let reply = |code| [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
        let [_version, command, _reserved, kind] = take(&mut conn)?;
        let host = match kind {
            1 => Some(Host::Ipv4(take::<4>(&mut conn)?.into())),
            4 => Some(Host::Ipv6(take::<16>(&mut conn)?.into(), None)),
            3 => String::from_utf8(counted(&mut conn)?).ok().and_then(|name| name.parse().ok()),
            _ => return close(&mut conn, &reply(8)),
        };
        let port = u16::from_be_bytes(take(&mut conn)?);
        if command != 1 {
            return close(&mut conn, &reply(7));
        }
        match host.map_or(Err(NoWay::Dead), |host| reach(&host, port)) {
            Ok(mut target) => {
                conn.send(&reply(0))?;
                relay(&mut conn, &mut target)
            }
            Err(NoWay::Forbidden) => close(&mut conn, &reply(2)),
            Err(NoWay::Dead) => close(&mut conn, &reply(5)),
        }
    }

    fn version4(&self, mut conn: Conn) -> Result<(), Fault> {
        let [command, high, low] = take(&mut conn)?;
        let address: [u8; 4] = take(&mut conn)?;
        let _user = conn.recv(Ended)?;
        let reply = |code| [0, code, 0, 0, 0, 0, 0, 0];
        let host = match address {
            [0, 0, 0, last] if last != 0 => {
                String::from_utf8(conn.recv(Ended)?).ok().and_then(|name| name.parse().ok())
            }
            address => Some(Host::Ipv4(address.into())),
        };
        if command != 1 || self.users.asks() {
            return close(&mut conn, &reply(if self.users.asks() { 93 } else { 91 }));
        }
        match host.map_or(Err(NoWay::Dead), |host| reach(&host, u16::from_be_bytes([high, low]))) {
            Ok(mut target) => {
                conn.send(&reply(90))?;
                relay(&mut conn, &mut target)
            }
            Err(_) => close(&mut conn, &reply(91)),
        }
    }
}

impl Service for SocksProxy {
    fn protocol(&self) -> &'static str {
        "socks5"
    }

    fn serve(&self, mut conn: Conn, _: &Context) -> Result<(), Fault> {
        match take(&mut conn)? {
            [5] => self.version5(conn),
            [4] => self.version4(conn),
            _ => Ok(()),
        }
    }
}

fn close(conn: &mut Conn, last: &[u8]) -> Result<(), Fault> {
    conn.send(last)?;
    conn.shutdown_write()
}

fn take<const N: usize>(conn: &mut Conn) -> Result<[u8; N], Fault> {
    let bytes = conn.recv(Exactly(N))?;
    Ok(bytes.try_into().unwrap_or([0; N]))
}

/// A byte that counts, and as many bytes.
fn counted(conn: &mut Conn) -> Result<Vec<u8>, Fault> {
    let [length] = take(conn)?;
    conn.recv(Exactly(length.into()))
}

/// That many bytes.
struct Exactly(usize);

impl Decode for Exactly {
    type Item = Vec<u8>;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Vec<u8>>, Malformed> {
        Ok(match input.get(..self.0) {
            Some(bytes) => Step::Done(bytes.to_vec(), self.0),
            None => Step::More(self.0 - input.len()),
        })
    }
}

/// Bytes up to a NUL, which is not returned.
struct Ended;

impl Decode for Ended {
    type Item = Vec<u8>;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Vec<u8>>, Malformed> {
        match input.iter().take(LONGEST + 1).position(|b| *b == 0) {
            Some(at) => Ok(Step::Done(input.get(..at).unwrap_or_default().to_vec(), at + 1)),
            None if input.len() > LONGEST => Err(Malformed::new("a text that ends by NUL", 0)),
            None => Ok(Step::More(1)),
        }
    }
}
