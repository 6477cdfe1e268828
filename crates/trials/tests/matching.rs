//! The compiled form answers as the reference does: on drawn criteria, patients and days, and after every change.

use concilium_case::{
    Case, CopyCall, Extent, Gap, MarkerCall, MarkerName, Medication, MedicationState, PerformanceScale, Sex,
    StageScale, Status, StopReason, Tumour,
};
use concilium_criteria::derive_lines;
use concilium_criteria::eligibility::{Criterion, Expr, Role};
use concilium_knowledge::{Knowledge, builtin};
use concilium_terms::{Code, DrugName};
use concilium_testkit::*;
use concilium_trials::matching::{DecidedBy, Screening};
use concilium_trials::{
    Arm, ArmStatus, Compiled, Label, RegistryStatus, Settings, Standing, StatusSource, Trial, TrialSource,
    judge_arm,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| builtin().expect("the pack loads"));

/// Asks of every kind, and of each with and without what makes its answer end on a day.
const ASKS: [&str; 85] = [
    "age >= 18 years",
    "age 12 to 65 years",
    "age > 70 years",
    "age < 18 years",
    "sex female",
    "sex male",
    "disease [DOID:3908] \"NSCLC\"",
    "disease [DOID:3908, DOID:9256]",
    "disease [DOID:3910] \"adenocarcinoma\" confirmed",
    "disease [DOID:1612] \"breast cancer\"",
    "disease [DOID:0060081] \"triple-negative\"",
    "disease [DOID:0060079] \"HER2\"",
    "disease [CIVIC:solid-tumor]",
    "disease [DOID:162]",
    "disease [DOID:0] \"unheard of\"",
    "stage [III, IV]",
    "stage [IIIB]",
    "stage [II] by FIGO",
    "category T [3]",
    "category grade [3]",
    "extent [metastatic]",
    "extent [locally-advanced, unresectable]",
    "extent [recurrent, refractory]",
    "extent [untreated]",
    "metastasis brain any",
    "metastasis brain untreated",
    "metastasis brain symptomatic",
    "metastasis liver any",
    "metastasis any any",
    "measurable disease by \"RECIST 1.1\"",
    "evaluable disease",
    "biomarker present [EGFR T790M]",
    "biomarker present [EGFR C797S, EGFR L858R]",
    "biomarker absent [EGFR T790M]",
    "biomarker present [MET amplification]",
    "biomarker present [v::ALK fusion]",
    "biomarker present [EGFR exon 19 deletion] somatic",
    "biomarker present [BRCA1 mutation] germline",
    "marker her2 is positive",
    "marker her2 is low",
    "marker triple-negative is positive",
    "marker er is positive",
    "performance ecog 0 to 1",
    "performance ecog 2 to 4",
    "performance karnofsky >= 70",
    "lab neutrophils >= 1.5 10*9/L",
    "lab neutrophils >= 1.5 10*9/L within 7 days",
    "lab haemoglobin >= 9 g/dL",
    "lab creatinine <= 1.5 x ULN",
    "lab bilirubin within limits",
    "prior [any-systemic]",
    "prior [class:platinum]",
    "prior [class:egfr-tki] lines >= 2",
    "prior [class:egfr-tki-gen3] outcome progressed",
    "prior [any-systemic] lines 1 to 2 intent advanced",
    "prior [drug:osimertinib]",
    "prior [radiotherapy:brain]",
    "prior [transplant:allogeneic]",
    "prior [unresolved:xyz]",
    "recent([any-systemic], 4 weeks, before first-dose)",
    "recent([class:chemotherapy], 3 weeks or 5 half-lives, whichever shorter, before first-dose)",
    "recent([drug:osimertinib], 14 days or 5 half-lives, whichever longer, before enrolment)",
    "recent([radiotherapy], 2 weeks, before enrolment)",
    "recent([major-surgery], 4 weeks, before enrolment)",
    "recent([live-vaccine], 30 days, before first-dose)",
    "recent([transfusion], 14 days, before screening)",
    "taking [class:anticoagulant]",
    "taking [drug:prednisone] over 10 mg prednisone",
    "condition [hiv] ever known",
    "condition [hiv, hepatitis-b] active",
    "condition [heart-failure] uncontrolled",
    "condition [myocardial-infarction] ever within 6 months",
    "condition [interstitial-lung-disease] ever known",
    "second malignancy within 3 years",
    "second malignancy active",
    "second malignancy except [DOID:1909] other exceptions",
    "reproductive pregnant",
    "reproductive childbearing-potential",
    "reproductive breastfeeding",
    "allergy [drug:osimertinib, class:platinum]",
    "allergy []",
    "allergy [drug:cisplatin]",
    "judgement consent \"signs\"",
    "judgement investigator-opinion \"fit\"",
    "not-computable \"adequate tissue\"",
];

