//! Who is the patient, what disease, what was given, and how did it go?

use crate::{Meta, Source};
use concilium_terms::{Code, Doid, DrugName, PartialDate, quantity::Quantity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Administrative sex as recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// `female`
    Female,
    /// `male`
    Male,
    /// `other`
    Other,
    /// `unknown`
    Unknown,
}

/// The person as one record states them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Patient {
    /// Id (`Patient/abc`), sources.
    pub meta: Meta,
    /// Name for the sheet's header.
    pub name: Option<String>,
    /// Birth date.
    pub birth_date: Option<PartialDate>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// Died: date, or only the flag with no date.
    pub deceased: Option<Option<PartialDate>>,
    /// `Patient.link` targets that say "same person".
    pub links: Vec<String>,
}

/// How sure a condition is (FHIR verificationStatus; suspected codes count as provisional).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Confirmed or not said.
    Confirmed,
    /// Provisional, differential, unconfirmed, or a "suspected" code.
    Suspected,
}

/// What role a condition plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionRole {
    /// Primary malignancy.
    PrimaryCancer,
    /// Metastasis.
    Metastasis,
    /// Cancer in the past, or history code.
    CancerHistory,
    /// In situ or benign neoplasm.
    NonInvasive,
    /// Any other diagnosis.
    Comorbidity,
}

/// A diagnosis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// Id, onset, sources.
    pub meta: Meta,
    /// All codings of `code`, then its text.
    pub codes: Vec<Code>,
    /// Histology codings (extension, or linked observation).
    pub histology: Vec<Code>,
    /// Body site codings.
    pub sites: Vec<Code>,
    /// Role as read from codes, category and profile-free cues.
    pub role: ConditionRole,
    /// How sure.
    pub certainty: Certainty,
    /// `active`, `remission`, `resolved`, … as written.
    pub clinical_status: Option<String>,
    /// Related primary (`Condition/abc`) of a metastasis.
    pub primary: Option<String>,
    /// `Some(false)`: stated as absent (e.g. history of metastatic cancer with value false).
    pub present: Option<bool>,
}

/// A stage statement on some scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// Id, time, sources.
    pub meta: Meta,
    /// What is staged.
    pub scale: StageScale,
    /// As written: `IIIC`, `cT3`, `M1d`.
    pub value: String,
    /// Clinical, pathological, post-therapy: `c`, `p`, `yp`; empty = not said.
    pub basis: String,
    /// Codings of the value and method.
    pub codes: Vec<Code>,
    /// Condition it belongs to, when stated.
    pub condition: Option<String>,
}

/// Which scale.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StageScale {
    /// TNM stage group.
    Group,
    /// T category.
    T,
    /// N category.
    N,
    /// M category.
    M,
    /// Histological grade.
    Grade,
    /// Any other scale by its name (Rai, Binet, FIGO, Breslow, Gleason, INSS …).
    Other(String),
}

/// Performance status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Performance {
    /// Id, time, sources.
    pub meta: Meta,
    /// Which scale.
    pub scale: PerformanceScale,
    /// ECOG 0–5; Karnofsky, Lansky 0–100.
    pub value: u32,
}

/// Performance scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PerformanceScale {
    /// ECOG.
    Ecog,
    /// Karnofsky.
    Karnofsky,
    /// Lansky.
    Lansky,
}

/// A laboratory or vital measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lab {
    /// Id, time, sources.
    pub meta: Meta,
    /// Analyte key of the safety tables (`creatinine-clearance`, `haemoglobin` …) when the code is known.
    pub analyte: Option<String>,
    /// Codings as written.
    pub codes: Vec<Code>,
    /// Number with unit as written; `None` with an issue when only words were given.
    pub value: Option<Quantity>,
    /// Words or codes when not a number.
    pub text: Option<String>,
    /// The lab's own reference range, in the unit of `value`.
    pub low: Option<f64>,
    /// Upper limit of normal as the lab gives it.
    pub high: Option<f64>,
    /// Lab's interpretation code (`H`, `L`, `N` …).
    pub interpretation: Option<String>,
    /// Why number or unit cannot be true; then no stage may compare it.
    pub implausible: Option<String>,
    /// Where it was measured, in the record's words: a lesion's site.
    pub site: Option<String>,
    /// Condition it is about, when stated: the metastasis a lesion belongs to.
    pub condition: Option<String>,
}

