//! Arms and patients: the golden case, gates, labels, order, next best facts.

use concilium_case::{
    Case, Extent, Medication, MedicationState, PerformanceScale, Sex, Status, StopReason, Tumour,
};
use concilium_criteria::derive_lines;
use concilium_criteria::eligibility::{Criterion, Shown};
use concilium_criteria::{NotTested, Why};
use concilium_knowledge::{Knowledge, builtin};
use concilium_testkit::*;
use concilium_trials::{
    Arm, ArmStatus, ArmVerdict, Gate, Label, OpenArm, RegistryStatus, Settings, Standing, StatusSource,
    Trial, TrialSource, judge_arm, judge_trial, next_best_facts,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| builtin().expect("the pack loads"));

fn arm(label: &str, status: ArmStatus) -> Arm {
    Arm {
        label: label.into(),
        kind: "experimental".into(),
        interventions: vec![],
        drugs: vec![],
        status,
        slots: None,
    }
}

fn trial(id: &str, arms: Vec<Arm>, lines: &[&str]) -> Trial {
    Trial {
        id: id.into(),
        other_ids: vec![],
        title: String::new(),
        phase: "2".into(),
        conditions: vec![],
        status: Standing {
            status: RegistryStatus::Recruiting,
            as_of: Some(day("2026-06-01")),
            by: StatusSource::Registry,
        },
        arms,
        sites: vec![],
        eligibility_text: String::new(),
        criteria: lines
            .iter()
            .map(|line| line.parse::<Criterion>().unwrap_or_else(|e| panic!("{line}: {e}")))
            .collect(),
        source: TrialSource {
            format: "test".into(),
            file: "test".into(),
            version: None,
            sha256: String::new(),
        },
    }
}

/// Phase 2, cohort 2 of the study by hand, with the cohorts beside it closed in by their labels.
fn nct05256290() -> Trial {
    trial(
        "NCT05256290",
        vec![arm("Cohort 1", ArmStatus::AsTrial), arm("Cohort 2", ArmStatus::AsTrial)],
        &[
            "in-1 inclusion: disease [DOID:3908] \"NSCLC\" and extent [locally-advanced, metastatic]",
            "in-2 inclusion: measurable disease by \"RECIST 1.1\"",
            "in-3 inclusion: judgement organ-function \"adequate bone marrow or organ function\"",
            "in-4 inclusion: judgement life-expectancy \"at least 3 months\"",
            "in-5 for [Cohort 2] inclusion: biomarker present [EGFR C797S]",
            "in-6 for [Cohort 2] inclusion: prior [any-systemic] lines 1 to 2 intent advanced",
            "in-7 for [Cohort 2] inclusion: prior [class:egfr-tki-gen3] and prior [class:egfr-tki] lines 1 to 1",
            "in-8 for [Cohort 1] inclusion: biomarker present [EGFR G719A/G719S/G719C]",
            "ex-1 exclusion: biomarker present [EGFR T790M, MET amplification] \"known resistance\"",
            "ex-2 exclusion: prior [class:egfr-tki] lines >= 2",
            "ex-3 exclusion: condition [interstitial-lung-disease] ever known",
            "ex-4 exclusion: metastasis brain symptomatic",
            "ex-5 exclusion: recent([major-surgery], 4 weeks, before enrolment)",
            "ex-6 exclusion: condition [hepatitis-b, hepatitis-c, hiv] active known",
        ],
    )
}

fn stopped(drug: &str, start: &str, end: &str) -> Medication {
    Medication {
        end: Some(day(end)),
        state: MedicationState::Finished,
        stop: Some(StopReason::Progression),
        ..given(drug, start)
    }
}

fn lung() -> CaseBuilder {
    CaseBuilder::new("2026-06-15")
        .born("1965-02-01")
        .sex(Sex::Female)
        .tumour(Tumour {
            stage: Some("IV".into()),
            ..tumour("DOID:3910", "lung adenocarcinoma", Extent::Metastatic)
        })
        .performance(performance(PerformanceScale::Ecog, 1, "2026-06-01"))
        .alteration(small("EGFR", "E746_A750del"))
        .alteration(small("EGFR", "C797S"))
        .region(region(&["EGFR"]))
}

fn with_lines(builder: CaseBuilder) -> Case {
    let mut case = builder.build();
    case.lines = derive_lines(&case.facts, &KNOWLEDGE, &case.as_of).0;
    case
}

