//! Jobs on model weights.

use super::Done;
use crate::args::{Cli, ModelsCommand};
use crate::output;
use concilium_engine::Settings;
use concilium_engine::models::{self as m, Event, Found, HashFrom, Lock, Locked, State, Task};
use std::path::Path;
use std::process::ExitCode;

/// Runs one job.
pub fn models(cli: &Cli, settings: &Settings, command: &ModelsCommand) -> Done {
    let lock = m::lock()?;
    match command {
        ModelsCommand::Fetch { name } => fetch(cli, &chosen(&lock, name.as_deref())?, &settings.models),
        ModelsCommand::List => list(cli, &lock, &settings.models),
        ModelsCommand::Verify { name } => verify(cli, &lock, name.as_deref(), &settings.models),
    }
}

/// The model of that name, else those fetched by default.
fn chosen<'a>(lock: &'a Lock, name: Option<&str>) -> Result<Vec<&'a Locked>, m::FetchError> {
    match name {
        Some(name) => Ok(vec![lock.model(name)?]),
        None => Ok(lock.models.iter().filter(|model| model.default).collect()),
    }
}

fn fetch(cli: &Cli, models: &[&Locked], folder: &Path) -> Done {
    let mut fetched = Vec::new();
    for model in models {
        let bar = output::progress_bytes(cli, 0);
        let tell = |event: Event| match event {
            Event::Source(source) => {
                bar.suspend(|| output::say(cli, &format!("{}: from {source}", model.name)))
            }
            Event::Bytes { file, done, total } => {
                bar.set_length(total);
                bar.set_position(done);
                bar.set_message(file.to_owned());
            }
            Event::Placed(file) => bar.suspend(|| output::say(cli, &format!("  {file}: sha256 right"))),
            Event::Failed { why, .. } => {
                bar.suspend(|| output::say(cli, &format!("  not from there: {why}")))
            }
        };
        let found = m::fetch(model, folder, &m::How::default(), &tell)?;
        bar.finish_and_clear();
        output::say(
            cli,
            &format!("{}: whole, {} in {}", model.name, size(found.bytes), found.folder.display()),
        );
        fetched.push(found);
    }
    if cli.json {
        output::json(&fetched)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(cli: &Cli, lock: &Lock, folder: &Path) -> Done {
    let found: Vec<Found> = lock.models.iter().map(|model| m::look(model, folder, false)).collect();
    if cli.json {
        output::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut words = format!("folder of models: {}\n", folder.display());
    for task in Task::ALL {
        let of_task: Vec<&Found> = found.iter().filter(|found| found.task == task).collect();
        let some = of_task.iter().any(|found| found.is_whole());
        let means = if some { "ready" } else { task.without() };
        words += &format!("\n{}: {means}\n", task.name());
        if of_task.is_empty() {
            words += "  none is locked\n";
        }
        words.extend(of_task.into_iter().map(found_words));
    }
    output::text(&words)?;
    Ok(ExitCode::SUCCESS)
}

fn found_words(found: &Found) -> String {
    let how = if found.is_whole() {
        "there (sizes only; `concilium models verify` hashes)".to_owned()
    } else if found.is_absent() {
        format!("missing; `concilium models fetch {}` brings it", found.name)
    } else {
        let wrong = found.files.iter().filter(|file| file.state != State::Right).count();
        format!("not whole: {wrong} of {} files; fetch it again", found.files.len())
    };
    let mut words = format!("  {} ({}, {}): {how}\n", found.name, size(found.bytes), found.licence);
    if found.hash_from == HashFrom::Package {
        words += "    hashes taken from a package, not from its publisher\n";
    }
    if !found.note.is_empty() {
        words += &format!("    {}\n", found.note);
    }
    words
}

/// Models asked for by name, else those of which anything is there.
fn verify(cli: &Cli, lock: &Lock, name: Option<&str>, folder: &Path) -> Done {
    let models = match name {
        Some(name) => vec![lock.model(name)?],
        None => lock.models.iter().filter(|model| !m::look(model, folder, false).is_absent()).collect(),
    };
    let found: Vec<Found> = models.iter().map(|model| m::look(model, folder, true)).collect();
    if cli.json {
        output::json(&found)?;
    } else if found.is_empty() {
        output::text(&format!("no model is in {}\n", folder.display()))?;
    } else {
        output::text(&found.iter().map(verified_words).collect::<String>())?;
    }
    Ok(if found.iter().all(Found::is_whole) { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn verified_words(found: &Found) -> String {
    let whole = if found.is_whole() { "every sha256 is right" } else { "not as locked" };
    let mut words = format!("{}: {whole}\n", found.name);
    for file in &found.files {
        let what = match &file.state {
            State::Right => continue,
            State::Missing => "missing".to_owned(),
            State::WrongSize { expected, found } => format!("{found} bytes, expected {expected}"),
            State::WrongHash { expected, found } => format!("sha256 {found}, expected {expected}"),
            State::Unreadable(why) => format!("cannot be read: {why}"),
        };
        words += &format!("  {}: {what}\n", file.path);
    }
    if !found.is_whole() {
        words += &format!("  `concilium models fetch {}` replaces what is wrong\n", found.name);
    }
    words
}

/// In megabytes, as disks count them.
fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
