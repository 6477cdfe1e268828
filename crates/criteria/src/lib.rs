//! Is this condition met?
//!
//! Pure: takes a case and knowledge, returns verdicts with the facts that decide them. No clock, disk or model.

pub mod conditions;
pub mod eligibility;
pub mod exposure;
pub mod lines;
pub mod molecular;
pub mod receptor;
pub mod record;
pub mod reproduction;
pub mod setting;
pub mod staging;
pub mod tumour;
pub mod verdict;

pub use exposure::{ExposureState, exposure_to};
pub use lines::{LineRules, NextLine, derive_lines, derive_lines_with, next_line};
pub use molecular::{Exactness, MolecularMatch, Thresholds, match_profile, match_profile_with};
pub use receptor::{judge_receptor, judge_receptors};
pub use setting::{SettingFit, judge_setting};
pub use staging::scale_fits;
pub use tumour::{TumourMatch, TumourRelation, match_tumour};
pub use verdict::{NotTested, Reason, Verdict, Why};
