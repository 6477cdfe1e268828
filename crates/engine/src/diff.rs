//! What changed between two runs, and which evidence or fact moved it?

use crate::run::EngineError;
use crate::store::{read_json, read_plan};
use concilium_case::{Case, Facts};
use concilium_recommend::{Cited, Plan, PlanOption};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Differences of two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunDiff {
    /// Ids of the older and newer run.
    pub runs: [String; 2],
    /// Program, knowledge, instant or settings that differ, in words.
    pub circumstances: Vec<String>,
    /// Options that came, went or moved.
    pub moves: Vec<Move>,
    /// Facts only in the newer case.
    pub facts_added: Vec<String>,
    /// Facts only in the older case, with the retraction when there is one.
    pub facts_gone: Vec<String>,
    /// Facts of both whose content differs.
    pub facts_changed: Vec<String>,
    /// Statements cited only by the newer plan.
    pub evidence_added: Vec<String>,
    /// Statements cited only by the older plan.
    pub evidence_gone: Vec<String>,
}

/// One moved option with what moved it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Move {
    /// Option id.
    pub option: String,
    /// Where it stood: `1 To discuss, rank 2`; `not in the plan`.
    pub before: String,
    /// Where it stands.
    pub after: String,
    /// Facts and statements behind the move; its reasons when neither explains it.
    pub because: Vec<String>,
}

/// Compares two stored runs.
///
/// # Errors
/// A run is missing or malformed.
pub fn diff_runs(older: &Path, newer: &Path) -> Result<RunDiff, EngineError> {
    let (plan_a, plan_b) = (read_plan(older)?, read_plan(newer)?);
    let (case_a, case_b): (Case, Case) =
        (read_json(&older.join("case.json"))?, read_json(&newer.join("case.json"))?);
    Ok(diff(&plan_a, &case_a, &plan_b, &case_b))
}

/// Compares two plans with their cases.
pub fn diff(plan_a: &Plan, case_a: &Case, plan_b: &Plan, case_b: &Case) -> RunDiff {
    let facts = FactDiff::new(case_a, case_b);
    let evidence = |plan: &Plan| plan.evidence.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
    let (old, new) = (evidence(plan_a), evidence(plan_b));
    RunDiff {
        runs: [plan_a.manifest.run.clone(), plan_b.manifest.run.clone()],
        circumstances: circumstances(plan_a, plan_b),
        moves: moves(plan_a, plan_b, &facts),
        evidence_added: new.difference(&old).cloned().collect(),
        evidence_gone: old.difference(&new).cloned().collect(),
        facts_added: facts.added.iter().cloned().collect(),
        facts_gone: facts.gone.iter().map(|id| facts.gone_words(id)).collect(),
        facts_changed: facts.changed.iter().cloned().collect(),
    }
}

fn circumstances(a: &Plan, b: &Plan) -> Vec<String> {
    let (x, y) = (&a.manifest, &b.manifest);
    let pairs = [
        ("program", &x.program, &y.program),
        ("code", &x.code, &y.code),
        ("knowledge", &x.knowledge, &y.knowledge),
        ("knowledge hash", &x.knowledge_hash, &y.knowledge_hash),
        ("as of", &x.as_of, &y.as_of),
        ("settings", &x.settings, &y.settings),
    ];
    pairs
        .iter()
        .filter(|(_, old, new)| old != new)
        .map(|(what, old, new)| format!("{what}: {old} → {new}"))
        .chain((x.meaning != y.meaning).then(|| "models and passages they found: others".to_owned()))
        .collect()
}

struct FactDiff {
    added: BTreeSet<String>,
    gone: BTreeSet<String>,
    changed: BTreeSet<String>,
    retracted: BTreeMap<String, String>,
}

impl FactDiff {
    fn new(a: &Case, b: &Case) -> FactDiff {
        let (old, new) = (by_id(&a.facts), by_id(&b.facts));
        let changed = old.iter().filter(|(id, text)| new.get(*id).is_some_and(|other| other != *text));
        FactDiff {
            added: new.keys().filter(|id| !old.contains_key(*id)).cloned().collect(),
            gone: old.keys().filter(|id| !new.contains_key(*id)).cloned().collect(),
            changed: changed.map(|(id, _)| id.clone()).collect(),
            retracted: b.retracted.iter().map(|r| (r.id.clone(), r.why.clone())).collect(),
        }
    }

