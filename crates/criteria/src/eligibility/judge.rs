//! Does this patient answer what is asked, today, and which facts decide it?
//!
//! The reference evaluator: slow, and written so that each rule can be held against the clinical rules, section 6.
//! Truth is Kleene's and does not depend on where an ask stands. Only the name of a silence does: what a record says
//! only when it happened ("known HIV", an investigational drug) is "not recorded" where it would keep the patient out,
//! and "not tested" where it is asked for.

mod biomarker;
mod condition;
mod dates;
mod disease;
mod images;
mod lab;
mod person;
mod recent;
mod therapy;

use super::ask::{Ask, Range, Span, SpanUnit};
use super::expr::Expr;
use crate::conditions::{ByKey, Standing, meeting, stated_absent};
use crate::molecular::Thresholds;
use crate::record::{newest_labs, with_analyte};
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::{Case, Condition, Lab};
use concilium_knowledge::Knowledge;
use concilium_terms::quantity::{Quantity, UnitError};
use concilium_terms::{DrugName, PartialDate, Truth};
use jiff::civil::Date;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a site settles once for all trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Numbers that turn a measurement into a call.
    pub thresholds: Thresholds,
    /// How old a laboratory value may be where the trial does not say. `unreviewed`: 28 days, as most rows of
    /// `safety/rules.tsv`.
    pub lab_days: u32,
    /// How old a performance status may be. `unreviewed`: 90 days, own convention.
    pub performance_days: u32,
    /// Fact classes the site declares complete; silence in them is "absent, by policy".
    pub complete: Vec<Policy>,
    /// Drugs of the arm, for "allergy to the study drugs".
    pub study_drugs: Vec<DrugName>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            thresholds: Thresholds::default(),
            lab_days: 28,
            performance_days: 90,
            complete: vec![],
            study_drugs: vec![],
        }
    }
}

/// A site's word that its records hold every fact of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Which facts.
    pub class: FactClass,
    /// Name of the policy, shown beside each verdict that rests on it.
    pub name: String,
}

/// Classes of facts that can be declared complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactClass {
    /// Diagnoses other than the tumour, second malignancies among them.
    Diagnoses,
    /// Sites of metastasis.
    Metastases,
    /// Drugs, past and present.
    Drugs,
    /// Operations, transplants, transfusions, vaccines.
    Procedures,
    /// Radiotherapy.
    Radiotherapy,
    /// Allergies.
    Allergies,
}

/// Everything one ask may look at.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub case: &'a Case,
    pub knowledge: &'a Knowledge,
    pub options: &'a Options,
    /// The ask stands under an odd number of negations: its being true keeps the patient out.
    pub keeps_out: bool,
    /// Gaps in the history hide nothing that matters to this ask.
    pub gaps_over: bool,
    /// The day that is judged for; the case's own unless a later one is tried.
    pub day: Date,
    /// Nobody reads the words.
    pub quiet: bool,
    /// The same records, sorted by what is looked up in them.
    pub sorted: Option<&'a Sorted<'a>>,
}

/// Records of a patient sorted once by what many asks look up in them. What is found is what a search finds.
pub(crate) struct Sorted<'a> {
    conditions: ByKey<'a>,
    labs: BTreeMap<&'a str, Vec<&'a Lab>>,
    /// Birthdays with the age then, once one is asked for.
    birthdays: OnceCell<Vec<(Date, (u32, u32))>>,
    /// Amounts by where they lie in the case, in the units they were asked for in.
    converted: RefCell<HashMap<*const Quantity, Vec<InUnit>>>,
}

/// A unit that was asked for, and an amount in it.
type InUnit = (String, Result<f64, UnitError>);

impl<'a> Sorted<'a> {
    pub fn new(case: &'a Case, knowledge: &'a Knowledge) -> Sorted<'a> {
        let analytes: BTreeSet<&str> =
            case.facts.labs.iter().filter_map(|lab| lab.analyte.as_deref()).collect();
        let labs = analytes.into_iter().map(|analyte| (analyte, newest_labs(case, analyte))).collect();
        Sorted {
            conditions: ByKey::of(case, knowledge),
            labs,
            birthdays: OnceCell::new(),
            converted: RefCell::default(),
        }
    }

    fn converted(&self, value: &Quantity, unit: &str, analyte: &str) -> Result<f64, UnitError> {
        let mut converted = self.converted.borrow_mut();
        let units = converted.entry(std::ptr::from_ref(value)).or_default();
        if let Some((_, known)) = units.iter().find(|(known, _)| known == unit) {
            return known.clone();
        }
        let found = value.to(unit, Some(analyte));
        units.push((unit.to_owned(), found.clone()));
        found
    }
}

