//! XML-RPC: the examples of its spec, values there and back, documents that mean no good.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_http::xmlrpc::{
    Call, DEPTH, DateTime, LONGEST, RpcFault, Unsendable, Value, decode_reply, encode_reply, multi_replies,
};
use netkit_wire::{Limit, Malformed};
use proptest::prelude::*;

fn reply(value: &str) -> Result<Value, Malformed> {
    let document = format!("<methodResponse><params><param>{value}</param></params></methodResponse>");
    decode_reply(document.as_bytes()).map(|reply| reply.unwrap())
}

/// The spec's "Request example".
#[test]
fn the_specs_request() {
    let document = b"<?xml version=\"1.0\"?>\r\n<methodCall>\r\n   <methodName>examples.getStateName</methodName>\r\n   \
        <params>\r\n      <param>\r\n         <value><i4>41</i4></value>\r\n         </param>\r\n      </params>\r\n   </methodCall>\r\n";
    let call = Call::decode(document).unwrap();
    assert_eq!((call.method(), call.params()), ("examples.getStateName", &[Value::Int(41)][..]));
    assert_eq!(Call::decode(&call.encode().unwrap()), Ok(call));
    let bare = Call::decode(b"<methodCall><methodName>a</methodName></methodCall>").unwrap();
    assert_eq!(bare.params(), []);
}

/// The spec's "Response example" and "Fault example".
#[test]
fn the_specs_answers() {
    let answer = b"<?xml version=\"1.0\"?>\n<methodResponse>\n<params>\n<param>\n<value><string>South Dakota</string></value>\n\
        </param>\n</params>\n</methodResponse>";
    assert_eq!(decode_reply(answer), Ok(Ok("South Dakota".into())));
    let fault = b"<?xml version=\"1.0\"?>\n<methodResponse>\n<fault>\n<value>\n<struct>\n<member>\n<name>faultCode</name>\n\
        <value><int>4</int></value>\n</member>\n<member>\n<name>faultString</name>\n\
        <value><string>Too many parameters.</string></value>\n</member>\n</struct>\n</value>\n</fault>\n</methodResponse>";
    let expected = RpcFault { code: 4, text: "Too many parameters.".to_owned() };
    assert_eq!(decode_reply(fault), Ok(Err(expected.clone())));
    assert_eq!(expected.to_string(), "fault 4: Too many parameters.");
    assert_eq!(decode_reply(&encode_reply(&Err(expected.clone())).unwrap()), Ok(Err(expected)));
}

/// The spec's table of scalars, its struct and its array.
#[test]
fn the_specs_values() {
    for (text, value) in [
        ("<i4>-12</i4>", Value::Int(-12)),
        ("<int>+12</int>", Value::Int(12)),
        ("<boolean>1</boolean>", Value::Bool(true)),
        ("<string>hello world</string>", "hello world".into()),
        ("<double>-12.214</double>", Value::Double(-12.214)),
        (
            "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>",
            Value::Date(DateTime::new(1998, 7, 17, 14, 8, 55).unwrap()),
        ),
        ("<base64>eW91IGNhbid0IHJlYWQgdGhpcyE=</base64>", Value::Bytes(b"you can't read this!".to_vec())),
        (
            "<struct><member><name>lowerBound</name><value><i4>18</i4></value></member>\
             <member><name>upperBound</name><value><i4>139</i4></value></member></struct>",
            Value::Struct(vec![
                ("lowerBound".to_owned(), Value::Int(18)),
                ("upperBound".to_owned(), Value::Int(139)),
            ]),
        ),
        (
            "<array><data><value><i4>12</i4></value><value><string>Egypt</string></value>\
             <value><boolean>0</boolean></value><value><i4>-31</i4></value></data></array>",
            Value::Array(vec![Value::Int(12), "Egypt".into(), Value::Bool(false), Value::Int(-31)]),
        ),
    ] {
        assert_eq!(reply(&format!("<value>{text}</value>")), Ok(value), "{text}");
    }
}

