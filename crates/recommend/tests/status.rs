//! What does a regulator's status do to an option, and in which words is it told?

use concilium_case::Extent;
use concilium_knowledge::{Knowledge, builtin};
use concilium_recommend::{Index, Plan, PlanOption, RunManifest, Section, build_plan};
use concilium_testkit::{CaseBuilder, small, tumour};
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| builtin().expect("the pack in the binary loads"));

fn plan(doid: &str, gene: &str, changes: &[&str]) -> Plan {
    let patient = CaseBuilder::new("2026-06-15").born("1960-01-01");
    let patient = patient.tumour(tumour(doid, "the tumour", Extent::Metastatic));
    let case = changes.iter().fold(patient, |case, change| case.alteration(small(gene, change))).build();
    build_plan(&case, &KNOWLEDGE, &Index::new(&KNOWLEDGE), RunManifest::default())
}

#[track_caller]
fn option<'p>(plan: &'p Plan, id: &str) -> &'p PlanOption {
    plan.options.iter().find(|option| option.id == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn a_drug_no_longer_made_is_not_applicable_and_says_why() {
    let found = plan("DOID:3910", "EGFR", &["L858R", "T790M"]);
    let rociletinib = option(&found, "rociletinib");
    assert_eq!(rociletinib.section, Section::NotApplicableNow);
    let said = rociletinib.reasons.iter().any(|reason| reason.text.contains("discontinued"));
    assert!(said, "{:?}", rociletinib.reasons);
}

/// The day an assertion was reviewed is not the day a drug was approved.
#[test]
fn an_assertions_review_is_not_an_approval_date() {
    let found = plan("DOID:1909", "BRAF", &["V600E"]);
    let approval = option(&found, "dabrafenib+trametinib").approval.join("\n");
    assert!(
        approval.contains("US approved: BRAF V600E, found here (status as of assertion review 2023-02-06; "),
        "{approval}"
    );
}
