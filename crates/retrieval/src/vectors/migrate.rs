//! How do points move from one store to another?

use super::{StoreError, VectorStore};
use concilium_models::Stop;

/// Copies every point of `from` into `to`, flushes, and compares the counts. `progress` hears points written and points
/// to write. A migration that was stopped or failed is run again from the start: writing a point twice changes nothing.
/// Returns the number of points.
///
/// # Errors
/// The stores have different dimensions, one of them failed, `stop` said so, or `to` holds another number of points
/// afterwards because it held others before ([`clear()`] empties it).
pub fn migrate(
    from: &dyn VectorStore,
    to: &dyn VectorStore,
    progress: &mut dyn FnMut(u64, u64),
    stop: Stop,
) -> Result<u64, StoreError> {
    if from.dimensions() != to.dimensions() {
        return Err(StoreError::WrongSize {
            store: to.name(),
            expected: to.dimensions(),
            found: from.dimensions(),
        });
    }
    let total = from.count()?;
    let mut done = 0;
    progress(done, total);
    from.scan(&mut |points| {
        if stop() {
            return Err(StoreError::Stopped { done });
        }
        to.upsert(&points)?;
        done += points.len() as u64;
        progress(done, total);
        Ok(())
    })?;
    to.flush()?;
    let found = to.count()?;
    if found == done && done == total {
        return Ok(done);
    }
    let what = format!(
        "holds {found} points after {done} of {total} were copied from {}; migrate into an empty store while nothing \
         is being indexed",
        from.name()
    );
    Err(StoreError::Failed { store: to.name(), what })
}

/// Takes every point out, document by document; gives how many documents there were.
///
/// # Errors
/// The store failed.
pub fn clear(store: &dyn VectorStore) -> Result<usize, StoreError> {
    let mut documents = std::collections::BTreeSet::new();
    store.scan(&mut |points| {
        documents.extend(points.into_iter().map(|point| point.key.document));
        Ok(())
    })?;
    let documents: Vec<_> = documents.into_iter().collect();
    store.remove(&documents)?;
    Ok(documents.len())
}
