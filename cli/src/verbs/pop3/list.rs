//! `netkit pop3 list`

use std::collections::HashMap;
use std::io::Read;

use netkit_pop3::{Error, Maildrop};
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, Pop3List};
use crate::failure::{Failure, Result};
use crate::mime::{self, Summary};
use crate::run::Run;

pub fn list(args: &Pop3List, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let mut maildrop = opener.open()?;
    let sizes = maildrop.list().map_err(|e| opener.about(e))?;
    // UIDL is optional (RFC 1939 section 7).
    let names = match maildrop.uids() {
        Err(Error::Refused(_)) => Vec::new(),
        other => other.map_err(|e| opener.about(e))?,
    };
    let names: HashMap<_, _> = names.into_iter().map(|one| (one.number, one.uid)).collect();
    let numbers: Vec<u32> = sizes.iter().map(|one| one.number.get()).collect();
    let mut heads = if args.headers { headers(&mut maildrop, &opener, numbers)? } else { HashMap::new() };
    session::leave(maildrop);
    let mut output = run.output()?;
    for one in &sizes {
        let uid = names.get(&one.number);
        let head = heads.remove(&one.number.get());
        if run.json() {
            let mut line = json!({ "number": one.number.get(), "octets": one.octets, "uid": uid });
            if let (Some(head), Some(line)) = (head, line.as_object_mut()) {
                line.insert("from".to_owned(), json!(head.from));
                line.insert("date".to_owned(), json!(head.date));
                line.insert("subject".to_owned(), json!(head.subject));
            }
            output.line(&line.to_string())?;
            continue;
        }
        let mut line = format!("{}\t{}\t{}", one.number, one.octets, uid.map_or("-", String::as_str));
        if let Some(head) = head {
            line.push_str(&format!("\t{}\t{}\t{}", head.date, head.from, head.subject));
        }
        output.line(&line)?;
    }
    output.finish()
}

fn headers(maildrop: &mut Maildrop, opener: &Opener<'_>, numbers: Vec<u32>) -> Result<HashMap<u32, Summary>> {
    let mut all = HashMap::new();
    let mut messages = maildrop.tops(numbers, 0);
    let mut text = Vec::new();
    while let Some(message) = messages.next() {
        match message {
            Ok(message) => {
                let number = message.number().get();
                text.clear();
                message.take(HEADER).read_to_end(&mut text).map_err(|e| Failure::copy("the header", e))?;
                all.insert(number, mime::summary(&text));
            }
            Err(why) if why.connection_is_usable() => {}
            Err(why) => return Err(opener.about(why)),
        }
    }
    Ok(all)
}

/// How much of a header is looked at, in bytes.
const HEADER: u64 = 256 << 10;
