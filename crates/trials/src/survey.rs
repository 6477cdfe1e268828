//! How much of what trials ask is logic, and which criteria are to be judged by hand? Over files, nothing stored; every
//! draw is by a seed and the same on every machine.

use crate::model::Trial;
use crate::read::{Item, ReadError, read_file};
use crate::store::Counts;
use crate::text::Reader;
use concilium_criteria::eligibility::{Ask, Coverage, Criterion, TextSpan};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Shares over many trials.
#[derive(Debug, Default, Serialize)]
pub struct Statistics {
    /// Trials with a text.
    pub trials: usize,
    /// Criteria by how much of them is logic.
    pub criteria: Counts,
    /// Criteria without a part that is not computable: by facts, by a person, or by both.
    pub read_whole: u64,
    /// Reasons of what is not computable, most frequent first.
    pub reasons: Vec<(String, usize)>,
    /// Records that could not be read.
    pub refused: usize,
}

impl Statistics {
    /// Counts over trials.
    pub fn of(trials: &[Trial], refused: usize) -> Statistics {
        let mut found = Statistics { trials: trials.len(), refused, ..Statistics::default() };
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for trial in trials {
            found.criteria = found.criteria.plus(Counts::of(trial));
            for criterion in &trial.criteria {
                let mut whys: Vec<&str> = opaque(criterion).collect();
                found.read_whole += u64::from(whys.is_empty() && criterion.expr.coverage() != Coverage::Not);
                whys.sort_unstable();
                whys.into_iter().for_each(|why| *reasons.entry(why.to_owned()).or_default() += 1);
            }
        }
        found.reasons = reasons.into_iter().collect();
        found.reasons.sort_by_key(|(why, count)| (std::cmp::Reverse(*count), why.clone()));
        found
    }
}

fn opaque(criterion: &Criterion) -> impl Iterator<Item = &str> {
    criterion.expr.asks().into_iter().filter_map(|ask| match ask {
        Ask::NotComputable { why } => Some(why.as_str()),
        _ => None,
    })
}

/// Which trials of many.
#[derive(Debug, Default)]
pub struct Chosen {
    /// Words of conditions, lower case; empty = all.
    pub words: Vec<String>,
    /// How many; 0 = all.
    pub sample: usize,
    /// Seed of the draw.
    pub seed: u64,
}

impl Chosen {
    /// The oncology filter the evaluations use, said wherever it is used.
    pub const ONCOLOGY: [&'static str; 9] = [
        "cancer",
        "carcinoma",
        "tumor",
        "lymphoma",
        "leukemia",
        "melanoma",
        "myeloma",
        "sarcoma",
        "neoplasm",
    ];

    /// Those that are chosen, by id.
    pub fn of(&self, mut trials: Vec<Trial>) -> Vec<Trial> {
        let fits = |trial: &Trial| {
            let conditions = trial.conditions.join(" ").to_lowercase();
            self.words.is_empty() || self.words.iter().any(|word| conditions.contains(word))
        };
        trials.retain(fits);
        if self.sample == 0 || trials.len() <= self.sample {
            return trials;
        }
        trials.sort_by_cached_key(|trial| place(self.seed, &trial.id));
        trials.truncate(self.sample);
        trials.sort_by(|a, b| a.id.cmp(&b.id));
        trials
    }
}

/// The order of a hash of seed and name: the same on every machine.
fn place(seed: u64, name: &str) -> u64 {
    format!("{seed} {name}")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        .rotate_left(17)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Reads files without storing anything; of trials with one id the first counts. How many records could not be read
/// comes with them.
///
/// # Errors
/// A file cannot be read, or is none of the shapes.
pub fn trials<P: AsRef<Path>>(files: &[P], reader: &Reader) -> Result<(Vec<Trial>, usize), ReadError> {
    let mut found: BTreeMap<String, Trial> = BTreeMap::new();
    let mut refused = 0;
    for file in files {
        read_file(file.as_ref(), reader, &mut |item| match item {
            Item::Trial(trial) => {
                found.entry(trial.id.clone()).or_insert(*trial);
            }
            Item::Refused(_) => refused += 1,
        })?;
    }
    Ok((found.into_values().collect(), refused))
}

/// A criterion of the draw.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'t> {
    /// Its trial.
    pub trial: &'t Trial,
    /// It.
    pub criterion: &'t Criterion,
    /// Its bytes.
    pub span: TextSpan,
}

/// So many computed criteria with a place in a text, drawn by a seed, in the order of their trials.
pub fn draw(trials: &[Trial], many: usize, seed: u64) -> Vec<Drawn<'_>> {
    let mut all: Vec<Drawn> = trials
        .iter()
        .flat_map(|trial| trial.criteria.iter().map(move |criterion| (trial, criterion)))
        .filter(|(_, criterion)| criterion.expr.coverage() == Coverage::Computed)
        .filter_map(|(trial, criterion)| Some(Drawn { trial, criterion, span: criterion.span? }))
        .collect();
    all.sort_by_cached_key(|drawn| place(seed, &format!("{} {}", drawn.trial.id, drawn.span.start)));
    all.truncate(many);
    all.sort_by(|a, b| (&a.trial.id, a.span).cmp(&(&b.trial.id, b.span)));
    all
}
