//! Replies and results, for people and as JSON.

use netkit_smtp::{EnhancedStatus, Recipient};
use netkit_wire::Reply;
use serde_json::{Map, Value, json};

use crate::failure::{Failure, Kind};

pub fn reply(reply: &Reply) -> Value {
    let text: Vec<String> = reply.lines().iter().map(ToString::to_string).collect();
    json!({
        "code": reply.code().get(), "enhanced": EnhancedStatus::of(reply).map(|status| status.to_string()),
        "text": text.join("\n"),
    })
}

/// What became of one recipient.
pub fn recipient(one: &Recipient) -> Value {
    let mut value = reply(one.verdict());
    if let Some(map) = value.as_object_mut() {
        map.insert("address".into(), one.path.to_string().into());
        map.insert("accepted".into(), one.is_delivered().into());
    }
    value
}

/// Each failure is named.
pub fn refusal<'a>(refused: impl IntoIterator<Item = &'a Recipient>) -> Failure {
    let names: Vec<String> = refused
        .into_iter()
        .filter(|one| !one.is_delivered())
        .map(|one| format!("{} ({})", one.path, one.verdict()))
        .collect();
    Failure::new(Kind::Refused, format!("the server refused {}", names.join(", ")))
}

/// What became of one message.
pub struct Fate {
    pub name: String,
    /// `sent`, `refused`, `unknown` (it may have been sent, and is not sent again) or `not_sent`.
    pub state: &'static str,
    pub reply: Option<Reply>,
    pub recipients: Vec<Recipient>,
    pub failure: Option<Failure>,
    pub tries: u32,
}

impl Fate {
    /// `named`: there are several messages.
    pub fn json(&self, named: bool) -> Value {
        let mut map = Map::new();
        if named {
            map.insert("message".into(), self.name.as_str().into());
        }
        map.insert("state".into(), self.state.into());
        map.insert("recipients".into(), self.recipients.iter().map(recipient).collect());
        map.insert("reply".into(), self.reply.as_ref().map_or(Value::Null, reply));
        if named {
            map.insert("tries".into(), self.tries.into());
            map.insert(
                "error".into(),
                self.failure.as_ref().map_or(Value::Null, |f| f.message.as_str().into()),
            );
        }
        Value::Object(map)
    }

    /// A line for a person; none where the failure says it all.
    pub fn line(&self, named: bool) -> Option<String> {
        let reply = self.reply.as_ref()?;
        let all = self.recipients.len();
        let taken = self.recipients.iter().filter(|one| one.is_delivered()).count();
        let count = if all == 1 { "sent".to_owned() } else { format!("sent to {taken} of {all} recipients") };
        let name = if named { format!("{}: ", self.name) } else { String::new() };
        Some(format!("{name}{count}: {reply}"))
    }
}
