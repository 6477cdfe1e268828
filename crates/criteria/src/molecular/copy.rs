//! Is the gene amplified, or lost?
//!
//! As stated, or by a number against the site's threshold. "Gain" is undetermined; so is a loss of one copy or of
//! unspecified extent. HER2 by in-situ hybridisation is a copy number of ERBB2; by immunohistochemistry it is not.

use super::Exactness;
use super::class::inactivates;
use super::context::Context;
use super::marker::{her2_ihc_positive, is_in_situ, marker_finding};
use super::profile::Found;
use super::weighing::{Covers, Finding, Question, Vote, conclude, finding};
use crate::verdict::{NotTested, Why};
use concilium_case::{Alteration, AlterationKind, CopyCall, Marker, MarkerCall, MarkerName};
use concilium_evidence::Leaf;
use concilium_terms::GeneSymbol;
use concilium_terms::pattern::Pattern;

/// Looks for the copy number.
pub(super) fn find(context: &Context, leaf: &Leaf) -> Found {
    let genes = leaf.pattern.genes();
    let Some(gene) = genes.first() else { return super::zygosity::opaque(leaf) };
    let mut findings: Vec<Finding> =
        context.alterations_of(gene).map(|a| of_alteration(context, a, leaf)).collect();
    findings.extend(her2_findings(context, gene, &leaf.pattern));
    let question = Question { words: &leaf.name, genes, covers: Covers::CopyNumber };
    conclude(context, &question, findings)
}

fn of_alteration(context: &Context, alteration: &Alteration, leaf: &Leaf) -> Finding {
    let wants_more = matches!(leaf.pattern, Pattern::Amplification { .. });
    let present = |alteration: &Alteration| match &alteration.kind {
        AlterationKind::CopyNumber { call, copies } if wants_more => amplification(context, *call, *copies),
        AlterationKind::CopyNumber { call, copies } => loss(context, *call, *copies),
        AlterationKind::Small { .. } if matches!(leaf.pattern, Pattern::Loss { .. }) => {
            inactivates(context, alteration)
        }
        AlterationKind::Small { .. }
        | AlterationKind::Fusion { .. }
        | AlterationKind::Splice { .. }
        | AlterationKind::Duplication
        | AlterationKind::Other => Vote::Silent,
    };
    finding(context, alteration, present, |alteration| says_absent(alteration, wants_more))
}

/// Which "not detected" refutes: that of the same call.
fn says_absent(alteration: &Alteration, wants_more: bool) -> bool {
    match &alteration.kind {
        AlterationKind::CopyNumber { call, .. } => match call {
            CopyCall::Amplified | CopyCall::Gain => wants_more,
            CopyCall::HomozygousLoss | CopyCall::Loss => !wants_more,
            CopyCall::NumberOnly => true,
            CopyCall::SingleLoss | CopyCall::Neutral => false,
        },
        AlterationKind::Small { .. }
        | AlterationKind::Fusion { .. }
        | AlterationKind::Splice { .. }
        | AlterationKind::Duplication
        | AlterationKind::Other => false,
    }
}

fn uncertain(words: impl Into<String>) -> Vote {
    Vote::Near(Why::NotTested(NotTested::Uncertain), words.into())
}

fn amplification(context: &Context, call: CopyCall, copies: Option<f64>) -> Vote {
    let threshold = context.thresholds.amplified_copies;
    match (call, copies) {
        (CopyCall::Amplified, _) => Vote::Hit(Exactness::Exact),
        (CopyCall::HomozygousLoss | CopyCall::SingleLoss | CopyCall::Loss | CopyCall::Neutral, _) => {
            Vote::Refuted
        }
        (CopyCall::Gain | CopyCall::NumberOnly, Some(copies)) if threshold <= copies => {
            Vote::Hit(Exactness::Exact)
        }
        (CopyCall::Gain, _) => uncertain("gain of unspecified extent"),
        (CopyCall::NumberOnly, Some(copies)) if copies <= 2.0 => Vote::Refuted,
        (CopyCall::NumberOnly, Some(copies)) => uncertain(format!(
            "{copies} copies, below the threshold of {threshold}; amplification not stated"
        )),
        (CopyCall::NumberOnly, None) => uncertain("no copy number and no call"),
    }
}

fn loss(context: &Context, call: CopyCall, copies: Option<f64>) -> Vote {
    match (call, copies) {
        (CopyCall::HomozygousLoss, _) => Vote::Hit(Exactness::Exact),
        (CopyCall::Amplified | CopyCall::Gain | CopyCall::Neutral, _) => Vote::Refuted,
        (_, Some(copies)) if copies < context.thresholds.lost_copies => Vote::Hit(Exactness::Exact),
        (CopyCall::SingleLoss, _) => uncertain("single-copy loss: one copy remains"),
        (CopyCall::Loss, _) => uncertain("loss of unspecified extent: one or both copies"),
        (CopyCall::NumberOnly, Some(copies)) if 2.0 <= copies => Vote::Refuted,
        (CopyCall::NumberOnly, Some(copies)) => {
            uncertain(format!("{copies} copies: two-copy loss not stated"))
        }
        (CopyCall::NumberOnly, None) => uncertain("no copy number and no call"),
    }
}

/// HER2 results as copy numbers of ERBB2.
fn her2_findings(context: &Context, gene: &GeneSymbol, pattern: &Pattern) -> Vec<Finding> {
    if gene.as_str() != "ERBB2" || !matches!(pattern, Pattern::Amplification { .. }) {
        return vec![];
    }
    let her2 = context.case.facts.markers.iter().filter(|marker| marker.name == MarkerName::Her2);
    her2.map(|marker| marker_finding(context, marker, her2_vote(marker))).collect()
}

fn her2_vote(marker: &Marker) -> Vote {
    if !is_in_situ(marker) {
        return match her2_ihc_positive(marker) {
            Some(true) => uncertain("HER2 protein positive; copy number not stated here"),
            Some(false) | None => Vote::Silent,
        };
    }
    match marker.call {
        Some(MarkerCall::Positive) => Vote::Hit(Exactness::Exact),
        Some(MarkerCall::Negative | MarkerCall::Low) => Vote::Refuted,
        Some(MarkerCall::Equivocal) => uncertain("HER2 in-situ hybridisation equivocal"),
        Some(MarkerCall::Failed) => Vote::Failed,
        None => uncertain("HER2 in-situ hybridisation without a call"),
    }
}
