//! How do vectors lie in a folder and stay fast to search?
//!
//! qdrant-edge: the engine of the Qdrant server in this process. Traps of 0.7.2 this module lives with:
//! - its journal is written and never replayed nor cut: what was not flushed may be gone with the program, and a folder
//!   that is written to for long grows; migrating into a fresh folder makes it small again;
//! - its graph is built by several threads in no fixed order, so that two builds may differ in what they miss;
//! - `flush` panics on a full disk or while another thread writes; here writers take turns, and a panic is an error.
//!   Dropping flushes too: close before the folder is deleted.

use crate::shape::{self, Asked, Condition, Indexed, KEY, VECTOR};
use concilium_evidence::passage::{DocumentId, PassageKey};
use concilium_retrieval::Filter;
use concilium_retrieval::vectors::{Near, Point, StoreError, StoreKind, VectorStore, unit};
use qdrant_edge::{
    CountRequest, CreateIndex, Distance, EdgeConfig, EdgeConfigBuilder, EdgeOptimizersConfig, EdgeShard,
    EdgeVectorParamsBuilder, FieldIndexOperations, HnswIndexConfig, NamedQuery, Payload, PayloadFieldSchema,
    PayloadSchemaType, PointId, PointInsertOperations, PointOperations, PointStructPersisted,
    QuantizationConfig, QuantizationSearchParams, QueryEnum, ScrollRequest, SearchParams, SearchRequest,
    UpdateOperation, VectorInternal, VectorPersisted, VectorStructInternal, VectorStructPersisted,
    WithPayloadInterface, WithVector,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Points written or read at once.
const BATCH: usize = 512;
/// Documents named in one condition.
const DOCUMENTS: usize = 1_000;
/// Keys of points remembered at most, of some 100 bytes each.
const REMEMBERED: usize = 65_536;

/// How a folder is laid out and searched. All but `dimensions` may change between openings; the next flush rebuilds.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Length of every vector.
    pub dimensions: usize,
    /// Search in eight-bit copies and score the best again with the full vectors: a quarter of the memory, and faster.
    pub quantize: bool,
    /// Links a point in the graph.
    pub links: usize,
    /// Candidates kept while the graph is built.
    pub build_beam: usize,
    /// Candidates kept while it is searched.
    pub search_beam: usize,
    /// Below this size of vectors, in kB, a scan is faster than a graph and none is built or used.
    pub scan_below_kb: usize,
}

impl Settings {
    /// Eight bits with rescoring, 16 links, beams of 100 and 128: recall@10 of 1.000 at 20,000 × 384 in the measurements
    /// the design rests on.
    pub fn new(dimensions: usize) -> Settings {
        Settings {
            dimensions,
            quantize: true,
            links: 16,
            build_beam: 100,
            search_beam: 128,
            scan_below_kb: 10_000,
        }
    }
}

/// Vectors in a folder. One program at a time may open it.
pub struct Edge {
    folder: PathBuf,
    settings: Settings,
    shard: EdgeShard,
    /// Held by whoever writes: the engine's own flush gives up with a panic when it meets a writer.
    writer: Mutex<()>,
    /// Keys of points that were found before.
    keys: Mutex<HashMap<PointId, PassageKey>>,
}

impl Edge {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// It holds vectors of another length, is in use by another program, cannot be written, or is damaged.
    pub fn open(folder: &Path, settings: &Settings) -> Result<Edge, StoreError> {
        let name = name(folder);
        let failed = |what: String| StoreError::Failed { store: name.clone(), what };
        let config = match EdgeConfig::load(folder) {
            Some(Ok(config)) => Some(config),
            Some(Err(error)) => return Err(failed(unopened(error))),
            None => None,
        };
        if let Some(config) = &config {
            let size = config.vectors.get(VECTOR).map(|vector| (vector.size, vector.distance));
            match size {
                Some((size, Distance::Cosine)) if size == settings.dimensions => {}
                Some((expected, Distance::Cosine)) => {
                    return Err(StoreError::WrongSize { store: name, expected, found: settings.dimensions });
                }
                _ => return Err(failed("holds vectors of another kind; use a folder of its own".into())),
            }
        } else {
            private_folder(folder).map_err(|error| failed(format!("cannot be made: {error}")))?;
        }
        let wanted = wanted(settings).map_err(|error| failed(format!("wrong settings: {error}")))?;
        let opened = catch_unwind(|| match config {
            Some(_) => EdgeShard::load(folder, Some(wanted)),
            None => EdgeShard::new(folder, wanted),
        });
        let shard = opened.map_err(|_| failed(unopened("the engine broke off")))?;
        let shard = shard.map_err(|error| failed(unopened(error)))?;
        let edge = Edge {
            folder: folder.to_owned(),
            settings: settings.clone(),
            shard,
            writer: Mutex::default(),
            keys: Mutex::default(),
        };
        edge.index_payload()?;
        Ok(edge)
    }

