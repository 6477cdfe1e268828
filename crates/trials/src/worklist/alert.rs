//! What must somebody be told, once, and how urgently?
//!
//! One alert a patient and trial: what changes while nobody has seen it is joined to what is open,
//! from the first state to the last, so that a value corrected twice is told once, and one that came back is told as withdrawn.

use super::{MatchKey, State};
use concilium_terms::{AsOf, Truth};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What made a verdict change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// New facts of the patient.
    PatientChanged,
    /// A fact was corrected or retracted.
    Correction,
    /// A new version of the trial, or its status.
    TrialChanged,
    /// Nothing but time: a washout ended, a result became too old.
    TimePassed,
    /// Another program or knowledge judged.
    RulesChanged,
}

/// What the whole answer for an arm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Nothing on record speaks against it.
    NoKnownConflict,
    /// What a coordinator looks at first is met; the rest is to be checked.
    Likely,
    /// Something must still be known.
    Open,
    /// Something speaks against it.
    Blocked,
}

/// One criterion that changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Flip {
    /// Arm label.
    pub arm: String,
    /// Criterion id, or `status` for the arm's own.
    pub criterion: String,
    /// Truth of its demand before.
    pub from: Truth,
    /// Truth now.
    pub to: Truth,
    /// In words, with the fact that decides.
    pub why: String,
}

/// What changed for one patient and one arm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Which match.
    pub key: MatchKey,
    /// What made it change.
    pub cause: Cause,
    /// Answer before; `None` = the match was not known.
    pub before: Option<Answer>,
    /// Answer now.
    pub after: Answer,
    /// Criteria that flipped, of this arm.
    pub flips: Vec<Flip>,
}

/// An alert that somebody should see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// Patient id in the store.
    pub patient: String,
    /// Trial id.
    pub trial: String,
    /// Somebody who consented is no longer eligible.
    pub urgent: bool,
    /// Where the change came from, in order.
    pub causes: Vec<Cause>,
    /// Answer an arm had when it was last seen, and has now.
    pub arms: BTreeMap<String, (Option<Answer>, Answer)>,
    /// Criteria that differ from when they were last seen.
    pub flips: Vec<Flip>,
    /// First and last change.
    pub first: AsOf,
    /// Last change.
    pub last: AsOf,
    /// Changes joined in it.
    pub changes: u32,
    /// Everything is again as it was last seen: nothing to do but to know.
    pub withdrawn: bool,
    /// Who has seen it; `None` = open.
    pub seen_by: Option<String>,
}

/// Joins a change to the open alert of its patient and trial. `None`: nothing to tell.
pub fn merge(open: Option<Alert>, change: &Change, state: Option<State>, at: &AsOf) -> Option<Alert> {
    if open.is_none() && change.flips.is_empty() && change.before == Some(change.after) {
        return None;
    }
    let known_before = open.is_some();
    let mut alert = open.unwrap_or_else(|| Alert {
        patient: change.key.patient.clone(),
        trial: change.key.trial.clone(),
        urgent: false,
        causes: vec![],
        arms: BTreeMap::new(),
        flips: vec![],
        first: at.clone(),
        last: at.clone(),
        changes: 0,
        withdrawn: false,
        seen_by: None,
    });
    alert.changes += 1;
    alert.last = at.clone();
    if alert.causes.last() != Some(&change.cause) {
        alert.causes.push(change.cause);
    }
    let arm = alert.arms.entry(change.key.arm.clone()).or_insert((change.before, change.after));
    arm.1 = change.after;
    for flip in &change.flips {
        join(&mut alert.flips, flip);
    }
    alert.flips.sort();
    // Once urgent, an open alert stays urgent until somebody has seen it, also when it is withdrawn.
    alert.urgent |= state.is_some_and(State::after_consent) && change.after == Answer::Blocked;
    alert.withdrawn = alert.flips.is_empty() && alert.arms.values().all(|(was, now)| *was == Some(*now));
    // Nobody had seen it and it was never urgent: what came and went in silence needs no telling.
    if alert.withdrawn && known_before && !alert.urgent {
        return None;
    }
    Some(alert)
}

/// From the first truth to the last; a criterion that is back where it was leaves.
fn join(flips: &mut Vec<Flip>, new: &Flip) {
    let same = |old: &&mut Flip| old.arm == new.arm && old.criterion == new.criterion;
    match flips.iter_mut().find(same) {
        None => flips.push(new.clone()),
        Some(old) => {
            old.to = new.to;
            old.why.clone_from(&new.why);
        }
    }
    flips.retain(|flip| flip.from != flip.to);
}

