//! Which settings are in force, and where did each come from?
//!
//! One documented struct. Layers, later ones win: defaults, `concilium.toml` (or `--config FILE`), environment
//! `CONCILIUM_<KEY>`, flags. Unknown keys are refused.

mod language;
mod retrieval;

pub use language::LanguageSettings;
pub use retrieval::{FusionMethod, RetrievalSettings, ServerSettings};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// All settings. `concilium doctor` prints them with their origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Settings {
    /// Folder of a knowledge release; empty = the pack in the binary.
    pub knowledge: PathBuf,
    /// Folders of further knowledge layers (licensed sources, a site's own statements), kept apart by name.
    pub layers: Vec<PathBuf>,
    /// Where `demo` writes when it is not told.
    pub out: PathBuf,
    /// Where runs are kept for replay.
    pub runs: PathBuf,
    /// Folder of the corpora of texts.
    pub corpora: PathBuf,
    /// Folder of the trials, as `concilium trials import` fills it.
    pub trials: PathBuf,
    /// File of the cohort: patients with their records, answers, worklist, alerts.
    pub cohort: PathBuf,
    /// Folder of model weights, one folder a model; `concilium models` fills and checks it.
    pub models: PathBuf,
    /// Largest input file, bytes after decompression; all files of one run together may be eight times as large.
    pub max_input_bytes: usize,
    /// Address `serve` listens on; loopback by default.
    pub bind: String,
    /// Largest request body of `serve`, bytes.
    pub max_body_bytes: usize,
    /// Use findings in images that stand among the records; `false` sets them aside and leaves all else as it is.
    pub imaging: bool,
    /// Models and vectors for finding passages; off until a model is named.
    pub retrieval: RetrievalSettings,
    /// A language model that words plans; off until a server is named.
    pub language: LanguageSettings,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            knowledge: PathBuf::new(),
            layers: vec![],
            out: PathBuf::from("out"),
            runs: PathBuf::from("runs"),
            corpora: PathBuf::from("corpora"),
            trials: PathBuf::from("trials"),
            cohort: PathBuf::from("cohort/cohort.sqlite"),
            models: PathBuf::from("models"),
            max_input_bytes: 64_000_000,
            bind: "127.0.0.1:8480".into(),
            max_body_bytes: 32_000_000,
            imaging: true,
            retrieval: RetrievalSettings::default(),
            language: LanguageSettings::default(),
        }
    }
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read settings file {}", file.display())]
    Read {
        /// File.
        file: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// The file is not what it should be; the message names line and key.
    #[error("settings file {}: {what}", file.display())]
    Parse {
        /// File.
        file: PathBuf,
        /// What is wrong, with line and column.
        what: String,
    },
    /// A value makes no sense.
    #[error("setting {key} {what}")]
    Value {
        /// Key.
        key: String,
        /// What is wrong.
        what: String,
    },
    /// An environment variable names no setting or holds no valid value.
    #[error("environment variable {name}: {what}")]
    Environment {
        /// Variable.
        name: String,
        /// What is wrong.
        what: String,
    },
}

const PREFIX: &str = "CONCILIUM_";

