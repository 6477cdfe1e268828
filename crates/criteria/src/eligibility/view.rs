//! What do people see of a criterion's verdict?
//!
//! The seven names of the clinical rules, section 6, and `NotRecorded`, are a view of truth and deciding leaves. Where
//! several apply the shown one is: permanent NotMet, Conflicting, recoverable NotMet, unknown.

use super::ask::Ask;
use super::expr::{Criterion, Expr, Role};
use super::judge::{Context, Options, join, judge, judge_ask};
use super::time::{at, when_not_false};
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::Case;
use concilium_knowledge::Knowledge;
use concilium_terms::Truth;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A verdict as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// The patient meets it; for an exclusion: it does not keep them out.
    Met,
    /// The patient does not meet it.
    NotMet {
        /// The ISO day from which it is no longer known to fail; `None` = no such day is known.
        until: Option<String>,
    },
    /// Nobody knows, because it was not tested so.
    NotTested(NotTested),
    /// Sources disagree.
    Conflicting,
    /// It cannot be computed.
    NotComputable,
    /// It is about other patients: another cohort, another sex. Neutral.
    NotApplicable,
    /// A person must judge.
    NeedsJudgement,
    /// A history nobody recorded; does not block, needs sign-off.
    NotRecorded,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Shown::Met => "met",
            Shown::NotMet { until: None } => "not met",
            Shown::NotMet { until: Some(day) } => return write!(f, "not met until {day}"),
            Shown::NotTested(how) => match how {
                NotTested::NeverDone => "not tested",
                NotTested::Ordered => "not tested: ordered, no result",
                NotTested::Failed => "not tested: the test failed",
                NotTested::TooOld => "not tested: the result is too old",
                NotTested::NotCovered => "not tested: the assay does not cover it",
                NotTested::Uncertain | NotTested::Doubtful => "not settled",
                NotTested::Elsewhere => "may stand in records that were not handed in",
            },
            Shown::Conflicting => "sources disagree",
            Shown::NotComputable => "not computable",
            Shown::NotApplicable => "about others",
            Shown::NeedsJudgement => "for a person",
            Shown::NotRecorded => "not recorded: needs sign-off",
        })
    }
}

/// One criterion judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CriterionVerdict {
    /// The criterion's id.
    pub id: String,
    /// Inclusion or exclusion.
    pub role: Role,
    /// Truth of what is demanded of the patient, with deciding leaves.
    pub verdict: Verdict,
    /// What people see.
    pub shown: Shown,
    /// It fails by something that may change on no day we can name: a value, a drug taken now, a performance status.
    pub changeable: bool,
}

/// Judges what a criterion demands.
pub fn judge_criterion(
    criterion: &Criterion,
    case: &Case,
    knowledge: &Knowledge,
    options: &Options,
) -> CriterionVerdict {
    let demand = criterion.demand();
    let verdict = judge(&demand, case, knowledge, options);
    let shown = match verdict.truth {
        Truth::True => shown_true(&verdict),
        Truth::Open => shown_open(&verdict),
        Truth::False => shown_false(&demand, case, knowledge, options),
    };
    let for_good = || lasting(&demand, case, knowledge, options) == Truth::False;
    let changeable = verdict.truth == Truth::False && !for_good();
    CriterionVerdict { id: criterion.id.clone(), role: criterion.role, verdict, shown, changeable }
}

impl CriterionVerdict {
    /// A criterion about other cohorts.
    pub fn not_applicable(criterion: &Criterion, why: &str) -> CriterionVerdict {
        CriterionVerdict {
            id: criterion.id.clone(),
            role: criterion.role,
            verdict: Verdict::leaf(Truth::True, Why::NotApplicable, why, vec![]),
            shown: Shown::NotApplicable,
            changeable: false,
        }
    }
}

fn shown_true(verdict: &Verdict) -> Shown {
    let neutral =
        !verdict.leaves.is_empty() && verdict.leaves.iter().all(|leaf| leaf.why == Why::NotApplicable);
    if neutral { Shown::NotApplicable } else { Shown::Met }
}

/// Of what is open: a conflict first, then what a test would settle, then what nobody can compute, a person's
/// judgement, and last a history nobody recorded.
pub(crate) fn shown_open(verdict: &Verdict) -> Shown {
    let has = |why: &Why| verdict.leaves.iter().any(|leaf| leaf.why == *why);
    let tested = verdict.leaves.iter().find_map(|leaf| match leaf.why {
        Why::NotTested(how) => Some(how),
        _ => None,
    });
    match tested {
        _ if has(&Why::Conflicting) => Shown::Conflicting,
        Some(how) => Shown::NotTested(how),
        None if has(&Why::NotComputable) => Shown::NotComputable,
        None if has(&Why::NeedsJudgement) => Shown::NeedsJudgement,
        None if has(&Why::NotRecorded) => Shown::NotRecorded,
        None => Shown::NotComputable,
    }
}

/// A conflict that remains on the day a failure ends is shown before the failure.
fn shown_false(demand: &Expr, case: &Case, knowledge: &Knowledge, options: &Options) -> Shown {
    let Some(day) = when_not_false(demand, case, knowledge, options) else {
        return Shown::NotMet { until: None };
    };
    let then = judge(demand, &at(case, day), knowledge, options);
    match then.truth == Truth::Open && shown_open(&then) == Shown::Conflicting {
        true => Shown::Conflicting,
        false => Shown::NotMet { until: Some(day.to_string()) },
    }
}

/// The truth by what lasts alone: what may change is left open.
fn lasting(demand: &Expr, case: &Case, knowledge: &Knowledge, options: &Options) -> Truth {
    let answer = |ask: &Ask, keeps_out: bool| match ask.lasts() {
        true => judge_ask(&Context::new(case, knowledge, options, keeps_out), ask),
        false => Verdict::not_computable("may change", vec![]),
    };
    join(demand, false, &answer).truth
}

impl Ask {
    /// Does an answer of this kind last, save for a day that can be named?
    pub fn lasts(&self) -> bool {
        match self {
            Ask::Age { .. }
            | Ask::Sex { .. }
            | Ask::Disease { .. }
            | Ask::Biomarker { .. }
            | Ask::Prior { .. }
            | Ask::SecondMalignancy { active: false, .. }
            | Ask::Allergy { .. } => true,
            Ask::Condition { state, .. } => {
                use super::ask::ConditionState as State;
                matches!(state, State::Ever | State::EverSevere | State::EverNeedingTreatment)
            }
            Ask::Stage { .. }
            | Ask::Category { .. }
            | Ask::Extent { .. }
            | Ask::Metastasis { .. }
            | Ask::Measurable { .. }
            | Ask::Marker(_)
            | Ask::Performance { .. }
            | Ask::Lab { .. }
            | Ask::Recent { .. }
            | Ask::Concomitant { .. }
            | Ask::SecondMalignancy { active: true, .. }
            | Ask::Reproductive { .. }
            | Ask::Judgement { .. }
            | Ask::NotComputable { .. } => false,
        }
    }
}
