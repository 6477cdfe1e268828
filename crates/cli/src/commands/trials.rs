//! Jobs on trials.

pub mod screen;

use super::Done;
use crate::args::{Cli, TrialsCommand};
use crate::output;
use concilium_engine::trials::{self as t, Chosen, Counts, FileReport, Outcome, Row, Statistics, Trial};
use concilium_engine::{Engine, Settings};
use std::process::ExitCode;

/// Runs one job.
pub fn trials(cli: &Cli, settings: Settings, command: &TrialsCommand) -> Done {
    let now = || jiff::Timestamp::now().to_string();
    match command {
        TrialsCommand::Import { inputs } => import(cli, settings, inputs, &now()),
        TrialsCommand::Update => update(cli, settings, &now()),
        TrialsCommand::List => list(cli, &settings),
        TrialsCommand::Show { id } => show(cli, &settings, id),
        TrialsCommand::Criteria { id: Some(id), .. } => criteria(cli, &settings, id),
        TrialsCommand::Criteria { stats, oncology, sample, seed, .. } => {
            let words = if *oncology { Chosen::ONCOLOGY.map(str::to_owned).to_vec() } else { vec![] };
            statistics(cli, settings, stats, &Chosen { words, sample: *sample, seed: *seed })
        }
        TrialsCommand::Screen { records, as_of, trial, all } => screen::screen(
            cli,
            settings,
            &screen::Asked { records, as_of: as_of.as_ref(), trials: trial, all: *all },
        ),
    }
}

