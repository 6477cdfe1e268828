//! Which tests nobody has done would bring a level A or B statement into play?
//!
//! Only what could still count: the tumour fits, the studied setting does not exclude this patient, and the regimen is
//! not used up. Tests that would bring the same regimens are one line.

use super::priority;
use crate::judge::Index;
use crate::plan::NextFact;
use concilium_case::Case;
use concilium_criteria::{
    SettingFit, TumourRelation, exposure_to, judge_setting, match_profile, match_tumour,
};
use concilium_evidence::{Bearing, EvidenceLevel, Regimen, Statement};
use concilium_knowledge::{Knowledge, PriorTherapy};
use concilium_terms::pattern::{Pattern, Signature};
use concilium_terms::{Doid, StatementKey, Truth};
use std::collections::{BTreeMap, BTreeSet};

/// A test by gene and kind: `ALK` `fusion`.
type Test = (String, &'static str);
/// Regimens it would bring, each with its best level and the statements.
type Brings = BTreeMap<String, (EvidenceLevel, BTreeSet<StatementKey>)>;

/// Level A, then B of this tumour, one line for tests that bring the same; level B across tumours in one line.
pub(super) fn from_untested(case: &Case, knowledge: &Knowledge, index: &Index) -> Vec<NextFact> {
    let mut asking = Asking { case, knowledge, tumours: BTreeMap::new(), used_up: BTreeMap::new() };
    let mut here: BTreeMap<Test, Brings> = BTreeMap::new();
    let mut agnostic: BTreeMap<Test, Brings> = BTreeMap::new();
    for profile in &knowledge.profiles {
        let statements = index.statements_on(profile.id).iter().map(|at| &knowledge.statements[*at]);
        let strong: Vec<(&Statement, TumourRelation)> =
            statements.filter_map(|s| asking.could_count(s).map(|relation| (s, relation))).collect();
        let Some((first, _)) = strong.first() else { continue };
        let molecular = match_profile(case, knowledge, &profile.expr, Some(first));
        if molecular.verdict.truth != Truth::Open || !molecular.facts.is_empty() {
            continue;
        }
        let leaves = profile.expr.leaves().into_iter().filter_map(|id| knowledge.leaf(id));
        let tests: BTreeSet<Test> = leaves.filter_map(|leaf| test_for(&leaf.pattern)).collect();
        for (statement, relation) in strong {
            let into = if relation == TumourRelation::Matches { &mut here } else { &mut agnostic };
            tests.iter().for_each(|test| bring(into.entry(test.clone()).or_default(), statement));
        }
    }
    let mut facts = lines(here, priority::UNTESTED[0], priority::UNTESTED[2]);
    let (strong, weak): (BTreeMap<_, _>, BTreeMap<_, _>) =
        agnostic.into_iter().partition(|(_, brings)| best(brings) == Some(EvidenceLevel::A));
    facts.extend(lines(strong, priority::UNTESTED[1], priority::WIDER));
    facts.extend(wider(&weak));
    facts
}

/// What is asked again and again for one case.
struct Asking<'c, 'k> {
    case: &'c Case,
    knowledge: &'k Knowledge,
    tumours: BTreeMap<Option<&'k Doid>, TumourRelation>,
    used_up: BTreeMap<&'k Regimen, bool>,
}

impl<'k> Asking<'_, 'k> {
    /// Unflagged level A/B support in this tumour or across tumours that this patient's setting does not exclude.
    fn could_count(&mut self, statement: &'k Statement) -> Option<TumourRelation> {
        let supports = statement.bearing() == Bearing::For && statement.level <= EvidenceLevel::B;
        if !supports || statement.flagged {
            return None;
        }
        let (case, knowledge) = (self.case, self.knowledge);
        let relation = *self
            .tumours
            .entry(statement.disease.as_ref())
            .or_insert_with(|| match_tumour(case, knowledge, statement.disease.as_ref()).relation);
        let fits = matches!(relation, TumourRelation::Matches | TumourRelation::TissueAgnostic)
            && !matches!(judge_setting(case, knowledge, statement), SettingFit::DoesNotFit(_));
        let regimen = statement.regimen.as_ref()?;
        (fits && !self.is_used_up(regimen)).then_some(relation)
    }

    /// Progressed on every drug of it.
    fn is_used_up(&mut self, regimen: &'k Regimen) -> bool {
        let (case, knowledge) = (self.case, self.knowledge);
        *self.used_up.entry(regimen).or_insert_with(|| {
            let progressed = |drug: &concilium_terms::DrugName| {
                exposure_to(case, knowledge, &PriorTherapy::Drug(drug.clone())).progressed.is_some()
            };
            !regimen.components.is_empty() && regimen.components.iter().all(progressed)
        })
    }
}

