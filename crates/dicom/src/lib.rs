//! What do DICOM files say about images, and how are our masks and measurements said in DICOM?
//!
//! Series of CT, MR and PET become volumes of `imaging` with the identifiers of every slice; regions come from
//! RTSTRUCT and SEG; masks leave as SEG, measurements as SR (TID 1500). The only home of dicom-rs. Files are read from
//! disk and nothing else: no clock, no network; dates and times of what is written are given by the caller.

mod bounds;
mod codec;
mod compose;
mod element;
pub mod error;
mod file;
mod instance;
pub mod report;
pub mod segmentation;
pub mod series;
pub mod structures;
mod suv;

pub use compose::{Code, Made, uid};
pub use error::DicomError;
pub use report::{Algorithm, Finding, Measurement};
pub use segmentation::Segmentation;
pub use series::{Group, Scan, Series, is_dicom, scan};
pub use structures::Structures;
