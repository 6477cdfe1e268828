//! Which regimens are worth a line, and where does each come from?
//!
//! `closed-candidates`: supporting statements, the record itself, and curated standard rows. Nothing else adds one.

use crate::judge::Judged;
use concilium_case::{Case, Exposure};
use concilium_criteria::TumourRelation;
use concilium_evidence::{Bearing, EvidenceLevel, Regimen, VariantOrigin};
use concilium_knowledge::{Drug, Knowledge};
use concilium_safety::{Candidate, CandidateOrigin};
use concilium_terms::DrugName;
use std::collections::{BTreeMap, BTreeSet};

/// All candidates, sorted by regimen, each with every origin it has.
pub fn find_candidates(case: &Case, knowledge: &Knowledge, judged: &[Judged]) -> Vec<Candidate> {
    let mut found: BTreeMap<Regimen, BTreeSet<CandidateOrigin>> = BTreeMap::new();
    let mut add = |regimen: Regimen, origin: CandidateOrigin| {
        found.entry(regimen).or_default().insert(origin);
    };
    for statement in judged {
        if let Some((regimen, origin)) = from_statement(statement) {
            add(regimen, origin);
        }
    }
    for (regimen, origin) in from_record(case, knowledge) {
        add(regimen, origin);
    }
    found.into_iter().map(|(regimen, origins)| candidate(regimen, origins)).collect()
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
fn from_statement(judged: &Judged) -> Option<(Regimen, CandidateOrigin)> {
    let statement = judged.statement;
    let regimen = statement.regimen.clone()?;
    // Common germline rows never create a candidate (clinical rules, section 2).
    if statement.origin == VariantOrigin::CommonGermline {
        return None;
    }
    match judged.bearing {
        Bearing::For if concerns_patient(judged) => Some((regimen, CandidateOrigin::Statement)),
        Bearing::Against if judged.is_carried() && is_strong_here(judged) => {
            Some((regimen, CandidateOrigin::AgainstOnly))
        }
        _ => None,
    }
}

fn concerns_patient(judged: &Judged) -> bool {
    match judged.tumour.relation {
        TumourRelation::Matches | TumourRelation::TissueAgnostic | TumourRelation::PatientBroader => true,
        // Preclinical rows of other tumours would bury the page; they stay in the knowledge search.
        TumourRelation::Other => judged.statement.level <= EvidenceLevel::C && judged.is_carried(),
        TumourRelation::Unknown => false,
    }
}

fn is_strong_here(judged: &Judged) -> bool {
    judged.statement.level <= EvidenceLevel::B && judged.tumour.relation == TumourRelation::Matches
}

/// Systemic anticancer drugs ordered, planned or running: drugs of one start day are one regimen.
fn from_record(case: &Case, knowledge: &Knowledge) -> Vec<(Regimen, CandidateOrigin)> {
    let mut by_day: BTreeMap<String, (BTreeSet<DrugName>, Vec<String>)> = BTreeMap::new();
    for medication in &case.facts.medications {
        let ahead = matches!(medication.exposure, Exposure::Ordered | Exposure::Planned) && medication.end.is_none();
        let running = medication.exposure.is_exposure() && medication.ongoing;
        let drugs = medication.drugs.iter().filter(|d| knowledge.drugs.get(d).is_some_and(Drug::makes_a_line));
        if !(ahead || running) {
            continue;
        }
        let day = medication.meta.when.as_ref().map_or(String::new(), |when| when.day_text().to_owned());
        let entry = by_day.entry(format!("{running} {day}")).or_default();
        entry.0.extend(drugs.cloned());
        entry.1.push(medication.meta.id.clone());
    }
    by_day
        .into_values()
        .filter(|(drugs, _)| !drugs.is_empty())
        .map(|(drugs, facts)| (Regimen::new(drugs.into_iter().collect(), false, false), CandidateOrigin::Record(facts)))
        .collect()
}
