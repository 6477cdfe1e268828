//! What else must the sheet carry? Missing facts, alterations, conflicts, history, evidence, issues, manifest.

use crate::front::{grouped, lines, of_level};
use crate::page::Context;
use crate::words::{self, list_or_not_recorded, or_not_recorded};
use crate::{brief, gates, unreviewed};
use concilium_case::{Level, Source};
use concilium_recommend::{AlterationVerdict, Cited, EvidenceItem, NextFact, Plan};
use maud::{Markup, html};
use std::collections::BTreeSet;

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

/// All untested facts, whole, in the order in which they would change the plan.
pub(crate) fn next_facts(plan: &Plan) -> Markup {
    let title = "All next best facts";
    if plan.next_facts.is_empty() {
        return nothing("all-next", title, "No missing fact was found to change this plan.");
    }
    let row = |(number, fact): (usize, &NextFact)| {
        html! {
            tr {
                td.rank { (number) }
                th scope="row" { (fact.fact) br; span.small { (state(plan, fact)) } }
                td {
                    (or_dash(&fact.unlocks.join("; ")))
                    @let others = words::not_yet_named(&fact.statements, &fact.unlocks);
                    @if !others.is_empty() { span.small { " · also " (words::keys(&others)) } }
                }
            }
        }
    };
    let rows = html! { @for one in brief::numbered_facts(plan) { (row(one)) } };
    table("all-next", title, &["No.", "Fact, state", "What it would change"], rows)
}

