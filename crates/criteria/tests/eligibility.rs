//! Clinical rules, section 6: what is asked, against small patients.

mod support;

use concilium_case::{
    Case, Certainty, Condition, ConditionRole, Conflict, Exposure, Extent, FindingKind, Gap, ImagingFinding,
    Lab, MarkerCall, MarkerName, Medication, MedicationState, PerformanceScale, Sex, StageScale, Status,
    StopReason, Tumour,
};
use concilium_criteria::derive_lines;
use concilium_criteria::eligibility::{
    Criterion, Expr, FactClass, Options, Policy, Role, Shown, at, days_named, earliest_day, judge,
    judge_criterion, missing_facts,
};
use concilium_criteria::{NotTested, Verdict, Why};
use concilium_knowledge::{ConditionWord, Knowledge};
use concilium_terms::Truth;
use concilium_terms::quantity::Quantity;
use concilium_testkit::*;
use proptest::prelude::*;

/// The small release with half-lives (invented) and some condition words.
fn release() -> Knowledge {
    let mut knowledge = support::knowledge();
    for drug in &mut knowledge.drugs.rows {
        drug.half_life_h = match drug.name.as_str() {
            "osimertinib" => Some(48.0),
            "pemetrexed" => Some(240.0),
            _ => None,
        };
    }
    let rows = [
        ("hiv", "human immunodeficiency virus"),
        ("heart-failure", "heart failure"),
        ("hypertension", "hypertension"),
        ("pulmonary-hypertension", "pulmonary hypertension"),
        ("myocardial-infarction", "myocardial infarction"),
        ("brain-metastases", "brain metast"),
        ("pregnancy", "pregnan"),
    ];
    knowledge.condition_words = rows
        .into_iter()
        .map(|(key, word)| ConditionWord { key: key.into(), system: "text".into(), code: word.into() })
        .collect();
    knowledge
}

fn today() -> CaseBuilder {
    CaseBuilder::new("2026-06-15")
}

fn lung() -> Tumour {
    tumour("DOID:3910", "lung adenocarcinoma", Extent::Metastatic)
}

fn ended(drug: &str, start: &str, end: &str) -> Medication {
    Medication { end: Some(day(end)), state: MedicationState::Finished, ..given(drug, start) }
}

fn taken(drug: &str) -> Medication {
    Medication { ongoing: true, ..given(drug, "2026-01-01") }
}

fn comorbid(words: &str, when: &str) -> Condition {
    diagnosis(words, ConditionRole::Comorbidity, when)
}

fn with_lines(builder: CaseBuilder) -> Case {
    let mut case = builder.build();
    case.lines = derive_lines(&case.facts, &release(), &case.as_of).0;
    case
}

fn inclusion(line: &str) -> Criterion {
    Criterion {
        id: "in-1".into(),
        role: Role::Inclusion,
        expr: line.parse().unwrap_or_else(|wrong| panic!("{line}: {wrong}")),
        span: None,
        applies_to: vec![],
        heading: None,
    }
}

fn words(shown: &Shown) -> String {
    match shown {
        Shown::Met => "met".into(),
        Shown::NotMet { until: None } => "not met".into(),
        Shown::NotMet { until: Some(day) } => format!("not met until {day}"),
        Shown::NotTested(how) => format!("not tested: {how:?}"),
        Shown::Conflicting => "conflicting".into(),
        Shown::NotComputable => "not computable".into(),
        Shown::NotApplicable => "not applicable".into(),
        Shown::NeedsJudgement => "judgement".into(),
        Shown::NotRecorded => "not recorded".into(),
    }
}

fn judged(line: &str, case: &Case) -> String {
    words(&judge_criterion(&inclusion(line), case, &release(), &Options::default()).shown)
}

#[track_caller]
fn check(case: CaseBuilder, rows: &[(&str, &str)]) {
    let case = with_lines(case);
    let found: Vec<(&str, String)> = rows.iter().map(|(line, _)| (*line, judged(line, &case))).collect();
    let expected: Vec<(&str, String)> =
        rows.iter().map(|(line, shown)| (*line, (*shown).to_owned())).collect();
    assert_eq!(found, expected);
}

/// A finding in images of one day: a lesion of a site with its size, or the answer about measurable disease.
fn measured(kind: FindingKind, site: &str, size_mm: f64, when: &str) -> ImagingFinding {
    let number = kind == FindingKind::LongestDiameter;
    let value = Quantity { value: size_mm, text: size_mm.to_string(), comparator: None, unit: "mm".into() };
    ImagingFinding {
        meta: on(when),
        kind,
        value: number.then_some(value),
        text: None,
        answer: (!number).then_some(size_mm >= 10.0),
        lesion: Some("L1".into()),
        site: Some(site.into()),
        role: None,
        method: None,
        confidence: None,
        region: None,
        series: None,
        open: vec![],
        confirmed: false,
        picture: None,
    }
}

#[test]
fn images_say_yes_and_never_no() {
    use FindingKind::{LongestDiameter, MeasurableDisease};
    let any = |size| today().tumour(lung()).finding(measured(MeasurableDisease, "", size, "2026-06-01"));
    let seen = |site, size, when| today().tumour(lung()).finding(measured(LongestDiameter, site, size, when));
    check(any(12.0), &[("measurable disease", "met"), ("evaluable disease", "met")]);
    check(any(9.0), &[("measurable disease", "not tested: NeverDone")]);
    check(
        seen("lung", 8.0, "2026-06-01"),
        &[("measurable disease", "not tested: NeverDone"), ("evaluable disease", "met")],
    );
    // What the records stated since wins; what they stated before does not.
    let stated = |when| any(12.0).observation(observation("Measurable disease", "no", when));
    check(stated("2026-06-10"), &[("measurable disease", "not met")]);
    check(stated("2026-05-01"), &[("measurable disease", "met")]);
    check(seen("left frontal lobe of brain", 8.0, "2026-06-01"), &[("metastasis brain any", "met")]);
    check(seen("brain", 0.0, "2026-06-01"), &[("metastasis brain any", "not tested: NeverDone")]);
    check(seen("liver", 8.0, "2026-06-01"), &[("metastasis brain any", "not tested: NeverDone")]);
    let glioma = tumour("DOID:3620", "central nervous system cancer", Extent::Unknown);
    let own = today().tumour(glioma).finding(measured(LongestDiameter, "brain", 30.0, "2026-06-01"));
    check(own, &[("metastasis brain any", "not tested: NeverDone")]);
}

