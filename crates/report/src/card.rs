//! How is one option shown, so that it can be checked line by line?
//!
//! For stands left and against right, in the same weight, never folded.

use crate::drawing;
use crate::page::Context;
use crate::sheet::lines;
use crate::words::{self, count, of_section};
use concilium_recommend::{Cited, PlanOption, Score, Section, SectionReason};
use concilium_safety::{SafetyFinding, SafetyVerdict};
use maud::{Markup, PreEscaped, html};

fn heading(context: &Context<'_>, section: Section) -> Markup {
    let options = of_section(context.plan, section);
    let mut ranks: Vec<u32> = options.iter().map(|(_, option)| option.rank).collect();
    ranks.dedup();
    html! {
        h2 id={ "s" (section.number()) } { (section.number()) ". " (section.title()) }
        @if options.is_empty() { p.lead { "No option in this section." } }
        @else {
            p.lead {
                (count(options.len(), "option")) " in " (count(ranks.len(), "group"))
                "."
                @if ranks.len() < options.len() {
                    " “=” marks a tie: options of one rank are equal, and their order on the page means nothing."
                }
            }
        }
    }
}

/// Sections 1 and 2: a card for each option.
pub(crate) fn full_section(context: &Context<'_>, section: Section) -> Markup {
    html! {
        section.options aria-labelledby={ "s" (section.number()) } {
            (heading(context, section))
            @for (at, option) in of_section(context.plan, section) { (card(context, at, option, Room::Full)) }
        }
    }
}

/// Sections 3 and 4: a row for each option, details in the appendix.
pub(crate) fn compact_section(context: &Context<'_>, section: Section) -> Markup {
    let options = of_section(context.plan, section);
    html! {
        section.compact aria-labelledby={ "s" (section.number()) } {
            (heading(context, section))
            @if !options.is_empty() {
                table {
                    thead { tr {
                        th scope="col" { "Rank" } th scope="col" { "Option" } th scope="col" { "Why it stands here" }
                        th scope="col" { "For" } th scope="col" { "Against" } th scope="col" { "Safety" }
                    } }
                    tbody { @for (at, option) in options { (row(context, at, option)) } }
                }
            }
        }
    }
}

fn row(context: &Context<'_>, at: usize, option: &PlanOption) -> Markup {
    html! {
        tr {
            td.rank { (words::rank(option, context.plan)) }
            th scope="row" { a href={ "#o" (at + 1) } { (option.regimen.label()) } }
            td { @for one in &option.reasons { p { (reason(context, one)) } } }
            td { (context.keys(option.for_.iter().map(|cited| &cited.key))) }
            td { (context.keys(option.against.iter().map(|cited| &cited.key))) }
            td { (words::safety_summary(option)) }
        }
    }
}

/// Details of sections 3 and 4.
pub(crate) fn appendix(context: &Context<'_>) -> Markup {
    html! {
        section.options.appendix aria-labelledby="details" {
            h2 #details { "Appendix: details of sections 3 and 4" }
            @for section in [Section::NotApplicableNow, Section::RefusedBySafety] {
                @for (at, option) in of_section(context.plan, section) { (card(context, at, option, Room::Compact)) }
            }
        }
    }
}

/// How much paper a card may take. Nothing recorded is left out of either.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// Every field on its own, with the picture.
    Full,
    /// Silent fields in one line, no picture.
    Compact,
}

fn card(context: &Context<'_>, at: usize, option: &PlanOption, room: Room) -> Markup {
    let id = format!("o{}", at + 1);
    html! {
        article.card aria-labelledby=(id) {
            h3 id=(id) {
                span.rank { (option.section.number()) "." (words::rank(option, context.plan)) } " "
                (option.regimen.label())
            }
            @if option.regimen.incomplete {
                p.alert { "! Not every drug of this regimen is known: safety is not screened." }
            }
            (why(context, option))
            div.sides {
                (side(context, option, "For", "for", &option.for_))
                (side(context, option, "Against", "against", &option.against))
            }
            h4 { "Safety" }
            (safety_table(&option.safety, &option.regimen.label()))
            (standing(option))
            (particulars(option, room))
            (notes(context, option))
            @if room == Room::Full { (picture(context, option)) }
        }
    }
}

fn why(context: &Context<'_>, option: &PlanOption) -> Markup {
    html! {
        div.why {
            h4 { "Why in “" (option.section.title()) "”" }
            @if option.reasons.is_empty() { p { "No reason was given." } }
            ul { @for one in &option.reasons { li { (reason(context, one)) } } }
            @if !option.origin.is_empty() { p.small { "Candidate because: " (option.origin.join("; ")) } }
        }
    }
}

/// The reason, then what it rests on in small print.
fn reason(context: &Context<'_>, one: &SectionReason) -> Markup {
    html! {
        (one.text)
        @if !one.statements.is_empty() { " " (context.keys(one.statements.iter())) }
        @if !one.facts.is_empty() { span.small { " · facts: " (one.facts.join(", ")) } }
        @if let Some(row) = &one.row { span.small { " · row: " (words::sourced(row)) } }
    }
}

fn side(context: &Context<'_>, option: &PlanOption, title: &str, class: &str, cited: &[Cited]) -> Markup {
    html! {
        div class=(class) {
            h4 { (title) " (" (cited.len()) ")" }
            @if cited.is_empty() { p.silent { "none in this release" } }
            ul { @for one in cited { li { (statement(context, option, one)) } } }
        }
    }
}