#[test]
fn what_servers_write_beside_the_spec() {
    for (text, value) in [
        ("", Value::from("")),
        ("  two  words ", Value::from("  two  words ")),
        ("<string/>", Value::from("")),
        ("<nil/>", Value::Nil),
        ("<ex:nil/>", Value::Nil),
        ("<i8>9223372036854775807</i8>", Value::Long(i64::MAX)),
        (" <int> 5\n</int> ", Value::Int(5)),
        ("<double>1e3</double>", Value::Double(1000.0)),
        ("<base64>\n eW91\r\n IGNhbg </base64>", Value::Bytes(b"you can".to_vec())),
        ("<string>a<![CDATA[<b>&amp;]]>&#x63;&amp;&lt;&#13;</string>", Value::from("a<b>&amp;c&<\r")),
        ("a<!-- not this -->b\r\nc", Value::from("ab\nc")),
    ] {
        assert_eq!(reply(&format!("<value>{text}</value>")), Ok(value), "{text}");
    }
    let dates = ["19980717T14:08:55Z", "1998-07-17T14:08:55-0130", "19980717T14:08:55+02:00"];
    let zones = dates.map(|date| date.parse::<DateTime>().unwrap().zone());
    assert_eq!(zones, [Some(0), Some(-90), Some(120)]);
    for wrong in [
        "19980717",
        "19980732T00:00:00",
        "19980717T24:00:00",
        "19990229T00:00:00",
        "19980717T1:008:55",
        "19980717T14:08:55+",
        "+9980717T14:08:55",
        "19980717T14:08:55 Z",
        "é980717T14:08:55",
    ] {
        assert!(wrong.parse::<DateTime>().is_err(), "{wrong}");
    }
}

#[test]
fn charsets() {
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><methodResponse><params><param><value>caf\xe9</value></param></params></methodResponse>";
    assert_eq!(decode_reply(latin), Ok(Ok("café".into())));
    let plain = String::from_utf8_lossy(latin).replace("ISO-8859-1", "utf-16");
    assert!(decode_reply(plain.as_bytes()).is_err());
    assert!(decode_reply(b"<methodResponse>\xff").is_err());
    let marked =
        b"\xef\xbb\xbf<methodResponse><params><param><value>x</value></param></params></methodResponse>";
    assert_eq!(decode_reply(marked), Ok(Ok("x".into())));
}

#[test]
fn documents_that_mean_no_good() {
    for value in [
        "<int>2147483648</int>",
        "<int></int>",
        "<int>1.5</int>",
        "<i8>9223372036854775808</i8>",
        "<boolean>true</boolean>",
        "<double>NaN</double>",
        "<double>inf</double>",
        "<double>1e999</double>",
        "<base64>*</base64>",
        "<nil>x</nil>",
        "<what>x</what>",
        "<int>1</int>x",
        "x<int>1</int>",
        "<int>1</int><int>2</int>",
        "<string><b>x</b></string>",
        "<string>&nbsp;</string>",
        "<string>&#0;</string>",
        "<string>&#8;</string>",
        "<array><value/></array>",
        "<struct><member><name>a</name></member></struct>",
        "<struct><member><name>a</name><value/></member><member><name>a</name><value/></member></struct>",
    ] {
        assert!(reply(&format!("<value>{value}</value>")).is_err(), "{value}");
    }
    for document in [
        "",
        "x",
        "<methodResponse>",
        "<methodResponse/>",
        "<methodResponse><params/></methodResponse>",
        "<methodResponse><params><param><value/></param><param><value/></param></params></methodResponse>",
        "<methodResponse><fault><value>x</value></fault></methodResponse>",
        "<methodResponse><params><param><value/></param></params></methodResponse>x",
        "<methodResponse><params><param><value></param></value></params></methodResponse>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><methodResponse><params><param><value>&a;</value></param></params></methodResponse>",
        "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><methodResponse><params><param><value/></param></params></methodResponse>",
    ] {
        assert!(decode_reply(document.as_bytes()).is_err(), "{document}");
    }
    let deep = |n: usize| {
        let open = "<value><array><data>".repeat(n);
        reply(&format!("{open}{}", "</data></array></value>".repeat(n)))
    };
    assert!(deep(DEPTH).is_ok() && deep(DEPTH + 1).is_err());
    assert!(decode_reply("<value>".repeat(1_000_000).as_bytes()).is_err());
    let long = vec![b' '; LONGEST + 1];
    assert_eq!(decode_reply(&long), Err(Malformed::TooLong(Limit::Body(LONGEST as u64))));
}

