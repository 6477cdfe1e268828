//! Is the Bundle self-contained, only ever a draft, and the same every time, whatever the words?

use concilium_fhir_write::{
    Citation, Coding, MissingFact, NotedBox, PatientRecord, PlanBundle, ProposedDrug, ProposedOption,
    ProposedSection, ProvenanceSource, SafetyIssue, Severity, Sex, Software, write,
};
use expect_test::expect_file;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;

fn drug(name: &str, code: Option<&str>, notes: &[&str]) -> ProposedDrug {
    let coding = |code: &str| Coding { system: "http://example.org/drugs".into(), code: code.into() };
    let notes = notes.iter().map(|note| (*note).to_owned()).collect();
    ProposedDrug { name: name.into(), code: code.map(coding), notes }
}

fn option(id: &str, rank: u32, drugs: Vec<ProposedDrug>) -> ProposedOption {
    let cited = |key: &str, pmid: Option<&str>| Citation {
        key: key.into(),
        bearing: "for, level A".into(),
        citation: pmid.map_or("an abstract".into(), |pmid| format!("PMID {pmid}")),
        pmid: pmid.map(str::to_owned),
    };
    ProposedOption {
        id: id.into(),
        rank,
        title: id.replace('+', " + "),
        reasons: vec![format!("reason of {id}")],
        citations: vec![cited("S1", Some("1")), cited("S2", None)],
        drugs,
    }
}

fn section(number: u8, title: &str, options: Vec<ProposedOption>) -> ProposedSection {
    ProposedSection { number, title: title.into(), options }
}

fn issue(verdict: &str, severity: Severity, drug: &str, options: &[&str]) -> SafetyIssue {
    SafetyIssue {
        verdict: verdict.into(),
        severity,
        drug: drug.into(),
        options: options.iter().map(|id| (*id).to_owned()).collect(),
        detail: "heart: not looked at. Required first: echocardiography.".into(),
        url: (severity == Severity::High).then(|| "https://example.org/rule".into()),
    }
}

/// A tie of a doublet and a single drug, a conditional option, one that does not apply and one refused.
fn sample() -> PlanBundle {
    PlanBundle {
        run: "5ea1".repeat(16),
        replaces: Some("01d0".repeat(16)),
        instant: "2026-06-15T08:00:00+02:00[Europe/Berlin]".into(),
        software: Software { name: "concilium".into(), version: "0.1.0".into(), code: "c0de".repeat(16) },
        patient: PatientRecord {
            id: Some("p-1".into()),
            identifiers: vec![("http://hospital.example.org/mrn".into(), "X-1".into())],
            name: Some("Ada <Example> (invented)".into()),
            sex: Some(Sex::Female),
            birth_date: Some("1951-03".into()),
            deceased: None,
        },
        disease: Some("melanoma (Condition/c-1)".into()),
        summary: vec!["Stage now: IV".into()],
        boxes: vec![NotedBox { title: "Standard options".into(), lines: vec!["surgery & more".into()] }],
        sections: vec![
            section(
                1,
                "To discuss",
                vec![
                    option(
                        "a+b",
                        1,
                        vec![drug("a", Some("11"), &[]), drug("b", None, &["no rule for this drug"])],
                    ),
                    option("c", 1, vec![drug("c", Some("13"), &[])]),
                ],
            ),
            section(
                2,
                "Conditional on a named fact",
                vec![option("d", 1, vec![drug("d", None, &["conditional on: X"])])],
            ),
            section(3, "Not applicable now", vec![option("e", 1, vec![]), option("f", 1, vec![])]),
            section(4, "Refused by safety", vec![option("g", 1, vec![])]),
        ],
        missing: vec![
            MissingFact {
                kind: "Observation".into(),
                name: "X".into(),
                codes: vec![Coding { system: "http://example.org/tests".into(), code: "x-1".into() }],
                detail: "never tested; would settle: d".into(),
            },
            MissingFact {
                kind: "Condition".into(),
                name: "tumour type".into(),
                codes: vec![],
                detail: "open".into(),
            },
        ],
        issues: vec![
            issue("contraindicated", Severity::High, "g", &["g"]),
            issue("test required first", Severity::Moderate, "a", &["a+b", "standard option a"]),
        ],
        sources: vec![ProvenanceSource {
            title: "bundle.json".into(),
            kind: "input file".into(),
            sha256: "f11e".repeat(16),
        }],
    }
}

fn bundle(plan: &PlanBundle) -> Value {
    serde_json::from_str(&write(plan).expect("a bundle")).expect("json")
}

fn resources<'b>(bundle: &'b Value, kind: &str) -> Vec<&'b Value> {
    let entries = bundle["entry"].as_array().expect("entries").iter().map(|entry| &entry["resource"]);
    entries.filter(|resource| resource["resourceType"] == kind).collect()
}

/// Every value under this key, at any depth.
fn every<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| {
            if name == key {
                found.push(inner);
            }
            every(inner, key, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| every(item, key, found)),
        _ => {}
    }
}

