//! Which arms fit which patients, both ways, and what changed?

pub mod model;

pub use model::{Arm, ArmStatus, RegistryStatus, Site, Standing, StatusSource, Trial, TrialSource};
