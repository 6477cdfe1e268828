//! What do these arms ask, each thing once?

use super::ArmId;
use super::program::{AskId, Op};
use crate::arm::{Concern, Gate, Settings, asks_tumour, concerns, gate, is_central};
use crate::model::{Arm, Trial};
use concilium_criteria::eligibility::{Ask, Criterion, Expr, Options};
use std::collections::HashMap;

/// Number of a distinct demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct DemandId(pub u32);

impl DemandId {
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// A distinct ask with what its answer depends on beside the patient.
#[derive(Debug)]
pub(super) struct Leaf {
    pub ask: Ask,
    /// Silence is named by where the ask stands.
    pub keeps_out: bool,
    /// Which options: asks for "the study drugs" have those of their arm.
    pub options: usize,
    pub lasts: bool,
    pub dated: bool,
}

/// A distinct demand.
#[derive(Debug)]
pub(super) struct Demand {
    pub ops: Box<[Op]>,
    /// Asks whose answer a later day may change.
    pub dated: Box<[AskId]>,
    /// Cheap ones that close arms for good are looked at first.
    pub cost: u8,
}

/// A criterion seen from an arm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub demand: DemandId,
    pub concern: Concern,
    pub tumour: bool,
    pub central: bool,
}

/// An arm, compiled.
#[derive(Debug)]
pub(super) struct CompiledArm {
    pub trial: usize,
    pub arm: usize,
    pub gate: Gate,
    /// In the trial's order.
    pub criteria: Box<[Asked]>,
    /// Those about this arm, by cost.
    pub order: Box<[u32]>,
    gone: bool,
}

/// How much was compiled to how little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Arms that are not gone.
    pub arms: usize,
    /// Their criteria, each as often as an arm has it.
    pub criteria: usize,
    /// Distinct demands, gone ones too.
    pub demands: usize,
    /// Distinct asks, gone ones too.
    pub asks: usize,
    /// Demands by which arms are found.
    pub gates: usize,
}

/// Everything compiled.
pub(super) struct Library {
    pub options: Vec<Options>,
    pub leaves: Vec<Leaf>,
    pub demands: Vec<Demand>,
    arms: Vec<CompiledArm>,
    /// Demands that close arms for good by tumour, sex or age alone, with those arms and the
    /// criterion's place.
    pub gates: Vec<(DemandId, Vec<(ArmId, u32)>)>,
    /// Demands an ask stands in.
    pub demands_of: Vec<Vec<DemandId>>,
    /// Arms a demand is asked by.
    pub arms_of: Vec<Vec<ArmId>>,
    leaf_ids: HashMap<String, AskId>,
    demand_ids: HashMap<Box<[Op]>, DemandId>,
    gate_at: HashMap<DemandId, usize>,
}

impl CompiledArm {
    pub fn gone(&self) -> bool {
        self.gone
    }
}

impl Library {
    pub fn new(settings: &Settings) -> Library {
        Library {
            options: vec![settings.options.clone()],
            leaves: vec![],
            demands: vec![],
            arms: vec![],
            gates: vec![],
            demands_of: vec![],
            arms_of: vec![],
            leaf_ids: HashMap::new(),
            demand_ids: HashMap::new(),
            gate_at: HashMap::new(),
        }
    }

    pub fn arm(&self, id: ArmId) -> Option<&CompiledArm> {
        self.arms.get(id.0 as usize)
    }

    pub fn arms(&self) -> impl Iterator<Item = (ArmId, &CompiledArm)> {
        let numbered = self.arms.iter().enumerate();
        numbered.filter(|(_, arm)| !arm.gone).map(|(at, arm)| (ArmId(number(at)), arm))
    }

    /// Arms ever compiled.
    pub fn numbers(&self) -> usize {
        self.arms.len()
    }

    pub fn size(&self) -> Size {
        Size {
            arms: self.arms().count(),
            criteria: self.arms().map(|(_, arm)| arm.criteria.len()).sum(),
            demands: self.demands.len(),
            asks: self.leaves.len(),
            gates: self.gates.len(),
        }
    }

