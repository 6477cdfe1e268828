//! What changed for which arm, and which criterion flipped?
//!
//! A changed patient is asked again only what the changed facts can answer otherwise, and only arms that hold such an ask
//! are decided again.

use super::compile::Leaf;
use super::patient::{Memory, Patient};
use super::program::{AskId, Op};
use super::{ArmId, Compiled, DecidedBy, Decision, Screening};
use crate::arm::{Gate, Label};
use concilium_case::Case;
use concilium_criteria::eligibility::{Ask, Brief, Expr};
use concilium_terms::Truth;
use std::collections::BTreeSet;

/// An ask whose answer is another now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskFlip {
    /// What is asked, as trials write it.
    pub ask: String,
    /// Answer before.
    pub before: Brief,
    /// Answer now.
    pub after: Brief,
}

/// A criterion whose truth is another now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriterionFlip {
    /// The criterion's id.
    pub criterion: String,
    /// Truth of its demand before.
    pub before: Truth,
    /// Truth now.
    pub after: Truth,
    /// Its asks that made it flip.
    pub asks: Vec<AskFlip>,
}

/// An arm whose decision, or a criterion of it, is another now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which arm.
    pub arm: ArmId,
    /// Before.
    pub before: Decision,
    /// Now.
    pub after: Decision,
    /// Criteria that flipped, in the trial's order.
    pub flips: Vec<CriterionFlip>,
}

/// A patient held against every arm again.
#[derive(Clone, Debug)]
pub struct Rescreened {
    /// As if screened anew.
    pub screening: Screening,
    /// What changed.
    pub changes: Vec<Change>,
    /// Arms that were decided again.
    pub decided_again: usize,
    /// Asks that were asked again.
    pub asked_again: usize,
}

impl Compiled<'_> {
    /// Screens a patient whose facts, or day, changed: `before` is their screening by this set, of `old`.
    pub fn rescreen(&self, before: &Screening, old: &Case, new: &Case) -> Rescreened {
        let touched = Touched::between(old, new);
        let mut memory = before.memory.clone();
        memory.answers.resize(self.library().leaves.len(), None);
        let asked: Vec<AskId> = forget(&mut memory, &self.library().leaves, &touched);
        let mut patient = Patient::remembering(self, new, memory);
        let changed: BTreeSet<AskId> = asked
            .iter()
            .filter(|ask| {
                let old = before.memory.answers[ask.at()];
                let dated = self.library().leaves[ask.at()].dated;
                Some(patient.answer(**ask)) != old || dated
            })
            .copied()
            .collect();
        let again = self.arms_to_decide(before, &changed, touched.whole);
        let mut decisions = vec![];
        let mut changes = vec![];
        for (id, _) in self.library().arms() {
            let old_decision = before.of(id).filter(|_| !again.contains(&id)).cloned();
            let decision = old_decision.or_else(|| patient.decide(id));
            decisions.extend(decision.map(|decision| (id, decision)));
        }
        let mut was = Patient::remembering(self, old, before.memory.clone());
        for (id, after) in decisions.iter().filter(|(id, _)| again.contains(id)) {
            changes.extend(change(&mut was, &mut patient, *id, before.of(*id), after));
        }
        let screening = Screening { decisions, memory: patient.into_memory() };
        Rescreened { screening, changes, decided_again: again.len(), asked_again: asked.len() }
    }

    /// Arms that hold a changed ask where it can matter: one criterion may have settled the arm alone.
    fn arms_to_decide(&self, before: &Screening, changed: &BTreeSet<AskId>, all: bool) -> BTreeSet<ArmId> {
        let library = self.library();
        let known = |arm: &ArmId| before.of(*arm).is_some();
        let unknown = library.arms().map(|(id, _)| id).filter(|id| all || !known(id));
        let mut again: BTreeSet<ArmId> = unknown.collect();
        let demands: BTreeSet<_> =
            changed.iter().flat_map(|ask| library.demands_of[ask.at()].iter().copied()).collect();
        for demand in &demands {
            for arm in &library.arms_of[demand.at()] {
                let settled_otherwise = match before.of(*arm).map(|decision| decision.by) {
                    Some(DecidedBy::Gate | DecidedBy::Death) => true,
                    Some(DecidedBy::Criterion(at)) => library
                        .arm(*arm)
                        .and_then(|compiled| compiled.criteria.get(at as usize))
                        .is_some_and(|asked| !demands.contains(&asked.demand)),
                    Some(DecidedBy::All) | None => false,
                };
                if !settled_otherwise {
                    again.insert(*arm);
                }
            }
        }
        again
    }

    /// Criteria whose truth differs between two cases for an arm.
    pub fn flips(&self, old: &Case, new: &Case, arm: ArmId) -> Vec<CriterionFlip> {
        flips(&mut Patient::new(self, old), &mut Patient::new(self, new), arm)
    }
}

