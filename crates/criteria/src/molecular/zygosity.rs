//! Which leaves ask for both alleles, and what of those no rule can read?
//!
//! CIViC names three leaves by zygosity (EID1800, EID1801, EID1803: `DPYD*2A HOMOZYGOSITY` and the like). A star
//! allele is compared with the reported diplotype; everything else that is opaque is never matched.

use super::Exactness;
use super::context::Context;
use super::profile::Found;
use crate::verdict::{NotTested, Verdict};
use concilium_case::Pharmacogene;
use concilium_evidence::Leaf;
use concilium_terms::GeneSymbol;

/// A leaf kept as text.
pub(super) fn find(context: &Context, leaf: &Leaf, gene: Option<&GeneSymbol>, name: &str) -> Found {
    match (gene, homozygous_allele(name)) {
        (Some(gene), Some(allele)) => homozygous(context, leaf, gene, allele),
        (Some(_) | None, _) => opaque(leaf),
    }
}

/// Not computable: the source's own name is the span.
pub(super) fn opaque(leaf: &Leaf) -> Found {
    Found::of(Verdict::not_computable(format!("{}: no rule reads this name", leaf.name), vec![]))
}

/// `DPYD*2A HOMOZYGOSITY` → `*2A`.
fn homozygous_allele(name: &str) -> Option<&str> {
    let (allele, zygosity) = name.rsplit_once(' ')?;
    let star = allele.find('*')?;
    zygosity.eq_ignore_ascii_case("homozygosity").then(|| &allele[star..])
}

fn homozygous(context: &Context, leaf: &Leaf, gene: &GeneSymbol, allele: &str) -> Found {
    let results: Vec<&Pharmacogene> =
        context.case.facts.pharmacogenes.iter().filter(|r| r.gene == *gene).collect();
    let found = Verdict::any(results.iter().filter_map(|result| of_result(leaf, result, allele)));
    if found.leaves.is_empty() {
        let what = format!("{}: no diplotype of {gene} reported", leaf.name);
        return Found::of(Verdict::not_tested(NotTested::NeverDone, what, vec![]));
    }
    let facts = match found.truth {
        concilium_terms::Truth::True => found.leaves.iter().flat_map(|leaf| leaf.facts.clone()).collect(),
        concilium_terms::Truth::Open | concilium_terms::Truth::False => vec![],
    };
    Found { exactness: Some(Exactness::Exact), facts, ..Found::of(found) }
}

fn of_result(leaf: &Leaf, result: &Pharmacogene, allele: &str) -> Option<Verdict> {
    let diplotype = result.diplotype.as_deref()?;
    let (first, second) = diplotype.split_once('/')?;
    let facts = vec![result.meta.id.clone()];
    let bare = |text: &str| text.find('*').map(|star| text[star..].trim().to_owned());
    let copies = [bare(first), bare(second)].into_iter().flatten().filter(|found| found == allele).count();
    Some(match copies {
        2 => Verdict::met(format!("{}: both alleles", leaf.name), facts),
        _ => Verdict::not_met(format!("{}: {copies} of two alleles in {diplotype}", leaf.name), facts),
    })
}
