//! Does the patient carry what a profile asks for, and how exactly?
//!
//! Clinical rules, section 2: one module for each kind of pattern. A module looks at single facts and casts a vote;
//! `weighing` turns the votes on one leaf into a verdict, `profile` joins leaves by AND, OR and NOT.

mod class;
mod context;
mod copy;
mod curated;
mod exact;
mod fusion;
pub(crate) mod marker;
mod named;
mod profile;
mod region;
mod signature;
mod weighing;
mod wildtype;
mod zygosity;

pub use context::Thresholds;

use crate::verdict::Verdict;
use concilium_case::Case;
use concilium_evidence::{Leaf, ProfileExpr, Statement, VariantOrigin};
use concilium_knowledge::Knowledge;
use context::Context;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How near the best satisfied disjunct is to the alteration itself. Smaller is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exactness {
    /// The very change, named fusion, amplification, stated marker or signature.
    Exact,
    /// Same residue.
    Codon,
    /// Same exon and kind.
    Exon,
    /// Any oncogenic / loss-of-function / activating change of the gene; any fusion partner.
    Class,
    /// Orientation or partner unknown.
    Category,
}

/// The outcome of matching one profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MolecularMatch {
    /// Truth with deciding leaves.
    pub verdict: Verdict,
    /// Exactness of the best satisfied disjunct; for `Open`, of the leaf that may become true.
    pub exactness: Exactness,
    /// Ids of the patient's alterations and markers that satisfy or nearly satisfy it.
    pub facts: Vec<String>,
    /// Doubts that make a satisfied match conditional: low fraction, clonal haematopoiesis, unknown origin, other
    /// samples that say the opposite.
    pub doubts: Vec<String>,
    /// Notes that do not change the verdict: stale, sampled before which therapy, phase.
    pub notes: Vec<String>,
    /// Collection day for "sampled before / after" rules: of each leaf the newest sample that shows it, of several
    /// leaves that must hold together the oldest of those.
    pub sampled: Option<concilium_terms::PartialDate>,
}

/// Matches one profile with the default thresholds. `statement` says which origin is asked for.
pub fn match_profile(
    case: &Case,
    knowledge: &Knowledge,
    expr: &ProfileExpr,
    statement: Option<&Statement>,
) -> MolecularMatch {
    match_profile_with(&Thresholds::default(), case, knowledge, expr, statement)
}

/// As `match_profile`, with a site's thresholds.
pub fn match_profile_with(
    thresholds: &Thresholds,
    case: &Case,
    knowledge: &Knowledge,
    expr: &ProfileExpr,
    statement: Option<&Statement>,
) -> MolecularMatch {
    let context = Context::new(case, knowledge, thresholds, statement);
    profile::evaluate(&context, expr).into_match()
}

/// Matches one pattern that no release lists, such as a trial's own; `leaf.name` are the words for people.
pub fn match_leaf(
    thresholds: &Thresholds,
    case: &Case,
    knowledge: &Knowledge,
    leaf: &Leaf,
    origin: VariantOrigin,
) -> MolecularMatch {
    profile::look(&Context::about(case, knowledge, thresholds, origin), leaf).into_match()
}
