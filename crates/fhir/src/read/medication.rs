//! Which drug was ordered, given, reported, or stated as not taken, and why was it stopped?

use super::procedure::end;
use crate::cx::Cx;
use crate::element::{all_words, concept, concepts, date, extension, has, quantity, quantity_words, words};
use crate::json::Json;
use concilium_case::{Exposure, Medication, MedicationState, StopReason};
use concilium_terms::{Code, PartialDate};

/// Reads a MedicationRequest, -Administration, -Dispense or -Statement. `drugs` stays empty: names are resolved
/// with the vocabulary, from `codes`.
pub fn read(cx: &mut Cx) {
    let json = cx.json();
    let codes = drug_codes(cx, json);
    if json.bool("doNotPerform") == Some(true) {
        cx.doubt(
            "doNotPerform",
            "an order not to give this drug; it is no order and no exposure",
            "see the order",
        );
        cx.notes();
        return;
    }
    if proposed_by_software(cx, json) {
        // Its notes are left out too: they are the program's words, not the record's.
        let what = "proposed by software, not by a person: no plan, no order and no exposure; not read";
        cx.note("requester", what, "see the plan it came from");
        return;
    }
    let status = json.str("status").unwrap_or("");
    let stop = stop(json);
    let exposure = exposure(cx, json, status, stop);
    let notes_before = cx.facts.documents.len();
    cx.notes();
    if status == "stopped" && stop.is_none() {
        let in_note = if cx.facts.documents.len() > notes_before { "; a note is kept as text" } else { "" };
        cx.doubt(
            "statusReason",
            format!("stopped without a coded reason{in_note}"),
            "state why it was stopped",
        );
    }
    let end = finished(json);
    let uncoded = codes.iter().all(|c| c.code.is_empty());
    let mut meta = cx.meta("");
    meta.when = ordered_start(json).or(meta.when);
    let medication = Medication {
        meta,
        drugs: vec![],
        exposure,
        state: state(status),
        ongoing: end.is_none()
            && matches!(status, "active" | "in-progress")
            && exposure != Exposure::NotTaken,
        end,
        stop,
        intent: intent(json),
        dose: dose(json),
        reason: reason(cx, json),
        about_class: (exposure == Exposure::NotTaken && uncoded && !codes.is_empty()).then(|| words(&codes)),
        codes,
    };
    cx.facts.medications.push(medication);
}

/// A proposal nobody has taken up yet, such as one of an earlier plan: read as a plan it would propose itself again.
fn proposed_by_software(cx: &Cx, json: &Json) -> bool {
    let by_device = |requester: &Json| {
        let reference = requester.str("reference").unwrap_or("");
        requester.str("type") == Some("Device")
            || reference.split('/').any(|part| part == "Device")
            || cx.resolve(requester).is_some_and(|entry| entry.kind == "Device")
    };
    json.str("intent") == Some("proposal") && json.one("requester").is_some_and(by_device)
}

/// Codings here, or of the Medication referred to.
fn drug_codes(cx: &mut Cx, json: &Json) -> Vec<Code> {
    let mut codes = json.one("medicationCodeableConcept").map(concept).unwrap_or_default();
    if let Some(reference) = json.one("medicationReference") {
        let target = cx.resolve(reference).filter(|entry| entry.kind == "Medication");
        match target {
            Some(entry) => {
                codes.extend(entry.json.one("code").map(concept).unwrap_or_default());
                let parts = entry.json.all("ingredient").iter();
                codes.extend(parts.flat_map(|part| concepts(part, "itemCodeableConcept")));
            }
            None => {
                let what = "the Medication referred to is not in this input; only the words of the reference are known";
                cx.doubt("medicationReference", what, "send the Medication");
                codes.extend(reference.str("display").map(Code::text));
            }
        }
    }
    if codes.is_empty() {
        cx.doubt(
            "medication[x]",
            "no drug is named; this is never read as \"not received\"",
            "name the drug",
        );
    }
    codes
}

fn exposure(cx: &mut Cx, json: &Json, status: &str, stop: Option<StopReason>) -> Exposure {
    let denied = json.bool("wasNotGiven") == Some(true)
        || json.bool("wasNotTaken") == Some(true)
        || json.str("taken") == Some("n")
        || matches!(status, "not-taken" | "not-done" | "declined");
    if denied {
        return Exposure::NotTaken;
    }
    let planned = matches!(status, "draft" | "intended" | "preparation")
        || matches!(json.str("intent"), Some("proposal" | "plan" | "option"));
    if planned {
        return Exposure::Planned;
    }
    match cx.entry().kind {
        "MedicationRequest" if status == "stopped" && shows_it_was_taken(stop) => {
            let what = "an order stopped for what the drug did or failed to do: it was taken";
            cx.note("statusReason", what, "");
            Exposure::Reported
        }
        "MedicationRequest" => Exposure::Ordered,
        "MedicationDispense" => Exposure::Dispensed,
        _ if matches!(status, "unknown" | "on-hold") && json.get("effectivePeriod").is_none() => {
            let what = format!("status `{status}` does not say that it was taken; not counted as exposure");
            cx.doubt("status", what, "state whether it was taken");
            Exposure::Ordered
        }
        "MedicationAdministration" => Exposure::Administered,
        _ => Exposure::Reported,
    }
}

