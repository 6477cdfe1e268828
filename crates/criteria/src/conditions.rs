//! Which recorded conditions meet a condition key, and how surely?

use crate::record::{at_word, plain, plain_words};
use concilium_case::{Case, Certainty, Condition};
use concilium_knowledge::{ConditionWord, Knowledge};
use concilium_terms::{Code, code::system};

/// How a condition stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Present now.
    Active,
    /// Suspected.
    Suspected,
    /// Resolved, inactive or in remission.
    Past,
}

/// Words before a match that deny it or make it somebody else's; one or two words back.
const DENIALS: [&str; 8] = ["no", "not", "without", "denies", "negative", "family", "risk", "screening"];

/// Conditions that meet a key, as recorded. Stated absence never meets it.
pub fn meeting<'a>(case: &'a Case, knowledge: &Knowledge, key: &str) -> Vec<(Standing, &'a Condition)> {
    let stated = case.facts.conditions.iter().filter(|condition| condition.present != Some(false));
    let mut met: Vec<_> = stated.filter(|c| meets(c, knowledge, key)).map(|c| (standing(c), c)).collect();
    met.sort_by(|a, b| (a.0, &a.1.meta.id).cmp(&(b.0, &b.1.meta.id)));
    met
}

/// Conditions that meet a key and are stated as absent.
pub fn stated_absent<'a>(case: &'a Case, knowledge: &Knowledge, key: &str) -> Vec<&'a Condition> {
    let absent = case.facts.conditions.iter().filter(|condition| condition.present == Some(false));
    absent.filter(|condition| meets(condition, knowledge, key)).collect()
}

fn meets(condition: &Condition, knowledge: &Knowledge, key: &str) -> bool {
    let rows = || knowledge.condition_words.iter().filter(|row| row.key == key);
    let coded = condition.codes.iter().any(|code| rows().any(|row| is_code(code, row)));
    coded
        || condition.codes.iter().any(|code| said(&plain(&code.display), knowledge, key))
        || at_site(condition, key)
}

/// A brain metastasis may be coded by its site alone.
fn at_site(condition: &Condition, key: &str) -> bool {
    let metastasis = condition.role == concilium_case::ConditionRole::Metastasis;
    key == "brain-metastases" && metastasis && brain(&plain_words(&condition.sites))
}

/// Does a metastatic site lie in the central nervous system?
pub fn brain(plain_text: &str) -> bool {
    ["brain", "cereb", "cns", "central nervous system", "mening", "leptomening"]
        .iter()
        .any(|stem| at_word(plain_text, stem).is_some())
}

/// SNOMED by code; ICD-10 by prefix, so that a category stands for its members.
fn is_code(code: &Code, row: &ConditionWord) -> bool {
    match row.system.as_str() {
        "snomed" => code.is(system::SNOMED, &row.code),
        "icd10cm" => {
            let icd = code.system == system::ICD10CM || code.system == system::ICD10;
            icd && code.code.starts_with(&row.code)
        }
        _ => false,
    }
}

/// Said by a word of the key that is not denied and not part of a longer word of another key ("pulmonary
/// hypertension" is not hypertension).
fn said(text: &str, knowledge: &Knowledge, key: &str) -> bool {
    let spans: Vec<(usize, usize, &str)> = knowledge
        .condition_words
        .iter()
        .filter(|row| row.system == "text")
        .filter_map(|row| {
            let at = at_word(text, &row.code)?;
            Some((at, at + plain(&row.code).trim().len(), row.key.as_str()))
        })
        .collect();
    let inside = |a: &(usize, usize, &str), b: &(usize, usize, &str)| {
        b.2 != a.2 && b.0 <= a.0 && a.1 <= b.1 && a.1 - a.0 < b.1 - b.0
    };
    let own = spans.iter().filter(|span| span.2 == key);
    own.into_iter().any(|span| !spans.iter().any(|other| inside(span, other)) && !denied(&text[..span.0]))
}

fn denied(before: &str) -> bool {
    let near = before.split_whitespace().rev().take(3);
    near.into_iter().any(|word| DENIALS.contains(&word))
}

fn standing(condition: &Condition) -> Standing {
    let status = condition.clinical_status.as_deref().unwrap_or("");
    match condition.certainty {
        _ if matches!(status, "resolved" | "inactive" | "remission") => Standing::Past,
        Certainty::Suspected => Standing::Suspected,
        Certainty::Confirmed => Standing::Active,
    }
}
