//! Are passages found by meaning where a site asks for it, and by words alone, said aloud, where something is not there?
//!
//! No weights: a toy encoder, and a tiny model with weights by formula for candle itself. The Qdrant server is the stub
//! of `vectors-qdrant`, over real gRPC on a loopback port.

use crate::support::case;
use concilium_engine::corpus::list;
use concilium_engine::demo::texts;
use concilium_engine::recommend::Plan;
use concilium_engine::terms::AsOf;
use concilium_engine::texts::{Leg, Query, index_meaning};
use concilium_engine::vectors::{StoreKind, Unmet, migrate_vectors, snapshots};
use concilium_engine::{Backends, Corpora, Engine, Planned, Settings, replay, store};
use concilium_models::{Embedder, ModelError, ModelId, Stop, TextRole, never};
use concilium_retrieval::vectors::{Near, Place, Point, StoreError, VectorStore};
use concilium_retrieval::{Filter, vectors};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use stub::{Fault, Stub};

#[allow(dead_code, reason = "the tests of its own crate use more of it")]
#[path = "../../crates/vectors-qdrant/src/server/tests/stub.rs"]
mod stub;
#[allow(dead_code, reason = "the tests of its own crate use more of it")]
#[path = "../../crates/models-candle/tests/all/tiny.rs"]
mod tiny;

/// Words, each in one of 64 places by a fixed hash.
struct Toy(ModelId);

const TOY_DIMENSIONS: usize = 64;

impl Embedder for Toy {
    fn id(&self) -> &ModelId {
        &self.0
    }
    fn dimensions(&self) -> usize {
        TOY_DIMENSIONS
    }
    fn embed(&self, texts: &[&str], _: TextRole, stop: Stop) -> Result<Vec<Vec<f32>>, ModelError> {
        let place = |word: &str| {
            let hash = word.bytes().fold(7_usize, |hash, b| hash.wrapping_mul(31).wrapping_add(b.into()));
            hash % TOY_DIMENSIONS
        };
        let of = |text: &&str| {
            let mut vector = vec![0.0; TOY_DIMENSIONS];
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| 3 < word.len());
            words.for_each(|word| vector[place(&word.to_lowercase())] += 1.0);
            if stop() { Err(ModelError::Stopped) } else { Ok(vector) }
        };
        texts.iter().map(of).collect()
    }
}

/// The file `weights` of a folder is the model.
fn toy(name: &str, folder: &Path) -> Result<Box<dyn Embedder>, ModelError> {
    let file = folder.join("weights");
    let bytes = std::fs::read(&file).map_err(|_| ModelError::MissingFile {
        folder: folder.display().to_string(),
        file: "weights".into(),
    })?;
    let sha256 = concilium_engine::input::sha256(&bytes);
    Ok(Box::new(Toy(ModelId { name: name.to_owned(), sha256 })))
}

const TOY: Backends =
    Backends { embedder: Some(toy), reranker: None, store: Some(concilium_vectors_qdrant::open) };

/// A folder of this test's own, with the invented texts in it.
struct Site {
    folder: PathBuf,
}

impl Site {
    fn new(name: &str) -> Site {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("meaning").join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("what an earlier run left");
        }
        let site = Site { folder };
        site.model("toy", "first");
        let engine = site.engine(&Settings::default(), Backends::default());
        texts(&site.corpora(), &engine.knowledge).expect("indexed");
        site
    }

    fn corpora(&self) -> PathBuf {
        self.folder.join("corpora")
    }

    /// Writes a toy model; another text is another model.
    fn model(&self, name: &str, weights: &str) -> String {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("weights"), weights).expect("a file");
        folder.to_str().expect("UTF-8").to_owned()
    }

    fn settings(&self, store: StoreKind) -> Settings {
        let mut settings = Settings { corpora: self.corpora(), ..Settings::default() };
        settings.retrieval.embedder = self.folder.join("toy").to_str().expect("UTF-8").to_owned();
        settings.retrieval.store = store;
        settings
    }

    /// As `settings`, in this server.
    fn in_server(&self, url: &str) -> Settings {
        let mut settings = self.settings(StoreKind::Server);
        settings.retrieval.server.url = url.to_owned();
        settings.retrieval.server.timeout_ms = 500;
        settings
    }

    fn engine(&self, settings: &Settings, backends: Backends) -> Engine {
        let settings = Settings { corpora: self.corpora(), ..settings.clone() };
        Engine::new(settings).expect("the pack loads").with_backends(backends).quoting(Corpora::Invented)
    }
}

