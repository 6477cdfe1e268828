//! For one regimen: which statements count, for and against, and which are only shown?
//!
//! Clinical rules, sections 1–3. What is open never counts (`unknown-stays`). Nothing is dropped: a statement that does not count keeps its remark.

use crate::judge::Judged;
use crate::plan::Cited;
use crate::reach::Yields;
use concilium_case::Case;
use concilium_criteria::{Exactness, NotTested, SettingFit, TumourRelation, Why};
use concilium_evidence::{Bearing, EvidenceLevel, Regimen, Significance, Stance};
use concilium_knowledge::{Knowledge, PriorTherapy};
use concilium_terms::{StatementKey, Truth};

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
pub fn weigh<'j, 'k>(
    regimen: &Regimen,
    judged: &'j [Judged<'k>],
    case: &Case,
    knowledge: &Knowledge,
) -> Weighed<'j, 'k> {
    let mut weighed = Weighed::default();
    let yields = Yields::of(regimen, judged, knowledge);
    let outside = |statement: &Judged, class| yields.words(statement, class, judged, case, knowledge);
    let same: Vec<&Judged> = judged
        .iter()
        .filter(|j| {
            j.statement.regimen.as_ref().is_some_and(|tested| same_regimen(tested, regimen, knowledge))
        })
        .collect();
    // Support first: what counts against a member of a class depends on the member's own.
    let (support, rest): (Vec<_>, Vec<_>) = same.into_iter().partition(|j| j.bearing == Bearing::For);
    for statement in support.into_iter().chain(rest) {
        weigh_same(statement, &outside, knowledge, &mut weighed);
    }
    hold_back_resistance(&mut weighed);
    for statement in judged {
        let Some(tested) = &statement.statement.regimen else { continue };
        if is_component(tested, regimen) && !same_regimen(tested, regimen, knowledge) {
            weigh_component(statement, knowledge, &mut weighed);
        }
    }
    weighed
}

/// Why a statement of this tumour class does not count here, when it comes from outside this tumour.
type Outside<'a> = dyn Fn(&Judged, TumourClass) -> Vec<String> + 'a;

fn weigh_same<'j, 'k>(
    judged: &'j Judged<'k>,
    outside: &Outside,
    knowledge: &Knowledge,
    weighed: &mut Weighed<'j, 'k>,
) {
    match judged.bearing {
        Bearing::For => weighed.support.push(support(judged, outside)),
        Bearing::Against | Bearing::AgainstWeaker => match why_not_against(judged, knowledge) {
            None if speaks_of_class(judged, weighed, knowledge) => {
                weighed
                    .notes
                    .push((judged, "about the class; the drug itself has its own evidence here".into()));
            }
            None => weighed.against.push(judged),
            Some(remark) => weighed.notes.push((judged, remark)),
        },
        Bearing::Neutral => weighed.notes.push((judged, "no resistance shown: neutral, not support".into())),
        Bearing::SafetyOnly => weighed.notes.push((judged, "adverse response: safety only".into())),
        Bearing::Context => {
            weighed.notes.push((judged, judged.remark_or("direction not stated by the source")));
        }
    }
}

/// A component's "against" counts only if no statement of at least its level tests this very regimen.
fn weigh_component<'j, 'k>(judged: &'j Judged<'k>, knowledge: &Knowledge, weighed: &mut Weighed<'j, 'k>) {
    let is_against = matches!(judged.bearing, Bearing::Against | Bearing::AgainstWeaker);
    if !is_against || !judged.is_carried() || judged.tumour.relation != TumourRelation::Matches {
        return;
    }
    if let Some(remark) = why_not_against(judged, knowledge) {
        weighed.notes.push((judged, format!("on a part of it: {remark}")));
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

/// A statement about a class named by its source, on a member that has level A/B support of its own in this tumour.
fn speaks_of_class(judged: &Judged, weighed: &Weighed, knowledge: &Knowledge) -> bool {
    let names_class = |drug| knowledge.drugs.get(drug).is_some_and(|row| row.kind == "class");
    let about_class = judged.statement.regimen.as_ref().is_some_and(|r| r.components.iter().any(names_class));
    let own = weighed.support.iter().filter(|s| s.class == TumourClass::Specific && s.judged.is_carried());
    about_class && own.into_iter().any(|s| s.judged.statement.level <= EvidenceLevel::B)
}

/// The very alteration that carries resistance to a regimen is no "Mutation" that predicts response to it (T790M is
/// not what erlotinib is given for).
fn hold_back_resistance(weighed: &mut Weighed) {
    let resistant: Vec<(StatementKey, &Vec<String>)> = weighed
        .against
        .iter()
        .filter(|j| {
            j.statement.significance == Significance::Resistance
                && j.statement.level <= EvidenceLevel::B
                && j.molecular.exactness <= Exactness::Codon
        })
        .map(|j| (j.statement.key.clone(), &j.molecular.facts))
        .collect();
    for support in &mut weighed.support {
        let facts = &support.judged.molecular.facts;
        let generic = Exactness::Class <= support.judged.molecular.exactness && !facts.is_empty();
        let carrying = resistant.iter().find(|(_, of)| facts.iter().all(|fact| of.contains(fact)));
        if let (true, Some((key, _))) = (generic && support.standing == Standing::Counts, carrying) {
            support.standing = Standing::Blocked(vec![format!(
                "the alteration that satisfies it carries resistance to this regimen ({key})"
            )]);
        }
    }
}

/// Why an "against" statement is only shown.
fn why_not_against(judged: &Judged, knowledge: &Knowledge) -> Option<String> {
    if let Some(row) = knowledge.possibly_prognostic.get(&judged.statement.key) {
        let why = match row.not_predictive {
            true => "not predictive: the marker made no difference",
            false => "possibly prognostic: no comparison of biomarker by treatment",
        };
        return Some(why.into());
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

fn support<'j, 'k>(judged: &'j Judged<'k>, outside: &Outside) -> Support<'j, 'k> {
    let class = match judged.tumour.relation {
        TumourRelation::Matches | TumourRelation::PatientBroader => TumourClass::Specific,
        TumourRelation::TissueAgnostic => TumourClass::Agnostic,
        TumourRelation::Other | TumourRelation::Unknown => TumourClass::Other,
    };
    Support { judged, class, standing: standing(judged, class, outside) }
}

fn standing(judged: &Judged, class: TumourClass, outside: &Outside) -> Standing {
    let blocked = blocked_words(judged, class, outside);
    if !blocked.is_empty() {
        return Standing::Blocked(blocked);
    }
    let open = open_words(judged);
    if open.is_empty() { Standing::Counts } else { Standing::Conditional(open) }
}

/// What keeps a statement from counting whatever else becomes known.
fn blocked_words(judged: &Judged, class: TumourClass, outside: &Outside) -> Vec<String> {
    let mut words = Vec::new();
    if class != TumourClass::Specific {
        words.extend(outside(judged, class));
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

/// Every drug of it, and fewer.
pub(crate) fn is_component(tested: &Regimen, regimen: &Regimen) -> bool {
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
        counts: false,
        molecular: judged.molecular.clone(),
        tumour: judged.tumour.clone(),
        setting: judged.setting.clone(),
        remark: remark.into(),
    }
}