    /// Makes the indexes that are not there: all in a new folder, some after a start that was killed.
    fn index_payload(&self) -> Result<(), StoreError> {
        let there = self.shard.info().payload_schema;
        for (field, kind) in shape::indexes() {
            let field_name =
                field.parse().map_err(|()| self.failed("a payload field has a name the engine refuses"))?;
            if there.contains_key(&field_name) {
                continue;
            }
            let schema = match kind {
                Indexed::Keyword => PayloadSchemaType::Keyword,
                Indexed::Integer => PayloadSchemaType::Integer,
            };
            let create =
                CreateIndex { field_name, field_schema: Some(PayloadFieldSchema::FieldType(schema)) };
            self.update(UpdateOperation::FieldIndexOperation(FieldIndexOperations::CreateIndex(create)))?;
        }
        Ok(())
    }

    fn update(&self, operation: UpdateOperation) -> Result<(), StoreError> {
        self.shard.update(operation).map_err(|error| self.failed(error))
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, what: impl Display) -> StoreError {
        StoreError::Failed { store: self.name(), what: what.to_string() }
    }

    fn filter(&self, condition: &Condition) -> Result<qdrant_edge::Filter, StoreError> {
        serde_json::from_value(json!({ "must": [spelled(condition)] })).map_err(|error| self.failed(error))
    }

    fn persisted(&self, point: &Point, unit: Vec<f32>) -> Result<PointStructPersisted, StoreError> {
        let vector = HashMap::from([(VECTOR.into(), VectorPersisted::Dense(unit))]);
        Ok(PointStructPersisted {
            id: shape::point_id(&point.key)
                .parse::<PointId>()
                .map_err(|()| self.failed("refuses a point's id"))?,
            vector: VectorStructPersisted::Named(vector),
            payload: Some(Payload(shape::payload(&point.key, &point.facets))),
        })
    }

    /// Keys of points. Payloads lie packed on disk: each is unpacked once and its key remembered. An id names its key
    /// for ever.
    fn keys_of(&self, ids: &[PointId]) -> Result<HashMap<PointId, PassageKey>, StoreError> {
        let remembered = || self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: HashMap<PointId, PassageKey> = {
            let remembered = remembered();
            ids.iter().filter_map(|id| Some((*id, remembered.get(id)?.clone()))).collect()
        };
        let new: Vec<PointId> = ids.iter().filter(|id| !found.contains_key(id)).copied().collect();
        if new.is_empty() {
            return Ok(found);
        }
        let fields = KEY.iter().filter_map(|field| field.parse().ok()).collect();
        let records = self.shard.retrieve(&new, Some(WithPayloadInterface::Fields(fields)), None);
        let records = records.map_err(|error| self.failed(error))?;
        let mut remembered = remembered();
        if REMEMBERED < remembered.len() + records.len() {
            remembered.clear();
        }
        for record in records {
            let payload = record.payload.unwrap_or_default().0;
            let key = shape::key_of(&payload).map_err(|what| self.failed(what))?;
            remembered.insert(record.id, key.clone());
            found.insert(record.id, key);
        }
        Ok(found)
    }

    fn point(
        &self,
        payload: Option<Payload>,
        vector: Option<VectorStructInternal>,
    ) -> Result<Point, StoreError> {
        let payload = payload.unwrap_or_default().0;
        let key = shape::key_of(&payload).map_err(|what| self.failed(what))?;
        let named = match vector {
            Some(VectorStructInternal::Named(mut named)) => named.remove(VECTOR),
            _ => None,
        };
        let Some(VectorInternal::Dense(vector)) = named else {
            return Err(self.failed("a point has no vector; delete the folder and index again"));
        };
        Ok(Point { key, vector, facets: shape::facets_of(&payload) })
    }
}

impl VectorStore for Edge {
    fn name(&self) -> String {
        name(&self.folder)
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Edge
    }

    fn dimensions(&self) -> usize {
        self.settings.dimensions
    }

    fn upsert(&self, points: &[Point]) -> Result<(), StoreError> {
        let name = self.name();
        let units = points.iter().map(|point| unit(&name, self.settings.dimensions, &point.vector));
        let units = units.collect::<Result<Vec<_>, _>>()?;
        let points = points.iter().zip(units).map(|(point, unit)| self.persisted(point, unit));
        let points = points.collect::<Result<Vec<_>, _>>()?;
        let _turn = self.writing();
        for batch in points.chunks(BATCH) {
            let list = PointInsertOperations::PointsList(batch.to_vec());
            self.update(UpdateOperation::PointOperation(PointOperations::UpsertPoints(list)))?;
        }
        Ok(())
    }

    fn remove(&self, documents: &[DocumentId]) -> Result<(), StoreError> {
        let _turn = self.writing();
        for some in documents.chunks(DOCUMENTS) {
            let ids = some.iter().map(|document| document.0.clone()).collect();
            let filter = self.filter(&Condition::OneOf(shape::DOCUMENT, ids))?;
            self.update(UpdateOperation::PointOperation(PointOperations::DeletePointsByFilter(filter)))?;
        }
        Ok(())
    }

