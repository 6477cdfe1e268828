//! Which allergies and intolerances are recorded, or stated as absent?

use crate::cx::Cx;
use crate::element::{all_words, concept, concepts};
use concilium_case::Allergy;

/// Reads an AllergyIntolerance. The drugs are resolved later, from the codes.
pub fn read(cx: &mut Cx) {
    let json = cx.json();
    let mut codes = json.one("code").map(concept).unwrap_or_default();
    codes.extend(json.all("reaction").iter().flat_map(|reaction| concepts(reaction, "substance")));
    if codes.is_empty() {
        cx.doubt("code", "an allergy without a substance", "name the substance");
    }
    let words = all_words(&codes);
    // SNOMED, "No known allergy (situation)" and its drug, food, environment children, as US Core lists them.
    let none_codes = ["716186003", "409137002", "428607008", "428197003"];
    let none_known =
        codes.iter().any(|c| none_codes.contains(&c.code.as_str())) || words.contains("no known");
    let status = json.one("clinicalStatus").map(concept).unwrap_or_default();
    let active = status.is_empty() || status.iter().any(|c| c.code == "active");
    let allergy = Allergy { meta: cx.meta(""), codes, drugs: vec![], none_known, active };
    cx.facts.allergies.push(allergy);
    cx.notes();
}
