//! How are tables read and written? Tab separated, header first, no quoting; columns are found by name.

use crate::error::{Error, NO_TEXT, Refusal, Result};

/// A parsed table. Cells borrow the text.
pub struct Table<'a> {
    file: String,
    header: Vec<&'a str>,
    rows: Vec<(usize, &'a str)>,
    /// Line of a last row without line end: a download that was cut off.
    open_end: Option<usize>,
}

/// One row with its place.
#[derive(Clone)]
pub struct Row<'t, 'a> {
    table: &'t Table<'a>,
    /// 1-based line.
    pub line: usize,
    cells: Vec<&'a str>,
}

/// Do lines beginning with `#` belong to the data?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    /// Our own tables: `#` opens a comment.
    Skipped,
    /// Tables of others: every line is a row.
    None,
}

impl<'a> Table<'a> {
    /// Splits `text`. Empty lines are skipped, rows may be ragged (missing cells read as empty).
    ///
    /// # Errors
    /// A column of `needed` is missing: names file and column.
    pub fn parse(file: &str, text: &'a str, comments: Comments, needed: &[&str]) -> Result<Table<'a>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).enumerate();
        let keep = |line: &str| !line.is_empty() && (comments == Comments::None || !line.starts_with('#'));
        let header = lines.find(|(_, line)| keep(line)).map_or("", |(_, line)| line);
        let header: Vec<&str> = header.split('\t').map(str::trim).collect();
        let rows: Vec<(usize, &str)> =
            lines.filter(|(_, line)| keep(line)).map(|(at, line)| (at + 1, line)).collect();
        let open_end = rows.last().map(|(line, _)| *line).filter(|_| !text.ends_with('\n'));
        let table = Table { file: file.to_owned(), header, rows, open_end };
        needed.iter().try_for_each(|column| table.require(column))?;
        Ok(table)
    }

    fn require(&self, column: &str) -> Result<()> {
        if self.has(column) {
            return Ok(());
        }
        let found = self.header.join(", ");
        Err(Error::MissingColumn { file: self.file.clone(), column: column.to_owned(), found })
    }

    /// Does the header name this column?
    pub fn has(&self, column: &str) -> bool {
        self.header.contains(&column)
    }

    /// Rows in file order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_, 'a>> {
        self.rows.iter().map(|(line, text)| Row {
            table: self,
            line: *line,
            cells: text.split('\t').collect(),
        })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// No rows?
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<'a> Row<'_, 'a> {
    /// Cell by column name, trimmed; empty when the row is ragged or the optional column is not there.
    pub fn get(&self, column: &str) -> &'a str {
        let at = self.table.header.iter().position(|name| *name == column);
        at.and_then(|at| self.cells.get(at)).map_or("", |cell| cell.trim())
    }

    /// Cell split at `|`, empty parts dropped.
    pub fn list(&self, column: &str) -> Vec<&'a str> {
        split_list(self.get(column), '|')
    }

    /// Cell as a number; `None` when empty.
    ///
    /// # Errors
    /// The cell is not empty and not such a number.
    pub fn number<T: std::str::FromStr>(&self, column: &str) -> std::result::Result<Option<T>, Refusal> {
        let cell = self.get(column);
        if cell.is_empty() {
            return Ok(None);
        }
        cell.parse()
            .map(Some)
            .map_err(|_| self.refuse(column, &format!("`{cell}` is not a number"), "write digits"))
    }

    /// Cell as a number that must be there.
    ///
    /// # Errors
    /// The cell is empty or not such a number.
    pub fn needed_number<T: std::str::FromStr>(&self, column: &str) -> std::result::Result<T, Refusal> {
        self.number(column)?.ok_or_else(|| self.refuse(column, "empty", "fill in the id"))
    }

    /// Is the row of a download whole? It has a cell for every column, ends with its line, and is text.
    ///
    /// # Errors
    /// What is damaged, and where.
    pub fn whole(&self) -> std::result::Result<(), Refusal> {
        const AGAIN: &str = "download the file again; it must not be edited or quoted by other programs";
        let (cells, columns) = (self.cells.len(), self.table.header.len());
        let column = |at: usize| self.table.header.get(at).copied().unwrap_or("");
        if cells != columns {
            let at = column(cells.min(columns).saturating_sub(1));
            return Err(self.refuse(at, &format!("`{cells}` cells for `{columns}` columns"), AGAIN));
        }
        if self.table.open_end == Some(self.line) {
            return Err(self.refuse(column(columns - 1), "the file ends inside this line", AGAIN));
        }
        self.text()
    }

    /// Is every cell text? Bytes that are none were replaced while reading leniently.
    ///
    /// # Errors
    /// The first cell that is none.
    pub fn text(&self) -> std::result::Result<(), Refusal> {
        let Some(at) = self.cells.iter().position(|cell| cell.contains(NO_TEXT)) else { return Ok(()) };
        let column = self.table.header.get(at).copied().unwrap_or("");
        Err(self.refuse(column, "not UTF-8", "save the file as UTF-8, or download it again"))
    }

    /// A refusal at this row.
    pub fn refuse(&self, column: &str, what: &str, remedy: &str) -> Refusal {
        Refusal {
            file: self.table.file.clone(),
            line: self.line,
            column: column.to_owned(),
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        }
    }
}

/// Splits, trims and drops empty parts.
pub fn split_list(text: &str, at: char) -> Vec<&str> {
    text.split(at).map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Writes one table: header, rows, `\n` line ends. Tabs and line breaks inside cells become blanks.
pub struct Writer {
    text: String,
}

impl Writer {
    /// Opens with a header.
    pub fn new(header: &[&str]) -> Writer {
        let mut writer = Writer { text: String::new() };
        writer.row(header);
        writer
    }

    /// Adds a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (at, cell) in cells.iter().enumerate() {
            if 0 < at {
                self.text.push('\t');
            }
            self.text
                .extend(cell.as_ref().chars().map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c }));
        }
        self.text.push('\n');
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.text
    }
}
