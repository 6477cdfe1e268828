//! How do vectors lie in a Qdrant server, and what when it does not answer?
//!
//! Calls block for at most the timeout of the settings; whatever hangs, the caller goes on with
//! [`StoreError::Unreachable`]. Requests run on a thread of their own, so that callers may sit inside another runtime.
//! TLS takes the certificates of the system (`SSL_CERT_FILE` for a site's own).

mod call;
mod settings;
#[cfg(test)]
mod tests;

pub use settings::{ApiKey, Settings};

use crate::shape::{self, Asked, Condition, Indexed, KEY, VECTOR};
use call::Caller;
use concilium_evidence::passage::DocumentId;
use concilium_retrieval::Filter;
use concilium_retrieval::vectors::{Near, Point, Question, StoreError, StoreKind, VectorStore, unit};
use qdrant_client::qdrant as proto;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt::Display;

/// Points written or read at once.
const BATCH: usize = 256;
/// Documents named in one condition.
const DOCUMENTS: usize = 1_000;

/// Vectors in a collection of a Qdrant server.
pub struct Server {
    settings: Settings,
    caller: Caller,
}

impl Server {
    /// Connects, and makes the collection and its payload indexes where they are not there.
    ///
    /// # Errors
    /// The settings make no sense, the server does not answer or refuses the key, or the collection holds vectors of
    /// another length or kind.
    pub fn open(settings: &Settings) -> Result<Server, StoreError> {
        let server = Server::attach(settings)?;
        match server.collection()? {
            Some(info) => server.fits(&info)?,
            None => server.create()?,
        }
        server.index_payload()?;
        Ok(server)
    }

    /// A server that is asked nothing before the first search, and in which nothing is made: for readers, who go on
    /// without it.
    ///
    /// # Errors
    /// The settings make no sense.
    pub fn attach(settings: &Settings) -> Result<Server, StoreError> {
        settings.check()?;
        Ok(Server { settings: settings.clone(), caller: Caller::new(settings)? })
    }

    fn failed(&self, what: impl Display) -> StoreError {
        StoreError::Failed { store: self.name(), what: what.to_string() }
    }

    /// `None` = there is no such collection.
    fn collection(&self) -> Result<Option<proto::CollectionInfo>, StoreError> {
        let collection = self.settings.collection.clone();
        let exists = self.caller.ask(move |client| {
            let collection = collection.clone();
            async move { client.collection_exists(collection).await }
        })?;
        if !exists {
            return Ok(None);
        }
        let collection = self.settings.collection.clone();
        let info = self.caller.ask(move |client| {
            let collection = collection.clone();
            async move { client.collection_info(collection).await }
        })?;
        Ok(info.result)
    }

    fn fits(&self, info: &proto::CollectionInfo) -> Result<(), StoreError> {
        let vectors = info.config.as_ref().and_then(|config| config.params.as_ref()?.vectors_config.as_ref());
        let Some(proto::vectors_config::Config::ParamsMap(named)) =
            vectors.and_then(|vectors| vectors.config.as_ref())
        else {
            return Err(self.failed("was not made by concilium; name another collection"));
        };
        let Some(vector) =
            named.map.get(VECTOR).filter(|vector| vector.distance == proto::Distance::Cosine as i32)
        else {
            return Err(self.failed("has no cosine vector \"passage\"; name another collection"));
        };
        if vector.size != self.settings.dimensions as u64 {
            let (expected, found) = (vector.size as usize, self.settings.dimensions);
            return Err(StoreError::WrongSize { store: self.name(), expected, found });
        }
        Ok(())
    }

