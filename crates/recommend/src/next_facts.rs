//! Which untested facts would change the plan, and what would each unlock?
//!
//! Three sources: conditions of standard rows, facts that conditional options wait for, and level A/B statements
//! of this tumour whose profile was never tested.

use crate::judge::Index;
use crate::plan::{NextFact, PlanOption, Section, StandardBox};
use concilium_case::{Case, Origin, Presence};
use concilium_criteria::{TumourRelation, match_profile, match_tumour};
use concilium_evidence::{Bearing, EvidenceLevel, Statement};
use concilium_knowledge::Knowledge;
use concilium_safety::SafetyVerdict;
use concilium_terms::pattern::Pattern;
use concilium_terms::{StatementKey, Truth};
use std::collections::{BTreeMap, BTreeSet};

/// Ordered by what they unlock: standard treatment, conditional options, level A, then level B statements.
pub fn next_facts(
    case: &Case,
    knowledge: &Knowledge,
    index: &Index,
    options: &[PlanOption],
    standard: &StandardBox,
) -> Vec<NextFact> {
    let mut found: BTreeMap<String, NextFact> = BTreeMap::new();
    let safety = from_safety(options, standard);
    for fact in
        from_standard(standard).into_iter().chain(from_options(options)).chain(from_case(case)).chain(safety)
    {
        merge(&mut found, fact);
    }
    for fact in from_untested(case, knowledge, index) {
        merge(&mut found, fact);
    }
    let mut facts: Vec<NextFact> = found.into_values().collect();
    facts.sort_by(|a, b| (a.priority, &a.fact).cmp(&(b.priority, &b.fact)));
    facts
}

fn merge(found: &mut BTreeMap<String, NextFact>, fact: NextFact) {
    match found.get_mut(&fact.fact) {
        Some(known) => {
            known.priority = known.priority.min(fact.priority);
            known.unlocks.extend(fact.unlocks);
            known.unlocks.sort();
            known.unlocks.dedup();
            known.statements.extend(fact.statements);
            known.statements.sort();
            known.statements.dedup();
        }
        None => {
            found.insert(fact.fact.clone(), fact);
        }
    }
}

/// A standard row waits for a condition nobody has looked at: first of all, for it may change standard treatment.
fn from_standard(standard: &StandardBox) -> Vec<NextFact> {
    let mut facts = Vec::new();
    for entry in &standard.entries {
        let open = entry.conditions.iter().filter_map(|c| c.strip_suffix(": not known"));
        for condition in open {
            facts.push(NextFact {
                fact: fact_of_condition(condition),
                state: "not known".into(),
                unlocks: vec![format!("standard option: {} (not a CIViC row)", entry.option)],
                priority: 0,
                statements: vec![],
            });
        }
        for need in entry.needs.split("; ").filter(|need| !need.is_empty()) {
            facts.push(NextFact {
                fact: need.to_owned(),
                state: "asked for by a standard row; check whether it is current".into(),
                unlocks: vec![format!("needed before: {}", entry.option)],
                priority: 50,
                statements: vec![],
            });
        }
    }
    facts
}

fn fact_of_condition(condition: &str) -> String {
    match condition.split(' ').next() {
        Some("MSI" | "MMR") => "MSI / mismatch repair".into(),
        _ => condition.to_owned(),
    }
}

fn from_options(options: &[PlanOption]) -> Vec<NextFact> {
    let conditional = options.iter().filter(|o| o.section == Section::Conditional);
    conditional
        .flat_map(|option| {
            option.reasons.iter().map(|reason| NextFact {
                fact: reason.text.clone(),
                state: "open".into(),
                unlocks: vec![option.regimen.label()],
                priority: 10,
                statements: reason.statements.clone(),
            })
        })
        .collect()
}

/// Tests a gate asks for before an option that may be given now.
fn from_safety(options: &[PlanOption], standard: &StandardBox) -> Vec<NextFact> {
    let open = options.iter().filter(|o| o.section <= Section::Conditional);
    let of_options = open.flat_map(|o| o.safety.iter().map(|f| (f, o.regimen.label())));
    let of_standard = standard.entries.iter().flat_map(|e| e.safety.iter().map(|f| (f, e.option.clone())));
    of_options
        .chain(of_standard)
        .filter(|(finding, _)| finding.verdict == SafetyVerdict::TestFirst && !finding.about.contains(' '))
        .map(|(finding, option)| NextFact {
            fact: finding.about.clone(),
            state: finding.found.clone(),
            unlocks: vec![format!("gate before {option}")],
            priority: 45,
            statements: vec![],
        })
        .collect()
}

/// Doubts in the case itself: phase never reported, paired germline missing, tissue never sequenced.
fn from_case(case: &Case) -> Vec<NextFact> {
    let mut facts = Vec::new();
    facts.extend(unphased(case));
    facts.extend(unpaired_plasma(case));
    facts
}

