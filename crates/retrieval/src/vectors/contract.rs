//! What must every vector store keep? One suite, run against each of them.
//!
//! The expected answers are computed here in the plainest way, in `f64`, from the meaning of filters
//! ([`Filter::holds`]). Panics name the law that was broken.

use super::{Near, Point, Question, StoreError, VectorStore};
use crate::filter::{Facets, Field, Filter};
use concilium_evidence::passage::{DocumentId, PassageKey};
use std::collections::{BTreeMap, BTreeSet};

/// Length of the vectors in the suite.
pub const DIMENSIONS: usize = 24;
/// Share of the nearest that an approximate store must find, over all queries.
pub const RECALL: f64 = 0.98;
/// Largest difference between a reported cosine and the one computed here.
const CLOSE: f64 = 1e-4;

/// What a store promises of its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// The nearest, all of them; ties by key even at the limit.
    Exact,
    /// [`RECALL`] of the nearest.
    Approximate,
}

/// A store under test.
pub struct Subject<'a> {
    /// Makes an empty store of [`DIMENSIONS`], in a place of its own.
    pub empty: &'a dyn Fn() -> Box<dyn VectorStore>,
    /// Opens again, after a flush and after it was dropped, what `empty` made last; `None` for stores in memory.
    pub reopen: Option<&'a dyn Fn() -> Box<dyn VectorStore>>,
    /// What it promises.
    pub answers: Answers,
}

/// Runs every law.
///
/// # Panics
/// When one is broken.
pub fn run(subject: &Subject) {
    searches_agree_with_the_plain_scan(subject);
    many_are_answered_as_each(subject);
    ties_are_ordered_by_key(subject);
    limits_are_kept(subject);
    writing_again_replaces(subject);
    documents_are_removed(subject);
    wrong_vectors_are_refused_whole(subject);
    a_scan_returns_everything(subject);
    what_was_flushed_is_there_again(subject);
    readers_do_not_disturb_each_other(subject);
}

/// A sequence that looks random and is the same everywhere (SplitMix64).
pub struct Seeded(pub u64);

