//! What was done: surgery, biopsy, radiotherapy?

use super::medication::intent;
use crate::codes::RADIOTHERAPY_COURSE;
use crate::cx::Cx;
use crate::element::{all_words, concept, concepts, date, extension, extensions, has, quantity, words};
use crate::json::Json;
use concilium_case::{Procedure, Radiotherapy};
use concilium_terms::{Code, PartialDate, quantity::Quantity};

/// Reads a Procedure.
pub fn read(cx: &mut Cx) {
    let json = cx.json();
    let codes = json.one("code").map(concept).unwrap_or_default();
    if codes.is_empty() {
        cx.doubt("code", "a procedure without code and words", "name the procedure");
    }
    if json.str("status") == Some("not-done") {
        cx.note("status", "stated as not done; kept with that status", "");
    }
    if is_radiotherapy(&codes) {
        radiotherapy(cx)
    } else {
        plain(cx, codes)
    }
    cx.notes();
}

fn is_radiotherapy(codes: &[Code]) -> bool {
    let words = all_words(codes);
    let named = ["radiotherapy", "radiation therapy", "brachytherapy", "radiosurgery"];
    has(codes, RADIOTHERAPY_COURSE) || named.iter().any(|name| words.contains(name))
}

fn status(json: &Json) -> String {
    json.str("status").unwrap_or("").to_owned()
}

fn plain(cx: &mut Cx, codes: Vec<Code>) {
    let json = cx.json();
    let procedure = Procedure {
        meta: cx.meta(""),
        codes,
        sites: concepts(json, "bodySite"),
        intent: intent(json),
        status: status(json),
    };
    cx.facts.procedures.push(procedure);
}

fn radiotherapy(cx: &mut Cx) {
    let json = cx.json();
    let mut sites = concepts(json, "bodySite");
    let volumes: Vec<&Json> = extensions(json, "mcode-radiotherapy-dose-delivered-to-volume").collect();
    for volume in &volumes {
        sites.extend(volume_sites(cx, volume));
    }
    sites.dedup();
    let fractions: Vec<u32> = volumes.iter().filter_map(|volume| fractions(volume)).collect();
    if fractions.iter().any(|n| *n != fractions[0]) {
        let what = format!("fractions differ between volumes ({fractions:?}); the largest number is kept");
        cx.note("extension", what, "");
    }
    let end = json.one("performedPeriod").and_then(|period| date(period, "end"));
    let course = Radiotherapy {
        meta: cx.meta(""),
        end,
        modality: modality(json),
        sites,
        doses: volumes.iter().filter_map(|volume| dose(volume)).collect(),
        fractions: fractions.iter().max().copied(),
        intent: intent(json),
        status: status(json),
    };
    cx.facts.radiotherapies.push(course);
}

fn volume_sites(cx: &mut Cx, volume: &Json) -> Vec<Code> {
    let Some(reference) = extension(volume, "volume").and_then(|ext| ext.one("valueReference")) else {
        return vec![];
    };
    match cx.resolve(reference) {
        Some(body) => body.json.one("location").map(concept).unwrap_or_default(),
        None => {
            cx.doubt("extension", "the irradiated volume is not in this input", "send its BodyStructure");
            vec![]
        }
    }
}

fn dose(volume: &Json) -> Option<Quantity> {
    quantity(extension(volume, "totalDoseDelivered")?.one("valueQuantity")?)
}

fn fractions(volume: &Json) -> Option<u32> {
    let ext = extension(volume, "fractionsDelivered")?;
    ext.str("valueUnsignedInt").or(ext.str("valuePositiveInt")).or(ext.str("valueInteger"))?.parse().ok()
}

/// Modalities with techniques in words, `;` between.
fn modality(json: &Json) -> Option<String> {
    let parts: Vec<String> = extensions(json, "mcode-radiotherapy-modality-and-technique")
        .flat_map(|ext| ext.all("extension"))
        .filter_map(|part| part.one("valueCodeableConcept"))
        .map(|value| words(&concept(value)))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// End of a period under `key`.
pub fn end(json: &Json, key: &str) -> Option<PartialDate> {
    date(json.one(key)?, "end")
}
