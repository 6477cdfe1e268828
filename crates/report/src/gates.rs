//! How are safety findings shown: grouped on a card, and whole, once, by drug?

use crate::brief;
use crate::words;
use concilium_recommend::Plan;
use concilium_safety::{SafetyFinding, SafetyVerdict};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// In `about` of a finding that holds whatever the record says; `found` then adds nothing.
pub(crate) const EVERYONE: &str = "every patient";

pub(crate) fn is_general(finding: &SafetyFinding) -> bool {
    finding.about.contains(EVERYONE)
}

/// Findings of one verdict about one drug.
pub(crate) struct Group<'a> {
    pub(crate) verdict: SafetyVerdict,
    pub(crate) drug: &'a str,
    pub(crate) points: Vec<Point<'a>>,
}

/// One thing looked at, with everything that follows from it.
pub(crate) struct Point<'a> {
    pub(crate) about: &'a str,
    pub(crate) found: &'a str,
    pub(crate) actions: Vec<String>,
}

impl Point<'_> {
    /// `QTc: no QTc is recorded`; what holds for everyone is said once.
    pub(crate) fn lead(&self) -> String {
        let about = concilium_safety::spoken(self.about);
        let found = if about.contains(EVERYONE) { String::new() } else { brief::found(self.found) };
        [about.to_owned(), found].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
    }

    /// The lead and what follows from it: `QTc: not recorded → ECG first`.
    pub(crate) fn text(&self) -> String {
        let said = [self.lead(), self.actions.join(" · ")];
        said.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" → ")
    }
}

/// In the order of the findings, worst first.
pub(crate) fn grouped(findings: &[SafetyFinding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = vec![];
    for one in findings {
        let drug = one.drug.as_str();
        let at = groups.iter().position(|group| group.verdict == one.verdict && group.drug == drug);
        let at = at.unwrap_or_else(|| {
            groups.push(Group { verdict: one.verdict, drug, points: vec![] });
            groups.len() - 1
        });
        add(&mut groups[at].points, one);
    }
    groups
}

fn add<'a>(points: &mut Vec<Point<'a>>, one: &'a SafetyFinding) {
    let at = points.iter().position(|point| point.about == one.about && point.found == one.found);
    let at = at.unwrap_or_else(|| {
        points.push(Point { about: &one.about, found: &one.found, actions: vec![] });
        points.len() - 1
    });
    let action = action(one);
    if !action.is_empty() && !points[at].actions.contains(&action) {
        points[at].actions.push(action);
    }
}

/// What to do, with the strength of the advice.
fn action(one: &SafetyFinding) -> String {
    if one.strength.is_empty() { one.action.clone() } else { format!("{} [{}]", one.action, one.strength) }
}

fn grade(verdict: SafetyVerdict) -> &'static str {
    match verdict {
        SafetyVerdict::Contraindicated | SafetyVerdict::Avoid => "grave",
        SafetyVerdict::ModifyDose | SafetyVerdict::TestFirst | SafetyVerdict::Monitor => "heed",
        SafetyVerdict::CheckedClear => "clear",
        SafetyVerdict::NoRule => "norule",
    }
}

/// Symbol and words; the symbol is not read aloud.
fn verdict(verdict: SafetyVerdict) -> Markup {
    let (symbol, words) = words::safety(verdict);
    html! { span.symbol aria-hidden="true" { (symbol) } " " (words) }
}

/// Every finding of an option, by verdict and drug. Rules and sources stand in the table by drug.
pub(crate) fn table(findings: &[SafetyFinding], of: &str) -> Markup {
    if findings.is_empty() {
        return html! {
            p.norule { (verdict(SafetyVerdict::NoRule)) " of this option. This is not a clear result." }
        };
    }
    html! {
        table.safety {
            caption.hidden { "Safety findings of " (of) }
            thead { tr { th scope="col" { "Verdict" } th scope="col" { "Drug" } th scope="col" { "Looked at, found → what to do" } } }
            tbody { @for group in grouped(findings) {
                tr class=(grade(group.verdict)) {
                    th scope="row" { (verdict(group.verdict)) }
                    td { (group.drug) }
                    td { @for point in &group.points { p { (said(point)) } } }
                }
            } }
        }
    }
}

fn said(point: &Point<'_>) -> Markup {
    let lead = point.lead();
    html! {
        @if !lead.is_empty() { strong { (lead) } }
        @if !lead.is_empty() && !point.actions.is_empty() { " → " }
        (point.actions.join(" · "))
    }
}

/// All findings of options and standard rows, each once, by drug and verdict.
pub(crate) fn by_drug(plan: &Plan) -> BTreeMap<(&str, SafetyVerdict), Vec<&SafetyFinding>> {
    let options = plan.options.iter().flat_map(|option| &option.safety);
    let standard = plan.standard.entries.iter().flat_map(|entry| &entry.safety);
    let mut drugs: BTreeMap<(&str, SafetyVerdict), Vec<&SafetyFinding>> = BTreeMap::new();
    for one in options.chain(standard) {
        let known = drugs.entry((one.drug.as_str(), one.verdict)).or_default();
        if !known.contains(&one) {
            known.push(one);
        }
    }
    drugs
}

/// Each finding whole, with its rule and source.
pub(crate) fn appendix(plan: &Plan) -> Markup {
    let drugs = by_drug(plan);
    html! {
        section aria-labelledby="safety" {
            h2 #safety { "Safety findings by drug, whole" }
            @if drugs.is_empty() { p.silent { "No rule spoke. This is not a clear result." } }
            @else {
                table.safety {
                    thead { tr {
                        th scope="col" { "Drug" } th scope="col" { "Verdict" }
                        th scope="col" { "Looked at: found → what to do (rule · source · facts)" }
                    } }
                    tbody { @for ((drug, graded), findings) in &drugs {
                        tr class=(grade(*graded)) {
                            th scope="row" { (drug) }
                            td { (verdict(*graded)) }
                            td { @for one in findings { p { (whole(plan, one)) } } }
                        }
                    } }
                }
            }
        }
    }
}

/// The source of an unreviewed rule stands in the list of unreviewed rows; it is not said twice.
fn source(plan: &Plan, one: &SafetyFinding) -> String {
    let lists = |row: &String| row.contains(&one.rule) && row.contains(&one.sourced.source);
    if plan.unreviewed.iter().any(lists) { "unreviewed".to_owned() } else { words::sourced(&one.sourced) }
}

fn whole(plan: &Plan, one: &SafetyFinding) -> Markup {
    let lead = if is_general(one) { one.about.clone() } else { format!("{}: {}", one.about, one.found) };
    html! {
        (lead)
        @if !one.action.is_empty() { " → " strong { (action(one)) } }
        span.small {
            " (" (one.rule) " · " (source(plan, one))
            @if !one.facts.is_empty() { " · facts: " (one.facts.join(", ")) }
            ")"
        }
    }
}
