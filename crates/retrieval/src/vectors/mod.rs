//! Where do the vectors lie, and which are nearest?
//!
//! One small trait. The exact store ([`exact`]) is enough for small corpora and the oracle for large ones; every store
//! keeps the laws in `contract`, and points move from one to another by [`migrate()`].

#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod exact;
mod migrate;

mod place;

pub use migrate::{clear, migrate};
pub use place::{Beams, OpenStore, Place, ServerPlace, StoreKind, Use};

use crate::filter::{Facets, Filter};
use concilium_evidence::passage::{DocumentId, PassageKey};
use rayon::prelude::*;
use std::cmp::Ordering;

/// One vector with what may be asked of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Passage it stands for.
    pub key: PassageKey,
    /// As many finite numbers as the store has dimensions. Cosine is the measure: stores may keep it at unit length.
    pub vector: Vec<f32>,
    /// Filterable values.
    pub facets: Facets,
}

/// What is asked of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// As long as the store's vectors.
    pub vector: Vec<f32>,
    /// Must hold.
    pub filter: Filter,
    /// At most so many.
    pub limit: usize,
}

/// A near passage.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// Passage.
    pub key: PassageKey,
    /// Cosine similarity, −1 to 1; 0 where a vector is all zeros.
    pub score: f32,
}

impl Near {
    /// Rounding may take a cosine past 1, and make a 0 that sorts below 0: neither gets in.
    pub fn new(key: PassageKey, cosine: f32) -> Near {
        Near { key, score: cosine.clamp(-1.0, 1.0) + 0.0 }
    }

    /// Best first; ties by key.
    pub fn order(&self, other: &Near) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.key.cmp(&other.key))
    }
}

/// The vector at unit length; one of zeros stays as it is.
///
/// # Errors
/// Another length than `dimensions`, or a number that is not finite.
pub fn unit(store: &str, dimensions: usize, vector: &[f32]) -> Result<Vec<f32>, StoreError> {
    if vector.len() != dimensions {
        return Err(StoreError::WrongSize { store: store.into(), expected: dimensions, found: vector.len() });
    }
    if let Some(at) = vector.iter().position(|number| !number.is_finite()) {
        let what = format!("number {at} of a vector is not finite; the model that made it is broken");
        return Err(StoreError::Failed { store: store.into(), what });
    }
    // In f64, so that neither very long nor very short vectors overflow.
    let length = vector.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt();
    if length == 0.0 {
        return Ok(vector.to_vec());
    }
    Ok(vector.iter().map(|&number| (f64::from(number) / length) as f32).collect())
}

/// A place for vectors. Writes become visible to searches that start after they return.
pub trait VectorStore: Send + Sync {
    /// For messages: `exact`, `qdrant-edge at …`, `qdrant at …`.
    fn name(&self) -> String;
    /// What kind of store this is, for the record of what it holds.
    fn kind(&self) -> StoreKind {
        StoreKind::Exact
    }
    /// Length of every vector.
    fn dimensions(&self) -> usize;
    /// Adds points, replacing those with the same key; of two with one key the later counts. Nothing is written when
    /// any of them is refused.
    ///
    /// # Errors
    /// A vector of another length or with numbers that are not finite, or the store failed.
    fn upsert(&self, points: &[Point]) -> Result<(), StoreError>;
    /// Removes every passage of these documents; unknown ones are no error.
    ///
    /// # Errors
    /// The store failed.
    fn remove(&self, documents: &[DocumentId]) -> Result<(), StoreError>;
    /// The `limit` nearest that meet the filter, best first; ties by key.
    ///
    /// # Errors
    /// A query of another length, or the store failed or did not answer in time.
    fn nearest(&self, query: &[f32], filter: &Filter, limit: usize) -> Result<Vec<Near>, StoreError>;
    /// The same for many questions, in their order; side by side where the store is in this process.
    ///
    /// # Errors
    /// As [`VectorStore::nearest`], for the first that fails.
    fn nearest_each(&self, questions: &[Question]) -> Result<Vec<Vec<Near>>, StoreError> {
        let one = |question: &Question| self.nearest(&question.vector, &question.filter, question.limit);
        match questions {
            // Another thread would only have to be woken.
            [only] => Ok(vec![one(only)?]),
            _ => questions.par_iter().map(one).collect(),
        }
    }
    /// How many points.
    ///
    /// # Errors
    /// The store failed.
    fn count(&self) -> Result<u64, StoreError>;
    /// Every point in batches, for migration and comparison; order is the store's own. `visit` must not write to this
    /// store.
    ///
    /// # Errors
    /// The store failed.
    fn scan(&self, visit: &mut dyn FnMut(Vec<Point>) -> Result<(), StoreError>) -> Result<(), StoreError>;
    /// Builds what makes searches fast and writes everything to disk.
    ///
    /// # Errors
    /// The store failed.
    fn flush(&self) -> Result<(), StoreError>;
    /// Has a snapshot written where the store lies; gives its name.
    ///
    /// # Errors
    /// The store has none to write, or failed.
    fn snapshot(&self) -> Result<String, StoreError> {
        let what = "writes no snapshots; copy its files while nothing is being indexed".to_owned();
        Err(StoreError::Failed { store: self.name(), what })
    }
}

/// What went wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A vector of the wrong length.
    #[error("{store}: a vector has {found} numbers, the store holds {expected}; was another model used?")]
    WrongSize {
        /// Store.
        store: String,
        /// Dimensions of the store.
        expected: usize,
        /// Length given.
        found: usize,
    },
    /// The store does not answer; lexical search goes on without it.
    #[error("{store} does not answer: {what}; search goes on without vectors")]
    Unreachable {
        /// Store.
        store: String,
        /// What happened.
        what: String,
    },
    /// The store answered with an error or its files are damaged.
    #[error("{store}: {what}")]
    Failed {
        /// Store.
        store: String,
        /// What happened, and what to do.
        what: String,
    },
    /// Asked to stop; what was written stays.
    #[error("stopped after {done} points; what was written stays, the same command goes on")]
    Stopped {
        /// Points written.
        done: u64,
    },
}
