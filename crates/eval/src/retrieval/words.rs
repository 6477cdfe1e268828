//! How is a report read? Tables that also stand in a page of Markdown.

use super::Report;
use super::ablation::{Table, fusion_name};
use super::contrary::{Chosen, Contrary, Way};
use super::tuning::Tuned;
use crate::compare::Comparison;

/// The report as text.
pub fn words(report: &Report) -> String {
    let model = report.model.as_ref().map_or("none: words only".to_owned(), |model| {
        format!("{} ({})", model.name, model.sha256.get(..12).unwrap_or(&model.sha256))
    });
    let knowledge = report.knowledge.get(..12).unwrap_or(&report.knowledge);
    let mut words = format!("seed {}, names of release {knowledge}, vectors of {model}\n", report.seed);
    report.tables.iter().for_each(|table| words += &one(table));
    report.contrary.iter().for_each(|contrary| words += &against(contrary));
    report.tuned.iter().for_each(|found| words += &tuned(found));
    for broken in &report.broken {
        words += &format!("left out: {broken}\n");
    }
    words
}

fn one(table: &Table) -> String {
    let (documents, passages) = (table.documents, table.passages);
    let mut words = format!(
        "\n{}\n{}\n{} questions, {documents} documents, {passages} passages\n",
        table.name, table.about, table.questions
    );
    if let Some(ceiling) = table.ceiling {
        words += &format!("the most that can be reached: {ceiling:.3}\n");
    }
    let names =
        table.rows.first().map(|row| row.values.iter().map(|(name, _)| name.clone())).into_iter().flatten();
    let head = std::iter::once("system".to_owned()).chain(names).chain([beside("BM25 alone")]);
    let rows = table.rows.iter().map(|row| {
        let values = row.values.iter().map(|(_, value)| format!("{value:.3}"));
        let all = std::iter::once(row.system.clone()).chain(values);
        all.chain([difference(row.beside_bm25.as_ref())]).collect()
    });
    words + "\n" + &grid(head.collect(), rows.collect())
}

fn beside(what: &str) -> String {
    format!("first measure beside {what} (95 %), p")
}

fn difference(found: Option<&Comparison>) -> String {
    found.map_or(String::new(), |found| {
        let (low, high) = found.interval;
        format!("{:+.3} ({low:+.3} to {high:+.3}), p {:.4}", found.difference, found.p)
    })
}

fn against(found: &Contrary) -> String {
    let mut words = "\nWhat speaks against a claim\n".to_owned();
    words += &format!(
        "{} claims with evidence on both sides in CIViC, {} statements against, {} for; the label is the curators' \
         direction. Above for: share of pairs in which the statement against stands higher, 0.5 is chance.\n\n",
        found.claims, found.against, found.for_
    );
    let head = ["system", "asked with", "MRR", "found@10", "P@10", "against anything@10", "above for"];
    let head =
        head.map(str::to_owned).into_iter().chain(["MRR beside BM25 alone (95 %), p".to_owned()]).collect();
    let rows = found.rows.iter().map(|row| {
        let asked = if row.contrary_words { "claim and words of failure" } else { "claim" };
        let shares = [row.mrr, row.found_at_10, row.precision_at_10, row.any_against_at_10, row.above_for];
        let all = [row.system.clone(), asked.to_owned()].into_iter();
        all.chain(shares.map(|share| format!("{share:.3}")))
            .chain([difference(row.beside_bm25.as_ref())])
            .collect()
    });
    words += &grid(head, rows.collect());
    words + &found.chosen.as_ref().map(chosen).unwrap_or_default()
}

fn chosen(found: &Chosen) -> String {
    let way = |way: &Way| {
        let said = |failure| if failure { "claim and words of failure" } else { "claim" };
        let vectors = way.failure_in_vectors.map_or("not asked", said);
        let first = match way.failure_first {
            0 => String::new(),
            first => format!("; of the best {first} those with words of failure first"),
        };
        format!("words: {}; vectors: {vectors}{first}", said(way.failure_in_words))
    };
    let row = |name: &str, asked: &Way, development: f64, test: f64| {
        vec![name.to_owned(), way(asked), format!("{development:.3}"), format!("{test:.3}")]
    };
    let (development, test) = (found.on_development, found.on_test);
    let rows =
        vec![row("now", &found.now, development.0, test.0), row("chosen", &found.way, development.1, test.1)];
    let head = ["", "asked", "MRR, development", "MRR, test"].map(str::to_owned).to_vec();
    let halves = format!("\nChosen on {} claims, reported on {}\n\n", found.claims.0, found.claims.1);
    let beside = difference(found.beside_now.as_ref());
    halves + &grid(head, rows) + &format!("\nchosen beside now on test (95 %), p: {beside}\n")
}

fn tuned(found: &Tuned) -> String {
    let mut words = format!(
        "\nWeights tuned on the development halves\nnow   {:?}\ntuned {:?}\n",
        found.now, found.weights
    );
    if let Some(fusion) = found.fusion {
        words += &format!("now   {}\ntuned {}\n", fusion_name(found.fusion_now), fusion_name(fusion));
    }
    let head = ["set", "legs", "measure", "questions", "development now", "tuned", "test now", "tuned"];
    let head = head
        .map(str::to_owned)
        .into_iter()
        .chain(["tuned beside now on test (95 %), p".to_owned()])
        .collect();
    let rows = found.rows.iter().map(|row| {
        let values = [row.on_development.0, row.on_development.1, row.on_test.0, row.on_test.1];
        let questions = format!("{} + {}", row.questions.0, row.questions.1);
        let names = [row.set.clone(), row.legs.to_owned(), row.measure.clone(), questions].into_iter();
        let values = values.map(|value| format!("{value:.3}"));
        names.chain(values).chain([difference(row.beside_now.as_ref())]).collect()
    });
    words + "\n" + &grid(head, rows.collect())
}

/// Columns as wide as their widest cell.
fn grid(head: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let wide = |at: usize| {
        let cells = std::iter::once(&head).chain(&rows).filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(3)
    };
    let widths: Vec<usize> = (0..head.len()).map(wide).collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:<width$} |"));
        format!("|{}\n", cells.collect::<String>())
    };
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    std::iter::once(&head).chain([&rule]).chain(&rows).map(|row| line(row)).collect()
}