#[test]
fn nothing_is_known_of_an_empty_case() {
    check(
        today(),
        &[
            ("age >= 18 years", "not tested: NeverDone"),
            ("sex female", "not tested: NeverDone"),
            ("disease [DOID:3908]", "not tested: NeverDone"),
            ("stage [IV]", "not tested: NeverDone"),
            ("category T [1]", "not tested: NeverDone"),
            ("extent [metastatic]", "not tested: NeverDone"),
            ("extent [untreated]", "not tested: NeverDone"),
            ("not metastasis brain any", "not tested: NeverDone"),
            ("measurable disease", "not tested: NeverDone"),
            ("biomarker present [EGFR exon 20 insertion]", "not tested: NeverDone"),
            ("biomarker absent [EGFR T790M]", "not tested: NeverDone"),
            ("marker her2 is negative", "not tested: NeverDone"),
            ("performance ecog 0 to 1", "not tested: NeverDone"),
            ("lab neutrophils >= 1.5 10*9/L", "not tested: NeverDone"),
            ("prior [class:platinum]", "not tested: NeverDone"),
            ("not prior [class:platinum]", "not tested: NeverDone"),
            ("not recent([any-systemic], 4 weeks, before first-dose)", "not tested: NeverDone"),
            ("not taking [class:anticoagulant]", "not tested: NeverDone"),
            ("not condition [hiv] ever", "not tested: NeverDone"),
            ("not condition [hiv] ever known", "not recorded"),
            ("condition [hiv] ever known", "not tested: NeverDone"),
            ("not condition [unheard-of] ever known", "not computable"),
            ("not second malignancy within 3 years", "not recorded"),
            ("not reproductive pregnant", "not tested: NeverDone"),
            ("not allergy [drug:cisplatin]", "not recorded"),
            ("not recent([live-vaccine], 30 days, before first-dose)", "not recorded"),
            ("judgement consent \"signs\"", "judgement"),
            ("not-computable \"adequate tissue\"", "not computable"),
            ("all of ()", "met"),
            ("any of ()", "not met"),
        ],
    );
}

#[test]
fn age_through_time() {
    check(
        today().born("1964-06-15").sex(Sex::Female),
        &[
            ("age >= 18 years", "met"),
            ("age 18 to 61 years", "not met"),
            ("age 18 to 62 years", "met"),
            ("age < 18 years", "not met"),
            ("sex female", "met"),
            ("sex male", "not met"),
        ],
    );
    check(
        today().born("2012-02-29").sex(Sex::Male),
        &[
            ("age >= 18 years", "not met until 2030-03-01"),
            ("age 2 to < 15 years", "met"),
            ("age >= 15 years and sex male", "not met until 2027-03-01"),
            ("age > 15 years", "not met until 2028-02-29"),
            ("not reproductive pregnant", "not applicable"),
            ("reproductive pregnant", "not met"),
            ("not sex female or reproductive pregnant", "met"),
        ],
    );
    // The latest possible birthday counts.
    check(
        today().born("2010"),
        &[
            ("age >= 18 years", "not met until 2028-12-31"),
            ("age >= 16 years", "not tested: Uncertain"),
            ("age >= 15 years", "met"),
        ],
    );
}

#[test]
fn performance_status() {
    check(
        today().performance(performance(PerformanceScale::Ecog, 1, "2026-06-01")),
        &[
            ("performance ecog 0 to 1", "met"),
            ("performance ecog 0 to < 1", "not met until 2026-08-31"),
            ("performance karnofsky >= 70", "not tested: NeverDone"),
            ("performance vigour >= 70", "not computable"),
        ],
    );
    check(
        today().performance(performance(PerformanceScale::Ecog, 1, "2026-01-01")),
        &[("performance ecog 0 to 1", "not tested: TooOld")],
    );
    check(
        today().performance(performance(PerformanceScale::Ecog, 1, "2026-06-01")).performance(performance(
            PerformanceScale::Ecog,
            2,
            "2026-06-01",
        )),
        &[("performance ecog 0 to 1", "conflicting")],
    );
}

#[test]
fn tumour_stage_and_extent() {
    let staged = Tumour {
        stage: Some("IIIB".into()),
        ..tumour("DOID:3910", "lung adenocarcinoma", Extent::LocallyAdvanced)
    };
    check(
        today().tumour(staged.clone()).stage(stage(StageScale::T, "cT3", "2026-01-01")),
        &[
            ("disease [DOID:3908] \"NSCLC\"", "met"),
            ("disease [DOID:9256]", "not met"),
            ("disease [DOID:9256, DOID:162]", "met"),
            ("disease [DOID:3908] \"NSCLC\" confirmed", "not tested: NeverDone"),
            ("stage [III]", "met"),
            ("stage [IIIB, IV]", "met"),
            ("stage [IIIB1]", "not tested: Uncertain"),
            ("stage [IIIA]", "not met"),
            ("stage [IV]", "not met"),
            ("stage [II] by FIGO", "not computable"),
            ("category T [3]", "met"),
            ("category T [3a]", "not tested: Uncertain"),
            ("category T [1, 2]", "not met"),
            ("category N [0]", "not tested: NeverDone"),
            ("extent [locally-advanced, metastatic]", "met"),
            ("extent [metastatic]", "not met"),
            ("extent [unresectable]", "judgement"),
            ("not metastasis brain any", "met"),
            ("not metastasis any any", "met"),
        ],
    );
    // A stage from before the disease spread stages nothing now.
    let spread = Tumour { extent: Extent::Metastatic, ..staged };
    check(
        today().tumour(spread),
        &[("stage [III]", "not tested: Uncertain"), ("stage [IV]", "not tested: Uncertain")],
    );
    let broad = tumour("DOID:162", "cancer", Extent::Unknown);
    check(
        today().tumour(broad),
        &[("disease [DOID:3908]", "not tested: Uncertain"), ("extent [metastatic]", "not tested: NeverDone")],
    );
}

#[test]
fn stage_groups_that_disagree() {
    let mut case = today().tumour(Tumour { stage: Some("IIIC".into()), ..lung() }).build();
    let sides = ["IIIC", "IIB"].map(|side| (side.to_owned(), vec![])).to_vec();
    case.conflicts.push(Conflict { about: "stage group".into(), sides });
    assert_eq!(judged("stage [III]", &case), "conflicting");
    assert_eq!(judged("stage [I]", &case), "not tested: Uncertain");
}

#[test]
fn another_primary_keeps_the_question_open() {
    let mut case = today().tumour(lung()).build();
    case.other_tumours
        .push(Tumour { condition: "C9".into(), ..tumour("DOID:1909", "melanoma", Extent::Remission) });
    assert_eq!(judged("disease [DOID:1909]", &case), "not tested: Uncertain");
    assert_eq!(judged("not second malignancy", &case), "not met");
    assert_eq!(judged("not second malignancy except [DOID:1909]", &case), "not recorded");
    assert_eq!(judged("not second malignancy active", &case), "met");
    assert_eq!(judged("not second malignancy other exceptions", &case), "judgement");
}

