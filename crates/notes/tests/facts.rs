//! Invented notes → facts of the case: what is made of a mention, and what is not.

use concilium_case::{Document, Exposure, Facts, Meta, Place, Presence, Source};
use concilium_notes::{Options, Reader, facts};
use std::sync::LazyLock;

static READER: LazyLock<Reader> =
    LazyLock::new(|| Reader::new(&concilium_knowledge::builtin().expect("the pack in the binary loads")));

fn read(text: &str) -> Facts {
    let source = Source { file: "n.txt".into(), place: Place::File };
    let meta = Meta { id: "Note/n.txt".into(), sources: vec![source], ..Meta::default() };
    let document = Document { meta, title: String::new(), text: text.into() };
    facts(&document, &READER.read(text, &Options::default()))
}

/// One line a fact, sorted by kind and place.
#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let facts = read(text);
    let mut said = vec![];
    said.extend(facts.conditions.iter().map(|c| {
        let present = c.present.map_or("open".to_owned(), |present| present.to_string());
        format!("{:?} {} {present}", c.role, c.codes.last().map_or("", |code| code.display.as_str()))
    }));
    said.extend(facts.medications.iter().map(|m| {
        let drugs: Vec<&str> = m.drugs.iter().map(|drug| drug.as_str()).collect();
        let class = m.about_class.as_deref().unwrap_or("");
        let end = m.end.as_ref().map_or(String::new(), |end| format!(" until {end}"));
        format!("{:?} {}{class}{end}{}", m.exposure, drugs.join("+"), if m.ongoing { " ongoing" } else { "" })
    }));
    said.extend(facts.markers.iter().map(|m| format!("{:?} {:?} {:?}", m.name, m.call, m.score)));
    said.extend(facts.alterations.iter().map(|a| format!("{} {:?}", a.label, a.presence)));
    said.extend(facts.labs.iter().map(|l| {
        let value = l.value.as_ref().map_or("no number".to_owned(), |v| format!("{} [{}]", v.value, v.unit));
        format!("{} {value}", l.analyte.as_deref().unwrap_or(""))
    }));
    said.extend(facts.performance.iter().map(|p| format!("{:?} {}", p.scale, p.value)));
    said.extend(facts.stages.iter().map(|s| format!("{:?} {}", s.scale, s.value)));
    said.extend(facts.allergies.iter().map(|a| format!("allergy none={} {}", a.none_known, a.drugs.len())));
    said.extend(facts.observations.iter().map(|o| format!("{} {}", o.codes[0].display, o.value)));
    assert_eq!(said, expect);
}

#[test]
fn only_what_is_said_of_the_patient_and_surely_is_a_fact() {
    check(
        "No liver metastases. Possible bone metastases. If brain metastases, radiosurgery.",
        &["Metastasis liver metastases false", "Metastasis bone metastases open"],
    );
    check("Her mother had breast cancer. Family history: diabetes.", &[]);
    check(
        "History of colon cancer. Lung cancer, stage IV.",
        &["CancerHistory colon cancer true", "PrimaryCancer lung cancer true", "Group IV"],
    );
    check("Lymph node metastases in gastric cancer.", &["PrimaryCancer stomach cancer true"]);
}

#[test]
fn a_drug_named_is_no_drug_taken() {
    check("Docetaxel was discussed. Consider erlotinib.", &["Planned erlotinib"]);
    check("Never received a CDK4/6 inhibitor. No docetaxel today.", &["NotTaken cdk4-6-inhibitor"]);
    check(
        "Osimertinib February 2025 to April 2026. Takes aspirin.",
        &["Reported osimertinib until 2026-04", "Reported aspirin ongoing"],
    );
    check(
        "She refused docetaxel. Allergic to paclitaxel. NKDA.",
        &["NotTaken docetaxel", "allergy none=false 1", "allergy none=true 0"],
    );
}

#[test]
fn results_keep_what_was_written() {
    check(
        "Triple-negative. HER2 not requested.",
        &["Er Some(Negative) None", "Pr Some(Negative) None", "Her2 Some(Negative) None"],
    );
    check(
        "KRAS wild-type, no EGFR T790M, ALK fusion not tested.",
        &["KRAS mutation Absent", "EGFR T790M Absent", "ALK fusion Unknown"],
    );
    check(
        "Creatinine 1.2, ALT 20-30 U/L, ECOG 0-1, ECOG 1.",
        &["creatinine 1.2 []", "alt no number", "Ecog 1"],
    );
    check("61-year-old man, non-smoker.", &["age 61 years", "smoking no"]);
}

#[test]
fn every_fact_says_where_it_is_from() {
    let facts = read("Clinic, 2026-06-08\n\nHb 8.4 g/dL. EGFR L858R, gefitinib since May 2025.");
    let [lab] = &facts.labs[..] else { panic!("one value") };
    assert_eq!(lab.meta.when.as_ref().map(ToString::to_string).as_deref(), Some("2026-06-08"));
    assert_eq!(lab.meta.sources[0].to_string(), "n.txt: Note/n.txt [20..31]");
    assert_eq!(lab.meta.derived.as_deref(), Some("read from text by rules"));
    assert_eq!(facts.alterations[0].presence, Presence::Present);
    assert_eq!(facts.medications[0].exposure, Exposure::Reported);
    assert_eq!(facts.medications[0].meta.when.as_ref().map(ToString::to_string).as_deref(), Some("2025-05"));
}
