//! Which dangers lie in what the patient takes now, whatever the board decides?
//!
//! The current drugs pass the same gates as a candidate; only what a recorded condition fires is said. Records that end
//! long ago are a danger of their own.

use crate::patient::aged_day;
use concilium_case::{Case, Exposure, Medication, Meta, Stage, StageScale};
use concilium_criteria::scale_fits;
use concilium_evidence::Regimen;
use concilium_knowledge::Knowledge;
use concilium_safety::{Gates, SafetyFinding, SafetyVerdict};
use concilium_terms::{DrugName, PartialDate};
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

/// Days after which the newest fact of the records says little of the patient of today. Own convention, unreviewed.
const OUTDATED_DAYS: i32 = 365;

/// `newest clinical fact 2019-05-15, 7 years old: restage and re-examine before any choice`.
pub(crate) fn outdated(case: &Case, knowledge: &Knowledge) -> Option<String> {
    let newest = newest_fact(case, knowledge)?;
    let old = OUTDATED_DAYS < newest.days_until(case.as_of.date()).0;
    let age = aged_day(Some(newest), "undated", case);
    old.then(|| format!("newest clinical fact {age}: restage and re-examine before any choice"))
}

/// What was seen, measured, given or done, on the last day of which there is a record. Staging on the scale of another
/// tumour may be another tumour's.
fn newest_fact<'c>(case: &'c Case, knowledge: &Knowledge) -> Option<&'c PartialDate> {
    let facts = &case.facts;
    let own = |stage: &&Stage| match (&stage.scale, &case.tumour) {
        (StageScale::Other(scale), Some(tumour)) => scale_fits(scale, &tumour.doid, knowledge),
        _ => true,
    };
    let mut metas: Vec<&Meta> = facts.stages.iter().filter(own).map(|fact| &fact.meta).collect();
    macro_rules! of { ($($field:ident),*) => { $( metas.extend(facts.$field.iter().map(|fact| &fact.meta)); )* } }
    of!(conditions, performance, alterations, regions, markers, labs, medications, responses, procedures);
    of!(radiotherapies, documents);
    // A part of another result has its place there.
    let whole = facts.observations.iter().filter(|one| !one.meta.id.contains('#'));
    metas.extend(whole.map(|fact| &fact.meta));
    let days =
        metas.into_iter().filter(|meta| meta.retraction.is_none()).filter_map(|meta| meta.when.as_ref());
    days.chain(facts.medications.iter().filter_map(|drug| drug.end.as_ref())).max()
}