/// What a medication record means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// Given (MedicationAdministration completed / in-progress / stopped).
    Administered,
    /// Dispensed.
    Dispensed,
    /// Reported as taken (MedicationStatement).
    Reported,
    /// Ordered only: an order is not an exposure.
    Ordered,
    /// Planned or draft.
    Planned,
    /// Stated as not taken / never received.
    NotTaken,
}

impl Exposure {
    /// Did the drug reach the patient, as far as the record says?
    pub fn is_exposure(self) -> bool {
        matches!(self, Exposure::Administered | Exposure::Dispensed | Exposure::Reported)
    }
}

/// Why a drug was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// Progression or no response.
    Progression,
    /// Not tolerated.
    Intolerance,
    /// Finished as planned.
    Completed,
    /// Refused by the patient.
    Refused,
    /// Another stated reason.
    Other,
}

/// Does a drug record speak of the present?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MedicationState {
    /// Active, on hold, planned, or not said to be over.
    #[default]
    Open,
    /// Completed or stopped: history.
    Finished,
    /// Open by its own words, but too old without later support: whether it still holds is not known.
    Stale,
}

/// One drug record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Medication {
    /// Id, start as `when`, sources.
    pub meta: Meta,
    /// Drug as resolved; empty when unmapped (then an issue; never "never received").
    pub drugs: Vec<DrugName>,
    /// Codings and text as written.
    pub codes: Vec<Code>,
    /// What the record means.
    pub exposure: Exposure,
    /// Does the record speak of the present?
    pub state: MedicationState,
    /// End.
    pub end: Option<PartialDate>,
    /// Still being taken: status active or in-progress without an end.
    pub ongoing: bool,
    /// Why it ended.
    pub stop: Option<StopReason>,
    /// `curative`, `palliative`, `adjuvant`, `neoadjuvant`, `supportive` … as coded or written.
    pub intent: Option<String>,
    /// Dose as written.
    pub dose: Option<String>,
    /// Condition it was for, when stated.
    pub reason: Option<String>,
    /// For `NotTaken`: a class named instead of a drug, in words.
    pub about_class: Option<String>,
}

/// Disease status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// No evidence of disease / complete response.
    Complete,
    /// Partial response / improved.
    Partial,
    /// Stable.
    Stable,
    /// Progressed / worsened.
    Progressed,
    /// Undetermined.
    Undetermined,
}

/// A statement of response or progression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Response {
    /// Id, time, sources.
    pub meta: Meta,
    /// Status.
    pub status: Status,
    /// Codings as written.
    pub codes: Vec<Code>,
    /// Condition it is about.
    pub condition: Option<String>,
}

/// A procedure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Procedure {
    /// Id, time, sources.
    pub meta: Meta,
    /// Codings and text.
    pub codes: Vec<Code>,
    /// Body sites.
    pub sites: Vec<Code>,
    /// Intent as coded.
    pub intent: Option<String>,
    /// Status as written.
    pub status: String,
}

/// A radiotherapy course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Radiotherapy {
    /// Id, start, sources.
    pub meta: Meta,
    /// End.
    pub end: Option<PartialDate>,
    /// Modality and technique in words.
    pub modality: Option<String>,
    /// Sites.
    pub sites: Vec<Code>,
    /// Total dose per volume, unit as written (mCODE: cGy).
    pub doses: Vec<Quantity>,
    /// Fractions.
    pub fractions: Option<u32>,
    /// Intent as coded.
    pub intent: Option<String>,
    /// Status as written.
    pub status: String,
}

/// An allergy or intolerance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Allergy {
    /// Id, onset, sources.
    pub meta: Meta,
    /// Substance codings and text.
    pub codes: Vec<Code>,
    /// Drugs it resolves to.
    pub drugs: Vec<DrugName>,
    /// "No known allergies" statements.
    pub none_known: bool,
    /// Active?
    pub active: bool,
}

/// A coded observation nothing else types; never dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OtherObservation {
    /// Id, time, sources.
    pub meta: Meta,
    /// Codings.
    pub codes: Vec<Code>,
    /// Value in words.
    pub value: String,
    /// Resource type.
    pub kind: String,
}

/// A note or report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Id, date, sources.
    pub meta: Meta,
    /// Title or type.
    pub title: String,
    /// Text, immutable; spans count its UTF-8 bytes.
    pub text: String,
}

