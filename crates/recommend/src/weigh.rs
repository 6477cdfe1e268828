//! For one regimen: which statements count, for and against, and which are only shown?
//!
//! Clinical rules, sections 1–3. What is open never counts (`unknown-stays`). Nothing is dropped: a statement that does not count keeps its remark.

use crate::judge::Judged;
use crate::plan::Cited;
use concilium_criteria::{NotTested, SettingFit, TumourRelation, Why};
use concilium_evidence::{Bearing, EvidenceLevel, Regimen, Significance, Stance};
use concilium_knowledge::{Knowledge, PriorTherapy};
use concilium_terms::{Doid, StatementKey, Truth};
use std::collections::BTreeSet;

/// Tiers, best first. Tissue-agnostic stands below tumour-specific of the same level; another tumour type lower still
/// than either, never the same tier (clinical rules, section 4, key 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TumourClass {
    /// This tumour.
    Specific,
    /// Any solid tumour.
    Agnostic,
    /// Another tumour.
    Other,
}

/// One supporting statement as it stands for this patient.
#[derive(Clone, Debug)]
pub struct Support<'j, 'k> {
    /// The statement.
    pub judged: &'j Judged<'k>,
    /// This tumour, agnostic, or another.
    pub class: TumourClass,
    /// How it counts.
    pub standing: Standing,
}

/// How a supporting statement counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Counts fully.
    Counts,
    /// Would count if the named facts were known.
    Conditional(Vec<String>),
    /// Does not count now, and why.
    Blocked(Vec<String>),
}

/// Everything that bears on one regimen.
#[derive(Debug, Default)]
pub struct Weighed<'j, 'k> {
    /// Supporting statements of the same regimen.
    pub support: Vec<Support<'j, 'k>>,
    /// Counting statements against.
    pub against: Vec<&'j Judged<'k>>,
    /// Shown with a remark, not counted.
    pub notes: Vec<(&'j Judged<'k>, String)>,
}

impl<'j, 'k> Weighed<'j, 'k> {
    /// Supporting statements that count.
    pub fn counting(&self) -> impl Iterator<Item = &Support<'j, 'k>> {
        self.support.iter().filter(|s| s.standing == Standing::Counts)
    }

    /// Supporting statements that would count if something were known.
    pub fn conditional(&self) -> impl Iterator<Item = &Support<'j, 'k>> {
        self.support.iter().filter(|s| matches!(s.standing, Standing::Conditional(_)))
    }
}

/// Sorts all judged statements that speak of a regimen into support, against and notes.
pub fn weigh<'j, 'k>(regimen: &Regimen, judged: &'j [Judged<'k>], knowledge: &Knowledge) -> Weighed<'j, 'k> {
    let mut weighed = Weighed::default();
    let yields = Yields {
        against: specific_against(regimen, judged, knowledge),
        wider: wider_here(regimen, judged),
        contested: contested(regimen, judged, knowledge),
    };
    for statement in judged {
        let Some(tested) = &statement.statement.regimen else { continue };
        if same_regimen(tested, regimen, knowledge) {
            weigh_same(statement, &yields, knowledge, &mut weighed);
        }
    }
    for statement in judged {
        let Some(tested) = &statement.statement.regimen else { continue };
        if is_component(tested, regimen) && !same_regimen(tested, regimen, knowledge) {
            weigh_component(statement, &mut weighed);
        }
    }
    weighed
}

/// What support from outside this tumour yields to.
struct Yields {
    /// Level A/B evidence against the regimen or a part of it in this tumour.
    against: BTreeSet<StatementKey>,
    /// Level A/B support in this tumour for a regimen that contains this one and more.
    wider: Option<(StatementKey, String)>,
    /// Evidence against this regimen in other tumours: (disease, level, key).
    contested: Vec<(Option<Doid>, EvidenceLevel, StatementKey)>,
}

fn weigh_same<'j, 'k>(
    judged: &'j Judged<'k>,
    yields: &Yields,
    knowledge: &Knowledge,
    weighed: &mut Weighed<'j, 'k>,
) {
    match judged.bearing {
        Bearing::For => weighed.support.push(support(judged, yields)),
        Bearing::Against | Bearing::AgainstWeaker => match why_not_against(judged, knowledge) {
            None => weighed.against.push(judged),
            Some(remark) => weighed.notes.push((judged, remark)),
        },
        Bearing::Neutral => weighed.notes.push((judged, "no resistance shown: neutral, not support".into())),
        Bearing::SafetyOnly => weighed.notes.push((judged, "adverse response: safety only".into())),
        Bearing::Context => weighed.notes.push((judged, "direction not stated by the source".into())),
    }
}

