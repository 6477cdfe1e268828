//! How is one option shown, so that it can be checked line by line?
//!
//! For stands beside against, in the same weight, never folded.

use crate::front::lines;
use crate::page::Context;
use crate::words::{self, of_section};
use crate::{brief, drawing, gates, passages};
use concilium_recommend::{BeatenBy, Cited, PlanOption, Score, Section, SectionReason};
use concilium_safety::SafetyFinding;
use maud::{Markup, PreEscaped, html};
use std::collections::BTreeSet;

/// Sections 1 and 2: a full card for each option.
pub(crate) fn details(context: &Context<'_>) -> Markup {
    let options: Vec<(usize, &PlanOption)> = [Section::ToDiscuss, Section::Conditional]
        .into_iter()
        .flat_map(|section| of_section(context.plan, section))
        .collect();
    html! {
        section.options.details aria-labelledby="details" {
            h2 #details { "Details of sections 1 and 2" }
            @if options.is_empty() { p.lead { "No option in these sections." } }
            @for (at, option) in options { (card(context, at, option)) }
        }
    }
}

/// Details of sections 3 and 4.
pub(crate) fn appendix(context: &Context<'_>) -> Markup {
    let options: Vec<(usize, &PlanOption)> = [Section::NotApplicableNow, Section::RefusedBySafety]
        .into_iter()
        .flat_map(|section| of_section(context.plan, section))
        .collect();
    html! {
        section.options aria-labelledby="others" {
            h2 #others { "Details of sections 3 and 4" }
            @if options.is_empty() { p.lead { "No option in these sections." } }
            div.cards { @for (at, option) in options { (compact(context, at, option)) } }
        }
    }
}

fn title(context: &Context<'_>, id: &str, option: &PlanOption) -> Markup {
    html! {
        h3 id=(id) {
            span.rank { (option.section.number()) "." (words::rank(option, context.plan)) } " "
            (option.name)
        }
        @if option.regimen.incomplete {
            p.alert { "! Not every drug of this regimen is known: safety is not screened." }
        }
    }
}

/// Every field on its own, with the picture.
fn card(context: &Context<'_>, at: usize, option: &PlanOption) -> Markup {
    let id = format!("o{}", at + 1);
    html! {
        article.card aria-labelledby=(id) {
            (title(context, &id, option))
            (why(context, option))
            div.sides {
                (side(context, option, "For", &option.for_, &[]))
                (side(context, option, "Against", &option.against, &option.beaten_by))
            }
            (passages::card(context.plan, option))
            h4 { "Safety" }
            (gates::table(&option.safety, &option.name))
            (particulars(option))
            (notes(context, option))
            p.small { strong { "Order: " } (order(option)) }
            p.small { (silent(option)) " · " (rests_on(option, &option.safety)) }
            (picture(context, option))
        }
    }
}

/// The same fields in less room; safety by its topics, whole in the table by drug.
fn compact(context: &Context<'_>, at: usize, option: &PlanOption) -> Markup {
    let id = format!("o{}", at + 1);
    html! {
        article.card aria-labelledby=(id) {
            (title(context, &id, option))
            (why(context, option))
            @if option.against.is_empty() && option.for_.is_empty() && option.beaten_by.is_empty() {
                p { strong { "Against (0), for (0)" } span.silent { " none in this release" } }
            } @else {
                (folded_side(context, option, "Against", &option.against, &option.beaten_by))
                (folded_side(context, option, "For", &option.for_, &[]))
            }
            p { strong { "Safety: " } (brief::safety(&option.safety).join(" · ")) }
            p.runin { @for (name, items, _) in words::particulars(option) {
                @if !items.is_empty() { span { strong { (name) ": " } (items.join("; ")) " " } }
            } }
            (notes(context, option))
            p.small { (silent(option)) " · Order: " (order(option)) " · " (rests_on(option, &[])) }
        }
    }
}

fn why(context: &Context<'_>, option: &PlanOption) -> Markup {
    html! {
        div.why {
            @if option.reasons.is_empty() { p { "No reason was given." } }
            ul { @for one in &option.reasons { li { (reason(context, one)) } } }
        }
    }
}

/// The reason with its statements; the facts and rows stand once, at the card's foot.
fn reason(context: &Context<'_>, one: &SectionReason) -> Markup {
    html! { (brief::without_references(&one.text)) @if !one.statements.is_empty() { " " (context.keys(one.statements.iter())) } }
}

/// `lost`: comparisons the option lost; they stand against it beside the statements.
fn side(
    context: &Context<'_>,
    option: &PlanOption,
    title: &str,
    cited: &[Cited],
    lost: &[BeatenBy],
) -> Markup {
    html! {
        div class=(title.to_lowercase()) {
            h4 { (title) " (" (cited.len() + lost.len()) ")" }
            @for one in lost { p { (lost_to(context, one)) } }
            @if cited.is_empty() && lost.is_empty() { p.silent { "none in this release" } }
            @let common = words::said_of_all(cited);
            @if !common.is_empty() { p.small { "All: " (common.join(" · ")) } }
            ul { @for one in cited { li { (statement(context, option, one, &common)) } } }
        }
    }
}

fn statement(context: &Context<'_>, option: &PlanOption, cited: &Cited, common: &[String]) -> Markup {
    let item = context.plan.evidence.get(&cited.key);
    html! {
        p { (head(context, option, cited)) @if let Some(item) = item { " · " (item.profile) " · " (item.disease) } }
        p.small { (words::said_of_one(cited, common)) }
    }
}

