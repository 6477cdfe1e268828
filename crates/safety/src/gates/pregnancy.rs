//! Could the patient be pregnant, and does the record say?

use super::{Answer, Ask};
use concilium_case::OtherObservation;
use concilium_criteria::conditions::{Standing, meeting};
use concilium_criteria::record::{at_word, on_day, plain, plain_words, recent};
use concilium_criteria::reproduction::pregnancy_possible;

/// How long a stated "not pregnant" holds, days: as in the pregnancy-test rows of `safety/rules.tsv`, unreviewed.
const NOT_PREGNANT_DAYS: u32 = 14;

/// A pregnancy recorded longer ago than this is over, days: 42 completed weeks.
const LONGEST_PREGNANCY_DAYS: u32 = 294;

/// What the record says of a pregnancy.
enum Said {
    Pregnant(String, String),
    NotPregnant(String),
    Unclear(String, Vec<String>),
}

/// Fires in pregnancy; unknown where it is possible asks for a test.
pub fn ask(ask: &Ask) -> Answer {
    match said(ask) {
        Said::Pregnant(found, id) => ask.fired("pregnancy", found, vec![id]),
        _ if !pregnancy_possible(ask.case) => {
            Answer::Clear("pregnancy: not possible by sex, age or history".into())
        }
        Said::NotPregnant(found) => Answer::Clear(found),
        Said::Unclear(found, _) if ask.said_untested(&["pregnancy-test"]) => Answer::Silent(found),
        Said::Unclear(found, facts) => ask.open("pregnancy-test", found, facts),
    }
}

fn said(ask: &Ask) -> Said {
    let mut statements: Vec<&OtherObservation> =
        ask.case.facts.observations.iter().filter(|o| is_status(o)).collect();
    statements.sort_by(|a, b| (&a.meta.when, &a.meta.id).cmp(&(&b.meta.when, &b.meta.id)));
    let by_condition = meeting(ask.case, ask.knowledge, "pregnancy");
    if let Some((_, condition)) = by_condition.iter().find(|(standing, _)| *standing == Standing::Active) {
        let when = condition.meta.when.as_ref();
        let id = condition.meta.id.clone();
        return match recent(ask.case, when, Some(LONGEST_PREGNANCY_DAYS)) {
            Ok(()) => Said::Pregnant(format!("pregnancy recorded {}", on_day(when)), id),
            Err(age) => Said::Unclear(format!("pregnancy recorded, {age}"), vec![id]),
        };
    }
    statements
        .last()
        .map_or_else(|| Said::Unclear("pregnancy status not recorded".into(), vec![]), |o| of(ask, o))
}

/// LOINC 82810-3, "Pregnancy status", and tests by their names.
fn is_status(observation: &OtherObservation) -> bool {
    let words = plain_words(&observation.codes);
    observation.codes.iter().any(|code| code.code == "82810-3")
        || ["pregnancy status", "pregnancy test", "pregnant"]
            .iter()
            .any(|stem| at_word(&words, stem).is_some())
}

fn of(ask: &Ask, observation: &OtherObservation) -> Said {
    let value = plain(&observation.value);
    let when = observation.meta.when.as_ref();
    let id = observation.meta.id.clone();
    let says = |answers: &[&str]| answers.iter().any(|answer| value.contains(&plain(answer)));
    let unknown = says(&["unknown", "not known", "possible", "possibly", "unconfirmed"]);
    let negative = !unknown && says(&["not pregnant", "negative", "no", "false"]);
    let positive = !unknown && !negative && says(&["pregnant", "positive", "yes", "true"]);
    let valid =
        if positive { LONGEST_PREGNANCY_DAYS } else { ask.rule.valid_days.unwrap_or(NOT_PREGNANT_DAYS) };
    match recent(ask.case, when, Some(valid)) {
        Ok(()) if positive => Said::Pregnant(format!("stated as pregnant {}", on_day(when)), id),
        Ok(()) if negative => Said::NotPregnant(format!("stated as not pregnant {}", on_day(when))),
        Ok(()) => Said::Unclear(format!("pregnancy status without an answer {}", on_day(when)), vec![id]),
        Err(age) => Said::Unclear(format!("pregnancy status {age}"), vec![id]),
    }
}
