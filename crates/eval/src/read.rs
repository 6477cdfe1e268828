//! In which formats do labels come, and what of a file could not be read?
//!
//! A line that is not what it should be is left out and told with its number ([`Broken`]); a file that cannot be read at
//! all is an error. A line feed ends a line, a carriage return before it counts for nothing.

pub mod beir;
pub mod bioasq;
pub mod civic_pm;
pub mod qrels;
pub mod run;
pub mod topics;

use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was read, and what was not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read<T> {
    /// What was read.
    pub value: T,
    /// Lines or records that were left out.
    pub broken: Vec<Broken>,
}

/// A line or record that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// File.
    pub file: PathBuf,
    /// 1-based line; for XML and JSON the 1-based record.
    pub at: usize,
    /// What was wrong.
    pub what: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}: {}", self.file.display(), self.at, self.what)
    }
}

/// Why labels cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not there.
    #[error("{}: missing; {remedy}", file.display())]
    Missing {
        /// File or folder.
        file: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// Cannot be read from disk.
    #[error("{}: cannot be read", file.display())]
    Disk {
        /// File.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Is something else.
    #[error("{}: {what}", file.display())]
    Wrong {
        /// File.
        file: PathBuf,
        /// What is wrong, where, and what to do.
        what: String,
    },
}

/// Result of a reader.
pub type Result<T> = std::result::Result<T, ReadError>;

/// Where labels are looked for, said when they are not there.
pub(crate) const REMEDY: &str = "name the folder that holds the evaluation data with --data";

/// The bytes of a file as text; bytes that are no UTF-8 become U+FFFD, which no id of ours holds.
pub(crate) fn text(file: &Path) -> Result<String> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(ReadError::Missing { file: file.to_owned(), remedy: REMEDY })
        }
        Err(source) => Err(ReadError::Disk { file: file.to_owned(), source }),
    }
}

/// Lines with something on them, numbered from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).enumerate();
    lines.map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim().is_empty())
}

/// Gives each line to `one`; what it refuses is counted. A file of which nothing can be read is something else.
fn by_line(
    file: &Path,
    text: &str,
    skip: usize,
    mut one: impl FnMut(&str) -> std::result::Result<(), String>,
) -> Result<Vec<Broken>> {
    let mut broken = vec![];
    let mut read = 0;
    for (at, line) in lines(text).skip(skip) {
        match one(line) {
            Ok(()) => read += 1,
            Err(what) => broken.push(Broken { file: file.to_owned(), at, what }),
        }
    }
    match broken.first() {
        Some(first) if read == 0 => Err(ReadError::Wrong {
            file: file.to_owned(),
            what: format!("no line can be read; line {}: {}", first.at, first.what),
        }),
        _ => Ok(broken),
    }
}

/// Cells of a line between blanks, exactly so many.
fn cells<const N: usize>(line: &str) -> std::result::Result<[&str; N], String> {
    let cells: Vec<&str> = line.split_whitespace().collect();
    let found = cells.len();
    cells.try_into().map_err(|_| format!("{found} columns, not {N}"))
}

fn grade(cell: &str) -> std::result::Result<i32, String> {
    cell.parse().map_err(|_| "the grade is no whole number".to_owned())
}

#[cfg(test)]
mod tests;
