//! Laws of reading whole texts: spans slice, never overlap, and nothing falls away. And what lists and headings become.

use concilium_criteria::eligibility::{Criterion, Expr, Role, TextSpan};
use concilium_trials::text::{Proposed, Read, Reader};
use proptest::prelude::*;
use std::sync::OnceLock;

fn reader() -> &'static Reader<'static> {
    static READER: OnceLock<Reader<'static>> = OnceLock::new();
    READER.get_or_init(|| {
        let knowledge = Box::leak(Box::new(concilium_knowledge::builtin().expect("the pack loads")));
        Reader::new(knowledge)
    })
}

/// Every span lies in the text on character boundaries, none overlaps another, and every byte that is a letter or digit
/// beyond a line's own number stands in one.
fn conserved(text: &str, read: &Read) -> Result<(), String> {
    let mut spans: Vec<TextSpan> = read
        .criteria
        .iter()
        .filter_map(|criterion| criterion.span)
        .chain(read.headings.iter().copied())
        .collect();
    spans.sort();
    for span in &spans {
        text.get(span.start..span.end)
            .filter(|words| !words.is_empty())
            .ok_or(format!("{span:?} slices nothing"))?;
    }
    for pair in spans.windows(2) {
        if pair[1].start < pair[0].end {
            return Err(format!("{:?} and {:?} overlap", pair[0], pair[1]));
        }
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let said = line.chars().filter(|c| c.is_alphanumeric()).count();
        let held = spans.iter().any(|span| span.start < end && start < span.end);
        if 6 < said && !held {
            return Err(format!("the line at {start} stands nowhere"));
        }
    }
    let ids: std::collections::BTreeSet<&str> =
        read.criteria.iter().map(|criterion| criterion.id.as_str()).collect();
    if ids.len() != read.criteria.len() {
        return Err("an id twice".to_owned());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_text_nothing_falls_away(parts in prop::collection::vec(piece(), 0..24)) {
        let text = parts.concat();
        let read = reader().read(&text);
        prop_assert!(conserved(&text, &read).is_ok(), "{:?} in {text:?}", conserved(&text, &read));
    }

    #[test]
    fn any_characters_are_survived(text in "\\PC{0,160}") {
        let read = reader().read(&text);
        prop_assert!(conserved(&text, &read).is_ok(), "{:?}", conserved(&text, &read));
    }
}

fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "Inclusion Criteria:\n\n",
        "Exclusion Criteria:\n",
        "* Age \\>= 33 years\n",
        "1. ECOG 0-1\n",
        "   * Hemoglobin ≥ 8.1 g/dL\n",
        "2. Any of the following:\n",
        "   - Active infection\n",
        "   a. Uncontrolled hypertension\n",
        "Cohort B only:\n",
        "\n",
        "or\n",
        "* Note: bone lesions are allowed\n",
        "words without a bullet that run on\n",
        "  and go on here\n",
        "10\\. Prior surgery. 11. Liver disease.\n",
        "(1) one thing (2) Another thing\n",
        "• ≥ 2 lines of therapy OR\n",
        "* (unclosed [bracket\n",
        "µ≥½ 𝛼 text\n",
        "No history of the following within 7 months:\n",
        "  * Stroke\n",
        "Adequate organ function:\n",
        "i) first ii) Second\n",
        "Inclusion Criteria: Age over 20 years. Exclusion Criteria: Pregnant\n",
    ])
    .prop_map(str::to_owned)
}

fn lines(text: &str) -> String {
    let read = reader().read(text);
    conserved(text, &read).expect("nothing falls away");
    let line = |criterion: &Criterion| {
        let role = if criterion.role == Role::Inclusion { "in" } else { "ex" };
        let under = criterion.heading.as_ref().map_or(String::new(), |heading| format!(" [{heading}]"));
        format!("{} {role}{under}: {}\n", criterion.id, criterion.expr)
    };
    read.criteria.iter().map(line).collect()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(lines(text), expected);
}

#[test]
fn sections_bullets_and_numbers() {
    check(
        "Key Inclusion Criteria\n\n1. Age ≥ 33 years\n2. ECOG 0-1\n\nKey Exclusion Criteria:\n\n* Pregnant\n",
        "in-1 in: age >= 33 years\nin-2 in: performance ecog 0 to 1\nex-1 ex: reproductive pregnant\n",
    );
    check(
        "Inclusion Criteria: 1. Age ≥ 33 years. 2. ECOG 0-1. Exclusion Criteria: 1. Pregnant",
        "in-1 in: age >= 33 years\nin-2 in: performance ecog 0 to 1\nex-1 ex: reproductive pregnant\n",
    );
}

#[test]
fn lists_are_joined_as_their_first_line_says() {
    check(
        "Inclusion Criteria:\n* One of the following:\n  * ALK rearrangement\n  * RET fusion\n* Adequate renal function as defined by:\n  * Creatinine ≤ 1.3 mg/dL\n",
        "in-1 in: biomarker present [v::ALK rearrangement] \"ALK rearrangement\" or biomarker present [v::RET rearrangement] \"RET fusion\"\n\
         in-2a in: lab creatinine <= 1.3 mg/dL\n",
    );
    check(
        "Exclusion Criteria:\n* Any of the following within 7 months:\n  * Myocardial infarction\n  * Stroke\n",
        "ex-1a ex: condition [myocardial-infarction] ever within 7 months\nex-1b ex: condition [stroke] ever within 7 months\n",
    );
    check(
        "Inclusion Criteria:\n* No history of:\n  * Stroke\n  * Blue moods\n",
        "in-1a in: not condition [stroke] ever\nin-1b in: not-computable \"the first line of the list\"\n",
    );
}

