//! A trial as one source states it.

use concilium_criteria::eligibility::Criterion;
use concilium_terms::PartialDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One trial in one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// Registry id (`NCT…`), or the protocol number of a local file.
    pub id: String,
    /// Other ids of the same trial.
    pub other_ids: Vec<String>,
    /// Title as registered.
    pub title: String,
    /// `1`, `1/2`, …; empty when not said.
    pub phase: String,
    /// Conditions as registered, in words.
    pub conditions: Vec<String>,
    /// Registry status with its date.
    pub status: Standing,
    /// Arms and cohorts; a trial without any has one unnamed arm.
    pub arms: Vec<Arm>,
    /// Sites, where known.
    pub sites: Vec<Site>,
    /// Eligibility text as registered, immutable; spans of criteria count its UTF-8 bytes. Empty when the source gives
    /// logic only.
    pub eligibility_text: String,
    /// Criteria read from text, fields (age, sex) and logic.
    pub criteria: Vec<Criterion>,
    /// Where it came from.
    pub source: TrialSource,
}

/// Where a trial came from, and in which version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrialSource {
    /// `ctgov-v2`, `ctml`, `hint-table`, `ctgov-text`.
    pub format: String,
    /// File name, without folders.
    pub file: String,
    /// Version or last update the source states.
    pub version: Option<PartialDate>,
    /// SHA-256 of the record's bytes, hexadecimal.
    pub sha256: String,
}

/// Is it open, since when, and who says so?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// As registered.
    pub status: RegistryStatus,
    /// The day it was last verified or updated; its age is shown.
    pub as_of: Option<PartialDate>,
    /// Who says so: a registry record is not a site's word.
    pub by: StatusSource,
}

/// Who states a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatusSource {
    /// The registry: open means "unconfirmed at site".
    Registry,
    /// The site itself, in a file of its own.
    Site,
    /// Nobody: the source carries no status.
    Nobody,
}

/// Registry status, grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegistryStatus {
    /// Recruiting.
    Recruiting,
    /// Enrolling by invitation.
    ByInvitation,
    /// Not yet recruiting.
    NotYet,
    /// Active, not recruiting.
    ActiveNotRecruiting,
    /// Suspended.
    Suspended,
    /// Completed.
    Completed,
    /// Terminated or withdrawn.
    Ended,
    /// Not said, or a word we do not know.
    Unknown,
}

/// An arm, a cohort or a dose level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Arm {
    /// Stable inside the trial: label as registered, or `step 1 / ARM 1 / LEVEL 2`; empty for the unnamed one.
    pub label: String,
    /// `experimental`, `active-comparator`, `placebo`, `other`, … as registered.
    pub kind: String,
    /// Interventions in words.
    pub interventions: Vec<String>,
    /// Components that resolve to known drugs.
    pub drugs: Vec<concilium_terms::DrugName>,
    /// Does it take patients?
    pub status: ArmStatus,
    /// Open places, where known.
    pub slots: Option<u32>,
}

/// Does an arm take patients? A closed arm blocks whatever its criteria say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArmStatus {
    /// As the trial.
    AsTrial,
    /// Open by its own statement.
    Open,
    /// Closed or suspended by its own statement.
    Closed,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Site {
    /// Facility as registered.
    pub name: String,
    /// City.
    pub city: String,
    /// Country.
    pub country: String,
    /// Status of this site, where stated.
    pub status: Option<RegistryStatus>,
}
