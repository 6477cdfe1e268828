//! What changed between two releases? Statement keys added, gone and changed, and in which facts.

use super::export::exportable;
use crate::model::Knowledge;
use concilium_evidence::{ProfileExpr, Statement};
use concilium_terms::StatementKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Difference of two releases. Keys are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnowledgeDiff {
    /// Hash of the older release.
    pub from: String,
    /// Hash of the newer release.
    pub to: String,
    /// Only in the newer.
    pub added: Vec<StatementKey>,
    /// Only in the older.
    pub gone: Vec<StatementKey>,
    /// Layers of either release with the number of their statements: they are never written out, so not compared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_compared: BTreeMap<String, usize>,
    /// In both, with other facts: key → fact → (before, after).
    pub changed: BTreeMap<StatementKey, BTreeMap<String, (String, String)>>,
}

impl std::fmt::Display for KnowledgeDiff {
    /// For eyes: counts, then the first keys added and gone, wrapped, then the first changed keys with their facts. All
    /// of them stand in the value itself.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        listed(f, "added", &self.added)?;
        listed(f, "gone", &self.gone)?;
        writeln!(f, "changed {}", self.changed.len())?;
        for (key, facts) in self.changed.iter().take(SHOWN) {
            let words: Vec<String> =
                facts.iter().map(|(fact, (old, new))| format!("{fact}: {old} → {new}")).collect();
            writeln!(f, "  {key} {}", words.join("; "))?;
        }
        rest(f, self.changed.len())?;
        for (layer, statements) in &self.not_compared {
            writeln!(f, "not compared: {statements} statements of layer {layer}, which is never exported")?;
        }
        Ok(())
    }
}

/// Keys shown of each kind, and keys in a row.
const SHOWN: usize = 80;
const IN_A_ROW: usize = 10;

fn listed(f: &mut std::fmt::Formatter<'_>, what: &str, keys: &[StatementKey]) -> std::fmt::Result {
    writeln!(f, "{what} {}", keys.len())?;
    for row in keys[..keys.len().min(SHOWN)].chunks(IN_A_ROW) {
        let row: Vec<&str> = row.iter().map(StatementKey::as_str).collect();
        writeln!(f, "  {}", row.join(" "))?;
    }
    rest(f, keys.len())
}

fn rest(f: &mut std::fmt::Formatter<'_>, all: usize) -> std::fmt::Result {
    if SHOWN < all { writeln!(f, "  and {} more (all of them with --json)", all - SHOWN) } else { Ok(()) }
}

/// Compares statements key by key. Profiles are compared by the variants they ask for, because their ids differ
/// between CIViC's layouts.
pub fn diff(older: &Knowledge, newer: &Knowledge) -> KnowledgeDiff {
    let keys = |knowledge: &Knowledge| exportable(knowledge).map(|s| s.key.clone()).collect::<BTreeSet<_>>();
    let (before, after) = (keys(older), keys(newer));
    let changed = before.intersection(&after).filter_map(|key| {
        let facts = changed_facts(&facts(older, key), &facts(newer, key));
        (!facts.is_empty()).then(|| (key.clone(), facts))
    });
    KnowledgeDiff {
        from: older.manifest.hash.clone(),
        to: newer.manifest.hash.clone(),
        added: after.difference(&before).cloned().collect(),
        gone: before.difference(&after).cloned().collect(),
        not_compared: layers(older).into_iter().chain(layers(newer)).collect(),
        changed: changed.collect(),
    }
}

fn layers(knowledge: &Knowledge) -> BTreeMap<String, usize> {
    let count = |name: &String| knowledge.statements.iter().filter(|s| s.layer == *name).count();
    let layers = knowledge.manifest.layers.iter().map(|layer| (layer.name.clone(), count(&layer.name)));
    layers.collect()
}

type Facts = BTreeMap<&'static str, String>;

fn changed_facts(before: &Facts, after: &Facts) -> BTreeMap<String, (String, String)> {
    let differs = |(name, old): (&&'static str, &String)| {
        let new = after.get(*name).cloned().unwrap_or_default();
        (*old != new).then(|| ((*name).to_owned(), (old.clone(), new)))
    };
    before.iter().filter_map(differs).collect()
}

/// Facts that decide how a statement is used; dates of review and trial numbers are not among them.
fn facts(knowledge: &Knowledge, key: &StatementKey) -> Facts {
    let rows = knowledge.statements_of(key);
    let Some(first) = rows.first() else { return Facts::new() };
    let regimens: BTreeSet<String> =
        rows.iter().filter_map(|row| Some(row.regimen.as_ref()?.label())).collect();
    BTreeMap::from([
        ("profile", variants(knowledge, first)),
        ("disease", first.disease.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("therapy", regimens.into_iter().collect::<Vec<_>>().join(" or ")),
        ("type", format!("{:?}", first.kind)),
        ("stance", format!("{:?}", first.stance)),
        ("significance", first.significance_text.clone()),
        ("level", format!("{:?}", first.level)),
        ("rating", first.rating.map(|rating| rating.to_string()).unwrap_or_default()),
        ("origin", format!("{:?}", first.origin)),
        ("flagged", first.flagged.to_string()),
        ("citation", format!("{} {}", first.source_type, first.citation)),
    ])
}

fn variants(knowledge: &Knowledge, statement: &Statement) -> String {
    let expr = knowledge.profile(statement.profile).map(|profile| &profile.expr);
    expr.map(sorted).unwrap_or_default()
}

/// The expression with its parts in a fixed order.
fn sorted(expr: &ProfileExpr) -> String {
    let joined = |parts: &[ProfileExpr], word: &str| {
        let mut parts: Vec<String> = parts.iter().map(sorted).collect();
        parts.sort();
        format!("({})", parts.join(word))
    };
    match expr {
        ProfileExpr::Leaf(id) => id.to_string(),
        ProfileExpr::And(parts) => joined(parts, " AND "),
        ProfileExpr::Or(parts) => joined(parts, " OR "),
        ProfileExpr::Not(inner) => format!("NOT {}", sorted(inner)),
    }
}
