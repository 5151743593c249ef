//! HTTP: nginx, and the server that breaks it.

mod broken;
mod files;
mod lighttpd;
mod login;
mod pages;
mod probe;
mod redirects;
mod remembered;
mod requests;
mod tls;

use crate::command::{Netkit, netkit};
use crate::servers::{server, url};

/// `netkit http get` of that page of nginx, over plain TCP.
fn get(path: &str) -> Netkit {
    netkit("http get").arg(url("http", "HTTP_PORT", path))
}

/// The same over TLS, with the right authority.
fn get_tls(path: &str) -> Netkit {
    netkit("http get").arg(url("https", "HTTPS_PORT", path)).option("--cacert", server("CA_FILE"))
}

/// Both.
fn both(path: &str) -> [Netkit; 2] {
    [get(path), get_tls(path)]
}

/// `netkit http get` of an answer of odd_http.py, plain and in TLS.
fn odd(path: &str) -> [Netkit; 2] {
    let run =
        |scheme, port| netkit("http get").arg(url(scheme, port, path)).option("--cacert", server("CA_FILE"));
    [run("http", "ODD_HTTP_PORT"), run("https", "ODD_HTTPS_PORT")]
}

/// A request as odd_http.py echoes it: the fields that netkit always sends, then these, then the body.
fn request(line: &str, port: &str, fields: &[&str], body: &str) -> String {
    let mut text = format!("{line} HTTP/1.1\r\nHost: localhost:{}\r\n", server(port));
    text += concat!("User-Agent: netkit/", env!("CARGO_PKG_VERSION"), "\r\n");
    text += "Accept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n";
    for field in fields {
        text += &format!("{field}\r\n");
    }
    text + "\r\n" + body
}
