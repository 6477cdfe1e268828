//! What the gate lets through, and the law it keeps for any reply.

use crate::{Gate, How, Record, RecordKey, Records, Reply, Said, Side};
use concilium_knowledge::Knowledge;
use concilium_terms::lexicon::{Lexicon, Writing};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> =
    LazyLock::new(|| concilium_knowledge::builtin().expect("the pack loads"));
static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| concilium_knowledge::lexicon(&KNOWLEDGE).0);

/// Invented words about real names; nothing here is a finding.
const TEXTS: [(&str, &str, Side); 5] = [
    (
        "E1",
        "In patients with EGFR T790M lung adenocarcinoma, osimertinib gave a response rate of 61.0 % (invented). \
         Gefitinib did not improve survival.",
        Side::For,
    ),
    (
        "E2",
        "In BRAF V600E melanoma, dabrafenib plus trametinib gave longer survival than vemurafenib: 25 months versus 18 \
         months.",
        Side::For,
    ),
    ("E3", "KRAS G12C may confer resistance to cetuximab in cell lines of colorectal cancer.", Side::Against),
    ("E4", "Pembrolizumab was studied in melanoma. The response rate was 33 %.", Side::Neither),
    ("E5", "Erlotinib was active in 45 of 120 patients; afatinib was active in 30.", Side::Neither),
];

fn record((key, text, side): (&str, &str, Side)) -> Record {
    Record {
        key: RecordKey(key.to_owned()),
        source: format!("test:{key}"),
        text: text.to_owned(),
        sentence: None,
        side,
    }
}

static RECORDS: LazyLock<Records> =
    LazyLock::new(|| Records::new(TEXTS.map(record)).expect("keys are single"));

fn gate() -> Gate<'static> {
    Gate::new(&LEXICON, &RECORDS, "EGFR T790M")
}

/// A free sentence; empty `want` = it is published, else a part of each reason.
#[track_caller]
fn check(text: &str, cites: &[&str], want: &[&str]) {
    let said = Said::Free {
        text: text.to_owned(),
        cites: cites.iter().map(|key| RecordKey((*key).to_owned())).collect(),
    };
    let answer = gate().judge(Reply { said: vec![said], unreadable: vec![] });
    let own: Vec<&str> =
        answer.published.iter().filter(|one| !one.added).map(|one| one.text.as_str()).collect();
    let reasons: Vec<String> =
        answer.withheld.iter().flat_map(|one| one.reasons.iter().map(ToString::to_string)).collect();
    if want.is_empty() {
        assert_eq!(own, [text], "{reasons:?}");
        return;
    }
    assert!(own.is_empty(), "published {own:?}");
    for part in want {
        assert!(reasons.iter().any(|reason| reason.contains(part)), "{part}: {reasons:?}");
    }
}

#[test]
fn what_a_sentence_carries_is_published() {
    check("Osimertinib gave a response rate of 61% in lung adenocarcinoma.", &["E1"], &[]);
    check("AZD9291 gave a 61 % response rate in EGFR T790M lung adenocarcinoma.", &["E1"], &[]);
    check("Gefitinib did not improve survival.", &["E1"], &[]);
    check("KRAS G12C may confer resistance to cetuximab in cell lines of colorectal cancer.", &["E3"], &[]);
    check(
        "Dabrafenib plus trametinib gave longer survival than vemurafenib in BRAF V600E melanoma (25 versus 18 months).",
        &["E2"],
        &["number 25"],
    );
    check(
        "In BRAF V600E melanoma dabrafenib plus trametinib gave longer survival than vemurafenib, 25 months versus 18 months.",
        &["E2"],
        &[],
    );
    // A name may come from elsewhere in a record that names no other of its sort.
    check("The response rate was 33 % with pembrolizumab.", &["E4"], &[]);
}

