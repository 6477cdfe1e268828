//! Which rows that nobody has signed does the plan rest on, and of which kind?
//!
//! A flat list of eighty rows is read by nobody: rows stand by kind with their number, and what several share is said once.

use std::collections::BTreeMap;

/// Rows of one kind.
pub(crate) struct Group {
    /// What they are, for people.
    pub title: &'static str,
    /// How many rows.
    pub rows: usize,
    /// What they are, shortened: what they share first.
    pub lines: Vec<String>,
}

/// Kind as the plan writes it in front of a row, its title, and how its rows are put together.
type Kind = (&'static str, &'static str, fn(&[(&str, &str)]) -> Vec<String>);

const KINDS: [Kind; 4] = [
    ("standard ", "Standard rows (sources in their table)", names),
    ("placement of ", "Rows that decide a section", by_source),
    ("setting ", "Settings of statements, each read from the statement and its publication", settings),
    ("safety ", "Safety rules", by_name),
];

/// The rows by kind, no kind without rows; what is of no known kind stands last, as written.
pub(crate) fn groups(rows: &[String]) -> Vec<Group> {
    let mut left: Vec<&str> = rows.iter().map(String::as_str).collect();
    let mut groups = vec![];
    for (prefix, title, put) in KINDS {
        let (own, rest): (Vec<&str>, Vec<&str>) = left.into_iter().partition(|row| row.starts_with(prefix));
        left = rest;
        let rows: Vec<(&str, &str)> = own.iter().map(|row| split(&row[prefix.len()..])).collect();
        groups.push(Group { title, rows: rows.len(), lines: put(&rows) });
    }
    let lines = left.iter().map(|row| (*row).to_owned()).collect();
    groups.push(Group { title: "Others", rows: left.len(), lines });
    groups.retain(|group| 0 < group.rows);
    groups
}

/// Name and source; an option's own name may hold a colon, a source begins with its kind.
fn split(row: &str) -> (&str, &str) {
    let at = [": guideline: ", ": label: "].iter().filter_map(|mark| row.find(mark)).min();
    match at.or_else(|| row.find(": ")) {
        Some(at) => (&row[..at], &row[at + 2..]),
        None => (row, ""),
    }
}

fn names(rows: &[(&str, &str)]) -> Vec<String> {
    rows.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn collected<'r>(pairs: impl Iterator<Item = (&'r str, &'r str)>) -> BTreeMap<&'r str, Vec<&'r str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    pairs.for_each(|(key, value)| found.entry(key).or_default().push(value));
    found
}

/// `EID1, EID2: source`.
fn by_source(rows: &[(&str, &str)]) -> Vec<String> {
    let of = collected(rows.iter().map(|(name, source)| (*source, *name)));
    of.into_iter().map(|(source, names)| format!("{}: {source}", names.join(", "))).collect()
}

/// `rule: source; source`.
fn by_name(rows: &[(&str, &str)]) -> Vec<String> {
    let of = collected(rows.iter().copied());
    of.into_iter().map(|(name, sources)| format!("{name}: {}", sources.join("; "))).collect()
}

/// Statements by what their row says beyond them; the publication stands in the evidence list.
fn settings(rows: &[(&str, &str)]) -> Vec<String> {
    let of = collected(rows.iter().map(|(key, source)| (remark_of(source), *key)));
    let said = |(remark, keys): (&str, Vec<&str>)| match remark {
        "" => format!("nothing beyond the statement: {}", keys.join(", ")),
        remark => format!("{remark}: {}", keys.join(", ")),
    };
    of.into_iter().map(said).collect()
}

fn remark_of(source: &str) -> &str {
    source.split_once(" (").map_or("", |(_, tail)| tail.trim_end_matches(')'))
}

#[cfg(test)]
mod tests {
    use super::groups;

    #[test]
    fn rows_stand_by_kind_and_none_is_lost() {
        let rows = [
            "setting EID90001: EID90001 statement; PMID 1",
            "setting EID90002: EID90002 statement; PMID 2 (study design, beyond the statement: untreated)",
            "setting EID90003: EID90003 statement; PMID 3",
            "safety a-rule: label: one, section 5",
            "safety a-rule: label: other, section 5",
            "standard tebentafusp: alone: guideline: invented 2025",
            "placement of one: label: one",
            "placement of one + other: label: one",
            "something else",
        ];
        let said: Vec<(usize, Vec<String>)> =
            groups(&rows.map(str::to_owned)).into_iter().map(|one| (one.rows, one.lines)).collect();
        let lines = |some: &[&str]| some.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            said,
            [
                (1, lines(&["tebentafusp: alone"])),
                (2, lines(&["one, one + other: label: one"])),
                (
                    3,
                    lines(&[
                        "nothing beyond the statement: EID90001, EID90003",
                        "study design, beyond the statement: untreated: EID90002",
                    ])
                ),
                (2, lines(&["a-rule: label: one, section 5; label: other, section 5"])),
                (1, lines(&["something else"])),
            ]
        );
    }
}
