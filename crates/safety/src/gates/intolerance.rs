//! Was this very drug stopped because it was not tolerated?

use super::Answer;
use super::subject::Subject;
use crate::finding::{SafetyFinding, SafetyVerdict};
use concilium_case::Case;
use concilium_criteria::exposure_to;
use concilium_knowledge::{Knowledge, PriorTherapy, Sourced};
use concilium_terms::PartialDate;

/// A recorded stop for intolerance; none where the drug is being taken again.
pub fn recorded(subject: &Subject, case: &Case, knowledge: &Knowledge) -> Option<Answer> {
    let state = exposure_to(case, knowledge, &PriorTherapy::Drug(subject.drug.clone()));
    if !state.intolerant || state.ongoing {
        return None;
    }
    let day =
        |day: &Option<PartialDate>| day.as_ref().map_or("?".to_owned(), |day| day.day_text().to_owned());
    Some(Answer::Fired(SafetyFinding {
        drug: subject.drug.clone(),
        verdict: SafetyVerdict::Avoid,
        rule: "intolerance".into(),
        about: subject.drug.to_string(),
        found: format!("stopped because not tolerated ({} to {})", day(&state.start), day(&state.end)),
        action: "given again only if the reason, its grade and what can be changed are known".into(),
        strength: String::new(),
        sourced: Sourced { source: "stands in the record".into(), checked: true },
        facts: state.facts,
    }))
}