impl Seeded {
    /// Next number.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Next vector: numbers from −1 to 1.
    pub fn vector(&mut self, dimensions: usize) -> Vec<f32> {
        (0..dimensions).map(|_| (self.bits() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0).collect()
    }

    /// Up to `most` of these.
    fn some(&mut self, from: &[&str], most: u64) -> Vec<String> {
        let several = self.bits() % (most + 1);
        (0..several).map(|_| from[(self.bits() % from.len() as u64) as usize].to_owned()).collect()
    }
}

/// `several` points, four passages a document, with every field in use and letters that need care.
pub fn points(several: usize, dimensions: usize, seed: u64) -> Vec<Point> {
    let mut seeded = Seeded(seed);
    (0..several).map(|place| point(place, dimensions, &mut seeded)).collect()
}

fn point(place: usize, dimensions: usize, seeded: &mut Seeded) -> Point {
    let document = format!("doc:{:04}", place / 4);
    let mut vector = seeded.vector(dimensions);
    vector.iter_mut().for_each(|number| *number *= (1 + place % 7) as f32);
    let mut facets = Facets::default();
    facets.set(Field::Document, vec![document.clone()]);
    facets.set(Field::Kind, vec![["article", "statement", "trial", "file"][place % 4].into()]);
    facets.set(Field::Corpus, vec![["first", "second (invented)"][place % 2].into()]);
    facets.set(Field::Gene, seeded.some(&["BRAF", "EGFR", "ERBB2", "NKX2-1", "KRAS"], 3));
    facets.set(
        Field::Variant,
        seeded.some(&["BRAF V600E", "EGFR p.(Leu858Arg)", "EML4::ALK", "ERBB2 \"x\" 5′"], 2),
    );
    facets.set(Field::Disease, seeded.some(&["DOID:162", "DOID:1909", "DOID:3908"], 3));
    facets.set(Field::Drug, seeded.some(&["vemurafenib", "5-fluorouracil", "ado-trastuzumab emtansine"], 2));
    facets.set(Field::Type, seeded.some(&["review", "randomized controlled trial"], 2));
    facets.set(Field::Access, vec![["abstract-only", "full-text"][place % 2].into()]);
    facets.set(Field::Invented, vec![place.is_multiple_of(5).to_string()]);
    if !place.is_multiple_of(3) {
        facets.set(
            Field::Standing,
            vec![["current", "retracted"][usize::from(place.is_multiple_of(11))].into()],
        );
    }
    if !place.is_multiple_of(10) {
        facets.set(Field::Year, vec![(2000 + place % 25).to_string()]);
    }
    if place.is_multiple_of(13) {
        facets.set(Field::Statement, vec![format!("test:{place}")]);
    }
    let key = PassageKey {
        document: DocumentId(document),
        text_hash: "0123456789ab".into(),
        start: place % 4 * 100,
        end: place % 4 * 100 + 90,
    };
    Point { key, vector, facets }
}

/// Every shape of filter, and each field.
pub fn filters() -> Vec<Filter> {
    use Filter::{All, And, AnyOf, Not, Or, Years};
    let any = |field, values: &[&str]| AnyOf(field, values.iter().map(|&value| value.to_owned()).collect());
    let not = |filter| Not(Box::new(filter));
    let braf = || any(Field::Gene, &["BRAF"]);
    let invented = || any(Field::Invented, &["true"]);
    let mut filters = vec![
        All,
        not(All),
        And(vec![]),
        Or(vec![]),
        not(And(vec![])),
        not(Or(vec![])),
        braf(),
        any(Field::Gene, &["BRAF", "EGFR", "no such gene"]),
        any(Field::Gene, &["no such gene"]),
        any(Field::Gene, &["braf"]),
        any(Field::Gene, &["NKX2"]),
        any(Field::Gene, &[]),
        not(any(Field::Gene, &[])),
        not(braf()),
        not(not(braf())),
        any(Field::Standing, &["current"]),
        not(any(Field::Standing, &["current"])),
        Years(None, None),
        Years(Some(2010), None),
        Years(None, Some(2010)),
        Years(Some(2010), Some(2010)),
        Years(Some(2011), Some(2010)),
        not(Years(None, None)),
        not(Years(Some(2005), Some(2015))),
        any(Field::Year, &["2003", "2004", "02005"]),
        And(vec![braf()]),
        And(vec![braf(), invented()]),
        And(vec![braf(), any(Field::Gene, &["EGFR"])]),
        And(vec![braf(), Or(vec![])]),
        And(vec![braf(), All]),
        Or(vec![braf(), invented()]),
        Or(vec![braf(), any(Field::Gene, &[])]),
        Or(vec![braf(), And(vec![])]),
        Or(vec![And(vec![braf(), invented()]), not(Years(Some(2003), None))]),
        And(vec![
            Or(vec![braf(), invented()]),
            Or(vec![Years(Some(2012), None), not(invented())]),
            not(And(vec![braf(), invented()])),
        ]),
        not(Or(vec![braf(), And(vec![invented(), not(Years(None, Some(2012)))])])),
    ];
    let sample = points(40, 1, 1);
    for field in Field::ALL {
        let value = sample.iter().find_map(|point| point.facets.of(field).first());
        filters.push(AnyOf(field, value.into_iter().cloned().collect()));
    }
    filters
}

fn filled(subject: &Subject, several: usize) -> (Box<dyn VectorStore>, Vec<Point>) {
    let store = (subject.empty)();
    let points = points(several, DIMENSIONS, 7);
    put(&*store, &points);
    (store, points)
}

fn put(store: &dyn VectorStore, points: &[Point]) {
    store.upsert(points).unwrap_or_else(|error| panic!("upsert: {error}"));
}

/// Many questions at once are answered as each alone.
fn many_are_answered_as_each(subject: &Subject) {
    let (store, _) = filled(subject, 200);
    let mut seeded = Seeded(21);
    let mut questions: Vec<Question> = filters()
        .into_iter()
        .zip([0, 3, 50].into_iter().cycle())
        .map(|(filter, limit)| Question { vector: seeded.vector(DIMENSIONS), filter, limit })
        .collect();
    let together =
        store.nearest_each(&questions).unwrap_or_else(|error| panic!("many questions at once: {error}"));
    assert_eq!(together.len(), questions.len(), "many questions at once: one answer each");
    for (question, answer) in questions.iter().zip(together) {
        let alone = near(&*store, &question.vector, &question.filter, question.limit);
        assert_eq!(answer, alone, "many questions at once: as each alone, with {:?}", question.filter);
    }
    assert_eq!(store.nearest_each(&[]).map(|answers| answers.len()).ok(), Some(0));
    questions[1].vector.pop();
    let refused = store.nearest_each(&questions);
    assert!(matches!(refused, Err(StoreError::WrongSize { .. })), "a wrong question is refused among many");
}

fn near(store: &dyn VectorStore, query: &[f32], filter: &Filter, limit: usize) -> Vec<Near> {
    store.nearest(query, filter, limit).unwrap_or_else(|error| panic!("nearest with {filter:?}: {error}"))
}

fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let product =
        |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    let lengths = (product(left, left) * product(right, right)).sqrt();
    if lengths == 0.0 { 0.0 } else { product(left, right) / lengths }
}

