//! Known values, made with `pytrec_eval-terrier` 0.5.11 (trec_eval's own C code): each list below was given to
//! `RelevanceEvaluator(qrels, {"ndcg_cut.5,10", "P.5", "recall.5", "recip_rank", "map", "bpref"})` and the result printed
//! with six digits. Those of infNDCG follow the formula lines of TREC's `sample_eval.pl` by hand.

use super::{Judged, List, Measure, Sample, Sampled, condensed, inf_ndcg, ranked};
use proptest::prelude::*;

fn judged(rows: &[(&str, i32)]) -> Judged {
    rows.iter().map(|(document, grade)| ((*document).to_owned(), *grade)).collect()
}

fn list(rows: &[(&str, f64)]) -> List {
    rows.iter().map(|(document, score)| ((*document).to_owned(), *score)).collect()
}

/// nDCG@5, nDCG@10, P@5, R@5, reciprocal rank, AP, bpref.
#[track_caller]
fn check(judged: &Judged, list: &List, expected: [f64; 7]) {
    let measures = [
        Measure::Ndcg(5),
        Measure::Ndcg(10),
        Measure::Precision(5),
        Measure::Recall(5),
        Measure::ReciprocalRank,
        Measure::AveragePrecision,
        Measure::Bpref,
    ];
    for (measure, expected) in measures.into_iter().zip(expected) {
        let found = measure.of(judged, list).expect("something is relevant");
        assert!((found - expected).abs() < 1e-6, "{}: {found}, not {expected}", measure.name());
    }
}

#[test]
fn values_are_those_of_trec_eval() {
    // Graded, a document nobody judged in the middle, a relevant one missed.
    check(
        &judged(&[("a", 2), ("b", 0), ("c", 1), ("d", 1), ("e", 0), ("f", 2)]),
        &list(&[("b", 5.0), ("a", 4.0), ("x", 3.0), ("c", 2.0), ("e", 1.5), ("d", 1.0)]),
        [0.403702, 0.488664, 0.4, 0.5, 0.5, 0.375, 0.25],
    );
    // More judged that are not relevant than relevant ones.
    check(
        &judged(&[("a", 1), ("b", 1), ("c", 0), ("d", 0), ("e", 0)]),
        &list(&[("c", 9.0), ("d", 8.0), ("a", 7.0), ("e", 6.0), ("b", 5.0)]),
        [0.543771, 0.543771, 0.4, 1.0, 0.333333, 0.366667, 0.0],
    );
    // A grade below 0 is neither relevant nor judged.
    check(
        &judged(&[("a", -1), ("b", 1), ("c", 0)]),
        &list(&[("a", 3.0), ("b", 2.0), ("c", 1.0)]),
        [0.63093, 0.63093, 0.2, 1.0, 0.5, 0.5, 1.0],
    );
}

