//! Clinical rules, section 3: tumour, receptors, lines, exposure, setting.

mod support;

use concilium_case::{
    Alteration, Case, Certainty, Condition, ConditionRole, Exposure, Extent, Gap, Line, LineIntent, Marker,
    MarkerCall, MarkerName, Medication, MedicationState, Meta, Significance, Stage, StageScale, Status,
    StopReason, Tumour,
};
use concilium_criteria::{
    SettingFit, counts_as_prior, derive_lines, exposure_to, judge_setting, match_tumour, next_line,
};
use concilium_evidence::VariantOrigin;
use concilium_knowledge::{
    EarlyTherapy, Knowledge, PriorItem, PriorTherapy, RequiredMarkers, Setting, Sourced,
};
use concilium_terms::{Code, Doid, DrugName, GeneSymbol, StatementKey, Truth};
use concilium_testkit::{
    CaseBuilder, curative_operation, day, diagnosis, given, marker, on, region, response, small, tumour,
    unnamed,
};
use expect_test::{Expect, expect};
use support::{class, drug, knowledge, setting, statement, words};

fn case() -> CaseBuilder {
    CaseBuilder::new("2026-06-15")
}

fn lung() -> Tumour {
    tumour("DOID:3910", "lung adenocarcinoma", Extent::Metastatic)
}

fn breast() -> Tumour {
    tumour("DOID:3459", "breast carcinoma", Extent::Metastatic)
}

/// A case with its lines derived, as assembly does it.
fn with_lines(builder: CaseBuilder) -> Case {
    let mut case = builder.build();
    case.lines = derive_lines(&case.facts, &knowledge(), &case.as_of).0;
    case
}

#[track_caller]
fn check_tumour(case: CaseBuilder, disease: &str, expected: Expect) {
    let found = match_tumour(&case.build(), &knowledge(), Some(&Doid::new(disease)));
    let markers = words(&found.markers);
    expected.assert_eq(&format!("{:?} {}: {}\n{markers}", found.relation, found.distance, found.because));
}