/// Judges an expression on the day of the case. Deciding leaves name the facts they rest on.
pub fn judge(expr: &Expr, case: &Case, knowledge: &Knowledge, options: &Options) -> Verdict {
    join(expr, false, &|ask, keeps_out| judge_ask(&Context::new(case, knowledge, options, keeps_out), ask))
}

/// Kleene's tables over the answers; `answer` is told whether the ask stands under an odd number of negations.
pub(crate) fn join(expr: &Expr, keeps_out: bool, answer: &impl Fn(&Ask, bool) -> Verdict) -> Verdict {
    let each = |of: &[Expr]| of.iter().map(|part| join(part, keeps_out, answer)).collect::<Vec<_>>();
    match expr {
        Expr::Ask(ask) => answer(ask, keeps_out),
        Expr::All(of) => Verdict::all(each(of)),
        Expr::Any(of) => Verdict::any(each(of)),
        Expr::Not(inner) => join(inner, !keeps_out, answer).not(),
        Expr::AtLeast { n, of } => Verdict::at_least(*n, each(of)),
    }
}

/// Age alone, without the days on which it changes: asked of every patient by every trial.
pub(super) use person::age_in_years;

/// One ask alone.
pub(crate) fn judge_ask(context: &Context, ask: &Ask) -> Verdict {
    match ask {
        Ask::Age { years } => person::age(context, years),
        Ask::Sex { female } => person::sex(context, *female),
        Ask::Performance { scale, points } => person::performance(context, scale, points),
        Ask::Reproductive { state } => person::reproductive(context, state),
        Ask::Disease { any_of, words, confirmed } => disease::tumour(context, any_of, words, *confirmed),
        Ask::Stage { groups, scale } => disease::stage(context, groups, scale.as_deref()),
        Ask::Category { of, any_of } => disease::category(context, of, any_of),
        Ask::Extent { any_of } => disease::extents(context, any_of),
        Ask::Metastasis { site, state } => disease::metastasis(context, site, *state),
        Ask::Measurable { evaluable_enough, .. } => disease::measurable(context, *evaluable_enough),
        Ask::SecondMalignancy { .. } => condition::second_malignancy(context, ask),
        Ask::Biomarker { any_of, stated, germline, words } => {
            biomarker::alterations(context, any_of, *stated, *germline, words)
        }
        Ask::Marker(asked) => biomarker::marker(context, asked),
        Ask::Lab { analyte, value, unit, within } => lab::lab(context, analyte, value, unit, within.as_ref()),
        Ask::Prior { any_of, lines, intent, outcome } => {
            therapy::prior(context, any_of, lines.as_ref(), intent.as_deref(), *outcome)
        }
        Ask::Recent { any_of, washout } => recent::recent(context, any_of, washout),
        Ask::Concomitant { any_of, prednisone_mg_over } => {
            therapy::concomitant(context, any_of, prednisone_mg_over.is_some())
        }
        Ask::Condition { any_of, state, within, known } => {
            condition::condition(context, any_of, *state, within.as_ref(), *known)
        }
        Ask::Allergy { to } => therapy::allergy(context, to),
        Ask::Judgement { about, words } => {
            let what = if words.is_empty() { super::words::Worded::word(*about) } else { words };
            Verdict::leaf(Truth::Open, Why::NeedsJudgement, what, vec![])
        }
        Ask::NotComputable { why } => Verdict::not_computable(why, vec![]),
    }
}

