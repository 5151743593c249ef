//! Calls and answers as whole documents, read and written by both sides.

use netkit_wire::Malformed;

use crate::xmlrpc::Value;
use crate::xmlrpc::decode::{Document, Tag, decoded};
use crate::xmlrpc::encode::{self, Unsendable};

const DECLARATION: &str = "<?xml version=\"1.0\"?>\n";

/// A method with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    method: String,
    params: Vec<Value>,
}

/// The server's no: a number and a text, both of the server's own choice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("fault {code}: {}", netkit_wire::escape(.text.as_bytes()))]
pub struct RpcFault {
    /// `faultCode`.
    pub code: i32,
    /// `faultString`.
    pub text: String,
}

impl Call {
    /// A call of that method.
    ///
    /// # Errors
    /// [`Unsendable::Method`].
    pub fn new(method: &str, params: Vec<Value>) -> Result<Call, Unsendable> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.:/".contains(&b);
        match !method.is_empty() && method.bytes().all(plain) {
            true => Ok(Call { method: method.to_owned(), params }),
            false => Err(Unsendable::Method),
        }
    }

    /// The names of all methods.
    pub fn list_methods() -> Call {
        Call { method: "system.listMethods".to_owned(), params: Vec::new() }
    }

    /// What a method is for, in words.
    pub fn method_help(method: &str) -> Call {
        Call { method: "system.methodHelp".to_owned(), params: vec![method.into()] }
    }

    /// The types that a method returns and takes: an array of arrays of names, or something else where the server does
    /// not say.
    pub fn method_signature(method: &str) -> Call {
        Call { method: "system.methodSignature".to_owned(), params: vec![method.into()] }
    }

    /// Many calls in one; [`multi_replies`] takes the answer apart.
    pub fn multi(calls: &[Call]) -> Call {
        let one = |call: &Call| {
            let name = ("methodName".to_owned(), Value::from(call.method.as_str()));
            Value::Struct(vec![name, ("params".to_owned(), Value::Array(call.params.clone()))])
        };
        let all = Value::Array(calls.iter().map(one).collect());
        Call { method: "system.multicall".to_owned(), params: vec![all] }
    }

    /// The calls inside of a `system.multicall`; `None` for any other call, an inner `None` for an element that is no
    /// call.
    pub fn calls(&self) -> Option<Vec<Option<Call>>> {
        let (true, [Value::Array(calls)]) = (self.method == "system.multicall", self.params.as_slice())
        else {
            return None;
        };
        let one = |call: &Value| {
            let params = call.member("params")?.as_array()?.to_vec();
            Call::new(call.member("methodName")?.as_text()?, params).ok()
        };
        Some(calls.iter().map(one).collect())
    }

    /// The name of the method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Its parameters, in order.
    pub fn params(&self) -> &[Value] {
        &self.params
    }

    /// The document.
    ///
    /// # Errors
    /// [`Unsendable`] when a parameter has no form in XML-RPC.
    pub fn encode(&self) -> Result<Vec<u8>, Unsendable> {
        let mut out = format!("{DECLARATION}<methodCall><methodName>{}</methodName><params>", self.method);
        for param in &self.params {
            out.push_str("<param>");
            encode::value(param, 1, &mut out)?;
            out.push_str("</param>");
        }
        out.push_str("</params></methodCall>");
        Ok(out.into_bytes())
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(document: &[u8]) -> Result<Call, Malformed> {
        let text = decoded(document)?;
        let mut document = Document::new(&text);
        document.open("methodCall", "a call is a methodCall")?;
        document.open("methodName", "a call starts with its method's name")?;
        let method = document.only_text()?;
        let params = match document.tag()? {
            Tag::Close => Vec::new(),
            Tag::Open(name) if name == "params" => {
                let params = params(&mut document)?;
                document.close()?;
                params
            }
            _ => return Err(document.malformed("a method's name is followed by params")),
        };
        let call = Call::new(method.trim_ascii(), params);
        let call = call.map_err(|_| document.malformed("a method's name is letters, digits, _ . : and /"))?;
        document.end()?;
        Ok(call)
    }
}

