//! Does a plan ask for what its options rest on, and say what it does not know, in words that cannot mislead?

use crate::support::{case, plan};
use concilium_engine::recommend::{Plan, PlanOption};
use concilium_engine::report;

fn of(name: &str) -> Plan {
    plan(&case(name)).expect("a plan").plan
}

#[track_caller]
fn option<'p>(plan: &'p Plan, id: &str) -> &'p PlanOption {
    plan.options.iter().find(|option| option.id == id).unwrap_or_else(|| panic!("no option {id}"))
}

/// What a standard row asks to look at is asked before an option that holds all its drugs, on the front too.
#[test]
fn an_option_built_upon_a_standard_row_asks_what_the_row_asks() {
    let plan = of("A-lung");
    let needs = &option(&plan, "amivantamab+carboplatin+pemetrexed").needs;
    for need in ["rebiopsy histology: small-cell transformation", "MET amplification", "brain MRI"] {
        assert!(needs.iter().any(|one| one == need), "{need}: {needs:?}");
        let before = |fact: &str, unlocks: &[String]| {
            fact.contains(need) && unlocks.iter().any(|one| one.contains("amivantamab"))
        };
        assert!(plan.next_facts.iter().any(|one| before(&one.fact, &one.unlocks)), "{need}");
    }
    assert!(report::terminal(&plan, 140, false).contains("ask first: rebiopsy histology"));
    assert!(option(&plan, "osimertinib").needs.is_empty(), "what is not applicable asks for nothing");
}

/// An approval for another alteration says so; where the table has no row, nothing is said of the approval.
#[test]
fn approvals_are_held_against_the_alterations() {
    let plan = of("A-lung");
    let said = |id: &str| option(&plan, id).approval.join("; ");
    assert!(
        said("gefitinib").contains("US approved: EGFR L858R, NOT found in this patient"),
        "{}",
        said("gefitinib")
    );
    assert!(said("osimertinib").contains("L858R or T790M, found here"), "{}", said("osimertinib"));
    assert_eq!(said("chemotherapy+osimertinib"), "not in our table for this tumour, check the label");
}

/// An anticoagulant beside brain metastases stands among the alerts; lesions that were measured need no word that the
/// imaging was not read.
#[test]
fn what_is_taken_now_is_held_against_the_diagnoses() {
    let plan = of("C-melanoma");
    let alert = plan.alerts.iter().find(|one| one.starts_with("warfarin, beside it brain metastases"));
    assert!(alert.is_some_and(|one| one.ends_with("[unreviewed]")), "{:?}", plan.alerts);
    let have: Vec<&String> = plan.standard.entries.iter().flat_map(|entry| &entry.have).collect();
    let imaged = have.iter().any(|one| one.starts_with("brain MRI: 2 lesions measured"));
    assert!(imaged, "{have:?}");
    assert!(!have.iter().any(|one| one.starts_with("brain MRI: a note")), "{have:?}");
    assert!(of("A-lung").alerts.is_empty());
}

/// One diagnosis on record (case C: none; here atrial fibrillation) leaves the others to be asked, once for the plan.
#[test]
fn diagnoses_nobody_stated_are_one_question() {
    for name in ["A-lung", "C-melanoma", "E-prostate"] {
        let plan = of(name);
        let asked =
            plan.next_facts.iter().filter(|one| one.fact.starts_with("other diagnoses, each yes or no: "));
        assert_eq!(asked.count(), 1, "{name}");
        let words = report::markdown(&plan);
        assert!(!words.contains("No other alert"), "{name}");
    }
}
