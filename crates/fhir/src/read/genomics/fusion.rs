//! Does this variant entry speak of a fusion, and of which genes?

use super::{is_gene, value_text, values};
use crate::codes::genomic as loinc;
use crate::element::{all_words, has};
use crate::genes;
use crate::json::Json;
use concilium_case::AlterationKind;
use concilium_terms::GeneSymbol;
use concilium_terms::hgvs::parse_fusion;

/// The fusion stated, with the genes of the gene-studied components. FHIR has no component for it: it comes as
/// two genes, as a Sequence Ontology change type, or as text. `joined`: two genes alone are enough.
pub fn read(json: &Json, genes: &[GeneSymbol], joined: bool) -> Option<AlterationKind> {
    let types: Vec<_> = ["molecular-consequence", "functional-annotation"]
        .iter()
        .chain(&[loinc::CODING_TYPE, loinc::PROTEIN_TYPE])
        .flat_map(|code| values(json, code))
        .collect();
    let said = all_words(&types);
    let typed = has(&types, "SO:0001565")
        || ["fusion", "translocation", "rearrangement"].iter().any(|w| said.contains(w));
    let text = texts(json);
    let named = text.iter().find_map(|text| named(text));
    let two = genes.len() == 2 && joined;
    match (named, typed || two, genes) {
        (Some(kind), ..) => Some(kind),
        (None, true, [five, three, ..]) => Some(AlterationKind::Fusion {
            five: Some(five.clone()),
            three: Some(three.clone()),
            oriented: false,
        }),
        (None, true, [gene]) => {
            Some(AlterationKind::Fusion { five: None, three: Some(gene.clone()), oriented: false })
        }
        _ => None,
    }
}

/// Places where a fusion is written as text: variation code, ISCN, value, note.
fn texts(json: &Json) -> Vec<String> {
    let mut found = vec![value_text(json, loinc::ISCN)];
    found.extend(values(json, loinc::VARIATION).into_iter().flat_map(|c| [c.display, c.code]));
    found.extend(values(json, loinc::CODING).into_iter().map(|c| c.display));
    found.extend(json.str("valueString").map(str::to_owned));
    found.extend(json.path("code.text").and_then(Json::text).map(str::to_owned));
    found.retain(|text| {
        text.contains("::")
            || text.to_lowercase().contains("fusion")
            || text.to_lowercase().contains("rearrange")
            || pair(text)
    });
    found
}

/// `EML4-ALK`, both sides genes.
fn pair(text: &str) -> bool {
    let sides = text.trim().split_once('-');
    sides.is_some_and(|(five, three)| {
        genes::known_in_text(five).is_some() && genes::known_in_text(three).is_some()
    })
}

fn named(text: &str) -> Option<AlterationKind> {
    let name = parse_fusion(text, is_gene).ok()?;
    let current = |gene: Option<GeneSymbol>| gene.map(|gene| genes::known(gene.as_str()).unwrap_or(gene));
    Some(AlterationKind::Fusion {
        five: current(name.five),
        three: current(name.three),
        oriented: name.oriented,
    })
}
