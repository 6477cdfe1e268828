use super::*;
use crate::settings::Settings;
use crate::{Engine, demo};
use concilium_case::FindingKind;
use concilium_imaging::phantom;
use concilium_terms::AsOf;

fn invented() -> Responded {
    respond(phantom::visits().expect("shapes"), &[Criteria::Recist, Criteria::Volumetric], true).expect("responds")
}

#[test]
fn findings_come_back_from_fhir_as_they_were_written() {
    let responded = invented();
    let fhir = fhir(&responded, None).expect("can be written");
    let facts = concilium_fhir::read("findings.fhir.json", fhir.as_bytes()).expect("can be read");
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
    assert_eq!(said(FindingKind::Response, "RECIST 1.1"), ["2025-04-14 PR", "2025-10-06 PR", "2026-04-13 PD"]);
    assert_eq!(said(FindingKind::SumOfTargets, "RECIST 1.1").len(), 4);
    assert_eq!(said(FindingKind::SumOfTargets, "volumes").len(), 4);
    let longest: Vec<&ImagingFinding> =
        facts.imaging.iter().filter(|f| f.kind == FindingKind::LongestDiameter).collect();
    for finding in &longest {
        assert!(finding.picture.is_some() && finding.lesion.is_some() && finding.site.is_some(), "{finding:?}");
        assert!(finding.region.as_deref().is_some_and(|region| region.starts_with("label")));
        assert!(finding.method.as_deref().is_some_and(|method| method.contains("concilium")));
        assert!(!finding.confirmed);
    }
    // Five lesions at the baseline; one goes; a new one comes: 5 + 5 + (4 and the place of the fifth) + 5.
    assert_eq!(longest.len(), 20);
    // What no person confirmed is no statement of disease status.
    assert!(facts.responses.is_empty());
    assert_eq!(plots(&facts.imaging).len(), 2);
}

#[test]
fn what_a_person_confirmed_is_a_disease_status() {
    let mut visits = phantom::visits().expect("shapes");
    visits.truncate(2);
    visits.iter_mut().for_each(|visit| visit.confirmed = true);
    let responded = respond(visits, &[Criteria::Recist], true).expect("responds");
    let fhir = fhir(&responded, None).expect("can be written");
    let mut facts = concilium_fhir::read("findings.fhir.json", fhir.as_bytes()).expect("can be read");
    let statuses: Vec<_> = facts.responses.iter().map(|response| response.status).collect();
    assert_eq!(statuses, [concilium_case::Status::Partial]);
    let (findings, issues) = (facts.imaging.len(), facts.issues.len());
    set_aside(&mut facts);
    assert!(facts.imaging.is_empty() && facts.responses.is_empty());
    assert_eq!(facts.issues.len(), issues + findings);
}

/// The switch: with findings and the stage off, the plan ranks what it ranks without them.
#[test]
fn switched_off_the_plan_is_what_it_was() {
    let engine = |imaging| Engine::new(Settings { imaging, ..Settings::default() }).expect("builtin");
    let (on, off) = (engine(true), engine(false));
    let case = demo::demo_cases().into_iter().next().expect("cases");
    let as_of = || AsOf::parse(&case.as_of).expect("day");
    let files = demo::records(&case, &on).expect("records");
    let with = on.plan(&files, as_of()).expect("plan").plan;
    let without = off.plan(&case.files, as_of()).expect("plan").plan;
    let aside = off.plan(&files, as_of()).expect("plan").plan;
    assert!(with.imaging.len() > 20 && with.patient.sites.iter().any(|site| site.contains("measured in images")));
    assert!(aside.imaging.is_empty());
    assert_eq!(aside.patient, without.patient);
    assert_eq!((&aside.options, &aside.standard, &aside.next_facts), (&without.options, &without.standard, &without.next_facts));
    // Unconfirmed findings rank nothing.
    let order = |plan: &concilium_recommend::Plan| {
        plan.options.iter().map(|o| (o.id.clone(), o.section, o.rank)).collect::<Vec<_>>()
    };
    assert_eq!(order(&with), order(&without));
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
