//! What does this patient answer, and what does each arm come to?
//!
//! Answers and demands are kept for the patient once they were asked for. Later days are tried as the reference tries
//! them, but only for demands that fail and hold an ask whose answer a day can change.

use super::compile::{CompiledArm, DemandId, Leaf, Library};
use super::program::{AskId, Op, Value, run};
use super::{ArmId, Compiled, DecidedBy, Decision};
use crate::arm::{Concern, Counts, Gate, Label};
use concilium_case::Case;
use concilium_criteria::eligibility::{Ask, Brief, Kinds, MOST_DAYS, Records, Shown};
use concilium_terms::Truth;
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};

/// Every answer a patient has given, by the number of the ask: two bytes each. What lasts is known of the ask.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Vec<u16>);

/// In the place of a truth: not asked yet.
const NOT_ASKED: u16 = 3 << Kinds::BITS;

impl Memory {
    /// Room for so many asks.
    pub fn grow(&mut self, asks: usize) {
        self.0.resize(asks, NOT_ASKED);
    }

    /// The answer, if it was asked for.
    pub fn get(&self, id: AskId) -> Option<Brief> {
        let packed = self.0.get(id.at()).copied()?;
        let truth = match packed >> Kinds::BITS {
            0 => Truth::True,
            1 => Truth::Open,
            2 => Truth::False,
            _ => return None,
        };
        Some(Brief { truth, kinds: Kinds::from_bits(packed) })
    }

    /// Keeps an answer; `None` takes it back.
    pub fn put(&mut self, id: AskId, brief: Option<Brief>) {
        let packed = match brief {
            None => NOT_ASKED,
            Some(Brief { truth: Truth::True, kinds }) => kinds.bits(),
            Some(Brief { truth: Truth::Open, kinds }) => 1 << Kinds::BITS | kinds.bits(),
            Some(Brief { truth: Truth::False, kinds }) => 2 << Kinds::BITS | kinds.bits(),
        };
        if let Some(place) = self.0.get_mut(id.at()) {
            *place = packed;
        }
    }

    /// Asks there is room for.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// A patient being asked.
pub(super) struct Patient<'a> {
    set: &'a Compiled<'a>,
    case: &'a Case,
    records: Records<'a>,
    memory: Memory,
    demands: Vec<Option<Value>>,
    stack: Vec<Value>,
    /// Answers on other days, by the number of the ask; few days each.
    on_day: Vec<Vec<Day>>,
    failing: HashMap<DemandId, Shown>,
}

