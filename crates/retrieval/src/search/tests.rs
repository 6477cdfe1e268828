//! Does an answer hold what it should, say what is missing, and show nothing that no longer stands?

use super::{Legs, Query, Retrieval};
use crate::filter::Filter;
use crate::fusion::Leg;
use crate::testing::{article, import, index, lexicon};
use crate::vectors::{Near, Point, StoreError, VectorStore};
use concilium_evidence::passage::DocumentId;
use concilium_models::{Embedder, ModelError, ModelId, Reranker, Stop, TextRole};
use expect_test::{Expect, expect};
use std::path::Path;

fn never() -> bool {
    false
}

const RETRACTED: &str = r#","standing":{"standing":"retracted","by":"pmid:90000009"}"#;

/// Two corpora: articles, one of them retracted, and statements, one of them curated from it.
fn library() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("temporary folder");
    let articles = [
        article(90_000_001, 1, "", "Osimertinib helped patients with EGFR L858R lung adenocarcinoma."),
        article(90_000_002, 1, RETRACTED, "Dabrafenib helped patients with BRAF V600E melanoma."),
        article(90_000_003, 1, "", "No benefit of vemurafenib alone in colorectal cancer with BRAF V600E."),
    ];
    let statements = [
        r#"{"id":"civic:EID90002","kind":"statement","text":"Dabrafenib prolonged survival in BRAF V600E melanoma.","ids":["pmid:90000002"],"statements":["EID90002"]}"#,
        r#"{"id":"civic:EID90003","kind":"statement","text":"Vemurafenib did not help.","ids":["pmid:90000003"],"statements":["EID90003"]}"#,
    ];
    index(&import(root.path(), "articles", &articles.each_ref().map(String::as_str)), "k", &never);
    index(&import(root.path(), "statements", &statements), "k", &never);
    root
}

fn open(root: &Path) -> Retrieval {
    Retrieval::open(&root.join("corpora"), lexicon(), &|_| true).expect("readable")
}

fn told(retrieval: &Retrieval, query: &Query) -> String {
    let answer = retrieval.search(query).expect("answered");
    let hit = |hit: &super::Hit| {
        let legs: Vec<String> = hit.legs.iter().map(|leg| format!("{:?} {}", leg.leg, leg.rank)).collect();
        format!("{} [{}] {}\n", hit.passage.key.document, legs.join(", "), hit.flags.join("; "))
    };
    let notices = answer.notices.iter().map(|notice| format!("! {notice}\n"));
    answer.hits.iter().map(hit).chain(notices).collect()
}

#[track_caller]
fn check(retrieval: &Retrieval, text: &str, expected: Expect) {
    expected.assert_eq(&told(retrieval, &Query::new(text)));
}