fn index(engine: &Engine) -> Result<u64, Unmet> {
    let asked = (&engine.settings, engine.backends());
    let reports = index_meaning(asked, None, &engine.knowledge, &mut |_, _| {}, &never)?;
    Ok(reports.iter().map(|report| report.texts).sum())
}

fn plan(engine: &Engine) -> Planned {
    let case = case("A-lung-egfr");
    engine.plan(&case.files, AsOf::parse(&case.as_of).expect("a day")).expect("a plan")
}

/// Passages of a plan that the vectors had a part in finding.
fn by_vectors(plan: &Plan) -> usize {
    let found = plan.literature.values().flat_map(|of| of.found_for.iter().chain(&of.found_against));
    found.filter(|quote| quote.legs.iter().any(|leg| leg.starts_with("vector"))).count()
}

fn search(engine: &Engine, text: &str) -> concilium_engine::texts::Hits {
    let texts = engine.open_texts(&|_| true).expect("opened");
    texts.search(&Query::new(text)).expect("answered")
}

#[track_caller]
fn says(notices: &[String], words: &[&str]) {
    let all = notices.join("\n");
    words.iter().for_each(|word| assert!(all.contains(word), "`{word}` is not in: {all}"));
}

/// `replayable`
#[test]
fn a_run_by_meaning_names_its_model_and_is_replayed_without_it() {
    let site = Site::new("replay");
    let engine = site.engine(&site.settings(StoreKind::Exact), TOY);
    assert!(0 < index(&engine).expect("indexed"));
    assert_eq!(index(&engine).expect("indexed"), 0, "what has a vector is passed by");
    let planned = plan(&engine);
    assert_eq!(planned.notices, Vec::<String>::new());
    assert!(0 < by_vectors(&planned.plan));
    let meaning = planned.plan.manifest.meaning.clone().expect("models are named");
    assert_eq!(
        (meaning.model.as_str(), meaning.model_sha256.len(), meaning.store.as_str()),
        ("toy", 64, "exact")
    );
    assert!(meaning.fusion == "convex, vectors 0.3" && !meaning.passages.is_empty());
    says(&planned.plan.literature_notes, &["found by words and by meaning (toy)"]);
    let kept = store::keep(&planned, &case("A-lung-egfr").files, &site.folder.join("runs")).expect("kept");

    let (again, replanned) = replay::replay(&engine, &kept, false).expect("replayed");
    assert!(again.same, "{:?}", again.first_difference);
    let passages = again.passages.expect("taken from the run");
    assert!(passages.as_named && 0 < passages.held && passages.not_held.is_empty(), "{passages:?}");
    assert_eq!(replanned.graph.json().ok(), planned.graph.json().ok());

    let elsewhere = Engine::new(Settings { corpora: site.folder.join("none"), ..Settings::default() });
    let (again, _) = replay::replay(&elsewhere.expect("the pack loads"), &kept, false).expect("replayed");
    assert!(again.same && again.other_maker.is_empty(), "{:?}", again.other_maker);
    assert!(again.passages.is_some_and(|passages| passages.held == 0 && !passages.not_held.is_empty()));

    let text = std::fs::read_to_string(kept.join("plan.json")).expect("kept");
    std::fs::write(kept.join("plan.json"), text.replace("Invented for the demo.", "Cured in the demo."))
        .expect("w");
    let (again, _) = replay::replay(&engine, &kept, false).expect("replayed");
    assert!(again.passages.is_some_and(|passages| !passages.as_named && !passages.not_held.is_empty()));
    assert_eq!(again.changed_artefacts, ["plan.json"]);
}

