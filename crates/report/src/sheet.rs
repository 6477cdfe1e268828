//! What must the board see before any option? Patient, limits, and the standard of care.

use crate::card::safety_table;
use crate::words::{self, NOT_RECORDED, list_or_not_recorded, or_not_recorded};
use concilium_case::{Issue, Level};
use concilium_recommend::{Measured, PatientLine, Plan, StandardEntry};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The patient line. A silent field is printed as "not recorded".
pub(crate) fn patient(plan: &Plan) -> Markup {
    let p = &plan.patient;
    html! {
        section.patient aria-labelledby="patient" {
            h2 #patient { (or_not_recorded(&p.name)) }
            p.who {
                (or_not_recorded(&p.age)) " · " (or_not_recorded(&p.sex)) " · born " (or_not_recorded(&p.birth_date))
                " · identifiers: " (list_or_not_recorded(&p.identifiers))
            }
            dl.facts { (tumour_fields(p)) (state_fields(p)) }
        }
    }
}

fn field(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd.silent[value == NOT_RECORDED] { (value) } } }
}

fn tumour_fields(p: &PatientLine) -> Markup {
    let doid = if p.doid.is_empty() { String::new() } else { format!(" ({})", p.doid) };
    let tumour = if p.tumour.is_empty() { "not known".to_owned() } else { format!("{}{doid}", p.tumour) };
    html! {
        (field("Tumour and histology", &tumour))
        (field("How it was resolved", &list_or_not_recorded(&p.tumour_steps)))
        (field("Stage now", or_not_recorded(&p.stage)))
        (field("Sites, CNS", &list_or_not_recorded(&p.sites)))
    }
}

fn state_fields(p: &PatientLine) -> Markup {
    html! {
        (field("Performance status", or_not_recorded(&p.performance)))
        (field("Intent and line", or_not_recorded(&p.line)))
        (field("Therapy so far", &therapy_so_far(p)))
        (field("Current drugs", &list_or_not_recorded(&p.current_drugs)))
        (field("Allergies", or_not_recorded(&p.allergies)))
        (field("Comorbidities", &list_or_not_recorded(&p.comorbidities)))
        (field("Family history", &list_or_not_recorded(&p.family_history)))
        (field("Procedures", &list_or_not_recorded(&p.procedures)))
        // The records read here hold neither; the board writes them in.
        (field("Question for the board", NOT_RECORDED))
        (field("Patient's wishes", NOT_RECORDED))
        (organ_function(&p.organ_function))
    }
}

fn therapy_so_far(p: &PatientLine) -> String {
    let lines: Vec<String> =
        p.lines.iter().map(words::line).map(|l| format!("{}: {}", l.number, l.drugs)).collect();
    list_or_not_recorded(&lines)
}

fn organ_function(values: &[Measured]) -> Markup {
    if values.is_empty() {
        return html! { div.wide { dt { "Organ function and blood counts" } dd.silent { (NOT_RECORDED) } } };
    }
    html! {
        div.wide {
            dt { "Organ function and blood counts" }
            dd.values { @for m in values { span { (m.name) " " strong { (m.value) } " (" (or_not_recorded(&m.date)) ")" } } }
        }
    }
}

/// Abstention and "no systemic ranking", each with its reason.
pub(crate) fn banners(plan: &Plan) -> Markup {
    html! {
        @if let Some(missing) = &plan.abstains {
            section.banner aria-labelledby="abstains" {
                h2 #abstains { "This plan abstains" }
                p { "Missing input: " strong { (missing) } ". Options that depend on it are not ranked." }
            }
        }
        @if let Some(why) = &plan.no_systemic_ranking {
            section.banner aria-labelledby="unranked" {
                h2 #unranked { "No systemic ranking" }
                p { (why) }
            }
        }
    }
}

