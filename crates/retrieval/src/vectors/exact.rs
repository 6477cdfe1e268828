//! Which vectors are nearest, when every one of them is looked at?
//!
//! In memory, with one file on disk: no index, no approximation, the same answer everywhere. Enough for some hundred
//! thousand passages, and the oracle for stores that scale further.

mod file;
#[cfg(test)]
mod tests;

use super::{Near, Point, StoreError, VectorStore, unit};
use crate::filter::{Facets, Filter};
use concilium_evidence::passage::{DocumentId, PassageKey};
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Points handed to a visitor at once.
const BATCH: usize = 512;

/// The exact store.
pub struct Exact {
    dimensions: usize,
    file: Option<PathBuf>,
    rows: RwLock<Rows>,
}

/// One row a point, in no particular order.
#[derive(Default)]
struct Rows {
    /// `[row, dimension]`, each row at unit length.
    matrix: Vec<f32>,
    keys: Vec<PassageKey>,
    facets: Vec<Facets>,
    row_of: HashMap<PassageKey, usize>,
}

impl Exact {
    /// An empty store that lives as long as the program.
    pub fn in_memory(dimensions: usize) -> Exact {
        Exact { dimensions, file: None, rows: RwLock::default() }
    }

    /// The store in this file; without one, an empty store that [`VectorStore::flush`] writes there. What was not
    /// flushed is gone with the program.
    ///
    /// # Errors
    /// The file cannot be read, is damaged or cut short, or holds vectors of another length.
    pub fn open(path: &Path, dimensions: usize) -> Result<Exact, StoreError> {
        let rows = if path.exists() { file::read(path, dimensions)? } else { Rows::default() };
        Ok(Exact { dimensions, file: Some(path.to_owned()), rows: RwLock::new(rows) })
    }

    fn reading(&self) -> Result<RwLockReadGuard<'_, Rows>, StoreError> {
        self.rows.read().map_err(|_| self.broken())
    }

    fn writing(&self) -> Result<RwLockWriteGuard<'_, Rows>, StoreError> {
        self.rows.write().map_err(|_| self.broken())
    }

    fn broken(&self) -> StoreError {
        StoreError::Failed {
            store: self.name(),
            what: "a writer broke off in the middle; open the store again".into(),
        }
    }
}

impl Rows {
    fn row(&self, row: usize, dimensions: usize) -> &[f32] {
        &self.matrix[row * dimensions..(row + 1) * dimensions]
    }

    fn put(&mut self, key: &PassageKey, vector: &[f32], facets: &Facets) {
        match self.row_of.get(key) {
            Some(&row) => {
                self.matrix[row * vector.len()..(row + 1) * vector.len()].copy_from_slice(vector);
                self.facets[row] = facets.clone();
            }
            None => {
                self.row_of.insert(key.clone(), self.keys.len());
                self.matrix.extend_from_slice(vector);
                self.keys.push(key.clone());
                self.facets.push(facets.clone());
            }
        }
    }

    /// Keeps the rows that are wanted, in their order.
    fn retain(&mut self, dimensions: usize, wanted: impl Fn(&PassageKey) -> bool) {
        let mut kept = Rows::default();
        for (row, key) in self.keys.iter().enumerate().filter(|(_, key)| wanted(key)) {
            kept.put(key, self.row(row, dimensions), &self.facets[row]);
        }
        *self = kept;
    }
}

impl VectorStore for Exact {
    fn name(&self) -> String {
        match &self.file {
            Some(path) => format!("exact at {}", path.display()),
            None => "exact".into(),
        }
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn upsert(&self, points: &[Point]) -> Result<(), StoreError> {
        let name = self.name();
        let units = points.iter().map(|point| unit(&name, self.dimensions, &point.vector));
        let units = units.collect::<Result<Vec<_>, _>>()?;
        let mut rows = self.writing()?;
        points.iter().zip(&units).for_each(|(point, unit)| rows.put(&point.key, unit, &point.facets));
        Ok(())
    }

    fn remove(&self, documents: &[DocumentId]) -> Result<(), StoreError> {
        let gone: HashSet<&DocumentId> = documents.iter().collect();
        let mut rows = self.writing()?;
        if rows.keys.iter().any(|key| gone.contains(&key.document)) {
            rows.retain(self.dimensions, |key| !gone.contains(&key.document));
        }
        Ok(())
    }

    fn nearest(&self, query: &[f32], filter: &Filter, limit: usize) -> Result<Vec<Near>, StoreError> {
        let query = unit(&self.name(), self.dimensions, query)?;
        let rows = self.reading()?;
        let mut best = BinaryHeap::new();
        for (row, key) in rows.keys.iter().enumerate() {
            if limit == 0 || !filter.holds(&rows.facets[row]) {
                continue;
            }
            let found = Ranked { score: dot(&query, rows.row(row, self.dimensions)), key };
            if best.len() < limit {
                best.push(found);
            } else if best.peek().is_some_and(|worst| found < *worst) {
                best.pop();
                best.push(found);
            }
        }
        Ok(best
            .into_sorted_vec()
            .into_iter()
            .map(|found| Near { key: found.key.clone(), score: found.score })
            .collect())
    }

    fn count(&self) -> Result<u64, StoreError> {
        Ok(self.reading()?.keys.len() as u64)
    }

    fn scan(&self, visit: &mut dyn FnMut(Vec<Point>) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let rows = self.reading()?;
        for start in (0..rows.keys.len()).step_by(BATCH) {
            let batch = (start..rows.keys.len().min(start + BATCH)).map(|row| Point {
                key: rows.keys[row].clone(),
                vector: rows.row(row, self.dimensions).to_vec(),
                facets: rows.facets[row].clone(),
            });
            visit(batch.collect())?;
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        match &self.file {
            Some(path) => file::write(path, self.dimensions, &*self.reading()?),
            None => Ok(()),
        }
    }
}

/// A candidate; smaller is better, so that a heap keeps the worst on top.
struct Ranked<'a> {
    score: f32,
    key: &'a PassageKey,
}

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.key.cmp(other.key))
    }
}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked<'_> {}

/// Eight sums side by side, joined in a fixed order: the compiler may use wide registers and the result stays the same.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (lefts, rights) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest: f32 = lefts.remainder().iter().zip(rights.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0_f32; 8];
    for (a, b) in lefts.zip(rights) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    // Adding 0.0 makes −0.0 a 0.0, which ties would tell apart.
    sums.iter().sum::<f32>() + rest + 0.0
}
