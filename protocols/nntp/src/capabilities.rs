//! What a server offers: the lines of CAPABILITIES (RFC 3977 sections 3.3, 5.2).

use std::fmt;

/// What a server said it can do; empty where it was not asked, or does not know the question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(Vec<Capability>);

/// One line: a label and its arguments.
///
/// ```text
/// capability-line = capability-entry *(WS arguments)      keyword = ALPHA 2*(ALPHA / DIGIT / "." / "-")
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    label: String,
    arguments: Vec<String>,
}

impl Capability {
    /// A label with arguments, for the server's side.
    pub fn new(label: &str, arguments: &[&str]) -> Capability {
        let arguments = arguments.iter().map(|one| (*one).to_owned()).collect();
        Capability { label: label.to_ascii_uppercase(), arguments }
    }

    /// None for a line that is not of this grammar: it is passed over.
    pub fn parse(line: &[u8]) -> Option<Capability> {
        let text = std::str::from_utf8(line).ok()?;
        let mut words = text.split_ascii_whitespace();
        let label = words.next().filter(|label| label.bytes().all(|b| b.is_ascii_graphic()))?;
        let arguments = words.filter(|word| !word.chars().any(char::is_control)).map(str::to_owned).collect();
        Some(Capability { label: label.to_ascii_uppercase(), arguments })
    }

    /// The label, in upper case.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What follows it.
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }
}

/// As on the wire.
impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)?;
        self.arguments.iter().try_for_each(|one| write!(f, " {one}"))
    }
}

impl Capabilities {
    /// These, for the server's side.
    pub fn new(all: Vec<Capability>) -> Capabilities {
        Capabilities(all)
    }

    /// All of them in the server's order.
    pub fn iter(&self) -> std::slice::Iter<'_, Capability> {
        self.0.iter()
    }

    /// Whether the server has told of anything: one that does not know the question may still know commands.
    pub fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether there is one of this label.
    pub fn has(&self, label: &str) -> bool {
        self.0.iter().any(|one| one.label.eq_ignore_ascii_case(label))
    }

    /// Whether one of this label has this argument.
    pub fn offers(&self, label: &str, argument: &str) -> bool {
        let mut all = self.0.iter().filter(|one| one.label.eq_ignore_ascii_case(label));
        all.any(|one| one.arguments.iter().any(|word| word.eq_ignore_ascii_case(argument)))
    }

    /// The login mechanisms offered (RFC 4643 section 2.1), as the server spells them.
    pub fn mechanisms(&self) -> Vec<&str> {
        let lists = self.0.iter().filter(|one| one.label == "SASL");
        lists.flat_map(|one| &one.arguments).map(String::as_str).collect()
    }
}
