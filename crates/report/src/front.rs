//! What must the board see first, on two printed pages? Patient, alerts, the standard of care, every option in a line.
//!
//! Texts are short here and whole in the details and the appendix; what stands against an option is never folded.

use crate::brief;
use crate::page::Context;
use crate::words::{self, NOT_RECORDED, count, list_or_not_recorded, of_section, or_not_recorded};
use concilium_case::{Issue, Level};
use concilium_recommend::{
    BeatenBy, Cited, Measured, NextFact, PatientLine, Plan, PlanOption, Section, StandardEntry,
};
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
                " · identifiers: "
                @if p.identifiers.is_empty() { (NOT_RECORDED) }
                @for (at, one) in p.identifiers.iter().enumerate() { @if 0 < at { "; " } (identifier(one)) }
            }
            dl.facts { (tumour_fields(p)) (state_fields(p)) (molecular(plan)) }
        }
    }
}

/// Value first, its system in small print.
fn identifier(text: &str) -> Markup {
    match text.split_once('|') {
        Some((system, value)) => html! { (value) " " span.small { "(" (system) ")" } },
        None => html! { (text) },
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
        (field("Stage now", or_not_recorded(&p.stage)))
        (field("Sites, CNS", &list_or_not_recorded(&p.sites)))
        (field("Disease status", or_not_recorded(&p.status)))
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
        @if !p.findings.is_empty() { (field("Results as written", &p.findings.join("; "))) }
        // The records read here hold no wishes; the board writes them in. The question stands with the decision.
        (field("Patient's wishes", NOT_RECORDED))
        (organ_function(&p.organ_function))
    }
}

/// What was found and what was not, before any option that rests on it.
fn molecular(plan: &Plan) -> Markup {
    let said = brief::molecular(plan);
    html! {
        div.wide {
            dt { "Molecular findings" }
            dd.silent[said.is_empty()] { (lines(&said, NOT_RECORDED)) }
        }
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
            dd { @for (date, some) in by_date(values) {
                p.values { (or_not_recorded(date)) ": " @for m in some { span { (words::measured(&m.name)) " " strong { (m.value) } } " " } }
            } }
        }
    }
}

/// Values of one day stand together; the order of the days stays.
fn by_date(values: &[Measured]) -> Vec<(&str, Vec<&Measured>)> {
    let mut days: Vec<(&str, Vec<&Measured>)> = vec![];
    for one in values {
        match days.iter_mut().find(|(day, _)| *day == one.date) {
            Some((_, some)) => some.push(one),
            None => days.push((&one.date, vec![one])),
        }
    }
    days
}

/// What must be known before any line below is read. Each kind is named when there is none of it.
pub(crate) fn alerts(plan: &Plan) -> Markup {
    let lost = of_level(plan, Level::Lost);
    html! {
        section.alerts aria-labelledby="alerts" {
            h2 #alerts { "Alerts" }
            ul {
                @if let Some(old) = &plan.outdated { li.stop { strong { "Old records:" } " " (old) } }
                @if let Some(missing) = &plan.abstains {
                    li.stop { strong { "This plan abstains." } " Missing input: " strong { (missing) } ". Options that depend on it are not ranked." }
                }
                @if let Some(why) = &plan.no_systemic_ranking {
                    li.stop { strong { "No systemic ranking." } " " (why) }
                }
                @for conflict in &plan.conflicts {
                    li {
                        strong { "Conflict, " (conflict.about) ":" } " "
                        @for (at, (said, _)) in conflict.sides.iter().enumerate() { @if 0 < at { strong { " / " } } (said) }
                    }
                }
                @for one in &plan.alerts { li { strong { "Taken now:" } " " (one) } }
                @for one in &plan.asked { li { strong { "Asked in the record:" } " " (one) } }
                @for flag in &plan.germline_flags { li { strong { "Germline:" } " " (flag) } }
                @if !lost.is_empty() { li { strong { (count(lost.len(), "input")) " not read" } ", see below." } }
                @if let Some(none) = no_alerts(plan) { li.silent { (none) } }
            }
        }
    }
}

/// The kinds of alerts of which there is none, in words.
pub(crate) fn no_alerts(plan: &Plan) -> Option<String> {
    let kinds = [
        (plan.conflicts.is_empty(), "no two sources were found to contradict each other"),
        (
            plan.germline_flags.is_empty(),
            "no finding asks for a genetics referral (this does not say that germline testing was done)",
        ),
        (of_level(plan, Level::Lost).is_empty(), "every input was read"),
    ];
    let said: Vec<&str> = kinds.iter().filter(|(none, _)| *none).map(|(_, words)| *words).collect();
    (!said.is_empty()).then(|| {
        format!(
            "Looked for and not found: {}. Nothing else was looked for here: this is no statement that the records hold \
             no other danger.",
            said.join("; ")
        )
    })
}

