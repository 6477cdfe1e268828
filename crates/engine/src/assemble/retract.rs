//! Which facts leave, and why? (`retractable`, `dated`)
//!
//! Entered in error, refuted or cancelled; superseded by a newer version of the same resource; stated twice under
//! one business identifier; issued after the instant the plan is made for.

use concilium_case::{Facts, Meta, Retracted};
use concilium_terms::{AsOf, PartialDate};
use std::collections::BTreeMap;

/// Removes them and lists them.
pub fn retract(facts: &mut Facts, as_of: &AsOf) -> Vec<Retracted> {
    let newest = newest_versions(facts);
    let mut out = Vec::new();
    macro_rules! each { ($($field:ident),*) => { $(
        facts.$field.retain(|fact| keep(&fact.meta, stringify!($field), &newest, as_of, &mut out));
    )* } }
    each!(patients, conditions, stages, performance, alterations, regions, markers, pharmacogenes, labs);
    each!(medications, responses, procedures, radiotherapies, allergies, specimens, lab_opinions);
    each!(observations, documents, imaging);
    out
}

/// `Type/id` without the component part.
fn resource(id: &str) -> &str {
    id.split_once('#').map_or(id, |(resource, _)| resource)
}

type Version = (u64, String);

fn newest_versions(facts: &Facts) -> BTreeMap<String, Version> {
    let mut newest: BTreeMap<String, Version> = BTreeMap::new();
    let mut see = |meta: &Meta| {
        if let Some(version) = meta.version.as_deref().map(version) {
            let entry = newest.entry(resource(&meta.id).to_owned()).or_insert_with(|| version.clone());
            *entry = version.max(entry.clone());
        }
    };
    macro_rules! each { ($($field:ident),*) => { $( facts.$field.iter().for_each(|fact| see(&fact.meta)); )* } }
    each!(patients, conditions, stages, performance, alterations, regions, markers, pharmacogenes, labs);
    each!(medications, responses, procedures, radiotherapies, allergies, specimens, lab_opinions);
    each!(observations, documents, imaging);
    newest
}

/// `versionId@lastUpdated`: numeric versions compare as numbers, then the instant as text.
fn version(text: &str) -> Version {
    let (id, updated) = text.split_once('@').unwrap_or((text, ""));
    (id.parse().unwrap_or(0), updated.to_owned())
}

fn keep(
    meta: &Meta,
    kind: &str,
    newest: &BTreeMap<String, Version>,
    as_of: &AsOf,
    out: &mut Vec<Retracted>,
) -> bool {
    let why = superseded(meta, newest).or_else(|| meta.retraction.clone()).or_else(|| too_late(meta, as_of));
    let Some(why) = why else { return true };
    out.push(Retracted { id: meta.id.clone(), what: kind.to_owned(), why, sources: meta.sources.clone() });
    false
}

fn superseded(meta: &Meta, newest: &BTreeMap<String, Version>) -> Option<String> {
    let own = meta.version.as_deref().map(version)?;
    let best = newest.get(resource(&meta.id))?;
    (own < *best).then(|| format!("superseded by version {}", best.0))
}

/// A result issued later is never used earlier; without an issue date the day it was true decides.
fn too_late(meta: &Meta, as_of: &AsOf) -> Option<String> {
    let known: &PartialDate = meta.issued.as_ref().or(meta.when.as_ref())?;
    let after = as_of.date() < known.earliest();
    after.then(|| format!("known only since {}, after {}", known.day_text(), as_of.day))
}
