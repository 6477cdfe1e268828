//! Is it the fusion the source names?
//!
//! Both partners named: exact. Any partner: class. Orientation not stated: category.

use super::Exactness;
use super::context::Context;
use super::profile::Found;
use super::weighing::{Covers, Question, Vote, conclude, finding};
use crate::verdict::{NotTested, Why};
use concilium_case::{Alteration, AlterationKind};
use concilium_evidence::Leaf;
use concilium_terms::GeneSymbol;
use concilium_terms::pattern::Pattern;

/// Looks for the fusion among the alterations of either partner.
pub(super) fn find(context: &Context, leaf: &Leaf) -> Found {
    let Pattern::Fusion { five, three, .. } = &leaf.pattern else { return super::zygosity::opaque(leaf) };
    let wanted = Wanted { five: five.as_ref(), three: three.as_ref() };
    let genes = leaf.pattern.genes();
    let of_gene = |a: &&Alteration| genes.iter().any(|gene| a.gene == **gene || involves(a, gene));
    let alterations = context.case.facts.alterations.iter().filter(of_gene);
    let findings =
        alterations.map(|a| finding(context, a, |a| vote(a, wanted), |a| refutes(a, wanted))).collect();
    let question = Question { words: &leaf.name, genes: genes.clone(), covers: Covers::Rearrangements };
    conclude(context, &question, findings)
}

/// Partners asked for; `None` is any.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    five: Option<&'a GeneSymbol>,
    three: Option<&'a GeneSymbol>,
}

fn involves(alteration: &Alteration, gene: &GeneSymbol) -> bool {
    match &alteration.kind {
        AlterationKind::Fusion { five, three, .. } => {
            five.as_ref() == Some(gene) || three.as_ref() == Some(gene)
        }
        AlterationKind::Small { .. }
        | AlterationKind::CopyNumber { .. }
        | AlterationKind::Splice { .. }
        | AlterationKind::Duplication
        | AlterationKind::Other => false,
    }
}

fn vote(alteration: &Alteration, wanted: Wanted) -> Vote {
    let AlterationKind::Fusion { five, three, oriented } = &alteration.kind else { return Vote::Silent };
    let found = Wanted { five: five.as_ref(), three: three.as_ref() };
    match (wanted.five, wanted.three) {
        (Some(wanted_five), Some(wanted_three)) => {
            named(alteration, found, *oriented, wanted_five, wanted_three)
        }
        (None, Some(gene)) => any_partner(alteration, found.three == Some(gene), *oriented, gene),
        (Some(gene), None) => any_partner(alteration, found.five == Some(gene), *oriented, gene),
        (None, None) => Vote::Silent,
    }
}

fn named(
    alteration: &Alteration,
    found: Wanted,
    oriented: bool,
    five: &GeneSymbol,
    three: &GeneSymbol,
) -> Vote {
    let straight = found.five == Some(five) && found.three == Some(three);
    let reversed = found.five == Some(three) && found.three == Some(five);
    match () {
        () if straight && oriented => Vote::Hit(Exactness::Exact),
        () if (straight || reversed) && !oriented => Vote::Hit(Exactness::Category),
        () if reversed => Vote::Near(
            Why::NotTested(NotTested::Uncertain),
            "partners stated in the opposite orientation".into(),
        ),
        () if partner_missing(alteration, found, five, three) => {
            Vote::Near(Why::NotTested(NotTested::Uncertain), "partner not stated".into())
        }
        () => Vote::Silent,
    }
}

/// One of the two is named and the other place is empty.
fn partner_missing(alteration: &Alteration, found: Wanted, five: &GeneSymbol, three: &GeneSymbol) -> bool {
    let wanted = [Some(five), Some(three)];
    match (found.five, found.three) {
        (Some(_), Some(_)) => false,
        (Some(one), None) | (None, Some(one)) => wanted.contains(&Some(one)),
        (None, None) => wanted.contains(&Some(&alteration.gene)),
    }
}

fn any_partner(alteration: &Alteration, in_place: bool, oriented: bool, gene: &GeneSymbol) -> Vote {
    let takes_part = involves(alteration, gene) || alteration.gene == *gene;
    match () {
        () if in_place && oriented => Vote::Hit(Exactness::Class),
        () if takes_part && !oriented => Vote::Hit(Exactness::Category),
        () if takes_part => Vote::Doubtful(
            Exactness::Category,
            format!("{}: {gene} stands on the other side", alteration.label),
        ),
        () => Vote::Silent,
    }
}

/// A negative without partner speaks of every fusion of the gene; one with partners of that fusion only.
fn refutes(alteration: &Alteration, wanted: Wanted) -> bool {
    let AlterationKind::Fusion { five, three, .. } = &alteration.kind else { return false };
    match (five, three) {
        (Some(five), Some(three)) => {
            let named = [Some(five), Some(three)];
            wanted.five.is_some()
                && wanted.three.is_some()
                && named.contains(&wanted.five)
                && named.contains(&wanted.three)
        }
        (Some(_), None) | (None, Some(_)) | (None, None) => true,
    }
}