fn bring(brings: &mut Brings, statement: &Statement) {
    let Some(regimen) = &statement.regimen else { return };
    let (level, keys) = brings.entry(regimen.label()).or_insert((statement.level, BTreeSet::new()));
    *level = (*level).min(statement.level);
    keys.insert(statement.key.clone());
}

fn best(brings: &Brings) -> Option<EvidenceLevel> {
    brings.values().map(|(level, _)| *level).min()
}

/// Tests of one kind that bring the same regimens at the same levels share a line: `NTRK1, NTRK2, NTRK3 fusion`.
fn lines(tests: BTreeMap<Test, Brings>, first: i64, later: i64) -> Vec<NextFact> {
    let mut groups: BTreeMap<(&'static str, Vec<(String, EvidenceLevel)>), (Vec<String>, Brings)> =
        BTreeMap::new();
    for ((gene, kind), brings) in tests {
        let same = brings.iter().map(|(regimen, (level, _))| (regimen.clone(), *level)).collect();
        let (genes, all) = groups.entry((kind, same)).or_default();
        genes.push(gene);
        for (regimen, (level, keys)) in brings {
            all.entry(regimen).or_insert((level, BTreeSet::new())).1.extend(keys);
        }
    }
    groups
        .into_iter()
        .map(|((kind, _), (genes, brings))| {
            let level_a = best(&brings) == Some(EvidenceLevel::A);
            fact(
                format!("{} {kind}", genes.join(", ")).trim_end().to_owned(),
                &brings,
                if level_a { first } else { later },
            )
        })
        .collect()
}

/// Level B across tumours: one line, for one wide panel answers all of it.
fn wider(tests: &BTreeMap<Test, Brings>) -> Option<NextFact> {
    let mut brings = Brings::new();
    for (regimen, (level, keys)) in tests.values().flatten() {
        brings.entry(regimen.clone()).or_insert((*level, BTreeSet::new())).1.extend(keys.iter().cloned());
    }
    let names: Vec<String> =
        tests.keys().map(|(gene, kind)| format!("{gene} {kind}").trim_end().to_owned()).collect();
    (!names.is_empty()).then(|| NextFact {
        state: "never tested, as far as the records say; level B across tumours only".into(),
        ..fact(format!("a wider panel: {}", names.join(", ")), &brings, priority::WIDER)
    })
}

fn fact(name: String, brings: &Brings, priority: i64) -> NextFact {
    let mut rows: Vec<(&String, &(EvidenceLevel, BTreeSet<StatementKey>))> = brings.iter().collect();
    rows.sort_by_key(|(regimen, (level, _))| (*level, *regimen));
    let words = |(regimen, (level, keys)): (&String, &(EvidenceLevel, BTreeSet<StatementKey>))| {
        let first = keys.first().map(StatementKey::as_str).unwrap_or_default();
        let more = if 1 < keys.len() { format!(" and {} more", keys.len() - 1) } else { String::new() };
        format!("{regimen} (level {level:?}, {first}{more})")
    };
    let statements: BTreeSet<StatementKey> =
        brings.values().flat_map(|(_, keys)| keys.iter().cloned()).collect();
    NextFact {
        fact: name,
        state: "never tested, as far as the records say".into(),
        unlocks: rows.into_iter().map(words).collect(),
        priority,
        statements: statements.into_iter().collect(),
    }
}

/// The test a clinician would order, by gene and kind.
fn test_for(pattern: &Pattern) -> Option<Test> {
    let of = |gene: &str, kind| Some((receptor(gene), kind));
    match pattern {
        Pattern::Signature { signature: Signature::MsiHigh | Signature::Mss } => {
            Some(("MSI / mismatch repair".into(), ""))
        }
        Pattern::Signature { signature: Signature::TmbHigh | Signature::TmbLow } => {
            Some(("TMB".into(), "status"))
        }
        Pattern::Signature { signature: Signature::Hrd } => Some(("HRD".into(), "status")),
        Pattern::Opaque { .. } => None,
        Pattern::Marker { gene, .. } => of(gene.as_str(), "expression"),
        Pattern::Amplification { gene } | Pattern::Loss { gene } | Pattern::Deletion { gene } => {
            of(gene.as_str(), "copy number")
        }
        Pattern::Fusion { five, three, .. } => of(three.as_ref().or(five.as_ref())?.as_str(), "fusion"),
        Pattern::Splice { gene, name } if gene.as_str() == "AR" && name == "v7" => {
            Some(("AR-V7".into(), "in plasma"))
        }
        other => of(other.genes().first()?.as_str(), "sequence"),
    }
}

fn receptor(gene: &str) -> String {
    if gene == "ERBB2" { "HER2 (ERBB2)".into() } else { gene.to_owned() }
}