#[test]
fn metastases() {
    let spread = Tumour { metastases: vec!["brain".into(), "liver".into()], ..lung() };
    check(
        today().tumour(spread.clone()),
        &[
            ("metastasis brain any", "met"),
            ("metastasis liver any", "met"),
            ("metastasis any any", "met"),
            ("metastasis visceral any", "met"),
            ("not metastasis bone any", "not tested: NeverDone"),
            ("not metastasis brain symptomatic", "judgement"),
            ("metastasis brain treated-stable", "not tested: NeverDone"),
            ("not metastasis brain untreated", "not tested: NeverDone"),
            ("metastasis brain treated", "not tested: NeverDone"),
            ("metastasis brain stable", "judgement"),
        ],
    );
    check(
        today().tumour(spread).radiotherapy(radiotherapy("brain", "2026-03-01", Some("2026-03-05"))),
        &[
            ("not metastasis brain untreated", "met"),
            ("metastasis brain treated", "met"),
            ("metastasis brain treated-stable", "not tested: NeverDone"),
        ],
    );
    let absent = Condition {
        present: Some(false),
        ..diagnosis("brain metastasis", ConditionRole::Metastasis, "2026-05-01")
    };
    check(
        today().tumour(lung()).condition(absent),
        &[("not metastasis brain any", "met"), ("not metastasis bone any", "not tested: NeverDone")],
    );
}

#[test]
fn alterations_and_markers() {
    check(
        today()
            .alteration(small("EGFR", "T790M"))
            .region(region(&["EGFR", "BRAF"]))
            .marker(marker(MarkerName::Er, Some(MarkerCall::Positive))),
        &[
            ("biomarker present [EGFR T790M]", "met"),
            ("biomarker absent [EGFR T790M] \"resistance\"", "not met"),
            ("biomarker absent [EGFR C797S]", "met"),
            ("biomarker present [EGFR C797S]", "not met"),
            ("biomarker present [EGFR C797S, EGFR T790M]", "met"),
            ("biomarker present [BRAF V600E]", "not met"),
            ("biomarker absent [MET amplification]", "not tested: NeverDone"),
            ("biomarker present [EGFR T790M] germline", "not tested: Doubtful"),
            ("biomarker present [KRAS G12C/G12D]", "not tested: NeverDone"),
            ("biomarker present [v::ALK fusion]", "not tested: NeverDone"),
            ("marker er is positive", "met"),
            ("marker hr is positive", "met"),
            ("marker er is negative", "not met"),
            ("marker her2 is low", "not tested: NeverDone"),
            ("marker triple-negative is positive", "not met"),
            ("marker vigour is positive", "not computable"),
        ],
    );
    let pd_l1 = |score: &str, when: &str| {
        let found = marker(MarkerName::PdL1, None);
        concilium_case::Marker { score: Some(score.into()), meta: on(when), ..found }
    };
    check(
        today().marker(pd_l1("TPS 60 %", "2026-01-01")),
        &[
            ("marker pd-l1 score >= 50 in percent", "met"),
            ("marker pd-l1 score < 50 in percent", "not met"),
            ("marker pd-l1 score >= 10 in cps", "not tested: Uncertain"),
        ],
    );
    check(
        today().marker(pd_l1("60 %", "2026-01-01")).marker(pd_l1("10 %", "2026-05-01")),
        &[
            ("marker pd-l1 score >= 50 in percent", "conflicting"),
            ("marker pd-l1 score >= 1 in percent", "met"),
        ],
    );
    check(
        today().marker(pd_l1("> 1 %", "2026-01-01")),
        &[("marker pd-l1 score >= 50 in percent", "not tested: Uncertain")],
    );
    let her2 = |method: &str, score: &str| concilium_case::Marker {
        method: Some(method.into()),
        score: Some(score.into()),
        ..marker(MarkerName::Her2, None)
    };
    check(
        today().marker(her2("ihc", "1+")).marker(her2("fish", "2.4")),
        &[("marker her2 score 1 to 2 in ihc", "met"), ("marker her2 score 3 to 4 in ihc", "not met")],
    );
    let faint =
        concilium_case::Alteration { vaf: Some(0.001), vaf_floor: Some(0.01), ..small("EGFR", "T790M") };
    check(
        today().alteration(faint),
        &[
            ("biomarker present [EGFR T790M]", "not tested: Doubtful"),
            ("biomarker absent [EGFR T790M]", "not tested: Doubtful"),
        ],
    );
}

#[test]
fn laboratory_values() {
    check(
        today()
            .lab(lab("neutrophils", 1.2, "10*9/L", None, "2026-06-10"))
            .lab(lab("haemoglobin", 9.0, "g/dL", None, "2026-06-10"))
            .lab(lab("bilirubin", 30.0, "umol/L", Some(20.0), "2026-06-10"))
            .lab(lab("ast", 200.0, "U/L", None, "2026-06-10"))
            .lab(lab("platelets", 150.0, "10*9/L", None, "2026-02-10"))
            .lab(lab("albumin", 35.0, "furlong", None, "2026-06-10"))
            .lab(lab("ldh", 180.0, "U/L", Some(250.0), ""))
            .lab(Lab {
                implausible: Some("3000 times".into()),
                ..lab("wbc", 5.0, "10*9/L", None, "2026-06-10")
            }),
        &[
            ("lab neutrophils >= 1.0 10*9/L", "met"),
            ("lab neutrophils >= 1000 /uL", "met"),
            ("lab neutrophils >= 1.5 10*9/L", "not met until 2026-07-09"),
            ("lab neutrophils >= 1.5 10*9/L within 7 days", "not met until 2026-06-18"),
            ("lab neutrophils >= 1.0 10*9/L within 3 days", "not tested: TooOld"),
            ("lab haemoglobin >= 90 g/L", "met"),
            ("lab haemoglobin > 90 g/L", "not met until 2026-07-09"),
            ("lab bilirubin <= 1.5 \"x\"", "not computable"),
            ("lab bilirubin <= 1.5 x ULN", "met"),
            ("lab bilirubin < 1.5 x ULN", "not met until 2026-07-09"),
            ("lab bilirubin within limits", "not met until 2026-07-09"),
            ("lab ast within limits", "not computable"),
            ("lab ast <= 3 x ULN", "not computable"),
            ("lab platelets >= 100 10*9/L", "not tested: TooOld"),
            ("lab platelets >= 100 10*9/L within 6 months", "met"),
            ("lab albumin >= 30 g/L", "not computable"),
            ("lab ldh <= 1 x ULN", "not tested: Uncertain"),
            ("lab wbc >= 3 10*9/L", "not tested: Uncertain"),
            ("lab creatinine-clearance >= 60 mL/min", "not tested: NeverDone"),
        ],
    );
    let below = Lab {
        value: Some(Quantity { comparator: Some("<".into()), ..Quantity::new(5.0, "mg/L") }),
        ..lab("crp", 5.0, "mg/L", None, "2026-06-10")
    };
    check(
        today().lab(below),
        &[
            ("lab crp <= 10 mg/L", "met"),
            ("lab crp >= 3 mg/L", "not tested: Uncertain"),
            ("lab crp >= 6 mg/L", "not met until 2026-07-09"),
        ],
    );
    // The newest decides; two of one time must agree.
    check(
        today()
            .lab(lab("alt", 20.0, "U/L", None, "2026-06-01"))
            .lab(lab("alt", 90.0, "U/L", None, "2026-06-12"))
            .lab(lab("alp", 20.0, "U/L", None, "2026-06-12"))
            .lab(lab("alp", 90.0, "U/L", None, "2026-06-12")),
        &[("lab alt <= 40 U/L", "not met until 2026-07-11"), ("lab alp <= 40 U/L", "conflicting")],
    );
}

