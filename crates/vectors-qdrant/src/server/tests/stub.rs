//! What of a Qdrant server do the tests need? The calls the client makes, over real gRPC on a loopback port, on points
//! in memory; filters are judged here from the protocol's own messages, apart from the code under test.

use qdrant_client::qdrant::{self as proto, collections_server, points_server, snapshots_server};
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// What the stub does to every call.
#[derive(Clone)]
pub(super) enum Fault {
    /// Answers.
    None,
    /// Says so this many times, then answers.
    Unavailable(usize),
    /// Never answers.
    Hang,
    /// Asks for this key.
    Key(String),
}

struct State {
    fault: Fault,
    collections: HashMap<String, Collection>,
}

#[derive(Default)]
struct Collection {
    config: Option<proto::VectorsConfig>,
    indexes: HashMap<String, proto::PayloadSchemaInfo>,
    points: BTreeMap<String, Stored>,
    snapshots: usize,
}

#[derive(Clone)]
struct Stored {
    vector: Vec<f32>,
    payload: HashMap<String, proto::Value>,
}

/// A running stub.
pub(super) struct Stub {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
    running: Option<(oneshot::Sender<()>, std::thread::JoinHandle<()>)>,
}

impl Stub {
    pub(super) fn start() -> Stub {
        let state = Arc::new(Mutex::new(State { fault: Fault::None, collections: HashMap::new() }));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let guard = runtime.enter();
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", incoming.local_addr().unwrap());
        drop(guard);
        let service = Service(Arc::clone(&state));
        let served = tonic::transport::Server::builder()
            .add_service(points_server::PointsServer::new(service.clone()))
            .add_service(collections_server::CollectionsServer::new(service.clone()))
            .add_service(snapshots_server::SnapshotsServer::new(service))
            .serve_with_incoming(incoming);
        let (end, ended) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.spawn(served);
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        });
        Stub { url, state, running: Some((end, thread)) }
    }

    /// Goes away, connections and all.
    pub(super) fn stop(&mut self) {
        if let Some((end, thread)) = self.running.take() {
            drop(end);
            thread.join().unwrap();
        }
    }

    pub(super) fn fault(&self, fault: Fault) {
        self.state.lock().unwrap().fault = fault;
    }

    /// A collection somebody else made, with one nameless vector.
    pub(super) fn foreign(&self, name: &str) {
        let nameless = proto::vectors_config::Config::Params(proto::VectorParams::default());
        let config = Some(proto::VectorsConfig { config: Some(nameless) });
        let collection = Collection { config, ..Collection::default() };
        self.state.lock().unwrap().collections.insert(name.into(), collection);
    }

    pub(super) fn indexes(&self, name: &str) -> usize {
        self.state.lock().unwrap().collections[name].indexes.len()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stop();
    }
}

#[derive(Clone)]
struct Service(Arc<Mutex<State>>);

impl Service {
    async fn enter(&self, key: Option<String>) -> Result<(), Status> {
        let fault = {
            let mut state = self.0.lock().unwrap();
            let fault = state.fault.clone();
            if let Fault::Unavailable(times) = &mut state.fault {
                *times = times.saturating_sub(1);
            }
            fault
        };
        match fault {
            Fault::None | Fault::Unavailable(0) => Ok(()),
            Fault::Unavailable(_) => Err(Status::unavailable("restarting")),
            Fault::Hang => std::future::pending().await,
            Fault::Key(right) if key.as_deref() == Some(&right) => Ok(()),
            Fault::Key(_) => Err(Status::unauthenticated(format!("invalid key {}", key.unwrap_or_default()))),
        }
    }

    fn with<T>(&self, name: &str, act: impl FnOnce(&mut Collection) -> T) -> Result<T, Status> {
        let mut state = self.0.lock().unwrap();
        state.collections.get_mut(name).map(act).ok_or_else(|| Status::not_found("no such collection"))
    }
}

fn done() -> proto::PointsOperationResponse {
    proto::PointsOperationResponse::default()
}

fn uuid(id: Option<&proto::PointId>) -> String {
    match id.and_then(|id| id.point_id_options.as_ref()) {
        Some(proto::point_id::PointIdOptions::Uuid(uuid)) => uuid.clone(),
        other => panic!("the client names points by UUID: {other:?}"),
    }
}

