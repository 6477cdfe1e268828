//! What went wrong while reading, where, and what can be done about it?

use crate::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much an issue matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Something could not be read at all: it is not in the case.
    Lost,
    /// Read, but doubtful or incomplete.
    Doubtful,
    /// Read and set aside on purpose (not used by any stage).
    Note,
}

/// One issue. `what` names codes and numbers of the standard, never the patient's content beyond them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// How much it matters.
    pub level: Level,
    /// Where.
    pub source: Source,
    /// What was wrong, with the numbers.
    pub what: String,
    /// What to do about it; empty when there is nothing to do.
    pub remedy: String,
}