/// Key, strength and the regimen it tested.
fn head(context: &Context<'_>, option: &PlanOption, cited: &Cited) -> Markup {
    let item = context.plan.evidence.get(&cited.key);
    html! {
        strong { (context.cited_key(&cited.key)) } " " (words::strength(cited, item))
        @if cited.bearing == concilium_evidence::Bearing::AgainstWeaker { " · weaker" }
        @if let Some(other) = words::other_regimen(cited, option) { ", tested: " (other) }
    }
}

/// Statements that fit this patient in the same way stand together, the words once.
fn folded_side(
    context: &Context<'_>,
    option: &PlanOption,
    title: &str,
    cited: &[Cited],
    lost: &[BeatenBy],
) -> Markup {
    let silent = cited.is_empty() && lost.is_empty();
    html! {
        h4 { (title) " (" (cited.len() + lost.len()) ")" @if silent { span.silent { " none in this release" } } }
        @for one in lost { p { (lost_to(context, one)) } }
        @if !cited.is_empty() {
            @let common = words::said_of_all(cited);
            @if !common.is_empty() { p { "All: " (common.join(" · ")) } }
            ul.tight { @for (said, some) in words::together(cited, |one| words::said_of_one(one, &common)) {
                li { (heads(context, option, &some)) @if !said.is_empty() { " – " (said) } }
            } }
        }
    }
}

/// `beaten by … in EID1: progression-free survival …`, and why it orders nothing where it does not.
fn lost_to(context: &Context<'_>, one: &BeatenBy) -> Markup {
    html! {
        strong { "beaten by " (one.by) } " in " (context.keys(one.statements.iter()))
        @if !one.effect.is_empty() { ": " (one.effect) }
        @if let Some(why) = &one.only_shown { "; orders nothing: " (why) }
    }
}

fn heads(context: &Context<'_>, option: &PlanOption, cited: &[&Cited]) -> Markup {
    html! { @for (at, one) in cited.iter().enumerate() { @if 0 < at { "; " } (head(context, option, one)) } }
}

/// Listed and not counted: remark first, then every statement it holds for.
fn notes(context: &Context<'_>, option: &PlanOption) -> Markup {
    let remark = |cited: &Cited| {
        let bearing = words::bearing(cited.bearing);
        let said = brief::without_references(&cited.remark);
        if said.is_empty() { bearing.to_owned() } else { format!("{bearing}: {said}") }
    };
    html! {
        @if !option.notes.is_empty() {
            h4 { "Listed and not counted (" (option.notes.len()) ")" }
            ul.tight.notes { @for (said, some) in words::together(&option.notes, remark) {
                li { (said) " – " (heads(context, option, &some)) }
            } }
        }
    }
}

/// The keys of the order, read left to right: `evidence tier: A › exactness: exact`.
fn order(option: &PlanOption) -> String {
    let score = &option.score;
    if score.parts.is_empty() {
        return score.because.clone();
    }
    let parts = score.parts.iter().map(part);
    parts.chain(words::moved(option).map(str::to_owned)).collect::<Vec<_>>().join(" › ")
}

fn part(score: &Score) -> String {
    let inner: Vec<String> = score.parts.iter().map(part).collect();
    let inner = if inner.is_empty() { String::new() } else { format!(" ({})", inner.join(", ")) };
    format!("{}: {}{inner}", score.name, score.because)
}

fn particulars(option: &PlanOption) -> Markup {
    let said: Vec<_> =
        words::particulars(option).into_iter().filter(|(_, items, _)| !items.is_empty()).collect();
    html! {
        dl.particulars { @for (name, items, none) in said { div { dt { (name) } dd { (lines(items, none)) } } } }
    }
}

/// Why it is a candidate; fields without content, and what their silence means.
fn silent(option: &PlanOption) -> Markup {
    let silent = words::particulars(option).into_iter().filter(|(_, items, _)| items.is_empty());
    let silent: Vec<&str> = silent.map(|(_, _, none)| none).collect();
    let candidate = format!("Candidate because: {}", words::list_or_not_recorded(&option.origin));
    html! { (candidate) @for one in &silent { " · " span.silent { (one) } } }
}

/// Facts and rows the card rests on, once. Rules of safety stand in the table by drug.
fn rests_on(option: &PlanOption, safety: &[SafetyFinding]) -> Markup {
    let mut facts = words::facts_of(option);
    facts.extend(safety.iter().flat_map(|one| one.facts.iter().cloned()));
    let facts: Vec<String> = facts.into_iter().collect();
    let of_reasons = option.reasons.iter().filter_map(|one| one.row.as_ref());
    let rows: BTreeSet<String> =
        of_reasons.chain(safety.iter().map(|one| &one.sourced)).map(words::sourced).collect();
    let rows: Vec<String> = rows.into_iter().collect();
    html! {
        "Facts: " (words::list_or_not_recorded(&facts))
        @if !rows.is_empty() { " · Rows: " (rows.join("; ")) }
    }
}

fn picture(context: &Context<'_>, option: &PlanOption) -> Markup {
    let Some(svg) = context.pictures.get(&option.id) else { return html! {} };
    match drawing::check(svg) {
        Err(why) => html! { p.silent { "Picture left out: " (why) "." } },
        Ok(()) if !svg.contains("<rect") => {
            html! { p.small.silent { "No picture: no counting statement joins a fact of this patient to this option." } }
        }
        Ok(()) => html! {
            figure {
                (PreEscaped(svg))
                figcaption { "From the patient's facts to the option: solid is for, dashed is against." }
            }
        },
    }
}
