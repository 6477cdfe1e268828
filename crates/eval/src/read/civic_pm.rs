//! Judgments of TREC Precision Medicine on publications that CIViC cites: one table with a header line.

use super::topics::Topic;
use super::{Read, ReadError, Result, by_line, grade, lines, text};
use crate::metrics::Qrels;
use std::collections::BTreeMap;
use std::path::Path;

/// Topics and judgments; documents are `pmid:NUMBER`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgments {
    /// Topics that have a judgment, by id.
    pub topics: BTreeMap<String, Topic>,
    /// Judgments.
    pub qrels: Qrels,
}

const COLUMNS: [&str; 6] = ["topic", "disease", "gene", "demographic", "pmid", "score_0_1_2"];

/// Reads the table.
///
/// # Errors
/// The file cannot be read, lacks a column, or no line of it can be read.
pub fn read(file: &Path) -> Result<Read<Judgments>> {
    parse(file, &text(file)?)
}

pub(super) fn parse(file: &Path, text: &str) -> Result<Read<Judgments>> {
    let header: Vec<&str> =
        lines(text).next().map(|(_, line)| line.split('\t').collect()).unwrap_or_default();
    let mut places = [0; COLUMNS.len()];
    for (place, name) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|column| column.trim() == name);
        let what = || format!("line 1: column `{name}` is missing");
        *place = found.ok_or_else(|| ReadError::Wrong { file: file.to_owned(), what: what() })?;
    }
    let mut value = Judgments::default();
    let broken = by_line(file, text, 1, |line| {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let cell = |column: usize| cells.get(places[column]).copied().filter(|cell| !cell.is_empty());
        let need = |column: usize| cell(column).ok_or_else(|| format!("`{}` is empty", COLUMNS[column]));
        let topic = Topic {
            id: need(0)?.to_owned(),
            disease: need(1)?.to_owned(),
            gene: need(2)?.to_owned(),
            demographic: cell(3).unwrap_or_default().to_owned(),
            other: String::new(),
        };
        super::qrels::put(&mut value.qrels, &topic.id, &format!("pmid:{}", need(4)?), grade(need(5)?)?)?;
        value.topics.insert(topic.id.clone(), topic);
        Ok(())
    })?;
    Ok(Read { value, broken })
}
