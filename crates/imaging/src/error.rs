//! What was wrong with an image, where, and what to do about it. Never its content.

/// Why an image, a mask or a setting was refused.
#[derive(Debug, thiserror::Error)]
pub enum ImagingError {
    /// The file could not be read or written.
    #[error("{file}: cannot be read or written")]
    Io {
        /// The file's name.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A field of a file makes no sense or is not supported.
    #[error("{file}: {field}: {what}")]
    Field {
        /// The file's name.
        file: String,
        /// The header field.
        field: String,
        /// What is wrong with it.
        what: String,
    },
    /// The grid cannot stand: sizes, spacing or directions.
    #[error("grid: {0}")]
    Grid(String),
    /// Mask and image do not share one grid.
    #[error("mask lies on another grid than the image: {field} {mask} instead of {image}; resample it first")]
    OtherGrid {
        /// What differs.
        field: &'static str,
        /// The image's, `[z, y, x]`.
        image: String,
        /// The mask's, `[z, y, x]`.
        mask: String,
    },
    /// The mask holds no usable region.
    #[error("mask {name}: {what}")]
    Mask {
        /// The mask's name.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// Voxels that are no numbers.
    #[error("image has {count} voxels that are not finite, the first at [z, y, x] = {at:?}")]
    NotFinite {
        /// How many.
        count: usize,
        /// Index of the first.
        at: [usize; 3],
    },
    /// A setting that is unknown, unsupported or contradicts another.
    #[error("setting {key}: {what}")]
    Setting {
        /// Its key.
        key: String,
        /// What is wrong with it.
        what: String,
    },
}

impl ImagingError {
    /// A field of a file that makes no sense.
    pub(crate) fn field(file: &str, field: &str, what: impl Into<String>) -> ImagingError {
        ImagingError::Field { file: file.to_owned(), field: field.to_owned(), what: what.into() }
    }

    /// A setting that cannot be followed.
    pub(crate) fn setting(key: &str, what: impl Into<String>) -> ImagingError {
        ImagingError::Setting { key: key.to_owned(), what: what.into() }
    }
}
