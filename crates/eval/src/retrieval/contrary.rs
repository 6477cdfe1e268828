//! Is what speaks against a claim found, or only more that speaks for it?
//!
//! A claim is alteration, tumour and drugs of which CIViC has statements for and against; the curators' direction is the
//! label and stands in no text that is searched. Asked is once for the claim and once with words of failure, as the engine
//! asks for what speaks against an option. Vectors place "responded" beside "did not respond": whether an against statement
//! stands above a for statement of the same claim is then nearly chance, and that is what the last column shows.
//!
//! How to ask is chosen on one half of the claims and reported on the other ([`Chosen`]).

use super::Result;
use super::lab::{Lab, System, by_unit, joined};
use super::sets::Claim;
use crate::compare::{Comparison, compare, halves};
use crate::metrics::{List, ranked};
use concilium_evidence::Bearing;
use concilium_knowledge::Knowledge;
use concilium_retrieval::fusion::{Fusion, Ranked};
use concilium_retrieval::lexical::Weights;
use concilium_retrieval::search::CONTRARY_QUERY;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Passages looked at.
const DEPTH: usize = 150;
/// The best that are counted.
const TOP: usize = 10;
/// Of so many best, passages with words of failure may go first.
const FIRST: [usize; 5] = [0, 3, 5, 10, 20];

/// The table.
#[derive(Clone, Debug, Serialize)]
pub struct Contrary {
    /// Claims with evidence on both sides.
    pub claims: usize,
    /// Statements against them.
    pub against: usize,
    /// Statements for them.
    pub for_: usize,
    /// Systems, BM25 alone first.
    pub rows: Vec<ContraryRow>,
    /// The best way of asking on the development half; none where a half has no claim.
    pub chosen: Option<Chosen>,
}

/// A way of asking for what speaks against a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// Words of failure are asked for by words.
    pub failure_in_words: bool,
    /// And by vectors; none = the vectors are not asked.
    pub failure_in_vectors: Option<bool>,
    /// Of so many best passages those that hold a word of failure are put first.
    pub failure_first: usize,
}

/// What was best on the development half, on both halves beside what the program does.
#[derive(Clone, Debug, Serialize)]
pub struct Chosen {
    /// What the program does.
    pub now: Way,
    /// The best.
    pub way: Way,
    /// Claims of the development and of the test half.
    pub claims: (usize, usize),
    /// MRR on the development half, now and chosen.
    pub on_development: (f64, f64),
    /// MRR on the test half.
    pub on_test: (f64, f64),
    /// Chosen beside now on the test half.
    pub beside_now: Option<Comparison>,
}

/// One system with one way of asking.
#[derive(Clone, Debug, Serialize)]
pub struct ContraryRow {
    /// System.
    pub system: String,
    /// With words of failure.
    pub contrary_words: bool,
    /// One over the place of the first statement against the claim, mean.
    pub mrr: f64,
    /// Share of claims with a statement against them among the first ten.
    pub found_at_10: f64,
    /// Share of the first ten that speak against this claim, mean.
    pub precision_at_10: f64,
    /// Share of the first ten that speak against anything at all, whatever claim, mean.
    pub any_against_at_10: f64,
    /// Pairs of an against and a for statement of the same claim: share in which the against stands higher; 0.5 = chance.
    pub above_for: f64,
    /// MRR beside BM25 alone asked the same way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside_bm25: Option<Comparison>,
}

/// Documents for and against.
#[derive(Default)]
struct Sides {
    for_: BTreeSet<String>,
    against: BTreeSet<String>,
}

