//! XML-RPC: calls and answers as XML in the bodies of POST and its response (xmlrpc.com/spec, and the introspection and
//! multicall that servers agree on beside it).
//!
//! | spec | what | item |
//! |---|---|---|
//! | Scalars, structs, arrays | values, with the extensions `i8` and `nil` | [`Value`], [`DateTime`] |
//! | Request example | `methodCall` | [`Call`] |
//! | Response example, Fault example | `methodResponse` | [`encode_reply`], [`decode_reply`], [`RpcFault`] |
//! | `system.multicall` | many calls in one request | [`Call::multi`], [`multi_replies`] |
//! | `system.listMethods` and its kin | what a server offers | [`Call::list_methods`] |
//!
//! ```
//! use netkit_http::xmlrpc::{Call, Value, decode_reply};
//!
//! let call = Call::new("examples.getStateName", vec![Value::Int(41)])?;
//! assert!(call.encode()?.ends_with(b"<param><value><int>41</int></value></param></params></methodCall>"));
//! let answer = b"<methodResponse><params><param><value>South Dakota</value></param></params></methodResponse>";
//! assert_eq!(decode_reply(answer)?, Ok(Value::from("South Dakota")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a broken peer gets
//!
//! | it sends | answer |
//! |---|---|
//! | a document type, an entity beyond the five of XML | malformed: nothing is expanded, nothing is fetched |
//! | values nested deeper than [`DEPTH`], a document longer than [`LONGEST`] | malformed; a size limit |
//! | another charset than UTF-8, US-ASCII or ISO-8859-1 | malformed |
//! | a number out of its range, `NaN`, a boolean other than 0 and 1 | malformed |
//! | two members of one name, text beside a typed value, an unknown type | malformed |
//! | a value without a type | a string, its white space kept |
//! | spaces around a number, a date with `-` or a time zone, `<ex:nil/>`, `<ex:i8>` | accepted |
//! | base64 with line breaks or without its padding | accepted |
//!
//! # Coming from Python
//!
//! | xmlrpc.client | here |
//! |---|---|
//! | `ServerProxy` | [`call`] over a [`Client`] |
//! | `ServerProxy.system.listMethods`, `.methodHelp`, `.methodSignature` | [`Call::list_methods`], [`Call::method_help`], [`Call::method_signature`] |
//! | `MultiCall` | [`Call::multi`], [`multi_replies`] |
//! | `Binary` | [`Value::Bytes`] |
//! | `DateTime` | [`DateTime`] |
//! | `Boolean` | [`Value::Bool`] |
//! | `Fault` | [`RpcFault`], [`CallError::Fault`] |
//! | `ProtocolError` | [`Error::Refused`] in [`CallError::Http`] |
//! | `ResponseError` | [`Error::Wire`] in [`CallError::Http`] |
//! | `dumps` | [`Call::encode`], [`encode_reply`] |
//! | `loads` | [`Call::decode`], [`decode_reply`] |

mod datetime;
mod decode;
mod encode;
mod message;
mod value;

use netkit_wire::Fault;

pub use datetime::DateTime;
pub use decode::{DEPTH, LONGEST};
pub use encode::Unsendable;
pub use message::{Call, RpcFault, decode_reply, encode_reply, multi_replies};
pub use value::Value;

use crate::client::Client;
use crate::dial::Dial;
use crate::error::Error;
use crate::payload::Payload;
use crate::request::Request;

/// How a call fails.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request or its answer, a status other than a success included.
    #[error(transparent)]
    Http(#[from] Error),
    /// The server answered, and its answer is no.
    #[error(transparent)]
    Fault(#[from] RpcFault),
    /// An argument has no form in XML-RPC. Nothing was sent.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
}

/// Makes a call by a POST request that has its URL, its login and no body yet.
///
/// # Errors
/// [`CallError`]. A call is never repeated by itself: nobody knows what it does.
pub fn call<D: Dial>(client: &mut Client<D>, request: Request, call: &Call) -> Result<Value, CallError> {
    let mut response = client.send(prepare(request, call)?)?.error_for_status()?;
    let document = response.read_all(LONGEST as u64)?;
    let reply = decode_reply(&document).map_err(|why| Error::Wire(Fault::malformed(why, &document)))?;
    Ok(reply?)
}

/// The POST request with the call as its body.
///
/// # Errors
/// [`CallError::Unsendable`].
pub fn prepare(request: Request, call: &Call) -> Result<Request, CallError> {
    let body = Payload::Bytes(call.encode()?);
    let typed = request.field("Content-Type", "text/xml").map_err(Error::from)?;
    Ok(typed.body(body).map_err(Error::from)?)
}
