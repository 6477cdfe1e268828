//! What did a system give? TREC's files of runs.

use super::{Read, Result, by_line, cells, text};
use crate::metrics::{Run, ranked};
use std::fmt::Write;
use std::path::Path;

/// Six columns: topic, `Q0`, document, place, score, name of the run. Place and name count for nothing, as in trec_eval.
///
/// # Errors
/// The file cannot be read, or no line of it.
pub fn read(file: &Path) -> Result<Read<Run>> {
    parse(file, &text(file)?)
}

pub(super) fn parse(file: &Path, text: &str) -> Result<Read<Run>> {
    let mut value = Run::new();
    let mut seen = std::collections::BTreeSet::new();
    let broken = by_line(file, text, 0, |line| {
        let [topic, _, document, _, score, _] = cells(line)?;
        let score: f64 = score.parse().map_err(|_| "the score is no number".to_owned())?;
        if !score.is_finite() {
            return Err("the score is not finite".to_owned());
        }
        if !seen.insert((topic.to_owned(), document.to_owned())) {
            return Err("the topic has this document on a line before".to_owned());
        }
        value.entry(topic.to_owned()).or_default().push((document.to_owned(), score));
        Ok(())
    })?;
    Ok(Read { value, broken })
}

/// The same as text, for trec_eval.
pub fn write(run: &Run, name: &str) -> String {
    let mut words = String::new();
    for (topic, list) in run {
        let score =
            |id: &str| list.iter().find(|(document, _)| document == id).map_or(0.0, |(_, score)| *score);
        for (place, document) in ranked(list).into_iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = writeln!(words, "{topic} Q0 {document} {} {} {name}", place + 1, score(document));
        }
    }
    words
}
