//! XML-RPC with Python: our call against xmlrpc.server, and xmlrpc.client against our mock server.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::command::netkit;

/// A process that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it; the first line it says.
fn start(mut command: Command) -> (String, Running) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (line.trim().to_owned(), Running(child))
}

const SERVER: &str = r#"
import datetime, xmlrpc.client
from xmlrpc.server import SimpleXMLRPCServer, SimpleXMLRPCRequestHandler
server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True, use_builtin_types=True)
server.register_introspection_functions()
server.register_multicall_functions()
def add(a, b):
    "The sum."
    return a + b
def refuse(code, text):
    raise xmlrpc.client.Fault(code, text)
def kinds(*values):
    return [type(value).__name__ for value in values]
def sample():
    when = datetime.datetime(1998, 7, 17, 14, 8, 55)
    return {"date": when, "bytes": b"\x00\x01\x02", "big": 1e100, "none": None, "text": "<a> & \u00fc\r\n", "list": [1, [True]]}
for function in (add, refuse, kinds, sample):
    server.register_function(function)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

fn python() -> (String, Running) {
    let mut command = Command::new("python3");
    command.args(["-c", SERVER]);
    let (port, running) = start(command);
    (format!("127.0.0.1:{port}/RPC2"), running)
}

#[test]
fn our_calls_against_pythons_server() {
    let (url, _server) = python();
    let call = |words: &str| netkit("http rpc").arg(&url).words(words);
    call("add :=1 :=41").run().done().prints("42\n");
    call("add a b").run().done().prints("ab\n");
    let value = |run: crate::command::Netkit| run.arg("--json").run().done().object()["value"].clone();
    let typed =
        r#":={"$date":"19980717T14:08:55"} :={"$base64":"AAEC"} :=1.5 :=null :=true :=[] :={} :=-7 x"#;
    assert_eq!(
        value(call("kinds").words(typed)),
        json!(["datetime", "bytes", "float", "NoneType", "bool", "list", "dict", "int", "str"])
    );
    let sample = value(call("sample"));
    assert_eq!(sample["date"], json!({"$date": "19980717T14:08:55"}));
    assert_eq!((&sample["bytes"], &sample["big"]), (&json!({"$base64": "AAEC"}), &json!(1e100)));
    assert_eq!((&sample["none"], &sample["list"]), (&Value::Null, &json!([1, [true]])));
    // Python writes a carriage return as it is, and XML makes a line feed of it.
    assert_eq!(sample["text"], "<a> & \u{fc}\n");
    call("refuse :=4 no").run().fails(22, &["fault 4: no"]);
    call("nothing").run().fails(22, &["fault 1:", "not supported"]);
    let list = call("--list").run().done().text();
    assert!(list.lines().any(|line| line.starts_with("add\t") && line.ends_with("The sum.")), "{list}");
}

const CLIENT: &str = r#"
import sys, datetime
from xmlrpc.client import *
server = ServerProxy(sys.argv[1], allow_none=True)
assert server.add(1, 41) == 42
given = ["<&>\u00fc", 1.5, True, None, -7, [1, [2]], {"a": {"b": []}}, Binary(b"\0\1"), DateTime("19980717T14:08:55")]
assert server.echo(*given) == given, server.echo(*given)
sample = server.sample()
assert sample["i8"] == 1 << 40 and sample["base64"].data == b"you can't read this!"
try:
    server.fault(4, "no")
    raise SystemExit("no fault came")
except Fault as fault:
    assert (fault.faultCode, fault.faultString) == (4, "no")
try:
    ServerProxy(sys.argv[1].replace("/rpc", "/status/503")).add(1)
    raise SystemExit("no error came")
except ProtocolError as error:
    assert error.errcode == 503
many = MultiCall(server)
many.add(1, 2); many.add(3, 4)
assert list(many()) == [3, 7]
assert "add" in server.system.listMethods() and server.system.methodHelp("add")
assert server.system.methodSignature("add")[0] == ["int"]
print("all")
"#;

#[test]
fn pythons_client_against_our_mock_server() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netkit"));
    command.args(["mock", "http", "--json"]);
    let (line, _server) = start(command);
    let server: Value = serde_json::from_str(&line).unwrap();
    let url = format!("http://127.0.0.1:{}/rpc", server["port"]);
    let mut python = Command::new("python3")
        .args(["-", &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    python.stdin.take().unwrap().write_all(CLIENT.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.stdout == b"all\n", "{}", String::from_utf8_lossy(&output.stderr));
}
