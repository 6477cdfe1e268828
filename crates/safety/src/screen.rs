//! Which candidates may go on, and with which findings?

use crate::finding::{SafetyFinding, SafetyVerdict};
use crate::gates::Gates;
use concilium_evidence::Regimen;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A regimen somebody proposes, and why it is here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// What would be given.
    pub regimen: Regimen,
    /// Why it is a candidate.
    pub origins: Vec<CandidateOrigin>,
}

/// Why a regimen is looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CandidateOrigin {
    /// A supporting statement that matches (or may match) the patient.
    Statement,
    /// Only statements against it match: listed, never offered.
    AgainstOnly,
    /// Ordered, planned or running in the record (fact ids).
    Record(Vec<String>),
    /// A curated standard option (row label).
    Standard(String),
}

/// A candidate with its findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScreenedCandidate {
    /// The candidate.
    pub candidate: Candidate,
    /// All findings, worst first, then by drug and rule.
    pub findings: Vec<SafetyFinding>,
}

impl ScreenedCandidate {
    /// The worst verdict.
    pub fn worst(&self) -> SafetyVerdict {
        self.findings.iter().map(|f| f.verdict).min().unwrap_or(SafetyVerdict::NoRule)
    }
}

/// Candidates after the safety screen (`screened`). Fields are private: only [`screen`] makes one, only ranking takes it.
#[derive(Debug)]
pub struct Screened {
    passed: Vec<ScreenedCandidate>,
    refused: Vec<ScreenedCandidate>,
    rules: usize,
}

impl Screened {
    /// Passed, refused, and how many rules were asked.
    pub fn into_parts(self) -> (Vec<ScreenedCandidate>, Vec<ScreenedCandidate>, usize) {
        (self.passed, self.refused, self.rules)
    }
}

/// Asks every rule of every component. Nothing is lost: each candidate is passed, or refused with its findings.
pub fn screen(candidates: Vec<Candidate>, gates: &mut Gates) -> Screened {
    let mut screened = Screened { passed: vec![], refused: vec![], rules: gates.rules() };
    for candidate in candidates {
        let findings = gates.findings_for(&candidate.regimen);
        let judged = ScreenedCandidate { candidate, findings };
        match judged.worst() {
            SafetyVerdict::Contraindicated => screened.refused.push(judged),
            _ => screened.passed.push(judged),
        }
    }
    screened
}
