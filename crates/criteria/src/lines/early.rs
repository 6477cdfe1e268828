//! Does neo- or adjuvant therapy count as prior therapy of the advanced disease?
//!
//! Only where the relapse came within a stated time of its end; without a date of relapse it stays open.

use super::LineRules;
use concilium_case::{Case, ConditionRole, Line, LineIntent, Status};
use concilium_knowledge::EarlyTherapy;
use concilium_terms::date::days_between;
use concilium_terms::{PartialDate, Truth};

/// Days of a month, for windows in months.
const MONTH: i32 = 30;
/// A window of twelve months allows for calendar months of 31 days.
const SLACK: i32 = 6;

/// Does the line count as prior therapy of the advanced disease, by the row's own window?
pub fn counts_as_prior(case: &Case, line: &Line, early: EarlyTherapy) -> Truth {
    match (line.intent, early) {
        (LineIntent::Advanced, _) | (_, EarlyTherapy::Counted) => Truth::True,
        // Begun after a metastasis: for which disease it was given is open.
        _ if line.after_metastasis.is_some() => Truth::Open,
        (_, EarlyTherapy::NotCounted) => Truth::False,
        (_, EarlyTherapy::Within(months)) => {
            let days = i32::try_from(months).unwrap_or(i32::MAX / MONTH - SLACK) * MONTH + SLACK;
            relapsed_within(case, line, days)
        }
    }
}

/// The same with the time after which early therapy no longer counts (`LineRules`).
pub(crate) fn counts_by_rule(case: &Case, line: &Line) -> bool {
    let days = LineRules::default().early_relapse_days;
    line.intent == LineIntent::Advanced || relapsed_within(case, line, days) == Truth::True
}

fn relapsed_within(case: &Case, line: &Line, days: i32) -> Truth {
    let end = line.end.as_ref().or(line.start.as_ref());
    let (Some(end), Some(relapse)) = (end, relapse_after(case, line)) else { return Truth::Open };
    match () {
        () if days_between(end.latest(), relapse.earliest()) <= days => Truth::True,
        () if line.end.is_some() => Truth::False,
        // The end is not recorded: the time since the start is longer than the time since the end.
        () => Truth::Open,
    }
}

/// The first sign of relapse after the line began: a progression, a metastasis, or treatment of advanced disease.
fn relapse_after(case: &Case, line: &Line) -> Option<PartialDate> {
    let began = line.start.as_ref()?;
    let facts = &case.facts;
    let responses = facts.responses.iter().filter(|r| r.status == Status::Progressed);
    let metastases =
        facts.conditions.iter().filter(|c| c.role == ConditionRole::Metastasis && c.present != Some(false));
    let advanced = case.lines.iter().filter(|other| other.intent == LineIntent::Advanced);
    let signs = line.progression.iter().cloned();
    let signs = signs.chain(responses.filter_map(|r| r.meta.when.clone()));
    let signs = signs.chain(metastases.filter_map(|c| c.meta.when.clone()));
    let signs = signs.chain(advanced.filter_map(|other| other.start.clone()));
    signs.filter(|sign| began.surely_before(sign)).min()
}
