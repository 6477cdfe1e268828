//! Which answers are due, what are they now, and who should be told?
//!
//! Due is a patient whose records changed, a trial whose words, arms or status changed, and everything on a new day or
//! under other rules; the rest keeps its answer and is counted. Answers come from the compiled form; words only where
//! somebody will read them, from the reference. Arms that take nobody have no answer unless they had one. A change is
//! told where somebody works on the match, or where the match became possible.

use super::{CohortError, case_of};
use crate::input::sha256_text;
use crate::run::{CODE_HASH, Engine};
use crate::trials::{Gate, Label, Trial};
use concilium_case::Case;
use concilium_criteria::eligibility::{CriterionVerdict, Shown};
use concilium_store::{Kept, PatientRow, Screened, Store, Wanted};
use concilium_terms::{AsOf, Truth};
use concilium_trials::worklist::MatchKey;
use concilium_trials::worklist::alert::{Alert, Answer, Cause, Change, Flip};
use concilium_trials::{ArmId, ArmVerdict, Compiled, Counts, DecidedBy, Decision, Settings, stale};
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
    /// What decides: failures first, then what is open and no routine question; at most [`DECIDING`]. Empty where
    /// nobody works on the match and it is not possible: those words are made when they are read.
    pub deciding: Vec<String>,
    /// Facts that would decide the arm; likewise.
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
/// Stands among the criteria where not every one was looked at.
const PARTLY: &str = "~";
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
    compiled: Compiled<'r>,
    trials: Vec<Prepared<'r>>,
    hashes: BTreeMap<String, String>,
    set: String,
}

struct Prepared<'r> {
    trial: &'r Trial,
    arms: Vec<ArmId>,
    /// Of each criterion in order: its id with the hash of what it asks, so that a number that moved in a new version is
    /// known again.
    keys: Vec<String>,
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
        let compiled = Compiled::new(trials.to_vec(), &engine.knowledge, Settings::default());
        let prepared =
            |trial: &'r Trial| Prepared { trial, arms: compiled.arms_of(&trial.id), keys: keys(trial) };
        let trials = trials.iter().map(prepared).collect();
        Run { engine, as_of, day: as_of.date().to_string(), again, compiled, trials, hashes, set }
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
        let arms: Vec<ArmId> = due.iter().flat_map(|one| one.arms.iter().copied()).collect();
        let answers = self.compiled.answers(&case, (!all).then_some(&arms));
        let mut answers: BTreeMap<ArmId, (Decision, Vec<Truth>)> =
            answers.into_iter().map(|(arm, decision, truths)| (arm, (decision, truths))).collect();
        let mut of_patient = OfPatient {
            run: self,
            case: &case,
            known: Known::of(store, &patient.id, self.as_of)?,
            screened: Screened {
                patient: patient.id.clone(),
                revision: patient.revision,
                day: self.day.clone(),
                trials: self.set.clone(),
                about: about(&case),
                ..Screened::default()
            },
            report,
        };
        for one in due {
            let cause = cause(&one.trial.id);
            for arm in &one.arms {
                if let Some((decision, truths)) = answers.remove(arm) {
                    of_patient.compare(one, *arm, &decision, &truths, cause);
                }
            }
            of_patient.forget(one);
        }
        let screened = of_patient.screened;
        report.changed += screened.answers.len();
        let told = store.keep_screening(&screened, self.as_of)?;
        report.found.extend(told.found);
        report.alerts.extend(told.alerts);
        Ok(())
    }
}

/// One patient while the answers are held against those of the last time.
struct OfPatient<'p> {
    run: &'p Run<'p>,
    case: &'p Case,
    known: Known,
    screened: Screened,
    report: &'p mut ScreenReport,
}

