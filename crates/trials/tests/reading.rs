//! Every shape trials come in, broken ones among them, and the folder they are kept in. Studies are invented.

use concilium_criteria::eligibility::Coverage;
use concilium_trials::read::{Item, read_bytes, read_file};
use concilium_trials::store::{Counts, Outcome, Trials};
use concilium_trials::text::Reader;
use concilium_trials::{ArmStatus, RegistryStatus, Trial};
use std::io::Write;
use std::sync::OnceLock;

fn reader() -> &'static Reader<'static> {
    static READER: OnceLock<Reader<'static>> = OnceLock::new();
    READER.get_or_init(|| {
        let knowledge = Box::leak(Box::new(concilium_knowledge::builtin().expect("the pack loads")));
        Reader::new(knowledge)
    })
}

fn study(number: u32, updated: &str, criteria: &str) -> String {
    serde_json::json!({ "protocolSection": {
        "identificationModule": { "nctId": format!("NCT{number:08}"), "briefTitle": "An invented study" },
        "statusModule": { "overallStatus": "RECRUITING", "lastUpdatePostDateStruct": { "date": updated } },
        "designModule": { "phases": ["PHASE1", "PHASE2"] },
        "conditionsModule": { "conditions": ["Melanoma"] },
        "armsInterventionsModule": { "armGroups": [{ "label": "A", "type": "EXPERIMENTAL", "interventionNames": ["Drug: Nivolumab"] }] },
        "eligibilityModule": { "eligibilityCriteria": criteria, "sex": "FEMALE", "minimumAge": "21 Years" },
    } })
    .to_string()
}

fn read(name: &str, bytes: &[u8]) -> (Vec<Trial>, Vec<String>) {
    let (mut trials, mut refused) = (vec![], vec![]);
    let read = read_bytes(name, bytes, reader(), &mut |item| match item {
        Item::Trial(trial) => trials.push(*trial),
        Item::Refused(refusal) => refused.push(format!("{}: {}", refusal.at, refusal.why)),
    });
    if let Err(error) = read {
        refused.push(error.to_string());
    }
    (trials, refused)
}

/// Ids that come out, and what is refused.
#[track_caller]
fn check(name: &str, bytes: &str, ids: &[&str], refused: &[&str]) -> Vec<Trial> {
    let (trials, said) = read(name, bytes.as_bytes());
    assert_eq!(trials.iter().map(|trial| trial.id.as_str()).collect::<Vec<_>>(), ids);
    assert_eq!(said, refused);
    trials
}

#[test]
fn registry_studies_pages_lists_and_lines() {
    let (one, two) = (study(1, "2026-01-02", "* ECOG 0-1"), study(2, "2026-01-02", "* Age over 20 years"));
    let trial = check("a.json", &one, &["NCT00000001"], &[]).remove(0);
    assert_eq!((trial.phase.as_str(), trial.status.status), ("1/2", RegistryStatus::Recruiting));
    assert_eq!(trial.arms[0].drugs[0].as_str(), "nivolumab");
    assert_eq!(
        trial.criteria.iter().map(|c| c.expr.to_string()).collect::<Vec<_>>(),
        ["age >= 21 years", "sex female", "performance ecog 0 to 1"]
    );
    check("a.json", &format!("{{\"studies\":[{one},{two}]}}"), &["NCT00000001", "NCT00000002"], &[]);
    check("a.json", &format!("[{one},{two}]"), &["NCT00000001", "NCT00000002"], &[]);
    check(
        "a.ndjson",
        &format!("{one}\n{{broken\n{two}\n"),
        &["NCT00000001", "NCT00000002"],
        &["line 2: broken JSON"],
    );
    check(
        "a.json",
        &format!("[{one},{{\"protocolSection\":{{}}}}]"),
        &["NCT00000001"],
        &["value 1, member 2: an NCT id of another form than NCT and eight digits"],
    );
    let (trials, refused) = read("a.json", format!("{one}{{").as_bytes());
    assert_eq!(trials.len(), 1);
    assert!(refused.len() == 1 && refused[0].ends_with("broken JSON; what follows is lost"), "{refused:?}");
}

#[test]
fn flat_lines_and_tables() {
    check(
        "t.jsonl",
        "{\"nct_id\":\"NCT00000003\",\"title\":\"x\",\"eligibility_criteria\":\"* ECOG 0-1\"}\n",
        &["NCT00000003"],
        &[],
    );
    let table = "nctid,status,phase,diseases,drugs,criteria\nNCT00000004,completed,phase 2,\"['melanoma', 'a \"\"b\"\"']\",['nivolumab'],\"Inclusion:\n - ECOG 0-1\"\nNCT00000005,x\nNCT00000006,,,nolist,,\n";
    let trials = check(
        "t.csv",
        table,
        &["NCT00000004"],
        &["line 4: 2 cells where the header has 6", "line 5: `diseases` is no list"],
    );
    assert_eq!(trials[0].conditions, ["melanoma", "a \"b\""]);
    assert_eq!(trials[0].status.status, RegistryStatus::Completed);
}

