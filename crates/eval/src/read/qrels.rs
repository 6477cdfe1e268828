//! What did people judge? TREC's files of judgments.

use super::{Read, Result, by_line, cells, grade, text};
use crate::metrics::{Qrels, Sample, Sampled};
use std::collections::BTreeMap;
use std::path::Path;

/// Pools by topic.
pub type Pools = BTreeMap<String, Sampled>;

/// Four columns: topic, iteration, document, grade.
///
/// # Errors
/// The file cannot be read, or no line of it.
pub fn read(file: &Path) -> Result<Read<Qrels>> {
    parse(file, &text(file)?)
}

pub(super) fn parse(file: &Path, text: &str) -> Result<Read<Qrels>> {
    let mut value = Qrels::new();
    let broken = by_line(file, text, 0, |line| {
        let [topic, _, document, found] = cells(line)?;
        put(&mut value, topic, document, grade(found)?)
    })?;
    Ok(Read { value, broken })
}

/// Adds a judgment; a second one of the same pair is refused.
pub(super) fn put(
    qrels: &mut Qrels,
    topic: &str,
    document: &str,
    grade: i32,
) -> std::result::Result<(), String> {
    let judged = qrels.entry(topic.to_owned()).or_default();
    if judged.contains_key(document) {
        return Err("topic and document were judged on a line before".to_owned());
    }
    judged.insert(document.to_owned(), grade);
    Ok(())
}

/// Five columns of `sample_eval.pl`: topic, iteration, document, stratum, grade; −1 = in the pool and not judged.
///
/// # Errors
/// The file cannot be read, or no line of it.
pub fn read_sampled(file: &Path) -> Result<Read<Pools>> {
    parse_sampled(file, &text(file)?)
}

pub(super) fn parse_sampled(file: &Path, text: &str) -> Result<Read<Pools>> {
    let mut value = Pools::new();
    let broken = by_line(file, text, 0, |line| {
        let [topic, _, document, stratum, found] = cells(line)?;
        let sample = Sample { stratum: stratum.to_owned(), grade: u32::try_from(grade(found)?).ok() };
        let pool = value.entry(topic.to_owned()).or_default();
        match pool.contains_key(document) {
            true => Err("topic and document stand on a line before".to_owned()),
            false => {
                pool.insert(document.to_owned(), sample);
                Ok(())
            }
        }
    })?;
    Ok(Read { value, broken })
}
