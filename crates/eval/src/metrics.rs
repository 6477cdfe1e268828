//! How good is a ranking, given what people judged?
//!
//! The definitions are trec_eval's (version 9), topic by topic: documents are ordered by score, ties by id from last to
//! first; a document nobody judged counts as not relevant; a grade below 0 is a document of the pool that was not judged.
//! nDCG takes the grade itself as gain, as `ndcg_cut` and BEIR do; 2^grade − 1 has a name of its own. A topic without a
//! relevant document has no value; one the system gives no answer to counts 0 (`trec_eval -c`).

mod sampled;

pub use sampled::{Sample, Sampled, inf_ndcg};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Judgments of one topic: document and grade.
pub type Judged = BTreeMap<String, i32>;

/// Judgments by topic.
pub type Qrels = BTreeMap<String, Judged>;

/// What a system gave for one topic: document and score, each document once.
pub type List = Vec<(String, f64)>;

/// Lists by topic.
pub type Run = BTreeMap<String, List>;

/// A measure of one topic's ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Discounted cumulated gain at k over the best possible, gain = grade (`ndcg_cut`).
    Ndcg(usize),
    /// The same with gain = 2^grade − 1 (Burges 2005).
    NdcgExponential(usize),
    /// Relevant ones among the first k, over k.
    Precision(usize),
    /// Relevant ones among the first k, over all that are relevant.
    Recall(usize),
    /// One over the place of the first relevant one (`recip_rank`).
    ReciprocalRank,
    /// Mean of the precisions at each relevant one (`map`).
    AveragePrecision,
    /// How often a relevant one stands above judged ones that are not (`bpref`).
    Bpref,
}

impl Measure {
    /// As papers write it: `nDCG@10`.
    pub fn name(self) -> String {
        match self {
            Measure::Ndcg(k) => format!("nDCG@{k}"),
            Measure::NdcgExponential(k) => format!("nDCG-exp@{k}"),
            Measure::Precision(k) => format!("P@{k}"),
            Measure::Recall(k) => format!("R@{k}"),
            Measure::ReciprocalRank => "MRR".to_owned(),
            Measure::AveragePrecision => "MAP".to_owned(),
            Measure::Bpref => "bpref".to_owned(),
        }
    }

    /// Of one topic, 0 to 1; `None` where nothing is judged relevant.
    pub fn of(self, judged: &Judged, list: &List) -> Option<f64> {
        let relevant = judged.values().filter(|grade| 0 < **grade).count();
        let grades: Vec<Option<i32>> =
            ranked(list).into_iter().map(|document| judged.get(document).copied()).collect();
        let met = |k: usize| grades.iter().take(k).filter(|grade| is_relevant(**grade)).count() as f64;
        (0 < relevant).then(|| match self {
            Measure::Ndcg(k) => ndcg(judged, &grades, k, |grade| f64::from(grade.max(0))),
            Measure::NdcgExponential(k) => {
                ndcg(judged, &grades, k, |grade| f64::from(grade.max(0)).exp2() - 1.0)
            }
            Measure::Precision(k) => met(k) / k.max(1) as f64,
            Measure::Recall(k) => met(k) / relevant as f64,
            Measure::ReciprocalRank => {
                grades.iter().position(|grade| is_relevant(*grade)).map_or(0.0, |at| 1.0 / (at + 1) as f64)
            }
            Measure::AveragePrecision => average_precision(&grades, relevant),
            Measure::Bpref => bpref(judged, &grades, relevant),
        })
    }
}

/// Documents best first: by score, ties by id from last to first, as trec_eval does.
pub fn ranked(list: &List) -> Vec<&str> {
    let mut order: Vec<&(String, f64)> = list.iter().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| b.0.cmp(&a.0)));
    order.into_iter().map(|(document, _)| document.as_str()).collect()
}

/// Only what was judged, in its order: how good is the order, whatever else is in the corpus?
pub fn condensed(judged: &Judged, list: &List) -> List {
    list.iter()
        .filter(|(document, _)| judged.get(document).is_some_and(|grade| 0 <= *grade))
        .cloned()
        .collect()
}

/// A measure of every topic that has a relevant document; 0 where the run has no answer.
pub fn by_topic(measure: Measure, qrels: &Qrels, run: &Run) -> BTreeMap<String, f64> {
    let nothing = List::new();
    let one = |(topic, judged): (&String, &Judged)| {
        Some((topic.clone(), measure.of(judged, run.get(topic).unwrap_or(&nothing))?))
    };
    qrels.iter().filter_map(one).collect()
}

/// Mean over topics; `None` of none.
pub fn mean(values: &BTreeMap<String, f64>) -> Option<f64> {
    (!values.is_empty()).then(|| values.values().sum::<f64>() / values.len() as f64)
}

fn is_relevant(grade: Option<i32>) -> bool {
    grade.is_some_and(|grade| 0 < grade)
}

/// What a gain at a place counts, places from 0.
fn discounted(gain: f64, place: usize) -> f64 {
    gain / (place as f64 + 2.0).log2()
}

fn ndcg(judged: &Judged, grades: &[Option<i32>], k: usize, gain: impl Fn(i32) -> f64) -> f64 {
    let sum = |grades: &mut dyn Iterator<Item = i32>| -> f64 {
        grades.take(k).enumerate().map(|(place, grade)| discounted(gain(grade), place)).sum()
    };
    let mut best: Vec<i32> = judged.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let ideal = sum(&mut best.into_iter());
    if ideal == 0.0 { 0.0 } else { sum(&mut grades.iter().map(|grade| grade.unwrap_or(0))) / ideal }
}

fn average_precision(grades: &[Option<i32>], relevant: usize) -> f64 {
    let mut met = 0;
    let mut sum = 0.0;
    for (place, _) in grades.iter().enumerate().filter(|(_, grade)| is_relevant(**grade)) {
        met += 1;
        sum += f64::from(met) / (place + 1) as f64;
    }
    sum / relevant as f64
}

fn bpref(judged: &Judged, grades: &[Option<i32>], relevant: usize) -> f64 {
    let others = judged.values().filter(|grade| **grade == 0).count();
    let least = relevant.min(others) as f64;
    let (mut above, mut sum) = (0, 0.0);
    for grade in grades.iter().flatten() {
        match *grade {
            0 => above += 1,
            1.. if above == 0 => sum += 1.0,
            1.. => sum += 1.0 - above.min(relevant) as f64 / least,
            _ => {}
        }
    }
    sum / relevant as f64
}

#[cfg(test)]
mod tests;