    fn nearest(&self, query: &[f32], filter: &Filter, limit: usize) -> Result<Vec<Near>, StoreError> {
        let query = unit(&self.name(), self.settings.dimensions, query)?;
        let filter = match shape::lower(filter) {
            Asked::Never => return Ok(Vec::new()),
            Asked::Always => None,
            Asked::When(condition) => Some(self.filter(&condition)?),
        };
        // The engine makes room for as many as it is asked for.
        let limit = limit.min(self.shard.info().points_count);
        if limit == 0 {
            return Ok(Vec::new());
        }
        let rescored =
            QuantizationSearchParams { ignore: false, rescore: Some(true), oversampling: Some(3.0) };
        let request = SearchRequest {
            query: QueryEnum::Nearest(NamedQuery {
                query: VectorInternal::Dense(query),
                using: Some(VECTOR.into()),
            }),
            filter,
            params: Some(SearchParams {
                hnsw_ef: Some(self.settings.search_beam),
                quantization: self.settings.quantize.then_some(rescored),
                ..SearchParams::default()
            }),
            limit,
            offset: 0,
            with_payload: None,
            with_vector: None,
            score_threshold: None,
        };
        let found = self.shard.search(request).map_err(|error| self.failed(error))?;
        let ids: Vec<PointId> = found.iter().map(|point| point.id).collect();
        let keys = self.keys_of(&ids)?;
        // A point without a key was removed in between.
        let near =
            found.into_iter().filter_map(|point| Some(Near::new(keys.get(&point.id)?.clone(), point.score)));
        let mut near: Vec<Near> = near.collect();
        near.sort_by(Near::order);
        Ok(near)
    }

    fn count(&self) -> Result<u64, StoreError> {
        let count = self.shard.count(CountRequest { filter: None, exact: true });
        Ok(count.map_err(|error| self.failed(error))? as u64)
    }

    fn scan(&self, visit: &mut dyn FnMut(Vec<Point>) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut offset = None;
        loop {
            let request = ScrollRequest {
                offset,
                limit: Some(BATCH),
                with_payload: Some(WithPayloadInterface::Bool(true)),
                with_vector: WithVector::Bool(true),
                ..ScrollRequest::default()
            };
            let (records, next) = self.shard.scroll(request).map_err(|error| self.failed(error))?;
            let points = records.into_iter().map(|record| self.point(record.payload, record.vector));
            let points = points.collect::<Result<Vec<_>, _>>()?;
            if !points.is_empty() {
                visit(points)?;
            }
            if next.is_none() {
                return Ok(());
            }
            offset = next;
        }
    }

    fn flush(&self) -> Result<(), StoreError> {
        let _turn = self.writing();
        while self.shard.optimize().map_err(|error| self.failed(error))? {}
        let flushed = catch_unwind(AssertUnwindSafe(|| self.shard.flush()));
        flushed.map_err(|_| self.failed("cannot be written to disk; is it full?"))
    }
}

fn name(folder: &Path) -> String {
    format!("qdrant-edge at {}", folder.display())
}

fn unopened(why: impl Display) -> String {
    format!("cannot be opened: {why}; close other programs that use it, or delete the folder and index again")
}

/// What the engine is to make of the settings.
fn wanted(settings: &Settings) -> Result<EdgeConfig, serde_json::Error> {
    let mut hnsw = HnswIndexConfig {
        m: settings.links,
        ef_construct: settings.build_beam,
        ..HnswIndexConfig::default()
    };
    hnsw.full_scan_threshold = settings.scan_below_kb;
    let mut vector = EdgeVectorParamsBuilder::new(settings.dimensions, Distance::Cosine).on_disk(true);
    if settings.quantize {
        let eight_bits = json!({ "scalar": { "type": "int8", "quantile": 0.99, "always_ram": true } });
        vector = vector.quantization_config(serde_json::from_value::<QuantizationConfig>(eight_bits)?);
    }
    let optimizers = EdgeOptimizersConfig {
        indexing_threshold: Some(settings.scan_below_kb),
        ..EdgeOptimizersConfig::default()
    };
    Ok(EdgeConfigBuilder::new()
        .on_disk_payload(true)
        .vector(VECTOR, vector.build())
        .hnsw_config(hnsw)
        .optimizers(optimizers)
        .build())
}

/// A condition in the server's JSON form.
fn spelled(condition: &Condition) -> Value {
    let all = |parts: &[Condition]| parts.iter().map(spelled).collect::<Vec<_>>();
    match condition {
        Condition::All(parts) => json!({ "must": all(parts) }),
        Condition::Any(parts) => json!({ "should": all(parts) }),
        Condition::Not(part) => json!({ "must_not": [spelled(part)] }),
        Condition::OneOf(field, values) => json!({ "key": field, "match": { "any": values } }),
        Condition::Years(from, to) => json!({ "key": shape::YEARS, "range": { "gte": from, "lte": to } }),
    }
}

/// The folder and those above it, for their owner only.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests;