#[test]
fn prior_therapy() {
    let treated = || {
        today()
            .tumour(lung())
            .medication(Medication {
                stop: Some(StopReason::Progression),
                ..ended("gefitinib", "2023-01-01", "2024-01-01")
            })
            .medication(ended("osimertinib", "2024-02-01", "2026-06-01"))
            .response(response(Status::Progressed, "2024-01-01"))
    };
    check(
        treated(),
        &[
            ("prior [class:egfr-tki]", "met"),
            ("prior [class:egfr-tki] lines <= 1", "not met"),
            ("prior [class:egfr-tki] lines 2 to 2", "met"),
            ("prior [class:egfr-tki-gen3] lines 1 to 1", "met"),
            ("prior [any-systemic] lines <= 2", "met"),
            ("prior [any-systemic] lines >= 3", "not met"),
            ("prior [any-systemic] intent adjuvant", "not met"),
            ("prior [class:platinum]", "not met"),
            ("not prior [class:platinum]", "met"),
            ("prior [drug:gefitinib] outcome progressed", "met"),
            ("prior [drug:gefitinib] outcome intolerant", "not met"),
            ("prior [drug:osimertinib] outcome progressed", "not tested: Uncertain"),
            ("prior [drug:osimertinib] outcome progressed-or-intolerant", "not tested: Uncertain"),
            ("prior [unresolved:foomab, class:egfr-tki]", "met"),
            ("not prior [unresolved:foomab]", "not computable"),
            ("prior [class:egfr-tki] intent whenever", "not computable"),
            ("extent [untreated]", "not met"),
            ("not prior [radiotherapy]", "not recorded"),
        ],
    );
    let mut gap = with_lines(treated());
    gap.history_gaps.push(Gap {
        from: Some(day("2020")),
        to: Some(day("2022-12")),
        advanced: true,
        why: "test".into(),
        sources: vec![],
    });
    assert_eq!(judged("not prior [class:platinum]", &gap), "not tested: Elsewhere");
    assert_eq!(judged("prior [any-systemic] lines <= 2", &gap), "not tested: Elsewhere");
    assert_eq!(judged("prior [any-systemic] lines >= 2", &gap), "met");
    assert_eq!(judged("not recent([class:platinum], 4 weeks, before consent)", &gap), "met");
    gap.facts.medications.push(Medication {
        drugs: vec![],
        intent: Some("palliative".into()),
        ..taken("warfarin")
    });
    assert_eq!(
        judged("not recent([class:platinum], 4 weeks, before consent)", &gap),
        "not tested: Uncertain"
    );
    check(
        today()
            .tumour(lung())
            .medication(Medication { exposure: Exposure::Ordered, ..given("cisplatin", "2026-06-01") }),
        &[
            ("not prior [class:platinum]", "not tested: Uncertain"),
            ("prior [class:platinum]", "not tested: Uncertain"),
        ],
    );
    check(
        today().medication(given("warfarin", "2020-01-01")),
        &[("not prior [any-systemic]", "met"), ("extent [untreated]", "not tested: NeverDone")],
    );
    let denied = Medication { exposure: Exposure::NotTaken, ..given("cisplatin", "2026-06-01") };
    check(
        today().medication(ended("cisplatin", "2025-01-01", "2025-03-01")).medication(denied),
        &[("prior [class:platinum]", "conflicting")],
    );
    check(
        today()
            .medication(given("warfarin", "2020-01-01"))
            .procedure(procedure("kidney transplant", "2010-01-01")),
        &[
            ("not prior [transplant:organ]", "not met"),
            ("not prior [transplant:allogeneic]", "not recorded"),
            ("not prior [radiotherapy:brain]", "met"),
            ("not prior [cell-therapy]", "met"),
        ],
    );
}

#[test]
fn washouts() {
    let washed = |drug: &str, end: &str| today().tumour(lung()).medication(ended(drug, "2026-01-01", end));
    check(
        washed("osimertinib", "2026-06-01"),
        &[
            ("not recent([class:egfr-tki], 2 weeks, before first-dose)", "met"),
            ("not recent([class:egfr-tki], 15 days, before first-dose)", "not met until 2026-06-16"),
            ("not recent([any-systemic], 4 weeks, before consent)", "not met until 2026-06-29"),
            (
                "not recent([any-systemic], 4 weeks or 5 half-lives, whichever shorter, before first-dose)",
                "met",
            ),
            (
                "not recent([any-systemic], 4 weeks or 5 half-lives, whichever longer, before first-dose)",
                "not met until 2026-06-29",
            ),
            ("not recent([any-systemic], 10 half-lives, before first-dose)", "not met until 2026-06-21"),
            ("not recent([any-systemic], 1 month, before first-dose)", "not met until 2026-07-01"),
            ("not recent([class:platinum], 4 weeks, before first-dose)", "met"),
            ("not recent([radiotherapy], 2 weeks, before first-dose)", "not recorded"),
            ("not recent([unresolved:foomab], 2 weeks, before first-dose)", "not computable"),
        ],
    );
    // Without a half-life only the other span can decide.
    check(
        washed("erlotinib", "2026-06-01"),
        &[
            ("not recent([any-systemic], 5 half-lives, before first-dose)", "not computable"),
            (
                "not recent([any-systemic], 2 weeks or 5 half-lives, whichever shorter, before first-dose)",
                "met",
            ),
            (
                "not recent([any-systemic], 4 weeks or 5 half-lives, whichever shorter, before first-dose)",
                "not computable",
            ),
            (
                "not recent([any-systemic], 2 weeks or 5 half-lives, whichever longer, before first-dose)",
                "not computable",
            ),
        ],
    );
    // A month is its last day.
    check(
        washed("osimertinib", "2026-05"),
        &[("not recent([any-systemic], 3 weeks, before first-dose)", "not met until 2026-06-21")],
    );
    check(
        today().medication(taken("osimertinib")).medication(given("cisplatin", "2026-05-01")),
        &[
            ("not recent([class:egfr-tki], 2 weeks, before first-dose)", "not met"),
            ("not recent([class:platinum], 2 weeks, before first-dose)", "not tested: Uncertain"),
        ],
    );
    check(
        today()
            .radiotherapy(radiotherapy("brain", "2026-06-01", Some("2026-06-10")))
            .procedure(procedure("biopsy of lung", "2026-06-12"))
            .procedure(procedure("resection of bowel", "2026-06-01")),
        &[
            ("not recent([radiotherapy], 2 weeks, before first-dose)", "not met until 2026-06-24"),
            ("not recent([radiotherapy:thorax], 2 weeks, before first-dose)", "met"),
            ("not recent([major-surgery], 4 weeks, before first-dose)", "judgement"),
            ("not recent([major-surgery], 7 days, before first-dose)", "met"),
        ],
    );
}

