//! Does the lab state this quantity of this gene in this direction?
//!
//! A number never becomes "overexpression" by a threshold of ours, and a stained protein is never a mutation.

use super::Exactness;
use super::context::Context;
use super::profile::Found;
use super::weighing::{Covers, Finding, Question, Vote, conclude};
use crate::verdict::{NotTested, Why};
use concilium_case::{Marker, MarkerCall, MarkerName};
use concilium_evidence::Leaf;
use concilium_terms::GeneSymbol;
use concilium_terms::pattern::{Direction, MarkerKind, Pattern};

/// Looks for the marker.
pub(super) fn find(context: &Context, leaf: &Leaf) -> Found {
    let Pattern::Marker { gene, what, direction } = &leaf.pattern else {
        return super::zygosity::opaque(leaf);
    };
    let about = |marker: &&Marker| measures(marker).is_some_and(|(g, kind)| g == *gene && kind == *what);
    let markers = context.case.facts.markers.iter().filter(about);
    let findings = markers.map(|marker| marker_finding(context, marker, vote(marker, *direction))).collect();
    let question = Question { words: &leaf.name, genes: vec![], covers: Covers::Nothing };
    conclude(context, &question, findings)
}

/// A finding from a marker: no origin, no fraction.
pub(super) fn marker_finding(context: &Context, marker: &Marker, vote: Vote) -> Finding {
    Finding {
        id: marker.meta.id.clone(),
        label: words_of(marker),
        specimen: marker.specimen.clone(),
        sampled: context.sampled(marker.specimen.as_deref(), marker.meta.when.as_ref()),
        ages: true,
        doubts: vec![],
        vote,
    }
}

fn words_of(marker: &Marker) -> String {
    let name = match &marker.name {
        MarkerName::Er => "ER".into(),
        MarkerName::Pr => "PR".into(),
        MarkerName::Her2 => "HER2".into(),
        MarkerName::PdL1 => "PD-L1".into(),
        MarkerName::Ki67 => "Ki-67".into(),
        MarkerName::Signature(signature) => format!("{signature:?}").to_uppercase(),
        MarkerName::Gene(gene, kind) => format!("{gene} {}", format!("{kind:?}").to_lowercase()),
        MarkerName::Other(name) => name.clone(),
    };
    let call = marker.call.map(|call| format!("{call:?}").to_lowercase()).unwrap_or_else(|| "no call".into());
    let parts = [Some(name), marker.method.clone(), marker.score.clone(), Some(call)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The gene and quantity a marker measures; HER2 in situ counts copies, which is no expression.
fn measures(marker: &Marker) -> Option<(GeneSymbol, MarkerKind)> {
    let expression = |gene: &str| Some((GeneSymbol::new(gene), MarkerKind::Expression));
    match &marker.name {
        MarkerName::Er => expression("ESR1"),
        MarkerName::Pr => expression("PGR"),
        MarkerName::Her2 if is_in_situ(marker) => None,
        MarkerName::Her2 => expression("ERBB2"),
        MarkerName::PdL1 => expression("CD274"),
        MarkerName::Ki67 => expression("MKI67"),
        MarkerName::Gene(gene, kind) => Some((gene.clone(), *kind)),
        MarkerName::Signature(_) | MarkerName::Other(_) => None,
    }
}

/// In-situ hybridisation: `ish`, `fish`, `cish`, `sish`, `dish`.
pub(crate) fn is_in_situ(marker: &Marker) -> bool {
    let method = marker.method.as_deref().unwrap_or("").to_lowercase();
    method.contains("ish") || method.contains("in situ")
}

/// HER2 by immunohistochemistry: the lab's call, else its score. Scores as the lab's own scale defines them:
/// 3+ positive, 2+ equivocal, 0 and 1+ negative (`unreviewed`: ASCO/CAP HER2 testing guideline 2018, update 2023,
/// table of IHC results).
pub(crate) fn her2_ihc_positive(marker: &Marker) -> Option<bool> {
    match marker.call {
        Some(MarkerCall::Positive) => Some(true),
        Some(MarkerCall::Negative | MarkerCall::Low) => Some(false),
        Some(MarkerCall::Equivocal | MarkerCall::Failed) => None,
        None => her2_score_positive(marker.score.as_deref()?),
    }
}

fn her2_score_positive(score: &str) -> Option<bool> {
    match score.trim().trim_start_matches("IHC").trim() {
        "3+" | "3" => Some(true),
        "0" | "0+" | "1+" | "1" => Some(false),
        _ => None,
    }
}

fn vote(marker: &Marker, wanted: Direction) -> Vote {
    let near = |words: &str| Vote::Near(Why::NotTested(NotTested::Uncertain), words.into());
    let her2 = (marker.name == MarkerName::Her2).then(|| her2_ihc_positive(marker)).flatten();
    let call = match her2 {
        Some(true) => Some(MarkerCall::Positive),
        Some(false) if marker.call.is_none() => Some(MarkerCall::Negative),
        Some(false) | None => marker.call,
    };
    let Some(call) = call else { return near("only a number or score: the lab gave no call") };
    match (call, wanted) {
        (MarkerCall::Equivocal, _) => near("equivocal"),
        (MarkerCall::Failed, _) => Vote::Failed,
        (MarkerCall::Positive, Direction::Present) => Vote::Hit(Exactness::Exact),
        (MarkerCall::Positive, Direction::High) if her2 == Some(true) || says_high(marker) => {
            Vote::Hit(Exactness::Exact)
        }
        (MarkerCall::Positive, Direction::High) => near("positive; the lab did not say high"),
        (MarkerCall::Positive, Direction::Low | Direction::Absent) => Vote::Refuted,
        (MarkerCall::Low, Direction::Low) => Vote::Hit(Exactness::Exact),
        (MarkerCall::Low, Direction::Present) => near("low"),
        (MarkerCall::Low, Direction::High | Direction::Absent) => Vote::Refuted,
        (MarkerCall::Negative, Direction::Absent) => Vote::Hit(Exactness::Exact),
        (MarkerCall::Negative, Direction::Low) => near("negative; the lab did not say low"),
        (MarkerCall::Negative, Direction::Present | Direction::High) => Vote::Refuted,
    }
}

/// The lab's own words beside the call.
fn says_high(marker: &Marker) -> bool {
    let score = marker.score.as_deref().unwrap_or("").to_lowercase();
    ["high", "over", "hyper"].iter().any(|word| score.contains(word))
}