    fn create(&self) -> Result<(), StoreError> {
        let vector = proto::VectorParams {
            size: self.settings.dimensions as u64,
            distance: proto::Distance::Cosine as i32,
            ..Default::default()
        };
        let named = proto::VectorParamsMap { map: HashMap::from([(VECTOR.to_owned(), vector)]) };
        let eight_bits = proto::ScalarQuantization {
            r#type: proto::QuantizationType::Int8 as i32,
            quantile: Some(0.99),
            ..Default::default()
        };
        let quantization = proto::quantization_config::Quantization::Scalar(eight_bits);
        let create = proto::CreateCollection {
            collection_name: self.settings.collection.clone(),
            vectors_config: Some(proto::VectorsConfig {
                config: Some(proto::vectors_config::Config::ParamsMap(named)),
            }),
            hnsw_config: Some(proto::HnswConfigDiff {
                m: Some(self.settings.links as u64),
                ef_construct: Some(self.settings.build_beam as u64),
                ..Default::default()
            }),
            quantization_config: self
                .settings
                .quantize
                .then_some(proto::QuantizationConfig { quantization: Some(quantization) }),
            ..Default::default()
        };
        let made = self.caller.ask(move |client| {
            let create = create.clone();
            async move { client.create_collection(create).await }
        });
        match (made, self.collection()) {
            (Ok(_), _) => Ok(()),
            // Somebody else made it in between.
            (Err(_), Ok(Some(info))) => self.fits(&info),
            (Err(error), _) => Err(error),
        }
    }

    fn index_payload(&self) -> Result<(), StoreError> {
        let there = self.collection()?.map(|info| info.payload_schema).unwrap_or_default();
        for (field, kind) in shape::indexes().filter(|(field, _)| !there.contains_key(*field)) {
            let kind = match kind {
                Indexed::Keyword => proto::FieldType::Keyword,
                Indexed::Integer => proto::FieldType::Integer,
            };
            let create = proto::CreateFieldIndexCollection {
                collection_name: self.settings.collection.clone(),
                wait: Some(true),
                field_name: field.into(),
                field_type: Some(kind as i32),
                ..Default::default()
            };
            self.caller.ask(move |client| {
                let create = create.clone();
                async move { client.create_field_index(create).await }
            })?;
        }
        Ok(())
    }

    fn point(&self, point: proto::RetrievedPoint) -> Result<Point, StoreError> {
        let payload = self.payload(point.payload)?;
        let key = shape::key_of(&payload).map_err(|what| self.failed(what))?;
        let named = match point.vectors.and_then(|vectors| vectors.vectors_options) {
            Some(proto::vectors_output::VectorsOptions::Vectors(mut named)) => named.vectors.remove(VECTOR),
            _ => None,
        };
        let Some(proto::vector_output::Vector::Dense(vector)) = named.map(proto::VectorOutput::into_vector)
        else {
            return Err(self.failed("returns a point without its vector"));
        };
        Ok(Point { key, vector: vector.data, facets: shape::facets_of(&payload) })
    }

    /// What to ask; `None` where nothing can be found.
    fn request(
        &self,
        query: &[f32],
        filter: &Filter,
        limit: usize,
    ) -> Result<Option<proto::QueryPoints>, StoreError> {
        let query = unit(&self.name(), self.settings.dimensions, query)?;
        let filter = match shape::lower(filter) {
            Asked::Never => return Ok(None),
            Asked::Always => None,
            Asked::When(condition) => Some(lowered(&condition)),
        };
        // The server makes room for as many as it is asked for.
        let limit = if 1_000 < limit { self.count()?.min(limit as u64) } else { limit as u64 };
        Ok((limit != 0).then(|| search(&self.settings, query, filter, limit)))
    }

    /// Best first; ties by key.
    fn nearby(&self, found: Vec<proto::ScoredPoint>) -> Result<Vec<Near>, StoreError> {
        let near = found.into_iter().map(|point| {
            let payload = self.payload(point.payload)?;
            let key = shape::key_of(&payload).map_err(|what| self.failed(what))?;
            Ok(Near::new(key, point.score))
        });
        let mut near = near.collect::<Result<Vec<_>, StoreError>>()?;
        near.sort_by(Near::order);
        Ok(near)
    }

    fn payload(&self, payload: HashMap<String, proto::Value>) -> Result<Map<String, Value>, StoreError> {
        let values = payload.into_iter().map(|(name, value)| Ok((name, serde_json::to_value(value)?)));
        values.collect::<Result<_, serde_json::Error>>().map_err(|error| self.failed(error))
    }
}

