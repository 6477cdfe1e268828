//! How does the worklist leave the program: as a table, as a FHIR R4 Bundle?

use super::{CohortError, Line, case_of};
use crate::input::sha256_text;
use crate::run::{CODE_HASH, Engine, PROGRAM};
use crate::trials::{ArmVerdict, Trial, screen_arms};
use concilium_case::Case;
use concilium_fhir_write as write;
use concilium_store::Store;
use concilium_terms::AsOf;
use concilium_trials::RegistryStatus;
use concilium_trials::worklist::{Entry, OutReason, ReasonCode, State};
use std::collections::BTreeMap;

const COLUMNS: [&str; 17] = [
    "patient",
    "trial",
    "arm",
    "state",
    "owner",
    "next_action",
    "due",
    "overdue_days",
    "do_not_contact",
    "answer",
    "met",
    "not_met",
    "open",
    "routine",
    "missing",
    "out_reasons",
    "rescreens",
];

/// The list as CSV (RFC 4180), a header and a line an entry.
pub fn csv(lines: &[Line]) -> String {
    let mut out = COLUMNS.join(",") + "\r\n";
    for line in lines {
        let cells: Vec<String> = row(line).iter().map(|cell| quoted(cell)).collect();
        out += &(cells.join(",") + "\r\n");
    }
    out
}

fn row(line: &Line) -> [String; 17] {
    let entry = &line.entry;
    let next = entry.next_action.as_ref();
    let answer = line.answer.as_ref();
    let count = |count: fn(&concilium_trials::Counts) -> usize| {
        answer.map_or(String::new(), |answer| count(&answer.counts).to_string())
    };
    [
        entry.key.patient.clone(),
        entry.key.trial.clone(),
        entry.key.arm.clone(),
        word(&entry.state),
        entry.owner.clone().unwrap_or_default(),
        next.map_or(String::new(), |next| next.what.clone()),
        next.map_or(String::new(), |next| next.due.to_string()),
        line.overdue.map_or(String::new(), |days| days.to_string()),
        if line.do_not_contact { "yes" } else { "" }.to_owned(),
        answer.map_or("takes nobody, or not screened".to_owned(), |answer| answer.label.to_string()),
        count(|counts| counts.met),
        count(|counts| counts.not_met),
        count(|counts| counts.conflicting + counts.not_tested + counts.not_computable),
        count(|counts| counts.routine),
        answer.map_or(String::new(), |answer| {
            answer.missing.iter().map(String::as_str).collect::<Vec<_>>().join("; ")
        }),
        entry.reasons.iter().map(reason).collect::<Vec<_>>().join("; "),
        entry.rescreens.to_string(),
    ]
}

fn reason(reason: &OutReason) -> String {
    match &reason.criterion {
        Some(criterion) => format!("{} {criterion}", word(&reason.code)),
        None => word(&reason.code),
    }
}

/// A value's name as JSON writes it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Quoted where needed; a cell that a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let guarded = match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    };
    match guarded.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", guarded.replace('"', "\"\"")),
        false => guarded,
    }
}

/// The list as a FHIR R4 Bundle: the evaluations, judged now, and subjects of research where a person has acted.
///
/// # Errors
/// A patient's records make no case, the store's, or the list cannot be said in FHIR.
pub fn fhir(
    engine: &Engine,
    store: &Store,
    lines: &[Line],
    trials: &[Trial],
    as_of: &AsOf,
) -> Result<String, CohortError> {
    let mut cases: BTreeMap<&str, Case> = BTreeMap::new();
    let mut matches = vec![];
    for line in lines {
        let key = &line.entry.key;
        if !cases.contains_key(key.patient.as_str()) {
            cases.insert(&key.patient, case_of(engine, store, &key.patient, as_of)?);
        }
        let case = &cases[key.patient.as_str()];
        let trial = trials.iter().find(|trial| trial.id == key.trial);
        let verdicts = trial.map(|trial| screen_arms(trial, case, &engine.knowledge)).unwrap_or_default();
        matches.push(one(case, line, verdicts.iter().find(|verdict| verdict.arm == key.arm)));
    }
    let named = |trial: &&Trial| lines.iter().any(|line| line.entry.key.trial == trial.id);
    let (name, version) = PROGRAM.rsplit_once(' ').unwrap_or((PROGRAM, ""));
    let list = write::MatchList {
        key: sha256_text(&format!("{} {matches:?}", as_of.instant)),
        instant: as_of.instant.clone(),
        software: write::Software { name: name.into(), version: version.into(), code: CODE_HASH.into() },
        studies: trials.iter().filter(named).map(study).collect(),
        matches,
    };
    Ok(write::write_list(&list)?)
}

