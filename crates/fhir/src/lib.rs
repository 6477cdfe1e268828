//! What does this record say?
//!
//! FHIR R4 JSON in, facts and issues out. Bundles of every type (and without one), single resources and NDJSON.
//! Tolerant: each entry is taken for itself; what is wrong in it becomes an issue with its place and a remedy, and
//! the rest is read. Meaning comes from codes, never from `meta.profile`. Every entry ends in `Facts::inputs`; one
//! that gives no fact has an issue that says why.

mod asked;
mod codes;
mod cx;
mod element;
mod genes;
mod hazard;
mod input;
mod json;
mod kinds;
mod read;

pub use asked::codes_of;

use concilium_case::Facts;

/// Upper bounds on what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest input, bytes after decompression.
    pub bytes: usize,
}

impl Default for Limits {
    /// 64 MB: a Synthea patient has at most 4 MB.
    fn default() -> Limits {
        Limits { bytes: 64_000_000 }
    }
}

/// Why a file could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Larger than allowed.
    #[error("{bytes} bytes are more than the limit of {limit}")]
    TooLarge {
        /// Size.
        bytes: usize,
        /// Limit.
        limit: usize,
    },
    /// Not UTF-8.
    #[error("not UTF-8 from byte {at} on")]
    NotUtf8 {
        /// First wrong byte.
        at: usize,
    },
    /// Neither a JSON document nor NDJSON.
    #[error("not JSON at line {line}, column {column}: {what}")]
    NotJson {
        /// 1-based.
        line: usize,
        /// 1-based, bytes.
        column: usize,
        /// What was expected there.
        what: String,
    },
    /// JSON, but no FHIR resource.
    #[error("no `resourceType`: this is not a FHIR resource")]
    NotFhir,
}

impl ReadError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            ReadError::TooLarge { .. } => "split it into several files",
            ReadError::NotUtf8 { .. } => "save it as UTF-8",
            ReadError::NotJson { .. } => "export it again; it may have been cut off",
            ReadError::NotFhir => "give a FHIR R4 resource, Bundle or NDJSON export",
        }
    }
}

/// Reads one file (already decompressed) with the default limits. `file_name` stands in every source.
pub fn read(file_name: &str, bytes: &[u8]) -> Result<Facts, ReadError> {
    read_within(file_name, bytes, Limits::default())
}

/// Reads one file (already decompressed).
pub fn read_within(file_name: &str, bytes: &[u8], limits: Limits) -> Result<Facts, ReadError> {
    if bytes.len() > limits.bytes {
        return Err(ReadError::TooLarge { bytes: bytes.len(), limit: limits.bytes });
    }
    let text = std::str::from_utf8(bytes).map_err(|e| ReadError::NotUtf8 { at: e.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (documents, issues) = input::documents(file_name, text)?;
    Ok(read::facts(file_name, &documents, issues))
}
