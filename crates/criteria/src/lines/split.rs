//! Where does one line end and the next begin?

use super::LineRules;
use super::course::Course;
use concilium_case::{Condition, ConditionRole, Facts, LineIntent, Procedure, Response, StopReason};
use concilium_knowledge::Knowledge;
use concilium_terms::date::days_between;
use concilium_terms::{ClassId, DrugName, PartialDate};
use std::collections::BTreeSet;

/// A line before it has a number.
#[derive(Clone, Debug)]
pub(super) struct Draft<'f> {
    pub courses: Vec<Course<'f>>,
    pub intent: LineIntent,
    /// Partial dates leave open whether this is a line of its own.
    pub unsure: bool,
    pub progression: Option<PartialDate>,
    pub because: Vec<String>,
    /// Ids of progression statements it rests on.
    pub responses: Vec<String>,
    /// Neo- or adjuvant by record, and begun after a metastasis was recorded, on this day.
    pub after_metastasis: Option<PartialDate>,
}

impl Draft<'_> {
    pub fn start(&self) -> Option<&PartialDate> {
        self.courses.iter().filter_map(|course| course.start.as_ref()).min()
    }

    /// Last day as recorded; none while a drug is going on or its end is not known.
    fn known_end(&self) -> Option<&PartialDate> {
        let open = self.courses.iter().any(|course| course.ongoing || course.end.is_none());
        if open { None } else { self.courses.iter().filter_map(|course| course.end.as_ref()).max() }
    }

    pub fn drugs(&self) -> BTreeSet<DrugName> {
        self.courses.iter().map(|course| course.drug.clone()).collect()
    }
}

/// What a course is to the line before it.
enum Step {
    Joins(Option<String>),
    Begins { because: String, unsure: bool },
}

/// Groups dated courses, in order of start.
pub(super) fn split<'f>(context: &Context, facts: &Facts, courses: Vec<Course<'f>>) -> Vec<Draft<'f>> {
    let mut lines: Vec<Draft> = Vec::new();
    for at in 0..courses.len() {
        let (course, later) = (courses[at].clone(), &courses[at + 1..]);
        let step = match lines.last() {
            None => Step::Begins { because: "first systemic therapy recorded".into(), unsure: false },
            Some(line) => context.step_among(line, &course, later),
        };
        match (step, lines.last_mut()) {
            (Step::Joins(because), Some(line)) => {
                line.because.extend(because);
                line.courses.push(course);
            }
            (Step::Joins(_), None) => {}
            (Step::Begins { because, unsure }, _) => {
                let carried = lines.last().map(|line| carried_on(line, &course)).unwrap_or_default();
                lines.push(begin(course, carried, because, unsure));
            }
        }
    }
    for line in &mut lines {
        line.intent = intent(context.rules, facts, line);
        line.after_metastasis = after_metastasis(facts, line);
    }
    end_before_the_next(&mut lines);
    lines
}

/// A line's end never lies after the next line's start.
fn end_before_the_next(lines: &mut [Draft]) {
    let starts: Vec<Option<PartialDate>> = lines.iter().skip(1).map(|line| line.start().cloned()).collect();
    for (line, next) in lines.iter_mut().zip(starts) {
        if let Some(next) = next {
            line.courses.iter_mut().for_each(|course| course.clip(&next));
        }
    }
}

fn begin<'f>(course: Course<'f>, carried: Vec<Course<'f>>, because: String, unsure: bool) -> Draft<'f> {
    let mut courses = vec![course];
    courses.extend(carried);
    Draft {
        courses,
        intent: LineIntent::Advanced,
        unsure,
        progression: None,
        because: vec![because],
        responses: vec![],
        after_metastasis: None,
    }
}

