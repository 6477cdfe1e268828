//! What does a coordinator read: patients, matches both ways, the worklist, alerts, conversion?

use super::{ArmSummary, CohortError, case_of};
use crate::run::Engine;
use crate::trials::{ArmVerdict, Trial, screen_arms};
use concilium_case::Case;
use concilium_store::{Kept, Store, Wanted};
use concilium_terms::AsOf;
use concilium_trials::worklist::alert::Alert;
use concilium_trials::worklist::report::{Conversion, conversion};
use concilium_trials::worklist::{Entry, MatchKey, State};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;

/// One patient of the cohort.
#[derive(Debug, Serialize)]
pub struct PatientLine {
    /// Id in the store.
    pub patient: String,
    /// Age, sex and tumour in words, as of the last screening.
    pub about: String,
    /// Day of the last screening.
    pub screened: Option<String>,
    /// Records came or changed since.
    pub is_due: bool,
    /// Why the records make no case.
    pub problem: Option<String>,
    /// Why the patient must not be contacted.
    pub do_not_contact: Option<String>,
    /// Entries on the worklist that somebody works on.
    pub open_entries: usize,
}

/// A match with its last answer.
#[derive(Debug, Serialize)]
pub struct MatchRow {
    /// Which.
    pub key: MatchKey,
    /// The answer; `None` where a row cannot be read.
    pub answer: Option<ArmSummary>,
    /// Where it stands on the worklist.
    pub state: Option<State>,
}

/// A line of the worklist.
#[derive(Debug, Serialize)]
pub struct Line {
    /// The entry with its history.
    pub entry: Entry,
    /// Its newest answer.
    pub answer: Option<ArmSummary>,
    /// Who the patient is, in words.
    pub about: String,
    /// The patient must not be contacted.
    pub do_not_contact: bool,
    /// Days the next action is overdue.
    pub overdue: Option<i32>,
}

/// Every patient, by id.
///
/// # Errors
/// The store's.
pub fn patients(store: &Store, today: Date) -> Result<Vec<PatientLine>, CohortError> {
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for line in store.worklist(&Wanted::default(), today)? {
        *open.entry(line.entry.key.patient.clone()).or_default() += usize::from(line.entry.state.is_open());
    }
    let line = |one: concilium_store::PatientRow| PatientLine {
        open_entries: open.get(&one.id).copied().unwrap_or(0),
        is_due: one.screened != Some(one.revision),
        patient: one.id,
        about: one.about,
        screened: one.day,
        problem: one.problem,
        do_not_contact: one.do_not_contact.map(|mark| mark.why),
    };
    Ok(store.patients()?.into_iter().map(line).collect())
}

/// Answers of one patient, best first.
///
/// # Errors
/// Nobody by that id, or the store's.
pub fn matches_of(store: &Store, patient: &str, today: Date) -> Result<Vec<MatchRow>, CohortError> {
    store.patient(patient)?;
    let wanted = Wanted { patient: Some(patient.to_owned()), ..Wanted::default() };
    rows(store, store.answers_of(patient)?, &wanted, today)
}

/// Answers on one trial, best first.
///
/// # Errors
/// The store's.
pub fn matches_on(store: &Store, trial: &str, today: Date) -> Result<Vec<MatchRow>, CohortError> {
    let wanted = Wanted { trial: Some(trial.to_owned()), ..Wanted::default() };
    rows(store, store.answers_on(trial)?, &wanted, today)
}

fn rows(
    store: &Store,
    answers: Vec<(MatchKey, Kept)>,
    wanted: &Wanted,
    today: Date,
) -> Result<Vec<MatchRow>, CohortError> {
    let listed = store.worklist(wanted, today)?;
    let states: BTreeMap<MatchKey, State> =
        listed.into_iter().map(|line| (line.entry.key, line.entry.state)).collect();
    let row = |(key, kept): (MatchKey, Kept)| MatchRow {
        answer: serde_json::from_str(&kept.body).ok(),
        state: states.get(&key).copied(),
        key,
    };
    Ok(answers.into_iter().map(row).collect())
}

/// Says what decides, for the first `most` rows where the store does not hold it.
///
/// # Errors
/// Records that make no case, or the store's.
pub fn explain(
    engine: &Engine,
    store: &Store,
    trials: &[Trial],
    rows: &mut [MatchRow],
    most: usize,
    as_of: &AsOf,
) -> Result<(), CohortError> {
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    for row in rows.iter_mut().take(most) {
        let trial = trials.iter().find(|trial| trial.id == row.key.trial);
        let (Some(trial), Some(answer)) = (trial, &mut row.answer) else { continue };
        if !answer.deciding.is_empty() {
            continue;
        }
        let patient = &row.key.patient;
        if !cases.contains_key(patient) {
            cases.insert(patient.clone(), case_of(engine, store, patient, as_of)?);
        }
        let verdicts = screen_arms(trial, &cases[patient], &engine.knowledge);
        if let Some(verdict) = verdicts.iter().find(|verdict| verdict.arm == row.key.arm) {
            answer.deciding = super::screen::deciding(trial, verdict);
            answer.missing = verdict.missing.clone();
        }
    }
    Ok(())
}

/// One patient against one trial, judged now, criterion by criterion.
///
/// # Errors
/// Nobody by that id, records that make no case, or the store's.
pub fn match_of(
    engine: &Engine,
    store: &Store,
    patient: &str,
    trial: &Trial,
    as_of: &AsOf,
) -> Result<Vec<ArmVerdict>, CohortError> {
    store.patient(patient)?;
    let case = case_of(engine, store, patient, as_of)?;
    Ok(screen_arms(trial, &case, &engine.knowledge))
}

/// The worklist: what is due first, then the likely eligible.
///
/// # Errors
/// The store's.
pub fn worklist(store: &Store, wanted: &Wanted, today: Date) -> Result<Vec<Line>, CohortError> {
    let line = |one: concilium_store::Listed| Line {
        overdue: one.entry.overdue(today),
        answer: one.answer.and_then(|body| serde_json::from_str(&body).ok()),
        entry: one.entry,
        about: one.about,
        do_not_contact: one.do_not_contact,
    };
    Ok(store.worklist(wanted, today)?.into_iter().map(line).collect())
}

/// Alerts nobody has seen, urgent first; with `all`, those that were seen too.
///
/// # Errors
/// The store's.
pub fn alerts(store: &Store, all: bool) -> Result<Vec<Alert>, CohortError> {
    Ok(if all { store.all_alerts()? } else { store.open_alerts()? })
}

/// Conversion of all entries under an empty name, then of each trial.
///
/// # Errors
/// The store's.
pub fn report(store: &Store, today: Date) -> Result<BTreeMap<String, Conversion>, CohortError> {
    let lines = store.worklist(&Wanted::default(), today)?;
    let mut by_trial: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for line in &lines {
        by_trial.entry(line.entry.key.trial.clone()).or_default().push(&line.entry);
    }
    let mut report: BTreeMap<String, Conversion> =
        by_trial.into_iter().map(|(trial, entries)| (trial, conversion(entries))).collect();
    report.insert(String::new(), conversion(lines.iter().map(|line| &line.entry)));
    Ok(report)
}
