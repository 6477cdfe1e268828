//! A folder in the layout of BEIR: `corpus.jsonl`, `queries.jsonl`, `qrels/NAME.tsv`.

use super::{Broken, Read, ReadError, Result, by_line, grade, text};
use crate::metrics::Qrels;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A text of the corpus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BeirText {
    /// Id.
    #[serde(rename = "_id")]
    pub id: String,
    /// Title; empty = none.
    #[serde(default)]
    pub title: String,
    /// Text.
    pub text: String,
}

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beir {
    /// Texts in the order of the file.
    pub corpus: Vec<BeirText>,
    /// Questions by id; those of other parts of the collection too.
    pub queries: BTreeMap<String, String>,
    /// Judgments.
    pub qrels: Qrels,
}

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "_id")]
    id: String,
    text: String,
}

/// Reads a folder with one part of its judgments, such as `test`.
///
/// # Errors
/// A file is missing, or no line of it can be read.
pub fn read(folder: &Path, part: &str) -> Result<Read<Beir>> {
    if !folder.is_dir() {
        return Err(ReadError::Missing {
            file: folder.to_owned(),
            remedy: "give a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv",
        });
    }
    let mut beir = Beir::default();
    let mut broken = json_lines(&folder.join("corpus.jsonl"), |text: BeirText| beir.corpus.push(text))?;
    broken.extend(json_lines(&folder.join("queries.jsonl"), |question: Question| {
        beir.queries.insert(question.id, question.text);
    })?);
    let file = folder.join("qrels").join(format!("{part}.tsv"));
    broken.extend(judgments(&file, &text(&file)?, &mut beir.qrels)?);
    Ok(Read { value: beir, broken })
}

fn json_lines<T: for<'t> Deserialize<'t>>(file: &Path, mut take: impl FnMut(T)) -> Result<Vec<Broken>> {
    by_line(file, &text(file)?, 0, |line| {
        // The message of serde_json may quote the line: a licensed text stays where it is.
        take(
            serde_json::from_str(line).map_err(|error| {
                format!("column {}: no JSON object with `_id` and `text`", error.column())
            })?,
        );
        Ok(())
    })
}

/// Three columns under a header line: query-id, corpus-id, score.
pub(super) fn judgments(file: &Path, text: &str, qrels: &mut Qrels) -> Result<Vec<Broken>> {
    let header = super::lines(text).next().is_some_and(|(_, line)| line.starts_with("query-id"));
    by_line(file, text, usize::from(header), |line| {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        match cells.as_slice() {
            [query, document, score] => super::qrels::put(qrels, query, document, grade(score)?),
            other => Err(format!("{} columns between tabs, not 3", other.len())),
        }
    })
}