/// Drugs of the line before that are known to go on: they belong to the new regimen too, from its start.
fn carried_on<'f>(line: &Draft<'f>, next: &Course<'f>) -> Vec<Course<'f>> {
    let goes_on = |course: &&Course<'f>| {
        let later_end = match (&course.end, &next.start) {
            (Some(end), Some(start)) => start.surely_before(end),
            (None, _) | (_, None) => false,
        };
        course.drug != next.drug && (course.ongoing || later_end)
    };
    line.courses
        .iter()
        .filter(goes_on)
        .map(|course| Course { start: next.start.clone(), ..course.clone() })
        .collect()
}

/// What the steps are judged by.
pub(super) struct Context<'a> {
    pub rules: &'a LineRules,
    pub knowledge: &'a Knowledge,
    /// Dated statements of progression, by date.
    pub progressions: &'a [&'a Response],
    /// The disease is treated in phases: another drug alone begins no line.
    pub phases: bool,
}

impl Context<'_> {
    /// A record that continues a drug belongs to the next line when that begins on the same day, or, after a stated
    /// progression, within the first days of a regimen.
    fn step_among(&self, line: &Draft, course: &Course, later: &[Course]) -> Step {
        let joins = match self.step(line, course) {
            begins @ Step::Begins { .. } => return begins,
            joins @ Step::Joins(_) => joins,
        };
        let progressed = progressed_between(line, course, self.progressions);
        let window = if progressed.is_some() { self.rules.one_regimen_days } else { 0 };
        let near = |other: &&Course| match (&course.start, &other.start) {
            (Some(this), Some(other)) => days_between(this.earliest(), other.latest()) <= window,
            (None, _) | (_, None) => false,
        };
        let next = later.iter().take_while(near).map(|other| self.step(line, other));
        let begins = next.into_iter().find(|step| matches!(step, Step::Begins { .. }));
        match (begins, progressed) {
            (None, _) => joins,
            (Some(_), Some(because)) => Step::Begins { because, unsure: false },
            (Some(step), None) => step,
        }
    }

    fn step(&self, line: &Draft, course: &Course) -> Step {
        if let Some(because) = other_intent(line, course) {
            return Step::Begins { because, unsure: false };
        }
        if continues_course(self.rules, line, course) {
            return Step::Joins(None);
        }
        if let Some(because) = progressed_between(line, course, self.progressions) {
            return Step::Begins { because, unsure: false };
        }
        let in_regimen = line.drugs().contains(&course.drug);
        match gap_days(line, course) {
            _ if in_regimen => Step::Joins(None),
            Some((_, most)) if most <= self.rules.one_regimen_days => Step::Joins(Some(format!(
                "{} began within {} days: one regimen",
                course.drug, self.rules.one_regimen_days
            ))),
            gap => self.later_drug(line, course, gap),
        }
    }

    /// A drug outside the regimen, after its first days.
    fn later_drug(&self, line: &Draft, course: &Course, gap: Option<(i32, i32)>) -> Step {
        if course.is_maintenance() {
            return Step::Joins(Some(format!("{}: planned maintenance", course.drug)));
        }
        if self.phases {
            return Step::Joins(Some(format!(
                "{}: a phase of one treatment of acute leukaemia",
                course.drug
            )));
        }
        if let Some((replaced, class)) = substituted(self.knowledge, line, course) {
            return Step::Joins(Some(format!("{} for {replaced}: substitution within {class}", course.drug)));
        }
        let unsure = gap.is_some_and(|(fewest, _)| fewest <= self.rules.one_regimen_days);
        let because = match unsure {
            true => {
                format!("{}: outside the regimen, or part of it: the start date is not exact", course.drug)
            }
            false => format!("{}: outside the regimen", course.drug),
        };
        Step::Begins { because, unsure }
    }
}

fn other_intent(line: &Draft, course: &Course) -> Option<String> {
    let stated = course.intent()?;
    let before = line.courses.iter().rev().find_map(Course::intent)?;
    (stated != before).then(|| format!("intent changes from {} to {}", words(before), words(stated)))
}