/// A change of an arm that is, or was, closed for good for this patient either way is none.
fn change(
    was: &mut Patient,
    is: &mut Patient,
    arm: ArmId,
    before: Option<&Decision>,
    after: &Decision,
) -> Option<Change> {
    let before = before?.clone();
    let shut = |decision: &Decision| matches!(decision.label, Label::BlockedPermanently | Label::Closed);
    if shut(&before) && shut(after) || after.gate == Gate::Closed {
        return None;
    }
    let flips = flips(was, is, arm);
    if flips.is_empty() && before.label == after.label {
        return None;
    }
    Some(Change { arm, before, after: after.clone(), flips })
}

fn flips(was: &mut Patient, is: &mut Patient, arm: ArmId) -> Vec<CriterionFlip> {
    let (before, after) = (was.truths(arm), is.truths(arm));
    let both = before.into_iter().zip(after).enumerate();
    both.filter(|(_, (before, after))| before != after)
        .map(|(at, (before, after))| CriterionFlip {
            criterion: is.criterion(arm, at),
            before,
            after,
            asks: ask_flips(was, is, arm, at),
        })
        .collect()
}

fn ask_flips(was: &mut Patient, is: &mut Patient, arm: ArmId, at: usize) -> Vec<AskFlip> {
    let mut flips = vec![];
    for op in is.steps(arm, at) {
        if let Op::Ask(ask) = op {
            let (before, after) = (was.answer(*ask).now, is.answer(*ask).now);
            if before.truth != after.truth {
                flips.push(AskFlip { ask: words(is.leaf(*ask)), before, after });
            }
        }
    }
    flips
}

fn words(leaf: &Leaf) -> String {
    Expr::ask(leaf.ask.clone()).to_string()
}

/// Takes back the answers that changed facts may answer otherwise; gives those that had been asked for.
fn forget(memory: &mut Memory, leaves: &[Leaf], touched: &Touched) -> Vec<AskId> {
    let mut forgotten = vec![];
    for (at, (answer, leaf)) in memory.answers.iter_mut().zip(leaves).enumerate() {
        if answer.is_some() && touched.may_change(&leaf.ask) {
            *answer = None;
            forgotten.push(AskId(super::compile::number(at)));
        }
    }
    forgotten
}

/// Which facts differ.
struct Touched {
    patient: bool,
    /// Tumours, their conflicts, diagnoses, stages.
    disease: bool,
    /// Alterations, regions, markers, specimens.
    molecular: bool,
    labs: bool,
    /// Drugs, lines, gaps.
    drugs: bool,
    /// Responses, procedures, radiotherapy.
    treatment: bool,
    performance: bool,
    allergies: bool,
    observations: bool,
    day: bool,
    /// Nothing of before holds: the patient died, or did not.
    whole: bool,
}

impl Touched {
    fn between(old: &Case, new: &Case) -> Touched {
        let (a, b) = (&old.facts, &new.facts);
        Touched {
            patient: old.patient != new.patient,
            disease: old.tumour != new.tumour
                || old.other_tumours != new.other_tumours
                || old.conflicts != new.conflicts
                || a.conditions != b.conditions
                || a.stages != b.stages,
            molecular: a.alterations != b.alterations
                || a.regions != b.regions
                || a.markers != b.markers
                || a.specimens != b.specimens,
            labs: a.labs != b.labs,
            drugs: a.medications != b.medications
                || old.lines != new.lines
                || old.history_gaps != new.history_gaps,
            treatment: a.responses != b.responses
                || a.procedures != b.procedures
                || a.radiotherapies != b.radiotherapies,
            performance: a.performance != b.performance,
            allergies: a.allergies != b.allergies,
            observations: a.observations != b.observations,
            day: old.as_of.date() != new.as_of.date(),
            whole: old.patient.deceased.is_some() != new.patient.deceased.is_some(),
        }
    }

    /// Rather too much than too little.
    fn may_change(&self, ask: &Ask) -> bool {
        let treated = self.drugs || self.treatment || self.disease;
        self.day && ask.is_dated()
            || match ask {
                Ask::Age { .. } | Ask::Sex { .. } => self.patient,
                Ask::Disease { .. } => self.disease || self.molecular,
                Ask::Stage { .. } | Ask::Category { .. } => self.disease,
                Ask::Extent { .. } => treated,
                Ask::Metastasis { .. } => self.disease || self.treatment,
                Ask::Measurable { .. } => self.disease || self.observations,
                Ask::Biomarker { .. } | Ask::Marker(_) => self.molecular || treated,
                Ask::Performance { .. } => self.performance,
                Ask::Lab { .. } => self.labs,
                Ask::Prior { .. } | Ask::Recent { .. } | Ask::Concomitant { .. } => treated,
                Ask::Condition { .. } | Ask::SecondMalignancy { .. } => self.disease,
                Ask::Reproductive { .. } => {
                    self.patient || self.disease || self.observations || self.treatment || self.labs
                }
                Ask::Allergy { .. } => self.allergies,
                Ask::Judgement { .. } | Ask::NotComputable { .. } => false,
            }
    }
}
