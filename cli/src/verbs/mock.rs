//! `netkit mock`: the mock servers until Ctrl-C.

use std::sync::Arc;

use netkit_mock::{ACCOUNTS, HttpProxy, ProxyUsers, Server, Service, SocksProxy, ThrowAway, World};
use serde_json::json;

use crate::args::Mock;
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Protocol;

pub fn run(args: &Mock) -> Result<()> {
    let authority = ThrowAway::new().map_err(|e| Failure::new(Kind::Unsupported, e))?;
    if let Some(path) = &args.ca_out {
        std::fs::write(path, &authority.ca_pem).map_err(|e| Failure::write(path.display(), &e))?;
    }
    let world = World::seeded();
    let mut output = Output::open(None, false)?;
    let named = |protocol: &Protocol| {
        args.protocols.is_empty() || args.protocols.iter().any(|p| p == protocol.name())
    };
    for protocol in Protocol::ALL.iter().copied().filter(named) {
        for secure in [false, true] {
            let service = protocol.service(world.clone());
            let server = Server::start(service, 0, authority.server.clone(), secure)?;
            let scheme = format!("{}{}", protocol.name(), if secure { "s" } else { "" });
            let url = format!("{scheme}://{}/", server.endpoint());
            match args.json {
                true => output.line(&json!({
                    "protocol": protocol.name(), "tls": secure, "host": "127.0.0.1", "port": server.port(), "url": url,
                }).to_string())?,
                false => output.line(&url)?,
            }
            // They end with the process.
            std::mem::forget(server);
        }
    }
    for (name, schemes) in [("proxy", &["http", "https"][..]), ("socks5", &["socks5h"])] {
        if !args.protocols.is_empty() && !args.protocols.iter().any(|p| p == name) {
            continue;
        }
        for users in [ProxyUsers::Anybody, ProxyUsers::Accounts(world.clone())] {
            for scheme in schemes {
                let (tls, login) = (*scheme == "https", matches!(users, ProxyUsers::Accounts(_)));
                let service = proxy(name, users.clone());
                let server = Server::start(service, 0, authority.server.clone(), tls)?;
                let url = format!("{scheme}://{}", server.endpoint());
                match args.json {
                    true => output.line(&json!({
                        "protocol": name, "tls": tls, "login": login, "host": "127.0.0.1", "port": server.port(), "url": url,
                    }).to_string())?,
                    false => output.line(&format!("{url}  a proxy{}", if login { " with a login" } else { "" }))?,
                }
                std::mem::forget(server);
            }
        }
    }
    if !args.json {
        let accounts: Vec<String> =
            ACCOUNTS.iter().map(|(user, password)| format!("{user} / {password}")).collect();
        output.line(&format!("accounts: {}", accounts.join(", ")))?;
    }
    // Whoever started this in the background waits for these lines.
    output.finish()?;
    loop {
        std::thread::park();
    }
}

fn proxy(name: &str, users: ProxyUsers) -> Arc<dyn Service> {
    match name {
        "socks5" => Arc::new(SocksProxy::new(users)),
        _ => Arc::new(HttpProxy::new(users)),
    }
}