fn any_expr() -> impl Strategy<Value = Expr> {
    let ask = select(ASKS.to_vec())
        .prop_map(|line| line.parse::<Expr>().unwrap_or_else(|wrong| panic!("{line}: {wrong}")));
    ask.prop_recursive(3, 8, 3, |inner| {
        let parts = || vec(inner.clone(), 0..4);
        prop_oneof![
            parts().prop_map(Expr::All),
            parts().prop_map(Expr::Any),
            inner.clone().prop_map(|expr| Expr::Not(Box::new(expr))),
            (0usize..4, parts()).prop_map(|(n, of)| Expr::AtLeast { n, of }),
        ]
    })
}

fn any_criterion() -> impl Strategy<Value = Criterion> {
    let cohorts = prop_oneof![
        6 => Just(vec![]),
        1 => Just(vec!["arm 1".to_owned()]),
        1 => Just(vec!["Arm  2".to_owned()]),
        1 => Just(vec!["some other".to_owned()]),
    ];
    (any_expr(), any::<bool>(), cohorts).prop_map(|(expr, included, applies_to)| Criterion {
        id: String::new(),
        role: if included { Role::Inclusion } else { Role::Exclusion },
        expr,
        span: None,
        applies_to,
        heading: None,
    })
}

fn any_trial() -> impl Strategy<Value = Trial> {
    let status = prop_oneof![
        6 => Just(RegistryStatus::Recruiting),
        1 => Just(RegistryStatus::NotYet),
        1 => Just(RegistryStatus::Completed),
    ];
    let arm = (
        prop_oneof![6 => Just(ArmStatus::AsTrial), 1 => Just(ArmStatus::Closed)],
        prop_oneof![6 => Just(None), 1 => Just(Some(0))],
        prop_oneof![2 => Just(vec![]), 1 => Just(vec![DrugName::new("cisplatin")])],
    );
    (status, vec(arm, 1..4), vec(any_criterion(), 0..7), any::<bool>()).prop_map(
        |(status, arms, mut criteria, site)| {
            for (at, criterion) in criteria.iter_mut().enumerate() {
                criterion.id = format!("in-{at}");
            }
            let arm = |(at, (status, slots, drugs))| Arm {
                label: format!("Arm {}", at + 1),
                kind: String::new(),
                interventions: vec![],
                drugs,
                status,
                slots,
            };
            let by = if site { StatusSource::Site } else { StatusSource::Registry };
            let arms = arms.into_iter().enumerate().map(arm).collect();
            Trial { criteria, ..trial("T", arms, Standing { status, as_of: None, by }) }
        },
    )
}

fn trial(id: &str, arms: Vec<Arm>, status: Standing) -> Trial {
    let source =
        TrialSource { format: "test".into(), file: "test".into(), version: None, sha256: String::new() };
    Trial {
        id: id.into(),
        other_ids: vec![],
        title: String::new(),
        phase: String::new(),
        conditions: vec![],
        status,
        arms,
        sites: vec![],
        eligibility_text: String::new(),
        criteria: vec![],
        source,
    }
}

fn trials() -> impl Strategy<Value = Vec<Trial>> {
    vec(any_trial(), 1..5).prop_map(|mut trials| {
        for (at, trial) in trials.iter_mut().enumerate() {
            trial.id = format!("T{at}");
        }
        trials
    })
}

/// A fact that may be part of a case.
type Add = fn(CaseBuilder) -> CaseBuilder;

fn stopped(drug: &str, start: &str, end: &str) -> Medication {
    Medication {
        end: Some(day(end)),
        state: MedicationState::Finished,
        stop: Some(StopReason::Progression),
        ..given(drug, start)
    }
}

