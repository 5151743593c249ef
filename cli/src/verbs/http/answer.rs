//! An answer, printed for people or as JSON.

use std::io::Write;

use base64::Engine;
use netkit_http::{Error, Hop, Method, Response, Trip};
use netkit_wire::{Fields, escape};
use serde_json::{Value, json};

use super::har::{Recorder, Tee};
use crate::args::HttpCall;
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;

/// How much of a body fits into a JSON object.
const IN_JSON: u64 = 256 << 20;

/// Prints the answer; a status of 400 or above fails after its body was printed.
pub fn print(
    run: &Run<'_>,
    call: &HttpCall,
    method: &Method,
    mut response: Response<'_>,
    logged_in: bool,
    recorder: Option<&mut Recorder>,
) -> Result<()> {
    let refused = response.status().is_error() && !call.no_fail;
    let coded = unknown_coding(&mut response, call.raw_body);
    let status = format!("{} {}", response.status(), response.reason());
    let (login, url) = (response.status().wants_login(), response.url().to_string());
    let from_proxy = response.status().wants_proxy_login();
    // A page that says no is shown, but does not take the file's name.
    let mut output = if refused { Output::open(None, run.net.output.raw)? } else { run.output()? };
    let result = if run.json() {
        output.line(&as_json(&mut response, recorder)?.to_string())
    } else {
        text(&mut response, &mut output, call.include || *method == Method::HEAD, recorder)
    };
    if let Err(failure) = result {
        // What came is still shown; stdout is not to be lost in a buffer.
        let _ = output.flush();
        return Err(failure);
    }
    output.finish()?;
    match refused {
        false => coded.map_or(Ok(()), Err),
        true if from_proxy => {
            let what = format!("{url}: the proxy answered {}", status.trim_end());
            Err(Failure::new(Kind::Login, what).hint("--proxy http://USER:PASSWORD@HOST:PORT logs in at it"))
        }
        true if logged_in && login => {
            Err(Failure::new(Kind::Login, format!("{url}: login failed: {}", status.trim_end())))
        }
        true => {
            let failure =
                Failure::new(Kind::Refused, format!("{url}: the server answered {}", status.trim_end()));
            Err(if login { failure.hint("-u NAME logs in") } else { failure })
        }
    }
}

/// A body under a coding that nobody here can take off is not what was asked for, though every byte of it came.
pub fn unknown_coding(response: &mut Response<'_>, as_is: bool) -> Option<Failure> {
    if as_is || !response.body().has_unknown_coding() {
        return None;
    }
    let coding = response.fields().get("content-encoding").map(|name| escape(name).into_owned());
    let what =
        format!("{}: the content coding {} is not built in", response.url(), coding.unwrap_or_default());
    Some(Failure::new(Kind::Unsupported, what).hint("--raw-body takes the bytes as they come"))
}

fn text(
    response: &mut Response<'_>,
    output: &mut Output,
    header: bool,
    recorder: Option<&mut Recorder>,
) -> Result<()> {
    if header {
        let mut bytes = Vec::new();
        response.head().encode(&mut bytes);
        output.write_all(&bytes).map_err(|e| Failure::write(output.name(), &e))?;
    }
    let (name, file) = (output.name(), output.file());
    let copied = match recorder {
        None => response.copy_to(output, file.as_ref()),
        Some(recorder) => response.copy_to(&mut Tee { to: output, recorder }, None),
    };
    copied.map(|_| ()).map_err(|why| broken(&name, why))
}

/// A body that broke off, or a sink that took no more.
fn broken(sink: &str, why: std::io::Error) -> Failure {
    match Error::from_io(why) {
        Ok(error) => error.into(),
        Err(why) => Failure::write(sink, &why),
    }
}

fn as_json(response: &mut Response<'_>, recorder: Option<&mut Recorder>) -> Result<Value> {
    let hops: Vec<Value> = response.hops().iter().map(hop).collect();
    let mut object = json!({
        "url": response.url().as_str(), "status": response.status().code(), "reason": response.reason().to_string(),
        "version": response.version().to_string(), "headers": headers(response.fields()),
        "redirects": hops, "timing": timing(response.trip()),
    });
    let body = response.read_all(IN_JSON)?;
    if let Some(recorder) = recorder {
        recorder.push(&body);
    }
    let Some(fields) = object.as_object_mut() else { return Ok(object) };
    match String::from_utf8(body) {
        Ok(text) => fields.insert("body".into(), text.into()),
        Err(binary) => {
            let encoded = base64::engine::general_purpose::STANDARD.encode(binary.as_bytes());
            fields.insert("body_base64".into(), encoded.into())
        }
    };
    if let Some(trailers) = response.trailers().filter(|trailers| !trailers.is_empty()) {
        fields.insert("trailers".into(), headers(trailers));
    }
    Ok(object)
}

/// Name and value pairs: a name may come twice.
pub fn headers(fields: &Fields) -> Value {
    fields.iter().map(|field| json!([field.name(), escape(field.value())])).collect()
}

fn hop(hop: &Hop) -> Value {
    json!({
        "method": hop.method.as_str(), "url": hop.url.as_str(), "status": hop.status.code(),
        "timing": timing(&hop.trip), "secrets_dropped": hop.secrets_dropped,
    })
}

fn timing(trip: &Trip) -> Value {
    let millis = |time: std::time::Duration| time.as_micros() as f64 / 1e3;
    let mut timing = json!({ "first_byte_ms": millis(trip.first_byte), "total_ms": millis(trip.total()) });
    if let (Some(dial), Some(map)) = (&trip.dialed, timing.as_object_mut()) {
        map.insert("resolve_ms".into(), millis(dial.resolve).into());
        map.insert("connect_ms".into(), millis(dial.connect).into());
        if dial.tls.is_some() {
            map.insert("tls_ms".into(), millis(dial.tls_time).into());
        }
    }
    timing
}