/// Keys and cosines of all points that meet the filter, best first.
fn expected<'a>(points: &'a [Point], query: &[f32], filter: &Filter) -> Vec<(&'a PassageKey, f64)> {
    let met = points.iter().filter(|point| filter.holds(&point.facets));
    let mut met: Vec<_> = met.map(|point| (&point.key, cosine(query, &point.vector))).collect();
    met.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| left.0.cmp(right.0)));
    met
}

/// Holds an answer against the plain scan; returns how many of how many it found.
fn check(
    answers: Answers,
    points: &[Point],
    query: &[f32],
    filter: &Filter,
    limit: usize,
    found: &[Near],
) -> (usize, usize) {
    let all = expected(points, query, filter);
    let wanted = &all[..limit.min(all.len())];
    let cosines: BTreeMap<_, _> = all.iter().copied().collect();
    assert!(
        found.is_sorted_by(|left, right| left.order(right).is_lt()),
        "best first, each once, ties by key: {filter:?}"
    );
    for near in found {
        let Some(cosine) = cosines.get(&near.key) else { panic!("{} does not meet {filter:?}", near.key) };
        assert!(
            (cosine - f64::from(near.score)).abs() < CLOSE,
            "{filter:?}: score {} is not {cosine}",
            near.score
        );
    }
    if answers == Answers::Exact {
        assert_eq!(found.len(), wanted.len(), "as many as there are: {filter:?}");
        // By score, so that two within rounding of each other may stand either way round.
        let as_good =
            found.iter().zip(wanted).all(|(found, wanted)| (f64::from(found.score) - wanted.1).abs() < CLOSE);
        assert!(as_good, "the nearest: {filter:?}");
    }
    assert!(found.len() <= wanted.len(), "no more than asked for: {filter:?}");
    let keys: BTreeSet<_> = found.iter().map(|near| &near.key).collect();
    (wanted.iter().filter(|(key, _)| keys.contains(key)).count(), wanted.len())
}

fn searches_agree_with_the_plain_scan(subject: &Subject) {
    let (store, points) = filled(subject, 200);
    for flushed in [false, true] {
        if flushed {
            store.flush().unwrap_or_else(|error| panic!("flush: {error}"));
        }
        let recall = recall(subject.answers, &*store, &points, 4, 10);
        assert!(RECALL <= recall, "recall {recall} with flushed = {flushed}");
    }
}

/// Share of the `limit` nearest found over all filters and this many queries; every answer is checked on the way.
pub fn recall(
    answers: Answers,
    store: &dyn VectorStore,
    points: &[Point],
    queries: usize,
    limit: usize,
) -> f64 {
    let (mut hits, mut wanted) = (0, 0);
    let mut seeded = Seeded(99);
    for filter in filters() {
        for _ in 0..queries {
            let query = seeded.vector(DIMENSIONS);
            let found = near(store, &query, &filter, limit);
            let (hit, of) = check(answers, points, &query, &filter, limit, &found);
            hits += hit;
            wanted += of;
        }
    }
    hits as f64 / wanted as f64
}

