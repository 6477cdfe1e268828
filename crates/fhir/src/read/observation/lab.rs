//! What was measured, in which unit, against which limits?

use crate::codes::ANALYTES;
use crate::cx::Cx;
use crate::element::{self, all_words, concept, quantity};
use crate::json::Json;
use concilium_case::Lab;
use concilium_terms::Code;
use concilium_terms::quantity::{Quantity, UnitError};

/// A laboratory or vital measurement: a known analyte, or a number in an observation nothing else types.
pub fn read(cx: &mut Cx, codes: &[Code]) -> bool {
    let json = cx.json();
    if analyte(codes).is_none() && json.get("valueQuantity").is_none() {
        return false;
    }
    if json.get("valueQuantity").is_none() && json.get("component").is_some() {
        parts(cx, json);
        return true;
    }
    measurement(cx, json, "", codes.to_vec());
    parts(cx, json);
    true
}

fn parts(cx: &mut Cx, json: &Json) {
    for (index, part) in json.all("component").iter().enumerate() {
        super::component(cx, part, index);
    }
}

/// Analyte key by LOINC; G6PD by its name, since its codes are not in the tables.
fn analyte(codes: &[Code]) -> Option<String> {
    let by_code = element::find(codes, ANALYTES, |row| row.0).map(|row| row.1.to_owned());
    let words = all_words(codes);
    let g6pd = words.contains("g6pd") || words.contains("glucose-6-phosphate dehydrogenase");
    by_code.or_else(|| g6pd.then(|| "g6pd".to_owned()))
}

/// One measurement, of the observation or of a component.
pub fn measurement(cx: &mut Cx, json: &Json, part: &str, codes: Vec<Code>) {
    let analyte = analyte(&codes);
    let value = json.one("valueQuantity").and_then(quantity);
    let text = if value.is_none() { super::value_words(json) } else { None };
    let implausible = checks(cx, part, analyte.as_deref(), value.as_ref());
    let range = json.one("referenceRange");
    let unit = value.as_ref().map_or("", |q| q.unit.as_str()).to_owned();
    let low = limit(cx, range, "low", &unit, analyte.as_deref());
    let high = limit(cx, range, "high", &unit, analyte.as_deref());
    let marks = element::concepts(json, "interpretation");
    let interpretation =
        marks.first().map(|c| if c.code.is_empty() { c.display.clone() } else { c.code.clone() });
    let meta = cx.meta(part);
    // Of a component too: site and condition stand on the observation.
    let site = cx.json().one("bodySite").map(|site| element::words(&concept(site)));
    let site = site.filter(|words| !words.is_empty());
    let condition = cx.condition();
    let lab =
        Lab { meta, analyte, codes, value, text, low, high, interpretation, implausible, site, condition };
    cx.facts.labs.push(lab);
}

/// Reports what is wrong with the number; what cannot be true is handed back.
fn checks(cx: &mut Cx, part: &str, analyte: Option<&str>, value: Option<&Quantity>) -> Option<String> {
    let place = format!("{part}.valueQuantity");
    let place = place.trim_start_matches('.');
    let Some(value) = value else {
        let reason = cx.json().one("dataAbsentReason").map(concept).unwrap_or_default();
        let why = if reason.is_empty() { "no number was given" } else { "the value is stated as absent" };
        cx.doubt(place, format!("{why}; it is never read as normal"), "send the number with its unit");
        return None;
    };
    if analyte.is_some() && value.unit.is_empty() {
        cx.doubt(place, "a number without a unit; it cannot be compared", "state the unit");
        return None;
    }
    if analyte.is_some() && matches!(value.to(&value.unit, analyte), Err(UnitError::Unknown { .. })) {
        cx.doubt(
            place,
            format!("unit `{}` is not known; it cannot be compared", value.unit),
            "use the UCUM unit",
        );
    }
    let what = implausible(analyte, value)?;
    cx.doubt(place, what.as_str(), "ask the laboratory for number and unit");
    Some(what)
}

/// Cells per volume a thousandfold too high: thousands were meant to be in the unit or in the number, not in both.
/// The bound is no clinical threshold: no count of 1000 × 10⁹/L neutrophils or 10000 × 10⁹/L platelets exists.
fn implausible(analyte: Option<&str>, value: &Quantity) -> Option<String> {
    let bound = match analyte {
        Some("neutrophils" | "wbc") => 1_000.0,
        Some("platelets") => 10_000.0,
        _ => return None,
    };
    let thousands = ["10*3/uL", "10^3/uL", "10*9/L", "10^9/L", "K/uL", "k/uL"];
    (thousands.contains(&value.unit.as_str()) && value.value >= bound).then(|| {
        format!(
            "{} {} is a thousandfold too high to be true; the unit is probably /uL",
            value.text, value.unit
        )
    })
}

/// A limit in the unit of the value; where it cannot be converted it is not used.
fn limit(cx: &mut Cx, range: Option<&Json>, key: &str, unit: &str, analyte: Option<&str>) -> Option<f64> {
    let limit = quantity(range?.one(key)?)?;
    if limit.unit.is_empty() || limit.unit == unit {
        return Some(limit.value);
    }
    let converted = limit.to(unit, analyte).ok();
    if converted.is_none() {
        let what = format!(
            "the reference range is in `{}`, the value in `{unit}`; the limit is not used",
            limit.unit
        );
        cx.doubt("referenceRange", what, "give both in one unit");
    }
    converted
}
