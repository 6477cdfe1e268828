//! Is it the named splice form or the tandem duplication?

use super::Exactness;
use super::context::Context;
use super::profile::Found;
use super::weighing::{Covers, Question, Vote, conclude, finding};
use crate::verdict::{NotTested, Why};
use concilium_case::{Alteration, AlterationKind, Consequence};
use concilium_evidence::Leaf;
use concilium_terms::hgvs::ProteinChange;
use concilium_terms::pattern::Pattern;

/// Looks for the form by its name, in the spelling both sides share.
pub(super) fn find(context: &Context, leaf: &Leaf) -> Found {
    let genes = leaf.pattern.genes();
    let Some(gene) = genes.first() else { return super::zygosity::opaque(leaf) };
    let present = |alteration: &Alteration| vote(alteration, &leaf.pattern);
    let absent = |alteration: &Alteration| matches!(vote(alteration, &leaf.pattern), Vote::Hit(_));
    let findings = context.alterations_of(gene).map(|a| finding(context, a, present, absent)).collect();
    let question = Question { words: &leaf.name, genes, covers: Covers::Rearrangements };
    conclude(context, &question, findings)
}

fn vote(alteration: &Alteration, pattern: &Pattern) -> Vote {
    let near = |words: &str| Vote::Near(Why::NotTested(NotTested::Uncertain), words.into());
    match (&alteration.kind, pattern) {
        (AlterationKind::Duplication, Pattern::Duplication { .. }) => Vote::Hit(Exactness::Exact),
        (AlterationKind::Splice { name: found }, Pattern::Splice { name, .. }) if found == name => {
            Vote::Hit(Exactness::Exact)
        }
        (
            AlterationKind::Small { protein: Some(ProteinChange::Duplication { .. }), .. },
            Pattern::Duplication { .. },
        ) => near("in-frame duplication, not called a tandem duplication of the domain"),
        (
            AlterationKind::Small { consequence: Some(Consequence::SpliceSite), exon: Some(exon), .. },
            Pattern::Splice { name, .. },
        ) if *name == format!("exon{exon}skipping") => {
            near("splice-site change; skipping of the exon not shown")
        }
        _ => Vote::Silent,
    }
}
