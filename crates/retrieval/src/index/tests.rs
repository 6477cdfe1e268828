//! Does an index hold what its corpus holds, however often it was stopped?

use super::{
    IndexReport, index_vectors, vectors_name, vectors_state, vectors_states, words_folder, words_state,
};
use crate::corpus::Corpus;
use crate::filter::{Field, Filter};
use crate::lexical::LexicalIndex;
use crate::testing::{ancestors, article, import, index, lexicon};
use crate::vectors::exact::Exact;
use crate::vectors::{StoreKind, VectorStore};
use concilium_models::{Embedder, ModelError, ModelId, Stop, TextRole};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn never() -> bool {
    false
}

/// Key and text of every passage.
fn held(corpus: &Corpus) -> Vec<String> {
    let index = LexicalIndex::open(&words_folder(corpus.folder()), Arc::clone(lexicon())).expect("an index");
    let mut found = vec![];
    let scanned: Result<(), crate::lexical::LexicalError> = index.scan(|passage, _| {
        found.push(format!("{} {}", passage.key.document, passage.text));
        Ok(())
    });
    scanned.expect("readable");
    found.sort();
    found
}

fn counts(report: &IndexReport) -> (u64, u64, u64, u64, bool) {
    (report.written, report.removed, report.documents, report.passages, report.stopped)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary folder")
}

#[test]
fn an_index_follows_its_corpus() {
    let root = folder();
    let corpus = import(root.path(), "a", &[&article(1, 1, "", "First."), &article(2, 1, "", "Second.")]);
    assert_eq!(counts(&index(&corpus, "k", &never)), (2, 0, 2, 2, false));
    assert_eq!(counts(&index(&corpus, "k", &never)), (0, 0, 2, 2, false), "nothing to do");
    let newer = [article(2, 2, "", "Second, mended."), article(3, 1, "", "Third.")];
    let corpus = import(root.path(), "a", &newer.each_ref().map(String::as_str));
    let report = index(&corpus, "k", &never);
    assert_eq!(counts(&report), (2, 0, 3, 3, false));
    assert_eq!(held(&corpus), ["pmid:1 First.", "pmid:2 Second, mended.", "pmid:3 Third."]);
    let state = words_state(corpus.folder()).expect("a state");
    assert_eq!((state.corpus_hash, state.parts.len()), (corpus.hash(), 2));
}

#[test]
fn another_release_or_a_damaged_index_is_made_anew() {
    let root = folder();
    let corpus = import(root.path(), "a", &[&article(1, 1, "", "First.")]);
    assert_eq!(index(&corpus, "k", &never).anew, None);
    let again = index(&corpus, "other", &never);
    assert_eq!((again.written, again.anew.as_deref()), (1, Some("the knowledge release is another one")));
    std::fs::write(words_folder(corpus.folder()).join("meta.json"), "no").expect("written");
    let mended = index(&corpus, "other", &never);
    assert!(mended.anew.is_some_and(|why| why.contains("damaged")));
    assert_eq!(held(&corpus), ["pmid:1 First."]);
}

