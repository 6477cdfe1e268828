//! What did the laboratory conclude from a variant, for diagnosis or therapy?

use super::locus::{self};
use super::{pgx, terms, values};
use crate::codes::genomic as loinc;
use crate::cx::{Cx, Late};
use crate::element::{has, words};
use concilium_case::{LabOpinion, OtherObservation};
use concilium_terms::Code;

/// Therapeutic and diagnostic implications, molecular consequences.
pub fn read(cx: &mut Cx, codes: &[Code]) -> bool {
    let json = cx.json();
    let drugs = values(json, loinc::DRUG);
    if has(codes, "molecular-consequence") {
        consequence(cx);
    } else if has(codes, "therapeutic-implication") || has(codes, "51961-1") || !drugs.is_empty() {
        therapeutic(cx);
    } else if has(codes, "diagnostic-implication") || !values(json, loinc::SIGNIFICANCE).is_empty() {
        diagnostic(cx, codes);
    } else {
        return false;
    }
    true
}

/// The lab's opinion on a drug, in the record's words.
fn therapeutic(cx: &mut Cx) {
    let json = cx.json();
    let drug = words(&values(json, loinc::DRUG));
    let effects = ["predicted-therapeutic-implication", "therapeutic-implication", "conclusion-string"];
    let effect =
        effects.iter().chain(&loinc::EFFECTS).map(|code| words(&values(json, code))).find(|w| !w.is_empty());
    let level = words(&values(json, loinc::LEVEL));
    let cancer = [words(&values(json, "associated-cancer")), words(&values(json, "81259-4"))]
        .into_iter()
        .find(|w| !w.is_empty());
    let parts =
        [Some(drug), effect, Some(level).filter(|l| !l.is_empty()).map(|l| format!("level {l}")), cancer];
    let about = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    let alterations = cx.targets("derivedFrom");
    if let Some(phenotype) = pgx::metabolism(json) {
        for genotype in alterations.iter().cloned() {
            cx.say(Late::Phenotype { genotype, phenotype: phenotype.clone() });
        }
    }
    missing(cx);
    cx.facts.lab_opinions.push(LabOpinion { meta: cx.meta(""), about, alterations });
}

/// Significance and effect belong to the variant; the statement itself is kept in words.
fn diagnostic(cx: &mut Cx, codes: &[Code]) {
    let json = cx.json();
    let significance = values(json, loinc::SIGNIFICANCE);
    let effect = values(json, "functional-effect");
    let call = terms::significance(&significance);
    if call.is_none() && !significance.is_empty() {
        let what =
            format!("clinical significance `{}` is not known here; kept as words", words(&significance));
        cx.doubt("component", what, "use the answers of LOINC 53037-8");
    }
    for variant in cx.targets("derivedFrom") {
        let by = cx.source("");
        if let Some(call) = call {
            cx.say(Late::Significance { variant: variant.clone(), call, by });
        }
        if let Some(effect) = terms::effect(&effect) {
            cx.say(Late::Effect { variant, effect });
        }
    }
    missing(cx);
    let about = [values(json, "81259-4"), values(json, "associated-cancer")].concat();
    let said = [words(&significance), words(&effect), words(&about)];
    let value = said.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(": ");
    let fact =
        OtherObservation { meta: cx.meta(""), codes: codes.to_vec(), value, kind: "Observation".into() };
    cx.facts.observations.push(fact);
}

/// genomics-reporting 4.0: coding and protein names repeat on an entry of their own.
fn consequence(cx: &mut Cx) {
    let json = cx.json();
    let names = locus::names(cx, json);
    let stated = [values(json, "feature-consequence"), values(json, "molecular-consequence")].concat();
    let consequence = terms::consequence(&stated);
    for variant in cx.targets("derivedFrom") {
        let (protein, coding) = (names.protein.clone(), names.coding.clone());
        cx.say(Late::Names { variant, protein, coding, consequence });
    }
    missing(cx);
    cx.note("", "a molecular consequence; read into the variant it is derived from", "");
}

fn missing(cx: &mut Cx) {
    let json = cx.json();
    let absent = json.all("derivedFrom").iter().filter(|reference| cx.resolve(reference).is_none()).count();
    if absent > 0 {
        cx.doubt(
            "derivedFrom",
            "the variant it is derived from is not in this input",
            "send the whole report",
        );
    }
}
