//! What else must the sheet carry? Missing facts, alterations, conflicts, history, evidence, issues, manifest.

use crate::page::Context;
use crate::sheet::{grouped, lines};
use crate::words::{self, list_or_not_recorded, or_not_recorded};
use concilium_case::{Issue, Level, Source};
use concilium_recommend::{AlterationVerdict, EvidenceItem, NextFact, Plan};
use maud::{Markup, html};

fn table(id: &str, title: &str, columns: &[&str], rows: Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            table class=(id) {
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody { (rows) }
            }
        }
    }
}

fn nothing(id: &str, title: &str, words: &str) -> Markup {
    html! { section aria-labelledby=(id) { h2 id=(id) { (title) } p.silent { (words) } } }
}

fn places(sources: &[Source]) -> String {
    let places: Vec<String> = sources.iter().map(Source::to_string).collect();
    list_or_not_recorded(&places)
}

/// Untested facts in the order in which they would change the plan.
pub(crate) fn next_facts(context: &Context<'_>) -> Markup {
    let title = "Next best facts";
    if context.plan.next_facts.is_empty() {
        return nothing("next", title, "No missing fact was found to change this plan.");
    }
    let row = |(at, fact): (usize, &NextFact)| {
        html! {
            tr {
                td.rank { (at + 1) }
                th scope="row" { (fact.fact) }
                td { (fact.state) }
                td { (lines(&fact.unlocks, "–")) }
                td { (context.keys(fact.statements.iter())) }
            }
        }
    };
    let rows = html! { @for one in context.plan.next_facts.iter().enumerate() { (row(one)) } };
    table("next", title, &["", "Fact", "State", "What it would change", "Statements"], rows)
}

/// Every alteration with its verdict: also uncertain ones and negatives.
pub(crate) fn alterations(context: &Context<'_>) -> Markup {
    let title = "All alterations";
    if context.plan.alterations.is_empty() {
        return nothing(
            "alterations",
            title,
            "No alteration, and no studied region, is in the records read.",
        );
    }
    let rows = html! { @for one in &context.plan.alterations { (alteration_row(context, one)) } };
    table(
        "alterations",
        title,
        &["Alteration", "Specimen, date, assay", "Verdict", "Bears on", "Source"],
        rows,
    )
}

fn alteration_row(context: &Context<'_>, one: &AlterationVerdict) -> Markup {
    html! {
        tr {
            th scope="row" { (one.label) br; span.small { (one.id) } }
            td { (or_not_recorded(&one.detail)) }
            td { (one.verdict) @if let Some(exactness) = one.exactness { span.small { " best match: " (words::exactness(exactness)) } } }
            td {
                @if !one.supports.is_empty() { p { "for: " (one.supports.join(", ")) } }
                @if !one.against.is_empty() { p { "against: " (one.against.join(", ")) } }
                @if !one.context.is_empty() { p { "context: " (context.keys(one.context.iter())) } }
                @if one.supports.is_empty() && one.against.is_empty() && one.context.is_empty() { "–" }
            }
            td.small { (places(&one.sources)) }
        }
    }
}

/// Both sides of a contradiction, side by side.
pub(crate) fn conflicts(plan: &Plan) -> Markup {
    let title = "Conflicts in the records";
    if plan.conflicts.is_empty() {
        return nothing("conflicts", title, "No two sources were found to contradict each other.");
    }
    html! {
        section aria-labelledby="conflicts" {
            h2 #conflicts { (title) }
            @for conflict in &plan.conflicts {
                h3 { (conflict.about) }
                div.conflict {
                    @for (said, sources) in &conflict.sides { div { p { strong { (said) } } p.small { (places(sources)) } } }
                }
            }
        }
    }
}

/// Findings that ask for a genetics referral.
pub(crate) fn germline(plan: &Plan) -> Markup {
    let title = "Germline flags";
    if plan.germline_flags.is_empty() {
        return nothing(
            "germline",
            title,
            "No finding asks for a genetics referral. This is no statement that germline testing was done.",
        );
    }
    html! {
        section aria-labelledby="germline" {
            h2 #germline { (title) }
            ul { @for flag in &plan.germline_flags { li { (flag) } } }
        }
    }
}

/// The lab's own implications; they move nothing.
pub(crate) fn lab_opinions(plan: &Plan) -> Markup {
    let title = "The laboratory's opinion";
    if plan.lab_opinions.is_empty() {
        return nothing(
            "lab",
            title,
            "The laboratory stated no therapeutic implication in the records read.",
        );
    }
    let rows = html! {
        @for one in &plan.lab_opinions {
            tr {
                th scope="row" { (one.about) }
                td { (list_or_not_recorded(&one.alterations)) }
                td { (one.meta.when.as_ref().map_or(words::NOT_RECORDED, |when| when.day_text())) }
                td.small { (places(&one.meta.sources)) }
            }
        }
    };
    table("lab", title, &["Implication as the laboratory states it", "About", "Date", "Source"], rows)
}

/// What was given and how it went; what left the records.
pub(crate) fn before(plan: &Plan) -> Markup {
    html! {
        section aria-labelledby="before" {
            h2 #before { "Given, decided and changed before" }
            h3 { "Systemic therapy, derived lines" }
            @if plan.patient.lines.is_empty() { p.silent { "No line of systemic therapy is recorded." } }
            @else { (line_table(plan)) }
            h3 { "Earlier decisions of the board" }
            p.silent { "not recorded in the inputs of this plan" }
            h3 { "Facts that are no longer used" }
            @if plan.retracted.is_empty() { p.silent { "none" } }
            ul { @for gone in &plan.retracted {
                li { strong { (gone.id) } ": " (gone.what) " – " (gone.why) span.small { " " (places(&gone.sources)) } }
            } }
        }
    }
}