/// A corpus of more documents than two batches.
fn large(root: &Path) -> Corpus {
    let lines: Vec<String> = (0..600).map(|n| article(1000 + n, 1, "", &format!("Text {n}."))).collect();
    import(root, "large", &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_stopped_run_goes_on_and_leaves_nothing_twice() {
    let whole = folder();
    let wanted = large(whole.path());
    index(&wanted, "k", &never);
    let root = folder();
    let corpus = large(root.path());
    let asked = AtomicUsize::new(0);
    let first = index(&corpus, "k", &|| 1 <= asked.fetch_add(1, Ordering::Relaxed));
    assert_eq!(counts(&first), (256, 0, 600, 0, true));
    let state = root.path().join("corpora/large/index/words.json");
    let kept = std::fs::read(&state).expect("a state");
    let asked = AtomicUsize::new(0);
    let second = index(&corpus, "k", &|| 1 <= asked.fetch_add(1, Ordering::Relaxed));
    assert_eq!(second.written, 256);
    // Killed after the batch was written and before the state was: the batch is written again, once.
    std::fs::write(&state, kept).expect("written");
    assert_eq!(counts(&index(&corpus, "k", &never)), (344, 0, 600, 600, false));
    assert_eq!(held(&corpus), held(&wanted));
}

#[test]
fn what_an_unfinished_run_wrote_goes_when_its_part_goes() {
    let root = folder();
    let corpus = large(root.path());
    let asked = AtomicUsize::new(0);
    index(&corpus, "k", &|| 1 <= asked.fetch_add(1, Ordering::Relaxed));
    let mended: Vec<String> = (0..600).map(|n| article(1000 + n, 2, "", &format!("Mended {n}."))).collect();
    let corpus = import(root.path(), "large", &mended.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(counts(&index(&corpus, "k", &never)), (600, 0, 600, 600, false));
    assert!(held(&corpus).iter().all(|line| line.contains("Mended")));
}

#[test]
fn statements_curated_from_a_paper_are_its_facets() {
    let root = folder();
    let corpus = import(root.path(), "a", &[&article(90_000_001, 1, "", "First.")]);
    index(&corpus, "k", &never);
    let words = LexicalIndex::open(&words_folder(corpus.folder()), Arc::clone(lexicon())).expect("an index");
    let of = |key: &str| words.count_of(&Filter::AnyOf(Field::Statement, vec![key.to_owned()]));
    assert_eq!((of("EID90001").expect("counted"), of("EID2").expect("counted")), (1, 0));
}

/// Four numbers from the letters of a text.
struct Letters(ModelId);

impl Letters {
    fn new(name: &str) -> Letters {
        Letters(ModelId { name: name.to_owned(), sha256: name.repeat(64)[..64].to_owned() })
    }
}

impl Embedder for Letters {
    fn id(&self) -> &ModelId {
        &self.0
    }
    fn dimensions(&self) -> usize {
        4
    }
    fn embed(&self, texts: &[&str], _: TextRole, stop: Stop) -> Result<Vec<Vec<f32>>, ModelError> {
        let of = |text: &&str| {
            let mut vector = vec![1.0; 4];
            text.bytes().for_each(|byte| vector[usize::from(byte) % 4] += f32::from(byte));
            if stop() { Err(ModelError::Stopped) } else { Ok(vector) }
        };
        texts.iter().map(of).collect()
    }
}

/// Brings the vectors of a corpus, in a file of their own, up to it.
fn vectors(corpus: &Corpus, model: &str, knowledge: &str, stop: Stop) -> IndexReport {
    let links = crate::corpus::Links::default();
    let names =
        super::Names { lexicon: Arc::clone(lexicon()), ancestors: &ancestors, links: &links, knowledge };
    let model = Letters::new(model);
    let store = store(corpus, &model.0);
    index_vectors(corpus, &names, &store, &model, &mut |_| {}, stop).expect("indexed")
}

fn store(corpus: &Corpus, model: &ModelId) -> Exact {
    let file = super::vectors_folder(corpus.folder()).join(vectors_name(StoreKind::Exact, model) + ".bin");
    Exact::open(&file, 4).expect("a store")
}

/// Keys in the store of a model, as its file says.
fn vector_keys(corpus: &Corpus, model: &str) -> Vec<String> {
    let mut keys = vec![];
    let of_batch = |points: Vec<crate::vectors::Point>| {
        keys.extend(points.into_iter().map(|point| point.key.to_string()));
        Ok(())
    };
    let mut of_batch = of_batch;
    store(corpus, &Letters::new(model).0).scan(&mut of_batch).expect("readable");
    keys.sort();
    keys
}

#[test]
fn vectors_follow_their_corpus() {
    let root = folder();
    let corpus = import(root.path(), "a", &[&article(1, 1, "", "First."), &article(2, 1, "", "Second.")]);
    let first = vectors(&corpus, "m", "k", &never);
    assert_eq!((counts(&first), first.texts), ((2, 0, 2, 2, false), 2));
    assert_eq!(vectors(&corpus, "m", "k", &never).texts, 0, "nothing to do");
    let corpus = import(root.path(), "a", &[&article(2, 2, "", "Second, mended.")]);
    assert_eq!(counts(&vectors(&corpus, "m", "k", &never)), (1, 0, 2, 2, false));
    let before = vector_keys(&corpus, "m");
    // Another model has vectors of its own beside them, another release makes them anew.
    assert_eq!(vectors(&corpus, "n", "k", &never).texts, 2);
    assert_eq!(vectors_states(corpus.folder()).len(), 2);
    let anew = vectors(&corpus, "m", "l", &never);
    assert_eq!((anew.texts, anew.anew.as_deref()), (2, Some("the knowledge release is another one")));
    assert_eq!(vector_keys(&corpus, "m"), before);
}

#[test]
fn a_record_is_believed_only_while_its_store_holds_what_it_says() {
    let root = folder();
    let corpus = import(root.path(), "a", &[&article(1, 1, "", "First."), &article(2, 1, "", "Second.")]);
    vectors(&corpus, "m", "k", &never);
    let model = Letters::new("m").0;
    std::fs::remove_file(
        super::vectors_folder(corpus.folder()).join(vectors_name(StoreKind::Exact, &model) + ".bin"),
    )
    .expect("removed");
    let anew = vectors(&corpus, "m", "k", &never);
    assert!(anew.anew.is_some_and(|why| why.contains("holds 0 vectors and its record says 2")));
    // Vectors nobody remembers are of nobody: they go.
    let stray = store(&corpus, &model);
    let mut point = vec![];
    stray
        .scan(&mut |points| {
            point.extend(points);
            Ok(())
        })
        .expect("readable");
    point[0].key.document = concilium_evidence::passage::DocumentId("pmid:77".into());
    stray.upsert(&point[..1]).expect("written");
    stray.flush().expect("written");
    vectors(&corpus, "m", "k", &never);
    assert_eq!(vector_keys(&corpus, "m").len(), 2);
}

#[test]
fn vectors_go_on_where_they_were_stopped() {
    let whole = folder();
    let wanted = large(whole.path());
    vectors(&wanted, "m", "k", &never);
    let root = folder();
    let corpus = large(root.path());
    // Stopped while the model computes, in the second batch: the first is kept, in the file too.
    let asked = AtomicUsize::new(0);
    let first = vectors(&corpus, "m", "k", &|| 200 < asked.fetch_add(1, Ordering::Relaxed));
    assert_eq!(counts(&first), (128, 0, 600, 0, true));
    assert_eq!(vector_keys(&corpus, "m").len(), 128);
    let model = Letters::new("m").0;
    assert!(vectors_state(corpus.folder(), StoreKind::Exact, &model).expect("a state").is_unfinished());
    let second = vectors(&corpus, "m", "k", &never);
    assert_eq!((counts(&second), second.texts), ((472, 0, 600, 600, false), 472));
    assert_eq!(vector_keys(&corpus, "m"), vector_keys(&wanted, "m"));
}
