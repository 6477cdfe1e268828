//! `trials screen`: one patient, every stored arm.

use super::found;
use crate::args::Cli;
use crate::commands::stop::{STOP, stop_on_ctrl_c};
use crate::commands::{Done, as_of};
use crate::output;
use concilium_engine::case::Level;
use concilium_engine::input::gather;
use concilium_engine::terms::AsOf;
use concilium_engine::trials::{
    self as t, ArmCounts, ArmVerdict, Gate, Label, Screening, Step, Trial, Trials,
};
use concilium_engine::{Engine, Settings};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

/// Arms shown in a list.
const LISTED: usize = 40;

/// What was typed.
pub struct Asked<'a> {
    /// Records of one patient.
    pub records: &'a [PathBuf],
    /// Instant; `None` = now.
    pub as_of: Option<&'a AsOf>,
    /// Only these, with every criterion.
    pub trials: &'a [String],
    /// Closed and blocked arms too.
    pub all: bool,
}

/// Screens and shows.
pub fn screen(cli: &Cli, settings: Settings, asked: &Asked) -> Done {
    let trials = chosen(&settings, asked.trials)?;
    if trials.is_empty() {
        return Err("no trial is stored; see `concilium trials import --help`".into());
    }
    let files = gather(asked.records)?;
    let engine = Engine::new(settings)?;
    let case = engine.case(&files, as_of(asked.as_of)?)?;
    stop_on_ctrl_c()?;
    let bar = output::progress(cli, trials.len());
    let screening = t::screen(&trials, &case, &engine.knowledge, &mut |_| {
        bar.inc(1);
        !STOP.load(Ordering::Relaxed)
    });
    bar.finish_and_clear();
    if cli.json {
        output::json(&screening)?;
    } else {
        let words = if asked.trials.is_empty() {
            list_words(&screening, &trials, asked.all)
        } else {
            screening.arms.iter().map(|arm| arm_words(arm, &trials)).collect()
        };
        output::text(&output::plain(&words))?;
    }
    let stopped = screening.trials < trials.len();
    if stopped {
        output::say(cli, &format!("stopped after {} of {} trials", screening.trials, trials.len()));
    }
    let lost = case.facts.issues.iter().any(|issue| issue.level == Level::Lost);
    Ok(match (stopped, lost) {
        (true, _) => ExitCode::from(1),
        (false, true) => ExitCode::from(3),
        (false, false) => ExitCode::SUCCESS,
    })
}

fn chosen(settings: &Settings, ids: &[String]) -> Result<Vec<Trial>, Box<dyn std::error::Error>> {
    if ids.is_empty() {
        return Ok(Trials::open(&settings.trials)?.all()?);
    }
    ids.iter().map(|id| found(settings, id)).collect()
}

fn is_out(label: &Label) -> bool {
    match label {
        Label::NoKnownConflict | Label::Likely | Label::OpenQuestions | Label::BlockedUntil { .. } => false,
        Label::BlockedForNow | Label::BlockedPermanently | Label::Closed => true,
    }
}

/// How many stand where, the list, and what to find out.
fn list_words(screening: &Screening, trials: &[Trial], all: bool) -> String {
    let mut words = format!(
        "{} trials, {} arms, as of {}. Nobody is called eligible here: a person decides.\n",
        screening.trials,
        screening.arms.len(),
        screening.as_of
    );
    let mut labels: BTreeMap<String, usize> = BTreeMap::new();
    for arm in &screening.arms {
        let label = match &arm.label {
            Label::BlockedUntil { .. } => "blocked until a day that is known".to_owned(),
            label => label.to_string(),
        };
        *labels.entry(label).or_default() += 1;
    }
    words.extend(labels.iter().map(|(label, count)| format!("{count:6}  {label}\n")));
    let shown: Vec<&ArmVerdict> = screening.arms.iter().filter(|arm| all || !is_out(&arm.label)).collect();
    words.push('\n');
    words.extend(shown.iter().take(LISTED).map(|arm| line_words(arm, trials)));
    if LISTED < shown.len() {
        let _ = writeln!(words, "and {} arms more; --json has all", shown.len() - LISTED);
    }
    words + &facts_words(&screening.next_best_facts)
}

fn line_words(arm: &ArmVerdict, trials: &[Trial]) -> String {
    let title = trials.iter().find(|trial| trial.id == arm.trial).map_or("", |trial| trial.title.as_str());
    let title: String = title.chars().take(76).collect();
    let of = if arm.arm.is_empty() { String::new() } else { format!(" / {}", arm.arm) };
    format!(
        "{}{of}: {}{}\n  {title}\n  {}\n",
        arm.trial,
        arm.label,
        gate_words(arm.gate, arm.stale_status),
        count_words(&arm.counts)
    )
}

pub fn gate_words(gate: Gate, stale_status: Option<Option<i32>>) -> String {
    let gate = match gate {
        Gate::Open => "",
        Gate::Unconfirmed => "; unconfirmed at site",
        Gate::NotYet => "; not yet recruiting",
        Gate::Full => "; no place left",
        Gate::Closed => "; takes nobody",
    };
    match stale_status {
        None => gate.to_owned(),
        Some(None) => format!("{gate}; status without a day"),
        Some(Some(days)) => format!("{gate}; status {days} days old"),
    }
}

pub fn count_words(counts: &ArmCounts) -> String {
    let parts = [
        (counts.met, "met"),
        (counts.not_met, "not met"),
        (counts.conflicting, "conflicting"),
        (counts.not_tested, "not tested"),
        (counts.not_recorded, "not recorded"),
        (counts.judgement, "for a person"),
        (counts.not_computable, "not computable"),
        (counts.not_applicable, "about others"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| 0 < *count).map(|(count, name)| format!("{count} {name}")).collect();
    said.join(", ")
}

fn facts_words(steps: &[Step]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let mut words = "\nfacts that would decide the most arms, whatever they turn out to be:\n".to_owned();
    for step in steps {
        let _ = writeln!(words, "  {} ({} arms)", step.facts.join(" + "), step.decides.len());
    }
    words
}

/// One arm, criterion by criterion: verdict, the trial's words, what decides.
pub fn arm_words(arm: &ArmVerdict, trials: &[Trial]) -> String {
    let mut words = line_words(arm, trials);
    let trial = trials.iter().find(|trial| trial.id == arm.trial);
    for verdict in &arm.criteria {
        let text = trial.and_then(|trial| {
            let criterion = trial.criteria.iter().find(|criterion| criterion.id == verdict.id)?;
            let span = criterion.span?;
            trial.eligibility_text.get(span.start..span.end)
        });
        let _ = writeln!(words, "\n{}: {}", verdict.id, verdict.shown);
        if let Some(text) = text {
            let _ = writeln!(words, "  text   {}", text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        for leaf in &verdict.verdict.leaves {
            let from =
                if leaf.facts.is_empty() { String::new() } else { format!(" [{}]", leaf.facts.join(", ")) };
            let _ = writeln!(words, "  here   {}{from}", leaf.what);
        }
    }
    if let Some(earliest) = &arm.earliest {
        let day = earliest.day.as_deref().unwrap_or("no day that is known");
        let _ = writeln!(words, "\nearliest day without a known failure: {day}");
    }
    words.push('\n');
    words
}
