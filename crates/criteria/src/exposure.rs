//! Has the patient had this, and how did it end?
//!
//! An order is not an exposure; stopping for intolerance is not progression (clinical rules, section 3).

use concilium_case::{Case, Exposure, Line, Medication, MedicationState, StopReason};
use concilium_knowledge::{Knowledge, PriorTherapy};
use concilium_terms::{ClassId, DrugName, PartialDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Exposure to one drug or class, over all lines and records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExposureState {
    /// Received (administered, dispensed or reported).
    pub received: bool,
    /// Only ordered or planned.
    pub ordered_only: bool,
    /// An order is on record, no receipt, and nothing that says it was not taken: it may have been received.
    pub may_have_received: bool,
    /// A line that contained it ended by progression; the first date that was stated.
    pub progressed: Option<PartialDate>,
    /// Every day on which progression under it was stated, in order.
    pub progressions: Vec<PartialDate>,
    /// Stopped for intolerance.
    pub intolerant: bool,
    /// Being taken now.
    pub ongoing: bool,
    /// Received by an open record that is too old to tell whether it is still taken.
    pub may_be_ongoing: bool,
    /// First and last day known.
    pub start: Option<PartialDate>,
    /// Last day known.
    pub end: Option<PartialDate>,
    /// Number of lines with it (fewest, most).
    pub lines: (u32, u32),
    /// Records say both "received" and "never received".
    pub conflicting: bool,
    /// Stated as never received, of the drug or of a class it falls under, since the last line began; nothing says
    /// otherwise.
    pub denied: bool,
    /// Facts it rests on.
    pub facts: Vec<String>,
}

/// Gathers what records and lines say of a drug or class.
pub fn exposure_to(case: &Case, knowledge: &Knowledge, item: &PriorTherapy) -> ExposureState {
    let is_it = |drug: &DrugName| knowledge.drugs.is(drug, item);
    let about = |medication: &&Medication| medication.drugs.iter().any(&is_it);
    let records: Vec<&Medication> = case.facts.medications.iter().filter(about).collect();
    let lines: Vec<&Line> = case.lines.iter().filter(|line| line.drugs.iter().any(&is_it)).collect();
    let mut state = of_records(case, &records);
    let denials = denials(case, knowledge, item);
    let own = Own::of(&records);
    add_lines(&mut state, &lines, &own, is_it);
    let ordered = records.iter().any(|record| record.exposure == Exposure::Ordered);
    state.may_have_received = ordered && !state.received && denials.is_empty();
    state.conflicting = denials.iter().any(|denial| contradicts(denial, &state));
    // Of one drug, "not taken" may speak of its period only.
    let answers = denials.iter().any(|denial| denial.about_class.is_some() && is_current(denial, case));
    state.denied = answers && !state.received && !state.conflicting;
    state.facts.extend(denials.iter().map(|denial| denial.meta.id.clone()));
    state.facts.sort();
    state.facts.dedup();
    state
}

fn of_records(case: &Case, records: &[&Medication]) -> ExposureState {
    let given: Vec<&&Medication> = records.iter().filter(|record| record.exposure.is_exposure()).collect();
    let ahead = |record: &&Medication| matches!(record.exposure, Exposure::Ordered | Exposure::Planned);
    let last_day = |record: &&&Medication| record.end.clone().or_else(|| given_on(record));
    let progressions: BTreeSet<PartialDate> =
        given.iter().filter_map(|record| stopped_by_progression(case, record)).collect();
    ExposureState {
        received: !given.is_empty(),
        ordered_only: given.is_empty() && records.iter().any(ahead),
        may_have_received: false,
        progressed: progressions.first().cloned(),
        progressions: progressions.into_iter().collect(),
        intolerant: given.iter().any(|record| record.stop == Some(StopReason::Intolerance)),
        ongoing: given.iter().any(|record| record.ongoing),
        may_be_ongoing: given.iter().any(|record| record.state == MedicationState::Stale),
        start: given.iter().filter_map(|record| record.meta.when.clone()).min(),
        end: given.iter().filter_map(last_day).max(),
        lines: (0, u32::from(!given.is_empty())),
        conflicting: false,
        denied: false,
        facts: records.iter().map(|record| record.meta.id.clone()).collect(),
    }
}

/// A single administration was given on its day.
fn given_on(record: &Medication) -> Option<PartialDate> {
    if record.exposure == Exposure::Administered { record.meta.when.clone() } else { None }
}

/// The day the drug was stopped for progression; without one, the day it was known, at last the day of the case.
fn stopped_by_progression(case: &Case, record: &Medication) -> Option<PartialDate> {
    if record.stop != Some(StopReason::Progression) {
        return None;
    }
    let known = record.end.clone().or_else(|| record.meta.issued.clone());
    Some(known.unwrap_or_else(|| case.as_of.day.clone()))
}

/// What a therapy's own records say of how long it was given: a line goes on when one of its drugs does, and ends with
/// the last of them.
struct Own {
    /// There are records of receipt.
    received: bool,
    /// Each of them names a last day.
    ended: bool,
}

impl Own {
    fn of(records: &[&Medication]) -> Own {
        let mut given = records.iter().filter(|record| record.exposure.is_exposure()).peekable();
        let received = given.peek().is_some();
        Own {
            received,
            ended: received && given.all(|record| record.end.is_some() || given_on(record).is_some()),
        }
    }
}

/// A line's progression counts against the drugs that were still given: not against one stopped for intolerance. What
/// lines say of progression stands for what their records say.
fn add_lines(state: &mut ExposureState, lines: &[&Line], own: &Own, is_it: impl Fn(&DrugName) -> bool) {
    let mut progressions: BTreeSet<PartialDate> = BTreeSet::new();
    for line in lines {
        let tolerated = line.drugs.iter().any(|drug| is_it(drug) && !line.intolerant.contains(drug));
        progressions.extend(line.progression.clone().filter(|_| tolerated));
        state.intolerant |= line.intolerant.iter().any(&is_it);
        state.ongoing |= line.ongoing && tolerated && !own.received;
        state.received = true;
        state.ordered_only = false;
        state.start = [state.start.take(), line.start.clone()].into_iter().flatten().min();
        if !own.ended {
            state.end = [state.end.take(), line.end.clone()].into_iter().flatten().max();
        }
        state.facts.extend(line.from.iter().cloned());
    }
    if !progressions.is_empty() {
        state.progressed = progressions.first().cloned();
        state.progressions = progressions.into_iter().collect();
    }
    if let Ok(count @ 1..) = u32::try_from(lines.len()) {
        state.lines = (count, count);
    }
}

/// Records that say "not taken" of the drug, of one of the class, or of a class in words that the item falls under.
fn denials<'c>(case: &'c Case, knowledge: &Knowledge, item: &PriorTherapy) -> Vec<&'c Medication> {
    let denies = |record: &&Medication| {
        let by_drug = matches!(item, PriorTherapy::Drug(drug) if record.drugs.contains(drug));
        let by_class = |words| names_class(knowledge, words, &classes_of(knowledge, item));
        by_drug || record.about_class.as_deref().is_some_and(by_class)
    };
    case.facts.medications.iter().filter(|r| r.exposure == Exposure::NotTaken).filter(denies).collect()
}

