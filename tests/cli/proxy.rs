//! `--proxy`, `--no-proxy` and the variables, through proxies that run beside the command, to the mock servers.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::command::{Ran, closed_port, command, netkit, ran, serve};

/// `netkit mock`, ended with the test.
struct Mocks {
    process: Child,
    servers: Vec<Value>,
    folder: tempfile::TempDir,
}

impl Mocks {
    fn start() -> Mocks {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        let mut process =
            command().args(["mock", "--json", "--ca-out"]).arg(&ca).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // The protocols, plain and TLS; then HTTP proxies and a SOCKS proxy, open and, last, with a login.
        let mut servers: Vec<Value> = Vec::new();
        for line in lines {
            servers.push(serde_json::from_str(&line.unwrap()).unwrap());
            let newest = &servers[servers.len() - 1];
            if newest["protocol"] == "socks5" && newest["login"] == true {
                break;
            }
        }
        Mocks { process, servers, folder }
    }

    fn port(&self, protocol: &str, tls: bool, login: bool) -> u64 {
        let server = |one: &&Value| {
            one["protocol"] == protocol
                && one["tls"] == tls
                && one["login"].as_bool().unwrap_or(false) == login
        };
        self.servers.iter().find(server).unwrap()["port"].as_u64().unwrap()
    }

    /// The proxies' URLs.
    fn proxies(&self, user: &str) -> Vec<String> {
        let login = !user.is_empty();
        let (plain, tls) = (self.port("proxy", false, login), self.port("proxy", true, login));
        let socks = self.port("socks5", false, login);
        let mut all = vec![
            format!("http://{user}127.0.0.1:{plain}"),
            format!("https://{user}localhost:{tls}"),
            format!("socks5://{user}127.0.0.1:{socks}"),
            format!("socks5h://{user}127.0.0.1:{socks}"),
        ];
        if !login {
            all.extend([format!("socks4://127.0.0.1:{socks}"), format!("socks4a://127.0.0.1:{socks}")]);
        }
        all
    }

    fn ca(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }
}

