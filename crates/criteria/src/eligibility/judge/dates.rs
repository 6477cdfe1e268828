//! Which day lies a span after another, and when does a result grow too old?

use super::Context;
use crate::eligibility::ask::{Span, SpanUnit};
use crate::verdict::NotTested;
use concilium_terms::PartialDate;
use jiff::civil::Date;

/// Hours in a day.
const DAY_H: f64 = 24.0;
/// Longest month: a part of a month is taken as that part of it.
const MONTH_DAYS: f64 = 31.0;

/// The day a span ends that begins on `from`; parts of a day count whole. `None` for half-lives without one, or a day
/// beyond the calendar.
pub(super) fn end_of(from: Date, span: &Span, half_life_h: Option<f64>) -> Option<Date> {
    let amount = span.amount;
    match span.unit {
        SpanUnit::Hours => plus(from, 0.0, amount / DAY_H),
        SpanUnit::Days => plus(from, 0.0, amount),
        SpanUnit::Weeks => plus(from, 0.0, amount * 7.0),
        SpanUnit::Months => plus(from, amount.floor(), amount.fract() * MONTH_DAYS),
        SpanUnit::Years => {
            let months = amount * 12.0;
            plus(from, months.floor(), months.fract() * MONTH_DAYS)
        }
        SpanUnit::HalfLives => plus(from, 0.0, amount * half_life_h? / DAY_H),
    }
}

fn plus(from: Date, months: f64, days: f64) -> Option<Date> {
    // A sum of parts may lie above a whole number by the last bit only.
    let days = (days - 1e-9).ceil().max(0.0);
    let whole = |number: f64| (0.0..1e6).contains(&number).then_some(number as i64);
    let span = jiff::Span::new().try_months(whole(months)?).ok()?.try_days(whole(days)?).ok()?;
    from.checked_add(span).ok()
}

/// The day after.
pub(super) fn next(day: Date) -> Option<Date> {
    day.tomorrow().ok()
}

/// May a result of this day still be used, and from which day on no longer? A partial date must be recent in every
/// reading.
pub(super) fn fresh(
    context: &Context,
    when: Option<&PartialDate>,
    limit: &Span,
) -> Result<Option<Date>, Stale> {
    let Some(when) = when else {
        return Err(Stale { how: NotTested::Uncertain, why: "undated".into() });
    };
    let day = when.day_text();
    let last = |from: Date| end_of(from, limit, None);
    let Some(end) = last(when.earliest()) else {
        return Err(Stale { how: NotTested::Uncertain, why: "no limit of age can be computed".into() });
    };
    let words = super::super::text::span_words(limit);
    match () {
        () if context.today() <= end => Ok(next(end)),
        () if last(when.latest()).is_some_and(|end| end < context.today()) => {
            Err(Stale { how: NotTested::TooOld, why: format!("of {day}, older than {words}") })
        }
        () => Err(Stale { how: NotTested::TooOld, why: format!("of {day}, may be older than {words}") }),
    }
}

/// Why a result cannot be used.
pub(super) struct Stale {
    pub how: NotTested,
    pub why: String,
}
