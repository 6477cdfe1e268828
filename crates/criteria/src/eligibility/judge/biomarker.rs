//! Alterations, receptors, stains and scores.

use super::Context;
use crate::eligibility::ask::{MarkerAsk, Range, Stated};
use crate::eligibility::text::{range_words, write_pattern};
use crate::molecular::marker::is_in_situ;
use crate::molecular::match_leaf;
use crate::receptor::judge_receptor;
use crate::tumour::receptor_row;
use crate::verdict::{NotTested, Verdict};
use concilium_case::{Marker, MarkerCall, MarkerName, SignatureName};
use concilium_evidence::{Leaf, VariantOrigin};
use concilium_terms::pattern::{Direction, MarkerKind, Pattern};
use concilium_terms::{GeneSymbol, Truth};

/// Any of the patterns, present or looked for and absent. What is found only with doubt decides nothing.
pub(super) fn alterations(
    context: &Context,
    any_of: &[Pattern],
    stated: Stated,
    germline: Option<bool>,
    words: &str,
) -> Verdict {
    let present = Verdict::any(any_of.iter().map(|pattern| one(context, pattern, germline)));
    let verdict = match stated {
        Stated::Present => present,
        Stated::Absent => present.not(),
    };
    if words.is_empty() { verdict } else { with_words(verdict, words) }
}

fn with_words(mut verdict: Verdict, words: &str) -> Verdict {
    for leaf in &mut verdict.leaves {
        leaf.what = format!("{words}: {}", leaf.what);
    }
    verdict
}

fn one(context: &Context, pattern: &Pattern, germline: Option<bool>) -> Verdict {
    let origin = match germline {
        Some(true) => VariantOrigin::RareGermline,
        Some(false) => VariantOrigin::Somatic,
        None => VariantOrigin::Unstated,
    };
    let leaf = Leaf { id: 0, name: write_pattern(pattern), pattern: pattern.clone() };
    let found = match_leaf(&context.options.thresholds, context.case, context.knowledge, &leaf, origin);
    if found.verdict.truth == Truth::True && !found.doubts.is_empty() {
        let what = format!("{}: found with doubt ({})", leaf.name, found.doubts.join("; "));
        return Verdict::not_tested(NotTested::Doubtful, what, found.facts);
    }
    found.verdict
}

pub(super) fn marker(context: &Context, asked: &MarkerAsk) -> Verdict {
    match asked {
        MarkerAsk::Named { name, call, score, score_unit } => {
            let by_call = call.as_deref().map(|call| named_call(context, name, call));
            let score = score.as_ref().map(|score| match marker_name(name) {
                Some(marker) => scored(context, name, &marker, score, score_unit.as_deref()),
                None => Verdict::not_computable(format!("{name}: no marker of this name is read"), vec![]),
            });
            joined(name, by_call, score)
        }
        MarkerAsk::Gene { gene, positive, score, score_unit } => {
            let name = MarkerName::Gene(gene.clone(), MarkerKind::Expression);
            let score = score
                .as_ref()
                .map(|score| scored(context, gene.as_str(), &name, score, score_unit.as_deref()));
            // A score decides what positive means; without one the laboratory's call does.
            let by_call = if score.is_none() { Some(expressed(context, gene, *positive)) } else { None };
            let score = score.map(|score| if *positive { score } else { score.not() });
            joined(gene.as_str(), by_call, score)
        }
    }
}

fn joined(name: &str, by_call: Option<Verdict>, score: Option<Verdict>) -> Verdict {
    match (by_call, score) {
        (None, None) => {
            Verdict::not_computable(format!("{name}: neither call nor score is asked for"), vec![])
        }
        (call, score) => Verdict::all(call.into_iter().chain(score)),
    }
}

fn named_call(context: &Context, name: &str, call: &str) -> Verdict {
    let coded = context.case.tumour.as_ref().and_then(|tumour| receptor_row(context.knowledge, &tumour.doid));
    let receptor = |name: &str, positive| judge_receptor(context.case, name, positive, coded);
    match (name.to_lowercase().as_str(), call.to_lowercase().as_str()) {
        ("triple-negative", "positive") => {
            Verdict::all(["ER", "PR", "HER2"].map(|marker| receptor(marker, false)))
        }
        ("triple-negative", "negative") => named_call(context, name, "positive").not(),
        ("her2", "low") => her2_low(context),
        (_, "positive") => receptor(name, true),
        (_, "negative") => receptor(name, false),
        _ => Verdict::not_computable(format!("{name} {call}: no such call is read"), vec![]),
    }
}