fn one(case: &Case, line: &Line, verdict: Option<&ArmVerdict>) -> write::Match {
    let key = &line.entry.key;
    write::Match {
        patient: concilium_report::patient_record(&case.patient),
        study: key.trial.clone(),
        arm: key.arm.clone(),
        answer: verdict.map_or("takes nobody".to_owned(), |verdict| verdict.label.to_string()),
        criteria: verdict.map(|verdict| verdict.criteria.iter().map(criterion).collect()).unwrap_or_default(),
        missing: verdict
            .map(|verdict| verdict.missing.iter().map(|key| missing(key)).collect())
            .unwrap_or_default(),
        subject: subject(&line.entry),
    }
}

fn criterion(one: &concilium_criteria::eligibility::CriterionVerdict) -> String {
    let leaves: Vec<&str> = one.verdict.leaves.iter().map(|leaf| leaf.what.as_str()).collect();
    format!("{}: {} – {}", one.id, one.shown, leaves.join("; "))
}

fn missing(key: &str) -> write::MissingFact {
    let kind = match key.split(':').next().unwrap_or("") {
        "condition" | "disease" => "Condition",
        "drug" | "prior" | "class" => "MedicationStatement",
        _ => "Observation",
    };
    let detail = "would have to be known".to_owned();
    write::MissingFact { kind: kind.into(), name: key.to_owned(), codes: vec![], detail }
}

/// Nobody is a subject before a person acts. Out by a criterion is ineligible; out for another reason was not registered.
fn subject(entry: &Entry) -> Option<write::SubjectStatus> {
    let by_criterion = |reason: &OutReason| {
        matches!(reason.code, ReasonCode::CriterionNotMet | ReasonCode::CriterionNotKnown)
    };
    Some(match entry.state {
        State::New => return None,
        State::Reviewing | State::Contacted => write::SubjectStatus::Candidate,
        State::Consented => write::SubjectStatus::Screening,
        State::ScreenedIn => write::SubjectStatus::Eligible,
        State::ScreenedOut if entry.reasons.iter().any(by_criterion) => write::SubjectStatus::Ineligible,
        State::ScreenedOut => write::SubjectStatus::NotRegistered,
        State::Enrolled => write::SubjectStatus::OnStudy,
        State::Withdrawn => write::SubjectStatus::Withdrawn,
    })
}

fn study(trial: &Trial) -> write::Study {
    let status = match trial.status.status {
        RegistryStatus::Recruiting | RegistryStatus::ByInvitation | RegistryStatus::Unknown => {
            write::StudyStatus::Active
        }
        RegistryStatus::NotYet => write::StudyStatus::Approved,
        RegistryStatus::ActiveNotRecruiting => write::StudyStatus::Closed,
        RegistryStatus::Suspended => write::StudyStatus::Suspended,
        RegistryStatus::Completed => write::StudyStatus::Completed,
        RegistryStatus::Ended => write::StudyStatus::Ended,
    };
    write::Study { id: trial.id.clone(), title: trial.title.clone(), status }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_are_quoted_and_are_no_formulas() {
        let check = |cell: &str, expect: &str| assert_eq!(quoted(cell), expect);
        check("plain", "plain");
        check("a,b \"c\"", "\"a,b \"\"c\"\"\"");
        check("=1+1", "'=1+1");
        check("-2,5", "\"'-2,5\"");
    }
}
