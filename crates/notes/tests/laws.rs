//! What holds of any text: spans are its words, readings do not contradict, nothing panics, a negation never becomes a
//! presence.

use concilium_case::{Document, Meta, Place};
use concilium_notes::{Assertion, Finding, Options, Proposed, Reader, Reading, Refusal, facts};
use concilium_terms::{Doid, PartialDate};
use proptest::prelude::*;
use std::sync::LazyLock;

static READER: LazyLock<Reader> =
    LazyLock::new(|| Reader::new(&concilium_knowledge::builtin().expect("the pack in the binary loads")));

fn document(text: &str) -> Document {
    let meta = Meta { id: "Note/n.txt".into(), ..Meta::default() };
    Document { meta, title: String::new(), text: text.into() }
}

#[track_caller]
fn lawful(text: &str, reading: &Reading) {
    for sentence in &reading.sentences {
        assert!(text.get(sentence.start..sentence.end).is_some_and(|words| !words.trim().is_empty()));
    }
    assert!(reading.sentences.windows(2).all(|pair| pair[0].end <= pair[1].start));
    for mention in &reading.mentions {
        let words = text.get(mention.start..mention.end);
        assert!(words.is_some_and(|words| !words.is_empty() && words == words.trim()), "a span slices words");
        let sentence = &reading.sentences[mention.sentence];
        assert!(sentence.start <= mention.start && mention.end <= sentence.end, "inside its sentence");
        for when in mention.context.when.iter().chain(&mention.context.until) {
            assert!(text.get(when.start..when.end).is_some_and(|words| !words.is_empty()));
        }
        for cue in &mention.context.cues {
            assert!(text.get(cue.start..cue.end).is_some_and(|words| !words.is_empty()));
        }
    }
    for (at, a) in reading.mentions.iter().enumerate() {
        for b in &reading.mentions[at + 1..] {
            let apart = a.end <= b.start || b.end <= a.start;
            let nested = (a.start <= b.start && b.end <= a.end || b.start <= a.start && a.end <= b.end)
                && (a.start, a.end) != (b.start, b.end)
                && a.finding.class() != b.finding.class();
            assert!(apart || nested, "{a:?} and {b:?}");
        }
    }
    let facts = facts(&document(text), reading);
    for condition in facts.conditions {
        let Place::Span { start, end, .. } = condition.meta.sources[0].place else { panic!("a span") };
        assert!(condition.codes[0].display == text[start..end] && condition.meta.derived.is_some());
    }
}

/// Parts that mean something to the rules, whole and broken.
fn parts() -> impl Strategy<Value = String> {
    let words = proptest::sample::select(vec![
        "No ",
        "denies ",
        "possible ",
        "HER2",
        "-",
        "+",
        "/",
        " 3+",
        "ER",
        "EGFR ",
        "exon 19 deletion",
        " T790M",
        "metastases ",
        "liver",
        " and ",
        "stage ",
        "IV",
        "T2N1M0",
        "ECOG ",
        "1",
        ".",
        ", ",
        "; ",
        "\n",
        "\r\n",
        "creatinine ",
        "1.2 ",
        "mg/dL",
        " %",
        "(",
        ")",
        "mother ",
        "history of ",
        "lung cancer",
        "osimertinib",
        " until ",
        "2019",
        "3 weeks ago",
        "58-year-old ",
        "woman",
        "é",
        "–",
        "µg",
        "😀",
        "İ",
        "ß",
        "2026-06-08",
        "progression ",
        "90k",
        "platelets ",
        "?",
        "[**2154**]",
        "0. ",
        "1. ",
        ":",
        "Family history",
        "BP 110/75 ",
    ]);
    proptest::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_lawfully(text in "\\PC{0,200}") {
        lawful(&text, &READER.read(&text, &Options::default()));
    }

    #[test]
    fn any_bytes_of_meaning_are_read_lawfully(text in parts()) {
        let options = Options { date: PartialDate::parse("2026-06-08").ok() };
        let reading = READER.read(&text, &options);
        lawful(&text, &reading);
        prop_assert_eq!(&reading, &READER.read(&text, &options), "twice the same");
    }

    #[test]
    fn a_denied_condition_is_never_present(name in proptest::sample::select(vec!["asthma", "HIV", "diabetes", "lung cancer", "liver metastases", "pulmonary embolism"]),
        frame in proptest::sample::select(vec!["No {}.", "Denies {}.", "No evidence of {}.", "{} was ruled out.", "Without {}.", "No history of {}.", "Possible {}.", "r/o {}.", "If {} occurs, call.", "Her mother had {}.", "Family history: {}.", "Negative for asthma, {} or stroke."])) {
        let text = frame.replace("{}", name);
        let reading = READER.read(&text, &Options::default());
        prop_assert!(!reading.mentions.is_empty());
        prop_assert!(reading.mentions.iter().all(|mention| matches!(mention.finding, Finding::Sex { .. }) || !mention.context.holds()), "{}: {:?}", text, reading.mentions);
        let facts = facts(&document(&text), &reading);
        prop_assert!(facts.conditions.iter().all(|condition| condition.present != Some(true)));
    }
}

