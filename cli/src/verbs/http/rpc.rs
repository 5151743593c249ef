//! `netkit http rpc`: a call, and its value or its fault.

mod json;

use netkit_http::xmlrpc::{self, Call, CallError, Value};
use netkit_http::{Client, Error, Method, Redirects, Request};
use serde_json::json;

use super::{client, compose};
use crate::args::{Global, HttpRpc};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn run(args: &HttpRpc, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let place = compose::place(&mut run, Some(&args.url))?;
    let mut server = Server { run: &run, args, place: &place, client: None };
    if args.list {
        return server.list();
    }
    let method = args.method.as_deref().unwrap_or_default();
    let params = args.params.iter().map(|param| json::parameter(param)).collect::<Result<_>>()?;
    let call =
        Call::new(method, params).map_err(|why| Failure::new(Kind::Usage, format!("{method}: {why}")))?;
    if run.net.output.offline {
        let request = xmlrpc::prepare(server.request()?, &call)?;
        let mut output = run.output()?;
        std::io::Write::write_all(&mut output, &request.preview())
            .map_err(|e| Failure::write("stdout", &e))?;
        return output.finish();
    }
    let value = server.call(&call)?;
    let mut output = run.output()?;
    match (run.json(), &value) {
        (true, value) => {
            output.line(&json!({ "method": method, "value": json::value(value) }).to_string())?
        }
        (false, Value::Text(text)) => output.line(text)?,
        (false, value) => output.line(&format!("{:#}", json::value(value)))?,
    }
    output.finish()
}

/// The server that is called, and the client that calls it.
struct Server<'r> {
    run: &'r Run<'r>,
    args: &'r HttpRpc,
    place: &'r compose::Place,
    client: Option<Client>,
}

impl Server<'_> {
    fn request(&self) -> Result<Request> {
        let request = Request::new(Method::POST, &self.place.url).map_err(Error::from)?;
        compose::login(self.run, self.place, compose::fields(request, &self.args.headers)?)
    }

    /// A redirect would make a GET of the call: it is an answer that is none.
    fn call(&mut self, call: &Call) -> Result<Value> {
        let request = self.request()?;
        let client = match &mut self.client {
            Some(client) => client,
            none => none.insert(client(self.run, self.place)?.redirects(Redirects::default())),
        };
        Ok(xmlrpc::call(client, request, call)?)
    }

    /// The methods, each with its signatures and its help: in one multicall, or one by one where the server has none.
    fn list(&mut self) -> Result<()> {
        let names: Vec<String> = match &self.args.method {
            Some(name) => vec![name.clone()],
            None => {
                let names = self.call(&Call::list_methods())?;
                names
                    .as_array()
                    .unwrap_or_default()
                    .iter()
                    .filter_map(Value::as_text)
                    .map(str::to_owned)
                    .collect()
            }
        };
        let about: Vec<Call> =
            names.iter().flat_map(|name| [Call::method_signature(name), Call::method_help(name)]).collect();
        let together = self.call(&Call::multi(&about)).ok();
        let mut facts: Vec<Option<Value>> =
            match together.and_then(|all| xmlrpc::multi_replies(&all, about.len()).ok()) {
                Some(replies) => replies.into_iter().map(std::result::Result::ok).collect(),
                None => about.iter().map(|call| self.call(call).ok()).collect(),
            };
        let mut output = self.run.output()?;
        for (name, pair) in names.iter().zip(facts.chunks_mut(2)) {
            let [signatures, help] = pair else { continue };
            let help = help.take().and_then(|help| help.as_text().map(str::to_owned)).unwrap_or_default();
            let signatures = signatures.take().unwrap_or(Value::Nil);
            if self.run.json() {
                let signatures = signatures.as_array().map(|all| json::value(&all.iter().cloned().collect()));
                output
                    .line(&json!({ "method": name, "signatures": signatures, "help": help }).to_string())?;
                continue;
            }
            let shown: Vec<String> =
                signatures.as_array().unwrap_or_default().iter().map(signature).collect();
            let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
            output.line(format!("{name}\t{}\t{help}", shown.join(" | ")).trim_end())?;
        }
        output.finish()
    }
}

/// `int(int, int)`, the type it returns first.
fn signature(types: &Value) -> String {
    let mut types = types.as_array().unwrap_or_default().iter().filter_map(Value::as_text);
    let result = types.next().unwrap_or_default();
    format!("{result}({})", types.collect::<Vec<_>>().join(", "))
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Failure {
        match error {
            CallError::Http(error) => error.into(),
            CallError::Fault(fault) => Failure::new(Kind::Refused, fault),
            CallError::Unsendable(why) => Failure::new(Kind::Usage, why),
        }
    }
}
