//! Which of the site's trials stand in a plan? Those the folder of trials holds, judged after the plan is made.

use crate::cohort::rank;
use crate::input::sha256_text;
use crate::run::Engine;
use crate::trials::{ArmCounts, ArmVerdict, Gate, Label, Trial, Trials};
use concilium_case::Case;
use concilium_criteria::eligibility::{Ask, CriterionVerdict, Role, Shown};
use concilium_recommend::{PlanTrials, TrialArm};
use concilium_terms::Truth;
use concilium_trials::{ArmId, Compiled, Decision, Settings, is_central};
use std::path::Path;

/// The trials of a site, read once.
#[derive(Debug, Default)]
pub(crate) struct Held {
    trials: Vec<Trial>,
    /// Over all of them; `None` without any.
    pub(crate) hash: Option<String>,
    /// Why they cannot be read.
    pub(crate) notice: Option<String>,
}

impl Held {
    /// What lies in a folder; nothing is made there.
    pub(crate) fn read(folder: &Path) -> Held {
        if !folder.join("parts").is_dir() {
            return Held::default();
        }
        match Trials::open(folder).and_then(|trials| trials.all()) {
            Ok(trials) if trials.is_empty() => Held::default(),
            Ok(trials) => {
                let hash = sha256_text(&serde_json::to_string(&trials).unwrap_or_default());
                Held { trials, hash: Some(hash), notice: None }
            }
            Err(error) => Held { notice: Some(format!("no trial was asked: {error}")), ..Held::default() },
        }
    }
}

impl Engine {
    /// Every trial of the site against a case.
    pub(crate) fn trials_of(&self, case: &Case) -> PlanTrials {
        let held = self.trials();
        if held.trials.is_empty() {
            let none = "no trial is imported here: none was asked (`concilium trials import`)".to_owned();
            return PlanTrials { note: held.notice.clone().unwrap_or(none), ..PlanTrials::default() };
        }
        let compiled = Compiled::new(held.trials.clone(), &self.knowledge, Settings::default());
        let mut plan = PlanTrials::default();
        let mut open: Vec<(ArmId, Decision)> = vec![];
        for (arm, decision) in compiled.screen(case).decisions {
            *plan.answers.entry(answer(&decision.label).to_owned()).or_default() += 1;
            if !is_out(&decision.label) {
                open.push((arm, decision));
            }
        }
        // The compiled form finds, the reference words what is listed.
        open.sort_by_key(|(_, decision)| rank(decision));
        let worded =
            open.iter().filter_map(|(arm, _)| Some((compiled.arm(*arm)?.0, compiled.explain(case, *arm)?)));
        // A text whose disease no rule read may be about any: where questions are open, the tumour must be met by name.
        let about = worded
            .filter(|(trial, verdict)| verdict.label != Label::OpenQuestions || meets_tumour(trial, verdict));
        let mut judged: Vec<(&Trial, ArmVerdict)> = about.take(PlanTrials::LISTED).collect();
        judged.sort_by(|(_, a), (_, b)| a.order().cmp(&b.order()));
        plan.note = format!(
            "{} trials of this site were asked. Nobody is called eligible: a person checks every criterion",
            held.trials.len()
        );
        plan.arms =
            judged.iter().take(PlanTrials::LISTED).map(|(trial, verdict)| arm(trial, verdict)).collect();
        plan
    }
}

fn is_out(label: &Label) -> bool {
    matches!(label, Label::BlockedForNow | Label::BlockedPermanently | Label::Closed)
}

fn meets_tumour(trial: &Trial, verdict: &ArmVerdict) -> bool {
    let asks = |one: &CriterionVerdict| {
        let criterion = trial.criteria.iter().find(|criterion| criterion.id == one.id);
        criterion.is_some_and(|criterion| {
            criterion.role == Role::Inclusion
                && criterion.expr.asks().iter().any(|ask| matches!(ask, Ask::Disease { .. }))
        })
    };
    verdict.criteria.iter().any(|one| one.shown == Shown::Met && asks(one))
}

/// The label without its day.
fn answer(label: &Label) -> &'static str {
    match label {
        Label::NoKnownConflict => "no known conflict",
        Label::Likely => "likely",
        Label::OpenQuestions => "open questions",
        Label::BlockedUntil { .. } => "blocked until a day",
        Label::BlockedForNow => "blocked for now",
        Label::BlockedPermanently => "blocked permanently",
        Label::Closed => "closed",
    }
}

fn arm(trial: &Trial, verdict: &ArmVerdict) -> TrialArm {
    TrialArm {
        trial: trial.id.clone(),
        title: trial.title.clone(),
        arm: verdict.arm.clone(),
        answer: verdict.label.to_string(),
        status: status(trial, verdict),
        criteria: counts(&verdict.counts),
        deciding: deciding(trial, verdict),
        missing: verdict.missing.iter().cloned().collect(),
    }
}

fn status(trial: &Trial, verdict: &ArmVerdict) -> String {
    let gate = match verdict.gate {
        Gate::Open => "open at the site",
        Gate::Unconfirmed => "unconfirmed at site",
        Gate::NotYet => "not yet recruiting",
        Gate::Full => "no place left",
        Gate::Closed => "takes nobody",
    };
    let day = trial.status.as_of.as_ref().map_or("without a day".to_owned(), |day| format!("of {day}"));
    let age = match verdict.stale_status {
        Some(Some(days)) => format!(", {days} days old"),
        Some(None) | None => String::new(),
    };
    format!("{gate}; status {day}{age}")
}

fn counts(counts: &ArmCounts) -> String {
    let open = counts.conflicting + counts.not_tested + counts.not_computable;
    let person = counts.judgement + counts.not_recorded;
    format!("{} met, {} not met, {open} open, {person} for a person", counts.met, counts.not_met)
}

/// Criteria of one arm said in a plan.
const DECIDING: usize = 5;

/// Failures and conflicts first, then what is met of that which a coordinator looks at first.
fn deciding(trial: &Trial, verdict: &ArmVerdict) -> Vec<String> {
    let central = |one: &CriterionVerdict| {
        trial.criteria.iter().any(|criterion| criterion.id == one.id && is_central(criterion))
    };
    let order = |one: &CriterionVerdict| match (&one.shown, one.verdict.truth) {
        (_, Truth::False) => Some(0),
        (Shown::Conflicting, _) => Some(1),
        (Shown::Met, _) if central(one) => Some(2),
        _ => None,
    };
    let mut found: Vec<&CriterionVerdict> =
        verdict.criteria.iter().filter(|one| order(one).is_some()).collect();
    found.sort_by_key(|one| order(one));
    found.into_iter().take(DECIDING).map(line).collect()
}

fn line(one: &CriterionVerdict) -> String {
    let leaf = |leaf: &concilium_criteria::Reason| match leaf.facts.as_slice() {
        [] => leaf.what.clone(),
        facts => format!("{} [{}]", leaf.what, facts.join(", ")),
    };
    let leaves: Vec<String> = one.verdict.leaves.iter().take(3).map(leaf).collect();
    format!("{} {}: {}", one.id, one.shown, leaves.join("; "))
}
