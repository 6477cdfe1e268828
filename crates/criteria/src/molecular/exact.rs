//! Is it the very change the source lists, by any of its names?
//!
//! Normalised protein name; coding name on the same transcript (version ignored); ClinVar id; genomic change on the
//! same build. An alteration that shares no kind of name with the leaf cannot be compared; it is never "not it".

use super::Exactness;
use super::context::Context;
use super::profile::Found;
use super::weighing::{Covers, Question, Vote, conclude, finding};
use concilium_case::{Alteration, AlterationKind, Consequence};
use concilium_evidence::Leaf;
use concilium_terms::hgvs::{CodingChange, GenomicChange, ProteinChange};
use concilium_terms::pattern::Pattern;

/// A list with this many substitutions names a residue, not a change (`G12/G13`): 20 amino acids less the reference.
const SUBSTITUTIONS_OF_A_RESIDUE: usize = 19;

/// Looks for the change among the alterations of its gene.
pub(super) fn find(context: &Context, leaf: &Leaf) -> Found {
    let Pattern::Exact { gene, .. } = &leaf.pattern else { return super::zygosity::opaque(leaf) };
    let present = |alteration: &Alteration| vote(alteration, &leaf.pattern);
    let absent = |alteration: &Alteration| refutes(alteration, &leaf.pattern);
    let findings = context.alterations_of(gene).map(|a| finding(context, a, present, absent)).collect();
    let question = Question { words: &leaf.name, genes: vec![gene], covers: Covers::SmallVariants };
    conclude(context, &question, findings)
}

fn vote(alteration: &Alteration, pattern: &Pattern) -> Vote {
    match compare(alteration, pattern) {
        Comparison::Same => Vote::Hit(exactness(pattern)),
        Comparison::Other => Vote::Silent,
        Comparison::NoCommonName => {
            Vote::Incomparable("it needs annotation: no kind of name in common".into())
        }
    }
}

fn exactness(pattern: &Pattern) -> Exactness {
    match pattern {
        Pattern::Exact { proteins, .. } if SUBSTITUTIONS_OF_A_RESIDUE <= proteins.len() => Exactness::Codon,
        _ => Exactness::Exact,
    }
}

/// A negative of the listed change, or of small variants of the gene as a whole. A negative of one of several listed
/// changes leaves the others.
fn refutes(alteration: &Alteration, pattern: &Pattern) -> bool {
    let one_change = matches!(pattern, Pattern::Exact { proteins, .. } if proteins.len() <= 1);
    is_whole_gene(alteration) || one_change && compare(alteration, pattern) == Comparison::Same
}

/// A small-variant statement that names no change: it speaks of the gene as a whole.
pub(super) fn is_whole_gene(alteration: &Alteration) -> bool {
    match &alteration.kind {
        AlterationKind::Small { protein, coding, genomic, consequence, exon, clinvar } => {
            protein.is_none()
                && coding.is_empty()
                && genomic.is_none()
                && consequence.is_none()
                && exon.is_none()
                && clinvar.is_empty()
        }
        AlterationKind::CopyNumber { .. }
        | AlterationKind::Fusion { .. }
        | AlterationKind::Splice { .. }
        | AlterationKind::Duplication
        | AlterationKind::Other => false,
    }
}

/// What comparing names gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    Other,
    NoCommonName,
}

/// Compares an alteration with an exact pattern by every kind of name both have.
pub(super) fn compare(alteration: &Alteration, pattern: &Pattern) -> Comparison {
    let (
        AlterationKind::Small { protein, coding, genomic, consequence, clinvar: ids, .. },
        Pattern::Exact { proteins, codings, loci, clinvar, .. },
    ) = (&alteration.kind, pattern)
    else {
        return Comparison::Other;
    };
    if ids.iter().any(|id| clinvar.contains(id)) {
        return Comparison::Same;
    }
    let by_name = [
        by_protein(protein.as_ref(), *consequence, proteins),
        by_coding(coding, codings),
        by_locus(genomic.as_ref(), loci),
    ];
    match () {
        () if by_name.contains(&Some(true)) => Comparison::Same,
        () if by_name.contains(&Some(false)) => Comparison::Other,
        () if is_whole_gene(alteration) => Comparison::Other,
        () => Comparison::NoCommonName,
    }
}

fn by_protein(
    found: Option<&ProteinChange>,
    consequence: Option<Consequence>,
    listed: &[ProteinChange],
) -> Option<bool> {
    if listed.is_empty() {
        return None;
    }
    match (found, consequence) {
        (Some(found), _) => Some(listed.contains(found)),
        (None, Some(consequence)) if !consequence.alters_protein() => Some(false),
        (None, _) => None,
    }
}

/// Comparable only where a transcript is shared.
fn by_coding(found: &[CodingChange], listed: &[CodingChange]) -> Option<bool> {
    let pairs = || found.iter().flat_map(|a| listed.iter().map(move |b| (a, b)));
    let same_transcript =
        |(a, b): &(&CodingChange, &CodingChange)| !a.transcript.is_empty() && a.transcript == b.transcript;
    pairs().any(|pair| same_transcript(&pair)).then(|| pairs().any(|(a, b)| a.agrees_with(b)))
}

/// Comparable only on one build; no liftover.
fn by_locus(found: Option<&GenomicChange>, listed: &[GenomicChange]) -> Option<bool> {
    let found = found?;
    listed.iter().any(|locus| locus.build == found.build).then(|| listed.contains(found))
}
