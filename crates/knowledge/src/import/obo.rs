//! Which disease terms are there, and what are they kinds of? Reads OBO 1.2 files; definitions are not taken.

use super::{Imported, Strictness, Tally};
use crate::error::{NO_TEXT, Refusal, Result};
use crate::model::DiseaseTerm;
use concilium_terms::Doid;
use std::collections::BTreeMap;

/// Vocabularies whose cross references are kept; the rest (papers, registries) are no use here.
const KEPT_XREFS: &[&str] = &["NCI", "ICD10CM", "ICDO", "SNOMEDCT_US"];

/// Terms of one file in file order. Obsolete terms are left out and counted.
///
/// # Errors
/// In strict mode a term without id or name.
pub fn import(file: &str, text: &str, strictness: Strictness) -> Result<Imported<DiseaseTerm>> {
    let mut tally = Tally::new(&format!("diseases of {file}"), strictness);
    let mut lines = BTreeMap::new();
    let stanzas = stanzas(text);
    // Every release ends with a line end; without one the last stanza was cut off.
    let cut = stanzas.last().map(|stanza| stanza.line).filter(|_| !text.ends_with('\n'));
    for stanza in &stanzas {
        if stanza.value("is_obsolete") == Some("true") {
            tally.skip("obsolete");
            continue;
        }
        let first = *lines.entry(stanza.value("id").unwrap_or("")).or_insert(stanza.line);
        let whole = match () {
            () if cut == Some(stanza.line) => {
                Err(refuse(file, stanza, "id", "the file ends inside this term"))
            }
            () if first != stanza.line => {
                Err(refuse(file, stanza, "id", &format!("the term stands in line `{first}` already")))
            }
            () if stanza.pairs.iter().any(|(_, value)| value.contains(NO_TEXT)) => {
                Err(refuse(file, stanza, "name", "not UTF-8"))
            }
            () => Ok(()),
        };
        tally.take(whole.and_then(|()| term(file, stanza)).map(|term| vec![term]))?;
    }
    Ok(tally.finish())
}

/// `data-version` of the header: `doid/releases/2026-07-31/…` → `2026-07-31`.
pub fn release_date(text: &str) -> Option<&str> {
    let version = text.lines().take(40).find_map(|line| line.strip_prefix("data-version: "))?;
    version.split('/').find(|part| part.len() == 10 && part.bytes().filter(|b| *b == b'-').count() == 2)
}

struct Stanza<'a> {
    line: usize,
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a> Stanza<'a> {
    fn value(&self, key: &str) -> Option<&'a str> {
        self.values(key).next()
    }

    fn values<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.pairs.iter().filter(move |(name, _)| *name == key).map(|(_, value)| *value)
    }
}

fn stanzas(text: &str) -> Vec<Stanza<'_>> {
    let mut found: Vec<Stanza> = vec![];
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        match line.trim_end() {
            "[Term]" => {
                inside = true;
                found.push(Stanza { line: at + 1, pairs: vec![] });
            }
            other if other.starts_with('[') => inside = false,
            other => {
                if let (true, Some(stanza), Some(pair)) = (inside, found.last_mut(), other.split_once(": ")) {
                    stanza.pairs.push(pair);
                }
            }
        }
    }
    found
}

fn refuse(file: &str, stanza: &Stanza, key: &str, what: &str) -> Refusal {
    Refusal {
        file: file.to_owned(),
        line: stanza.line,
        column: key.to_owned(),
        what: what.to_owned(),
        remedy: "download an OBO release again, unedited".to_owned(),
    }
}

fn term(file: &str, stanza: &Stanza) -> std::result::Result<DiseaseTerm, Refusal> {
    let needed = |key: &str| stanza.value(key).ok_or_else(|| refuse(file, stanza, key, "term without it"));
    let is_a = stanza.values("is_a").map(|value| value.split(" !").next().unwrap_or(value));
    Ok(DiseaseTerm {
        doid: Doid::new(needed("id")?),
        name: needed("name")?.to_owned(),
        synonyms: stanza.values("synonym").filter_map(exact_synonym).collect(),
        parents: is_a.map(Doid::new).collect(),
        xrefs: xrefs(stanza),
    })
}

/// `"hemangiosarcoma" EXACT []` → `hemangiosarcoma`. Broad, narrow and related synonyms name other things.
fn exact_synonym(value: &str) -> Option<String> {
    let (text, scope) = value.strip_prefix('"')?.rsplit_once('"')?;
    (scope.trim_start().starts_with("EXACT") && !text.is_empty()).then(|| text.to_owned())
}

/// `SNOMEDCT_US_2025_09_01:39000009` → `SNOMEDCT_US:39000009`; an alternative id becomes `ALT:DOID:267`.
fn xrefs(stanza: &Stanza) -> Vec<String> {
    let of_xref = |value: &str| {
        let (system, code) = value.split_once(':')?;
        let kept = KEPT_XREFS.iter().find(|kept| system.starts_with(**kept))?;
        Some(format!("{kept}:{}", code.split([' ', '{']).next()?))
    };
    let mut found: Vec<String> = stanza.values("xref").filter_map(of_xref).collect();
    found.extend(stanza.values("alt_id").map(|id| format!("ALT:{id}")));
    found.sort();
    found.dedup();
    found
}

/// One term per id: names of the first file, parents, synonyms and cross references of both. Sorted by id.
pub fn union(files: Vec<Vec<DiseaseTerm>>) -> Vec<DiseaseTerm> {
    let mut terms: BTreeMap<Doid, DiseaseTerm> = BTreeMap::new();
    for term in files.into_iter().flatten() {
        match terms.get_mut(&term.doid) {
            None => drop(terms.insert(term.doid.clone(), term)),
            Some(known) => {
                known.parents.extend(term.parents);
                known.synonyms.extend(term.synonyms);
                known.xrefs.extend(term.xrefs);
            }
        }
    }
    let mut terms: Vec<DiseaseTerm> = terms.into_values().collect();
    terms.iter_mut().for_each(tidy);
    terms
}

/// Sorted lists without repeats.
pub(crate) fn tidy(term: &mut DiseaseTerm) {
    term.parents.sort();
    term.parents.dedup();
    term.synonyms.sort();
    term.synonyms.dedup();
    term.xrefs.sort();
    term.xrefs.dedup();
}
