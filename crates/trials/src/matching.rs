//! Which arms are open to this patient, without judging every criterion of every trial?
//!
//! Trials are compiled once. Every distinct ask stands once whatever number of arms hold it, every distinct demand is a
//! short row of joins over asks, and arms are found by the demands that close them for good: tumour, sex, age. A patient
//! is asked only what an arm that is still open needs. Answers come from the reference's own rules for single asks
//! ([`Records`](concilium_criteria::eligibility::Records)); what is ours is which are asked, how they are joined and
//! kept, and which days are tried. The words come from the reference itself ([`Compiled::explain`]).
//!
//! `compile` interns, `program` joins, `patient` answers and decides, `change` says what flipped, `cohort` does it for many.

mod change;
mod cohort;
mod compile;
mod patient;
mod program;

pub use change::{AskFlip, Change, CriterionFlip, Rescreened};
pub use cohort::{CohortRun, Found};
pub use compile::Size;

use crate::arm::{ArmVerdict, Counts, Gate, Label, Settings, judge_arm};
use crate::model::{Arm, Trial};
use compile::Library;
use concilium_case::Case;
use concilium_criteria::eligibility::Shown;
use concilium_knowledge::Knowledge;
use concilium_terms::Truth;
use patient::Patient;
use std::collections::HashMap;

/// An arm of the compiled set. Stays the arm's while the set lives; an arm that was replaced keeps its number and is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArmId(pub u32);

/// What settled a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// The arm takes nobody.
    Gate,
    /// The patient has died.
    Death,
    /// This criterion, by its place in the trial, fails for good; the rest was not looked at.
    Criterion(u32),
    /// Every criterion was looked at.
    All,
}

/// An arm and a patient in one word, as [`judge_arm`] has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Does the arm take patients?
    pub gate: Gate,
    /// In one word.
    pub label: Label,
    /// What settled it.
    pub by: DecidedBy,
    /// In numbers, where every criterion was looked at.
    pub counts: Option<Box<Counts>>,
}

/// One patient held against every arm, with what a later change can be compared with.
#[derive(Clone, Debug)]
pub struct Screening {
    /// Every arm that is not gone, by its number.
    pub decisions: Vec<(ArmId, Decision)>,
    memory: patient::Memory,
}

impl Screening {
    /// The decision for an arm.
    pub fn of(&self, arm: ArmId) -> Option<&Decision> {
        let at = self.decisions.binary_search_by_key(&arm, |(id, _)| *id).ok()?;
        Some(&self.decisions[at].1)
    }

    /// Bytes that what is remembered of the patient takes.
    pub fn bytes_remembered(&self) -> usize {
        self.memory.len() * size_of::<u16>()
    }
}

/// Trials ready to be asked.
pub struct Compiled<'k> {
    knowledge: &'k Knowledge,
    settings: Settings,
    trials: Vec<Trial>,
    by_id: HashMap<String, usize>,
    library: Library,
}

impl<'k> Compiled<'k> {
    /// Compiles trials. Of several with one id the last counts.
    pub fn new(trials: Vec<Trial>, knowledge: &'k Knowledge, settings: Settings) -> Compiled<'k> {
        let library = Library::new(&settings);
        let mut compiled = Compiled { knowledge, settings, trials: vec![], by_id: HashMap::new(), library };
        for trial in trials {
            compiled.put(trial);
        }
        compiled
    }

    fn library(&self) -> &Library {
        &self.library
    }

    /// Adds a trial, or puts it in the place of the one with its id; gives its arms. Nothing else is compiled again.
    pub fn put(&mut self, trial: Trial) -> Vec<ArmId> {
        let at = self.trials.len();
        self.remove(&trial.id);
        let arms = self.library.add(&trial, at);
        self.by_id.insert(trial.id.clone(), at);
        self.trials.push(trial);
        arms
    }

    /// Takes a trial out; gives the arms that are gone.
    pub fn remove(&mut self, id: &str) -> Vec<ArmId> {
        let Some(at) = self.by_id.remove(id) else { return vec![] };
        self.library.drop_trial(at)
    }

    /// Every arm that is not gone.
    pub fn arms(&self) -> impl Iterator<Item = ArmId> + '_ {
        self.library.arms().map(|(id, _)| id)
    }

    /// Arms of a trial.
    pub fn arms_of(&self, trial: &str) -> Vec<ArmId> {
        let at = self.by_id.get(trial);
        self.library.arms().filter(|(_, arm)| Some(&arm.trial) == at).map(|(id, _)| id).collect()
    }

    /// The arm with this label.
    pub fn find(&self, trial: &str, label: &str) -> Option<ArmId> {
        self.arms_of(trial).into_iter().find(|id| self.arm(*id).is_some_and(|(_, arm)| arm.label == label))
    }

    /// The trial and the arm behind a number; also of an arm that is gone.
    pub fn arm(&self, id: ArmId) -> Option<(&Trial, &Arm)> {
        let compiled = self.library.arm(id)?;
        let trial = self.trials.get(compiled.trial)?;
        Some((trial, trial.arms.get(compiled.arm)?))
    }

    /// How much was compiled to how little.
    pub fn size(&self) -> Size {
        self.library.size()
    }

    /// One patient against every arm.
    pub fn screen(&self, case: &Case) -> Screening {
        let mut patient = Patient::new(self, case);
        let decisions = patient.screen();
        Screening { decisions, memory: patient.into_memory() }
    }

    /// One patient against these arms: after a trial changed, nothing else can have.
    pub fn screen_arms(&self, case: &Case, arms: &[ArmId]) -> Vec<(ArmId, Decision)> {
        let mut patient = Patient::new(self, case);
        arms.iter().filter_map(|arm| Some((*arm, patient.decide(*arm)?))).collect()
    }

    /// One patient against these arms, or every one: the decision, and the truth of every criterion's demand in the
    /// trial's order where every criterion was looked at (else none).
    pub fn answers(&self, case: &Case, arms: Option<&[ArmId]>) -> Vec<(ArmId, Decision, Vec<Truth>)> {
        let mut patient = Patient::new(self, case);
        let decisions = match arms {
            None => patient.screen(),
            Some(arms) => arms.iter().filter_map(|arm| Some((*arm, patient.decide(*arm)?))).collect(),
        };
        let truths = |patient: &mut Patient<'_>, arm, decision: &Decision| match decision.by {
            DecidedBy::All => patient.truths(arm),
            DecidedBy::Gate | DecidedBy::Death | DecidedBy::Criterion(_) => vec![],
        };
        let answer = |(arm, decision)| {
            let truths = truths(&mut patient, arm, &decision);
            (arm, decision, truths)
        };
        decisions.into_iter().map(answer).collect()
    }

    /// Every criterion of an arm as people see it, in the trial's order.
    pub fn shown(&self, case: &Case, arm: ArmId) -> Vec<Shown> {
        Patient::new(self, case).shown(arm)
    }

    /// The same for many arms of one patient.
    pub fn shown_each(&self, case: &Case, arms: &[ArmId]) -> Vec<Vec<Shown>> {
        let mut patient = Patient::new(self, case);
        arms.iter().map(|arm| patient.shown(*arm)).collect()
    }

    /// The whole verdict with its words, facts and days, by the reference. `None`: there is no such arm.
    pub fn explain(&self, case: &Case, arm: ArmId) -> Option<ArmVerdict> {
        let (trial, arm) = self.arm(arm)?;
        Some(judge_arm(trial, arm, case, self.knowledge, &self.settings))
    }
}
