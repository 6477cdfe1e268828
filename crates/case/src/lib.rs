//! What is known of this patient, at this date?
//!
//! Plain facts: present, absent or not assessed, each with its time and where it came from. Conflicting facts
//! stay side by side. A list that is empty says "nothing was found in the records", never "there is none".
//! Built by readers (`fhir`, `genomics`, `notes`), joined by `engine`. No inference here except what `derive` names.

mod alteration;
mod clinical;
mod imaging;
mod issue;
mod provenance;

pub use alteration::*;
pub use clinical::*;
pub use imaging::*;
pub use issue::{Issue, Level};
pub use provenance::{Meta, Place, Source};

use concilium_terms::AsOf;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything read from one patient's records: what a reader returns and what `assemble` joins.
/// Unordered until assembled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    /// The person as each record states them; assembly refuses two different people.
    pub patients: Vec<Patient>,
    /// Cancer conditions, primary and secondary, and other diagnoses.
    pub conditions: Vec<Condition>,
    /// Stage statements: groups, T, N, M, other scales.
    pub stages: Vec<Stage>,
    /// ECOG, Karnofsky, Lansky.
    pub performance: Vec<Performance>,
    /// Small variants, copy numbers, fusions, splice variants; also those tested and absent.
    pub alterations: Vec<Alteration>,
    /// Which genes or regions an assay looked at: what makes a negative.
    pub regions: Vec<RegionStudied>,
    /// IHC, expression, receptors, signatures (MSI, TMB, HRD), tumour markers with a stated call.
    pub markers: Vec<Marker>,
    /// Germline pharmacogene results.
    pub pharmacogenes: Vec<Pharmacogene>,
    /// Laboratory and vital measurements.
    pub labs: Vec<Lab>,
    /// Drugs given, ordered, planned, stopped, reported as never taken.
    pub medications: Vec<Medication>,
    /// Disease status and response statements.
    pub responses: Vec<Response>,
    /// Surgery, biopsies and other procedures.
    pub procedures: Vec<Procedure>,
    /// Radiotherapy courses.
    pub radiotherapies: Vec<Radiotherapy>,
    /// Allergies and intolerances.
    pub allergies: Vec<Allergy>,
    /// Specimens, so that facts of one specimen can be told from another's.
    pub specimens: Vec<Specimen>,
    /// What the lab itself concluded about therapy; shown as the lab's opinion.
    pub lab_opinions: Vec<LabOpinion>,
    /// Pregnancy, menopausal state, smoking, family history and other coded observations kept as words.
    pub observations: Vec<OtherObservation>,
    /// Notes and reports with their text.
    pub documents: Vec<Document>,
    /// Typed findings in images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imaging: Vec<ImagingFinding>,
    /// Resources and lines that were read (id → kind), so that conservation can be checked.
    pub inputs: Vec<InputItem>,
    /// What could not be read, was doubtful, or was left out, and why.
    pub issues: Vec<Issue>,
}

impl Facts {
    /// Appends all of `other`.
    pub fn extend(&mut self, other: Facts) {
        macro_rules! append { ($($field:ident),*) => { $( self.$field.extend(other.$field); )* } }
        append!(
            patients,
            conditions,
            stages,
            performance,
            alterations,
            regions,
            markers,
            pharmacogenes,
            labs
        );
        append!(medications, responses, procedures, radiotherapies, allergies, specimens, lab_opinions);
        append!(observations, documents, imaging, inputs, issues);
    }
}

/// One patient as of an instant: facts sorted by id, retracted ones gone, derived ones marked as derived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// The instant the case speaks of. Nothing issued later is in `facts`.
    pub as_of: AsOf,
    /// The person.
    pub patient: Patient,
    /// The tumour the plan is for, resolved to an ontology; `None` = unknown, the plan abstains.
    pub tumour: Option<Tumour>,
    /// Other primaries known.
    pub other_tumours: Vec<Tumour>,
    /// The facts themselves.
    pub facts: Facts,
    /// Systemic lines of therapy, derived, in order.
    pub lines: Vec<Line>,
    /// Times whose treatment is not in the records.
    pub history_gaps: Vec<Gap>,
    /// Facts read from the text of notes by rules, below the records in authority: nothing that judges, screens or
    /// ranks reads them. `None`: the notes were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_text: Option<Facts>,
    /// Facts that contradict one another, with all sides.
    pub conflicts: Vec<Conflict>,
    /// Facts that were in the records and are not used, and why (entered in error, superseded, issued later).
    pub retracted: Vec<Retracted>,
}

impl Case {
    /// Age in whole years at `as_of`, if the birth date allows exactly one answer; else the range.
    pub fn age_years(&self) -> Option<(u32, u32)> {
        let birth = self.patient.birth_date.as_ref()?;
        let years = |day: jiff::civil::Date| {
            let span = day.until((jiff::Unit::Year, self.as_of.date())).ok()?;
            u32::try_from(span.get_years()).ok()
        };
        Some((years(birth.latest())?, years(birth.earliest())?))
    }
}
