//! Which weights are best on one half of the questions, and do they hold on the other?
//!
//! Each set is cut into two halves by a seed, questions that ask the same in one. On the development halves every weight
//! is tried in turn, the others held, twice round; then every fusion, weights as they are. What is best there, by the mean
//! over the sets of each set's first measure, is measured on the test halves beside what the program does now. Defaults
//! change only by hand, and only where the test halves say so.

use super::Result;
use super::ablation::{mean, values};
use super::lab::{Lab, System, by_unit, joined};
use super::sets::{Question, Task};
use crate::compare::{Comparison, compare, drawn, halves};
use crate::metrics::List;
use concilium_retrieval::fusion::{Fusion, Ranked};
use concilium_retrieval::lexical::Weights;
use serde::Serialize;

/// Questions of a development half at most, drawn by the seed: all of them are asked for every value that is tried.
const MOST_TRIED: usize = 120;
/// Questions of a test half at most, drawn by the seed.
const MOST_TESTED: usize = 400;
/// Passages looked at: enough for the first ten documents.
const DEPTH: usize = 50;
/// Rounds over all weights.
const ROUNDS: usize = 2;

/// What tuning came to.
#[derive(Clone, Debug, Serialize)]
pub struct Tuned {
    /// As they are.
    pub now: Weights,
    /// Best on the development halves.
    pub weights: Weights,
    /// Fusion as it is.
    pub fusion_now: Fusion,
    /// Best fusion on the development halves, weights as they are; none without vectors.
    pub fusion: Option<Fusion>,
    /// Sets, words first, then both legs.
    pub rows: Vec<TunedRow>,
}

/// One set.
#[derive(Clone, Debug, Serialize)]
pub struct TunedRow {
    /// Set.
    pub set: String,
    /// `words`, `words and vectors`.
    pub legs: &'static str,
    /// Measure.
    pub measure: String,
    /// Questions of the development half and of the test half that were asked.
    pub questions: (usize, usize),
    /// As it is and tuned, on the development half.
    pub on_development: (f64, f64),
    /// As it is and tuned, on the test half.
    pub on_test: (f64, f64),
    /// Tuned beside as it is, on the test half.
    pub beside_now: Option<Comparison>,
}

/// One set in halves.
struct Halves<'h> {
    lab: &'h Lab<'h>,
    task: &'h Task,
    development: Vec<Question>,
    test: Vec<Question>,
}