fn line_table(plan: &Plan) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "Line" } th scope="col" { "Drugs" } th scope="col" { "From, to" }
                th scope="col" { "How it ended" } th scope="col" { "Counted so because" }
            } }
            tbody { @for line in plan.patient.lines.iter().map(words::line) {
                tr {
                    th scope="row" { (line.number) } td { (line.drugs) } td { (line.span) } td { (line.outcome) }
                    td.small { (line.because) }
                }
            } }
        }
    }
}

/// Prognostic, diagnostic and predisposing statements that match.
pub(crate) fn context_statements(context: &Context<'_>) -> Markup {
    if context.plan.context.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="context" {
            h2 #context { "Context, not about an option" }
            ul { @for cited in &context.plan.context {
                @let item = context.plan.evidence.get(&cited.key);
                li {
                    (context.key(&cited.key)) " " (words::strength(cited, item))
                    @if let Some(item) = item { ", " (item.profile) ", " (item.disease) ": " (item.claim) }
                    @if !cited.remark.is_empty() { " – " (cited.remark) }
                }
            } }
        }
    }
}

/// Every cited statement, once.
pub(crate) fn evidence(context: &Context<'_>) -> Markup {
    let title = "Evidence cited";
    if context.plan.evidence.is_empty() {
        return nothing("evidence", title, "No statement is cited.");
    }
    let rows = html! { @for (at, item) in context.plan.evidence.values().enumerate() { (evidence_row(at + 1, item)) } };
    table(
        "evidence",
        title,
        &["Key", "Profile, disease", "Therapies, claim", "Strength", "Publication"],
        rows,
    )
}

fn evidence_row(number: usize, item: &EvidenceItem) -> Markup {
    let rating = item.rating.map_or_else(|| "not rated".to_owned(), |rating| format!("rating {rating}"));
    html! {
        tr id={ "e" (number) } {
            th scope="row" { (item.key) br; span.small { (item.layer) } }
            td { p { (item.profile) } p { (item.disease) } }
            td { p { (item.therapies) } p { (item.claim) } }
            td {
                "level " (words::level(item.level)) ", " (rating)
                @if item.flagged { ", " strong { "flagged" } }
            }
            td.small { (citation(item)) }
        }
    }
}

fn citation(item: &EvidenceItem) -> Markup {
    html! {
        @match words::pmid(&item.citation) {
            Some(digits) => a href={ "https://pubmed.ncbi.nlm.nih.gov/" (digits) } rel="noreferrer" { (item.citation) },
            None => (or_not_recorded(&item.citation)),
        }
        @if let Some(year) = item.year { ", " (year) }
        @if !item.trials.is_empty() { br; (item.trials.join(", ")) }
        @if !item.reviewed.is_empty() { br; "curated " (item.reviewed) }
    }
}

/// Rows nobody has signed and on which the plan rests.
pub(crate) fn unreviewed(plan: &Plan) -> Markup {
    if plan.unreviewed.is_empty() {
        return nothing("unreviewed", "Unreviewed rows used", "none");
    }
    html! {
        section aria-labelledby="unreviewed" {
            h2 #unreviewed { "Unreviewed rows used (" (plan.unreviewed.len()) ")" }
            ul.columns { @for row in &plan.unreviewed { li { (row) } } }
        }
    }
}

/// All issues with all places.
pub(crate) fn issues(plan: &Plan) -> Markup {
    let level =
        |level: Level| plan.issues.iter().filter(|issue| issue.level == level).collect::<Vec<&Issue>>();
    let levels = [
        ("Not read", level(Level::Lost)),
        ("Read with doubt", level(Level::Doubtful)),
        ("Read and set aside on purpose", level(Level::Note)),
    ];
    html! {
        section aria-labelledby="issues" {
            h2 #issues { "Issues" }
            @if plan.issues.is_empty() { p.silent { "none" } }
            @for (title, issues) in levels { @if !issues.is_empty() {
                h3 { (title) " (" (issues.len()) ")" }
                ul.issues { @for (what, places) in grouped(&issues) { li { (what) span.small { " " (places.join(", ")) } } } }
            } }
        }
    }
}

/// What this plan was made from.
pub(crate) fn manifest(plan: &Plan) -> Markup {
    let m = &plan.manifest;
    let rows = [
        ("Run", &m.run),
        ("Plan of", &m.as_of),
        ("Program", &m.program),
        ("Code", &m.code),
        ("Knowledge", &m.knowledge),
        ("Knowledge hash", &m.knowledge_hash),
        ("Knowledge of", &m.knowledge_date),
        ("Settings", &m.settings),
    ];
    html! {
        section aria-labelledby="manifest" {
            h2 #manifest { "Manifest" }
            table.manifest { tbody {
                @for (name, value) in rows { tr { th scope="row" { (name) } td { code { (or_not_recorded(value)) } } } }
                @for (file, hash) in &m.inputs { tr { th scope="row" { "Input " (file) } td { code { (hash) } } } }
            } }
        }
    }
}
