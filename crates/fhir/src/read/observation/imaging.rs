//! What was measured in images? Findings in the code system of `concilium image respond`, back into typed facts.
//!
//! Parts that FHIR has no element for are components with codes of the same system. A finding that is not `final` was
//! measured by a program alone; the overall response of one that is final is a statement of disease status, too.

use crate::cx::Cx;
use crate::element::{self, concept, quantity};
use concilium_case::{FINDING_SYSTEM, FindingKind, ImagingFinding, Response, Status};
use concilium_terms::Code;

/// A finding of ours.
pub fn read(cx: &mut Cx, codes: &[Code]) -> bool {
    let Some(code) = codes.iter().find(|code| code.system == FINDING_SYSTEM) else { return false };
    let Some(kind) = FindingKind::of(&code.code) else {
        cx.doubt("code", "an imaging finding of a kind that is not known here; kept as words", "");
        return false;
    };
    let json = cx.json();
    let value = json.one("valueQuantity").and_then(quantity);
    let coded = json.one("valueCodeableConcept").map(concept).unwrap_or_default();
    let text = Some(element::words(&coded)).filter(|words| !words.is_empty());
    let answer = json.bool("valueBoolean");
    if value.is_none() && text.is_none() && answer.is_none() {
        cx.doubt("value[x]", "an imaging finding without a value; it says nothing", "send the value");
    }
    if value.as_ref().is_some_and(|value| !value.value.is_finite() || value.value < 0.0) {
        cx.doubt("valueQuantity", "a size below zero; the finding is not used", "measure again");
        return true;
    }
    let confirmed = matches!(json.str("status"), Some("final" | "amended" | "corrected"));
    let words =
        |key: &str| json.one(key).map(|value| element::words(&concept(value))).filter(|w| !w.is_empty());
    let finding = ImagingFinding {
        meta: cx.meta(""),
        kind,
        value,
        text,
        answer,
        lesion: component(cx, "lesion"),
        site: words("bodySite"),
        role: component(cx, "role"),
        method: words("method"),
        confidence: component(cx, "confidence"),
        region: component(cx, "region"),
        series: component(cx, "series"),
        open: components(cx, "open"),
        confirmed,
        picture: picture(cx),
    };
    let stated = status(&finding);
    if let Some(status) = stated.filter(|_| confirmed) {
        let response = Response { meta: cx.meta("status"), status, codes: coded, condition: cx.condition() };
        cx.facts.responses.push(response);
    }
    cx.facts.imaging.push(finding);
    true
}

fn components(cx: &Cx, key: &str) -> Vec<String> {
    let parts = cx.json().all("component").iter();
    let own = parts.filter(|part| {
        let codes = part.one("code").map(concept).unwrap_or_default();
        codes.iter().any(|code| code.system == FINDING_SYSTEM && code.code == key)
    });
    own.filter_map(|part| part.str("valueString").map(str::to_owned)).collect()
}

fn component(cx: &Cx, key: &str) -> Option<String> {
    components(cx, key).into_iter().next()
}

/// The PNG of the Media it was derived from.
fn picture(cx: &Cx) -> Option<String> {
    let media = cx.json().all("derivedFrom").iter().filter_map(|reference| cx.resolve(reference));
    let mut media = media.filter(|target| target.json.str("resourceType") == Some("Media"));
    let content = media.find_map(|target| target.json.one("content"))?;
    let png = content.str("contentType") == Some("image/png");
    let data = content.str("data").filter(|_| png)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    // Anything but base64 would leave the attribute it is printed in.
    data.bytes().all(plain).then(|| data.to_owned())
}

fn status(finding: &ImagingFinding) -> Option<Status> {
    if finding.kind != FindingKind::Response || finding.role.as_deref() != Some("RECIST 1.1") {
        return None;
    }
    match finding.text.as_deref()? {
        "CR" => Some(Status::Complete),
        "PR" => Some(Status::Partial),
        "SD" | "non-CR/non-PD" => Some(Status::Stable),
        "PD" => Some(Status::Progressed),
        "NE" => Some(Status::Undetermined),
        _ => None,
    }
}
