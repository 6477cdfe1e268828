//! Age, sex, performance status, pregnancy.

use super::dates::{fresh, next};
use super::{Context, fails, holds, not_applicable};
use crate::conditions::Standing;
use crate::eligibility::ask::{Range, Span};
use crate::eligibility::brief::Brief;
use crate::eligibility::text::range_words;
use crate::record::{at_word, plain, plain_words};
use crate::reproduction::{CHILDBEARING, possible_at};
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::{OtherObservation, Performance, PerformanceScale, Sex};
use concilium_terms::{PartialDate, Truth};
use jiff::Unit;
use jiff::civil::Date;

/// Nobody is older; birthdays beyond are not looked at.
const OLDEST: i32 = 130;

/// Completed years on the day; an incomplete birth date is a range.
pub(super) fn age(context: &Context, years: &Range) -> Verdict {
    let asked = format!("age {} years", range_words(years));
    let patient = &context.case.patient;
    let Some(birth) = &patient.birth_date else {
        return Verdict::not_tested(
            NotTested::NeverDone,
            format!("{asked}: birth date not recorded"),
            vec![],
        );
    };
    let facts = vec![patient.meta.id.clone()];
    let Some((youngest, oldest)) = years_on(birth, context.today()) else {
        let what = format!("{asked}: the birth date lies after the day of screening");
        return Verdict::not_tested(NotTested::Uncertain, what, facts);
    };
    let found = if youngest == oldest { oldest.to_string() } else { format!("{youngest} or {oldest}") };
    let changes = |to: &dyn Fn(Truth) -> bool| {
        context.birthdays(birth, |birthdays| {
            let later = birthdays.iter().filter(|(day, _)| context.today() < *day);
            let truth = |(day, (low, high)): &(Date, (u32, u32))| (*day, years.admits_counts(*low, *high));
            later.map(truth).find(|(_, truth)| to(*truth)).map(|(day, _)| day)
        })
    };
    match years.admits_counts(youngest, oldest) {
        Truth::True => holds(format!("{asked}: {found}"), facts, changes(&|truth| truth != Truth::True)),
        Truth::False => fails(format!("{asked}: {found}"), facts, changes(&|truth| truth == Truth::True)),
        Truth::Open => {
            let what = format!("{asked}: {found}, the birth date is incomplete");
            Verdict::not_tested(NotTested::Uncertain, what, facts)
        }
    }
}

/// The truth [`age`] comes to.
pub(in crate::eligibility) fn age_in_years(context: &Context, years: &Range) -> Brief {
    let not_tested = |how| Brief::leaf(Truth::Open, &Why::NotTested(how));
    let Some(birth) = &context.case.patient.birth_date else { return not_tested(NotTested::NeverDone) };
    let Some((youngest, oldest)) = years_on(birth, context.today()) else {
        return not_tested(NotTested::Uncertain);
    };
    match years.admits_counts(youngest, oldest) {
        Truth::Open => not_tested(NotTested::Uncertain),
        truth => Brief::leaf(truth, &Why::Met),
    }
}

/// Youngest and oldest the patient can be.
fn years_on(birth: &PartialDate, day: Date) -> Option<(u32, u32)> {
    let years = |from: Date| u32::try_from(from.until((Unit::Year, day)).ok()?.get_years()).ok();
    if day < birth.latest() { None } else { Some((years(birth.latest())?, years(birth.earliest())?)) }
}

/// Every day on which a year may be completed, in order, with youngest and oldest then.
pub(super) fn ages(birth: &PartialDate) -> Vec<(Date, (u32, u32))> {
    birthdays(birth).into_iter().filter_map(|day| Some((day, years_on(birth, day)?))).collect()
}

