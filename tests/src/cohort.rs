//! A coordinator's day from files to alerts: import, screen, work the list, a new result, a corrected one, a changed trial.

use crate::support::{ENGINE, case, shared_data};
use concilium_engine::cohort::{
    self, Asked, Cause, CohortError, Command, DoNotContact, OutReason, ReasonCode, ScreenReport, State,
    StoreError, Wanted,
};
use concilium_engine::terms::AsOf;
use concilium_engine::trials::{self, Trials};
use concilium_engine::{Engine, Settings};
use std::path::{Path, PathBuf};

/// A site of its own: trials, cohort and inputs under one folder that is gone with it.
struct Site {
    folder: PathBuf,
    engine: Engine,
    store: cohort::Store,
}

impl Drop for Site {
    fn drop(&mut self) {
        // What cannot be removed lies in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Site {
    fn new(name: &str) -> Site {
        let folder = std::env::temp_dir().join(format!("concilium-cohort-{}-{name}", std::process::id()));
        let settings = Settings {
            trials: folder.join("trials"),
            cohort: folder.join("cohort.sqlite"),
            ..Settings::default()
        };
        std::fs::create_dir_all(&folder).expect("a folder for the test");
        let engine = Engine::new(settings).expect("the pack in the binary loads");
        let store = cohort::open(&engine).expect("a store");
        Site { folder, engine, store }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("written");
        path
    }

    /// Invented patients, a folder each.
    fn patients(&mut self, names: &[&str]) -> cohort::ImportReport {
        for name in names {
            for file in case(name).files {
                let path = self.folder.join("patients").join(name).join(&file.name);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                std::fs::write(path, &file.bytes).expect("written");
            }
        }
        self.import(&self.folder.join("patients"))
    }

    fn import(&mut self, path: &Path) -> cohort::ImportReport {
        let paths = [path.to_owned()];
        cohort::import(&self.engine, &mut self.store, &paths, &at(15), &mut |_, _| true).expect("imported")
    }

    fn trials(&self, name: &str, text: &str) {
        let path = self.write(name, text);
        trials::import(&self.engine.settings.trials, &[path], &self.engine.knowledge, "now")
            .expect("imported");
    }

    fn screen(&mut self, day: u32) -> ScreenReport {
        let held = Trials::open(&self.engine.settings.trials).expect("a folder").all().expect("trials");
        let asked = Asked::default();
        cohort::screen(&self.engine, &mut self.store, &held, &at(day), &asked, &mut |_, _| true)
            .expect("screened")
    }

    fn step(&mut self, patient: &str, trial: &str, command: Command) -> Result<cohort::Entry, StoreError> {
        let lines = self.lines(Wanted {
            patient: Some(patient.into()),
            trial: Some(trial.into()),
            ..Wanted::default()
        });
        self.store.apply(&lines[0].entry.key, [command], &at(15), "kim")
    }

    fn lines(&self, wanted: Wanted) -> Vec<cohort::Line> {
        cohort::worklist(&self.store, &wanted, at(15).date()).expect("a list")
    }
}

fn at(day: u32) -> AsOf {
    AsOf::parse(&format!("2026-06-{day:02}")).expect("a day")
}

fn go(to: State) -> Command {
    Command::Move { to, reasons: vec![] }
}

/// An invented trial, a record of registry text; criteria in-1 to in-3 and ex-1.
fn lung(performance: &str) -> String {
    let text = format!(
        "Inclusion Criteria:\n\n* Non-small cell lung cancer.\n* ECOG performance status of {performance}.\n\n\
         Exclusion Criteria:\n\n* Pregnancy.\n"
    );
    serde_json::json!({ "nct_id": "NCT90000001", "title": "Invented", "eligibility_criteria": text })
        .to_string()
}

fn performance(id: &str, value: u32, day: u32) -> String {
    serde_json::json!({
        "resourceType": "Observation", "id": id, "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "89247-1" }] },
        "subject": { "reference": "Patient/patient-a" },
        "effectiveDateTime": format!("2026-06-{day}"), "valueInteger": value,
    })
    .to_string()
}

const TRIAL: &str = "NCT90000001";

#[test]
fn a_coordinators_day() {
    let mut site = Site::new("day");
    site.trials("one.jsonl", &lung("0 to 1"));
    let report = site.patients(&["A-lung-egfr", "G-glioma-child", "I-same-identifier"]);
    assert_eq!(
        (report.patients, report.sources[2].refused),
        (2, 1),
        "two people under one identifier are refused"
    );

    let first = site.screen(15);
    let found: Vec<&str> = first.found.iter().map(|key| key.patient.as_str()).collect();
    assert_eq!(
        (found, first.alerts.len()),
        (vec!["patient-a"], 0),
        "a first screening fills the list and alarms nobody"
    );
    assert_eq!((site.screen(15).due, site.screen(15).judged), (0, 0), "nothing is due twice");
    for state in [State::Reviewing, State::Contacted, State::Consented] {
        site.step("patient-a", TRIAL, go(state)).expect("a step");
    }

    // A new result, among lines that are broken, of nobody, and of somebody unknown.
    let lines = [
        performance("ecog-new", 3, 15),
        "{\"resourceType\":\"Observation\"".to_owned(),
        "{\"resourceType\":\"Practitioner\",\"id\":\"dr\"}".to_owned(),
        performance("ecog-x", 1, 15).replace("patient-a", "nobody"),
    ];
    let export = site.write("new.ndjson", &lines.join("\n"));
    let came = site.import(&export);
    let source = &came.sources[0];
    assert_eq!((source.new, source.about_nobody, source.refused), (1, 1, 2));
    assert!(source.refusals[0].at.contains("new.ndjson line 2"), "{:?}", source.refusals);
    let changed = site.screen(15);
    assert_eq!((changed.due, changed.judged), (1, 1), "only what can change is judged");
    let alert = &changed.alerts[0];
    assert!(alert.urgent && alert.causes == [Cause::PatientChanged], "ineligible after consent: {alert:?}");
    assert_eq!(alert.flips[0].criterion, "in-2");
    assert!(alert.flips[0].why.contains("ECOG performance status"), "{}", alert.flips[0].why);

    // The result is corrected after somebody has seen the alert.
    site.store.seen("patient-a", TRIAL, "kim").expect("seen");
    let export = site.write("new.ndjson", &performance("ecog-new", 1, 15));
    assert_eq!(site.import(&export).sources[0].changed, 1);
    let corrected = site.screen(15);
    assert_eq!(corrected.alerts[0].causes, [Cause::Correction]);
    site.store.seen("patient-a", TRIAL, "kim").expect("seen");

    // Another version of the trial: its arms alone are judged again.
    site.trials("two.jsonl", &lung("0"));
    let moved = site.screen(15);
    assert_eq!((moved.due, moved.judged), (2, 2));
    assert_eq!(moved.alerts[0].causes, [Cause::TrialChanged]);
    assert_eq!(moved.alerts[0].flips.iter().filter(|flip| flip.criterion == "in-2").count(), 1);
    the_list_leaves(&mut site);
}

/// Out with a reason, the report, the table and FHIR.
fn the_list_leaves(site: &mut Site) {
    let mark = DoNotContact { by: "kim".into(), at: at(15), why: "asked for it".into() };
    site.store.set_do_not_contact("patient-a", Some(&mark)).expect("marked");
    let reasons = vec![OutReason { code: ReasonCode::CriterionNotMet, criterion: Some("in-2".into()) }];
    site.step("patient-a", TRIAL, Command::Move { to: State::ScreenedOut, reasons }).expect("out");
    site.step("patient-a", TRIAL, go(State::Reviewing)).expect("taken up again");
    assert!(site.step("patient-a", TRIAL, go(State::Contacted)).is_err(), "must not be contacted");
    let lines = site.lines(Wanted::default());
    assert_eq!((lines.len(), lines[0].entry.rescreens, lines[0].entry.history.len()), (1, 1, 5));
    let report = cohort::report(&site.store, at(15).date()).expect("a report");
    assert_eq!(report[""].reached[&State::Consented], 1);
    let csv = cohort::csv(&lines);
    assert!(
        csv.lines().nth(1).is_some_and(|line| line.starts_with("patient-a,NCT90000001,,reviewing")),
        "{csv}"
    );
    let held = Trials::open(&site.engine.settings.trials).expect("a folder").all().expect("trials");
    let fhir = cohort::fhir(&site.engine, &site.store, &lines, &held, &at(15)).expect("FHIR");
    let bundle: serde_json::Value = serde_json::from_str(&fhir).expect("json");
    let subject = bundle["entry"].as_array().and_then(|entries| {
        entries.iter().find(|entry| entry["resource"]["resourceType"] == "ResearchSubject")
    });
    assert_eq!(subject.map(|entry| &entry["resource"]["status"]), Some(&"candidate".into()));
}

#[test]
fn a_stopped_screening_loses_nothing() {
    let mut site = Site::new("stop");
    site.trials("one.jsonl", &lung("0 to 1"));
    site.patients(&["A-lung-egfr", "A2-lung-c797s", "G-glioma-child"]);
    let held = Trials::open(&site.engine.settings.trials).expect("a folder").all().expect("trials");
    let asked = Asked::default();
    let half = cohort::screen(&site.engine, &mut site.store, &held, &at(15), &asked, &mut |done, _| done < 1)
        .expect("screened");
    assert!(half.stopped && half.due == 1);
    let rest = site.screen(15);
    assert_eq!((rest.due, half.found.len() + rest.found.len()), (2, 2));
    let unknown = Asked { patients: vec!["nobody".into()], again: false };
    let refused = cohort::screen(&site.engine, &mut site.store, &held, &at(15), &unknown, &mut |_, _| true);
    assert!(matches!(refused, Err(CohortError::Store(StoreError::Unknown { .. }))));
}

/// The site's trials stand in the plan, with what decides, and move nothing in it.
#[test]
fn trials_stand_in_the_plan_and_move_nothing() {
    let site = Site::new("plan");
    site.trials("one.jsonl", &lung("0 to 1"));
    let case = case("A-lung-egfr");
    let as_of = || AsOf::parse(&case.as_of).expect("a day");
    let with = site.engine.plan(&case.files, as_of()).expect("a plan").plan;
    let without = ENGINE.plan(&case.files, as_of()).expect("a plan").plan;
    assert_eq!(with.options, without.options);
    assert_eq!(with.next_facts, without.next_facts);
    assert!(without.trials.note.starts_with("no trial is imported"), "{}", without.trials.note);
    let arm = &with.trials.arms[0];
    assert_eq!((arm.trial.as_str(), arm.answer.as_str()), (TRIAL, "no known conflict"));
    assert!(arm.status.contains("unconfirmed at site"), "{}", arm.status);
    assert!(arm.deciding.iter().any(|line| line.starts_with("in-1 met")), "{:?}", arm.deciding);
    assert!(with.manifest.trials.is_some() && without.manifest.trials.is_none());
}

/// The acceptance case as registered: its deciding lines (resistance mutations "in tumor tissue", "more than 1 EGFR TKI")
/// are not logic for the reader of texts, so that they stay open for both patients and let nobody in. The same trial
/// written as logic decides them (`trials`, golden case of cohort 2).
#[test]
fn a_trial_as_registered_lets_nobody_in_by_silence() {
    let Some(path) = shared_data("trials/ctgov_recent/oncology_trials_ctgov_text.jsonl") else { return };
    let text = std::fs::read_to_string(path).expect("readable");
    let line = text.lines().find(|line| line.contains("NCT05256290")).expect("the trial");
    let mut site = Site::new("acceptance");
    site.trials("one.jsonl", line);
    site.patients(&["A-lung-egfr", "A2-lung-c797s"]);
    site.screen(15);
    for patient in ["patient-a", "patient-a2"] {
        let rows = cohort::matches_of(&site.store, patient, at(15).date()).expect("a list");
        let labels: Vec<String> =
            rows.into_iter().filter_map(|row| row.answer).map(|answer| answer.label.to_string()).collect();
        let open = |label: &String| label.starts_with("open") || label.starts_with("blocked");
        assert!(!labels.is_empty() && labels.iter().all(open), "{patient}: {labels:?}");
    }
}

/// Published bundles and trials: everybody is screened or named with the reason, and a new result is told.
#[test]
fn real_bundles_meet_real_trials() {
    let Some(bundles) = shared_data("patients/bundles") else { return };
    let Some(path) = shared_data("trials/ctgov_recent/oncology_trials_ctgov_text.jsonl") else { return };
    let text = std::fs::read_to_string(path).expect("readable");
    let some: Vec<&str> = text.lines().take(12).collect();
    let mut site = Site::new("real");
    site.trials("some.jsonl", &some.join("\n"));
    let report = site.import(&bundles);
    let refused: usize = report.sources.iter().map(|source| source.refused).sum();
    assert_eq!((report.patients, refused), (5, 1), "two of the six bear one identifier and are two people");
    let screened = site.screen(15);
    assert_eq!((screened.due, screened.problems.len()), (5, 0), "{:?}", screened.problems);
    let judged = cohort::matches_of(&site.store, "cancer-patient-jenny-m", at(15).date()).expect("a list");
    assert!(!judged.is_empty());
}