impl<'a> Context<'a> {
    pub fn new(
        case: &'a Case,
        knowledge: &'a Knowledge,
        options: &'a Options,
        keeps_out: bool,
    ) -> Context<'a> {
        Context {
            case,
            knowledge,
            options,
            keeps_out,
            gaps_over: false,
            day: case.as_of.date(),
            quiet: false,
            sorted: None,
        }
    }

    pub fn today(&self) -> Date {
        self.day
    }

    /// Words that are made only where somebody reads them.
    pub fn say(&self, words: impl FnOnce() -> String) -> String {
        if self.quiet { String::new() } else { words() }
    }

    /// Is it a key of the condition vocabulary?
    pub fn is_condition(&self, key: &str) -> bool {
        match self.sorted {
            Some(sorted) => sorted.conditions.is_known(key),
            None => self.knowledge.condition_words.iter().any(|row| row.key == key),
        }
    }

    /// Recorded conditions that meet a key.
    pub fn meeting(&self, key: &str) -> Vec<(Standing, &'a Condition)> {
        match self.sorted {
            Some(sorted) => sorted.conditions.meeting(key),
            None => meeting(self.case, self.knowledge, key),
        }
    }

    /// Conditions that meet a key and are stated as absent.
    pub fn stated_absent(&self, key: &str) -> Vec<&'a Condition> {
        match self.sorted {
            Some(sorted) => sorted.conditions.stated_absent(key),
            None => stated_absent(self.case, self.knowledge, key),
        }
    }

    /// What `of` makes of the birthdays, in order, with youngest and oldest on each.
    pub fn birthdays<T>(&self, birth: &PartialDate, of: impl FnOnce(&[(Date, (u32, u32))]) -> T) -> T {
        match self.sorted {
            Some(sorted) => of(sorted.birthdays.get_or_init(|| person::ages(birth))),
            None => of(&person::ages(birth)),
        }
    }

    /// An amount of the case in another unit.
    pub fn converted(&self, value: &Quantity, unit: &str, analyte: &str) -> Result<f64, UnitError> {
        match self.sorted {
            Some(sorted) => sorted.converted(value, unit, analyte),
            None => value.to(unit, Some(analyte)),
        }
    }

    /// The newest results of an analyte that carry a number.
    pub fn newest_labs(&self, analyte: &str) -> Vec<&'a Lab> {
        match self.sorted {
            Some(sorted) => sorted.labs.get(analyte).cloned().unwrap_or_default(),
            None => newest_labs(self.case, analyte),
        }
    }

    /// Is there any result of an analyte, with or without a number?
    pub fn has_lab(&self, analyte: &str) -> bool {
        match self.sorted {
            Some(sorted) => sorted.labs.contains_key(analyte),
            None => with_analyte(self.case, analyte).next().is_some(),
        }
    }

    /// The policy by which silence in a class is absence.
    pub fn policy(&self, class: FactClass) -> Option<&str> {
        self.options.complete.iter().find(|policy| policy.class == class).map(|policy| policy.name.as_str())
    }

    /// Nothing was found in a class where records need not say what is not so.
    pub fn silent(&self, class: FactClass, asked: &str, records_tell: bool) -> Verdict {
        if let Some(policy) = self.policy(class) {
            return Verdict::not_met(format!("{asked}: absent, by policy {policy}"), vec![]);
        }
        if self.keeps_out && records_tell {
            let what = self.say(|| format!("{asked}: not recorded ({})", self.searched()));
            return Verdict::leaf(Truth::Open, Why::NotRecorded, what, vec![]);
        }
        Verdict::not_tested(NotTested::NeverDone, format!("{asked}: nothing recorded either way"), vec![])
    }

    /// `searched: a.json, b.json, until 2026-06-15`.
    fn searched(&self) -> String {
        let files: BTreeSet<&str> = self.case.facts.inputs.iter().map(|input| input.file.as_str()).collect();
        let files: Vec<&str> = files.into_iter().collect();
        let day = self.today();
        match files.as_slice() {
            [] => format!("searched: the facts of the case, until {day}"),
            files => format!("searched: {}, until {day}", files.join(", ")),
        }
    }
}

/// Holds, perhaps only until a day.
pub(crate) fn holds(what: impl Into<String>, facts: Vec<String>, until: Option<Date>) -> Verdict {
    match until {
        None => Verdict::met(what, facts),
        Some(day) => {
            let why = Why::MetUntil { until: day.to_string() };
            Verdict::leaf(Truth::True, why, what, facts)
        }
    }
}

/// Does not hold, perhaps only until a day.
pub(crate) fn fails(what: impl Into<String>, facts: Vec<String>, until: Option<Date>) -> Verdict {
    let until = until.map(|day| day.to_string());
    Verdict::leaf(Truth::False, Why::NotMet { until }, what, facts)
}

/// Cannot hold for this patient, and is nothing against them.
pub(crate) fn not_applicable(what: impl Into<String>, facts: Vec<String>) -> Verdict {
    Verdict::leaf(Truth::False, Why::NotApplicable, what, facts)
}

impl Range {
    /// Does the value lie in it?
    pub fn admits(&self, value: f64) -> bool {
        let above = self.min.is_none_or(|min| if self.above_min { min < value } else { min <= value });
        let below = self.max.is_none_or(|max| if self.below_max { value < max } else { value <= max });
        above && below
    }

    /// Do whole numbers from `low` to `high` lie in it: all, none, some?
    pub(crate) fn admits_counts(&self, low: u32, high: u32) -> Truth {
        let all = self.admits(f64::from(low)) && self.admits(f64::from(high));
        let (low, high) = (f64::from(low), f64::from(high));
        let too_low = self.min.is_some_and(|min| if self.above_min { high <= min } else { high < min });
        let too_high = self.max.is_some_and(|max| if self.below_max { max <= low } else { max < low });
        match (all, too_low || too_high) {
            (true, _) => Truth::True,
            (false, true) => Truth::False,
            (false, false) => Truth::Open,
        }
    }
}

impl Span {
    pub(crate) fn days(amount: u32) -> Span {
        Span { amount: f64::from(amount), unit: SpanUnit::Days }
    }
}