#[test]
fn taken_now_and_allergies() {
    check(
        today().medication(taken("warfarin")).allergy(allergy("carboplatin")),
        &[
            ("not taking [class:anticoagulant]", "not met"),
            ("not taking [class:platinum]", "met"),
            ("not taking [class:anticoagulant] over 10 mg prednisone", "not computable"),
            ("not allergy [class:platinum]", "not met"),
            ("not allergy [drug:erlotinib]", "met"),
            ("not allergy []", "not recorded"),
        ],
    );
    check(
        today().allergy(allergy("")),
        &[("not allergy []", "met"), ("not allergy [class:platinum]", "met")],
    );
    let stale = Medication { state: MedicationState::Stale, ..given("warfarin", "2020-01-01") };
    check(today().medication(stale), &[("not taking [drug:warfarin]", "not tested: Uncertain")]);
    let nameless = Medication { drugs: vec![], ..taken("warfarin") };
    check(today().medication(nameless), &[("not taking [drug:warfarin]", "not tested: Uncertain")]);
}

#[test]
fn conditions() {
    let past =
        Condition { clinical_status: Some("resolved".into()), ..comorbid("heart failure", "2020-01-01") };
    let suspected =
        Condition { certainty: Certainty::Suspected, ..comorbid("myocardial infarction", "2026-06-01") };
    let absent = Condition {
        present: Some(false),
        ..comorbid("human immunodeficiency virus infection", "2026-01-01")
    };
    check(
        today()
            .condition(past)
            .condition(suspected)
            .condition(absent)
            .condition(comorbid("pulmonary hypertension", "2024")),
        &[
            ("not condition [heart-failure] active", "met"),
            ("not condition [heart-failure] ever known", "not met"),
            ("not condition [heart-failure] ever within 1 year", "met"),
            ("not condition [myocardial-infarction] ever", "not tested: Uncertain"),
            ("not condition [hiv] ever known", "met"),
            ("not condition [hypertension] active known", "not recorded"),
            ("not condition [pulmonary-hypertension] active", "not met"),
            ("not condition [pulmonary-hypertension] uncontrolled", "judgement"),
            // Severity and need of treatment are a person's to judge where something is recorded.
            ("not condition [pulmonary-hypertension] ever-severe", "judgement"),
            ("not condition [pulmonary-hypertension] needing-treatment", "judgement"),
            ("not condition [pulmonary-hypertension] ever-needing-treatment", "judgement"),
            ("not condition [heart-failure] ever-severe", "judgement"),
            ("not condition [heart-failure] ever-severe within 1 year", "met"),
            ("not condition [heart-failure] needing-treatment", "met"),
            ("not condition [heart-failure] needing-treatment within 1 year", "judgement"),
            ("not condition [heart-failure] ever-needing-treatment within 1 year", "met"),
            ("not condition [myocardial-infarction] ever-severe", "not tested: Uncertain"),
            ("not condition [hiv] ever-severe", "met"),
            ("not condition [hypertension] needing-treatment known", "not recorded"),
        ],
    );
    check(
        today().condition(comorbid("myocardial infarction", "2026-03-01")),
        &[
            ("not condition [myocardial-infarction] ever within 6 months", "not met until 2026-09-01"),
            ("not condition [myocardial-infarction] ever within 3 months", "met"),
            ("not condition [myocardial-infarction, hiv] ever within 3 months known", "not recorded"),
        ],
    );
    check(
        today().condition(comorbid("myocardial infarction", "2025")),
        &[("not condition [myocardial-infarction] ever within 12 months", "not tested: Uncertain")],
    );
    let skin = diagnosis("melanoma", ConditionRole::CancerHistory, "2024-01-01");
    check(
        today().tumour(lung()).condition(skin),
        &[
            ("not second malignancy within 5 years", "not met until 2029-01-01"),
            ("not second malignancy within 2 years", "met"),
            ("not second malignancy active", "met"),
            // What is over now may have been active within the span.
            ("not second malignancy within 2 years active", "not tested: Uncertain"),
        ],
    );
}

#[test]
fn pregnancy() {
    check(
        today().born("1990-01-01").sex(Sex::Female).observation(observation(
            "Pregnancy test",
            "Negative",
            "2026-06-10",
        )),
        &[
            ("not reproductive pregnant", "met"),
            ("reproductive childbearing-potential", "not tested: NeverDone"),
        ],
    );
    check(
        today().born("1990-01-01").sex(Sex::Female).observation(observation(
            "Pregnancy test",
            "Negative",
            "2026-05-01",
        )),
        &[("not reproductive pregnant", "not tested: TooOld")],
    );
    check(
        today().born("1940-01-01").sex(Sex::Female),
        &[
            ("not reproductive pregnant", "not applicable"),
            ("reproductive childbearing-potential", "not met"),
        ],
    );
}

#[test]
fn joins() {
    check(
        today().born("1964-01-01").sex(Sex::Female),
        &[
            ("at least 2 of (sex female; age > 60 years; stage [IV])", "met"),
            ("at least 2 of (sex male; age > 60 years; stage [IV])", "not tested: NeverDone"),
            ("at least 2 of (sex male; age > 70 years; stage [IV])", "not met until 2035-01-01"),
            ("sex female or stage [IV]", "met"),
            ("sex female and stage [IV]", "not tested: NeverDone"),
            ("not (sex male and stage [IV])", "met"),
            ("stage [IV] and judgement consent", "not tested: NeverDone"),
            ("judgement consent and not condition [hiv] ever known", "judgement"),
        ],
    );
}

/// What this release has no name for can stand in no record: its absence is not an answer.
#[test]
fn unknown_names_are_never_absent() {
    check(
        today().tumour(lung()).medication(taken("warfarin")).allergy(allergy("")),
        &[
            ("not prior [class:moon-dust]", "not computable"),
            ("not prior [drug:moonumab, class:platinum]", "not computable"),
            ("not recent([drug:moonumab], 4 weeks, before consent)", "not computable"),
            ("not taking [drug:moonumab]", "not computable"),
            ("not allergy [drug:moonumab]", "not computable"),
            ("not disease [DOID:999999]", "not computable"),
            ("disease [DOID:999999, DOID:3908]", "met"),
        ],
    );
}

