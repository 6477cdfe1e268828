//! Which lines of systemic therapy has the patient had?
//!
//! Clinical rules, section 3, "Lines": anticancer drugs by start; drugs that start close together are one regimen; a
//! new line on progression or on a drug outside the regimen, except a same-class substitution or planned maintenance.
//! Neo- and adjuvant lines are counted apart. What dates do not settle becomes a range, and an issue.

mod course;
mod early;
mod next;
mod number;
mod split;

use concilium_case::{
    Case, Condition, ConditionRole, Facts, Issue, Level, Line, Medication, Response, Status,
};
use concilium_knowledge::Knowledge;
use concilium_terms::{AsOf, Doid, PartialDate};
use course::courses;

pub use early::counts_as_prior;
pub(crate) use early::counts_by_rule;
pub use next::{NextLine, next_line};
pub(crate) use number::relapsed_early;
pub use split::{is_distant, shared_class};

/// The start of the last systemic line, where a sample was surely taken before it: what it showed, or did not show, may
/// have changed since. The rule is one for tissue and plasma, findings and negatives; inherited changes do not age.
pub fn outdated_by<'c>(case: &'c Case, sampled: &PartialDate) -> Option<&'c PartialDate> {
    let last = case.lines.iter().filter_map(|line| line.start.as_ref()).max()?;
    sampled.surely_before(last).then_some(last)
}

/// Parameters of the derivation. All `unreviewed`: to be checked against a published definition of line of therapy
/// (for example the ESMO real-world line-of-therapy framework) and the site's own practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineRules {
    /// Drugs that start within so many days of the first are one regimen.
    pub one_regimen_days: i32,
    /// Records of one drug that follow within so many days are one course, even after a stated progression.
    pub one_course_days: i32,
    /// Relapse within so many days after neo- or adjuvant therapy lets it count as a line too (6 months). Progression
    /// later than that after the last day of any line did not end that line.
    pub early_relapse_days: i32,
    /// Therapy that begins within so many days before a curative operation is neoadjuvant, after it adjuvant.
    pub around_surgery_days: i32,
}

impl Default for LineRules {
    fn default() -> LineRules {
        LineRules {
            one_regimen_days: 28,
            one_course_days: 28,
            early_relapse_days: 183,
            around_surgery_days: 180,
        }
    }
}

/// Derives lines with the default parameters. `facts` may be unordered; drugs must be resolved.
pub fn derive_lines(facts: &Facts, knowledge: &Knowledge, as_of: &AsOf) -> (Vec<Line>, Vec<Issue>) {
    derive_lines_with(&LineRules::default(), facts, knowledge, as_of)
}

/// As `derive_lines`, with a site's parameters.
pub fn derive_lines_with(
    rules: &LineRules,
    facts: &Facts,
    knowledge: &Knowledge,
    as_of: &AsOf,
) -> (Vec<Line>, Vec<Issue>) {
    let (dated, undated) = courses(facts, knowledge, as_of);
    let progressions = progressions(facts, as_of);
    let context =
        split::Context { rules, knowledge, progressions: &progressions, phases: in_phases(facts, knowledge) };
    let mut drafts = split::split(&context, facts, dated);
    split::attach_progressions(rules, &mut drafts, &progressions);
    let lines = number::number(rules, drafts, &undated);
    let mut issues: Vec<Issue> = undated.iter().filter_map(|course| no_start(course.record)).collect();
    issues.extend(undated_progressions(facts));
    issues.extend(several_primaries(facts));
    issues.sort();
    issues.dedup();
    (lines, issues)
}

/// Disease Ontology: "acute leukemia". Induction, consolidation and maintenance are phases of one treatment
/// (`unreviewed`: ESMO and NCCN, acute lymphoblastic leukaemia, treatment phases).
const ACUTE_LEUKAEMIA: &str = "DOID:12603";

/// Is the disease one whose treatment is given in phases, so that another drug alone begins no line?
fn in_phases(facts: &Facts, knowledge: &Knowledge) -> bool {
    let acute = |condition: &Condition| {
        let read = knowledge.diseases.resolve_disease(&condition.codes, &[]);
        read.is_ok_and(|read| knowledge.diseases.is_a(&read.doid, &Doid::new(ACUTE_LEUKAEMIA)))
    };
    let primaries = facts.conditions.iter().filter(|condition| {
        condition.role == ConditionRole::PrimaryCancer
            && condition.present != Some(false)
            && condition.meta.retraction.is_none()
    });
    let (all, some) = primaries.fold((true, false), |(all, _), condition| (all && acute(condition), true));
    all && some
}

/// Dated statements of progression, by date.
fn progressions<'f>(facts: &'f Facts, as_of: &AsOf) -> Vec<&'f Response> {
    let counts = |response: &&Response| {
        let known = response.meta.when.as_ref().is_some_and(|when| when.earliest() <= as_of.date());
        response.status == Status::Progressed && response.meta.retraction.is_none() && known
    };
    let mut found: Vec<&Response> = facts.responses.iter().filter(counts).collect();
    found.sort_by(|a, b| (&a.meta.when, &a.meta.id).cmp(&(&b.meta.when, &b.meta.id)));
    found
}

fn no_start(record: &Medication) -> Option<Issue> {
    Some(Issue {
        level: Level::Doubtful,
        source: record.meta.sources.first()?.clone(),
        what: "anticancer drug without a start date: its line is not known, line numbers are ranges".into(),
        remedy: "add the start of therapy".into(),
    })
}

fn undated_progressions(facts: &Facts) -> Vec<Issue> {
    let undated = |response: &&Response| {
        response.status == Status::Progressed
            && response.meta.when.is_none()
            && response.meta.retraction.is_none()
    };
    let issue = |response: &Response| {
        Some(Issue {
            level: Level::Doubtful,
            source: response.meta.sources.first()?.clone(),
            what: "progression without a date: it ends no line".into(),
            remedy: "add the date of progression".into(),
        })
    };
    facts.responses.iter().filter(undated).filter_map(issue).collect()
}

/// Lines are counted over all drugs; drugs given for two primaries would be mixed.
fn several_primaries(facts: &Facts) -> Option<Issue> {
    let is_primary = |id: &str| {
        facts
            .conditions
            .iter()
            .any(|condition| condition.meta.id == id && condition.role == ConditionRole::PrimaryCancer)
    };
    let given = facts.medications.iter().filter(|record| record.exposure.is_exposure());
    let mut reasons = given.filter(|record| record.reason.as_deref().is_some_and(is_primary));
    let first = reasons.next()?;
    let other = reasons.find(|record| record.reason != first.reason)?;
    Some(Issue {
        level: Level::Doubtful,
        source: other.meta.sources.first()?.clone(),
        what: "drugs are recorded for more than one primary: lines are counted together".into(),
        remedy: "check which primary each line was given for".into(),
    })
}
