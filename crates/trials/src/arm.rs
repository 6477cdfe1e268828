//! Does this arm take this patient, as far as is known?
//!
//! Every demand of the trial that is about the arm, behind the arm's own gate. The best label is "no known conflict":
//! nobody is ever called eligible here.

use crate::model::{Arm, ArmStatus, RegistryStatus, StatusSource, Trial};
use concilium_case::Case;
use concilium_criteria::eligibility::{
    Ask, Criterion, CriterionVerdict, Earliest, Expr, Options, Role, Shown, earliest_day, judge_criterion,
    missing_facts, routine,
};
use concilium_criteria::{NotTested, Verdict, Why};
use concilium_knowledge::Knowledge;
use concilium_terms::Truth;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// What a site settles.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How criteria are judged.
    pub options: Options,
    /// A status older than this shows its age, days. `unreviewed`: 90, own convention.
    pub status_days: i32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { options: Options::default(), status_days: 90 }
    }
}

/// Does the arm take patients at all?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Open by the site's word.
    Open,
    /// Open by the registry or by nobody's word: unconfirmed at site.
    Unconfirmed,
    /// Not yet open.
    NotYet,
    /// No places left.
    Full,
    /// Closed: whatever the criteria say.
    Closed,
}

/// One word for an arm and a patient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// Nothing fails, nothing conflicts, and only routine questions are open.
    NoKnownConflict,
    /// Nothing fails or conflicts, the tumour is met by name, and everything asked about age, sex, stage, biomarkers and
    /// prior therapy is met as far as it could be computed; the rest is to be checked.
    Likely,
    /// Something of that, or a conflict, is open; or nothing could be computed.
    OpenQuestions,
    /// Fails now, and no longer on a day that is known.
    BlockedUntil {
        /// ISO day.
        day: String,
    },
    /// Fails by something that may change on no day we can name.
    BlockedForNow,
    /// Fails by something that lasts.
    BlockedPermanently,
    /// The arm takes nobody.
    Closed,
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Label::NoKnownConflict => f.write_str("no known conflict"),
            Label::Likely => f.write_str("likely"),
            Label::OpenQuestions => f.write_str("open questions"),
            Label::BlockedUntil { day } => write!(f, "blocked until {day}"),
            Label::BlockedForNow => f.write_str("blocked for now"),
            Label::BlockedPermanently => f.write_str("blocked permanently"),
            Label::Closed => f.write_str("closed"),
        }
    }
}

/// How many criteria are shown as what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Met.
    pub met: usize,
    /// Not met, for good or for a time.
    pub not_met: usize,
    /// Sources disagree.
    pub conflicting: usize,
    /// Not tested.
    pub not_tested: usize,
    /// Not recorded: needs sign-off, does not block.
    pub not_recorded: usize,
    /// For a person to judge.
    pub judgement: usize,
    /// Not computable.
    pub not_computable: usize,
    /// About others.
    pub not_applicable: usize,
    /// Of all these, open and routine: consent, contraception, any judgement, a history nobody recorded.
    pub routine: usize,
}

/// One arm judged for one patient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArmVerdict {
    /// Trial id.
    pub trial: String,
    /// Arm label.
    pub arm: String,
    /// Does it take patients?
    pub gate: Gate,
    /// Age of the status in days where it is older than the site allows, or its day is not known (`None` inside).
    pub stale_status: Option<Option<i32>>,
    /// In one word.
    pub label: Label,
    /// In numbers.
    pub counts: Counts,
    /// Each criterion, in the trial's order.
    pub criteria: Vec<CriterionVerdict>,
    /// When something fails: the earliest day without a known failure, and what must happen until then.
    pub earliest: Option<Earliest>,
    /// Facts that would decide the arm whatever they turn out to be.
    pub missing: BTreeSet<String>,
}

/// All arms of a trial, likely ones first.
pub fn judge_trial(
    trial: &Trial,
    case: &Case,
    knowledge: &Knowledge,
    settings: &Settings,
) -> Vec<ArmVerdict> {
    let mut arms: Vec<ArmVerdict> =
        trial.arms.iter().map(|arm| judge_arm(trial, arm, case, knowledge, settings)).collect();
    arms.sort_by(|a, b| a.order().cmp(&b.order()));
    arms
}

