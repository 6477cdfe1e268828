//! Other diagnoses, second malignancies.

use super::dates::end_of;
use super::{Context, FactClass, fails, holds};
use crate::conditions::Standing;
use crate::eligibility::ask::{Ask, ConditionState, Span};
use crate::eligibility::text::span_words;
use crate::eligibility::words::Worded;
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::{Condition, ConditionRole, Extent, Tumour};
use concilium_terms::{Doid, PartialDate, Truth};
use jiff::civil::Date;

/// Any of the keys, in the state asked for.
pub(super) fn condition(
    context: &Context,
    keys: &[String],
    state: ConditionState,
    within: Option<&Span>,
    known: bool,
) -> Verdict {
    Verdict::any(keys.iter().map(|key| one(context, key, state, within, known)))
}

fn one(context: &Context, key: &str, state: ConditionState, within: Option<&Span>, known: bool) -> Verdict {
    let span = || within.map(|span| format!(" within {}", span_words(span))).unwrap_or_default();
    let asked = context.say(|| format!("{key} ({}){}", state.word(), span()));
    if !context.is_condition(key) {
        return Verdict::not_computable(format!("{asked}: no condition of this key is known"), vec![]);
    }
    let met = context.meeting(key);
    let absent: Vec<String> = context.stated_absent(key).iter().map(|c| c.meta.id.clone()).collect();
    let facts: Vec<String> = met.iter().map(|(_, condition)| condition.meta.id.clone()).collect();
    match (met.is_empty(), absent.is_empty()) {
        (false, false) => {
            Verdict::conflicting(format!("{asked}: stated both ways"), [facts, absent].concat())
        }
        (true, false) => Verdict::not_met(format!("{asked}: stated as absent"), absent),
        (true, true) => context.silent(FactClass::Diagnoses, &asked, known),
        (false, true) => Verdict::any(
            met.iter()
                .map(|(standing, condition)| stands(context, *standing, condition, state, within, &asked)),
        ),
    }
}

fn stands(
    context: &Context,
    standing: Standing,
    condition: &Condition,
    state: ConditionState,
    within: Option<&Span>,
    asked: &str,
) -> Verdict {
    let facts = vec![condition.meta.id.clone()];
    let open =
        |why: &str| Verdict::not_tested(NotTested::Uncertain, format!("{asked}: {why}"), facts.clone());
    match (standing, state) {
        (Standing::Suspected, _) => open("suspected only"),
        (Standing::Active, ConditionState::Active) => Verdict::met(format!("{asked}: recorded"), facts),
        (Standing::Active, ConditionState::Uncontrolled) => for_a_person(asked, "control", facts),
        (Standing::Past, ConditionState::Active | ConditionState::Uncontrolled) => {
            Verdict::not_met(format!("{asked}: in the past"), facts)
        }
        // What is past needs no treatment now; that it needed some within a span is open.
        (Standing::Past, ConditionState::NeedingTreatment) if within.is_none() => {
            Verdict::not_met(format!("{asked}: in the past"), facts)
        }
        (_, ConditionState::NeedingTreatment) => for_a_person(asked, "need of treatment", facts),
        (_, ConditionState::Ever) => ever(context, condition, within, asked, facts),
        // Too long ago and over is no, however severe it was.
        (_, ConditionState::EverSevere | ConditionState::EverNeedingTreatment) => {
            match ever(context, condition, within, asked, facts.clone()) {
                verdict if verdict.truth == Truth::True || standing == Standing::Active => {
                    for_a_person(asked, "severity", facts)
                }
                verdict => verdict,
            }
        }
    }
}

fn ever(
    context: &Context,
    condition: &Condition,
    within: Option<&Span>,
    asked: &str,
    facts: Vec<String>,
) -> Verdict {
    match within {
        None => Verdict::met(format!("{asked}: recorded"), facts),
        Some(span) => lately(context, condition.meta.when.as_ref(), span, asked, facts),
    }
}

fn for_a_person(asked: &str, what: &str, facts: Vec<String>) -> Verdict {
    let words = format!("{asked}: recorded; {what} is for a person to judge");
    Verdict::leaf(Truth::Open, Why::NeedsJudgement, words, facts)
}