impl Drop for Mocks {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn with(variables: &[(&str, &str)], words: &[&str]) -> Ran {
    ran(command().envs(variables.iter().copied()).args(words).output().unwrap())
}

#[test]
fn every_protocol_goes_through_every_proxy() {
    let mocks = Mocks::start();
    let ca = mocks.ca();
    let about = include_str!("../../fixtures/world/about.txt");
    for user in ["", "bob:p%40ss%25w%2Frd%231@"] {
        for proxy in mocks.proxies(user) {
            let port = mocks.port("http", false, false);
            let through = |words: &[&str]| {
                let run = netkit(&[words, &["--proxy", &proxy, "--cacert", &ca, "-v"]].concat()).code(0);
                assert!(run.stderr.contains("the proxy ") && !run.stderr.contains("p@ss"), "{}", run.stderr);
                assert!(!run.stderr.contains("Ym9iOn") && !run.stderr.contains("p%40ss"), "{}", run.stderr);
                run
            };
            let plain = through(&["http", "get", &format!("http://localhost:{port}/about.txt")]);
            assert_eq!(plain.stdout, about, "{proxy}");
            let absolute =
                plain.stderr.contains(&format!("> GET http://localhost:{port}/about.txt HTTP/1.1"));
            assert_eq!(absolute, proxy.starts_with("http"), "{proxy}: {}", plain.stderr);
            let port = mocks.port("http", true, false);
            let tls = through(&["http", "get", &format!("https://localhost:{port}/about.txt")]);
            assert_eq!(tls.stdout, about, "{proxy}");
            assert!(
                tls.stderr.contains("a tunnel through the proxy ") && tls.stderr.contains("> GET /about.txt")
            );
            let port = mocks.port("gopher", false, false);
            through(&["gopher", "menu", &format!("gopher://localhost:{port}/")]);
            let port = mocks.port("smtp", false, false);
            through(&["smtp", "probe", "--plain", &format!("smtp://localhost:{port}")]);
        }
    }
}

#[test]
fn a_proxy_without_a_login_is_67() {
    let mocks = Mocks::start();
    let url = format!("http://localhost:{}/about.txt", mocks.port("http", false, false));
    let gopher = format!("gopher://localhost:{}/", mocks.port("gopher", false, false));
    let (http, socks) = (mocks.port("proxy", false, true), mocks.port("socks5", false, true));
    for login in ["", "alice:hunter2@"] {
        for (proxy, verb, target) in [
            (format!("http://{login}127.0.0.1:{http}"), ["http", "get"], &url),
            (format!("http://{login}127.0.0.1:{http}"), ["gopher", "menu"], &gopher),
            (format!("socks5h://{login}127.0.0.1:{socks}"), ["http", "get"], &url),
        ] {
            let run = netkit(&[&verb[..], &[target, "--proxy", &proxy]].concat()).code(67);
            assert!(run.stderr.contains("proxy") && !run.stderr.contains("hunter2"), "{}", run.stderr);
            if login.is_empty() {
                run.says("hint: --proxy ");
            }
        }
    }
}

#[test]
fn the_variables_choose_and_the_options_overrule_them() {
    let mocks = Mocks::start();
    let url = format!("http://localhost:{}/about.txt", mocks.port("http", false, false));
    let gopher = format!("gopher://localhost:{}/", mocks.port("gopher", false, false));
    let good = format!("http://127.0.0.1:{}", mocks.port("proxy", false, false));
    let dead = format!("http://127.0.0.1:{}", closed_port());
    let used = |run: Ran| run.stderr.contains("the proxy ");
    let get = ["http", "get", "-v", url.as_str()];
    assert!(used(with(&[("http_proxy", &good), ("all_proxy", &dead)], &get).code(0)));
    assert!(used(with(&[("ALL_PROXY", &good), ("HTTP_PROXY", &dead)], &get).code(0)), "httpoxy");
    assert!(!used(with(&[("HTTP_PROXY", &dead)], &get).code(0)), "httpoxy");
    assert!(used(with(&[("all_proxy", &good)], &["gopher", "menu", "-v", &gopher]).code(0)));
    assert!(used(with(&[("GOPHER_PROXY", &good)], &["gopher", "menu", "-v", &gopher]).code(0)));
    with(&[("http_proxy", &dead)], &get).code(7).says("could not connect to it");
    assert!(!used(with(&[("http_proxy", &dead), ("no_proxy", "localhost")], &get).code(0)));
    assert!(!used(
        with(&[("http_proxy", &dead)], &[&get[..], &["--no-proxy", "localhost"]].concat()).code(0)
    ));
    assert!(!used(with(&[("http_proxy", &dead)], &[&get[..], &["--proxy", ""]].concat()).code(0)));
    assert!(used(with(&[("http_proxy", &dead)], &[&get[..], &["--proxy", &good]].concat()).code(0)));
    assert!(!used(with(&[("NO_PROXY", "*")], &[&get[..], &["--proxy", &dead]].concat()).code(0)));
    assert!(!used(with(&[("http_proxy", &dead)], &["--mock", "http", "get", "-v", "/"]).code(0)));
    let wrong = with(&[("http_proxy", "http://a:hunter2@[")], &get).code(2).says("hint: ");
    assert!(!wrong.stderr.contains("hunter2"), "{}", wrong.stderr);
}

#[test]
fn each_way_to_fail_has_its_code() {
    let through = |proxy: &str| {
        netkit(&["gopher", "menu", "gopher.example", "--connect-timeout", "5s", "--proxy", proxy])
    };
    let broken = |answer: &'static [u8], close| format!("http://127.0.0.1:{}", serve(answer, close));
    let unresolved = through("http://no-such-proxy.invalid:3128");
    assert!(matches!(unresolved.code, 5 | 28), "{}", unresolved.stderr);
    through(&format!("socks5h://127.0.0.1:{}", closed_port()))
        .code(7)
        .says("Connection refused")
        .says("hint: ");
    through(&broken(b"HTTP/1.1 403 Filtered\r\n\r\n", true))
        .code(7)
        .says("it refused to connect: 403 Filtered");
    through(&broken(b"", true)).code(7).says("closed the connection");
    through(&broken(b"SSH-2.0-x\r\n", true)).code(8).says("it does not speak HTTP/1");
    through(&broken(b"HTTP/1.1 407 No\r\n\r\n", true)).code(67).says("it wants a login");
    through(&broken(b"HTTP/1.1 200 OK\r\nNo-End: x\r\n", true)).code(7);
    let socks = |answer: &'static [u8]| format!("socks5h://127.0.0.1:{}", serve(answer, true));
    through(&socks(b"\x05\xff")).code(67).says("it wants a login");
    through(&socks(b"\x04\x01")).code(8).says("it does not speak SOCKS5");
    through(&socks(b"\x05\0\x05\x04\0\x01\0\0\0\0\0\0")).code(7).says("host unreachable");
    let silent = broken(b"", false);
    netkit(&["gopher", "menu", "gopher.example", "--connect-timeout", "200ms", "--proxy", &silent]).code(28);
    for wrong in [
        "ftp://proxy.example",
        "http://proxy.example/x",
        "socks4://a:b@proxy.example",
        "http://a%0a@proxy.example",
    ] {
        through(wrong).code(2).says("invalid proxy");
    }
    netkit(&["gopher", "menu", "gopher.example", "--proxy", "http://x", "--no-proxy", "10.*"])
        .code(2)
        .says("10.*");
}