/// "Never" speaks of the time until it was said: what was said before the last line began answers nothing now.
fn is_current(denial: &Medication, case: &Case) -> bool {
    let last = case.lines.iter().filter_map(|line| line.start.as_ref()).max();
    let said = denial.meta.issued.as_ref().or(denial.meta.when.as_ref());
    match (said, last) {
        (Some(said), Some(last)) => !said.surely_before(last),
        (None, Some(_)) => false,
        (_, None) => true,
    }
}

/// The classes whose denial denies the item.
fn classes_of(knowledge: &Knowledge, item: &PriorTherapy) -> BTreeSet<ClassId> {
    match item {
        PriorTherapy::Drug(drug) => knowledge.drugs.classes_of(drug).clone(),
        PriorTherapy::Class(class) => {
            let mut found = BTreeSet::from([class.clone()]);
            let mut at = class.clone();
            while let Some(parent) = knowledge.drugs.classes.get(&at).and_then(|row| row.parent.clone()) {
                if !found.insert(parent.clone()) {
                    break;
                }
                at = parent;
            }
            found
        }
        PriorTherapy::AnySystemic => BTreeSet::new(),
    }
}

fn names_class(knowledge: &Knowledge, words: &str, classes: &BTreeSet<ClassId>) -> bool {
    let said = bare(words);
    let label = |class: &ClassId| knowledge.drugs.classes.get(class).map(|row| bare(&row.label));
    !said.is_empty()
        && classes.iter().any(|class| bare(class.as_str()) == said || label(class) == Some(said.clone()))
}

/// `CDK4/6 inhibitors` and `cdk4-6-inhibitor` are one.
fn bare(words: &str) -> String {
    let kept: String = words.chars().filter(char::is_ascii_alphanumeric).collect();
    kept.to_ascii_lowercase().trim_end_matches('s').to_owned()
}

/// "Never received" contradicts a receipt unless it was said before it began.
fn contradicts(denial: &Medication, state: &ExposureState) -> bool {
    let before = match (&denial.meta.when, &state.start) {
        (Some(denied), Some(start)) => denied.surely_before(start),
        (None, _) | (_, None) => false,
    };
    state.received && !before
}
