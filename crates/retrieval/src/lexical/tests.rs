//! What queries find, read with the builtin names; filters against their meaning; bad input.

use super::*;
use crate::annotate::Annotator;
use crate::filter::Field;
use crate::testing::{ancestors, document, lexicon, passages};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use tempfile::TempDir;

/// id, title, text.
const TEXTS: &[(&str, &str, &str)] = &[
    ("pmid:01", "Lapatinib in breast cancer", "Tumours with ERBB2 amplification responded."),
    ("pmid:02", "A trial of trastuzumab", "HER2-positive disease was required; HER-2/neu positive by assay."),
    ("pmid:03", "AZD9291 after progression", "Patients with T790M received AZD9291 at full dose."),
    ("pmid:04", "Third-generation inhibition", "Osimertinib resistance came with C797S."),
    ("pmid:05", "Melanoma", "BRAF V600E was found in half of the melanomas."),
    ("pmid:06", "Eligibility", "Patients met criteria and the met need was unmet."),
    ("pmid:07", "MET amplification", "MET amplification drives resistance to EGFR inhibitors."),
    ("pmid:08", "Lung", "Non-small cell lung carcinoma was treated with chemotherapy."),
    ("pmid:09", "Lung adenocarcinoma", "Lung adenocarcinoma without known drivers progressed."),
    (
        "pmid:10",
        "Breast",
        "Patients with breast cancer had disease control for months; the control arm had none.",
    ),
    ("pmid:11", "Sequencing", "BRAFV600E and EML4-ALK were reported; p.Gly12Cys in KRAS was not."),
];

fn entry(document: &Document) -> Vec<Entry> {
    let annotator = Annotator { lexicon: lexicon(), ancestors: &ancestors };
    let made = |passage: Passage| Entry {
        facets: annotator.facets(document, &passage),
        head: DocumentHead::from(document),
        passage,
    };
    passages(document).into_iter().map(made).collect()
}

fn index_of(entries: Vec<Entry>) -> (TempDir, LexicalIndex) {
    let folder = TempDir::new().expect("a folder");
    let mut index = LexicalIndex::create(&folder.path().join("words"), lexicon().clone()).expect("created");
    index.add(entries).expect("added");
    index.finish().expect("finished");
    (folder, index)
}

fn texts() -> &'static LexicalIndex {
    static INDEX: std::sync::LazyLock<(TempDir, LexicalIndex)> = std::sync::LazyLock::new(|| {
        index_of(TEXTS.iter().flat_map(|(id, title, text)| entry(&document(id, title, text))).collect())
    });
    &INDEX.1
}

fn ask(query: &LexicalQuery) -> String {
    match texts().search(query) {
        Err(error) => format!("! {error}"),
        Ok(hits) => {
            let ids = hits.iter().map(|hit| hit.head.id.0.trim_start_matches("pmid:"));
            ids.collect::<Vec<_>>().join(" ")
        }
    }
}

/// Each line: a query, ` => `, the documents in order.
#[track_caller]
fn check(queries: &str, synonyms: bool, expected: Expect) {
    let lines = queries.lines().map(str::trim).filter(|line| !line.is_empty());
    let found: Vec<String> = lines
        .map(|text| format!("{text} => {}\n", ask(&LexicalQuery { synonyms, ..LexicalQuery::new(text) })))
        .collect();
    expected.assert_eq(&found.concat());
}

const NAMES: &str = "
    HER2
    ERBB2
    her2-positive
    osimertinib
    AZD9291
    Tagrisso
    p.Val600Glu
    V600E
    BRAF V600E
    NSCLC
    MET
    met amplification
    MET amplification
    KRAS G12C
    EML4::ALK
";