    fn gone_words(&self, id: &str) -> String {
        self.retracted.get(id).map_or_else(|| id.to_owned(), |why| format!("{id} ({why})"))
    }

    /// In words, when a fact id is part of the difference.
    fn words(&self, id: &str) -> Option<String> {
        match () {
            () if self.added.contains(id) => Some(format!("fact added: {id}")),
            () if self.gone.contains(id) => Some(format!("fact gone: {}", self.gone_words(id))),
            () if self.changed.contains(id) => Some(format!("fact changed: {id}")),
            () => None,
        }
    }
}

/// Every fact by its id as canonical text; sources are left out, for moving a file moves nothing.
fn by_id(facts: &Facts) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let value = serde_json::to_value(facts).unwrap_or_default();
    let lists = value.as_object().into_iter().flatten().filter_map(|(_, list)| list.as_array());
    for fact in lists.flatten() {
        if let Some(id) = fact.pointer("/meta/id").and_then(|id| id.as_str()) {
            let mut plain = fact.clone();
            if let Some(meta) = plain.get_mut("meta").and_then(|m| m.as_object_mut()) {
                meta.remove("sources");
            }
            all.insert(id.to_owned(), plain.to_string());
        }
    }
    all
}

fn moves(a: &Plan, b: &Plan, facts: &FactDiff) -> Vec<Move> {
    let (old, new) = (options(a), options(b));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    ids.into_iter()
        .filter_map(|id| {
            let (before, after) = (old.get(id).copied(), new.get(id).copied());
            (place(before) != place(after)).then(|| Move {
                option: id.clone(),
                before: place(before),
                after: place(after),
                because: because(before, after, facts),
            })
        })
        .collect()
}

fn options(plan: &Plan) -> BTreeMap<String, &PlanOption> {
    plan.options.iter().map(|option| (option.id.clone(), option)).collect()
}

fn place(option: Option<&PlanOption>) -> String {
    option.map_or("not in the plan".into(), |o| {
        format!("{} {}, rank {}", o.section.number(), o.section.title(), o.rank)
    })
}

/// Facts and statements of either side that differ; else the reasons that do; else the options around it.
fn because(before: Option<&PlanOption>, after: Option<&PlanOption>, facts: &FactDiff) -> Vec<String> {
    let touched: BTreeSet<String> = before.iter().chain(&after).flat_map(|o| fact_ids(o)).collect();
    let mut words: Vec<String> = touched.iter().filter_map(|id| facts.words(id)).collect();
    let keys = |o: Option<&PlanOption>| o.map(statement_words).unwrap_or_default();
    let (old, new) = (keys(before), keys(after));
    words.extend(new.difference(&old).map(|key| format!("now: {key}")));
    words.extend(old.difference(&new).map(|key| format!("no longer: {key}")));
    if words.is_empty() {
        let reasons = |o: Option<&PlanOption>| {
            o.map(|o| o.reasons.iter().map(|r| r.text.clone()).collect::<BTreeSet<_>>()).unwrap_or_default()
        };
        let (old, new) = (reasons(before), reasons(after));
        words.extend(new.difference(&old).map(|reason| format!("now: {reason}")));
        words.extend(old.difference(&new).map(|reason| format!("no longer: {reason}")));
    }
    if words.is_empty() {
        words.push("its own grounds are the same; options around it moved".into());
    }
    words
}

fn cited(option: &PlanOption) -> impl Iterator<Item = (&'static str, &Cited)> {
    let for_ = option.for_.iter().map(|c| ("for", c));
    let against = option.against.iter().map(|c| ("against", c));
    for_.chain(against).chain(option.notes.iter().map(|c| ("note", c)))
}

fn statement_words(option: &PlanOption) -> BTreeSet<String> {
    cited(option).map(|(column, c)| format!("{} {column} ({})", c.key, c.remark)).collect()
}

fn fact_ids(option: &PlanOption) -> Vec<String> {
    let of_statements = cited(option).flat_map(|(_, c)| {
        c.molecular.facts.iter().cloned().chain(c.tumour.markers.leaves.iter().flat_map(|l| l.facts.clone()))
    });
    let of_reasons = option.reasons.iter().flat_map(|r| r.facts.clone());
    let of_safety = option.safety.iter().flat_map(|f| f.facts.clone());
    of_statements.chain(of_reasons).chain(of_safety).collect()
}
