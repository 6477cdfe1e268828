//! Which genes did the assay look at?

use super::{components, genes, origin, values};
use crate::codes::genomic as loinc;
use crate::cx::Cx;
use crate::element::{self, all_words, concept, words};
use crate::genes::known_in_text;
use concilium_case::RegionStudied;
use concilium_terms::{Code, GeneSymbol};

/// A region-studied observation.
pub fn read(cx: &mut Cx, codes: &[Code]) -> bool {
    if !element::has(codes, loinc::REGION) {
        return false;
    }
    let json = cx.json();
    let genes = genes(cx, true);
    let ranges =
        values(json, loinc::RANGES).iter().map(super::shown).chain(written_ranges(cx)).collect::<Vec<_>>();
    let uncovered = uncovered(cx);
    if genes.is_empty() && ranges.is_empty() {
        cx.doubt(
            "component",
            "no gene and no range is named; nothing can be called tested",
            "name the genes",
        );
    }
    let region = RegionStudied {
        meta: cx.meta(""),
        genes,
        ranges,
        uncovered,
        origin: origin(json),
        specimen: cx.specimen(),
        assay: json.one("method").map(|method| words(&concept(method))),
    };
    cx.facts.regions.push(region);
    true
}

fn written_ranges(cx: &Cx) -> Vec<String> {
    let parts = components(cx.json(), loinc::RANGES);
    let range = |part: &&crate::json::Json| {
        let side = |key: &str| {
            part.path(&format!("valueRange.{key}")).and_then(|q| q.str("value")).map(str::to_owned)
        };
        Some(format!("{}-{}", side("low")?, side("high")?))
    };
    parts.iter().filter_map(range).collect()
}

/// Genes in components whose code speaks of uncallable or uncovered regions.
fn uncovered(cx: &mut Cx) -> Vec<GeneSymbol> {
    let json = cx.json();
    let mut found = Vec::new();
    for part in json.all("component") {
        let codes = part.one("code").map(concept).unwrap_or_default();
        let said = format!(
            "{} {}",
            all_words(&codes),
            codes.iter().map(|c| c.code.to_lowercase()).collect::<String>()
        );
        if !["uncallable", "not covered", "failed"].iter().any(|word| said.contains(word)) {
            continue;
        }
        let value = part.one("valueCodeableConcept").map(concept).unwrap_or_default();
        let text = part.str("valueString").map(Code::text);
        let before = found.len();
        for code in value.iter().chain(&text) {
            found.extend(
                code.display.split([',', ';', ' ']).chain([code.code.as_str()]).filter_map(known_in_text),
            );
        }
        if found.len() == before {
            cx.doubt(
                "component",
                "regions are stated as not callable, but no gene is named",
                "name the genes",
            );
        }
    }
    found.dedup();
    found
}
