//! An XML-RPC server (xmlrpc.com/spec): a few methods, introspection and multicall.

use netkit_http::Method;
use netkit_http::xmlrpc::{Call, DateTime, RpcFault, Value, encode_reply};
use netkit_wire::Fault;

use crate::http::Asked;
use crate::http::answer::{Answer, Body};

/// Each method with its signatures, the type it returns first, and what it is for.
const METHODS: [(&str, &[&[&str]], &str); 8] = [
    ("add", &[&["int"], &["int", "int"], &["int", "int", "int"]], "The sum of whole numbers."),
    ("echo", &[], "The parameters as an array: whatever they are, that is what arrived."),
    ("fault", &[&["nil", "int", "string"]], "Fails with this code and text."),
    ("sample", &[&["struct"]], "A value of each type."),
    ("system.listMethods", &[&["array"]], "The names of all methods."),
    ("system.methodHelp", &[&["string", "string"]], "What a method is for."),
    ("system.methodSignature", &[&["array", "string"]], "The types a method returns and takes."),
    ("system.multicall", &[&["array", "array"]], "Many calls in one."),
];

/// Codes as the server libraries agreed on (xmlrpc-epi's "Specification for Fault Code Interoperability").
const NOT_WELL_FORMED: i32 = -32700;
const NO_SUCH_METHOD: i32 = -32601;
const WRONG_PARAMETERS: i32 = -32602;

pub(super) fn answer(asked: &Asked) -> Answer {
    if asked.head.method() != &Method::POST {
        return Answer::text(405, "calls come by POST").with("Allow", "POST");
    }
    let reply = match Call::decode(&asked.body) {
        Ok(call) => run(&call),
        Err(why) => Err(fault(NOT_WELL_FORMED, &Fault::from(why).to_string())),
    };
    match encode_reply(&reply) {
        Ok(document) => Answer::new(200, Body::Whole(document.into())).with("Content-Type", "text/xml"),
        Err(why) => Answer::text(500, &why.to_string()),
    }
}

fn run(call: &Call) -> Result<Value, RpcFault> {
    let Some(calls) = call.calls() else { return one(call) };
    let reply = |call: Option<Call>| match call {
        // A multicall inside of another would multiply the work.
        Some(call) if call.calls().is_none() => match one(&call) {
            Ok(value) => Value::Array(vec![value]),
            Err(fault) => (&fault).into(),
        },
        _ => (&fault(WRONG_PARAMETERS, "an element is no call")).into(),
    };
    Ok(Value::Array(calls.into_iter().map(reply).collect()))
}

fn one(call: &Call) -> Result<Value, RpcFault> {
    let about = |name: &str| {
        let found = METHODS.iter().find(|(method, ..)| *method == name);
        found.ok_or_else(|| fault(NO_SUCH_METHOD, "there is no such method"))
    };
    match (call.method(), call.params()) {
        ("add", numbers) => {
            let sum = numbers.iter().try_fold(0_i64, |sum, n| sum.checked_add(n.as_integer()?));
            sum.map(Value::from).ok_or_else(|| fault(WRONG_PARAMETERS, "add takes whole numbers"))
        }
        ("echo", params) => Ok(Value::Array(params.to_vec())),
        ("fault", [Value::Int(code), Value::Text(text)]) => Err(fault(*code, text)),
        ("sample", []) => Ok(sample()),
        ("system.listMethods", []) => Ok(METHODS.iter().map(|(name, ..)| Value::from(*name)).collect()),
        ("system.methodHelp", [Value::Text(name)]) => Ok(about(name)?.2.into()),
        ("system.methodSignature", [Value::Text(name)]) => match about(name)?.1 {
            [] => Ok("undef".into()),
            all => Ok(all.iter().map(|one| one.iter().map(|kind| Value::from(*kind)).collect()).collect()),
        },
        (name, _) => {
            about(name)?;
            Err(fault(WRONG_PARAMETERS, "that method takes other parameters"))
        }
    }
}

fn sample() -> Value {
    let date = DateTime::new(1998, 7, 17, 14, 8, 55).map_or(Value::Nil, Value::Date);
    let members = [
        ("int", Value::Int(-12)),
        ("i8", Value::Long(1 << 40)),
        ("boolean", Value::Bool(true)),
        ("double", Value::Double(-12.214)),
        ("string", "<hello> & \"goodbye\"".into()),
        ("date", date),
        ("base64", Value::Bytes(b"you can't read this!".to_vec())),
        ("array", Value::Array(vec![Value::Int(12), "Egypt".into(), Value::Bool(false)])),
        ("nil", Value::Nil),
    ];
    Value::Struct(members.map(|(name, value)| (name.to_owned(), value)).into())
}

fn fault(code: i32, text: &str) -> RpcFault {
    RpcFault { code, text: text.to_owned() }
}