/// Facts around the day of the case, so that windows run out on either side of it.
fn facts() -> Vec<Add> {
    vec![
        |b| b.sex(Sex::Female),
        |b| b.sex(Sex::Male),
        |b| b.born("1961-06-20"),
        |b| b.born("2010"),
        |b| b.born("1955-11"),
        |b| {
            b.tumour(Tumour {
                stage: Some("IV".into()),
                ..tumour("DOID:3910", "lung adenocarcinoma", Extent::Metastatic)
            })
        },
        |b| {
            b.tumour(Tumour {
                stage: Some("IIIB".into()),
                ..tumour("DOID:1612", "breast cancer", Extent::LocallyAdvanced)
            })
        },
        |b| b.tumour(tumour("DOID:162", "cancer", Extent::Unknown)),
        |b| b.tumour(tumour("DOID:2531", "hematologic cancer", Extent::Remission)),
        |b| {
            b.condition(diagnosis(
                "brain metastasis",
                concilium_case::ConditionRole::Metastasis,
                "2026-05-01",
            ))
        },
        |b| {
            b.condition(diagnosis(
                "human immunodeficiency virus infection",
                concilium_case::ConditionRole::Comorbidity,
                "2020",
            ))
        },
        |b| {
            b.condition(diagnosis(
                "acute myocardial infarction",
                concilium_case::ConditionRole::Comorbidity,
                "2026-01-20",
            ))
        },
        |b| b.condition(diagnosis("heart failure", concilium_case::ConditionRole::Comorbidity, "")),
        |b| {
            b.condition(concilium_case::Condition {
                present: Some(false),
                ..diagnosis(
                    "human immunodeficiency virus infection",
                    concilium_case::ConditionRole::Comorbidity,
                    "2026-05-01",
                )
            })
        },
        |b| {
            b.condition(diagnosis(
                "melanoma of skin",
                concilium_case::ConditionRole::CancerHistory,
                "2024-02-03",
            ))
        },
        |b| b.stage(stage(StageScale::T, "cT3", "2026-01-01")),
        |b| b.stage(stage(StageScale::Grade, "3", "2026-01-01")),
        |b| b.performance(performance(PerformanceScale::Ecog, 1, "2026-06-01")),
        |b| b.performance(performance(PerformanceScale::Ecog, 2, "2026-06-01")),
        |b| b.performance(performance(PerformanceScale::Karnofsky, 60, "2026-05-01")),
        |b| b.alteration(small("EGFR", "T790M")),
        |b| b.alteration(small("EGFR", "L858R")),
        |b| b.alteration(small("EGFR", "E746_A750del")),
        |b| b.alteration(copies("MET", CopyCall::Amplified, None)),
        |b| b.alteration(fusion("EML4", "ALK", true)),
        |b| b.region(region(&["EGFR", "MET", "ALK", "BRCA1"])),
        |b| b.marker(marker(MarkerName::Her2, Some(MarkerCall::Positive))),
        |b| b.marker(marker(MarkerName::Her2, Some(MarkerCall::Low))),
        |b| b.marker(marker(MarkerName::Er, Some(MarkerCall::Negative))),
        |b| b.marker(marker(MarkerName::Pr, Some(MarkerCall::Negative))),
        |b| b.lab(lab("neutrophils", 1.1, "10*9/L", None, "2026-06-12")),
        |b| b.lab(lab("neutrophils", 2.5, "10*9/L", None, "2026-06-12")),
        |b| b.lab(lab("neutrophils", 3.0, "10*9/L", None, "2026-05-01")),
        |b| b.lab(lab("haemoglobin", 80.0, "g/L", None, "2026-06-10")),
        |b| b.lab(lab("haemoglobin", 80.0, "furlong", None, "2026-06-10")),
        |b| b.lab(lab("creatinine", 120.0, "umol/L", Some(90.0), "2026-06-01")),
        |b| b.lab(lab("bilirubin", 10.0, "umol/L", Some(20.0), "2026-06-01")),
        |b| b.medication(stopped("osimertinib", "2024-10-01", "2026-06-08")),
        |b| b.medication(stopped("gefitinib", "2023-06-01", "2024-09-01")),
        |b| b.medication(stopped("carboplatin", "2026-01-01", "2026-05-28")),
        |b| b.medication(Medication { ongoing: true, ..given("warfarin", "2026-01-01") }),
        |b| b.medication(Medication { ongoing: true, ..given("prednisone", "2026-01-01") }),
        |b| {
            b.medication(Medication {
                exposure: concilium_case::Exposure::Ordered,
                ..given("cisplatin", "2026-06-01")
            })
        },
        |b| {
            b.medication(Medication {
                drugs: vec![],
                codes: vec![Code::text("study drug")],
                ..given("x", "2026-06-01")
            })
        },
        |b| b.response(response(Status::Progressed, "2024-09-01")),
        |b| b.response(response(Status::Complete, "2022-09-01")),
        |b| b.procedure(curative_operation("2026-05-30")),
        |b| b.procedure(procedure("thoracotomy", "2026-06-01")),
        |b| b.procedure(procedure("allogeneic stem cell transplantation", "2019-06-01")),
        |b| b.procedure(procedure("transfusion of red cells", "2026-06-05")),
        |b| b.radiotherapy(radiotherapy("brain", "2026-05-20", Some("2026-06-05"))),
        |b| b.radiotherapy(radiotherapy("", "2025-05-20", None)),
        |b| b.allergy(allergy("cisplatin")),
        |b| b.allergy(allergy("")),
        |b| b.observation(observation("pregnancy test", "negative", "2026-06-09")),
        |b| b.observation(observation("pregnancy status", "pregnant", "2026-04-09")),
        |b| b.observation(observation("measurable disease", "yes", "2026-06-09")),
    ]
}

