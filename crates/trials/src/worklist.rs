//! What has a coordinator done about a match, and what may be done next?
//!
//! An entry is one patient and one arm. It changes by commands only; each accepted command adds one event and nothing
//! is ever taken out of the history. Pure: the instant and the person come from the caller.

pub mod alert;
pub mod report;

use concilium_terms::AsOf;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Found by screening, nobody has looked.
    New,
    /// Somebody reads the chart.
    Reviewing,
    /// The patient or the treating physician was asked.
    Contacted,
    /// The patient consented to the trial.
    Consented,
    /// Every criterion was checked by a person and holds.
    ScreenedIn,
    /// Out, with reasons.
    ScreenedOut,
    /// On the trial.
    Enrolled,
    /// Consent withdrawn or off the trial.
    Withdrawn,
}

/// Every state, in the order of the work.
pub const STATES: [State; 8] = [
    State::New,
    State::Reviewing,
    State::Contacted,
    State::Consented,
    State::ScreenedIn,
    State::Enrolled,
    State::ScreenedOut,
    State::Withdrawn,
];

impl State {
    /// States that may follow.
    pub fn next(self) -> &'static [State] {
        use State::{Consented, Contacted, Enrolled, New, Reviewing, ScreenedIn, ScreenedOut, Withdrawn};
        match self {
            New => &[Reviewing, ScreenedOut],
            Reviewing => &[New, Contacted, ScreenedOut],
            Contacted => &[Reviewing, Consented, ScreenedOut],
            Consented => &[ScreenedIn, ScreenedOut, Withdrawn],
            ScreenedIn => &[Enrolled, ScreenedOut, Withdrawn],
            Enrolled => &[Withdrawn],
            // A re-screen begins again with a look at the chart; the history stays.
            ScreenedOut => &[Reviewing],
            Withdrawn => &[],
        }
    }

    /// Has the patient consented and not withdrawn?
    pub fn after_consent(self) -> bool {
        matches!(self, State::Consented | State::ScreenedIn | State::Enrolled)
    }

    /// Does anybody still work on it?
    pub fn is_open(self) -> bool {
        !matches!(self, State::ScreenedOut | State::Enrolled | State::Withdrawn)
    }

    /// Does moving here mean talking to the patient?
    fn needs_contact(self) -> bool {
        matches!(self, State::Contacted | State::Consented | State::ScreenedIn | State::Enrolled)
    }
}

/// Why a patient is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// A criterion is not met; names it.
    CriterionNotMet,
    /// What a criterion asks for cannot be had; names it.
    CriterionNotKnown,
    /// The patient declined.
    PatientDeclined,
    /// The treating physician declined.
    PhysicianDeclined,
    /// The arm or the site is closed.
    ArmClosed,
    /// No place left.
    NoSlot,
    /// Goes on another trial.
    OtherTrial,
    /// Died.
    Died,
    /// Cannot be reached.
    LostToFollowUp,
    /// Too far away, or cannot travel.
    TooFar,
    /// The match itself was wrong: a fact was misread.
    WrongMatch,
}

/// Every reason.
pub const REASONS: [ReasonCode; 11] = [
    ReasonCode::CriterionNotMet,
    ReasonCode::CriterionNotKnown,
    ReasonCode::PatientDeclined,
    ReasonCode::PhysicianDeclined,
    ReasonCode::ArmClosed,
    ReasonCode::NoSlot,
    ReasonCode::OtherTrial,
    ReasonCode::Died,
    ReasonCode::LostToFollowUp,
    ReasonCode::TooFar,
    ReasonCode::WrongMatch,
];

impl ReasonCode {
    fn names_criterion(self) -> bool {
        matches!(self, ReasonCode::CriterionNotMet | ReasonCode::CriterionNotKnown)
    }
}

/// One coded reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct OutReason {
    /// The code.
    pub code: ReasonCode,
    /// Criterion it is about, where the code asks for one.
    pub criterion: Option<String>,
}

/// What is to be done until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextAction {
    /// In the coordinator's words.
    pub what: String,
    /// Due on this day.
    #[schemars(with = "String")]
    pub due: Date,
}

/// Which match an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct MatchKey {
    /// Patient id in the store.
    pub patient: String,
    /// Trial id.
    pub trial: String,
    /// Arm label; empty for the unnamed one.
    pub arm: String,
}

