//! How fit is the patient, on which scale?

use crate::codes::PERFORMANCE;
use crate::cx::Cx;
use crate::element::{self, concept, quantity};
use crate::json::Json;
use concilium_case::{Performance, PerformanceScale};
use concilium_terms::Code;

/// ECOG, Karnofsky, Lansky: `valueInteger`, and in older data `valueQuantity` or `valueCodeableConcept`.
pub fn read(cx: &mut Cx, codes: &[Code]) -> bool {
    let Some((_, scale)) = element::find(codes, PERFORMANCE, |row| row.0) else { return false };
    let most = if *scale == PerformanceScale::Ecog { 5 } else { 100 };
    match value(cx.json()).filter(|value| *value <= most) {
        Some(value) => {
            let fact = Performance { meta: cx.meta(""), scale: *scale, value };
            cx.facts.performance.push(fact);
        }
        None => {
            let what =
                format!("no score between 0 and {most} can be read; the performance status stays unknown");
            cx.doubt("value[x]", what, "write the score as valueInteger");
            super::other(cx, codes);
        }
    }
    true
}

fn value(json: &Json) -> Option<u32> {
    let whole = |q: f64| (q >= 0.0 && q.fract() == 0.0 && q <= 100.0).then_some(q as u32);
    let integer = json.number("valueInteger").and_then(whole);
    let amount = || json.one("valueQuantity").and_then(quantity).and_then(|q| whole(q.value));
    let coded = || concept(json.one("valueCodeableConcept")?).iter().find_map(of_code);
    let written = || digits(json.str("valueString")?);
    integer.or_else(amount).or_else(coded).or_else(written)
}

/// LOINC answer list LL529-9 (mCODE 4.0.0 uses LA9622-7 for score 0; the others follow), else the first number in the words.
fn of_code(code: &Code) -> Option<u32> {
    let answers = ["LA9622-7", "LA9623-5", "LA9624-3", "LA9625-0", "LA9626-8", "LA9627-6"];
    let listed = answers.iter().position(|answer| *answer == code.code).and_then(|at| u32::try_from(at).ok());
    listed.or_else(|| digits(&code.display)).or_else(|| code.code.parse().ok())
}

fn digits(words: &str) -> Option<u32> {
    let start = words.find(|c: char| c.is_ascii_digit())?;
    let rest = &words[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