/// Issues of one level.
pub(crate) fn of_level(plan: &Plan, level: Level) -> Vec<&Issue> {
    plan.issues.iter().filter(|issue| issue.level == level).collect()
}

/// "Not covered here" and "inputs not read"; on paper too.
pub(crate) fn limits(plan: &Plan) -> Markup {
    let lost = of_level(plan, Level::Lost);
    let doubtful = of_level(plan, Level::Doubtful).len();
    html! {
        div.limits {
            section.box aria-labelledby="uncovered" {
                h2 #uncovered { "Not covered here" }
                @if plan.not_covered.is_empty() { p { "Nothing was named." } }
                @if !plan.not_covered.is_empty() { p { (plan.not_covered.join("; ")) "." } }
            }
            section.box aria-labelledby="unread" {
                h2 #unread { "Inputs not read" }
                @if lost.is_empty() { p { "Every input was read." } }
                ul { @for (what, places) in grouped(&lost) { li { (what) " – " (places.join(", ")) } } }
                p { (count(doubtful, "input")) " read with doubt. All are in " a href="#issues" { "Issues" } "." }
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
pub(crate) fn standard(context: &Context<'_>) -> Markup {
    let standard = &context.plan.standard;
    html! {
        section.standard aria-labelledby="standard" {
            h2 #standard { "Standard options this knowledge does not rank" }
            @if !standard.note.is_empty() { p.note { (standard.note) } }
            @if standard.entries.is_empty() && standard.note.is_empty() {
                p.note { "Standard of care not modelled for this case." }
            }
            @if !standard.entries.is_empty() {
                table {
                    thead { tr {
                        th scope="col" { "Option" } th scope="col" { "Conditions here" }
                        th scope="col" { "Needs first · gates" } th scope="col" { "This release says" }
                    } }
                    tbody { @for entry in &standard.entries { (standard_row(context, entry)) } }
                }
                p.small {
                    "What this release says moves no standard row. [unreviewed]: nobody has signed the row yet. Sources and full gates: "
                    a href="#standard-rows" { "appendix" } "."
                }
            }
        }
    }
}

fn standard_row(context: &Context<'_>, entry: &StandardEntry) -> Markup {
    html! {
        tr {
            th scope="row" {
                (entry.option)
                @if !entry.sourced.checked { " [unreviewed]" }
                br; span.small { (entry.kind) ", " (words::standard_setting(entry)) }
            }
            td {
                @if entry.conditions.is_empty() { "none stated" } @else { (entry.conditions.join("; ")) }
                @if !entry.exposure.is_empty() { p { "Given before: " (entry.exposure.join("; ")) } }
            }
            td {
                (asked_first(entry).join(" · "))
            }
            td {
                @if entry.beaten_by.is_empty() || !entry.evidence.is_empty() { (named(context, &entry.evidence)) }
                @for one in &entry.beaten_by { p { (beaten(context, one)) } }
            }
        }
    }
}

/// What is needed, what is recorded, and the gates; no part that is silent.
fn asked_first(entry: &StandardEntry) -> Vec<String> {
    let needs = (!entry.needs.is_empty()).then(|| format!("Needs first: {}", entry.needs));
    let have = (!entry.have.is_empty()).then(|| format!("recorded: {}", entry.have.join("; ")));
    let gates = Some(brief::gates(entry)).filter(|gates| !gates.is_empty());
    [needs, have, gates].into_iter().flatten().collect()
}

/// Statements about the drugs of a standard row, with what they mean for it.
fn named(context: &Context<'_>, cited: &[Cited]) -> Markup {
    html! {
        @if cited.is_empty() { "nothing" }
        @for (at, one) in cited.iter().enumerate() {
            @if 0 < at { ", " }
            (context.key(&one.key)) " " (words::level(one.level)) " " (words::bearing(one.bearing))
        }
    }
}

fn heading(context: &Context<'_>, section: Section) -> Markup {
    let options = of_section(context.plan, section);
    let mut ranks: Vec<u32> = options.iter().map(|(_, option)| option.rank).collect();
    ranks.dedup();
    html! {
        h2 id={ "s" (section.number()) } {
            (section.number()) ". " (section.title())
            span.lead {
                @if options.is_empty() { " – no option" (words::why_none(context.plan, section)) }
                @else { " – " (count(options.len(), "option")) " in " (count(ranks.len(), "group")) }
                @if ranks.len() < options.len() { "; “=” marks a tie: the order inside it means nothing" }
            }
        }
    }
}

/// Sections 1 and 2: both sides and safety of each option in a row; the card has the rest.
pub(crate) fn wide_section(context: &Context<'_>, section: Section) -> Markup {
    let options = of_section(context.plan, section);
    html! {
        section.options aria-labelledby={ "s" (section.number()) } {
            (heading(context, section))
            @if !options.is_empty() {
                table.wide {
                    thead { tr {
                        th scope="col" { "Rank" } th scope="col" { "Option" } th scope="col" { "Why it stands here" }
                        th scope="col" { "For" } th scope="col" { "Against" } th scope="col" { "Safety" }
                    } }
                    tbody { @for (at, option) in &options { (wide_row(context, *at, option)) } }
                }
                @if options.iter().any(|(_, option)| brief::is_silent_on_cns(option)) {
                    p.small {
                        "“Open: CNS metastases”: this patient has them, and so many of an option's curated rows do not say \
                         whether such patients took part in the study."
                    }
                }
            }
        }
    }
}

fn wide_row(context: &Context<'_>, at: usize, option: &PlanOption) -> Markup {
    html! {
        tr {
            td.rank { (words::rank(option, context.plan)) }
            th scope="row" { a href={ "#o" (at + 1) } { (option.name) } }
            td { (lines(&brief::front_reasons(option), NOT_RECORDED)) }
            td { (side(context, &option.for_)) }
            td { (against(context, option)) }
            td {
                @if option.regimen.incomplete { p { strong { "! Not every drug is known: not screened." } } }
                (lines(&brief::safety(&option.safety), NOT_RECORDED))
            }
        }
    }
}

fn side(context: &Context<'_>, cited: &[Cited]) -> Markup {
    html! {
        @if cited.is_empty() { span.silent { "none in this release" } }
        @else if !brief::is_named(cited) { (brief::tally(cited)) }
        @else {
            @for (level, some) in brief::by_level(cited) {
                p {
                    strong { (words::level(level)) } " "
                    @for (at, one) in some.iter().enumerate() {
                        @if 0 < at { ", " }
                        (context.key(&one.key)) (brief::marks(context.plan, one))
                    }
                }
            }
        }
    }
}

/// Statements against, and comparisons lost.
fn against(context: &Context<'_>, option: &PlanOption) -> Markup {
    html! {
        @if option.beaten_by.is_empty() || !option.against.is_empty() { (side(context, &option.against)) }
        @for one in &option.beaten_by { p { (beaten(context, one)) } }
    }
}

/// With keys that lead to the evidence list.
pub(crate) fn beaten(context: &Context<'_>, one: &BeatenBy) -> Markup {
    html! {
        "beaten by " (one.by) " in " (context.keys(one.statements.iter()))
        @if one.only_shown.is_some() { " (orders nothing)" }
    }
}

/// Sections 3 and 4: reason and counts of each option in a row; the appendix has the rest.
pub(crate) fn narrow_section(context: &Context<'_>, section: Section) -> Markup {
    let options = of_section(context.plan, section);
    html! {
        section.compact aria-labelledby={ "s" (section.number()) } {
            (heading(context, section))
            @if !options.is_empty() {
                table.narrow {
                    thead { tr {
                        th scope="col" { "Rank" } th scope="col" { "Option" } th scope="col" { "Why it stands here" }
                        th scope="col" { "Against" } th scope="col" { "For" }
                    } }
                    tbody { @for (at, option) in options {
                        tr {
                            td.rank { (words::rank(option, context.plan)) }
                            th scope="row" { a href={ "#o" (at + 1) } { (option.name) } }
                            td { (brief::reasons(option, 1).join("; ")) }
                            td { (brief::against_tally(option)) }
                            td { (brief::tally(&option.for_)) }
                        }
                    } }
                }
            }
        }
    }
}

/// The first of the untested facts, in the order in which they would change the plan.
pub(crate) fn next_facts(plan: &Plan) -> Markup {
    let more = plan.next_facts.len().saturating_sub(brief::FRONT_FACTS);
    html! {
        section aria-labelledby="next" {
            h2 #next { "Next best facts" }
            @if plan.next_facts.is_empty() { p.silent { "No missing fact was found to change this plan." } }
            @else {
                table.next {
                    thead { tr {
                        th scope="col" { "No." } th scope="col" { "Fact, state" } th scope="col" { "What it would change" }
                    } }
                    tbody { @for (number, fact) in brief::front_facts(plan) { (next_row(number, fact)) } }
                }
            }
            @if 0 < more { p.small { "And " (count(more, "fact")) " more in the " a href="#all-next" { "appendix" } "." } }
        }
    }
}

fn next_row(number: usize, fact: &NextFact) -> Markup {
    html! {
        tr {
            td.rank { (number) }
            th scope="row" { (fact.fact) span.small { " – " (brief::found(&fact.state)) } }
            td { @if fact.unlocks.is_empty() { "–" } @else { (brief::unlocks(fact).join("; ")) } }
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
            p.small { "A person decides and signs; this sheet proposes nothing by itself." }
            dl.write {
                @for name in ["Question", "Decision and reasons", "Reviewers", "Date"] { div { dt { (name) } dd { } } }
            }
        }
    }
}
