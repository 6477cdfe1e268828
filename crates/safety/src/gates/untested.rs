//! Has the test the label asks for been done, recently, with a result?

use super::{Answer, Ask, lab, pgx};
use concilium_case::{Marker, MarkerName, Meta};
use concilium_criteria::record::{at_word, lab_words, newest_labs, on_day, plain, plain_words, recent};
use concilium_criteria::reproduction::pregnancy_possible;

/// Tests known by name, with the words they go by; matched at the start of a word.
const TEST_WORDS: &[(&str, &[&str])] = &[
    ("ecg", &["electrocardiogra", "ecg", "ekg"]),
    ("qtc", &["electrocardiogra", "ecg", "ekg"]),
    ("lvef", &["echocardiogra", "ejection fraction", "muga", "lvef"]),
    ("echocardiogram", &["echocardiogra", "ejection fraction", "muga"]),
    ("eye-exam", &["ophthalm", "eye exam", "optical coherence", "fundus", "funduscop", "slit lamp"]),
    ("hepatitis-b", &["hepatitis b", "hbsag", "hbv"]),
    ("pregnancy-test", &["pregnancy test", "hcg", "beta hcg", "choriogonadotropin"]),
    ("g6pd", &["g6pd", "glucose 6 phosphate dehydrogenase"]),
];

/// Tests whose result is a word as well as a number; the others need the number itself.
const ANSWERED_IN_WORDS: [&str; 5] = ["ecg", "echocardiogram", "eye-exam", "hepatitis-b", "pregnancy-test"];

/// Pharmacogenes as the table spells them.
const PHARMACOGENES: [&str; 5] = ["dpyd", "ugt1a1", "tpmt", "nudt15", "g6pd"];

/// Fires when there is no recent result.
pub fn ask(ask: &Ask) -> Answer {
    let key = ask.rule.what.as_str();
    if key == "pregnancy-test" && !pregnancy_possible(ask.case) {
        return Answer::Clear("pregnancy test: not needed by sex, age or history".into());
    }
    let results = results(ask, key);
    let usable = results.iter().find(|r| recent(ask.case, r.meta.when.as_ref(), ask.rule.valid_days).is_ok());
    match (usable, results.first()) {
        (Some(result), _) => Answer::Clear(result.words.clone()),
        (None, Some(newest)) => {
            let age =
                recent(ask.case, newest.meta.when.as_ref(), ask.rule.valid_days).err().unwrap_or_default();
            ask.fired(key, format!("{}: {age}", newest.words), vec![newest.meta.id.clone()])
        }
        (None, None) => {
            let (found, facts) = nothing(ask, key);
            ask.fired(key, found, facts)
        }
    }
}

/// A result in words.
struct Done<'c> {
    meta: &'c Meta,
    words: String,
}

/// Results, newest first.
fn results<'c>(ask: &Ask<'c>, key: &str) -> Vec<Done<'c>> {
    let mut found: Vec<Done> = newest_labs(ask.case, key)
        .into_iter()
        .map(|lab| Done { meta: &lab.meta, words: lab_words(key, lab) })
        .collect();
    found.extend(
        genotypes(ask, key)
            .filter(|r| pgx::is_usable(r))
            .map(|result| Done { meta: &result.meta, words: pgx::words(result) }),
    );
    if ANSWERED_IN_WORDS.contains(&key) {
        found.extend(by_words(ask, key));
    } else if key == "g6pd" {
        found.extend(stated_labs(ask, key));
    }
    found.sort_by(|a, b| (&b.meta.when, &a.meta.id).cmp(&(&a.meta.when, &b.meta.id)));
    found
}

fn genotypes<'c>(ask: &Ask<'c>, key: &str) -> impl Iterator<Item = &'c concilium_case::Pharmacogene> {
    let gene = if PHARMACOGENES.contains(&key) { key.to_uppercase() } else { String::new() };
    let results = ask.case.facts.pharmacogenes.iter();
    results.filter(move |result| !gene.is_empty() && result.gene.as_str() == gene)
}

fn stems(key: &str) -> &'static [&'static str] {
    TEST_WORDS.iter().find(|(test, _)| *test == key).map_or(&[], |(_, words)| words)
}

fn named(key: &str, plain_text: &str) -> bool {
    stems(key).iter().any(|stem| at_word(plain_text, stem).is_some())
}

/// Procedures that were done, observations, laboratory results and markers with a result, by name.
fn by_words<'c>(ask: &Ask<'c>, key: &str) -> Vec<Done<'c>> {
    let facts = &ask.case.facts;
    let done =
        |meta: &'c Meta| Done { meta, words: format!("{key} recorded {}", on_day(meta.when.as_ref())) };
    let mut found = stated_labs(ask, key);
    found.extend(procedures(ask, key).into_iter().map(done));
    let answered = |value: &str| !value.is_empty() && value != "no value" && !value.starts_with("absent:");
    let observed =
        facts.observations.iter().filter(|o| answered(&o.value) && named(key, &plain_words(&o.codes)));
    found.extend(observed.map(|o| done(&o.meta)));
    let marked =
        facts.markers.iter().filter(|m| marker_named(m, key) && (m.call.is_some() || m.value.is_some()));
    found.extend(marked.map(|m| done(&m.meta)));
    found
}

fn marker_named(marker: &Marker, key: &str) -> bool {
    matches!(&marker.name, MarkerName::Other(name) if named(key, &plain(name)))
}

/// Laboratory results in words or numbers that go by the test's name.
fn stated_labs<'c>(ask: &Ask<'c>, key: &str) -> Vec<Done<'c>> {
    let says = |lab: &&concilium_case::Lab| {
        let stated = lab.value.is_some() || lab.text.as_deref().is_some_and(|t| !t.starts_with("absent:"));
        let ecg = key == "ecg" && matches!(lab.analyte.as_deref(), Some("qtc" | "qt-uncorrected"));
        stated && (ecg || lab.analyte.as_deref() == Some(key) || named(key, &plain_words(&lab.codes)))
    };
    let words = |meta: &Meta| format!("{key} result {}", on_day(meta.when.as_ref()));
    let labs = ask.case.facts.labs.iter().filter(says);
    labs.map(|lab| Done { meta: &lab.meta, words: words(&lab.meta) }).collect()
}

/// Only what was done: an order or a cancelled procedure is no result.
fn procedures<'c>(ask: &Ask<'c>, key: &str) -> Vec<&'c Meta> {
    let done = |status: &str| matches!(status, "completed" | "");
    let procedures = ask.case.facts.procedures.iter();
    procedures.filter(|p| done(&p.status) && named(key, &plain_words(&p.codes))).map(|p| &p.meta).collect()
}

/// What is missing, and what comes near it: a genotype that covers too little, a test without its number.
fn nothing(ask: &Ask, key: &str) -> (String, Vec<String>) {
    if let Some(result) = genotypes(ask, key).next() {
        return (format!("{}: {}", pgx::words(result), pgx::unusable(result)), vec![result.meta.id.clone()]);
    }
    let near = procedures(ask, key);
    let found = lab::missing(ask, key);
    match near.iter().max_by_key(|meta| (&meta.when, &meta.id)) {
        Some(meta) => {
            let when = on_day(meta.when.as_ref());
            (
                format!("{found}; the test stands in the record {when}, its value does not"),
                vec![meta.id.clone()],
            )
        }
        None => (found, vec![]),
    }
}
