//! Could the patient be pregnant, by what the record says?

use crate::record::{at_word, plain, plain_words};
use concilium_case::{Case, Sex};

/// Ages at which pregnancy is thought possible, years. Own convention, unreviewed: wide on purpose.
pub const CHILDBEARING: std::ops::RangeInclusive<u32> = 12..=55;

/// Unless sex, age or history rule it out. What is not stated rules nothing out.
pub fn pregnancy_possible(case: &Case) -> bool {
    possible_at(case, case.age_years())
}

/// The same at another age.
pub(crate) fn possible_at(case: &Case, age_years: Option<(u32, u32)>) -> bool {
    let by_age =
        age_years.is_none_or(|(fewest, most)| *CHILDBEARING.start() <= most && fewest <= *CHILDBEARING.end());
    case.patient.sex != Some(Sex::Male) && by_age && !infertile(case)
}

fn infertile(case: &Case) -> bool {
    let facts = &case.facts;
    let stems = ["postmenopaus", "post menopaus", "hysterectom"];
    let says = |text: &str| stems.iter().any(|stem| at_word(text, stem).is_some());
    let by_condition =
        facts.conditions.iter().filter(|c| c.present != Some(false)).any(|c| says(&plain_words(&c.codes)));
    let done = |status: &str| matches!(status, "completed" | "");
    by_condition
        || facts.procedures.iter().any(|p| done(&p.status) && says(&plain_words(&p.codes)))
        || facts.observations.iter().any(|o| says(&plain(&o.value)))
}
