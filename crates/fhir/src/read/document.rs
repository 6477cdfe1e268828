//! Which notes and reports carry text?

use crate::cx::{Cx, Late};
use crate::element::{base64, concept, concepts, plain, words};
use crate::json::Json;
use concilium_case::OtherObservation;

/// Reads a DiagnosticReport: its text and conclusion; the results are entries of their own.
pub fn report(cx: &mut Cx) {
    let json = cx.json();
    let title = json.one("code").map(concept).map(|codes| words(&codes)).unwrap_or_default();
    results(cx, json);
    if let Some(text) = json.str("conclusion") {
        cx.document("conclusion", format!("{title}: conclusion"), text);
    }
    for (index, form) in json.all("presentedForm").iter().enumerate() {
        attachment(cx, form, &format!("presentedForm[{index}]"), &title);
    }
    let codes = concepts(json, "conclusionCode");
    if !codes.is_empty() {
        let value = words(&codes);
        let fact = OtherObservation {
            meta: cx.meta("conclusionCode"),
            codes,
            value,
            kind: "DiagnosticReport".into(),
        };
        cx.facts.observations.push(fact);
    }
    narrative(cx, json, &title);
    let said = json.all("result").len();
    cx.note("", format!("a report of {said} results, which are read as entries of their own"), "");
}

/// Results that are missing, and the specimen they share.
fn results(cx: &mut Cx, json: &Json) {
    let specimens: Vec<String> = cx.targets("specimen");
    for (index, reference) in json.all("result").iter().enumerate() {
        let Some(result) = cx.resolve(reference) else {
            let what = "a result of this report is not in this input";
            cx.doubt(&format!("result[{index}]"), what, "send the whole report");
            continue;
        };
        if let [specimen] = specimens.as_slice() {
            let (result, specimen) = (result.id.clone(), specimen.clone());
            cx.say(Late::Specimen { result, specimen });
        }
    }
}

/// Narrative that people wrote; a generated one only repeats the elements.
fn narrative(cx: &mut Cx, json: &Json, title: &str) {
    let Some(text) = json.one("text") else { return };
    let written = matches!(text.str("status"), Some("additional" | "extensions"));
    if let Some(div) = text.str("div").filter(|_| written) {
        cx.document("text", title.to_owned(), &plain(div));
    }
}

/// Reads a DocumentReference.
pub fn reference(cx: &mut Cx) {
    let json = cx.json();
    let title = json.str("description").map(str::to_owned);
    let title = title.or_else(|| json.one("type").map(|kind| words(&concept(kind)))).unwrap_or_default();
    if json.str("status") == Some("superseded") {
        return cx.note("status", "superseded by another document; not read", "");
    }
    for (index, content) in json.all("content").iter().enumerate() {
        if let Some(form) = content.one("attachment") {
            attachment(cx, form, &format!("content[{index}].attachment"), &title);
        }
    }
}

/// Plain text or markup as text; anything else is named as not read.
fn attachment(cx: &mut Cx, form: &Json, place: &str, title: &str) {
    let kind = form.str("contentType").unwrap_or("text/plain").to_owned();
    let Some(data) = form.str("data") else {
        let what = "the attachment is only an address; it was not fetched";
        return cx.doubt(place, what, "send the text itself");
    };
    let is_text = kind.starts_with("text/") || kind.contains("xhtml");
    let text = base64(data).filter(|_| is_text).and_then(|bytes| String::from_utf8(bytes).ok());
    match text {
        Some(text) if kind.contains("html") => cx.document(place, title.to_owned(), &plain(&text)),
        Some(text) => cx.document(place, title.to_owned(), &text),
        None => cx.doubt(place, "the attachment is not readable as text; it was not read", "send plain text"),
    }
}