const NOTE: &str = "No liver metastases. Lung cancer, stage IV. Creatinine 1.2 mg/dL.";

fn proposed(words: &str, finding: Finding) -> Proposed {
    let start = NOTE.find(words).unwrap_or(0);
    Proposed { start, end: start + words.len(), words: words.into(), finding, assertion: None }
}

fn disease(doid: &str) -> Finding {
    Finding::Disease { doid: Doid::new(doid), name: "lung cancer".into(), tumour: true }
}

#[track_caller]
fn check(proposal: Proposed, expect: Result<Assertion, &str>) {
    let found = READER.accept(NOTE, &Options::default(), proposal);
    let said = found.map(|mention| mention.context.assertion).map_err(|refusal| refusal.to_string());
    assert_eq!(said, expect.map_err(str::to_owned));
}

#[test]
fn a_proposal_stands_only_where_its_words_say_it() {
    check(proposed("Lung cancer", disease("DOID:1324")), Ok(Assertion::Present));
    check(
        proposed("Lung cancer", disease("DOID:1612")),
        Err("the disease proposed for bytes 21 to 32 does not stand in them"),
    );
    check(proposed("lung cancer", disease("DOID:1324")), Err("the note has other words at bytes 0 to 11"));
    let spread = Finding::Metastasis { sites: vec!["liver".into()], qualities: vec![] };
    check(proposed("liver metastases", spread.clone()), Ok(Assertion::Absent));
    let elsewhere = Finding::Metastasis { sites: vec!["bone".into()], qualities: vec![] };
    check(
        proposed("liver metastases", elsewhere),
        Err("the metastasis proposed for bytes 3 to 19 does not stand in them"),
    );
    let present = Proposed { assertion: Some(Assertion::Present), ..proposed("liver metastases", spread) };
    check(present, Ok(Assertion::Absent));
    let doubted =
        Proposed { assertion: Some(Assertion::Possible), ..proposed("Lung cancer", disease("DOID:1324")) };
    check(doubted, Ok(Assertion::Possible));
    let outside = Proposed { end: 400, ..proposed("Lung cancer", disease("DOID:1324")) };
    check(outside, Err("bytes 21 to 400 are no words of the note"));
    let both = proposed("metastases. Lung", disease("DOID:1324"));
    check(both, Err("bytes 9 to 25 are not inside one sentence"));
    let gene = Finding::Alteration {
        genes: vec![concilium_terms::GeneSymbol::new("EGFR")],
        change: "mutation".into(),
        uncertain: false,
    };
    check(proposed("Lung cancer", gene), Err("the gene proposed for bytes 21 to 32 does not stand in them"));
}

#[test]
fn a_number_may_not_be_made_up() {
    let lab = |value: f64, text: &str| {
        let value = concilium_terms::quantity::Quantity {
            value,
            text: text.into(),
            comparator: None,
            unit: "mg/dL".into(),
        };
        Finding::Lab {
            analyte: "creatinine".into(),
            value: Some(value),
            upto: None,
            low: None,
            high: None,
            words: None,
        }
    };
    check(proposed("Creatinine 1.2 mg/dL", lab(1.2, "1.2")), Ok(Assertion::Present));
    let refused = READER.accept(NOTE, &Options::default(), proposed("Creatinine 1.2 mg/dL", lab(12.0, "12")));
    assert!(matches!(refused, Err(Refusal::NotInTheWords { class: "lab", .. })));
}
