//! Is this the tumour the statement is about?
//!
//! Ancestry of the release decides. The patient narrower than the statement matches, with the distance; broader is
//! undetermined. Receptor-defined diseases are a tumour plus markers (clinical rules, section 3).

use crate::receptor::judge_receptors;
use crate::verdict::{NotTested, Verdict};
use concilium_case::{Case, Tumour};
use concilium_knowledge::{DiseaseMarker, Knowledge};
use concilium_terms::Doid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// "Solid tumor" of CIViC, which the Disease Ontology does not have.
pub const SOLID_TUMOUR: &str = "CIVIC:solid-tumor";
/// Disease Ontology: "cancer".
pub const CANCER: &str = "DOID:162";
/// Disease Ontology: "hematologic cancer"; no solid tumour.
pub const HAEMATOLOGICAL: &str = "DOID:2531";

/// Disease Ontology: "central nervous system cancer". These tumours, like haematological ones, have no extent in the
/// sense of TNM (`unreviewed`: UICC TNM 8th edition, tumour sites covered).
pub const CENTRAL_NERVOUS_SYSTEM: &str = "DOID:3620";

/// Relation of the patient's tumour to a statement's disease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TumourRelation {
    /// Same term, or the patient's is narrower (distance says how far).
    Matches,
    /// The statement is tissue-agnostic: a tier of its own below tumour-specific ones.
    TissueAgnostic,
    /// The patient's term is broader than the statement's: undetermined.
    PatientBroader,
    /// Another tumour.
    Other,
    /// The patient's tumour or the statement's disease is unknown.
    Unknown,
}

/// Outcome of the tumour comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TumourMatch {
    /// Relation by ontology alone.
    pub relation: TumourRelation,
    /// is_a steps from the patient's term up to the statement's; 0 when the same or not on a path.
    pub distance: u32,
    /// For receptor-defined diseases: the marker part. `True` when there is none to ask. Of a tissue-agnostic
    /// statement: whether the tumour is known to be of that kind.
    pub markers: Verdict,
    /// In words, for the page.
    pub because: String,
}

/// Compares the patient's tumour with a statement's disease.
pub fn match_tumour(case: &Case, knowledge: &Knowledge, disease: Option<&Doid>) -> TumourMatch {
    let Some(disease) = disease else {
        return plain(TumourRelation::Unknown, 0, "the statement names no disease".into());
    };
    if is_agnostic(disease) {
        return match_agnostic(case.tumour.as_ref(), knowledge, disease);
    }
    match &case.tumour {
        None => plain(TumourRelation::Unknown, 0, "the patient's tumour is unknown".into()),
        Some(tumour) => match_specific(case, tumour, knowledge, disease),
    }
}

fn plain(relation: TumourRelation, distance: u32, because: String) -> TumourMatch {
    TumourMatch { relation, distance, markers: Verdict::all([]), because }
}

fn is_agnostic(disease: &Doid) -> bool {
    [SOLID_TUMOUR, CANCER].contains(&disease.as_str())
}

/// Any cancer, or any solid one. Without a tumour, or with "cancer" alone, that stays open.
fn match_agnostic(tumour: Option<&Tumour>, knowledge: &Knowledge, disease: &Doid) -> TumourMatch {
    let name = knowledge.diseases.name(disease);
    let open = |why: &str| TumourMatch {
        markers: Verdict::not_tested(NotTested::NeverDone, format!("{name}: {why}"), vec![]),
        ..plain(TumourRelation::TissueAgnostic, 0, format!("tissue-agnostic ({name}); {why}"))
    };
    let Some(tumour) = tumour else { return open("the patient's tumour is unknown") };
    let asks_solid = disease.as_str() == SOLID_TUMOUR;
    if asks_solid && knowledge.diseases.is_a(&tumour.doid, &Doid::new(HAEMATOLOGICAL)) {
        return plain(TumourRelation::Other, 0, format!("{} is no solid tumour", tumour.name));
    }
    if asks_solid && tumour.doid.as_str() == CANCER {
        return open("the record says no more than cancer");
    }
    plain(TumourRelation::TissueAgnostic, 0, format!("tissue-agnostic ({name})"))
}

fn match_specific(case: &Case, tumour: &Tumour, knowledge: &Knowledge, disease: &Doid) -> TumourMatch {
    let row = receptor_row(knowledge, disease);
    let coded = receptor_row(knowledge, &tumour.doid);
    let direct = relation(tumour, knowledge, disease);
    let Some(row) = row else { return direct };
    // The patient's term itself may already be the receptor-defined one; else the tumour is compared.
    let by_base = match direct.relation {
        TumourRelation::Matches => direct,
        _ => relation(tumour, knowledge, &row.base),
    };
    if matches!(by_base.relation, TumourRelation::Other | TumourRelation::Unknown) {
        return by_base;
    }
    let markers = judge_receptors(case, &row.requires, coded);
    let required: Vec<String> = row
        .requires
        .iter()
        .map(|(name, yes)| format!("{name} {}", if *yes { "positive" } else { "negative" }))
        .collect();
    let because =
        format!("{}; {} asks for {}", by_base.because, knowledge.diseases.name(disease), required.join(", "));
    TumourMatch { markers, because, ..by_base }
}

pub(crate) fn receptor_row<'k>(knowledge: &'k Knowledge, disease: &Doid) -> Option<&'k DiseaseMarker> {
    knowledge.diseases.markers.iter().find(|row| row.doid == *disease)
}

fn relation(tumour: &Tumour, knowledge: &Knowledge, disease: &Doid) -> TumourMatch {
    let diseases = &knowledge.diseases;
    let asked = diseases.name(disease);
    if let Some(distance) = steps_up(tumour, knowledge, disease) {
        let because = match distance {
            0 => format!("{} is {asked}", tumour.name),
            1 => format!("{} is a kind of {asked}, 1 step", tumour.name),
            _ => format!("{} is a kind of {asked}, {distance} steps", tumour.name),
        };
        return plain(TumourRelation::Matches, distance, because);
    }
    if diseases.is_a(disease, &tumour.doid) {
        let known = if tumour.broader_than_code { " (the code says more than the term)" } else { "" };
        let because = format!("{} is broader than {asked}{known}: undetermined", tumour.name);
        return plain(TumourRelation::PatientBroader, 0, because);
    }
    plain(TumourRelation::Other, 0, format!("{} is not {asked}", tumour.name))
}

/// Steps from the patient's term up to the statement's. A term read as its usual form counts as that form, from
/// narrow to broad only (`disease_defaults.tsv`).
fn steps_up(tumour: &Tumour, knowledge: &Knowledge, disease: &Doid) -> Option<u32> {
    let up = |term: &Doid| knowledge.diseases.steps_up(&tumour.doid, term);
    let defaults = knowledge.disease_defaults.iter().filter(|row| row.doid == *disease);
    up(disease).into_iter().chain(defaults.filter_map(|row| up(&row.read_as))).min()
}