#[test]
fn ties_are_broken_as_trec_eval_does() {
    let tied = list(&[("a", 1.0), ("b", 1.0)]);
    check(&judged(&[("a", 1), ("b", 0)]), &tied, [0.63093, 0.63093, 0.2, 1.0, 0.5, 0.5, 0.0]);
    check(&judged(&[("a", 0), ("b", 1)]), &tied, [1.0, 1.0, 0.2, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn exponential_gain_by_hand() {
    // (2^1 − 1)/log2(2) + (2^3 − 1)/log2(3), over 7/log2(2) + 1/log2(3).
    let found = Measure::NdcgExponential(10)
        .of(&judged(&[("a", 1), ("b", 3)]), &list(&[("a", 2.0), ("b", 1.0)]))
        .expect("relevant");
    let third = 3.0_f64.log2();
    assert!((found - (1.0 + 7.0 / third) / (7.0 + 1.0 / third)).abs() < 1e-12);
}

#[test]
fn nothing_relevant_has_no_value() {
    let answer = list(&[("a", 1.0)]);
    assert_eq!(Measure::Ndcg(10).of(&judged(&[("a", 0)]), &answer), None);
    assert_eq!(Measure::ReciprocalRank.of(&Judged::new(), &answer), None);
    assert_eq!(Measure::AveragePrecision.of(&judged(&[("a", 1)]), &List::new()), Some(0.0));
}

#[test]
fn condensed_lists_hold_what_was_judged() {
    let judged = judged(&[("a", 1), ("b", 0), ("c", -1)]);
    let found = condensed(&judged, &list(&[("x", 4.0), ("b", 3.0), ("c", 2.0), ("a", 1.0)]));
    assert_eq!(ranked(&found), ["b", "a"]);
}

fn pool(rows: &[(&str, &str, i32)]) -> Sampled {
    let sample = |(document, stratum, grade): &(&str, &str, i32)| {
        let sample = Sample { stratum: (*stratum).to_owned(), grade: u32::try_from(*grade).ok() };
        ((*document).to_owned(), sample)
    };
    rows.iter().map(sample).collect()
}

#[test]
fn inferred_ndcg_of_a_sampled_pool() {
    let rows = [
        ("a", "1", 2),
        ("b", "1", 0),
        ("c", "1", 1),
        ("d", "2", 1),
        ("e", "2", -1),
        ("f", "2", 0),
        ("g", "2", -1),
        ("h", "3", 0),
        ("i", "3", -1),
        ("j", "3", 2),
        ("k", "3", -1),
        ("l", "3", -1),
    ];
    let answer = ["b", "a", "x", "d", "e", "j", "i", "c", "k"];
    let answer: List =
        answer.iter().enumerate().map(|(at, id)| ((*id).to_owned(), 9.0 - at as f64)).collect();
    // Strata of 3, 4 and 5 documents, 3, 2 and 2 of them judged. Retrieved of each: b a c, d e, j i k.
    let log = |place: f64| (place + 1.0).log2();
    let first = 2.0 / log(2.0) + 1.0 / log(8.0);
    let second = 2.0 * (1.0 / log(4.0));
    let third = 3.0 * (2.0 / log(6.0));
    // Of grade 2: 1 + 5/2, at places 1, 2, 3; of grade 1: 1 + 4/2, at places 4.5, 5.5, 6.5.
    let best =
        2.0 / log(1.0) + 2.0 / log(2.0) + 2.0 / log(3.0) + 1.0 / log(4.5) + 1.0 / log(5.5) + 1.0 / log(6.5);
    let found = inf_ndcg(&pool(&rows), &answer).expect("relevant");
    assert!((found - (first + second + third) / best).abs() < 1e-12, "{found}");
    // The same through a transcription of the formula lines of the script.
    assert!((found - 0.850_103_945_469_413_8).abs() < 1e-9, "{found}");
}

fn documents() -> impl Strategy<Value = (Judged, List)> {
    let ids = prop::collection::btree_map("[a-h]", -1_i32..4, 1..8);
    let answer = prop::collection::btree_map("[a-k]", 0_u8..6, 0..11);
    (ids, answer).prop_map(|(judged, answer)| {
        (judged, answer.into_iter().map(|(id, score)| (id, f64::from(score))).collect())
    })
}

const ALL: [Measure; 7] = [
    Measure::Ndcg(3),
    Measure::NdcgExponential(3),
    Measure::Precision(3),
    Measure::Recall(3),
    Measure::ReciprocalRank,
    Measure::AveragePrecision,
    Measure::Bpref,
];

proptest! {
    #[test]
    fn every_measure_lies_between_0_and_1((judged, list) in documents()) {
        for measure in ALL {
            if let Some(value) = measure.of(&judged, &list) {
                prop_assert!((0.0..=1.0 + 1e-12).contains(&value), "{} {value}", measure.name());
            }
        }
    }

    #[test]
    fn the_best_order_has_1((judged, _) in documents()) {
        let best: List = judged.iter().map(|(id, grade)| (id.clone(), f64::from(*grade))).collect();
        let relevant = judged.values().filter(|grade| 0 < **grade).count();
        for measure in ALL {
            let expected = match measure {
                Measure::Precision(k) => relevant.min(k) as f64 / k as f64,
                Measure::Recall(k) => relevant.min(k) as f64 / relevant as f64,
                _ => 1.0,
            };
            if let Some(value) = measure.of(&judged, &best) {
                prop_assert!((value - expected).abs() < 1e-12, "{} {value}", measure.name());
            }
        }
    }

    #[test]
    fn what_nobody_judged_at_the_end_changes_nothing((judged, list) in documents()) {
        let mut longer = list.clone();
        longer.push(("zz".to_owned(), -1.0));
        for measure in ALL {
            prop_assert_eq!(measure.of(&judged, &list), measure.of(&judged, &longer));
        }
    }

    #[test]
    fn neither_the_order_of_lines_nor_the_scale_of_scores_matters((judged, list) in documents()) {
        let other: List = list.iter().rev().map(|(id, score)| (id.clone(), score.mul_add(3.0, 7.0))).collect();
        for measure in ALL {
            prop_assert_eq!(measure.of(&judged, &list), measure.of(&judged, &other));
        }
    }

    #[test]
    fn a_better_document_in_the_place_of_a_worse_one_never_harms((judged, list) in documents()) {
        let mut order: Vec<String> = ranked(&list).into_iter().map(str::to_owned).collect();
        let scored = |order: &[String]| -> List {
            order.iter().enumerate().map(|(at, id)| (id.clone(), -(at as f64))).collect()
        };
        let grade = |id: &String| judged.get(id).copied().unwrap_or(0).max(0);
        let before = scored(&order);
        for at in 1..order.len() {
            if grade(&order[at - 1]) < grade(&order[at]) {
                order.swap(at - 1, at);
            }
        }
        let after = scored(&order);
        // bpref sees judged documents only: what nobody judged has no place among them.
        for measure in ALL.into_iter().filter(|measure| *measure != Measure::Bpref) {
            let (worse, better) = (measure.of(&judged, &before), measure.of(&judged, &after));
            prop_assert!(worse.unwrap_or(0.0) <= better.unwrap_or(0.0) + 1e-12, "{}", measure.name());
        }
    }

    #[test]
    fn a_pool_judged_whole_gives_ndcg((judged, list) in documents()) {
        let pool: Sampled = judged
            .iter()
            .filter(|(_, grade)| 0 <= **grade)
            .map(|(id, grade)| {
                (id.clone(), Sample { stratum: "1".to_owned(), grade: u32::try_from(*grade).ok() })
            })
            .collect();
        let (inferred, exact) = (inf_ndcg(&pool, &list), Measure::Ndcg(1000).of(&judged, &list));
        match (inferred, exact) {
            (Some(inferred), Some(exact)) => prop_assert!((inferred - exact).abs() < 1e-12),
            other => prop_assert_eq!(other, (None, None)),
        }
    }
}
