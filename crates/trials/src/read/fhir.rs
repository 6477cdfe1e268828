//! What does a FHIR R4 ResearchStudy say? Id, title, phase, conditions, arms and status; it carries no criteria.

use super::json::refuse;
use super::{Item, Origin, Sink, ctgov};
use crate::model::{Arm, ArmStatus, RegistryStatus, Site, Standing, StatusSource, Trial};
use concilium_terms::PartialDate;
use serde_json::Value;

/// A study, or the studies of a Bundle.
pub(super) fn resource(origin: &Origin, raw: &[u8], at: &str, sink: &mut Sink) {
    let Ok(value) = serde_json::from_slice::<Value>(raw) else {
        return refuse(sink, at.to_owned(), "broken JSON");
    };
    match value["resourceType"].as_str() {
        Some("ResearchStudy") => give(origin, &value, at, sink),
        Some("Bundle") => {
            for (number, entry) in list(&value["entry"]).iter().enumerate() {
                let resource = &entry["resource"];
                let at = format!("{at}, entry {}", number + 1);
                match resource["resourceType"].as_str() {
                    Some("ResearchStudy") => give(origin, resource, &at, sink),
                    _ => refuse(sink, at, "no ResearchStudy"),
                }
            }
        }
        _ => refuse(sink, at.to_owned(), "no ResearchStudy"),
    }
}

fn give(origin: &Origin, study: &Value, at: &str, sink: &mut Sink) {
    match trial(origin, study) {
        Some(trial) => sink(Item::Trial(Box::new(trial))),
        None => refuse(sink, at.to_owned(), "a study without identifier"),
    }
}

fn trial(origin: &Origin, study: &Value) -> Option<Trial> {
    let mut ids: Vec<String> =
        list(&study["identifier"]).iter().filter_map(|id| id["value"].as_str()).map(str::to_owned).collect();
    let registry = ids.iter().position(|id| ctgov::registry_id(id).is_ok());
    let id = match registry {
        Some(at) => ids.remove(at).to_uppercase(),
        None if !ids.is_empty() => ids.remove(0),
        None => study["id"].as_str()?.to_owned(),
    };
    let updated = study["meta"]["lastUpdated"].as_str().unwrap_or("");
    let places = list(&study["location"]).iter().filter_map(words);
    Some(Trial {
        id,
        other_ids: ids,
        title: study["title"].as_str().unwrap_or("").to_owned(),
        phase: words(&study["phase"]).unwrap_or_default().trim_start_matches("Phase ").to_owned(),
        conditions: list(&study["condition"]).iter().filter_map(words).collect(),
        status: Standing {
            status: status(study["status"].as_str()),
            as_of: PartialDate::parse(updated).ok(),
            by: StatusSource::Registry,
        },
        arms: arms(study),
        sites: places
            .map(|country| Site { name: String::new(), city: String::new(), country, status: None })
            .collect(),
        eligibility_text: String::new(),
        criteria: vec![],
        source: origin.source("fhir-research-study", updated, study.to_string().as_bytes()),
    })
}

/// The value set of R4 research-study-status.
fn status(code: Option<&str>) -> RegistryStatus {
    match code {
        Some("active") => RegistryStatus::Recruiting,
        Some("approved" | "in-review") => RegistryStatus::NotYet,
        Some("closed-to-accrual" | "closed-to-accrual-and-intervention") => {
            RegistryStatus::ActiveNotRecruiting
        }
        Some("temporarily-closed-to-accrual" | "temporarily-closed-to-accrual-and-intervention") => {
            RegistryStatus::Suspended
        }
        Some("completed") => RegistryStatus::Completed,
        Some("administratively-completed" | "disapproved" | "withdrawn") => RegistryStatus::Ended,
        _ => RegistryStatus::Unknown,
    }
}

fn arms(study: &Value) -> Vec<Arm> {
    let arm = |arm: &Value| Arm {
        label: arm["name"].as_str().unwrap_or("").to_owned(),
        kind: words(&arm["type"]).unwrap_or_default(),
        interventions: arm["description"].as_str().map(str::to_owned).into_iter().collect(),
        drugs: vec![],
        status: ArmStatus::AsTrial,
        slots: None,
    };
    let found: Vec<Arm> = list(&study["arm"]).iter().map(arm).collect();
    if found.is_empty() { vec![ctgov::unnamed_arm()] } else { found }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Text of a concept, else its first display.
fn words(concept: &Value) -> Option<String> {
    let text = concept["text"].as_str().or_else(|| concept["coding"][0]["display"].as_str());
    text.map(str::to_owned)
}