/// One patient and one arm on the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Which match.
    pub key: MatchKey,
    /// Where it stands.
    pub state: State,
    /// Who works on it.
    pub owner: Option<String>,
    /// What is next.
    pub next_action: Option<NextAction>,
    /// Reasons of the last time it was screened out.
    pub reasons: Vec<OutReason>,
    /// How often it was taken up again.
    pub rescreens: u32,
    /// All that happened, oldest first.
    pub history: Vec<Event>,
}

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Command {
    /// Move to a state; reasons only with `ScreenedOut`.
    Move {
        /// Where to.
        to: State,
        /// Why out.
        reasons: Vec<OutReason>,
    },
    /// Give it to somebody; `None` gives it back.
    Assign {
        /// Who.
        owner: Option<String>,
    },
    /// Set or clear the next action.
    Plan {
        /// What and until when.
        next: Option<NextAction>,
    },
    /// Keep a remark.
    Note {
        /// Words.
        text: String,
    },
}

/// One accepted command, with who and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// When.
    pub at: AsOf,
    /// Who.
    pub by: String,
    /// State before it.
    pub before: State,
    /// What was asked for and done.
    pub command: Command,
}

/// Why a command is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not a step of the work.
    #[error("an entry that is {from:?} cannot become {to:?}; possible: {possible:?}")]
    NoSuchStep {
        /// Now.
        from: State,
        /// Asked for.
        to: State,
        /// What may follow.
        possible: &'static [State],
    },
    /// Screening out without a coded reason.
    #[error("screening out needs at least one coded reason")]
    NoReason,
    /// A reason where none belongs.
    #[error("reasons belong to screening out only")]
    ReasonNotAsked,
    /// A criterion missing, or named where none belongs.
    #[error("reason {code:?} {}", if *.named { "names no criterion" } else { "must name the criterion" })]
    Criterion {
        /// The code.
        code: ReasonCode,
        /// Was one named?
        named: bool,
    },
    /// The patient asked not to be contacted.
    #[error("the patient is marked do-not-contact: lift the mark first, or screen out as declined")]
    DoNotContact,
    /// No name.
    #[error("who does it is not stated")]
    Nobody,
    /// Older than what is already kept.
    #[error("the last event lies after this instant: the history only grows forward")]
    Past,
}

impl Entry {
    /// A match nobody has looked at.
    pub fn found(key: MatchKey) -> Entry {
        Entry {
            key,
            state: State::New,
            owner: None,
            next_action: None,
            reasons: vec![],
            rescreens: 0,
            history: vec![],
        }
    }

    /// The entry after a command.
    ///
    /// # Errors
    /// [`Refused`]; the entry then stays as it is.
    pub fn apply(
        &self,
        command: Command,
        at: &AsOf,
        by: &str,
        do_not_contact: bool,
    ) -> Result<Entry, Refused> {
        if by.trim().is_empty() {
            return Err(Refused::Nobody);
        }
        if self.history.last().is_some_and(|last| at.date() < last.at.date()) {
            return Err(Refused::Past);
        }
        let mut entry = self.clone();
        match &command {
            Command::Move { to, reasons } => {
                self.check_move(*to, reasons, do_not_contact)?;
                entry.rescreens += u32::from(self.state == State::ScreenedOut);
                entry.state = *to;
                entry.reasons.clone_from(reasons);
                if !to.is_open() {
                    entry.next_action = None;
                }
            }
            Command::Assign { owner } => entry.owner = owner.clone().filter(|name| !name.trim().is_empty()),
            Command::Plan { next } => entry.next_action.clone_from(next),
            Command::Note { .. } => {}
        }
        entry.history.push(Event { at: at.clone(), by: by.to_owned(), before: self.state, command });
        Ok(entry)
    }

    fn check_move(&self, to: State, reasons: &[OutReason], do_not_contact: bool) -> Result<(), Refused> {
        if !self.state.next().contains(&to) {
            return Err(Refused::NoSuchStep { from: self.state, to, possible: self.state.next() });
        }
        if do_not_contact && to.needs_contact() {
            return Err(Refused::DoNotContact);
        }
        match (to == State::ScreenedOut, reasons.is_empty()) {
            (true, true) => return Err(Refused::NoReason),
            (false, false) => return Err(Refused::ReasonNotAsked),
            (true, false) | (false, true) => {}
        }
        let wrong = |reason: &&OutReason| reason.code.names_criterion() != reason.criterion.is_some();
        match reasons.iter().find(wrong) {
            Some(reason) => Err(Refused::Criterion { code: reason.code, named: reason.criterion.is_some() }),
            None => Ok(()),
        }
    }