/// Asks for every claim that has both sides.
///
/// # Errors
/// An index cannot be read, or the model failed.
pub fn measure(knowledge: &Knowledge, lab: &Lab, seed: u64) -> Result<Contrary> {
    let (all, claims) = sides(knowledge, lab);
    let weights = Weights::default();
    let words = System::Words { synonyms: true, weights };
    let mut systems = vec![("BM25 alone", System::Plain), ("words", words)];
    if lab.has_vectors() {
        systems.push(("vectors alone", System::Vectors));
        systems.push(("words and vectors", System::Both { weights, fusion: Fusion::default() }));
    }
    let mut rows = vec![];
    for contrary_words in [false, true] {
        let mut base: Vec<f64> = vec![];
        for (at, (name, system)) in systems.iter().enumerate() {
            let asked: Vec<String> = claims.keys().map(|claim| asked(claim, contrary_words)).collect();
            let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
            let lists = lab.ask(*system, &asked, DEPTH)?;
            let lists: Vec<List> = lists.iter().map(|list| by_unit(list, &HashMap::new())).collect();
            let (row, first) = row(name, contrary_words, &claims, &lists, &all);
            if at == 0 {
                base.clone_from(&first);
            }
            let pairs: Vec<(f64, f64)> = first.into_iter().zip(base.iter().copied()).collect();
            let beside_bm25 = compare(&pairs, seed).filter(|_| 0 < at);
            rows.push(ContraryRow { beside_bm25, ..row });
        }
    }
    let count = |side: fn(&Sides) -> &BTreeSet<String>| claims.values().map(|sides| side(sides).len()).sum();
    Ok(Contrary {
        claims: claims.len(),
        against: count(|s| &s.against),
        for_: count(|s| &s.for_),
        rows,
        chosen: chosen(lab, &claims, seed)?,
    })
}

/// Every way is tried on the development half; the first of equals is taken. The test half is asked once each, for what
/// the program does and for what was chosen.
fn chosen(lab: &Lab, claims: &BTreeMap<Claim, Sides>, seed: u64) -> Result<Option<Chosen>> {
    let all: Vec<(String, &Sides)> = claims.iter().map(|(claim, sides)| (claim.words(), sides)).collect();
    let (development, test) = halves(all, seed, |(words, _)| words.as_str());
    if development.is_empty() || test.is_empty() {
        return Ok(None);
    }
    let vectors: &[Option<bool>] = if lab.has_vectors() { &[Some(true), Some(false), None] } else { &[None] };
    let now = Way { failure_in_words: true, failure_in_vectors: vectors[0], failure_first: 0 };
    let before = mean(&first_ranks(lab, now, &development)?);
    let (mut way, mut best) = (now, before);
    for failure_in_words in [true, false] {
        for failure_in_vectors in vectors.iter().copied() {
            for failure_first in FIRST {
                let tried = Way { failure_in_words, failure_in_vectors, failure_first };
                let found = mean(&first_ranks(lab, tried, &development)?);
                if best < found {
                    (way, best) = (tried, found);
                }
            }
        }
    }
    let (old, new) = (first_ranks(lab, now, &test)?, first_ranks(lab, way, &test)?);
    let pairs: Vec<(f64, f64)> = new.iter().copied().zip(old.iter().copied()).collect();
    Ok(Some(Chosen {
        now,
        way,
        claims: (development.len(), test.len()),
        on_development: (before, best),
        on_test: (mean(&old), mean(&new)),
        beside_now: compare(&pairs, seed),
    }))
}

