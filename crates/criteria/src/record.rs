//! What does the record say, in words a finding can carry: value, unit, day?
//!
//! No names and no note text: only numbers, units, days, codes' own words and fact ids.

use concilium_case::{Case, Lab};
use concilium_terms::{Code, PartialDate};

/// `on 2026-05-01`, or that no day is stated.
pub fn on_day(when: Option<&PartialDate>) -> String {
    when.map_or_else(|| "undated".to_owned(), |day| format!("on {}", day.day_text()))
}

/// `creatinine-clearance 38 mL/min on 2026-05-01 (Cockcroft-Gault from …)`.
pub fn lab_words(name: &str, lab: &Lab) -> String {
    let value = lab.value.as_ref().map_or_else(
        || "without a number".to_owned(),
        |q| format!("{}{} {}", q.comparator.as_deref().unwrap_or(""), q.text, unit_words(&q.unit)),
    );
    let derived = lab.meta.derived.as_ref().map(|rule| format!(" ({rule})")).unwrap_or_default();
    format!("{name} {value} {}{derived}", on_day(lab.meta.when.as_ref()))
}

fn unit_words(unit: &str) -> &str {
    if unit.is_empty() { "(no unit)" } else { unit }
}

/// The newest labs of an analyte that carry a number: several when the record states several for one time.
/// Dated results come before undated ones.
pub fn newest_labs<'c>(case: &'c Case, analyte: &str) -> Vec<&'c Lab> {
    let of_it = || with_analyte(case, analyte).filter(|lab| lab.value.is_some());
    let newest = of_it().map(|lab| &lab.meta.when).max();
    let mut labs: Vec<&Lab> = of_it().filter(|lab| Some(&lab.meta.when) == newest).collect();
    labs.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
    labs
}

/// Every lab of an analyte, with or without a number.
pub fn with_analyte<'c>(case: &'c Case, analyte: &str) -> impl Iterator<Item = &'c Lab> {
    case.facts.labs.iter().filter(move |lab| lab.analyte.as_deref() == Some(analyte))
}

/// May a result of this day still be used? Without a limit any day may. A partial date must be recent in every
/// reading.
///
/// # Errors
/// In words: how old it is, or that its age cannot be told.
pub fn recent(case: &Case, when: Option<&PartialDate>, valid_days: Option<u32>) -> Result<(), String> {
    let Some(limit) = valid_days else { return Ok(()) };
    let Some(when) = when else { return Err(format!("undated, at most {limit} days are allowed")) };
    let (fewest, most) = when.days_until(case.as_of.date());
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    match () {
        () if most <= limit => Ok(()),
        () if limit < fewest => {
            Err(format!("too old: {} is {fewest} days ago, at most {limit} are allowed", when.day_text()))
        }
        () => Err(format!(
            "may be too old: only {} is stated, at most {limit} days are allowed",
            when.day_text()
        )),
    }
}

/// Lower case, letters and digits only, one space between words and around all.
pub fn plain(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    format!(" {} ", words.join(" ").to_lowercase())
}

/// All words of codings, in plain form.
pub fn plain_words(codes: &[Code]) -> String {
    plain(&codes.iter().map(|code| code.display.as_str()).collect::<Vec<_>>().join(" ; "))
}

/// Where `stem` begins in plain text, at the start of a word.
pub fn at_word(plain_text: &str, stem: &str) -> Option<usize> {
    let stem = plain(stem);
    plain_text.find(stem.trim_end()).map(|at| at + 1)
}
