//! What must hold for every verdict and every case?

mod support;

use concilium_case::{Alteration, Case, CopyCall, Medication, Origin, Presence, Significance, Status};
use concilium_criteria::{NotTested, Verdict, derive_lines};
use concilium_evidence::ProfileExpr;
use concilium_terms::PartialDate;
use concilium_terms::Truth;
use concilium_testkit::{CaseBuilder, copies, fusion, given, region, response, small, specimen};
use proptest::prelude::*;
use support::{knowledge, leaf, matched};

fn any_verdict() -> impl Strategy<Value = Verdict> {
    (0..3, "[a-d]").prop_map(|(truth, what)| match truth {
        0 => Verdict::met(what, vec![]),
        1 => Verdict::not_met(what, vec![]),
        _ => Verdict::not_tested(NotTested::NeverDone, what, vec![]),
    })
}

proptest! {
    #[test]
    fn de_morgan_with_the_same_reasons(a in any_verdict(), b in any_verdict()) {
        prop_assert_eq!(a.clone().and(b.clone()).not(), a.clone().not().or(b.clone().not()));
        prop_assert_eq!(a.clone().or(b.clone()).not(), a.not().and(b.not()));
    }

    #[test]
    fn order_and_grouping_do_not_matter(a in any_verdict(), b in any_verdict(), c in any_verdict()) {
        prop_assert_eq!(a.clone().and(b.clone()), b.clone().and(a.clone()));
        prop_assert_eq!(a.clone().or(b.clone()).or(c.clone()), a.clone().or(b.clone().or(c.clone())));
        prop_assert_eq!(Verdict::at_least(3, vec![a.clone(), b.clone(), c.clone()]), Verdict::all([a, b, c]));
    }
}

/// Leaves without NOT; `Wildtype` is one in disguise and is left out.
const LEAVES: [&str; 9] = [
    "BRAF V600E",
    "EGFR L858R",
    "EGFR Mutation",
    "EGFR Exon 19 Deletion",
    "EGFR Amplification",
    "ATM Mutation",
    "CDKN2A Loss",
    "v::ALK Fusion",
    "EML4::ALK Fusion",
];

fn any_profile() -> impl Strategy<Value = ProfileExpr> {
    let leaf = prop::sample::select(LEAVES.to_vec()).prop_map(leaf);
    leaf.prop_recursive(2, 6, 3, |inner| {
        let parts = prop::collection::vec(inner, 1..4);
        prop_oneof![parts.clone().prop_map(ProfileExpr::And), parts.prop_map(ProfileExpr::Or)]
    })
}

fn any_alteration() -> impl Strategy<Value = Alteration> {
    let base = prop::sample::select(vec![
        small("BRAF", "V600E"),
        small("BRAF", "V600K"),
        small("EGFR", "L858R"),
        small("EGFR", "E746_A750del"),
        small("EGFR", "A289V"),
        small("ATM", "R337C"),
        small("CDKN2A", "R58*"),
        copies("EGFR", CopyCall::Gain, None),
        copies("EGFR", CopyCall::Amplified, None),
        copies("CDKN2A", CopyCall::HomozygousLoss, None),
        fusion("EML4", "ALK", true),
        fusion("", "ALK", false),
    ]);
    let significance = prop::sample::select(vec![
        None,
        Some(Significance::Pathogenic),
        Some(Significance::Uncertain),
        Some(Significance::Benign),
    ]);
    let origin = prop::sample::select(vec![Origin::Somatic, Origin::Germline, Origin::Unknown]);
    let presence =
        prop::sample::select(vec![Presence::Present, Presence::Present, Presence::Absent, Presence::Unknown]);
    let sample = prop::sample::select(vec![None, Some("S/1".to_owned()), Some("S/2".to_owned())]);
    (base, significance, origin, presence, sample).prop_map(
        |(base, significance, origin, presence, specimen)| Alteration {
            significance,
            origin,
            presence,
            specimen,
            ..base
        },
    )
}

fn any_case() -> impl Strategy<Value = Case> {
    let genes = prop::sample::subsequence(vec!["BRAF", "EGFR", "ATM", "CDKN2A", "ALK"], 0..=5);
    (prop::collection::vec(any_alteration(), 0..6), genes).prop_map(|(alterations, genes)| {
        let samples = CaseBuilder::new("2026-06-15")
            .specimen(specimen("S/1", "2024-01-01", false))
            .specimen(specimen("S/2", "2025-01-01", true))
            .region(region(&genes));
        alterations.into_iter().fold(samples, CaseBuilder::alteration).build()
    })
}

proptest! {
    #[test]
    fn input_order_does_not_matter(case in any_case(), profile in any_profile()) {
        let mut turned = case.clone();
        turned.facts.alterations.reverse();
        turned.facts.specimens.reverse();
        prop_assert_eq!(matched(&turned, &profile), matched(&case, &profile));
    }

    #[test]
    fn removing_a_finding_never_makes_a_match(case in any_case(), profile in any_profile(), at in 0usize..6) {
        let present: Vec<usize> = (0..case.facts.alterations.len())
            .filter(|at| case.facts.alterations[*at].presence == Presence::Present)
            .collect();
        let Some(gone) = present.get(at) else { return Ok(()) };
        let mut less = case.clone();
        less.facts.alterations.remove(*gone);
        if matched(&case, &profile).verdict.truth != Truth::True {
            prop_assert_ne!(matched(&less, &profile).verdict.truth, Truth::True);
        }
    }

    #[test]
    fn what_is_open_or_false_names_a_reason(case in any_case(), profile in any_profile()) {
        prop_assert!(!matched(&case, &profile).verdict.leaves.is_empty());
    }

    #[test]
    fn an_empty_case_leaves_every_profile_open(profile in any_profile()) {
        let empty = CaseBuilder::new("2026-06-15").build();
        prop_assert_eq!(matched(&empty, &profile).verdict.truth, Truth::Open);
        let not = ProfileExpr::Not(Box::new(profile));
        prop_assert_eq!(matched(&empty, &not).verdict.truth, Truth::Open);
    }
}

fn any_day() -> impl Strategy<Value = String> {
    (2023..2026, 1..13, 1..28).prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}"))
}

fn any_course() -> impl Strategy<Value = Medication> {
    let drugs = ["bevacizumab", "carboplatin", "osimertinib", "pemetrexed"];
    (prop::sample::select(drugs.to_vec()), any_day(), prop::option::of(any_day()), any::<bool>()).prop_map(
        |(drug, start, end, ongoing)| {
            let end = end.filter(|end| *end >= start).and_then(|end| PartialDate::parse(&end).ok());
            Medication { ongoing: ongoing && end.is_none(), end, ..given(drug, &start) }
        },
    )
}

proptest! {
    /// A line's end never lies after the next line's start, and only the last may be running.
    #[test]
    fn a_line_ends_before_the_next(
        courses in prop::collection::vec(any_course(), 1..6),
        progressions in prop::collection::vec(any_day(), 0..3),
    ) {
        let case = courses.into_iter().fold(CaseBuilder::new("2026-06-15"), CaseBuilder::medication);
        let case = progressions.iter().fold(case, |case, on| case.response(response(Status::Progressed, on))).build();
        let (lines, _) = derive_lines(&case.facts, &knowledge(), &case.as_of);
        for pair in lines.windows(2) {
            let (Some(end), Some(start)) = (&pair[0].end, &pair[1].start) else { continue };
            prop_assert!(end <= start, "{end} {start}");
            prop_assert!(!pair[0].ongoing);
        }
    }
}