impl Settings {
    /// Defaults, then the file, then the environment pairs given.
    ///
    /// # Errors
    /// Unreadable or malformed file, unknown key, unknown `CONCILIUM_` variable.
    pub fn layered(
        file: Option<&Path>,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Settings, SettingsError> {
        let mut settings = match file {
            Some(file) => Settings::from_file(file)?,
            None => Settings::default(),
        };
        let ours = |(name, value): (OsString, OsString)| {
            let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
            Some((name, value))
        };
        let mut pairs: Vec<(String, OsString)> = environment.filter_map(ours).collect();
        pairs.sort();
        for (name, value) in pairs {
            let Some(value) = value.to_str() else {
                return Err(SettingsError::Environment { name, what: "is not UTF-8".into() });
            };
            settings.set_from_environment(&name, value)?;
        }
        settings.retrieval.check()?;
        settings.language.check()?;
        Ok(settings)
    }

    fn from_file(file: &Path) -> Result<Settings, SettingsError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| SettingsError::Read { file: file.to_owned(), source })?;
        Settings::parse(&text, file)
    }

    /// Reads the text of a settings file. What is wrong is named by line and column; the line itself is not repeated,
    /// for somebody may have handed in a record by mistake (`no-phi-out`).
    ///
    /// # Errors
    /// No TOML, an unknown key, a value of the wrong type.
    pub fn parse(text: &str, file: &Path) -> Result<Settings, SettingsError> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let before = text.get(..at).unwrap_or("");
            let (line, column) =
                (1 + before.matches('\n').count(), 1 + before.rsplit('\n').next().map_or(0, str::len));
            let message: String = error.message().lines().next().unwrap_or("").chars().take(300).collect();
            let what = format!("line {line}, column {column}: {message}; see `concilium schema settings`");
            SettingsError::Parse { file: file.to_owned(), what }
        })
    }

    fn set_from_environment(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        let wrong = |what: &str| SettingsError::Environment { name: name.into(), what: what.into() };
        let number = || value.parse().map_err(|_| wrong("is not a number of bytes"));
        match name.strip_prefix(PREFIX).unwrap_or(name) {
            "KNOWLEDGE" => self.knowledge = value.into(),
            "LAYERS" => self.layers = std::env::split_paths(value).collect(),
            "OUT" => self.out = value.into(),
            "RUNS" => self.runs = value.into(),
            "CORPORA" => self.corpora = value.into(),
            "TRIALS" => self.trials = value.into(),
            "COHORT" => self.cohort = value.into(),
            "MODELS" => self.models = value.into(),
            "MAX_INPUT_BYTES" => self.max_input_bytes = number()?,
            "BIND" => self.bind = value.into(),
            "MAX_BODY_BYTES" => self.max_body_bytes = number()?,
            "IMAGING" => self.imaging = value.parse().map_err(|_| wrong("is neither true nor false"))?,
            // Read by the program itself before settings exist; read where the server is asked, and kept nowhere.
            "CONFIG" | "QDRANT_API_KEY" | "LANGUAGE_API_KEY" => {}
            other => {
                let nested = match (other.strip_prefix("RETRIEVAL_"), other.strip_prefix("LANGUAGE_")) {
                    (Some(name), _) => self.retrieval.set(name, value),
                    (_, Some(name)) => self.language.set(name, value),
                    _ => Ok(false),
                };
                match nested {
                    Ok(true) => {}
                    Ok(false) => return Err(wrong("names no setting; see `concilium schema settings`")),
                    Err(what) => return Err(wrong(&what)),
                }
            }
        }
        Ok(())
    }

    /// What can change a plan, as bytes for the manifest: limits and places do not.
    pub fn plan_relevant(&self) -> String {
        // Runs made before there was the switch keep their hash.
        let imaging = if self.imaging { "" } else { ";imaging=false" };
        format!("max-input-bytes={}{imaging}", self.max_input_bytes)
    }
}

/// Sets the value an environment variable names in a group of settings. `false` when there is none.
fn set_nested<T: Serialize + serde::de::DeserializeOwned>(
    group: &mut T,
    name: &str,
    value: &str,
) -> Result<bool, String> {
    let mut table = toml::Table::try_from(&*group).map_err(|error| error.to_string())?;
    if !set_in(&mut table, name, value)? {
        return Ok(false);
    }
    *group = table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    Ok(true)
}

