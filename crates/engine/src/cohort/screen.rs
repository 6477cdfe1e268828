//! Which answers are due, what are they now, and who should be told?
//!
//! Due is a patient whose records changed, a trial whose words, arms or status changed, and everything on a new day or
//! under other rules; the rest keeps its answer and is counted. Arms that take nobody are not judged: whatever the
//! criteria say, they block. A change is told where somebody works on the match, or where the match became possible.

use super::{CohortError, case_of};
use crate::input::sha256_text;
use crate::run::{CODE_HASH, Engine};
use crate::trials::{ArmVerdict, Gate, Label, Trial, screen_arms};
use concilium_case::Case;
use concilium_criteria::eligibility::{CriterionVerdict, Shown};
use concilium_store::{Kept, PatientRow, Screened, Store, Wanted};
use concilium_terms::{AsOf, Truth};
use concilium_trials::Counts;
use concilium_trials::worklist::MatchKey;
use concilium_trials::worklist::alert::{Alert, Answer, Cause, Change, Flip};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What lists show of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmSummary {
    /// In one word.
    pub label: Label,
    /// Does the arm take patients?
    pub gate: Gate,
    /// Age of the status in days where it is older than the site allows; `None` inside: its day is not known.
    pub stale_status: Option<Option<i32>>,
    /// In numbers.
    pub counts: Counts,
    /// What decides: failures first, then what is open and no routine question; at most [`DECIDING`].
    pub deciding: Vec<String>,
    /// Facts that would decide the arm.
    pub missing: BTreeSet<String>,
}

/// What a screening came to.
#[derive(Debug, Default, Serialize)]
pub struct ScreenReport {
    /// Instant the cases speak of.
    pub as_of: String,
    /// Patients in the store.
    pub patients: usize,
    /// Patients of whom something was due.
    pub due: usize,
    /// Trials held against them.
    pub trials: usize,
    /// Arms judged.
    pub judged: usize,
    /// Answers that differ from the last ones, or are new.
    pub changed: usize,
    /// Changes of matches nobody works on and that did not become possible: kept, and told to nobody.
    pub untold: usize,
    /// Matches that are new on the worklist.
    pub found: Vec<MatchKey>,
    /// Alerts that were opened or grew.
    pub alerts: Vec<Alert>,
    /// Patients whose records make no case, and why.
    pub problems: Vec<(String, String)>,
    /// Stopped before the end; who was screened stays screened, and the same command goes on.
    pub stopped: bool,
}

/// Reasons kept of one answer.
const DECIDING: usize = 4;
/// Name of the arm's own standing among the criteria.
const STATUS: &str = "status";
/// Name of the program and its rules in a set of trials.
const RULES: &str = "";

/// Screens what is due. `patients` names some; empty asks for all. `again` judges everything. `step` is told how many
/// patients are done and says whether to go on.
///
/// # Errors
/// The store's. Records that make no case are a problem of their patient, no error.
pub fn screen(
    engine: &Engine,
    store: &mut Store,
    trials: &[Trial],
    as_of: &AsOf,
    asked: &Asked,
    step: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<ScreenReport, CohortError> {
    let run = Run::new(engine, trials, as_of, asked.again);
    let mut report =
        ScreenReport { as_of: as_of.instant.clone(), trials: trials.len(), ..ScreenReport::default() };
    let mut patients = store.patients()?;
    if let Some(unknown) = asked.patients.iter().find(|id| patients.iter().all(|one| one.id != **id)) {
        return Err(concilium_store::Error::Unknown { kind: "patient", id: unknown.clone() }.into());
    }
    report.patients = patients.len();
    patients.retain(|one| asked.patients.is_empty() || asked.patients.contains(&one.id));
    store.put_trial_set(&run.set, &run.hashes)?;
    for (at, patient) in patients.iter().enumerate() {
        if !step(at, patients.len()) {
            report.stopped = true;
            break;
        }
        run.patient(store, patient, &mut report)?;
    }
    Ok(report)
}

/// Who is screened.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// These patients; empty = all.
    pub patients: Vec<String>,
    /// Everything, also what is not due.
    pub again: bool,
}

