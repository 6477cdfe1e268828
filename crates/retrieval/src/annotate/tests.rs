//! Facets of small passages, read with the builtin release.

use super::*;
use crate::testing::{ancestors, document, lexicon, passages};
use concilium_terms::StatementKey;
use expect_test::{Expect, expect};

fn facets(document: &Document) -> String {
    let annotator = Annotator { lexicon: lexicon(), ancestors: &ancestors };
    let passage = passages(document).pop().expect("a passage");
    let found = annotator.facets(document, &passage);
    let shown =
        found.values.iter().map(|(field, values)| format!("{}: {}\n", field.name(), values.join(" | ")));
    shown.collect()
}

#[track_caller]
fn check(title: &str, text: &str, expected: Expect) {
    expected.assert_eq(&facets(&document("pmid:1", title, text)));
}

#[test]
fn names_of_title_and_text() {
    check(
        "AZD9291 in EGFR-mutated NSCLC",
        "Progression came with T790M and HER2 amplification. Patients met criteria. NTRK fusions were absent.",
        expect![[r#"
            document: pmid:1
            kind: article
            corpus: test (invented)
            gene: EGFR | ERBB2 | NTRK1 | NTRK2 | NTRK3
            variant: EGFR T790M | ERBB2 amplification | NTRK1 fusion | NTRK2 fusion | NTRK3 fusion
            disease: DOID:1324 | DOID:162 | DOID:3905 | DOID:3908 | DOID:4
            drug: osimertinib
            statement: 
            type: journal article
            access: abstract-only
            standing: current
            year: 2024
            invented: true
        "#]],
    );
}

#[test]
fn what_the_document_says_of_itself() {
    let mut stored = document("pmid:2", "", "Nothing to name.");
    stored.types = vec!["Randomized Controlled Trial".to_owned(), "Review".to_owned()];
    stored.standing = Standing::Retracted(Some("pmid:3".to_owned()));
    stored.statements = vec![StatementKey::new("EID2"), StatementKey::new("EID1")];
    stored.date = String::new();
    expect![[r#"
        document: pmid:2
        kind: article
        corpus: test (invented)
        gene: 
        variant: 
        disease: 
        drug: 
        statement: EID1 | EID2
        type: randomized controlled trial | review
        access: abstract-only
        standing: retracted
        year: 
        invented: true
    "#]]
    .assert_eq(&facets(&stored));
}

#[test]
fn every_field_has_values_or_is_known_to_be_empty() {
    let stored = document("pmid:1", "", "");
    let annotator = Annotator { lexicon: lexicon(), ancestors: &ancestors };
    let found = annotator.facets(&stored, &passages(&stored)[0]);
    assert_eq!(found.values.len(), Field::ALL.len());
}

#[test]
fn a_regimen_spelled_out_names_its_drugs() {
    let found = facets(&document("pmid:1", "", "Amivantamab with carboplatin and pemetrexed."));
    assert!(found.contains("drug: amivantamab | carboplatin | pemetrexed\n"), "{found}");
}
