//! How is a plan said in FHIR R4?
//!
//! Plain structs in, the JSON of one self-contained Bundle out. The only home of `fhir-sdk`: each resource is built
//! with its typed builder, turned into JSON for itself and placed into the Bundle as JSON, because serialising that
//! model's `Resource` enum costs minutes of compiling in every crate that does it.
//!
//! The model is R4B; every element used here is spelled and typed the same in R4 (4.0.1), and none is R4B's own.
//! Nothing is decided here: everything proposed is `draft` and `proposal`, and a person acts on it or does not.
//! Ids and `urn:uuid:` addresses are derived by hash (`replayable`): the same plan gives the same bytes.

mod bundle;
mod care_plan;
mod findings;
mod group;
mod guidance;
mod ids;
mod issue;
mod list;
mod medication;
mod model;
mod parts;
mod patient;
mod provenance;
mod text;

pub use bundle::write;
pub use findings::{Finding, FindingValue, FindingsBundle, StudyRecord, write_findings};
pub use list::{Match, MatchList, Study, StudyStatus, SubjectStatus, write_list};
pub use model::{
    Citation, Coding, MissingFact, NotedBox, PatientRecord, PlanBundle, ProposedDrug, ProposedOption,
    ProposedSection, ProvenanceSource, SafetyIssue, Severity, Sex, Software,
};

/// Why a plan cannot be said in FHIR. Names the place, never the content.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The plan's instant is not an RFC 3339 instant with an offset.
    #[error("the plan's instant is not an instant with offset: plan as of a day or a zoned instant")]
    Instant,
    /// A resource lacks an element that FHIR requires.
    #[error("a resource is incomplete")]
    Incomplete(#[from] fhir_sdk::BuilderError),
    /// A resource cannot be written as JSON.
    #[error("a resource cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}
