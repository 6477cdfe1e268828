//! Which trials stand in a table? Quoted CSV with `nctid` and `criteria`, lists written as Python does.

use super::json::refuse;
use super::{Item, Origin, RECORD, ReadError, Sink, ctgov};
use crate::model::{Arm, ArmStatus, Standing, StatusSource, Trial};
use std::collections::HashMap;
use std::io::BufRead;

/// Reads row by row.
pub(super) fn read(origin: &Origin, mut input: impl BufRead, sink: &mut Sink) -> Result<(), ReadError> {
    let failed = |source| ReadError::Io { file: origin.file.clone(), source };
    let mut rows = Rows { line: 0 };
    let Some((_, header)) = rows.next(&mut input).map_err(failed)? else { return Ok(()) };
    let header = header.unwrap_or_default();
    let places: HashMap<&str, usize> =
        header.iter().enumerate().map(|(at, name)| (name.trim(), at)).collect();
    while let Some((line, row)) = rows.next(&mut input).map_err(failed)? {
        let at = format!("line {line}");
        match row {
            None => refuse(sink, at, "a quoted cell that is never closed, or a row of more than 64 MB"),
            Some(row) if row.len() != header.len() => {
                refuse(sink, at, &format!("{} cells where the header has {}", row.len(), header.len()))
            }
            Some(row) => match trial(origin, &places, &row) {
                Ok(trial) => sink(Item::Trial(Box::new(trial))),
                Err(why) => refuse(sink, at, &why),
            },
        }
    }
    Ok(())
}

fn trial(origin: &Origin, places: &HashMap<&str, usize>, row: &[String]) -> Result<Trial, String> {
    let cell = |name: &str| places.get(name).and_then(|at| row.get(*at)).map_or("", String::as_str);
    let id = ctgov::registry_id(cell("nctid"))?;
    let text = cell("criteria").to_owned();
    let interventions = python_list(cell("drugs")).ok_or("`drugs` is no list")?;
    let conditions = python_list(cell("diseases")).ok_or("`diseases` is no list")?;
    let title = conditions.join(", ");
    let arm = Arm {
        label: String::new(),
        kind: String::new(),
        drugs: ctgov::drugs(origin, &interventions),
        interventions,
        status: ArmStatus::AsTrial,
        slots: None,
    };
    Ok(Trial {
        id,
        other_ids: vec![],
        title,
        phase: cell("phase").trim_start_matches("phase").trim().to_owned(),
        conditions,
        status: Standing {
            status: ctgov::registry_status(cell("status")),
            as_of: None,
            by: StatusSource::Registry,
        },
        arms: vec![arm],
        sites: vec![],
        criteria: origin.reader.read(&text).criteria,
        source: origin.source("hint-table", "", row.join("\u{1f}").as_bytes()),
        eligibility_text: text,
    })
}

struct Rows {
    line: usize,
}

impl Rows {
    /// A row with the number of its first line; its cells are `None` when it is broken.
    fn next(&mut self, input: &mut impl BufRead) -> std::io::Result<Option<(usize, Option<Vec<String>>)>> {
        let mut raw = vec![];
        let first = self.line + 1;
        loop {
            let before = raw.len();
            if input.read_until(b'\n', &mut raw)? == 0 {
                return Ok((!raw.is_empty()).then_some((first, None)));
            }
            self.line += 1;
            // An even number of quotes: every quoted cell is closed.
            let quotes = raw.iter().filter(|byte| **byte == b'"').count();
            if RECORD < raw.len() {
                return Ok(Some((first, None)));
            }
            if quotes % 2 == 0 {
                if raw.trim_ascii().is_empty() {
                    raw.truncate(before);
                    continue;
                }
                return Ok(Some((first, Some(cells(&String::from_utf8_lossy(&raw))))));
            }
        }
    }
}

fn cells(row: &str) -> Vec<String> {
    let (mut found, mut cell, mut quoted) = (vec![], String::new(), false);
    let mut chars = row.trim_end_matches(['\n', '\r']).chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    found.push(cell);
    found
}

/// `['a', "b's"]`; an empty cell is an empty list.
fn python_list(cell: &str) -> Option<Vec<String>> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Some(vec![]);
    }
    let inner = cell.strip_prefix('[')?.strip_suffix(']')?;
    let (mut found, mut open, mut item) = (vec![], None, String::new());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (open, c) {
            (None, '\'' | '"') => open = Some(c),
            (None, _) => {}
            (Some(_), '\\') => item.extend(chars.next()),
            (Some(quote), c) if c == quote => {
                found.push(std::mem::take(&mut item));
                open = None;
            }
            (Some(_), c) => item.push(c),
        }
    }
    open.is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::{cells, python_list};

    #[test]
    fn lists_as_python_writes_them() {
        assert_eq!(python_list("['a', \"b's\"]"), Some(vec!["a".to_owned(), "b's".to_owned()]));
        assert_eq!(python_list(""), Some(vec![]));
        assert_eq!(python_list("a"), None);
        assert_eq!(python_list("['a"), None);
    }

    #[test]
    fn cells_with_quotes_and_commas() {
        assert_eq!(cells("a,\"b, \"\"c\"\"\nd\",\r\n"), ["a", "b, \"c\"\nd", ""]);
    }
}
