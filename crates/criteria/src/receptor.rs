//! Is a receptor positive or negative, over all samples?
//!
//! Results of one specimen are read together (in-situ hybridisation settles an equivocal stain); specimens that
//! disagree stay side by side, and the newest never silently wins.

use crate::lines::outdated_by;
use crate::molecular::marker::{her2_ihc_positive, is_in_situ};
use crate::verdict::{NotTested, Verdict};
use concilium_case::{Case, Marker, MarkerCall, MarkerName, SignatureName};
use concilium_knowledge::DiseaseMarker;
use concilium_terms::PartialDate;
use std::collections::BTreeMap;

/// All of `requires`, each (`HER2`, positive?) as in `disease_markers.tsv`. `coded` is the receptor-defined disease
/// the patient's tumour is coded as: it states a receptor where no result does.
pub fn judge_receptors(case: &Case, requires: &[(String, bool)], coded: Option<&DiseaseMarker>) -> Verdict {
    Verdict::all(requires.iter().map(|(name, positive)| judge_receptor(case, name, *positive, coded)))
}

/// One receptor in the state asked for.
pub fn judge_receptor(case: &Case, name: &str, positive: bool, coded: Option<&DiseaseMarker>) -> Verdict {
    let asked = format!("{name} {}", sign(positive));
    if name.eq_ignore_ascii_case("HR") {
        // Hormone receptor positive is either receptor; negative is both negative.
        let er = judge_receptor(case, "ER", true, coded);
        let either = er.or(judge_receptor(case, "PR", true, coded));
        return if positive { either } else { either.not() };
    }
    let Some(marker_name) = name_of(name) else {
        return Verdict::not_computable(format!("{asked}: no marker of this name is read"), vec![]);
    };
    let results = case.facts.markers.iter().filter(|marker| marker.name == marker_name);
    let samples = by_sample(case, results);
    match samples.is_empty() {
        true => by_code(&asked, name, positive, coded),
        false => over_samples(&asked, name, positive, samples),
    }
}

fn sign(positive: bool) -> &'static str {
    if positive { "positive" } else { "negative" }
}

fn name_of(name: &str) -> Option<MarkerName> {
    Some(match name.to_uppercase().as_str() {
        "HER2" | "ERBB2" => MarkerName::Her2,
        "ER" | "ESR1" => MarkerName::Er,
        "PR" | "PGR" => MarkerName::Pr,
        "PD-L1" | "PDL1" | "CD274" => MarkerName::PdL1,
        "MSI" | "MMR" => MarkerName::Signature(SignatureName::Msi),
        _ => return None,
    })
}

/// No result: the coded diagnosis may state it, else it was not tested.
fn by_code(asked: &str, name: &str, positive: bool, coded: Option<&DiseaseMarker>) -> Verdict {
    let stated =
        coded.and_then(|row| row.requires.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)));
    match stated {
        Some((_, state)) if *state == positive => {
            Verdict::met(format!("{asked}: stated by the coded diagnosis"), vec![])
        }
        Some(_) => Verdict::not_met(format!("{asked}: the coded diagnosis says {}", sign(!positive)), vec![]),
        None => Verdict::not_tested(NotTested::NeverDone, format!("{asked}: not tested"), vec![]),
    }
}

/// What one sample says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Positive,
    Negative,
    Equivocal,
    Failed,
    Mixed,
}

struct Sample {
    words: String,
    state: State,
    facts: Vec<String>,
}

/// Groups results by specimen; without one, by day.
fn by_sample<'a>(case: &Case, results: impl Iterator<Item = &'a Marker>) -> Vec<Sample> {
    let mut groups: BTreeMap<(String, String), Vec<&Marker>> = BTreeMap::new();
    for marker in results {
        let day = day_of(case, marker);
        let key = match &marker.specimen {
            Some(specimen) => (specimen.clone(), String::new()),
            None => (String::new(), day),
        };
        groups.entry(key).or_default().push(marker);
    }
    groups.into_values().map(|markers| sample(case, markers)).collect()
}

fn day_of(case: &Case, marker: &Marker) -> String {
    let specimen =
        case.facts.specimens.iter().find(|specimen| Some(&specimen.meta.id) == marker.specimen.as_ref());
    let day = specimen.and_then(|specimen| specimen.meta.when.as_ref()).or(marker.meta.when.as_ref());
    day.map_or_else(|| "undated".into(), |day| day.day_text().to_owned())
}

