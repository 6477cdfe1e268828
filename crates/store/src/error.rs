//! What went wrong with the store, and what to do.

use concilium_trials::worklist::Refused;
use std::path::PathBuf;

/// Result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the store did not do it. Names files and ids, never content of a record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be made or opened.
    #[error("{path}: cannot be opened for writing: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite does not take it.
    #[error("{path}: not a store: {source}; give another file, or restore it from a copy", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Made by a newer program.
    #[error("{path}: made by a newer program (schema {found}, this one knows {known}); update concilium", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Somebody else's database.
    #[error("{path}: a database of another program; give another file", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// SQLite finds it damaged.
    #[error("{path}: damaged: {said}; restore it from a copy", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// First finding.
        said: String,
    },
    /// A row that is not what we wrote.
    #[error("{what} a row of the store: {source}")]
    Row {
        /// `reading` or `writing`.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// Nobody by that id.
    #[error("no {kind} `{id}` in the store")]
    Unknown {
        /// `patient`, `match`, `open alert`.
        kind: &'static str,
        /// The id asked for.
        id: String,
    },
    /// The worklist refuses a step.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Any other error of SQLite, a full disk or a locked file among them.
    #[error("the store: {0}")]
    Sqlite(#[from] rusqlite::Error),
}
