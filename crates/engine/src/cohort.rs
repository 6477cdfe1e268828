//! How does a site's cohort meet its trials, and what does a coordinator do about it?
//!
//! Two homes, each the truth for its own: the folder of trials for texts and criteria ([`crate::trials`]), the store
//! for patients with their records, what was answered last, worklist and alerts. A case is read from the records anew
//! each time, so that a record that comes later, a correction and a new day are one thing.

mod export;
mod import;
mod screen;
mod show;

pub use export::{csv, fhir};
pub use import::{ImportReport, Refused, SourceReport, import};
pub(crate) use screen::rank;
pub use screen::{ArmSummary, Asked, ScreenReport, screen};
pub use show::{
    Line, MatchRow, PatientLine, alerts, explain, match_of, matches_of, matches_on, patients, report,
    worklist,
};

use crate::input::InputFile;
use crate::run::{Engine, EngineError};
use concilium_case::Case;
pub use concilium_store::{DoNotContact, Error as StoreError, Put, Store, Wanted};
use concilium_terms::AsOf;
pub use concilium_trials::worklist::alert::{Alert, Answer, Cause, Flip};
pub use concilium_trials::worklist::report::Conversion;
pub use concilium_trials::worklist::{
    Command, Entry, Event, MatchKey, NextAction, OutReason, REASONS, ReasonCode, STATES, State,
};

/// Why a job on the cohort was not done.
#[derive(Debug, thiserror::Error)]
pub enum CohortError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of trials.
    #[error(transparent)]
    Trials(#[from] concilium_trials::store::StoreError),
    /// Records.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A path that cannot be read.
    #[error(transparent)]
    Input(#[from] crate::input::InputError),
    /// The list cannot be said in FHIR.
    #[error("cannot write the list as FHIR")]
    Fhir(#[from] concilium_fhir_write::Error),
    /// No trial is stored.
    #[error("no trial is stored; see `concilium trials import --help`")]
    NoTrials,
    /// A trial that is not stored.
    #[error("no trial `{0}` is stored; `concilium trials list` names them")]
    NoTrial(String),
}

/// Before the name of a record that is a whole file.
const FILE: &str = "file:";
/// Lines of an export are read together, so that they find one another: the name they then bear.
const LINES: &str = "records.ndjson";

/// Opens the store of the settings; made where there is none.
///
/// # Errors
/// The file cannot be used.
pub fn open(engine: &Engine) -> Result<Store, CohortError> {
    let path = &engine.settings.cohort;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        crate::store::private_folder(folder)
            .map_err(|source| StoreError::File { path: path.clone(), source })?;
    }
    Ok(Store::open(path)?)
}

/// The case of a patient, read from all records kept.
///
/// # Errors
/// The records make no case, or the store's.
pub fn case_of(engine: &Engine, store: &Store, patient: &str, as_of: &AsOf) -> Result<Case, CohortError> {
    let files = files_of(store.records_of(patient)?);
    Ok(engine.case(&files, as_of.clone())?)
}

/// Whole files as they came; lines of exports as one file.
fn files_of(records: Vec<(String, Vec<u8>)>) -> Vec<InputFile> {
    let mut files = vec![];
    let mut lines = vec![];
    for (name, bytes) in records {
        match name.strip_prefix(FILE) {
            Some(name) => files.push(InputFile { name: name.to_owned(), bytes }),
            None => {
                lines.extend(bytes);
                lines.push(b'\n');
            }
        }
    }
    if !lines.is_empty() {
        files.push(InputFile { name: LINES.to_owned(), bytes: lines });
    }
    files
}
