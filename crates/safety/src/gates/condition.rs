//! Does a recorded condition speak against the drug?

use super::{Answer, Ask};
use crate::finding::{SafetyVerdict, spoken};
use concilium_case::Condition;
use concilium_criteria::conditions::{BRAIN_METASTASES, Standing, brain};
use concilium_criteria::record::{on_day, plain};

/// A present condition fires as the rule says. A past one warns but never refuses; a suspected one asks to be
/// settled first.
pub fn ask(ask: &Ask) -> Answer {
    let key = ask.rule.what.as_str();
    let met = ask.conditions.meeting(key);
    let ids = met.iter().map(|(_, condition)| condition.meta.id.clone()).collect();
    match met.first() {
        Some((Standing::Active, condition)) => ask.fired(key, words(key, condition, "recorded"), ids),
        Some((Standing::Suspected, condition)) => ask.open(key, words(key, condition, "suspected"), ids),
        Some((Standing::Past, condition)) => {
            ask.weakened(SafetyVerdict::Avoid, key, words(key, condition, "in the past"), ids)
        }
        None => elsewhere(ask, key),
    }
}

fn words(key: &str, condition: &Condition, how: &str) -> String {
    format!("{} {how} ({})", name(key), on_day(condition.meta.when.as_ref()))
}

/// A key as a clinician writes it.
fn name(key: &str) -> String {
    spoken(key).replace('-', " ")
}

/// Facts other than conditions that say the same.
fn elsewhere(ask: &Ask, key: &str) -> Answer {
    let sites = ask.case.tumour.iter().flat_map(|tumour| &tumour.metastases);
    if key == BRAIN_METASTASES && sites.into_iter().any(|site| brain(&plain(site))) {
        return ask.fired(key, "a metastasis of the central nervous system is recorded".into(), vec![]);
    }
    if key == "g6pd-deficiency"
        && let Some(result) = deficient(ask)
    {
        return ask.fired(key, "G6PD result stated as deficient".into(), vec![result]);
    }
    match ask.conditions.is_stated_absent(key) {
        true => Answer::Clear(format!("{}: stated as absent", name(key))),
        // One diagnosis on record does not make the list complete.
        false => Answer::Unasked(name(key)),
    }
}

fn deficient(ask: &Ask) -> Option<String> {
    let results = ask.case.facts.pharmacogenes.iter().filter(|result| result.gene.as_str() == "G6PD");
    let said =
        |text: &Option<String>| text.as_deref().is_some_and(|t| t.to_lowercase().starts_with("deficient"));
    results.into_iter().find(|result| said(&result.phenotype)).map(|result| result.meta.id.clone())
}
