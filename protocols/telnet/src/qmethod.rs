//! The Q method of option negotiation (RFC 1143 section 7): for each option and each side of the connection, one of six
//! states, and what each of four inputs does to it. This file is the whole table and nothing else.
//!
//! The RFC keeps a state (NO, YES, WANTNO, WANTYES) and beside the last two a queue bit (EMPTY, OPPOSITE). Here the pair is
//! one value, so that a state which the RFC cannot have cannot be written.

/// The state of one option on one side (RFC 1143 section 7, `us`/`usq` or `him`/`himq`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// NO: the option is off, and both know it.
    #[default]
    No,
    /// YES: the option is on, and both know it.
    Yes,
    /// WANTNO, EMPTY: we asked to switch it off and wait for the answer.
    WantNo,
    /// WANTNO, OPPOSITE: we asked to switch it off, and want it on again once that is answered.
    WantNoOpposite,
    /// WANTYES, EMPTY: we asked to switch it on and wait for the answer.
    WantYes,
    /// WANTYES, OPPOSITE: we asked to switch it on, and want it off again once that is answered.
    WantYesOpposite,
}

impl State {
    /// Every state, in the RFC's order.
    pub const ALL: [Self; 6] =
        [Self::No, Self::Yes, Self::WantNo, Self::WantNoOpposite, Self::WantYes, Self::WantYesOpposite];

    /// Whether the option is in force now: YES, and also WANTNO, until the other side has agreed that it ends.
    #[must_use]
    pub fn is_on(self) -> bool {
        matches!(self, Self::Yes | Self::WantNo | Self::WantNoOpposite)
    }

    /// Whether a question is open: the other side owes an answer.
    #[must_use]
    pub fn is_asking(self) -> bool {
        !matches!(self, Self::No | Self::Yes)
    }

    /// The RFC's spelling.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "NO",
            Self::Yes => "YES",
            Self::WantNo => "WANTNO/EMPTY",
            Self::WantNoOpposite => "WANTNO/OPPOSITE",
            Self::WantYes => "WANTYES/EMPTY",
            Self::WantYesOpposite => "WANTYES/OPPOSITE",
        }
    }
}

/// What happens to an option of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// WILL (of his option) or DO (of ours) came; `agree` is whether we would have it on.
    Positive {
        /// Whether this side would have the option on.
        agree: bool,
    },
    /// WONT (of his option) or DONT (of ours) came.
    Negative,
    /// This side decides that it wants the option on.
    Enable,
    /// This side decides that it wants the option off.
    Disable,
}

/// What is to be sent: for his options DO and DONT, for ours WILL and WONT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Send {
    /// DO or WILL.
    Positive,
    /// DONT or WONT.
    Negative,
}

/// What was wrong with an input (RFC 1143 section 7 names each).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Complaint {
    /// "Error: DONT answered by WILL".
    RefusalAnsweredByAgreement,
    /// "Error: Already enabled".
    AlreadyEnabled,
    /// "Error: Already disabled".
    AlreadyDisabled,
    /// "Error: Already negotiating for enable".
    AlreadyEnabling,
    /// "Error: Already negotiating for disable".
    AlreadyDisabling,
    /// "Error: Already queued an enable request".
    AlreadyQueuedEnable,
    /// "Error: Already queued a disable request".
    AlreadyQueuedDisable,
}

impl Complaint {
    /// A few words, as the RFC has them.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RefusalAnsweredByAgreement => "a refusal was answered by an agreement",
            Self::AlreadyEnabled => "already enabled",
            Self::AlreadyDisabled => "already disabled",
            Self::AlreadyEnabling => "already negotiating for enable",
            Self::AlreadyDisabling => "already negotiating for disable",
            Self::AlreadyQueuedEnable => "already queued an enable request",
            Self::AlreadyQueuedDisable => "already queued a disable request",
        }
    }
}

/// One row of the table: the next state, what is sent, and the error if it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// The state after the input.
    pub next: State,
    /// What goes out: at most one command, which is why two sides cannot loop.
    pub send: Option<Send>,
    /// What the RFC calls an error. The state is right all the same.
    pub complaint: Option<Complaint>,
}

