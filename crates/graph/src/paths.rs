//! Why is this option here, and what hangs on this fact?

use crate::graph::CaseGraph;
use crate::node::{Edge, NodeKind, Relation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// For or against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Speaks for the option.
    For,
    /// Speaks against it.
    Against,
}

/// One path: patient → fact → profile → statement → option, by node id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Path {
    /// Level words of the statement, so that paths sort by level first.
    pub level: String,
    /// Statement node.
    pub statement: String,
    /// Profile node.
    pub profile: String,
    /// Fact nodes that satisfy the profile together, sorted.
    pub facts: Vec<String>,
    /// Patient node.
    pub patient: String,
    /// Option node.
    pub option: String,
    /// For or against.
    pub side: Side,
}

/// An option that rests, wholly or partly, on one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hanging {
    /// Option id as in the plan.
    pub option: String,
    /// Statements through this fact that speak for it.
    pub for_: Vec<String>,
    /// Statements through this fact that speak against it.
    pub against: Vec<String>,
    /// Without this fact nothing would speak for the option any more.
    pub sole_ground: bool,
}

impl CaseGraph {
    /// Counting paths that speak for an option (its id as in the plan), strongest level first, then by key.
    pub fn paths_for(&self, option: &str) -> Vec<Path> {
        self.paths(option, Side::For)
    }

    /// Counting paths that speak against an option.
    pub fn paths_against(&self, option: &str) -> Vec<Path> {
        self.paths(option, Side::Against)
    }

    fn paths(&self, option: &str, side: Side) -> Vec<Path> {
        let relation = match side {
            Side::For => Relation::For,
            Side::Against => Relation::Against,
        };
        let option = format!("option:{option}");
        let last = self.into_node(&option).into_iter().filter(|edge| edge.relation == relation);
        let mut paths: Vec<Path> = last.flat_map(|edge| self.paths_through(edge, side)).collect();
        paths.sort();
        paths
    }

    /// One path per profile the statement rests on. A `satisfies` edge counts only for the statements it names.
    fn paths_through(&self, last: &Edge, side: Side) -> Vec<Path> {
        let key = last.from.strip_prefix("statement:").unwrap_or(&last.from);
        let level = self.node(&last.from).map_or_else(String::new, |node| node.detail.clone());
        let grounds =
            self.into_node(&last.from).into_iter().filter(|edge| edge.relation == Relation::GroundOf);
        let path = |ground: &Edge| Path {
            level: level.clone(),
            statement: last.from.clone(),
            profile: ground.from.clone(),
            facts: self.facts_of(&ground.from, key),
            patient: self.patient(),
            option: last.to.clone(),
            side,
        };
        grounds.map(path).collect()
    }

    fn facts_of(&self, profile: &str, key: &str) -> Vec<String> {
        let used =
            |edge: &&Edge| edge.relation == Relation::Satisfies && edge.provenance.iter().any(|k| k == key);
        self.into_node(profile).into_iter().filter(used).map(|edge| edge.from.clone()).collect()
    }

    fn patient(&self) -> String {
        self.nodes()
            .find(|node| node.kind == NodeKind::Patient)
            .map_or_else(String::new, |node| node.id.clone())
    }

    /// Which options rest on a fact (its id as in the case)? Sorted by option.
    pub fn hangs_on(&self, fact: &str) -> Vec<Hanging> {
        let fact = format!("fact:{fact}");
        let mut touched: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
        for option in self.nodes().filter(|node| node.kind == NodeKind::Option) {
            let id = option.id.strip_prefix("option:").unwrap_or(&option.id);
            let through = |paths: Vec<Path>| -> BTreeSet<String> {
                paths
                    .into_iter()
                    .filter(|path| path.facts.contains(&fact))
                    .map(|path| key_of(&path))
                    .collect()
            };
            let sides = (through(self.paths_for(id)), through(self.paths_against(id)));
            if !sides.0.is_empty() || !sides.1.is_empty() {
                touched.insert(id.to_owned(), sides);
            }
        }
        touched.into_iter().map(|(option, sides)| self.hanging(option, sides, &fact)).collect()
    }

    fn hanging(&self, option: String, sides: (BTreeSet<String>, BTreeSet<String>), fact: &String) -> Hanging {
        let all = self.paths_for(&option);
        let sole_ground = !all.is_empty() && all.iter().all(|path| path.facts.contains(fact));
        Hanging {
            option,
            for_: sides.0.into_iter().collect(),
            against: sides.1.into_iter().collect(),
            sole_ground,
        }
    }
}

fn key_of(path: &Path) -> String {
    path.statement.strip_prefix("statement:").unwrap_or(&path.statement).to_owned()
}
