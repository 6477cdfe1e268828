//! Which word stands for each value of the closed sets, in text?
//!
//! The same words as in JSON.

use super::ask::{
    Anchor, ConditionState, DiseaseExtent, Judgement, LesionState, PriorOutcome, SpanUnit, Stated,
};
use concilium_terms::pattern::{Direction, ExonChange, MarkerKind, Signature};

/// A closed set of values, each with its word.
pub(super) trait Worded: Copy + PartialEq + 'static {
    /// Values and words, every value once.
    const WORDS: &'static [(Self, &'static str)];

    /// The word.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
    }

    /// The value of a word.
    fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(value, _)| *value)
    }

    /// `a, b or c`, for messages.
    fn choices() -> String {
        let words: Vec<&str> = Self::WORDS.iter().map(|(_, word)| *word).collect();
        match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => words.join(""),
        }
    }
}

macro_rules! worded {
    ($type:ident: $($value:ident = $word:literal),* $(,)?) => {
        impl Worded for $type {
            const WORDS: &'static [($type, &'static str)] = &[$(($type::$value, $word)),*];
        }
    };
}

worded! { Stated: Present = "present", Absent = "absent" }
worded! {
    DiseaseExtent: Localised = "localised", LocallyAdvanced = "locally-advanced", Unresectable = "unresectable",
    Metastatic = "metastatic", Recurrent = "recurrent", Refractory = "refractory", Remission = "remission",
    Untreated = "untreated",
}
worded! {
    LesionState: Any = "any", Untreated = "untreated", Active = "active", Symptomatic = "symptomatic",
    TreatedStable = "treated-stable", Treated = "treated", Stable = "stable",
}
worded! {
    PriorOutcome: Received = "received", Progressed = "progressed", Intolerant = "intolerant",
    ProgressedOrIntolerant = "progressed-or-intolerant",
}
worded! {
    SpanUnit: Hours = "hours", Days = "days", Weeks = "weeks", Months = "months", Years = "years",
    HalfLives = "half-lives",
}
worded! {
    Anchor: FirstDose = "first-dose", Consent = "consent", Enrolment = "enrolment", Screening = "screening",
}
worded! {
    ConditionState: Ever = "ever", Active = "active", Uncontrolled = "uncontrolled", EverSevere = "ever-severe",
    NeedingTreatment = "needing-treatment", EverNeedingTreatment = "ever-needing-treatment",
}
worded! {
    Judgement: Consent = "consent", Contraception = "contraception", LifeExpectancy = "life-expectancy",
    InvestigatorOpinion = "investigator-opinion", OrganFunction = "organ-function", Tissue = "tissue",
    Ability = "ability", Toxicity = "toxicity", StandardExhausted = "standard-exhausted", Other = "other",
}
worded! {
    ExonChange: Deletion = "deletion", Insertion = "insertion", Mutation = "mutation", Frameshift = "frameshift",
}
worded! {
    MarkerKind: Expression = "expression", NuclearExpression = "nuclear-expression",
    CytoplasmicExpression = "cytoplasmic-expression", Methylation = "methylation",
    Phosphorylation = "phosphorylation", SerumLevel = "serum-level", CopyNumber = "copy-number",
}
worded! { Direction: High = "high", Low = "low", Present = "present", Absent = "absent" }
worded! {
    Signature: MsiHigh = "msi-high", TmbHigh = "tmb-high", Hrd = "hrd", Mss = "mss", TmbLow = "tmb-low",
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Worded + serde::Serialize>() {
        for (value, word) in T::WORDS {
            assert_eq!(serde_json::to_value(value).ok(), Some((*word).into()), "{word}");
            assert!(T::of_word(word) == Some(*value), "{word}");
        }
    }

    #[test]
    fn words_are_those_of_json() {
        check::<Stated>();
        check::<DiseaseExtent>();
        check::<LesionState>();
        check::<PriorOutcome>();
        check::<SpanUnit>();
        check::<Anchor>();
        check::<ConditionState>();
        check::<Judgement>();
        check::<ExonChange>();
        check::<MarkerKind>();
        check::<Direction>();
        check::<Signature>();
    }
}
