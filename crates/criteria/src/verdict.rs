//! What is the answer, and which facts decide it?

use concilium_terms::Truth;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A Kleene truth with the set of leaves that decide it. The seven names people see are a view of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The truth.
    pub truth: Truth,
    /// Deciding leaves, sorted, without repeats.
    pub leaves: Vec<Reason>,
}

/// One leaf with its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Truth of this leaf.
    pub truth: Truth,
    /// Why, typed.
    pub why: Why,
    /// What was asked and found, short: `KRAS G12C: not tested (no region studied covers KRAS)`.
    pub what: String,
    /// Ids of the facts it rests on.
    pub facts: Vec<String>,
}

/// Why a leaf has its truth (clinical rules, section 6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Holds.
    Met,
    /// Holds, and no longer from the ISO day on that `until` names: a washout runs out, a child comes of age, a result
    /// grows too old.
    MetUntil {
        /// First day on which it no longer holds for sure.
        until: String,
    },
    /// Does not hold; `until` names the ISO day it may hold again, `None` is permanent.
    NotMet {
        /// Recoverable on this day.
        until: Option<String>,
    },
    /// Not known because not tested.
    NotTested(NotTested),
    /// Sources disagree.
    Conflicting,
    /// The rule cannot be computed here.
    NotComputable,
    /// Does not concern this patient.
    NotApplicable,
    /// A person must judge.
    NeedsJudgement,
    /// Nothing in the searched sources (known-history exclusions only).
    NotRecorded,
}

/// In which way it was not tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NotTested {
    /// Never done, as far as the records say.
    NeverDone,
    /// Ordered, no result.
    Ordered,
    /// Sample or assay failed.
    Failed,
    /// Result too old, or older than the last systemic line.
    TooOld,
    /// The assay does not cover it.
    NotCovered,
    /// Found, but its significance is uncertain or uncalled.
    Uncertain,
    /// Found, with a doubt about origin, fraction or clonal haematopoiesis.
    Doubtful,
    /// It may stand in records that were not handed in.
    Elsewhere,
}

impl Verdict {
    /// One leaf.
    pub fn leaf(truth: Truth, why: Why, what: impl Into<String>, facts: Vec<String>) -> Verdict {
        Verdict { truth, leaves: vec![Reason { truth, why, what: what.into(), facts }] }
    }

    /// Holds.
    pub fn met(what: impl Into<String>, facts: Vec<String>) -> Verdict {
        Verdict::leaf(Truth::True, Why::Met, what, facts)
    }

    /// Does not hold, for good.
    pub fn not_met(what: impl Into<String>, facts: Vec<String>) -> Verdict {
        Verdict::leaf(Truth::False, Why::NotMet { until: None }, what, facts)
    }

    /// Not tested.
    pub fn not_tested(how: NotTested, what: impl Into<String>, facts: Vec<String>) -> Verdict {
        Verdict::leaf(Truth::Open, Why::NotTested(how), what, facts)
    }

    /// Kleene `and`; the leaves that decide are united.
    pub fn and(self, other: Verdict) -> Verdict {
        let truth = self.truth.and(other.truth);
        Verdict::united(truth, self, other)
    }

    /// Kleene `or`.
    pub fn or(self, other: Verdict) -> Verdict {
        let truth = self.truth.or(other.truth);
        Verdict::united(truth, self, other)
    }

    /// Kleene `not`: the truth turns, the reasons stay as they were found.
    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Verdict {
        Verdict { truth: self.truth.not(), leaves: self.leaves }
    }

    /// Sources disagree; both sides are named in `what`.
    pub fn conflicting(what: impl Into<String>, facts: Vec<String>) -> Verdict {
        Verdict::leaf(Truth::Open, Why::Conflicting, what, facts)
    }

    /// The rule cannot be computed here.
    pub fn not_computable(what: impl Into<String>, facts: Vec<String>) -> Verdict {
        Verdict::leaf(Truth::Open, Why::NotComputable, what, facts)
    }

    /// All of them; true, with nothing deciding, of none.
    pub fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        let nothing = Verdict { truth: Truth::True, leaves: vec![] };
        verdicts.into_iter().fold(nothing, Verdict::and)
    }

    /// Any of them; false, with nothing deciding, of none.
    pub fn any(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        let nothing = Verdict { truth: Truth::False, leaves: vec![] };
        verdicts.into_iter().fold(nothing, Verdict::or)
    }

    /// `n` of them. The leaves of those that agree with the result decide it.
    pub fn at_least(n: usize, verdicts: Vec<Verdict>) -> Verdict {
        let truth = Truth::at_least(n, verdicts.iter().map(|verdict| verdict.truth));
        let deciding = verdicts.into_iter().filter(|verdict| verdict.truth == truth);
        Verdict { truth, leaves: sorted_leaves(deciding.flat_map(|verdict| verdict.leaves)) }
    }

    /// Keeps the leaves of the sides that agree with the result: those decide it.
    fn united(truth: Truth, a: Verdict, b: Verdict) -> Verdict {
        let deciding = [a, b].into_iter().filter(|side| side.truth == truth);
        Verdict { truth, leaves: sorted_leaves(deciding.flat_map(|side| side.leaves)) }
    }
}

fn sorted_leaves(leaves: impl Iterator<Item = Reason>) -> Vec<Reason> {
    let mut leaves: Vec<Reason> = leaves.collect();
    leaves.sort();
    leaves.dedup();
    leaves
}