fn import(cli: &Cli, settings: Settings, inputs: &[std::path::PathBuf], now: &str) -> Done {
    let folder = settings.trials.clone();
    let engine = Engine::new(settings)?;
    let report = t::import(&folder, &t::files(inputs)?, &engine.knowledge, now)?;
    let lost = report.files.iter().any(|file| match file {
        FileReport::Read(Outcome::Imported(part)) => 0 < part.refused,
        FileReport::Read(Outcome::Already(_)) => false,
        FileReport::Refused { .. } => true,
    });
    if cli.json {
        output::json(&report)?;
    } else {
        let mut words: String = report.files.iter().map(file_words).collect();
        words += &format!("{} trials; criteria {}\n", report.trials, shares(report.criteria));
        output::text(&output::plain(&words))?;
    }
    Ok(if lost { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn file_words(file: &FileReport) -> String {
    match file {
        FileReport::Read(Outcome::Already(part)) => {
            format!("{}: imported before, nothing to do\n", part.input)
        }
        FileReport::Read(Outcome::Imported(part)) => {
            let mut words = format!(
                "{}: {} records, {} kept, {} as stored, {} older, {} refused\n",
                part.input, part.read, part.kept, part.same, part.older, part.refused
            );
            words.extend(part.refusals.iter().map(|refusal| format!("  {}: {}\n", refusal.at, refusal.why)));
            words
        }
        FileReport::Refused { input, why } => format!("{}: refused: {why}\n", input.display()),
    }
}

/// `120 computed, 30 partly, 40 for a person, 90 not (of 280)`.
fn shares(counts: Counts) -> String {
    format!(
        "{} computed, {} partly, {} for a person, {} not computable (of {})",
        counts.computed,
        counts.partly,
        counts.for_a_person,
        counts.not,
        counts.all()
    )
}

fn update(cli: &Cli, settings: Settings, now: &str) -> Done {
    let folder = settings.trials.clone();
    let engine = Engine::new(settings)?;
    let part = t::update(&folder, &engine.knowledge, now)?;
    if cli.json {
        output::json(&part)?;
    } else {
        let words =
            part.map_or("nothing changed\n".to_owned(), |part| format!("{} trials read again\n", part.kept));
        output::text(&words)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(cli: &Cli, settings: &Settings) -> Done {
    let rows = t::list(&settings.trials)?;
    if cli.json {
        output::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        output::say(cli, "no trial yet; see `concilium trials import --help`");
    }
    output::text(&output::plain(&rows.iter().map(row_words).collect::<String>()))?;
    Ok(ExitCode::SUCCESS)
}

fn row_words(row: &Row) -> String {
    let day = row.status.as_of.as_ref().map_or("no date".to_owned(), ToString::to_string);
    let title: String = row.title.chars().take(70).collect();
    format!(
        "{}  {:?} ({day})  {} arms, {} closed  {}\n  {title}\n",
        row.id,
        row.status.status,
        row.arms,
        row.closed_arms,
        shares(row.criteria)
    )
}

pub fn found(settings: &Settings, id: &str) -> Result<Trial, Box<dyn std::error::Error>> {
    t::show(&settings.trials, id)?
        .ok_or_else(|| format!("no trial `{id}` is stored; `concilium trials list` names them").into())
}

fn show(cli: &Cli, settings: &Settings, id: &str) -> Done {
    let trial = found(settings, id)?;
    if cli.json {
        output::json(&trial)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut words =
        format!("{}  {}\n  phase {}  {}\n", trial.id, trial.title, trial.phase, trial.conditions.join("; "));
    let day = trial.status.as_of.as_ref().map_or("no date".to_owned(), ToString::to_string);
    words += &format!("  status {:?} ({day}), said by {:?}\n", trial.status.status, trial.status.by);
    words += &format!(
        "  source {} in {}\n  criteria {}\n",
        trial.source.format,
        trial.source.file,
        shares(Counts::of(&trial))
    );
    words.extend(
        trial
            .arms
            .iter()
            .map(|arm| format!("  arm {} [{:?}] {}\n", arm.label, arm.status, arm.interventions.join("; "))),
    );
    words += &format!("  {} sites\n", trial.sites.len());
    output::text(&output::plain(&words))?;
    Ok(ExitCode::SUCCESS)
}

fn criteria(cli: &Cli, settings: &Settings, id: &str) -> Done {
    let trial = found(settings, id)?;
    if cli.json {
        output::json(&trial.criteria)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::text(&output::plain(&criteria_words(&trial)))?;
    Ok(ExitCode::SUCCESS)
}

/// Text and logic one under the other, with the bytes they stand at.
fn criteria_words(trial: &Trial) -> String {
    let mut words = format!("{}: {}\n", trial.id, shares(Counts::of(trial)));
    for criterion in &trial.criteria {
        let text = criterion.span.and_then(|span| trial.eligibility_text.get(span.start..span.end));
        let place = criterion
            .span
            .map_or("field or logic".to_owned(), |span| format!("bytes {}-{}", span.start, span.end));
        let under = match (&criterion.heading, criterion.applies_to.as_slice()) {
            (Some(heading), _) => format!(" under \"{heading}\""),
            (None, []) => String::new(),
            (None, arms) => format!(" for {}", arms.join(", ")),
        };
        let text = text.map_or(String::new(), |text| {
            format!("  text   {}\n", text.split_whitespace().collect::<Vec<_>>().join(" "))
        });
        words += &format!(
            "\n{} ({place}){under} {:?}\n{text}  logic  {}\n",
            criterion.id,
            criterion.expr.coverage(),
            criterion.expr
        );
    }
    words
}

fn statistics(cli: &Cli, settings: Settings, inputs: &[std::path::PathBuf], chosen: &Chosen) -> Done {
    let engine = Engine::new(settings)?;
    let files = t::files(inputs)?;
    let started = std::time::Instant::now();
    let found = t::statistics(&files, &engine.knowledge, chosen)?;
    let seconds = started.elapsed().as_secs_f64();
    if cli.json {
        output::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::text(&output::plain(&statistics_words(&found, chosen, seconds)))?;
    Ok(ExitCode::SUCCESS)
}

fn statistics_words(found: &Statistics, chosen: &Chosen, seconds: f64) -> String {
    let all = found.criteria.all().max(1) as f64;
    let share = |count: u64| 100.0 * count as f64 / all;
    let mut words = format!(
        "{} trials, {} criteria, {} records refused; files read in {seconds:.2} s\n",
        found.trials,
        found.criteria.all(),
        found.refused
    );
    if !chosen.words.is_empty() {
        words += &format!("conditions with one of: {}\n", chosen.words.join(", "));
    }
    for (name, count) in [
        ("computed", found.criteria.computed),
        ("partly", found.criteria.partly),
        ("for a person", found.criteria.for_a_person),
        ("not computable", found.criteria.not),
    ] {
        words += &format!("{count:7} {:5.1} %  {name}\n", share(count));
    }
    words += "why not:\n";
    words.extend(found.reasons.iter().take(15).map(|(why, count)| format!("{count:7}  {why}\n")));
    words
}