/// Why the fact is open; a text that stands whole among the safety findings is short here.
fn state(plan: &Plan, fact: &NextFact) -> String {
    let is_listed = gates::by_drug(plan).values().flatten().any(|one| one.found == fact.state);
    if is_listed { brief::found(&fact.state) } else { fact.state.clone() }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

/// Every alteration with its verdict: also uncertain ones and negatives. Readings of one change stand together.
pub(crate) fn alterations(context: &Context<'_>) -> Markup {
    let title = "All alterations";
    if context.plan.alterations.is_empty() {
        return nothing(
            "alterations",
            title,
            "No alteration, and no studied region, is in the records read.",
        );
    }
    let rows = html! { @for some in words::readings(&context.plan.alterations) { (alteration_row(context, &some)) } };
    table(
        "alterations",
        title,
        &["Alteration", "Specimen, date, assay · source", "Verdict", "Bears on"],
        rows,
    )
}

/// A wild type is a result: what was studied and gave no variant.
pub(crate) fn negatives(plan: &Plan) -> Markup {
    html! {
        section aria-labelledby="negatives" {
            h2 #negatives { "Studied, no variant reported" }
            (lines(&plan.negatives, "No studied region without a variant is named."))
        }
    }
}

/// `readings` are the same change with the same verdict, each from its own specimen or file; never empty.
fn alteration_row(context: &Context<'_>, readings: &[&AlterationVerdict]) -> Markup {
    let Some(one) = readings.first() else { return html! {} };
    html! {
        tr {
            th scope="row" { (one.label) }
            td { @for reading in readings {
                p { (or_not_recorded(&reading.detail)) span.small { " · " (origin(reading)) } }
            } }
            td { (one.verdict) @if let Some(exactness) = one.exactness { span.small { " best match: " (words::exactness(exactness)) } } }
            td {
                @if !one.supports.is_empty() { p { "for: " (one.supports.join(", ")) } }
                @if !one.against.is_empty() { p { "against: " (one.against.join(", ")) } }
                @if !one.context.is_empty() { p { "context: " (context.keys(one.context.iter())) } }
                @if one.supports.is_empty() && one.against.is_empty() && one.context.is_empty() { "–" }
            }
        }
    }
}

/// Where a reading was read; the fact's own id only where the place does not name it.
fn origin(reading: &AlterationVerdict) -> String {
    let places = places(&reading.sources);
    if places.contains(&reading.id) { places } else { format!("{} · {places}", reading.id) }
}

/// Standard rows with their source; their safety findings stand in the table by drug.
pub(crate) fn standard_rows(plan: &Plan) -> Markup {
    let title = "Standard rows, sources and gates";
    if plan.standard.entries.is_empty() {
        return nothing("standard-rows", title, "No standard row applies.");
    }
    let rows = html! {
        @for entry in &plan.standard.entries {
            tr {
                th scope="row" { (entry.option) br; span.small { (entry.kind) ", " (words::standard_setting(entry)) } }
                td {
                    @if entry.safety.is_empty() { (brief::gates(entry)) } @else { (brief::safety(&entry.safety).join(" · ")) }
                }
                td { @for one in &entry.evidence { p { (context_line(plan, one)) } } @if entry.evidence.is_empty() { "–" } }
                td.small { (words::sourced(&entry.sourced)) }
            }
        }
    };
    table(
        "standard-rows",
        title,
        &["Option", "Gates; whole under safety by drug", "This release says", "Source"],
        rows,
    )
}

/// Key, bearing, strength and remark of a statement that moves nothing.
fn context_line(plan: &Plan, cited: &Cited) -> String {
    let strength = words::strength(cited, plan.evidence.get(&cited.key));
    let remark = if cited.remark.is_empty() { String::new() } else { format!(": {}", cited.remark) };
    format!("{} {}, {strength}{remark}", cited.key, words::bearing(cited.bearing))
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
            h3 { "How the tumour was resolved" }
            (lines(&plan.patient.tumour_steps, words::NOT_RECORDED))
            @let steps: Vec<String> = words::tumour_steps(plan).into_iter().collect();
            @if !steps.is_empty() { h3 { "How tumours of statements compare" } p { (steps.join("; ")) } }
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
                    (context.cited_key(&cited.key)) " " (words::strength(cited, item))
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
    let items = || context.plan.evidence.values();
    // One layer is said in the heading, several in every row.
    let layers: BTreeSet<&str> = items().map(|item| item.layer.as_str()).collect();
    let one = (layers.len() == 1).then(|| layers.into_iter().collect::<String>());
    let heading =
        one.as_ref().map_or("Key, level, rating".to_owned(), |one| format!("{one}: key, level, rating"));
    let rows =
        html! { @for (at, item) in items().enumerate() { (evidence_row(at + 1, item, one.is_none())) } };
    table("evidence", title, &[&heading, "Profile · disease · therapies: claim · publication"], rows)
}

fn evidence_row(number: usize, item: &EvidenceItem, names_layer: bool) -> Markup {
    let rating = item.rating.map_or_else(|| "not rated".to_owned(), |rating| format!("rating {rating}"));
    html! {
        tr id={ "e" (number) } {
            th scope="row" {
                (item.key) br;
                span.small { (words::level(item.level)) ", " (rating) @if item.flagged { ", " strong { "flagged" } } }
            }
            td { (item.profile) " · " (item.disease) " · " (item.therapies) ": " (item.claim) " · " (citation(item)) @if names_layer { " · " (item.layer) } }
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
        @if !item.trials.is_empty() { " · " (item.trials.join(", ")) }
        @if !item.reviewed.is_empty() { " · curated " (item.reviewed) }
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
            @for group in unreviewed::groups(&plan.unreviewed) {
                h3 { (group.title) " (" (group.rows) ")" }
                ul.columns { @for line in &group.lines { li { (line) } } }
            }
        }
    }
}

/// All issues with all places.
pub(crate) fn issues(plan: &Plan) -> Markup {
    let levels = [
        ("Not read", of_level(plan, Level::Lost)),
        ("Read with doubt", of_level(plan, Level::Doubtful)),
        ("Read and set aside on purpose", of_level(plan, Level::Note)),
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
    let rows = words::manifest(m);
    html! {
        section aria-labelledby="manifest" {
            h2 #manifest { "Manifest" }
            table.manifest { tbody {
                @for (name, value) in rows { tr { th scope="row" { (name) } td { code { (or_not_recorded(&value)) } } } }
                @for (file, hash) in &m.inputs { tr { th scope="row" { "Input " (file) } td { code { (hash) } } } }
                @for (name, hash) in &m.corpora { tr { th scope="row" { "Corpus " (name) } td { code { (hash) } } } }
            } }
        }
    }
}