    /// Days the next action is overdue on `day`; `None` without one or before it is due.
    pub fn overdue(&self, day: Date) -> Option<i32> {
        let due = self.next_action.as_ref()?.due;
        Some(concilium_terms::days_between(due, day)).filter(|&days| 0 < days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> AsOf {
        AsOf::parse(&format!("2026-06-{day:02}")).expect("a day")
    }

    fn entry() -> Entry {
        Entry::found(MatchKey { patient: "p1".into(), trial: "T-1".into(), arm: String::new() })
    }

    fn go(to: State) -> Command {
        Command::Move { to, reasons: vec![] }
    }

    fn out(code: ReasonCode, criterion: Option<&str>) -> Command {
        let reasons = vec![OutReason { code, criterion: criterion.map(Into::into) }];
        Command::Move { to: State::ScreenedOut, reasons }
    }

    /// Applies commands in turn; the last state, or the words of the first refusal.
    #[track_caller]
    fn check(commands: &[Command], do_not_contact: bool, expect: &str) {
        let run = commands
            .iter()
            .try_fold(entry(), |entry, command| entry.apply(command.clone(), &at(2), "kim", do_not_contact));
        let said = run.map_or_else(|refused| refused.to_string(), |entry| format!("{:?}", entry.state));
        assert!(said.contains(expect), "{said} has no {expect}");
    }

    #[test]
    fn work_goes_by_steps() {
        use State::{Consented, Contacted, Enrolled, Reviewing, ScreenedIn, Withdrawn};
        check(
            &[go(Reviewing), go(Contacted), go(Consented), go(ScreenedIn), go(Enrolled)],
            false,
            "Enrolled",
        );
        check(&[go(Enrolled)], false, "is New cannot become Enrolled");
        check(&[go(Reviewing), go(Consented)], false, "possible: [New, Contacted, ScreenedOut]");
        check(
            &[go(Reviewing), go(Contacted), go(Consented), go(Withdrawn), go(Reviewing)],
            false,
            "possible: []",
        );
    }

    #[test]
    fn out_has_coded_reasons() {
        check(&[go(State::ScreenedOut)], false, "at least one coded reason");
        check(&[out(ReasonCode::CriterionNotMet, None)], false, "must name the criterion");
        check(&[out(ReasonCode::PatientDeclined, Some("in-1"))], false, "names no criterion");
        check(&[out(ReasonCode::CriterionNotMet, Some("ex-4"))], false, "ScreenedOut");
        let reasons = vec![OutReason { code: ReasonCode::NoSlot, criterion: None }];
        check(&[Command::Move { to: State::Reviewing, reasons }], false, "screening out only");
    }

    #[test]
    fn a_patient_who_asked_not_to_be_contacted_is_not() {
        check(&[go(State::Reviewing), go(State::Contacted)], true, "do-not-contact");
        check(&[go(State::Reviewing), out(ReasonCode::PatientDeclined, None)], true, "ScreenedOut");
    }

    #[test]
    fn a_rescreen_keeps_the_history() {
        let steps = [out(ReasonCode::CriterionNotMet, Some("in-2")), go(State::Reviewing)];
        let entry = steps
            .into_iter()
            .try_fold(entry(), |entry, command| entry.apply(command, &at(3), "kim", false))
            .expect("both are steps");
        assert_eq!((entry.rescreens, entry.history.len(), entry.reasons.len()), (1, 2, 0));
        assert_eq!(entry.apply(go(State::Contacted), &at(1), "kim", false), Err(Refused::Past));
        assert_eq!(entry.apply(go(State::Contacted), &at(4), " ", false), Err(Refused::Nobody));
    }

    #[test]
    fn an_action_is_overdue_after_its_day() {
        let due = at(10).date();
        let next = Some(NextAction { what: "ask for the MRI report".into(), due });
        let entry = entry().apply(Command::Plan { next }, &at(2), "kim", false).expect("a plan");
        assert_eq!((entry.overdue(at(10).date()), entry.overdue(at(13).date())), (None, Some(3)));
        let done = entry.apply(out(ReasonCode::Died, None), &at(11), "kim", false).expect("out");
        assert_eq!(done.overdue(at(13).date()), None, "nothing is due once it is closed");
    }

    proptest::proptest! {
        /// Whatever is asked in whatever order: every accepted command is one event, and the states chain.
        #[test]
        fn history_only_grows(steps in proptest::collection::vec((0usize..STATES.len(), proptest::bool::ANY), 0..24)) {
            let mut now = entry();
            let mut accepted = 0;
            for (index, with_reason) in steps {
                let command = if with_reason { out(ReasonCode::NoSlot, None) } else { go(STATES[index]) };
                if let Ok(next) = now.apply(command, &at(5), "kim", false) {
                    accepted += 1;
                    proptest::prop_assert_eq!(&next.history[..now.history.len()], &now.history[..]);
                    proptest::prop_assert!(now.state.next().contains(&next.state));
                    now = next;
                }
            }
            proptest::prop_assert_eq!(now.history.len(), accepted);
        }
    }
}