/// Acceptance case A: two inhibitors, T790M and C797S.
fn case_a() -> Case {
    with_lines(
        lung()
            .alteration(small("EGFR", "T790M"))
            .medication(stopped("gefitinib", "2023-06-01", "2024-09-01"))
            .response(response(Status::Progressed, "2024-09-01"))
            .medication(stopped("osimertinib", "2024-10-01", "2025-12-01"))
            .response(response(Status::Progressed, "2025-12-01")),
    )
}

/// Acceptance case A2: osimertinib first and only, no T790M.
fn case_a2() -> Case {
    with_lines(
        lung()
            .medication(stopped("osimertinib", "2024-10-01", "2025-12-01"))
            .response(response(Status::Progressed, "2025-12-01")),
    )
}

fn judged(trial: &Trial, label: &str, case: &Case) -> ArmVerdict {
    let arm = trial.arms.iter().find(|arm| arm.label == label).expect("the arm");
    judge_arm(trial, arm, case, &KNOWLEDGE, &Settings::default())
}

fn shown<'v>(verdict: &'v ArmVerdict, id: &str) -> &'v Shown {
    &verdict.criteria.iter().find(|criterion| criterion.id == id).expect("the criterion").shown
}

#[test]
fn golden_a_is_kept_out_by_t790m_and_by_two_inhibitors() {
    let verdict = judged(&nct05256290(), "Cohort 2", &case_a());
    let for_good = Shown::NotMet { until: None };
    assert_eq!(shown(&verdict, "in-1"), &Shown::Met);
    assert_eq!(shown(&verdict, "in-5"), &Shown::Met);
    assert_eq!(shown(&verdict, "in-6"), &Shown::Met);
    assert_eq!(shown(&verdict, "in-7"), &for_good);
    assert_eq!(shown(&verdict, "in-8"), &Shown::NotApplicable);
    assert_eq!(shown(&verdict, "ex-1"), &for_good);
    assert_eq!(shown(&verdict, "ex-2"), &for_good);
    assert_eq!(shown(&verdict, "ex-3"), &Shown::NotRecorded);
    assert_eq!((verdict.gate, &verdict.label), (Gate::Unconfirmed, &Label::BlockedPermanently));
    let t790m = verdict.criteria.iter().find(|criterion| criterion.id == "ex-1").expect("ex-1");
    assert_eq!(t790m.verdict.leaves[0].facts, ["A3"]);
}

#[test]
fn golden_a2_is_open_and_met_is_not_tested() {
    let verdict = judged(&nct05256290(), "Cohort 2", &case_a2());
    for id in ["in-1", "in-5", "in-6", "in-7", "ex-2"] {
        assert_eq!(shown(&verdict, id), &Shown::Met, "{id}");
    }
    let resistance = verdict.criteria.iter().find(|criterion| criterion.id == "ex-1").expect("ex-1");
    assert_eq!(resistance.shown, Shown::NotTested(NotTested::NeverDone));
    assert!(resistance.verdict.leaves.iter().all(|leaf| leaf.what.contains("MET")), "{resistance:?}");
    assert_eq!(verdict.label, Label::OpenQuestions);
    assert!(verdict.missing.contains("gene:MET"), "{:?}", verdict.missing);
    assert_eq!((verdict.counts.not_met, verdict.counts.conflicting), (0, 0));
}

#[track_caller]
fn check(lines: &[&str], label: &str) -> ArmVerdict {
    let trial = trial("T", vec![arm("A", ArmStatus::AsTrial)], lines);
    let verdict = judged(&trial, "A", &case_a2());
    assert_eq!(verdict.label.to_string(), label, "{verdict:#?}");
    verdict
}

const LUNG: &str = "in-1 inclusion: disease [DOID:3908]";

