//! Which masks does a SEG object hold, and how are ours said as one?

mod read;
mod write;

use crate::compose::Code;
use concilium_imaging::{Grid, Mask};

pub use write::{NewSegment, Written, write};

/// How a region was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// By hand.
    Manual,
    /// By a person with a program of this name.
    SemiAutomatic(String),
    /// By a program of this name.
    Automatic(String),
}

/// What a segment says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Segment Label.
    pub label: String,
    /// What kind of thing it is, such as a morphologically abnormal structure.
    pub category: Code,
    /// What it is, such as a neoplasm.
    pub kind: Code,
    /// How it was drawn.
    pub drawn: Drawn,
    /// Tracking ID and UID, which one lesion keeps over time.
    pub tracking: Option<(String, String)>,
}

/// One segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Segment Number.
    pub number: u32,
    /// What it says of itself.
    pub description: Description,
    /// Its voxels; `None` when it has none.
    pub mask: Option<Mask>,
}

/// What an object is called by those that refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// SOP Class UID.
    pub sop_class: String,
    /// SOP Instance UID.
    pub sop_instance: String,
    /// Series Instance UID.
    pub series: String,
}

/// A SEG object.
#[derive(Clone, Debug, PartialEq)]
pub struct Segmentation {
    /// The file's name, for messages.
    pub file: String,
    /// Its identifiers.
    pub object: Object,
    /// Series Instance UID of the series it was drawn on, where it says one.
    pub source_series: Option<String>,
    /// The grid of the masks.
    pub grid: Grid,
    /// The segments in the order of their numbers.
    pub segments: Vec<Segment>,
}