/// A component's "against" counts only if no statement of at least its level tests this very regimen.
fn weigh_component<'j, 'k>(judged: &'j Judged<'k>, weighed: &mut Weighed<'j, 'k>) {
    let is_against = matches!(judged.bearing, Bearing::Against | Bearing::AgainstWeaker);
    if !is_against || !judged.is_carried() || judged.tumour.relation != TumourRelation::Matches {
        return;
    }
    let tested_here = weighed.support.iter().any(|s| {
        s.class == TumourClass::Specific
            && s.judged.is_carried()
            && s.judged.statement.level <= judged.statement.level
    });
    let alone = judged.statement.regimen.as_ref().map(Regimen::label).unwrap_or_default();
    if tested_here {
        weighed.notes.push((judged, format!("component alone is ineffective: {alone}")));
    } else {
        weighed.against.push(judged);
    }
}

/// Why an "against" statement is only shown.
fn why_not_against(judged: &Judged, knowledge: &Knowledge) -> Option<String> {
    if knowledge.possibly_prognostic.contains_key(&judged.statement.key) {
        return Some("possibly prognostic: no comparison of biomarker by treatment".into());
    }
    match judged.tumour.relation {
        TumourRelation::Other => return Some(format!("another tumour: {}", judged.tumour.because)),
        TumourRelation::PatientBroader | TumourRelation::Unknown => {
            return Some(format!("tumour undetermined: {}", judged.tumour.because));
        }
        TumourRelation::Matches | TumourRelation::TissueAgnostic => {}
    }
    (!judged.is_carried()).then(|| format!("not settled: {}", open_words(judged).join("; ")))
}

fn support<'j, 'k>(judged: &'j Judged<'k>, yields: &Yields) -> Support<'j, 'k> {
    let class = match judged.tumour.relation {
        TumourRelation::Matches | TumourRelation::PatientBroader => TumourClass::Specific,
        TumourRelation::TissueAgnostic => TumourClass::Agnostic,
        TumourRelation::Other | TumourRelation::Unknown => TumourClass::Other,
    };
    Support { judged, class, standing: standing(judged, class, yields) }
}

fn standing(judged: &Judged, class: TumourClass, yields: &Yields) -> Standing {
    let blocked = blocked_words(judged, class, yields);
    if !blocked.is_empty() {
        return Standing::Blocked(blocked);
    }
    let open = open_words(judged);
    if open.is_empty() { Standing::Counts } else { Standing::Conditional(open) }
}

/// What keeps a statement from counting whatever else becomes known.
fn blocked_words(judged: &Judged, class: TumourClass, yields: &Yields) -> Vec<String> {
    let mut words = Vec::new();
    if class != TumourClass::Specific {
        words.extend(yields_words(judged, class, yields));
    }
    if judged.tumour.relation == TumourRelation::Unknown {
        words.push(format!("tumour unknown: {}", judged.tumour.because));
    }
    if judged.tumour.markers.truth == Truth::False {
        words.extend(leaf_words(&judged.tumour.markers));
    }
    if let SettingFit::DoesNotFit(verdict) = &judged.setting {
        words.extend(leaf_words(verdict));
    }
    if judged.molecular.verdict.truth == Truth::Open && is_uncertain(judged) {
        words.extend(leaf_words(&judged.molecular.verdict));
        words.extend(judged.molecular.doubts.iter().cloned());
    }
    words
}

fn yields_words(judged: &Judged, class: TumourClass, yields: &Yields) -> Vec<String> {
    let mut words = Vec::new();
    if !yields.against.is_empty() {
        let keys = yields.against.iter().map(StatementKey::as_str).collect::<Vec<_>>().join(", ");
        words.push(format!("yields to evidence against it in this tumour ({keys})"));
    }
    if class == TumourClass::Other
        && let Some((key, regimen)) = &yields.wider
    {
        words.push(format!("yields to what is studied in this tumour: {regimen} ({key})"));
    }
    let statement = judged.statement;
    let contesting = yields
        .contested
        .iter()
        .filter(|(disease, level, _)| *disease == statement.disease && *level <= statement.level);
    words.extend(contesting.map(|(_, level, key)| {
        format!("yields to level {level:?} evidence against it in its own tumour ({key})")
    }));
    words
}

/// Open because of what was found (uncertain or uncalled), not because of what was not looked for.
fn is_uncertain(judged: &Judged) -> bool {
    let leaves = &judged.molecular.verdict.leaves;
    leaves.iter().any(|leaf| leaf.why == Why::NotTested(NotTested::Uncertain))
}

/// Facts that, once known, would let the statement count.
fn open_words(judged: &Judged) -> Vec<String> {
    let mut words = Vec::new();
    if judged.molecular.verdict.truth == Truth::Open {
        words.extend(leaf_words(&judged.molecular.verdict));
    }
    words.extend(judged.molecular.doubts.iter().cloned());
    if judged.tumour.markers.truth == Truth::Open {
        words.extend(leaf_words(&judged.tumour.markers));
    }
    if judged.tumour.relation == TumourRelation::PatientBroader {
        words.push(judged.tumour.because.clone());
    }
    if let SettingFit::Open(verdict) = &judged.setting {
        words.extend(leaf_words(verdict));
    }
    words
}

