//! What else is stated, kept as words: family history, ordered tests?

use crate::cx::Cx;
use crate::element::{concept, concepts, words};
use concilium_case::OtherObservation;
use concilium_terms::Code;

/// Reads a FamilyMemberHistory: one fact per condition, with the relative in words.
pub fn family(cx: &mut Cx) {
    let json = cx.json();
    let relative = json.one("relationship").map(|r| words(&concept(r))).unwrap_or_default();
    let conditions = json.all("condition");
    for (index, condition) in conditions.iter().enumerate() {
        let codes = condition.one("code").map(concept).unwrap_or_default();
        let age =
            condition.path("onsetAge.value").map(|_| condition.one("onsetAge").and_then(|a| a.str("value")));
        let age = age.flatten().map_or(String::new(), |age| format!(", onset at {age}"));
        let value = format!("{relative}: {}{age}", words(&codes));
        keep(cx, &format!("condition[{index}]"), codes, value);
    }
    if conditions.is_empty() {
        keep(cx, "", vec![], format!("{relative}: no condition stated"));
    }
    cx.notes();
}

/// Reads a ServiceRequest: what was asked for and is perhaps not yet reported.
pub fn request(cx: &mut Cx) {
    let json = cx.json();
    let mut codes = json.one("code").map(concept).unwrap_or_default();
    codes.extend(concepts(json, "orderDetail"));
    if json.bool("doNotPerform") == Some(true) {
        return cx.note("doNotPerform", "a request not to do something; no fact", "");
    }
    let value = format!("requested, status {}", json.str("status").unwrap_or("not stated"));
    keep(cx, "", codes, value);
    cx.notes();
}

fn keep(cx: &mut Cx, part: &str, codes: Vec<Code>, value: String) {
    let fact = OtherObservation { meta: cx.meta(part), codes, value, kind: cx.entry().kind.to_owned() };
    cx.facts.observations.push(fact);
}
