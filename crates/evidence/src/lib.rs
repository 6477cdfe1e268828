//! What was written, where, how strong?
//!
//! Statements of curated sources as plain facts: ids, codes, levels, directions, therapies. No sentences.

pub mod passage;

use concilium_terms::pattern::Pattern;
use concilium_terms::{Doid, DrugName, StatementKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// CIViC evidence types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatementType {
    /// About a therapy's effect: the only type that bears on options.
    Predictive,
    /// About outcome.
    Prognostic,
    /// About diagnosis.
    Diagnostic,
    /// About risk.
    Predisposing,
    /// About oncogenicity.
    Oncogenic,
    /// About function.
    Functional,
}

/// Supports or does not support its significance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stance {
    /// Supports.
    Supports,
    /// Does not support.
    DoesNotSupport,
    /// N/A in the source.
    NotStated,
}

/// What the statement claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Significance {
    /// Sensitivity/Response
    Sensitivity,
    /// Resistance
    Resistance,
    /// Reduced Sensitivity
    ReducedSensitivity,
    /// Adverse Response
    AdverseResponse,
    /// Anything else (Better Outcome, Positive, Pathogenic, Likely Oncogenic, N/A …), kept as text in `Statement::significance_text`.
    Other,
}

/// CIViC evidence level; `A` is strongest and sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum EvidenceLevel {
    /// Validated association.
    A,
    /// Clinical evidence.
    B,
    /// Case study.
    C,
    /// Preclinical.
    D,
    /// Inferential.
    E,
}

/// Origin the statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VariantOrigin {
    /// Somatic.
    Somatic,
    /// Rare germline.
    RareGermline,
    /// Common germline: never creates a candidate.
    CommonGermline,
    /// Both, unknown or N/A.
    Unstated,
}

/// A therapy as one regimen. Components are canonical names, sorted, without repeats, named regimens expanded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Regimen {
    /// Components, sorted. For a sequential regimen sorted too: the listed order is not reliable.
    pub components: Vec<DrugName>,
    /// Given one after another rather than together.
    pub sequential: bool,
    /// A named regimen could not be expanded fully: safety is "not screened".
    pub incomplete: bool,
}

impl Regimen {
    /// One regimen of these components.
    pub fn new(mut components: Vec<DrugName>, sequential: bool, incomplete: bool) -> Regimen {
        components.sort();
        components.dedup();
        Regimen { components, sequential, incomplete }
    }

    /// `dabrafenib + trametinib`; sequential ones `neratinib and, in sequence, trastuzumab`: the source's order is not reliable.
    pub fn label(&self) -> String {
        let joint = if self.sequential { " and, in sequence, " } else { " + " };
        self.components.iter().map(DrugName::spelled).collect::<Vec<_>>().join(joint)
    }
}

/// One curated statement about one regimen (substitutes are split: same key, one statement per drug).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// Citation key.
    pub key: StatementKey,
    /// Knowledge layer it came from: `civic`, or a site's own.
    pub layer: String,
    /// Molecular profile id in the layer.
    pub profile: u64,
    /// Disease; `None` = none stated.
    pub disease: Option<Doid>,
    /// The source's own disease name.
    pub disease_name: String,
    /// Regimen; `None` for types without therapy.
    pub regimen: Option<Regimen>,
    /// One of several substitutes in the source.
    pub substitute: bool,
    /// Type.
    pub kind: StatementType,
    /// Supports or not.
    pub stance: Stance,
    /// Claim.
    pub significance: Significance,
    /// Claim as the source spells it.
    pub significance_text: String,
    /// Level.
    pub level: EvidenceLevel,
    /// Curators' rating 1–5.
    pub rating: Option<u8>,
    /// Origin.
    pub origin: VariantOrigin,
    /// Flagged by curators: shown, never sets a tier alone.
    pub flagged: bool,
    /// `PubMed`, `ASCO`, `ASH`.
    pub source_type: String,
    /// PMID or abstract number; only PubMed ids are PMIDs.
    pub citation: String,
    /// Publication year, when the citation names one.
    pub year: Option<u16>,
    /// Trial registry numbers named by the source.
    pub trials: Vec<String>,
    /// Last review by curators (ISO day).
    pub reviewed: Option<String>,
}

/// Boolean profile over leaf ids (variant ids of the layer).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileExpr {
    /// A leaf by variant id.
    Leaf(u64),
    /// All of them.
    And(Vec<ProfileExpr>),
    /// Any of them.
    Or(Vec<ProfileExpr>),
    /// Not that.
    Not(Box<ProfileExpr>),
}

impl ProfileExpr {
    /// Variant ids mentioned, in order of appearance.
    pub fn leaves(&self) -> Vec<u64> {
        match self {
            ProfileExpr::Leaf(id) => vec![*id],
            ProfileExpr::And(parts) | ProfileExpr::Or(parts) => parts.iter().flat_map(Self::leaves).collect(),
            ProfileExpr::Not(inner) => inner.leaves(),
        }
    }
}

/// A molecular profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Id in the layer.
    pub id: u64,
    /// Name as the source spells it (a name, not a sentence).
    pub name: String,
    /// What must hold.
    pub expr: ProfileExpr,
}

/// A variant of the source, resolved to a typed pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leaf {
    /// Variant id in the layer.
    pub id: u64,
    /// Name as the source spells it, with its gene or fusion.
    pub name: String,
    /// What satisfies it.
    pub pattern: Pattern,
}

/// What a statement means for an option (clinical rules, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bearing {
    /// Sensitivity, supports: the only kind that creates a candidate.
    For,
    /// Resistance supported, or sensitivity not supported.
    Against,
    /// Reduced sensitivity supported.
    AgainstWeaker,
    /// "No resistance shown": listed, never "for".
    Neutral,
    /// Adverse response: safety only.
    SafetyOnly,
    /// Prognostic, diagnostic, predisposing, oncogenic, functional, or N/A.
    Context,
}

impl Statement {
    /// Clinical rules, section 1, table "What a statement says".
    pub fn bearing(&self) -> Bearing {
        if self.kind != StatementType::Predictive {
            return Bearing::Context;
        }
        match (self.significance, self.stance) {
            (Significance::Sensitivity, Stance::Supports) => Bearing::For,
            (Significance::Sensitivity, Stance::DoesNotSupport) => Bearing::Against,
            (Significance::Resistance, Stance::Supports) => Bearing::Against,
            (Significance::ReducedSensitivity, Stance::Supports) => Bearing::AgainstWeaker,
            (Significance::Resistance | Significance::ReducedSensitivity, Stance::DoesNotSupport) => {
                Bearing::Neutral
            }
            (Significance::AdverseResponse, _) => Bearing::SafetyOnly,
            (Significance::Other, _) | (_, Stance::NotStated) => Bearing::Context,
        }
    }
}