/// Every day on which a year may be completed, in order; both readings of a 29 February.
fn birthdays(birth: &PartialDate) -> Vec<Date> {
    let anniversary = |from: Date, n: i32| from.checked_add(jiff::Span::new().years(n)).ok();
    let both = |day: Date| [Some(day), next(day)].into_iter().flatten();
    let of = |from: Date| (0..=OLDEST).filter_map(move |n| anniversary(from, n)).flat_map(both);
    let mut days: Vec<Date> = of(birth.earliest()).chain(of(birth.latest())).collect();
    days.sort();
    days.dedup();
    days
}

pub(super) fn sex(context: &Context, female: bool) -> Verdict {
    let asked = if female { "sex female" } else { "sex male" };
    let patient = &context.case.patient;
    let facts = vec![patient.meta.id.clone()];
    match patient.sex {
        Some(Sex::Female) if female => Verdict::met(asked, facts),
        Some(Sex::Male) if !female => Verdict::met(asked, facts),
        Some(Sex::Female) => Verdict::not_met(format!("{asked}: recorded as female"), facts),
        Some(Sex::Male) => Verdict::not_met(format!("{asked}: recorded as male"), facts),
        Some(Sex::Other) => {
            Verdict::not_tested(NotTested::Uncertain, format!("{asked}: recorded as other"), facts)
        }
        Some(Sex::Unknown) | None => {
            Verdict::not_tested(NotTested::NeverDone, format!("{asked}: not recorded"), vec![])
        }
    }
}

/// The newest status on the scale asked for; scales are not converted into one another.
pub(super) fn performance(context: &Context, scale: &str, points: &Range) -> Verdict {
    let asked = format!("performance {scale} {}", range_words(points));
    let wanted = match scale.to_lowercase().as_str() {
        "ecog" | "who" | "zubrod" => PerformanceScale::Ecog,
        "karnofsky" | "kps" => PerformanceScale::Karnofsky,
        "lansky" => PerformanceScale::Lansky,
        _ => return Verdict::not_computable(format!("{asked}: scale not known"), vec![]),
    };
    let all = &context.case.facts.performance;
    let on_scale: Vec<&Performance> = all.iter().filter(|status| status.scale == wanted).collect();
    let newest = on_scale.iter().map(|status| &status.meta.when).max();
    let newest: Vec<&Performance> =
        on_scale.iter().filter(|status| Some(&status.meta.when) == newest).copied().collect();
    let facts: Vec<String> = newest.iter().map(|status| status.meta.id.clone()).collect();
    let Some(first) = newest.first() else {
        let other = if all.is_empty() { "not recorded" } else { "recorded on another scale only" };
        return Verdict::not_tested(NotTested::NeverDone, format!("{asked}: {other}"), vec![]);
    };
    if newest.iter().any(|status| status.value != first.value) {
        return Verdict::conflicting(format!("{asked}: several values of one day"), facts);
    }
    let limit = Span::days(context.options.performance_days);
    let day = first.meta.when.as_ref().map_or("undated", |when| when.day_text());
    let found = format!("{asked}: {} on {day}", first.value);
    match (fresh(context, first.meta.when.as_ref(), &limit), points.admits(f64::from(first.value))) {
        (Err(stale), _) => Verdict::not_tested(stale.how, format!("{asked}: {}", stale.why), facts),
        (Ok(until), true) => holds(found, facts, until),
        (Ok(until), false) => fails(found, facts, until),
    }
}

/// Weeks a stated pregnancy can last at most, and days a negative test holds (`unreviewed`, as in the safety gates).
const LONGEST_PREGNANCY_DAYS: u32 = 294;
const NOT_PREGNANT_DAYS: u32 = 14;

pub(super) fn reproductive(context: &Context, state: &str) -> Verdict {
    let case = context.case;
    let patient = vec![case.patient.meta.id.clone()];
    if case.patient.sex == Some(Sex::Male) {
        return not_applicable(format!("{state}: other sex"), patient);
    }
    match state {
        "pregnant" => pregnant(context),
        "childbearing-potential" if !possible(context) => {
            fails("childbearing potential: ruled out by age or history", patient, comes_of_age(context))
        }
        "breastfeeding" if !possible(context) => {
            not_applicable("breastfeeding: ruled out by age or history", patient)
        }
        "childbearing-potential" | "breastfeeding" => {
            Verdict::not_tested(NotTested::NeverDone, format!("{state}: not recorded"), vec![])
        }
        _ => Verdict::not_computable(format!("{state}: no such state is read"), vec![]),
    }
}

