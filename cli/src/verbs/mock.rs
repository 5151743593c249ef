//! `netkit mock`: the mock servers until Ctrl-C.

use std::sync::Arc;

use netkit_mock::{
    ACCOUNTS, Fault, Faults, Ftp, FtpRule, HttpProxy, ProxyUsers, Server, Service, SocksProxy, ThrowAway,
    World, script,
};
use netkit_socket::{Endpoint, TlsServer};
use serde_json::json;

use crate::args::Mock;
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Protocol;

pub fn run(args: &Mock) -> Result<()> {
    let faults = faults(args)?;
    let rule =
        |text: &String| text.parse().map_err(|why| Failure::new(Kind::Usage, format!("--ftp {text}: {why}")));
    let rules: Vec<FtpRule> = args.ftp.iter().map(rule).collect::<Result<_>>()?;
    let ports = args.port.iter().map(|port| port_of(port)).collect::<Result<Vec<_>>>()?;
    let authority = ThrowAway::new().map_err(|e| Failure::new(Kind::Unsupported, e))?;
    if let Some(path) = &args.ca_out {
        std::fs::write(path, &authority.ca_pem).map_err(|e| Failure::write(path.display(), &e))?;
    }
    if let Some(file) = &args.script {
        return play(file, &authority.server, ports.first().map_or(0, |(_, port)| *port));
    }
    let world = World::seeded();
    let mut output = Output::open(None, false)?;
    let named = |protocol: &Protocol| {
        args.protocols.is_empty() || args.protocols.iter().any(|p| p == protocol.name())
    };
    for protocol in Protocol::ALL.iter().copied().filter(named) {
        for secure in [false, true] {
            let service = match protocol {
                Protocol::Ftp => Arc::new(Ftp::new(world.clone()).insisting(&rules)),
                other => other.service(world.clone()),
            };
            let wanted = ports.iter().find(|(name, _)| *name == protocol.name() && !secure);
            let port = wanted.map_or(0, |(_, port)| *port);
            let mine: Vec<Fault> =
                faults.iter().filter(|fault| fault.protocol == protocol.name()).cloned().collect();
            let mine = Faults::new(mine).latency(args.latency.unwrap_or_default());
            let server = Server::start_with(service, port, authority.server.clone(), secure, mine)?;
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

/// The faults, each of a server that there is.
fn faults(args: &Mock) -> Result<Vec<Fault>> {
    let usage =
        |text: &str, why: &dyn std::fmt::Display| Failure::new(Kind::Usage, format!("--fault {text}: {why}"));
    args.fault
        .iter()
        .map(|text| {
            let fault: Fault = text.parse().map_err(|why| usage(text, &why))?;
            match Protocol::ALL.iter().any(|protocol| protocol.name() == fault.protocol) {
                true => Ok(fault),
                false => Err(usage(text, &"there is no such server")),
            }
        })
        .collect()
}

/// `PROTOCOL=PORT`.
fn port_of(text: &str) -> Result<(&str, u16)> {
    let parts = text.split_once('=').and_then(|(name, port)| Some((name, port.parse().ok()?)));
    parts.ok_or_else(|| Failure::new(Kind::Usage, format!("--port {text}: the form is PROTOCOL=PORT")))
}

/// A transcript, played to one client after the other.
fn play(file: &std::path::Path, tls: &TlsServer, port: u16) -> Result<()> {
    let text = std::fs::read_to_string(file).map_err(|e| Failure::read(file.display(), &e))?;
    let fixture = script::Fixture::parse(&text)
        .map_err(|e| Failure::new(Kind::Usage, format!("{}: {e}", file.display())))?;
    let mut output = Output::open(None, false)?;
    // Whoever reads no stdout learns nothing here, and can still connect to the port that it named.
    let ready = |endpoint: &Endpoint| drop(output.line(&endpoint.to_string()).and_then(|()| output.finish()));
    let each = |round: std::result::Result<(), String>| match round {
        Ok(()) => anstream::eprintln!("played to its end"),
        Err(why) => anstream::eprintln!("off the script: {why}"),
    };
    let Err(error) = script::Network::repeat(&fixture.legs, script::Security::Plain, tls, port, ready, each);
    Err(error.into())
}

fn proxy(name: &str, users: ProxyUsers) -> Arc<dyn Service> {
    match name {
        "socks5" => Arc::new(SocksProxy::new(users)),
        _ => Arc::new(HttpProxy::new(users)),
    }
}