impl<'a> Patient<'a> {
    pub fn new(set: &'a Compiled<'a>, case: &'a Case) -> Patient<'a> {
        Patient::remembering(set, case, Memory::default())
    }

    /// What is remembered is not asked again.
    pub fn remembering(set: &'a Compiled<'a>, case: &'a Case, mut memory: Memory) -> Patient<'a> {
        let library = set.library();
        memory.grow(library.leaves.len());
        Patient {
            set,
            case,
            records: Records::new(case, set.knowledge),
            memory,
            demands: vec![None; library.demands.len()],
            stack: vec![],
            on_day: vec![vec![]; library.leaves.len()],
            failing: HashMap::new(),
        }
    }

    pub fn into_memory(self) -> Memory {
        self.memory
    }

    fn library(&self) -> &'a Library {
        self.set.library()
    }

    /// Every arm, those closed by tumour, sex or age without a look at the rest.
    pub fn screen(&mut self) -> Vec<(ArmId, Decision)> {
        let library = self.library();
        let mut closed: Vec<Option<u32>> = vec![None; library.numbers()];
        let open = |arm: ArmId| library.arm(arm).is_some_and(|arm| arm.gate != Gate::Closed);
        for (demand, arms) in &library.gates {
            let wanted = arms.iter().any(|(arm, _)| closed[arm.0 as usize].is_none() && open(*arm));
            if wanted && self.value(*demand).forever == Truth::False {
                for (arm, place) in arms {
                    closed[arm.0 as usize].get_or_insert(*place);
                }
            }
        }
        let mut decisions = vec![];
        for (id, arm) in library.arms() {
            decisions.push((id, self.decided(arm, closed[id.0 as usize])));
        }
        decisions
    }

    /// One arm; `None` when it is gone.
    pub fn decide(&mut self, id: ArmId) -> Option<Decision> {
        let arm = self.library().arm(id).filter(|arm| !arm.gone())?;
        Some(self.decided(arm, None))
    }

    fn decided(&mut self, arm: &CompiledArm, closed_by: Option<u32>) -> Decision {
        let decided = |label, by| Decision { gate: arm.gate, label, by, counts: None };
        if arm.gate == Gate::Closed {
            return decided(Label::Closed, DecidedBy::Gate);
        }
        if self.case.patient.deceased.is_some() {
            return decided(Label::BlockedPermanently, DecidedBy::Death);
        }
        let closes = |at: &u32| self.value(arm.criteria[*at as usize].demand).forever == Truth::False;
        match closed_by.or_else(|| arm.order.iter().copied().find(closes)) {
            Some(at) => decided(Label::BlockedPermanently, DecidedBy::Criterion(at)),
            None => self.looked_through(arm),
        }
    }

    /// No criterion alone closes the arm for good by what never changes.
    fn looked_through(&mut self, arm: &CompiledArm) -> Decision {
        let rows: Vec<Row> = arm.criteria.iter().map(|asked| self.row(asked.demand, asked.concern)).collect();
        let label = match rows.iter().any(|row| row.brief.truth == Truth::False) {
            true => self.failing_label(arm, &rows),
            false => open_label(arm, &rows),
        };
        let counts = Some(Box::new(counts(&rows)));
        Decision { gate: arm.gate, label, by: DecidedBy::All, counts }
    }

    /// Every criterion of an arm as people see it.
    pub fn shown(&mut self, id: ArmId) -> Vec<Shown> {
        let Some(arm) = self.library().arm(id) else { return vec![] };
        arm.criteria.iter().map(|asked| self.row(asked.demand, asked.concern).shown).collect()
    }

    /// The truth of every criterion of an arm.
    pub fn truths(&mut self, id: ArmId) -> Vec<Truth> {
        let Some(arm) = self.library().arm(id) else { return vec![] };
        let truth = |asked: &super::compile::Asked| match (asked.concern, self.value(asked.demand).now.truth)
        {
            (Concern::Others, _) => Truth::True,
            (Concern::Unknown, Truth::False) => Truth::Open,
            (_, truth) => truth,
        };
        arm.criteria.iter().map(truth).collect()
    }

    /// Id of an arm's criterion by its place.
    pub fn criterion(&self, id: ArmId, at: usize) -> String {
        let trial = self.set.arm(id).map(|(trial, _)| trial);
        trial
            .and_then(|trial| trial.criteria.get(at))
            .map(|criterion| criterion.id.clone())
            .unwrap_or_default()
    }

    /// Steps of an arm's criterion by its place.
    pub fn steps(&self, id: ArmId, at: usize) -> &'a [Op] {
        let asked = self.library().arm(id).and_then(|arm| arm.criteria.get(at));
        asked.map_or(&[], |asked| &self.library().demands[asked.demand.at()].ops)
    }

