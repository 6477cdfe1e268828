//! Does an index hold what its corpus holds, however often it was stopped?

use super::{IndexReport, words_folder, words_state};
use crate::corpus::Corpus;
use crate::filter::{Field, Filter};
use crate::lexical::LexicalIndex;
use crate::testing::{article, import, index, lexicon};
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