fn case_of(facts: &[Add], gap: bool, at: &str) -> Case {
    let built = facts.iter().fold(CaseBuilder::new(at), |builder, add| add(builder));
    let mut case = built.build();
    case.lines = derive_lines(&case.facts, &KNOWLEDGE, &case.as_of).0;
    if gap {
        let from = Some(day("2021-03"));
        let to = Some(day("2023-01-05"));
        case.history_gaps = vec![Gap { from, to, advanced: true, why: "test".into(), sources: vec![] }];
    }
    case
}

fn any_case() -> impl Strategy<Value = Case> {
    let dates = select(vec!["2026-06-15", "2026-06-15", "2026-09-01"]);
    (subsequence(facts(), 0..24), prop::bool::weighted(0.2), dates)
        .prop_map(|(facts, gap, at)| case_of(&facts, gap, at))
}

/// Every pair by the compiled form and by the reference.
fn agrees(compiled: &Compiled, case: &Case, screening: &Screening) -> Result<(), TestCaseError> {
    for (id, decision) in &screening.decisions {
        let (trial, arm) = compiled.arm(*id).expect("an arm");
        let reference = judge_arm(trial, arm, case, &KNOWLEDGE, &Settings::default());
        prop_assert_eq!((decision.gate, &decision.label), (reference.gate, &reference.label));
        if let Some(counts) = &decision.counts {
            prop_assert_eq!(counts.as_ref(), &reference.counts);
        }
        let settled = decision.by != DecidedBy::All;
        prop_assert!(!settled || matches!(decision.label, Label::Closed | Label::BlockedPermanently));
        let shown: Vec<_> = reference.criteria.iter().map(|criterion| criterion.shown.clone()).collect();
        prop_assert_eq!(compiled.shown(case, *id), shown);
    }
    Ok(())
}

fn compiled(trials: &[Trial]) -> Compiled<'static> {
    Compiled::new(trials.to_vec(), &KNOWLEDGE, Settings::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn equals_the_reference_on_every_pair(trials in trials(), cases in vec(any_case(), 1..3)) {
        let compiled = compiled(&trials);
        for case in &cases {
            agrees(&compiled, case, &compiled.screen(case))?;
        }
    }

    #[test]
    fn a_changed_patient_is_as_if_screened_anew(
        trials in trials(),
        (kept, before, after) in (subsequence(facts(), 0..20), subsequence(facts(), 0..3), subsequence(facts(), 0..3)),
        days in subsequence(vec!["2026-06-15", "2026-06-15", "2026-07-10"], 2),
    ) {
        let compiled = compiled(&trials);
        let case = |some: &[Add], at: &str| case_of(&[&kept[..], some].concat(), false, at);
        let (old, new) = (case(&before, days[0]), case(&after, days[1]));
        let again = compiled.rescreen(&compiled.screen(&old), &old, &new);
        let anew = compiled.screen(&new);
        agrees(&compiled, &new, &again.screening)?;
        let labels = |screening: &Screening| {
            screening.decisions.iter().map(|(id, d)| (*id, d.label.clone())).collect::<Vec<_>>()
        };
        prop_assert_eq!(labels(&again.screening), labels(&anew));
        // What is told to have flipped did, by the reference, and nothing that matters was left out.
        let was = compiled.screen(&old);
        for (id, decision) in &anew.decisions {
            let (trial, arm) = compiled.arm(*id).expect("an arm");
            let truths = |case: &Case| {
                let verdict = judge_arm(trial, arm, case, &KNOWLEDGE, &Settings::default());
                verdict.criteria.iter().map(|c| (c.id.clone(), c.verdict.truth)).collect::<Vec<_>>()
            };
            let (from, to) = (truths(&old), truths(&new));
            let flipped: Vec<_> = from.into_iter().zip(to).filter(|(a, b)| a != b).map(|(a, b)| (a.0, a.1, b.1)).collect();
            let shut = |decision: &concilium_trials::Decision| {
                matches!(decision.label, Label::Closed | Label::BlockedPermanently)
            };
            let before = was.of(*id).expect("a decision");
            match again.changes.iter().find(|change| change.arm == *id) {
                Some(change) => {
                    let told: Vec<_> =
                        change.flips.iter().map(|f| (f.criterion.clone(), f.before, f.after)).collect();
                    prop_assert_eq!(told, flipped);
                }
                None => prop_assert!(
                    shut(before) && shut(decision) || before.label == decision.label && flipped.is_empty(),
                    "{:?} {:?} {:?}", before, decision, flipped
                ),
            }
        }
    }
}