/// Shown priority: permanent NotMet, Conflicting, recoverable NotMet, unknown.
#[test]
fn the_worst_that_lasts_is_shown() {
    let case = || {
        today()
            .sex(Sex::Female)
            .medication(ended("osimertinib", "2026-01-01", "2026-06-01"))
            .performance(performance(PerformanceScale::Ecog, 1, "2026-06-14"))
            .performance(performance(PerformanceScale::Ecog, 2, "2026-06-14"))
    };
    let washout = "not recent([any-systemic], 4 weeks, before consent)";
    check(
        case(),
        &[
            (&format!("sex male and performance ecog 0 to 1 and {washout}"), "not met"),
            (&format!("performance ecog 0 to 1 and {washout} and stage [IV]"), "conflicting"),
            (&format!("{washout} and stage [IV]"), "not met until 2026-06-29"),
            ("performance ecog 0 to 1 and stage [IV]", "conflicting"),
        ],
    );
}

#[test]
fn a_policy_makes_silence_absence_and_says_so() {
    let options = Options {
        complete: vec![Policy { class: FactClass::Diagnoses, name: "problem list".into() }],
        ..Options::default()
    };
    let case = today().build();
    let found = judge_criterion(&inclusion("not condition [hiv] ever known"), &case, &release(), &options);
    assert_eq!(found.shown, Shown::Met);
    assert!(found.verdict.leaves[0].what.contains("by policy problem list"), "{found:?}");
}

#[test]
fn deciding_leaves_name_the_facts() {
    let case = today()
        .lab(lab("neutrophils", 1.2, "10*9/L", None, "2026-06-10"))
        .performance(performance(PerformanceScale::Ecog, 1, "2026-06-01"))
        .build();
    let expr: Expr = "lab neutrophils >= 1.5 10*9/L and performance ecog 0 to 1".parse().expect("parses");
    let verdict = judge(&expr, &case, &release(), &Options::default());
    let leaves: Vec<&[String]> = verdict.leaves.iter().map(|leaf| leaf.facts.as_slice()).collect();
    assert_eq!((verdict.truth, leaves), (Truth::False, vec![&["L1".to_owned()][..]]));
}

#[test]
fn earliest_day_says_what_to_wait_for_and_what_is_due() {
    let case = with_lines(
        today().born("2008-07-01").medication(ended("osimertinib", "2026-01-01", "2026-06-01")).lab(lab(
            "neutrophils",
            2.0,
            "10*9/L",
            None,
            "2026-06-10",
        )),
    );
    let criteria = [
        Criterion { id: "in-1".into(), ..inclusion("age >= 18 years") },
        Criterion { id: "in-2".into(), ..inclusion("lab neutrophils >= 1.5 10*9/L within 14 days") },
        Criterion {
            id: "ex-1".into(),
            role: Role::Exclusion,
            ..inclusion("recent([any-systemic], 4 weeks, before first-dose)")
        },
    ];
    let criteria: Vec<&Criterion> = criteria.iter().collect();
    let found = earliest_day(&criteria, &case, &release(), &Options::default());
    assert_eq!(found.day.as_deref(), Some("2026-07-01"));
    let waits: Vec<(&str, &str)> =
        found.waits.iter().map(|w| (w.until.as_str(), w.criterion.as_str())).collect();
    assert_eq!(waits, [("2026-06-29", "ex-1"), ("2026-07-01", "in-1")]);
    let due: Vec<(&str, &Shown)> = found.due.iter().map(|due| (due.criterion.as_str(), &due.shown)).collect();
    assert_eq!(due, [("in-2", &Shown::NotTested(NotTested::TooOld))]);
    let for_good = inclusion("prior [class:platinum] and age >= 18 years");
    let found = earliest_day(&[&for_good], &case, &release(), &Options::default());
    assert_eq!((found.day, found.blocked_by), (None, vec!["in-1".to_owned()]));
}

#[test]
fn missing_facts_are_those_that_matter() {
    let case = today().sex(Sex::Female).build();
    let keys = |line: &str| {
        let expr: Expr = line.parse().expect("parses");
        missing_facts(&expr, &case, &release(), &Options::default()).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(
        keys("biomarker present [EGFR T790M, MET amplification] and judgement consent"),
        ["gene:EGFR", "gene:MET"]
    );
    assert_eq!(keys("sex female or lab ldh <= 1 x ULN"), Vec::<String>::new());
    assert_eq!(keys("(sex male and stage [IV]) or lab ldh <= 1 x ULN"), ["lab:ldh"]);
    assert_eq!(keys("not condition [hiv] ever known"), Vec::<String>::new());
}

// ---- laws ---------------------------------------------------------------------------------------------------------

const LINES: [&str; 22] = [
    "age >= 18 years",
    "age 2 to < 16 years",
    "sex female",
    "disease [DOID:3908]",
    "extent [metastatic]",
    "extent [untreated]",
    "biomarker present [EGFR T790M]",
    "biomarker absent [EGFR C797S]",
    "marker er is positive",
    "performance ecog 0 to 1",
    "lab neutrophils >= 1.5 10*9/L",
    "lab neutrophils < 3 10*9/L within 7 days",
    "lab bilirubin <= 1.5 x ULN",
    "prior [class:egfr-tki]",
    "prior [any-systemic] lines <= 1",
    "recent([class:egfr-tki], 4 weeks or 5 half-lives, whichever shorter, before first-dose)",
    "recent([any-systemic], 6 weeks, before first-dose)",
    "taking [class:anticoagulant]",
    "condition [hiv] ever known",
    "condition [myocardial-infarction] ever within 6 months",
    "allergy [class:platinum]",
    "second malignancy within 3 years",
];

fn any_expr() -> impl Strategy<Value = Expr> {
    let ask = prop::sample::select(LINES.to_vec()).prop_map(|line| line.parse::<Expr>().expect("a line"));
    ask.prop_recursive(3, 10, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            parts.clone().prop_map(Expr::All),
            parts.clone().prop_map(Expr::Any),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
            (0..4usize, parts).prop_map(|(n, of)| Expr::AtLeast { n, of }),
        ]
    })
}

fn any_day() -> impl Strategy<Value = String> {
    prop_oneof![
        (1..7, 1..28).prop_map(|(month, day)| format!("2026-{month:02}-{day:02}")),
        (1..6).prop_map(|month| format!("2026-{month:02}")),
    ]
}

fn any_course() -> impl Strategy<Value = Medication> {
    let drugs = ["osimertinib", "erlotinib", "cisplatin", "warfarin"];
    (prop::sample::select(drugs.to_vec()), prop::option::of(any_day()), any::<bool>()).prop_map(
        |(drug, end, ongoing)| Medication {
            ongoing: ongoing && end.is_none(),
            end: end.map(|end| day(&end)),
            ..given(drug, "2025-06-01")
        },
    )
}

