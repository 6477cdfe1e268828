//! What can be measured in these images?
//!
//! Volumes and masks on grids whose geometry is checked, NIfTI and NRRD files both ways, radiomics (the features of
//! IBSI-1 and a profile with the names and values of PyRadiomics), lesions with their diameters, which of them is which
//! at the next exam, and how the disease responded. Pure but for `file`: no clock, no network, no
//! model. Arrays are `[z, y, x]` everywhere, points are LPS millimetres `(x, y, z)`.

pub mod error;
pub mod file;
pub mod follow;
pub mod geometry;
pub mod lesion;
pub mod phantom;
pub mod picture;
pub mod radiomics;
pub mod register;
pub mod response;
pub mod source;
pub mod volume;

pub use error::ImagingError;
pub use source::{Frame, Source, Unit};
pub use volume::{Grid, IndexBox, Mask, Region, Volume, Voxels};
