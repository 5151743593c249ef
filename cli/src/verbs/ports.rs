//! `netkit ports`: the study note's table.

use serde_json::json;

use crate::args::Ports;
use crate::failure::Result;
use crate::output::Output;

/// Protocol, what it is for, port, port under TLS, the Python modules whose work it does.
type Row = (&'static str, &'static str, u16, Option<u16>, &'static [&'static str]);

const TABLE: [Row; 8] = [
    ("HTTP", "web pages", 80, Some(443), &["httplib", "urllib", "xmlrpclib"]),
    ("NNTP", "Usenet news", 119, Some(563), &["nntplib"]),
    ("FTP", "file transfers", 21, Some(990), &["ftplib", "urllib"]),
    ("SMTP", "sending email", 25, Some(465), &["smtplib"]),
    ("POP3", "fetching email", 110, Some(995), &["poplib"]),
    ("IMAP4", "fetching email", 143, Some(993), &["imaplib"]),
    ("Telnet", "command lines", 23, Some(992), &["telnetlib"]),
    ("Gopher", "document transfers", 70, Some(70), &["gopherlib", "urllib"]),
];

/// FTP's second port, and why the notes' 20 is not the one to dial.
const FTP_DATA: u16 = 20;
const WHY: &str = "FTP: 21 is the control port, which a client dials. 20 is the data port, from which a server in active\n\
mode dials back (RFC 959 section 5.2); the notes' table names that one.";

pub fn run(args: &Ports) -> Result<()> {
    let mut output = Output::open(None, false)?;
    if !args.json {
        output.line("protocol  common function     port    TLS  Python modules")?;
    }
    for (name, function, port, tls, modules) in TABLE {
        let data = (name == "FTP").then_some(FTP_DATA);
        if args.json {
            let mut row = json!({
                "protocol": name, "function": function, "port": port, "tls_port": tls, "python_modules": modules,
            });
            if let (Some(data), Some(row)) = (data, row.as_object_mut()) {
                row.insert("data_port".into(), data.into());
            }
            output.line(&row.to_string())?;
        } else {
            let port = data.map_or(port.to_string(), |data| format!("{data}, {port}"));
            let tls = tls.map_or(String::new(), |tls| tls.to_string());
            output.line(&format!("{name:8}  {function:18}  {port:>6}  {tls:>3}  {}", modules.join(", ")))?;
        }
    }
    if !args.json {
        output.line(&format!("\n{WHY}"))?;
    }
    output.finish()
}
