//! What `probe` prints: how a connection came about.

use netkit_socket::{CertInfo, DialReport, TlsInfo};
use serde_json::{Map, Value, json};

use crate::failure::Result;
use crate::run::Run;

/// The report of a probe: the same facts for people and, with `--json`, for programs.
pub fn print(run: &Run<'_>, protocol: &str, target: &str, dial: &DialReport, facts: &Value) -> Result<()> {
    let mut report = json!({ "protocol": protocol, "target": target });
    if let Some(object) = report.as_object_mut() {
        object.append(&mut dialed(dial));
        object.extend(facts.as_object().cloned().unwrap_or_default());
    }
    let mut output = run.output()?;
    if run.json() {
        output.line(&report.to_string())?;
    } else {
        let mut lines = Vec::new();
        flatten(&mut lines, "", &report);
        let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in lines {
            output.line(&format!("{name:width$}  {value}"))?;
        }
    }
    output.finish()
}

fn dialed(dial: &DialReport) -> Map<String, Value> {
    let millis = |time: std::time::Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
    let tried: Vec<Value> = dial.tried.iter().map(|attempt| {
        json!({ "address": attempt.addr.to_string(), "outcome": attempt.outcome.to_string(), "ms": millis(attempt.took) })
    }).collect();
    let mut map = Map::new();
    map.insert("tried".into(), Value::Array(tried));
    map.insert("resolve_ms".into(), json!(millis(dial.resolve)));
    map.insert("connect_ms".into(), json!(millis(dial.connect)));
    if let Some(via) = &dial.via {
        map.insert(
            "proxy".into(),
            json!({ "url": via.proxy.to_string(), "tunnel": via.tunnel, "ms": millis(via.took) }),
        );
    }
    if let Some(tls) = &dial.tls {
        map.insert("tls_ms".into(), json!(millis(dial.tls_time)));
        map.insert("tls".into(), tls_json(tls));
    }
    map
}

fn tls_json(tls: &TlsInfo) -> Value {
    let chain: Vec<Value> = tls.chain.iter().map(certificate).collect();
    json!({
        "version": tls.version, "cipher": tls.cipher, "alpn": tls.alpn, "backend": tls.backend.to_string(),
        "chain": chain,
    })
}

fn certificate(info: &CertInfo) -> Value {
    json!({
        "subject": info.subject, "issuer": info.issuer, "names": info.names, "serial": info.serial,
        "not_before": date(info.not_before), "not_after": date(info.not_after),
        "sha256": info.sha256, "pin": info.spki_pin,
    })
}

/// RFC 3339.
fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// `tls.version  TLSv1.3`, one line a fact; lists of words on one line.
fn flatten(lines: &mut Vec<(String, String)>, name: &str, value: &Value) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match value {
        Value::Null => {}
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(lines, &below(key), value)),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            lines.push((name.to_owned(), words.join(", ")));
        }
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(i, value)| flatten(lines, &below(&(i + 1).to_string()), value));
        }
        Value::String(text) => lines.push((name.to_owned(), text.clone())),
        other => lines.push((name.to_owned(), other.to_string())),
    }
}