pub(super) fn words(intent: LineIntent) -> &'static str {
    match intent {
        LineIntent::Neoadjuvant => "neoadjuvant",
        LineIntent::Adjuvant => "adjuvant",
        LineIntent::Advanced => "advanced",
    }
}

/// The next record of a drug that is being given (cycles, refills).
fn continues_course(rules: &LineRules, line: &Draft, course: &Course) -> bool {
    let same = line.courses.iter().filter(|earlier| earlier.drug == course.drug);
    let Some(last) = same.filter_map(Course::last_day).max() else { return false };
    let Some(start) = &course.start else { return false };
    days_between(last.latest(), start.earliest()) <= rules.one_course_days
}

/// Days from the first start of the line to this one (fewest, most).
fn gap_days(line: &Draft, course: &Course) -> Option<(i32, i32)> {
    let (first, start) = (line.start()?, course.start.as_ref()?);
    Some((days_between(first.latest(), start.earliest()), days_between(first.earliest(), start.latest())))
}

/// Progression stated after the line began and not after this course did, or a drug of it stopped for progression.
fn progressed_between(line: &Draft, course: &Course, progressions: &[&Response]) -> Option<String> {
    let (first, start) = (line.start()?, course.start.as_ref()?);
    let between = |when: &PartialDate| first.latest() < when.latest() && when.earliest() <= start.latest();
    let stated =
        progressions.iter().filter_map(|response| response.meta.when.as_ref()).find(|when| between(when));
    // A drug of the same first days is stopped later, with the rest: only a stop before this start ends the line.
    let ended = |end: &PartialDate| first.latest() < end.latest() && end.earliest() <= start.latest();
    let stopped = line.courses.iter().find(|earlier| {
        earlier.stop == Some(StopReason::Progression) && earlier.end.as_ref().is_some_and(ended)
    });
    match (stated, stopped) {
        (Some(when), _) => Some(format!("progression stated {}", when.day_text())),
        (None, Some(earlier)) => Some(format!("{} stopped for progression", earlier.drug)),
        (None, None) => None,
    }
}

/// A drug of the regimen that shares a class of the same rank, is not given any more, and was not stopped for
/// progression (that was asked before).
fn substituted(knowledge: &Knowledge, line: &Draft, course: &Course) -> Option<(DrugName, ClassId)> {
    let start = course.start.as_ref()?;
    let given_up = |earlier: &&Course| {
        let ended = earlier.last_day().is_some_and(|last| last.earliest() <= start.latest());
        ended && !earlier.ongoing
    };
    line.courses.iter().filter(given_up).find_map(|earlier| {
        let class = shared_class(knowledge, &earlier.drug, &course.drug)?;
        Some((earlier.drug.clone(), class))
    })
}

/// Classes too wide for a substitution: their members are different treatments.
const WIDE_CLASSES: [&str; 6] = [
    "antineoplastic",
    "chemotherapy",
    "targeted-therapy",
    "kinase-inhibitor",
    "multikinase-inhibitor",
    "endocrine",
];

/// A class both drugs are listed under directly, that describes an anticancer action and is narrow enough to say
/// something of both.
pub fn shared_class(knowledge: &Knowledge, a: &DrugName, b: &DrugName) -> Option<ClassId> {
    let classes =
        |drug: &DrugName| knowledge.drugs.get(drug).map(|row| row.classes.clone()).unwrap_or_default();
    let other = classes(b);
    classes(a).into_iter().find(|class| {
        other.contains(class) && !WIDE_CLASSES.contains(&class.as_str()) && is_anticancer(knowledge, class)
    })
}

fn is_anticancer(knowledge: &Knowledge, class: &ClassId) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = Some(class.clone());
    while let Some(class) = at.filter(|class| seen.insert(class.clone())) {
        if matches!(class.as_str(), "antineoplastic" | "endocrine") {
            return true;
        }
        at = knowledge.drugs.classes.get(&class).and_then(|row| row.parent.clone());
    }
    false
}

