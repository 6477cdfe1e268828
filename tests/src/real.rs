//! Do real bundles go through the whole path without a panic and without silent loss?
//!
//! Needs the real data beside the project; elsewhere each test says that it is skipped.

use crate::support::{ENGINE, case, shared_data};
use concilium_engine::input::gather;
use concilium_engine::terms::AsOf;
use concilium_engine::{Engine, Settings, diff, knowledge};
use std::path::PathBuf;

fn files_under(folder: PathBuf) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.is_file()).collect();
    files.sort();
    files
}

#[test]
fn every_real_record_gives_a_plan_or_a_clear_refusal() {
    let Some(patients) = shared_data("patients") else { return };
    let as_of = AsOf::parse("2026-06-15").expect("a day");
    for folder in ["bundles", "genomics-reporting", "synthea", "trial-matching", "mcode"] {
        for file in files_under(patients.join(folder)) {
            let files = gather(std::slice::from_ref(&file)).expect("readable");
            match ENGINE.plan(&files, as_of.clone()) {
                Ok(planned) => {
                    let silent = planned.case.facts.inputs.iter().filter(|i| i.facts == 0);
                    for item in silent {
                        let explained = planned
                            .case
                            .facts
                            .issues
                            .iter()
                            .any(|i| i.source.to_string().contains(item.id.as_str()));
                        assert!(explained, "{}: {} is lost in silence", file.display(), item.id);
                    }
                }
                Err(error) => assert!(!error.to_string().is_empty(), "{}", file.display()),
            }
        }
    }
}

/// The two trial-matching patients share an identifier and are two people.
#[test]
fn two_real_people_under_one_identifier_are_refused() {
    let Some(patients) = shared_data("patients/trial-matching") else { return };
    let both = ["patient_data.json", "eom_patient_1.json"].map(|name| patients.join(name)).to_vec();
    let files = gather(&both).expect("readable");
    let refused =
        ENGINE.plan(&files, AsOf::parse("2026-06-15").expect("a day")).map(|p| p.plan.patient.birth_date);
    let words = refused.expect_err("two people").to_string();
    assert!(words.contains("identifier"), "{words}");
}

/// A patient with high microsatellite instability and no diagnosis: what holds for every tumour is still said.
#[test]
fn an_unknown_tumour_with_high_instability_is_told_of_the_tissue_agnostic_use() {
    let Some(patients) = shared_data("patients/bundles") else { return };
    let files = gather(&[patients.join("mcode4-adam-anyperson.json")]).expect("readable");
    let plan = ENGINE.plan(&files, AsOf::parse("2026-06-15").expect("a day")).expect("a plan").plan;
    let options: Vec<&str> = plan.standard.entries.iter().map(|entry| entry.option.as_str()).collect();
    let said =
        options.iter().any(|option| option.starts_with("anti-PD-1 (tissue-agnostic use, microsatellite"));
    assert!(said, "{options:?}");
    assert!(plan.standard.note.contains("settle the tumour type first"), "{}", plan.standard.note);
}

/// The knowledge of 2021 against this one: KRAS G12C inhibition in colorectal cancer came since, by its evidence.
#[test]
fn a_newer_release_moves_a_plan_by_named_evidence() {
    let Some(downloads) = shared_data("knowledge/civic_2021_02") else { return };
    let out = std::env::temp_dir().join(format!("concilium-2021-{}", std::process::id()));
    let sources = knowledge::SourcePaths::find(&downloads).expect("downloads");
    let options = knowledge::Options::full("civic-2021-02", knowledge::Strictness::Strict);
    knowledge::build_with_builtin_tables(&sources, &out, &options).expect("builds");
    let older = Engine::new(Settings { knowledge: out.clone(), ..Settings::default() }).expect("loads");
    std::fs::remove_dir_all(&out).expect("own folder");

    let case = case("B-colorectal-kras-g12c");
    let as_of = AsOf::parse(&case.as_of).expect("a day");
    let before = older.plan(&case.files, as_of.clone()).expect("a plan");
    let after = ENGINE.plan(&case.files, as_of).expect("a plan");
    let found = diff::diff(&before.plan, &before.case, &after.plan, &after.case);
    let moved = found.moves.iter().find(|moved| moved.option == "adagrasib+cetuximab").expect("came since");
    assert_eq!(moved.before, "not in the plan");
    assert!(moved.because.iter().any(|why| why.contains("EID12063")), "{:?}", moved.because);
    assert!(found.circumstances.iter().any(|line| line.contains("civic-2021-02")));
    assert!(found.facts_added.is_empty() && found.facts_gone.is_empty() && found.facts_changed.is_empty());
}

