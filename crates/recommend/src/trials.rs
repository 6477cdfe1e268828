//! Which trials of the site might take this patient? Judged beside the plan; nothing in it moves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Trials of the site held against this patient. Nobody is called eligible.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanTrials {
    /// How many were asked, or that the site holds none.
    pub note: String,
    /// Arms that nothing closes for good, in order: no known conflict, likely, open questions, blocked until a day; of
    /// these the first [`PlanTrials::LISTED`].
    pub arms: Vec<TrialArm>,
    /// All arms by their answer, listed or not.
    pub answers: BTreeMap<String, usize>,
}

/// One arm against this patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialArm {
    /// Trial id.
    pub trial: String,
    /// Title as registered.
    pub title: String,
    /// Arm label; empty for the unnamed one.
    pub arm: String,
    /// `likely`, `blocked until 2026-07-01`
    pub answer: String,
    /// Does it take patients, who says so, and how old is that word?
    pub status: String,
    /// Criteria in numbers: `12 met, 3 not tested`.
    pub criteria: String,
    /// What decides, with the facts in brackets: failures first, then what is met of tumour, biomarkers and therapy.
    pub deciding: Vec<String>,
    /// Facts that would decide it.
    pub missing: Vec<String>,
}

impl PlanTrials {
    /// Arms listed in a plan.
    pub const LISTED: usize = 10;
}
