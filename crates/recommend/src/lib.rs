//! In what order, on what grounds, or not at all?
//!
//! Pure: a case and knowledge in, a plan out. No I/O, no clock, no model.

mod alerts;
mod alterations;
mod build;
mod candidates;
mod compare;
mod describe;
mod disease;
mod germline;
mod images;
mod judge;
mod literature;
mod needs;
mod next_facts;
mod patient;
mod place;
pub mod plan;
mod rank;
mod reach;
mod score;
mod standard;
mod trials;
mod weigh;

pub use alterations::marker_label;
pub use build::build_plan;
pub use describe::{CNS_OPEN, regimen_id};
pub use judge::Index;
pub use literature::{OptionPassages, Quote, sentence};
pub use plan::*;
pub use rank::ties;
pub use score::KEY_BY_KEY;
pub use trials::{PlanTrials, TrialArm};