#[test]
fn what_cannot_be_sent_is_not() {
    let encode = |value: Value| Call::new("m", vec![value]).unwrap().encode();
    assert_eq!(encode("a\u{1b}b".into()), Err(Unsendable::Character('\u{1b}')));
    assert_eq!(encode("\u{ffff}".into()), Err(Unsendable::Character('\u{ffff}')));
    assert_eq!(encode(Value::Double(f64::NAN)), Err(Unsendable::NotFinite));
    let twice = Value::Struct(vec![("a".to_owned(), Value::Nil), ("a".to_owned(), Value::Nil)]);
    assert_eq!(encode(twice), Err(Unsendable::SameName));
    let deep = (0..100).fold(Value::Nil, |inner, _| Value::Array(vec![inner]));
    assert_eq!(encode(deep), Err(Unsendable::Depth));
    for name in ["", "a b", "<x>", "a\n", "é"] {
        assert_eq!(Call::new(name, Vec::new()), Err(Unsendable::Method), "{name:?}");
    }
}

#[test]
fn many_calls_in_one() {
    let calls = [Call::new("a", vec![Value::Int(1)]).unwrap(), Call::list_methods()];
    let all = Call::multi(&calls);
    let seen = Call::decode(&all.encode().unwrap()).unwrap();
    assert_eq!(seen.calls().unwrap(), calls.clone().map(Some));
    assert_eq!(calls[0].calls(), None);
    let fault = RpcFault { code: 1, text: "no".to_owned() };
    let answer = Value::Array(vec![Value::Array(vec![Value::Int(2)]), Value::from(&fault)]);
    assert_eq!(multi_replies(&answer, 2), Ok(vec![Ok(Value::Int(2)), Err(fault)]));
    assert!(multi_replies(&answer, 3).is_err());
    assert!(multi_replies(&Value::Array(vec![Value::Array(Vec::new())]), 1).is_err());
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        any::<char>().prop_filter(
            "XML has it not",
            |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..),
        ),
        0..12,
    )
    .prop_map(String::from_iter)
}

fn value() -> impl Strategy<Value = Value> {
    let date =
        (0..=9999u16, 1..=12u8, 1..=28u8, 0..24u8, 0..60u8, 0..=60u8, prop::option::of(-1439..1440i16));
    let date = date.prop_map(|(y, mo, d, h, mi, s, zone)| {
        let moment = DateTime::new(y, mo, d, h, mi, s).unwrap();
        zone.map_or(moment, |zone| moment.in_zone(zone).unwrap())
    });
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::Int),
        any::<i64>().prop_map(Value::Long),
        prop::num::f64::NORMAL.prop_map(Value::Double),
        text().prop_map(Value::Text),
        date.prop_map(Value::Date),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::btree_map(text(), inner, 0..5)
                .prop_map(|members| Value::Struct(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn parse_of_encode_is_the_same(params in prop::collection::vec(value(), 0..4), name in "[A-Za-z0-9_.:/]{1,12}") {
        let call = Call::new(&name, params).unwrap();
        prop_assert_eq!(Call::decode(&call.encode().unwrap()), Ok(call));
    }

    #[test]
    fn answers_too(value in value(), code in any::<i32>(), text in text()) {
        let reply = Ok(value);
        prop_assert_eq!(decode_reply(&encode_reply(&reply).unwrap()), Ok(reply));
        let fault = Err(RpcFault { code, text });
        prop_assert_eq!(decode_reply(&encode_reply(&fault).unwrap()), Ok(fault));
    }

    #[test]
    fn no_document_panics(noise in "[<>/&;#x a-z!\\[\\]?'\"=\u{80}-\u{ff}-]{0,80}") {
        let _ = decode_reply(noise.as_bytes());
        let _ = reply(&noise);
    }
}
