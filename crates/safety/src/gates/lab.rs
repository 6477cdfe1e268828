//! Does the newest measurement cross the rule's threshold?
//!
//! A value that is missing, too old, in an unknown unit, or too vague leaves the rule open; it is never normal.

use super::{Answer, Ask};
use crate::finding::spoken;
use concilium_case::Lab;
use concilium_criteria::record::{lab_words, newest_labs, recent, with_analyte};
use concilium_terms::Truth;
use concilium_terms::quantity::Comparison;
use std::collections::BTreeMap;

/// A comparison such as `< 45 mL/min` or `> 1.5 xULN`.
struct Threshold<'r> {
    op: Comparison,
    value: f64,
    unit: &'r str,
}

/// What resembles an analyte, and is shown beside it but never used in its place.
const NEAR: &[(&str, &str)] =
    &[("creatinine-clearance", "egfr"), ("qtc", "qt-uncorrected"), ("bilirubin", "bilirubin-direct")];

/// Judges the newest value.
pub fn ask(ask: &Ask) -> Answer {
    let analyte = ask.rule.what.as_str();
    let Some(threshold) = Threshold::parse(&ask.rule.test) else {
        return ask.open(
            analyte,
            format!("the rule's comparison `{}` cannot be read", ask.rule.test),
            vec![],
        );
    };
    let labs = newest_labs(ask.case, analyte);
    let ids: Vec<String> = labs.iter().map(|lab| lab.meta.id.clone()).collect();
    let Some(newest) = labs.first() else { return without(ask, missing(ask, analyte), vec![]) };
    if let Err(age) = recent(ask.case, newest.meta.when.as_ref(), ask.rule.valid_days) {
        return without(ask, format!("{}: {age}", lab_words(analyte, newest)), ids);
    }
    judge(ask, &threshold, &labs, ids)
}

fn judge(ask: &Ask, threshold: &Threshold, labs: &[&Lab], ids: Vec<String>) -> Answer {
    let analyte = ask.rule.what.as_str();
    let found = labs.iter().map(|lab| lab_words(analyte, lab)).collect::<Vec<_>>().join("; ");
    if let Some(why) = labs.iter().find_map(|lab| lab.implausible.as_deref()) {
        return ask.open(analyte, format!("{found}: implausible, not used ({why})"), ids);
    }
    let held: Result<Vec<Truth>, String> = labs.iter().map(|lab| threshold.holds(lab, analyte)).collect();
    match held.map(Truth::any) {
        Ok(Truth::True) => ask.fired(analyte, format!("{found}; rule: {}", ask.rule.test), ids),
        Ok(Truth::False) => Answer::Clear(format!("{found}, not {}", ask.rule.test)),
        Ok(Truth::Open) => ask.open(analyte, format!("{found} does not decide {}", ask.rule.test), ids),
        Err(why) => ask.open(analyte, format!("{found}: {why}"), ids),
    }
}

/// No usable value: a rule that only asks to watch stays silent, and so does one whose test an `untested` rule
/// already asks for.
fn without(ask: &Ask, found: String, ids: Vec<String>) -> Answer {
    let analyte = ask.rule.what.as_str();
    match ask.rule.verdict == "monitor" || ask.said_untested(&[analyte]) {
        true => Answer::Silent(found),
        false => ask.open(analyte, found, ids),
    }
}

/// `no creatinine-clearance is recorded; egfr 55 … is not the same and was not used`.
pub fn missing(ask: &Ask, analyte: &str) -> String {
    let in_words = with_analyte(ask.case, analyte).any(|lab| lab.value.is_none());
    let none = match in_words {
        true => format!("{analyte} is recorded without a number"),
        false => format!("no {} is recorded", spoken(analyte)),
    };
    let near = NEAR
        .iter()
        .filter(|(of, _)| *of == analyte)
        .flat_map(|(_, other)| newest_labs(ask.case, other).into_iter().map(|lab| lab_words(other, lab)));
    near.fold(none, |text, other| format!("{text}; {other} is not the same and was not used"))
}

impl Threshold<'_> {
    fn parse(test: &str) -> Option<Threshold<'_>> {
        let test = test.trim();
        let number = test.find(|c: char| c.is_ascii_digit())?;
        let op = Comparison::parse(&test[..number])?;
        let (value, unit) = test[number..].split_once(' ').unwrap_or((&test[number..], ""));
        Some(Threshold { op, value: value.parse().ok()?, unit: unit.trim() })
    }

    /// `xULN` counts in the laboratory's own upper limit.
    fn holds(&self, lab: &Lab, analyte: &str) -> Result<Truth, String> {
        let Some(value) = &lab.value else { return Err("no number".into()) };
        let (limit, unit) = match (self.unit, lab.high) {
            ("xULN", Some(high)) if 0.0 < high => (self.value * high, value.unit.as_str()),
            ("xULN", _) => return Err("the laboratory's upper limit is not stated".into()),
            (unit, _) => (self.value, unit),
        };
        value.compare(self.op, limit, unit, Some(analyte)).map_err(|why| format!("unit unknown: {why}"))
    }
}

/// Of several thresholds on one analyte that are crossed, the worst verdict speaks (all rows of that verdict); of
/// several that cannot be computed, the first.
pub fn worst_of_each_analyte(answers: impl Iterator<Item = Answer>) -> Vec<Answer> {
    let (mut fired, mut open): (BTreeMap<String, Vec<Answer>>, BTreeMap<String, Answer>) = Default::default();
    let mut rest = vec![];
    for answer in answers {
        match &answer {
            Answer::Fired(finding) => fired.entry(finding.about.clone()).or_default().push(answer),
            Answer::Open(finding) => {
                open.entry(finding.about.clone()).or_insert(answer);
            }
            Answer::Clear(_) | Answer::Silent(_) | Answer::Unasked(_) => rest.push(answer),
        }
    }
    for (_, group) in fired {
        let worst = group.iter().filter_map(Answer::finding).map(|finding| finding.verdict).min();
        rest.extend(group.into_iter().filter(|a| a.finding().map(|finding| finding.verdict) == worst));
    }
    rest.extend(open.into_values());
    rest
}
