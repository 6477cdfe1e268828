//! Which few facts, once found out, would decide the most arms?
//!
//! An arm is decided for certain once every fact it misses is known, whatever the facts turn out to be. To choose the
//! best set of a given size is hard in general; this is greedy: again and again the arm (with every other arm its facts
//! decide too) that gives most arms for each new fact.

use crate::arm::{ArmVerdict, Label};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An arm with what it misses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenArm {
    /// Trial id.
    pub trial: String,
    /// Arm label.
    pub arm: String,
    /// Keys of the facts.
    pub missing: BTreeSet<String>,
}

impl OpenArm {
    /// Arms that facts can decide: neither blocked nor closed, and something is missing.
    pub fn of(verdicts: &[ArmVerdict]) -> Vec<OpenArm> {
        let undecided = |verdict: &&ArmVerdict| {
            let label =
                matches!(verdict.label, Label::Likely | Label::OpenQuestions | Label::NoKnownConflict);
            label && !verdict.missing.is_empty()
        };
        let open = |verdict: &ArmVerdict| OpenArm {
            trial: verdict.trial.clone(),
            arm: verdict.arm.clone(),
            missing: verdict.missing.clone(),
        };
        verdicts.iter().filter(undecided).map(open).collect()
    }
}

/// Facts to find out together, and the arms they decide with those of the steps before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Keys of the facts.
    pub facts: Vec<String>,
    /// Trial and arm.
    pub decides: Vec<(String, String)>,
}

/// At most `budget` facts, the most deciding first.
pub fn next_best_facts(arms: &[OpenArm], budget: usize) -> Vec<Step> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&OpenArm> = arms.iter().filter(|arm| !arm.missing.is_empty()).collect();
    open.sort();
    let mut steps = vec![];
    while let Some(facts) = best(&open, &known, budget - known.len()) {
        known.extend(&facts);
        let is_decided = |arm: &&OpenArm| arm.missing.iter().all(|fact| known.contains(fact.as_str()));
        let (decided, rest): (Vec<&OpenArm>, Vec<&OpenArm>) = open.into_iter().partition(is_decided);
        let decides = decided.iter().map(|arm| (arm.trial.clone(), arm.arm.clone())).collect();
        steps.push(Step { facts: facts.into_iter().map(str::to_owned).collect(), decides });
        open = rest;
    }
    steps
}

/// The facts of one arm that give most decided arms for each; then the fewest, then by name.
fn best<'a>(open: &[&'a OpenArm], known: &BTreeSet<&str>, left: usize) -> Option<BTreeSet<&'a str>> {
    let needed = |arm: &&'a OpenArm| -> BTreeSet<&'a str> {
        arm.missing.iter().map(String::as_str).filter(|fact| !known.contains(fact)).collect()
    };
    let sets: Vec<BTreeSet<&str>> = open.iter().map(needed).collect();
    let decided = |facts: &BTreeSet<&str>| sets.iter().filter(|set| set.is_subset(facts)).count();
    let affordable = sets.iter().filter(|set| set.len() <= left).map(|set| (decided(set), set));
    // a / b against c / d without division; a set is never empty.
    let better = |a: &(usize, &BTreeSet<&str>), b: &(usize, &BTreeSet<&str>)| {
        let ratio = (a.0 * b.1.len()).cmp(&(b.0 * a.1.len()));
        ratio.then(b.1.len().cmp(&a.1.len())).then_with(|| b.1.cmp(a.1))
    };
    affordable.max_by(|a, b| better(a, b)).map(|(_, set)| set.clone())
}
