//! How many of those found were screened, and where were they lost?

use super::{Command, Entry, OutReason, ReasonCode, State};
use concilium_terms::days_between;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Conversion of one trial, or of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conversion {
    /// Entries that ever reached a state, by state. Every entry is `new` once.
    pub reached: BTreeMap<State, u32>,
    /// Entries that stand in a state now.
    pub now: BTreeMap<State, u32>,
    /// Reasons for being out now, by code.
    pub out: BTreeMap<ReasonCode, u32>,
    /// The same by criterion, where one is named.
    pub out_by_criterion: BTreeMap<String, u32>,
    /// Entries taken up again after they were out.
    pub rescreened: u32,
    /// Median days from the first look to enrolment; `None` without one.
    pub days_to_enrolment: Option<i32>,
}

/// Counts entries.
pub fn conversion<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Conversion {
    let mut report = Conversion::default();
    let mut days = Vec::new();
    for entry in entries {
        for state in reached(entry) {
            *report.reached.entry(state).or_default() += 1;
        }
        *report.now.entry(entry.state).or_default() += 1;
        for OutReason { code, criterion } in &entry.reasons {
            *report.out.entry(*code).or_default() += 1;
            if let Some(criterion) = criterion {
                let key = format!("{} {criterion}", entry.key.trial);
                *report.out_by_criterion.entry(key).or_default() += 1;
            }
        }
        report.rescreened += u32::from(0 < entry.rescreens);
        days.extend(days_to_enrolment(entry));
    }
    days.sort_unstable();
    report.days_to_enrolment = days.get(days.len() / 2).copied();
    report
}

fn reached(entry: &Entry) -> std::collections::BTreeSet<State> {
    let moved = entry.history.iter().filter_map(|event| match &event.command {
        Command::Move { to, .. } => Some(*to),
        Command::Assign { .. } | Command::Plan { .. } | Command::Note { .. } => None,
    });
    std::iter::once(State::New).chain(moved).collect()
}

fn days_to_enrolment(entry: &Entry) -> Option<i32> {
    let first = entry.history.first()?;
    let enrolled = entry
        .history
        .iter()
        .find(|event| matches!(&event.command, Command::Move { to: State::Enrolled, .. }))?;
    Some(days_between(first.at.date(), enrolled.at.date()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::MatchKey;
    use concilium_terms::AsOf;

    #[test]
    fn counts_states_reached_and_reasons() {
        let at = |day: u32| AsOf::parse(&format!("2026-06-{day:02}")).expect("a day");
        let key =
            |patient: &str| MatchKey { patient: patient.into(), trial: "T-1".into(), arm: String::new() };
        let go = |to| Command::Move { to, reasons: vec![] };
        let steps =
            [State::Reviewing, State::Contacted, State::Consented, State::ScreenedIn, State::Enrolled];
        let enrolled = (1..)
            .zip(steps)
            .try_fold(Entry::found(key("p1")), |entry, (day, to)| entry.apply(go(to), &at(day), "kim", false))
            .expect("steps");
        let reasons = vec![OutReason { code: ReasonCode::CriterionNotMet, criterion: Some("in-2".into()) }];
        let out = Entry::found(key("p2"))
            .apply(Command::Move { to: State::ScreenedOut, reasons }, &at(3), "kim", false)
            .expect("out");
        let report = conversion([&enrolled, &out, &Entry::found(key("p3"))]);
        assert_eq!((report.reached[&State::New], report.reached[&State::Enrolled]), (3, 1));
        assert_eq!((report.now[&State::New], report.now[&State::ScreenedOut]), (1, 1));
        assert_eq!(report.out_by_criterion["T-1 in-2"], 1);
        assert_eq!(report.days_to_enrolment, Some(4));
    }
}
