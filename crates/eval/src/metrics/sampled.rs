//! How good is a ranking when only a sample of the pool was judged?
//!
//! infNDCG after Yilmaz, Kanoulas, Aslam, "A simple and efficient sampling method for estimating AP and NDCG", SIGIR 2008,
//! as TREC's `sample_eval.pl` computes it: each stratum of the pool was sampled at a rate of its own, so that the mean gain
//! of the judged documents of a stratum that were retrieved stands for all of its retrieved documents, and the judged ones
//! of each grade stand for as many as their stratum's rate says in the best possible list. An estimate: with few samples
//! it may pass 1. Where everything was judged it is nDCG over the whole list.

use super::{List, ranked};
use std::collections::BTreeMap;

/// A document of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Stratum of the pool it was drawn from.
    pub stratum: String,
    /// Grade; `None` = in the pool, not drawn for judging.
    pub grade: Option<u32>,
}

/// The pool of one topic by document.
pub type Sampled = BTreeMap<String, Sample>;

/// Results beyond this place count for nothing, as in TREC.
const LONGEST: usize = 1000;

/// What is counted of one stratum.
#[derive(Default)]
struct Stratum {
    documents: usize,
    judged: usize,
    gain: f64,
}

/// Estimated nDCG of one topic, gain = grade; `None` where no judged document is relevant.
pub fn inf_ndcg(pool: &Sampled, list: &List) -> Option<f64> {
    let ideal = ideal(pool);
    let mut met: BTreeMap<&str, Stratum> = BTreeMap::new();
    for (place, document) in ranked(list).into_iter().take(LONGEST).enumerate() {
        let Some(sample) = pool.get(document) else { continue };
        let stratum = met.entry(&sample.stratum).or_default();
        stratum.documents += 1;
        if let Some(grade) = sample.grade {
            stratum.judged += 1;
            stratum.gain += super::discounted(f64::from(grade), place);
        }
    }
    let judged = met.values().filter(|stratum| 0 < stratum.judged);
    let found: f64 =
        judged.map(|stratum| stratum.documents as f64 * stratum.gain / stratum.judged as f64).sum();
    (0.0 < ideal).then(|| found / ideal)
}

/// The estimated best list: of each grade as many as the strata's rates say. Where a count is no whole number the next
/// grade goes on from there, as in `sample_eval.pl`.
fn ideal(pool: &Sampled) -> f64 {
    let mut strata: BTreeMap<&str, Stratum> = BTreeMap::new();
    for sample in pool.values() {
        let stratum = strata.entry(&sample.stratum).or_default();
        stratum.documents += 1;
        stratum.judged += usize::from(sample.grade.is_some());
    }
    let mut of_grade: BTreeMap<u32, f64> = BTreeMap::new();
    for sample in pool.values() {
        if let (Some(grade @ 1..), Some(stratum)) = (sample.grade, strata.get(sample.stratum.as_str())) {
            *of_grade.entry(grade).or_default() += stratum.documents as f64 / stratum.judged as f64;
        }
    }
    let (mut sum, mut start) = (0.0, 0.0);
    for (grade, count) in of_grade.into_iter().rev() {
        let mut place: f64 = start + 1.0;
        while place <= start + count && place <= LONGEST as f64 {
            sum += f64::from(grade) / (place + 1.0).log2();
            place += 1.0;
        }
        start += count;
    }
    sum
}
