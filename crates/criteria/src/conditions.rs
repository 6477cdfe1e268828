//! Which recorded conditions meet a condition key, and how surely?

use crate::record::{at_word, plain, plain_words};
use concilium_case::{Case, Certainty, Condition};
use concilium_knowledge::{ConditionWord, Knowledge};
use concilium_terms::{Code, code::system};
use std::collections::{BTreeMap, BTreeSet};

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

/// Recorded conditions by the key they meet, read once for a case. Stated absence never meets one.
pub struct Conditions<'a> {
    by_key: BTreeMap<&'a str, Vec<(Standing, &'a Condition)>>,
    /// Keys a record states as absent.
    absent: BTreeSet<&'a str>,
}

impl<'a> Conditions<'a> {
    /// Holds every condition against every word and code of the table.
    pub fn of(case: &'a Case, knowledge: &'a Knowledge) -> Conditions<'a> {
        let mut by_key: BTreeMap<&str, Vec<(Standing, &Condition)>> = BTreeMap::new();
        for condition in case.facts.conditions.iter().filter(|condition| condition.present != Some(false)) {
            for key in keys_met(condition, knowledge) {
                by_key.entry(key).or_default().push((standing(condition), condition));
            }
        }
        for met in by_key.values_mut() {
            met.sort_by(|a, b| (a.0, &a.1.meta.id).cmp(&(b.0, &b.1.meta.id)));
        }
        let absent = case.facts.conditions.iter().filter(|condition| condition.present == Some(false));
        Conditions { by_key, absent: absent.flat_map(|condition| keys_met(condition, knowledge)).collect() }
    }

    /// Conditions that meet a key, active ones first.
    pub fn meeting(&self, key: &str) -> &[(Standing, &'a Condition)] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// Is the condition stated as absent? Silence is no such statement, whatever else is recorded.
    pub fn is_stated_absent(&self, key: &str) -> bool {
        self.absent.contains(key)
    }
}

/// Conditions that meet one key, active ones first.
pub fn meeting<'a>(case: &'a Case, knowledge: &'a Knowledge, key: &str) -> Vec<(Standing, &'a Condition)> {
    Conditions::of(case, knowledge).meeting(key).to_vec()
}

/// What [`meeting`] and [`stated_absent`] give, for every key at once.
pub(crate) struct ByKey<'a> {
    known: BTreeSet<&'a str>,
    met: Conditions<'a>,
    absent: BTreeMap<&'a str, Vec<&'a Condition>>,
}

impl<'a> ByKey<'a> {
    pub fn of(case: &'a Case, knowledge: &'a Knowledge) -> ByKey<'a> {
        let mut absent: BTreeMap<&str, Vec<&Condition>> = BTreeMap::new();
        for condition in case.facts.conditions.iter().filter(|condition| condition.present == Some(false)) {
            for key in keys_met(condition, knowledge) {
                absent.entry(key).or_default().push(condition);
            }
        }
        let known = knowledge.condition_words.iter().map(|row| row.key.as_str()).collect();
        ByKey { known, met: Conditions::of(case, knowledge), absent }
    }

    pub fn is_known(&self, key: &str) -> bool {
        self.known.contains(key)
    }

    pub fn meeting(&self, key: &str) -> Vec<(Standing, &'a Condition)> {
        self.met.meeting(key).to_vec()
    }

    pub fn stated_absent(&self, key: &str) -> Vec<&'a Condition> {
        self.absent.get(key).cloned().unwrap_or_default()
    }
}

/// Conditions that meet a key and are stated as absent.
pub fn stated_absent<'a>(case: &'a Case, knowledge: &Knowledge, key: &str) -> Vec<&'a Condition> {
    let absent = case.facts.conditions.iter().filter(|condition| condition.present == Some(false));
    absent.filter(|condition| keys_met(condition, knowledge).contains(key)).collect()
}

fn keys_met<'k>(condition: &Condition, knowledge: &'k Knowledge) -> BTreeSet<&'k str> {
    let rows = knowledge.condition_words.iter();
    let coded = rows.filter(|row| condition.codes.iter().any(|code| is_code(code, row)));
    let mut keys: BTreeSet<&str> = coded.map(|row| row.key.as_str()).collect();
    keys.extend(condition.codes.iter().flat_map(|code| said(&plain(&code.display), knowledge)));
    if at_site(condition) {
        keys.insert(BRAIN_METASTASES);
    }
    keys
}

/// Key of a metastasis in the central nervous system.
pub const BRAIN_METASTASES: &str = "brain-metastases";

/// A brain metastasis may be coded by its site alone.
fn at_site(condition: &Condition) -> bool {
    let metastasis = condition.role == concilium_case::ConditionRole::Metastasis;
    metastasis && brain(&plain_words(&condition.sites))
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

/// Keys said by a word that is not denied and not part of a longer word of another key ("pulmonary hypertension" is
/// not hypertension).
fn said<'k>(text: &str, knowledge: &'k Knowledge) -> Vec<&'k str> {
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
    let alone = |span: &&(usize, usize, &str)| !spans.iter().any(|other| inside(span, other));
    spans.iter().filter(alone).filter(|span| !denied(&text[..span.0])).map(|span| span.2).collect()
}

fn denied(before: &str) -> bool {
    let near = before.split_whitespace().rev().take(3);
    near.into_iter().any(|word| DENIALS.contains(&word))
}

/// By its own status first.
pub fn standing(condition: &Condition) -> Standing {
    let status = condition.clinical_status.as_deref().unwrap_or("");
    match condition.certainty {
        _ if matches!(status, "resolved" | "inactive" | "remission") => Standing::Past,
        Certainty::Suspected => Standing::Suspected,
        Certainty::Confirmed => Standing::Active,
    }
}
