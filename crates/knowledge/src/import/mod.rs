//! How do downloads become rows? One module per source shape; each returns rows and a count of what it did.

pub mod civic;
pub mod civic_2021;
pub mod civic_profiles;
pub mod civic_variants;
pub mod exon_bounds;
pub mod ncbi_gene;
pub mod obo;
pub mod oncotree;
pub mod pharmcat;
pub mod site;
pub mod therapy;

use crate::error::{Error, Refusal, Result};
use crate::model::ImportCount;
use crate::tsv::Row;
use std::collections::HashMap;

/// What a refused row does to the import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// The first refusal is the error.
    Strict,
    /// Refusals are counted by reason and the import goes on.
    Lenient,
}

/// Rows of one importer and the count of what was read, kept and left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported<T> {
    /// Rows kept.
    pub rows: Vec<T>,
    /// What happened to every row read.
    pub count: ImportCount,
}

/// Keeps the count while rows are read: every row read is kept or left out for a reason.
pub struct Tally<T> {
    imported: Imported<T>,
    strictness: Strictness,
    /// Id → line it was first read in.
    lines: HashMap<String, usize>,
}

impl<T> Tally<T> {
    /// An empty tally for a table.
    pub fn new(table: &str, strictness: Strictness) -> Tally<T> {
        let count = ImportCount { table: table.to_owned(), ..ImportCount::default() };
        Tally { imported: Imported { rows: vec![], count }, strictness, lines: HashMap::new() }
    }

    /// Takes the outcome of one source row: its rows (one or several), or why it is refused.
    ///
    /// # Errors
    /// In strict mode the first refusal.
    pub fn take(&mut self, outcome: std::result::Result<Vec<T>, Refusal>) -> Result<()> {
        self.imported.count.read += 1;
        match outcome {
            Ok(rows) => {
                self.imported.count.kept += 1;
                self.imported.rows.extend(rows);
                Ok(())
            }
            Err(refusal) if self.strictness == Strictness::Strict => Err(Error::Refused(refusal)),
            Err(refusal) => {
                self.leave_out(&format!(
                    "refused, column `{}`: {}",
                    refusal.column,
                    without_quotes(&refusal.what)
                ));
                Ok(())
            }
        }
    }

    /// Reads one row of a download: it must be whole, and its id in `column` must not have stood before.
    ///
    /// # Errors
    /// In strict mode the first refusal.
    pub fn row(
        &mut self,
        row: &Row,
        column: &str,
        read: impl FnOnce(&Row) -> std::result::Result<Vec<T>, Refusal>,
    ) -> Result<()> {
        let outcome = row.whole().and_then(|()| self.first(row, column)).and_then(|()| read(row));
        self.take(outcome)
    }

    /// As [`Tally::row`], for a table written by hand: its last line may lack a line end, its rows cells at the end.
    ///
    /// # Errors
    /// As [`Tally::row`].
    pub fn site_row(
        &mut self,
        row: &Row,
        column: &str,
        read: impl FnOnce(&Row) -> std::result::Result<Vec<T>, Refusal>,
    ) -> Result<()> {
        let outcome = row.text().and_then(|()| self.first(row, column)).and_then(|()| read(row));
        self.take(outcome)
    }

    fn first(&mut self, row: &Row, column: &str) -> std::result::Result<(), Refusal> {
        let line = *self.lines.entry(row.get(column).to_owned()).or_insert(row.line);
        if line == row.line {
            return Ok(());
        }
        let what = format!("`{}` stands in line `{line}` already", row.get(column));
        Err(row.refuse(column, &what, "keep one of the two rows, or download the file again"))
    }

    /// A row left out on purpose.
    pub fn skip(&mut self, reason: &str) {
        self.imported.count.read += 1;
        self.leave_out(reason);
    }

    /// Counts something about a row that was kept all the same; such reasons begin with `kept: `.
    pub fn note(&mut self, reason: &str) {
        *self.imported.count.left_out.entry(format!("kept: {reason}")).or_default() += 1;
    }

    fn leave_out(&mut self, reason: &str) {
        *self.imported.count.left_out.entry(reason.to_owned()).or_default() += 1;
    }

    /// Rows and count.
    pub fn finish(self) -> Imported<T> {
        self.imported
    }
}

/// Reasons are counted, so what was quoted from the cell is dropped.
fn without_quotes(what: &str) -> String {
    what.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "…" }).collect()
}