    /// Compiles the arms of a trial.
    pub fn add(&mut self, trial: &Trial, at: usize) -> Vec<ArmId> {
        let arms = trial.arms.iter().enumerate();
        arms.map(|(place, arm)| self.add_arm(trial, at, place, arm)).collect()
    }

    fn add_arm(&mut self, trial: &Trial, at: usize, place: usize, arm: &Arm) -> ArmId {
        let id = ArmId(number(self.arms.len()));
        let options = self.options_of(trial, arm);
        let mut criteria = vec![];
        for (place, criterion) in trial.criteria.iter().enumerate() {
            let concern = concerns(trial, arm, criterion);
            let demand = self.demand(&criterion.demand(), options);
            self.arms_of[demand.at()].push(id);
            criteria.push(Asked {
                demand,
                concern,
                tumour: asks_tumour(criterion),
                central: is_central(criterion),
            });
            if concern == Concern::This {
                self.add_gates(criterion, options, (id, number(place)));
            }
        }
        let mut order: Vec<u32> = (0..number(criteria.len())).collect();
        order.retain(|at| criteria[*at as usize].concern == Concern::This);
        order.sort_by_key(|at| self.demands[criteria[*at as usize].demand.at()].cost);
        self.arms.push(CompiledArm {
            trial: at,
            arm: place,
            gate: gate(trial, arm),
            criteria: criteria.into(),
            order: order.into(),
            gone: false,
        });
        id
    }

    /// Only an ask for the study drugs minds which arm asks.
    fn options_of(&mut self, trial: &Trial, arm: &Arm) -> usize {
        let asks = trial.criteria.iter().flat_map(|criterion| criterion.expr.asks());
        if !asks.into_iter().any(minds_study_drugs) || arm.drugs.is_empty() {
            return 0;
        }
        let same = self.options.iter().position(|options| options.study_drugs == arm.drugs);
        same.unwrap_or_else(|| {
            self.options.push(Options { study_drugs: arm.drugs.clone(), ..self.options[0].clone() });
            self.options.len() - 1
        })
    }

    /// The parts of a demand that all must hold and ask for tumour, sex or age only: each alone can close the arm.
    fn add_gates(&mut self, criterion: &Criterion, options: usize, arm: (ArmId, u32)) {
        for part in conjuncts(&criterion.demand()) {
            let asks = part.asks();
            if asks.is_empty() || !asks.iter().all(|ask| closes(ask)) {
                continue;
            }
            let demand = self.demand(&part, options);
            let at = *self.gate_at.entry(demand).or_insert_with(|| {
                self.gates.push((demand, vec![]));
                self.gates.len() - 1
            });
            self.gates[at].1.push(arm);
        }
    }

    fn demand(&mut self, expr: &Expr, options: usize) -> DemandId {
        let mut ops = vec![];
        self.flatten(expr, false, options, &mut ops);
        let ops: Box<[Op]> = ops.into();
        if let Some(id) = self.demand_ids.get(&ops) {
            return *id;
        }
        let id = DemandId(number(self.demands.len()));
        let asks = asks_in(&ops);
        for ask in &asks {
            self.demands_of[ask.at()].push(id);
        }
        let dated = asks.iter().filter(|ask| self.leaves[ask.at()].dated).copied().collect();
        let cost = asks.iter().map(|ask| cost(&self.leaves[ask.at()].ask)).max().unwrap_or(u8::MAX);
        self.demands.push(Demand { ops: ops.clone(), dated, cost });
        self.arms_of.push(vec![]);
        self.demand_ids.insert(ops, id);
        id
    }

    fn flatten(&mut self, expr: &Expr, keeps_out: bool, options: usize, ops: &mut Vec<Op>) {
        let count = |of: &[Expr]| number(of.len());
        match expr {
            Expr::Ask(ask) => ops.push(match ask.constant() {
                Some(brief) => Op::Is(brief),
                None => Op::Ask(self.leaf(ask, keeps_out, options)),
            }),
            Expr::Not(inner) => {
                self.flatten(inner, !keeps_out, options, ops);
                ops.push(Op::Not);
            }
            Expr::All(of) | Expr::Any(of) | Expr::AtLeast { of, .. } => {
                for part in of {
                    self.flatten(part, keeps_out, options, ops);
                }
                ops.push(match expr {
                    Expr::All(_) => Op::All(count(of)),
                    Expr::AtLeast { n, .. } => Op::AtLeast(number(*n), count(of)),
                    _ => Op::Any(count(of)),
                });
            }
        }
    }

