//! Is the washout over?
//!
//! A partial date is its latest possible day. "At least 4 weeks since" is met on the day four weeks after; half-lives
//! come from the drug table, and a missing one is not computable unless the other span already decides.

use super::dates::end_of;
use super::therapy::{Event, Last, given};
use super::{Context, holds};
use crate::eligibility::ask::{SpanRule, TherapyRef, Washout};
use crate::eligibility::text::span_words;
use crate::eligibility::words::Worded;
use crate::verdict::{NotTested, Verdict};
use concilium_case::Procedure;
use concilium_terms::{PartialDate, Truth};
use jiff::civil::Date;

/// Any of the therapies lies less than the washout before the anchor, for which the day of the case stands.
pub(super) fn recent(context: &Context, any_of: &[TherapyRef], washout: &Washout) -> Verdict {
    Verdict::any(any_of.iter().map(|therapy| one(context, therapy, washout)))
}

fn one(context: &Context, therapy: &TherapyRef, washout: &Washout) -> Verdict {
    let context = &Context { gaps_over: gaps_over(context, washout), ..*context };
    let given = given(context, therapy);
    let each: Vec<Verdict> = given.events.iter().map(|event| since(context, event, washout)).collect();
    let silence = match therapy {
        TherapyRef::MajorSurgery => only_recent(context, given.silence, washout),
        _ => given.silence,
    };
    Verdict::any(each.into_iter().chain([silence]))
}

/// One drug, course or operation.
fn since(context: &Context, event: &Event, washout: &Washout) -> Verdict {
    let words = context.say(|| format!("{} within {}", event.words, washout_words(washout, context)));
    match &event.last {
        Last::Ongoing => Verdict::met(format!("{words}: taken now"), event.facts.clone()),
        Last::Unknown(why) => {
            Verdict::not_tested(NotTested::Uncertain, format!("{words}: {why}"), event.facts.clone())
        }
        Last::On(day) => {
            let half_life_h =
                event.drug.as_ref().and_then(|drug| context.knowledge.drugs.get(drug)?.half_life_h);
            let found = format!("{words}: last on {}", day.day_text());
            match over(context, day, washout, half_life_h) {
                Over::Yes(end) => Verdict::not_met(format!("{found}, over on {end}"), event.facts.clone()),
                Over::From(end) => holds(format!("{found}, over on {end}"), event.facts.clone(), Some(end)),
                Over::NoHalfLife => Verdict::not_computable(
                    format!("{found}; the half-life is not known"),
                    event.facts.clone(),
                ),
            }
        }
    }
}

/// `4 weeks or 5 half-lives, the shorter, before first-dose (2026-06-15 stands for it)`.
fn washout_words(washout: &Washout, context: &Context) -> String {
    let spans: Vec<String> = washout.spans.iter().map(span_words).collect();
    let rule = match (spans.len(), washout.rule) {
        (0 | 1, _) => "",
        (_, SpanRule::Shorter) => ", the shorter,",
        (_, SpanRule::Longer) => ", the longer,",
    };
    format!(
        "{}{rule} before {} ({} stands for it)",
        spans.join(" or "),
        washout.before.word(),
        context.today()
    )
}

enum Over {
    /// It was over on that day.
    Yes(Date),
    /// It will be on that day, or is not known to be over before.
    From(Date),
    /// A span cannot be computed and decides.
    NoHalfLife,
}

/// The shorter of two is over as soon as one is; the longer is not before both are.
fn over(context: &Context, last: &PartialDate, washout: &Washout, half_life_h: Option<f64>) -> Over {
    let ends: Vec<Option<Date>> =
        washout.spans.iter().map(|span| end_of(last.latest(), span, half_life_h)).collect();
    let known = ends.iter().flatten().copied();
    let end = match washout.rule {
        SpanRule::Shorter => known.min(),
        SpanRule::Longer => known.max(),
    };
    let unknown = ends.iter().any(Option::is_none);
    match (end, unknown, washout.rule) {
        (None, _, _) => Over::NoHalfLife,
        (Some(end), false, _) if end <= context.today() => Over::Yes(end),
        (Some(end), false, _) => Over::From(end),
        (Some(end), true, SpanRule::Shorter) if end <= context.today() => Over::Yes(end),
        (Some(end), true, SpanRule::Longer) if context.today() < end => Over::From(end),
        (Some(_), true, _) => Over::NoHalfLife,
    }
}

/// Gaps in the history that ended before the washout began hide nothing that matters here.
fn gaps_over(context: &Context, washout: &Washout) -> bool {
    let past = |end: &PartialDate| matches!(over(context, end, washout, None), Over::Yes(_));
    context.case.history_gaps.iter().all(|gap| gap.to.as_ref().is_some_and(past))
}

/// Procedures outside the window need nobody's judgement.
fn only_recent(context: &Context, silence: Verdict, washout: &Washout) -> Verdict {
    let when = |id: &String| {
        let found: Option<&Procedure> = context.case.facts.procedures.iter().find(|p| p.meta.id == *id);
        found.and_then(|procedure| procedure.meta.when.clone())
    };
    let old =
        |id: &String| when(id).is_some_and(|day| matches!(over(context, &day, washout, None), Over::Yes(_)));
    if silence.truth != Truth::Open {
        return silence;
    }
    let leaves: Vec<_> = silence
        .leaves
        .into_iter()
        .filter(|leaf| leaf.facts.is_empty() || !leaf.facts.iter().all(old))
        .collect();
    match leaves.is_empty() {
        true => Verdict::not_met("major surgery: none recorded within the washout", vec![]),
        false => Verdict { truth: Truth::Open, leaves },
    }
}
