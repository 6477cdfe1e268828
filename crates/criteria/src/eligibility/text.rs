//! How is a criterion written on one line, and read back?
//!
//! `age >= 18 years`, `not recent([class:chemotherapy], 4 weeks or 5 half-lives, whichever shorter, before first-dose)`,
//! `at least 2 of (sex female; biomarker present [EGFR exon 20 insertion])`. What is written reads back to the same
//! value, for every expression within [`bounds`](super::bounds). A text that is none is refused with the column and
//! what was expected there.

mod lex;
mod parse;
mod pattern;
mod print;

use super::expr::{Criterion, Expr};
pub(super) use pattern::{read as read_pattern, write as write_pattern};

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}")]
pub struct NotEligibility {
    /// 1-based, in characters.
    pub column: usize,
    /// What would have been understood there.
    pub expected: String,
}

impl std::fmt::Display for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&print::expr(self))
    }
}

impl std::str::FromStr for Expr {
    type Err = NotEligibility;
    fn from_str(text: &str) -> Result<Expr, NotEligibility> {
        parse::whole_expr(text)
    }
}

impl std::fmt::Display for Criterion {
    /// `ex-2 for ["cohort 2"] at 120-180 exclusion: prior [class:egfr-tki]`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&print::criterion(self))
    }
}

impl std::str::FromStr for Criterion {
    type Err = NotEligibility;
    fn from_str(text: &str) -> Result<Criterion, NotEligibility> {
        parse::whole_criterion(text)
    }
}