fn possible(context: &Context) -> bool {
    // As `Case::age_years`, which does not ask whether the birth lies before the day.
    let age = context.case.patient.birth_date.as_ref().and_then(|birth| {
        let years = |from: Date| {
            let span = from.until((Unit::Year, context.today())).ok()?;
            u32::try_from(span.get_years()).ok()
        };
        Some((years(birth.latest())?, years(birth.earliest())?))
    });
    possible_at(context.case, age)
}

/// A child: the day from which pregnancy is thought possible.
fn comes_of_age(context: &Context) -> Option<Date> {
    let birth = context.case.patient.birth_date.as_ref()?;
    let (_, oldest) = years_on(birth, context.today())?;
    let reached = |day: &Date| years_on(birth, *day).is_some_and(|(_, most)| *CHILDBEARING.start() <= most);
    if CHILDBEARING.start() <= &oldest { None } else { birthdays(birth).into_iter().find(reached) }
}

fn pregnant(context: &Context) -> Verdict {
    let case = context.case;
    let recorded = context.meeting("pregnancy");
    let current = recorded.iter().find(|(standing, condition)| {
        let limit = Span::days(LONGEST_PREGNANCY_DAYS);
        *standing == Standing::Active && fresh(context, condition.meta.when.as_ref(), &limit).is_ok()
    });
    if let Some((_, condition)) = current {
        let until = fresh(context, condition.meta.when.as_ref(), &Span::days(LONGEST_PREGNANCY_DAYS)).ok();
        return holds("pregnant: recorded", vec![condition.meta.id.clone()], until.flatten());
    }
    let mut said: Vec<&OtherObservation> = case.facts.observations.iter().filter(|o| is_status(o)).collect();
    said.sort_by(|a, b| (&a.meta.when, &a.meta.id).cmp(&(&b.meta.when, &b.meta.id)));
    match said.last() {
        Some(observation) => stated(context, observation),
        None if !possible(context) => {
            not_applicable("pregnant: ruled out by age or history", vec![case.patient.meta.id.clone()])
        }
        None => Verdict::not_tested(NotTested::NeverDone, "pregnant: no test recorded", vec![]),
    }
}

/// LOINC 82810-3, "Pregnancy status", and tests by their names.
fn is_status(observation: &OtherObservation) -> bool {
    let words = plain_words(&observation.codes);
    let named = ["pregnancy status", "pregnancy test", "pregnant"];
    observation.codes.iter().any(|code| code.code == "82810-3")
        || named.iter().any(|stem| at_word(&words, stem).is_some())
}

fn stated(context: &Context, observation: &OtherObservation) -> Verdict {
    let value = plain(&observation.value);
    let says = |answers: &[&str]| answers.iter().any(|answer| value.contains(&plain(answer)));
    let facts = vec![observation.meta.id.clone()];
    let unclear = says(&["unknown", "not known", "possible", "possibly", "unconfirmed"]);
    let negative = !unclear && says(&["not pregnant", "negative", "no", "false"]);
    let positive = !unclear && !negative && says(&["pregnant", "positive", "yes", "true"]);
    let limit = Span::days(if positive { LONGEST_PREGNANCY_DAYS } else { NOT_PREGNANT_DAYS });
    match fresh(context, observation.meta.when.as_ref(), &limit) {
        Err(stale) => Verdict::not_tested(stale.how, format!("pregnant: result {}", stale.why), facts),
        Ok(until) if positive => holds("pregnant: stated", facts, until),
        Ok(until) if negative => fails("pregnant: stated as not", facts, until),
        Ok(_) => Verdict::not_tested(NotTested::Uncertain, "pregnant: stated without an answer", facts),
    }
}