fn sample(case: &Case, mut markers: Vec<&Marker>) -> Sample {
    markers.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
    let day = markers.first().map_or_else(String::new, |marker| day_of(case, marker));
    let place = markers.first().and_then(|marker| marker.specimen.clone());
    let states: Vec<State> = markers.iter().map(|marker| state(marker)).collect();
    let day = if is_stale(&day, case) { format!("{day}, before the last systemic line") } else { day };
    Sample {
        words: place.map_or(day.clone(), |place| format!("{place}, {day}")),
        state: joint(&states),
        facts: markers.iter().map(|marker| marker.meta.id.clone()).collect(),
    }
}

fn is_stale(day: &str, case: &Case) -> bool {
    PartialDate::parse(day).is_ok_and(|day| outdated_by(case, &day).is_some())
}

/// A definite result settles an equivocal one of the same specimen; two definite ones that differ do not settle.
fn joint(states: &[State]) -> State {
    match (states.contains(&State::Positive), states.contains(&State::Negative)) {
        (true, true) => State::Mixed,
        (true, false) => State::Positive,
        (false, true) => State::Negative,
        (false, false) if states.contains(&State::Equivocal) => State::Equivocal,
        (false, false) => State::Failed,
    }
}

fn state(marker: &Marker) -> State {
    if marker.name == MarkerName::Her2 && !is_in_situ(marker) {
        return her2_state(marker);
    }
    let is_her2 = marker.name == MarkerName::Her2;
    match marker.call {
        Some(MarkerCall::Positive) => State::Positive,
        Some(MarkerCall::Negative) => State::Negative,
        Some(MarkerCall::Low) if is_her2 => State::Negative,
        Some(MarkerCall::Low | MarkerCall::Equivocal) | None => State::Equivocal,
        Some(MarkerCall::Failed) => State::Failed,
    }
}

fn her2_state(marker: &Marker) -> State {
    match (her2_ihc_positive(marker), marker.call) {
        (Some(true), _) => State::Positive,
        (Some(false), _) => State::Negative,
        (None, Some(MarkerCall::Failed)) => State::Failed,
        (None, _) => State::Equivocal,
    }
}

fn over_samples(asked: &str, name: &str, positive: bool, samples: Vec<Sample>) -> Verdict {
    let facts = |wanted: &[State]| -> Vec<String> {
        samples.iter().filter(|s| wanted.contains(&s.state)).flat_map(|s| s.facts.clone()).collect()
    };
    let any = |state: State| samples.iter().any(|sample| sample.state == state);
    if any(State::Mixed) || any(State::Positive) && any(State::Negative) {
        let sides: Vec<String> = samples.iter().map(|sample| side(name, sample)).collect();
        return Verdict::conflicting(format!("{asked}: {}", sides.join("; ")), all_facts(&samples));
    }
    match () {
        () if any(State::Positive) => known(asked, positive, "positive", facts(&[State::Positive])),
        () if any(State::Negative) => known(asked, !positive, "negative", facts(&[State::Negative])),
        () if any(State::Equivocal) => Verdict::not_tested(
            NotTested::Uncertain,
            format!("{asked}: equivocal, or a number without the lab's call"),
            facts(&[State::Equivocal]),
        ),
        () => Verdict::not_tested(NotTested::Failed, format!("{asked}: test failed"), all_facts(&samples)),
    }
}

fn known(asked: &str, holds: bool, found: &str, facts: Vec<String>) -> Verdict {
    match holds {
        true => Verdict::met(format!("{asked}: tested {found}"), facts),
        false => Verdict::not_met(format!("{asked}: tested {found}"), facts),
    }
}

fn all_facts(samples: &[Sample]) -> Vec<String> {
    samples.iter().flat_map(|sample| sample.facts.clone()).collect()
}

fn side(name: &str, sample: &Sample) -> String {
    let state = match sample.state {
        State::Positive => "positive",
        State::Negative => "negative",
        State::Equivocal => "equivocal",
        State::Failed => "failed",
        State::Mixed => "positive and negative",
    };
    format!("{name} {state} ({})", sample.words)
}
