//! How did the disease go, and what was stated as past or absent?

use crate::codes::{DISEASE_STATUS, HISTORY_OF_LIVER_METASTASIS, HISTORY_OF_METASTASIS, STATUSES};
use crate::cx::Cx;
use crate::element::{self, all_words, concept, extensions};
use concilium_case::{Certainty, Condition, ConditionRole, Meta, Response, Status};
use concilium_terms::Code;

/// Cancer disease status.
pub fn status(cx: &mut Cx, codes: &[Code]) -> bool {
    if !element::has(codes, DISEASE_STATUS) {
        return false;
    }
    let value = cx.json().one("valueCodeableConcept").map(concept).unwrap_or_default();
    let known = element::find(&value, STATUSES, |row| row.0)
        .map(|row| row.1)
        .or_else(|| by_words(&all_words(&value)));
    metastatic(cx, &value);
    match known {
        Some(status) => {
            let response = Response { meta: cx.meta(""), status, codes: value, condition: cx.condition() };
            cx.facts.responses.push(response);
        }
        None => {
            let code = value.first().map_or("none", |c| c.code.as_str());
            let what =
                format!("disease status with a value that is not known here (`{code}`); kept as words");
            cx.doubt("valueCodeableConcept", what, "use a code of the mCODE condition status value set");
            super::other(cx, codes);
        }
    }
    true
}

/// "Distant metastasis present" as a disease status is no response; it is a metastasis.
fn metastatic(cx: &mut Cx, value: &[Code]) {
    if element::has(value, "399409002") {
        let fact = past(cx.meta("metastasis"), value.to_vec(), ConditionRole::Metastasis);
        cx.facts.conditions.push(fact);
        cx.doubt(
            "valueCodeableConcept",
            "metastases given as disease status; course unknown, metastasis kept",
            "",
        );
    }
}

fn by_words(words: &str) -> Option<Status> {
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    if any(&["undetermined", "not evaluated", "inevaluable"]) {
        return Some(Status::Undetermined);
    }
    if any(&["complete response", "complete remission", "full remission", "no evidence of disease"]) {
        return Some(Status::Complete);
    }
    if any(&["progress", "worsen", "relapse", "recurren"]) {
        return Some(Status::Progressed);
    }
    if any(&["partial", "improved"]) {
        return Some(Status::Partial);
    }
    any(&["stable"]).then_some(Status::Stable)
}

/// History of metastatic cancer. `valueBoolean` false negates it (mCODE 4.0.0: a modifier).
pub fn metastasis(cx: &mut Cx, codes: &[Code]) -> bool {
    let words = all_words(codes);
    let coded =
        element::has(codes, HISTORY_OF_METASTASIS) || element::has(codes, HISTORY_OF_LIVER_METASTASIS);
    let said = words.contains("history of") && words.contains("metasta");
    if !coded && !said {
        return false;
    }
    let present = cx.json().bool("valueBoolean");
    let fact = Condition { present, ..past(cx.meta(""), codes.to_vec(), ConditionRole::CancerHistory) };
    cx.facts.conditions.push(fact);
    true
}

/// mCODE comorbidities panel: the present ones are Conditions of their own, the absent ones stand only here.
pub fn comorbidities(cx: &mut Cx, codes: &[Code]) -> bool {
    if !element::has(codes, "398192003") {
        return false;
    }
    let json = cx.json();
    for (index, ext) in extensions(json, "mcode-related-condition-absent").enumerate() {
        let codes = ext.one("valueCodeableConcept").map(concept).unwrap_or_default();
        let meta = cx.meta(&format!("absent[{index}]"));
        let fact = Condition { present: Some(false), ..past(meta, codes, ConditionRole::Comorbidity) };
        cx.facts.conditions.push(fact);
    }
    for ext in extensions(json, "mcode-related-condition") {
        let Some(reference) = ext.one("valueReference") else { continue };
        if cx.resolve(reference).is_none() {
            cx.doubt("extension", "a comorbidity referred to is not in this input", "send its Condition");
        }
    }
    cx.note("", "a panel of comorbidities: the present ones are read as entries of their own", "");
    true
}

fn past(meta: Meta, codes: Vec<Code>, role: ConditionRole) -> Condition {
    Condition {
        meta,
        codes,
        histology: vec![],
        sites: vec![],
        role,
        certainty: Certainty::Confirmed,
        clinical_status: None,
        primary: None,
        present: None,
    }
}
