//! The phone book: a CSO name server over three people (RFC 2378).

use std::sync::Arc;

use netkit_gopher::cso::{Line, Lookup};
use netkit_wire::{Conn, Eol, Fault};

use crate::server::{Context, Service};
use crate::world::World;

/// Serves `query`, `siteinfo`, `fields`, `status`, `id` and `quit`.
pub struct Ph {
    _world: Arc<World>,
}

/// What is known about everybody; the first two are looked in where nobody says.
const FIELDS: [(&str, &str); 5] = [
    ("alias", "A short name that nobody else has"),
    ("name", "The whole name"),
    ("email", "Where mail is read"),
    ("phone", "A number to call"),
    ("address", "Where letters go"),
];

const PEOPLE: [[&str; 5]; 3] = [
    ["alice", "Alice Liddell", "alice@example.org", "+1 555 0100", "The Deanery\nOxford"],
    ["bob", "Bob Sawyer", "bob@example.org", "+1 555 0101", "Lant Street\nLondon"],
    ["alison", "Alison Gross", "alison@example.org", "+1 555 0102", "Tower"],
];

/// More than so many matches are too many.
const MOST: usize = 25;

impl Ph {
    /// A book beside `world`.
    pub fn new(world: Arc<World>) -> Ph {
        Ph { _world: world }
    }
}

impl Service for Ph {
    fn protocol(&self) -> &'static str {
        "ph"
    }

    fn serve(&self, mut conn: Conn, _context: &Context) -> Result<(), Fault> {
        loop {
            let decoder = netkit_wire::Line::new(conn.limits()).eol(Eol::CrlfOrLf);
            let Some(line) = conn.recv_or_end(decoder)? else { return Ok(()) };
            let line = line.to_str_lossy().into_owned();
            let word = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            let lines = match word.as_str() {
                "query" | "ph" => query(&line),
                "siteinfo" => site_info(),
                "fields" => fields(),
                "status" => status(),
                "id" => vec![Line::new(200, "Thanks.")],
                "quit" | "exit" | "stop" => vec![Line::new(200, "Bye!")],
                _ => vec![Line::new(514, "Unknown command.")],
            };
            lines.iter().for_each(|line| line.encode(conn.outbox()));
            conn.flush()?;
            if matches!(word.as_str(), "quit" | "exit" | "stop") {
                return conn.shutdown_write();
            }
        }
    }
}

fn query(line: &str) -> Vec<Line> {
    let Some(lookup) = Lookup::decode(line) else { return vec![Line::new(512, "Illegal value.")] };
    let at = |name: &str| FIELDS.iter().position(|(field, _)| field.eq_ignore_ascii_case(name));
    let unknown =
        lookup.terms().filter_map(|(field, _)| field).chain(lookup.fields().iter().map(String::as_str));
    for name in unknown {
        if at(name).is_none() && name != "all" {
            return vec![Line::new(507, "Field does not exist.")];
        }
    }
    let matches = |person: &[&str; 5]| {
        lookup.terms().all(|(field, value)| match field {
            Some(name) => at(name).and_then(|i| person.get(i)).is_some_and(|known| is_like(known, value)),
            None => person.iter().take(2).any(|known| is_like(known, value)),
        })
    };
    let found: Vec<&[&str; 5]> = PEOPLE.iter().filter(|person| matches(person)).collect();
    match found.len() {
        0 => return vec![Line::new(501, "No matches to your query.")],
        n if n > MOST => return vec![Line::new(502, "Too many entries to print.")],
        _ => {}
    }
    let told: Vec<usize> = match lookup.fields() {
        [] => vec![1, 2, 3],
        names if names.iter().any(|name| name == "all") => (0..FIELDS.len()).collect(),
        names => names.iter().filter_map(|name| at(name)).collect(),
    };
    let count = found.len();
    let there = format!(
        "There {} {count} match{} to your request.",
        if count == 1 { "was" } else { "were" },
        if count == 1 { "" } else { "es" }
    );
    let mut lines = vec![Line::new(102, &there)];
    for (number, person) in (1..).zip(found) {
        for i in &told {
            let (Some((name, _)), Some(value)) = (FIELDS.get(*i), person.get(*i)) else { continue };
            for (row, part) in value.split('\n').enumerate() {
                let name = if row == 0 { format!("{name:>12}") } else { " ".repeat(12) };
                lines.push(Line::field(200, number, &name, part));
            }
        }
    }
    lines.push(Line::new(200, "Ok."));
    lines
}

/// Without regard to case; `*` stands for anything, and a word of the value is enough.
fn is_like(known: &str, wanted: &str) -> bool {
    let (known, wanted) = (known.to_lowercase(), wanted.to_lowercase());
    let one = |known: &str| match wanted.split_once('*') {
        Some((start, end)) => {
            known.len() >= start.len() + end.len() && known.starts_with(start) && known.ends_with(end)
        }
        None => known == wanted,
    };
    one(&known) || known.split_whitespace().any(one)
}

fn site_info() -> Vec<Line> {
    let facts =
        [("version", "netkit mock"), ("maildomain", "example.org"), ("administrator", "gopher@example.org")];
    let mut lines: Vec<Line> =
        (1..).zip(facts).map(|(i, (name, value))| Line::field(200, i, name, value)).collect();
    lines.push(Line::new(200, "Ok."));
    lines
}

fn fields() -> Vec<Line> {
    let mut lines = Vec::new();
    for (i, (name, about)) in (1..).zip(FIELDS) {
        let kind = if i <= 2 { "max 64 Indexed Lookup Public Default" } else { "max 256 Public Default" };
        lines.push(Line::field(200, i, name, kind));
        lines.push(Line::field(200, i, name, about));
    }
    lines.push(Line::new(200, "Ok."));
    lines
}

fn status() -> Vec<Line> {
    let greeting = Line { more: true, ..Line::new(100, "Qi server, netkit mock.") };
    vec![greeting, Line::new(201, "Database ready, read only.")]
}