#[test]
fn first_lines_that_only_open_ask_nothing() {
    check(
        "Exclusion Criteria:\n* Treatment with any of the following:\n  * Mitomycin C within 7 weeks\n* Patients are excluded if any of the following apply:\n  * Stroke\n* Pregnancy:\n  * Pregnant women\n",
        "ex-1a ex: recent([drug:mitomycin], 7 weeks, whichever longer, before screening)\nex-2a ex: condition [stroke] active\n\
         ex-3a ex: reproductive pregnant\n",
    );
    check(
        "Exclusion Criteria:\n* History of any of the following:\n  * Stroke\n  * Blue moods\n* Any of the following infections\n",
        "ex-1a ex: condition [stroke] ever\nex-1b ex: not-computable \"the first line of the list\"\n\
         ex-2 ex: not-computable \"a first line without its list\"\n",
    );
    check("Inclusion Criteria:\n* Not specified\n* ECOG 0-1\n", "in-2 in: performance ecog 0 to 1\n");
}

#[test]
fn labels_before_the_words() {
    check(
        "Inclusion Criteria:\n* [Expansion] ECOG 0-1\n* For Cohort E, measurable disease\n* Patients with solid tumors: Albumin >= 2.1 g/dL\n",
        "in-1 in [Expansion]: performance ecog 0 to 1\nin-2 in [Cohort E]: measurable disease\n\
         in-3 in: not (disease [DOID:162] \"solid tumors\" and not disease [DOID:2531]) or lab albumin >= 2.1 g/dL\n",
    );
}

#[test]
fn lines_joined_by_or_are_alternatives() {
    check(
        "Inclusion Criteria:\n* Karnofsky 60-100% OR\n* Lansky 60-100%\n",
        "in-1 in: performance karnofsky 60 to 100 or performance lansky 60 to 100\n",
    );
}

#[test]
fn cohorts_and_phases_go_with_what_stands_below() {
    check(
        "Inclusion Criteria:\n* Phase 2 only: Measurable disease\n* Cohort B:\n  * ECOG 0-1\n",
        "in-1 in [Phase 2 only]: measurable disease\nin-2a in [Cohort B]: performance ecog 0 to 1\n",
    );
}

#[test]
fn a_proposal_must_stand_in_its_words() {
    let text = "Platelets at least 90,000/µL and no active infection";
    let span = TextSpan { start: 0, end: text.len() };
    let propose = |logic: &str| {
        let expr: Expr = logic.parse().expect("logic");
        reader().check(text, &Proposed { expr, span }).map_err(|refused| refused.reasons.join("; "))
    };
    assert!(propose("lab platelets >= 90000 /uL and not condition [active-infection] active").is_ok());
    assert_eq!(
        propose("lab platelets >= 9000 /uL and not condition [active-infection] active"),
        Err("the number 9000".to_owned())
    );
    assert_eq!(
        propose("lab neutrophils >= 90000 /uL and not condition [active-infection] active"),
        Err("the analyte neutrophils".to_owned())
    );
    assert!(propose("lab platelets >= 90000 /uL and condition [active-infection] active").is_err());
    let beyond = Proposed { expr: Expr::All(vec![]), span: TextSpan { start: 3, end: 999 } };
    assert!(reader().check(text, &beyond).is_err());
}

#[test]
fn real_texts_lose_nothing() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/trials/ctgov_recent/oncology_trials_ctgov_text.jsonl");
    let Ok(file) = std::fs::read_to_string(&path) else {
        println!("skipped: no ../shared beside the project");
        return;
    };
    for line in file.lines().step_by(9) {
        let study: serde_json::Value = serde_json::from_str(line).expect("a study a line");
        let text = study["eligibility_criteria"].as_str().expect("a text");
        if let Err(what) = conserved(text, &reader().read(text)) {
            panic!("{}: {what}", study["nct_id"]);
        }
    }
}

#[test]
fn draws_are_the_same_for_the_same_seed() {
    use concilium_trials::survey::{Statistics, draw, trials};
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("trials.csv");
    let row = |id: usize| {
        format!(
            "NCT{id:08},\"Inclusion Criteria:\n- Age >= {} years\n- Fond of music\n- Measurable disease\"\n",
            id + 20
        )
    };
    let table: String = (0..20).map(row).collect();
    std::fs::write(&file, format!("nctid,criteria\n{table}")).expect("the table can be written");
    let (found, refused) = trials(&[&file], reader()).expect("the table reads");
    let statistics = Statistics::of(&found, refused);
    assert_eq!((found.len(), refused, statistics.criteria.computed, statistics.read_whole), (20, 0, 40, 40));
    let places =
        |seed| draw(&found, 5, seed).iter().map(|d| (d.trial.id.clone(), d.span)).collect::<Vec<_>>();
    assert_eq!(places(7), places(7));
    assert_ne!(places(7), places(8));
    assert_eq!(places(7).len(), 5);
}