/// One over the place of the first statement against each claim.
fn first_ranks(lab: &Lab, way: Way, claims: &[(String, &Sides)]) -> Result<Vec<f64>> {
    let weights = Weights::default();
    let asked = |failure: bool| -> Vec<String> {
        claims.iter().map(|(words, _)| with_failure(words, failure)).collect()
    };
    let legs = |failure| {
        let asked = asked(failure);
        lab.legs(weights, &asked.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (mut lists, _) = legs(way.failure_in_words)?;
    if let Some(failure) = way.failure_in_vectors {
        let (_, near) = legs(failure)?;
        lists = lists.iter().zip(&near).map(|(words, near)| joined(Fusion::default(), words, near)).collect();
    }
    let first = |(list, (_, sides)): (&mut Ranked, &(String, &Sides))| {
        let best = way.failure_first.min(list.len());
        list[..best].sort_by_key(|(key, _)| !lab.is_contrary(key));
        let place = list.iter().position(|(key, _)| sides.against.contains(&key.document.0));
        place.map_or(0.0, |at| 1.0 / (at + 1) as f64)
    };
    Ok(lists.iter_mut().zip(claims).map(first).collect())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn asked(claim: &Claim, contrary_words: bool) -> String {
    with_failure(&claim.words(), contrary_words)
}

fn with_failure(words: &str, failure: bool) -> String {
    if failure { format!("{words} {CONTRARY_QUERY}") } else { words.to_owned() }
}

/// Every document against anything, and the claims that have both sides in the corpus.
fn sides(knowledge: &Knowledge, lab: &Lab) -> (BTreeSet<String>, BTreeMap<Claim, Sides>) {
    let held: BTreeSet<&str> = lab.heads().keys().map(|id| id.0.as_str()).collect();
    let (mut all, mut claims) = (BTreeSet::new(), BTreeMap::<Claim, Sides>::new());
    for statement in &knowledge.statements {
        let id = format!("civic:{}", statement.key.as_str());
        let Some(claim) = Claim::of(knowledge, statement).filter(|_| held.contains(id.as_str())) else {
            continue;
        };
        let sides = claims.entry(claim).or_default();
        match statement.bearing() {
            Bearing::For => drop(sides.for_.insert(id)),
            Bearing::Against | Bearing::AgainstWeaker => {
                all.insert(id.clone());
                sides.against.insert(id);
            }
            Bearing::Neutral | Bearing::SafetyOnly | Bearing::Context => {}
        }
    }
    claims.retain(|_, sides| !sides.for_.is_empty() && !sides.against.is_empty());
    (all, claims)
}

/// The row, and the reciprocal rank of each claim.
fn row(
    system: &str,
    contrary_words: bool,
    claims: &BTreeMap<Claim, Sides>,
    lists: &[List],
    all: &BTreeSet<String>,
) -> (ContraryRow, Vec<f64>) {
    let count = claims.len().max(1) as f64;
    let mut first_ranks = vec![];
    let (mut found, mut of_claim, mut of_any, mut above) = (0.0, 0.0, 0.0, 0.0);
    for (sides, list) in claims.values().zip(lists) {
        let order = ranked(list);
        let first = order.iter().position(|id| sides.against.contains(*id));
        first_ranks.push(first.map_or(0.0, |at| 1.0 / (at + 1) as f64));
        found += f64::from(u8::from(first.is_some_and(|at| at < TOP)));
        let share =
            |of: &BTreeSet<String>| order.iter().take(TOP).filter(|id| of.contains(**id)).count() as f64;
        of_claim += share(&sides.against) / TOP as f64;
        of_any += share(all) / TOP as f64;
        above += higher(&order, sides);
    }
    let row = ContraryRow {
        system: system.to_owned(),
        contrary_words,
        mrr: first_ranks.iter().sum::<f64>() / count,
        found_at_10: found / count,
        precision_at_10: of_claim / count,
        any_against_at_10: of_any / count,
        above_for: above / count,
        beside_bm25: None,
    };
    (row, first_ranks)
}

/// Share of the pairs in which the against document stands higher; what was not found stands last, two of those are level.
fn higher(order: &[&str], sides: &Sides) -> f64 {
    let place = |id: &String| order.iter().position(|other| other == id).unwrap_or(usize::MAX);
    let mut sum = 0.0;
    for against in sides.against.iter().map(place) {
        for for_ in sides.for_.iter().map(place) {
            sum += match against.cmp(&for_) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 0.0,
            };
        }
    }
    sum / (sides.against.len() * sides.for_.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::{Sides, higher};

    #[test]
    fn pairs_are_counted_over_both_sides() {
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let sides = Sides { for_: set(&["f1", "f2"]), against: set(&["a1", "a2"]) };
        assert_eq!(higher(&["a1", "f1", "a2", "x", "f2"], &sides), 0.75);
        assert_eq!(higher(&["a1", "f1"], &sides), (1.0 + 1.0 + 0.0 + 0.5) / 4.0);
        assert_eq!(higher(&[], &sides), 0.5);
    }
}