fn leaf_words(verdict: &concilium_criteria::Verdict) -> Vec<String> {
    verdict.leaves.iter().map(|leaf| leaf.what.clone()).collect()
}

/// Level A/B "against" in this very tumour on the regimen or one of its parts: what tissue-agnostic and
/// other-tumour support yields to (clinical rules, section 3; EID12161 must not reach colorectal cancer).
fn specific_against(regimen: &Regimen, judged: &[Judged], knowledge: &Knowledge) -> BTreeSet<StatementKey> {
    let speaks_against = |j: &&Judged| {
        j.bearing == Bearing::Against
            && j.is_carried()
            && j.statement.level <= EvidenceLevel::B
            && j.tumour.relation == TumourRelation::Matches
            && !knowledge.possibly_prognostic.contains_key(&j.statement.key)
    };
    let about = |tested: &Regimen| same_regimen(tested, regimen, knowledge) || is_component(tested, regimen);
    judged
        .iter()
        .filter(speaks_against)
        .filter(|j| j.statement.regimen.as_ref().is_some_and(about))
        .map(|j| j.statement.key.clone())
        .collect()
}

/// A regimen with level A/B support in this tumour that contains this one and more: BRAF inhibition in colorectal
/// cancer is studied with an EGFR antibody, so another tumour's support for the part alone is not carried over.
fn wider_here(regimen: &Regimen, judged: &[Judged]) -> Option<(StatementKey, String)> {
    let here = judged.iter().filter(|j| {
        j.bearing == Bearing::For
            && j.is_carried()
            && j.statement.level <= EvidenceLevel::B
            && j.tumour.relation == TumourRelation::Matches
    });
    here.filter_map(|j| j.statement.regimen.as_ref().map(|r| (j, r)))
        .find(|(_, wider)| is_component(regimen, wider))
        .map(|(j, wider)| (j.statement.key.clone(), wider.label()))
}

/// Evidence against this very regimen in other tumours the patient's alteration also satisfies (EID1142 against
/// EID2998: what failed in its own tumour is not carried to another).
fn contested(
    regimen: &Regimen,
    judged: &[Judged],
    knowledge: &Knowledge,
) -> Vec<(Option<Doid>, EvidenceLevel, StatementKey)> {
    judged
        .iter()
        .filter(|j| {
            j.bearing == Bearing::Against && j.is_carried() && j.tumour.relation != TumourRelation::Matches
        })
        .filter(|j| j.statement.regimen.as_ref().is_some_and(|r| same_regimen(r, regimen, knowledge)))
        .map(|j| (j.statement.disease.clone(), j.statement.level, j.statement.key.clone()))
        .collect()
}

/// The same components given the same way. A class named by the source ("anti-PD-1 antibody") is the same regimen
/// as a single member of that class, in this direction only.
pub fn same_regimen(tested: &Regimen, regimen: &Regimen, knowledge: &Knowledge) -> bool {
    if tested.components == regimen.components {
        return tested.sequential == regimen.sequential;
    }
    let ([class], [member]) = (tested.components.as_slice(), regimen.components.as_slice()) else {
        return false;
    };
    let Some(row) = knowledge.drugs.get(class).filter(|row| row.kind == "class") else { return false };
    let is_drug = knowledge.drugs.get(member).is_some_and(|m| m.kind == "drug");
    is_drug && row.classes.iter().any(|c| knowledge.drugs.is(member, &PriorTherapy::Class(c.clone())))
}

fn is_component(tested: &Regimen, regimen: &Regimen) -> bool {
    tested.components.len() < regimen.components.len()
        && tested.components.iter().all(|drug| regimen.components.contains(drug))
}

/// Level A/B resistance in this tumour at the best counting level or better caps the option; "no benefit shown"
/// does so only from a strictly better level (clinical rules, section 1).
pub fn caps<'j, 'k>(weighed: &Weighed<'j, 'k>) -> Vec<&'j Judged<'k>> {
    let best = weighed.counting().chain(weighed.conditional()).map(|s| s.judged.statement.level).min();
    let capping = |j: &&&'j Judged<'k>| {
        let level = j.statement.level;
        let resistance =
            j.statement.significance == Significance::Resistance && j.statement.stance == Stance::Supports;
        level <= EvidenceLevel::B
            && best.is_none_or(|best| if resistance { level <= best } else { level < best })
    };
    weighed.against.iter().filter(capping).copied().collect()
}

/// The statement as the plan cites it.
pub fn cite(judged: &Judged, remark: impl Into<String>) -> Cited {
    Cited {
        key: judged.statement.key.clone(),
        bearing: judged.bearing,
        level: judged.statement.level,
        rating: judged.statement.rating,
        regimen: judged.statement.regimen.clone(),
        molecular: judged.molecular.clone(),
        tumour: judged.tumour.clone(),
        setting: judged.setting.clone(),
        remark: remark.into(),
    }
}