#[test]
fn words_of_all_corpora_with_what_stands_against_them() {
    let root = library();
    let all = open(root.path());
    check(
        &all,
        "dabrafenib melanoma",
        expect![[r#"
            pmid:90000002 [Lexical 1] retracted (see pmid:90000009)
            civic:EID90002 [Lexical 2] its source pmid:90000002 is retracted (see pmid:90000009)
            ! no vectors: no model is loaded; words only
        "#]],
    );
    check(
        &all,
        "drug:vemurafenib kind:statement",
        expect![[r#"
        civic:EID90003 [Lexical 1] 
        ! no vectors: no model is loaded; words only
    "#]],
    );
    assert_eq!(all.corpora().keys().collect::<Vec<_>>(), ["articles", "statements"]);
}

#[test]
fn an_index_that_does_not_follow_says_so() {
    let root = library();
    let newer = article(90_000_001, 2, "", "Osimertinib, mended text.");
    import(root.path(), "articles", &[&newer]);
    import(root.path(), "new", &[&article(90_000_004, 1, "", "Osimertinib.")]);
    check(
        &open(root.path()),
        "osimertinib",
        expect![[r#"
        ! corpus articles: the index is older than the corpus or not finished: run `concilium corpus index articles`
        ! corpus new is left out: it has no index yet: run `concilium corpus index new`
        ! no vectors: no model is loaded; words only
        ! left out: pmid:90000001@958959be0732#7-71: its words are not those stored: run `concilium corpus index articles`
    "#]],
    );
    let empty = tempfile::tempdir().expect("temporary folder");
    check(
        &open(empty.path()),
        "osimertinib",
        expect![[r#"
        ! no text loaded: no corpus is indexed; see `concilium corpus import --help`
        ! no vectors: no model is loaded; words only
    "#]],
    );
}

/// Vectors of three numbers: does the text speak of lung, skin, bowel?
struct Organs {
    id: ModelId,
}

impl Organs {
    fn new() -> Organs {
        Organs { id: ModelId { name: "organs".into(), sha256: String::new() } }
    }
}

impl Embedder for Organs {
    fn id(&self) -> &ModelId {
        &self.id
    }
    fn dimensions(&self) -> usize {
        3
    }
    fn embed(&self, texts: &[&str], _: TextRole, _: Stop) -> Result<Vec<Vec<f32>>, ModelError> {
        let of = |text: &&str| {
            let says = |word: &str| f32::from(u8::from(text.to_lowercase().contains(word)));
            vec![says("lung"), says("melanoma"), says("colorectal")]
        };
        Ok(texts.iter().map(of).collect())
    }
}

/// Longest first.
impl Reranker for Organs {
    fn id(&self) -> &ModelId {
        &self.id
    }
    #[expect(clippy::cast_precision_loss, reason = "short texts")]
    fn score(&self, _: &str, passages: &[&str], _: Stop) -> Result<Vec<f32>, ModelError> {
        Ok(passages.iter().map(|text| text.len() as f32).collect())
    }
}

/// A store in memory, or one that is gone.
#[derive(Default)]
struct Store {
    points: std::sync::Mutex<Vec<Point>>,
    gone: bool,
}

impl VectorStore for Store {
    fn name(&self) -> String {
        "qdrant at example".into()
    }
    fn dimensions(&self) -> usize {
        3
    }
    fn upsert(&self, points: &[Point]) -> Result<(), StoreError> {
        self.points.lock().expect("one thread").extend_from_slice(points);
        Ok(())
    }
    fn remove(&self, documents: &[DocumentId]) -> Result<(), StoreError> {
        self.points.lock().expect("one thread").retain(|point| !documents.contains(&point.key.document));
        Ok(())
    }
    fn nearest(&self, query: &[f32], filter: &Filter, limit: usize) -> Result<Vec<Near>, StoreError> {
        if self.gone {
            return Err(StoreError::Unreachable { store: self.name(), what: "no answer within 2 s".into() });
        }
        let score = |vector: &[f32]| vector.iter().zip(query).map(|(a, b)| a * b).sum();
        let points = self.points.lock().expect("one thread");
        let mut near: Vec<Near> = points
            .iter()
            .filter(|point| filter.holds(&point.facets))
            .map(|point| Near { key: point.key.clone(), score: score(&point.vector) })
            .filter(|near| 0.0 < near.score)
            .collect();
        near.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.key.cmp(&b.key)));
        near.truncate(limit);
        Ok(near)
    }
    fn count(&self) -> Result<u64, StoreError> {
        Ok(self.points.lock().expect("one thread").len() as u64)
    }
    fn scan(&self, _: &mut dyn FnMut(Vec<Point>) -> Result<(), StoreError>) -> Result<(), StoreError> {
        Ok(())
    }
    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn filled(root: &Path) -> Store {
    let store = Store::default();
    let links = crate::corpus::Links::default();
    let names = crate::index::Names {
        lexicon: std::sync::Arc::clone(lexicon()),
        ancestors: &crate::testing::ancestors,
        links: &links,
        knowledge: "k",
    };
    for folder in crate::corpus::Corpus::list(&root.join("corpora")).expect("readable") {
        let corpus = crate::corpus::Corpus::open(&folder).expect("a corpus");
        let model = Organs::new();
        crate::index::index_vectors(&corpus, &names, &store, &model, &mut |_| {}, &never).expect("indexed");
    }
    store
}

#[test]
fn both_legs_are_joined_and_a_lost_store_leaves_the_words() {
    let root = library();
    let with = open(root.path()).with_vectors(Box::new(filled(root.path())), Box::new(Organs::new()));
    check(
        &with,
        "osimertinib in lung cancer",
        expect![[r#"
        pmid:90000001 [Lexical 1, Vector 1] 
    "#]],
    );
    check(
        &with,
        "melanoma kind:article",
        expect![[r#"
        pmid:90000002 [Lexical 1, Vector 1] retracted (see pmid:90000009)
    "#]],
    );
    let gone = Store { gone: true, ..Store::default() };
    let without = open(root.path()).with_vectors(Box::new(gone), Box::new(Organs::new()));
    check(
        &without,
        "osimertinib in lung cancer",
        expect![[r#"
        pmid:90000001 [Lexical 1] 
        ! no vectors: qdrant at example does not answer: no answer within 2 s; search goes on without vectors
    "#]],
    );
}

#[test]
fn legs_limits_and_the_reader_of_pairs() {
    let root = library();
    let with = open(root.path())
        .with_vectors(Box::new(filled(root.path())), Box::new(Organs::new()))
        .with_reranker(Box::new(Organs::new()));
    let ask = |legs, limit| {
        let query = Query { legs, limit, ..Query::new("BRAF V600E melanoma") };
        with.search(&query).expect("answered").hits
    };
    let only =
        |hits: &[super::Hit], leg| hits.iter().all(|hit| hit.legs.iter().all(|score| score.leg == leg));
    assert!(only(&ask(Legs::Lexical, 10), Leg::Lexical));
    assert!(only(&ask(Legs::Vector, 10), Leg::Vector));
    assert_eq!(ask(Legs::All, 1).len(), 1);
    assert_eq!(ask(Legs::All, 0).len(), 0);
    let scores: Vec<_> = ask(Legs::All, 10).into_iter().map(|hit| hit.reranked).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn filters_are_told_from_words() {
    let root = library();
    let all = open(root.path());
    assert!(all.filter("gene:EGFR year:2019..").is_ok());
    let said = all.filter("gene:EGFR lung").expect_err("a word").to_string();
    assert_eq!(said, "`lung` is no filter; write `field:value`, such as gene:EGFR or year:2019..");
    assert!(all.search(&Query::new("genes:EGFR")).is_err());
}

#[test]
fn a_passage_whose_text_is_another_now_is_not_shown() {
    let root = library();
    let all = open(root.path());
    let mut hit = all.search(&Query::new("osimertinib")).expect("answered").hits.remove(0);
    assert!(all.stored(&hit.passage, &hit.head).is_ok());
    hit.passage.text = "Osimertinib cured everybody.".into();
    assert!(all.stored(&hit.passage, &hit.head).is_err_and(|why| why.contains("not those stored")));
    hit.passage.key.document = DocumentId("pmid:90000077".into());
    assert!(all.stored(&hit.passage, &hit.head).is_err_and(|why| why.contains("no longer")));
}

#[test]
fn claims_do_not_fill_the_list_and_what_is_retracted_is_no_claim() {
    let root = library();
    let more = [
        article(90_000_011, 1, "", "AZD9291 helped in lung adenocarcinoma with EGFR L858R."),
        article(90_000_012, 1, "", "EGFR L858R lung adenocarcinoma was resistant to osimertinib."),
        article(90_000_013, 1, RETRACTED, "In EGFR L858R lung adenocarcinoma osimertinib helped."),
    ];
    index(&import(root.path(), "articles", &more.each_ref().map(String::as_str)), "k", &never);
    let ids = |per_claim| {
        let query = Query { per_claim, ..Query::new("osimertinib EGFR L858R lung adenocarcinoma") };
        let hits = open(root.path()).search(&query).expect("answered").hits;
        let mut ids: Vec<String> = hits.into_iter().map(|hit| hit.head.id.0).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(usize::MAX).len(), 4);
    let one = ids(1);
    assert_eq!(one.len(), 3, "{one:?}");
    assert!(one.contains(&"pmid:90000012".to_owned()) && one.contains(&"pmid:90000013".to_owned()));
}

#[test]
fn a_hit_says_why_it_stands_there() {
    let root = library();
    let with = open(root.path()).with_vectors(Box::new(filled(root.path())), Box::new(Organs::new()));
    let hit = with.search(&Query::new("osimertinib in lung cancer")).expect("answered").hits.remove(0);
    let said = hit.because();
    assert!(said.starts_with("words: place 1, BM25 "), "{said}");
    assert!(said.contains("osimertinib") && said.contains("meaning: place 1, cosine 1.000"), "{said}");
}

#[test]
fn stores_are_asked_as_one_and_a_lost_one_is_said() {
    let root = library();
    let gone = Store { gone: true, ..Store::default() };
    let both = open(root.path())
        .with_stores(vec![Box::new(filled(root.path())), Box::new(gone)], Box::new(Organs::new()));
    let answer = both.search(&Query::new("lung cancer")).expect("answered");
    assert!(answer.lost_vectors && answer.hits[0].legs.len() == 2, "{answer:?}");
    let unloaded = open(root.path()).without_vectors("all-MiniLM-L6-v2 is not in models");
    let answer = unloaded.search(&Query::new("lung cancer")).expect("answered");
    assert_eq!(answer.notices, ["no vectors: all-MiniLM-L6-v2 is not in models; words only"]);
    assert!(!answer.lost_vectors);
}

/// Counts how often it is asked.
struct Counting {
    organs: Organs,
    calls: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl Embedder for Counting {
    fn id(&self) -> &ModelId {
        &self.organs.id
    }
    fn dimensions(&self) -> usize {
        3
    }
    fn embed(&self, texts: &[&str], role: TextRole, stop: Stop) -> Result<Vec<Vec<f32>>, ModelError> {
        self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.organs.embed(texts, role, stop)
    }
}

#[test]
fn many_questions_are_answered_as_each_alone_and_embedded_at_once() {
    let root = library();
    let calls = std::sync::Arc::default();
    let counting = Counting { organs: Organs::new(), calls: std::sync::Arc::clone(&calls) };
    let together = open(root.path()).with_vectors(Box::new(filled(root.path())), Box::new(counting));
    let alone = || open(root.path()).with_vectors(Box::new(filled(root.path())), Box::new(Organs::new()));
    let meant = Query { meaning: Some("melanoma".into()), ..Query::new("osimertinib") };
    let queries = [
        Query::new("osimertinib lung"),
        Query::new("BRAF V600E melanoma"),
        Query { per_claim: 1, limit: 1, ..Query::new("BRAF V600E colorectal") },
        Query { legs: Legs::Lexical, ..Query::new("vemurafenib") },
        Query { legs: Legs::Vector, ..Query::new("BRAF V600E melanoma") },
        Query::new("kind:statement"),
        Query::new("genes:EGFR"),
        meant,
        Query::new("osimertinib lung"),
    ];
    let answers = together.search_each(&queries);
    assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(answers.len(), queries.len());
    for (query, answer) in queries.iter().zip(&answers) {
        assert_eq!(*answer, alone().search(query), "{query:?}");
    }
    let by_meaning = |hit: &&super::Hit| hit.legs.iter().any(|leg| leg.leg == Leg::Vector && leg.rank == 1);
    let meant = answers[7].as_ref().expect("answered").hits.iter().find(by_meaning).expect("near");
    assert!(meant.passage.text.contains("melanoma"));
}
