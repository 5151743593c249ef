//! Where links lead, and which of them are not followed without a question.

use netkit_gopher::cso::PORT;
use netkit_gopher::{Item, ItemType, Selector, Target};
use netkit_socket::{Endpoint, Host};

use super::load::{Order, Want};

/// The order for an item, as a page.
pub fn order_for(item: &Item, from: &Target) -> Option<Order> {
    let target: Target = item.url_from(from)?.parse().ok()?;
    Some(Order { target, title: item.display.to_str_lossy().into_owned(), want: Want::Page })
}

/// Where an item of another protocol is.
pub fn place_of(item: &Item) -> Option<Endpoint> {
    let host: Host = std::str::from_utf8(item.host.as_bytes()).ok()?.parse().ok()?;
    let standard = if item.kind == ItemType::CSO { PORT } else { 23 };
    let port = item.port.filter(|port| *port != 0).unwrap_or(standard);
    (!matches!(host, Host::Any | Host::Broadcast)).then(|| Endpoint::new(host, port))
}

/// Whether it is this machine itself.
pub fn is_here(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Inet { host: Host::Ipv4(address), .. } => address.is_loopback(),
        Endpoint::Inet { host: Host::Ipv6(address, ..), .. } => address.is_loopback(),
        Endpoint::Inet { .. } => false,
        Endpoint::Unix(_) => true,
    }
}

/// Whether a host is this machine, or on a network that the rest of the world does not reach.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Ipv4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
        }
        Host::Ipv6(address, ..) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
                || address.to_ipv4_mapped().is_some()
        }
        Host::Any | Host::Broadcast => true,
        other => {
            let name = other.to_string().to_ascii_lowercase();
            let name = name.trim_end_matches('.');
            name == "localhost"
                || name.ends_with(".localhost")
                || name.ends_with(".local")
                || !name.contains('.')
        }
    }
}

/// The URL of a target, to be shown and kept.
pub fn shown(target: &Target) -> String {
    let Target { endpoint, tls, kind, selector, query } = target;
    let scheme = if *tls { "gophers" } else { "gopher" };
    let Endpoint::Inet { host, port } = endpoint else { return endpoint.to_string() };
    let text = |bytes: &[u8]| netkit_wire::Text::from(bytes);
    let item = Item {
        kind: *kind,
        selector: text(selector.as_bytes()),
        host: text(host.to_string().as_bytes()),
        port: Some(*port),
        ..Item::info("")
    };
    let url = if *selector == Selector::root() && *kind == ItemType::MENU {
        let port = if *port == 70 { String::new() } else { format!(":{port}") };
        format!("{scheme}://{}{port}/", host.bracketed())
    } else {
        item.url_from(target).unwrap_or_default()
    };
    match query {
        Some(query) => {
            let words =
                percent_encoding::percent_encode(query.as_bytes(), percent_encoding::NON_ALPHANUMERIC);
            format!("{url}%09{words}")
        }
        None => url,
    }
}

/// What must be asked before a link is followed: it may lead a reader's own machine to talk to another service.
pub fn risk(from: Option<&Target>, to: &Target) -> Option<String> {
    let from = from?;
    if from.endpoint == to.endpoint {
        return None;
    }
    let place = &to.endpoint;
    let Endpoint::Inet { host, port } = place else { return None };
    let same_host = matches!(&from.endpoint, Endpoint::Inet { host: known, .. } if known == host);
    if is_near(host) {
        Some(format!("{place} is this machine or on its own network. Ask it?"))
    } else if from.tls && !to.tls {
        Some(format!("{place} would be asked in clear, without TLS. Ask it?"))
    } else if *port != 70 && (!same_host || *port < 1024) {
        Some(format!("{place} is an unusual port for Gopher. Ask it?"))
    } else {
        None
    }
}
