//! Which hosts take a domain's mail, and in what order: RFC 5321 section 5.1, RFC 7505.

use netkit_socket::Name;
use netkit_socket::dns::{Mx, Records};

/// The hosts to try for a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route {
    /// In this order.
    Hosts(Vec<Name>),
    /// The domain takes no mail (RFC 7505): a lone `.` for an exchanger.
    NoMail,
    /// The domain does not exist.
    NoDomain,
}

impl Route {
    /// Sorts a domain's exchangers by preference. Equals are put in an order that `dice` decides, so that they share the
    /// load: a number drawn anew for each message. A domain without exchangers is its own (the implicit MX).
    pub fn of(domain: &Name, found: &Records<Mx>, dice: u64) -> Route {
        if found.records.is_empty() {
            return if found.exists { Route::Hosts(vec![domain.clone()]) } else { Route::NoDomain };
        }
        let mut named: Vec<(u16, u64, &Name)> = found
            .records
            .iter()
            .filter_map(|mx| mx.exchange.as_ref().map(|host| (mx.preference, thrown(host, dice), host)))
            .collect();
        if named.is_empty() {
            return Route::NoMail;
        }
        named.sort_by_key(|(preference, throw, _)| (*preference, *throw));
        let mut hosts: Vec<Name> = Vec::new();
        for (_, _, host) in named {
            if !hosts.contains(host) {
                hosts.push(host.clone());
            }
        }
        Route::Hosts(hosts)
    }
}

/// A throw of the dice for one host: FNV-1a over the name, from where the dice say.
fn thrown(host: &Name, dice: u64) -> u64 {
    host.ascii().bytes().fold(0xcbf2_9ce4_8422_2325 ^ dice, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use netkit_socket::Host;

    fn name(text: &str) -> Name {
        match text.parse().unwrap() {
            Host::Name(name) => name,
            other => panic!("{other}"),
        }
    }

    fn found(list: &[(u16, Option<&str>)]) -> Records<Mx> {
        let one = |(preference, host): &(u16, Option<&str>)| Mx {
            preference: *preference,
            exchange: host.map(name),
        };
        Records { records: list.iter().map(one).collect(), is_authentic: false, exists: true }
    }

    #[test]
    fn by_preference_and_equals_by_dice() {
        let all = found(&[(20, Some("c.x")), (10, Some("a.x")), (10, Some("b.x")), (30, Some("a.x"))]);
        let mut first = std::collections::BTreeSet::new();
        for dice in 0..64 {
            let Route::Hosts(hosts) = Route::of(&name("x.org"), &all, dice) else { panic!() };
            assert_eq!((hosts.len(), &hosts[2]), (3, &name("c.x")));
            first.insert(hosts[0].ascii().to_owned());
        }
        assert_eq!(first.len(), 2);
    }

    #[test]
    fn the_domain_itself_nobody_and_nothing() {
        let domain = name("x.org");
        assert_eq!(Route::of(&domain, &found(&[]), 0), Route::Hosts(vec![domain.clone()]));
        assert_eq!(Route::of(&domain, &found(&[(0, None)]), 0), Route::NoMail);
        let gone = Records { exists: false, ..found(&[]) };
        assert_eq!(Route::of(&domain, &gone, 0), Route::NoDomain);
    }
}
