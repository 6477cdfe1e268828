//! What kind of observation is this, and what does it say?

mod history;
mod imaging;
mod lab;
mod marker;
mod performance;

use super::{genomics, stage};
use crate::cx::{Cx, Late};
use crate::element::{self, concept, quantity, quantity_words, words};
use crate::json::Json;
use concilium_case::OtherObservation;
use concilium_terms::Code;

/// Tried in this order; each says whether the observation was its own. The last takes everything.
static READERS: &[fn(&mut Cx, &[Code]) -> bool] = &[
    imaging::read,
    genomics::variant::read,
    genomics::region::read,
    genomics::pgx::read,
    genomics::implication::read,
    genomics::phase,
    performance::read,
    history::status,
    history::metastasis,
    history::comorbidities,
    marker::gene_test,
    marker::read,
    stage::observation,
    lab::read,
    anything,
];

/// Reads an Observation.
pub fn read(cx: &mut Cx) {
    let codes = cx.json().one("code").map(concept).unwrap_or_default();
    if codes.is_empty() {
        cx.doubt("code", "the observation has no code and no words", "say what was observed");
    }
    histology(cx, &codes);
    missing_focus(cx);
    let _read = READERS.iter().any(|read| read(cx, &codes));
    cx.notes();
}

/// A statement about a condition nobody sent may not fit the tumour at hand.
fn missing_focus(cx: &mut Cx) {
    let missing = cx.json().all("focus").iter().any(|reference| cx.resolve(reference).is_none());
    if missing {
        let what = "what it is about (`focus`) is not in this input";
        cx.doubt("focus", what, "send it too, or check that the statement belongs to this tumour");
    }
}

/// A histology result is also a property of the condition it points to.
fn histology(cx: &mut Cx, codes: &[Code]) {
    if !element::has(codes, crate::codes::HISTOLOGY) {
        return;
    }
    let value = cx.json().one("valueCodeableConcept").map(concept).unwrap_or_default();
    for wrong in
        value.iter().filter(|c| c.system == concilium_terms::code::system::ICDO3 && !is_icdo3(&c.code))
    {
        let what =
            format!("`{}` is not an ICD-O-3 morphology code (four digits, `/`, behaviour)", wrong.code);
        cx.doubt("valueCodeableConcept", what, "correct the code");
    }
    if let Some(condition) = cx.condition() {
        cx.say(Late::Histology { condition, codes: value });
    }
}

fn is_icdo3(code: &str) -> bool {
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    code.split_once('/').is_some_and(|(morphology, behaviour)| digits(morphology, 4) && digits(behaviour, 1))
}

fn anything(cx: &mut Cx, codes: &[Code]) -> bool {
    other(cx, codes);
    for (index, part) in cx.json().all("component").iter().enumerate() {
        component(cx, part, index);
    }
    true
}

/// An observation nothing else types, kept in words.
pub fn other(cx: &mut Cx, codes: &[Code]) {
    let json = cx.json();
    let members = json.all("hasMember").len();
    let value = value_words(json).unwrap_or_else(|| match members {
        0 => "no value".into(),
        n => format!("groups {n} other observations"),
    });
    let fact =
        OtherObservation { meta: cx.meta(""), codes: codes.to_vec(), value, kind: "Observation".into() };
    cx.facts.observations.push(fact);
}

/// One component of an observation that has no reader for its parts: a number is a measurement, words stay words.
pub fn component(cx: &mut Cx, part: &Json, index: usize) {
    let codes = part.one("code").map(concept).unwrap_or_default();
    let place = format!("component[{index}]");
    if part.get("valueQuantity").is_some() {
        return lab::measurement(cx, part, &place, codes);
    }
    let value = value_words(part).unwrap_or_else(|| "no value".into());
    let fact = OtherObservation { meta: cx.meta(&place), codes, value, kind: "Observation".into() };
    cx.facts.observations.push(fact);
}

/// All values in words; two where there are two.
pub fn value_words(json: &Json) -> Option<String> {
    let mut said: Vec<String> = Vec::new();
    said.extend(json.one("valueCodeableConcept").map(|value| words(&concept(value))));
    said.extend(json.one("valueQuantity").and_then(quantity).map(|q| quantity_words(&q)));
    for key in ["valueString", "valueInteger", "valueBoolean", "valueDateTime", "valueTime"] {
        said.extend(json.str(key).map(str::to_owned));
    }
    said.extend(json.one("valueRatio").map(ratio_words));
    said.extend(json.one("valueRange").map(range_words));
    if let Some(reason) = json.one("dataAbsentReason") {
        said.push(format!("absent: {}", words(&concept(reason))));
    }
    said.retain(|words| !words.is_empty());
    (!said.is_empty()).then(|| said.join("; "))
}

/// `1:100`, with comparators.
pub fn ratio_words(ratio: &Json) -> String {
    let side = |key| ratio.one(key).and_then(quantity).map(|q| quantity_words(&q)).unwrap_or_default();
    format!("{}:{}", side("numerator"), side("denominator"))
}

fn range_words(range: &Json) -> String {
    let side = |key| range.one(key).and_then(quantity).map(|q| quantity_words(&q)).unwrap_or_default();
    format!("{}–{}", side("low"), side("high"))
}
