//! What do the rules find in texts others wrote, how fast, and a sample to judge by hand.
//!
//! `cargo run --release -p concilium-notes --example survey -- DATA [--sample N] [--note ID] [--all CLASS]`, where DATA
//! is a folder with `eval/trialgpt_criteria_dev.json`, `eval/trec_2021/queries.jsonl` and
//! `literature/civicmine/training.json`. Prints to the terminal only: texts stay where they are.

use concilium_notes::{Mention, Options, Reader, Reading};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

type Failed = Box<dyn std::error::Error>;

struct Text {
    set: &'static str,
    id: String,
    text: String,
}

fn main() -> Result<(), Failed> {
    let mut args = std::env::args().skip(1);
    let data = args.next().ok_or("give the folder of the data")?;
    let rest: Vec<String> = args.collect();
    let value = |name: &str| rest.iter().position(|arg| arg == name).and_then(|at| rest.get(at + 1));
    let texts = texts(Path::new(&data))?;
    let knowledge = concilium_knowledge::builtin()?;
    let begun = Instant::now();
    let reader = Reader::new(&knowledge);
    println!("vocabularies built in {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    let readings: Vec<Reading> =
        texts.iter().map(|one| reader.read(&one.text, &Options::default())).collect();
    let seconds = begun.elapsed().as_secs_f64();
    let bytes: usize = texts.iter().map(|one| one.text.len()).sum();
    println!("{} texts, {bytes} bytes, {:.2} MB/s", texts.len(), bytes as f64 / 1e6 / seconds);
    counts(&texts, &readings);
    if let Some(count) = value("--sample") {
        sample(&texts, &readings, count.parse()?);
    }
    if let Some(id) = value("--note") {
        note(&texts, &readings, id);
    }
    if let Some(class) = value("--all") {
        each(&texts, &readings)
            .filter(|(_, _, m)| m.finding.class() == class)
            .for_each(|(text, _, m)| show(text, m));
    }
    Ok(())
}

fn texts(data: &Path) -> Result<Vec<Text>, Failed> {
    let mut found = vec![];
    let read = |name: &str| std::fs::read_to_string(data.join(name));
    let rows: serde_json::Value = serde_json::from_str(&read("eval/trialgpt_criteria_dev.json")?)?;
    let field = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let notes: BTreeSet<(String, String)> = rows
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| (field(row, "patient_id"), field(row, "note")))
        .collect();
    found.extend(notes.into_iter().map(|(id, text)| Text { set: "trialgpt", id, text }));
    for line in read("eval/trec_2021/queries.jsonl")?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        found.push(Text { set: "trec", id: field(&row, "_id"), text: field(&row, "text") });
    }
    let rows: serde_json::Value = serde_json::from_str(&read("literature/civicmine/training.json")?)?;
    for (at, row) in rows.as_array().into_iter().flatten().enumerate() {
        found.push(Text { set: "civicmine", id: format!("civicmine-{at}"), text: field(row, "text") });
    }
    Ok(found)
}

fn each<'a>(
    texts: &'a [Text],
    readings: &'a [Reading],
) -> impl Iterator<Item = (&'a Text, &'a Reading, &'a Mention)> {
    texts
        .iter()
        .zip(readings)
        .flat_map(|(text, reading)| reading.mentions.iter().map(move |m| (text, reading, m)))
}

fn counts(texts: &[Text], readings: &[Reading]) {
    let mut table: BTreeMap<(&str, &str), BTreeMap<String, usize>> = BTreeMap::new();
    for (text, _, mention) in each(texts, readings) {
        let row = table.entry((text.set, mention.finding.class())).or_default();
        *row.entry("all".into()).or_default() += 1;
        *row.entry(format!("{:?}", mention.context.assertion)).or_default() += 1;
        *row.entry(format!("{:?}", mention.context.about)).or_default() += 1;
    }
    for ((set, class), row) in table {
        println!("{set} {class}: {row:?}");
    }
}

/// Multiplicative generator with a fixed seed: the same sample everywhere.
fn sample(texts: &[Text], readings: &[Reading], count: usize) {
    let all: Vec<_> = each(texts, readings).filter(|(text, ..)| text.set != "civicmine").collect();
    let mut state = 20_261_125_u64;
    let mut drawn = BTreeSet::new();
    while drawn.len() < count.min(all.len()) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        drawn.insert(usize::try_from(state >> 33).unwrap_or(0) % all.len());
    }
    for at in drawn {
        show(all[at].0, all[at].2);
    }
}

fn show(text: &Text, mention: &Mention) {
    let from = text.text[..mention.start].char_indices().rev().nth(70).map_or(0, |(at, _)| at);
    let to =
        text.text[mention.end..].char_indices().nth(50).map_or(text.text.len(), |(at, _)| mention.end + at);
    let part = |from: usize, to: usize| text.text[from..to].replace(['\n', '\r'], " ");
    let context = &mention.context;
    println!(
        "{} {}..{} {:?} | {:?} {:?} hist={} {:?} when={:?}\n    …{}⟦{}⟧{}…",
        text.id,
        mention.start,
        mention.end,
        mention.finding,
        context.assertion,
        context.about,
        context.history,
        context.section,
        context.when.as_ref().and_then(|when| when.date.clone()).map(|date| date.to_string()),
        part(from, mention.start),
        part(mention.start, mention.end),
        part(mention.end, to),
    );
}

fn note(texts: &[Text], readings: &[Reading], id: &str) {
    for (text, reading) in texts.iter().zip(readings).filter(|(text, _)| text.id == id) {
        println!("{}", text.text);
        reading.mentions.iter().for_each(|mention| show(text, mention));
    }
}
