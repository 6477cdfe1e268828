//! What does each step bring, beside BM25 alone?

use super::Result;
use super::lab::{Lab, System, by_unit, joined};
use super::sets::{Question, Task};
use crate::compare::{Comparison, compare};
use crate::metrics::{List, Measure, condensed};
use concilium_retrieval::fusion::{Fusion, Ranked};
use concilium_retrieval::lexical::Weights;
use serde::Serialize;

/// One set's table.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// Set.
    pub name: String,
    /// What is asked of what, and what to keep in mind.
    pub about: String,
    /// Questions.
    pub questions: usize,
    /// Documents in the corpus.
    pub documents: usize,
    /// Passages in the corpus.
    pub passages: usize,
    /// The best value of the first measure that can be reached, where it is not 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<f64>,
    /// Systems in order, BM25 alone first.
    pub rows: Vec<Row>,
}

/// One system.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// System.
    pub system: String,
    /// Measure and mean over the questions.
    pub values: Vec<(String, f64)>,
    /// The first measure beside BM25 alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside_bm25: Option<Comparison>,
}

/// Steps of the table with their names, each with what those before it have; legs that lack are left out.
pub(super) fn systems(all: bool, vectors: bool) -> Vec<(String, System)> {
    let weights = Weights::default();
    let words = |synonyms, weights| System::Words { synonyms, weights };
    let mut systems = vec![("BM25 alone", System::Plain)];
    if all {
        systems.push(("words by field", words(false, weights)));
        systems.push(("+ synonyms", words(true, Weights { narrower: 0.0, ..weights })));
    }
    systems.push((if all { "+ narrower diseases" } else { "words" }, words(true, weights)));
    if vectors && all {
        systems.push(("vectors alone", System::Vectors));
    }
    let mut systems: Vec<_> = systems.into_iter().map(|(name, system)| (name.to_owned(), system)).collect();
    let own = Fusion::default();
    let others = [
        Fusion::ReciprocalRank { k: 60.0, vector: 1.0 },
        Fusion::Convex { vector: 0.3 },
        Fusion::Convex { vector: 0.5 },
    ];
    let others = others.into_iter().filter(|fusion| all && *fusion != own);
    for fusion in std::iter::once(own).chain(others).filter(|_| vectors) {
        let whose = if fusion == own { " (the program's)" } else { "" };
        systems.push((format!("both, {}{whose}", fusion_name(fusion)), System::Both { weights, fusion }));
    }
    systems
}

/// `RRF 60, vectors 1`, `convex, vectors 0.3`.
pub(super) fn fusion_name(fusion: Fusion) -> String {
    match fusion {
        Fusion::ReciprocalRank { k, vector } => format!("RRF {k}, vectors {vector}"),
        Fusion::Convex { vector } => format!("convex, vectors {vector}"),
    }
}

/// One table.
///
/// # Errors
/// An index cannot be read, or the model failed.
pub fn measure(lab: &Lab, task: &Task, all: bool, seed: u64) -> Result<Table> {
    let mut rows: Vec<Row> = vec![];
    let mut base: Vec<f64> = vec![];
    let texts: Vec<&str> = task.questions.iter().map(|question| question.text.as_str()).collect();
    let mut legs = None;
    for (name, system) in systems(all, lab.has_vectors()) {
        let ranked: Vec<Ranked> = match system {
            System::Both { weights, fusion } => {
                // Asked once, joined in every way.
                let (words, near) = match legs.take() {
                    Some(legs) => legs,
                    None => lab.legs(weights, &texts)?,
                };
                let all = words.iter().zip(&near).map(|(words, near)| joined(fusion, words, near)).collect();
                legs = Some((words, near));
                all
            }
            _ => lab.ask(system, &texts, task.depth)?,
        };
        let lists: Vec<List> = ranked.iter().map(|ranked| by_unit(ranked, &task.units)).collect();
        let first = values(task.measures[0], &task.questions, &lists);
        if rows.is_empty() {
            base.clone_from(&first);
        }
        let pairs: Vec<(f64, f64)> = first.iter().copied().zip(base.iter().copied()).collect();
        let beside_bm25 = compare(&pairs, seed).filter(|_| !rows.is_empty());
        rows.push(Row { system: name, values: means(task, &lists), beside_bm25 });
    }
    let (documents, passages) = lab.size();
    Ok(Table {
        name: task.name.clone(),
        about: task.about.clone(),
        questions: task.questions.len(),
        documents,
        passages,
        ceiling: task.ceiling,
        rows,
    })
}

/// One value a question, in their order.
pub(super) fn values(measure: Measure, questions: &[Question], lists: &[List]) -> Vec<f64> {
    let pairs = questions.iter().zip(lists);
    pairs.map(|(question, list)| measure.of(&question.judged, list).unwrap_or(0.0)).collect()
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn means(task: &Task, lists: &[List]) -> Vec<(String, f64)> {
    let of = |measure: &Measure, lists: &[List]| mean(&values(*measure, &task.questions, lists));
    let mut found: Vec<(String, f64)> =
        task.measures.iter().map(|measure| (measure.name(), of(measure, lists))).collect();
    if task.condensed {
        let pairs = task.questions.iter().zip(lists);
        let lists: Vec<List> = pairs.map(|(question, list)| condensed(&question.judged, list)).collect();
        let chosen = task
            .measures
            .iter()
            .filter(|measure| matches!(measure, Measure::Ndcg(_) | Measure::Precision(5)));
        found.extend(chosen.map(|measure| (format!("{} condensed", measure.name()), of(measure, &lists))));
    }
    found
}
