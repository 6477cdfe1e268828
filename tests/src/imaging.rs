//! Do images become findings, findings facts, and facts a section of the sheet, while nothing is ranked by them?

use crate::support::{self, ENGINE};
use concilium_engine::case::{Facts, FindingKind, ImagingFinding, Level, Status};
use concilium_engine::demo;
use concilium_engine::images::phantom;
use concilium_engine::images::response::Criteria;
use concilium_engine::imaging::{Responded, fhir, invent, pictures, read_visit, respond};
use concilium_engine::input::InputFile;
use concilium_engine::recommend::Plan;
use concilium_engine::recommend::plan::PatientLine;
use concilium_engine::terms::AsOf;
use concilium_engine::{Engine, Settings, report, store};

fn invented() -> Responded {
    respond(phantom::visits().expect("shapes"), &[Criteria::Recist, Criteria::Volumetric], true)
        .expect("responds")
}

fn as_of() -> AsOf {
    AsOf::parse("2026-06-15").expect("day")
}

fn engine(imaging: bool) -> Engine {
    Engine::new(Settings { imaging, ..Settings::default() }).expect("builtin")
}

/// What the record reader makes of the findings alone.
fn read(responded: &Responded, engine: &Engine) -> Facts {
    let bytes = fhir(responded, None).expect("can be written").into_bytes();
    let file = InputFile { name: "findings.fhir.json".into(), bytes };
    let case = engine.case(&[file], as_of()).expect("can be read");
    support::conserved(&case);
    case.facts
}

#[test]
fn findings_come_back_from_fhir_as_they_were_written() {
    let facts = read(&invented(), &ENGINE);
    let loud: Vec<_> = facts.issues.iter().filter(|issue| issue.level != Level::Note).collect();
    assert!(loud.is_empty(), "{loud:?}");
    let said = |kind: FindingKind, role: &str| -> Vec<String> {
        let of = facts.imaging.iter().filter(|f| f.kind == kind && f.role.as_deref() == Some(role));
        let mut said: Vec<_> = of
            .map(|f| {
                let value = f.value.as_ref().map(|value| format!("{} {}", value.text, value.unit));
                let day = f.meta.when.as_ref().map_or("", |when| when.day_text());
                format!("{day} {}", value.or(f.text.clone()).unwrap_or_default())
            })
            .collect();
        said.sort();
        said
    };
    assert_eq!(
        said(FindingKind::Response, "RECIST 1.1"),
        ["2025-04-14 PR", "2025-10-06 PR", "2026-04-13 PD"]
    );
    assert_eq!(said(FindingKind::SumOfTargets, "RECIST 1.1")[0], "2025-01-27 117.2 mm");
    assert_eq!(said(FindingKind::SumOfTargets, "volumes").len(), 4);
    let longest: Vec<&ImagingFinding> =
        facts.imaging.iter().filter(|f| f.kind == FindingKind::LongestDiameter).collect();
    for finding in &longest {
        assert!(
            finding.picture.is_some() && finding.lesion.is_some() && finding.site.is_some(),
            "{finding:?}"
        );
        assert!(finding.region.as_deref().is_some_and(|region| region.starts_with("label")));
        assert!(finding.method.as_deref().is_some_and(|method| method.contains("concilium")));
        assert!(!finding.confirmed);
    }
    // Five lesions at the baseline; one goes; a new one comes: 5 + 5 + (4 and the place of the fifth) + 5.
    assert_eq!(longest.len(), 20);
    // What no person confirmed is no statement of disease status.
    assert!(facts.responses.is_empty());
    let plots = pictures(&facts.imaging).into_keys().filter(|key| key.starts_with("plot:")).count();
    assert_eq!(plots, 2);
}