fn stored(point: proto::PointStruct) -> (String, Stored) {
    let Some(proto::vectors::VectorsOptions::Vectors(mut named)) =
        point.vectors.and_then(|some| some.vectors_options)
    else {
        panic!("vectors are named")
    };
    let Some(proto::vector::Vector::Dense(vector)) =
        named.vectors.remove("passage").and_then(|vector| vector.vector)
    else {
        panic!("the vector is dense")
    };
    (uuid(point.id.as_ref()), Stored { vector: vector.data, payload: point.payload })
}

fn vectors(vector: &[f32]) -> proto::VectorsOutput {
    let dense = proto::vector_output::Vector::Dense(proto::DenseVector { data: vector.to_vec() });
    let vector = proto::VectorOutput { vector: Some(dense), ..Default::default() };
    let named = proto::NamedVectorsOutput { vectors: HashMap::from([("passage".to_owned(), vector)]) };
    proto::VectorsOutput { vectors_options: Some(proto::vectors_output::VectorsOptions::Vectors(named)) }
}

/// A filter as Qdrant's documentation has it: all of `must`, none of `must_not`, and one of `should` when there are any.
fn holds(filter: &proto::Filter, payload: &HashMap<String, proto::Value>) -> bool {
    let one = |condition: &proto::Condition| match &condition.condition_one_of {
        Some(proto::condition::ConditionOneOf::Field(field)) => field_holds(field, payload),
        Some(proto::condition::ConditionOneOf::Filter(filter)) => holds(filter, payload),
        other => panic!("a condition the stub does not know: {other:?}"),
    };
    filter.must.iter().all(one)
        && !filter.must_not.iter().any(one)
        && (filter.should.is_empty() || filter.should.iter().any(one))
}

fn field_holds(field: &proto::FieldCondition, payload: &HashMap<String, proto::Value>) -> bool {
    use proto::value::Kind;
    let values = match payload.get(&field.key).and_then(|value| value.kind.clone()) {
        Some(Kind::ListValue(list)) => list.values.into_iter().filter_map(|value| value.kind).collect(),
        Some(kind) => vec![kind],
        None => vec![],
    };
    let wanted = field.r#match.as_ref().and_then(|one| one.match_value.as_ref());
    values.iter().any(|value| match (value, wanted, &field.range) {
        (Kind::StringValue(word), Some(proto::r#match::MatchValue::Keywords(words)), None) => {
            words.strings.contains(word)
        }
        (Kind::IntegerValue(number), None, Some(range)) => {
            let number = *number as f64;
            range.gte.is_none_or(|from| from <= number) && range.lte.is_none_or(|to| number <= to)
        }
        other => panic!("a condition the stub does not know: {other:?}"),
    })
}

fn nearest(collection: &Collection, asked: &proto::QueryPoints) -> proto::QueryResponse {
    let Some(proto::query::Variant::Nearest(input)) =
        asked.query.as_ref().and_then(|query| query.variant.clone())
    else {
        panic!("only the nearest are asked for")
    };
    let Some(proto::vector_input::Variant::Dense(query)) = input.variant else { panic!("by a dense vector") };
    assert_eq!(asked.using.as_deref(), Some("passage"));
    let met = |point: &&Stored| asked.filter.as_ref().is_none_or(|filter| holds(filter, &point.payload));
    let mut result: Vec<_> = collection
        .points
        .values()
        .filter(met)
        .map(|point| proto::ScoredPoint {
            payload: point.payload.clone(),
            score: point.vector.iter().zip(&query.data).map(|(a, b)| a * b).sum(),
            ..Default::default()
        })
        .collect();
    result.sort_by(|left, right| right.score.total_cmp(&left.score));
    result.truncate(asked.limit.unwrap_or(10) as usize);
    proto::QueryResponse { result, ..Default::default() }
}

fn page(collection: &Collection, asked: &proto::ScrollPoints) -> proto::ScrollResponse {
    let from = asked.offset.as_ref().map(|id| uuid(Some(id))).unwrap_or_default();
    let limit = asked.limit.unwrap_or(10) as usize;
    let mut rest = collection.points.range(from..);
    let result = rest
        .by_ref()
        .take(limit)
        .map(|(id, point)| proto::RetrievedPoint {
            id: Some(id.clone().into()),
            payload: point.payload.clone(),
            vectors: Some(vectors(&point.vector)),
            ..Default::default()
        })
        .collect();
    let next_page_offset = rest.next().map(|(id, _)| id.clone().into());
    proto::ScrollResponse { next_page_offset, result, ..Default::default() }
}

/// A call the stub answers, in the shape the generated traits ask for.
macro_rules! answers {
    ($($name:ident: $asked:ident => $answer:ident, |$me:ident, $request:ident| $body:expr;)*) => {$(
        fn $name<'a, 'async_trait>(
            &'a self,
            request: Request<proto::$asked>,
        ) -> Pin<Box<dyn Future<Output = Result<Response<proto::$answer>, Status>> + Send + 'async_trait>>
        where
            'a: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async move {
                let key = request.metadata().get("api-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
                self.enter(key).await?;
                let ($me, $request) = (self, request.into_inner());
                let answer: Result<proto::$answer, Status> = $body;
                answer.map(Response::new)
            })
        }
    )*};
}

