//! Which diplotype or phenotype of a germline pharmacogene is stated?

use super::{genes, values};
use crate::codes::genomic as loinc;
use crate::cx::Cx;
use crate::element::{self, all_words, concept, words};
use crate::genes::{known, known_in_text};
use concilium_case::Pharmacogene;
use concilium_terms::{Code, GeneSymbol};

/// A genotype, a haplotype, or a metaboliser phenotype.
pub fn read(cx: &mut Cx, codes: &[Code]) -> bool {
    let said = all_words(codes);
    if element::has(codes, loinc::GENOTYPE) {
        genotype(cx);
    } else if element::has(codes, loinc::HAPLOTYPE) {
        haplotype(cx);
    } else if said.contains("gene product metabolic activity") || said.contains("metabolizer status") {
        phenotype(cx, codes);
    } else {
        return false;
    }
    true
}

fn value(cx: &Cx) -> Vec<Code> {
    let json = cx.json();
    let mut codes = json.one("valueCodeableConcept").map(concept).unwrap_or_default();
    codes.extend(json.str("valueString").map(Code::text));
    codes
}

fn push(
    cx: &mut Cx,
    gene: GeneSymbol,
    diplotype: Option<String>,
    phenotype: Option<String>,
    uncovered: Vec<String>,
) {
    let json = cx.json();
    let activity = json.all("component").iter().find(|part| {
        part.one("code").is_some_and(|code| all_words(&concept(code)).contains("activity score"))
    });
    let activity =
        activity.and_then(|part| part.path("valueQuantity")?.number("value").or(part.number("valueString")));
    let fact = Pharmacogene { meta: cx.meta(""), gene, diplotype, phenotype, activity, uncovered };
    cx.facts.pharmacogenes.push(fact);
}

fn genotype(cx: &mut Cx) {
    let codes = value(cx);
    // A genotype's code can be a catalogue number; its words are the diplotype.
    let written =
        codes.iter().map(|c| if c.display.is_empty() { &c.code } else { &c.display }).next().cloned();
    let gene = one_gene(cx, written.as_deref().unwrap_or(""));
    let diplotype = written.map(|text| without_gene(&text, gene.as_str()));
    if diplotype.is_none() {
        cx.doubt("value[x]", "the genotype has no value", "send the diplotype");
    }
    let known = diplotype.as_deref().is_some_and(|text| text.contains('/') || text.contains('+'));
    if diplotype.is_some() && !known {
        cx.doubt(
            "value[x]",
            "the genotype names one allele, not two; it is kept as written",
            "send both alleles",
        );
    }
    let uncovered = if diplotype.is_none() { why_absent(cx) } else { vec![] };
    push(cx, gene, diplotype, None, uncovered);
}

/// Why there is no genotype, in the laboratory's words: a test without an answer is not a test never done.
fn why_absent(cx: &Cx) -> Vec<String> {
    let reason = cx.json().one("dataAbsentReason").map(concept).unwrap_or_default();
    let said = words(&reason);
    if said.is_empty() { vec![] } else { vec![said] }
}

/// The gene named; of several, the one the diplotype itself names.
fn one_gene(cx: &mut Cx, written: &str) -> GeneSymbol {
    let genes = genes(cx, false);
    match genes.as_slice() {
        [gene] => gene.clone(),
        [] => {
            let word = written.split(['*', ' ', ':']).next().unwrap_or("");
            known(word.trim()).unwrap_or_else(|| {
                cx.doubt("component", "no gene is named", "name the gene");
                GeneSymbol::new("")
            })
        }
        several => {
            let what =
                format!("{} genes are named for one genotype; the one in its words is taken", several.len());
            cx.doubt("component", what, "send one entry per gene");
            several.iter().find(|gene| written.contains(gene.as_str())).unwrap_or(&several[0]).clone()
        }
    }
}

/// `CYP2C9 *2/*5` → `*2/*5`; HLA names keep their gene, as they are written.
fn without_gene(text: &str, gene: &str) -> String {
    let rest = text
        .trim()
        .strip_prefix(gene)
        .filter(|rest| !gene.is_empty() && !gene.starts_with("HLA") && !rest.is_empty());
    rest.unwrap_or(text).trim().to_owned()
}

/// One haplotype is half a diplotype: the other is unknown, never normal.
fn haplotype(cx: &mut Cx) {
    let codes = value(cx);
    let written = codes
        .iter()
        .map(|c| if c.display.is_empty() { &c.code } else { &c.display })
        .next()
        .cloned()
        .unwrap_or_default();
    let me = cx.entry().id.clone();
    let used = cx.input.entries.iter().enumerate().any(|(at, entry)| {
        let codes = entry.json.one("code").map_or(&[][..], |code| code.all("coding"));
        let genotype = codes.iter().any(|coding| coding.str("code") == Some(loinc::GENOTYPE));
        genotype
            && entry.json.all("derivedFrom").iter().any(|r| cx.input.target(at, r).as_deref() == Some(&me))
    });
    if used {
        let own = cx.json().one("code").map(concept).unwrap_or_default();
        return super::super::observation::other(cx, &own);
    }
    let gene = one_gene(cx, &written);
    let missing = format!("second haplotype not stated; one is {}", without_gene(&written, gene.as_str()));
    push(cx, gene, None, None, vec![missing]);
}

fn phenotype(cx: &mut Cx, codes: &[Code]) {
    let stated = value(cx);
    let named = codes.iter().flat_map(|c| c.display.split(' ')).find_map(known_in_text);
    let gene = named.unwrap_or_else(|| one_gene(cx, ""));
    let phenotype = Some(words(&stated)).filter(|text| !text.is_empty());
    if phenotype.is_none() {
        cx.doubt("value[x]", "the phenotype has no value", "send the phenotype");
    }
    push(cx, gene, None, phenotype, vec![]);
}

/// Metaboliser words of an implication (LOINC 53040-2).
pub fn metabolism(json: &crate::json::Json) -> Option<String> {
    let codes = values(json, "53040-2");
    (!codes.is_empty()).then(|| words(&codes))
}
