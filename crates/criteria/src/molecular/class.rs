//! Is it any oncogenic, activating, inactivating or truncating small variant of the gene?
//!
//! Only with such a call, by the lab or by a curated row. A variant of uncertain significance never matches, and
//! neither copy number nor fusion is a "mutation".

use super::Exactness;
use super::context::Context;
use super::curated::{Curated, calls};
use super::exact::is_whole_gene;
use super::profile::Found;
use super::weighing::{Covers, Question, Vote, conclude, finding};
use crate::verdict::{NotTested, Why};
use concilium_case::{Alteration, AlterationKind, CopyCall, Effect, Significance};
use concilium_evidence::Leaf;
use concilium_knowledge::GeneRole;
use concilium_terms::pattern::Pattern;

/// Looks for a called variant. Only a negative of the whole gene refutes.
pub(super) fn find(context: &Context, leaf: &Leaf) -> Found {
    let genes = leaf.pattern.genes();
    let Some(gene) = genes.first() else { return super::zygosity::opaque(leaf) };
    let present = |alteration: &Alteration| vote(context, alteration, &leaf.pattern);
    let findings =
        context.alterations_of(gene).map(|a| finding(context, a, present, is_whole_gene)).collect();
    let question = Question { words: &leaf.name, genes, covers: Covers::SmallVariants };
    conclude(context, &question, findings)
}

fn vote(context: &Context, alteration: &Alteration, pattern: &Pattern) -> Vote {
    match pattern {
        Pattern::Mutation { .. } => mutation(context, alteration),
        Pattern::Activating { .. } => activating(context, alteration),
        Pattern::LossOfFunction { .. } => loss_of_function(context, alteration),
        Pattern::Truncating { .. } => truncating(alteration),
        _ => Vote::Silent,
    }
}

/// Does the change alter the protein, as far as its names tell? `None`: not annotated. `Some(false)` also for what
/// is no small variant.
pub(super) fn alters_protein(alteration: &Alteration) -> Option<bool> {
    match &alteration.kind {
        AlterationKind::Small { protein, consequence, .. } => {
            let by_name = protein.as_ref().map(|protein| protein.alters_protein());
            by_name.or(consequence.map(|consequence| consequence.alters_protein()))
        }
        AlterationKind::CopyNumber { .. }
        | AlterationKind::Fusion { .. }
        | AlterationKind::Splice { .. }
        | AlterationKind::Duplication
        | AlterationKind::Other => Some(false),
    }
}

fn truncates(alteration: &Alteration) -> bool {
    match &alteration.kind {
        AlterationKind::Small { protein, consequence, .. } => {
            let by_name = protein.as_ref().is_some_and(|protein| protein.truncates());
            by_name || consequence.is_some_and(|consequence| consequence.truncates())
        }
        AlterationKind::CopyNumber { .. }
        | AlterationKind::Fusion { .. }
        | AlterationKind::Splice { .. }
        | AlterationKind::Duplication
        | AlterationKind::Other => false,
    }
}

fn is_benign(alteration: &Alteration) -> bool {
    matches!(alteration.significance, Some(Significance::Benign | Significance::LikelyBenign))
}

fn is_pathogenic(alteration: &Alteration) -> bool {
    matches!(alteration.significance, Some(Significance::Pathogenic | Significance::LikelyPathogenic))
}

fn uncertain(words: &str) -> Vote {
    Vote::Near(Why::NotTested(NotTested::Uncertain), words.into())
}

fn dismissed(words: &str) -> Vote {
    Vote::Innocent(words.into())
}

/// Not matched: what is no protein-altering small variant of the gene.
fn outside(alteration: &Alteration) -> Option<Vote> {
    match (&alteration.kind, alters_protein(alteration)) {
        (AlterationKind::Small { .. }, Some(false)) => Some(dismissed("does not alter the protein")),
        (_, Some(false)) => Some(Vote::Silent),
        (_, Some(true) | None) => None,
    }
}