impl Answer {
    /// Worth a coordinator's look without a further fact?
    pub fn is_possible(self) -> bool {
        matches!(self, Answer::NoKnownConflict | Answer::Likely)
    }
}

/// Order of a list of alerts: urgent first, then what became possible, then the oldest.
pub fn order(alert: &Alert) -> impl Ord + use<> {
    let became_possible =
        alert.arms.values().any(|(was, now)| now.is_possible() && !was.is_some_and(Answer::is_possible));
    (!alert.urgent, !became_possible, alert.first.day.clone(), alert.patient.clone(), alert.trial.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Answer::{Blocked, NoKnownConflict, Open};

    fn at(day: u32) -> AsOf {
        AsOf::parse(&format!("2026-06-{day:02}")).expect("a day")
    }

    fn change(cause: Cause, before: Option<Answer>, after: Answer, flips: &[(&str, Truth, Truth)]) -> Change {
        let flip = |&(criterion, from, to): &(&str, Truth, Truth)| Flip {
            arm: String::new(),
            criterion: criterion.into(),
            from,
            to,
            why: format!("{criterion} is {to:?}"),
        };
        Change {
            key: MatchKey { patient: "p1".into(), trial: "T-1".into(), arm: String::new() },
            cause,
            before,
            after,
            flips: flips.iter().map(flip).collect(),
        }
    }

    fn run(changes: &[Change], state: State) -> Option<Alert> {
        let mut alert = None;
        for (day, change) in (1..).zip(changes) {
            alert = merge(alert, change, Some(state), &at(day));
        }
        alert
    }

    #[test]
    fn what_did_not_change_is_not_told() {
        assert_eq!(run(&[change(Cause::TimePassed, Some(Open), Open, &[])], State::New), None);
    }

    #[test]
    fn two_changes_are_one_alert_from_first_to_last() {
        let first =
            change(Cause::PatientChanged, Some(Open), Blocked, &[("in-3", Truth::Open, Truth::False)]);
        let second =
            change(Cause::Correction, Some(Blocked), NoKnownConflict, &[("in-3", Truth::False, Truth::True)]);
        let alert = run(&[first, second], State::Reviewing).expect("something to tell");
        assert_eq!((alert.changes, alert.urgent, alert.withdrawn), (2, false, false));
        assert_eq!(alert.causes, [Cause::PatientChanged, Cause::Correction]);
        assert_eq!(alert.arms[""], (Some(Open), NoKnownConflict));
        assert_eq!((alert.flips[0].from, alert.flips[0].to), (Truth::Open, Truth::True));
        assert_eq!(alert.flips[0].why, "in-3 is True", "the words are those of the last change");
    }

    #[test]
    fn ineligible_after_consent_is_urgent_and_stays_so() {
        let lost = change(
            Cause::PatientChanged,
            Some(NoKnownConflict),
            Blocked,
            &[("ex-2", Truth::True, Truth::False)],
        );
        let back =
            change(Cause::Correction, Some(Blocked), NoKnownConflict, &[("ex-2", Truth::False, Truth::True)]);
        assert!(run(std::slice::from_ref(&lost), State::Consented).expect("alert").urgent);
        assert!(!run(std::slice::from_ref(&lost), State::Contacted).expect("alert").urgent);
        let withdrawn = run(&[lost.clone(), back.clone()], State::Enrolled).expect("still told");
        assert!(withdrawn.urgent && withdrawn.withdrawn && withdrawn.flips.is_empty());
        assert_eq!(run(&[lost, back], State::Reviewing), None, "came and went before anybody saw it");
    }

    #[test]
    fn urgent_first_then_what_became_possible() {
        let alert = |after, state| {
            run(
                &[change(Cause::TrialChanged, Some(Open), after, &[("status", Truth::True, Truth::False)])],
                state,
            )
            .expect("alert")
        };
        let mut alerts = [
            alert(Blocked, State::New),
            alert(NoKnownConflict, State::New),
            alert(Blocked, State::ScreenedIn),
        ];
        alerts.sort_by_key(order);
        let urgent: Vec<(bool, Answer)> = alerts.iter().map(|a| (a.urgent, a.arms[""].1)).collect();
        assert_eq!(urgent, [(true, Blocked), (false, NoKnownConflict), (false, Blocked)]);
    }
}