/// Only where the laboratory says low; a positive result is not, and results that differ settle nothing.
fn her2_low(context: &Context) -> Verdict {
    let results: Vec<&Marker> =
        context.case.facts.markers.iter().filter(|marker| marker.name == MarkerName::Her2).collect();
    let facts: Vec<String> = results.iter().map(|marker| marker.meta.id.clone()).collect();
    let calls = |call: MarkerCall| results.iter().any(|marker| marker.call == Some(call));
    match (calls(MarkerCall::Low), calls(MarkerCall::Positive)) {
        (true, true) => Verdict::conflicting("her2 low: called low and positive", facts),
        (true, false) => Verdict::met("her2 low: called low", facts),
        (false, true) => Verdict::not_met("her2 low: called positive", facts),
        (false, false) if results.is_empty() => {
            Verdict::not_tested(NotTested::NeverDone, "her2 low: not tested", facts)
        }
        (false, false) => {
            Verdict::not_tested(NotTested::Uncertain, "her2 low: the laboratory did not say low", facts)
        }
    }
}

fn expressed(context: &Context, gene: &GeneSymbol, positive: bool) -> Verdict {
    let direction = if positive { Direction::Present } else { Direction::Absent };
    one(context, &Pattern::Marker { gene: gene.clone(), what: MarkerKind::Expression, direction }, None)
}

fn marker_name(name: &str) -> Option<MarkerName> {
    Some(match name.to_lowercase().as_str() {
        "er" => MarkerName::Er,
        "pr" => MarkerName::Pr,
        "her2" => MarkerName::Her2,
        "pd-l1" => MarkerName::PdL1,
        "ki-67" => MarkerName::Ki67,
        "tmb" => MarkerName::Signature(SignatureName::Tmb),
        "hrd" => MarkerName::Signature(SignatureName::Hrd),
        _ => return None,
    })
}

/// Every result with a score in the unit asked for; results that differ are a conflict, the newest never wins.
fn scored(context: &Context, name: &str, marker: &MarkerName, score: &Range, unit: Option<&str>) -> Verdict {
    let in_words = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let asked = format!("{name} score {}{in_words}", range_words(score));
    // Copies counted in situ are no grade of a stain.
    let of_unit = |found: &&Marker| unit != Some("ihc") || !is_in_situ(found);
    let results: Vec<&Marker> =
        context.case.facts.markers.iter().filter(|found| found.name == *marker).filter(of_unit).collect();
    let facts: Vec<String> = results.iter().map(|marker| marker.meta.id.clone()).collect();
    let read: Vec<f64> = results.iter().filter_map(|marker| number(marker, unit?)).collect();
    let Some(first) = read.first() else {
        return match results.is_empty() {
            true => Verdict::not_tested(NotTested::NeverDone, format!("{asked}: not tested"), facts),
            false => Verdict::not_tested(
                NotTested::Uncertain,
                format!("{asked}: no score in this unit stated"),
                facts,
            ),
        };
    };
    let found = read.iter().map(f64::to_string).collect::<Vec<_>>().join(" and ");
    let holds = score.admits(*first);
    match (read.iter().all(|value| score.admits(*value) == holds), read.len() < results.len()) {
        (false, _) => Verdict::conflicting(format!("{asked}: {found}"), facts),
        (true, true) => Verdict::not_tested(
            NotTested::Uncertain,
            format!("{asked}: {found}; other results have no score"),
            facts,
        ),
        (true, false) if holds => Verdict::met(format!("{asked}: {found}"), facts),
        (true, false) => Verdict::not_met(format!("{asked}: {found}"), facts),
    }
}

/// The number as the laboratory gives it, where its unit is the one asked for.
fn number(marker: &Marker, unit: &str) -> Option<f64> {
    let words = marker.score.as_deref().unwrap_or("").to_lowercase();
    if marker.value.as_ref().is_some_and(|value| value.comparator.is_some()) {
        return None;
    }
    let value = || marker.value.as_ref();
    match unit.to_lowercase().as_str() {
        "percent" => {
            let valued = value().filter(|value| value.unit == "%").map(|value| value.value);
            valued.or_else(|| {
                if words.contains('%') && !words.contains("cps") { only_number(&words) } else { None }
            })
        }
        "cps" => {
            if words.contains("cps") {
                only_number(&words)
            } else {
                None
            }
        }
        "ihc" => only_number(words.trim_end_matches('+')).filter(|_| !words.contains('%')),
        "h-score" => {
            if words.contains("h-score") || words.contains("h score") {
                only_number(&words)
            } else {
                None
            }
        }
        other => value().filter(|value| value.unit.eq_ignore_ascii_case(other)).map(|value| value.value),
    }
}

/// The one number in the words; none when there are several, or it is a bound.
fn only_number(words: &str) -> Option<f64> {
    if words.contains(['<', '>', '≥', '≤', '~']) {
        return None;
    }
    let mut numbers = words.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|part| !part.is_empty());
    let number = numbers.next()?.parse().ok()?;
    if numbers.next().is_some() { None } else { Some(number) }
}
