//! Where the servers are: the file that `start` left behind.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The value of `key`; the test fails when the servers were not started.
#[track_caller]
pub fn server(key: &str) -> &'static str {
    static ENV: OnceLock<Result<HashMap<String, String>, String>> = OnceLock::new();
    match ENV.get_or_init(read) {
        Ok(env) => env.get(key).unwrap_or_else(|| panic!("the servers' env file has no {key}")),
        Err(why) => panic!("{why}"),
    }
}

fn read() -> Result<HashMap<String, String>, String> {
    let file = std::env::var("NETKIT_INTEROP_ENV").map_err(|_| {
        "NETKIT_INTEROP_ENV is not set: start the servers as tests/interop/README.md says".to_owned()
    })?;
    let text = std::fs::read_to_string(&file).map_err(|why| format!("NETKIT_INTEROP_ENV={file}: {why}"))?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

/// `scheme://localhost:PORT/path`, for the port of that key.
#[track_caller]
pub fn url(scheme: &str, port: &str, path: impl Display) -> String {
    format!("{scheme}://{}{path}", place(port))
}

/// `localhost:PORT`, for the port of that key.
#[track_caller]
pub fn place(port: &str) -> String {
    format!("{}:{}", server("HOST"), server(port))
}

/// A file under the folder of that key.
#[track_caller]
pub fn file(root: &str, name: &str) -> PathBuf {
    PathBuf::from(server(root)).join(name)
}

/// What is in it.
#[track_caller]
pub fn contents(root: &str, name: &str) -> Vec<u8> {
    let file = file(root, name);
    std::fs::read(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

/// The TLS libraries of this build, as `--tls-backend` names them.
pub fn backends() -> &'static [&'static str] {
    if cfg!(feature = "native-tls") { &["rustls", "native"] } else { &["rustls"] }
}

/// Carol's mailbox file: mailutils numbers it anew when two of its servers work on it at once, so one test has it at a time.
pub fn carol() -> std::sync::MutexGuard<'static, ()> {
    static MAILBOX: std::sync::Mutex<()> = std::sync::Mutex::new(());
    MAILBOX.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
