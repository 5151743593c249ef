//! Forms: what a server asks before it answers (Gopher+ 2.8).

use std::fmt;

use netkit_wire::Text;

use crate::types::Invalid;

/// How a question wants to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionKind {
    /// `Ask`: one line of text.
    Line,
    /// `AskP`: one line that nobody should read over the shoulder.
    Password,
    /// `AskL`: several lines.
    Lines,
    /// `AskF`: the name of a local file for what will come.
    NewFile,
    /// `Select`: yes or no, as a box to tick.
    Select,
    /// `Choose`: one of several.
    Choose,
    /// `ChooseF`: a local file whose lines are sent.
    File,
    /// `Note`: nothing is asked, something is said.
    Note,
}

/// One question.
///
/// ```text
/// question ::= kind ":" SP prompt *( TAB choice )
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// How to ask.
    pub kind: QuestionKind,
    /// What to ask.
    pub prompt: Text,
    /// What may be chosen; for text, what is there to begin with.
    pub choices: Vec<Text>,
}

/// One answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// A line, a choice, `1` or `0`, or the name of a file.
    Line(Vec<u8>),
    /// Lines, after their number: for `AskL` and `ChooseF`.
    Lines(Vec<Vec<u8>>),
}

/// The words of the grammar.
const KINDS: [(&str, QuestionKind); 8] = [
    ("Ask", QuestionKind::Line),
    ("AskP", QuestionKind::Password),
    ("AskL", QuestionKind::Lines),
    ("AskF", QuestionKind::NewFile),
    ("Select", QuestionKind::Select),
    ("Choose", QuestionKind::Choose),
    ("ChooseF", QuestionKind::File),
    ("Note", QuestionKind::Note),
];

impl QuestionKind {
    /// The word of the grammar.
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("Ask", |(word, _)| word)
    }

    /// Whether it wants an answer.
    pub fn is_asked(self) -> bool {
        self != QuestionKind::Note
    }
}

impl Question {
    /// One line of an `+ASK` block; `None` for one of an unknown kind.
    pub fn parse(line: &[u8]) -> Option<Question> {
        let colon = line.iter().position(|b| *b == b':')?;
        let (word, rest) = line.split_at_checked(colon)?;
        let word = std::str::from_utf8(word).ok()?.trim();
        let (_, kind) = KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
        let rest = rest.get(1..)?;
        let mut columns = rest.strip_prefix(b" ").unwrap_or(rest).split(|b| *b == b'\t');
        let prompt = Text::from(columns.next()?);
        Some(Question { kind: *kind, prompt, choices: columns.map(Text::from).collect() })
    }

    /// The line of an `+ASK` block.
    pub fn line(&self) -> Vec<u8> {
        let mut line = format!("{}: ", self.kind.word()).into_bytes();
        line.extend_from_slice(self.prompt.as_bytes());
        for choice in &self.choices {
            line.push(b'\t');
            line.extend_from_slice(choice.as_bytes());
        }
        line
    }

    /// What is answered where nobody says anything: the text that is there to begin with, the first choice, no.
    pub fn default_answer(&self) -> Answer {
        let first = self.choices.first().map(|choice| choice.as_bytes().to_vec());
        match self.kind {
            QuestionKind::Lines | QuestionKind::File => {
                Answer::Lines(first.filter(|text| !text.is_empty()).into_iter().collect())
            }
            QuestionKind::Select => Answer::Line(first.unwrap_or_else(|| b"0".to_vec())),
            _ => Answer::Line(first.unwrap_or_default()),
        }
    }

    /// An answer in words, as a person or a flag gives it: several lines for `AskL`, yes or no for `Select`, a choice or the
    /// start of only one for `Choose`.
    ///
    /// # Errors
    /// [`Invalid::Answer`] when that is none of the choices, or several lines where one is asked for.
    pub fn answer(&self, words: &str) -> Result<Answer, Invalid> {
        let several = words.contains(['\r', '\n', '\0']);
        match self.kind {
            QuestionKind::Lines | QuestionKind::File => {
                Ok(Answer::Lines(words.lines().map(|line| line.as_bytes().to_vec()).collect()))
            }
            _ if several => Err(Invalid::Answer("one line")),
            QuestionKind::Select => match words.trim().to_ascii_lowercase().as_str() {
                "1" | "y" | "yes" | "on" | "true" => Ok(Answer::Line(b"1".to_vec())),
                "0" | "n" | "no" | "off" | "false" | "" => Ok(Answer::Line(b"0".to_vec())),
                _ => Err(Invalid::Answer("yes or no")),
            },
            QuestionKind::Choose if !self.choices.is_empty() => {
                let lower = |text: &str| text.to_lowercase();
                let names = || self.choices.iter().map(|choice| (choice, lower(&choice.to_str_lossy())));
                let exact = names().find(|(_, name)| *name == lower(words));
                let mut starting = names().filter(|(_, name)| name.starts_with(&lower(words)));
                let only = starting.next().filter(|_| starting.next().is_none());
                let (choice, _) = exact.or(only).ok_or(Invalid::Answer("one of the choices"))?;
                Ok(Answer::Line(choice.as_bytes().to_vec()))
            }
            _ => Ok(Answer::Line(words.as_bytes().to_vec())),
        }
    }
}

/// The data of a request that answers a form: a line for each answer, several after their number.
pub fn encode_answers<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut line = |text: &[u8]| {
        out.extend(text.iter().filter(|b| !matches!(b, b'\r' | b'\n')));
        out.extend_from_slice(b"\r\n");
    };
    for answer in answers {
        match answer {
            Answer::Line(text) => line(text),
            Answer::Lines(lines) => {
                line(lines.len().to_string().as_bytes());
                lines.iter().for_each(|text| line(text));
            }
        }
    }
    out
}

/// Without what was answered: it may be a password.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Line(_) => f.write_str("Answer::Line(..)"),
            Answer::Lines(lines) => write!(f, "Answer::Lines({} lines)", lines.len()),
        }
    }
}