    /// The ask behind a number.
    pub fn leaf(&self, id: AskId) -> &'a Leaf {
        &self.library().leaves[id.at()]
    }

    fn row(&mut self, demand: DemandId, concern: Concern) -> Row {
        let not_sure = Brief { truth: Truth::Open, kinds: OPAQUE.kinds };
        let value = self.value(demand);
        match (concern, value.now.truth) {
            (Concern::Others, _) => Row { brief: MET, lasts: false, shown: Shown::NotApplicable },
            (Concern::Unknown, Truth::False) => {
                Row { brief: not_sure, lasts: false, shown: Shown::NotComputable }
            }
            _ => {
                let shown = value.now.shown().unwrap_or_else(|| self.shown_false(demand));
                let lasts = value.lasting == Truth::False && shown == Shown::NotMet { until: None };
                Row { brief: value.now, lasts: value.now.truth == Truth::False && lasts, shown }
            }
        }
    }

    fn failing_label(&mut self, arm: &CompiledArm, rows: &[Row]) -> Label {
        if rows.iter().any(|row| row.lasts) {
            return Label::BlockedPermanently;
        }
        let this = arm.criteria.iter().filter(|asked| asked.concern == Concern::This);
        let demands: BTreeSet<DemandId> = this.map(|asked| asked.demand).collect();
        match self.when_not_false(&demands.into_iter().collect::<Vec<_>>()) {
            Some(day) => Label::BlockedUntil { day: day.to_string() },
            None => Label::BlockedForNow,
        }
    }

    /// What a demand comes to today.
    pub fn value(&mut self, id: DemandId) -> Value {
        if let Some(value) = self.demands[id.at()] {
            return value;
        }
        let mut stack = std::mem::take(&mut self.stack);
        let value = run(&self.library().demands[id.at()].ops, &mut stack, |ask| self.answer(ask));
        self.stack = stack;
        self.demands[id.at()] = Some(value);
        value
    }

    /// What an ask is answered today.
    pub fn answer(&mut self, id: AskId) -> Value {
        let leaf = &self.library().leaves[id.at()];
        let now = self.memory.get(id).unwrap_or_else(|| {
            let options = &self.library().options[leaf.options];
            let now = self.records.brief(&leaf.ask, leaf.keeps_out, options);
            self.memory.put(id, Some(now));
            now
        });
        Value {
            now,
            lasting: if leaf.lasts { now.truth } else { Truth::Open },
            forever: if self.never_changes(leaf, now.truth) { now.truth } else { Truth::Open },
        }
    }

    /// What lasts and no day changes; and nobody grows younger.
    fn never_changes(&self, leaf: &Leaf, truth: Truth) -> bool {
        match &leaf.ask {
            Ask::Age { years } => {
                let too_old =
                    |(youngest, _): (u32, u32)| years.max.is_some_and(|max| max < f64::from(youngest));
                truth == Truth::False && self.case.age_years().is_some_and(too_old)
            }
            _ => leaf.lasts && !leaf.dated,
        }
    }

    /// A conflict that remains on the day a failure ends is shown before the failure.
    fn shown_false(&mut self, demand: DemandId) -> Shown {
        if let Some(shown) = self.failing.get(&demand) {
            return shown.clone();
        }
        let day = self.when_not_false(&[demand]);
        let conflicting = day.is_some_and(|day| self.on(demand, day).shown() == Some(Shown::Conflicting));
        let shown = match day {
            Some(_) if conflicting => Shown::Conflicting,
            day => Shown::NotMet { until: day.map(|day| day.to_string()) },
        };
        self.failing.insert(demand, shown.clone());
        shown
    }

    /// The first later day on which none of the demands is known to be false, of the days their asks name.
    fn when_not_false(&mut self, demands: &[DemandId]) -> Option<Date> {
        let library = self.library();
        let dated = |demand: &DemandId| library.demands[demand.at()].dated.iter().copied();
        let mut lost = demands.iter().filter(|id| self.value(**id).now.truth == Truth::False);
        if lost.any(|id| library.demands[id.at()].dated.is_empty()) {
            return None;
        }
        let asks: BTreeSet<AskId> = demands.iter().flat_map(dated).collect();
        let mut day = self.case.as_of.date();
        for _ in 0..MOST_DAYS {
            day = asks.iter().filter_map(|ask| self.next_named(*ask, day)).min()?;
            if demands.iter().all(|demand| self.on(*demand, day).truth != Truth::False) {
                return Some(day);
            }
        }
        None
    }

    fn next_named(&mut self, ask: AskId, day: Date) -> Option<Date> {
        self.answer_on(ask, day).named.iter().filter(|named| day < **named).min().copied()
    }

    /// What a demand comes to on a later day.
    fn on(&mut self, id: DemandId, day: Date) -> Brief {
        let demand = &self.library().demands[id.at()];
        if demand.dated.is_empty() {
            return self.value(id).now;
        }
        let mut stack = std::mem::take(&mut self.stack);
        let value = run(&demand.ops, &mut stack, |ask| match self.library().leaves[ask.at()].dated {
            true => Value::passing(self.answer_on(ask, day).brief),
            false => self.answer(ask),
        });
        self.stack = stack;
        value.now
    }

    fn answer_on(&mut self, id: AskId, day: Date) -> &Day {
        let known = self.on_day[id.at()].iter().position(|known| known.day == day);
        let at = known.unwrap_or_else(|| {
            let leaf = &self.library().leaves[id.at()];
            let options = &self.library().options[leaf.options];
            let (brief, named) = self.records.on(day, &leaf.ask, leaf.keeps_out, options);
            self.on_day[id.at()].push(Day { day, brief, named });
            self.on_day[id.at()].len() - 1
        });
        &self.on_day[id.at()][at]
    }
}

/// An answer on a day, with the days it names.
#[derive(Clone, Debug)]
struct Day {
    day: Date,
    brief: Brief,
    named: Vec<Date>,
}

/// One criterion of one arm.
struct Row {
    brief: Brief,
    /// Fails for good.
    lasts: bool,
    shown: Shown,
}

const MET: Brief = Brief::met();
const OPAQUE: Brief = Brief::not_computable();

/// As `arm::label` where nothing fails.
fn open_label(arm: &CompiledArm, rows: &[Row]) -> Label {
    let open = |row: &Row| row.brief.truth == Truth::Open && !row.brief.routine();
    let both = || arm.criteria.iter().zip(rows);
    let tumour_met = both().any(|(asked, row)| asked.tumour && row.shown == Shown::Met);
    let open_central = both().any(|(asked, row)| asked.central && open(row));
    let conflict = rows.iter().any(|row| row.shown == Shown::Conflicting);
    match arm.gate {
        Gate::NotYet | Gate::Full => Label::BlockedForNow,
        _ if !tumour_met || open_central || conflict => Label::OpenQuestions,
        _ if rows.iter().any(open) => Label::Likely,
        _ => Label::NoKnownConflict,
    }
}

fn counts(rows: &[Row]) -> Counts {
    let mut counts = Counts::default();
    for row in rows {
        counts.add(&row.shown, row.brief.routine());
    }
    counts
}
