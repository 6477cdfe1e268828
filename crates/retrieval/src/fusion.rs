//! Two lists, one order: how are legs joined so that a hit can still explain itself?
//!
//! Weighted reciprocal ranks need no tuning; the convex combination of min-max-normalised scores is better where its
//! weight was tuned on labels, and says so in [`Fusion`].

use concilium_evidence::passage::{DocumentId, PassageKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A way of finding passages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leg {
    /// Words.
    Lexical,
    /// Vectors.
    Vector,
}

/// What one leg says of a passage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LegScore {
    /// Leg.
    pub leg: Leg,
    /// The leg's own score: BM25, cosine.
    pub score: f32,
    /// 1-based place in the leg's list.
    pub rank: usize,
    /// What it adds to the fused score.
    pub share: f32,
}

/// A passage with its fused score and what each leg said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fused {
    /// Passage.
    pub key: PassageKey,
    /// Sum of the shares; comparable within one answer only.
    pub score: f32,
    /// By leg, in the order of [`Leg`].
    pub legs: Vec<LegScore>,
}

/// How legs are joined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fusion {
    /// Σ weight / (k + rank); needs no tuning, with k = 60 (Cormack, Clarke, Büttcher, SIGIR 2009).
    ReciprocalRank {
        /// Damps the top ranks.
        k: f32,
        /// Weight of the vector leg; the lexical leg has 1.
        vector: f32,
    },
    /// (1 − vector) · lexical + vector · cosine, each min-max-normalised over its own list.
    Convex {
        /// Weight of the vector leg, 0 to 1; tuned on development labels, named in BENCHMARKS.md.
        vector: f32,
    },
}

impl Default for Fusion {
    /// Tuned with all-MiniLM-L6-v2 on development halves of TREC PM 2017 on CIViC, BioASQ oncology and known items in
    /// CIViC, seed 1 (`eval retrieval --tune`). On the test halves known items gain over reciprocal ranks (p 0.0001), the
    /// others stay level; see BENCHMARKS.md. Another model asks for another weight.
    fn default() -> Fusion {
        Fusion::Convex { vector: 0.3 }
    }
}

/// One leg's list, best first.
pub type Ranked = Vec<(PassageKey, f32)>;

/// Joins the legs; ties by key. A leg that found nothing adds nothing.
pub fn fuse(fusion: Fusion, lexical: &Ranked, vector: &Ranked) -> Vec<Fused> {
    let mut by_key: BTreeMap<&PassageKey, Vec<LegScore>> = BTreeMap::new();
    for (leg, list) in [(Leg::Lexical, lexical), (Leg::Vector, vector)] {
        let (low, high) = bounds(list);
        for (at, (key, score)) in list.iter().enumerate() {
            let share = share(fusion, leg, at + 1, *score, low, high);
            by_key.entry(key).or_default().push(LegScore { leg, score: *score, rank: at + 1, share });
        }
    }
    let mut fused: Vec<Fused> = by_key
        .into_iter()
        .map(|(key, legs)| Fused { key: key.clone(), score: legs.iter().map(|leg| leg.share).sum(), legs })
        .collect();
    fused.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.key.cmp(&b.key)));
    fused
}

fn bounds(list: &Ranked) -> (f32, f32) {
    let scores = || list.iter().map(|(_, score)| *score);
    (scores().fold(f32::INFINITY, f32::min), scores().fold(f32::NEG_INFINITY, f32::max))
}

fn share(fusion: Fusion, leg: Leg, rank: usize, score: f32, low: f32, high: f32) -> f32 {
    match fusion {
        Fusion::ReciprocalRank { k, vector } => {
            let weight = if leg == Leg::Vector { vector } else { 1.0 };
            #[expect(clippy::cast_precision_loss, reason = "ranks are far below 2^24")]
            let rank = rank as f32;
            weight / (k + rank)
        }
        Fusion::Convex { vector } => {
            let weight = if leg == Leg::Vector { vector } else { 1.0 - vector };
            // One passage, or all alike: each is as good as the best of its list.
            let normal = if low < high { (score - low) / (high - low) } else { 1.0 };
            weight * normal
        }
    }
}

/// Keeps at most `per_document` passages of one document, in order.
pub fn diverse(fused: Vec<Fused>, per_document: usize) -> Vec<Fused> {
    let mut seen: BTreeMap<DocumentId, usize> = BTreeMap::new();
    fused
        .into_iter()
        .filter(|hit| {
            let count = seen.entry(hit.key.document.clone()).or_default();
            *count += 1;
            *count <= per_document
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> PassageKey {
        PassageKey { document: DocumentId(name.into()), text_hash: String::new(), start: 0, end: 1 }
    }

    fn list(names: &[(&str, f32)]) -> Ranked {
        names.iter().map(|(name, score)| (key(name), *score)).collect()
    }

    #[track_caller]
    fn check(fusion: Fusion, lexical: &[(&str, f32)], vector: &[(&str, f32)], expected: &[&str]) {
        let fused = fuse(fusion, &list(lexical), &list(vector));
        let found: Vec<&str> = fused.iter().map(|hit| hit.key.document.0.as_str()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_both_legs_find_stands_first() {
        let rrf = Fusion::ReciprocalRank { k: 60.0, vector: 1.0 };
        check(rrf, &[("a", 9.0), ("b", 8.0)], &[("b", 0.9), ("c", 0.8)], &["b", "a", "c"]);
        check(rrf, &[], &[("c", 0.8)], &["c"]);
        check(rrf, &[("b", 1.0), ("a", 1.0)], &[], &["b", "a"]);
        check(rrf, &[("b", 1.0)], &[("a", 0.1)], &["a", "b"]);
    }

    #[test]
    fn a_leg_of_no_weight_decides_nothing() {
        let lexical = [("a", 3.0), ("b", 2.0), ("c", 1.0)];
        check(Fusion::Convex { vector: 0.0 }, &lexical, &[("c", 1.0), ("b", 0.5)], &["a", "b", "c"]);
        check(Fusion::Convex { vector: 1.0 }, &lexical, &[("c", 1.0), ("b", 0.5)], &["c", "a", "b"]);
    }

    #[test]
    fn one_document_does_not_fill_the_list() {
        let of = |document: &str, start| Fused {
            key: PassageKey {
                document: DocumentId(document.into()),
                text_hash: String::new(),
                start,
                end: 9,
            },
            score: 1.0,
            legs: vec![],
        };
        let kept = diverse(vec![of("a", 0), of("a", 1), of("b", 0), of("a", 2)], 2);
        let starts: Vec<(String, usize)> =
            kept.into_iter().map(|h| (h.key.document.0, h.key.start)).collect();
        assert_eq!(starts, [("a".into(), 0), ("a".into(), 1), ("b".into(), 0)]);
    }
}