/// Every weight with the values that are tried.
type Knob = (fn(&mut Weights, f32), &'static [f32]);

const KNOBS: [Knob; 5] = [
    (|weights, value| weights.title = value, &[0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0]),
    (|weights, value| weights.entities = value, &[0.0, 0.25, 0.5, 1.0, 1.5, 2.0]),
    (|weights, value| weights.narrower = value, &[0.0, 0.1, 0.2, 0.3, 0.5, 0.8]),
    (|weights, value| weights.tie_breaker = value, &[0.0, 0.1, 0.2, 0.3, 0.5, 0.7]),
    (|weights, value| weights.minimum = value, &[0.0, 0.2, 0.34, 0.5]),
];

/// Fusions that are tried.
fn fusions() -> Vec<Fusion> {
    let ranks = [20.0, 60.0, 100.0]
        .into_iter()
        .flat_map(|k| [0.1, 0.25, 0.5, 0.75, 1.0, 1.5].map(|vector| Fusion::ReciprocalRank { k, vector }));
    let convex = (1..=9).map(|tenth: u8| Fusion::Convex { vector: f32::from(tenth) / 10.0 });
    ranks.chain(convex).collect()
}

/// Tunes on all sets together.
///
/// # Errors
/// An index cannot be read, or the model failed.
pub fn tune(asked: &[(Lab, Vec<Task>)], seed: u64, say: &mut dyn FnMut(&str)) -> Result<Tuned> {
    let sets: Vec<Halves> = asked
        .iter()
        .flat_map(|(lab, tasks)| tasks.iter().filter(|task| 0.0 < task.share).map(move |task| (lab, task)))
        .map(|(lab, task)| {
            let (development, test) = halves(task.questions.clone(), seed, |question| &question.group);
            let (development, test) = (some(development, MOST_TRIED, seed), some(test, MOST_TESTED, seed));
            Halves { lab, task, development, test }
        })
        .collect();
    let now = Weights::default();
    let weights = best_weights(&sets, now, say)?;
    let mut rows = vec![];
    for set in &sets {
        let words = |weights, questions: &[Question]| by_words(set, weights, questions);
        rows.push(row(set, "words", seed, &|questions| words(now, questions), &|questions| {
            words(weights, questions)
        })?);
    }
    let fusion_now = Fusion::default();
    let with_vectors = !sets.is_empty() && sets.iter().all(|set| set.lab.has_vectors());
    let fusion = if with_vectors { Some(best_fusion(&sets, now, say)?) } else { None };
    if let Some(fusion) = fusion {
        for set in &sets {
            let both = |weights, fusion, questions: &[Question]| by_both(set, weights, fusion, questions);
            rows.push(row(
                set,
                "words and vectors",
                seed,
                &|questions| both(now, fusion_now, questions),
                &|questions| both(now, fusion, questions),
            )?);
        }
    }
    Ok(Tuned { now, weights, fusion_now, fusion, rows })
}

fn some(mut questions: Vec<Question>, most: usize, seed: u64) -> Vec<Question> {
    questions.sort_by_cached_key(|question| (drawn(&question.id, seed), question.id.clone()));
    questions.truncate(most);
    questions
}

/// Mean over the sets.
fn shared(sets: &[Halves], means: &[f64]) -> f64 {
    let shares: f64 = sets.iter().map(|set| set.task.share).sum();
    sets.iter().zip(means).map(|(set, mean)| set.task.share * mean).sum::<f64>()
        / shares.max(f64::MIN_POSITIVE)
}

fn best_weights(sets: &[Halves], now: Weights, say: &mut dyn FnMut(&str)) -> Result<Weights> {
    let score = |weights: Weights| -> Result<f64> {
        let means: Result<Vec<f64>> =
            sets.iter().map(|set| Ok(mean(&by_words(set, weights, &set.development)?))).collect();
        Ok(shared(sets, &means?))
    };
    let (mut best, mut reached) = (now, score(now)?);
    for round in 1..=ROUNDS {
        let before = best;
        for (set, tried) in KNOBS {
            for value in tried {
                let mut weights = best;
                set(&mut weights, *value);
                if weights == best {
                    continue;
                }
                let found = score(weights)?;
                if reached + 1e-9 < found {
                    (best, reached) = (weights, found);
                }
            }
        }
        say(&format!("weights, round {round}: {reached:.4} with {best:?}"));
        if best == before {
            break;
        }
    }
    Ok(best)
}

fn best_fusion(sets: &[Halves], weights: Weights, say: &mut dyn FnMut(&str)) -> Result<Fusion> {
    // Legs are asked once, then joined in every way.
    let mut legs = vec![];
    for set in sets {
        legs.push(set.lab.legs(weights, &texts(&set.development))?);
    }
    let score = |fusion: Fusion| {
        let means = sets.iter().zip(&legs).map(|(set, (words, near))| {
            let joined: Vec<Ranked> = words.iter().zip(near).map(|(w, n)| joined(fusion, w, n)).collect();
            mean(&measured(set, &set.development, &joined))
        });
        shared(sets, &means.collect::<Vec<f64>>())
    };
    let (mut best, mut reached) = (Fusion::default(), score(Fusion::default()));
    for fusion in fusions() {
        let found = score(fusion);
        if reached + 1e-9 < found {
            (best, reached) = (fusion, found);
        }
    }
    say(&format!("fusion: {reached:.4} with {best:?}"));
    Ok(best)
}

fn texts(questions: &[Question]) -> Vec<&str> {
    questions.iter().map(|question| question.text.as_str()).collect()
}

fn by_words(set: &Halves, weights: Weights, questions: &[Question]) -> Result<Vec<f64>> {
    let system = System::Words { synonyms: true, weights };
    Ok(measured(set, questions, &set.lab.ask(system, &texts(questions), DEPTH)?))
}

fn by_both(set: &Halves, weights: Weights, fusion: Fusion, questions: &[Question]) -> Result<Vec<f64>> {
    let system = System::Both { weights, fusion };
    Ok(measured(set, questions, &set.lab.ask(system, &texts(questions), DEPTH)?))
}

fn measured(set: &Halves, questions: &[Question], found: &[Ranked]) -> Vec<f64> {
    let lists: Vec<List> = found.iter().map(|ranked| by_unit(ranked, &set.task.units)).collect();
    values(set.task.measures[0], questions, &lists)
}

type Ask<'a> = &'a dyn Fn(&[Question]) -> Result<Vec<f64>>;

fn row(set: &Halves, legs: &'static str, seed: u64, now: Ask, tuned: Ask) -> Result<TunedRow> {
    let both = |questions: &[Question]| Ok::<_, super::EvalError>((now(questions)?, tuned(questions)?));
    let (development, test) = (both(&set.development)?, both(&set.test)?);
    let pairs: Vec<(f64, f64)> = test.1.iter().copied().zip(test.0.iter().copied()).collect();
    Ok(TunedRow {
        set: set.task.name.clone(),
        legs,
        measure: set.task.measures[0].name(),
        questions: (set.development.len(), set.test.len()),
        on_development: (mean(&development.0), mean(&development.1)),
        on_test: (mean(&test.0), mean(&test.1)),
        beside_now: compare(&pairs, seed),
    })
}
