//! Which words of a note mean something beside the names of the release? Authored tables under `words/`, one row a
//! meaning: key, tab, names joined by `|`.
//!
//! Ids of the own lexicon are `kind:key`, with a flag behind where the words say so themselves (`non-smoker`) or count
//! only beside words of their kind (`PE`). Abbreviations stand in capitals and are matched so; everything else in any
//! case, British or American, with blanks or hyphens.

use crate::mention::CueKind;
use crate::text::Section;
use concilium_terms::lexicon::{Case, Entry, Kind, Lexicon};

/// Words whose full stop ends no sentence.
pub(crate) const ABBREVIATIONS: &[&str] = &[
    "al", "approx", "ca", "dr", "drs", "e.g", "eg", "fig", "i.e", "inc", "mr", "mrs", "ms", "no", "nos",
    "prof", "pt", "resp", "st", "vs", "jr", "wk", "temp", "dx", "hx", "incl",
];

/// Tables of the own lexicon by kind.
const TABLES: [(&str, &str); 5] = [
    ("condition", include_str!("words/conditions.tsv")),
    ("lab", include_str!("words/analytes.tsv")),
    ("procedure", include_str!("words/procedures.tsv")),
    ("response", include_str!("words/responses.tsv")),
    ("drug", include_str!("words/drugs.tsv")),
];

const CUES: &str = include_str!("words/cues.tsv");
const HEADINGS: &str = include_str!("words/headings.tsv");

/// Rows of a table: key and names.
fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    rows.flat_map(|(key, names)| names.split('|').map(move |name| (key, name)))
}

/// The authored words as one lexicon.
pub(crate) fn own() -> Lexicon {
    let entries =
        TABLES.iter().flat_map(|(kind, table)| rows(table).map(|(key, name)| entry(kind, key, name)));
    Lexicon::new(entries, [], [])
}

/// The cues as one lexicon; a word may be a cue of several kinds.
pub(crate) fn cues() -> Lexicon {
    let cues = rows(CUES).map(|(kind, word)| Entry::new(Kind::Other, kind, word, Case::Any));
    // A name that denies by itself (`no evidence of disease`) denies nothing behind it.
    let names = TABLES
        .iter()
        .flat_map(|(_, table)| rows(table))
        .map(|(_, name)| name.split(':').next().unwrap_or(name));
    let denying =
        names.filter(|name| ["no", "not", "never", "non"].contains(&name.split(' ').next().unwrap_or("")));
    Lexicon::new(cues.chain(denying.map(|name| Entry::new(Kind::Other, "none", name, Case::Any))), [], [])
}

/// Section that a heading opens; `name` in lower case.
pub(crate) fn section(name: &str) -> Option<Section> {
    let (section, _) = rows(HEADINGS).find(|(_, heading)| *heading == name)?;
    Some(match section {
        "PastHistory" => Section::PastHistory,
        "FamilyHistory" => Section::FamilyHistory,
        "SocialHistory" => Section::SocialHistory,
        "Allergies" => Section::Allergies,
        "Medications" => Section::Medications,
        "Results" => Section::Results,
        "Assessment" => Section::Assessment,
        "Plan" => Section::Plan,
        "Indication" => Section::Indication,
        _ => Section::Body,
    })
}

fn entry(kind: &str, key: &str, name: &str) -> Entry {
    let (surface, flag) = name.split_once(':').unwrap_or((name, ""));
    let key = if kind == "drug" { surface } else { key };
    let id = if flag.is_empty() { format!("{kind}:{key}") } else { format!("{kind}:{key}:{flag}") };
    let case = if abbreviation(kind, surface) { Case::Exact } else { Case::Any };
    Entry::new(Kind::Other, &id, surface, case)
}

/// `Hb`, `CrCl`, `HTN`: letters that mean it only as written.
fn abbreviation(kind: &str, surface: &str) -> bool {
    let capitals = surface.chars().filter(char::is_ascii_uppercase).count();
    let length = surface.chars().filter(|c| c.is_alphanumeric()).count();
    let marked = 2 <= capitals || (capitals == 1 && length <= 4) || (kind == "lab" && length <= 4);
    length <= 6 && !surface.contains(' ') && marked
}

/// Parts of an own id: kind, key, flag.
pub(crate) fn parts(id: &str) -> (&str, &str, &str) {
    let mut parts = id.splitn(3, ':');
    (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""))
}

/// What a cue says; `None` for what only ends or swallows.
pub(crate) fn says(id: &str) -> Option<CueKind> {
    Some(match id.trim_end_matches(['<', '>']) {
        "negated" | "negated-list" => CueKind::Negated,
        "possible" => CueKind::Possible,
        "hypothetical" => CueKind::Hypothetical,
        "planned" => CueKind::Planned,
        "not-assessed" => CueKind::NotAssessed,
        "family" => CueKind::Family,
        "history" => CueKind::History,
        _ => return None,
    })
}

/// Organs a tumour spreads to: our word, and how notes write it.
pub(crate) const ORGANS: &[(&str, &[&str])] = &[
    ("brain", &["brain", "cerebral", "intracranial", "cns", "cerebellar"]),
    ("leptomeninges", &["leptomeningeal", "meningeal"]),
    ("liver", &["liver", "hepatic"]),
    ("lung", &["lung", "lungs", "pulmonary"]),
    (
        "bone",
        &["bone", "bones", "bony", "osseous", "skeletal", "spine", "spinal", "vertebral", "rib", "pelvic"],
    ),
    ("adrenal gland", &["adrenal", "adrenals"]),
    ("lymph node", &["node", "nodes", "nodal", "lymph"]),
    ("peritoneum", &["peritoneal", "peritoneum", "omental", "omentum"]),
    ("pleura", &["pleural", "pleura"]),
    ("skin", &["skin", "cutaneous", "subcutaneous"]),
    ("spleen", &["spleen", "splenic"]),
    ("kidney", &["kidney", "renal"]),
    ("pancreas", &["pancreas", "pancreatic"]),
    ("ovary", &["ovary", "ovarian"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_name_has_two_meanings_unless_both_ask_for_context() {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (_, table) in TABLES {
            for (key, name) in rows(table) {
                let (surface, flag) = name.split_once(':').unwrap_or((name, ""));
                let other = seen.insert(surface, key);
                assert!(other.is_none() || flag.starts_with("context"), "{surface} is {other:?} and {key}");
            }
        }
    }

    #[test]
    fn every_row_of_cues_and_headings_is_known() {
        for (kind, word) in rows(CUES) {
            let known = says(kind).is_some() || ["none", "stop"].contains(&kind);
            let directed = says(kind).is_none() || kind.ends_with(['<', '>']);
            assert!(known && directed && !word.trim().is_empty(), "{kind} {word}");
        }
        for (opens, name) in rows(HEADINGS) {
            let known = opens == "Body" || section(name) != Some(Section::Body);
            assert!(known && name.to_lowercase() == name, "{opens} {name}");
        }
    }
}