fn ties_are_ordered_by_key(subject: &Subject) {
    let store = (subject.empty)();
    let mut points = points(40, DIMENSIONS, 3);
    let (same, query) = (points[0].vector.clone(), points[0].vector.clone());
    points.iter_mut().for_each(|point| point.vector.clone_from(&same));
    points.reverse();
    put(&*store, &points);
    let found: Vec<_> = near(&*store, &query, &Filter::All, 40).into_iter().map(|near| near.key).collect();
    points.sort_by(|left, right| left.key.cmp(&right.key));
    let keys: Vec<_> = points.iter().map(|point| point.key.clone()).collect();
    assert_eq!(found, keys, "ties by key");
    if subject.answers == Answers::Exact {
        let found: Vec<_> = near(&*store, &query, &Filter::All, 5).into_iter().map(|near| near.key).collect();
        assert_eq!(found, keys[..5], "ties by key at the limit");
    }
    let zeros = vec![0.0; DIMENSIONS];
    put(&*store, &[Point { vector: zeros.clone(), ..points[0].clone() }]);
    let found = near(&*store, &query, &Filter::All, 40);
    assert_eq!(
        found.last().map(|near| (&near.key, near.score)),
        Some((&keys[0], 0.0)),
        "a vector of zeros is near nothing"
    );
    assert!(
        near(&*store, &zeros, &Filter::All, 40).iter().all(|near| near.score == 0.0),
        "nothing is near zeros"
    );
}

fn limits_are_kept(subject: &Subject) {
    let (store, points) = filled(subject, 50);
    let empty = (subject.empty)();
    for limit in [0, 1, 50, 1_000, usize::MAX] {
        let found = near(&*store, &points[3].vector, &Filter::All, limit);
        assert_eq!(found.len(), limit.min(50), "limit {limit}");
        assert_eq!(
            found.first().map(|near| &near.key),
            (limit != 0).then_some(&points[3].key),
            "itself first"
        );
        assert!(
            near(&*empty, &points[3].vector, &Filter::All, limit).is_empty(),
            "an empty store has nothing"
        );
    }
    assert_eq!(empty.count().ok(), Some(0));
    empty.upsert(&[]).unwrap_or_else(|error| panic!("writing nothing: {error}"));
    empty.remove(&[]).unwrap_or_else(|error| panic!("removing nothing: {error}"));
    empty.flush().unwrap_or_else(|error| panic!("flushing nothing: {error}"));
}

fn writing_again_replaces(subject: &Subject) {
    let (store, mut points) = filled(subject, 60);
    let mut seeded = Seeded(5);
    for point in &mut points[10..30] {
        point.vector = seeded.vector(DIMENSIONS);
        point.facets = Facets::default();
        point.facets.set(Field::Gene, vec!["ALK".into()]);
    }
    // Twice in one call: the later counts.
    let mut twice = vec![Point { vector: seeded.vector(DIMENSIONS), ..points[10].clone() }];
    twice.extend_from_slice(&points[10..30]);
    put(&*store, &twice);
    assert_eq!(store.count().ok(), Some(60), "replaced, not added");
    same_points(&*store, &points);
    for filter in [Filter::AnyOf(Field::Gene, vec!["ALK".into()]), Filter::All] {
        let found = near(&*store, &points[10].vector, &filter, 60);
        let (hit, of) = check(subject.answers, &points, &points[10].vector, &filter, 60, &found);
        assert_eq!(hit, of, "after writing again: {filter:?}");
    }
}

fn documents_are_removed(subject: &Subject) {
    let (store, mut points) = filled(subject, 60);
    let gone = ["doc:0000", "doc:0007", "doc:9999"].map(|id| DocumentId(id.into()));
    for _ in 0..2 {
        store.remove(&gone).unwrap_or_else(|error| panic!("remove: {error}"));
        points.retain(|point| !gone.contains(&point.key.document));
        assert_eq!(store.count().ok(), Some(52), "two documents of four passages are gone");
        same_points(&*store, &points);
        store.flush().unwrap_or_else(|error| panic!("flush: {error}"));
    }
    let found = near(&*store, &points[0].vector, &Filter::All, 60);
    assert_eq!(check(subject.answers, &points, &points[0].vector, &Filter::All, 60, &found), (52, 52));
}

fn wrong_vectors_are_refused_whole(subject: &Subject) {
    let (store, points) = filled(subject, 20);
    let fresh = self::points(21, DIMENSIONS, 8).pop().unwrap_or_else(|| panic!("21 points"));
    for found in [0, DIMENSIONS - 1, DIMENSIONS + 1] {
        let wrong = Point { vector: vec![1.0; found], ..points[0].clone() };
        let wrong_size = |answer: Result<(), StoreError>| matches!(answer, Err(StoreError::WrongSize { expected: DIMENSIONS, found: length, .. }) if length == found);
        assert!(wrong_size(store.upsert(&[fresh.clone(), wrong.clone()])), "writing {found} numbers");
        let asked = store.nearest(&wrong.vector, &Filter::All, 3).map(|_| ());
        assert!(wrong_size(asked), "asking with {found} numbers");
    }
    for number in [f32::NAN, f32::INFINITY] {
        let mut wrong = Point { vector: vec![1.0; DIMENSIONS], ..points[0].clone() };
        wrong.vector[2] = number;
        assert!(
            matches!(store.upsert(&[fresh.clone(), wrong.clone()]), Err(StoreError::Failed { .. })),
            "{number}"
        );
        assert!(store.nearest(&wrong.vector, &Filter::All, 3).is_err(), "{number}");
    }
    assert_eq!(store.dimensions(), DIMENSIONS);
    same_points(&*store, &points);
}

