//! Which tumour types does OncoTree name, and how do they reach the Disease Ontology?

use super::{Imported, Strictness, Tally};
use crate::error::{Error, Refusal, Result};
use crate::model::{DiseaseTerm, OncotreeNode};
use concilium_terms::Doid;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes sorted by code; DOIDs are added by `link`.
///
/// # Errors
/// Text that is not JSON; in strict mode a node without code or name.
pub fn import(file: &str, text: &str, strictness: Strictness) -> Result<Imported<OncotreeNode>> {
    let json: Value =
        serde_json::from_str(text).map_err(|source| Error::Json { file: file.to_owned(), source })?;
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

/// Gives nodes their DOID (by NCI code, else by exact name), terms their OncoTree code, and carries OncoTree's
/// parents over where both ends have a term. Returns how many nodes got a term.
pub fn link(nodes: &mut [OncotreeNode], terms: &mut [DiseaseTerm]) -> usize {
    let by_nci = by_nci(terms);
    let by_name = by_name(terms);
    for node in nodes.iter_mut() {
        node.doid = only(node.nci.iter().filter_map(|code| by_nci.get(code.as_str())).flatten())
            .or_else(|| only(by_name.get(&node.name.to_lowercase()).into_iter().flatten()));
    }
    carry_parents(nodes, terms);
    nodes.iter().filter(|node| node.doid.is_some()).count()
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

fn carry_parents(nodes: &[OncotreeNode], terms: &mut [DiseaseTerm]) {
    let by_code: BTreeMap<&str, &OncotreeNode> =
        nodes.iter().map(|node| (node.code.as_str(), node)).collect();
    for node in nodes {
        let Some(doid) = &node.doid else { continue };
        let parent = nearest_term_above(node, &by_code).filter(|parent| parent != doid);
        // A parent that is already below the child would close a circle: the ontology's own order stands.
        let parent = parent.filter(|parent| !is_above(terms, doid, parent));
        let Ok(at) = terms.binary_search_by(|term| term.doid.cmp(doid)) else { continue };
        terms[at].xrefs.push(format!("ONCOTREE:{}", node.code));
        terms[at].parents.extend(parent);
        super::obo::tidy(&mut terms[at]);
    }
}

fn nearest_term_above(node: &OncotreeNode, by_code: &BTreeMap<&str, &OncotreeNode>) -> Option<Doid> {
    let mut at = node;
    for _ in 0..by_code.len() {
        at = by_code.get(at.parent.as_deref()?)?;
        if at.doid.is_some() {
            return at.doid.clone();
        }
    }
    None
}

/// Is `ancestor` reachable from `from` by parents?
fn is_above(terms: &[DiseaseTerm], ancestor: &Doid, from: &Doid) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.clone()];
    while let Some(id) = open.pop() {
        if id == *ancestor {
            return true;
        }
        if seen.insert(id.clone())
            && let Ok(at) = terms.binary_search_by(|term| term.doid.cmp(&id))
        {
            open.extend(terms[at].parents.iter().cloned());
        }
    }
    false
}
