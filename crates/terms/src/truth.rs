//! Is it so, is it not so, or is it open?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kleene's three values. `Open` is an answer of its own, never a quiet `False`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// Known to be so.
    True,
    /// Not known either way.
    Open,
    /// Known not to be so.
    False,
}

impl Truth {
    /// One `False` decides; otherwise one `Open` keeps the question open.
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::Open, _) | (_, Truth::Open) => Truth::Open,
            (Truth::True, Truth::True) => Truth::True,
        }
    }

    /// One `True` decides; otherwise one `Open` keeps the question open.
    pub fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    /// What is open stays open.
    #[allow(clippy::should_implement_trait)] // read beside `and` and `or`; `!truth` would hide the third value
    pub fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::Open => Truth::Open,
            Truth::False => Truth::True,
        }
    }

    /// All of them; `True` of none.
    pub fn all(values: impl IntoIterator<Item = Truth>) -> Truth {
        values.into_iter().fold(Truth::True, Truth::and)
    }

    /// Any of them; `False` of none.
    pub fn any(values: impl IntoIterator<Item = Truth>) -> Truth {
        values.into_iter().fold(Truth::False, Truth::or)
    }

    /// `n` of them: true once `n` are true, false once too few can still become true.
    pub fn at_least(n: usize, values: impl IntoIterator<Item = Truth>) -> Truth {
        let (mut met, mut open) = (0, 0);
        for value in values {
            match value {
                Truth::True => met += 1,
                Truth::Open => open += 1,
                Truth::False => {}
            }
        }
        match () {
            () if n <= met => Truth::True,
            () if n <= met + open => Truth::Open,
            () => Truth::False,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth;
    use proptest::prelude::*;

    fn any_truth() -> impl Strategy<Value = Truth> {
        prop_oneof![Just(Truth::True), Just(Truth::Open), Just(Truth::False)]
    }

    proptest! {
        #[test]
        fn de_morgan(a in any_truth(), b in any_truth()) {
            prop_assert_eq!(a.and(b).not(), a.not().or(b.not()));
            prop_assert_eq!(a.or(b).not(), a.not().and(b.not()));
        }

        #[test]
        fn order_and_grouping_do_not_matter(a in any_truth(), b in any_truth(), c in any_truth()) {
            prop_assert_eq!(a.and(b), b.and(a));
            prop_assert_eq!(a.or(b).or(c), a.or(b.or(c)));
            prop_assert_eq!(a.and(b.or(c)), a.and(b).or(a.and(c)));
        }

        #[test]
        fn at_least_one_is_or_and_at_least_all_is_and(values in prop::collection::vec(any_truth(), 1..6)) {
            prop_assert_eq!(Truth::at_least(1, values.clone()), Truth::any(values.clone()));
            prop_assert_eq!(Truth::at_least(values.len(), values.clone()), Truth::all(values));
        }
    }
}
