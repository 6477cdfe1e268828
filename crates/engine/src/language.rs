//! Which language model does a site ask for, and what does it say of a plan?
//!
//! The words are an artefact beside the plan (`wording.json`) and change nothing in it. A model's replies are kept in it:
//! [`again`] judges them anew without asking anybody (`replayable`, `grounded`).

use crate::run::{Engine, EngineError};
use crate::settings::LanguageSettings;
use crate::store::{json, write};
use concilium_models::{ChatModel, Stop};
use concilium_models_http::{BadAddress, Options, Reach, ServerModel};
use concilium_recommend::Plan;
pub use concilium_wording::{Progress, Wording};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why the model the settings name cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum LanguageError {
    /// One of two settings that belong together is empty.
    #[error("the setting language.{0} is empty: name the server and its model")]
    Half(&'static str),
    /// The address is not asked.
    #[error("the setting language.server: {0}")]
    Address(#[from] BadAddress),
    /// The key cannot be read.
    #[error("the setting language.api-key-file: cannot read {}", file.display())]
    Key {
        /// File.
        file: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
}

/// The model the settings name; `None` where they name none. Nothing is asked yet.
///
/// # Errors
/// It cannot be asked.
pub fn model(settings: &LanguageSettings) -> Result<Option<Box<dyn ChatModel>>, LanguageError> {
    match (settings.server.is_empty(), settings.model.is_empty()) {
        (true, true) => return Ok(None),
        (true, false) => return Err(LanguageError::Half("server")),
        (false, true) => return Err(LanguageError::Half("model")),
        (false, false) => {}
    }
    let reach = if settings.beyond_this_machine { Reach::Anywhere } else { Reach::ThisMachine };
    let options = Options {
        key: key(&settings.api_key_file)?,
        reach,
        silence: Duration::from_millis(settings.silence_ms),
        whole: Duration::from_millis(settings.answer_ms),
        ..Options::local(&settings.server, &settings.model)
    };
    Ok(Some(Box::new(ServerModel::new(options)?)))
}

fn key(file: &Path) -> Result<Option<String>, LanguageError> {
    let given = match file.as_os_str().is_empty() {
        true => std::env::var("CONCILIUM_LANGUAGE_API_KEY").unwrap_or_default(),
        false => std::fs::read_to_string(file)
            .map_err(|source| LanguageError::Key { file: file.to_owned(), source })?,
    };
    let first = given.lines().next().unwrap_or("").trim();
    Ok((!first.is_empty()).then(|| first.to_owned()))
}

impl Engine {
    /// The words of a plan: a model's, held against the records; without a model the records' own sentences.
    pub fn word(
        &self,
        plan: &Plan,
        model: Option<&dyn ChatModel>,
        progress: Progress,
        stop: Stop,
    ) -> Wording {
        match model {
            Some(model) => concilium_wording::word(plan, self.lexicon(), model, progress, stop),
            None => concilium_wording::templated(plan),
        }
    }

    /// The words again from the replies that were kept.
    pub fn again(&self, plan: &Plan, kept: &Wording) -> Wording {
        concilium_wording::replayed(plan, self.lexicon(), kept)
    }
}

/// Writes the words of a plan as page, text and JSON; gives the files.
///
/// # Errors
/// A file cannot be written.
pub fn write_words(plan: &Plan, wording: &Wording, folder: &Path) -> Result<Vec<PathBuf>, EngineError> {
    let pages = [
        ("wording.json", json(wording)),
        ("wording.md", concilium_report::wording::markdown(plan, wording)),
        ("wording.html", concilium_report::wording::html(plan, wording)),
    ];
    pages.iter().map(|(name, text)| write(&folder.join(name), text.as_bytes())).collect()
}