/// The rest of `<params>`.
fn params(document: &mut Document<'_>) -> Result<Vec<Value>, Malformed> {
    let mut params = Vec::new();
    loop {
        match document.tag()? {
            Tag::Open(name) if name == "param" => {}
            Tag::Close => return Ok(params),
            _ => return Err(document.malformed("params holds param")),
        }
        document.open("value", "a param holds a value")?;
        params.push(document.value(1)?);
        document.close()?;
    }
}

/// The document of an answer.
///
/// # Errors
/// [`Unsendable`].
pub fn encode_reply(reply: &Result<Value, RpcFault>) -> Result<Vec<u8>, Unsendable> {
    let mut out = format!("{DECLARATION}<methodResponse>");
    match reply {
        Ok(value) => {
            out.push_str("<params><param>");
            encode::value(value, 1, &mut out)?;
            out.push_str("</param></params>");
        }
        Err(fault) => {
            out.push_str("<fault>");
            encode::value(&fault_value(fault), 1, &mut out)?;
            out.push_str("</fault>");
        }
    }
    out.push_str("</methodResponse>");
    Ok(out.into_bytes())
}

/// Reads the document of an answer.
///
/// # Errors
/// [`Malformed`] for a document that is neither a value nor a fault.
pub fn decode_reply(document: &[u8]) -> Result<Result<Value, RpcFault>, Malformed> {
    let text = decoded(document)?;
    let mut document = Document::new(&text);
    document.open("methodResponse", "an answer is a methodResponse")?;
    let reply = match document.tag()? {
        Tag::Open(name) if name == "params" => {
            let mut params = params(&mut document)?.into_iter();
            match (params.next(), params.next()) {
                (Some(value), None) => Ok(value),
                _ => return Err(document.malformed("an answer holds one value")),
            }
        }
        Tag::Open(name) if name == "fault" => {
            document.open("value", "a fault holds a value")?;
            let value = document.value(1)?;
            document.close()?;
            Err(fault_of(&value)
                .ok_or_else(|| document.malformed("a fault is a faultCode and a faultString"))?)
        }
        _ => return Err(document.malformed("an answer holds params or a fault")),
    };
    document.close()?;
    document.end()?;
    Ok(reply)
}

/// The answers inside of the answer to [`Call::multi`] of so many calls: a value is an array of one, a fault a struct.
///
/// # Errors
/// [`Malformed`] when it is not that, or answers another number of calls.
pub fn multi_replies(value: &Value, calls: usize) -> Result<Vec<Result<Value, RpcFault>>, Malformed> {
    let broken =
        Malformed::new("system.multicall answers each call by an array of one value or by a fault", 0);
    let one = |reply: &Value| match reply {
        Value::Array(of) => match of.as_slice() {
            [value] => Ok(Ok(value.clone())),
            _ => Err(broken),
        },
        other => fault_of(other).map(Err).ok_or(broken),
    };
    match value.as_array() {
        Some(replies) if replies.len() == calls => replies.iter().map(one).collect(),
        _ => Err(broken),
    }
}

/// As a value, for a fault and for its place in a multicall.
fn fault_value(fault: &RpcFault) -> Value {
    let text = ("faultString".to_owned(), Value::from(fault.text.as_str()));
    Value::Struct(vec![("faultCode".to_owned(), Value::Int(fault.code)), text])
}

impl From<&RpcFault> for Value {
    fn from(fault: &RpcFault) -> Value {
        fault_value(fault)
    }
}

fn fault_of(value: &Value) -> Option<RpcFault> {
    let code = i32::try_from(value.member("faultCode")?.as_integer()?).ok()?;
    Some(RpcFault { code, text: value.member("faultString")?.as_text()?.to_owned() })
}