#[test]
fn another_drug_number_or_word_is_not_there() {
    check("Gefitinib gave a response rate of 61 % in lung adenocarcinoma.", &["E1"], &["drug gefitinib"]);
    check("Osimertinib gave a response rate of 71 % in lung adenocarcinoma.", &["E1"], &["number 71"]);
    check(
        "Osimertinib gave a response rate of 61 months in lung adenocarcinoma.",
        &["E1"],
        &["number 61 month"],
    );
    check("Osimertinib gave a response rate of >61 % in lung adenocarcinoma.", &["E1"], &["number >61"]);
    check(
        "Zanumertinib gave a response rate of 61 % in lung adenocarcinoma.",
        &["E1"],
        &["zanumertinib", "osimertinib"],
    );
    check("Osimertinib gave a complete response rate of 61 % in lung adenocarcinoma.", &["E1"], &["complet"]);
    check("Osimertinib should be given: response rate 61 % in lung adenocarcinoma.", &["E1"], &["should"]);
    check("Osimertinib gave a response rate of 61 % in lung squamous cell carcinoma.", &["E1"], &["disease"]);
}

#[test]
fn nothing_that_turns_the_meaning_is_left_out() {
    check("KRAS G12C confers resistance to cetuximab in colorectal cancer.", &["E3"], &["may", "cell"]);
    check(
        "KRAS G12C may confer response to cetuximab in cell lines of colorectal cancer.",
        &["E3"],
        &["respon", "resist"],
    );
    check("Gefitinib did improve survival.", &["E1"], &["denial"]);
    check("Gefitinib did not give survival, improve.", &["E1"], &["denies another"]);
    // A combination's result is none of a component.
    check(
        "Dabrafenib gave longer survival than vemurafenib in BRAF V600E melanoma.",
        &["E2"],
        &["drug trametinib"],
    );
    check(
        "In BRAF V600E melanoma, vemurafenib gave longer survival than dabrafenib plus trametinib: 25 months versus 18 months.",
        &["E2"],
        &["otherwise"],
    );
    check("Afatinib was active in 45 of 120 patients; erlotinib was active in 30.", &["E5"], &["otherwise"]);
}

#[test]
fn citations_are_of_this_request_and_each_carries_all() {
    check("Osimertinib gave a response rate of 61 % in lung adenocarcinoma.", &[], &["cites nothing"]);
    check("Osimertinib gave a response rate of 61 % in lung adenocarcinoma.", &["E9"], &["not supplied"]);
    check("Osimertinib gave a response rate of 61 % in lung adenocarcinoma.", &["E1", "E1"], &["twice"]);
    check(
        "Osimertinib gave a response rate of 61 % in lung adenocarcinoma.",
        &["E1", "E4"],
        &["drug osimertinib"],
    );
    check("It is described in this text.", &["E1"], &["nothing that could be checked"]);
    check("Gefitinib did not improve survival. It was reported.", &["E1"], &["one sentence"]);
    check("Gefitinib did not im\u{200b}prove survival.", &["E1"], &["not seen"]);
}

#[test]
fn a_quotation_is_copied_and_widened_to_its_sentence() {
    let said = Said::Quote { key: RecordKey("E1".to_owned()), start: 120, end: 131 };
    let answer = gate().judge(Reply { said: vec![said], unreadable: vec![] });
    let quoted = &answer.published[0];
    assert_eq!((quoted.how, quoted.text.as_str()), (How::Quoted, "Gefitinib did not improve survival."));
    for (start, end) in [(9, 9), (9, 3), (0, 9999), (usize::MAX, 0)] {
        let said = Said::Quote { key: RecordKey("E1".to_owned()), start, end };
        let answer = gate().judge(Reply { said: vec![said], unreadable: vec![] });
        assert_eq!(answer.withheld.len(), 1, "{start}..{end}");
    }
}

