//! Does a change lie at the residue or in the exon the source names?

use super::Exactness;
use super::context::Context;
use super::exact::is_whole_gene;
use super::profile::Found;
use super::weighing::{Covers, Question, Vote, by_call, conclude, finding};
use crate::verdict::Why;
use concilium_case::{Alteration, AlterationKind, Consequence};
use concilium_evidence::Leaf;
use concilium_terms::hgvs::ProteinChange;
use concilium_terms::pattern::{ExonChange, Pattern};

/// Looks for a change in the region. Only a negative of the whole gene refutes.
pub(super) fn find(context: &Context, leaf: &Leaf) -> Found {
    let gene = leaf.pattern.genes();
    let Some(first) = gene.first() else { return super::zygosity::opaque(leaf) };
    let present = |alteration: &Alteration| vote(alteration, &leaf.pattern);
    let findings =
        context.alterations_of(first).map(|a| finding(context, a, present, is_whole_gene)).collect();
    let question = Question { words: &leaf.name, genes: gene, covers: Covers::SmallVariants };
    conclude(context, &question, findings)
}

fn vote(alteration: &Alteration, pattern: &Pattern) -> Vote {
    let AlterationKind::Small { protein, consequence, exon, .. } = &alteration.kind else {
        return Vote::Silent;
    };
    let answer = match pattern {
        Pattern::Codon { reference, residue, .. } => {
            at_codon(protein.as_ref(), *consequence, *reference, *residue)
        }
        Pattern::Exon { first, last, change, residues, .. } => {
            let place = in_exons(protein.as_ref(), *exon, (*first, *last), *residues);
            both(is_change(protein.as_ref(), *consequence, *change), place)
        }
        _ => Answer::No,
    };
    match (answer, pattern) {
        (Answer::Yes, Pattern::Codon { .. }) => by_call(alteration, Exactness::Codon),
        (Answer::Yes, _) => by_call(alteration, Exactness::Exon),
        (Answer::No, _) => Vote::Silent,
        (Answer::OtherNumbering, _) => Vote::Near(
            Why::NotComputable,
            "another reference amino acid at this residue: other transcript?".into(),
        ),
        (Answer::NeedsAnnotation(what), _) => Vote::Incomparable(format!("it needs annotation: {what}")),
    }
}

enum Answer {
    Yes,
    No,
    OtherNumbering,
    NeedsAnnotation(&'static str),
}

/// A "no" of either decides; otherwise what cannot be told keeps it open.
fn both(a: Answer, b: Answer) -> Answer {
    match (a, b) {
        (Answer::No, _) | (_, Answer::No) => Answer::No,
        (Answer::Yes, other) => other,
        (other, _) => other,
    }
}

/// Any protein change at the residue; an insertion lies between two residues, not at one.
fn at_codon(
    protein: Option<&ProteinChange>,
    consequence: Option<Consequence>,
    reference: char,
    residue: u32,
) -> Answer {
    let Some(protein) = protein else {
        let silent = consequence.is_some_and(|consequence| !consequence.alters_protein());
        return if silent { Answer::No } else { Answer::NeedsAnnotation("no protein name") };
    };
    let touches = protein.residues().is_some_and(|(first, last)| first <= residue && residue <= last);
    if !touches || !protein.alters_protein() || matches!(protein, ProteinChange::Insertion { .. }) {
        return Answer::No;
    }
    match reference_at(protein, residue) {
        Some(found) if found != reference => Answer::OtherNumbering,
        Some(_) | None => Answer::Yes,
    }
}

/// The reference amino acid the name states for a residue.
fn reference_at(protein: &ProteinChange, residue: u32) -> Option<char> {
    match protein {
        ProteinChange::Missense { reference, .. }
        | ProteinChange::Nonsense { reference, .. }
        | ProteinChange::Frameshift { reference, .. } => Some(*reference),
        ProteinChange::Deletion { first, last, .. } | ProteinChange::Duplication { first, last } => {
            [first, last].into_iter().find(|place| place.1 == residue).map(|place| place.0)
        }
        ProteinChange::Insertion { .. }
        | ProteinChange::StartLost
        | ProteinChange::StopLost { .. }
        | ProteinChange::Synonymous { .. } => None,
    }
}

/// Exon from the annotation, else from residue bounds compiled from the source's coordinates.
fn in_exons(
    protein: Option<&ProteinChange>,
    exon: Option<u32>,
    (first, last): (u32, u32),
    bounds: Option<(u32, u32)>,
) -> Answer {
    if let Some(exon) = exon {
        return if first <= exon && exon <= last { Answer::Yes } else { Answer::No };
    }
    let (Some(bounds), Some(span)) = (bounds, protein.and_then(ProteinChange::residues)) else {
        return Answer::NeedsAnnotation("no exon number, and no bounds of the exon");
    };
    if bounds.0 <= span.1 && span.0 <= bounds.1 { Answer::Yes } else { Answer::No }
}

fn is_change(
    protein: Option<&ProteinChange>,
    consequence: Option<Consequence>,
    wanted: ExonChange,
) -> Answer {
    let Some(found) = protein.map(kind_of).or(consequence.map(kind_of_consequence)) else {
        return Answer::NeedsAnnotation("no protein name or consequence");
    };
    let is_it = match wanted {
        ExonChange::Mutation => found != Kind::Silent,
        ExonChange::Deletion => found == Kind::InframeDeletion,
        ExonChange::Insertion => found == Kind::InframeInsertion,
        ExonChange::Frameshift => found == Kind::Frameshift,
    };
    if is_it { Answer::Yes } else { Answer::No }
}

#[derive(PartialEq, Eq)]
enum Kind {
    InframeDeletion,
    InframeInsertion,
    Frameshift,
    OtherChange,
    Silent,
}

fn kind_of(protein: &ProteinChange) -> Kind {
    match protein {
        ProteinChange::Synonymous { .. } => Kind::Silent,
        ProteinChange::Frameshift { .. } => Kind::Frameshift,
        ProteinChange::Missense { .. }
        | ProteinChange::Nonsense { .. }
        | ProteinChange::Deletion { .. }
        | ProteinChange::Duplication { .. }
        | ProteinChange::Insertion { .. }
        | ProteinChange::StartLost
        | ProteinChange::StopLost { .. } => match protein.length_change() {
            Some(change) if change < 0 => Kind::InframeDeletion,
            Some(change) if 0 < change => Kind::InframeInsertion,
            Some(_) | None => Kind::OtherChange,
        },
    }
}

fn kind_of_consequence(consequence: Consequence) -> Kind {
    match consequence {
        Consequence::InframeDeletion => Kind::InframeDeletion,
        Consequence::InframeInsertion => Kind::InframeInsertion,
        Consequence::Frameshift => Kind::Frameshift,
        Consequence::Synonymous | Consequence::Noncoding => Kind::Silent,
        Consequence::Missense | Consequence::Nonsense | Consequence::SpliceSite | Consequence::StartStop => {
            Kind::OtherChange
        }
    }
}