fn unphased(case: &Case) -> Option<NextFact> {
    let mut by_gene: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for alteration in case.facts.alterations.iter().filter(|a| a.presence == Presence::Present) {
        by_gene.entry(alteration.gene.as_str()).or_default().insert(&alteration.label);
    }
    let (gene, labels) = by_gene.into_iter().find(|(_, labels)| 2 < labels.len() || in_resistance(labels))?;
    let stated = case
        .facts
        .alterations
        .iter()
        .any(|a| a.gene.as_str() == gene && a.phase.iter().any(|p| p.1.is_some()));
    (!stated).then(|| NextFact {
        fact: format!("phase (cis or trans) of {gene} variants"),
        state: "not reported".into(),
        unlocks: vec![format!("how {} act together", labels.into_iter().collect::<Vec<_>>().join(", "))],
        priority: 20,
        statements: vec![],
    })
}

/// T790M with C797S is where phase decides on combinations (clinical rules, acceptance case A).
fn in_resistance(labels: &BTreeSet<&str>) -> bool {
    let has = |name: &str| labels.iter().any(|label| label.ends_with(name));
    has("T790M") && has("C797S")
}

/// Plasma findings without paired leucocytes or germline cannot tell tumour from clonal haematopoiesis.
fn unpaired_plasma(case: &Case) -> Vec<NextFact> {
    let is_plasma = |id: &Option<String>| {
        id.as_ref().is_some_and(|id| case.facts.specimens.iter().any(|s| s.plasma && &s.meta.id == id))
    };
    let present = || case.facts.alterations.iter().filter(|a| a.presence == Presence::Present);
    let in_plasma = present().any(|a| a.origin != Origin::Germline && is_plasma(&a.specimen));
    let in_tissue =
        present().any(|a| a.origin != Origin::Germline && a.specimen.is_some() && !is_plasma(&a.specimen));
    if !in_plasma || in_tissue {
        return vec![];
    }
    let fact = |name: &str, unlocks: &str, priority| NextFact {
        fact: name.into(),
        state: "only plasma was sequenced".into(),
        unlocks: vec![unlocks.into()],
        priority,
        statements: vec![],
    };
    vec![
        fact("tissue sequencing", "confirms or removes every plasma finding", 5),
        fact("paired germline or leucocyte sequencing", "tells tumour from clonal haematopoiesis", 6),
    ]
}

/// Level A/B support in this tumour whose genes nobody has looked at.
fn from_untested(case: &Case, knowledge: &Knowledge, index: &Index) -> Vec<NextFact> {
    let mut tumours = BTreeMap::new();
    let mut facts = Vec::new();
    for profile in &knowledge.profiles {
        let strong: Vec<&Statement> = index
            .statements_on(profile.id)
            .iter()
            .map(|at| &knowledge.statements[*at])
            .filter(|s| s.bearing() == Bearing::For && s.level <= EvidenceLevel::B && !s.flagged)
            .filter(|s| {
                let relation = tumours
                    .entry(s.disease.clone())
                    .or_insert_with(|| match_tumour(case, knowledge, s.disease.as_ref()).relation);
                matches!(relation, TumourRelation::Matches | TumourRelation::TissueAgnostic)
            })
            .collect();
        let Some(first) = strong.first() else { continue };
        let molecular = match_profile(case, knowledge, &profile.expr, Some(first));
        if molecular.verdict.truth == Truth::Open && molecular.facts.is_empty() {
            facts.extend(asked_by(&profile.expr.leaves(), &strong, knowledge));
        }
    }
    facts
}

fn asked_by(leaves: &[u64], strong: &[&Statement], knowledge: &Knowledge) -> Vec<NextFact> {
    let names: BTreeSet<String> = leaves
        .iter()
        .filter_map(|id| knowledge.leaf(*id))
        .filter_map(|leaf| test_for(&leaf.pattern))
        .collect();
    let best = strong.iter().map(|s| s.level).min();
    let keys: Vec<StatementKey> = strong.iter().map(|s| s.key.clone()).collect();
    let unlocks: BTreeSet<String> = strong
        .iter()
        .filter_map(|s| s.regimen.as_ref().map(|r| format!("{} (level {:?}, {})", r.label(), s.level, s.key)))
        .collect();
    names
        .into_iter()
        .map(|fact| NextFact {
            fact,
            state: "never tested, as far as the records say".into(),
            unlocks: unlocks.iter().cloned().collect(),
            priority: if best == Some(EvidenceLevel::A) { 30 } else { 40 },
            statements: keys.clone(),
        })
        .collect()
}

/// The test a clinician would order, by gene.
fn test_for(pattern: &Pattern) -> Option<String> {
    match pattern {
        Pattern::Signature { .. } => Some("MSI / mismatch repair, TMB, HRD".into()),
        Pattern::Opaque { .. } => None,
        Pattern::Marker { gene, .. } => Some(format!("{} expression", receptor(gene.as_str()))),
        Pattern::Amplification { gene } | Pattern::Loss { gene } | Pattern::Deletion { gene } => {
            Some(format!("{} copy number", receptor(gene.as_str())))
        }
        Pattern::Fusion { five, three, .. } => {
            three.as_ref().or(five.as_ref()).map(|gene| format!("{gene} fusion"))
        }
        Pattern::Splice { gene, name } if gene.as_str() == "AR" && name == "v7" => Some("AR-V7".into()),
        other => other.genes().first().map(|gene| format!("{gene} sequence")),
    }
}

fn receptor(gene: &str) -> String {
    if gene == "ERBB2" { "HER2 (ERBB2)".into() } else { gene.to_owned() }
}