#[test]
fn what_a_person_confirmed_is_a_disease_status_until_the_stage_is_off() {
    let mut visits = phantom::visits().expect("shapes");
    visits.truncate(2);
    visits.iter_mut().for_each(|visit| visit.confirmed = true);
    let responded = respond(visits, &[Criteria::Recist], true).expect("responds");
    let facts = read(&responded, &ENGINE);
    let statuses: Vec<_> = facts.responses.iter().map(|response| response.status).collect();
    assert_eq!(statuses, [Status::Partial]);
    let aside = read(&responded, &engine(false));
    assert!(aside.imaging.is_empty() && aside.responses.is_empty());
    let named = aside.issues.iter().filter(|issue| issue.what.contains("switched off")).count();
    assert_eq!(named, facts.imaging.len());
}

#[test]
fn with_the_stage_off_the_plan_is_what_it_was_and_with_it_nothing_is_ranked_by_images() {
    let off = engine(false);
    let case = support::case("A-lung-egfr");
    let files = demo::records(&case, &ENGINE).expect("records");
    let with = ENGINE.plan(&files, as_of()).expect("plan");
    let without = off.plan(&case.files, as_of()).expect("plan").plan;
    let aside = off.plan(&files, as_of()).expect("plan").plan;
    assert!(aside.imaging.is_empty());
    // The person is named by one file more.
    let nameless = |plan: &Plan| PatientLine { sources: vec![], ..plan.patient.clone() };
    assert_eq!(nameless(&aside), nameless(&without));
    assert_eq!((&aside.options, &aside.standard), (&without.options, &without.standard));
    let order =
        |plan: &Plan| plan.options.iter().map(|o| (o.id.clone(), o.section, o.rank)).collect::<Vec<_>>();
    assert_eq!(order(&with.plan), order(&without));
    assert_eq!(with.plan.patient.line, without.patient.line);
    assert!(with.plan.patient.sites.iter().any(|site| site.contains("measured in images (2026-04-13")));
    assert!(with.plan.patient.status.contains("RECIST 1.1 by measurement: PD"));
    assert!(with.graph.json().expect("json").contains("\"finding\""));
    let page = report::html(&with.plan, &store::pictures(&with));
    for words in [
        "Measured in images",
        "img-src data:",
        "data:image/png;base64,",
        "sum of target lesions",
        "N1",
        "gone",
    ] {
        assert!(page.contains(words), "the page does not hold `{words}`");
    }
    let plain = report::html(&without, &Default::default());
    assert!(!plain.contains("img-src") && !plain.contains("Measured in images"));
}

#[test]
fn folders_are_read_and_what_is_wrong_is_named() {
    let root = std::env::temp_dir().join(format!("concilium-study-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&root);
    let folders = invent(&root).expect("can be written");
    let visit = read_visit(&folders[0]).expect("can be read");
    assert_eq!((visit.regions.len(), visit.exam.day.to_string()), (4, "2025-01-27".to_owned()));
    #[track_caller]
    fn refused(folder: &std::path::Path, words: &str) {
        let error = read_visit(folder).expect_err("must be refused");
        let said = format!("{error} {:?}", std::error::Error::source(&error).map(ToString::to_string));
        assert!(said.contains(words), "`{said}` does not say `{words}`");
    }
    let write = |name: &str, text: &str| std::fs::write(folders[1].join(name), text).expect("temp file");
    write("study.json", "{\"dat\": 1}");
    refused(&folders[1], "study.json is not as expected at line 1");
    write("study.json", "{\"date\": \"yesterday\"}");
    refused(&folders[1], "no day");
    write("study.json", "{\"mask\": \"other.nii\"}");
    refused(&folders[1], "no mask");
    write("study.json", "{\"mask\": \"image.nii.gz\"}");
    refused(&folders[1], "no labels");
    write("study.json", "{\"mask\": \"\"}");
    assert!(read_visit(&folders[1]).expect("a mask may be left out").regions.is_empty());
    refused(&root.join("nowhere"), "no folder");
    let _ = std::fs::remove_dir_all(&root);
}