fn statement(context: &Context<'_>, option: &PlanOption, cited: &Cited) -> Markup {
    let item = context.plan.evidence.get(&cited.key);
    html! {
        p.head {
            (context.key(&cited.key)) " " strong { (words::strength(cited, item)) }
            @if cited.bearing == concilium_evidence::Bearing::AgainstWeaker { " · weaker" }
        }
        @if let Some(item) = item { p { (item.profile) " · " (item.disease) } }
        @if let Some(other) = words::other_regimen(cited, option) { p { "tested: " (other) } }
        p.small { (words::fit(cited).join(" · ")) }
        @if !cited.remark.is_empty() { p.small { (cited.remark) } }
    }
}

/// Safety is never cut. Without any finding the row says that no rule spoke.
pub(crate) fn safety_table(findings: &[SafetyFinding], about: &str) -> Markup {
    html! {
        table.safety {
            caption.hidden { "Safety of " (about) }
            thead { tr {
                th scope="col" { "Verdict" } th scope="col" { "Drug" } th scope="col" { "Looked at, found" }
                th scope="col" { "What to do" } th scope="col" { "Source" }
            } }
            tbody {
                @for finding in findings { (safety_row(finding)) }
                @if findings.is_empty() {
                    tr.norule {
                        th scope="row" { span.symbol aria-hidden="true" { "?" } " no rule for this drug" }
                        td { (about) } td { "no finding" } td { "Not screened. This is not a clear result." } td { "–" }
                    }
                }
            }
        }
    }
}

fn safety_row(finding: &SafetyFinding) -> Markup {
    let (symbol, verdict) = words::safety(finding.verdict);
    let class = match finding.verdict {
        SafetyVerdict::Contraindicated | SafetyVerdict::Avoid => "grave",
        SafetyVerdict::ModifyDose | SafetyVerdict::TestFirst | SafetyVerdict::Monitor => "heed",
        SafetyVerdict::CheckedClear => "clear",
        SafetyVerdict::NoRule => "norule",
    };
    html! {
        tr class=(class) {
            th scope="row" { span.symbol aria-hidden="true" { (symbol) } " " (verdict) }
            td { (finding.drug) }
            td {
                @if !finding.about.is_empty() { (finding.about) ": " } (finding.found)
                @if !finding.facts.is_empty() { span.small { " · facts: " (finding.facts.join(", ")) } }
            }
            td {
                @if finding.action.is_empty() { "–" } @else { (finding.action) }
                @if !finding.strength.is_empty() { span.small { " " (finding.strength) } }
            }
            td.small { (finding.rule) " · " (words::sourced(&finding.sourced)) }
        }
    }
}

/// The score as one line a key.
fn standing(option: &PlanOption) -> Markup {
    html! {
        div.standing {
            h4 { "Why it stands here" }
            @if option.score.parts.is_empty() { p { (option.score.because) } }
            @else { ol { @for part in &option.score.parts { (score(part)) } } }
        }
    }
}

fn score(part: &Score) -> Markup {
    html! {
        li {
            strong { (part.name) } ": " (part.because)
            @if !part.parts.is_empty() { ul { @for inner in &part.parts { (score(inner)) } } }
        }
    }
}

/// Always all of them; silence is said.
fn particulars(option: &PlanOption, room: Room) -> Markup {
    let rows: [(&str, &[String], &str); 6] = [
        ("Studied population, this patient", &option.population, "no curated setting"),
        ("Approval", &option.approval, "status not checked"),
        ("Effect size", &option.effects, "none curated"),
        ("Exposure so far", &option.exposure, "none recorded"),
        ("Would have to stop or be looked at", &option.would_stop, "no running drug named"),
        ("Assertions", &option.assertions, "none in this release"),
    ];
    let (silent, said): (Vec<_>, Vec<_>) =
        rows.iter().partition(|(_, items, _)| room == Room::Compact && items.is_empty());
    let silent: Vec<String> = silent.iter().map(|(name, _, none)| format!("{name}: {none}")).collect();
    html! {
        @if !said.is_empty() {
            dl.particulars { @for (name, items, none) in said { div { dt { (name) } dd { (lines(items, none)) } } } }
        }
        @if !silent.is_empty() { p.small.silent { (silent.join(" · ")) } }
    }
}

fn notes(context: &Context<'_>, option: &PlanOption) -> Markup {
    html! {
        @if !option.notes.is_empty() {
            div.notes {
                h4 { "Listed and not counted (" (option.notes.len()) ")" }
                ul { @for cited in &option.notes { li { (note(context, option, cited)) } } }
            }
        }
    }
}

fn note(context: &Context<'_>, option: &PlanOption, cited: &Cited) -> Markup {
    let item = context.plan.evidence.get(&cited.key);
    html! {
        (context.key(&cited.key)) " " (words::bearing(cited.bearing)) ", " (words::strength(cited, item))
        @if let Some(other) = words::other_regimen(cited, option) { ", tested: " (other) }
        @if let Some(item) = item { ", " (item.profile) ", " (item.disease) }
        @if !cited.remark.is_empty() { ": " (cited.remark) }
    }
}

fn picture(context: &Context<'_>, option: &PlanOption) -> Markup {
    let Some(svg) = context.pictures.get(&option.id) else { return html! {} };
    html! {
        figure {
            @match drawing::check(svg) {
                Ok(()) => (PreEscaped(svg)),
                Err(why) => p.silent { "Picture left out: " (why) "." },
            }
            figcaption { "From the patient's facts to the option: solid is for, dashed is against." }
        }
    }
}