#[test]
fn passages_are_tied_to_the_genes_and_drugs_they_speak_of() {
    let site = Site::new("graph");
    let planned = plan(&site.engine(&Settings::default(), Backends::default()));
    assert_eq!(planned.plan.manifest.meaning, None);
    let edges = planned.graph.edges();
    let tied = |from: &str, to: &str| edges.iter().any(|edge| edge.from.starts_with(from) && edge.to == to);
    assert!(tied("passage:demo:a-2@", "gene:EGFR") && tied("passage:demo:a-2@", "drug:osimertinib"));
}

/// What this build lacks, and what the site lacks.
#[test]
fn what_cannot_be_had_is_named_and_words_go_on() {
    let site = Site::new("unmet");
    let check = |settings: &Settings, backends: Backends, words: &[&str]| {
        let engine = site.engine(settings, backends);
        let refused = index(&engine).expect_err("cannot be had").to_string();
        says(std::slice::from_ref(&refused), words);
        let answer = search(&engine, "osimertinib C797S");
        assert!(!answer.hits.is_empty() && answer.hits.iter().all(|hit| hit.legs[0].leg == Leg::Lexical));
        says(&answer.notices, &["no vectors"]);
        let planned = plan(&engine);
        says(&planned.notices, &["no vectors"]);
        assert_eq!((by_vectors(&planned.plan), planned.plan.manifest.meaning), (0, None));
    };
    let named = |embedder: &str| {
        let mut settings = site.settings(StoreKind::Exact);
        settings.models = site.folder.join("models");
        settings.retrieval.embedder = embedder.to_owned();
        settings
    };
    let nothing = Backends::default();
    check(&site.settings(StoreKind::Exact), nothing, &["retrieval.embedder", "--features embed"]);
    let only_embed = Backends { store: None, ..TOY };
    check(&site.settings(StoreKind::Edge), only_embed, &["retrieval.store = \"edge\"", "--features qdrant"]);
    check(&named("no-such-model"), TOY, &["no folder, and no model of models.lock (all-MiniLM-L6-v2)"]);
    check(&named("all-MiniLM-L6-v2"), TOY, &["is not in ", "`concilium models fetch all-MiniLM-L6-v2`"]);
    check(&named("SmolLM2-135M-Instruct-Q4_1"), TOY, &["is a model to generate"]);
    let folder = site.folder.join("models/all-MiniLM-L6-v2");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("config.json"), [0; 612]).expect("a file");
    check(
        &named("all-MiniLM-L6-v2"),
        TOY,
        &["config.json: sha256 is ", "expected 953f9c0d", "fetch the model again"],
    );
    std::fs::write(folder.join("config.json"), "{}").expect("a file");
    check(&named("all-MiniLM-L6-v2"), TOY, &["config.json: has 2 bytes, expected 612"]);
    std::fs::create_dir_all(site.folder.join("empty")).expect("a folder");
    check(&named(site.folder.join("empty").to_str().expect("UTF-8")), TOY, &["empty: weights is missing"]);
}

#[test]
fn another_model_is_indexed_beside_and_said_to_be_missing() {
    let site = Site::new("models");
    let first = site.engine(&site.settings(StoreKind::Exact), TOY);
    let texts = index(&first).expect("indexed");
    let mut other = site.settings(StoreKind::Exact);
    other.retrieval.embedder = site.model("other", "second");
    let other = site.engine(&other, TOY);
    says(
        &search(&other, "osimertinib").notices,
        &["no vectors of other in store exact", "corpus index demo"],
    );
    assert_eq!(index(&other).expect("indexed"), texts);
    assert_eq!(search(&other, "osimertinib").notices, Vec::<String>::new());
    let vectors = list(&site.corpora()).expect("listed").remove(0).vectors;
    let said: Vec<_> = vectors.iter().map(|one| (one.model.as_str(), one.passages, one.current)).collect();
    assert_eq!(said.len(), 2);
    assert!(said.contains(&("toy", texts, true)) && said.contains(&("other", texts, true)), "{said:?}");
    // Somebody cut the file of vectors.
    let file = site.corpora().join("demo/index/vectors").join(format!("{}.bin", vectors[0].name));
    let bytes = std::fs::read(&file).expect("a file");
    std::fs::write(&file, &bytes[..bytes.len() - 9]).expect("cut");
    let hurt = if vectors[0].model == "toy" { &first } else { &other };
    let hurt = site.engine(&hurt.settings, TOY);
    let said = "cut short or damaged; delete the file and index again";
    says(&search(&hurt, "osimertinib").notices, &[said]);
    says(&[index(&hurt).expect_err("damaged").to_string()], &[said]);
    std::fs::remove_file(&file).expect("deleted");
    assert_eq!(index(&hurt).expect("mended"), texts);
}