/// Everything that is the same for all patients.
struct Run<'r> {
    engine: &'r Engine,
    as_of: &'r AsOf,
    day: String,
    again: bool,
    trials: Vec<Prepared<'r>>,
    hashes: BTreeMap<String, String>,
    set: String,
}

struct Prepared<'r> {
    trial: &'r Trial,
    /// Criterion id → id with the hash of what it asks, so that a number that moved in a new version is known again.
    keys: BTreeMap<&'r str, String>,
}

impl<'r> Run<'r> {
    fn new(engine: &'r Engine, trials: &'r [Trial], as_of: &'r AsOf, again: bool) -> Run<'r> {
        let mut hashes: BTreeMap<String, String> = trials
            .iter()
            .map(|trial| {
                let asked = (&trial.status, &trial.arms, &trial.criteria, &trial.eligibility_text);
                (trial.id.clone(), sha256_text(&serde_json::to_string(&asked).unwrap_or_default()))
            })
            .collect();
        hashes.insert(RULES.into(), format!("{CODE_HASH} {}", engine.knowledge.manifest.hash));
        let set = sha256_text(&serde_json::to_string(&hashes).unwrap_or_default());
        let trials = trials.iter().map(|trial| Prepared { trial, keys: keys(trial) }).collect();
        Run { engine, as_of, day: as_of.date().to_string(), again, trials, hashes, set }
    }

    fn patient(
        &self,
        store: &mut Store,
        patient: &PatientRow,
        report: &mut ScreenReport,
    ) -> Result<(), CohortError> {
        let unchanged = patient.screened == Some(patient.revision);
        if let (true, Some(problem)) = (unchanged && !self.again, &patient.problem) {
            report.problems.push((patient.id.clone(), problem.clone()));
            return Ok(());
        }
        let before = match &patient.trials {
            Some(set) => store.trial_set(set)?,
            None => BTreeMap::new(),
        };
        let same_rules = before.get(RULES) == self.hashes.get(RULES);
        let all = self.again || !unchanged || patient.day.as_ref() != Some(&self.day) || !same_rules;
        let is_due = |one: &&Prepared<'_>| all || before.get(&one.trial.id) != self.hashes.get(&one.trial.id);
        let due: Vec<&Prepared<'_>> = self.trials.iter().filter(is_due).collect();
        if due.is_empty() {
            return Ok(());
        }
        report.due += 1;
        let case = match case_of(self.engine, store, &patient.id, self.as_of) {
            Ok(case) => case,
            Err(CohortError::Engine(error)) => {
                store.set_problem(&patient.id, patient.revision, &error.to_string())?;
                report.problems.push((patient.id.clone(), error.to_string()));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let cause = |trial: &str| match () {
            () if !unchanged && patient.screened < Some(patient.corrected) => Cause::Correction,
            () if !unchanged => Cause::PatientChanged,
            () if before.get(trial) != self.hashes.get(trial) => Cause::TrialChanged,
            () if !same_rules => Cause::RulesChanged,
            () => Cause::TimePassed,
        };
        let mut screened = Screened {
            patient: patient.id.clone(),
            revision: patient.revision,
            day: self.day.clone(),
            trials: self.set.clone(),
            about: about(&case),
            ..Screened::default()
        };
        let mut known = Known::of(store, &patient.id, self.as_of)?;
        for one in due {
            let mut judged = self.judge(one, &case, &known, &patient.id, report);
            self.compare(one, &mut judged, &mut known, &cause(&one.trial.id), &mut screened, report);
        }
        report.changed += screened.answers.len();
        let told = store.keep_screening(&screened, self.as_of)?;
        report.found.extend(told.found);
        report.alerts.extend(told.alerts);
        Ok(())
    }

    /// Answers of one trial. An arm that takes nobody has one only where it had one before.
    fn judge(
        &self,
        one: &Prepared<'_>,
        case: &Case,
        known: &Known,
        patient: &str,
        report: &mut ScreenReport,
    ) -> Vec<(MatchKey, Judged)> {
        let key = |arm: &str| MatchKey {
            patient: patient.to_owned(),
            trial: one.trial.id.clone(),
            arm: arm.to_owned(),
        };
        let verdicts = screen_arms(one.trial, case, &self.engine.knowledge);
        report.judged += verdicts.len();
        let open: BTreeSet<String> = verdicts.iter().map(|verdict| verdict.arm.clone()).collect();
        let mut judged: Vec<(MatchKey, Judged)> =
            verdicts.into_iter().map(|verdict| (key(&verdict.arm), one.answer(verdict))).collect();
        let shut = one.trial.arms.iter().filter(|arm| !open.contains(&arm.label));
        let shut = shut.map(|arm| key(&arm.label)).filter(|key| known.answers.contains_key(key));
        judged.extend(shut.map(|key| (key, one.closed())));
        judged
    }

    fn compare(
        &self,
        one: &Prepared<'_>,
        judged: &mut Vec<(MatchKey, Judged)>,
        known: &mut Known,
        cause: &Cause,
        screened: &mut Screened,
        report: &mut ScreenReport,
    ) {
        for (key, now) in judged.drain(..) {
            let before = known.answers.remove(&key);
            if now.kept.answer.is_possible() {
                screened.found.push(key.clone());
            }
            if before.as_ref() == Some(&now.kept) {
                continue;
            }
            if let Some(before) = before {
                let change = Change {
                    flips: one.flips(&key.arm, &before, &now),
                    before: Some(before.answer),
                    after: now.kept.answer,
                    cause: *cause,
                    key: key.clone(),
                };
                let moved = !change.flips.is_empty() || before.answer != now.kept.answer;
                let matters = known.listed.contains(&key)
                    || (now.kept.answer.is_possible() && !before.answer.is_possible());
                match (moved, matters) {
                    (true, true) => screened.changes.push(change),
                    (true, false) => report.untold += 1,
                    (false, _) => {}
                }
            }
            screened.answers.push((key, now.kept));
        }
        let of_trial = known.answers.keys().filter(|key| key.trial == one.trial.id).cloned();
        screened.gone.extend(of_trial);
    }
}

/// What the store holds of a patient.
struct Known {
    answers: BTreeMap<MatchKey, Kept>,
    listed: BTreeSet<MatchKey>,
}

impl Known {
    fn of(store: &Store, patient: &str, as_of: &AsOf) -> Result<Known, CohortError> {
        let wanted = Wanted { patient: Some(patient.to_owned()), ..Wanted::default() };
        let listed = store.worklist(&wanted, as_of.date())?;
        Ok(Known {
            answers: store.answers_of(patient)?.into_iter().collect(),
            listed: listed.into_iter().map(|line| line.entry.key).collect(),
        })
    }
}

struct Judged {
    kept: Kept,
    /// Criteria as judged; none where the arm takes nobody.
    criteria: Vec<CriterionVerdict>,
    status: String,
}

/// Age, sex and tumour in words.
fn about(case: &Case) -> String {
    let age = match case.age_years() {
        Some((low, high)) if low == high => format!("{low} years"),
        Some((low, high)) => format!("{low}–{high} years"),
        None => "age not known".to_owned(),
    };
    let sex = case.patient.sex.map_or("sex not known".to_owned(), |sex| format!("{sex:?}").to_lowercase());
    let tumour = case.tumour.as_ref().map_or("tumour not known", |tumour| tumour.name.as_str());
    let died = if case.patient.deceased.is_some() { ", died" } else { "" };
    format!("{age}, {sex}, {tumour}{died}")
}

fn keys(trial: &Trial) -> BTreeMap<&str, String> {
    let asked = |criterion: &concilium_criteria::eligibility::Criterion| {
        words_of(trial, &criterion.id).unwrap_or_else(|| format!("{:?}", criterion.expr))
    };
    let key = |criterion| {
        let hash = sha256_text(&asked(criterion));
        format!("{}#{}", criterion.id, hash.get(..8).unwrap_or(&hash))
    };
    trial.criteria.iter().map(|criterion| (criterion.id.as_str(), key(criterion))).collect()
}

/// A criterion's words, on one line.
pub(super) fn words_of(trial: &Trial, id: &str) -> Option<String> {
    let span = trial.criteria.iter().find(|criterion| criterion.id == id)?.span?;
    let text = trial.eligibility_text.get(span.start..span.end)?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

impl Prepared<'_> {
    fn answer(&self, verdict: ArmVerdict) -> Judged {
        let mut truths: BTreeMap<String, Truth> = verdict
            .criteria
            .iter()
            .map(|one| {
                let key = self.keys.get(one.id.as_str()).cloned().unwrap_or_else(|| one.id.clone());
                (key, one.verdict.truth)
            })
            .collect();
        truths.insert(STATUS.into(), gate_truth(verdict.gate));
        let summary = ArmSummary {
            deciding: deciding(self.trial, &verdict),
            label: verdict.label.clone(),
            gate: verdict.gate,
            stale_status: verdict.stale_status,
            counts: verdict.counts,
            missing: verdict.missing.clone(),
        };
        let body = serde_json::to_string(&summary).unwrap_or_default();
        let kept = Kept { answer: answer_of(&verdict.label), rank: rank(&verdict), truths, body };
        Judged { kept, criteria: verdict.criteria, status: self.status() }
    }

    /// An arm that takes nobody.
    fn closed(&self) -> Judged {
        let summary = ArmSummary {
            label: Label::Closed,
            gate: Gate::Closed,
            stale_status: None,
            counts: Counts::default(),
            deciding: vec![self.status()],
            missing: BTreeSet::new(),
        };
        let body = serde_json::to_string(&summary).unwrap_or_default();
        let truths = [(STATUS.to_owned(), Truth::False)].into();
        Judged {
            kept: Kept { answer: Answer::Blocked, rank: i64::MAX, truths, body },
            criteria: vec![],
            status: self.status(),
        }
    }

    fn status(&self) -> String {
        let standing = &self.trial.status;
        let day = standing.as_of.as_ref().map_or("no day".to_owned(), ToString::to_string);
        format!("status {:?} ({day})", standing.status)
    }

    /// Criteria whose truth differs. An arm that was closed, or is, differs by its status alone.
    fn flips(&self, arm: &str, before: &Kept, now: &Judged) -> Vec<Flip> {
        let flip = |criterion: &str, from, to, why: String| Flip {
            arm: arm.to_owned(),
            criterion: criterion.to_owned(),
            from,
            to,
            why,
        };
        let mut flips = vec![];
        let status = |truths: &BTreeMap<String, Truth>| truths.get(STATUS).copied().unwrap_or(Truth::Open);
        let (was, is) = (status(&before.truths), status(&now.kept.truths));
        if was != is {
            flips.push(flip(STATUS, was, is, now.status.clone()));
        }
        if before.truths.len() < 2 || now.criteria.is_empty() {
            return flips;
        }
        for one in &now.criteria {
            let key = self.keys.get(one.id.as_str()).map_or(one.id.as_str(), String::as_str);
            let (from, remark) = match truth_before(&before.truths, key) {
                Some(truth) => (truth, ""),
                None => (Truth::True, "not asked so before; "),
            };
            if from != one.verdict.truth {
                let why = format!("{remark}{}", why(self.trial, one));
                flips.push(flip(&one.id, from, one.verdict.truth, why));
            }
        }
        let asked: BTreeSet<&str> = self.keys.values().map(|key| hash_of(key)).collect();
        let gone = before.truths.iter().filter(|(key, truth)| {
            key.as_str() != STATUS && **truth != Truth::True && !asked.contains(hash_of(key))
        });
        flips.extend(gone.map(|(key, truth)| {
            let id = key.split('#').next().unwrap_or(key);
            flip(id, *truth, Truth::True, "no longer asked so".to_owned())
        }));
        flips
    }
}

/// By id and words, else by its words alone: a new version may number anew.
fn truth_before(before: &BTreeMap<String, Truth>, key: &str) -> Option<Truth> {
    let same_words = || before.iter().find(|(other, _)| hash_of(other) == hash_of(key));
    before.get(key).copied().or_else(|| same_words().map(|(_, truth)| *truth))
}

fn hash_of(key: &str) -> &str {
    key.split_once('#').map_or(key, |(_, hash)| hash)
}

/// The trial's words and what decides here.
fn why(trial: &Trial, verdict: &CriterionVerdict) -> String {
    let words = words_of(trial, &verdict.id).map_or(String::new(), |words| format!("“{}” – ", short(&words)));
    let leaves: Vec<&str> = verdict.verdict.leaves.iter().map(|leaf| leaf.what.as_str()).collect();
    format!("{words}{}: {}", verdict.shown, leaves.join("; "))
}

fn short(words: &str) -> String {
    let mut short: String = words.chars().take(160).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}

/// Failures first, then what is open and no routine question.
fn deciding(trial: &Trial, verdict: &ArmVerdict) -> Vec<String> {
    let order = |one: &&CriterionVerdict| match one.shown {
        Shown::NotMet { until: None } => Some(0),
        Shown::Conflicting => Some(1),
        Shown::NotMet { .. } => Some(2),
        Shown::NotTested(_) => Some(3),
        Shown::NotComputable => Some(4),
        Shown::Met | Shown::NotApplicable | Shown::NeedsJudgement | Shown::NotRecorded => None,
    };
    let mut found: Vec<&CriterionVerdict> =
        verdict.criteria.iter().filter(|one| order(one).is_some()).collect();
    found.sort_by_key(order);
    let fails = verdict.criteria.iter().any(|one| one.verdict.truth == Truth::False);
    let kept = found.into_iter().filter(|one| !fails || one.verdict.truth == Truth::False);
    let line = |one: &CriterionVerdict| {
        // What no rule read is for a person to read.
        if let (Shown::NotComputable, Some(words)) = (&one.shown, words_of(trial, &one.id)) {
            return short(&format!("{} {}: “{words}”", one.id, one.shown));
        }
        let leaves: Vec<&str> = one.verdict.leaves.iter().map(|leaf| leaf.what.as_str()).collect();
        short(&format!("{} {}: {}", one.id, one.shown, leaves.join("; ")))
    };
    kept.take(DECIDING).map(line).collect()
}

pub(super) fn answer_of(label: &Label) -> Answer {
    match label {
        Label::NoKnownConflict => Answer::NoKnownConflict,
        Label::Likely => Answer::Likely,
        Label::OpenQuestions => Answer::Open,
        Label::BlockedUntil { .. } | Label::BlockedForNow | Label::BlockedPermanently | Label::Closed => {
            Answer::Blocked
        }
    }
}

fn gate_truth(gate: Gate) -> Truth {
    match gate {
        Gate::Open => Truth::True,
        Gate::Unconfirmed => Truth::Open,
        Gate::NotYet | Gate::Full | Gate::Closed => Truth::False,
    }
}

/// The order of a coordinator's list as one number: label, conflicts, open questions, what is met, gate, routine.
fn rank(verdict: &ArmVerdict) -> i64 {
    let label = match verdict.label {
        Label::NoKnownConflict => 0,
        Label::Likely => 1,
        Label::OpenQuestions => 2,
        Label::BlockedUntil { .. } => 3,
        Label::BlockedForNow => 4,
        Label::BlockedPermanently => 5,
        Label::Closed => 6,
    };
    let counts = &verdict.counts;
    let open = counts.conflicting + counts.not_tested + counts.not_computable;
    let places = [counts.conflicting, open, 999 - counts.met.min(999), verdict.gate as usize, counts.routine];
    let small = |count: usize| i64::try_from(count.min(999)).unwrap_or(999);
    places.into_iter().fold(label, |rank, place| rank * 1000 + small(place))
}
