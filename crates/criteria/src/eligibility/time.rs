//! From which day on could the patient be let in, as far as is known, and what must happen until then?
//!
//! The same case is judged on later days: nothing new is assumed, results grow old, washouts run out, children grow up.
//! Only days that an answer names can change anything, so only those are tried.

use super::ask::Ask;
use super::expr::{Criterion, Expr};
use super::judge::{Context, Options, judge, judge_ask};
use super::view::{Shown, shown_open};
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::Case;
use concilium_knowledge::Knowledge;
use concilium_terms::{AsOf, PartialDate, Truth};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Days tried at most; each is named by an answer, so that this many means thousands of asks.
pub const MOST_DAYS: usize = 2_000;

/// The same facts on another day.
pub fn at(case: &Case, day: Date) -> Case {
    let as_of = AsOf { instant: format!("{day}T12:00:00+00:00[UTC]"), day: PartialDate::day(day) };
    Case { as_of, ..case.clone() }
}

/// The earliest day without a known failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Earliest {
    /// ISO day; `None` = a failure has no end that is known.
    pub day: Option<String>,
    /// What runs out until then, in the order of days.
    pub waits: Vec<Wait>,
    /// What must be done or settled for that day: criteria open on it, `NotRecorded` and judgement included.
    pub due: Vec<Due>,
    /// Criteria that fail without an end, when there is no day.
    pub blocked_by: Vec<String>,
}

/// Something that runs out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Wait {
    /// ISO day.
    pub until: String,
    /// The criterion's id.
    pub criterion: String,
    /// What was asked and found.
    pub what: String,
}

/// Something to be done or settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Due {
    /// The criterion's id.
    pub criterion: String,
    /// In which way it is open on that day; `TooOld` = repeat.
    pub shown: Shown,
    /// What was asked and found.
    pub what: Vec<String>,
}

/// The earliest day on which none of the criteria is known to fail.
pub fn earliest_day(
    criteria: &[&Criterion],
    case: &Case,
    knowledge: &Knowledge,
    options: &Options,
) -> Earliest {
    let demands: Vec<(&str, Expr)> = criteria.iter().map(|c| (c.id.as_str(), c.demand())).collect();
    let all = Expr::All(demands.iter().map(|(_, demand)| demand.clone()).collect());
    let day = match judge(&all, case, knowledge, options).truth {
        Truth::False => when_not_false(&all, case, knowledge, options),
        Truth::True | Truth::Open => Some(case.as_of.date()),
    };
    let failing = |(_, demand): &&(&str, Expr)| judge(demand, case, knowledge, options).truth == Truth::False;
    let failing: Vec<&(&str, Expr)> = demands.iter().filter(failing).collect();
    let Some(day) = day else {
        let for_good =
            failing.iter().filter(|(_, demand)| when_not_false(demand, case, knowledge, options).is_none());
        let blocked_by = for_good.map(|(id, _)| (*id).to_owned()).collect();
        return Earliest { day: None, waits: vec![], due: vec![], blocked_by };
    };
    let waits = failing.iter().flat_map(|(id, demand)| waits(id, &judge(demand, case, knowledge, options)));
    let mut waits: Vec<Wait> = waits.filter(|wait| wait.until <= day.to_string()).collect();
    waits.sort();
    let then = at(case, day);
    let due = demands.iter().filter_map(|(id, demand)| due(id, &judge(demand, &then, knowledge, options)));
    Earliest { day: Some(day.to_string()), waits, due: due.collect(), blocked_by: vec![] }
}

fn waits(id: &str, verdict: &Verdict) -> Vec<Wait> {
    let until = |why: &Why| match why {
        Why::MetUntil { until } | Why::NotMet { until: Some(until) } => Some(until.clone()),
        _ => None,
    };
    let wait = |leaf: &crate::verdict::Reason| {
        Some(Wait { until: until(&leaf.why)?, criterion: id.to_owned(), what: leaf.what.clone() })
    };
    verdict.leaves.iter().filter_map(wait).collect()
}

fn due(id: &str, verdict: &Verdict) -> Option<Due> {
    if verdict.truth != Truth::Open {
        return None;
    }
    let too_old = verdict.leaves.iter().any(|leaf| leaf.why == Why::NotTested(NotTested::TooOld));
    let shown = match shown_open(verdict) {
        Shown::NotTested(_) if too_old => Shown::NotTested(NotTested::TooOld),
        shown => shown,
    };
    let what = verdict.leaves.iter().map(|leaf| leaf.what.clone()).collect();
    Some(Due { criterion: id.to_owned(), shown, what })
}

/// The first later day on which the expression is not known to be false.
pub fn when_not_false(expr: &Expr, case: &Case, knowledge: &Knowledge, options: &Options) -> Option<Date> {
    let mut day = case.as_of.date();
    for _ in 0..MOST_DAYS {
        let today = at(case, day);
        day = *days_named(expr, &today, knowledge, options).iter().find(|named| day < **named)?;
        if judge(expr, &at(case, day), knowledge, options).truth != Truth::False {
            return Some(day);
        }
    }
    None
}

/// Every day any answer names, whether or not it decides today. A date known in part names its latest possible day, as
/// the clinical rules ask (section 6); before it the answer may already be open.
pub fn days_named(expr: &Expr, case: &Case, knowledge: &Knowledge, options: &Options) -> BTreeSet<Date> {
    let named = |ask: &Ask| days_of(&judge_ask(&Context::new(case, knowledge, options, false), ask));
    expr.asks().into_iter().flat_map(named).collect()
}

/// Every day the leaves of a verdict name.
pub(super) fn days_of(verdict: &Verdict) -> Vec<Date> {
    waits("", verdict).into_iter().filter_map(|wait| wait.until.parse().ok()).collect()
}
