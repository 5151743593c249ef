//! A form under way: one question after the other, on the line below.

use netkit_gopher::Target;
use netkit_gopher::plus::{Answer, Question, QuestionKind, encode_answers};

use super::super::plus::answer;
use super::page::clean;

/// The questions of an item and what was answered so far.
pub struct Form {
    pub target: Target,
    pub title: String,
    questions: Vec<Question>,
    at: usize,
    answers: Vec<Answer>,
    /// The lines of an answer that has several.
    lines: Vec<String>,
}

impl Form {
    pub fn new(target: Target, title: String, questions: Vec<Question>) -> Option<Form> {
        questions.iter().any(|question| question.kind.is_asked()).then(|| {
            let mut form = Form { target, title, questions, at: 0, answers: Vec::new(), lines: Vec::new() };
            form.pass_notes();
            form
        })
    }

    /// Whether a password is asked for.
    pub fn has_secret(&self) -> bool {
        self.questions.iter().any(|question| question.kind == QuestionKind::Password)
    }

    /// Whether what is typed must not be seen.
    pub fn is_secret(&self) -> bool {
        self.question().is_some_and(|question| question.kind == QuestionKind::Password)
    }

    fn question(&self) -> Option<&Question> {
        self.questions.get(self.at)
    }

    fn pass_notes(&mut self) {
        while self.question().is_some_and(|question| !question.kind.is_asked()) {
            self.at += 1;
        }
    }

    /// What is asked now.
    pub fn prompt(&self) -> String {
        let Some(question) = self.question() else { return String::new() };
        let choices: Vec<String> =
            question.choices.iter().map(|choice| clean(&choice.to_str_lossy())).collect();
        let hint = match question.kind {
            QuestionKind::Choose => format!(" ({})", choices.join(", ")),
            QuestionKind::Select => " (yes, no)".to_owned(),
            QuestionKind::Lines => " (an empty line ends)".to_owned(),
            QuestionKind::File => " (a file to send)".to_owned(),
            _ => choices
                .first()
                .filter(|first| !first.is_empty())
                .map(|first| format!(" [{first}]"))
                .unwrap_or_default(),
        };
        format!("{}{hint} ", clean(&question.prompt.to_str_lossy()))
    }

    /// Takes an answer: what is wrong with it, or whether the form is filled in.
    pub fn take(&mut self, words: &str) -> Result<bool, String> {
        let Some(question) = self.question() else { return Ok(true) };
        if question.kind == QuestionKind::Lines && !words.is_empty() {
            self.lines.push(words.to_owned());
            return Ok(false);
        }
        let taken = match (question.kind, words) {
            (QuestionKind::Lines, _) => answer(question, &self.lines.join("\n")),
            (_, "") => Ok(question.default_answer()),
            _ => answer(question, words),
        };
        self.answers.push(taken.map_err(|failure| failure.message)?);
        self.lines.clear();
        self.at += 1;
        self.pass_notes();
        Ok(self.at >= self.questions.len())
    }

    /// What goes to the server.
    pub fn data(&self) -> Vec<u8> {
        encode_answers(&self.answers)
    }
}
