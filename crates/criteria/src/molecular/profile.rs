//! Do the leaves of a profile hold together?
//!
//! The best satisfied disjunct decides how exact a match is. `NOT` of silence stays open.

use super::context::Context;
use super::{
    Exactness, MolecularMatch, class, copy, exact, fusion, marker, named, region, signature, wildtype,
    zygosity,
};
use crate::verdict::{NotTested, Verdict};
use concilium_evidence::{Leaf, ProfileExpr};
use concilium_terms::pattern::Pattern;
use concilium_terms::{GeneSymbol, PartialDate, Truth};

/// The outcome so far, for a leaf or a part of the profile.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub verdict: Verdict,
    pub exactness: Option<Exactness>,
    pub facts: Vec<String>,
    pub doubts: Vec<String>,
    pub notes: Vec<String>,
    pub sampled: Option<PartialDate>,
}

impl Found {
    /// A verdict with no fact of the patient behind it.
    pub fn of(verdict: Verdict) -> Found {
        Found { verdict, exactness: None, facts: vec![], doubts: vec![], notes: vec![], sampled: None }
    }

    pub fn into_match(self) -> MolecularMatch {
        MolecularMatch {
            verdict: self.verdict,
            exactness: self.exactness.unwrap_or(Exactness::Category),
            facts: unique(self.facts),
            doubts: unique(self.doubts),
            notes: unique(self.notes),
            sampled: self.sampled,
        }
    }

    fn truth(&self) -> Truth {
        self.verdict.truth
    }
}

fn unique(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words.dedup();
    words
}

/// Evaluates a profile bottom up.
pub(super) fn evaluate(context: &Context, expr: &ProfileExpr) -> Found {
    match expr {
        ProfileExpr::Leaf(id) => leaf(context, *id),
        ProfileExpr::And(parts) => {
            let mut found = all_of(parts.iter().map(|part| evaluate(context, part)).collect());
            if found.truth() == Truth::True {
                found.notes.extend(phase_note(context, expr, &found.facts));
            }
            found
        }
        ProfileExpr::Or(parts) => any_of(parts.iter().map(|part| evaluate(context, part)).collect()),
        ProfileExpr::Not(inner) => not(evaluate(context, inner)),
    }
}

fn leaf(context: &Context, id: u64) -> Found {
    match context.knowledge.leaf(id) {
        Some(leaf) => {
            let found = look(context, leaf);
            Found { exactness: found.exactness.or(Some(best_possible(&leaf.pattern))), ..found }
        }
        None => Found::of(Verdict::not_computable(format!("variant {id} is not in this release"), vec![])),
    }
}

/// Looks for one leaf.
pub(super) fn look(context: &Context, leaf: &Leaf) -> Found {
    match &leaf.pattern {
        Pattern::Exact { .. } => exact::find(context, leaf),
        Pattern::Codon { .. } | Pattern::Exon { .. } => region::find(context, leaf),
        Pattern::Mutation { .. }
        | Pattern::Activating { .. }
        | Pattern::LossOfFunction { .. }
        | Pattern::Truncating { .. } => class::find(context, leaf),
        Pattern::Amplification { .. } | Pattern::Loss { .. } | Pattern::Deletion { .. } => {
            copy::find(context, leaf)
        }
        Pattern::Fusion { .. } => fusion::find(context, leaf),
        Pattern::Wildtype { gene } => wildtype::find(context, leaf, gene),
        Pattern::Duplication { .. } | Pattern::Splice { .. } => named::find(context, leaf),
        Pattern::Marker { .. } => marker::find(context, leaf),
        Pattern::Signature { signature } => signature::find(context, leaf, *signature),
        Pattern::Opaque { gene, name } => zygosity::find(context, leaf, gene.as_ref(), name),
    }
}

/// How exact a leaf would be if it came true.
fn best_possible(pattern: &Pattern) -> Exactness {
    match pattern {
        Pattern::Codon { .. } => Exactness::Codon,
        Pattern::Exon { .. } => Exactness::Exon,
        Pattern::Mutation { .. }
        | Pattern::Activating { .. }
        | Pattern::LossOfFunction { .. }
        | Pattern::Truncating { .. }
        | Pattern::Fusion { rearrangement: true, .. } => Exactness::Class,
        Pattern::Exact { .. }
        | Pattern::Amplification { .. }
        | Pattern::Loss { .. }
        | Pattern::Deletion { .. }
        | Pattern::Fusion { rearrangement: false, .. }
        | Pattern::Wildtype { .. }
        | Pattern::Duplication { .. }
        | Pattern::Splice { .. }
        | Pattern::Marker { .. }
        | Pattern::Signature { .. } => Exactness::Exact,
        Pattern::Opaque { .. } => Exactness::Category,
    }
}

