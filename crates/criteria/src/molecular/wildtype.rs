//! Was the gene looked at, and found without a protein-altering variant? Never from silence.

use super::Exactness;
use super::class::alters_protein;
use super::context::Context;
use super::exact::is_whole_gene;
use super::profile::Found;
use crate::verdict::{NotTested, Verdict};
use concilium_case::{Alteration, AlterationKind, Presence, RegionStudied, Significance};
use concilium_evidence::Leaf;
use concilium_terms::GeneSymbol;

/// Any protein-altering variant refutes; then the study of the gene decides.
pub(super) fn find(context: &Context, leaf: &Leaf, gene: &GeneSymbol) -> Found {
    let present: Vec<&Alteration> =
        context.alterations_of(gene).filter(|alteration| alteration.presence == Presence::Present).collect();
    let of =
        |wanted: State| sorted(present.iter().filter(move |a| state(a) == wanted).map(|a| a.meta.id.clone()));
    let altered = of(State::Altered);
    if !altered.is_empty() {
        return Found::of(Verdict::not_met(format!("{}: an altering variant was found", leaf.name), altered));
    }
    let unread = of(State::NotAnnotated);
    if !unread.is_empty() {
        let what = format!("{}: a variant's effect on the protein is not annotated", leaf.name);
        return Found::of(Verdict::not_computable(what, unread));
    }
    let mut found = by_study(context, leaf, gene);
    let benign = present.iter().filter(|a| state(a) == State::Benign);
    found.doubts.extend(benign.map(|a| format!("{}: protein-altering, called benign", a.label)));
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Altered,
    Benign,
    NotAnnotated,
    Unaltered,
}

fn state(alteration: &Alteration) -> State {
    let benign = matches!(alteration.significance, Some(Significance::Benign | Significance::LikelyBenign));
    match &alteration.kind {
        AlterationKind::CopyNumber { .. } => State::Unaltered,
        AlterationKind::Fusion { .. } | AlterationKind::Splice { .. } | AlterationKind::Duplication => {
            State::Altered
        }
        AlterationKind::Other => State::NotAnnotated,
        AlterationKind::Small { .. } => match alters_protein(alteration) {
            Some(true) if benign => State::Benign,
            Some(true) => State::Altered,
            Some(false) => State::Unaltered,
            None => State::NotAnnotated,
        },
    }
}

/// A study that covers the gene, or a stated negative of the gene as a whole.
fn by_study(context: &Context, leaf: &Leaf, gene: &GeneSymbol) -> Found {
    let studies: Vec<&RegionStudied> =
        context.case.facts.regions.iter().filter(|r| context.answers(r)).collect();
    let covers = |r: &&&RegionStudied| r.genes.contains(gene) && !r.uncovered.contains(gene);
    let is_negative = |a: &&Alteration| a.presence == Presence::Absent && is_whole_gene(a);
    let negatives = context.alterations_of(gene).filter(is_negative).map(|a| a.meta.id.clone());
    let clear = sorted(studies.iter().filter(covers).map(|r| r.meta.id.clone()).chain(negatives));
    if !clear.is_empty() {
        let verdict =
            Verdict::met(format!("{}: studied, no altering variant found", leaf.name), clear.clone());
        return Found { exactness: Some(Exactness::Exact), facts: clear, ..Found::of(verdict) };
    }
    let gaps = sorted(studies.iter().filter(|r| r.uncovered.contains(gene)).map(|r| r.meta.id.clone()));
    let (how, why) = match gaps.is_empty() {
        true => (NotTested::NeverDone, "not tested (no region studied covers it)"),
        false => (NotTested::NotCovered, "not covered by the assay"),
    };
    Found::of(Verdict::not_tested(how, format!("{}: {why}", leaf.name), gaps))
}

fn sorted(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}