#[test]
fn a_server_that_goes_away_leaves_the_words() {
    let site = Site::new("server");
    let mut server = Stub::start();
    let engine = site.engine(&site.in_server(&server.url), TOY);
    assert!(0 < index(&engine).expect("indexed"));
    let whole = plan(&engine);
    assert!(0 < by_vectors(&whole.plan) && whole.notices.is_empty(), "{:?}", whole.notices);
    assert_eq!(whole.plan.manifest.meaning.clone().expect("named").store, "server");
    server.fault(Fault::Hang);
    let answer = search(&engine, "osimertinib C797S");
    assert!(answer.lost_vectors && !answer.hits.is_empty());
    says(&answer.notices, &["does not answer: no answer within 500 ms; search goes on without vectors"]);
    // The same engine, in the middle of its work.
    let cut_off = plan(&engine);
    says(&cut_off.notices, &["does not answer"]);
    assert_eq!(by_vectors(&cut_off.plan), 0);
    let words = |plan: &Plan| plan.options.iter().map(|option| option.id.clone()).collect::<Vec<_>>();
    assert_eq!(words(&cut_off.plan), words(&whole.plan), "passages move nothing");
    assert_ne!(cut_off.plan.manifest.run, whole.plan.manifest.run, "other passages are another run");
    server.stop();
    says(&search(&engine, "osimertinib").notices, &["does not answer"]);
    let refused = index_anew(&site, &engine).expect_err("nobody there").to_string();
    assert!(refused.contains("does not answer"), "{refused}");
}

/// Indexes after the record was lost: the server must be asked.
fn index_anew(site: &Site, engine: &Engine) -> Result<u64, Unmet> {
    let folder = site.corpora().join("demo/index/vectors");
    std::fs::remove_dir_all(folder).expect("removed");
    index(engine)
}

#[test]
fn a_server_that_is_gone_is_waited_for_once_a_plan() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    /// Holds everything, answers nobody.
    struct Gone(vectors::exact::Exact);
    impl VectorStore for Gone {
        fn name(&self) -> String {
            "qdrant at example".into()
        }
        fn kind(&self) -> StoreKind {
            StoreKind::Edge
        }
        fn dimensions(&self) -> usize {
            self.0.dimensions()
        }
        fn upsert(&self, points: &[Point]) -> Result<(), StoreError> {
            self.0.upsert(points)
        }
        fn remove(&self, documents: &[concilium_retrieval::corpus::DocumentId]) -> Result<(), StoreError> {
            self.0.remove(documents)
        }
        fn nearest(&self, _: &[f32], _: &Filter, _: usize) -> Result<Vec<Near>, StoreError> {
            ASKED.fetch_add(1, Ordering::Relaxed);
            Err(StoreError::Unreachable { store: self.name(), what: "gone".into() })
        }
        fn count(&self) -> Result<u64, StoreError> {
            self.0.count()
        }
        fn scan(
            &self,
            visit: &mut dyn FnMut(Vec<Point>) -> Result<(), StoreError>,
        ) -> Result<(), StoreError> {
            self.0.scan(visit)
        }
        fn flush(&self) -> Result<(), StoreError> {
            self.0.flush()
        }
    }
    fn gone(place: &Place, dimensions: usize) -> Result<Box<dyn VectorStore>, StoreError> {
        let Place::Edge { folder, .. } = place else { panic!("another place: {place:?}") };
        Ok(Box::new(Gone(vectors::exact::Exact::open(folder, dimensions)?)))
    }
    let site = Site::new("once");
    let engine = site.engine(&site.settings(StoreKind::Edge), Backends { store: Some(gone), ..TOY });
    index(&engine).expect("indexed");
    let planned = plan(&engine);
    assert!(3 < planned.plan.options.len());
    assert_eq!((planned.notices.len(), ASKED.load(Ordering::Relaxed)), (1, 1), "{:?}", planned.notices);
}

