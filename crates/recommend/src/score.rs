//! Why does one option stand above the next? The keys of clinical rules, section 4, as a tree of words and numbers.

use crate::compare::studied_with_brain;
use crate::disease;
use crate::plan::Score;
use crate::weigh::{Support, TumourClass, Weighed};
use concilium_case::Case;
use concilium_criteria::{Exactness, SettingFit};
use concilium_evidence::EvidenceLevel;
use concilium_knowledge::Knowledge;

/// Said of an option that stands where its keys put it; one that a comparison moved says that instead.
pub const KEY_BY_KEY: &str = "compared key by key, in this order";

/// The score of one option. `value` of the whole is not used; its parts are compared in order.
pub fn score(weighed: &Weighed, case: &Case, knowledge: &Knowledge) -> Score {
    let pool = best_pool(weighed);
    let tier = pool.iter().map(|s| tier_of(s)).min();
    let in_tier: Vec<&Support> = pool.iter().copied().filter(|s| Some(tier_of(s)) == tier).collect();
    let parts = vec![
        found_part(&in_tier),
        tier_part(tier, &in_tier),
        setting_part(&in_tier, case, knowledge),
        exactness_part(&in_tier),
        distance_part(&in_tier),
        balance_part(weighed, &in_tier),
        rating_part(&in_tier),
        year_part(&in_tier),
        sources_part(&in_tier),
    ];
    Score { name: "order".into(), value: 0, because: KEY_BY_KEY.into(), parts }
}

/// Keys that order options; the number of sources is shown and is no key.
pub fn sort_key(score: &Score) -> Vec<i64> {
    score.parts.iter().filter(|part| part.name != SOURCES).map(|part| part.value).collect()
}

const SOURCES: &str = "supporting statements (no key)";

/// Counting statements, else conditional ones, else all support, so that every section has an order.
fn best_pool<'a, 'j, 'k>(weighed: &'a Weighed<'j, 'k>) -> Vec<&'a Support<'j, 'k>> {
    let counting: Vec<_> = weighed.counting().collect();
    if !counting.is_empty() {
        return counting;
    }
    let conditional: Vec<_> = weighed.conditional().collect();
    if conditional.is_empty() { weighed.support.iter().collect() } else { conditional }
}

/// Level first; tissue-agnostic below tumour-specific of the same level; another tumour below all of those.
/// A flagged row never sets a tier alone: it counts one level lower (clinical rules, section 1).
pub(crate) fn tier_of(support: &Support) -> i64 {
    let flagged = support.judged.statement.flagged;
    let level = level_rank(support.judged.statement.level) + i64::from(flagged);
    match support.class {
        TumourClass::Specific => level * 2,
        TumourClass::Agnostic => level * 2 + 1,
        TumourClass::Other => 20 + level,
    }
}

fn level_rank(level: EvidenceLevel) -> i64 {
    match level {
        EvidenceLevel::A => 0,
        EvidenceLevel::B => 1,
        EvidenceLevel::C => 2,
        EvidenceLevel::D => 3,
        EvidenceLevel::E => 4,
    }
}

fn part(name: &str, value: i64, because: String) -> Score {
    Score { name: name.into(), value, because, parts: vec![] }
}

/// Before all else: is the alteration there? What waits for a disputed or untested one stands below what waits for
/// another fact (clinical rules, section 4, key 2 speaks of satisfied disjuncts).
fn found_part(in_tier: &[&Support]) -> Score {
    let found = in_tier.iter().any(|s| s.judged.is_carried());
    let words = match (in_tier.is_empty(), found) {
        (true, _) => "no supporting statement",
        (_, true) => "found in the patient",
        (_, false) => "not settled",
    };
    part("alteration", i64::from(!found), words.into())
}

