//! Is an allergy to this drug, or to what crosses with it, recorded?

use super::subject::Subject;
use super::{Answer, Ask};
use crate::finding::{SafetyFinding, SafetyVerdict};
use concilium_case::{Allergy, Case};
use concilium_criteria::record::on_day;
use concilium_knowledge::{Knowledge, PriorTherapy, SafetyRule, Sourced, prior_therapy};
use concilium_terms::DrugName;

/// `what` names the substance; empty is the drug itself. "No known allergies" is an answer, silence is none.
pub fn ask(ask: &Ask) -> Answer {
    let rule = ask.rule;
    let wanted = prior_therapy(&rule.what);
    if wanted.is_none() && !rule.what.is_empty() {
        return ask.open(&rule.what, "the rule's substance cannot be read".into(), vec![]);
    }
    let hit = |drug: &DrugName| match &wanted {
        Some(item) => is_item(ask.knowledge, drug, item),
        None => ask.subject.is_named(drug),
    };
    let about = about(wanted.as_ref(), ask.subject);
    let hits: Vec<&Allergy> =
        entries(ask.case).filter(|a| drugs(a, ask.knowledge).iter().any(&hit)).collect();
    match hits.as_slice() {
        [] if ask.case.facts.allergies.is_empty() => Answer::Silent("allergies".into()),
        [] => Answer::Clear(format!("allergy to {about}: none among the recorded allergies")),
        hits => ask.fired(&about, found(&about, hits), ids(hits)),
    }
}

/// A recorded allergy to the very drug, where no row of the table covers it.
pub fn to_the_drug_itself(
    subject: &Subject,
    case: &Case,
    knowledge: &Knowledge,
    rules: &[&SafetyRule],
) -> Option<Answer> {
    let covers = |rule: &&SafetyRule| {
        let wanted = prior_therapy(&rule.what);
        rule.trigger == "allergy"
            && (rule.what.is_empty() || wanted.is_some_and(|item| is_item(knowledge, subject.drug, &item)))
    };
    let itself = |allergy: &&Allergy| drugs(allergy, knowledge).iter().any(|drug| subject.is_named(drug));
    let hits: Vec<&Allergy> = entries(case).filter(itself).collect();
    if hits.is_empty() || rules.iter().any(covers) {
        return None;
    }
    Some(Answer::Fired(SafetyFinding {
        drug: subject.drug.clone(),
        verdict: SafetyVerdict::Contraindicated,
        rule: "allergy".into(),
        about: subject.drug.to_string(),
        found: found(subject.drug.as_str(), &hits),
        action: "not given unless an allergist clears it".into(),
        strength: String::new(),
        sourced: Sourced {
            source: format!("label: {}, section 4, to check; the allergy stands in the record", subject.drug),
            checked: false,
        },
        facts: ids(&hits),
    }))
}

fn entries(case: &Case) -> impl Iterator<Item = &Allergy> {
    case.facts.allergies.iter().filter(|allergy| allergy.active && !allergy.none_known)
}

/// The drugs an entry resolves to; its own words where reading resolved none.
fn drugs(allergy: &Allergy, knowledge: &Knowledge) -> Vec<DrugName> {
    if !allergy.drugs.is_empty() {
        return allergy.drugs.clone();
    }
    let by_words = |code: &concilium_terms::Code| knowledge.drugs.resolve(&code.display);
    allergy.codes.iter().filter_map(by_words).map(|drug| drug.name.clone()).collect()
}

fn is_item(knowledge: &Knowledge, drug: &DrugName, item: &PriorTherapy) -> bool {
    Subject::new(drug, knowledge).is(item)
}

fn about(wanted: Option<&PriorTherapy>, subject: &Subject) -> String {
    match wanted {
        Some(PriorTherapy::Drug(name)) => name.to_string(),
        Some(PriorTherapy::Class(class)) => class.to_string(),
        Some(PriorTherapy::AnySystemic) | None => subject.drug.to_string(),
    }
}

fn found(about: &str, hits: &[&Allergy]) -> String {
    let days: Vec<String> = hits.iter().map(|hit| on_day(hit.meta.when.as_ref())).collect();
    format!("allergy or intolerance to {about} recorded ({})", days.join(", "))
}

fn ids(hits: &[&Allergy]) -> Vec<String> {
    hits.iter().map(|hit| hit.meta.id.clone()).collect()
}