#[test]
fn labels() {
    check(&[], "open questions");
    check(&["in-1 inclusion: judgement consent"], "open questions");
    check(&[LUNG], "no known conflict");
    let verdict = check(
        &[
            LUNG,
            "in-2 inclusion: judgement consent",
            "in-3 inclusion: judgement contraception",
            "ex-1 exclusion: condition [hiv] ever known",
        ],
        "no known conflict",
    );
    assert_eq!((verdict.counts.routine, verdict.counts.not_recorded, verdict.counts.judgement), (3, 1, 2));
    check(&[LUNG, "in-2 inclusion: lab neutrophils >= 1.5 10*9/L"], "likely");
    check(&[LUNG, "in-2 inclusion: not-computable \"odd\""], "likely");
    check(&[LUNG, "in-2 inclusion: biomarker present [MET amplification]"], "open questions");
    // What only some patients are asked says nothing of who is wanted.
    let of_some = "in-1 inclusion: disease [DOID:3908] or lab albumin >= 2 g/dL";
    check(&[of_some, "in-2 inclusion: not-computable \"odd\""], "open questions");
    check(&["in-1 inclusion: not disease [DOID:1909]"], "open questions");
    check(&[LUNG, "in-2 inclusion: sex male"], "blocked permanently");
    check(&[LUNG, "in-2 inclusion: performance ecog 0 to < 1"], "blocked until 2026-08-31");
    check(&[LUNG, "in-2 inclusion: extent [localised]"], "blocked for now");
    check(
        &[LUNG, "ex-1 exclusion: recent([class:egfr-tki], 12 months, before first-dose)"],
        "blocked until 2026-12-01",
    );
    check(
        &[
            LUNG,
            "in-2 inclusion: sex male",
            "ex-1 exclusion: recent([class:egfr-tki], 12 months, before first-dose)",
        ],
        "blocked permanently",
    );
    // A history that is asked for is no routine question.
    check(&[LUNG, "in-2 inclusion: condition [hiv] ever known"], "likely");
}

#[test]
fn what_a_blocked_arm_waits_for() {
    let verdict = check(
        &[
            LUNG,
            "in-2 inclusion: judgement consent",
            "ex-1 exclusion: recent([class:egfr-tki], 12 months, before first-dose)",
        ],
        "blocked until 2026-12-01",
    );
    let earliest = verdict.earliest.expect("a day");
    assert_eq!(earliest.waits.len(), 1);
    assert_eq!(earliest.due.len(), 1);
    assert_eq!(earliest.due[0].shown, Shown::NeedsJudgement);
}

#[test]
fn gates() {
    let with = |status, by, arm_status, slots| {
        let open = Arm { slots, ..arm("A", arm_status) };
        let mut trial = trial("T", vec![open], &[LUNG]);
        trial.status = Standing { status, by, as_of: Some(day("2025-01-01")) };
        let verdict = judged(&trial, "A", &case_a2());
        (verdict.gate, verdict.label.to_string())
    };
    let recruiting = RegistryStatus::Recruiting;
    let said = |gate, label: &str| (gate, label.to_owned());
    use ArmStatus::{AsTrial, Closed, Open};
    assert_eq!(with(recruiting, StatusSource::Site, AsTrial, None), said(Gate::Open, "no known conflict"));
    assert_eq!(
        with(recruiting, StatusSource::Registry, AsTrial, None),
        said(Gate::Unconfirmed, "no known conflict")
    );
    assert_eq!(
        with(RegistryStatus::Unknown, StatusSource::Nobody, Open, None),
        said(Gate::Unconfirmed, "no known conflict")
    );
    assert_eq!(with(recruiting, StatusSource::Site, Closed, None), said(Gate::Closed, "closed"));
    assert_eq!(
        with(RegistryStatus::Completed, StatusSource::Registry, Open, None),
        said(Gate::Closed, "closed")
    );
    assert_eq!(
        with(RegistryStatus::Suspended, StatusSource::Site, AsTrial, None),
        said(Gate::Closed, "closed")
    );
    assert_eq!(
        with(RegistryStatus::NotYet, StatusSource::Registry, AsTrial, None),
        said(Gate::NotYet, "blocked for now")
    );
    assert_eq!(with(recruiting, StatusSource::Site, AsTrial, Some(0)), said(Gate::Full, "blocked for now"));
}

#[test]
fn the_dead_are_not_screened() {
    let trial = trial("T", vec![arm("A", ArmStatus::AsTrial)], &[LUNG]);
    let mut case = case_a2();
    case.patient.deceased = Some(None);
    assert_eq!(judged(&trial, "A", &case).label, Label::BlockedPermanently);
}

#[test]
fn a_stale_status_shows_its_age() {
    let mut trial = trial("T", vec![arm("A", ArmStatus::AsTrial)], &[LUNG]);
    assert_eq!(judged(&trial, "A", &case_a2()).stale_status, None);
    trial.status.as_of = Some(day("2026-01-01"));
    assert_eq!(judged(&trial, "A", &case_a2()).stale_status, Some(Some(165)));
    trial.status.as_of = None;
    assert_eq!(judged(&trial, "A", &case_a2()).stale_status, Some(None));
}

