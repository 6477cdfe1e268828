//! Was this drug, or one of its class, stopped because it was not tolerated?

use super::Answer;
use super::subject::Subject;
use crate::finding::{SafetyFinding, SafetyVerdict};
use concilium_case::{Case, Medication, StopReason};
use concilium_criteria::exposure_to;
use concilium_criteria::lines::shared_class;
use concilium_knowledge::{Knowledge, PriorTherapy, Sourced};
use concilium_terms::{DrugName, PartialDate};
use std::collections::BTreeMap;

/// A recorded stop for intolerance; none where the drug is being taken again.
pub fn recorded(subject: &Subject, case: &Case, knowledge: &Knowledge) -> Option<Answer> {
    let state = exposure_to(case, knowledge, &PriorTherapy::Drug(subject.drug.clone()));
    if !state.intolerant || state.ongoing {
        return None;
    }
    let action = match gives_reason(case, subject.drug) {
        true => "given again only if the grade, the recovery and what can be changed are known",
        false => "given again only if the reason, its grade and what can be changed are known",
    };
    let found = format!(
        "stopped because not tolerated ({} to {}){}",
        day(&state.start),
        day(&state.end),
        noted(case, subject.drug)
    );
    Some(Answer::Fired(SafetyFinding {
        drug: subject.drug.clone(),
        verdict: SafetyVerdict::Avoid,
        rule: INTOLERANCE.into(),
        about: "not tolerated before".into(),
        found,
        action: action.into(),
        strength: String::new(),
        sourced: Sourced { source: "stands in the record".into(), checked: true },
        facts: state.facts,
    }))
}

/// Rule of a finding about the drug itself, and of one about another drug of its class.
const INTOLERANCE: &str = "intolerance";
const OF_THE_CLASS: &str = "intolerance-class";

/// Other drugs of a class of this one that were not tolerated: whether the reason holds for the class is asked, nothing
/// is concluded.
pub fn of_its_class(subject: &Subject, case: &Case, knowledge: &Knowledge) -> Vec<Answer> {
    let mut by_drug: BTreeMap<&DrugName, Vec<&Medication>> = BTreeMap::new();
    for record in case.facts.medications.iter().filter(|record| was_not_tolerated(record)) {
        for drug in record.drugs.iter().filter(|drug| !subject.is_named(drug)) {
            by_drug.entry(drug).or_default().push(record);
        }
    }
    let question = |(drug, records): (&DrugName, Vec<&Medication>)| {
        let class = shared_class(knowledge, drug, subject.drug)?;
        if exposure_to(case, knowledge, &PriorTherapy::Drug(drug.clone())).ongoing {
            return None;
        }
        let label = knowledge.drugs.classes.get(&class).map_or(class.to_string(), |row| row.label.clone());
        let known = gives_reason(case, drug);
        let last = records.iter().filter_map(|r| r.end.clone().or_else(|| r.meta.when.clone())).max();
        Some(Answer::Open(SafetyFinding {
            drug: subject.drug.clone(),
            verdict: SafetyVerdict::TestFirst,
            rule: OF_THE_CLASS.into(),
            about: match known {
                true => format!("grade and recovery of what stopped {drug}"),
                false => format!("why {drug} was not tolerated"),
            },
            found: format!("{drug}, also {label}, was not tolerated ({}){}", day(&last), noted(case, drug)),
            action: match known {
                true => format!("grade and recovery first: the reason may hold for {} too", subject.drug),
                false => format!("reason and grade first: they may hold for {} too", subject.drug),
            },
            strength: String::new(),
            sourced: Sourced { source: "stands in the record".into(), checked: true },
            facts: records.iter().map(|record| record.meta.id.clone()).collect(),
        }))
    };
    by_drug.into_iter().filter_map(question).collect()
}

fn was_not_tolerated(record: &Medication) -> bool {
    record.exposure.is_exposure()
        && record.stop == Some(StopReason::Intolerance)
        && record.meta.retraction.is_none()
}

fn day(day: &Option<PartialDate>) -> String {
    day.as_ref().map_or("?".to_owned(), |day| day.day_text().to_owned())
}

/// What the notes of those records say, as written: `; noted: “Stopped due to …”`.
fn noted(case: &Case, drug: &DrugName) -> String {
    notes(case, drug).iter().map(|text| format!("; noted: “{text}”")).collect()
}

/// Notes at the records of a drug that was stopped because it was not tolerated, as written.
pub fn notes<'c>(case: &'c Case, drug: &DrugName) -> Vec<&'c str> {
    let records = case.facts.medications.iter().filter(|r| was_not_tolerated(r) && r.drugs.contains(drug));
    let mut said: Vec<&str> = records
        .flat_map(|record| {
            let own = format!("{}#note", record.meta.id);
            case.facts.documents.iter().filter(move |note| note.meta.id.starts_with(&own))
        })
        .map(|note| note.text.trim())
        .collect();
    said.sort_unstable();
    said.dedup();
    said
}

/// Words by which a note names a reason. Unreviewed.
const REASON: [&str; 6] = ["due to", "because", "owing to", "caused by", "toxicity", "adverse"];

/// Does a note at those records give a reason? What it says is for the reader; why is then not asked again.
fn gives_reason(case: &Case, drug: &DrugName) -> bool {
    let names = |text: &&str| REASON.iter().any(|word| text.to_lowercase().contains(word));
    notes(case, drug).iter().any(names)
}