#[test]
fn vectors_move_from_folder_to_server_and_are_counted() {
    let site = Site::new("migrate");
    let server = Stub::start();
    let in_folder = site.engine(&site.settings(StoreKind::Edge), TOY);
    let texts = index(&in_folder).expect("indexed");
    let asked = "EGFR exon 19 deletion and what follows osimertinib";
    let found = |engine: &Engine| {
        let hits = search(engine, asked).hits.into_iter();
        hits.map(|hit| (hit.passage.key.to_string(), hit.legs.len())).collect::<Vec<_>>()
    };
    let before = found(&in_folder);
    let settings = site.in_server(&server.url);
    let move_all = || {
        // The server needs no model: nothing is computed.
        let backends = Backends { embedder: None, ..TOY };
        let ways = (StoreKind::Edge, StoreKind::Server);
        migrate_vectors((&settings, &backends), None, ways, &mut |_, _, _| {}, &never)
    };
    let in_server = site.engine(&settings, TOY);
    says(&search(&in_server, asked).notices, &["no vectors of toy in store server"]);
    let moved = move_all().expect("moved");
    assert_eq!((moved.len(), moved[0].points, moved[0].already), (1, texts, false));
    assert!(move_all().expect("again")[0].already);
    assert_eq!(index(&in_server).expect("indexed"), 0, "the server's record is whole");
    assert_eq!(found(&in_server), before);
    assert_eq!(found(&in_folder), before, "the old ones stay");
    let made = snapshots(&settings, &TOY, Some("demo")).expect("a snapshot");
    assert!(made[0].snapshot.ends_with(".snapshot") && made[0].store.contains("concilium-demo-"), "{made:?}");
    let ways = (StoreKind::Exact, StoreKind::Server);
    let none = migrate_vectors((&settings, &TOY), Some("demo"), ways, &mut |_, _, _| {}, &never);
    says(&[none.expect_err("none there").to_string()], &["has no vectors in store exact"]);
    let nowhere = site.settings(StoreKind::Server);
    let ways = (StoreKind::Edge, StoreKind::Server);
    let refused = migrate_vectors((&nowhere, &TOY), None, ways, &mut |_, _, _| {}, &never);
    says(&[refused.expect_err("nowhere").to_string()], &["retrieval.server.url", "say where"]);
}

#[test]
fn vectors_of_another_length_are_refused_with_their_place() {
    let site = Site::new("length");
    let server = Stub::start();
    let settings = site.in_server(&server.url);
    let engine = site.engine(&settings, TOY);
    index(&engine).expect("indexed");
    // The same model file, said to give vectors of another length.
    let tiny = tiny::Tiny::bert().write();
    let toy_folder = site.folder.join("toy");
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::copy(tiny.path().join(file), toy_folder.join(file)).expect("copied");
    }
    fn short(name: &str, folder: &Path) -> Result<Box<dyn Embedder>, ModelError> {
        struct Short(Box<dyn Embedder>);
        impl Embedder for Short {
            fn id(&self) -> &ModelId {
                self.0.id()
            }
            fn dimensions(&self) -> usize {
                8
            }
            fn embed(&self, texts: &[&str], _: TextRole, _: Stop) -> Result<Vec<Vec<f32>>, ModelError> {
                Ok(vec![vec![1.0; 8]; texts.len()])
            }
        }
        Ok(Box::new(Short(toy(name, folder)?)))
    }
    let other = site.engine(&settings, Backends { embedder: Some(short), ..TOY });
    let refused = index(&other).expect_err("refused").to_string();
    says(&[refused], &["qdrant at ", "a vector has 8 numbers, the store holds 64", "another model"]);
    let answer = search(&other, "osimertinib");
    assert!(!answer.hits.is_empty());
    says(&answer.notices, &["no vectors"]);
}