impl VectorStore for Server {
    fn name(&self) -> String {
        self.settings.name()
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Server
    }

    fn dimensions(&self) -> usize {
        self.settings.dimensions
    }

    fn upsert(&self, points: &[Point]) -> Result<(), StoreError> {
        let name = self.name();
        let units = points.iter().map(|point| unit(&name, self.settings.dimensions, &point.vector));
        let units = units.collect::<Result<Vec<_>, _>>()?;
        let points: Vec<_> = points.iter().zip(units).map(|(point, unit)| written(point, unit)).collect();
        for batch in points.chunks(BATCH) {
            let upsert = proto::UpsertPoints {
                collection_name: self.settings.collection.clone(),
                wait: Some(true),
                points: batch.to_vec(),
                ..Default::default()
            };
            self.caller.ask(move |client| {
                let upsert = upsert.clone();
                async move { client.upsert_points(upsert).await }
            })?;
        }
        Ok(())
    }

    fn remove(&self, documents: &[DocumentId]) -> Result<(), StoreError> {
        for some in documents.chunks(DOCUMENTS) {
            let ids = some.iter().map(|document| document.0.clone()).collect();
            let filter = lowered(&Condition::OneOf(shape::DOCUMENT, ids));
            let selector = proto::points_selector::PointsSelectorOneOf::Filter(filter);
            let delete = proto::DeletePoints {
                collection_name: self.settings.collection.clone(),
                wait: Some(true),
                points: Some(proto::PointsSelector { points_selector_one_of: Some(selector) }),
                ..Default::default()
            };
            self.caller.ask(move |client| {
                let delete = delete.clone();
                async move { client.delete_points(delete).await }
            })?;
        }
        Ok(())
    }

    fn nearest(&self, query: &[f32], filter: &Filter, limit: usize) -> Result<Vec<Near>, StoreError> {
        let Some(request) = self.request(query, filter, limit)? else { return Ok(Vec::new()) };
        let answer = self.caller.ask(move |client| {
            let request = request.clone();
            async move { client.query(request).await }
        })?;
        self.nearby(answer.result)
    }

    /// One request for all: a plan asks dozens of questions, and each way there and back takes its time.
    fn nearest_each(&self, questions: &[Question]) -> Result<Vec<Vec<Near>>, StoreError> {
        let requests = questions.iter().map(|asked| self.request(&asked.vector, &asked.filter, asked.limit));
        let requests = requests.collect::<Result<Vec<_>, _>>()?;
        let mut answers = vec![vec![]; questions.len()];
        let (places, requests): (Vec<usize>, Vec<_>) =
            requests.into_iter().enumerate().filter_map(|(at, request)| Some((at, request?))).unzip();
        if requests.is_empty() {
            return Ok(answers);
        }
        let batch = proto::QueryBatchPoints {
            collection_name: self.settings.collection.clone(),
            query_points: requests,
            ..Default::default()
        };
        let answer = self.caller.ask(move |client| {
            let batch = batch.clone();
            async move { client.query_batch(batch).await }
        })?;
        if answer.result.len() != places.len() {
            let found = answer.result.len();
            return Err(self.failed(format!("answers {found} of {} questions", places.len())));
        }
        for (at, found) in places.into_iter().zip(answer.result) {
            answers[at] = self.nearby(found.result)?;
        }
        Ok(answers)
    }

    fn count(&self) -> Result<u64, StoreError> {
        let count = proto::CountPoints {
            collection_name: self.settings.collection.clone(),
            exact: Some(true),
            ..Default::default()
        };
        let answer = self.caller.ask(move |client| {
            let count = count.clone();
            async move { client.count(count).await }
        })?;
        Ok(answer.result.map_or(0, |result| result.count))
    }

