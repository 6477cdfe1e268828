//! Where do the vectors lie, and which are nearest?
//!
//! One small trait; the exact store here is the oracle every other store is held against.

use crate::filter::{Facets, Filter};
use concilium_evidence::passage::{DocumentId, PassageKey};

/// One vector with what may be asked of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Passage it stands for.
    pub key: PassageKey,
    /// As many numbers as the store has dimensions; cosine is the measure, length does not matter.
    pub vector: Vec<f32>,
    /// Filterable values.
    pub facets: Facets,
}

/// A near passage.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// Passage.
    pub key: PassageKey,
    /// Cosine similarity, −1 to 1.
    pub score: f32,
}

/// A place for vectors. Writes become visible to searches that start after they return.
pub trait VectorStore: Send + Sync {
    /// For messages: `exact`, `qdrant-edge at …`, `qdrant at …`.
    fn name(&self) -> String;
    /// Length of every vector.
    fn dimensions(&self) -> usize;
    /// Adds points, replacing those with the same key. All or nothing a call.
    ///
    /// # Errors
    /// A vector of another length, or the store failed.
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
    /// How many points.
    ///
    /// # Errors
    /// The store failed.
    fn count(&self) -> Result<u64, StoreError>;
    /// Every point in batches, for migration and comparison; order is the store's own.
    ///
    /// # Errors
    /// The store failed.
    fn scan(&self, visit: &mut dyn FnMut(Vec<Point>) -> Result<(), StoreError>) -> Result<(), StoreError>;
    /// Builds what makes searches fast and writes everything to disk.
    ///
    /// # Errors
    /// The store failed.
    fn flush(&self) -> Result<(), StoreError>;
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
}
