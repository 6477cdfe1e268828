//! Is what the sheet says also said in FHIR, and in no place where it could be taken for an order?

mod sample;

use concilium_case::{Case, Sex};
use concilium_recommend::{Plan, Section};
use concilium_report::fhir;
use concilium_terms::PartialDate;
use concilium_testkit::CaseBuilder;
use serde_json::Value;

fn case() -> Case {
    let mut case = CaseBuilder::new("2026-06-15").born("1968-02-11").build();
    case.patient.meta.id = "Patient/p-1".into();
    case.patient.meta.identifiers = vec!["urn:hospital|4711".into(), "loose".into()];
    case.patient.sex = Some(Sex::Male);
    case
}

fn resources(plan: &Plan, case: &Case, kind: &str) -> Vec<Value> {
    let knowledge = concilium_knowledge::builtin().expect("the pack");
    let mut plan = plan.clone();
    plan.manifest.as_of = "2026-06-15T12:00:00+00:00[UTC]".into();
    let text = fhir(&plan, case, &knowledge, None).expect("a bundle");
    let bundle: Value = serde_json::from_str(&text).expect("json");
    let entries = bundle["entry"].as_array().expect("entries").iter().map(|entry| entry["resource"].clone());
    entries.filter(|resource| resource["resourceType"] == kind).collect()
}

fn notes(resource: &Value) -> String {
    let notes = resource["note"].as_array().into_iter().flatten();
    notes.filter_map(|note| note["text"].as_str()).collect::<Vec<_>>().join("\n")
}

/// The sample with this option alone, in this section.
fn alone(label: &str, section: Section) -> Plan {
    let mut plan = sample::plan();
    plan.options.retain(|option| option.regimen.label() == label);
    plan.options.iter_mut().for_each(|option| option.section = section);
    assert_eq!(plan.options.len(), 1, "{label}");
    plan
}

/// `screened`: silence is not a clear result, and no issue either.
#[test]
fn a_drug_without_a_rule_says_so_at_its_request() {
    let plan = alone("regorafenib", Section::ToDiscuss);
    let requests = resources(&plan, &case(), "MedicationRequest");
    assert_eq!(requests.len(), 1);
    assert!(notes(&requests[0]).contains("not screened, this is not a clear result"), "{}", requests[0]);
    let issues = resources(&plan, &case(), "DetectedIssue");
    assert!(!issues.iter().any(|issue| issue["code"].to_string().contains("no rule")));
}

#[test]
fn a_condition_is_said_at_every_request() {
    for request in resources(&alone("regorafenib", Section::Conditional), &case(), "MedicationRequest") {
        assert!(notes(&request).contains("conditional on: "), "{request}");
    }
}

#[test]
fn what_does_not_apply_is_evaluated_and_never_requested() {
    for section in [Section::NotApplicableNow, Section::RefusedBySafety] {
        let plan = alone("regorafenib", section);
        assert!(resources(&plan, &case(), "MedicationRequest").is_empty());
        let responses = resources(&plan, &case(), "GuidanceResponse");
        assert!(responses.iter().any(|r| notes(r).contains("listed, not proposed")), "{responses:?}");
    }
}

#[test]
fn severity_follows_the_verdict() {
    let issues = resources(&sample::plan(), &case(), "DetectedIssue");
    assert!(!issues.is_empty());
    for issue in &issues {
        let words = issue["code"]["text"].as_str().expect("code");
        let severity = match words.rsplit(": ").next() {
            Some("contraindicated" | "avoid") => "high",
            Some("modify dose" | "test required first") => "moderate",
            Some("monitor") => "low",
            other => panic!("{other:?}"),
        };
        assert_eq!(issue["severity"], severity, "{words}");
        assert!(issue.get("mitigation").is_none(), "nothing has been done yet");
    }
}

#[test]
fn the_person_is_the_records_own() {
    let patient = &resources(&sample::plan(), &case(), "Patient")[0];
    assert_eq!(patient["id"], "p-1");
    assert_eq!(
        patient["identifier"],
        serde_json::json!([{ "system": "urn:hospital", "value": "4711" }, { "value": "loose" }])
    );
    assert_eq!((&patient["gender"], &patient["birthDate"]), (&"male".into(), &"1968-02-11".into()));
    assert!(patient.get("deceasedBoolean").is_none() && patient.get("deceasedDateTime").is_none());
    let mut dead = case();
    dead.patient.deceased = Some(PartialDate::parse("2026-06").ok());
    assert_eq!(resources(&sample::plan(), &dead, "Patient")[0]["deceasedDateTime"], "2026-06");
}

#[test]
fn the_limits_of_the_sheet_stand_in_the_care_plan() {
    let mut plan = sample::plan();
    plan.abstains = Some("tumour type".into());
    let care_plan = &resources(&plan, &case(), "CarePlan")[0];
    let page = care_plan["text"]["div"].as_str().expect("narrative");
    for words in ["This plan abstains", "Standard options this knowledge does not rank", "Not covered here"] {
        assert!(page.contains(words) && notes(care_plan).contains(words), "{words}");
    }
    let guidance = &resources(&plan, &case(), "GuidanceResponse")[0];
    assert_eq!(guidance["status"], "data-required");
    assert_eq!(guidance["dataRequirement"][0]["codeFilter"][0]["code"][0]["display"], "tumour type");
}