impl OfPatient<'_> {
    fn compare(
        &mut self,
        one: &Prepared<'_>,
        arm: ArmId,
        decision: &Decision,
        truths: &[Truth],
        cause: Cause,
    ) {
        let Some((_, of)) = self.run.compiled.arm(arm) else { return };
        let patient = self.screened.patient.clone();
        let key = MatchKey { patient, trial: one.trial.id.clone(), arm: of.label.clone() };
        let before = self.known.answers.remove(&key);
        if decision.gate == Gate::Closed && before.is_none() {
            return;
        }
        self.report.judged += usize::from(decision.gate != Gate::Closed);
        let listed = self.known.listed.contains(&key);
        let answer = answer_of(&decision.label);
        let worth = answer.is_possible() || listed;
        let words = match worth && decision.gate != Gate::Closed {
            true => self.run.compiled.explain(self.case, arm),
            false => None,
        };
        let truths = one.truths(decision, truths);
        let kept = Kept {
            answer,
            rank: rank(decision),
            truths,
            body: summary(one.trial, self.case, decision, words.as_ref()),
        };
        if answer.is_possible() {
            self.screened.found.push(key.clone());
        }
        let Some(before) = before else {
            self.screened.answers.push((key, kept));
            return;
        };
        if before == kept {
            return;
        }
        let flips = one.flips(&before.truths, &kept.truths);
        if !flips.is_empty() || before.answer != kept.answer {
            if listed || (answer.is_possible() && !before.answer.is_possible()) {
                let flip = |(id, from, to, remark): Flipped| Flip {
                    why: one.why(words.as_ref(), &id, remark),
                    arm: key.arm.clone(),
                    criterion: id,
                    from,
                    to,
                };
                self.screened.changes.push(Change {
                    flips: flips.into_iter().map(flip).collect(),
                    before: Some(before.answer),
                    after: answer,
                    cause,
                    key: key.clone(),
                });
            } else {
                self.report.untold += 1;
            }
        }
        self.screened.answers.push((key, kept));
    }

    /// Answers on arms the trial has no more.
    fn forget(&mut self, one: &Prepared<'_>) {
        let of_trial = self.known.answers.keys().filter(|key| key.trial == one.trial.id).cloned();
        self.screened.gone.extend(of_trial);
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

fn keys(trial: &Trial) -> Vec<String> {
    let asked = |criterion: &concilium_criteria::eligibility::Criterion| {
        words_of(trial, &criterion.id).unwrap_or_else(|| format!("{:?}", criterion.expr))
    };
    let key = |criterion| {
        let hash = sha256_text(&asked(criterion));
        format!("{}#{}", criterion.id, hash.get(..8).unwrap_or(&hash))
    };
    trial.criteria.iter().map(key).collect()
}

/// A criterion's words, on one line.
pub(super) fn words_of(trial: &Trial, id: &str) -> Option<String> {
    let span = trial.criteria.iter().find(|criterion| criterion.id == id)?.span?;
    let text = trial.eligibility_text.get(span.start..span.end)?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Criterion, truth before, truth now, a remark.
type Flipped = (String, Truth, Truth, &'static str);

impl Prepared<'_> {
    /// Truth by criterion. Where one criterion settled the arm for good, its own alone, and [`PARTLY`].
    fn truths(&self, decision: &Decision, truths: &[Truth]) -> BTreeMap<String, Truth> {
        let mut found: BTreeMap<String, Truth> =
            self.keys.iter().cloned().zip(truths.iter().copied()).collect();
        found.insert(STATUS.into(), gate_truth(decision.gate));
        if let DecidedBy::Criterion(at) = decision.by
            && let Some(key) = usize::try_from(at).ok().and_then(|at| self.keys.get(at))
        {
            found.insert(key.clone(), Truth::False);
        }
        if decision.by != DecidedBy::All {
            found.insert(PARTLY.into(), Truth::Open);
        }
        found
    }

    /// Criteria whose truth differs. Where not every criterion was looked at, before or now, those that both times were.
    fn flips(&self, before: &BTreeMap<String, Truth>, now: &BTreeMap<String, Truth>) -> Vec<Flipped> {
        let mut flips: Vec<Flipped> = vec![];
        let partly = before.contains_key(PARTLY) || now.contains_key(PARTLY);
        for (key, to) in now.iter().filter(|(key, _)| key.as_str() != PARTLY) {
            let (from, remark) = match truth_before(before, key) {
                Some(truth) => (truth, ""),
                None if partly => continue,
                None => (Truth::True, "not asked so before; "),
            };
            if from != *to {
                flips.push((id_of(key).to_owned(), from, *to, remark));
            }
        }
        let asked: BTreeSet<&str> = self.keys.iter().map(|key| hash_of(key)).collect();
        let gone = before.iter().filter(|(key, truth)| {
            let of_arm = [STATUS, PARTLY].contains(&key.as_str());
            !partly && !of_arm && **truth != Truth::True && !asked.contains(hash_of(key))
        });
        flips.extend(
            gone.map(|(key, truth)| (id_of(key).to_owned(), *truth, Truth::True, "no longer asked so")),
        );
        flips
    }

    /// The trial's words and what decides here; of the arm's own standing, the status.
    fn why(&self, verdict: Option<&ArmVerdict>, id: &str, remark: &str) -> String {
        if id == STATUS {
            let standing = &self.trial.status;
            let day = standing.as_of.as_ref().map_or("no day".to_owned(), ToString::to_string);
            return format!("status {:?} ({day})", standing.status);
        }
        let found = verdict.and_then(|verdict| verdict.criteria.iter().find(|one| one.id == id));
        let said = found.map_or(String::new(), |one| why(self.trial, one));
        format!("{remark}{said}")
    }
}

fn id_of(key: &str) -> &str {
    key.split('#').next().unwrap_or(key)
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
pub(super) fn deciding(trial: &Trial, verdict: &ArmVerdict) -> Vec<String> {
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

/// What lists show, as JSON.
fn summary(trial: &Trial, case: &Case, decision: &Decision, words: Option<&ArmVerdict>) -> String {
    let summary = ArmSummary {
        label: decision.label.clone(),
        gate: decision.gate,
        stale_status: stale(trial, case, Settings::default().status_days),
        counts: decision.counts.as_deref().copied().unwrap_or_default(),
        deciding: words.map(|words| deciding(trial, words)).unwrap_or_default(),
        missing: words.map(|words| words.missing.clone()).unwrap_or_default(),
    };
    serde_json::to_string(&summary).unwrap_or_default()
}

/// The order of a coordinator's list as one number: label, conflicts, open questions, what is met, gate, routine.
pub(crate) fn rank(decision: &Decision) -> i64 {
    let label = match decision.label {
        Label::NoKnownConflict => 0,
        Label::Likely => 1,
        Label::OpenQuestions => 2,
        Label::BlockedUntil { .. } => 3,
        Label::BlockedForNow => 4,
        Label::BlockedPermanently => 5,
        Label::Closed => 6,
    };
    let counts = decision.counts.as_deref().copied().unwrap_or_default();
    let open = counts.conflicting + counts.not_tested + counts.not_computable;
    let places =
        [counts.conflicting, open, 999 - counts.met.min(999), decision.gate as usize, counts.routine];
    let small = |count: usize| i64::try_from(count.min(999)).unwrap_or(999);
    places.into_iter().fold(label, |rank, place| rank * 1000 + small(place))
}
