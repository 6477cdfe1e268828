//! Which arms fit which patients, both ways, and what changed?

pub mod arm;
pub mod facts;
pub mod matching;
pub mod model;
pub mod read;
pub mod store;
pub mod survey;
pub mod text;
pub mod worklist;

pub use arm::{
    ArmVerdict, Counts, Gate, Label, Settings, is_central, is_closed, judge_arm, judge_trial, stale,
};
pub use facts::{OpenArm, Step, next_best_facts};
pub use matching::{ArmId, Compiled, DecidedBy, Decision};
pub use model::{Arm, ArmStatus, RegistryStatus, Site, Standing, StatusSource, Trial, TrialSource};
