//! What did one gate say about one drug?

use concilium_knowledge::Sourced;
use concilium_terms::DrugName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Verdicts of clinical rules, section 5, worst first. Only the first refuses; the last is never green.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SafetyVerdict {
    /// Refuses the option.
    Contraindicated,
    /// Avoid; shown, never moves.
    Avoid,
    /// Change the dose: how is in `action`.
    ModifyDose,
    /// A test is due first; warns, never moves.
    TestFirst,
    /// Watch.
    Monitor,
    /// Every rule that speaks of this drug was computed and is clear.
    CheckedClear,
    /// No rule speaks of this drug, or the regimen's components are not known.
    NoRule,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SafetyFinding {
    /// Component it is about.
    pub drug: DrugName,
    /// Verdict.
    pub verdict: SafetyVerdict,
    /// Rule id, or `cpic:GENE`, `dpwg:GENE`, `allergy`, `no-rule`.
    pub rule: String,
    /// What was looked at: `creatinine-clearance`, `DPYD`, `warfarin`.
    pub about: String,
    /// What was found in the record, with value, unit and date; or what is missing.
    pub found: String,
    /// What to do.
    pub action: String,
    /// Strength and framework, when the source grades it.
    pub strength: String,
    /// Source and review of the row it rests on.
    pub sourced: Sourced,
    /// Facts it rests on.
    pub facts: Vec<String>,
}

/// A test or analyte key of the safety tables as a clinician writes it; other words stay as they are.
pub fn spoken(key: &str) -> &str {
    match key {
        "alp" => "ALP",
        "alt" => "ALT",
        "ast" => "AST",
        "creatinine-clearance" => "creatinine clearance",
        "dpyd" => "DPYD",
        "ecg" => "ECG",
        "egfr" => "eGFR",
        "eye-exam" => "eye examination",
        "g6pd" => "G6PD",
        "hba1c" => "HbA1c",
        "hepatitis-b" => "hepatitis B",
        "inr" => "INR",
        "ldh" => "LDH",
        "lvef" => "LVEF",
        "nudt15" => "NUDT15",
        "pregnancy-test" => "pregnancy test",
        "qtc" => "QTc",
        "tpmt" => "TPMT",
        "ugt1a1" => "UGT1A1",
        "clonal-haematopoiesis" => "clonal haematopoiesis",
        "adrenal-insufficiency" => "adrenal insufficiency",
        "arterial-disease" => "arterial disease",
        "atrial-fibrillation" => "atrial fibrillation",
        "autoimmune-disease" => "autoimmune disease",
        "brain-metastases" => "brain metastases",
        "g6pd-deficiency" => "G6PD deficiency",
        "hearing-loss" => "hearing loss",
        "heart-failure" => "heart failure",
        "inflammatory-bowel-disease" => "inflammatory bowel disease",
        "interstitial-lung-disease" => "interstitial lung disease",
        "long-qt-syndrome" => "long QT syndrome",
        "peripheral-neuropathy" => "peripheral neuropathy",
        "pulmonary-hypertension" => "pulmonary hypertension",
        "venous-thromboembolism" => "venous thromboembolism",
        "wbc" => "white blood cells",
        other => other,
    }
}