/// A cohort that no arm is called: its criteria neither keep out nor let in.
#[test]
fn an_unknown_cohort_keeps_nobody_out() {
    let verdict = check(&[LUNG, "in-2 for [Cohort 9] inclusion: sex male"], "open questions");
    assert_eq!(shown(&verdict, "in-2"), &Shown::NotComputable);
    let unsure = &verdict.criteria[1].verdict.leaves[0];
    assert_eq!(unsure.why, Why::NotComputable);
}

#[test]
fn thirty_routine_questions_bury_nobody() {
    let routine: Vec<String> =
        (1..=30).map(|n| format!("in-{n} inclusion: judgement consent \"form {n}\"")).collect();
    let mut lines: Vec<&str> = routine.iter().map(String::as_str).collect();
    lines.push("in-31 inclusion: disease [DOID:3908]");
    let many = judged(&trial("Z", vec![arm("A", ArmStatus::AsTrial)], &lines), "A", &case_a2());
    let one_lab = &[LUNG, "in-2 inclusion: lab neutrophils >= 1.5 10*9/L"];
    let one = judged(&trial("B", vec![arm("A", ArmStatus::AsTrial)], one_lab), "A", &case_a2());
    assert!(many.order() < one.order());
}

#[test]
fn likely_arms_come_first() {
    let trial = trial(
        "T",
        vec![arm("A", ArmStatus::AsTrial), arm("B", ArmStatus::AsTrial), arm("C", ArmStatus::Closed)],
        &[LUNG, "in-2 for [A] inclusion: sex male"],
    );
    let order: Vec<String> = judge_trial(&trial, &case_a2(), &KNOWLEDGE, &Settings::default())
        .into_iter()
        .map(|v| v.arm)
        .collect();
    assert_eq!(order, ["B", "A", "C"]);
}

// ---- next best facts ----------------------------------------------------------------------------------------------

fn open_arms(sets: &[&[u8]]) -> Vec<OpenArm> {
    let key = |fact: &u8| format!("fact:{fact}");
    let arm = |(at, set): (usize, &&[u8])| OpenArm {
        trial: format!("T{at}"),
        arm: String::new(),
        missing: set.iter().map(key).collect(),
    };
    sets.iter().enumerate().map(arm).collect()
}

fn decided(arms: &[OpenArm], known: &BTreeSet<String>) -> usize {
    arms.iter().filter(|arm| !arm.missing.is_empty() && arm.missing.is_subset(known)).count()
}

/// Every set of facts of the size, one by one.
fn oracle(arms: &[OpenArm], size: usize) -> usize {
    let facts: Vec<String> =
        arms.iter().flat_map(|arm| arm.missing.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let of = |mask: u32| -> BTreeSet<String> {
        facts.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, fact)| fact.clone()).collect()
    };
    let masks = (0..1u32 << facts.len()).filter(|mask| mask.count_ones() as usize <= size);
    masks.map(|mask| decided(arms, &of(mask))).max().unwrap_or(0)
}

#[test]
fn one_fact_that_decides_most_comes_first() {
    let steps = next_best_facts(&open_arms(&[&[1], &[1], &[2], &[1, 3], &[4, 5, 6]]), 3);
    let facts: Vec<Vec<String>> = steps.iter().map(|step| step.facts.clone()).collect();
    assert_eq!(facts, [["fact:1"], ["fact:2"], ["fact:3"]]);
    assert_eq!(steps[0].decides.len(), 2);
}

proptest! {
    #[test]
    fn greedy_against_the_oracle(
        sets in prop::collection::vec(prop::collection::btree_set(0u8..8, 0..4), 0..8), budget in 0usize..6,
    ) {
        let sets: Vec<Vec<u8>> = sets.into_iter().map(|set| set.into_iter().collect()).collect();
        let arms = open_arms(&sets.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let steps = next_best_facts(&arms, budget);
        let known: BTreeSet<String> = steps.iter().flat_map(|step| step.facts.clone()).collect();
        let claimed: usize = steps.iter().map(|step| step.decides.len()).sum();
        let best = oracle(&arms, budget);
        prop_assert!(known.len() <= budget);
        prop_assert_eq!(claimed, decided(&arms, &known), "what is claimed is true");
        prop_assert!(claimed <= best);
        prop_assert_eq!(claimed == 0, best == 0, "something is decided when something can be");
        if arms.iter().all(|arm| arm.missing.len() <= 1) {
            prop_assert_eq!(claimed, best, "single facts: greedy is exact");
        }
        if known.len() == budget || claimed == arms.iter().filter(|arm| !arm.missing.is_empty()).count() {
            prop_assert!(steps.iter().all(|step| !step.decides.is_empty()));
        }
    }
}
