//! Does a staging scale belong to this tumour?
//!
//! Records carry scales of other diseases (a Binet stage beside lung cancer). They are kept as facts and never stage
//! the tumour.

use concilium_knowledge::Knowledge;
use concilium_terms::Doid;

/// Scales as the reader names them, with the Disease Ontology terms they are made for. Source: each scale's own
/// definition in NCI Thesaurus or SNOMED CT, by the codes of the record reader; unreviewed.
const SCALES: &[(&str, &[&str])] = &[
    ("ALL risk", &["DOID:9952"]),
    ("Binet", &["DOID:1040"]),
    ("Breslow", &["DOID:1909", "DOID:8923"]),
    ("Clark", &["DOID:1909", "DOID:8923"]),
    ("Deauville", &["DOID:0060058"]),
    ("FIGO", &["DOID:120"]),
    ("Gleason", &["DOID:10283"]),
    ("INRGSS", &["DOID:769"]),
    ("INSS", &["DOID:769"]),
    ("IRS group", &["DOID:3247"]),
    ("ISS", &["DOID:9538"]),
    ("Lymphoma stage", &["DOID:0060058"]),
    ("NWTS", &["DOID:2154"]),
    ("R-ISS", &["DOID:9538"]),
    ("RMS risk", &["DOID:3247"]),
    ("Rai", &["DOID:1040"]),
];

/// Diseases the scale is made for; empty for a scale that is not known.
pub fn made_for(scale: &str) -> impl Iterator<Item = Doid> {
    let known = SCALES.iter().find(|(name, _)| *name == scale);
    known.into_iter().flat_map(|(_, made_for)| made_for.iter().map(|doid| Doid::new(*doid)))
}

/// False only for a known scale of another tumour; a patient's term broader than the scale's keeps it.
pub fn scale_fits(scale: &str, tumour: &Doid, knowledge: &Knowledge) -> bool {
    let diseases = &knowledge.diseases;
    let mut terms = made_for(scale).peekable();
    terms.peek().is_none() || terms.any(|doid| diseases.is_a(tumour, &doid) || diseases.is_a(&doid, tumour))
}
