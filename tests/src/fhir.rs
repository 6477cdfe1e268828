//! Does the FHIR Bundle of every invented patient's plan say the plan, all of it, and never as more than a draft?

use crate::support::{ENGINE, case, plan};
use concilium_engine::demo::{DemoCase, cases};
use concilium_engine::input::InputFile;
use concilium_engine::recommend::{Plan, PlanOption, Section};
use concilium_engine::terms::AsOf;
use concilium_engine::{Planned, store};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every case that has a plan, with its Bundle.
fn bundles() -> Vec<(DemoCase, Planned, Value)> {
    let with_bundle = |case: DemoCase| {
        let planned = plan(&case).ok()?;
        let bundle = bundle(&planned);
        Some((case, planned, bundle))
    };
    cases().into_iter().filter_map(with_bundle).collect()
}

fn bundle(planned: &Planned) -> Value {
    serde_json::from_str(&store::fhir(&ENGINE, planned).expect("a bundle")).expect("json")
}

fn entries(bundle: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = bundle["entry"].as_array().expect("entries");
    entries.iter().map(|entry| (entry["fullUrl"].as_str().expect("fullUrl"), &entry["resource"]))
}

fn of_kind<'b>(bundle: &'b Value, kind: &str) -> Vec<&'b Value> {
    entries(bundle)
        .map(|(_, resource)| resource)
        .filter(|resource| resource["resourceType"] == kind)
        .collect()
}

/// Literal references: text under `reference`, except the link of a DetectedIssue.
fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| match inner {
            Value::String(text) if name == "reference" && !text.starts_with("https://") => found.push(text),
            inner => references(inner, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Options of the RequestGroup in order: id → section number, action.
fn options(bundle: &Value) -> Vec<(String, u8, &Value)> {
    fn walk<'v>(action: &'v Value, section: u8, found: &mut Vec<(String, u8, &'v Value)>) {
        match action["code"][0]["text"].as_str() {
            Some(id) => found.push((id.to_owned(), section, action)),
            None => action["action"].as_array().into_iter().flatten().for_each(|a| walk(a, section, found)),
        }
    }
    let mut found = vec![];
    for group in of_kind(bundle, "RequestGroup") {
        for section in group["action"].as_array().expect("sections") {
            let number = section["prefix"].as_str().and_then(|p| p.trim_matches(['(', ')']).parse().ok());
            walk(section, number.expect("section number"), &mut found);
        }
    }
    found
}

fn resource<'b>(bundle: &'b Value, url: &Value) -> &'b Value {
    entries(bundle).find(|(full, _)| *url == *full).map_or(&Value::Null, |(_, resource)| resource)
}

/// What an action leads to, its components included.
fn targets<'b>(bundle: &'b Value, action: &Value) -> Vec<&'b Value> {
    let parts = action["action"].as_array();
    let own = action.get("resource").map(|to| resource(bundle, &to["reference"]));
    own.into_iter().chain(parts.into_iter().flatten().flat_map(|part| targets(bundle, part))).collect()
}

#[test]
fn every_reference_resolves_and_every_address_is_one_resource() {
    for (case, _, bundle) in bundles() {
        let urls: Vec<&str> = entries(&bundle).map(|(url, _)| url).collect();
        let unique: BTreeSet<&str> = urls.iter().copied().collect();
        assert_eq!(unique.len(), urls.len(), "{}", case.name);
        let mut found = vec![];
        references(&bundle, &mut found);
        // A plan that ranks nothing still binds patient, plan, answer and provenance together.
        assert!(4 < found.len(), "{}: references were looked at", case.name);
        for reference in found {
            assert!(unique.contains(reference), "{}: {reference} is not in the Bundle", case.name);
        }
    }
}

#[test]
fn nothing_is_more_than_a_draft() {
    for (case, _, bundle) in bundles() {
        for (_, resource) in entries(&bundle) {
            let kind = resource["resourceType"].as_str().expect("kind");
            let said = (resource["status"].as_str(), resource["intent"].as_str());
            let draft = match kind {
                "CarePlan" | "RequestGroup" | "MedicationRequest" => {
                    said == (Some("draft"), Some("proposal"))
                }
                "DetectedIssue" => said == (Some("preliminary"), None),
                "GuidanceResponse" => matches!(said, (Some("success" | "data-required"), None)),
                "Patient" | "Device" | "Provenance" => said == (None, None),
                _ => false,
            };
            assert!(draft, "{}: {kind} is {said:?}", case.name);
        }
    }
}

#[test]
fn every_option_stands_once_in_its_place() {
    for (case, planned, bundle) in bundles() {
        let said: Vec<(String, u8)> =
            options(&bundle).into_iter().map(|(id, section, _)| (id, section)).collect();
        let meant: Vec<(String, u8)> =
            planned.plan.options.iter().map(|o| (o.id.clone(), o.section.number())).collect();
        assert_eq!(said, meant, "{}", case.name);
    }
}

