//! What was wrong with a DICOM file, where, and what to do about it. Never a value of the record.

use concilium_imaging::ImagingError;
use dicom_core::Tag;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_dictionary_std::StandardDataDictionary;

/// Why a file, a series or a region was refused.
#[derive(Debug, thiserror::Error)]
pub enum DicomError {
    /// The file could not be read or written.
    #[error("{file}: cannot be read or written")]
    Io {
        /// The file's name.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not DICOM, or breaks off.
    #[error("{file}: {what}")]
    File {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// An attribute is missing, makes no sense or is not supported.
    #[error("{file}: {tag}: {what}")]
    Tag {
        /// The file's name.
        file: String,
        /// Number and keyword of the attribute.
        tag: String,
        /// What is wrong with it.
        what: String,
    },
    /// The files of a series do not make one volume.
    #[error("series of {file}: {what}")]
    Series {
        /// The name of its first file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// The volume or the mask cannot stand.
    #[error(transparent)]
    Imaging(#[from] ImagingError),
}

/// `(0028,0030) PixelSpacing`.
pub(crate) fn named(tag: Tag) -> String {
    let keyword = StandardDataDictionary.by_tag(tag).map_or("private", |entry| entry.alias());
    format!("({:04X},{:04X}) {keyword}", tag.group(), tag.element())
}

impl DicomError {
    pub(crate) fn tag(file: &str, tag: Tag, what: impl Into<String>) -> DicomError {
        DicomError::Tag { file: file.to_owned(), tag: named(tag), what: what.into() }
    }

    pub(crate) fn file(file: &str, what: impl Into<String>) -> DicomError {
        DicomError::File { file: file.to_owned(), what: what.into() }
    }

    pub(crate) fn series(file: &str, what: impl Into<String>) -> DicomError {
        DicomError::Series { file: file.to_owned(), what: what.into() }
    }
}