/// Calls the client must not need.
macro_rules! refuses {
    ($($name:ident: $asked:ident => $answer:ident;)*) => {
        answers! { $($name: $asked => $answer, |_me, _request| Err(Status::unimplemented(stringify!($name)));)* }
    };
}

impl points_server::Points for Service {
    answers! {
        upsert: UpsertPoints => PointsOperationResponse, |me, asked| me.with(&asked.collection_name, |collection| {
            assert_eq!(asked.wait, Some(true), "writes are visible when they return");
            collection.points.extend(asked.points.into_iter().map(stored));
            done()
        });
        delete: DeletePoints => PointsOperationResponse, |me, asked| me.with(&asked.collection_name, |collection| {
            assert_eq!(asked.wait, Some(true), "writes are visible when they return");
            let selector = asked.points.and_then(|points| points.points_selector_one_of);
            let Some(proto::points_selector::PointsSelectorOneOf::Filter(filter)) = selector else { panic!("by filter") };
            collection.points.retain(|_, point| !holds(&filter, &point.payload));
            done()
        });
        create_field_index: CreateFieldIndexCollection => PointsOperationResponse, |me, asked| {
            me.with(&asked.collection_name, |collection| {
                collection.indexes.insert(asked.field_name, proto::PayloadSchemaInfo::default());
                done()
            })
        };
        scroll: ScrollPoints => ScrollResponse, |me, asked| {
            me.with(&asked.collection_name, |collection| page(collection, &asked))
        };
        count: CountPoints => CountResponse, |me, asked| me.with(&asked.collection_name, |collection| {
            let result = Some(proto::CountResult { count: collection.points.len() as u64 });
            proto::CountResponse { result, ..Default::default() }
        });
        query: QueryPoints => QueryResponse, |me, asked| {
            me.with(&asked.collection_name, |collection| nearest(collection, &asked))
        };
        query_batch: QueryBatchPoints => QueryBatchResponse, |me, asked| {
            me.with(&asked.collection_name, |collection| {
                let batch = |asked| proto::BatchResult { result: nearest(collection, asked).result };
                let result = asked.query_points.iter().map(batch).collect();
                proto::QueryBatchResponse { result, ..Default::default() }
            })
        };
    }
    refuses! {
        get: GetPoints => GetResponse;
        update_vectors: UpdatePointVectors => PointsOperationResponse;
        delete_vectors: DeletePointVectors => PointsOperationResponse;
        set_payload: SetPayloadPoints => PointsOperationResponse;
        overwrite_payload: SetPayloadPoints => PointsOperationResponse;
        delete_payload: DeletePayloadPoints => PointsOperationResponse;
        clear_payload: ClearPayloadPoints => PointsOperationResponse;
        delete_field_index: DeleteFieldIndexCollection => PointsOperationResponse;
        create_vector_name: CreateVectorNameRequest => PointsOperationResponse;
        delete_vector_name: DeleteVectorNameRequest => PointsOperationResponse;
        search: SearchPoints => SearchResponse;
        search_batch: SearchBatchPoints => SearchBatchResponse;
        search_groups: SearchPointGroups => SearchGroupsResponse;
        recommend: RecommendPoints => RecommendResponse;
        recommend_batch: RecommendBatchPoints => RecommendBatchResponse;
        recommend_groups: RecommendPointGroups => RecommendGroupsResponse;
        discover: DiscoverPoints => DiscoverResponse;
        discover_batch: DiscoverBatchPoints => DiscoverBatchResponse;
        update_batch: UpdateBatchPoints => UpdateBatchResponse;
        query_groups: QueryPointGroups => QueryGroupsResponse;
        facet: FacetCounts => FacetResponse;
        search_matrix_pairs: SearchMatrixPoints => SearchMatrixPairsResponse;
        search_matrix_offsets: SearchMatrixPoints => SearchMatrixOffsetsResponse;
    }
}