/// Not longer ago than the span; a partial date is its latest day, and its earliest keeps the answer open.
fn lately(
    context: &Context,
    when: Option<&PartialDate>,
    span: &Span,
    asked: &str,
    facts: Vec<String>,
) -> Verdict {
    let Some(when) = when else {
        return Verdict::not_tested(NotTested::Uncertain, format!("{asked}: recorded without a day"), facts);
    };
    let end = |from: Date| end_of(from, span, None);
    let (Some(first), Some(last)) = (end(when.earliest()), end(when.latest())) else {
        return Verdict::not_computable(format!("{asked}: the span cannot be computed"), facts);
    };
    let what = format!("{asked}: recorded {}", when.day_text());
    match context.today() {
        today if last <= today => fails(what, facts, None),
        today if today < first => holds(what, facts, Some(first)),
        _ => Verdict::not_tested(NotTested::Uncertain, format!("{what}, the day is incomplete"), facts),
    }
}

/// Another cancer, now or in the past, that the text does not except.
pub(super) fn second_malignancy(context: &Context, ask: &Ask) -> Verdict {
    let Ask::SecondMalignancy { within, active, except, other_exceptions } = ask else {
        return Verdict::not_computable("second malignancy", vec![]);
    };
    let asked = match (active, within) {
        (true, _) => "active second malignancy".to_owned(),
        (false, Some(span)) => format!("second malignancy within {}", span_words(span)),
        (false, None) => "second malignancy".to_owned(),
    };
    let others = others(context);
    let counting: Vec<&Other> = others.iter().filter(|other| !excepted(context, other, except)).collect();
    let each: Vec<Verdict> = counting
        .iter()
        .map(|other| {
            let verdict = judged(context, other, within.as_ref(), *active, &asked);
            match (verdict.truth, other_exceptions) {
                (Truth::True, true) => {
                    let what = format!("{asked}: recorded; the text names exceptions that are not read");
                    Verdict::leaf(Truth::Open, Why::NeedsJudgement, what, other.facts.clone())
                }
                _ => verdict,
            }
        })
        .collect();
    match counting.is_empty() {
        true => context.silent(FactClass::Diagnoses, &asked, true),
        false => Verdict::any(each),
    }
}

struct Other {
    doid: Option<Doid>,
    when: Option<PartialDate>,
    /// `Some(true)` it is there now, `Some(false)` it is not.
    now: Option<bool>,
    facts: Vec<String>,
}

/// Tumours beside the one screened for, and cancers of the past that are not the same disease.
fn others(context: &Context) -> Vec<Other> {
    let of = |tumour: &Tumour| Other {
        doid: Some(tumour.doid.clone()),
        when: tumour.diagnosed.clone(),
        now: if tumour.extent == Extent::Remission { Some(false) } else { None },
        facts: vec![tumour.condition.clone()],
    };
    let mut found: Vec<Other> = context.case.other_tumours.iter().map(of).collect();
    let history = context.case.facts.conditions.iter().filter(|condition| {
        condition.role == ConditionRole::CancerHistory && condition.present != Some(false)
    });
    for condition in history {
        let doid = context.knowledge.diseases.resolve_disease(&condition.codes, &[]).ok();
        let doid = doid.map(|read| read.doid);
        if !same_disease(context, doid.as_ref()) {
            let facts = vec![condition.meta.id.clone()];
            found.push(Other { doid, when: condition.meta.when.clone(), now: Some(false), facts });
        }
    }
    found
}

fn same_disease(context: &Context, doid: Option<&Doid>) -> bool {
    let (Some(doid), Some(tumour)) = (doid, &context.case.tumour) else { return false };
    let diseases = &context.knowledge.diseases;
    diseases.is_a(doid, &tumour.doid) || diseases.is_a(&tumour.doid, doid)
}

fn excepted(context: &Context, other: &Other, except: &[Doid]) -> bool {
    let Some(doid) = &other.doid else { return false };
    except.iter().any(|allowed| context.knowledge.diseases.is_a(doid, allowed))
}

fn judged(context: &Context, other: &Other, within: Option<&Span>, active: bool, asked: &str) -> Verdict {
    let facts = other.facts.clone();
    match (active, other.now, within) {
        (true, Some(false), None) => Verdict::not_met(format!("{asked}: in the past"), facts),
        (true, Some(false), Some(span)) => {
            let what =
                format!("{asked}: in the past; whether it was active within {} is open", span_words(span));
            Verdict::not_tested(NotTested::Uncertain, what, facts)
        }
        (true, Some(true), _) => Verdict::met(format!("{asked}: recorded"), facts),
        (true, None, _) => {
            let what = format!("{asked}: another primary is recorded, its activity is not");
            Verdict::not_tested(NotTested::Uncertain, what, facts)
        }
        (false, _, None) => Verdict::met(format!("{asked}: recorded"), facts),
        (false, _, Some(span)) => lately(context, other.when.as_ref(), span, asked, facts),
    }
}