/// Stated intent; else by a curative operation nearby; else advanced disease.
fn intent(rules: &LineRules, facts: &Facts, line: &mut Draft) -> LineIntent {
    if let Some(stated) = line.courses.iter().find_map(Course::intent) {
        return stated;
    }
    let Some(start) = line.start().cloned() else { return LineIntent::Advanced };
    let mut operations: Vec<&PartialDate> =
        facts.procedures.iter().filter(|p| is_curative(p)).filter_map(|p| p.meta.when.as_ref()).collect();
    operations.sort();
    let near = |days: i32| (0..=rules.around_surgery_days).contains(&days);
    let before = operations
        .iter()
        .find(|day| near(days_between(start.earliest(), day.latest())) && start.surely_before(day));
    let after = operations.iter().find(|day| near(days_between(day.latest(), start.earliest())));
    match (before, after) {
        (Some(day), _) => {
            line.because.push(format!("neoadjuvant: curative operation {}", day.day_text()));
            LineIntent::Neoadjuvant
        }
        (None, Some(day)) => {
            line.because.push(format!("adjuvant: curative operation {}", day.day_text()));
            LineIntent::Adjuvant
        }
        (None, None) => LineIntent::Advanced,
    }
}

/// The first day a metastasis was recorded surely before a neo- or adjuvant line began. Lymph nodes may be regional.
fn after_metastasis(facts: &Facts, line: &Draft) -> Option<PartialDate> {
    let start = line.start().filter(|_| line.intent != LineIntent::Advanced)?;
    let days = facts.conditions.iter().filter(|c| is_distant(c)).filter_map(|c| c.meta.when.as_ref());
    days.filter(|day| day.surely_before(start)).min().cloned()
}

/// A metastasis on record that is none of lymph nodes alone.
pub fn is_distant(condition: &Condition) -> bool {
    let named = || condition.codes.iter().chain(&condition.sites).map(|code| code.display.to_lowercase());
    condition.role == ConditionRole::Metastasis
        && condition.present != Some(false)
        && condition.meta.retraction.is_none()
        && !named().any(|words| words.contains("lymph node"))
}

fn is_curative(procedure: &Procedure) -> bool {
    let intent = procedure.intent.as_deref().unwrap_or("").to_lowercase();
    intent.contains("curative") && procedure.meta.retraction.is_none() && procedure.status != "not-done"
}

/// Gives each line the first progression stated after its start and up to the start of the next. One that comes long
/// after the last day of the line did not end it: a late relapse is no progression on the drugs.
pub(super) fn attach_progressions(rules: &LineRules, lines: &mut [Draft], progressions: &[&Response]) {
    let starts: Vec<Option<PartialDate>> = lines.iter().map(|line| line.start().cloned()).collect();
    for (at, line) in lines.iter_mut().enumerate() {
        let Some(start) = &starts[at] else { continue };
        let next = starts.get(at + 1).cloned().flatten();
        let of_line = |when: &PartialDate| {
            start.latest() < when.latest()
                && next.as_ref().is_none_or(|next| when.earliest() <= next.latest())
        };
        let soon = |when: &PartialDate| {
            let end = line.known_end();
            end.is_none_or(|end| days_between(end.latest(), when.earliest()) <= rules.early_relapse_days)
        };
        let ends_it = |when: &PartialDate| of_line(when) && soon(when);
        let stated = progressions.iter().find(|response| response.meta.when.as_ref().is_some_and(ends_it));
        let stopped = line.courses.iter().filter(|course| course.stop == Some(StopReason::Progression));
        let stop_day = stopped.filter_map(|course| course.end.clone()).min();
        line.responses.extend(stated.map(|response| response.meta.id.clone()));
        line.progression =
            stated.and_then(|response| response.meta.when.clone()).into_iter().chain(stop_day).min();
    }
}