/// Neither intolerance nor progression can be said of a drug that was never taken.
fn shows_it_was_taken(stop: Option<StopReason>) -> bool {
    matches!(stop, Some(StopReason::Intolerance | StopReason::Progression))
}

/// R4 "MedicationRequest Status" and its siblings: completed and stopped are history.
fn state(status: &str) -> MedicationState {
    match status {
        "completed" | "stopped" | "not-taken" | "not-done" | "declined" => MedicationState::Finished,
        _ => MedicationState::Open,
    }
}

/// mCODE 4.0.0, "Treatment Termination Reason".
fn stop(json: &Json) -> Option<StopReason> {
    let mut codes = concepts(json, "statusReason");
    codes.extend(concepts(json, "statusReasonCodeableConcept"));
    let ext = extension(json, "mcode-treatment-termination-reason");
    codes.extend(ext.and_then(|ext| ext.one("valueCodeableConcept")).map(concept).unwrap_or_default());
    let known = [
        ("266721009", StopReason::Progression),
        ("407563006", StopReason::Intolerance),
        ("105480006", StopReason::Refused),
        ("443729008", StopReason::Completed),
    ];
    if codes.is_empty() {
        return None;
    }
    let by_code = known.iter().find(|(code, _)| has(&codes, code)).map(|(_, reason)| *reason);
    Some(by_code.unwrap_or_else(|| stop_words(&all_words(&codes))))
}

fn stop_words(words: &str) -> StopReason {
    let named: [(&[&str], StopReason); 4] = [
        (&["progress", "no response", "ineffective", "lack of efficacy"], StopReason::Progression),
        (&["toler", "toxic", "adverse", "side effect"], StopReason::Intolerance),
        (&["refus", "declin", "patient choice"], StopReason::Refused),
        (&["complet", "finished"], StopReason::Completed),
    ];
    let found = named.iter().find(|(list, _)| list.iter().any(|word| words.contains(word)));
    found.map_or(StopReason::Other, |(_, reason)| *reason)
}

/// An order's own start, which can differ from the day it was written.
fn ordered_start(json: &Json) -> Option<PartialDate> {
    date(json.path("dosageInstruction.timing.repeat.boundsPeriod")?, "start")
}

/// End of giving: the effective period, else the bounds of the dosage.
fn finished(json: &Json) -> Option<PartialDate> {
    let bounds = json.path("dosageInstruction.timing.repeat").and_then(|repeat| end(repeat, "boundsPeriod"));
    end(json, "effectivePeriod").or(bounds).or_else(|| end(json, "effectiveTimePeriod"))
}

/// mCODE 4.0.0 "Procedure Intent": SNOMED, else the words.
pub fn intent(json: &Json) -> Option<String> {
    let codes = extension(json, "mcode-procedure-intent")
        .or_else(|| extension(json, "mcode-treatment-intent"))
        .and_then(|ext| ext.one("valueCodeableConcept"))
        .map(concept)?;
    let known = [("373808002", "curative"), ("363676003", "palliative"), ("399707004", "supportive")];
    if let Some((_, intent)) = known.iter().find(|(code, _)| has(&codes, code)) {
        return Some((*intent).to_owned());
    }
    let said = all_words(&codes);
    let named = ["neoadjuvant", "neo-adjuvant", "adjuvant", "curative", "palliative", "supportive"];
    let found = named.iter().find(|word| said.contains(**word)).map(|word| word.replace("neo-", "neo"));
    found.or_else(|| Some(words(&codes)))
}

fn dose(json: &Json) -> Option<String> {
    let dosage = ["dosageInstruction", "dosage"].iter().find_map(|key| json.one(key))?;
    let text = dosage.str("text").map(str::to_owned);
    let amount =
        dosage.path("doseAndRate.doseQuantity").or(dosage.one("dose")).or(dosage.one("doseQuantity"));
    text.or_else(|| amount.and_then(quantity).map(|q| quantity_words(&q)))
}

/// The condition referred to, else the reason in words.
fn reason(cx: &Cx, json: &Json) -> Option<String> {
    cx.condition().or_else(|| Some(words(&concepts(json, "reasonCode"))).filter(|words| !words.is_empty()))
}