fn a_scan_returns_everything(subject: &Subject) {
    let (store, points) = filled(subject, 1_100);
    assert_eq!(store.count().ok(), Some(1_100));
    same_points(&*store, &points);
    let mut batches = 0;
    let stopped = store.scan(&mut |_| {
        batches += 1;
        Err(StoreError::Stopped { done: 0 })
    });
    assert!(matches!(stopped, Err(StoreError::Stopped { .. })), "the visitor's error is the scan's");
    assert_eq!(batches, 1, "and ends it");
}

/// The store holds these points and no others: same keys, same facets, same directions.
fn same_points(store: &dyn VectorStore, points: &[Point]) {
    let mut held = BTreeMap::new();
    let scanned = store.scan(&mut |batch| {
        for point in batch {
            assert!(held.insert(point.key.clone(), point).is_none(), "each point once");
        }
        Ok(())
    });
    scanned.unwrap_or_else(|error| panic!("scan: {error}"));
    assert_eq!(held.len(), points.len(), "as many as were written");
    for point in points {
        let Some(found) = held.get(&point.key) else { panic!("{} is missing", point.key) };
        assert_eq!(found.facets, point.facets, "facets of {}", point.key);
        assert!(1.0 - cosine(&found.vector, &point.vector) < 1e-6, "direction of {}", point.key);
    }
}

fn what_was_flushed_is_there_again(subject: &Subject) {
    let Some(reopen) = subject.reopen else { return };
    let (store, mut points) = filled(subject, 200);
    let before: Vec<_> =
        filters().iter().map(|filter| near(&*store, &points[9].vector, filter, 10)).collect();
    store.flush().unwrap_or_else(|error| panic!("flush: {error}"));
    drop(store);
    let store = reopen();
    same_points(&*store, &points);
    for (filter, before) in filters().iter().zip(before) {
        let after = near(&*store, &points[9].vector, filter, 10);
        check(subject.answers, &points, &points[9].vector, filter, 10, &after);
        if subject.answers == Answers::Exact {
            assert_eq!(after, before, "the same answer after opening again: {filter:?}");
        }
    }
    // And it can be written to.
    let gone = points[0].key.document.clone();
    store.remove(std::slice::from_ref(&gone)).unwrap_or_else(|error| panic!("remove: {error}"));
    points.retain(|point| point.key.document != gone);
    points[0].facets.set(Field::Gene, vec!["ALK".into()]);
    put(&*store, &points[..1]);
    store.flush().unwrap_or_else(|error| panic!("flush: {error}"));
    drop(store);
    same_points(&*reopen(), &points);
}

fn readers_do_not_disturb_each_other(subject: &Subject) {
    let (store, points) = filled(subject, 200);
    let kept = Filter::Not(Box::new(Filter::AnyOf(Field::Corpus, vec!["added later".into()])));
    let mut added = self::points(80, DIMENSIONS, 12);
    for point in &mut added {
        point.key.document = DocumentId(format!("later:{}", point.key.document));
        point.facets.set(Field::Corpus, vec!["added later".into()]);
    }
    let (store, points, kept, answers) = (&*store, &points, &kept, subject.answers);
    std::thread::scope(|threads| {
        for reader in 0..4 {
            threads.spawn(move || {
                let mut seeded = Seeded(reader);
                for _ in 0..20 {
                    let query = seeded.vector(DIMENSIONS);
                    let found = near(store, &query, kept, 10);
                    check(answers, points, &query, kept, 10, &found);
                }
            });
        }
        threads.spawn(|| {
            added.chunks(8).for_each(|some| put(store, some));
            store.flush().unwrap_or_else(|error| panic!("flush while others read: {error}"));
        });
    });
    assert_eq!(store.count().ok(), Some(280));
}
