//! Which regimens are worth a line, and where does each come from?
//!
//! `closed-candidates`: supporting statements, the record itself, and curated standard rows. Nothing else adds one.

use crate::judge::Judged;
use crate::reach::{carries_over, is_strong_here};
use concilium_case::{Case, Exposure, MedicationState};
use concilium_criteria::TumourRelation;
use concilium_evidence::{Bearing, EvidenceLevel, Regimen, VariantOrigin};
use concilium_knowledge::{Drug, Knowledge};
use concilium_safety::{Candidate, CandidateOrigin};
use concilium_terms::DrugName;
use std::collections::{BTreeMap, BTreeSet};

/// What the statements and the record propose.
#[derive(Debug)]
pub struct Found {
    /// Candidates sorted by regimen, each with every origin it has.
    pub candidates: Vec<Candidate>,
    /// Regimens with preclinical or inferential support only (levels D, E): named, not listed as options.
    pub preclinical: Vec<String>,
}

/// Finds all candidates.
pub fn find_candidates(case: &Case, knowledge: &Knowledge, judged: &[Judged]) -> Found {
    let mut found: BTreeMap<Regimen, BTreeSet<CandidateOrigin>> = BTreeMap::new();
    let mut preclinical: BTreeMap<Regimen, BTreeSet<&str>> = BTreeMap::new();
    for statement in judged {
        let Some((regimen, origin)) = from_statement(statement, judged, case, knowledge) else { continue };
        if EvidenceLevel::C < statement.statement.level {
            if !statement.is_carried() {
                continue;
            }
            preclinical.entry(regimen).or_default().insert(statement.statement.key.as_str());
        } else {
            found.entry(regimen).or_default().insert(origin);
        }
    }
    for (regimen, origin) in from_record(case, knowledge) {
        found.entry(regimen).or_default().insert(origin);
    }
    preclinical.retain(|regimen, _| !found.contains_key(regimen));
    let named = |(regimen, keys): (Regimen, BTreeSet<&str>)| {
        format!("{} ({})", regimen.label(), keys.into_iter().collect::<Vec<_>>().join(", "))
    };
    Found {
        candidates: found.into_iter().map(|(regimen, origins)| candidate(regimen, origins)).collect(),
        preclinical: preclinical.into_iter().map(named).collect(),
    }
}

/// `AgainstOnly` is said only of a regimen nothing else brought here.
fn candidate(regimen: Regimen, mut origins: BTreeSet<CandidateOrigin>) -> Candidate {
    if 1 < origins.len() {
        origins.remove(&CandidateOrigin::AgainstOnly);
    }
    Candidate { regimen, origins: origins.into_iter().collect() }
}

/// Sensitivity + Supports creates a candidate (clinical rules, section 1). A level A/B "against" in this very
/// tumour is listed too, so that the page says "not this" where a reader might think of it.
fn from_statement(
    judged: &Judged,
    all: &[Judged],
    case: &Case,
    knowledge: &Knowledge,
) -> Option<(Regimen, CandidateOrigin)> {
    let statement = judged.statement;
    let regimen = statement.regimen.clone()?;
    // Common germline rows never create a candidate (clinical rules, section 2).
    if statement.origin == VariantOrigin::CommonGermline {
        return None;
    }
    let prognostic = knowledge.possibly_prognostic.contains_key(&statement.key);
    match judged.bearing {
        Bearing::For if concerns_patient(judged, all, case, knowledge) => {
            Some((regimen, CandidateOrigin::Statement))
        }
        Bearing::Against if judged.is_carried() && is_strong_here(judged) && !prognostic => {
            Some((regimen, CandidateOrigin::AgainstOnly))
        }
        _ => None,
    }
}

fn concerns_patient(judged: &Judged, all: &[Judged], case: &Case, knowledge: &Knowledge) -> bool {
    match judged.tumour.relation {
        TumourRelation::Matches | TumourRelation::TissueAgnostic | TumourRelation::PatientBroader => true,
        TumourRelation::Other => carries_over(judged, all, case, knowledge),
        TumourRelation::Unknown => false,
    }
}

/// Hormone suppression is kept through all lines: that it runs makes it no option to weigh.
const KEPT_THROUGHOUT: [&str; 2] = ["androgen-deprivation", "supportive"];

/// Systemic anticancer drugs ordered, planned or running: drugs of one start day are one regimen.
fn from_record(case: &Case, knowledge: &Knowledge) -> Vec<(Regimen, CandidateOrigin)> {
    let mut by_day: BTreeMap<String, (BTreeSet<DrugName>, Vec<String>)> = BTreeMap::new();
    for medication in &case.facts.medications {
        let ahead = matches!(medication.exposure, Exposure::Ordered | Exposure::Planned)
            && medication.state == MedicationState::Open
            && medication.end.is_none();
        let running = medication.exposure.is_exposure() && medication.ongoing;
        if !(ahead || running) {
            continue;
        }
        let day = medication.meta.when.as_ref().map_or(String::new(), |when| when.day_text().to_owned());
        let drugs: Vec<&DrugName> =
            medication.drugs.iter().filter(|drug| is_weighed(drug, knowledge)).collect();
        if !drugs.is_empty() {
            let entry = by_day.entry(format!("{running} {day}")).or_default();
            entry.0.extend(drugs.into_iter().cloned());
            entry.1.push(medication.meta.id.clone());
        }
    }
    by_day
        .into_values()
        .map(|(drugs, facts)| {
            (Regimen::new(drugs.into_iter().collect(), false, false), CandidateOrigin::Record(facts))
        })
        .collect()
}

fn is_weighed(drug: &DrugName, knowledge: &Knowledge) -> bool {
    let classes = knowledge.drugs.classes_of(drug);
    let kept = KEPT_THROUGHOUT.iter().any(|class| classes.contains(*class));
    !kept && knowledge.drugs.get(drug).is_some_and(Drug::makes_a_line)
}
