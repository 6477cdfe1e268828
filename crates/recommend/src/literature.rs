//! What do texts say of an option? Plain values, filled after ranking: nothing here counts or moves an option.

use crate::plan::EvidenceItem;
use concilium_evidence::passage::{Access, Standing};
use concilium_terms::StatementKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Passages beside one option. Only current sources stand under `for_` and `found_for`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OptionPassages {
    /// Of documents that statements counted for the option were curated from, or are.
    pub for_: Vec<Quote>,
    /// The same of statements counted against it.
    pub against: Vec<Quote>,
    /// Found by words or meaning, not curated: they name the regimen, alone, and this tumour.
    pub found_for: Vec<Quote>,
    /// Found by words or meaning, not curated: they name a drug of it, this tumour, and words of failure.
    pub found_against: Vec<Quote>,
    /// Retracted, superseded or doubted sources, passages about another tumour, results of a combination that holds
    /// more than the option: shown with the reason first among their flags, supporting nothing.
    pub set_aside: Vec<Quote>,
}

/// A span of one exact text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// Passage key: document, text hash and byte span.
    pub key: String,
    /// The words, byte for byte.
    pub text: String,
    /// Section it lies in.
    pub section: String,
    /// Title of the document.
    pub title: String,
    /// Journal, registry or collection.
    pub venue: String,
    /// Date as precise as the source.
    pub date: String,
    /// Corpus it lies in.
    pub corpus: String,
    /// How much of the source the text is.
    pub access: Access,
    /// Standing of the source, or of the publication it is about.
    pub standing: Standing,
    /// What a reader must know first: `its source pmid:… is retracted`, `invented for the demo, no source`.
    pub flags: Vec<String>,
    /// Statements of this option it is curated for; none where it was found.
    pub statements: Vec<StatementKey>,
    /// Why it was found, by leg: `lexical 1 (12.30)`, `vector 2 (0.71)`; empty for curated ones.
    pub legs: Vec<String>,
}

/// A statement as a sentence of a closed template: every name in it is the statement's own.
///
/// `CIViC EID1, level A: drug supports sensitivity/response in disease with profile (PMID 1)`
pub fn sentence(item: &EvidenceItem) -> String {
    let layer = if item.layer == "civic" { "CIViC" } else { item.layer.as_str() };
    let therapies = if item.therapies.is_empty() { "it" } else { &item.therapies };
    let disease = if item.disease.is_empty() { "no stated disease" } else { &item.disease };
    let profile = if item.profile.is_empty() { "no stated profile" } else { &item.profile };
    let flagged = if item.flagged { ", flagged by its curators" } else { "" };
    format!(
        "{layer} {}, level {:?}{flagged}: {therapies} {} in {disease} with {profile} ({})",
        item.key,
        item.level,
        item.claim.to_lowercase(),
        item.citation
    )
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::plan::EvidenceItem;
    use concilium_evidence::{EvidenceLevel, StatementType, VariantOrigin};
    use concilium_terms::StatementKey;

    fn item(therapies: &str, flagged: bool) -> EvidenceItem {
        EvidenceItem {
            key: StatementKey::new("EID90001"),
            layer: "civic".into(),
            profile: "EGFR Exon 19 Deletion".into(),
            disease: "Lung Non-small Cell Carcinoma".into(),
            therapies: therapies.into(),
            kind: StatementType::Predictive,
            claim: "supports Sensitivity/Response".into(),
            level: EvidenceLevel::A,
            rating: None,
            origin: VariantOrigin::Somatic,
            flagged,
            citation: "PMID 90000001".into(),
            year: None,
            trials: vec![],
            reviewed: String::new(),
        }
    }

    /// What is left when the statement's own values are taken out are the words of the template.
    #[test]
    fn every_name_in_a_sentence_is_the_statements() {
        for (therapies, flagged, expected) in [
            (
                "amivantamab + carboplatin",
                false,
                "CIViC , level A:  supports sensitivity/response in  with  ()",
            ),
            (
                "",
                true,
                "CIViC , level A, flagged by its curators: it supports sensitivity/response in  with  ()",
            ),
        ] {
            let item = item(therapies, flagged);
            let mut said = sentence(&item);
            for own in [item.key.as_str(), therapies, &item.disease, &item.profile, &item.citation] {
                assert!(own.is_empty() || said.contains(own), "{said}");
                said = if own.is_empty() { said } else { said.replacen(own, "", 1) };
            }
            assert_eq!(said, expected);
        }
    }
}