/// What must hold of every Bundle.
#[track_caller]
fn check(plan: &PlanBundle) {
    let bundle = bundle(plan);
    let urls: Vec<&str> =
        bundle["entry"].as_array().expect("entries").iter().filter_map(|e| e["fullUrl"].as_str()).collect();
    assert_eq!(urls.iter().collect::<BTreeSet<_>>().len(), urls.len(), "each address once");
    let (mut references, mut statuses) = (vec![], vec![]);
    every(&bundle, "reference", &mut references);
    for reference in references {
        let text = reference.as_str();
        // A literal reference is text; CarePlan.activity.reference holds one.
        assert!(text.is_none_or(|url| urls.contains(&url) || url.starts_with("https://")), "{reference}");
    }
    for kind in ["CarePlan", "RequestGroup", "MedicationRequest"] {
        for resource in resources(&bundle, kind) {
            assert_eq!(
                (&resource["status"], &resource["intent"]),
                (&"draft".into(), &"proposal".into()),
                "{kind}"
            );
        }
    }
    every(&bundle, "status", &mut statuses);
    let allowed = ["draft", "generated", "preliminary", "success", "data-required"];
    assert!(statuses.iter().all(|s| s.as_str().is_some_and(|s| allowed.contains(&s))), "{statuses:?}");
    let requests: usize = plan.sections.iter().flat_map(|s| &s.options).map(|o| o.drugs.len()).sum();
    assert_eq!(resources(&bundle, "MedicationRequest").len(), requests);
    narratives(&bundle);
    no_empty_text(&bundle);
}

/// Only the elements this crate writes, opened and closed in order; no other angle bracket.
fn narratives(bundle: &Value) {
    let mut found = vec![];
    every(bundle, "div", &mut found);
    assert!(!found.is_empty());
    for div in found.iter().filter_map(|div| div.as_str()) {
        let mut open = vec![];
        for tag in div.split('<').skip(1) {
            let name = tag.split(['>', ' ']).next().expect("a name");
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{div}"),
                None => open.push(name),
            }
            assert_eq!(tag.matches('>').count(), 1, "{div}");
            assert!(["div", "h2", "p", "ul", "li"].contains(&name.trim_start_matches('/')), "{name}");
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

/// FHIR JSON knows no empty object, array or string, and no null here.
fn no_empty_text(value: &Value) {
    match value {
        Value::Null => panic!("null"),
        Value::String(text) => assert!(!text.trim().is_empty() && !text.contains('\u{0}')),
        Value::Array(items) => {
            assert!(!items.is_empty());
            items.iter().for_each(no_empty_text);
        }
        Value::Object(fields) => {
            assert!(!fields.is_empty());
            fields.values().for_each(no_empty_text);
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn the_bundle_of_a_small_plan() {
    expect_file!["sample/bundle.json"].assert_eq(&write(&sample()).expect("a bundle"));
    check(&sample());
}

#[test]
fn a_plan_without_options_has_no_group_and_says_what_it_lacks() {
    let plan = PlanBundle { sections: vec![section(1, "To discuss", vec![])], ..sample() };
    check(&plan);
    let bundle = bundle(&plan);
    assert!(resources(&bundle, "RequestGroup").is_empty());
    assert!(resources(&bundle, "CarePlan")[0].get("activity").is_none());
    assert_eq!(resources(&bundle, "GuidanceResponse")[0]["status"], "data-required");
}

#[test]
fn an_empty_plan_is_still_a_bundle() {
    let plan = PlanBundle { instant: "2026-06-15T12:00:00+00:00".into(), ..PlanBundle::default() };
    check(&plan);
    assert_eq!(resources(&bundle(&plan), "GuidanceResponse")[0]["status"], "success");
}

#[test]
fn a_day_is_no_instant() {
    let plan = PlanBundle { instant: "2026-06-15".into(), ..sample() };
    assert!(write(&plan).expect_err("no offset").to_string().contains("instant"));
}

/// The earlier plan is named as it named itself.
#[test]
fn a_plan_replaces_the_one_it_was_told_to() {
    let earlier = PlanBundle { run: "01d0".repeat(16), ..sample() };
    let named = bundle(&earlier);
    let own = &resources(&named, "CarePlan")[0]["identifier"][0];
    assert_eq!(&resources(&bundle(&sample()), "CarePlan")[0]["replaces"][0]["identifier"], own);
}

/// RequestGroup invariant rqg-1.
#[test]
fn an_action_has_a_resource_or_actions_and_a_tie_lets_at_most_one_be_chosen() {
    fn walk(action: &Value) {
        assert_ne!(action.get("resource").is_some(), action.get("action").is_some(), "{action}");
        action["action"].as_array().into_iter().flatten().for_each(walk);
    }
    let bundle = bundle(&sample());
    let sections = resources(&bundle, "RequestGroup")[0]["action"].as_array().expect("sections");
    sections.iter().for_each(walk);
    let ties: Vec<&Value> =
        sections.iter().map(|section| &section["action"][0]["selectionBehavior"]).collect();
    assert_eq!(ties, [&Value::from("at-most-one"), &Value::Null, &Value::Null, &Value::Null]);
}

proptest! {
    /// `replayable`; and no text, however odd, breaks the Bundle.
    #[test]
    fn any_text_gives_a_sound_bundle_twice_the_same(text in "\\PC*|[<&>\"'\u{0}\n\t \\\\*]*", name in ".*") {
        let mut plan = sample();
        plan.patient.name = Some(name.clone());
        plan.patient.id = Some(text.clone());
        plan.disease = Some(text.clone());
        plan.summary.push(name.clone());
        plan.boxes.push(NotedBox { title: text.clone(), lines: vec![name.clone()] });
        let first = &mut plan.sections[0].options[0];
        // A regimen names each component once: two of one name would be one request.
        prop_assume!(first.drugs.iter().skip(1).all(|drug| drug.name != name));
        first.title = text.clone();
        first.reasons = vec![text.clone(), name.clone()];
        first.drugs[0].name = name.clone();
        first.drugs[0].notes = vec![text.clone()];
        plan.missing[0].name = text.clone();
        plan.issues[0].drug = text.clone();
        plan.issues[1].detail = name.clone();
        plan.sources[0].title = text;
        plan.sources[0].sha256 = name;
        check(&plan);
        prop_assert_eq!(write(&plan).expect("once"), write(&plan).expect("twice"));
    }
}