/// Candle, qdrant-edge and the façade together, on weights made by a formula.
#[test]
fn the_real_engines_answer_together() {
    let site = Site::new("real");
    let tiny = tiny::Tiny::bert().write();
    let encoder = Backends {
        embedder: Some(concilium_models_candle::open_embedder),
        reranker: Some(concilium_models_candle::open_reranker),
        store: Some(concilium_vectors_qdrant::open),
    };
    let cross = tiny::Tiny::bert().cross_encoder().write();
    let mut settings = site.settings(StoreKind::Edge);
    settings.retrieval.embedder = tiny.path().to_str().expect("UTF-8").to_owned();
    settings.retrieval.reranker = cross.path().to_str().expect("UTF-8").to_owned();
    let engine = site.engine(&settings, encoder);
    assert!(0 < index(&engine).expect("indexed"));
    let answer = search(&engine, "osimertinib resistance");
    assert_eq!(answer.notices, Vec::<String>::new());
    assert!(answer.hits.iter().any(|hit| hit.legs.iter().any(|leg| leg.leg == Leg::Vector)));
    assert!(answer.hits.iter().all(|hit| hit.reranked.is_some()));
    let planned = plan(&engine);
    let meaning = planned.plan.manifest.meaning.clone().expect("named");
    assert!(!meaning.model_sha256.is_empty() && !meaning.reranker_sha256.is_empty(), "{meaning:?}");
    let page = concilium_engine::report::html(&planned.plan, &BTreeMap::new());
    assert!(page.contains("Passages by"));
    settings.retrieval.reranker = tiny.path().to_str().expect("UTF-8").to_owned();
    let no_cross = site.engine(&settings, encoder);
    says(&search(&no_cross, "osimertinib").notices, &["not read again", "not a cross-encoder"]);
}

#[test]
fn vectors_that_are_not_finished_are_not_searched() {
    let site = Site::new("unfinished");
    let engine = site.engine(&site.settings(StoreKind::Exact), TOY);
    let asked = AtomicUsize::new(0);
    let stop = || 2 < asked.fetch_add(1, Ordering::Relaxed);
    let reports = index_meaning((&engine.settings, &TOY), None, &engine.knowledge, &mut |_, _| {}, &stop);
    assert!(reports.expect("stopped")[0].stopped);
    let answer = search(&engine, "osimertinib");
    assert!(answer.hits.iter().all(|hit| hit.legs.iter().all(|leg| leg.leg == Leg::Lexical)));
    says(&answer.notices, &["no vectors: they are not finished", "corpus index demo"]);
    assert!(0 < index(&engine).expect("goes on"));
    assert_eq!(search(&engine, "osimertinib").notices, Vec::<String>::new());
}

/// `no-phi-out`: an address alone opens no connection.
#[test]
fn a_server_that_is_not_the_store_is_never_asked() {
    let site = Site::new("silent");
    let server = Stub::start();
    server.fault(Fault::Hang);
    let mut settings = site.in_server(&server.url);
    settings.retrieval.store = StoreKind::Exact;
    let engine = site.engine(&settings, TOY);
    assert!(0 < index(&engine).expect("nobody is waited for"));
    assert_eq!(plan(&engine).notices, Vec::<String>::new());
    settings.retrieval.store = StoreKind::Server;
    settings.retrieval.embedder.clear();
    let engine = site.engine(&settings, TOY);
    assert_eq!((index(&engine).expect("nothing to do"), plan(&engine).notices.len()), (0, 0));
}
