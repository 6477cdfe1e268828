//! Which gene and which drug did the record mean?
//!
//! Genes by symbol or an alias that names exactly one gene. Drugs by code, then by ingredient word; an unmapped one
//! is an issue and is never "never received" (clinical rules, section 3).

use concilium_case::{AlterationKind, Facts, Issue, Level, MarkerName, Meta, Place, Source};
use concilium_knowledge::{Drug, Genes, Knowledge};
use concilium_terms::code::system;
use concilium_terms::{Code, DrugName, GeneSymbol};

/// Puts canonical names where readers left the record's own.
pub fn resolve_names(facts: &mut Facts, knowledge: &Knowledge) {
    resolve_genes(facts, &knowledge.genes);
    let mut issues = Vec::new();
    for medication in &mut facts.medications {
        if medication.drugs.is_empty() {
            medication.drugs = drugs_of(&medication.codes, knowledge);
            if medication.drugs.is_empty() && medication.about_class.is_none() {
                issues.push(unmapped("medication", &medication.meta));
            }
        }
    }
    for allergy in facts.allergies.iter_mut().filter(|a| !a.none_known && a.drugs.is_empty()) {
        allergy.drugs = drugs_of(&allergy.codes, knowledge);
    }
    facts.issues.extend(issues);
}

fn resolve_genes(facts: &mut Facts, genes: &Genes) {
    let known = |gene: &mut GeneSymbol| {
        if let Some(row) = genes.resolve(gene.as_str()) {
            *gene = row.symbol.clone();
        }
    };
    for alteration in &mut facts.alterations {
        known(&mut alteration.gene);
        if let AlterationKind::Fusion { five, three, .. } = &mut alteration.kind {
            five.iter_mut().chain(three).for_each(known);
        }
    }
    for region in &mut facts.regions {
        region.genes.iter_mut().chain(&mut region.uncovered).for_each(known);
        region.genes.sort();
        region.genes.dedup();
    }
    for marker in &mut facts.markers {
        if let MarkerName::Gene(gene, _) = &mut marker.name {
            known(gene);
        }
    }
    facts.pharmacogenes.iter_mut().for_each(|result| known(&mut result.gene));
}

/// By code first; else by the words of text and displays: the whole, then the longest known name inside.
fn drugs_of(codes: &[Code], knowledge: &Knowledge) -> Vec<DrugName> {
    let drugs = &knowledge.drugs;
    let by_code = codes.iter().find_map(|code| {
        let index = match code.system.as_str() {
            system::RXNORM => drugs.by_rxnorm.get(&code.code),
            system::NCIT => drugs.by_ncit.get(&code.code),
            system::SNOMED => drugs.by_snomed.get(&code.code),
            _ => None,
        };
        index.map(|at| vec![drugs.rows[*at].name.clone()])
    });
    by_code.unwrap_or_else(|| {
        codes.iter().map(|c| named_in(&c.display, knowledge)).find(|d| !d.is_empty()).unwrap_or_default()
    })
}

/// Regimens expand; otherwise every drug named as a whole word, longer names before their parts.
fn named_in(text: &str, knowledge: &Knowledge) -> Vec<DrugName> {
    let lower = text.trim().to_lowercase();
    if lower.is_empty() {
        return vec![];
    }
    if let Some(drug) = knowledge.drugs.resolve(&lower) {
        return vec![drug.name.clone()];
    }
    if let Some(regimen) = knowledge.drugs.regimens.get(&lower) {
        return regimen.components.clone();
    }
    longest_names(&lower, knowledge)
}

/// Windows of up to five words, longest first, so that "trastuzumab deruxtecan" is never trastuzumab.
fn longest_names(lower: &str, knowledge: &Knowledge) -> Vec<DrugName> {
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']'))
        .filter(|w| !w.is_empty())
        .collect();
    let mut found: Vec<DrugName> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let hit = (1..=5.min(words.len() - at)).rev().find_map(|len| {
            let name = words[at..at + len].join(" ");
            drug_row(&name, knowledge).map(|row| (len, row.name.clone()))
        });
        match hit {
            Some((len, name)) => {
                found.push(name);
                at += len;
            }
            None => at += 1,
        }
    }
    found.sort();
    found.dedup();
    found
}

fn drug_row<'k>(name: &str, knowledge: &'k Knowledge) -> Option<&'k Drug> {
    // Three letters or fewer are more often doses and units than drugs.
    (3 < name.len()).then(|| knowledge.drugs.resolve(name)).flatten().filter(|row| row.kind == "drug")
}

fn unmapped(what: &str, meta: &Meta) -> Issue {
    Issue {
        level: Level::Doubtful,
        source: meta.sources.first().cloned().unwrap_or(Source { file: String::new(), place: Place::File }),
        what: format!("{what} {} names no drug this release knows", meta.id),
        remedy: "add the code or name to drugs.tsv of your release; until then it counts as unknown, not as absent".into(),
    }
}
