//! What went wrong with a corpus, where, and what helps? Names files, places and ids; never text.

use std::path::{Path, PathBuf};

/// Why a corpus or an input cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The file system said no.
    #[error("cannot {what} {}", path.display())]
    Files {
        /// `read`, `write`, …
        what: &'static str,
        /// File or folder.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// An input is refused as a whole; nothing of it was kept.
    #[error("{file}: {what}; {remedy}")]
    Input {
        /// File name.
        file: String,
        /// What is wrong.
        what: String,
        /// What helps.
        remedy: String,
    },
    /// One record was refused, and the caller asked to stop at the first.
    #[error("{file}, {at}: {what}; without strict reading the record is left out and counted")]
    Refused {
        /// File name.
        file: String,
        /// Byte, line or record id.
        at: String,
        /// What is wrong.
        what: String,
    },
    /// The corpus itself is not as it should be.
    #[error("corpus {}: {what}; {remedy}", folder.display())]
    Corpus {
        /// Folder.
        folder: PathBuf,
        /// What is wrong.
        what: String,
        /// What helps.
        remedy: &'static str,
    },
    /// Asked to stop; finished parts stay, the unfinished one is gone.
    #[error("stopped; parts finished before stay, the same command goes on from there")]
    Stopped,
}

/// Shorthand of this module.
pub type Result<T> = std::result::Result<T, CorpusError>;

/// Wraps an I/O error with what was being done to which path.
pub(crate) fn files(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> CorpusError {
    move |source| CorpusError::Files { what, path: path.to_owned(), source }
}