#[test]
fn evidence_against_is_shown_also_when_the_reply_passes_over_it() {
    let answer = gate().judge(Reply::read(br#"{"sentences": []}"#));
    let added: Vec<_> =
        answer.published.iter().map(|one| (one.carried_by[0].key.0.as_str(), one.added)).collect();
    assert_eq!(added, [("E3", true)]);
    let cited = gate().judge(Reply::read(br#"{"sentences": [{"quote": "E3", "start": 0, "end": 4}]}"#));
    assert_eq!(cited.published.len(), 1);
}

#[test]
fn what_is_no_reply_is_named_by_its_place() {
    let read =
        |bytes: &[u8]| Reply::read(bytes).unreadable.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(read(b"{"), ["reply: is no JSON"]);
    assert_eq!(read(b"[]"), ["reply: has no list \"sentences\""]);
    assert_eq!(read(&vec![b' '; 300 * 1024]), ["reply: longer than 256 KiB"]);
    let parts = br#"{"sentences": [{}, {"text": 1, "evidence": []}, {"text": "x"}, {"quote": "E1", "start": -1, "end": 2}, 3]}"#;
    assert_eq!(Reply::read(parts).unreadable.len(), 5);
}

/// Names without doubt in a text, and its numbers.
fn holds(text: &str) -> BTreeSet<String> {
    let reading = LEXICON.read(text, Writing::Prose);
    let names =
        reading.mentions.iter().filter_map(|mention| mention.likely()).map(|entry| entry.id.to_string());
    let changes = reading.variants.iter().map(|variant| variant.change.clone());
    let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).map(str::to_owned);
    names.chain(changes).chain(digits).filter(|digit| digit != "0").collect()
}

/// Pieces a lying model would use: parts of the records, other names, numbers and turns.
fn piece() -> impl Strategy<Value = String> {
    let words: Vec<String> =
        TEXTS.iter().flat_map(|(_, text, _)| text.split(' ')).map(str::to_owned).collect();
    prop_oneof![
        4 => proptest::sample::select(words),
        2 => proptest::sample::select(vec!["imatinib", "NRAS Q61K", "99 %", "not", "and", "resistance", "E1", "glioma", "600 mg"])
            .prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ]
}

fn reply() -> impl Strategy<Value = Vec<u8>> {
    let key = || proptest::sample::select(vec!["E1", "E2", "E3", "E4", "E5", "E6", ""]);
    let free = (proptest::collection::vec(piece(), 0..14), proptest::collection::vec(key(), 0..3))
        .prop_map(|(words, cites)| serde_json::json!({ "text": words.join(" "), "evidence": cites }));
    let kept = (key(), 0..300usize, 0..300usize)
        .prop_map(|(key, start, end)| serde_json::json!({ "quote": key, "start": start, "end": end }));
    // Sentences of the records with one word changed: the lies that come nearest to the truth.
    let near = (proptest::sample::select(TEXTS.to_vec()), 0..40usize, piece()).prop_map(
        |((key, text, _), at, word)| {
            let mut words: Vec<&str> = text.split(' ').collect();
            let at = at % words.len();
            words[at] = &word;
            serde_json::json!({ "text": words.join(" "), "evidence": [key] })
        },
    );
    let sentences = proptest::collection::vec(prop_oneof![free, kept, near], 0..6)
        .prop_map(|sentences| serde_json::json!({ "sentences": sentences }).to_string().into_bytes());
    prop_oneof![9 => sentences, 1 => proptest::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    /// `grounded`: whatever a model answers, what is published holds no name, change or number that the records it
    /// cites do not hold, cites supplied records only, and nothing the model said is lost.
    #[test]
    fn nothing_is_published_that_the_records_do_not_hold(bytes in reply()) {
        let reply = Reply::read(&bytes);
        let said = reply.said.len();
        let answer = gate().judge(reply);
        prop_assert_eq!(answer.published.iter().filter(|one| !one.added).count() + answer.withheld.len(), said);
        for one in &answer.published {
            prop_assert!(!one.carried_by.is_empty());
            for span in &one.carried_by {
                let record = RECORDS.get(&span.key).expect("supplied");
                prop_assert_eq!(&span.sha256, &record.sha256());
                let more: Vec<String> = holds(&one.text).difference(&holds(&record.text)).cloned().collect();
                prop_assert!(more.is_empty(), "{:?} beyond {}: {:?}", one.text, span.key, more);
            }
        }
        let shown = |key: &str| answer.published.iter().any(|one| one.carried_by.iter().any(|span| span.key.0 == key));
        prop_assert!(shown("E3"), "evidence against is always shown");
    }
}
