//! Each protocol through each proxy that others wrote: tinyproxy, squid, microsocks, dante.

use crate::command::{Netkit, netkit};
use crate::servers::{contents, place, server, url};

/// The URL of a proxy that lets us through: scheme, user, password as a URL has them, and the key of its port.
#[derive(Clone, Copy, Debug)]
struct Through(&'static str, &'static str, &'static str);

const BOB: &str = "bob:p%40ss%25w%2Frd%231@";

/// Every way through. Dante takes names by SOCKS5 and rejects them by SOCKS4A, whoever asks.
const ALL: [Through; 10] = [
    Through("http", "", "PROXY_PORT"),
    Through("https", "", "PROXY_TLS_PORT"),
    Through("http", "alice:secret@", "PROXY_AUTH_PORT"),
    Through("http", BOB, "SQUID_PORT"),
    Through("socks5", "", "SOCKS_PORT"),
    Through("socks5h", "", "SOCKS_PORT"),
    Through("socks5h", "alice:secret@", "SOCKS_AUTH_PORT"),
    Through("socks4", "", "DANTE_PORT"),
    Through("socks5", "", "DANTE_PORT"),
    Through("socks5h", "", "DANTE_PORT"),
];

impl Through {
    fn url(self) -> String {
        format!("{}://{}{}", self.0, self.1, place(self.2))
    }

    /// These words, through it; `-v` shows the way.
    fn run(self, words: &str, target: &str) -> Netkit {
        let run = netkit(words).arg(target).option("--proxy", self.url());
        run.option("--cacert", server("CA_FILE")).arg("-v")
    }

    /// What `-v` says of it.
    fn noted(self) -> String {
        format!("the proxy {}://{}", self.0, place(self.2))
    }
}

#[test]
fn http_and_https_through_every_proxy() {
    let data = contents("HTTP_ROOT", "data.bin");
    for proxy in ALL {
        for (scheme, port) in [("http", "HTTP_PORT"), ("https", "HTTPS_PORT"), ("https", "HTTPS_TLS12_PORT")]
        {
            let run =
                proxy.run("http get", &url(scheme, port, "/data.bin")).run().exits(0).says(&[&proxy.noted()]);
            assert!(run.stdout == data, "{proxy:?} {scheme}: {} bytes", run.stdout.len());
            // An HTTP proxy is asked for the URL itself, all else for a tunnel.
            let absolute = run.stderr.contains(&format!("> GET {}", url(scheme, port, "/data.bin")));
            assert_eq!(absolute, scheme == "http" && proxy.0.starts_with("http"), "{}", run.stderr);
            assert!(!run.stderr.contains("secret") && !run.stderr.contains("p@ss"), "{}", run.stderr);
        }
    }
}

#[test]
fn a_body_goes_up_and_no_proxys_login_reaches_the_server() {
    for proxy in ALL {
        for (scheme, port) in [("http", "HTTP_PORT"), ("https", "HTTPS_PORT")] {
            let run = proxy.run("http post -d @-", &url(scheme, port, "/echo")).stdin(vec![b'x'; 100_000]);
            let run = run.run().exits(0);
            let text = run.text();
            assert!(text.contains(&"x".repeat(1000)), "{proxy:?} {scheme}");
            assert!(!text.to_lowercase().contains("proxy-authorization"), "{proxy:?} {scheme}: {text:.500}");
        }
    }
}

#[test]
fn redirects_and_logins_of_the_server_go_through_as_well() {
    for proxy in ALL {
        let run = proxy.run("http get", &url("http", "HTTP_PORT", "/redirect/https"));
        run.run().exits(0);
        let run = proxy.run("http get -u alice:secret", &url("http", "HTTP_PORT", "/private/"));
        run.run().exits(0).prints("only with a password\n");
    }
}

#[test]
fn gopher_and_smtp_through_every_proxy() {
    let data = contents("GOPHER_ROOT", "data.bin");
    for proxy in ALL {
        for (scheme, port) in [("gopher", "GOPHER_PORT"), ("gophers", "GOPHERS_PORT")] {
            let run = proxy.run("gopher get", &url(scheme, port, "/9/data.bin")).run().exits(0);
            assert!(run.says(&[&proxy.noted()]).stdout == data, "{proxy:?} {scheme}");
        }
        // The server speaks first: its greeting may come with the proxy's answer.
        for (words, port) in
            [("smtp probe --starttls --json", "SMTP_PORT"), ("smtp probe --tls --json", "SMTPS_PORT")]
        {
            let run = proxy.run(words, &place(port)).run().exits(0).says(&[&proxy.noted(), "< 220 "]);
            let report = run.object();
            assert_eq!(report["proxy"]["tunnel"], true, "{report}");
            assert_eq!(report["tls"]["version"], "TLSv1.3", "{report}");
        }
    }
}

#[test]
fn the_variables_name_the_proxy() {
    let get = || netkit("http get -v").arg(url("http", "HTTP_PORT", "/hello.txt"));
    let tiny = Through("http", "", "PROXY_PORT");
    let noted = tiny.noted();
    get().env("http_proxy", tiny.url()).run().exits(0).says(&[&noted]).prints("hello, world\n");
    get().env("all_proxy", tiny.url()).run().exits(0).says(&[&noted]);
    let direct = get().env("HTTP_PROXY", tiny.url()).run().exits(0);
    assert!(!direct.stderr.contains(&noted), "{}", direct.stderr);
    let direct = get().env("http_proxy", tiny.url()).env("no_proxy", "127.0.0.0/8, localhost").run().exits(0);
    assert!(!direct.stderr.contains(&noted), "{}", direct.stderr);
}

#[test]
fn a_proxy_that_wants_another_login_is_67() {
    for (scheme, port) in
        [("http", "PROXY_AUTH_PORT"), ("http", "SQUID_PORT"), ("socks5h", "SOCKS_AUTH_PORT")]
    {
        for login in ["", "alice:hunter2@", "nobody:hunter2@"] {
            let proxy = format!("{scheme}://{login}{}", place(port));
            for (verb, target) in [
                ("http get", url("http", "HTTP_PORT", "/hello.txt")),
                ("http get", url("https", "HTTPS_PORT", "/hello.txt")),
                ("gopher menu", url("gopher", "GOPHER_PORT", "/")),
            ] {
                let run =
                    netkit(verb).arg(target).option("--proxy", &proxy).option("--cacert", server("CA_FILE"));
                let run = run.run().says(&["netkit: "]);
                // tinyproxy 1.11 answers a wrong login by 401: in absolute form nobody can tell that from the server's.
                let odd = port == "PROXY_AUTH_PORT" && !login.is_empty() && run.line.contains("get http://");
                assert_eq!(run.code, if odd { 22 } else { 67 }, "{}: {}", run.line, run.stderr);
                assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
            }
        }
    }
}

#[test]
fn what_the_proxy_cannot_reach_is_7() {
    for proxy in ALL {
        let run = proxy.run("gopher menu", &url("gopher", "CLOSED_PORT", "/"));
        run.run().exits(7).says(&["it refused to connect"]);
        // In absolute form it is the proxy's own page that says so.
        let code = if proxy.0.starts_with("http") { 22 } else { 7 };
        proxy.run("http get", &url("http", "CLOSED_PORT", "/")).run().exits(code);
    }
}

#[test]
fn a_proxy_that_is_not_there_or_no_proxy_at_all() {
    let get =
        |proxy: String| netkit("gopher menu").arg(url("gopher", "GOPHER_PORT", "/")).option("--proxy", proxy);
    for scheme in ["http", "https", "socks4a", "socks5h"] {
        let run = get(format!("{scheme}://{}", place("CLOSED_PORT"))).run();
        run.fails(7, &["could not connect to it", "Connection refused"]);
        let silent = get(format!("{scheme}://{}", place("STALLED_PORT"))).words("--connect-timeout 300ms");
        silent.run().fails(28, &["connect time limit"]);
    }
    // postfix, nginx and squid are no SOCKS servers, and a SOCKS server is no HTTP proxy.
    for (scheme, port) in
        [("http", "SMTP_PORT"), ("socks5h", "SMTP_PORT"), ("socks5h", "HTTP_PORT"), ("socks4a", "SQUID_PORT")]
    {
        let run = get(format!("{scheme}://{}", place(port))).words("--connect-timeout 2s").run();
        // squid waits for the rest of what it takes for a request.
        assert!(matches!(run.code, 7 | 8 | 28), "{scheme} {port}: {} {}", run.code, run.stderr);
    }
    let run = get(format!("https://{}", place("HTTPS_SELFSIGNED_PORT")))
        .option("--cacert", server("CA_FILE"))
        .run();
    run.fails(60, &["proxy https://"]);
}