    fn leaf(&mut self, ask: &Ask, keeps_out: bool, options: usize) -> AskId {
        let keeps_out = keeps_out && minds_sign(ask);
        let options = if minds_study_drugs(ask) { options } else { 0 };
        // Every value of an ask is written there, numbers to the last bit.
        let key = format!("{keeps_out} {options} {ask:?}");
        if let Some(id) = self.leaf_ids.get(&key) {
            return *id;
        }
        let id = AskId(number(self.leaves.len()));
        let (lasts, dated) = (ask.lasts(), ask.is_dated());
        self.leaves.push(Leaf { ask: ask.clone(), keeps_out, options, lasts, dated });
        self.demands_of.push(vec![]);
        self.leaf_ids.insert(key, id);
        id
    }

    /// The arms of a trial take nobody any more.
    pub fn drop_trial(&mut self, trial: usize) -> Vec<ArmId> {
        let mut gone = vec![];
        for (at, arm) in self.arms.iter_mut().enumerate() {
            if arm.trial == trial && !arm.gone {
                arm.gone = true;
                gone.push(ArmId(number(at)));
            }
        }
        for (_, arms) in &mut self.gates {
            arms.retain(|(arm, _)| !gone.contains(arm));
        }
        for arms in &mut self.arms_of {
            arms.retain(|arm| !gone.contains(arm));
        }
        gone
    }
}

/// Indexes are kept small; no site holds four thousand million of anything.
pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn asks_in(ops: &[Op]) -> Vec<AskId> {
    let asks = ops.iter().filter_map(|op| match op {
        Op::Ask(ask) => Some(*ask),
        _ => None,
    });
    let mut asks: Vec<AskId> = asks.collect();
    asks.sort();
    asks.dedup();
    asks
}

/// Parts that all must hold: `not (a or b)` is `not a` and `not b`.
fn conjuncts(expr: &Expr) -> Vec<Expr> {
    match expr {
        Expr::All(of) => of.iter().flat_map(conjuncts).collect(),
        Expr::Not(inner) => match inner.as_ref() {
            Expr::Any(of) => {
                of.iter().flat_map(|part| conjuncts(&Expr::Not(Box::new(part.clone())))).collect()
            }
            Expr::Not(inner) => conjuncts(inner),
            _ => vec![expr.clone()],
        },
        _ => vec![expr.clone()],
    }
}

fn closes(ask: &Ask) -> bool {
    matches!(ask, Ask::Age { .. } | Ask::Sex { .. } | Ask::Disease { .. })
}

/// Only silence that records do tell of is named by where the ask stands.
fn minds_sign(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Condition { .. }
            | Ask::SecondMalignancy { .. }
            | Ask::Allergy { .. }
            | Ask::Prior { .. }
            | Ask::Recent { .. }
            | Ask::Concomitant { .. }
            | Ask::Metastasis { .. }
    )
}

fn minds_study_drugs(ask: &Ask) -> bool {
    matches!(ask, Ask::Allergy { to } if to.is_empty())
}

/// What closes for good and is cheap to find out comes first.
fn cost(ask: &Ask) -> u8 {
    match ask {
        Ask::Sex { .. } => 0,
        Ask::Age { .. } => 1,
        Ask::Disease { .. } => 2,
        Ask::Biomarker { .. } => 3,
        Ask::Prior { .. } => 4,
        Ask::Condition { .. } | Ask::SecondMalignancy { .. } | Ask::Allergy { .. } => 5,
        Ask::Stage { .. } | Ask::Category { .. } | Ask::Extent { .. } | Ask::Marker(_) => 6,
        _ => 7,
    }
}
