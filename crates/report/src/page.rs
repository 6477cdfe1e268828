//! How does the board sheet look as one self-contained page?
//!
//! Order and content: clinical rules, section 8. No script, no external load, every text escaped by construction.

use crate::words::{or_not_recorded, short};
use crate::{brief, card, front, gates, imaging, lists, style, trials};
use concilium_recommend::{Plan, Section};
use concilium_terms::StatementKey;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeMap;

/// What every part of the page needs.
pub(crate) struct Context<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) pictures: &'a BTreeMap<String, String>,
    numbers: BTreeMap<&'a StatementKey, usize>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(plan: &'a Plan, pictures: &'a BTreeMap<String, String>) -> Context<'a> {
        let numbers = plan.evidence.keys().enumerate().map(|(at, key)| (key, at + 1)).collect();
        Context { plan, pictures, numbers }
    }

    /// A key as a link to its line in the evidence list, if there is one.
    pub(crate) fn key(&self, key: &StatementKey) -> Markup {
        match self.numbers.get(key) {
            Some(number) => html! { a.key href={ "#e" (number) } { (key) } },
            None => html! { span.key { (key) } },
        }
    }

    /// The key of a cited statement; without a line in the evidence list the page says so (`grounded`).
    pub(crate) fn cited_key(&self, key: &StatementKey) -> Markup {
        html! { (self.key(key)) @if !self.numbers.contains_key(key) { " (not in the evidence list)" } }
    }

    /// Keys in order, joined by commas; a dash when there are none.
    pub(crate) fn keys<'k>(&self, keys: impl Iterator<Item = &'k StatementKey>) -> Markup {
        let mut keys: Vec<&StatementKey> = keys.collect();
        keys.dedup();
        html! {
            @if keys.is_empty() { "–" }
            @for (at, key) in keys.iter().enumerate() { @if 0 < at { ", " } (self.key(key)) }
        }
    }
}

/// The page. `pictures` are drawings by option id; one that is not a plain drawing is left out and named.
pub fn html(plan: &Plan, pictures: &BTreeMap<String, String>) -> String {
    html_noticing(plan, pictures, &[])
}

/// The page, with what the program noticed while it planned: texts or models that did not answer. No part of the plan.
pub fn html_noticing(plan: &Plan, pictures: &BTreeMap<String, String>, notices: &[String]) -> String {
    let context = Context::new(plan, pictures);
    let style = style::style(plan);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(content_security_policy(plan));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Therapy plan, draft – " (or_not_recorded(&plan.patient.name)) }
                style { (PreEscaped(&style)) }
            }
            body {
                a.skip href="#plan" { "Skip to the plan" }
                (masthead(plan))
                main #plan {
                    @if !notices.is_empty() {
                        section.alerts role="status" {
                            h2 { "Noticed while planning" }
                            ul { @for notice in notices { li { (notice) } } }
                        }
                    }
                    (body(&context))
                }
                (closing(plan))
            }
        }
    };
    page.into_string()
}

/// The policy the page carries: nothing is loaded and only its own style element applies. A server may send the same.
pub fn content_security_policy(plan: &Plan) -> String {
    let hash = style::hash_source(&style::style(plan));
    // Pictures of lesions stand in the page itself.
    let images = if plan.imaging.is_empty() { "" } else { " img-src data:;" };
    format!("default-src 'none'; style-src {hash};{images} base-uri 'none'; form-action 'none'")
}

fn masthead(plan: &Plan) -> Markup {
    let manifest = &plan.manifest;
    html! {
        header.masthead {
            div {
                h1 { "Therapy plan for the tumor board" }
                p.draft { "Draft, decision support. It ranks and explains; people decide." }
            }
            dl.run {
                dt { "Plan of" } dd { (brief::instant(or_not_recorded(&manifest.as_of))) }
                dt { "Knowledge of" } dd { (or_not_recorded(&manifest.knowledge_date)) " (" (or_not_recorded(&manifest.knowledge)) ")" }
                dt { "Manifest" } dd { code { (short(&manifest.run)) } }
            }
        }
    }
}

/// Front for the meeting, details for the options to discuss, appendix for everything else.
fn body(context: &Context<'_>) -> Markup {
    html! {
        (front_pages(context))
        (card::details(context))
        (appendix(context))
    }
}

fn front_pages(context: &Context<'_>) -> Markup {
    let plan = context.plan;
    html! {
        div.front {
            (front::patient(plan))
            (front::alerts(plan))
            (front::standard(context))
            (front::wide_section(context, Section::ToDiscuss))
            (front::wide_section(context, Section::Conditional))
            (front::narrow_section(context, Section::NotApplicableNow))
            (front::narrow_section(context, Section::RefusedBySafety))
            (front::next_facts(plan))
            (trials::section(plan))
            (front::limits(plan))
            (front::decision())
        }
    }
}

fn appendix(context: &Context<'_>) -> Markup {
    let plan = context.plan;
    html! {
        div.appendix {
            (imaging::section(&plan.imaging, context.pictures))
            (card::appendix(context))
            (gates::appendix(plan))
            (lists::standard_rows(plan))
            (lists::alterations(context))
            div.pair {
                (lists::negatives(plan))
                (lists::next_facts(plan))
                (lists::conflicts(plan))
                (lists::germline(plan))
                (lists::lab_opinions(plan))
                (lists::before(plan))
                (lists::context_statements(context))
                (lists::evidence(context))
                (lists::issues(plan))
            }
            (lists::unreviewed(plan))
            (lists::manifest(plan))
        }
    }
}

/// The same words as the printed foot, for the screen and for printers without page-margin boxes.
fn closing(plan: &Plan) -> Markup {
    let foot = style::foot(plan);
    html! {
        footer {
            p { strong { (foot.draft) } }
            p { (foot.who) }
            @for line in &foot.what { p { (line) } }
            p { (foot.rows) }
        }
    }
}