/// All parts: as exact as the least exact, as old as the oldest.
fn all_of(parts: Vec<Found>) -> Found {
    let verdict = Verdict::all(parts.iter().map(|part| part.verdict.clone()));
    if verdict.truth == Truth::False {
        return Found::of(verdict);
    }
    let joined = join(&parts.iter().collect::<Vec<_>>());
    Found {
        verdict,
        exactness: parts.iter().filter_map(|part| part.exactness).max(),
        sampled: parts.iter().filter_map(|part| part.sampled.clone()).min(),
        ..joined
    }
}

/// Any part: the best satisfied one decides exactness, doubts and age; the facts of all that agree are kept.
fn any_of(parts: Vec<Found>) -> Found {
    let verdict = Verdict::any(parts.iter().map(|part| part.verdict.clone()));
    let agreeing: Vec<&Found> = parts.iter().filter(|part| part.truth() == verdict.truth).collect();
    let joined = join(&agreeing);
    match (verdict.truth, agreeing.iter().min_by_key(|part| best_first(part))) {
        (Truth::True, Some(best)) => Found { verdict, facts: joined.facts, ..(*best).clone() },
        (Truth::Open, _) => open_of_any(verdict, &agreeing, joined),
        (Truth::False, _) | (Truth::True, None) => Found::of(verdict),
    }
}

/// What may become true is led by the parts with a fact of the patient behind them.
fn open_of_any(verdict: Verdict, parts: &[&Found], joined: Found) -> Found {
    let with_facts: Vec<&&Found> = parts.iter().filter(|part| !part.facts.is_empty()).collect();
    let leading = if with_facts.is_empty() { parts.iter().collect() } else { with_facts };
    let exactness = leading.iter().filter_map(|part| part.exactness).min();
    Found {
        verdict,
        exactness,
        sampled: leading.iter().filter_map(|part| part.sampled.clone()).max(),
        ..joined
    }
}

fn best_first(
    part: &Found,
) -> (bool, Option<Exactness>, std::cmp::Reverse<Option<PartialDate>>, Vec<String>) {
    (!part.doubts.is_empty(), part.exactness, std::cmp::Reverse(part.sampled.clone()), part.facts.clone())
}

fn join(parts: &[&Found]) -> Found {
    let all = |words: fn(&Found) -> &Vec<String>| {
        unique(parts.iter().flat_map(|part| words(part).clone()).collect())
    };
    Found {
        facts: all(|part| &part.facts),
        doubts: all(|part| &part.doubts),
        notes: all(|part| &part.notes),
        ..Found::of(Verdict::all([]))
    }
}

/// What is found only with doubt cannot be excluded for sure, so its negation is open.
fn not(inner: Found) -> Found {
    if inner.truth() == Truth::True && !inner.doubts.is_empty() {
        let what = format!("not excluded: {}", inner.doubts.join("; "));
        let verdict = Verdict::not_tested(NotTested::Doubtful, what, inner.facts.clone());
        return Found { verdict, doubts: vec![], ..inner };
    }
    let verdict = inner.verdict.not();
    let facts = match verdict.truth {
        Truth::True => verdict.leaves.iter().flat_map(|leaf| leaf.facts.clone()).collect(),
        Truth::Open => inner.facts,
        Truth::False => vec![],
    };
    Found { exactness: inner.exactness, facts, ..Found::of(verdict) }
}

/// Two changes of one gene that must both hold: in cis, in trans, or not known. A fact of its own, no condition:
/// the profiles of the source do not say which they mean.
fn phase_note(context: &Context, expr: &ProfileExpr, facts: &[String]) -> Option<String> {
    let ids = expr.leaves();
    let patterns: Vec<&Pattern> =
        ids.iter().filter_map(|id| context.knowledge.leaf(*id)).map(|l| &l.pattern).collect();
    let small = |pattern: &&&Pattern| {
        matches!(pattern, Pattern::Exact { .. } | Pattern::Codon { .. } | Pattern::Exon { .. })
    };
    let genes: Vec<&GeneSymbol> = patterns.iter().filter(small).flat_map(|pattern| pattern.genes()).collect();
    let shared = genes.iter().find(|gene| 1 < genes.iter().filter(|other| other == gene).count())?;
    Some(phase_words(context, shared, facts))
}

fn phase_words(context: &Context, gene: &GeneSymbol, facts: &[String]) -> String {
    let involved = || context.alterations_of(gene).filter(|a| facts.contains(&a.meta.id));
    let names: Vec<&str> = involved().flat_map(|a| [a.label.as_str(), a.meta.id.as_str()]).collect();
    let stated: Vec<bool> = involved()
        .flat_map(|a| &a.phase)
        .filter(|(other, _)| names.contains(&other.as_str()))
        .filter_map(|p| p.1)
        .collect();
    match (stated.contains(&true), stated.contains(&false)) {
        (true, false) => format!("{gene} changes in cis"),
        (false, true) => format!("{gene} changes in trans"),
        (true, true) => format!("phase of the {gene} changes stated both ways"),
        (false, false) => format!("phase of the {gene} changes unknown (cis or trans not reported)"),
    }
}