/// One arm.
pub fn judge_arm(
    trial: &Trial,
    arm: &Arm,
    case: &Case,
    knowledge: &Knowledge,
    settings: &Settings,
) -> ArmVerdict {
    let options = Options { study_drugs: arm.drugs.clone(), ..settings.options.clone() };
    let judged = |criterion: &Criterion| match concerns(trial, arm, criterion) {
        Concern::This => judge_criterion(criterion, case, knowledge, &options),
        Concern::Others => CriterionVerdict::not_applicable(criterion, "about other cohorts"),
        Concern::Unknown => unsure(judge_criterion(criterion, case, knowledge, &options)),
    };
    let criteria: Vec<CriterionVerdict> = trial.criteria.iter().map(judged).collect();
    let asked: Vec<&Criterion> =
        trial.criteria.iter().filter(|criterion| concerns(trial, arm, criterion) == Concern::This).collect();
    let fails = criteria.iter().any(|verdict| verdict.verdict.truth == Truth::False);
    let earliest = fails.then(|| earliest_day(&asked, case, knowledge, &options));
    let gate = gate(trial, arm);
    let label = match gate {
        Gate::Closed => Label::Closed,
        _ if case.patient.deceased.is_some() => Label::BlockedPermanently,
        Gate::Open | Gate::Unconfirmed | Gate::NotYet | Gate::Full => {
            label(trial, &criteria, earliest.as_ref(), gate)
        }
    };
    let missing =
        asked.iter().flat_map(|criterion| missing_facts(&criterion.demand(), case, knowledge, &options));
    ArmVerdict {
        trial: trial.id.clone(),
        arm: arm.label.clone(),
        gate,
        stale_status: stale(trial, case, settings.status_days),
        label,
        counts: counts(&criteria),
        missing: missing.collect(),
        criteria,
        earliest,
    }
}

/// Whom a criterion is about, seen from an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    This,
    Others,
    Unknown,
}

/// A criterion is about this arm, about others, or about a cohort that no arm of the trial is called.
pub(crate) fn concerns(trial: &Trial, arm: &Arm, criterion: &Criterion) -> Concern {
    let same = |label: &String, of: &Arm| plain(label) == plain(&of.label);
    let labels = &criterion.applies_to;
    let known = |label: &String| trial.arms.iter().any(|other| same(label, other));
    match () {
        () if labels.is_empty() || labels.iter().any(|label| same(label, arm)) => Concern::This,
        () if labels.iter().all(known) => Concern::Others,
        () => Concern::Unknown,
    }
}