fn tier_part(tier: Option<i64>, in_tier: &[&Support]) -> Score {
    let Some(best) = in_tier.first() else {
        return part("evidence tier", 99, "no supporting statement".into());
    };
    let place = match best.class {
        TumourClass::Specific => "this tumour",
        TumourClass::Agnostic => "tissue-agnostic",
        TumourClass::Other => "another tumour",
    };
    let flag =
        if best.judged.statement.flagged { ", flagged by its curators: counts one level lower" } else { "" };
    part(
        "evidence tier",
        tier.unwrap_or(99),
        format!("CIViC level {:?}, {place}{flag}", best.judged.statement.level),
    )
}

/// For a patient with metastases of the central nervous system, a study that took such patients fits before one that
/// does not say so.
fn setting_part(in_tier: &[&Support], case: &Case, knowledge: &Knowledge) -> Score {
    let mut fitting = in_tier.iter().filter(|s| matches!(s.judged.setting, SettingFit::Fits(_))).peekable();
    let fits = fitting.peek().is_some();
    let brain = disease::has_brain_metastases(case);
    let row = |s: &&&Support| knowledge.settings.get(&s.judged.statement.key);
    let with_brain = fitting.any(|s| row(&s).is_some_and(studied_with_brain));
    let (value, words) = match (fits, brain, with_brain) {
        (false, _, _) => (2, "setting not stated or not settled"),
        (true, false, _) => (0, "studied setting fits"),
        (true, true, true) => (0, "studied setting fits, with CNS metastases"),
        (true, true, false) => (1, "studied setting fits; CNS metastases not stated"),
    };
    part("setting", value, words.into())
}

fn exactness_part(in_tier: &[&Support]) -> Score {
    let best = in_tier.iter().map(|s| s.judged.molecular.exactness).min();
    let (value, words) = match best {
        Some(Exactness::Exact) => (0, "the very alteration"),
        Some(Exactness::Codon) => (1, "same residue"),
        Some(Exactness::Exon) => (2, "same exon and kind"),
        Some(Exactness::Class) => (3, "class of alteration"),
        Some(Exactness::Category) => (4, "category only"),
        None => (9, "no alteration"),
    };
    part("exactness", value, words.into())
}

fn distance_part(in_tier: &[&Support]) -> Score {
    let best = in_tier.iter().map(|s| s.judged.tumour.distance).min().unwrap_or(99);
    part("tumour distance", i64::from(best), format!("{best} step(s) in the disease ontology"))
}

/// Is there anything against, and from which level? The count is no key.
fn balance_part(weighed: &Weighed, in_tier: &[&Support]) -> Score {
    let support = in_tier.iter().map(|s| s.judged.statement.level).min();
    let against = weighed.against.iter().map(|j| j.statement.level).min();
    let (value, words) = match (support, against) {
        (_, None) => (0, "no statement against it in this release".to_owned()),
        (Some(level), Some(worst)) if level < worst => {
            (1, format!("evidence against from level {worst:?}, below its support"))
        }
        (_, Some(worst)) => (2, format!("evidence against from level {worst:?}, not below its support")),
    };
    part("balance of for and against", value, words)
}

fn rating_part(in_tier: &[&Support]) -> Score {
    let best = in_tier.iter().filter_map(|s| s.judged.statement.rating).max();
    let words = best.map_or("not rated".to_owned(), |r| format!("best curators' rating {r} of 5"));
    part("rating", -i64::from(best.unwrap_or(0)), words)
}

/// Newest publication in the tier, in steps of five years: trials of one generation are level with each other
/// (acceptance cases B and C), and a decade-old row yields to a recent one.
fn year_part(in_tier: &[&Support]) -> Score {
    let newest = in_tier.iter().filter_map(|s| s.judged.statement.year).max();
    let words = newest.map_or("year not stated".to_owned(), |y| {
        let from = y / 5 * 5;
        format!("newest {y} (compared as {from}–{})", from + 4)
    });
    part("publication years", -i64::from(newest.unwrap_or(0) / 5), words)
}

fn sources_part(in_tier: &[&Support]) -> Score {
    let mut keys: Vec<_> = in_tier.iter().map(|s| &s.judged.statement.key).collect();
    keys.dedup();
    part(SOURCES, i64::try_from(keys.len()).unwrap_or(i64::MAX), format!("{} in the tier", keys.len()))
}
