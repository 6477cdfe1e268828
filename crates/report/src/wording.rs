//! How do the words about a plan read, as page and as Markdown?
//!
//! Each sentence stands with how it came to be and what carries it; what was withheld stands below with its reasons,
//! never among the sentences.

use crate::markdown::md;
use crate::page::content_security_policy;
use crate::style::style;
use crate::words::{or_not_recorded, short};
use concilium_grounding::{How, Published};
use concilium_recommend::{Plan, PlanOption};
use concilium_wording::{Worded, Wording};
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use std::fmt::Write;

/// The words as one self-contained page, in the plan's order.
pub fn html(plan: &Plan, wording: &Wording) -> String {
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(content_security_policy(plan));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Therapy plan in words, draft – " (or_not_recorded(&plan.patient.name)) }
                style { (PreEscaped(&style(plan))) }
            }
            body {
                header.masthead {
                    div {
                        h1 { "The plan in words" }
                        p.draft { "Draft, decision support. The plan decides nothing and these words change nothing in it." }
                    }
                    dl.run {
                        dt { "Words of" } dd { (author(wording)) }
                        dt { "Plan" } dd { code { (short(&wording.run)) } }
                    }
                }
                main {
                    p { (account(wording)) }
                    @for notice in &wording.notices { p.small { "! " (notice) } }
                    @for (option, worded) in options(plan, wording) { (card(option, worded)) }
                }
            }
        }
    };
    page.into_string()
}

fn card(option: &PlanOption, worded: &Worded) -> Markup {
    markup! {
        section.card {
            h2 { "(" (option.section.number()) ") " (option.rank) "  " (option.name) }
            @if worded.sentences.is_empty() { p { (NOTHING) } }
            @for one in &worded.sentences {
                p { (one.text) " " span.small { (carried(one)) } }
            }
            @if !worded.withheld.is_empty() || !worded.unreadable.is_empty() {
                h4 { "Withheld: not carried by the records, do not rely on it" }
                @for one in &worded.withheld {
                    p.small { "“" (one.said) "” – " (one.reasons.join("; ")) }
                }
                @for what in &worded.unreadable { p.small { (what) } }
            }
        }
    }
}

/// The same as Markdown.
pub fn markdown(plan: &Plan, wording: &Wording) -> String {
    let mut out = String::new();
    let _ =
        writeln!(out, "# The plan in words\n\nDraft, decision support. Words of {}.", md(&author(wording)));
    let _ = writeln!(out, "{}", md(&account(wording)));
    for notice in &wording.notices {
        let _ = writeln!(out, "\n! {}", md(notice));
    }
    for (option, worded) in options(plan, wording) {
        let _ = writeln!(out, "\n## ({}) {} {}\n", option.section.number(), option.rank, md(&option.name));
        if worded.sentences.is_empty() {
            let _ = writeln!(out, "{NOTHING}");
        }
        for one in &worded.sentences {
            let _ = writeln!(out, "- {} {}", md(&one.text), md(&carried(one)));
        }
        for one in &worded.withheld {
            let _ = writeln!(out, "- withheld: “{}”: {}", md(&one.said), md(&one.reasons.join("; ")));
        }
        for what in &worded.unreadable {
            let _ = writeln!(out, "- withheld: {}", md(what));
        }
    }
    out
}

const NOTHING: &str = "No record says anything of this option.";

fn options<'w>(plan: &'w Plan, wording: &'w Wording) -> impl Iterator<Item = (&'w PlanOption, &'w Worded)> {
    plan.options.iter().filter_map(|option| wording.options.get(&option.id).map(|worded| (option, worded)))
}

fn author(wording: &Wording) -> String {
    match &wording.model {
        Some(model) => format!("the model {}, held against the records", model.name),
        None => "the records themselves; no model".to_owned(),
    }
}

/// How many sentences are shown and withheld.
fn account(wording: &Wording) -> String {
    if wording.model.is_none() {
        return "Every sentence is a record's own.".to_owned();
    }
    let (shown, withheld) = wording.counts();
    format!("{shown} sentences of the model are carried by their records and shown, {withheld} are withheld.")
}

/// How a sentence came to be and which bytes of which source carry it.
fn carried(one: &Published) -> String {
    let how = match (one.how, one.added) {
        (How::Rendered, false) => "the record's own sentence",
        (How::Quoted, false) => "quoted",
        (How::Free, _) => "the model's words, carried by",
        (_, true) => "added by the program: evidence against is always shown",
    };
    let spans = one.carried_by.iter().map(|span| match one.how {
        How::Rendered => span.source.clone(),
        How::Quoted | How::Free => format!("{} bytes {} to {}", span.source, span.start, span.end),
    });
    format!("[{how}: {}]", spans.collect::<Vec<_>>().join(", "))
}
