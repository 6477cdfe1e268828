//! Asks joined by and, or, not and at-least; a criterion with the words it was read from.

use super::ask::Ask;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An expression over asks. Truth is Kleene's; deciding leaves are united (clinical rules, section 6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expr {
    /// One question.
    Ask(Box<Ask>),
    /// All hold; of nothing: holds.
    All(Vec<Expr>),
    /// Any holds; of nothing: does not hold.
    Any(Vec<Expr>),
    /// Does not hold.
    Not(Box<Expr>),
    /// At least so many hold.
    AtLeast {
        /// How many.
        n: usize,
        /// Of these.
        of: Vec<Expr>,
    },
}

/// Is a criterion one a patient must meet, or one that keeps a patient out?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Must hold.
    Inclusion,
    /// Must not hold.
    Exclusion,
}

/// Bytes of a text that is kept and hashed elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct TextSpan {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One criterion of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Criterion {
    /// Stable within a version of the trial: role and running number, `in-3`, `ex-12`, `in-3b` for a part of a list.
    pub id: String,
    /// Inclusion or exclusion.
    pub role: Role,
    /// What is asked, as the words have it: an exclusion's expression holds where the patient is to be kept out.
    pub expr: Expr,
    /// Words it was read from, in the trial's eligibility text; `None` for a criterion given as logic or as a field.
    pub span: Option<TextSpan>,
    /// Cohorts or arms it is about, by label; empty = everybody.
    pub applies_to: Vec<String>,
    /// Words that say under which condition it is asked at all (`Phase 2 only`), kept.
    pub heading: Option<String>,
}

/// How much of a criterion is logic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// Every part is an ask a record can answer.
    Computed,
    /// Some parts are not computable, or wait for a person.
    Partly,
    /// Nothing a record can answer, but every part is a judgement that belongs to a person (consent, opinion).
    ForAPerson,
    /// Nothing of it.
    Not,
}

impl Expr {
    /// One question.
    pub fn ask(ask: Ask) -> Expr {
        Expr::Ask(Box::new(ask))
    }

    /// What no ask can say.
    pub fn not_computable(why: impl Into<String>) -> Expr {
        Expr::ask(Ask::NotComputable { why: why.into() })
    }

    /// Every ask in it, in the order written.
    pub fn asks(&self) -> Vec<&Ask> {
        match self {
            Expr::Ask(ask) => vec![ask],
            Expr::All(of) | Expr::Any(of) | Expr::AtLeast { of, .. } => {
                of.iter().flat_map(Expr::asks).collect()
            }
            Expr::Not(inner) => inner.asks(),
        }
    }

    /// How much of it is logic.
    pub fn coverage(&self) -> Coverage {
        let asks = self.asks();
        let count = |is: fn(&Ask) -> bool| asks.iter().filter(|ask| is(ask)).count();
        let opaque = count(|ask| matches!(ask, Ask::NotComputable { .. }));
        let judged = count(|ask| matches!(ask, Ask::Judgement { .. }));
        match asks.len() {
            0 => Coverage::Not,
            all if opaque == all => Coverage::Not,
            all if judged == all => Coverage::ForAPerson,
            _ if opaque + judged == 0 => Coverage::Computed,
            _ => Coverage::Partly,
        }
    }
}

impl Criterion {
    /// What must hold for the patient to be let in: the expression, or its negation for an exclusion.
    pub fn demand(&self) -> Expr {
        match self.role {
            Role::Inclusion => self.expr.clone(),
            Role::Exclusion => Expr::Not(Box::new(self.expr.clone())),
        }
    }
}