impl collections_server::Collections for Service {
    answers! {
        get: GetCollectionInfoRequest => GetCollectionInfoResponse, |me, asked| {
            me.with(&asked.collection_name, |collection| {
                let params = proto::CollectionParams { vectors_config: collection.config.clone(), ..Default::default() };
                let config = proto::CollectionConfig { params: Some(params), ..Default::default() };
                let info = proto::CollectionInfo {
                    config: Some(config),
                    payload_schema: collection.indexes.clone(),
                    ..Default::default()
                };
                proto::GetCollectionInfoResponse { result: Some(info), ..Default::default() }
            })
        };
        create: CreateCollection => CollectionOperationResponse, |me, asked| {
            let collection = Collection { config: asked.vectors_config, ..Collection::default() };
            me.0.lock().unwrap().collections.insert(asked.collection_name, collection);
            Ok(proto::CollectionOperationResponse { result: true, ..Default::default() })
        };
        collection_exists: CollectionExistsRequest => CollectionExistsResponse, |me, asked| {
            let exists = me.0.lock().unwrap().collections.contains_key(&asked.collection_name);
            Ok(proto::CollectionExistsResponse { result: Some(proto::CollectionExists { exists }), ..Default::default() })
        };
    }
    refuses! {
        list: ListCollectionsRequest => ListCollectionsResponse;
        update: UpdateCollection => CollectionOperationResponse;
        delete: DeleteCollection => CollectionOperationResponse;
        update_aliases: ChangeAliases => CollectionOperationResponse;
        list_collection_aliases: ListCollectionAliasesRequest => ListAliasesResponse;
        list_aliases: ListAliasesRequest => ListAliasesResponse;
        collection_cluster_info: CollectionClusterInfoRequest => CollectionClusterInfoResponse;
        update_collection_cluster_setup: UpdateCollectionClusterSetupRequest => UpdateCollectionClusterSetupResponse;
        create_shard_key: CreateShardKeyRequest => CreateShardKeyResponse;
        delete_shard_key: DeleteShardKeyRequest => DeleteShardKeyResponse;
        list_shard_keys: ListShardKeysRequest => ListShardKeysResponse;
    }
}

impl snapshots_server::Snapshots for Service {
    answers! {
        create: CreateSnapshotRequest => CreateSnapshotResponse, |me, asked| {
            me.with(&asked.collection_name, |collection| {
                collection.snapshots += 1;
                let name = format!("{}-{}.snapshot", asked.collection_name, collection.snapshots);
                let snapshot_description = Some(proto::SnapshotDescription { name, ..Default::default() });
                proto::CreateSnapshotResponse { snapshot_description, ..Default::default() }
            })
        };
    }
    refuses! {
        list: ListSnapshotsRequest => ListSnapshotsResponse;
        delete: DeleteSnapshotRequest => DeleteSnapshotResponse;
        create_full: CreateFullSnapshotRequest => CreateSnapshotResponse;
        list_full: ListFullSnapshotsRequest => ListSnapshotsResponse;
        delete_full: DeleteFullSnapshotRequest => DeleteSnapshotResponse;
    }
}
