//! Which tumour types does OncoTree name, and how do they reach the Disease Ontology?

use super::{Imported, Strictness, Tally};
use crate::error::{Error, Refusal, Result};
use crate::model::{DiseaseCode, DiseaseTerm, OncotreeNode};
use concilium_terms::Doid;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes sorted by code; DOIDs are added by `link`.
///
/// # Errors
/// Text that is not JSON; in strict mode a node without code or name.
pub fn import(file: &str, text: &str, strictness: Strictness) -> Result<Imported<OncotreeNode>> {
    let json: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|source| Error::Json { file: file.to_owned(), source })?;
    let mut tally = Tally::new("oncotree", strictness);
    let mut open: Vec<&Value> = children(&json);
    while let Some(value) = open.pop() {
        tally.take(node(file, value).map(|node| vec![node]))?;
        open.extend(value.get("children").map(children).unwrap_or_default());
    }
    let mut imported = tally.finish();
    imported.rows.sort_by(|a: &OncotreeNode, b| a.code.cmp(&b.code));
    Ok(imported)
}

fn children(value: &Value) -> Vec<&Value> {
    value.as_object().map(|object| object.values().collect()).unwrap_or_default()
}

fn node(file: &str, value: &Value) -> std::result::Result<OncotreeNode, Refusal> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let needed = |key: &str| {
        text(key).ok_or_else(|| Refusal {
            file: file.to_owned(),
            line: 0,
            column: key.to_owned(),
            what: "node without it".to_owned(),
            remedy: "use an unedited OncoTree export".to_owned(),
        })
    };
    let nci = value.pointer("/externalReferences/NCI").and_then(Value::as_array);
    let nci = nci.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(OncotreeNode {
        code: needed("code")?.to_owned(),
        name: needed("name")?.to_owned(),
        parent: text("parent").map(str::to_owned),
        nci,
        doid: None,
    })
}

/// What linking did with the nodes, for the count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Nodes with a term.
    pub linked: usize,
    /// Nodes whose term the code map sets or denies.
    pub authored: usize,
    /// Nodes whose reference leads to a term that another node bears by name.
    pub shared: usize,
}

/// Gives nodes their DOID and terms their OncoTree code. A row of the code map decides first; else the NCI code, else
/// the exact name. Where several nodes lead to one term, only those of its name keep it: references of OncoTree are
/// repeated across organs.
///
/// OncoTree's parents are not carried over: it groups by organ, benign beside malignant, so that a way from one term
/// into OncoTree and back to another term is no is-a. `disease_bridges.tsv` holds the links that are.
pub fn link(nodes: &mut [OncotreeNode], terms: &mut [DiseaseTerm], map: &[DiseaseCode]) -> Links {
    let (by_nci, by_name) = (by_nci(terms), by_name(terms));
    let mut links = Links::default();
    for node in nodes.iter_mut() {
        let mut rows = map.iter().filter(|row| row.system == "oncotree" && row.code == node.code);
        if let Some(row) = rows.next_back() {
            node.doid = (row.relation == "exact" && !row.doid.as_str().is_empty()).then(|| row.doid.clone());
            links.authored += 1;
            continue;
        }
        node.doid = only(node.nci.iter().filter_map(|code| by_nci.get(code.as_str())).flatten())
            .or_else(|| only(by_name.get(&node.name.to_lowercase()).into_iter().flatten()));
    }
    links.shared = drop_shared(nodes, &by_name, map);
    for node in nodes.iter() {
        let Some(doid) = &node.doid else { continue };
        links.linked += 1;
        let Ok(at) = terms.binary_search_by(|term| term.doid.cmp(doid)) else { continue };
        terms[at].xrefs.push(format!("ONCOTREE:{}", node.code));
        super::obo::tidy(&mut terms[at]);
    }
    links
}

/// Takes a term from the nodes that share it and do not bear its name; returns how many lost it.
fn drop_shared(
    nodes: &mut [OncotreeNode],
    by_name: &BTreeMap<String, BTreeSet<Doid>>,
    map: &[DiseaseCode],
) -> usize {
    let mut bearers: BTreeMap<Doid, usize> = BTreeMap::new();
    nodes.iter().filter_map(|node| node.doid.clone()).for_each(|doid| *bearers.entry(doid).or_default() += 1);
    let mut dropped = 0;
    for node in nodes.iter_mut() {
        let Some(doid) = node.doid.as_ref().filter(|doid| bearers.get(*doid) > Some(&1)) else { continue };
        let is_named = by_name.get(&node.name.to_lowercase()).is_some_and(|named| named.contains(doid));
        let is_authored = map.iter().any(|row| row.system == "oncotree" && row.code == node.code);
        if !is_named && !is_authored {
            node.doid = None;
            dropped += 1;
        }
    }
    dropped
}

fn by_nci(terms: &[DiseaseTerm]) -> BTreeMap<String, BTreeSet<Doid>> {
    let mut found: BTreeMap<String, BTreeSet<Doid>> = BTreeMap::new();
    for term in terms {
        for code in term.xrefs.iter().filter_map(|xref| xref.strip_prefix("NCI:")) {
            found.entry(code.to_owned()).or_default().insert(term.doid.clone());
        }
    }
    found
}

fn by_name(terms: &[DiseaseTerm]) -> BTreeMap<String, BTreeSet<Doid>> {
    let mut found: BTreeMap<String, BTreeSet<Doid>> = BTreeMap::new();
    for term in terms {
        for name in term.synonyms.iter().chain([&term.name]) {
            found.entry(name.to_lowercase()).or_default().insert(term.doid.clone());
        }
    }
    found
}

/// The one value; `None` where the vocabularies disagree.
fn only<'a>(values: impl Iterator<Item = &'a Doid>) -> Option<Doid> {
    let distinct: BTreeSet<&Doid> = values.collect();
    (distinct.len() == 1).then(|| distinct.into_iter().next().cloned()).flatten()
}
