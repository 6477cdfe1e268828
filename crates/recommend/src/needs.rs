//! Does the record already hold what a standard row asks to look at first?
//!
//! What is recorded is shown with its value and date; only what is missing is asked for.

use crate::alterations::marker_label;
use crate::disease;
use crate::judge::is_present;
use concilium_case::{Case, Marker, MarkerName, PerformanceScale, SignatureName};
use concilium_knowledge::Need;
use concilium_terms::PartialDate;

/// The newest answer of the record, `LDH 412 U/L (2026-06-10)`; none when it is silent or the answer cannot be keyed.
pub fn recorded(need: &Need, case: &Case) -> Option<String> {
    let answer = match need.kind.as_str() {
        "lab" => lab(&need.key, case),
        "marker" => marker(&need.key, case),
        "gene" => gene(&need.key, case),
        "pgx" => pharmacogene(&need.key, case),
        "test" => procedure(&need.key, case).or_else(|| imaged(&need.key, case)),
        "fact" => fact(&need.key, case),
        _ => None,
    };
    let answer = answer.or_else(|| result(&need.label, case)).or_else(|| note(&need.label, case))?;
    Some(format!("{}: {answer}", need.label))
}

/// A result in words that holds every word of it, quoted: whether it answers is for the reader to say.
fn result(label: &str, case: &Case) -> Option<String> {
    let lower = label.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| 2 < w.len()).collect();
    (!words.is_empty()).then(|| disease::written_with(&words, case)).flatten().map(disease::quote)
}

/// A note that holds every word of it: not read as a fact, but not silence either.
fn note(label: &str, case: &Case) -> Option<String> {
    let lower = label.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| 2 < w.len()).collect();
    let holds = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.split(|c: char| !c.is_alphanumeric()).any(|said| said == *word))
    };
    let of_it = case.facts.documents.iter().filter(|d| !words.is_empty() && holds(&d.text));
    let newest = of_it.max_by_key(|d| (&d.meta.when, &d.meta.id))?;
    Some(format!("a note of {} speaks of it; its words are not read as facts", on(newest.meta.when.as_ref())))
}

fn on(when: Option<&PartialDate>) -> String {
    when.map_or("undated".into(), |day| day.day_text().to_owned())
}

fn lab(analyte: &str, case: &Case) -> Option<String> {
    let of_it = case.facts.labs.iter().filter(|lab| lab.analyte.as_deref() == Some(analyte));
    let with_value = of_it.filter_map(|lab| lab.value.as_ref().map(|value| (lab, value)));
    let (lab, value) = with_value.max_by_key(|(lab, _)| (&lab.meta.when, &lab.meta.id))?;
    let comparator = value.comparator.as_deref().unwrap_or("");
    Some(format!("{comparator}{} {} ({})", value.text, value.unit, on(lab.meta.when.as_ref())))
}

fn marker(name: &str, case: &Case) -> Option<String> {
    let of_it = case.facts.markers.iter().filter(|m| m.call.is_some() && is_named(&m.name, name));
    let newest = of_it.max_by_key(|m| (&m.meta.when, &m.meta.id))?;
    Some(format!("{} ({})", marker_words(newest), on(newest.meta.when.as_ref())))
}

fn marker_words(marker: &Marker) -> String {
    let said = marker.score.clone().or_else(|| marker.call.map(|call| format!("{call:?}").to_lowercase()));
    format!("{} {}", marker_label(marker), said.unwrap_or_default())
}

fn is_named(marker: &MarkerName, name: &str) -> bool {
    match marker {
        MarkerName::Er => name == "ER",
        MarkerName::Pr => name == "PR",
        MarkerName::Her2 => name == "HER2",
        MarkerName::PdL1 => name == "PD-L1",
        MarkerName::Signature(SignatureName::Msi) => name == "MSI",
        MarkerName::Signature(SignatureName::Tmb) => name == "TMB",
        MarkerName::Signature(SignatureName::Hrd) => name == "HRD",
        MarkerName::Ki67 | MarkerName::Gene(..) | MarkerName::Other(_) => false,
    }
}

/// Any result: a finding, or a studied region without one.
fn gene(symbol: &str, case: &Case) -> Option<String> {
    let found: Vec<&str> = case
        .facts
        .alterations
        .iter()
        .filter(|a| a.gene.as_str() == symbol && is_present(a.presence))
        .map(|a| a.label.as_str())
        .collect();
    if let Some(first) = found.first() {
        return Some((*first).to_owned());
    }
    let studied = |genes: &[concilium_terms::GeneSymbol]| genes.iter().any(|gene| gene.as_str() == symbol);
    let region = case.facts.regions.iter().find(|r| studied(&r.genes) && !studied(&r.uncovered))?;
    Some(format!("studied, no variant reported ({})", on(region.meta.when.as_ref())))
}

/// A position that was not covered is no answer.
fn pharmacogene(symbol: &str, case: &Case) -> Option<String> {
    let of_it =
        case.facts.pharmacogenes.iter().filter(|p| p.gene.as_str() == symbol && p.uncovered.is_empty());
    let newest = of_it.max_by_key(|p| (&p.meta.when, &p.meta.id))?;
    let said = newest.diplotype.as_ref().or(newest.phenotype.as_ref())?;
    Some(format!("{said} ({})", on(newest.meta.when.as_ref())))
}

/// A procedure whose words hold every word of the key.
fn procedure(key: &str, case: &Case) -> Option<String> {
    let holds = |text: &str| {
        let lower = text.to_lowercase();
        key.split('-').all(|word| lower.split(|c: char| !c.is_alphanumeric()).any(|said| said == word))
    };
    let named = case.facts.procedures.iter().filter(|p| p.codes.iter().any(|code| holds(&code.display)));
    let newest = named.max_by_key(|p| (&p.meta.when, &p.meta.id))?;
    Some(format!("done ({})", on(newest.meta.when.as_ref())))
}

/// Lesions measured in the brain are what an imaging of it showed, whether or not the imaging itself is on record.
fn imaged(key: &str, case: &Case) -> Option<String> {
    key.split('-').any(|word| word == "brain").then(|| disease::brain_lesions(case)).flatten()
}

/// A performance status older than this says nothing of today; the window of the eligibility criteria. Unreviewed.
const PERFORMANCE_DAYS: i32 = 90;

fn fact(key: &str, case: &Case) -> Option<String> {
    match key {
        "performance" => {
            let newest = case.facts.performance.iter().max_by_key(|p| (&p.meta.when, &p.meta.id))?;
            let age = newest.meta.when.as_ref().map(|when| when.days_until(case.as_of.date()).0);
            if age.is_some_and(|days| PERFORMANCE_DAYS < days) {
                return None;
            }
            let scale = match newest.scale {
                PerformanceScale::Ecog => "ECOG",
                PerformanceScale::Karnofsky => "Karnofsky",
                PerformanceScale::Lansky => "Lansky",
            };
            Some(format!("{scale} {} ({})", newest.value, on(newest.meta.when.as_ref())))
        }
        "stage" => case.tumour.as_ref()?.stage.clone(),
        "brain-lesions" => disease::brain_lesions(case),
        _ => None,
    }
}
