//! Which dangers lie in what the patient takes now, whatever the board decides?
//!
//! The current drugs pass the same gates as a candidate; only what a recorded condition fires is said.

use concilium_case::{Case, Exposure, Medication};
use concilium_evidence::Regimen;
use concilium_knowledge::Knowledge;
use concilium_safety::{Gates, SafetyFinding, SafetyVerdict};
use concilium_terms::DrugName;
use std::collections::BTreeSet;

/// `warfarin, beside it brain metastases recorded (on 2026-05-28): bleeding … [unreviewed]`.
pub(crate) fn of_current_drugs(case: &Case, knowledge: &Knowledge, gates: &mut Gates) -> Vec<String> {
    let taken = |m: &&Medication| m.ongoing && !matches!(m.exposure, Exposure::NotTaken | Exposure::Planned);
    let drugs: BTreeSet<&DrugName> =
        case.facts.medications.iter().filter(taken).flat_map(|m| &m.drugs).collect();
    let on_condition: BTreeSet<&str> = knowledge
        .rules
        .iter()
        .filter(|rule| rule.trigger == "condition")
        .map(|rule| rule.id.as_str())
        .collect();
    let fired = |finding: &SafetyFinding| {
        finding.verdict <= SafetyVerdict::Monitor && on_condition.contains(finding.rule.as_str())
    };
    let of_drug = |drug: &DrugName| gates.findings_for(&Regimen::new(vec![drug.clone()], false, false));
    drugs.into_iter().flat_map(of_drug).filter(fired).map(|finding| words(&finding)).collect()
}

fn words(finding: &SafetyFinding) -> String {
    let review = if finding.sourced.checked { "" } else { " [unreviewed]" };
    format!("{}, beside it {}: {}{review}", finding.drug, finding.found, finding.action)
}