fn set_in(table: &mut toml::Table, name: &str, value: &str) -> Result<bool, String> {
    for (key, slot) in table.iter_mut() {
        let key = key.to_uppercase().replace('-', "_");
        let meant = key == name && !slot.is_table();
        match slot {
            toml::Value::Table(inner) => {
                let rest = name.strip_prefix(&key).and_then(|rest| rest.strip_prefix('_'));
                if let Some(rest) = rest {
                    return set_in(inner, rest, value);
                }
            }
            _ if !meant => {}
            toml::Value::Integer(number) => *number = value.parse().map_err(|_| "is not a whole number")?,
            toml::Value::Float(number) => *number = value.parse().map_err(|_| "is not a number")?,
            toml::Value::Boolean(truth) => *truth = value.parse().map_err(|_| "is neither true nor false")?,
            word => *word = toml::Value::String(value.to_owned()),
        }
        if meant {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[track_caller]
    fn check(text: &str, environment: &[(&str, &str)], expect: Result<&str, &str>) {
        let folder = std::env::temp_dir().join(format!("concilium-settings-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("temp folder");
        let file = folder.join(format!("{}-{environment:?}.toml", text.len()).replace(['/', '"'], ""));
        std::fs::write(&file, text).expect("temp file");
        let pairs = environment.iter().map(|(a, b)| (a.into(), b.into()));
        let said = Settings::layered(Some(&file), pairs).map(|s| s.bind).map_err(|e| e.to_string());
        match (said, expect) {
            (Ok(bind), Ok(wanted)) => assert_eq!(bind, wanted),
            (Err(message), Err(part)) => assert!(message.contains(part), "{message}"),
            (said, expect) => panic!("{said:?} is not {expect:?}"),
        }
    }

    #[test]
    fn later_layers_win_and_unknown_keys_are_refused() {
        check("", &[], Ok("127.0.0.1:8480"));
        check("bind = \"127.0.0.1:1\"", &[], Ok("127.0.0.1:1"));
        check(
            "bind = \"127.0.0.1:1\"",
            &[("CONCILIUM_BIND", "127.0.0.1:2"), ("HOME", "x")],
            Ok("127.0.0.1:2"),
        );
        check("bund = 1", &[], Err("line 1, column 1: unknown field `bund`"));
        check("\nbind = 1", &[], Err("line 2, column 8"));
        check("", &[("CONCILIUM_BUND", "1")], Err("CONCILIUM_BUND"));
        check("", &[("CONCILIUM_MAX_BODY_BYTES", "many")], Err("number"));
    }

    #[test]
    fn what_concerns_retrieval_is_held_to_sense() {
        let of = |name, value| [(name, value)];
        check("[retrieval]\nstore = \"edge\"\nquantize = false", &[], Ok("127.0.0.1:8480"));
        check("", &of("CONCILIUM_RETRIEVAL_SERVER_URL", "https://qdrant.example.org"), Ok("127.0.0.1:8480"));
        check("", &of("CONCILIUM_QDRANT_API_KEY", "secret"), Ok("127.0.0.1:8480"));
        check("[retrieval]\nstore = \"shed\"", &[], Err("line 2, column 9: unknown variant `shed`"));
        check("[retrieval]\napi-key = \"x\"", &[], Err("unknown field `api-key`"));
        check("[retrieval.server]\napi-key = \"x\"", &[], Err("unknown field `api-key`"));
        check(
            "[retrieval]\nfusion = \"reciprocal-rank\"\nvector-weight = 11.0",
            &[],
            Err("retrieval.vector-weight must lie between 0 and 10"),
        );
        let convex = "[retrieval]\nfusion = \"convex\"\nvector-weight = 1.0";
        check(convex, &[], Err("retrieval.vector-weight must lie between 0 and 0.9"));
        let nowhere = "[retrieval]\nstore = \"server\"\nembedder = \"all-MiniLM-L6-v2\"";
        check(nowhere, &[], Err("retrieval.server.url is empty"));
        check("", &of("CONCILIUM_RETRIEVAL_SEARCH_BEAM", "wide"), Err("is not a whole number"));
        check("", &of("CONCILIUM_RETRIEVAL_SEARCH_BEAM", "1"), Err("must lie between 4 and 4096"));
        check("", &of("CONCILIUM_RETRIEVAL_STORE", "shed"), Err("unknown variant `shed`"));
        check("", &of("CONCILIUM_RETRIEVAL_SERVER", "x"), Err("names no setting"));
    }

    #[test]
    fn what_concerns_the_language_model_is_held_to_sense() {
        let of = |name, value| [(name, value)];
        check("[language]\nserver = \"http://127.0.0.1:8080/v1\"", &[], Ok("127.0.0.1:8480"));
        check("", &of("CONCILIUM_LANGUAGE_MODEL", "m"), Ok("127.0.0.1:8480"));
        check("", &of("CONCILIUM_LANGUAGE_API_KEY", "secret"), Ok("127.0.0.1:8480"));
        check("[language]\napi-key = \"x\"", &[], Err("unknown field `api-key`"));
        check("", &of("CONCILIUM_LANGUAGE_ANSWER_MS", "1"), Err("language.answer-ms must lie between"));
        check("", &of("CONCILIUM_LANGUAGE_MODELS", "x"), Err("names no setting"));
    }

    #[test]
    fn the_sample_file_holds_every_setting_with_its_default() {
        let sample = include_str!("../../../deploy/concilium.toml");
        let read: Settings = toml::from_str(sample).expect("the sample can be read");
        assert_eq!(read, Settings::default());
        let keys = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
            lines.map(|line| line.split('=').next().unwrap_or_default().trim().to_owned()).collect()
        };
        let mut named = keys(sample);
        let mut all = keys(&toml::to_string(&Settings::default()).expect("can be written"));
        named.sort();
        all.sort();
        assert_eq!(named, all);
    }
}