/// "Not covered here" and "inputs not read"; on paper too.
pub(crate) fn limits(plan: &Plan) -> Markup {
    let of = |level: Level| plan.issues.iter().filter(|issue| issue.level == level).collect::<Vec<_>>();
    let (lost, doubtful) = (of(Level::Lost), of(Level::Doubtful));
    html! {
        div.limits {
            section.box aria-labelledby="uncovered" {
                h2 #uncovered { "Not covered here" }
                @if plan.not_covered.is_empty() { p { "Nothing was named." } }
                ul { @for line in &plan.not_covered { li { (line) } } }
            }
            section.box aria-labelledby="unread" {
                h2 #unread { "Inputs not read" }
                @if lost.is_empty() { p { "Every input was read." } }
                ul { @for (what, places) in grouped(&lost) { li { (what) " – " (places.join(", ")) } } }
                p {
                    (words::count(doubtful.len(), "input")) " read with doubt. All issues are in "
                    a href="#issues" { "Issues" } "."
                }
            }
        }
    }
}

/// Same words, many places: one line.
pub(crate) fn grouped(issues: &[&Issue]) -> Vec<(String, Vec<String>)> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for issue in issues {
        let remedy =
            if issue.remedy.is_empty() { String::new() } else { format!(" (to do: {})", issue.remedy) };
        groups.entry(format!("{}{remedy}", issue.what)).or_default().push(issue.source.to_string());
    }
    groups.values_mut().for_each(|places| {
        places.sort();
        places.dedup();
    });
    groups.into_iter().collect()
}

/// The standard of care stands before every ranked option.
pub(crate) fn standard(plan: &Plan) -> Markup {
    html! {
        section.standard aria-labelledby="standard" {
            h2 #standard { "Standard options this knowledge does not rank" }
            @if !plan.standard.note.is_empty() { p.note { (plan.standard.note) } }
            @if plan.standard.entries.is_empty() && plan.standard.note.is_empty() {
                p.note { "Standard of care not modelled for this case." }
            }
            @if !plan.standard.entries.is_empty() {
                table {
                    thead { tr {
                        th scope="col" { "Option" } th scope="col" { "For" } th scope="col" { "Conditions here" }
                        th scope="col" { "Needs first, already given" } th scope="col" { "Source" }
                    } }
                    tbody { @for entry in &plan.standard.entries { (standard_row(entry)) } }
                }
            }
        }
    }
}

fn standard_row(entry: &StandardEntry) -> Markup {
    html! {
        tr {
            th scope="row" { (entry.option) br; span.small { (entry.kind) } }
            td { (entry.setting) @if !entry.sequence.is_empty() { br; (entry.sequence) } }
            td { (lines(&entry.conditions, "none stated")) }
            td {
                @if !entry.needs.is_empty() { p { "Needs first: " (entry.needs) } }
                p { "Exposure: " @if entry.exposure.is_empty() { "none recorded" } @else { (entry.exposure.join("; ")) } }
                @if !entry.evidence.is_empty() {
                    p { "This release says: " (words::standard_evidence(entry)) " (shown, moves no standard row)" }
                }
            }
            td.small { (words::sourced(&entry.sourced)) }
        }
        @if !entry.safety.is_empty() {
            tr.inner { td colspan="5" { (safety_table(&entry.safety, &entry.option)) } }
        }
    }
}

/// One paragraph a line, or the words for none.
pub(crate) fn lines(items: &[String], none: &str) -> Markup {
    html! {
        @if items.is_empty() { p.silent { (none) } }
        @for item in items { p { (item) } }
    }
}

/// Where people write.
pub(crate) fn decision() -> Markup {
    html! {
        section.decision aria-labelledby="decision" {
            h2 #decision { "Decision of the board" }
            p { "A person decides and signs; this sheet proposes nothing by itself." }
            dl.write {
                @for name in ["Question", "Decision and reasons", "Reviewers", "Date"] { div { dt { (name) } dd { } } }
            }
        }
    }
}
