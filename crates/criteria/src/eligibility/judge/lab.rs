//! The newest value of an analyte against what is asked.
//!
//! Units are converted or refused; multiples are of the laboratory's own limit; a value too old is not tested.

use super::dates::fresh;
use super::{Context, fails, holds};
use crate::eligibility::ask::{Range, Span, SpanUnit, UnitOf};
use crate::eligibility::text::range_words;
use crate::record::lab_words;
use crate::verdict::{NotTested, Verdict};
use concilium_case::Lab;
use concilium_terms::Truth;
use concilium_terms::quantity::{Comparison, Quantity};

pub(super) fn lab(
    context: &Context,
    analyte: &str,
    value: &Range,
    unit: &UnitOf,
    within: Option<&Span>,
) -> Verdict {
    let asked = context.say(|| asked(analyte, value, unit));
    let labs = context.newest_labs(analyte);
    let facts: Vec<String> = labs.iter().map(|lab| lab.meta.id.clone()).collect();
    let Some(newest) = labs.first() else {
        let in_words = context.has_lab(analyte);
        let why = if in_words { "recorded without a number" } else { "not recorded" };
        return Verdict::not_tested(NotTested::NeverDone, format!("{asked}: {why}"), vec![]);
    };
    let usual = Span::days(context.options.lab_days);
    let limit = within.unwrap_or(&usual);
    if limit.unit == SpanUnit::HalfLives {
        return Verdict::not_computable(format!("{asked}: a window in half-lives of no drug"), facts);
    }
    let until = match fresh(context, newest.meta.when.as_ref(), limit) {
        Ok(until) => until,
        Err(stale) => return Verdict::not_tested(stale.how, format!("{asked}: {}", stale.why), facts),
    };
    let found = || labs.iter().map(|lab| lab_words(analyte, lab)).collect::<Vec<_>>().join("; ");
    let what = context.say(|| format!("{asked}: {}", found()));
    if labs.iter().any(|lab| lab.implausible.is_some()) {
        return Verdict::not_tested(NotTested::Uncertain, format!("{what}: implausible, not used"), facts);
    }
    let read: Result<Vec<Truth>, String> =
        labs.iter().map(|lab| stands(context, lab, analyte, value, unit)).collect();
    let truths = match read {
        Ok(truths) => truths,
        Err(why) => return Verdict::not_computable(format!("{what}: {why}"), facts),
    };
    match (truths.contains(&Truth::True), truths.contains(&Truth::False)) {
        (true, true) => Verdict::conflicting(format!("{what}: values of one time differ"), facts),
        (true, false) if !truths.contains(&Truth::Open) => holds(what, facts, until),
        (false, true) if !truths.contains(&Truth::Open) => fails(what, facts, until),
        _ => Verdict::not_tested(NotTested::Uncertain, format!("{what} does not decide"), facts),
    }
}

fn asked(analyte: &str, value: &Range, unit: &UnitOf) -> String {
    match unit {
        UnitOf::WithinLimits => format!("{analyte} within the laboratory's limits"),
        UnitOf::TimesUpperLimit => format!("{analyte} {} x ULN", range_words(value)),
        UnitOf::TimesLowerLimit => format!("{analyte} {} x LLN", range_words(value)),
        UnitOf::Ucum(unit) => format!("{analyte} {} {unit}", range_words(value)),
    }
}

fn stands(
    context: &Context,
    lab: &Lab,
    analyte: &str,
    range: &Range,
    unit: &UnitOf,
) -> Result<Truth, String> {
    let Some(value) = &lab.value else { return Err("no number".into()) };
    let limit = |limit: Option<f64>, which: &str| {
        limit
            .filter(|limit| 0.0 < *limit)
            .ok_or_else(|| format!("the laboratory's {which} limit is not stated"))
    };
    match unit {
        UnitOf::Ucum(unit) => compared(context, value, range, 1.0, unit, analyte),
        UnitOf::TimesUpperLimit => {
            compared(context, value, range, limit(lab.high, "upper")?, &value.unit, analyte)
        }
        UnitOf::TimesLowerLimit => {
            compared(context, value, range, limit(lab.low, "lower")?, &value.unit, analyte)
        }
        UnitOf::WithinLimits => within_limits(context, lab, value, analyte),
    }
}

/// Each end times `factor`, in `unit`.
fn compared(
    context: &Context,
    value: &Quantity,
    range: &Range,
    factor: f64,
    unit: &str,
    analyte: &str,
) -> Result<Truth, String> {
    let lower = if range.above_min { Comparison::More } else { Comparison::AtLeast };
    let upper = if range.below_max { Comparison::Less } else { Comparison::AtMost };
    let ends = [range.min.map(|min| (lower, min)), range.max.map(|max| (upper, max))];
    let held: Result<Vec<Truth>, _> = ends
        .into_iter()
        .flatten()
        .map(|(comparison, end)| {
            value.stands(context.converted(value, unit, analyte)?, comparison, end * factor)
        })
        .collect();
    held.map(Truth::all).map_err(|why| why.to_string())
}

/// By the limits the laboratory gives; its own "normal" answers where it gives none.
fn within_limits(context: &Context, lab: &Lab, value: &Quantity, analyte: &str) -> Result<Truth, String> {
    let range = Range { min: lab.low, above_min: false, max: lab.high, below_max: false };
    let by_limits = compared(context, value, &range, 1.0, &value.unit, analyte);
    match (lab.low, lab.high, lab.interpretation.as_deref()) {
        (Some(_), Some(_), _) => by_limits,
        (Some(_), None, _) | (None, Some(_), _) if by_limits == Ok(Truth::False) => by_limits,
        (_, _, Some("N")) => Ok(Truth::True),
        (_, _, Some("H" | "HH" | "L" | "LL" | "A" | "AA")) => Ok(Truth::False),
        _ => Err("the laboratory's limits are not stated".into()),
    }
}