    fn scan(&self, visit: &mut dyn FnMut(Vec<Point>) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut offset = None;
        loop {
            let scroll = proto::ScrollPoints {
                collection_name: self.settings.collection.clone(),
                offset,
                limit: Some(BATCH as u32),
                with_payload: Some(proto::WithPayloadSelector {
                    selector_options: Some(proto::with_payload_selector::SelectorOptions::Enable(true)),
                }),
                with_vectors: Some(proto::WithVectorsSelector {
                    selector_options: Some(proto::with_vectors_selector::SelectorOptions::Enable(true)),
                }),
                ..Default::default()
            };
            let page = self.caller.ask(move |client| {
                let scroll = scroll.clone();
                async move { client.scroll(scroll).await }
            })?;
            let points =
                page.result.into_iter().map(|point| self.point(point)).collect::<Result<Vec<_>, _>>()?;
            if !points.is_empty() {
                visit(points)?;
            }
            if page.next_page_offset.is_none() {
                return Ok(());
            }
            offset = page.next_page_offset;
        }
    }

    /// Nothing to do: writes wait until they are applied, and the server builds its indexes by itself.
    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// On a cluster each node has its own.
    fn snapshot(&self) -> Result<String, StoreError> {
        let collection = self.settings.collection.clone();
        let answer = self.caller.ask(move |client| {
            let collection = collection.clone();
            async move { client.create_snapshot(collection).await }
        })?;
        let snapshot = answer.snapshot_description.ok_or_else(|| self.failed("names no snapshot it made"))?;
        Ok(snapshot.name)
    }
}

fn written(point: &Point, unit: Vec<f32>) -> proto::PointStruct {
    let vector = proto::Vector {
        vector: Some(proto::vector::Vector::Dense(proto::DenseVector { data: unit })),
        ..Default::default()
    };
    let named = proto::NamedVectors { vectors: HashMap::from([(VECTOR.to_owned(), vector)]) };
    let payload = shape::payload(&point.key, &point.facets);
    proto::PointStruct {
        id: Some(shape::point_id(&point.key).into()),
        payload: payload.into_iter().map(|(name, value)| (name, value.into())).collect(),
        vectors: Some(proto::Vectors {
            vectors_options: Some(proto::vectors::VectorsOptions::Vectors(named)),
        }),
    }
}

fn search(
    settings: &Settings,
    query: Vec<f32>,
    filter: Option<proto::Filter>,
    limit: u64,
) -> proto::QueryPoints {
    let vector = proto::vector_input::Variant::Dense(proto::DenseVector { data: query });
    let nearest = proto::query::Variant::Nearest(proto::VectorInput { variant: Some(vector) });
    let keys = proto::PayloadIncludeSelector { fields: KEY.map(str::to_owned).to_vec() };
    let rescored =
        proto::QuantizationSearchParams { ignore: Some(false), rescore: Some(true), oversampling: Some(3.0) };
    proto::QueryPoints {
        collection_name: settings.collection.clone(),
        query: Some(proto::Query { variant: Some(nearest) }),
        using: Some(VECTOR.into()),
        filter,
        params: Some(proto::SearchParams {
            hnsw_ef: Some(settings.search_beam as u64),
            quantization: settings.quantize.then_some(rescored),
            ..Default::default()
        }),
        limit: Some(limit),
        with_payload: Some(proto::WithPayloadSelector {
            selector_options: Some(proto::with_payload_selector::SelectorOptions::Include(keys)),
        }),
        ..Default::default()
    }
}

/// A condition as the server's protocol says it.
fn lowered(condition: &Condition) -> proto::Filter {
    let all = |parts: &[Condition]| {
        parts.iter().map(|part| lowered(part).into()).collect::<Vec<proto::Condition>>()
    };
    match condition {
        Condition::All(parts) => proto::Filter::must(all(parts)),
        Condition::Any(parts) => proto::Filter::should(all(parts)),
        Condition::Not(part) => proto::Filter::must_not([lowered(part).into()]),
        Condition::OneOf(field, values) => {
            proto::Filter::must([proto::Condition::matches(*field, values.clone())])
        }
        Condition::Years(from, to) => {
            let range =
                proto::Range { gte: Some(f64::from(*from)), lte: Some(f64::from(*to)), ..Default::default() };
            proto::Filter::must([proto::Condition::range(shape::YEARS, range)])
        }
    }
}
