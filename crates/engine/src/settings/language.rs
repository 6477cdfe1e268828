//! Which language model words a plan?

use super::SettingsError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A server with a language model. Off until `server` and `model` are named. What is sent to it: tumour, line and
/// alterations, and the records an option rests on, safety findings with values and days among them; no name, no
/// identifier. Its key never stands here: it comes from the file below, or from the environment variable
/// `CONCILIUM_LANGUAGE_API_KEY`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LanguageSettings {
    /// `http://127.0.0.1:8080/v1`: a server that speaks the OpenAI chat interface.
    pub server: String,
    /// The model's name at that server.
    pub model: String,
    /// The server may be another machine's than this one.
    pub beyond_this_machine: bool,
    /// File whose first line is the key; empty: the environment variable, or no key.
    pub api_key_file: PathBuf,
    /// Longest silence of the server, in milliseconds.
    pub silence_ms: u64,
    /// Longest time for the words of one option, in milliseconds, repetitions included.
    pub answer_ms: u64,
}

impl Default for LanguageSettings {
    fn default() -> LanguageSettings {
        LanguageSettings {
            server: String::new(),
            model: String::new(),
            beyond_this_machine: false,
            api_key_file: PathBuf::new(),
            silence_ms: 60_000,
            answer_ms: 300_000,
        }
    }
}

impl LanguageSettings {
    /// Refuses what makes no sense.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        for (key, limit) in [("silence-ms", self.silence_ms), ("answer-ms", self.answer_ms)] {
            if !(50..=3_600_000).contains(&limit) {
                let what = "must lie between 50 and 3600000".to_owned();
                return Err(SettingsError::Value { key: format!("language.{key}"), what });
            }
        }
        Ok(())
    }

    /// Sets the value an environment variable names. `false` when there is none.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        super::set_nested(self, name, value)
    }
}
