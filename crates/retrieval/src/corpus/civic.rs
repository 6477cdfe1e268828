//! Which sentences did CIViC's curators write? `ClinicalEvidenceSummaries.tsv` of a site's own download, the layout of
//! 2022 and later (molecular profiles) and the one before (gene and variant).
//!
//! The sentence is a curator's about a publication, never the publication's. The table lists all accepted statements, so
//! one that is no longer in it was withdrawn.

use super::error::Result;
use super::format::{Item, Scope, Sink, holds, refused};
use super::source::Source;
use super::text::{Draft, one_line};
use super::{Format, id};
use concilium_evidence::passage::{Access, Document, DocumentKind};
use concilium_terms::StatementKey;

/// The importer.
pub(crate) const FORMAT: Format = Format {
    name: "civic",
    reads: "CIViC ClinicalEvidenceSummaries .tsv",
    looks_like: |_, head| {
        let header = head.split(|&byte| byte == b'\n').next().unwrap_or(head);
        holds(header, "evidence_statement\t") && holds(header, "\tevidence_id")
    },
    read,
};

/// Longest row, bytes.
const LIMIT: usize = 1 << 20;

/// Columns needed in every layout; of the others one name of each pair.
const NEEDED: &[&str] =
    &["evidence_id", "evidence_statement", "evidence_type", "disease", "last_review_date"];

fn read(source: &mut Source, sink: &mut Sink) -> Result<Scope> {
    let header = match source.line(LIMIT)? {
        Some(Ok(line)) => String::from_utf8_lossy(&line).into_owned(),
        Some(Err(_)) | None => return Err(source.refuse("no header line", "download the table again")),
    };
    let columns: Vec<String> = header.split('\t').map(|name| name.trim().to_owned()).collect();
    if let Some(missing) = NEEDED.iter().find(|name| !columns.iter().any(|column| column == *name)) {
        let what = format!("column `{missing}` is missing");
        return Err(source.refuse(&what, "give ClinicalEvidenceSummaries.tsv as CIViC publishes it"));
    }
    let venue = release(&source.name);
    let (mut number, mut newest) = (1, 0);
    while let Some(line) = source.line(LIMIT)? {
        number += 1;
        match statement(&columns, line.ok(), &venue) {
            Ok(Some(document)) => {
                newest = newest.max(day_number(&document.version));
                sink(Item::Document(Box::new(document)))?;
            }
            Ok(None) => {}
            Err(what) => sink(refused(format!("line {number}"), what, ""))?,
        }
    }
    Ok(Scope { rank: Some(newest), complete: Some("civic:".to_owned()) })
}

/// `01-Sep-2025-ClinicalEvidenceSummaries.tsv` → `CIViC 01-Sep-2025`.
fn release(name: &str) -> String {
    match name.split_once("-ClinicalEvidenceSummaries") {
        Some((release, _)) if !release.is_empty() => format!("CIViC {release}"),
        _ => "CIViC".to_owned(),
    }
}

/// `2023-01-09` → 20230109.
fn day_number(day: &str) -> u64 {
    day.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

struct Row<'r> {
    columns: &'r [String],
    cells: Vec<&'r str>,
}

impl Row<'_> {
    /// The cell under the first of these names that is a column; empty when none is.
    fn get(&self, names: &[&str]) -> &str {
        let at = names.iter().find_map(|name| self.columns.iter().position(|column| column == name));
        at.and_then(|at| self.cells.get(at)).map_or("", |cell| cell.trim())
    }
}

type Read<T> = std::result::Result<T, &'static str>;

/// One row; `None` for an empty line.
fn statement(columns: &[String], line: Option<Vec<u8>>, venue: &str) -> Read<Option<Document>> {
    let line = String::from_utf8(line.ok_or("a row of more than 1 MB")?).map_err(|_| "not UTF-8")?;
    if line.trim().is_empty() {
        return Ok(None);
    }
    let row = Row { columns, cells: line.split('\t').collect() };
    let number: u64 = row.get(&["evidence_id"]).parse().map_err(|_| "an evidence_id that is no number")?;
    if !["accepted", ""].contains(&row.get(&["evidence_status"])) {
        return Err("not accepted by CIViC's editors");
    }
    let sentence = one_line(row.get(&["evidence_statement"]));
    if sentence.is_empty() {
        return Err("no sentence");
    }
    let key = format!("EID{number}");
    let mut draft = Draft::new(&title(&row));
    draft.push("statement", &sentence);
    let mut document = draft.finish(id("civic", &key), DocumentKind::Statement, Access::CuratedSummary);
    let reviewed = row.get(&["last_review_date"]).get(..10).unwrap_or("").to_owned();
    document.version = reviewed.clone();
    document.date = reviewed;
    document.types = types(&row);
    document.venue = venue.to_owned();
    document.ids = ids(&row);
    document.language = "eng".to_owned();
    document.statements = vec![StatementKey::new(key)];
    Ok(Some(document))
}

/// What the row speaks of, in the curators' own names: `BRAF V600E, Melanoma, Dabrafenib + Trametinib`.
fn title(row: &Row) -> String {
    let profile = match row.get(&["molecular_profile"]) {
        "" => format!("{} {}", row.get(&["gene"]), row.get(&["variant"])),
        profile => profile.to_owned(),
    };
    let join = match row.get(&["therapy_interaction_type", "drug_interaction_type"]) {
        "Combination" => " + ",
        "Sequential" => ", then ",
        "Substitutes" => " or ",
        _ => ", ",
    };
    let therapies: Vec<_> = row.get(&["therapies", "drugs"]).split(',').map(str::trim).collect();
    let parts = [one_line(&profile), one_line(row.get(&["disease"])), one_line(&therapies.join(join))];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Type, significance and direction in CIViC's words, and the level.
fn types(row: &Row) -> Vec<String> {
    let names = [&["evidence_type"][..], &["significance", "clinical_significance"], &["evidence_direction"]];
    let mut types: Vec<_> = names.iter().map(|names| row.get(names).to_owned()).collect();
    let level = row.get(&["evidence_level"]);
    if !level.is_empty() {
        types.push(format!("Level {level}"));
    }
    if row.get(&["is_flagged"]) == "true" {
        types.push("Flagged".to_owned());
    }
    types.retain(|kind| !kind.is_empty() && kind != "N/A");
    types
}

/// The publication the sentence is about, and the trials it names.
fn ids(row: &Row) -> Vec<String> {
    let mut ids = vec![];
    let citation = row.get(&["citation_id"]);
    match row.get(&["source_type"]) {
        "PubMed" if !citation.is_empty() => ids.push(format!("pmid:{citation}")),
        "ASCO" if !row.get(&["asco_abstract_id"]).is_empty() => {
            ids.push(format!("asco:{}", row.get(&["asco_abstract_id"])));
        }
        _ => {}
    }
    let trials = row.get(&["nct_ids"]).split([',', ';']).map(str::trim);
    ids.extend(trials.filter(|trial| trial.starts_with("NCT")).map(|trial| format!("nct:{trial}")));
    ids
}