fn mutation(context: &Context, alteration: &Alteration) -> Vote {
    if let Some(vote) = outside(alteration) {
        return vote;
    }
    let curated = calls(context, alteration);
    let label = &alteration.label;
    match (alteration.significance, curated.oncogenic) {
        (Some(Significance::Pathogenic | Significance::LikelyPathogenic), _) => annotated_hit(alteration),
        (Some(Significance::Benign | Significance::LikelyBenign), true) => {
            Vote::Near(Why::Conflicting, "called benign by the lab, oncogenic by a curated row".into())
        }
        (Some(Significance::Benign | Significance::LikelyBenign), false) => dismissed("called benign"),
        (Some(Significance::Uncertain), true) => {
            let why = format!("{label}: called uncertain by the lab, oncogenic by a curated row");
            Vote::Doubtful(Exactness::Class, why)
        }
        (Some(Significance::Uncertain), false) => uncertain("uncertain significance"),
        (None, true) => annotated_hit(alteration),
        (None, false) => uncertain("significance not called"),
    }
}

/// A called variant whose effect on the protein is not annotated is taken with that doubt.
fn annotated_hit(alteration: &Alteration) -> Vote {
    match alters_protein(alteration) {
        Some(_) => Vote::Hit(Exactness::Class),
        None => Vote::Doubtful(
            Exactness::Class,
            format!("{}: effect on the protein not annotated", alteration.label),
        ),
    }
}

fn activating(context: &Context, alteration: &Alteration) -> Vote {
    if let Some(vote) = outside(alteration) {
        return vote;
    }
    let curated = calls(context, alteration);
    match () {
        () if alteration.effect == Some(Effect::Activating) => Vote::Hit(Exactness::Class),
        () if is_benign(alteration) => dismissed("called benign"),
        () if curated.gain_of_function => Vote::Hit(Exactness::Class),
        () if alteration.effect == Some(Effect::LossOfFunction) => dismissed("called loss of function"),
        () if curated.loss_of_function => dismissed("loss of function by a curated row"),
        () => uncertain("no activating call"),
    }
}

fn loss_of_function(context: &Context, alteration: &Alteration) -> Vote {
    if let AlterationKind::CopyNumber { call: CopyCall::HomozygousLoss, .. } = alteration.kind {
        return uncertain("two-copy loss; the source names loss-of-function variants");
    }
    if let Some(vote) = outside(alteration) {
        return vote;
    }
    inactivating(context, alteration, calls(context, alteration))
}

/// Loss of function of a small variant: such a call, or truncating in a loss-of-function gene. Used by `Loss` too.
pub(super) fn inactivates(context: &Context, alteration: &Alteration) -> Vote {
    match outside(alteration) {
        Some(vote) => vote,
        None => inactivating(context, alteration, calls(context, alteration)),
    }
}

fn inactivating(context: &Context, alteration: &Alteration, curated: Curated) -> Vote {
    let role = context.knowledge.genes.get(&alteration.gene).and_then(|gene| gene.role);
    let lost_in_tumours = matches!(role, Some(GeneRole::TumourSuppressor | GeneRole::Both));
    let label = &alteration.label;
    match () {
        () if alteration.effect == Some(Effect::LossOfFunction) => Vote::Hit(Exactness::Class),
        () if is_benign(alteration) => dismissed("called benign"),
        () if curated.loss_of_function => Vote::Hit(Exactness::Class),
        () if alteration.effect == Some(Effect::Activating) => dismissed("called activating"),
        () if truncates(alteration) && lost_in_tumours => truncating(alteration),
        () if is_pathogenic(alteration) && role == Some(GeneRole::TumourSuppressor) => Vote::Doubtful(
            Exactness::Class,
            format!("{label}: called pathogenic, loss of function not stated"),
        ),
        () => uncertain("no loss-of-function call"),
    }
}

fn truncating(alteration: &Alteration) -> Vote {
    match () {
        () if !truncates(alteration) => Vote::Silent,
        () if is_benign(alteration) => dismissed("called benign"),
        () if alteration.significance == Some(Significance::Uncertain) => {
            Vote::Doubtful(Exactness::Class, format!("{}: called uncertain significance", alteration.label))
        }
        () => Vote::Hit(Exactness::Class),
    }
}