/// One resource or line that was handed in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct InputItem {
    /// `Observation/abc`, `variants.vcf line 12`.
    pub id: String,
    /// File.
    pub file: String,
    /// How many facts it gave; zero needs an issue saying why.
    pub facts: usize,
}

/// The tumour, resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tumour {
    /// Condition it rests on.
    pub condition: String,
    /// Canonical ids, most specific first: histology refines the condition when it is narrower.
    pub doid: Doid,
    /// Name of the term.
    pub name: String,
    /// Each step of the resolution in words: code → map row → term.
    pub steps: Vec<String>,
    /// When the map said the term is broader than the code, the patient is known only that far.
    pub broader_than_code: bool,
    /// Stage group now and the statement it rests on.
    pub stage: Option<String>,
    /// Is there metastatic or unresectable disease?
    pub extent: Extent,
    /// Known metastatic sites in words.
    pub metastases: Vec<String>,
    /// Diagnosed.
    pub diagnosed: Option<PartialDate>,
}

/// Extent of disease now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Confined, resectable as far as known (stage 0–II, M0).
    Localised,
    /// Stage III.
    LocallyAdvanced,
    /// Stage IV, M1, or a metastasis is recorded.
    Metastatic,
    /// In remission, no evidence of disease.
    Remission,
    /// Not known.
    Unknown,
}

/// Intent of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineIntent {
    /// Before definitive local treatment.
    Neoadjuvant,
    /// After it.
    Adjuvant,
    /// Advanced disease.
    Advanced,
}

/// A derived line of systemic therapy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Number within its intent, 1-based; a range when dates are missing.
    pub number: (u32, u32),
    /// Intent.
    pub intent: LineIntent,
    /// Drugs given in it.
    pub drugs: Vec<DrugName>,
    /// First administration.
    pub start: Option<PartialDate>,
    /// Last known day; `None` = ongoing or unknown.
    pub end: Option<PartialDate>,
    /// Ongoing at `as_of`.
    pub ongoing: bool,
    /// Ended by progression, and when that was stated.
    pub progression: Option<PartialDate>,
    /// Drugs stopped for intolerance.
    pub intolerant: Vec<DrugName>,
    /// Ids of the medication and response facts it rests on.
    pub from: Vec<String>,
    /// Rules applied, in words.
    pub because: Vec<String>,
    /// Of a line counted as neo- or adjuvant: the day of a metastasis recorded before it began. Which of the two holds
    /// is open, and it counts both ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_metastasis: Option<PartialDate>,
}

/// A time in which treatment may have been given that no record handed in tells of. While there is one, "not among
/// the lines recorded" is no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// First day of it; `None` = not stated.
    pub from: Option<PartialDate>,
    /// Day the first recorded therapy began; `None` = not stated.
    pub to: Option<PartialDate>,
    /// The disease may have been advanced in it, so that lines may lie in it.
    pub advanced: bool,
    /// Why it is taken for a gap, in words.
    pub why: String,
    /// What it rests on.
    pub sources: Vec<Source>,
}

impl Gap {
    /// `treatment between 2021-03 and 2024-09 is not in the records`.
    pub fn words(&self) -> String {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                format!("treatment between {} and {} is not in the records", month(from), month(to))
            }
            (Some(_), None) | (None, Some(_)) => format!("treatment {} is not in the records", self.span()),
            (None, None) => format!("treatment is not in the records: {}", self.why),
        }
    }

    /// `2021-03 to 2024-09`, months only; "time not stated" without dates.
    pub fn span(&self) -> String {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => format!("{} to {}", month(from), month(to)),
            (Some(from), None) => format!("from {}", month(from)),
            (None, Some(to)) => format!("before {}", month(to)),
            (None, None) => "time not stated".into(),
        }
    }
}

fn month(date: &PartialDate) -> String {
    date.day_text().chars().take(7).collect()
}

/// Facts that contradict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// What about: `HER2`, `stage group`, `exposure to palbociclib`.
    pub about: String,
    /// Each side in words with its sources.
    pub sides: Vec<(String, Vec<Source>)>,
}

/// A fact that is not used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Retracted {
    /// Fact or resource id.
    pub id: String,
    /// In words: what it said.
    pub what: String,
    /// Why it is out.
    pub why: String,
    /// Where it stood.
    pub sources: Vec<Source>,
}