/// What the plan of a published bundle must say, or must not: each line was a wrong sentence once.
#[test]
fn real_bundles_say_what_their_records_say() {
    let Some(bundles) = shared_data("patients/bundles") else { return };
    let check = |name: &str, says: &[&str], silent: &[&str]| {
        let files = gather(&[bundles.join(format!("mcode4-{name}.json"))]).expect("readable");
        let planned = ENGINE.plan(&files, AsOf::parse("2026-06-15").expect("a day")).expect("a plan");
        let plan = serde_json::to_string(&planned.plan).expect("json");
        for text in says {
            assert!(plan.contains(text), "{name} lacks `{text}`");
        }
        for text in silent {
            assert!(!plan.contains(text), "{name} says `{text}`");
        }
    };
    check(
        "john-anyperson",
        &[
            "\"intolerant\":[\"cisplatin\"]",
            "gefitinib: order of 2019-04-30, status unknown",
            "no prior EGFR tyrosine kinase inhibitor: not known",
            "prior platinum compound: not known (given as neo- or adjuvant therapy by the record, but begun after a metastasis was recorded, 2019-05-01: for which disease is open)",
            "next systemic line: 1–2 (derived: cisplatin (2019-05-15) is counted as adjuvant, but a metastasis was recorded before it (2019-05-01)",
            "cisplatin began 2019-05-15, counted as adjuvant",
            "Secondary malignant neoplasm of brain recorded 2019-05-01",
            "stopped because not tolerated (2019-05-15 to ?); noted: “Stopped due to blood in urine, possible kidney damage.”",
            "not tolerated: cisplatin (“Stopped due to blood in urine, possible kidney damage.”)",
            "grade and recovery of what stopped cisplatin",
            "heart failure recorded",
            "BCR/ABL1 fusion, orientation not stated (2019-04-01), known from blood cancers only",
            "Binet Stage B (2021-04-01)",
            "waits for EGFR Exon 19 Deletion or EGFR L858R: not known here; supported by expression only",
            "histology other than lung squamous cell carcinoma: yes (recorded: “Adenocarcinoma (morphologic abnormality)”)",
            "newest clinical fact 2019-05-15, 7 years old: restage and re-examine before any choice",
            "no longer present: Disorder of cardiovascular system (disorder)",
            "\"stated absent: Disorder of lung (disorder), Obesity (disorder)\"",
            "stated absent: Disorder of lung (disorder), Obesity (disorder); none of these stated either way",
            "symptoms of brain metastases",
            "gefitinib: order of 2019-04-30, status unknown: ask whether it is taken",
            "heart failure, only if a platinum is given",
            "one sequencing panel with fusions: EGFR, ALK,",
            "\"fact\":\"PD-L1 status\"",
            "the newest word on its extent: 2019-05-01, 7 years old",
            "no prior docetaxel: not known (the note of another drug's record names docetaxel)",
            "interstitial lung disease, pneumonitis: before",
            "ECOG 0 (2019-04-01, 7 years old)",
            "metastatic (metastases recorded, 2019-05-01), against a stage group of IIIC",
            "Patient's condition improved (finding) (2019-04-01, 7 years old); before the last systemic line began",
            "Partial lobectomy of lung (procedure) (2019-03-01)",
            "Karnofsky 90 (2019-04-01, 7 years old)",
            "BRCA1 NG_005905.2:g.126148_126152del: in the germline, significance not called",
        ],
        &[
            "planned or running in the record (MedicationRequest/cancer-related-medication-request-gefitinib",
            "why cisplatin was not tolerated",
            "histology: lung squamous cell carcinoma or not",
        ],
    );
    check(
        "jenny-m",
        &[
            "maternal aunt: Malignant tumor of ovary (disorder), onset at 69",
            "PALB2 Y1183*: truncation, labelled somatic; a hereditary-type panel and family history",
            "anastrozole: order of 2018-09-30, status unknown",
            "3000 10*3/uL (implausible: ask the laboratory)",
        ],
        &["ordered, planned or running in the record (MedicationRequest"],
    );
    check(
        "brian-l",
        &[
            "CNS: Bone marrow aspiration report: “negative for presence of cancer in the brain or spine” (2024-01-07, as written)",
            "CD19: Leuk and lymphma immnphntypng Spec: “positive for CD10, CD79a, TdT, CD19, and CD20”",
            "Lumbar puncture (procedure) (2024-01-08)",
            "Patient's condition improved (finding) (2024-02-08, 2 years old)",
            "the records disagree: standard risk recorded (2021-02-08) or white cells 88.5 10*3/uL at diagnosis",
            "before the diagnosis of 2024-01-01: check",
            "multi-agent chemotherapy on a paediatric protocol or trial",
            "next systemic line: 1–2 (derived: line 1 has no stated progression)",
            "vincristine: order of 2024-01-09",
        ],
        &[
            "CNS: not",
            "earlier treatment not recorded",
            "\"fact\":\"ALT; AST; CD19",
            "RG7112",
            "across tumours\"",
        ],
    );
    check(
        "adam-everyman",
        &[
            "a second malignancy?",
            "History of cancer metastatic to liver (situation) (2018-11-16)",
            "extent not recorded",
        ],
        &["\"sites\":[\"Metastatic"],
    );
    check(
        "eve-anyperson",
        &["breast cancer, by body site: provisional", "invasive or in situ", "\"tumour\":\"breast cancer\""],
        &[],
    );
}