#[test]
fn synonyms_meet() {
    check(
        NAMES,
        true,
        expect![[r#"
        HER2 => 02 01
        ERBB2 => 01 02
        her2-positive => 02 01
        osimertinib => 04 03
        AZD9291 => 03 04
        Tagrisso => 03 04
        p.Val600Glu => 05 11
        V600E => 05 11
        BRAF V600E => 05 11
        NSCLC => 08 09
        MET => 07
        met amplification => 07 01
        MET amplification => 07 01
        KRAS G12C => 11
        EML4::ALK => 11
    "#]],
    );
}

#[test]
fn without_synonyms_only_words_meet() {
    check(
        NAMES,
        false,
        expect![[r#"
        HER2 => 02
        ERBB2 => 01
        her2-positive => 02
        osimertinib => 04
        AZD9291 => 03
        Tagrisso => 
        p.Val600Glu => 11
        V600E => 05
        BRAF V600E => 05
        NSCLC => 
        MET => 06 07
        met amplification => 07 06 01
        MET amplification => 07 06 01
        KRAS G12C => 11
        EML4::ALK => 11
    "#]],
    );
}

#[test]
fn phrases_and_filters() {
    check(
        r#"
        "disease control"
        "control of disease"
        "HER2 positive"
        "ERBB2 positive"
        "patients with T790M"
        "BRAF p.Val600Glu"
        "BRAF V600E was found"
        -"breast cancer" patients
        patients -gene:EGFR
        gene:HER2
        drug:Tagrisso
        disease:"lung cancer"
        lung disease:NSCLC
        disease:cancer lung
        variant:"BRAF p.Val600Glu"
        year:2024 gene:MET
        year:2025..
        year:..2023 lung
        kind:article corpus:"test (invented)" melanoma
        "#,
        true,
        expect![[r#"
            "disease control" => 10
            "control of disease" => 
            "HER2 positive" => 02
            "ERBB2 positive" => 02
            "patients with T790M" => 03
            "BRAF p.Val600Glu" => 05
            "BRAF V600E was found" => 05
            -"breast cancer" patients => 06 03
            patients -gene:EGFR => 06 03 10
            gene:HER2 => 01 02
            drug:Tagrisso => 03 04
            disease:"lung cancer" => 08 09
            lung disease:NSCLC => 08 09
            disease:cancer lung => 08 09
            variant:"BRAF p.Val600Glu" => 05 11
            year:2024 gene:MET => 07
            year:2025.. => 
            year:..2023 lung => 
            kind:article corpus:"test (invented)" melanoma => 05
        "#]],
    );
}

#[test]
fn what_cannot_be_asked() {
    check(
        r#"
        the of and
        ?? !! --
        ""
        gene:
        gene: EGFR
        genes:EGFR
        year:soon
        year:..
        standing:withdrawn
        access:"full text" lung
        "never closed lung
        note: lung
        "#,
        true,
        expect![[r#"
            the of and => ! the query has no word to search for: only signs or words like `the` and `of`
            ?? !! -- => ! the query has no word to search for: only signs or words like `the` and `of`
            "" => ! the query has no word to search for: only signs or words like `the` and `of`
            gene: => ! `gene:` in the query has no value; write it directly behind the colon, in quotes when it has blanks
            gene: EGFR => ! `gene:` in the query has no value; write it directly behind the colon, in quotes when it has blanks
            genes:EGFR => ! no field `genes:` in the query; there are document, kind, corpus, gene, variant, disease, drug, statement, type, access, standing, year, invented; words with a colon go into quotes
            year:soon => ! `year:` in the query wants a year or a range: 2019, 2019..2024, 2019.., ..2024
            year:.. => ! `year:` in the query wants a year or a range: 2019, 2019..2024, 2019.., ..2024
            standing:withdrawn => ! `standing:` in the query wants one of current, retracted, superseded, concern
            access:"full text" lung => ! `access:` in the query wants one of title-only, abstract-only, full-text, curated-summary
            "never closed lung => 08 09
            note: lung => 08 09
        "#]],
    );
    let long = "lung ".repeat(20_000);
    expect!["the query has 100000 bytes, at most 16384 are read: ask for its main words"]
        .assert_eq(&texts().search(&LexicalQuery::new(&long)).expect_err("too long").to_string());
}

#[test]
fn a_hit_says_what_it_met() {
    let hits = texts().search(&LexicalQuery::new("Tagrisso resistance")).expect("an answer");
    let shown = hits.iter().map(|hit| {
        let met = hit.matched.iter().map(|m| format!("  {} as {} in {}\n", m.written, m.token, m.field));
        format!("{}\n{}", hit.head.id, met.collect::<String>())
    });
    expect![[r#"
        pmid:04
          Tagrisso as drug:osimertinib in body
          Tagrisso as drug:osimertinib in entities
          resistance as resist in body
        pmid:03
          Tagrisso as drug:osimertinib in body
          Tagrisso as drug:osimertinib in entities
          Tagrisso as drug:osimertinib in title
        pmid:07
          resistance as resist in body
    "#]]
    .assert_eq(&shown.collect::<String>());
}

#[test]
fn a_broad_disease_finds_narrower_ones_through_the_filter() {
    let lung_cancer = Filter::AnyOf(Field::Disease, vec!["DOID:1324".to_owned()]);
    let hits =
        texts().search(&LexicalQuery { filter: lung_cancer, ..LexicalQuery::new("progressed treated") });
    let ids: Vec<String> = hits.expect("an answer").into_iter().map(|hit| hit.head.id.0).collect();
    assert_eq!(ids, ["pmid:09", "pmid:08"]);
}

#[test]
fn equal_scores_are_ordered_by_key_at_every_limit() {
    let same = |n: usize| entry(&document(&format!("pmid:{n:03}"), "", "the same words of every passage"));
    let backwards = index_of((0..60).rev().flat_map(same).collect()).1;
    let ids = |limit| -> Vec<String> {
        let query = LexicalQuery { limit, ..LexicalQuery::new("words passage") };
        backwards.search(&query).expect("an answer").into_iter().map(|hit| hit.head.id.0).collect()
    };
    let all = ids(60);
    assert!(all.is_sorted() && all.len() == 60);
    for limit in [0, 1, 7, 59] {
        assert_eq!(ids(limit), all[..limit]);
    }
    let listed = LexicalQuery { limit: 3, ..LexicalQuery::new("year:2024") };
    let listed: Vec<String> =
        backwards.search(&listed).expect("a list").into_iter().map(|hit| hit.head.id.0).collect();
    assert_eq!(listed, all[..3]);
}

fn asked() -> Vec<LexicalQuery> {
    let names = NAMES.lines().map(str::trim).filter(|line| !line.is_empty());
    names.chain(["resistance patients lung"]).map(LexicalQuery::new).collect()
}

#[test]
fn scores_do_not_depend_on_how_the_index_was_filled() {
    let folder = TempDir::new().expect("a folder");
    let mut index = LexicalIndex::create(folder.path(), lexicon().clone()).expect("created");
    for (at, (id, title, text)) in TEXTS.iter().rev().enumerate() {
        index.add(entry(&document(id, title, text))).expect("added");
        if at % 3 == 0 {
            index.commit().expect("committed");
        }
    }
    index.finish().expect("finished");
    drop(index);
    let index = LexicalIndex::open(folder.path(), lexicon().clone()).expect("opened");
    index.verify().expect("whole");
    for query in asked() {
        assert_eq!(index.search(&query).expect("an answer"), texts().search(&query).expect("an answer"));
    }
}

#[test]
fn what_was_removed_is_not_found() {
    let folder = TempDir::new().expect("a folder");
    let mut index = LexicalIndex::create(folder.path(), lexicon().clone()).expect("created");
    let gone = || entry(&document("pmid:99", "MET", "MET amplification and osimertinib in NSCLC"));
    index.add(gone()).expect("added");
    index.commit().expect("committed");
    for (id, title, text) in TEXTS {
        index.add(entry(&document(id, title, text))).expect("added");
    }
    index.add(gone()).expect("added");
    index
        .remove(&[DocumentId("pmid:99".to_owned()), DocumentId("pmid:unknown".to_owned())])
        .expect("removed");
    index.commit().expect("committed");
    let found = |index: &LexicalIndex, query: &LexicalQuery| {
        let hits = index.search(query).expect("an answer").into_iter();
        hits.map(|hit| hit.head.id.0).collect::<std::collections::BTreeSet<String>>()
    };
    for finished in [false, true] {
        if finished {
            index.finish().expect("finished");
        }
        assert_eq!(index.count(), TEXTS.len() as u64);
        for query in asked() {
            assert_eq!(found(&index, &query), found(texts(), &query), "{}", query.text);
        }
    }
}

#[test]
fn passages_come_back_by_key() {
    let hits = texts().search(&LexicalQuery::new("melanoma MET")).expect("an answer");
    let mut keys: Vec<PassageKey> = hits.iter().map(|hit| hit.passage.key.clone()).collect();
    keys.reverse();
    let found = texts().passages(&keys).expect("read");
    assert_eq!(found.iter().map(|(passage, _)| passage.key.clone()).collect::<Vec<_>>(), keys);
    let unknown = PassageKey { text_hash: "another".to_owned(), ..keys[0].clone() };
    assert_eq!(texts().passages(&[unknown]).expect("read"), vec![]);
    assert_eq!(texts().passages(&[]).expect("read"), vec![]);
    let mut scanned = 0;
    let count = |_, _| -> Result<(), LexicalError> {
        scanned += 1;
        Ok(())
    };
    texts().scan(count).expect("scanned");
    assert_eq!(scanned, TEXTS.len());
}

#[test]
fn folders_that_hold_no_whole_index() {
    let folder = TempDir::new().expect("a folder");
    let words = folder.path().join("words");
    let error = |result: Result<LexicalIndex, LexicalError>| {
        let text = result.err().expect("an error").to_string();
        assert!(text.contains(&words.display().to_string()), "{text}");
        text.replace(&words.display().to_string(), "FOLDER")
    };
    let open = || LexicalIndex::open(&words, lexicon().clone());
    expect!["FOLDER: no index of words here; `concilium corpus index` makes one"].assert_eq(&error(open()));
    let mut index = LexicalIndex::create(&words, lexicon().clone()).expect("created");
    index.add(entry(&document("pmid:1", "", "some words"))).expect("added");
    index.finish().expect("finished");
    drop(index);
    let again = LexicalIndex::create(&words, lexicon().clone());
    expect!["FOLDER: holds an index already; open it, or remove the folder"].assert_eq(&error(again));
    let other = LexicalIndex::open(&words, Arc::new(Lexicon::new([], [], [])));
    expect!["FOLDER: the index was made with another vocabulary or version; `concilium corpus index` makes it anew"]
        .assert_eq(&error(other));
    for file in std::fs::read_dir(&words).expect("listed").map(|file| file.expect("an entry").path()) {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name.starts_with('.') || name.ends_with(".lock") {
            continue;
        }
        let whole = std::fs::read(&file).expect("read");
        for damaged in [whole[..whole.len() / 2].to_vec(), vec![], vec![0xff; whole.len()]] {
            std::fs::write(&file, damaged).expect("written");
            let found = open().and_then(|index| index.verify().map(|()| index));
            let text = error(found);
            assert!(text.contains("damaged") && text.contains("concilium corpus index"), "{name}: {text}");
        }
        std::fs::remove_file(&file).expect("removed");
        error(open().and_then(|index| index.verify().map(|()| index)));
        std::fs::write(&file, whole).expect("written");
    }
    assert_eq!(open().expect("whole again").count(), 1);
}

#[test]
fn many_threads_may_search() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(texts());
    let expected = ask(&LexicalQuery::new("HER2 resistance"));
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| ask(&LexicalQuery::new("HER2 resistance")))).collect();
        for thread in threads {
            assert_eq!(thread.join().expect("an answer"), expected);
        }
    });
}

#[test]
fn two_writers_are_kept_apart() {
    let folder = TempDir::new().expect("a folder");
    let mut first = LexicalIndex::create(folder.path(), lexicon().clone()).expect("created");
    first.add(entry(&document("pmid:1", "", "some words"))).expect("added");
    let mut second = LexicalIndex::open(folder.path(), lexicon().clone()).expect("opened");
    let error = second.add(entry(&document("pmid:2", "", "more words"))).expect_err("locked");
    assert!(matches!(error, LexicalError::Locked { .. }), "{error}");
    assert_eq!(second.count(), 0);
    first.finish().expect("finished");
    second.add(entry(&document("pmid:2", "", "more words"))).expect("free again");
    second.finish().expect("finished");
    assert_eq!(second.count(), 2);
}

fn any_facets() -> impl Strategy<Value = Facets> {
    let field = prop::sample::select(Field::ALL.to_vec());
    let value = prop::sample::select(vec!["a", "b", "c", "2019", "2021", "not a year", ""]);
    let values = prop::collection::vec(value.prop_map(str::to_owned), 0..3);
    prop::collection::vec((field, values), 0..8).prop_map(|pairs| {
        let mut facets = Facets::default();
        for (field, values) in pairs {
            facets.set(field, values);
        }
        facets
    })
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let year = || prop::option::of(prop::sample::select(vec![0, 2018, 2019, 2020, 2021, u16::MAX]));
    let value = prop::sample::select(vec!["a", "b", "2019", "d", ""]).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Filter::All),
        (prop::sample::select(Field::ALL.to_vec()), prop::collection::vec(value, 0..3))
            .prop_map(|(field, values)| Filter::AnyOf(field, values)),
        (year(), year()).prop_map(|(from, to)| Filter::Years(from, to)),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_lowered_filter_means_what_the_filter_means(
        facets in prop::collection::vec(any_facets(), 1..12),
        filters in prop::collection::vec(any_filter(), 24),
    ) {
        let entries: Vec<Entry> = facets
            .iter()
            .enumerate()
            .flat_map(|(n, facets)| {
                let mut made = entry(&document(&format!("pmid:{n:02}"), "", "words"));
                made[0].facets = facets.clone();
                made
            })
            .collect();
        let (_folder, index) = index_of(entries);
        for filter in filters {
            let expected: Vec<String> = (0..facets.len())
                .filter(|n| filter.holds(&facets[*n]))
                .map(|n| format!("pmid:{n:02}"))
                .collect();
            let query = LexicalQuery { filter: filter.clone(), limit: 99, ..LexicalQuery::new("words") };
            let found: Vec<String> =
                index.search(&query).expect("an answer").into_iter().map(|hit| hit.head.id.0).collect();
            prop_assert_eq!(&found, &expected, "{:?}", &filter);
            prop_assert_eq!(index.count_of(&filter).expect("counted"), expected.len());
        }
    }
}

proptest! {
    #[test]
    fn every_query_is_answered_or_refused(
        pieces in prop::collection::vec(
            prop_oneof![
                ".{0,8}",
                "[\"(){}\\[\\]:*?~^+\\-/&|!<>=. ]{0,6}",
                prop::sample::select(vec![
                    "gene:", "year:", "-", "\"", "HER2", "osimertinib", "the", "V600E", "year:2019..", "-gene:EGFR ",
                    "type:\"", "NSCLC", "p.(Val600Glu)", "lung ", "\u{0}", "é", "\u{202e}",
                ]).prop_map(str::to_owned),
            ],
            0..12,
        ),
        synonyms in any::<bool>(),
    ) {
        let text = pieces.concat();
        match texts().search(&LexicalQuery { synonyms, ..LexicalQuery::new(&text) }) {
            Ok(hits) => {
                prop_assert!(hits.is_sorted_by(|a, b| b.score <= a.score));
                prop_assert!(hits.iter().all(|hit| hit.score.is_finite()));
            }
            Err(LexicalError::Query(error)) => prop_assert!(!error.to_string().is_empty()),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn every_text_can_be_indexed(title in ".{0,40}", text in ".{0,200}") {
        let analyser = Analyser { lexicon: lexicon().clone() };
        for text in [&title, &text] {
            let analysis = analyser.analyse(text, Writing::Prose);
            prop_assert!(analysis.slots.is_sorted_by(|a, b| a.position <= b.position && a.span.end <= b.span.start));
            prop_assert!(analysis.slots.iter().all(|slot| text.get(slot.span.clone()).is_some()));
            prop_assert!(analysis.slots.iter().flat_map(|slot| slot.tokens()).all(|token| !token.is_empty()));
        }
    }
}
