//! Which trials does the site hold, and what do they ask? Thin over [`concilium_trials`].

use crate::corpus::{CorpusError, inputs};
use concilium_case::Case;
use concilium_knowledge::Knowledge;
pub use concilium_trials::Counts as ArmCounts;
pub use concilium_trials::model::Trial;
pub use concilium_trials::read::{Refusal, read_bytes};
pub use concilium_trials::store::{Counts, Outcome, Part, StoreError, Trials};
use concilium_trials::survey;
pub use concilium_trials::survey::{Chosen, Statistics};
pub use concilium_trials::text::Reader;
pub use concilium_trials::{ArmVerdict, Gate, Label, Step};
use concilium_trials::{OpenArm, Settings, is_closed, judge_arm, judge_trial, next_best_facts};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What an import came to.
#[derive(Debug, Serialize)]
pub struct ImportReport {
    /// Trials that count now.
    pub trials: usize,
    /// Their criteria.
    pub criteria: Counts,
    /// Each file with what it gave.
    pub files: Vec<FileReport>,
}

/// One file of an import.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum FileReport {
    /// Read, now or before.
    Read(Outcome),
    /// Refused as a whole.
    Refused {
        /// File.
        input: PathBuf,
        /// Why, and what to do.
        why: String,
    },
}

/// One line of a list of trials.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Registry id or protocol number.
    pub id: String,
    /// Title.
    pub title: String,
    /// Status with its day.
    pub status: concilium_trials::Standing,
    /// Arms, of them closed.
    pub arms: usize,
    /// Arms closed by their own statement.
    pub closed_arms: usize,
    /// How much of its criteria is logic.
    pub criteria: Counts,
}

/// Files to import, folders searched.
///
/// # Errors
/// A path that does not exist or cannot be read.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CorpusError> {
    inputs(paths)
}

/// Imports files one after another; one that is refused does not keep the others out.
///
/// # Errors
/// The folder of trials cannot be used.
pub fn import(
    folder: &Path,
    files: &[PathBuf],
    knowledge: &Knowledge,
    time: &str,
) -> Result<ImportReport, StoreError> {
    let reader = Reader::new(knowledge);
    let mut trials = Trials::open(folder)?;
    let mut reports = vec![];
    for file in files {
        reports.push(match trials.import(file, &reader, time) {
            Ok(outcome) => FileReport::Read(outcome),
            Err(StoreError::Input(error)) => {
                FileReport::Refused { input: file.clone(), why: error.to_string() }
            }
            Err(error) => return Err(error),
        });
    }
    let all = trials.all()?;
    let criteria = all.iter().map(Counts::of).fold(Counts::default(), Counts::plus);
    Ok(ImportReport { trials: all.len(), criteria, files: reports })
}

/// Reads the stored texts again with the rules and names of now; `None` when nothing changed.
///
/// # Errors
/// The folder of trials cannot be used.
pub fn update(folder: &Path, knowledge: &Knowledge, time: &str) -> Result<Option<Part>, StoreError> {
    Trials::open(folder)?.update(&Reader::new(knowledge), time)
}

/// Every trial, by id.
///
/// # Errors
/// The folder of trials cannot be used.
pub fn list(folder: &Path) -> Result<Vec<Row>, StoreError> {
    let row = |trial: Trial| Row {
        criteria: Counts::of(&trial),
        arms: trial.arms.len(),
        closed_arms: trial
            .arms
            .iter()
            .filter(|arm| arm.status == concilium_trials::ArmStatus::Closed)
            .count(),
        id: trial.id,
        title: trial.title,
        status: trial.status,
    };
    Ok(Trials::open(folder)?.all()?.into_iter().map(row).collect())
}

/// One trial.
///
/// # Errors
/// The folder of trials cannot be used.
pub fn show(folder: &Path, id: &str) -> Result<Option<Trial>, StoreError> {
    Trials::open(folder)?.get(id)
}

/// Facts to find out that are named at most.
const FACTS_NAMED: usize = 8;

/// One patient held against trials.
#[derive(Debug, Serialize)]
pub struct Screening {
    /// Instant the case speaks of.
    pub as_of: String,
    /// Trials looked at.
    pub trials: usize,
    /// Every arm of them, likely ones first.
    pub arms: Vec<ArmVerdict>,
    /// The few facts that would decide the most arms.
    pub next_best_facts: Vec<Step>,
}

/// Judges every arm of these trials for one patient, one after another, by the reference evaluator. `step` is told how
/// many trials are done and says whether to go on; what was judged until then is given back.
pub fn screen(
    trials: &[Trial],
    case: &Case,
    knowledge: &Knowledge,
    step: &mut dyn FnMut(usize) -> bool,
) -> Screening {
    let settings = Settings::default();
    let mut arms: Vec<ArmVerdict> = vec![];
    let mut done = 0;
    for trial in trials {
        arms.extend(judge_trial(trial, case, knowledge, &settings));
        done += 1;
        if !step(done) {
            break;
        }
    }
    arms.sort_by(|a, b| a.order().cmp(&b.order()));
    let next_best_facts = next_best_facts(&OpenArm::of(&arms), FACTS_NAMED);
    Screening { as_of: case.as_of.instant.clone(), trials: done, arms, next_best_facts }
}

/// Judges the arms of a trial that take patients. The one place where a cohort's answers are made.
pub fn screen_arms(trial: &Trial, case: &Case, knowledge: &Knowledge) -> Vec<ArmVerdict> {
    let settings = Settings::default();
    let open = trial.arms.iter().filter(|arm| !is_closed(trial, arm));
    open.map(|arm| judge_arm(trial, arm, case, knowledge, &settings)).collect()
}

/// Reads files without storing anything and counts over those that are chosen.
///
/// # Errors
/// A file cannot be read.
pub fn statistics(
    files: &[PathBuf],
    knowledge: &Knowledge,
    chosen: &Chosen,
) -> Result<Statistics, StoreError> {
    let (trials, refused) = survey::trials(files, &Reader::new(knowledge))?;
    Ok(Statistics::of(&chosen.of(trials), refused))
}
