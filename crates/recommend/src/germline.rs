//! Which findings ask for genetics?
//!
//! Pathogenic germline variants; variants of the germline nobody called; truncations labelled somatic where the test or
//! the family speaks for the germline; mismatch repair deficiency.

use crate::patient::FAMILY_HISTORY;
use concilium_case::{
    Alteration, AlterationKind, Case, Marker, MarkerCall, MarkerName, Origin, Presence, RegionStudied,
    SignatureName, Significance,
};

/// Genes of hereditary cancer syndromes. `unreviewed`: to be checked against the ACMG list of secondary findings and
/// the guideline of each tumour.
const HEREDITARY: [&str; 20] = [
    "APC", "ATM", "BARD1", "BRCA1", "BRCA2", "BRIP1", "CDH1", "CHEK2", "MLH1", "MSH2", "MSH6", "MUTYH",
    "PALB2", "PMS2", "PTEN", "RAD51C", "RAD51D", "STK11", "TP53", "VHL",
];

/// One flag for each finding, in words.
pub fn germline_flags(case: &Case) -> Vec<String> {
    let present = case.facts.alterations.iter().filter(|a| a.presence == Presence::Present);
    let mut flags: Vec<String> = present.filter_map(|alteration| flag(alteration, case)).collect();
    flags.extend(mismatch_repair(case));
    flags.dedup();
    flags
}

fn flag(alteration: &Alteration, case: &Case) -> Option<String> {
    let label = &alteration.label;
    let hereditary = HEREDITARY.contains(&alteration.gene.as_str());
    match (alteration.origin, alteration.significance) {
        (Origin::Germline, Some(Significance::Pathogenic | Significance::LikelyPathogenic)) => {
            Some(format!("{label}: pathogenic in the germline, genetics referral"))
        }
        (Origin::Germline, None) if hereditary => Some(format!(
            "{label}: in the germline, significance not called: ask the laboratory, genetics referral"
        )),
        (Origin::Somatic | Origin::Unknown, call) if hereditary && truncates(alteration) => {
            let benign = matches!(call, Some(Significance::Benign | Significance::LikelyBenign));
            let why = for_the_germline(alteration, case);
            (!benign && !why.is_empty()).then(|| {
                let said = if alteration.origin == Origin::Somatic {
                    "labelled somatic"
                } else {
                    "origin not stated"
                };
                let why = why.join(" and ");
                format!("{label}: truncation, {said}; {why}: confirm the germline, genetics referral")
            })
        }
        _ => None,
    }
}

fn truncates(alteration: &Alteration) -> bool {
    matches!(&alteration.kind, AlterationKind::Small { consequence: Some(consequence), .. } if consequence.truncates())
}

/// What speaks for the germline beside the label.
fn for_the_germline(alteration: &Alteration, case: &Case) -> Vec<&'static str> {
    let facts = &case.facts;
    let is_hereditary = |region: &&RegionStudied| {
        1 < region.genes.len()
            && region.genes.contains(&alteration.gene)
            && region.genes.iter().all(|gene| HEREDITARY.contains(&gene.as_str()))
    };
    let panel = facts.regions.iter().any(|region| is_hereditary(&region));
    let cancer = ["cancer", "malignan", "carcinoma", "tumor", "tumour"];
    let family = facts.observations.iter().any(|o| {
        let said = o.value.to_lowercase();
        o.kind == FAMILY_HISTORY && cancer.iter().any(|word| said.contains(word))
    });
    let said = [(panel, "a hereditary-type panel"), (family, "family history")];
    said.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words).collect()
}

fn mismatch_repair(case: &Case) -> Option<String> {
    let deficient = |marker: &&Marker| {
        marker.name == MarkerName::Signature(SignatureName::Msi) && marker.call == Some(MarkerCall::Positive)
    };
    case.facts.markers.iter().find(deficient)?;
    Some("MSI-high or mismatch repair deficient: Lynch evaluation, genetics referral".into())
}