/// Facts, each of which can be left out.
fn any_case() -> impl Strategy<Value = Case> {
    let born = prop::option::of(prop::sample::select(vec!["1960-05-05", "2009", "2010-08-31", "2008-06-20"]));
    let labs = prop::collection::vec((1..40u32, any_day(), any::<bool>()), 0..3);
    let found = (any::<bool>(), any::<bool>(), any::<bool>(), prop::option::of(any_day()));
    let status = prop::option::of((0..4u32, any_day()));
    (born, any::<bool>(), prop::collection::vec(any_course(), 0..3), labs, found, status).prop_map(
        |(born, female, courses, labs, (changed, covered, er, infarct), status)| {
            let mut case = today().tumour(lung()).sex(if female { Sex::Female } else { Sex::Male });
            if let Some(born) = born {
                case = case.born(born);
            }
            case = courses.into_iter().fold(case, CaseBuilder::medication);
            for (tenths, when, neutrophils) in labs {
                let value = f64::from(tenths) / 10.0;
                case = case.lab(match neutrophils {
                    true => lab("neutrophils", value, "10*9/L", None, &when),
                    false => lab("bilirubin", value, "mg/dL", Some(1.2), &when),
                });
            }
            if changed {
                case = case.alteration(small("EGFR", "T790M"));
            }
            if covered {
                case = case.region(region(&["EGFR"]));
            }
            if er {
                case = case.marker(marker(MarkerName::Er, Some(MarkerCall::Positive)));
            }
            if let Some(when) = infarct {
                case = case.condition(comorbid("myocardial infarction", &when));
            }
            if let Some((points, when)) = status {
                case = case.performance(performance(PerformanceScale::Ecog, points, &when));
            }
            with_lines(case)
        },
    )
}

fn run(expr: &Expr, case: &Case) -> Verdict {
    judge(expr, case, &release(), &Options::default())
}

/// The same case without one fact; lines are derived again.
fn without(case: &Case, kind: usize, at: usize) -> Option<Case> {
    let mut less = case.clone();
    let facts = &mut less.facts;
    macro_rules! remove { ($($n:literal: $field:ident),*) => { match kind {
        $($n => { if facts.$field.len() <= at { return None; } facts.$field.remove(at); })*
        _ => return None,
    } } }
    remove!(0: medications, 1: labs, 2: alterations, 3: regions, 4: markers, 5: conditions, 6: performance);
    less.lines = derive_lines(&less.facts, &release(), &less.as_of).0;
    Some(less)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn de_morgan(parts in prop::collection::vec(any_expr(), 0..4), case in any_case()) {
        let not = |expr: &Expr| Expr::Not(Box::new(expr.clone()));
        let nots: Vec<Expr> = parts.iter().map(not).collect();
        prop_assert_eq!(run(&not(&Expr::All(parts.clone())), &case), run(&Expr::Any(nots.clone()), &case));
        prop_assert_eq!(run(&not(&Expr::Any(parts.clone())), &case), run(&Expr::All(nots.clone()), &case));
        let most = parts.len() + 1;
        for n in 1..=parts.len() {
            let at_least = Expr::AtLeast { n, of: parts.clone() };
            let others = Expr::AtLeast { n: most - n, of: nots.clone() };
            prop_assert_eq!(run(&not(&at_least), &case), run(&others, &case));
        }
        let whole = Expr::All(parts);
        prop_assert_eq!(run(&not(&not(&whole)), &case), run(&whole, &case));
    }

    #[test]
    fn what_is_open_or_fails_names_a_reason(expr in any_expr(), case in any_case()) {
        let hollow = |expr: &Expr| expr.asks().is_empty();
        let verdict = run(&expr, &case);
        prop_assert!(verdict.truth == Truth::True || hollow(&expr) || !verdict.leaves.is_empty()
            || expr.to_string().contains("of ("), "{expr}: {verdict:?}");
    }

    #[test]
    fn removing_a_fact_makes_nothing_met_unless_it_spoke_against(
        line in prop::sample::select(LINES.to_vec()), negated in any::<bool>(), case in any_case(), kind in 0..7usize, at in 0..3usize,
    ) {
        let Some(less) = without(&case, kind, at) else { return Ok(()) };
        let line = if negated { format!("not {line}") } else { line.to_owned() };
        let expr: Expr = line.parse().expect("a line");
        let (more, less) = (run(&expr, &case), run(&expr, &less));
        if more.truth != Truth::True && less.truth == Truth::True {
            let gone = match kind { 0 => &case.facts.medications[at].meta.id, 1 => &case.facts.labs[at].meta.id,
                2 => &case.facts.alterations[at].meta.id, 3 => &case.facts.regions[at].meta.id,
                4 => &case.facts.markers[at].meta.id, 5 => &case.facts.conditions[at].meta.id,
                _ => &case.facts.performance[at].meta.id };
            let named = more.leaves.iter().any(|leaf| leaf.facts.contains(gone));
            prop_assert!(named, "{line}: {more:?} became {less:?} without {gone}");
        }
    }

    /// What says nothing about an ask changes no answer to it.
    #[test]
    fn a_silent_fact_changes_nothing(expr in any_expr(), case in any_case()) {
        let mut more = case.clone();
        more.facts.labs.push(lab("ldh", 180.0, "U/L", Some(250.0), "2026-06-10"));
        more.facts.conditions.push(comorbid("gout", "2020-01-01"));
        more.facts.observations.push(observation("Smoking status", "never", "2026-06-10"));
        prop_assert_eq!(run(&expr, &more), run(&expr, &case), "{}", expr);
    }

    #[test]
    fn input_order_does_not_matter(expr in any_expr(), case in any_case()) {
        let mut turned = case.clone();
        turned.facts.medications.reverse();
        turned.facts.labs.reverse();
        prop_assert_eq!(run(&expr, &turned), run(&expr, &case), "{}", expr);
    }

    /// On the day a leaf names it flips; on the day before it has not.
    #[test]
    fn answers_keep_until_their_day(line in prop::sample::select(LINES.to_vec()), case in any_case()) {
        let expr: Expr = line.parse().expect("a line");
        let verdict = run(&expr, &case);
        // A part of the answer may run out while another keeps it: only a lone leaf speaks for the whole.
        let [leaf] = verdict.leaves.as_slice() else { return Ok(()) };
        let until = match &leaf.why {
            Why::MetUntil { until } | Why::NotMet { until: Some(until) } => until.clone(),
            _ => return Ok(()),
        };
        let day: jiff::civil::Date = until.parse().expect("an ISO day");
        let before = day.yesterday().expect("a day");
        prop_assert!(case.as_of.date() < day);
        let (before, then) = (run(&expr, &at(&case, before)).truth, run(&expr, &at(&case, day)).truth);
        prop_assert_ne!(then, verdict.truth, "{} on {}", line, until);
        match verdict.truth {
            Truth::True => prop_assert_eq!(before, Truth::True, "{} before {}", line, until),
            _ => prop_assert_ne!(before, Truth::True, "{} before {}", line, until),
        }
    }

    /// Between two named days nothing changes, so that trying named days alone misses none.
    #[test]
    fn truth_changes_on_named_days_only(line in prop::sample::select(LINES.to_vec()), case in any_case(), later in 1..400i32) {
        let expr: Expr = line.parse().expect("a line");
        let day = case.as_of.date().checked_add(jiff::Span::new().days(later)).expect("a day");
        let named = days_named(&expr, &case, &release(), &Options::default());
        // An incomplete birth date opens the answer before the named day, which is the latest possible one.
        let exact = case.patient.birth_date.as_ref().is_none_or(|birth| birth.is_exact());
        if exact && named.iter().all(|named| day < *named) && run(&expr, &case).truth != Truth::Open {
            prop_assert_eq!(run(&expr, &at(&case, day)).truth, run(&expr, &case).truth, "{} on {}", line, day);
        }
    }
}