/// The table of RFC 1143 section 7, with its queue.
#[must_use]
pub fn step(state: State, input: Input) -> Step {
    use Complaint as C;
    use State::{No, WantNo, WantNoOpposite, WantYes, WantYesOpposite, Yes};
    let quiet = |next| Step { next, send: None, complaint: None };
    let sends = |next, send| Step { next, send: Some(send), complaint: None };
    let wrong = |next, complaint| Step { next, send: None, complaint: Some(complaint) };
    match (input, state) {
        // "Upon receipt of WILL" (or DO).
        (Input::Positive { agree: true }, No) => sends(Yes, Send::Positive),
        (Input::Positive { agree: false }, No) => sends(No, Send::Negative),
        (Input::Positive { .. }, Yes) => quiet(Yes),
        (Input::Positive { .. }, WantNo) => wrong(No, C::RefusalAnsweredByAgreement),
        (Input::Positive { .. }, WantNoOpposite) => wrong(Yes, C::RefusalAnsweredByAgreement),
        (Input::Positive { .. }, WantYes) => quiet(Yes),
        (Input::Positive { .. }, WantYesOpposite) => sends(WantNo, Send::Negative),

        // "Upon receipt of WONT" (or DONT).
        (Input::Negative, No) => quiet(No),
        (Input::Negative, Yes) => sends(No, Send::Negative),
        (Input::Negative, WantNo) => quiet(No),
        (Input::Negative, WantNoOpposite) => sends(WantYes, Send::Positive),
        (Input::Negative, WantYes) => quiet(No),
        (Input::Negative, WantYesOpposite) => quiet(No),

        // "If we decide to ask him to enable".
        (Input::Enable, No) => sends(WantYes, Send::Positive),
        (Input::Enable, Yes) => wrong(Yes, C::AlreadyEnabled),
        (Input::Enable, WantNo) => quiet(WantNoOpposite),
        (Input::Enable, WantNoOpposite) => wrong(WantNoOpposite, C::AlreadyQueuedEnable),
        (Input::Enable, WantYes) => wrong(WantYes, C::AlreadyEnabling),
        (Input::Enable, WantYesOpposite) => quiet(WantYes),

        // "If we decide to ask him to disable".
        (Input::Disable, No) => wrong(No, C::AlreadyDisabled),
        (Input::Disable, Yes) => sends(WantNo, Send::Negative),
        (Input::Disable, WantNo) => wrong(WantNo, C::AlreadyDisabling),
        (Input::Disable, WantNoOpposite) => quiet(WantNo),
        (Input::Disable, WantYes) => quiet(WantYesOpposite),
        (Input::Disable, WantYesOpposite) => wrong(WantYesOpposite, C::AlreadyQueuedDisable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1143 section 7: "there will never be more than one open question": two sides that obey the table and want
    /// different things come to rest, whatever they decided before.
    #[test]
    fn two_sides_come_to_rest() {
        for asks in [Input::Enable, Input::Disable] {
            for again in [Input::Enable, Input::Disable] {
                for agree in [true, false] {
                    assert!(exchange(&[asks, again], agree) <= 4, "{asks:?} {again:?} {agree}");
                }
            }
        }
    }

    /// How many commands cross before nothing is sent any more.
    fn exchange(decisions: &[Input], agree: bool) -> usize {
        let (mut here, mut there) = (State::No, State::No);
        let mut wire = Vec::new();
        for decision in decisions {
            let took = step(here, *decision);
            here = took.next;
            wire.extend(took.send);
        }
        let (mut sent, mut to_there) = (0, true);
        while !wire.is_empty() && sent < 100 {
            let mut back = Vec::new();
            for command in wire.drain(..) {
                sent += 1;
                let side = if to_there { &mut there } else { &mut here };
                let input = match command {
                    Send::Positive => Input::Positive { agree: !to_there || agree },
                    Send::Negative => Input::Negative,
                };
                let took = step(*side, input);
                *side = took.next;
                back.extend(took.send);
            }
            (wire, to_there) = (back, !to_there);
        }
        sent
    }
}
