//! Patients and arms with a planted truth: what is said to be met was planted so, on every pair.

use concilium_case::Case;
use concilium_criteria::eligibility::{Criterion, Shown};
use concilium_knowledge::{Knowledge, builtin};
use concilium_terms::PartialDate;
use concilium_testkit::planted::{ArmPlan, Draw, PatientPlan, Planted, TODAY};
use concilium_trials::{
    Arm, ArmStatus, Compiled, Label, RegistryStatus, Settings, Standing, StatusSource, Trial, TrialSource,
};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| builtin().expect("the pack loads"));

const PATIENTS: usize = 300;
const ARMS: usize = 60;

fn trial(at: usize, plan: &ArmPlan) -> Trial {
    let read = |line: String| line.parse::<Criterion>().unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
    Trial {
        id: format!("T{at}"),
        other_ids: vec![],
        title: String::new(),
        phase: String::new(),
        conditions: vec![],
        status: Standing {
            status: RegistryStatus::Recruiting,
            as_of: PartialDate::parse(TODAY).ok(),
            by: StatusSource::Site,
        },
        arms: vec![Arm {
            label: String::new(),
            kind: String::new(),
            interventions: vec![],
            drugs: vec![],
            status: if plan.closed { ArmStatus::Closed } else { ArmStatus::Open },
            slots: None,
        }],
        sites: vec![],
        eligibility_text: String::new(),
        criteria: plan.lines().into_iter().map(read).collect(),
        source: TrialSource {
            format: "planted".into(),
            file: "planted".into(),
            version: None,
            sha256: String::new(),
        },
    }
}

/// Does the verdict say what was planted?
fn says(shown: &Shown, planted: &Planted) -> bool {
    match (shown, planted) {
        (Shown::Met, Planted::Met)
        | (Shown::NotMet { until: None }, Planted::Never)
        | (Shown::NotTested(_), Planted::Untested)
        | (Shown::Conflicting, Planted::Disputed)
        | (Shown::NotRecorded, Planted::Unrecorded) => true,
        (Shown::NotMet { until: Some(day) }, Planted::NotUntil(planted)) => day == planted,
        _ => false,
    }
}

/// What the label must be where the plans alone settle it.
fn label_fits(label: &Label, plan: &ArmPlan, truths: &[Planted]) -> bool {
    let any = |is: fn(&Planted) -> bool| truths.iter().any(is);
    let fails = any(|planted| matches!(planted, Planted::Never | Planted::NotUntil(_)));
    match () {
        () if plan.closed => *label == Label::Closed,
        () if any(|planted| *planted == Planted::Never) => *label != Label::Closed && blocked(label),
        () if fails => matches!(label, Label::BlockedUntil { .. }),
        () if any(|planted| *planted == Planted::Disputed) => *label == Label::OpenQuestions,
        () if any(|planted| *planted == Planted::Untested) => {
            matches!(label, Label::OpenQuestions | Label::Likely)
        }
        () => *label == Label::NoKnownConflict,
    }
}

fn blocked(label: &Label) -> bool {
    matches!(label, Label::BlockedPermanently | Label::BlockedForNow)
}

#[test]
fn what_is_met_was_planted_so() {
    let mut draw = Draw::new(20_260_615);
    let arms: Vec<ArmPlan> = (0..ARMS).map(|_| draw.arm()).collect();
    let patients: Vec<PatientPlan> = (0..PATIENTS).map(|_| draw.patient()).collect();
    let trials = arms.iter().enumerate().map(|(at, plan)| trial(at, plan)).collect();
    let compiled = Compiled::new(trials, &KNOWLEDGE, Settings::default());
    let ids: Vec<_> = compiled.arms().collect();
    let mut rates: BTreeMap<String, usize> = BTreeMap::new();
    let (mut false_met, mut wrong) = (vec![], vec![]);
    for plan in &patients {
        let case: Case = plan.case();
        let screening = compiled.screen(&case);
        let shown_by_arm = compiled.shown_each(&case, &ids);
        for ((id, arm), shown_of_arm) in ids.iter().zip(&arms).zip(&shown_by_arm) {
            let truths: Vec<Planted> = arm.questions.iter().map(|question| plan.truth(*question)).collect();
            for ((shown, planted), question) in shown_of_arm.iter().zip(&truths).zip(&arm.questions) {
                *rates
                    .entry(format!("{planted:?}").chars().take_while(|c| *c != '(').collect())
                    .or_default() += 1;
                if *shown == Shown::Met && *planted != Planted::Met {
                    false_met.push(format!("{question:?} of {plan:?}: planted {planted:?}"));
                }
                if !says(shown, planted) {
                    wrong.push(format!("{question:?} of {plan:?}: {shown:?}, planted {planted:?}"));
                }
            }
            let label = &screening.of(*id).expect("a decision").label;
            if !label_fits(label, arm, &truths) {
                wrong.push(format!("{arm:?} and {plan:?}: {label:?}, planted {truths:?}"));
            }
            let name = format!("{label}").chars().take_while(|c| !c.is_ascii_digit()).collect();
            *rates.entry(name).or_default() += 1;
        }
    }
    println!("{} pairs: {rates:#?}", PATIENTS * ARMS);
    assert!(false_met.is_empty(), "{} false Met, first: {}", false_met.len(), false_met[0]);
    assert!(wrong.is_empty(), "{} differ from the plan, first: {}", wrong.len(), wrong[0]);
    // Every kind of truth was planted, and every label was given: the test can fail in each.
    assert_eq!(rates.len(), 6 + 7, "{rates:?}");
}