#[test]
fn a_second_drug_after_the_first_keeps_its_own_washout() {
    let case =
        with_lines(today().medication(ended("osimertinib", "2026-01-01", "2026-06-01")).medication(ended(
            "cisplatin",
            "2026-01-01",
            "2026-06-10",
        )));
    assert_eq!(
        judged("not recent([any-systemic], 4 weeks, before consent)", &case),
        "not met until 2026-07-08"
    );
}

// ---- planted truth ------------------------------------------------------------------------------------------------

/// One planted fact: what is written into the record, the line asked, and what is true by the numbers planted alone.
#[derive(Clone, Debug)]
struct Planted {
    line: String,
    put: Put,
    truth: Option<bool>,
}

#[derive(Clone, Debug)]
enum Put {
    Nothing,
    Born { years: i32, days_past_birthday: i32 },
    Lab { tenths: u32, days_old: i32 },
    Ecog { points: u32, days_old: i32 },
    Drug { days_since: i32 },
    Change { reported: bool },
    Panel,
    Infarct { days_old: i32 },
}

fn ago(days: i32) -> String {
    let today: jiff::civil::Date = "2026-06-15".parse().expect("a day");
    today.checked_sub(jiff::Span::new().days(days)).expect("a day").to_string()
}

/// Numbers and what they mean; nothing here asks the evaluator.
fn planted() -> impl Strategy<Value = Planted> {
    let silent = prop::sample::select(LINES.to_vec()).prop_map(|line| Planted {
        line: line.to_owned(),
        put: Put::Nothing,
        // Sex and tumour are of every case here; the rest needs a fact that is not there.
        truth: match line {
            "sex female" => Some(true),
            "disease [DOID:3908]" | "extent [metastatic]" => Some(true),
            _ => None,
        },
    });
    let born = (1..100i32, 0..300i32, 1..100i32).prop_map(|(years, days_past_birthday, least)| Planted {
        line: format!("age >= {least} years"),
        put: Put::Born { years, days_past_birthday },
        truth: Some(least <= years),
    });
    let lab =
        (0..60u32, 0..60i32, 0..60u32, 1..60i32).prop_map(|(tenths, days_old, least, window)| Planted {
            line: format!("lab neutrophils >= {} 10*9/L within {window} days", f64::from(least) / 10.0),
            put: Put::Lab { tenths, days_old },
            truth: (days_old <= window).then_some(least <= tenths),
        });
    let ecog = (0..5u32, 0..200i32, 0..5u32).prop_map(|(points, days_old, most)| Planted {
        line: format!("performance ecog <= {most}"),
        put: Put::Ecog { points, days_old },
        truth: (days_old <= 90).then_some(points <= most),
    });
    // 48 h of half-life in the small release.
    let drug = (0..80i32, 1..60i32, 1..20i32, any::<bool>()).prop_map(|(days_since, days, lives, shorter)| {
        let (a, b) = (days, 2 * lives);
        let washout = if shorter { a.min(b) } else { a.max(b) };
        let rule = if shorter { "shorter" } else { "longer" };
        Planted {
            line: format!(
                "not recent([class:egfr-tki], {days} days or {lives} half-lives, whichever {rule}, before first-dose)"
            ),
            put: Put::Drug { days_since },
            truth: Some(washout <= days_since),
        }
    });
    let change = (any::<bool>(), any::<bool>()).prop_map(|(reported, present)| Planted {
        line: format!("biomarker {} [EGFR T790M]", if present { "present" } else { "absent" }),
        put: Put::Change { reported },
        truth: if reported { Some(present) } else { None },
    });
    let panel = any::<bool>().prop_map(|present| Planted {
        line: format!("biomarker {} [EGFR C797S]", if present { "present" } else { "absent" }),
        put: Put::Panel,
        truth: Some(!present),
    });
    let infarct = (0..400i32, 1..400i32).prop_map(|(days_old, days)| Planted {
        line: format!("not condition [myocardial-infarction] ever within {days} days"),
        put: Put::Infarct { days_old },
        truth: Some(days <= days_old),
    });
    prop_oneof![silent, born, lab, ecog, drug, change, panel, infarct]
}

fn case_of(planted: &Planted) -> Case {
    let case = today().sex(Sex::Female).tumour(lung());
    with_lines(match planted.put {
        Put::Nothing => case,
        Put::Born { years, days_past_birthday } => {
            let birthday: jiff::civil::Date = ago(days_past_birthday).parse().expect("a day");
            let born = birthday.checked_sub(jiff::Span::new().years(years)).expect("a day");
            case.born(&born.to_string())
        }
        Put::Lab { tenths, days_old } => {
            case.lab(lab("neutrophils", f64::from(tenths) / 10.0, "10*9/L", None, &ago(days_old)))
        }
        Put::Ecog { points, days_old } => {
            case.performance(performance(PerformanceScale::Ecog, points, &ago(days_old)))
        }
        Put::Drug { days_since } => case.medication(ended("osimertinib", "2025-01-01", &ago(days_since))),
        Put::Change { reported: true } => case.alteration(small("EGFR", "T790M")),
        Put::Change { reported: false } => case,
        Put::Panel => case.region(region(&["EGFR"])),
        Put::Infarct { days_old } => case.condition(comorbid("myocardial infarction", &ago(days_old))),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn planted_truth_is_found_and_nothing_else(planted in planted()) {
        let found = judged(&planted.line, &case_of(&planted));
        match planted.truth {
            Some(true) => prop_assert_eq!(found, "met"),
            Some(false) => prop_assert!(found.starts_with("not met"), "{planted:?}: {found}"),
            None => prop_assert!(!found.ends_with("met") && !found.starts_with("not met"), "{planted:?}: {found}"),
        }
    }
}