fn plain(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What keeps a patient out of a cohort nobody can name does not keep them out of this arm, nor let them in.
fn unsure(verdict: CriterionVerdict) -> CriterionVerdict {
    match verdict.verdict.truth {
        Truth::True | Truth::Open => verdict,
        Truth::False => CriterionVerdict {
            verdict: Verdict::leaf(
                Truth::Open,
                Why::NotComputable,
                "not met; whether this arm is meant is not known",
                verdict.verdict.leaves.into_iter().flat_map(|leaf| leaf.facts).collect(),
            ),
            shown: Shown::NotComputable,
            changeable: false,
            ..verdict
        },
    }
}

/// Takes it nobody, whatever its criteria say?
pub fn is_closed(trial: &Trial, arm: &Arm) -> bool {
    gate(trial, arm) == Gate::Closed
}

/// A closed record blocks, whoever says so; an open one is open at the site only by the site's word.
pub(crate) fn gate(trial: &Trial, arm: &Arm) -> Gate {
    match (trial.status.status, arm.status) {
        (_, ArmStatus::Closed) => Gate::Closed,
        (
            RegistryStatus::ActiveNotRecruiting
            | RegistryStatus::Suspended
            | RegistryStatus::Completed
            | RegistryStatus::Ended,
            _,
        ) => Gate::Closed,
        _ if arm.slots == Some(0) => Gate::Full,
        (RegistryStatus::NotYet, _) => Gate::NotYet,
        (RegistryStatus::Recruiting | RegistryStatus::ByInvitation, _)
            if trial.status.by == StatusSource::Site =>
        {
            Gate::Open
        }
        (RegistryStatus::Recruiting | RegistryStatus::ByInvitation | RegistryStatus::Unknown, _) => {
            Gate::Unconfirmed
        }
    }
}

/// Age of the status in days where it is older than the site allows; `Some(None)`: its day is not known.
pub fn stale(trial: &Trial, case: &Case, status_days: i32) -> Option<Option<i32>> {
    match &trial.status.as_of {
        None => Some(None),
        Some(day) => {
            let (fewest, _) = day.days_until(case.as_of.date());
            (status_days < fewest).then_some(Some(fewest))
        }
    }
}

fn label(trial: &Trial, criteria: &[CriterionVerdict], earliest: Option<&Earliest>, gate: Gate) -> Label {
    if let Some(earliest) = earliest {
        let lasts = |verdict: &CriterionVerdict| {
            verdict.verdict.truth == Truth::False
                && !verdict.changeable
                && verdict.shown == Shown::NotMet { until: None }
        };
        return match &earliest.day {
            _ if criteria.iter().any(lasts) => Label::BlockedPermanently,
            Some(day) => Label::BlockedUntil { day: day.clone() },
            None => Label::BlockedForNow,
        };
    }
    let both = || trial.criteria.iter().zip(criteria);
    let open =
        |verdict: &CriterionVerdict| verdict.verdict.truth == Truth::Open && !routine(&verdict.verdict);
    // A text whose disease no rule could read may be about any tumour: nobody is likely for it.
    let tumour_met = both().any(|(criterion, verdict)| verdict.shown == Shown::Met && asks_tumour(criterion));
    let open_central = both().any(|(criterion, verdict)| open(verdict) && is_central(criterion));
    let conflict = criteria.iter().any(|verdict| verdict.shown == Shown::Conflicting);
    match () {
        () if gate == Gate::NotYet || gate == Gate::Full => Label::BlockedForNow,
        () if !tumour_met || open_central || conflict => Label::OpenQuestions,
        () if criteria.iter().any(open) => Label::Likely,
        () => Label::NoKnownConflict,
    }
}

/// Does it let in by the tumour? "Patients with solid tumors: albumin at least 2" is met by everybody without one and
/// says nothing of who is wanted.
pub(crate) fn asks_tumour(criterion: &Criterion) -> bool {
    criterion.role == Role::Inclusion && needs_tumour(&criterion.expr)
}

/// Can it hold only where a tumour is as asked?
fn needs_tumour(expr: &Expr) -> bool {
    match expr {
        Expr::Ask(ask) => matches!(**ask, Ask::Disease { .. }),
        Expr::All(of) => of.iter().any(needs_tumour),
        Expr::Any(of) => !of.is_empty() && of.iter().all(needs_tumour),
        Expr::AtLeast { n, of } => 0 < *n && of.iter().all(needs_tumour),
        Expr::Not(_) => false,
    }
}

/// What a coordinator looks at first: who the patient is, what the tumour is, what it carries, what was given.
pub fn is_central(criterion: &Criterion) -> bool {
    let central = |ask: &&Ask| {
        matches!(
            ask,
            Ask::Age { .. }
                | Ask::Sex { .. }
                | Ask::Disease { .. }
                | Ask::Stage { .. }
                | Ask::Extent { .. }
                | Ask::Biomarker { .. }
                | Ask::Marker(_)
                | Ask::Prior { .. }
        )
    };
    criterion.expr.asks().iter().any(central)
}

fn counts(criteria: &[CriterionVerdict]) -> Counts {
    let mut counts = Counts::default();
    for criterion in criteria {
        counts.add(&criterion.shown, routine(&criterion.verdict));
    }
    counts
}

impl Counts {
    /// Counts one criterion more.
    pub(crate) fn add(&mut self, shown: &Shown, routine: bool) {
        let count = match shown {
            Shown::Met => &mut self.met,
            Shown::NotMet { .. } => &mut self.not_met,
            Shown::Conflicting => &mut self.conflicting,
            Shown::NotTested(_) => &mut self.not_tested,
            Shown::NotRecorded => &mut self.not_recorded,
            Shown::NeedsJudgement => &mut self.judgement,
            Shown::NotComputable => &mut self.not_computable,
            Shown::NotApplicable => &mut self.not_applicable,
        };
        *count += 1;
        self.routine += usize::from(routine);
    }
}

/// Label first; then fewer conflicts, fewer questions that are not routine, more that is met. Routine questions come
/// last of all, so that thirty of them bury nobody.
type Order<'a> = (&'a Label, usize, usize, Reverse<usize>, Gate, usize, &'a str, &'a str);

impl ArmVerdict {
    /// Sort key of a coordinator's list.
    pub fn order(&self) -> Order<'_> {
        let counts = &self.counts;
        let open = counts.conflicting + counts.not_tested + counts.not_computable;
        (
            &self.label,
            counts.conflicting,
            open,
            Reverse(counts.met),
            self.gate,
            counts.routine,
            &self.trial,
            &self.arm,
        )
    }

    /// Criteria open because a result must be repeated.
    pub fn to_repeat(&self) -> impl Iterator<Item = &CriterionVerdict> {
        self.criteria.iter().filter(|criterion| criterion.shown == Shown::NotTested(NotTested::TooOld))
    }
}