#[test]
fn ancestry_decides() {
    check_tumour(
        case().tumour(lung()),
        "DOID:3910",
        expect![[r#"
        Matches 0: lung adenocarcinoma is lung adenocarcinoma
        True"#]],
    );
    check_tumour(
        case().tumour(lung()),
        "DOID:3908",
        expect![[r#"
        Matches 1: lung adenocarcinoma is a kind of lung non-small cell carcinoma, 1 step
        True"#]],
    );
    let broader = tumour("DOID:3908", "lung non-small cell carcinoma", Extent::Metastatic);
    check_tumour(
        case().tumour(broader),
        "DOID:3910",
        expect![[r#"
        PatientBroader 0: lung non-small cell carcinoma is broader than lung adenocarcinoma: undetermined
        True"#]],
    );
    check_tumour(
        case().tumour(lung()),
        "DOID:9256",
        expect![[r#"
        Other 0: lung adenocarcinoma is not colorectal cancer
        True"#]],
    );
    check_tumour(
        case(),
        "DOID:9256",
        expect![[r#"
        Unknown 0: the patient's tumour is unknown
        True"#]],
    );
    let skin = tumour("DOID:8923", "skin melanoma", Extent::Metastatic);
    check_tumour(
        case().tumour(skin),
        "DOID:1909",
        expect![[r#"
        Matches 0: skin melanoma is melanoma
        True"#]],
    );
}

#[test]
fn tissue_agnostic() {
    check_tumour(
        case().tumour(lung()),
        "CIVIC:solid-tumor",
        expect![[r#"
        TissueAgnostic 0: tissue-agnostic (Solid Tumor)
        True"#]],
    );
    check_tumour(
        case().tumour(lung()),
        "DOID:162",
        expect![[r#"
        TissueAgnostic 0: tissue-agnostic (cancer)
        True"#]],
    );
    check_tumour(
        case(),
        "CIVIC:solid-tumor",
        expect![[r#"
        TissueAgnostic 0: tissue-agnostic (Solid Tumor); the patient's tumour is unknown
        Open
          NotTested(NeverDone): Solid Tumor: the patient's tumour is unknown"#]],
    );
    let leukaemia = tumour("DOID:9119", "acute myeloid leukemia", Extent::Unknown);
    check_tumour(
        case().tumour(leukaemia),
        "CIVIC:solid-tumor",
        expect![[r#"
        Other 0: acute myeloid leukemia is no solid tumour
        True"#]],
    );
}

fn receptor(name: MarkerName, when: &str, call: MarkerCall) -> Marker {
    Marker { meta: on(when), ..marker(name, Some(call)) }
}

#[test]
fn receptor_defined_diseases() {
    check_tumour(
        case().tumour(breast()),
        "DOID:0060079",
        expect![[r#"
        Matches 1: breast carcinoma is a kind of breast cancer, 1 step; Her2-receptor positive breast cancer asks for HER2 positive
        Open
          NotTested(NeverDone): HER2 positive: not tested"#]],
    );
    let stained = Marker { score: Some("3+".into()), ..marker(MarkerName::Her2, None) };
    check_tumour(
        case().tumour(breast()).marker(stained.clone()),
        "DOID:0060079",
        expect![[r#"
        Matches 1: breast carcinoma is a kind of breast cancer, 1 step; Her2-receptor positive breast cancer asks for HER2 positive
        True
          Met: HER2 positive: tested positive [M1]"#]],
    );
    check_tumour(
        case().tumour(breast()).marker(stained),
        "DOID:0060081",
        expect![[r#"
        Matches 1: breast carcinoma is a kind of breast cancer, 1 step; triple-receptor negative breast cancer asks for ER negative, PR negative, HER2 negative
        False
          NotMet { until: None }: HER2 negative: tested positive [M1]"#]],
    );
    let changed = case()
        .tumour(breast())
        .marker(receptor(MarkerName::Her2, "2021-03-02", MarkerCall::Positive))
        .marker(receptor(MarkerName::Her2, "2026-01-02", MarkerCall::Negative));
    check_tumour(
        changed,
        "DOID:0060079",
        expect![[r#"
        Matches 1: breast carcinoma is a kind of breast cancer, 1 step; Her2-receptor positive breast cancer asks for HER2 positive
        Open
          Conflicting: HER2 positive: HER2 positive (2021-03-02); HER2 negative (2026-01-02) [M1 M2]"#]],
    );
    let coded = tumour("DOID:0060081", "triple-receptor negative breast cancer", Extent::Metastatic);
    check_tumour(
        case().tumour(coded),
        "DOID:0060079",
        expect![[r#"
        Matches 1: triple-receptor negative breast cancer is a kind of breast cancer, 1 step; Her2-receptor positive breast cancer asks for HER2 positive
        False
          NotMet { until: None }: HER2 positive: the coded diagnosis says negative"#]],
    );
    check_tumour(
        case().tumour(lung()),
        "DOID:0060079",
        expect![[r#"
        Other 0: lung adenocarcinoma is not breast cancer
        True"#]],
    );
}

fn line_words(line: &Line) -> String {
    let drugs = line.drugs.iter().map(DrugName::as_str).collect::<Vec<_>>().join(" + ");
    let day =
        |date: &Option<concilium_terms::PartialDate>| date.as_ref().map_or("?".into(), ToString::to_string);
    let numbers = if line.number.0 == line.number.1 {
        line.number.0.to_string()
    } else {
        format!("{}-{}", line.number.0, line.number.1)
    };
    let progressed = line.progression.as_ref().map_or(String::new(), |date| format!(", progressed {date}"));
    format!(
        "{:?} {numbers}: {drugs}, {} to {}{progressed} ({})",
        line.intent,
        day(&line.start),
        day(&line.end),
        line.because.join("; ")
    )
}

#[track_caller]
fn check_lines(builder: CaseBuilder, expected: Expect) {
    let case = builder.build();
    let (lines, issues) = derive_lines(&case.facts, &knowledge(), &case.as_of);
    let mut text: Vec<String> = lines.iter().map(line_words).collect();
    text.extend(issues.iter().map(|issue| format!("issue: {}", issue.what)));
    expected.assert_eq(&text.join("\n"));
    let mut reversed = case.facts.clone();
    reversed.medications.reverse();
    reversed.responses.reverse();
    assert_eq!(derive_lines(&reversed, &knowledge(), &case.as_of).0, lines, "input order does not matter");
}

fn until(end: &str, record: Medication) -> Medication {
    Medication { end: Some(day(end)), ..record }
}

#[test]
fn regimens_and_progression() {
    let case = case()
        .medication(until("2024-05-01", given("carboplatin", "2024-01-01")))
        .medication(until("2024-09-01", given("pemetrexed", "2024-01-10")))
        .response(response(Status::Progressed, "2024-09-01"))
        .medication(given("osimertinib", "2024-09-20"));
    check_lines(
        case,
        expect![[r#"
        Advanced 1: carboplatin + pemetrexed, 2024-01-01 to 2024-09-01, progressed 2024-09-01 (first systemic therapy recorded; pemetrexed began within 28 days: one regimen; counted as advanced)
        Advanced 2: osimertinib, 2024-09-20 to ? (progression stated 2024-09-01; counted as advanced)"#]],
    );
}

#[test]
fn drugs_of_one_day_stopped_together_are_one_line() {
    let stopped = |drug: &str, start: &str, end: &str| Medication {
        stop: Some(StopReason::Progression),
        ..until(end, given(drug, start))
    };
    let case = case()
        .medication(stopped("carboplatin", "2024-01-01", "2024-06-01"))
        .medication(stopped("pemetrexed", "2024-01-01", "2024-06-01"))
        .medication(stopped("bevacizumab", "2024-01-15", "2024-06-01"))
        .medication(stopped("osimertinib", "2024-06-20", "2025-06-01"))
        .response(response(Status::Progressed, "2024-06-01"));
    check_lines(
        case,
        expect![[r#"
        Advanced 1: bevacizumab + carboplatin + pemetrexed, 2024-01-01 to 2024-06-01, progressed 2024-06-01 (first systemic therapy recorded; pemetrexed began within 28 days: one regimen; bevacizumab began within 28 days: one regimen; counted as advanced)
        Advanced 2: osimertinib, 2024-06-20 to 2025-06-01, progressed 2025-06-01 (progression stated 2024-06-01; counted as advanced)"#]],
    );
}

/// A record of the same drug that follows a progression belongs to the line that begins with it; what runs on ends,
/// for the old line, where the next begins.
#[test]
fn a_line_ends_where_the_next_begins() {
    let stopped = |drug: &str, start: &str, end: &str| Medication {
        stop: Some(StopReason::Progression),
        ..until(end, given(drug, start))
    };
    let first = || {
        case().medication(stopped("bevacizumab", "2024-04-15", "2025-01-20")).medication(stopped(
            "carboplatin",
            "2024-04-15",
            "2025-01-20",
        ))
    };
    let same_day = first()
        .response(response(Status::Progressed, "2025-01-20"))
        .medication(stopped("bevacizumab", "2025-02-10", "2026-05-04"))
        .medication(stopped("pemetrexed", "2025-02-10", "2026-05-04"))
        .response(response(Status::Progressed, "2026-05-04"));
    check_lines(
        same_day,
        expect![[r#"
        Advanced 1: bevacizumab + carboplatin, 2024-04-15 to 2025-01-20, progressed 2025-01-20 (first systemic therapy recorded; carboplatin began within 28 days: one regimen; counted as advanced)
        Advanced 2: bevacizumab + pemetrexed, 2025-02-10 to 2026-05-04, progressed 2026-05-04 (progression stated 2025-01-20; pemetrexed began within 28 days: one regimen; counted as advanced)"#]],
    );
    let days_later = first()
        .response(response(Status::Progressed, "2025-01-20"))
        .medication(stopped("bevacizumab", "2025-02-05", "2026-05-04"))
        .medication(stopped("pemetrexed", "2025-02-10", "2026-05-04"));
    check_lines(
        days_later,
        expect![[r#"
        Advanced 1: bevacizumab + carboplatin, 2024-04-15 to 2025-01-20, progressed 2025-01-20 (first systemic therapy recorded; carboplatin began within 28 days: one regimen; counted as advanced)
        Advanced 2: bevacizumab + pemetrexed, 2025-02-05 to 2026-05-04, progressed 2026-05-04 (progression stated 2025-01-20; pemetrexed began within 28 days: one regimen; counted as advanced)"#]],
    );
    let beyond = first()
        .response(response(Status::Progressed, "2025-01-20"))
        .medication(until("2025-04-01", given("bevacizumab", "2025-02-05")));
    check_lines(
        beyond,
        expect![
            "Advanced 1: bevacizumab + carboplatin, 2024-04-15 to 2025-04-01, progressed 2025-01-20 (first systemic therapy recorded; carboplatin began within 28 days: one regimen; counted as advanced)"
        ],
    );
    let carried = case()
        .medication(Medication { ongoing: true, ..given("bevacizumab", "2024-04-15") })
        .medication(until("2025-01-20", given("carboplatin", "2024-04-15")))
        .medication(given("pemetrexed", "2025-02-10"));
    check_lines(
        carried,
        expect![[r#"
        Advanced 1: bevacizumab + carboplatin, 2024-04-15 to 2025-02-10 (first systemic therapy recorded; carboplatin began within 28 days: one regimen; counted as advanced)
        Advanced 2: bevacizumab + pemetrexed, 2025-02-10 to ? (pemetrexed: outside the regimen; counted as advanced)"#]],
    );
}

fn diagnosed(words: &str) -> Condition {
    Condition {
        meta: on("2024-01-01"),
        codes: vec![Code::text(words)],
        histology: vec![],
        sites: vec![],
        role: ConditionRole::PrimaryCancer,
        certainty: Certainty::Confirmed,
        clinical_status: None,
        primary: None,
        present: None,
    }
}

/// Phases of one treatment of acute leukaemia are one line; progression begins the next all the same.
#[test]
fn phases_of_acute_leukaemia_are_one_line() {
    let mut case = case()
        .medication(until("2024-02-01", given("carboplatin", "2024-01-01")))
        .medication(until("2024-06-01", given("pemetrexed", "2024-04-01")))
        .build();
    case.facts.conditions.push(diagnosed("acute myeloid leukemia"));
    let (lines, _) = derive_lines(&case.facts, &knowledge(), &case.as_of);
    let text: Vec<String> = lines.iter().map(line_words).collect();
    expect!["Advanced 1: carboplatin + pemetrexed, 2024-01-01 to 2024-06-01 (first systemic therapy recorded; pemetrexed: a phase of one treatment of acute leukaemia; counted as advanced)"].assert_eq(&text.join("\n"));
    case.facts.responses.push(response(Status::Progressed, "2024-03-01"));
    assert_eq!(derive_lines(&case.facts, &knowledge(), &case.as_of).0.len(), 2);
}

#[track_caller]
fn check_next(builder: CaseBuilder, expected: Expect) {
    let next = next_line(&with_lines(builder));
    expected.assert_eq(&[vec![next.words()], next.because].concat().join("; "));
}

/// One more only after progression, relapse or a stop.
#[test]
fn the_next_line() {
    let ended = || until("2024-06-01", given("carboplatin", "2024-01-01"));
    check_next(case(), expect!["1"]);
    check_next(case().medication(ended()), expect!["1–2; line 1 has no stated progression"]);
    check_next(
        case().medication(Medication { ongoing: true, ..given("carboplatin", "2024-01-01") }),
        expect!["1–2; line 1 is running"],
    );
    check_next(case().medication(ended()).response(response(Status::Progressed, "2024-06-01")), expect!["2"]);
    check_next(case().medication(ended()).response(response(Status::Progressed, "2026-01-01")), expect!["2"]);
    let stopped = |why| Medication { stop: Some(why), ..ended() };
    check_next(case().medication(stopped(StopReason::Intolerance)), expect!["2"]);
    check_next(
        case().medication(stopped(StopReason::Completed)),
        expect!["1–2; line 1 has no stated progression"],
    );
    let two = case().medication(ended()).medication(given("osimertinib", "2024-06-10"));
    check_next(
        two.response(response(Status::Progressed, "2024-06-01")),
        expect!["2–3; line 2 has no stated progression"],
    );
    let gap = |advanced| Gap {
        from: Some(day("2021-03-08")),
        to: Some(day("2024-01-01")),
        advanced,
        why: "test".into(),
        sources: vec![],
    };
    let with_gap = |advanced| {
        let mut case =
            with_lines(case().medication(ended()).response(response(Status::Progressed, "2024-06-01")));
        case.history_gaps.push(gap(advanced));
        next_line(&case).words()
    };
    assert_eq!([with_gap(false), with_gap(true)], ["2", "2 or later"]);
}

/// Adjuvant by the record, and begun after a metastasis of an organ was recorded: it counts both ways. Lymph nodes may
/// be regional, and a metastasis of later says nothing.
#[test]
fn therapy_after_a_metastasis_counts_both_ways() {
    let after = |words: &str, when: &str| {
        case()
            .tumour(lung())
            .medication(until("2024-06-01", given("cisplatin", "2024-02-15")))
            .procedure(curative_operation("2024-01-10"))
            .condition(diagnosis(words, ConditionRole::Metastasis, when))
    };
    for (words, when, next) in [
        ("Secondary malignant neoplasm of brain", "2024-02-01", "1–2"),
        ("Secondary malignant neoplasm of mediastinal lymph node", "2024-02-01", "1"),
        ("Secondary malignant neoplasm of brain", "2026-02-01", "1"),
    ] {
        let case = with_lines(after(words, when));
        let said = next_line(&case);
        assert_eq!(said.words(), next, "{words} {when}: {:?}", said.because);
        assert_eq!(case.lines[0].intent, LineIntent::Adjuvant);
        let counts = counts_as_prior(&case, &case.lines[0], EarlyTherapy::NotCounted);
        assert_eq!(counts == Truth::Open, next == "1–2", "{words} {when}");
    }
    check_next(
        after("Secondary malignant neoplasm of brain", "2024-02-01"),
        expect![
            "1–2; cisplatin (2024-02-15) is counted as adjuvant, but a metastasis was recorded before it (2024-02-01): counted both ways"
        ],
    );
}

/// Castration is kept through all lines of prostate cancer; lines are counted by what is added to it.
#[test]
fn castration_is_no_line() {
    let case = case()
        .medication(given("goserelin", "2019-06-03"))
        .medication(until("2026-05-11", given("abiraterone", "2024-11-04")));
    check_lines(
        case,
        expect![
            "Advanced 1: abiraterone, 2024-11-04 to 2026-05-11 (first systemic therapy recorded; counted as advanced)"
        ],
    );
}

#[test]
fn substitution_is_not_a_line_and_a_new_drug_is() {
    let case = case()
        .medication(until("2024-02-15", given("cisplatin", "2024-01-01")))
        .medication(until("2024-05-01", given("carboplatin", "2024-03-01")))
        .medication(given("bevacizumab", "2024-06-01"))
        .medication(given("warfarin", "2024-06-01"));
    check_lines(
        case,
        expect![[r#"
        Advanced 1: carboplatin + cisplatin, 2024-01-01 to 2024-05-01 (first systemic therapy recorded; carboplatin for cisplatin: substitution within platinum; counted as advanced)
        Advanced 2: bevacizumab, 2024-06-01 to ? (bevacizumab: outside the regimen; counted as advanced)"#]],
    );
}

#[test]
fn orders_are_no_lines() {
    let ordered = Medication { exposure: Exposure::Ordered, ..given("osimertinib", "2024-01-01") };
    check_lines(case().medication(ordered), expect![[""]]);
}

#[test]
fn adjuvant_lines_count_apart() {
    let adjuvant = |end: &str| Medication {
        intent: Some("adjuvant".into()),
        ..until(end, given("trastuzumab", "2023-01-01"))
    };
    let late = case()
        .medication(adjuvant("2023-12-31"))
        .response(response(Status::Progressed, "2025-01-01"))
        .medication(given("letrozole", "2025-02-01"));
    check_lines(
        late,
        expect![[r#"
        Adjuvant 1: trastuzumab, 2023-01-01 to 2023-12-31 (first systemic therapy recorded; counted as adjuvant)
        Advanced 1: letrozole, 2025-02-01 to ? (progression stated 2025-01-01; counted as advanced)"#]],
    );
    let early = case()
        .medication(adjuvant("2023-12-31"))
        .response(response(Status::Progressed, "2024-03-01"))
        .medication(given("letrozole", "2024-03-10"));
    check_lines(
        early,
        expect![[r#"
            Adjuvant 1: trastuzumab, 2023-01-01 to 2023-12-31, progressed 2024-03-01 (first systemic therapy recorded; counted as adjuvant)
            Advanced 1-2: letrozole, 2024-03-10 to ? (progression stated 2024-03-01; counted as advanced; relapse within 6 months of neo- or adjuvant therapy, or such therapy after a metastasis: counted both ways)"#]],
    );
    let by_operation = case()
        .medication(until("2023-03-01", given("trastuzumab", "2023-01-01")))
        .procedure(curative_operation("2023-04-01"));
    check_lines(
        by_operation,
        expect![
            "Neoadjuvant 1: trastuzumab, 2023-01-01 to 2023-03-01 (first systemic therapy recorded; neoadjuvant: curative operation 2023-04-01; counted as neoadjuvant)"
        ],
    );
}

#[test]
fn missing_dates_give_ranges() {
    let case = case().medication(given("carboplatin", "")).medication(given("osimertinib", "2024-09-20"));
    check_lines(
        case,
        expect![[r#"
        Advanced 1-2: osimertinib, 2024-09-20 to ? (first systemic therapy recorded; counted as advanced; drugs without a start date may have come before)
        Advanced 1-2: carboplatin, ? to ? (start not recorded: place and number of lines are not known)
        issue: anticancer drug without a start date: its line is not known, line numbers are ranges"#]],
    );
    let inexact =
        self::case().medication(given("carboplatin", "2024-01-01")).medication(given("bevacizumab", "2024"));
    check_lines(
        inexact,
        expect![[r#"
        Advanced 1: carboplatin, 2024-01-01 to ? (first systemic therapy recorded; counted as advanced)
        Advanced 1-2: bevacizumab, 2024 to ? (bevacizumab: outside the regimen, or part of it: the start date is not exact; counted as advanced)"#]],
    );
}

#[track_caller]
fn check_exposure(builder: CaseBuilder, item: &PriorTherapy, expected: Expect) {
    let state = exposure_to(&with_lines(builder), &knowledge(), item);
    let flags = [
        (state.received, "received"),
        (state.ordered_only, "ordered only"),
        (state.may_have_received, "may have received"),
        (state.intolerant, "intolerant"),
        (state.ongoing, "ongoing"),
        (state.may_be_ongoing, "may be ongoing"),
        (state.conflicting, "conflicting"),
        (state.denied, "denied"),
    ];
    let mut text: Vec<String> = flags.iter().filter(|flag| flag.0).map(|flag| flag.1.to_owned()).collect();
    let dates: Vec<&str> = state.progressions.iter().map(concilium_terms::PartialDate::as_str).collect();
    assert_eq!(state.progressed.as_ref(), state.progressions.first());
    text.extend((!dates.is_empty()).then(|| format!("progressed {}", dates.join(", "))));
    text.push(format!("lines {}-{} [{}]", state.lines.0, state.lines.1, state.facts.join(" ")));
    expected.assert_eq(&text.join(", "));
}

#[test]
fn exposure() {
    let ordered = Medication { exposure: Exposure::Ordered, ..given("osimertinib", "2024-01-01") };
    check_exposure(
        case().medication(ordered),
        &drug("osimertinib"),
        expect!["ordered only, may have received, lines 0-0 [D1]"],
    );
    let stopped = Medication {
        stop: Some(StopReason::Intolerance),
        ..until("2024-03-01", given("erlotinib", "2024-01-01"))
    };
    let case_ = case().medication(stopped).response(response(Status::Progressed, "2024-06-01"));
    check_exposure(case_, &class("egfr-tki"), expect!["received, intolerant, lines 1-1 [D1 P1]"]);
    let progressed = case()
        .medication(until("2024-06-01", given("gefitinib", "2024-01-01")))
        .response(response(Status::Progressed, "2024-06-01"))
        .medication(given("osimertinib", "2024-06-10"));
    check_exposure(
        progressed.clone(),
        &class("egfr-tki"),
        expect!["received, progressed 2024-06-01, lines 2-2 [D1 D2 P1]"],
    );
    check_exposure(progressed, &drug("afatinib"), expect!["lines 0-0 []"]);
    let twice = case()
        .medication(until("2025-01-20", given("bevacizumab", "2024-04-15")))
        .response(response(Status::Progressed, "2025-01-20"))
        .medication(until("2026-05-04", given("bevacizumab", "2025-02-10")))
        .medication(until("2026-05-04", given("pemetrexed", "2025-02-10")))
        .response(response(Status::Progressed, "2026-05-04"));
    check_exposure(
        twice,
        &drug("bevacizumab"),
        expect!["received, progressed 2025-01-20, 2026-05-04, lines 2-2 [D1 D2 D3 P1 P2]"],
    );
    let old = Medication { state: MedicationState::Stale, ..given("letrozole", "2022-01-01") };
    check_exposure(
        case().medication(old),
        &drug("letrozole"),
        expect!["received, may be ongoing, lines 1-1 [D1]"],
    );
    let denied = Medication { exposure: Exposure::NotTaken, ..given("osimertinib", "2024-02-01") };
    let order = Medication { exposure: Exposure::Ordered, ..given("osimertinib", "2024-01-01") };
    check_exposure(
        case().medication(order).medication(denied),
        &drug("osimertinib"),
        expect!["ordered only, lines 0-0 [D1 D2]"],
    );
    let never = Medication {
        meta: unnamed(),
        drugs: vec![],
        exposure: Exposure::NotTaken,
        about_class: Some("CDK4/6 inhibitors".into()),
        ..given("palbociclib", "")
    };
    let conflicting = case().medication(given("palbociclib", "2024-01-01")).medication(never);
    check_exposure(conflicting, &drug("palbociclib"), expect!["received, conflicting, lines 1-1 [D1 D2]"]);
}

/// "No prior platinum" answers for the class, for its members and for narrower classes; not for its parent, and not for
/// the time after it was said.
#[test]
fn a_class_denied_answers_for_what_falls_under_it() {
    let never = |words: &str, said: &str| Medication {
        drugs: vec![],
        exposure: Exposure::NotTaken,
        about_class: Some(words.into()),
        ..given("carboplatin", said)
    };
    let told = |said: &str| {
        case().medication(given("osimertinib", "2024-01-01")).medication(never("platinum", said))
    };
    check_exposure(told("2024-06-01"), &class("platinum"), expect!["denied, lines 0-0 [D2]"]);
    check_exposure(told("2024-06-01"), &drug("carboplatin"), expect!["denied, lines 0-0 [D2]"]);
    check_exposure(told("2024-06-01"), &class("egfr-tki"), expect!["received, lines 1-1 [D1]"]);
    check_exposure(told("2023-06-01"), &class("platinum"), expect!["lines 0-0 [D2]"]);
    let narrow = case().medication(never("platinum", "2024-06-01"));
    check_exposure(narrow, &class("chemotherapy"), expect!["lines 0-0 []"]);
}

/// A line goes on when one of its drugs does; another that was stopped is neither running nor given until the end.
#[test]
fn a_running_line_does_not_keep_a_stopped_drug_running() {
    let running = Medication { ongoing: true, ..given("bevacizumab", "2024-01-01") };
    let stopped = until("2024-03-01", given("carboplatin", "2024-01-01"));
    let both = case().medication(running).medication(stopped);
    check_exposure(both.clone(), &drug("bevacizumab"), expect!["received, ongoing, lines 1-1 [D1 D2]"]);
    check_exposure(both.clone(), &drug("carboplatin"), expect!["received, lines 1-1 [D1 D2]"]);
    let state = exposure_to(&with_lines(both), &knowledge(), &drug("carboplatin"));
    assert_eq!(state.end.map(|end| end.to_string()), Some("2024-03-01".to_owned()));
}

fn release_with(row: Setting) -> Knowledge {
    let mut release = knowledge();
    release.settings.insert(StatementKey::new("EID1"), row);
    release
}

fn fit_words(fit: &SettingFit) -> String {
    match fit {
        SettingFit::Fits(verdict) => format!("fits: {}", words(verdict)),
        SettingFit::Open(verdict) => format!("open: {}", words(verdict)),
        SettingFit::NotStated => "not stated".into(),
        SettingFit::DoesNotFit(verdict) => format!("does not fit: {}", words(verdict)),
    }
}

#[track_caller]
fn check_setting(builder: CaseBuilder, row: Setting, expected: Expect) {
    let fit =
        judge_setting(&with_lines(builder), &release_with(row), &statement("EID1", VariantOrigin::Somatic));
    expected.assert_eq(&fit_words(&fit));
}

fn treated() -> CaseBuilder {
    let record = until("2024-06-01", given("gefitinib", "2024-01-01"));
    case().tumour(lung()).medication(record).response(response(Status::Progressed, "2024-06-01"))
}

#[test]
fn lines_and_intent() {
    let first =
        || Setting { intent: Some("advanced".into()), line_min: Some(1), line_max: Some(1), ..setting() };
    check_setting(
        treated(),
        first(),
        expect![[r#"
        does not fit: False
          NotMet { until: None }: line 1: the next line is 2 [D1 P1]"#]],
    );
    check_setting(
        case().tumour(lung()),
        first(),
        expect![[r#"
        open: Open
          NotTested(NeverDone): line 1: no record of systemic therapy, and none that says untreated"#]],
    );
    check_setting(
        case().tumour(lung()).medication(given("warfarin", "2026-01-01")),
        first(),
        expect![[r#"
        fits: True
          Met: advanced disease: metastatic [Condition/tumour]
          Met: line 1: the next line is 1"#]],
    );
    let adjuvant = Setting { intent: Some("adjuvant".into()), ..setting() };
    check_setting(
        treated(),
        adjuvant,
        expect![[r#"
        does not fit: False
          NotMet { until: None }: adjuvant therapy: metastatic disease [Condition/tumour]"#]],
    );
    let fit = judge_setting(&treated().build(), &knowledge(), &statement("EID1", VariantOrigin::Somatic));
    expect!["not stated"].assert_eq(&fit_words(&fit));
}

#[test]
fn prior_therapy() {
    let item = |therapy, lines| vec![PriorItem { any_of: vec![therapy], lines }];
    let required = |therapy, lines| Setting { prior_required: item(therapy, lines), ..setting() };
    check_setting(
        treated(),
        required(class("egfr-tki"), 1),
        expect![[r#"
        fits: True
          Met: prior EGFR tyrosine kinase inhibitor required: received [D1 P1]"#]],
    );
    check_setting(
        treated(),
        required(class("egfr-tki"), 2),
        expect![[r#"
        does not fit: False
          NotMet { until: None }: prior EGFR tyrosine kinase inhibitor in 2 lines required: in 1 line recorded [D1 P1]"#]],
    );
    check_setting(
        treated(),
        required(class("platinum"), 1),
        expect![[r#"
        does not fit: False
          NotMet { until: None }: prior platinum compound required: not among the lines recorded"#]],
    );
    check_setting(
        case().tumour(lung()),
        required(class("platinum"), 1),
        expect![[r#"
        open: Open
          NotTested(NeverDone): prior platinum compound required: no record"#]],
    );
    let gapped = |row: Setting| {
        let mut case = with_lines(treated());
        let to = Some(day("2024-01-01"));
        let from = Some(day("2021-03-08"));
        case.history_gaps.push(Gap { from, to, advanced: false, why: "test".into(), sources: vec![] });
        fit_words(&judge_setting(&case, &release_with(row), &statement("EID1", VariantOrigin::Somatic)))
    };
    expect![[r#"
        open: Open
          NotTested(Elsewhere): prior platinum compound required: treatment between 2021-03 and 2024-01 is not in the records"#]].assert_eq(&gapped(required(class("platinum"), 1)));
    let excluded = |therapy| Setting { prior_excluded: item(therapy, 1), ..setting() };
    check_setting(
        treated(),
        excluded(drug("gefitinib")),
        expect![[r#"
        does not fit: False
          NotMet { until: None }: no prior gefitinib: received [D1 P1]"#]],
    );
    expect![[r#"
        open: Open
          NotTested(Elsewhere): no prior platinum compound: treatment between 2021-03 and 2024-01 is not in the records"#]].assert_eq(&gapped(excluded(class("platinum"))));
    let ordered = Medication { exposure: Exposure::Ordered, ..given("osimertinib", "2024-07-01") };
    check_setting(
        treated().medication(ordered),
        excluded(drug("osimertinib")),
        expect![[r#"
        open: Open
          NotTested(Uncertain): no prior osimertinib: ordered, receipt not recorded [D2]"#]],
    );
    check_setting(
        treated(),
        excluded(PriorTherapy::AnySystemic),
        expect![[r#"
        does not fit: False
          NotMet { until: None }: no prior systemic therapy: received [D1 P1]"#]],
    );
}

#[test]
fn age_gates_both_ways() {
    let child = || Setting { age_max: Some(25), ..setting() };
    check_setting(
        case().tumour(lung()).born("2017-01-01"),
        child(),
        expect![[r#"
        fits: True
          Met: age 25 or younger: 9 [Patient/test]"#]],
    );
    check_setting(
        case().tumour(lung()).born("1987-01-01"),
        child(),
        expect![[r#"
        does not fit: False
          NotMet { until: None }: age 25 or younger: 39 [Patient/test]"#]],
    );
    check_setting(
        case().tumour(lung()),
        child(),
        expect![[r#"
        open: Open
          NotTested(NeverDone): age 25 or younger: age not known"#]],
    );
    let adult = Setting { age_min: Some(18), ..setting() };
    check_setting(
        case().tumour(lung()).born("2008"),
        adult,
        expect![[r#"
        open: Open
          NotTested(Uncertain): age 18 or older: 17 or 18 [Patient/test]"#]],
    );
}

#[test]
fn excluded_tumours_and_required_receptors() {
    let without = Setting { excluded: vec![Doid::new("DOID:3908")], ..setting() };
    check_setting(
        case().tumour(lung()),
        without,
        expect![[r#"
        does not fit: False
          NotMet { until: None }: studied without lung non-small cell carcinoma [Condition/tumour]"#]],
    );
    let mut release = knowledge();
    let requires = vec![("ER".to_owned(), true), ("HER2".to_owned(), false)];
    let row = RequiredMarkers { requires, not_altered: vec![], grades: vec![], sourced: Sourced::default() };
    release.required_markers.insert(StatementKey::new("EID1"), row);
    let case = case().tumour(breast()).marker(receptor(MarkerName::Er, "2021-03-02", MarkerCall::Positive));
    let fit = judge_setting(&case.build(), &release, &statement("EID1", VariantOrigin::Somatic));
    expect![[r#"
        open: Open
          NotTested(NeverDone): HER2 negative: not tested"#]]
    .assert_eq(&fit_words(&fit));
}

/// "Prior" is meant in the study's own setting: an adjuvant course counts for advanced disease where the relapse came
/// early, and leaves the condition open otherwise.
#[test]
fn adjuvant_therapy_is_prior_only_with_an_early_relapse() {
    let platinum = || vec![PriorItem { any_of: vec![class("platinum")], lines: 1 }];
    let required = || Setting { intent: Some("advanced".into()), prior_required: platinum(), ..setting() };
    let excluded = || Setting { intent: Some("advanced".into()), prior_excluded: platinum(), ..setting() };
    let adjuvant = || {
        let course = until("2023-12-31", given("cisplatin", "2023-09-01"));
        case()
            .tumour(tumour("DOID:3908", "lung cancer", Extent::Metastatic))
            .medication(Medication { intent: Some("adjuvant".into()), ..course })
    };
    check_setting(
        adjuvant(),
        required(),
        expect![[r#"
        open: Open
          NotTested(Uncertain): prior platinum compound required: received as neo- or adjuvant therapy only; it counts where the relapse came within 6 months [D1]"#]],
    );
    check_setting(
        adjuvant(),
        excluded(),
        expect![[r#"
        open: Open
          NotTested(Uncertain): no prior platinum compound: received as neo- or adjuvant therapy only; it counts where the relapse came within 6 months [D1]"#]],
    );
    let relapsed = |on: &str| adjuvant().response(response(Status::Progressed, on));
    check_setting(
        relapsed("2024-03-01"),
        required(),
        expect![[r#"
        fits: True
          Met: advanced disease: metastatic [Condition/tumour]
          Met: prior platinum compound required: received [D1 P1]"#]],
    );
    check_setting(
        relapsed("2025-03-01"),
        required(),
        expect![[r#"
        open: Open
          NotTested(Uncertain): prior platinum compound required: received as neo- or adjuvant therapy only; it counts where the relapse came within 6 months [D1]"#]],
    );
    let any = Setting { intent: Some("any".into()), prior_required: platinum(), ..setting() };
    check_setting(
        adjuvant(),
        any,
        expect![[r#"
        fits: True
          Met: prior platinum compound required: received [D1]"#]],
    );
}

/// What the population had in common is part of the setting: a known fact of the patient closes what it excludes.
#[test]
fn the_studied_population() {
    let release = |row: RequiredMarkers| {
        let mut release = release_with(setting());
        release.required_markers.insert(StatementKey::new("EID1"), row);
        release
    };
    let row = |not_altered: &[&str], grades: &[u8]| RequiredMarkers {
        requires: vec![],
        not_altered: not_altered.iter().map(GeneSymbol::new).collect(),
        grades: grades.to_vec(),
        sourced: Sourced::default(),
    };
    let check = |builder: CaseBuilder, row: RequiredMarkers, expected: Expect| {
        let fit =
            judge_setting(&with_lines(builder), &release(row), &statement("EID1", VariantOrigin::Somatic));
        expected.assert_eq(&fit_words(&fit));
    };
    check(
        case().alteration(small("KRAS", "G12C")),
        row(&["KRAS"], &[]),
        expect![[r#"
        does not fit: False
          NotMet { until: None }: studied without KRAS alteration: KRAS G12C found [A1]"#]],
    );
    let uncertain = Alteration { significance: Some(Significance::Uncertain), ..small("KRAS", "G12C") };
    check(
        case().alteration(uncertain),
        row(&["KRAS"], &[]),
        expect![[r#"
        open: Open
          NotTested(Uncertain): studied without KRAS alteration: KRAS G12C of uncertain significance [A1]"#]],
    );
    check(
        case().region(region(&["KRAS"])),
        row(&["KRAS"], &[]),
        expect![[r#"
        fits: True
          Met: studied without KRAS alteration: none found [R1]"#]],
    );
    check(
        case(),
        row(&["KRAS"], &[]),
        expect![[r#"
        open: Open
          NotTested(NeverDone): studied without KRAS alteration: not tested"#]],
    );
    check(
        case(),
        row(&[], &[2]),
        expect![[r#"
        open: Open
          NotTested(NeverDone): grade 2: not recorded"#]],
    );
    let graded = |value: &str| {
        let mut case = case().build();
        case.facts.stages.push(Stage {
            meta: Meta { id: "T1".into(), ..unnamed() },
            scale: StageScale::Grade,
            value: value.into(),
            basis: String::new(),
            codes: vec![],
            condition: None,
        });
        fit_words(&judge_setting(&case, &release(row(&[], &[2])), &statement("EID1", VariantOrigin::Somatic)))
    };
    expect![[r#"
        fits: True
          Met: grade 2: grade 2 [T1]"#]]
    .assert_eq(&graded("WHO grade II"));
    expect![[r#"
        does not fit: False
          NotMet { until: None }: grade 2: grade 3 [T1]"#]]
    .assert_eq(&graded("WHO grade III"));
    expect![[r#"
        open: Open
          NotTested(NeverDone): grade 2: not recorded"#]]
    .assert_eq(&graded("Intermediate histologic grade"));
}