#[test]
fn only_what_may_be_discussed_is_requested() {
    for (case, planned, bundle) in bundles() {
        for (id, _, action) in options(&bundle) {
            let option = find(&planned.plan, &id);
            let kinds: Vec<&str> =
                targets(&bundle, action).iter().filter_map(|to| to["resourceType"].as_str()).collect();
            let wanted = match option.section {
                Section::ToDiscuss | Section::Conditional => {
                    vec!["MedicationRequest"; option.regimen.components.len()]
                }
                Section::NotApplicableNow | Section::RefusedBySafety => vec!["GuidanceResponse"],
            };
            assert_eq!(kinds, wanted, "{}: {id}", case.name);
        }
        let open = planned.plan.options.iter().filter(|o| o.section <= Section::Conditional);
        let components: usize = open.map(|o| o.regimen.components.len()).sum();
        assert_eq!(
            of_kind(&bundle, "MedicationRequest").len(),
            components,
            "{}: no stray request",
            case.name
        );
    }
}

fn find<'p>(plan: &'p Plan, id: &str) -> &'p PlanOption {
    plan.options.iter().find(|option| option.id == id).expect("an option of the plan")
}

#[test]
fn every_statement_and_reason_is_at_hand() {
    for (case, planned, bundle) in bundles() {
        for (id, _, action) in options(&bundle) {
            let option = find(&planned.plan, &id);
            let labels: BTreeSet<&str> = action["documentation"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|d| d["label"].as_str())
                .collect();
            let cited = option.for_.iter().chain(&option.against).chain(&option.notes).map(|c| &c.key);
            for key in cited.chain(option.reasons.iter().flat_map(|r| &r.statements)) {
                assert!(labels.contains(key.as_str()), "{}: {id} lacks {key}", case.name);
            }
            let said = action["description"].as_str().expect("a reason");
            assert!(
                option.reasons.iter().all(|r| said.contains(r.text.trim())),
                "{}: {id}: {said}",
                case.name
            );
        }
    }
}

/// `screened`: what asks for something is an issue, and silence is said at the request (`report` tests the latter
/// on a plan that has such a drug).
#[test]
fn no_safety_finding_is_lost() {
    for (case, planned, bundle) in bundles() {
        let issues: Vec<(&str, &str)> = of_kind(&bundle, "DetectedIssue")
            .iter()
            .map(|issue| {
                (issue["detail"].as_str().expect("detail"), issue["code"]["text"].as_str().expect("code"))
            })
            .collect();
        let findings = |option: &PlanOption| serde_json::to_value(&option.safety).expect("json");
        for option in &planned.plan.options {
            for finding in findings(option).as_array().expect("findings") {
                let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
                match text("verdict").as_str() {
                    "checked-clear" => {}
                    "no-rule" if option.section <= Section::Conditional => {
                        let wanted = (text("drug"), "no rule for this drug");
                        assert!(noted(&bundle, &wanted), "{}: {wanted:?} is not said", case.name);
                    }
                    "no-rule" => {}
                    _ => {
                        let told = issues.iter().any(|(detail, code)| {
                            code.starts_with(&text("drug"))
                                && detail.contains(text("action").trim())
                                && detail.contains(&option.id)
                        });
                        assert!(told, "{}: {} {finding}", case.name, option.id);
                    }
                }
            }
        }
    }
}

fn noted(bundle: &Value, (drug, words): &(String, &str)) -> bool {
    let requests = of_kind(bundle, "MedicationRequest");
    let mut of_drug = requests.iter().filter(|r| r["medicationCodeableConcept"]["text"] == drug.as_str());
    of_drug.any(|r| {
        r["note"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|n| n["text"].as_str().is_some_and(|t| t.contains(words)))
    })
}

#[test]
fn a_case_without_a_tumour_asks_for_it() {
    let planned = plan(&case("H-no-tumour")).expect("a plan");
    assert!(planned.plan.abstains.is_some());
    let bundle = bundle(&planned);
    assert_eq!(options(&bundle).len(), planned.plan.options.len());
    let guidance = of_kind(&bundle, "GuidanceResponse")[0];
    assert_eq!(guidance["status"], "data-required");
    assert_eq!(guidance["dataRequirement"][0]["type"], "Condition");
    assert!(
        of_kind(&bundle, "CarePlan")[0]["text"]["div"].as_str().expect("page").contains("This plan abstains")
    );
}

/// `replayable`: the same bytes, in whatever order the records come.
#[test]
fn the_bundle_is_the_same_every_time() {
    for mut case in cases() {
        let Ok(first) = plan(&case) else { continue };
        case.files.reverse();
        let second = plan(&case).expect("still a plan");
        let text = |planned: &Planned| store::fhir(&ENGINE, planned).expect("a bundle");
        assert_eq!(text(&first), text(&second), "{}", case.name);
    }
}

/// A proposal of ours that comes back with the records is nobody's plan: it makes no fact about drugs, and no new
/// candidate; what was set aside is said once a resource.
#[test]
fn our_own_bundle_comes_back_as_nobodys_plan() {
    for (mut case, planned, bundle) in bundles() {
        let file = InputFile { name: "plan.fhir.json".into(), bytes: bundle.to_string().into_bytes() };
        let as_of = AsOf::parse(&case.as_of).expect("a day");
        let alone = ENGINE.case(std::slice::from_ref(&file), as_of).expect("the person can be read");
        assert!(alone.facts.medications.is_empty(), "{}: a proposal is no record", case.name);
        assert!(alone.facts.issues.len() <= entries(&bundle).count() + 1, "{}", case.name);
        case.files.push(file);
        let again = plan(&case).expect("a plan");
        let ids = |plan: &Plan| plan.options.iter().map(|o| (o.id.clone(), o.section)).collect::<Vec<_>>();
        assert_eq!(ids(&again.plan), ids(&planned.plan), "{}", case.name);
    }
}
