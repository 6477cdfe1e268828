//! Which arms fit which patients, both ways, and what changed?

pub mod model;
pub mod read;
pub mod store;
pub mod text;
pub mod worklist;

pub use model::{Arm, ArmStatus, RegistryStatus, Site, Standing, StatusSource, Trial, TrialSource};