#[test]
fn ctml_in_json_and_yaml() {
    let yaml = "protocol_no: 99-001\nstatus: open to accrual\ntreatment_list:\n  step:\n    - step_code: '1'\n      match:\n        - and:\n            - genomic: {hugo_symbol: BRAF, wildcard_protein_change: p.V600}\n            - clinical: {age_numerical: '>=33', oncotree_primary_diagnosis: Melanoma}\n      arm:\n        - arm_code: A\n          arm_suspended: Y\n        - arm_code: B\n          arm_suspended: N\n          dose_level:\n            - level_code: L1\n              level_suspended: Y\n              match:\n                - genomic: {hugo_symbol: KRAS, variant_category: '!Mutation'}\n";
    let trial = check("t.yaml", yaml, &["99-001"], &[]).remove(0);
    let arms: Vec<_> = trial.arms.iter().map(|arm| (arm.label.as_str(), arm.status)).collect();
    assert_eq!(arms, [("step 1 / A", ArmStatus::Closed), ("step 1 / B / L1", ArmStatus::Closed)]);
    let logic: Vec<String> =
        trial.criteria.iter().map(|c| format!("{:?} {}", c.applies_to, c.expr)).collect();
    assert!(logic[0].contains("not biomarker present [KRAS mutation]"), "{logic:?}");
    assert!(logic[1].contains("BRAF codon V600") && logic[1].contains("age >= 33 years"), "{logic:?}");
    let (none, said) = read("t.yaml", b"a: &x [1]\nb: *x\n");
    assert!(none.is_empty() && said[0].contains("alias"), "{said:?}");
    check("t.json", "{\"treatment_list\":{\"step\":[]}}", &[], &["value 1: neither nct_id nor protocol_no"]);
}

#[test]
fn fhir_studies() {
    let bundle = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"ResearchStudy","status":"active","title":"x","identifier":[{"value":"NCT00000009"}]}},{"resource":{"resourceType":"Patient"}}]}"#;
    let trials = check("b.json", bundle, &["NCT00000009"], &["value 1, entry 2: no ResearchStudy"]);
    assert_eq!(trials[0].status.status, RegistryStatus::Recruiting);
}

#[test]
fn what_is_no_trial_is_named() {
    check("e.json", "", &[], &["e.json: the file is empty; copy it again"]);
    check(
        "e.json",
        "{\"a\":1}",
        &[],
        &["value 1: no trial: neither protocolSection, nct_id, treatment_list nor resourceType"],
    );
    let (none, said) = read("e.txt", b"words");
    assert!(none.is_empty() && said[0].starts_with("e.txt: no shape"));
}

#[test]
fn archives_entry_by_entry() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("bulk.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).expect("file"));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, text) in [
        ("NCT1.json", study(1, "2026", "* ECOG 0-1")),
        ("NCT2.json", "{".to_owned()),
        ("readme.txt", "words".to_owned()),
    ] {
        zip.start_file(name, options).expect("entry");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("closed");
    let (mut ids, mut refused) = (vec![], vec![]);
    read_file(&path, reader(), &mut |item| match item {
        Item::Trial(trial) => ids.push(trial.id),
        Item::Refused(refusal) => refused.push(refusal.at),
    })
    .expect("readable");
    assert_eq!(ids, ["NCT00000001"]);
    assert_eq!(refused.len(), 2, "{refused:?}");
}

#[test]
fn the_folder_keeps_the_newest_version_once() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let mut trials = Trials::open(&folder.path().join("trials")).expect("opened");
    let mut import = |name: &str, text: &str| {
        trials.import(&file(name, text), reader(), "2026-01-01T00:00:00Z").expect("imported")
    };
    let new = study(1, "2026-03-01", "* ECOG 0-1\n* Fond of music");
    let kept = |outcome: &Outcome| match outcome {
        Outcome::Imported(part) => (part.kept, part.same, part.older),
        Outcome::Already(_) => (0, 0, 0),
    };
    assert_eq!(kept(&import("a.json", &new)), (1, 0, 0));
    assert!(matches!(import("b.json", &new), Outcome::Already(_)));
    assert_eq!(kept(&import("c.json", &format!("[{new}]"))), (0, 1, 0));
    assert_eq!(kept(&import("d.json", &study(1, "2026-02-01", "* ECOG 0-2"))), (0, 0, 1));
    assert_eq!(kept(&import("e.json", &study(1, "2026-04-01", "* ECOG 0-2"))), (1, 0, 0));
    let stored = Trials::open(&folder.path().join("trials")).expect("opened");
    let all = stored.all().expect("whole");
    assert_eq!(all.len(), 1);
    assert_eq!(
        all[0].criteria.last().map(|c| c.expr.to_string()).as_deref(),
        Some("performance ecog 0 to 2")
    );
    assert_eq!(Counts::of(&all[0]).computed, 3);
    assert!(stored.get("nct00000001").expect("whole").is_some());
    assert_eq!(trials.update(reader(), "2026-01-02T00:00:00Z").expect("read"), None);
    assert!(all[0].criteria.iter().all(|c| c.expr.coverage() == Coverage::Computed));
}
