//! What went wrong while reading or building a release, where, and what helps?

use crate::import::Strictness;

/// Why a release, table or row could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system said no.
    #[error("cannot read or write {file}")]
    Io {
        /// File name.
        file: String,
        /// Cause.
        source: std::io::Error,
    },
    /// Bytes that are no text.
    #[error(
        "{file}, line {line}, byte {column} of it: not UTF-8; save the file as UTF-8, or download it again"
    )]
    Encoding {
        /// File name.
        file: String,
        /// 1-based line.
        line: usize,
        /// 1-based byte in the line.
        column: usize,
    },
    /// A statement of a layer would leave the house.
    #[error("{key} is of layer `{layer}` ({licence}), which is never exported; leave it out")]
    NeverExported {
        /// Statement.
        key: String,
        /// Its layer.
        layer: String,
        /// The layer's licence.
        licence: String,
    },
    /// A table lacks a column the importer needs.
    #[error(
        "{file}: column `{column}` is missing (found: {found}); export the table again or rename the column"
    )]
    MissingColumn {
        /// File name.
        file: String,
        /// Column that is missing.
        column: String,
        /// Columns that are there.
        found: String,
    },
    /// One row or cell was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A JSON document has another shape than expected.
    #[error(
        "{file}, line {}, column {}: not the expected JSON; download the file again, unedited",
        source.line(),
        source.column()
    )]
    Json {
        /// File name.
        file: String,
        /// Cause.
        source: serde_json::Error,
    },
    /// A file the release needs is not there.
    #[error("{folder}: no file like `{wanted}`; {remedy}")]
    MissingFile {
        /// Folder searched.
        folder: String,
        /// Pattern of the name.
        wanted: String,
        /// What helps.
        remedy: String,
    },
    /// A table's bytes are not those of the manifest.
    #[error("{file}: hash {found} differs from the manifest's {expected}; rebuild the release")]
    Hash {
        /// File name.
        file: String,
        /// In the manifest.
        expected: String,
        /// Of the bytes.
        found: String,
    },
    /// A layer would be merged into what is already there.
    #[error("layer `{layer}`: {what}; {remedy}")]
    Layer {
        /// Layer name.
        layer: String,
        /// What collides.
        what: String,
        /// What helps.
        remedy: String,
    },
    /// The release was made by another schema.
    #[error("release `{name}` has schema {found}, this program reads {expected}; rebuild the release")]
    Schema {
        /// Release name.
        name: String,
        /// Schema of the release.
        found: u32,
        /// Schema of the program.
        expected: u32,
    },
}

/// One refused row: where, what, and what helps. Names the cell, quotes at most the cell itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}, column `{column}`: {what}; {remedy}")]
pub struct Refusal {
    /// File name.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// Column.
    pub column: String,
    /// What was wrong.
    pub what: String,
    /// What helps.
    pub remedy: String,
}

/// Shorthand of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Wraps an I/O error with the file it happened on.
pub(crate) fn io(file: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::Io { file: file.to_string(), source }
}

/// A file as text. A byte-order mark stays; tables drop it.
///
/// # Errors
/// A file that cannot be read; bytes that are not UTF-8, with their place.
pub(crate) fn read_text(path: &std::path::Path) -> Result<String> {
    read_source(path, Strictness::Strict)
}

/// Stands for bytes that are no text: the control character made for that. CIViC's sentences hold U+FFFD of their own.
pub(crate) const NO_TEXT: char = '\u{1a}';

/// A download as text. Leniently, bytes that are not UTF-8 are replaced, and the rows they stand in are refused later.
///
/// # Errors
/// As [`read_text`].
pub(crate) fn read_source(path: &std::path::Path, strictness: Strictness) -> Result<String> {
    let bytes = std::fs::read(path).map_err(io(path.display()))?;
    if strictness == Strictness::Lenient {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend((!chunk.invalid().is_empty()).then_some(NO_TEXT));
        }
        return Ok(text);
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..good];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        Error::Encoding {
            file: path.display().to_string(),
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: good - line_start + 1,
        }
    })
}
